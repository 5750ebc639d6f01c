"""Voting: the majority of the samples decides each value, each element, and whether there is a list at all."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from llmx.assembly.vote import vote
from llmx.grounding.values import NOTHING, LeafValue, ListValue, ObjectValue, ValueNode
from llmx.schema import compile_tree


class Tagged(BaseModel):
    tags: list[str] | None = None


RED = ListValue((LeafValue("red"),))


@pytest.mark.parametrize(
    ("samples", "wanted"),
    [
        ([NOTHING, NOTHING, NOTHING], None),
        ([NOTHING, NOTHING, RED], None),
        ([NOTHING, RED], ["red"]),
        ([NOTHING, RED, RED], ["red"]),
        ([ListValue(()), ListValue(()), RED], []),
    ],
    ids=["none has it", "one of three", "one of two", "two of three", "two are empty"],
)
def test_a_list_is_there_if_half_of_the_samples_have_it(samples: list[ValueNode], wanted: list[str] | None) -> None:
    tree = compile_tree(Tagged)
    found = vote(tree, [ObjectValue({"tags": tags}) for tags in samples])
    assert isinstance(found, ObjectValue)
    tags = found.fields["tags"]
    values = [item.value for item in tags.items if isinstance(item, LeafValue)] if isinstance(tags, ListValue) else None
    assert values == wanted
