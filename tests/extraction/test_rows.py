"""A schema whose root is a list gives a record for each element of a document."""

from __future__ import annotations

import json
from collections import deque
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, RootModel, field_validator

from llmx.record import Record, document_of
from llmx.schema import load_schema
from tests.extraction.scripted import USAGE, codes, extracted


class Invoice(BaseModel):
    number: str
    total: Decimal | None = None

    @field_validator("number")
    @classmethod
    def is_no_draft(cls, number: str) -> str:
        if number.startswith("DRAFT"):
            raise ValueError("a draft is no invoice")
        return number


TEXT = "Invoice A-1: total 12.50.\nInvoice A-2: total 7.25.\nInvoice DRAFT-3: total 1.00.\n"
TWO = [{"number": "A-1", "total": "12.50"}, {"number": "A-2", "total": "7.25"}]


async def rows(schema: Any, *answers: Any, text: str = TEXT, **options: Any) -> list[Record[Any]]:
    return list((await extracted(schema, text, answers, **options)).rows)


async def test_each_element_is_a_record_with_data_and_proof_of_its_own() -> None:
    first, second = await rows(list[Invoice], {"items": TWO})
    assert [first.id, second.id] == ["d#1", "d#2"]
    assert second.data == Invoice(number="A-2", total=Decimal("7.25"))
    assert set(second.evidence) == set(second.confidence) == {"/number", "/total"}
    proof = second.evidence["/total"]
    assert proof is not None
    assert TEXT[proof.start : proof.end] == proof.quote == "7.25"
    assert [first.status, second.status] == ["ok", "ok"]


async def test_what_a_document_cost_is_counted_once() -> None:
    first, second = await rows(list[Invoice], {"items": TWO})
    assert first.usage + second.usage == USAGE
    assert (first.seconds + second.seconds, first.attempts + second.attempts) == (0.5, 1)
    assert first.keys == second.keys


async def test_an_issue_is_told_at_the_record_that_has_it() -> None:
    first, second = await rows(list[Invoice], {"items": [TWO[0], {"number": "A-2", "total": "99"}]})
    assert codes(first) == []
    assert codes(second) == [("unproven", "/total")]


async def test_a_value_that_no_reask_mends_makes_its_own_record_partial() -> None:
    wrong = {"items": [TWO[0], {"number": "A-2", "total": {"amount": [1, 2]}}]}
    first, second = await rows(list[Invoice], wrong, reasks=0)
    assert [first.status, second.status] == ["ok", "partial"]
    assert codes(second) == [("invalid_value", "/total")]


async def test_what_belongs_to_no_element_is_told_in_the_first_record() -> None:
    items = [{"number": "DRAFT-3", "total": "1.00"}, *TWO]
    first, second = await rows(list[Invoice], {"items": items})
    assert [row.to_json()["data"]["number"] for row in (first, second)] == ["A-1", "A-2"]
    assert [first.status, second.status] == ["partial", "ok"]
    assert codes(first) == [("invalid_value", "")]
    assert "a draft is no invoice" in first.issues[0].message
    assert codes(second) == []


async def test_a_document_with_no_element_is_one_record_that_says_so() -> None:
    (only,) = await rows(list[Invoice], {"items": []})
    assert (only.id, only.status, only.data) == ("d", "ok", None)
    assert codes(only) == [("no_records", "")]
    assert only.usage == USAGE


async def test_a_list_under_another_name_beside_other_fields_is_the_list() -> None:
    first, second = await rows(list[Invoice], {"customer": "Ann", "invoices": TWO})
    assert [first.to_json()["data"]["number"], second.to_json()["data"]["number"]] == ["A-1", "A-2"]


async def test_where_no_element_could_be_kept_the_document_does_not_seem_empty() -> None:
    (only,) = await rows(list[Invoice], {"items": [7, 8]}, reasks=0)
    assert (only.id, only.status) == ("d", "partial")
    assert "no_records" not in [code for code, _ in codes(only)]


async def test_a_document_without_an_answer_is_one_record_under_its_own_id() -> None:
    (only,) = await rows(list[Invoice], "no JSON")
    assert (only.id, only.status, only.data) == ("d", "invalid", None)


