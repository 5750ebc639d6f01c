"""Plain text that is a date, a duration or a number is proven by an expression of the same value, and by nothing else."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from tests.extraction.scripted import Scripted, codes, extracted

TEXT = (
    "Agreement\nMade as of the 5th day of January 2009 between Orla Works Ltd and Tarn Boats. It lasts two (2) years "
    "from then. The order 0042-001 of 750 GB was paid with $1,200.50 on 3 March 2010."
)


class Contract(BaseModel):
    """A contract, as most people write a schema."""

    day: str | None = Field(None, description="the day, YYYY-MM-DD")
    term: str | None = None
    size: str | None = None
    paid: str | None = None
    count: str | None = None
    title: str | None = None


def contract(**words: Any) -> dict[str, Any]:
    return dict.fromkeys(Contract.model_fields) | words


async def test_another_form_of_what_the_text_states_is_proven_by_it() -> None:
    answer = contract(day="2009-01-05", term="2 years", size="750GB", paid="1200.50")
    record = await extracted(Contract, TEXT, Scripted([answer]), passes=2)
    assert record.data is not None
    assert record.data.model_dump() == answer
    assert [(proof.quote, proof.kind) for proof in record.evidence.values() if proof] == [
        ("5th day of January 2009", "value"), ("two (2) years", "value"), ("750 GB", "value"),
        ("1,200.50", "value"),
    ]  # fmt: skip
    assert codes(record) == []


async def test_a_number_a_sum_or_a_time_that_nothing_states_is_null_and_other_words_stay() -> None:
    answer = contract(term="7 weeks", size="12 kg", paid="EUR 7.5", count="1", title="a pact of friends")
    record = await extracted(Contract, TEXT, Scripted([answer]), passes=1)
    assert record.data is not None
    assert record.data.model_dump(exclude_none=True) == {"title": "a pact of friends"}
    assert codes(record) == [("unproven", f"/{name}") for name in ("term", "size", "paid", "count", "title")]
    record = await extracted(Contract, TEXT, Scripted([answer]), passes=1, unproven="keep")
    assert record.data is not None
    assert record.data.model_dump(exclude_none=True) == {name: text for name, text in answer.items() if text}


async def test_a_year_is_proven_by_a_full_date_and_a_full_date_not_by_its_year() -> None:
    for day, text, kept in (("2009", TEXT, True), ("2011-04-01", "It was signed in 2011.", False)):
        record = await extracted(Contract, text, Scripted([contract(day=day)]), passes=1)
        assert record.data is not None
        assert (record.data.day == day) is kept


async def test_a_date_that_nothing_states_is_asked_for_once_more_and_comes_in_the_form_of_the_first_answer() -> None:
    endpoint = Scripted([contract(day="2009-01-06", count="7"), {"day": "3 March 2010"}])
    record = await extracted(Contract, TEXT, endpoint, passes=2)
    assert record.data is not None
    assert record.data.day == "2010-03-03"
    proof = record.evidence["/day"]
    assert proof is not None
    assert proof.quote == "3 March 2010"
    assert "- day (the day, YYYY-MM-DD): 5th day of January 2009 | 3 March 2010 | null" in endpoint.question(1)
    assert "count" not in endpoint.question(1)


class Order(BaseModel):
    """An order, whose lines need both fields."""

    lines: list[Line]


class Line(BaseModel):
    """A line."""

    what: str
    size: str


async def test_an_element_is_not_lost_for_a_text_that_it_cannot_be_without() -> None:
    endpoint = Scripted([{"lines": [{"what": "Tarn Boats", "size": "9 kg"}]}])
    record = await extracted(Order, TEXT, endpoint, passes=1)
    assert record.data is not None
    assert record.data.model_dump() == {"lines": [{"what": "Tarn Boats", "size": "9 kg"}]}
    assert codes(record) == [("unproven", "/lines/0/size"), ("kept", "/lines/0/size")]
    record = await extracted(Order, TEXT, endpoint, passes=1, unproven="null")
    assert record.data is not None
    assert record.data.model_dump() == {"lines": []}


class Parties(BaseModel):
    """Names."""

    names: list[str]


async def test_two_writings_of_one_name_are_one_element_and_codes_differ_by_case() -> None:
    text = "TARN BOATS CO., LTD. (Tarn Boats Co. Ltd) has the marks aB1 and AB1, C and C++."
    answer = ["TARN BOATS CO., LTD.", "Tarn Boats Co. Ltd", "aB1", "AB1", "C", "C++"]
    record = await extracted(Parties, text, Scripted([{"names": answer}]), passes=1)
    assert record.data is not None
    assert record.data.names == ["TARN BOATS CO., LTD.", "aB1", "AB1", "C", "C++"]
    assert codes(record) == [("duplicate", "/names")]
