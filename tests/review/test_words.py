"""What selected and typed words become, with a schema and without."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel

from llmx.review.form import empty_value, form_json, leaf_at, node_at, tree_of_gold
from llmx.review.words import read_words
from llmx.schema import Leaf, load_schema
from llmx.schema.infer import UNKNOWN_LEAF
from llmx.types import CountryCode, Money, PartialDate


class Deal(BaseModel):
    """A schema with one leaf of each kind."""

    name: str | None
    kind: Literal["memorandum", "joint_venture"] | None
    signed_on: PartialDate | None
    sum: Money | None
    jobs: int | None
    public: bool | None
    countries: list[CountryCode]


TREE = load_schema(Deal).tree


@pytest.mark.parametrize(
    ("pointer", "words", "value"),
    [
        ("/name", "  Nordhavn\n Energi ", "Nordhavn Energi"),
        ("/kind", "a Joint Venture of equals", "joint_venture"),
        ("/signed_on", "12 May 2026", "2026-05-12"),
        ("/sum", "€3.2 billion", {"amount": 3200000000, "currency": "EUR"}),
        ("/jobs", "some 1,200 jobs", 1200),
        ("/public", "Yes", True),
        ("/countries/0", "Danish", "DK"),
    ],
    ids=["text", "choice", "date", "money", "number", "flag", "country in a list"],
)
def test_selected_words_are_computed_as_the_schema_says(pointer: str, words: str, *, value: Any) -> None:
    assert read_words(words, leaf_at(TREE, pointer)).value == value


@pytest.mark.parametrize(
    ("pointer", "words", "value"),
    [
        ("/signed_on", "2026-05", "2026-05"),
        ("/sum", '{"amount": 5, "currency": "EUR"}', {"amount": 5, "currency": "EUR"}),
        ("/jobs", "1200", 1200),
        ("/kind", "joint_venture", "joint_venture"),
        ("/countries/0", "EE", "EE"),
        ("/sum", "5 million kronor", None),
    ],
    ids=["date", "money as JSON", "number", "choice", "code", "money in words"],
)
def test_a_typed_value_may_be_the_value_itself_or_words(pointer: str, words: str, *, value: Any) -> None:
    said = read_words(words, leaf_at(TREE, pointer), typed=True)
    assert said.clear
    if value is not None:
        assert said.value == value


@pytest.mark.parametrize(
    ("pointer", "words"),
    [("/jobs", "many"), ("/signed_on", "soon"), ("/kind", "a treaty"), ("/public", "perhaps"), ("/name", "  ")],
)
def test_words_that_say_no_such_value_give_none_and_the_reason(pointer: str, words: str) -> None:
    said = read_words(words, leaf_at(TREE, pointer))
    assert (said.value, said.clear) == (None, False)
    assert said.remarks


def test_the_proof_is_the_words_that_were_read() -> None:
    said = read_words("about 600 jobs in all", leaf_at(TREE, "/jobs"))
    assert "about 600 jobs in all"[said.start : said.end] == "600"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2.5, None], "number"),
        (["2026-05-12", "--05-12"], "date"),
        (["2026-05-12", "soon"], "text"),
        ([True], "true or false"),
        ([3, "x"], "any"),
        ([None], "unknown"),
        ([{"any": [3, None]}], "number"),
    ],
    ids=["numbers", "dates", "not only dates", "flags", "several things", "nothing", "alternatives"],
)
def test_without_a_schema_the_values_say_what_a_leaf_holds(values: list[Any], kind: str) -> None:
    leaf = tree_of_gold(values)
    assert isinstance(leaf, Leaf)
    assert (leaf.label, form_json(leaf)["kind"]) == (kind, "leaf")


def test_without_a_schema_dates_and_numbers_are_still_computed() -> None:
    tree = tree_of_gold([{"on": "2026-05-12", "jobs": 600, "note": "x"}])
    assert read_words("le 3 mars 2026", leaf_at(tree, "/on"), locale="fr").value == "2026-03-03"
    assert read_words("3,000 people", leaf_at(tree, "/jobs")).value == 3000
    assert read_words("3,000 people", leaf_at(tree, "/note")).value == "3,000 people"


def test_a_leaf_is_found_through_alternatives_and_optional_elements() -> None:
    tree = tree_of_gold([{"parties": [{"name": "a"}], "_optional": {"fields": ["b"]}, "unit/price": "c"}])
    for pointer in ("/parties/3/name", "/_optional/parties/0/name", "/_optional/fields/0", "/parties/0/name/any/1"):
        assert leaf_at(tree, pointer).label == "text", pointer
    assert leaf_at(tree, "/unit~1price").label == "text"
    assert node_at(tree, "/nowhere/0") is UNKNOWN_LEAF
    assert empty_value(tree) == {"parties": [], "unit/price": None, "fields": []}
