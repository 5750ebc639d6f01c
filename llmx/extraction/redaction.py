"""Documents without their secrets, before anybody else sees them: for ``redact_documents``.

Each character of a secret becomes a block (█), so that offsets into the document stay those of its file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmx.documents import Document, DocumentStream, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmx.endpoint import EndpointSettings
    from llmx.endpoint.redact import Redactor


def redacted(documents: DocumentStream, settings: EndpointSettings) -> DocumentStream:
    """Return ``documents``, without secrets in their texts and columns where ``settings`` ask for that."""
    if not settings.redact_documents:
        return documents
    masked = redacted_each(documents, settings)
    return DocumentStream(
        masked, documents.fields, documents.left_out, visits=documents.visits, expected=documents.expected
    )


def redacted_each(
    documents: Iterable[Document | Unreadable], settings: EndpointSettings
) -> Iterator[Document | Unreadable]:
    """Yield ``documents``, without secrets in their texts and columns where ``settings`` ask for that."""
    redactor = settings.redactor if settings.redact_documents else None
    for document in documents:
        if redactor is not None and isinstance(document, Document):
            meta = {name: _masked_value(value, redactor) for name, value in document.meta.items()}
            pages = None if document.pages is None else document.pages.without_pictures()
            yield replace(document, text=redactor.masked(document.text), meta=meta, pages=pages)
        else:
            yield document


def _masked_value(value: Any, redactor: Redactor) -> Any:
    return redactor.masked(value) if isinstance(value, str) else redactor.value(value)
