"""A schema of one line: what it means, its Python twin, and what is said of one that is wrong."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from llmx.errors import SchemaError
from llmx.schema import load_schema
from llmx.schema.notation import TYPES, is_notation
from llmx.schema.notation_class import as_python
from llmx.schema.schema_file import run_schema_file
from llmx.types import CountryCode, Money, PartialDate

ISSUE = "name, founded: date, revenue: money, parties: [name, country: country]"


def types_of(reference: str) -> dict[str, Any]:
    return {name: info.annotation for name, info in load_schema(reference).model.model_fields.items()}


def test_a_field_is_text_unless_it_says_more() -> None:
    found = types_of(ISSUE)
    parties = found.pop("parties").__args__[0]
    assert found == {"name": str, "founded": PartialDate, "revenue": Money}
    assert {name: info.annotation for name, info in parties.model_fields.items()} == {
        "name": str,
        "country": CountryCode,
    }


@pytest.mark.parametrize(
    ("line", "annotation"),
    [
        ("x: number, y", Decimal),
        ("x: datetime, y", dt.datetime),
        ("x: [text], y", list[str]),
        ("x: [a | b], y", list[Literal["a", "b"]]),
        ("x: invoice | receipt, y", Literal["invoice", "receipt"]),
        ("x: date?, y", PartialDate | None),
        ("x?: date, y", PartialDate | None),
        ('x: date "of the contract" ?, y', PartialDate | None),
    ],
)
def test_what_a_field_holds(line: str, annotation: Any) -> None:
    assert types_of(line)["x"] == annotation


def test_an_optional_field_is_null_where_it_is_not_given() -> None:
    made = load_schema("x?, y: integer").model.model_validate({"y": 3})
    assert made.model_dump() == {"x": None, "y": 3}


def test_quotes_hold_the_description() -> None:
    fields = load_schema(r"""name: "the \"legal\" name", at: date 'signed, not announced' """).model.model_fields
    assert [info.description for info in fields.values()] == ['the "legal" name', "signed, not announced"]


def test_braces_hold_an_object_and_brackets_a_list_of_objects() -> None:
    seller, lines = types_of("seller: {name, lines: [{sku}]}, lines: [sku, price: money]").values()
    assert list(seller.model_fields) == ["name", "lines"]
    assert list(lines.__args__[0].model_fields) == ["sku", "price"]
    assert lines.__args__[0].__name__ != seller.model_fields["lines"].annotation.__args__[0].__name__


def test_list_around_the_line_asks_for_any_number_of_records() -> None:
    assert load_schema("list[name, founded: date]").fingerprint != load_schema("name, founded: date").fingerprint


@pytest.mark.parametrize(
    "reference",
    [
        "partnership",
        "invoice.py:Invoice",
        "package.module:Class",
        "list[partnership]",
        "a, b/c.py:Invoice",
        "a, b.json",
    ],
)
def test_a_name_or_a_file_is_no_line_of_fields(reference: str) -> None:
    assert not is_notation(reference)


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        ("name, founded: dat", 16, "no type 'dat'"),
        ("name, , x", 7, "where the name of a field should be"),
        ("a: [b", 6, "the end where"),
        ("a, a", 4, "two fields 'a'"),
        ('x: "open', 4, "does not end"),
        ("class, b", 1, "cannot be the name"),
        ("_a, b", 1, "cannot be the name"),
        ("a: [[text]], b", 5, "a list of lists"),
        ("a: b | , c", 8, "a word of the choice"),
        ("a, b; c", 5, "';' has no meaning"),
        ("a: {b}}, c", 7, "'}' where"),
        ("a: " + "{b: " * 40, 69, "more than 16 deep"),
    ],
)
def test_what_is_wrong_is_told_with_its_column(line: str, column: int, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        load_schema(line)
    assert f"column {column} " in caught.value.message
    assert message in caught.value.message
    assert caught.value.hint


NAMES = st.sampled_from(["name", "date", "parties", "größe", "x_1", "Record", "url", "copy_of"])


def lines_of(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    kinds = st.one_of(
        st.sampled_from(TYPES), st.just("a | b"), inner.map("{{{}}}".format), inner.map("[{{{}}}]".format)
    )
    described = st.sampled_from(["", ' "what it is"', ' "say \\"x\\" \\\\"'])
    field = st.tuples(NAMES, st.sampled_from(["", "?"]), kinds, described)
    return st.lists(field, min_size=1, max_size=4, unique_by=lambda each: each[0]).map(
        lambda fields: ", ".join(f"{name}{optional}: {kind}{text}" for name, optional, kind, text in fields)
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder, numbers = tmp_path_factory.mktemp("twins"), iter(range(100_000))

    def write(text: str) -> Path:
        path = folder / f"twin{next(numbers)}.py"
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.mark.slow
@given(line=st.recursive(st.just("sku: text"), lines_of, max_leaves=6).filter(is_notation))
def test_the_python_twin_has_the_same_fingerprint(line: str, written: Callable[[str], Path]) -> None:
    twin = vars(run_schema_file(written(as_python(line))))["Record"]
    assert issubclass(twin, BaseModel)
    assert load_schema(twin).fingerprint == load_schema(line).fingerprint


def test_the_twin_of_a_list_is_a_list(written: Callable[[str], Path]) -> None:
    path = written(as_python("list[name, founded: date?]"))
    assert load_schema(f"{path}:Records").fingerprint == load_schema("list[name, founded: date?]").fingerprint
    assert json.loads(json.dumps(load_schema(f"{path}:Records").wire.model_json_schema()))
