"""The texts of documents from the web, out of the cache of pages that the run filled. Nothing is fetched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from llmx.documents import Document, RowFields
from llmx.errors import OutputError

WEB = ("https://", "http://")


def web_documents(
    urls: Iterable[str], folder: Path, *, led_to: Mapping[str, str], fields: RowFields
) -> Iterator[tuple[str, Document]]:
    """Yield each URL with the documents of its page, as far as ``folder`` (of the cache) has it.

    A page is kept under the URL that it was fetched from in the end; ``led_to`` tells that of the one that was asked.
    """
    from llmx.documents.content import documents_in  # noqa: PLC0415 - most runs fetch nothing
    from llmx.documents.web import page_blob  # noqa: PLC0415
    from llmx.web.page_cache import PageCache  # noqa: PLC0415
    from llmx.web.urls import document_id  # noqa: PLC0415

    cache = PageCache(folder)
    for url in urls:
        page = cache.get(url) or cache.get(led_to.get(url, ""))
        if page is None:
            continue
        for document in documents_in(page_blob(page, url, fields), document_id(url), fields, left_out=Counter()):
            if isinstance(document, Document):
                yield url, document


def pages_folder() -> Path:
    """Return where pages are kept: ``pages`` in ``$LLMX_CACHE_DIR``, or in the user's cache folder."""
    from llmx.endpoint import cache_folder  # noqa: PLC0415 - brings the endpoint, which only this needs

    return cache_folder() / "pages"


def redirects(outputs: Iterable[Path]) -> dict[str, str]:
    """Return where URLs led when they were fetched, as the manifests beside ``outputs`` say."""
    from llmx.run.manifest import Manifest, manifest_path  # noqa: PLC0415 - runs that were never managed have none

    found: dict[str, str] = {}
    for path in map(manifest_path, outputs):
        if path.is_file():
            with suppress(OutputError):  # of another version
                manifest = Manifest(path, writing=False)
                try:
                    found |= {str(url): str(last) for url, last in manifest.query("select url, led_to from pages")}
                finally:
                    manifest.close()
    return found
