"""What selected and typed words become, with a schema and without."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel

from llmx.review.shape import ANY, shape_of_schema, shape_of_values
from llmx.review.words import said_by
from llmx.schema import load_schema
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


SHAPE = shape_of_schema(load_schema(Deal).tree)


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
    assert said_by(words, SHAPE.at(pointer)).value == value


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
    said = said_by(words, SHAPE.at(pointer), typed=True)
    assert said.clear
    if value is not None:
        assert said.value == value


@pytest.mark.parametrize(
    ("pointer", "words"),
    [("/jobs", "many"), ("/signed_on", "soon"), ("/kind", "a treaty"), ("/public", "perhaps"), ("/name", "  ")],
)
def test_words_that_say_no_such_value_give_none_and_the_reason(pointer: str, words: str) -> None:
    said = said_by(words, SHAPE.at(pointer))
    assert (said.value, said.clear) == (None, False)
    assert said.remarks


def test_the_proof_is_the_words_that_were_read() -> None:
    said = said_by("about 600 jobs in all", SHAPE.at("/jobs"))
    assert "about 600 jobs in all"[said.start : said.end] == "600"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2.5, None], "number"),
        (["2026-05-12", "--05-12"], "date"),
        (["2026-05-12", "soon"], "text"),
        ([True], "flag"),
        ([None], "any"),
        ([{"any": [3, None]}], "number"),
    ],
    ids=["numbers", "dates", "not only dates", "flags", "nothing", "alternatives"],
)
def test_without_a_schema_the_values_say_what_a_leaf_holds(values: list[Any], kind: str) -> None:
    assert shape_of_values(values).type == kind


def test_without_a_schema_dates_and_numbers_are_still_computed() -> None:
    shape = shape_of_values([{"on": "2026-05-12", "jobs": 600, "note": "x"}])
    assert said_by("le 3 mars 2026", shape.at("/on"), locale="fr").value == "2026-03-03"
    assert said_by("3,000 people", shape.at("/jobs")).value == 3000
    assert said_by("3,000 people", shape.at("/note")).value == "3,000 people"


def test_a_shape_is_found_through_alternatives_and_optional_elements() -> None:
    shape = shape_of_values([{"parties": [{"name": "a"}], "_optional": {"fields": ["b"]}}])
    assert shape.at("/parties/3/name").type == "text"
    assert shape.at("/_optional/parties/0/name").type == "text"
    assert shape.at("/_optional/fields/0").type == "text"
    assert shape.at("/parties/0/name/any/1").type == "text"
    assert shape.at("/nowhere/0") is ANY
    assert shape.empty() == {"parties": [], "fields": []}
