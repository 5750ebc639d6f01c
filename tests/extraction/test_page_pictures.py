"""Models that see are shown pages without a text: what they read there is marked as seen, never as proven.

The endpoint of these tests is scripted: it is no model and sees nothing.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel

from llmx.documents import Document, Pages, read_documents
from llmx.documents.blank import LONGEST_PX
from llmx.documents.converters.pdf_picture import png
from llmx.documents.pages import Box, PagesBuilder
from llmx.endpoint import EndpointSettings, ResolvedModel
from llmx.errors import ConfigError
from llmx.extraction.document import extract_document
from llmx.extraction.options import Options
from llmx.extraction.page_pictures import MOST_PICTURES, ShownPages, pages_to_show, with_pages
from llmx.extraction.plan import Extractor, Plan
from llmx.extraction.redaction import redacted
from llmx.extraction.session import Session
from llmx.record import Record
from llmx.run.cost_estimate import estimate
from llmx.span import Span
from llmx.types import Money
from llmx.view.pages import PageView
from tests.extraction.scripted import Scripted


class Bill(BaseModel):
    """A bill."""

    seller: str | None
    total: Money | None


class NoFile:
    """A file of which only small pictures are drawn, to see whether they are blank: none is sent."""

    blank = False

    def characters(self, *_: int) -> list[Box]:
        raise AssertionError

    def picture(self, _: int, longest_px: int) -> bytes:
        assert longest_px == LONGEST_PX
        return png((b"\xff" if self.blank else b"\x00") * 150 + b"\xff" * 150, 10, 10)


def document(*pages: str | None, own: str = "") -> Document:
    """Return a document of ``pages`` that are pictures, with the words that OCR read, and one with a text of its own."""
    builder = PagesBuilder()
    for number, words in enumerate([*pages, *([own] if own else [])], 1):
        for place, word in enumerate((words or "").split()):
            builder.add_word(word, (50.0 * place, 10, 50.0 * place + 45, 20), confidence=1.0 if words == own else 0.9)
            builder.add_text(" ")
        builder.end_page(number, 600, 800, picture=words != own or not own)
    text = builder.text if builder.text.strip() else ""
    return Document("scan", text, "scan.pdf", kind="pdf", pages=builder.pages("f" * 16, NoFile()))


def plan_for(**options: Any) -> Plan:
    chosen = {"passes": 1, "examples": "none", **options}
    return Extractor(Bill, Options(**chosen)).plan(ResolvedModel("scripted-1", "json_schema", "given"))


class Seeing(Scripted):
    """Says that it sees."""

    async def sees(self) -> bool:
        return True


ANSWER = {"seller": "Kranich GmbH", "total": "2,335.00 EUR"}


async def record_of(doc: Document, endpoint: Scripted, **options: Any) -> Record[Any]:
    plan = plan_for(**options)
    return await extract_document(doc, plan, endpoint)


def shown(endpoint: Scripted, number: int = -1) -> list[str]:
    content = endpoint.requests[number].body["messages"][-1]["content"]
    return [] if isinstance(content, str) else [p["image_url"]["url"] for p in content if p["type"] == "image_url"]


async def test_what_is_read_in_a_picture_is_kept_as_seen_on_its_page_and_is_not_proven() -> None:
    endpoint = Seeing([ANSWER])
    record = await record_of(document(None), endpoint)
    assert record.status == "ok"
    assert record.data is not None
    assert record.data.model_dump(mode="json")["seller"] == "Kranich GmbH"
    assert record.data.total.amount == 2335
    proof = record.evidence["/total"]
    assert proof is not None
    assert (proof.kind, proof.page, proof.words, proof.quote, proof.boxes, proof.proves) == (
        "seen", 1, "2,335.00 EUR", "", (), False,
    )  # fmt: skip
    assert record.confidence["/total"] < 0.5
    assert [(each.code, each.path) for each in record.issues] == [("seen", "/seller"), ("seen", "/total")]
    assert len(shown(endpoint)) == 1
    assert "base64" not in json.dumps(endpoint.requests[0].body)


async def test_words_that_ocr_has_read_too_are_proven_in_their_boxes() -> None:
    record = await record_of(document("Kranich GmbH Total"), Seeing([ANSWER]))
    seller, total = record.evidence["/seller"], record.evidence["/total"]
    assert seller is not None
    assert total is not None
    assert (seller.kind, seller.page, len(seller.boxes)) == ("exact", 1, 1)
    assert total.kind == "seen"


@pytest.mark.parametrize("images", ["auto", "always"])
async def test_a_blank_page_is_shown_to_nobody_and_its_record_is_empty(images: Any) -> None:
    doc = document(None)
    assert doc.pages is not None
    blank = NoFile()
    blank.blank = True
    endpoint = Seeing([ANSWER])
    record = await record_of(replace(doc, pages=replace(doc.pages, _source=blank)), endpoint, images=images)
    assert (record.status, [each.code for each in record.issues]) == ("failed", ["empty"])
    assert endpoint.requests == []


async def test_a_policy_that_is_given_treats_what_was_seen_as_unproven() -> None:
    record = await record_of(document(None), Seeing([ANSWER]), unproven="null")
    assert record.data is not None
    assert record.data.model_dump() == {"seller": None, "total": None}
    failed = await record_of(document(None), Seeing([ANSWER]), unproven="fail")
    assert failed.status == "invalid"


async def test_a_model_that_does_not_see_is_shown_nothing_and_a_picture_is_an_empty_record() -> None:
    endpoint = Scripted([ANSWER])
    record = await record_of(document(None), endpoint)
    assert (record.status, [each.code for each in record.issues]) == ("failed", ["empty"])
    assert endpoint.requests == []
    told = Scripted([ANSWER])
    await record_of(document("Kranich GmbH 2,335.00 EUR"), told)
    assert shown(told) == []


async def test_nothing_is_shown_where_a_fallback_does_not_see() -> None:
    endpoint, plan = Seeing([ANSWER]), plan_for()
    blind = Session(plan, Scripted([ANSWER]))
    record = await extract_document(document("Kranich GmbH"), plan, endpoint, fallbacks=[blind])
    assert record.status == "ok"
    assert shown(endpoint) == []


@pytest.mark.parametrize(
    ("images", "seen"), [("auto", (1,)), ("never", ()), ("always", (1, 2))], ids=["auto", "never", "always"]
)
def test_pages_with_a_text_of_their_own_are_shown_only_where_all_are(images: Any, seen: tuple[int, ...]) -> None:
    assert pages_to_show(document("words", own="a text"), Options(images=images)) == seen


async def test_a_value_that_a_page_with_a_text_does_not_say_is_unproven_although_the_page_was_shown() -> None:
    record = await record_of(document(own="Kranich GmbH"), Seeing([ANSWER]), images="always")
    assert record.data is not None
    assert record.data.total is None
    assert [(each.code, each.path) for each in record.issues] == [("unproven", "/total")]


async def test_what_was_hidden_in_the_text_is_not_shown_in_a_picture() -> None:
    doc = document("Kranich GmbH")
    assert doc.pages is not None
    hidden = replace(doc, pages=doc.pages.without_pictures())
    endpoint = Seeing([ANSWER])
    await record_of(hidden, endpoint, images="always")
    assert shown(endpoint) == []


def test_no_picture_is_shown_of_a_document_whose_secrets_are_taken_out() -> None:
    read = read_documents(png(b"\0" * 300, 10, 10), ocr="never")
    (doc,) = redacted(read, EndpointSettings("m", redact_documents=True))
    assert isinstance(doc, Document)
    assert doc.pages is not None
    assert pages_to_show(doc, Options(images="always")) == ()
    assert PageView.of(doc).picture(1) == ""  # type: ignore[union-attr]


async def test_each_page_is_a_record_of_its_own_although_it_has_no_text() -> None:
    endpoint = Seeing([ANSWER])
    record = await record_of(document(None, "Kranich GmbH", None), endpoint, target="page")
    assert [each.id for each in record.rows] == ["scan#1", "scan#2", "scan#3"]
    assert [len(shown(endpoint, number)) for number in range(3)] == [1, 1, 1]
    proofs = [each.evidence["/total"] for each in record.rows]
    assert [proof and proof.page for proof in proofs] == [1, 2, 3]


def test_a_long_scan_takes_as_many_requests_as_its_pictures_need_and_shows_each_page_once() -> None:
    doc = document(*(None if number % 3 else f"page {number}" for number in range(40)))
    assert doc.pages is not None
    pages = ShownPages(doc.pages, tuple(range(1, 41)), 1568)
    pieces = list(with_pages([(Span(0, len(doc.text)), "")], doc, pages))
    assert max(len(numbers) for _, _, numbers in pieces) == MOST_PICTURES
    assert sorted(number for _, _, numbers in pieces for number in numbers) == list(range(1, 41))
    spans = sorted(span for span, _, _ in pieces if span.end)
    assert "".join(span.of(doc.text) for span in spans) == doc.text


async def test_a_dry_run_says_how_many_pages_are_shown_and_what_they_take() -> None:
    told = await estimate([document(None, None, own="a text")], plan_for())
    assert any(note.startswith("2 pages are shown as pictures, if the model sees: about ") for note in told.notes)
    never = await estimate([document(None, own="a text")], plan_for(images="never"))
    assert not any("pictures" in note for note in never.notes)
    assert told.input_tokens[1] > never.input_tokens[1] + 4000


def test_a_choice_that_is_none_and_a_size_that_shows_nothing_are_refused() -> None:
    with pytest.raises(ConfigError, match="--images 'some'"):
        Options(images="some")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="image_px must be at least 200"):
        Options(image_px=20)


def test_pages_that_are_not_those_of_a_file_are_not_shown() -> None:
    assert pages_to_show(Document("a", "text"), Options(images="always")) == ()
    assert isinstance(document("a").pages, Pages)
