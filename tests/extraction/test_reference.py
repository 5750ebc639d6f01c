"""Relative dates count from the document's own date, and the evidence says what told it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel

from llmx.documents import Document, read_documents
from llmx.extraction.document import extract_document
from llmx.record import Record
from llmx.types import DateRange, PartialDate
from tests.extraction.scripted import Scripted, plan_for

BODY = "The two companies said they had signed the contract yesterday, after talks that began last month in Oslo."


class Deal(BaseModel):
    """A deal."""

    signed_on: PartialDate | None
    talks: PartialDate | None = None


class Deadline(PartialDate):
    """A typed value of the user's own."""


class Order(BaseModel):
    """An order."""

    due: Deadline | None


class Plan(BaseModel):
    """A plan with a period."""

    period: DateRange | None


async def deal(document: Document, **answer: Any) -> Record[Any]:
    said = {"signed_on": "yesterday", "talks": "last month", **answer}
    return await extract_document(document, plan_for(Deal), Scripted([said]))


def field(record: Record[Any], name: str) -> str | None:
    assert record.data is not None
    value = getattr(record.data, name)
    return None if value is None else str(value)


def remark(record: Record[Any], code: str, path: str) -> str:
    return next(issue.message for issue in record.issues if (issue.code, issue.path) == (code, path))


@pytest.mark.parametrize(
    ("document", "source"),
    [
        (Document("d", BODY, date=date(2024, 5, 1)), "given with the document"),
        (Document("d", f"OSLO, May 1, 2024 (Reuters) - {BODY}"), "the dateline"),
        (Document("d", f"A contract\nPublished on 1 May 2024\n\n{BODY}"), "the dateline"),
    ],
    ids=["given", "agency", "published"],
)
async def test_yesterday_counts_from_the_documents_date(document: Document, source: str) -> None:
    record = await deal(document)
    assert (field(record, "signed_on"), field(record, "talks")) == ("2024-04-30", "2024-04")
    proof = record.evidence["/signed_on"]
    assert proof is not None
    assert proof.quote == "yesterday"
    assert proof.rule == f"date.relative from 2024-05-01 ({source})"
    assert remark(record, "relative", "/signed_on") == f"counted from 2024-05-01 ({source})"


async def test_the_date_of_a_row_is_the_one_in_the_named_field() -> None:
    [row] = read_documents([{"text": BODY, "on": "2024-05-01"}], date_field="on")
    assert isinstance(row, Document)
    record = await deal(row)
    proof = record.evidence["/signed_on"]
    assert proof is not None
    assert proof.rule == "date.relative from 2024-05-01 (the field 'on')"


async def test_without_a_date_of_its_own_a_relative_date_stays_null() -> None:
    record = await deal(Document("d", BODY))
    assert field(record, "signed_on") is None
    assert remark(record, "needs_reference", "/signed_on") == "'yesterday' counts from a date that is not known"


async def test_a_field_that_is_no_date_is_told_where_it_is_missed() -> None:
    [row] = read_documents([{"text": BODY, "on": "05/06/2024"}], date_field="on")
    assert isinstance(row, Document)
    record = await deal(row)
    assert field(record, "signed_on") is None
    assert "(the field 'on' is no full date: '05/06/2024')" in remark(record, "needs_reference", "/signed_on")


async def test_a_date_without_a_year_stays_partial_and_the_note_says_what_suggested_the_year() -> None:
    document = Document("d", "They signed on 30 April, the company said.", date=date(2024, 5, 1))
    record = await extract_document(document, plan_for(Deal), Scripted([{"signed_on": "30 April"}]))
    assert field(record, "signed_on") == "--04-30"
    told = remark(record, "year_from_reference", "/signed_on")
    assert told == "no year in the words; 2024-04-30 is nearest to 2024-05-01 (given with the document)"


async def test_a_period_that_counts_from_the_documents_date_says_so() -> None:
    document = Document("d", "The plant will be shut until tomorrow for repairs.", date=date(2024, 5, 1))
    record = await extract_document(document, plan_for(Plan), Scripted([{"period": "until tomorrow"}]))
    assert field(record, "period") == "../2024-05-02"
    proof = record.evidence["/period"]
    assert proof is not None
    assert proof.rule == "period.open from 2024-05-01 (given with the document)"


async def test_a_typed_value_of_the_users_own_may_count_from_the_documents_date_too() -> None:
    document = Document("d", "Delivery is due tomorrow.", date=date(2024, 5, 1))
    record = await extract_document(document, plan_for(Order), Scripted([{"due": "tomorrow"}]))
    assert field(record, "due") == "2024-05-02"
