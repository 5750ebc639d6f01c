"""A run over PDFs, for the tests of the pages in view and review."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llmx.documents import Document, read_documents
from llmx.span import Span
from tests.documents.made_pdf import SAMPLES

WORDS = {
    "number": "2024-0117", "day": "14 March 2024", "goods": "Oak beams, planed on four sides, two metres",
    "account": "DE02 1203 0000 0000 2020 51",
}  # fmt: skip


def write_paged_run(home: Path, words: Mapping[str, str] = WORDS, *, source: Path = SAMPLES / "invoice.pdf") -> Path:
    """Write a copy of a PDF and a run whose record quotes ``words`` from it; return the run's path."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, home / "invoice.pdf")
    (document,) = read_documents(home / "invoice.pdf")
    assert isinstance(document, Document)
    run = home / "out.jsonl"
    proofs = {f"/{name}": _proof(document, quote) for name, quote in words.items()}
    record = {
        "id": "invoice", "source": str(home / "invoice.pdf"), "status": "ok", "data": dict(words), "issues": [],
        "evidence": proofs, "confidence": dict.fromkeys(proofs, 0.95),
    }  # fmt: skip
    run.write_text(json.dumps(record) + "\n")
    return run


def _proof(document: Document, quote: str) -> dict[str, Any]:
    start = document.text.index(quote)
    span = Span(start, start + len(quote))
    assert document.pages is not None
    places = document.pages.places(span)
    return {
        "quote": quote, "start": span.start, "end": span.end, "kind": "exact", "score": 1.0, "chunk": 0,
        "page": places[0].page, "boxes": [list(place.box) for place in places],
    }  # fmt: skip
