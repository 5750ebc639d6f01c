"""The words that are the lower part of a fraction: thirds, huitièmes, veintiunavo, ventunesimi, eenentwintigste.

Most are in a table (data/fractions.yaml) with their forms; others are a number with an ending, read on demand.
How a fraction is made of them is ``fractions.py``'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, partial
from typing import NamedTuple

from llmx.facts import load_facts, pairs, words
from llmx.types.number_words import number_words, unaccented

_facts = partial(load_facts, "types", "fractions")
_SHORTEST, _LONGEST = 6, 60  # letters of a number with an ending: octavo, zwanzigstel


class Denominator(NamedTuple):
    """One meaning of a word: the lower part ``value``, 0 where the number before it is that."""

    value: int
    plural: bool
    language: str
    behind_tens: bool = False


@cache
def denominators() -> dict[str, tuple[Denominator, ...]]:
    """Return every case-folded word with its meanings, with and without accents."""
    table: dict[str, dict[Denominator, None]] = {}
    for word, meaning in _forms():
        for spelling in {word.casefold(), unaccented(word).casefold()}:
            table.setdefault(spelling, {})[meaning] = None
    return {word: tuple(meanings) for word, meanings in table.items()}


def _forms() -> Iterator[tuple[str, Denominator]]:
    facts = _facts()
    for language, row in facts["denominators"].items():
        for word, worth in pairs(row).items():
            yield word, Denominator(int(worth), plural=False, language=language)
            for form, plural in _inflected(word, language):
                yield form, Denominator(int(worth), plural, language)
    for language, row in facts["behind_tens"].items():
        for word, worth in pairs(row).items():
            for form in (word, f"{word}s"):
                yield form, Denominator(int(worth), form != word, language, behind_tens=True)
    for language, row in facts["of_number"].items():
        for word in words(row):
            yield word, Denominator(0, plural=True, language=language)


def _inflected(word: str, language: str) -> Iterator[tuple[str, bool]]:
    for change in words(_facts()["endings"][language]):
        old, new = change.rstrip("*").split(">")
        if word.endswith(old):
            yield word.removesuffix(old) + new, change.endswith("*")


def denominator(
    word: str, languages: tuple[str, ...], *, beside: bool, behind_tens: bool
) -> tuple[int, bool, tuple[str, ...]] | None:
    """Return (lower part, whether it is plural, its languages) of a case-folded word, None where it is none.

    ``languages`` are those of the text, none where nothing tells; ``beside`` says that a number stands before the word,
    ``behind_tens`` that it is twenty, thirty or further tens.
    """
    meanings = denominators().get(word, ())
    spoken = [meaning for meaning in meanings if meaning.language in languages]
    if not spoken and beside and word.endswith(endings()) and (ending := ending_denominator(word)) is not None:
        spoken = [ending] if not languages or ending.language in languages else []
    spoken = spoken or ([] if len(languages) == 1 else list(meanings))
    if not spoken or (spoken[0].behind_tens and not behind_tens):
        return None
    return spoken[0].value, any(meaning.plural for meaning in spoken), tuple(meaning.language for meaning in spoken)


@cache
def endings() -> tuple[str, ...]:
    """Return the ends of words that make a denominator of a number."""
    return tuple(ending for row in _facts()["suffixes"].values() for ending in words(row))


def ending_denominator(word: str) -> Denominator | None:
    """Return the meaning of a number with an ending (case-folded), None where a word is none."""
    if not _SHORTEST <= len(word) <= _LONGEST or word in words(_facts()["cents"]):
        return None
    for language, row in _facts()["suffixes"].items():
        for ending in words(row):
            if not word.endswith(ending):
                continue
            for lost in words(_facts()["lost"]):
                value = glued_value(word.removesuffix(ending) + lost.strip("-"), language)
                if value is not None:
                    return Denominator(value, ending[-1] in "sni" or language == "de", language)
    return None


def glued_value(word: str, language: str) -> int | None:
    """Return the worth of a number of ``language`` in one word, however it is glued: cientocinco, dosmil; else None."""
    parts, joints = _parts(language)
    if not word or re.fullmatch(rf"(?:{parts}|{joints})+", word) is None:
        return None
    total = section = 0
    for part in re.findall(parts, word):
        kind, value = _worth(part, language)
        if kind == "scale" and value >= 1000:
            total, section = total + (section or 1) * value, 0
        elif kind == "scale":
            section = (section or 1) * value
        else:
            section += value
    return total + section or None


@cache
def _parts(language: str) -> tuple[str, str]:
    """Return patterns of the number words of a language and of what may stand between them."""
    known = [word for word in number_words() if _worth(word, language)[1] and len(word) > 1]
    joints = words(_facts()["inner_joints"].get(language, ""))
    return "|".join(sorted(map(re.escape, known), key=len, reverse=True)), "|".join(joints) or "(?!)"


def _worth(word: str, language: str) -> tuple[str, int]:
    """Return (kind, worth) of a word in a language, a worth of 0 where it is no whole number there."""
    for meaning in number_words().get(word, ()):
        if language in meaning.languages and meaning.value == int(meaning.value):
            return meaning.kind, int(meaning.value)
    return "", 0
