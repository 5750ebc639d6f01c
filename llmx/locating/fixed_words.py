"""Words that a fuzzy match may never change, because another one says something else: numbers, months, negations.

Digits are kept apart in ``align.py``; these are the numbers in letters. The words are data (data/fixed_words.yaml).
"""

from __future__ import annotations

from functools import cache

from llmx.facts import load_facts, words


@cache
def negations() -> frozenset[str]:
    """Return the words and letters that negate what stands beside them."""
    facts = load_facts("locating", "fixed_words")
    return frozenset(words(facts["negations"])) | frozenset(facts["negating_letters"])


@cache
def fixed_words() -> frozenset[str]:
    """Return all words and letters that are kept as they are."""
    facts = load_facts("locating", "fixed_words")
    return negations() | {*words(facts["numbers"]), *words(facts["months_and_days"])} | set(facts["letters"])
