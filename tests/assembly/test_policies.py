"""Policies: what an unproven value becomes, and that nothing goes in silence."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from llmx.assembly.policies import ResolvedRecord, apply_policies, confidence
from llmx.grounding.ground import ground
from llmx.grounding.text import SourceText
from llmx.grounding.values import LeafValue
from llmx.locating import TextIndex
from llmx.record import Evidence
from llmx.schema import Cap, Free, Leaf, ObjectOf, Policy, Proof, Remainder, compile_tree
from llmx.span import Span
from llmx.types import Number, PartialDate

TEXT = "Aurelia signed on 3 March 2024 in Turku. It has 2,300 staff and 74 ships, of which 74 are new."


class Ship(BaseModel):
    name: str
    built: PartialDate | None = None


class Deal(BaseModel):
    """A deal."""

    place: str | None = None
    day: PartialDate | None = None
    strict: Annotated[str | None, Proof("null")] = None
    kept: Annotated[PartialDate | None, Proof("keep")] = None
    note: Annotated[str | None, Free()] = None
    ships: list[Ship] = []
    tags: Annotated[list[str], Cap(3)] = []
    days: list[PartialDate] = []


class Port(BaseModel):
    opened: PartialDate
    town: str | None = None


class Owner(BaseModel):
    name: str
    port: Port | None = None


class Fleet(BaseModel):
    owners: list[Owner] = []
    home: Port | None = None


class Must(BaseModel):
    day: PartialDate


def settled(words: dict[str, Any], model: type[BaseModel] = Deal, unproven: Policy | None = None) -> ResolvedRecord:
    tree = compile_tree(model)
    wire = {m.name: words.get(m.name, [] if hasattr(m.node, "item") else None) for m in tree.members}
    found = ground(tree, wire, SourceText(TEXT, TextIndex(TEXT), Span(0, len(TEXT))))
    return apply_policies(tree, found, unproven=unproven)


def told(result: ResolvedRecord) -> set[tuple[str, str]]:
    return {(issue.code, issue.path) for issue in result.issues}


@pytest.mark.parametrize(
    ("policy", "place", "day"),
    [(None, "Oslo", None), ("keep", "Oslo", "2023-05-12"), ("null", None, None), ("drop", None, None),
     ("fail", "Oslo", "2023-05-12")],
)  # fmt: skip
def test_the_runs_policy_decides_over_unproven_words_and_values(
    policy: Policy | None, place: str | None, day: str | None
) -> None:
    result = settled({"place": "Oslo", "day": "12 May 2023"}, unproven=policy)
    assert (result.data["place"], None if result.data["day"] is None else str(result.data["day"])) == (place, day)
    assert {("unproven", "/place"), ("unproven", "/day")} <= told(result)
    assert result.fatal == (policy == "fail")


@pytest.mark.parametrize("policy", [None, "keep", "null", "drop", "fail"])
def test_a_fields_own_policy_wins(policy: Policy | None) -> None:
    result = settled({"strict": "Oslo", "kept": "12 May 2023"}, unproven=policy)
    assert result.data["strict"] is None
    assert str(result.data["kept"]) == "2023-05-12"
    assert result.evidence["/kept"] is None
    assert not result.fatal


def test_every_leaf_of_the_data_is_proven_or_null_in_the_evidence() -> None:
    result = settled({"place": "Turku", "day": "3 March 2024", "note": "mine", "tags": ["ships", "submarines"]})
    assert set(result.evidence) == {"/place", "/day", "/tags/0", "/tags/1"} == set(result.confidence)
    assert result.data["note"] == "mine"  # the model's own words: no proof is sought, so that none is missing
    assert result.evidence["/tags/1"] is None
    assert result.confidence["/tags/1"] < result.confidence["/tags/0"]
    assert told(result) == {("unproven", "/tags/1")}


def test_a_list_element_loses_a_value_under_null_and_goes_under_drop() -> None:
    words = {"ships": [{"name": "Aurelia", "built": "1 May 1999"}, {"name": "Titan", "built": None}]}
    result = settled(words)
    assert [ship["name"] for ship in result.data["ships"]] == ["Aurelia", "Titan"]
    assert result.data["ships"][0]["built"] is None
    result = settled(words, unproven="drop")
    assert result.data["ships"] == []
    assert [(i.code, i.path) for i in result.issues if i.code == "dropped"] == [("dropped", "/ships")] * 2
    assert "Titan" in result.issues[-1].message


def test_an_element_that_needs_an_unproven_value_goes_with_an_issue() -> None:
    result = settled({"ships": [{"name": "Titan", "built": None}, {"name": "Aurelia", "built": None}]}, unproven="null")
    assert [ship["name"] for ship in result.data["ships"]] == ["Aurelia"]
    assert ("dropped", "/ships") in told(result)
    assert "/ships/0/name" in result.evidence


def test_an_optional_object_that_needs_an_unproven_value_is_null_and_costs_no_element() -> None:
    port = {"opened": "1 May 1999", "town": "Turku"}
    result = settled({"owners": [{"name": "Aurelia", "port": port}], "home": port}, Fleet)
    assert result.data == {"owners": [{"name": "Aurelia", "port": None}], "home": None}
    assert [i.path for i in result.issues if i.code == "dropped"] == ["/owners/0/port", "/home"]
    assert set(result.evidence) == {"/owners/0/name"}


def test_an_optional_object_takes_its_element_along_under_drop() -> None:
    port = {"opened": "1 May 1999", "town": "Turku"}
    result = settled({"owners": [{"name": "Aurelia", "port": port}], "home": None}, Fleet, unproven="drop")
    assert result.data["owners"] == []
    assert [i.path for i in result.issues if i.code == "dropped"] == ["/owners"]


def test_an_element_in_which_nothing_is_proven_goes() -> None:
    class Loose(BaseModel):
        items: list[Loose2] = []

    class Loose2(BaseModel):
        day: PartialDate | None = None

    Loose.model_rebuild(_types_namespace={"Loose2": Loose2})
    result = settled({"items": [{"day": "1 May 1999"}, {"day": "3 March 2024"}]}, Loose)
    assert [str(item["day"]) for item in result.data["items"]] == ["2024-03-03"]
    assert ("dropped", "/items") in told(result)


def test_an_unproven_list_value_goes_with_an_issue() -> None:
    result = settled({"days": ["1 May 1999", "3 March 2024"]})
    assert [str(day) for day in result.data["days"]] == ["2024-03-03"]
    assert ("dropped", "/days") in told(result)
    assert list(result.evidence) == ["/days/0"]


def test_a_top_level_value_that_may_not_be_null_is_kept_and_says_so() -> None:
    result = settled({"day": "12 May 2023"}, Must)
    assert str(result.data["day"]) == "2023-05-12"
    assert {("unproven", "/day"), ("kept", "/day")} <= told(result)
    assert result.evidence == {"/day": None}


def test_a_duplicate_goes_and_says_so() -> None:
    result = settled({"tags": ["ships", "staff", "ships"]})
    assert result.data["tags"] == ["ships", "staff"]
    assert ("duplicate", "/tags") in told(result)


def test_a_list_that_fills_its_cap_says_that_there_may_be_more() -> None:
    assert ("capped", "/tags") in told(settled({"tags": ["ships", "staff", "Turku"]}))
    assert ("capped", "/tags") not in told(settled({"tags": ["ships", "staff"]}))


def test_a_remainder_leaves_out_what_another_field_holds() -> None:
    class Figure(BaseModel):
        what: Annotated[str, Free()]
        value: Number

    class Company(BaseModel):
        staff: Number | None = None
        figures: Annotated[list[Figure], Remainder()] = []

    figures = [{"what": "staff", "value": "2,300"}, {"what": "ships", "value": "74"}]
    result = settled({"staff": "2,300 staff", "figures": figures}, Company)
    assert [figure["what"] for figure in result.data["figures"]] == ["ships"]
    assert ("duplicate", "/figures") in told(result)


def test_paths_point_into_the_data_after_elements_have_gone() -> None:
    result = settled({"days": ["1 May 1999", "3 March 2024"], "tags": ["x9", "ships"]}, unproven="null")
    for path, proof in result.evidence.items():
        value: Any = result.data
        for part in path.strip("/").split("/"):
            value = value[int(part)] if isinstance(value, list) else value[part]
        assert proof is not None
        assert value is not None


def proof(kind: Any) -> Evidence:
    return Evidence("x", 0, 1, kind)


def test_confidence_grows_with_proof_likeness_and_agreement_and_stays_between_0_and_1() -> None:
    leaf = compile_tree(Deal).member("place").node
    assert isinstance(leaf, Leaf)
    order = [
        LeafValue("x"), LeafValue("x", proof("value")), LeafValue("x", proof("fuzzy")), LeafValue("x", proof("normalised")),
        LeafValue("x", proof("exact")),
    ]  # fmt: skip
    values = [confidence(leaf, found) for found in order]
    assert values == sorted(set(values))
    sure = LeafValue("x", proof("exact"))
    assert confidence(leaf, LeafValue("x", proof("exact"), doubt=0.3)) < confidence(leaf, sure)
    assert confidence(leaf, LeafValue("x", proof("exact"), agreement=0.5)) < confidence(leaf, sure)
    assert all(0 <= value <= 1 for value in values)


def test_a_tree_of_nothing_gives_nulls_and_empty_lists() -> None:
    tree = compile_tree(Deal)
    assert isinstance(tree, ObjectOf)
    result = settled({})
    assert all(value in (None, []) for value in result.data.values())
    assert result.issues == ()


class Base(BaseModel):
    home: Port


def test_an_object_that_must_be_there_keeps_what_it_needs_as_the_record_does() -> None:
    result = settled({"home": {"opened": "12 May 2023", "town": "Turku"}}, Base)
    assert str(result.data["home"]["opened"]) == "2023-05-12"
    assert {("unproven", "/home/opened"), ("kept", "/home/opened")} <= told(result)
    assert result.evidence["/home/opened"] is None
