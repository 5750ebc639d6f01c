"""Yes and no in words, where a model writes the words of the text in the place of true or false: sí, nein, なし."""

from __future__ import annotations

from functools import cache

from llmx.facts import load_facts, words


def flag_of(said: str) -> bool | None:
    """Return what a word for yes or no in one of the languages says, None for any other.

    >>> flag_of("Sí"), flag_of("なし"), flag_of("perhaps")
    (True, False, None)
    """
    return _flags().get(said.strip(" .").casefold())


@cache
def _flags() -> dict[str, bool]:
    facts = load_facts("types", "flags")
    return {**dict.fromkeys(words(facts["affirmative"]), True), **dict.fromkeys(words(facts["negative"]), False)}
