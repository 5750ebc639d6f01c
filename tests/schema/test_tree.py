"""What a Pydantic model becomes: tree, wire model, sketch."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from llmx.errors import SchemaError
from llmx.schema import Cap, Leaf, ListOf, Proof, compile_tree, load_schema, wire_model
from llmx.schema.sketch import sketch


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Part(BaseModel):
    sku: str = Field(description="article number")
    price: Decimal | None = None


class Order(BaseModel):
    """An order."""

    number: str
    day: date | None = Field(default=None, description="when it was made")
    total: float
    paid: bool
    colour: Colour
    kind: Literal["a", "b"] | None
    parts: list[Part]
    tags: Annotated[list[str], Cap(3)] = []


TREE = compile_tree(Order)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("number", "text"),
        ("day", "quote"),
        ("total", "quote"),
        ("paid", "flag"),
        ("colour", "choice"),
        ("kind", "choice"),
    ],
)
def test_plain_types_are_quoted_inferred_or_taken_as_words(name: str, kind: str) -> None:
    node = TREE.member(name).node
    assert isinstance(node, Leaf)
    assert node.kind == kind


def test_an_optional_field_is_required_and_nullable_on_the_wire() -> None:
    schema = wire_model(TREE).model_json_schema()
    assert set(schema["required"]) == set(Order.model_fields)
    assert {"type": "null"} in schema["properties"]["day"]["anyOf"]


def test_the_wire_refuses_unknown_keys_and_caps_lists_and_strings() -> None:
    wire = wire_model(TREE)
    schema = wire.model_json_schema()
    assert schema["additionalProperties"] is False
    assert schema["properties"]["tags"]["maxItems"] == 3
    assert schema["properties"]["number"]["maxLength"] > 0
    good: dict[str, Any] = {
        "number": "1", "day": None, "total": "5", "paid": True, "colour": "red", "kind": None, "parts": [], "tags": [],
    }  # fmt: skip
    assert wire.model_validate(good)
    with pytest.raises(ValidationError):
        wire.model_validate(good | {"more": 1})


def test_the_sketch_shows_names_types_and_descriptions() -> None:
    text = sketch(TREE)
    for expected in ('"day"', "// when it was made", '"red" | "blue"', "true | false", "// article number", "| null"):
        assert expected in text


def test_the_order_of_fields_is_the_users() -> None:
    assert list(wire_model(TREE).model_json_schema()["properties"]) == list(Order.model_fields)


class Loop(BaseModel):
    name: str
    inner: Loop


class Bytes(BaseModel):
    raw: bytes


class Nothing(BaseModel):
    pass


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Loop, "never ends"),
        (Bytes, "cannot be asked"),
        (Nothing, "no fields"),
    ],
    ids=lambda v: getattr(v, "__name__", v),
)
def test_what_cannot_be_asked_for_is_refused_with_its_place(model: type[BaseModel], words: str) -> None:
    with pytest.raises(SchemaError, match=words) as caught:
        compile_tree(model)
    assert model.__name__ in str(caught.value)


class Marked(BaseModel):
    name: Annotated[str, Proof("drop")]
    maybe: Annotated[str | None, Proof("fail")]
    rows: Annotated[list[str], Proof("null")]


def test_a_policy_is_read_from_the_annotation_wherever_null_stands() -> None:
    tree = compile_tree(Marked)
    name, maybe, rows = (tree.member(n).node for n in ("name", "maybe", "rows"))
    assert isinstance(name, Leaf)
    assert name.policy == "drop"
    assert isinstance(maybe, Leaf)
    assert maybe.policy == "fail"
    assert isinstance(rows, ListOf)
    assert isinstance(rows.item, Leaf)
    assert rows.item.policy == "null"


def test_a_fingerprint_changes_with_a_description_and_not_with_a_second_look() -> None:
    class One(BaseModel):
        a: str = Field(description="x")

    class Two(BaseModel):
        a: str = Field(description="y")

    assert load_schema(One).fingerprint == load_schema(One).fingerprint
    assert load_schema(One).fingerprint != load_schema(Two).fingerprint
