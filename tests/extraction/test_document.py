"""From a document to a record, whole: chunks, states, plain schemas, validators that look at the document."""

from __future__ import annotations

import json
import re
import tracemalloc
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from llmx.assembly.validation import document_context
from llmx.documents import Document
from llmx.documents.converters.lines import SheetRow, SheetTitle, located_text
from llmx.errors import AuthError, CassetteError, ServerError
from llmx.extraction.document import extract_document
from llmx.extraction.preparation import prepare
from llmx.record import data_or_draft
from llmx.request import Request
from llmx.types import PartialDate
from tests.extraction.scripted import Scripted, codes, extracted, plan_for, said


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Line(BaseModel):
    """A line."""

    what: str
    price: Decimal
    sizes: list[float] = []


class Order(BaseModel):
    """An order: no type of llmx in it."""

    number: str
    day: date | None
    shipped: datetime | None = None
    count: int
    weight: float | None = None
    total: Decimal
    paid: bool
    colour: Colour | None = None
    lines: list[Line] = Field(default_factory=list)
    remarks: list[str] = []


TEXT = (
    "Order B-7 of 3 March 2024, shipped on 5 March 2024: twelve boxes of 2.5 kg, in all 1,250.40 euros, paid, red. "
    "Paper in the sizes 21 and 29.7 costs 1,000 euros, ink 250.40 euros. Handle with care."
)
ANSWER = {
    "number": "B-7", "day": "3 March 2024", "shipped": "5 March 2024", "count": "twelve", "weight": "2.5 kg",
    "total": "1,250.40 euros", "paid": True, "colour": "red",
    "lines": [{"what": "Paper", "price": "1,000 euros", "sizes": ["21", "29.7"]}, {"what": "ink", "price": "250.40", "sizes": []}],
    "remarks": ["Handle with care"],
}  # fmt: skip


async def test_a_schema_without_a_type_of_llmx_is_computed_and_proven() -> None:
    record = await extracted(Order, TEXT, [ANSWER], locale="en")
    assert record.status == "ok"
    data = record.data
    assert isinstance(data, Order)
    assert (data.number, data.day, data.shipped) == ("B-7", date(2024, 3, 3), datetime(2024, 3, 5))  # noqa: DTZ001 - the words name no zone
    assert (data.count, data.weight, data.total, data.paid) == (12, 2.5, Decimal("1250.40"), True)
    assert data.colour is Colour.RED
    assert [(x.what, x.price, x.sizes) for x in data.lines] == [
        ("Paper", Decimal(1000), [21.0, 29.7]), ("ink", Decimal("250.40"), []),
    ]  # fmt: skip
    assert record.evidence["/total"] is not None
    assert "1,250.40" in record.evidence["/total"].quote
    assert record.evidence["/lines/0/sizes/1"] is not None
    assert record.evidence["/paid"] is None
    for proof in record.evidence.values():
        assert proof is None or proof.quote == TEXT[proof.start : proof.end]
    assert json.dumps(record.to_json())


async def test_the_same_answers_give_the_same_bytes() -> None:
    first = await extracted(Order, TEXT, [ANSWER])
    second = await extracted(Order, TEXT, [ANSWER])
    assert json.dumps(first.to_json()) == json.dumps(second.to_json())


async def test_a_record_tells_what_it_was_made_with() -> None:
    record = await extracted(Order, TEXT, [ANSWER])
    plan = plan_for(Order)
    assert (record.model, record.mode) == ("scripted-1", "json_schema")
    assert (record.schema, record.prompt) == (plan.schema.fingerprint, plan.rendering.fingerprint)
    assert record.usage.to_json() == {"input_tokens": 10, "output_tokens": 5, "cached_tokens": 4}
    assert (record.seconds, record.attempts, len(record.keys)) == (0.5, 1, 1)


async def test_an_invented_date_never_looks_like_a_found_one() -> None:
    record = await extracted(Order, TEXT, [ANSWER | {"day": "7 July 1999"}])
    assert record.data is not None
    assert record.data.day is None
    assert ("unproven", "/day") in codes(record)
    assert "/day" not in record.evidence
    record = await extracted(Order, TEXT, [ANSWER | {"day": "7 July 1999"}], unproven="keep")
    assert record.data is not None
    assert record.data.day == date(1999, 7, 7)
    assert record.evidence["/day"] is None
    assert ("unproven", "/day") in codes(record)


