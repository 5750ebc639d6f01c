"""Grounding where the model gives words and a value: translations, and quotes for inferred values.

The words are the proof, the value stands beside them. ``ground.py`` finds the words, and passes that in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmx.grounding.inferred import inferred
from llmx.grounding.values import NOTHING, Found

if TYPE_CHECKING:
    from llmx.grounding.text import Source
    from llmx.record import Evidence
    from llmx.schema import Leaf

Prove = Callable[[str, str], "Evidence | None"]
"""From words and the name of a rule to the proof, None where the text does not say them."""


def translated(leaf: Leaf, pair: dict[str, str], prove: Prove) -> Found:
    """Return the value in the wanted language, proven by the words of the text from which it was translated."""
    words, value = pair["words"], " ".join(pair["value"].split())
    if not value:
        return NOTHING
    proof = prove(words, f"translated.{leaf.language}")
    if proof is None:
        return Found(value, None, (("unproven", f"the text does not say {words[:60]!r}"),), words or value)
    return Found(value, proof, (), words, doubt=1 - proof.score)


def quoted(leaf: Leaf, pair: dict[str, Any], source: Source, *, prove: Prove) -> Found:
    """Return an inferred value with the model's quote as its proof; cue words of the schema go first."""
    found, words = inferred(leaf, pair["value"], source), str(pair["quote"] or "")
    if found.proven or not words.strip():
        return found
    proof = prove(words, "quoted")
    if proof is None:
        told = ("unproven", f"the text does not say {words[:60]!r}, which the model quotes for it")
        return replace(found, remarks=(told,), words=words, doubt=max(found.doubt, 0.3))
    return Found(found.value, proof, (), words, doubt=1 - proof.score)
