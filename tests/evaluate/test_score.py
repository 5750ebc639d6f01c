"""How gold is read: null, alternatives, optional elements, keys, shapes that do not fit."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from llmx.evaluate.score import outcomes
from llmx.evaluate.spec import spec_of_gold, spec_of_model
from llmx.schema import Compare


class Party(BaseModel):
    name: str
    country: str | None = None


class Sum(BaseModel):
    amount: float | None = None
    currency: str | None = None


class Deal(BaseModel):
    parties: list[Party] = []
    investment: Sum | None = None
    signed_at: str | None = None
    fields: list[str] = []
    public: bool | None = None
    links: dict[str, str] = {}
    codes: Annotated[list[str], Compare("set")] = []
    note: Annotated[str | None, Compare("ignore")] = None


SPEC = spec_of_model(Deal)


def told(gold: Any, value: Any, spec: Any = SPEC) -> Any:
    """(path, kind) of all outcomes but the silent ones."""
    return [(each.path, each.kind) for each in outcomes(spec, gold, value) if each.kind != "absent"]


@pytest.mark.parametrize(
    ("gold", "value", "found"),
    [
        ({"signed_at": None}, {"signed_at": None}, []),
        ({}, {"signed_at": ""}, []),
        ({"signed_at": None}, {"signed_at": "Wuhu"}, [("signed_at", "invention")]),
        ({"signed_at": "Wuhu"}, {}, [("signed_at", "omission")]),
        ({"signed_at": "Wuhu"}, {"signed_at": "Paris"}, [("signed_at", "mismatch")]),
        ({"signed_at": {"any": ["Wuhu", "Anhui"]}}, {"signed_at": "Anhui"}, [("signed_at", "match")]),
        ({"signed_at": {"any": [None, "Wuhu"]}}, {"signed_at": None}, []),
        ({"signed_at": {"any": [None, "Wuhu"]}}, {"signed_at": "Paris"}, [("signed_at", "invention")]),
        ({"public": False}, {"public": False}, [("public", "match")]),
        ({"public": False}, {"public": None}, [("public", "omission")]),
        ({"investment": None}, {"investment": {"amount": 5}}, [("investment.amount", "invention")]),
        (
            {"investment": {"any": [{"amount": 5, "currency": "EUR"}, {"amount": 7, "currency": "USD"}]}},
            {"investment": {"amount": 7, "currency": "USD"}},
            [("investment.amount", "match"), ("investment.currency", "match")],
        ),
        (
            {"investment": {"any": [None, {"amount": 5, "currency": "EUR"}]}},
            {"investment": {"amount": 5, "currency": "EUR"}},
            [("investment.amount", "match"), ("investment.currency", "match")],
        ),
        ({"fields": {"any": [["a b"], ["c d", "e f"]]}}, {"fields": ["e f", "c d"]}, [("fields", "match")] * 2),
        ({"fields": ["AI"], "_optional": {"fields": ["robots"]}}, {"fields": ["robots"]},
         [("fields", "omission"), ("fields", "optional")]),
        ({"fields": ["robots"], "_optional": {"fields": ["robots"]}}, {"fields": ["robots"]}, [("fields", "match")]),
        ({"links": {"home": "x.org"}}, {"links": {"home": "x.org", "blog": "y.org"}},
         [("links.*", "match"), ("links.*", "invention")]),
        ({"codes": ["A1", "B2"]}, {"codes": ["b2", "a1"]}, [("codes", "match")]),
        ({"codes": ["A1", "B2"]}, {"codes": ["A1"]}, [("codes", "mismatch")]),
        ({"note": "x"}, {"note": "y"}, []),
        ({}, {"surprise": "x"}, [("surprise", "unscored")]),
        ({"_reviewed_by": "Ann"}, {"_debug": 1}, []),
        ({"investment": {"amount": 5}}, {"investment": "five euros"},
         [("investment.amount", "omission"), ("investment", "invention")]),
        ({"fields": ["AI"]}, {"fields": "AI"}, [("fields", "match")]),
        ({"signed_at": "Wuhu"}, {"signed_at": ["Wuhu"]}, [("signed_at", "mismatch")]),
    ],
    ids=[
        "both null", "absent and blank", "invention", "omission", "mismatch", "an alternative", "null is allowed",
        "wrong where null is allowed is no omission", "false is a value", "false is missed", "an object from nothing",
        "the nearest object of two", "an object that may be null", "whole lists as alternatives",
        "an optional element is neither right nor wrong", "an element may be required and optional", "a map",
        "a set is one fact", "a set is wrong as a whole", "an ignored field", "a field nobody knows", "annotations",
        "text where an object belongs", "one where a list belongs", "a list where one belongs",
    ],
)  # fmt: skip
def test_gold_is_read_as_its_guide_says(gold: Any, value: Any, found: Any) -> None:
    assert told(gold, value) == found


def test_elements_pair_by_key_whatever_else_they_say() -> None:
    gold = {"parties": [{"name": "Alpha Group", "country": "CN"}, {"name": "Omega Holding", "country": "FR"}]}
    value = {"parties": [{"name": "Omega Holding", "country": "CN"}, {"name": "Alpha Group", "country": "FR"}]}
    found = [("parties.name", "match"), ("parties.country", "mismatch")] * 2
    assert told(gold, value) == found


def test_elements_without_a_matching_key_pair_when_half_of_what_they_say_agrees() -> None:
    gold = {"parties": [{"name": "Alpha Group", "country": "CN"}]}
    assert told(gold, {"parties": [{"name": "Zeta", "country": "CN"}]}) == [
        ("parties.name", "mismatch"),
        ("parties.country", "match"),
    ]
    assert told(gold, {"parties": [{"name": "Zeta", "country": "FR"}]}) == [
        ("parties.name", "omission"),
        ("parties.country", "omission"),
        ("parties.name", "invention"),
        ("parties.country", "invention"),
    ]


def test_of_two_elements_with_one_key_the_rest_decides() -> None:
    gold = {"parties": [{"name": "Alpha", "country": "CN"}, {"name": "Alpha", "country": "FR"}]}
    value = {"parties": [{"name": "Alpha", "country": "FR"}, {"name": "Alpha", "country": "CN"}]}
    assert {kind for _, kind in told(gold, value)} == {"match"}


def test_an_element_that_is_optional_too_is_left_over_when_another_serves() -> None:
    gold = {"fields": [{"any": ["smart cars", "cars"]}], "_optional": {"fields": ["cars"]}}
    assert sorted(told(gold, {"fields": ["cars", "smart cars"]})) == [("fields", "match"), ("fields", "optional")]


def test_a_text_stands_for_an_element_with_that_key() -> None:
    gold = {"parties": ["Alpha Group"], "_optional": {"parties": ["some universities"]}}
    value = {"parties": [{"name": "Alpha Group", "country": None}, {"name": "some universities", "country": None}]}
    assert told(gold, value) == [("parties.name", "match"), ("parties.name", "optional")]


def test_nobody_gets_credit_for_the_nulls_of_an_invented_element() -> None:
    found = outcomes(SPEC, {"parties": []}, {"parties": [{"name": "Zeta", "country": None}]})
    assert [(each.path, each.kind) for each in found if each.path.startswith("parties")] == [
        ("parties.name", "invention")
    ]


def test_pointers_name_the_predicted_leaf_and_escape_its_key() -> None:
    spec = spec_of_gold([{"a/b": {"c~d": "x"}, "list": ["p", "q"]}])
    found = outcomes(spec, {"a/b": {"c~d": "x"}, "list": ["q"]}, {"a/b": {"c~d": "y"}, "list": [None, "p", "q"]})
    assert [(each.kind, each.pointer) for each in found] == [
        ("mismatch", "/a~1b/c~0d"),
        ("match", "/list/2"),
        ("invention", "/list/1"),
    ]


@pytest.mark.parametrize(
    ("gold", "value", "found"),
    [
        ({"x": [{"a": 1}, "t"]}, {"x": ["t", {"a": 1}]}, [("x.a", "match"), ("x", "match")]),
        ({"x": {"any": [{"y": 1}, "z"]}}, {"x": "z"}, [("x", "match")]),
        ({"x": {"any": [{"y": 1}, "z"]}}, {"x": {"y": 1}}, [("x.y", "match")]),
        ({"x": {"any": [{"y": 1}, "z"]}}, {"x": "w"}, [("x.y", "omission"), ("x", "invention")]),
        ({"x": [{"a": 1}, 7]}, {"x": []}, [("x.a", "omission"), ("x", "omission")]),
        ({"x": [{"y": 1}], "z": 5}, {"x": [{"y": 1}], "z": {"u": 1}}, [("x.y", "match"), ("z", "mismatch")]),
        ({"x": [[1, 2], [3]]}, {"x": [[3], [2, 1]]}, [("x", "match")] * 3),
        ({}, {}, []),
    ],
    ids=["mixed list", "text of two", "object of two", "neither", "missed", "object for a number", "lists", "nothing"],
)
def test_places_of_more_than_one_shape_lose_nothing(gold: Any, value: Any, found: Any) -> None:
    assert told(gold, value, spec_of_gold([gold])) == found


def test_lists_in_lists_are_paired_too() -> None:
    gold = {"teams": [{"name": "red", "members": [{"name": "ann"}, {"name": "bob"}]}, {"name": "blue", "members": []}]}
    value = {"teams": [{"name": "blue", "members": []}, {"name": "red", "members": [{"name": "bob"}, {"name": "ann"}]}]}
    spec = spec_of_gold([gold])
    assert {each.kind for each in outcomes(spec, gold, value)} <= {"match", "absent"}


def test_integers_beyond_sixty_four_bits_are_scored() -> None:
    gold = {"sums": [{"name": "big", "amount": 10**30}, {"name": "small", "amount": 1}]}
    assert {kind for _, kind in told(gold, gold, spec_of_gold([gold]))} == {"match"}