async def test_the_policy_fail_makes_the_record_invalid() -> None:
    record = await extracted(Order, TEXT, [ANSWER | {"day": "7 July 1999"}], unproven="fail")
    assert (record.status, record.data) == ("invalid", None)
    assert {code for code, _ in codes(record)} == {"unproven", "no_time"}
    assert record.draft is not None
    assert record.draft.data["number"] == "B-7"


class Dated(BaseModel):
    """Its day must be there."""

    number: str
    day: PartialDate


async def test_what_was_found_for_an_invalid_record_is_its_draft() -> None:
    text = "Order B-7 of 03/04/2024."
    record = await extracted(Dated, text, [{"number": "B-7", "day": "03/04/2024"}])
    assert (record.status, record.data, record.evidence) == ("invalid", None, {})
    assert record.draft is not None
    written = record.to_json()["draft"]
    assert written["data"] == {"number": "B-7", "day": None}
    assert written["evidence"]["/number"]["quote"] == "B-7"
    row = record.to_json()
    assert data_or_draft(row) == written
    valid = (await extracted(Dated, text, [{"number": "B-7", "day": "4 April 2024"}], unproven="keep")).to_json()
    assert "draft" not in valid
    assert data_or_draft(valid) == valid


class Checked(BaseModel):
    """Validators of the user's own, which look at the document."""

    number: str
    remark: str | None = None

    @field_validator("number")
    @classmethod
    def known(cls, value: str, info: ValidationInfo) -> str:
        assert info.context is not None
        document: Document = info.context["document"]
        assert document is document_context.get()
        if f"Order {value}" not in document.text:
            raise ValueError(f"{document.id}: {value} is not called an order")
        return value


async def test_a_validator_of_the_users_sees_the_document() -> None:
    record = await extracted(Checked, TEXT, [{"number": "B-7", "remark": None}])
    assert record.status == "ok"
    record = await extracted(Checked, TEXT, [{"number": "Paper", "remark": None}])
    assert (record.status, record.data) == ("invalid", None)
    (issue,) = record.issues
    assert (issue.code, issue.path) == ("invalid_value", "/number")
    assert "d: Paper is not called an order" in issue.message
    assert document_context.get() is None  # let go of again


class Aliased(BaseModel):
    """Fields that other programs know by other names."""

    model_config = ConfigDict(serialize_by_alias=True)
    count: int = Field(alias="the count")
    what: str | None = Field(None, validation_alias="kind")


async def test_fields_with_aliases_are_known_as_their_class_dumps_them() -> None:
    record = await extracted(Aliased, "There are 12 apples.", [{"count": "12", "what": "apples"}])
    assert record.status == "ok"
    assert record.to_json()["data"] == {"the count": 12, "what": "apples"}
    assert set(record.to_json()["evidence"]) == {"/the count", "/what"}


class Item(BaseModel):
    name: str


class Listing(BaseModel):
    """A list of items."""

    first: str | None = None
    day: PartialDate | None = None
    items: list[Item] = []


def long_text(paragraphs: int) -> str:
    body = (
        "It is described in full in the catalogue, with all of its measures, and sold in every harbour of the coast. "
    )
    return "\n\n".join(f"Article Nr{n:05d} is here. {body * 4}" for n in range(paragraphs))


def names_in(request: Request) -> dict[str, Any]:
    """Answer as a model would that finds each article of the chunk that it is shown, at most as many as it may."""
    content = request.body["messages"][-1]["content"]
    fenced = content[
        content.rindex("<document-") if content.count("<document-") == 1 else content.index("<document-") :
    ]
    found = list(dict.fromkeys(re.findall(r"Nr\d{5}", fenced)))
    return {"first": None, "day": None, "items": [{"name": name} for name in found][:16]}


