"""A second look asks once more, for what is unproven (and, from the third pass on, empty), and only where it pays."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, Field

from llmx.errors import ServerError
from llmx.schema import Free
from llmx.types import Money, PartialDate
from tests.extraction.scripted import Scripted, codes, extracted, said

TEXT = "Aurelia signed on 3 March 2024 in Turku; work begins on 1 May 2024. The yard pays 5.2 million euros."


class Deal(BaseModel):
    """A deal."""

    day: PartialDate | None = Field(None, description="the day of signing")
    sum: Money | None = None
    jobs: int | None = None
    place: str | None = None
    note: Annotated[str | None, Free()] = None


def deal(**words: Any) -> dict[str, Any]:
    return {"day": None, "sum": None, "jobs": None, "place": None, "note": None} | words


async def test_an_unproven_value_is_asked_for_once_more_among_what_the_text_offers() -> None:
    endpoint = Scripted([deal(day="12 July 1999", place="Turku"), {"day": "3 March 2024"}])
    record = await extracted(Deal, TEXT, endpoint, passes=2)
    assert record.data is not None
    assert str(record.data.day) == "2024-03-03"
    proof = record.evidence["/day"]
    assert proof is not None
    assert proof.quote == "3 March 2024"
    assert codes(record) == []
    first, second = (request.body for request in endpoint.requests)
    assert second["messages"][: len(first["messages"])] == first["messages"]
    assert [m["role"] for m in second["messages"][len(first["messages"]) :]] == ["assistant", "user"]
    assert "- day (the day of signing): 3 March 2024 | 1 May 2024 | null" in endpoint.question(1)
    assert "sum" not in endpoint.question(1)
    assert second["max_tokens"] < first["max_tokens"]
    allowed = second["response_format"]["json_schema"]["schema"]["properties"]
    assert list(allowed) == ["day"]
    assert "3 March 2024" in json.dumps(allowed)
    assert record.usage.input_tokens == 20
    assert len(record.keys) == 2


async def test_nothing_is_asked_where_nothing_is_missing_or_the_text_has_nothing_of_that_kind() -> None:
    for text, answer in (
        (TEXT, deal(day="3 March 2024")),
        (TEXT, deal(note="words of my own")),
        ("No date stands here.", deal(day="12 July 1999")),
        (TEXT, deal()),
    ):
        endpoint = Scripted([answer])
        await extracted(Deal, text, endpoint, passes=2)
        assert len(endpoint.requests) == 1


async def test_one_pass_never_asks_again() -> None:
    endpoint = Scripted([deal(day="12 July 1999")])
    record = await extracted(Deal, TEXT, endpoint, passes=1)
    assert len(endpoint.requests) == 1
    assert codes(record) == [("unproven", "/day")]


async def test_fields_that_were_left_empty_are_asked_for_in_the_third_pass() -> None:
    endpoint = Scripted([deal(), {"day": None, "sum": "5.2 million euros"}])
    record = await extracted(Deal, TEXT, endpoint, passes=3)
    assert record.data is not None
    assert record.data.sum is not None
    assert record.data.sum.amount == 5_200_000
    assert record.data.day is None
    assert len(endpoint.requests) == 2
    assert "jobs" not in endpoint.question(1)  # numbers stand in every text


async def test_the_first_answer_stays_where_the_second_look_finds_nothing() -> None:
    endpoint = Scripted([deal(day="12 July 1999", place="Turku"), {"day": None}])
    record = await extracted(Deal, TEXT, endpoint, passes=2)
    assert record.data is not None
    assert (record.data.day, record.data.place) == (None, "Turku")
    assert codes(record) == [("unproven", "/day")]


async def test_a_second_look_that_fails_loses_nothing_and_says_so() -> None:
    record = await extracted(Deal, TEXT, [deal(day="12 July 1999", place="Turku"), ServerError("down")], passes=2)
    assert record.status == "partial"
    assert record.data is not None
    assert record.data.place == "Turku"
    assert ("endpoint", "") in codes(record)
    for reply in (said("prose"), said(None, "refusal", refusal="No.")):
        record = await extracted(Deal, TEXT, [deal(day="12 July 1999", place="Turku"), reply], passes=2)
        assert record.data is not None
        assert record.data.place == "Turku"
        assert any(path == "/day" and code in ("invalid_answer", "refused") for code, path in codes(record))


async def test_the_wrong_choice_of_a_second_look_is_asked_for_again() -> None:
    endpoint = Scripted([deal(day="12 July 1999"), {"day": "2 June 2001"}, {"day": "1 May 2024"}])
    record = await extracted(Deal, TEXT, endpoint, passes=2)
    assert record.data is not None
    assert str(record.data.day) == "2024-05-01"
    assert len(endpoint.requests) == 3
