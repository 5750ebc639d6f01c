"""What llmx.link promises of events: which records tell of one, and that what they say differently is told."""

from __future__ import annotations

from typing import Any

import pytest

from llmx.link.companions import companions_of
from llmx.link.corrections import Corrections
from llmx.link.events import Event, events_of
from llmx.link.fields import EntityField, EventFields
from llmx.link.mentions import mentions_of
from llmx.link.near_dates import days_apart
from llmx.link.resolve import resolve

FIELDS = EventFields(("parties", "[]"), ("day",), ("kind",))


def row(id_: str, *parties: str, day: str | None = "2024-03-14", kind: str = "supply", **more: Any) -> dict[str, Any]:
    data = {"day": day, "kind": kind, "parties": list(parties), **more}
    return {"id": id_, "data": data, "evidence": {"/jobs": {"quote": f"{more.get('jobs')} jobs", "start": 0}}}


def events(*rows: dict[str, Any]) -> list[Event]:
    fields = (EntityField(("parties", "[]"), "organization"),)
    mentions = [mention for each in rows for mention in mentions_of(each, fields)]
    companions = companions_of(rows, FIELDS, days=3)
    return events_of(rows, resolve(mentions, {}, Corrections(), companions=companions), FIELDS)


def test_two_articles_on_one_agreement_are_one_row_with_their_proofs_and_conflicts() -> None:
    first, *others = events(
        row("a", "Lorant SA", "Kranich", jobs=5, town="Lyon"), row("b", "Lorant", "KRANICH GmbH", jobs=7, town="Lyon")
    )
    assert others == []
    assert first.records == ("a", "b")
    assert first.conflicts == ("/jobs",)
    assert [(each.value, each.records, each.quotes) for each in first.values["/jobs"]] == [
        (5, ("a",), ("5 jobs",)),
        (7, ("b",), ("7 jobs",)),
    ]
    assert [each.records for each in first.values["/town"]] == [("a", "b")]
    assert first.reasons == ("a and b: 2 parties in common, on the same day, supply",)


@pytest.mark.parametrize(
    "second",
    [
        row("b", "Lorant", "Kranich", day="2024-03-18"),
        row("b", "Lorant", "Kranich", kind="merger"),
        row("b", "Lorant", "Kranich", day=None),
        row("b", "Lorant"),
        row("b", "Lorant", "Ondine"),
        row("a#2", "Lorant", "Kranich"),
    ],
    ids=["later", "another kind", "no date", "one party", "another party", "the same document"],
)
def test_records_that_do_not_agree_in_parties_date_and_kind_are_two_events(second: dict[str, Any]) -> None:
    assert len(events(row("a", "Lorant", "Kranich"), second)) == 2


def test_a_chain_of_near_dates_does_not_make_one_event_of_a_month() -> None:
    days = [f"2024-03-{day:02}" for day in range(1, 11, 2)]
    found = events(*(row(day, "Lorant", "Kranich", day=day) for day in days))
    assert all(len(each.records) <= 2 for each in found)


def test_records_that_share_the_other_party_the_day_and_the_kind_join_a_short_name_with_the_long_one() -> None:
    assert len(events(row("a", "Lorant Energy", "Kranich"), row("b", "Lorant", "Kranich"))) == 1
    assert len(events(row("a", "Lorant Energy", "Kranich"), row("b", "Lorant", "Kranich", kind="merger"))) == 2


def test_days_are_counted_between_dates_that_say_less_than_a_day() -> None:
    table = {
        ("2024-02", "2024-03-02"): 2, ("2024", "2025-01-01"): 1, ("--02-29", "2023-02-28"): 0, ("--12-31", "--01-01"): 1,
        ("2024-03-14T10:00", "2024-03-14"): 0, ("2024-13", "2024"): None, ("soon", "2024"): None, ("-9999", "1"): None,
    }  # fmt: skip
    assert {pair: days_apart(*pair) for pair in table} == table
    assert {pair: days_apart(pair[1], pair[0]) for pair in table} == table
