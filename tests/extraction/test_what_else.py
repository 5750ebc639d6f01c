"""What else? From the third pass on, filled lists are asked once for the elements that the first answer left out."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from llmx.errors import ServerError
from llmx.record import Usage
from llmx.schema import Cap, Free, Remainder
from llmx.types import Number, OrganizationName, Verbatim
from tests.extraction.scripted import Scripted, codes, extracted, said

TEXT = (
    "Aurelia Shipping AG, Borealis Lines Oy and Cetus Tankers SA signed in Turku. They build tugs, ferries and barges."
)


class Party(BaseModel):
    name: OrganizationName
    role: Verbatim | None = None


class Count(BaseModel):
    what: Annotated[str, Free()]
    value: Number


class Deal(BaseModel):
    """A deal."""

    parties: Annotated[list[Party], Cap(2)] = Field([], description="who signs")
    ships: list[Verbatim] = []
    ports: list[Verbatim] = []
    place: str | None = None
    counts: Annotated[list[Count], Remainder(complete=True)] = []


def deal(*parties: str, ships: tuple[str, ...] = ()) -> dict[str, Any]:
    named = [{"name": name, "role": None} for name in parties]
    return {"parties": named, "ships": list(ships), "ports": [], "place": "Turku", "counts": []}


def more(*parties: str, ships: tuple[str, ...] = ()) -> dict[str, Any]:
    return {name: value for name, value in deal(*parties, ships=ships).items() if name in ("parties", "ships")}


FIRST = deal("Aurelia Shipping AG", "Borealis Lines Oy", ships=("tugs",))


async def test_filled_lists_are_asked_once_what_else_there_is() -> None:
    endpoint = Scripted([FIRST, more("Cetus Tankers SA", ships=("ferries", "barges"))])
    record = await extracted(Deal, TEXT, endpoint, passes=5)
    assert record.data is not None
    assert [p.name for p in record.data.parties] == ["Aurelia Shipping AG", "Borealis Lines Oy", "Cetus Tankers SA"]
    assert record.data.ships == ["tugs", "ferries", "barges"]
    proof = record.evidence["/parties/2/name"]
    assert proof is not None
    assert proof.quote == "Cetus Tankers SA"
    assert codes(record) == []  # 'capped' is gone: the list has been continued to its end
    first, second = (request.body for request in endpoint.requests)
    assert second["messages"][: len(first["messages"])] == first["messages"]
    assert "- parties (who signs); already there: Aurelia Shipping AG | Borealis Lines Oy\n" in endpoint.question(1)
    assert "- ships; already there: tugs\n" in endpoint.question(1)
    assert list(second["response_format"]["json_schema"]["schema"]["properties"]) == ["parties", "ships"]
    assert record.usage.input_tokens == 20


@pytest.mark.parametrize("passes", [1, 2])
async def test_nothing_else_is_asked_before_the_third_pass(passes: int) -> None:
    endpoint = Scripted([FIRST])
    record = await extracted(Deal, TEXT, endpoint, passes=passes)
    assert len(endpoint.requests) == 1
    assert ("capped", "/parties") in codes(record)


async def test_empty_lists_are_not_asked_about() -> None:
    endpoint = Scripted([deal()])
    await extracted(Deal, TEXT, endpoint, passes=3)
    assert len(endpoint.requests) == 1


async def test_what_is_there_already_or_is_made_up_adds_nothing() -> None:
    again = more("Aurelia Shipping AG", "Zyxthar Holdings", ships=("tugs", "submarines"))
    record = await extracted(Deal, TEXT, [FIRST, again], passes=3, unproven="keep")
    assert record.data is not None
    assert [p.name for p in record.data.parties] == ["Aurelia Shipping AG", "Borealis Lines Oy"]
    assert record.data.ships == ["tugs"]
    assert codes(record) == [("capped", "/parties")]  # the second answer filled its limit too


async def test_a_question_that_fails_loses_nothing_and_says_so() -> None:
    for reply, code, status in (
        (ServerError("down"), "endpoint", "partial"),
        (said("prose"), "invalid_answer", "ok"),
        (said(None, "refusal", refusal="No."), "refused", "ok"),
    ):
        record = await extracted(Deal, TEXT, [FIRST, reply], passes=3)
        assert record.data is not None
        assert record.data.ships == ["tugs"]
        assert len(record.data.parties) == 2
        assert (code, "") in codes(record)
        assert record.status == status


CUT = '{"parties": [{"name": "Aurelia Shipping AG", "role": null}], "ships": ["tugs", "fer'


@pytest.mark.parametrize("passes", [1, 2])
async def test_an_answer_cut_in_a_list_is_continued_from_its_last_complete_element(passes: int) -> None:
    rest = {"ships": ["tugs", "ferries", "barges"], "ports": ["Turku"]}
    cut = replace(said(CUT, "length"), usage=Usage(10, 32, 4))
    endpoint = Scripted([cut, cut, rest])
    record = await extracted(Deal, TEXT, endpoint, passes=passes, max_output_tokens=16)
    assert record.data is not None
    assert ("truncated", "") in codes(record)
    if passes == 1:
        assert (len(endpoint.requests), record.data.ships, record.data.ports) == (2, ["tugs"], [])
        return
    assert (record.data.ships, record.data.ports) == (["tugs", "ferries", "barges"], ["Turku"])
    assert len(record.data.parties) == 1  # that list was whole: it is not asked about
    body = endpoint.requests[-1].body
    assert json.loads(body["messages"][-2]["content"])["ships"] == ["tugs"]
    assert list(body["response_format"]["json_schema"]["schema"]["properties"]) == ["ships", "ports", "place"]
    assert "- ports; already there: nothing\n" in endpoint.question()


class Row(BaseModel):
    name: str
    price: int


class Statement(BaseModel):
    rows: list[Row]


ROWS = [{"name": f"Item{number}", "price": str(number + 100)} for number in range(200)]
STATEMENT = "\n".join(f"{row['name']}: {row['price']} EUR" for row in ROWS)


async def test_a_list_that_nobody_capped_comes_whole_from_an_endpoint_that_keeps_to_no_cap() -> None:
    record = await extracted(Statement, STATEMENT, [{"rows": ROWS[:140]}], passes=2)
    assert record.status == "ok"
    assert record.data is not None
    assert len(record.data.rows) == 140
    assert record.attempts == 1


async def test_a_list_that_fills_the_guard_on_the_wire_is_continued_to_its_end() -> None:
    chunks = [{"rows": ROWS[start : start + 16]} for start in range(0, len(ROWS), 16)]
    endpoint = Scripted(chunks)
    record = await extracted(Statement, STATEMENT, endpoint, passes=2)
    assert record.data is not None
    assert [row.name for row in record.data.rows] == [row["name"] for row in ROWS]
    assert codes(record) == []
    assert "160 elements, the last of which are Item100 |" in endpoint.question(10)


async def test_a_cap_of_the_schema_is_kept() -> None:
    class Short(BaseModel):
        rows: Annotated[list[Row], Field(max_length=3)]

    record = await extracted(Short, STATEMENT, [{"rows": ROWS[:5]}], passes=2, reasks=0)
    assert record.status == "partial"
    assert record.data is not None
    assert len(record.data.rows) == 3
    assert ("invalid_value", "/rows") in codes(record)


async def test_a_text_that_nobody_capped_comes_whole() -> None:
    class Long(BaseModel):
        text: str

    words = " ".join(STATEMENT.split()[:300])
    record = await extracted(Long, STATEMENT, [{"text": words}])
    assert record.data is not None
    assert (record.status, record.data.text, record.attempts) == ("ok", words, 1)