async def test_a_long_document_is_asked_in_chunks_and_merged_with_places_in_the_whole() -> None:
    text = long_text(60)
    endpoint = Scripted(names_in)
    record = await extracted(Listing, text, endpoint, chunk_tokens=700)
    assert len(endpoint.requests) > 5
    assert record.status == "ok"
    assert record.data is not None
    assert [item.name for item in record.data.items] == [f"Nr{n:05d}" for n in range(60)]
    chunks = []
    for n in range(60):
        proof = record.evidence[f"/items/{n}/name"]
        assert proof is not None
        assert text[proof.start : proof.end] == f"Nr{n:05d}"
        chunks.append(proof.chunk)
    assert chunks == sorted(chunks)
    assert len(record.keys) == record.attempts == len(endpoint.requests)
    assert "<context-" in endpoint.question(1)
    assert "<context-" not in endpoint.question(0)


@pytest.mark.parametrize("bad", [ServerError("down", status=503), said("prose"), said(None, "refusal", refusal="No.")])
async def test_a_chunk_that_fails_makes_the_record_partial_not_lost(bad: Any) -> None:
    def script(request: Request) -> Any:
        return bad if "Nr00020" in request.body["messages"][-1]["content"] else names_in(request)

    record = await extracted(Listing, long_text(60), script, chunk_tokens=700, reasks=0)
    assert record.status == "partial"
    assert record.data is not None
    found = {item.name for item in record.data.items}
    assert "Nr00020" not in found
    assert {"Nr00000", "Nr00059"} <= found
    assert any(issue.message.startswith("chunk ") for issue in record.issues)


async def test_a_document_all_of_whose_chunks_fail_is_failed_with_the_reason() -> None:
    record = await extracted(Listing, long_text(60), [ServerError("down", status=503)], chunk_tokens=700)
    assert (record.status, record.data) == ("failed", None)
    assert all("down" in issue.message for issue in record.issues)
    record = await extracted(Listing, "Nr00001", [ServerError("down", status=503, hint="Wait.")])
    assert (record.status, codes(record)) == ("failed", [("endpoint", "")])


@pytest.mark.parametrize("error", [AuthError("wrong key"), CassetteError("nothing recorded")])
async def test_what_no_document_survives_is_raised(error: Exception) -> None:
    def script(request: Request) -> Any:
        return error if "Nr00020" in request.body["messages"][-1]["content"] else names_in(request)

    with pytest.raises(type(error)):
        await extracted(Listing, long_text(60), script, chunk_tokens=700)


@pytest.mark.slow
async def test_three_hundred_pages_take_bounded_memory() -> None:
    text = long_text(1500)  # 2,000 characters a page
    assert len(text) > 600_000
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        record = await extracted(Listing, text, Scripted(names_in), chunk_tokens=1500)
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert record.data is not None
    assert len(record.data.items) == 1500
    assert peak < 80e6


async def test_an_empty_document_fails_and_says_why() -> None:
    endpoint = Scripted([ANSWER])
    record = await extracted(Order, " \n\t ", endpoint)
    assert (record.status, codes(record)) == ("failed", [("empty", "")])
    assert endpoint.requests == []


async def test_samples_vote_and_a_lost_sample_is_told() -> None:
    def answer(name: str) -> Any:
        return {"first": name, "day": None, "items": []}

    endpoint = Scripted([answer("Alpha"), answer("Beta"), answer("Alpha")])
    record = await extracted(Listing, "Alpha and Beta.", endpoint, samples=3)
    assert record.data is not None
    assert record.data.first == "Alpha"
    assert [r.sample for r in endpoint.requests] == [0, 1, 2]
    assert len(set(record.keys or [r.key for r in endpoint.requests])) >= 1
    assert len({r.key for r in endpoint.requests}) == 3
    assert endpoint.requests[0].body["temperature"] == 0.7
    lost = await extracted(
        Listing, "Alpha and Beta.", [answer("Alpha"), ServerError("down"), answer("Alpha")], samples=3
    )
    assert lost.status == "partial"
    assert lost.data is not None
    assert lost.data.first == "Alpha"
    assert record.confidence["/first"] < lost.confidence["/first"]


PAGE = (
    "Home | News | Sport | Weather | Sign in\n\nShipyard opens\n\nThe shipyard Aurelia Marine opened a new hall on 3 March "
    "2024, in the presence of many guests from the town and the region, who were given a tour of the docks.\n\n"
    "The hall holds two ships at once, and will be used for repairs in the winter, said the head of the yard.\n\n"
    "Related articles\nGlobex buys Initech\nWas this article helpful? 93 out of 132 found this helpful\n"
    "We use cookies. Accept all | Reject\n"
)