async def test_several_chunks_give_the_records_of_all_of_them() -> None:
    parts = [f"Invoice A-{n}: total {n}.50. " + "Thank you for your order. " * 12 for n in range(1, 5)]
    answers = [{"items": [{"number": f"A-{n}", "total": f"{n}.50"}]} for n in range(1, 5)]

    def answer(request: Any) -> dict[str, Any]:
        asked = str(request.body["messages"][-1]["content"])
        there = [each for n, each in enumerate(answers, 1) if asked.rfind(f"A-{n}:") >= 0]
        return {"items": [each["items"][0] for each in there]}

    record = await extracted(list[Invoice], "\n\n".join(parts), answer, chunk_tokens=120)
    assert [row.id for row in record.rows] == ["d#1", "d#2", "d#3", "d#4"]
    assert [row.to_json()["data"]["number"] for row in record.rows] == ["A-1", "A-2", "A-3", "A-4"]


class Cat(BaseModel):
    name: str
    lives: str


class Dog(BaseModel):
    name: str
    breed: str


class Invoices(RootModel[list[Invoice]]):
    """All invoices of a letter."""


KINDS: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "list of a class": (list[Invoice], TWO[:1], [{"number": "A-1", "total": "12.50"}]),
    "root model": (Invoices, TWO[:1], [{"number": "A-1", "total": "12.50"}]),
    "tuple of any length": (tuple[Invoice, ...], TWO[:1], [{"number": "A-1", "total": "12.50"}]),
    "deque": (deque[Invoice], TWO[:1], [{"number": "A-1", "total": "12.50"}]),
    "list or null": (list[Invoice] | None, TWO[:1], [{"number": "A-1", "total": "12.50"}]),
    "plain type": (list[str], ["A-1", "A-2"], ["A-1", "A-2"]),
    "number": (list[int], ["2"], [2]),
    "several classes": (list[Cat | Dog], [{"name": "Tom", "breed": "Pug"}], [{"name": "Tom", "breed": "Pug"}]),
    "notation": ("list[number, total: number]", TWO[:1], [{"number": "A-1", "total": "12.50"}]),
}


async def test_every_kind_of_root_list_gives_a_record_for_each_element() -> None:
    for kind, (schema, items, data) in KINDS.items():
        found = await rows(schema, {"items": items}, text=TEXT + "Tom is a Pug. 2 cats.")
        assert [row.to_json()["data"] for row in found] == data, kind
        assert [row.id for row in found] == [f"d#{n}" for n in range(1, len(data) + 1)], kind


ONE = {
    "title": "Invoice",
    "type": "object",
    "properties": {"number": {"type": "string"}, "total": {"type": "number"}},
    "required": ["number"],
}
FILES = {
    "root array": ({"type": "array", "items": ONE}, "{}"),
    "reference": ({"type": "array", "items": {"$ref": "#/$defs/one"}, "$defs": {"one": ONE}}, "{}"),
    "referred root": ({"$ref": "#/$defs/all", "$defs": {"all": {"type": "array", "items": ONE}}}, "{}"),
    "list of a file": (ONE, "list[{}]"),
}


@pytest.mark.parametrize("name", FILES)
async def test_a_json_schema_with_a_root_array_does_too(tmp_path: Path, name: str) -> None:
    content, reference = FILES[name]
    (tmp_path / "invoice.json").write_text(json.dumps(content))
    first, second = await rows(reference.format(tmp_path / "invoice.json"), {"items": TWO})
    assert first.to_json()["data"] == {"number": "A-1", "total": 12.5}
    assert (second.id, getattr(second.data, "number", "")) == ("d#2", "A-2")


async def test_a_list_of_a_schema_that_refers_to_its_own_root_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "node.json").write_text(
        json.dumps({"type": "object", "properties": {"name": {"type": "string"}, "inner": {"$ref": "#/nowhere"}}})
    )
    with pytest.raises(Exception, match=r"node\.json"):
        load_schema(f"list[{tmp_path / 'node.json'}]")


async def test_sets_maps_and_tuples_of_places_stay_one_record() -> None:
    assert load_schema(set[str]).row is None
    assert load_schema(dict[str, int]).row is None
    assert load_schema(tuple[str, int]).row is None
    assert [row.id for row in await rows(set[str], {"items": ["A-1", "A-2"]})] == ["d"]


def test_the_document_of_a_record_is_known_by_its_id() -> None:
    assert [document_of(id_) for id_ in ("a.txt#3", "a#b", "a")] == ["a.txt", "a#b", "a"]
