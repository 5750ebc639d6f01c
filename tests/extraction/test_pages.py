"""A record of a document with pages says on which page and in which boxes the words of each value stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import BaseModel

from llmx.documents import Document, read_documents
from llmx.extraction.document import extract_document
from llmx.record import Record
from tests.documents.made_pdf import SAMPLES
from tests.extraction.scripted import Scripted, codes, extracted, plan_for


class Invoice(BaseModel):
    """An invoice."""

    number: str
    day: date
    total: float
    bank_account: str | None = None


ANSWER = {
    "number": "2024-0117", "day": "14 March 2024", "total": "2,335.00", "bank_account": "DE02 1203 0000 0000 2020 51",
}  # fmt: skip


def invoice() -> Document:
    (document,) = read_documents(SAMPLES / "invoice.pdf")
    assert isinstance(document, Document)
    return document


async def record_of(document: Document, **options: Any) -> tuple[Record[Any], Scripted]:
    endpoint = Scripted([ANSWER])
    return await extract_document(document, plan_for(Invoice, **options), endpoint), endpoint


async def test_each_proof_has_its_page_and_a_box_for_each_of_its_lines() -> None:
    record, _ = await record_of(invoice())
    proofs = {path: proof for path, proof in record.evidence.items() if proof is not None}
    assert {path: (proof.quote, proof.page, len(proof.boxes)) for path, proof in proofs.items()} == {
        "/number": ("2024-0117", 1, 1), "/day": ("14 March 2024", 1, 1), "/total": ("2,335.00", 1, 1),
        "/bank_account": ("DE02 1203 0000 0000 2020 51", 2, 1),
    }  # fmt: skip
    told = record.to_json()["evidence"]["/number"]
    (box,) = told["boxes"]
    assert told["page"] == 1
    assert 0 < box[0] < box[2] < 595
    assert 0 < box[1] < box[3] < 842


async def test_places_are_those_of_the_document_where_its_boilerplate_is_dropped() -> None:
    document = invoice()
    padded = replace(document, text="Home\nContact\nImprint\n\n" + document.text, pages=None)
    kept, _ = await record_of(document)
    dropped, _ = await record_of(document, boilerplate="drop")
    assert {path: proof and proof.boxes for path, proof in kept.evidence.items()} == {
        path: proof and proof.boxes for path, proof in dropped.evidence.items()
    }
    assert (await record_of(padded, boilerplate="drop"))[0].data == kept.data


async def test_a_text_without_pages_has_proofs_without_them() -> None:
    record = await extracted(Invoice, "Invoice 2024-0117 of 14 March 2024, total 2,335.00", [ANSWER])
    assert all(proof is None or not {"page", "boxes"} & set(proof.to_json()) for proof in record.evidence.values())


async def test_what_could_not_be_read_of_a_file_is_an_issue_of_its_record() -> None:
    from llmx.record import Issue

    document = replace(invoice(), issues=(Issue("unread_pages", "", "page 3 is without text"),))
    record, _ = await record_of(document)
    assert record.status == "ok"
    assert codes(record)[0] == ("unread_pages", "")


async def test_chunks_end_where_pages_end() -> None:
    document = invoice()
    assert document.pages is not None
    second = document.pages.pages[1].start
    _, endpoint = await record_of(document, chunk_tokens=200)
    assert len(endpoint.requests) == 2
    assert document.text[second:].strip() in endpoint.question(1)
    assert "2,335.00" in endpoint.question(0)
    assert "Payment is due" not in endpoint.question(0)