async def test_dropped_page_furniture_gives_no_value_and_places_stay_those_of_the_document() -> None:
    answer = {"first": "Aurelia Marine", "day": "3 March 2024", "items": [{"name": "Initech"}, {"name": "docks"}]}
    record = await extracted(Listing, PAGE, [answer], boilerplate="drop", unproven="null")
    assert record.data is not None
    assert [item.name for item in record.data.items] == ["docks"]
    for proof in record.evidence.values():
        assert proof is not None
        assert proof.quote == PAGE[proof.start : proof.end]
    kept = await extracted(Listing, PAGE, [answer], boilerplate="keep", unproven="null")
    assert kept.data is not None
    assert [item.name for item in kept.data.items] == ["Initech", "docks"]


async def test_a_value_of_a_workbook_is_proven_with_its_cell() -> None:
    lines: list[str | SheetTitle | SheetRow] = [
        SheetTitle("Yards", "[Sheet: Yards]"),
        SheetRow(3, [1, 4], ["Aurelia Marine", "3 March 2024"]),
    ]
    text, cells = located_text(lines, "yards.xlsx")
    script = Scripted([{"first": "Aurelia Marine", "day": "3 March 2024", "items": []}])
    record = await extract_document(Document("a", text, kind="xlsx", cells=cells), plan_for(Listing), script)
    assert {path: proof.cell for path, proof in record.evidence.items() if proof} == {
        "/first": "Yards!A3",
        "/day": "Yards!D3",
    }
    assert record.to_json()["evidence"]["/day"]["cell"] == "Yards!D3"


def test_only_of_texts_and_web_pages_are_parts_left_out_as_boilerplate() -> None:
    plan = plan_for(Listing, boilerplate="drop")
    for kind, whole in (("text", False), ("html", False), ("xlsx", True), ("eml", True)):
        assert (prepare(Document("a", PAGE, kind=kind), plan).text == PAGE) is whole, kind


WORDS = st.sampled_from(
    [
        "Aurelia",
        "3 March 2024",
        "signed",
        "Was this helpful?",
        "Read more",
        "2,300",
        "。",
        "合作",
        "Cookie",
        "\n",
        "\n\n",
    ]
)
DOCUMENTS = st.lists(WORDS | st.text(max_size=6), max_size=60).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(["drop", "keep"]), st.sampled_from([64, 4000]))
def test_every_quote_is_what_the_document_says_at_its_place(data: st.DataObject, boilerplate: str, tokens: int) -> None:
    import asyncio

    text = data.draw(DOCUMENTS)
    a = data.draw(st.integers(0, len(text)))
    quote = text[a : data.draw(st.integers(a, min(len(text), a + 200)))]
    words = data.draw(WORDS)
    answer = {"first": quote[:240], "day": words, "items": [{"name": words}, {"name": quote[:200]}]}
    document = Document("d", text)
    plan = plan_for(Listing, boilerplate=boilerplate, chunk_tokens=tokens)
    record = asyncio.run(extract_document(document, plan, Scripted([answer])))
    for proof in record.evidence.values():
        assert proof is None or proof.quote == text[proof.start : proof.end]


class Signed(BaseModel):
    """A signing."""

    signed_on: PartialDate | None = None


@pytest.mark.parametrize(
    ("document", "day", "told"),
    [
        pytest.param(Document("d", "They signed yesterday.", date=date(2024, 5, 12)), "2024-05-11", "given", id="given"),
        pytest.param(
            Document("d", "BERLIN, May 12, 2024 (Reuters) - The two companies signed a contract yesterday to build a mill."),
            "2024-05-11", "the dateline", id="dateline",
        ),
        pytest.param(Document("d", "They signed yesterday."), None, "not known", id="unknown"),
    ],
)  # fmt: skip
async def test_a_relative_date_counts_from_the_documents_own_date_and_says_what_told_it(
    document: Document, day: str | None, told: str
) -> None:
    record = await extract_document(document, plan_for(Signed), Scripted([{"signed_on": "yesterday"}]))
    assert record.data is not None
    assert (str(record.data.signed_on) if record.data.signed_on else None) == day
    assert any(told in issue.message for issue in record.issues), record.issues
