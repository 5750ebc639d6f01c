"""Chunks and samples become one tree: facts are told apart by their proof and their key."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from llmx.assembly.merge import merge
from llmx.assembly.policies import apply_policies
from llmx.assembly.vote import vote
from llmx.grounding.ground import ground
from llmx.grounding.text import SourceText
from llmx.grounding.values import NOTHING, LeafValue, ListValue, ObjectValue, ValueNode
from llmx.locating import TextIndex
from llmx.schema import compile_tree
from llmx.span import Span
from llmx.types import OrganizationName, PartialDate

FIRST = "Aurelia Marine of Finland signed on 3 March 2024 with Norvalis. "
TEXT = FIRST + "Aurelia Marine employs many. Globex joined on 4 April 2024, as did Aurelia Marine of Turku."


class Party(BaseModel):
    name: OrganizationName
    country: str | None = None


class Deal(BaseModel):
    """A deal."""

    day: PartialDate | None = None
    place: str | None = None
    parties: list[Party] = []
    tags: list[str] = []


TREE = compile_tree(Deal)
CHUNKS = (Span(0, len(FIRST)), Span(len(FIRST), len(TEXT)))


def look(chunk: int, **words: Any) -> ValueNode:
    wire = {"day": None, "place": None, "parties": [], "tags": []} | words
    parties = [{"country": None, **p} if isinstance(p, dict) else {"name": p, "country": None} for p in wire["parties"]]
    span = CHUNKS[chunk] if chunk < 2 else Span(0, len(TEXT))
    return ground(TREE, wire | {"parties": parties}, SourceText(TEXT, TextIndex(TEXT), span, chunk))


def data(tree: ValueNode) -> Any:
    return apply_policies(TREE, tree).data


def names(tree: ValueNode) -> list[str]:
    return [str(party["name"]) for party in data(tree)["parties"]]


def test_the_same_key_in_two_chunks_is_one_element_that_takes_what_each_has() -> None:
    tree = merge(TREE, [look(0, parties=["Aurelia Marine", "Norvalis"]), look(1, parties=["Globex", "aurelia marine"])])
    assert names(tree) == ["Aurelia Marine", "Norvalis", "Globex"]
    tree = merge(
        TREE, [look(0, parties=["Aurelia Marine"]), look(1, parties=[{"name": "Aurelia Marine", "country": "Turku"}])]
    )
    assert data(tree)["parties"][0]["country"] == "Turku"


def test_a_value_of_one_chunk_fills_the_gap_of_another() -> None:
    tree = merge(TREE, [look(0), look(1, day="4 April 2024"), look(0, place="Finland")])
    assert str(data(tree)["day"]) == "2024-04-04"
    assert data(tree)["place"] == "Finland"


def test_a_proven_value_goes_before_an_unproven_one_whatever_the_order() -> None:
    unproven, proven = look(0, place="Oslo"), look(1, place="Turku")
    for order in ([unproven, proven], [proven, unproven]):
        assert data(merge(TREE, order))["place"] == "Turku"


def test_two_proven_values_are_a_conflict_with_both_proofs() -> None:
    result = apply_policies(TREE, merge(TREE, [look(0, day="3 March 2024"), look(1, day="4 April 2024")]))
    assert str(result.data["day"]) == "2024-03-03"
    (issue,) = [i for i in result.issues if i.code == "conflict"]
    assert issue.path == "/day"
    assert "4 April 2024" in issue.message
    assert str(TEXT.index("4 April 2024")) in issue.message
    proof = result.evidence["/day"]
    assert proof is not None
    assert (proof.quote, proof.chunk) == ("3 March 2024", 0)


def test_the_same_value_with_two_proofs_is_no_conflict() -> None:
    result = apply_policies(TREE, merge(TREE, [look(2, day="3 March 2024"), look(0, day="2024-03-03")]))
    assert result.issues == ()


def test_overlapping_proofs_are_one_list_element() -> None:
    tree = merge(TREE, [look(0, tags=["Finland", "Norvalis"]), look(0, tags=["finland", "signed"])])
    assert data(tree)["tags"] == ["Finland", "Norvalis", "signed"]


def test_a_full_list_in_any_chunk_marks_the_whole() -> None:
    full = ListValue((LeafValue("a"),), capped=True)
    node = TREE.member("tags").node
    merged = merge(node, [ListValue(()), full])
    assert isinstance(merged, ListValue)
    assert merged.capped


def test_no_tree_is_nothing_and_one_is_itself() -> None:
    assert merge(TREE, []) is NOTHING
    one = look(0, place="Finland")
    assert merge(TREE, [one]) is one


def test_merging_a_tree_with_itself_changes_nothing() -> None:
    one = look(2, day="3 March 2024", place="Turku", parties=["Globex", "Norvalis"], tags=["employs", "joined"])
    assert data(merge(TREE, [one, one])) == data(one)
    assert apply_policies(TREE, merge(TREE, [one, one])).issues == ()


def test_the_majority_of_samples_counts_and_its_share_is_the_agreement() -> None:
    samples = [look(2, place="Turku"), look(2, place="Turku"), look(2, place="Finland")]
    tree = vote(TREE, samples)
    assert isinstance(tree, ObjectValue)
    place = tree.fields["place"]
    assert isinstance(place, LeafValue)
    assert place.value == "Turku"
    assert place.agreement == 2 / 3
    agreed = apply_policies(TREE, vote(TREE, [samples[0]] * 3)).confidence["/place"]
    assert apply_policies(TREE, tree).confidence["/place"] < agreed


def test_a_list_element_stays_when_half_of_the_samples_have_it() -> None:
    tree = vote(
        TREE,
        [look(2, parties=["Globex", "Norvalis"]), look(2, parties=["globex"]), look(2, parties=["Aurelia Marine"])],
    )
    assert names(tree) == ["Globex"]
    result = apply_policies(TREE, vote(TREE, [look(2, tags=["joined"]), look(2, tags=["joined", "employs"])]))
    assert result.data["tags"] == ["joined", "employs"]
    assert result.confidence["/tags/1"] < result.confidence["/tags/0"]
