"""What is read off a schema, and off gold where there is none."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, RootModel
from typing_extensions import TypeAliasType, TypedDict

from llmx.errors import UsageError
from llmx.evaluate import Prediction, RunPredictions, evaluate, spec_for
from llmx.evaluate.spec import leaf_paths, spec_of_gold, spec_of_model
from llmx.schema import Compare, Key, load_schema

Alias = TypeAliasType("Alias", Annotated[str, Compare("casefold")])


class Colour(Enum):
    RED = "red"


class Address(TypedDict):
    street: str
    city: str | None


@dataclass
class Money:
    amount: Decimal
    currency: str


class Tags(RootModel[list[str]]):
    pass


class Cat(BaseModel):
    kind: Literal["cat"]
    name: str


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str
    tricks: int


class Everything(BaseModel):
    text: str
    maybe: str | None = None
    number: int
    price: Decimal
    day: dt.date
    moment: dt.datetime | None
    flag: bool
    colour: Colour
    choice: Literal["a", "b"]
    alias: Alias
    marked: Annotated[str, Compare("exact"), Field(max_length=9)]
    texts: list[Annotated[str, Compare("words:0.7")]]
    pair: tuple[int, ...]
    many: Sequence[float]
    address: Address
    money: Money
    tags: Tags
    pets: list[Cat | Dog]
    table: dict[str, int]
    either: int | str
    children: list["Everything"] = []


def test_every_type_has_its_comparison() -> None:
    found = {name: spec.comparator.rule for name, spec in spec_of_model(Everything).fields.items() if spec.comparator}
    assert found == {
        "text": "fuzzy", "maybe": "fuzzy", "number": "number", "price": "number", "day": "date", "moment": "date",
        "flag": "exact", "colour": "exact", "choice": "exact", "alias": "casefold", "marked": "exact", "either": "auto",
    }  # fmt: skip


def test_the_paths_of_a_schema_are_its_leaves_and_a_model_in_itself_is_entered_once() -> None:
    paths = leaf_paths(spec_of_model(Everything))
    assert paths[12:] == [
        "pair", "many", "address.street", "address.city", "money.amount", "money.currency", "tags", "pets.kind",
        "pets.name", "pets.tricks", "table.*", "either",
    ]  # fmt: skip


class Named(BaseModel):
    size: int
    label: str
    name: str


class OnlyText(BaseModel):
    size: int
    remark: str | None


class Marked(BaseModel):
    name: str
    number: Annotated[int, Key()]


class MarkedTwice(BaseModel):
    name: Annotated[str, Key()]
    number: Annotated[int, Compare(key=True)]


class Ending(BaseModel):
    city: str
    company_name: str


@pytest.mark.parametrize(
    ("model", "keys"),
    [
        (Named, ("name",)),
        (OnlyText, ("remark",)),
        (Marked, ("number",)),
        (MarkedTwice, ("number",)),
        (Ending, ("company_name",)),
    ],
)
def test_the_key_is_the_marked_field_else_a_name_else_the_first_text(model: Any, keys: Any) -> None:
    assert spec_of_model(model).keys == keys


def test_without_a_schema_gold_shows_the_fields_and_the_keys() -> None:
    golds = [
        {"who": None, "list": [], "deal": {"any": [None, {"sum": 3}]}},
        {"who": "Ann", "list": [{"value": 1, "what": "x"}], "_optional": {"list": [{"extra": "y"}]}, "_by": "Bob"},
    ]
    spec = spec_of_gold(golds)
    assert leaf_paths(spec) == ["who", "list.value", "list.what", "list.extra", "deal.sum"]
    assert spec.fields["list"].element is not None
    assert spec.fields["list"].element.keys == ("what",)


class Price:
    """A custom type, as llmx's typed values are: a schema cannot know its JSON form."""

    @classmethod
    def from_text(cls, words: str) -> None: ...


def test_the_parts_of_a_custom_type_come_from_gold() -> None:
    from llmx.evaluate.spec import UNKNOWN, Spec, refined

    class Deal(BaseModel, arbitrary_types_allowed=True):
        price: Price | None
        title: str

    spec = refined(spec_of_model(Deal), spec_of_gold([{"price": {"amount": 1, "currency": "EUR"}, "title": "x"}]))
    assert leaf_paths(spec) == ["price.amount", "price.currency", "title"]
    assert refined(UNKNOWN, Spec("list", element=UNKNOWN)).kind == "list"


