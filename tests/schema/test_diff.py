"""Two schemas are compared field by field, and what differs says whether it is asked for again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from llmx.schema import Key, Proof, Remainder, load_schema
from llmx.schema.diff import SchemaDiff, diff_schemas


def bill(doc: str = "A bill.", name: str = "Bill", **fields: Any) -> type[BaseModel]:
    return create_model(name, __doc__=doc, **({"number": (str, ...), "total": (int, ...)} | fields))


def line(**fields: Any) -> type[BaseModel]:
    return create_model("Line", sku=(Annotated[str, Key()], ...), **fields)


def compared(before: Any, after: Any) -> SchemaDiff:
    return diff_schemas(load_schema(before), load_schema(after))


BUYER = (str, Field(description="who pays"))
CHANGES: dict[str, tuple[Any, Any, list[tuple[str, str, bool]], list[str]]] = {
    "added": (bill(), bill(buyer=BUYER), [("/buyer", "added", True)], ["buyer"]),
    "removed": (bill(buyer=BUYER), bill(), [("/buyer", "removed", False)], []),
    "renamed, for certain": (bill(buyer=BUYER), bill(payer=BUYER), [("/buyer", "renamed", True)], ["payer"]),
    "renamed, perhaps": (
        bill(buyer=(str, ...)), bill(payer=(str, ...)), [("/buyer", "removed", False), ("/payer", "added", True)],
        ["payer"],
    ),
    "renamed, one of two": (
        bill(buyer=BUYER), bill(payer=BUYER, debtor=BUYER),
        [("/buyer", "removed", False), ("/payer", "added", True), ("/debtor", "added", True)], ["payer", "debtor"],
    ),
    "type": (bill(), bill(total=(str, ...)), [("/total", "changed", True)], ["total"]),
    "description": (bill(buyer=BUYER), bill(buyer=(str, ...)), [("/buyer", "changed", True)], ["buyer"]),
    "constraint": (bill(), bill(total=(int, Field(ge=0))), [("/total", "changed", True)], ["total"]),
    "optional": (bill(), bill(total=(int | None, None)), [("/total", "changed", True)], ["total"]),
    "choice": (
        bill(state=(Literal["open"], ...)), bill(state=(Literal["open", "paid"], ...)), [("/state", "changed", True)],
        ["state"],
    ),
    "mark": (bill(), bill(total=(Annotated[int, Proof("fail")], ...)), [("/total", "changed", True)], ["total"]),
    "within a list": (
        bill(lines=(list[line()], ...)), bill(lines=(list[line(price=(int, ...))], ...)),  # type: ignore[misc] # built
        [("/lines/*/price", "added", True)], ["lines"],
    ),
    "removed within a list": (
        bill(lines=(list[line(price=(int, ...))], ...)), bill(lines=(list[line()], ...)),  # type: ignore[misc] # built
        [("/lines/*/price", "removed", True)], ["lines"],
    ),
    "order": (
        bill(), create_model("Bill", __doc__="A bill.", total=(int, ...), number=(str, ...)), [("", "changed", False)], []
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_each_change_has_its_place_and_says_whether_it_is_asked_for(case: str) -> None:
    before, after, expected, asked = CHANGES[case]
    found = compared(before, after)
    assert [(each.pointer, each.change, each.asks) for each in found.differences] == expected
    assert list(found.asked) == asked
    assert found.whole == ""
    assert set(found.kept) == set(load_schema(after).tree.model.model_fields) - set(asked)


def test_what_changed_has_its_value_before_and_after() -> None:
    [found] = compared(bill(), bill(total=(int, Field(ge=0, description="with tax")))).differences
    assert found.details == {"description": ("", "with tax"), "minimum": ("", "0")}


WHOLE = [
    (bill(), bill(doc="A receipt."), "the record's name or description has changed"),
    (bill(), bill(name="Receipt"), "the record's name or description has changed"),
    (bill(), bill(rest=(Annotated[list[line()], Remainder()], ...)), "a list holds what no other field holds"),  # type: ignore[misc] # built
    (list[bill()], list[bill(buyer=BUYER)], "a record that is no object is asked for as a whole"),  # type: ignore[misc] # built
]


@pytest.mark.parametrize(("before", "after", "why"), WHOLE, ids=["description", "name", "remainder", "list"])
def test_what_all_fields_share_asks_for_everything(before: Any, after: Any, why: str) -> None:
    found = compared(before, after)
    assert found.whole == why
    assert found.kept == ()
    assert len(found.differences) == 1


def test_nothing_differs_between_a_schema_and_itself() -> None:
    for schema in (bill(), "invoice", "partnership", "name, founded: date, parties: [name, country: country]"):
        found = compared(schema, schema)
        assert (found.differences, found.asked, found.removed, found.whole) == ((), (), (), "")


def test_json_schemas_are_compared_by_their_keywords(tmp_path: Path) -> None:
    kinds = {"number": {"type": "string"}, "total": {"type": "number"}}
    schema = {"title": "Bill", "type": "object", "properties": kinds}
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(schema))
    strict = {**schema, "required": ["number"], "properties": {**kinds, "total": {"type": "number", "multipleOf": 5}}}
    new.write_text(json.dumps({**strict, "minProperties": 1}))
    found = compared(old, new)
    told = {(each.pointer, name): pair for each in found.differences for name, pair in each.details.items()}
    assert told["/total", "multipleOf"] == ("", "5")
    assert told["", "minProperties"] == ("", "1")
    assert set(found.asked) == {"number", "total"}


def test_a_change_that_no_field_shows_is_still_told(tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    part: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}
    for path, rule in ((old, {}), (new, {"required": ["a"]})):
        path.write_text(json.dumps({"title": "Bill", "type": "object", "properties": {"part": {**part, **rule}}}))
    found = compared(old, new)
    assert found.asked == ("part",)
    assert [each.asks for each in found.differences] == [True]
