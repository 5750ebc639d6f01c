"""Month names and the words of relative dates; the names are CLDR's (data/months.yaml), the rest is data/dates.yaml."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from llmx.facts import load_facts, phrases, words

#: The languages whose months are read in any text; those of the others, only where the text is known to be in them.
LANGUAGES = ("en", "fr", "de", "es", "pt", "it", "nl")


class Month(NamedTuple):
    """The month that a word names, 1 to 12; ``full`` where it is the whole name, ``languages`` that write it so."""

    number: int
    full: bool
    languages: tuple[str, ...]


@lru_cache(maxsize=1)
def month_names() -> dict[str, Month]:
    """Return every lower-cased month name and abbreviation (without its point) with the month."""
    more = [line.split() for line in load_facts("types", "dates")["months_more"].splitlines()]
    spelled = [(int(number), language, name, len(name) > 4) for number, language, name in more]
    return _table([*(row for language in LANGUAGES for row in _names_in(language)), *spelled])


@lru_cache(maxsize=8)
def months_in(language: str | None) -> dict[str, Month]:
    """Return the month names of any text, with those of ``language`` where CLDR gives them beside the seven."""
    if language is None or language in LANGUAGES or language not in load_facts("types", "months"):
        return month_names()
    return month_names() | _table(list(_names_in(language)))


def _names_in(language: str) -> Iterator[tuple[int, str, str, bool]]:
    """Yield (month, language, name, whether it is the whole name) of one language."""
    for width, row in load_facts("types", "months")[language].items():
        for number, forms in enumerate(_columns(row), start=1):
            yield from ((number, language, name, width == "wide") for name in forms.split("/"))


def _columns(row: str) -> list[str]:
    """Return the twelve entries of a row; two months may have the same abbreviation, so none is dropped."""
    return [entry.strip() for entry in row.split(" | ")]


def _table(names: list[tuple[int, str, str, bool]]) -> dict[str, Month]:
    found: dict[str, tuple[int, bool, list[str]]] = {}
    for number, language, name, full in names:
        for spelling in {name, _bare(name)}:
            entry = found.setdefault(spelling, (number, full, []))
            if language not in entry[2] and entry[0] == number:
                entry[2].append(language)
    return {name: Month(number, full, tuple(languages)) for name, (number, full, languages) in found.items()}


def _bare(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


@cache
def ambiguous_months() -> frozenset[str]:
    """Return the month words that are common words, names or something else in another language (May, mars, out)."""
    return frozenset(words(load_facts("types", "dates")["months_ambiguous"]))


@cache
def relative_words() -> dict[str, tuple[str, int]]:
    """Return the words that name a day, a month or a year by its distance from today, each with (unit, distance)."""
    named: dict[str, tuple[str, int]] = {}
    for meaning, row in load_facts("types", "dates")["relative"].items():
        unit, distance = meaning.split()
        named |= dict.fromkeys(phrases(row), (unit, int(distance)))
    return named
