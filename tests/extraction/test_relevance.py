"""Of a long document the passages that bear on the schema are sent; the record says what was left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from pydantic import BaseModel, Field

from llmx.chunk import estimate_tokens
from llmx.documents import Document
from llmx.documents.pages import PagesBuilder
from llmx.errors import ConfigError
from llmx.extraction.options import Options
from llmx.extraction.preparation import first_requests, prepare
from llmx.extraction.relevance import LEFT_OUT, fields_of, relevant_part
from llmx.schema import load_schema
from llmx.span import Span
from tests.extraction.scripted import Scripted, extracted, plan_for

FILLER = "The weather stood still over the harbour, and the clerks wrote what clerks write on such days. "


class Lease(BaseModel):
    """A lease."""

    tenant: str | None = Field(description="who rents the flat")
    monthly_rent: float | None = Field(description="the rent of a month, in figures")
    terminationDate: date | None  # noqa: N815 -- names of JSON are split, too


FACTS = {
    20: "The tenant is Ms Rosa Calder of Leith.",
    45: "The monthly rent of the flat is 1,250.00 EUR, payable in advance.",
    70: "The lease is terminated on 2031-05-17 at the latest, which is its termination date.",
}


def document() -> Document:
    parts = ["LEASE of a flat in Leith, made today."]
    parts += [FACTS.get(number, "") + FILLER * 4 for number in range(100)]
    return Document("lease", "\n\n".join(parts))


def lease_tree(text: str, tokens: int) -> str:
    part = relevant_part(text, load_schema(Lease).tree, max_tokens=tokens)
    assert part is not None
    return part.text


def test_the_passages_that_say_the_fields_are_kept_with_the_beginning_within_the_budget() -> None:
    text = document().text
    kept = lease_tree(text, 1500)
    assert kept.startswith("LEASE of a flat")
    assert all(fact in kept for fact in FACTS.values())
    assert estimate_tokens(kept) <= 1500 < estimate_tokens(text) / 4


def test_a_place_in_what_is_kept_leads_back_to_the_same_words() -> None:
    text = document().text
    part = relevant_part(text, load_schema(Lease).tree, max_tokens=1500)
    assert part is not None
    for at in range(0, len(part.text) - 12, 7):
        span = Span(at, at + 12)
        if not set(span.of(part.text)) & set(LEFT_OUT):
            assert part.to_original(span).of(text) == span.of(part.text)
    assert [part.to_original(shown).of(text) for shown in part.shown()] == part.text.split(LEFT_OUT)


def test_a_text_within_the_budget_is_sent_whole() -> None:
    assert relevant_part("A short one.", load_schema(Lease).tree, max_tokens=256) is None


def test_rows_of_a_table_come_with_its_header() -> None:
    rows = "".join(f"| flat {n} | {n + 100} |\n" for n in range(400))
    text = f"{FILLER * 3}\n\n| Object | Monthly rent |\n{rows}"
    kept = lease_tree(text, 400)
    assert "| Object | Monthly rent |" in kept
    assert kept.count("| flat ") > 5


def test_each_field_has_words_of_its_own_and_the_form_of_its_type() -> None:
    tenant, rent, end = fields_of(load_schema(Lease).tree)
    assert {"tenant", "rents", "flat"} <= tenant
    assert {"monthl", "rent", "<figure>"} <= rent
    assert {"termin", "date", "<date>"} <= end


def test_scripts_without_blanks_are_found_by_pairs_of_signs() -> None:
    class Contract(BaseModel):
        party: str = Field(description="承租人")

    filler = "今天天气很好，港口没有船。" * 12
    text = "\n\n".join([filler] * 40 + ["承租人是王小明。"] + [filler] * 40)
    part = relevant_part(text, load_schema(Contract).tree, max_tokens=800)
    assert part is not None
    assert "承租人是王小明" in part.text


async def test_the_record_proves_in_the_whole_document_and_says_what_was_left_out() -> None:
    whole = document()
    endpoint = Scripted([{"tenant": "Rosa Calder", "monthly_rent": "1,250.00", "terminationDate": "2031-05-17"}])
    record = await extracted(Lease, whole.text, endpoint, relevant_tokens=1500)
    assert record.status == "ok"
    for path, words in {"/tenant": "Rosa Calder", "/monthly_rent": "1,250.00"}.items():
        proof = record.evidence[path]
        assert proof is not None
        assert whole.text[proof.start : proof.end] == proof.quote == words
    (told,) = [issue for issue in record.issues if issue.code == "left_out"]
    assert "passages" in told.message
    assert len(endpoint.requests) == 1


def test_pages_of_which_nothing_is_sent_are_named() -> None:
    builder = PagesBuilder()
    for number in range(1, 9):
        for word in (FACTS[20] if number == 6 else FILLER * 8).split():
            builder.add_word(word, (1.0, 1.0, 2.0, 2.0))
            builder.add_text(" ")
        builder.end_page(number, 100.0, 100.0)
    paged = replace(Document("p", builder.text), pages=builder.pages("f"))
    prepared = prepare(paged, plan_for(Lease, relevant_tokens=400))
    (told,) = prepared.issues
    assert "nothing of pages" in told.message
    assert FACTS[20] in prepared.text


def test_the_first_requests_tell_what_is_not_sent() -> None:
    seen: list[int] = []
    plan = plan_for(Lease, relevant_tokens=1500)
    asked = list(first_requests(document(), plan, told=lambda prepared: seen.append(len(prepared.text))))
    assert len(asked) == 1
    assert seen[0] < len(document().text) / 4


def test_a_budget_that_holds_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="relevant_tokens"):
        Options(relevant_tokens=10)