def test_a_rule_on_a_custom_type_makes_the_whole_of_it_one_fact() -> None:
    class Deal(BaseModel, arbitrary_types_allowed=True):
        price: Annotated[Price | None, Compare("exact")]

    gold = {"a": {"price": {"amount": 1, "currency": "EUR"}}}
    run = RunPredictions("run", {"a": Prediction("a", "ok", {"price": {"amount": 1, "currency": "USD"}})})
    assert {path: each.mismatch for path, each in evaluate(gold, run, spec=Deal).fields.items()} == {"price": 1}


class Owner(BaseModel):
    name: str


class Small(BaseModel):
    name: str
    tags: list[str] = []
    owner: Owner | None = None


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        ({"nmae": "x"}, "the schema has no field nmae"),
        ({"name": {"any": ["x", "y"]}, "_optional": {"tgas": ["a"]}}, "the schema has no field tgas"),
        ({"_optional": {"name": ["x"]}}, "which is no list"),
        ({"_optional": ["x"]}, "is not an object of lists"),
        ({"name": ["x"]}, "name is a list, not a single value"),
        ({"name": {"any": ["x", {"y": 1}]}}, "name is an object, not a single value"),
        ({"tags": "x"}, "tags is a single value, not a list"),
        ({"tags": ["x", ["y"]]}, r"tags\[1\] is a list, not a single value"),
        ({"owner": "Ann"}, "owner is a single value, not an object"),
    ],
    ids=[
        "misspelt field",
        "misspelt optional",
        "optional scalar",
        "optional is a list",
        "list for value",
        "object for value",
        "value for list",
        "list in list",
        "value for object",
    ],
)
def test_gold_that_does_not_fit_the_schema_is_refused_by_document_and_field(gold: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        spec_for({"doc7": gold}, Small)
    assert "doc7" in caught.value.message
    assert caught.value.hint


def test_a_text_in_a_list_of_objects_stands_for_the_object_with_that_key() -> None:
    class Register(BaseModel):
        parties: list[Party]

    gold = {"doc7": {"parties": ["Fjordline", {"any": ["GAC", "GAC Group"]}]}}
    run = RunPredictions(
        "run", {"doc7": Prediction("doc7", "ok", {"parties": [{"name": "Fjordline"}, {"name": "GAC"}]})}
    )
    assert evaluate(gold, run, spec=Register).fields["parties.name"].match == 2


class Party(BaseModel):
    name: Annotated[str, Key()]
    country: str | None = None


def test_a_field_that_gold_does_not_know_is_told_and_not_scored_unless_the_schema_has_it() -> None:
    golds, run = (
        {"a": {"name": "x"}},
        RunPredictions("run", {"a": Prediction("a", "ok", {"name": "x", "tags": ["new"]})}),
    )
    without = evaluate(golds, run)
    assert (without.micro.f1, dict(without.unscored)) == (1.0, {"tags": 1})
    assert evaluate(golds, run, spec=Small).fields["tags"].invention == 1


class Node(BaseModel):
    name: str
    parent: "Node | None" = None
    children: list["Node"] = []


def test_a_schema_that_contains_itself_is_scored_as_deep_as_the_values_go() -> None:
    tree = {"name": "top", "children": [{"name": "left", "children": [{"name": "leaf"}]}, {"name": "right"}]}
    run = RunPredictions(
        "run", {"a": Prediction("a", "ok", {"name": "top", "children": [{"name": "left"}], "parent": {"name": "x"}})}
    )
    fields = evaluate({"a": tree}, run, spec=Node).fields
    assert {path: (t.match, t.omission, t.invention) for path, t in fields.items() if t.match + t.errors} == {
        "name": (1, 0, 0),
        "parent.name": (0, 0, 1),
        "children.name": (1, 1, 0),
        "children.children.name": (0, 1, 0),
    }


def test_the_spec_of_a_json_schema_follows_from_what_it_describes(tmp_path: Path) -> None:
    place = {"properties": {"city": {"type": "string"}, "on": {"type": "string", "format": "date"}}}
    schema = {
        "properties": {
            "state": {"enum": ["open", "paid"]},
            "rows": {"type": "array", "items": place},
            "scores": {"additionalProperties": {"type": "integer"}},
        }
    }
    path = tmp_path / "thing.json"
    path.write_text(json.dumps(schema), "utf-8")
    spec = spec_of_model(load_schema(str(path)).model)
    assert leaf_paths(spec) == ["state", "rows.city", "rows.on", "scores.*"]
    element = spec.fields["rows"].element
    assert element is not None
    rules = [each.comparator for each in (spec.fields["state"], *element.fields.values())]
    assert [rule.rule for rule in rules if rule is not None] == ["exact", "fuzzy", "date"]
