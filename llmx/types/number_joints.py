"""The words between the parts of a number, for who looks how far one goes: half of a million, 5 to US$ 6 million.

How the parts join to a value is ``phrases.py``'s; both read data/number_joints.yaml.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from llmx.facts import load_facts, phrases, words


class NumberJoints(NamedTuple):
    """Words in small letters, each set by what they do beside a number."""

    words: frozenset[str]  # may stand between its parts: a, of, et, to, usd
    parting: frozenset[str]  # those of them that part two numbers, unless 'between' stands before: and, or
    between: frozenset[str]
    parts: frozenset[str]  # are a part of it, or stand for one: half, several


@cache
def number_joints() -> NumberJoints:
    """Return the words of all languages."""
    facts = load_facts("types", "number_joints")
    return NumberJoints(
        frozenset(words(facts["joints"])),
        frozenset(words(facts["parting"])),
        frozenset(phrases(facts["between"])),
        frozenset(words(facts["parts"])),
    )
