"""The probabilities of tokens are part of the confidence, where they were asked for and the endpoint gave them."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from llmx.grounding.logprobs import with_logprobs
from llmx.grounding.values import LeafValue, ObjectValue, ValueNode
from llmx.types import PartialDate
from tests.extraction.scripted import Scripted, extracted, said

TEXT = "Aurelia signed on 3 March 2024 in Turku."


class Deal(BaseModel):
    """A deal."""

    day: PartialDate | None = None
    place: str | None = None


def tokens(*pairs: tuple[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple((token, math.log(probability)) for token, probability in pairs)


SURE = (('{"day": "', 0.1), ("3 March", 1.0), (" 2024", 1.0), ('", "place": "', 0.1))


async def confidences(pairs: tuple[tuple[str, float], ...], **options: Any) -> dict[str, float]:
    answer = said(json.dumps({"day": "3 March 2024", "place": "Turku"}), logprobs=tokens(*pairs) or None)
    return (await extracted(Deal, TEXT, [answer], **options)).confidence


async def test_a_value_whose_words_the_model_was_unsure_of_has_less_confidence() -> None:
    plain = await confidences(())
    with_logprobs = await confidences((*SURE, ("Tur", 0.2), ("ku", 0.6), ('"}', 0.1)))
    assert with_logprobs["/day"] == pytest.approx(plain["/day"])
    assert with_logprobs["/place"] == pytest.approx(plain["/place"] * (0.5 + 0.5 * 0.4))


async def test_a_fence_in_the_tokens_moves_nothing() -> None:
    bare = await confidences((*SURE, ("Turku", 0.5), ('"}', 0.1)))
    fenced = await confidences((("```json\n", 0.3), *SURE, ("Turku", 0.5), ('"}', 0.1), ("\n```", 0.3)))
    assert fenced == bare


@pytest.mark.parametrize("mode", ["json_schema", "tools", "text"])
async def test_they_are_asked_for_only_on_demand(mode: str) -> None:
    for wanted in (False, True):
        endpoint = Scripted([{"day": None, "place": None}])
        await extracted(Deal, TEXT, endpoint, mode=mode, logprobs=wanted)
        assert endpoint.requests[0].body.get("logprobs", False) is wanted


def likelihoods(*words: str, said: tuple[tuple[str, float], ...]) -> list[float | None]:
    tree: ValueNode = ObjectValue({str(n): LeafValue(word, words=word) for n, word in enumerate(words)})
    found = with_logprobs(tree, said)
    assert isinstance(found, ObjectValue)
    return [leaf.likelihood for leaf in found.fields.values() if isinstance(leaf, LeafValue)]


def test_the_same_words_twice_are_each_their_own_place() -> None:
    pairs = tokens(('["', 0.1), ("a", 1.0), ('", "', 0.1), ("a", 0.5), ('"]', 0.1))
    assert likelihoods("a", "a", said=pairs) == [1.0, 0.5]


def test_escaped_letters_and_flags_are_found_and_what_is_not_there_is_not() -> None:
    assert likelihoods("é", said=tokens(('"', 0.1), ("\\u00e9", 0.5), ('"', 0.1))) == [0.5]
    assert likelihoods("True", said=tokens(("[", 0.1), ("true", 0.5), ("]", 0.1))) == [0.5]
    assert likelihoods("other", "", said=tokens(('"é"', 0.5))) == [None, None]


@given(st.lists(st.tuples(st.text(max_size=4), st.floats()), max_size=12), st.text(max_size=6))
def test_whatever_an_endpoint_says_a_likelihood_is_in_0_to_1(pairs: list[tuple[str, float]], words: str) -> None:
    (likelihood,) = likelihoods(words, said=(*pairs, (json.dumps(words), 0.0)))
    assert likelihood is None or 0 <= likelihood <= 1
