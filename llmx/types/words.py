"""Word lists, written as one string each so that they can be read."""

from __future__ import annotations


def word_set(words: str) -> frozenset[str]:
    """Return the words of a string that are parted by white space."""
    return frozenset(words.split())
