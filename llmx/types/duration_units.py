"""Units of time in words: what stands behind a number, with an article, as a half of one, or as a letter.

What becomes of them is ``duration.py``'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache, lru_cache, partial
from typing import NamedTuple

from llmx.facts import Entry, load_facts, one_of, pairs, phrases, words
from llmx.types.digits import Real, exact
from llmx.types.number_words import number_words
from llmx.types.patterns import LazyPattern

_facts = partial(load_facts, "types", "durations")
_ORDER = "YMWDHNS"


@cache
def _spaced() -> dict[str, str]:
    """Return the words for a unit of time, each with its letter of ISO 8601 (N for the minute, 10Y for a decade)."""
    return {word: unit for unit, entry in _facts()["units"].items() for word in phrases(entry)}


@cache
def _further_units(language: str | None) -> Mapping[str, str]:
    """Return the words of a language beyond the ten, which are read only in its texts."""
    return pairs(load_facts("types", "time_units").get(language or "", ""))


@cache
def _letter_units(language: str | None) -> re.Pattern[str] | None:
    """Return the pattern of letters that are a unit in one language only."""
    units = _facts()["units_in"].get(language or "")
    return None if units is None else re.compile("|".join(f"(?P<{u}>{one_of(entry)})" for u, entry in units.items()))


@cache
def _german_endings() -> Mapping[str, str]:
    """Return the endings of German adjectives with their units: fünfjährig."""
    return pairs(_facts()["german_endings"])


@cache
def _german_counts() -> Mapping[str, str]:
    """Return what stands before such an ending and is no numeral: halbjährig."""
    return pairs(_facts()["german_counts"])


@cache
def _years() -> dict[str, int]:
    """Return the words for a number of years, such as triennio."""
    return {word: int(count) for count, entry in _facts()["years"].items() for word in phrases(entry)}


def _unit() -> str:
    return "|".join(sorted(_spaced(), key=len, reverse=True))


def _han_units() -> str:
    """Return the patterns of the units; the names of groups begin with a letter: n3M."""
    return "|".join(f"(?P<n{unit}>{one_of(entry)})" for unit, entry in _facts()["units_cjk"].items())


_HAN_UNIT = LazyPattern(lambda: rf"\s?(?:{_han_units()})")
_WORD = LazyPattern(
    lambda: rf"\+?[ \u00a0\n-]?(?:{one_of(_facts()['between'])}\s)?(?P<word>[^\W\d_]{{1,40}}(?![^\W\d_])['’]?s?)"
)
_ARTICLE = LazyPattern(
    lambda: (
        rf"\b(?=[{_first_letters(_facts()['article'])}])(?:{one_of(_facts()['article'])})(?:\s|(?<=['’]))"
        rf"(?P<unit>{_unit()})(?![\w'’])"
    ),
    re.IGNORECASE,
)
_UNIT_AND_HALF = LazyPattern(
    lambda: rf"\b(?P<unit>[^\W\d_]+)(?=\s{one_of(_facts()['half_more'])}(?!\w))", re.IGNORECASE
)
_GERMAN_HINT = LazyPattern(lambda: "|".join(_german_endings()))
_PART = LazyPattern(
    lambda: (
        rf"\b(?=[{_first_letters(*_parts().values())}])"
        rf"(?:{'|'.join(f'(?P<p{at}>{one_of(entry)})' for at, entry in enumerate(_parts().values()))})"
        rf"[\s-]?(?P<unit>{_unit()})(?![\w'’])"
    ),
    re.IGNORECASE,
)
_PART_CJK = LazyPattern(lambda: rf"(?:半|\b반\s?)(?:{_han_units()})")
_GERMAN = LazyPattern(
    lambda: rf"\b(?P<count>[a-zäöüß]+?|\d{{1,3}}-?)(?P<unit>{'|'.join(_german_endings())})(?:e[nrsm]?)?\b",
    re.IGNORECASE,
)
_PERIOD_WORD = LazyPattern(
    lambda: rf"\b(?=[{''.join({word[0] for word in _years()})}])(?:{'|'.join(_years())})\b", re.IGNORECASE
)
_WHOLE_OF = LazyPattern(lambda: rf"(?:{one_of(_facts()['whole_of'])})\s(?P<unit>{_unit()})", re.IGNORECASE)
_LETTERS = LazyPattern(
    lambda: (
        rf"(?P<amount>\d{{1,6}}(?:[.,]\d{{1,4}})?)\s?"
        rf"(?P<letter>{'|'.join(sorted(pairs(_facts()['letters']), key=len, reverse=True))}|$)(?![^\W\d_])\s?"
    )
)
_HALF_BETWEEN = LazyPattern(
    lambda: rf"{_facts()['half_between']}(?P<unit>{'|'.join(pairs(_facts()['units_of_half']))})"
)
_HAS_UNIT = LazyPattern(lambda: rf"(?<!\w)(?:{_unit()})(?!\w)", re.IGNORECASE)


def _first_letters(*entries: Entry) -> str:
    """Return the letters that one of the patterns may begin with: most words are passed over by them."""
    pieces = [piece for entry in entries for phrase in phrases(entry) for piece in phrase.split(")?")]
    letters = {found.group() for piece in pieces if (found := re.search(r"[^\W\d_]", piece))}
    return "".join(sorted(letter for letter in letters if letter.isalpha()))


def _parts() -> dict[str, str]:
    parts: dict[str, str] = _facts()["parts_of_unit"]
    return parts


def unit_behind(text: str, end: int, language: str | None, *, is_year: bool) -> tuple[str | None, int]:
    """Return the unit of time right behind a number with its end; 2024年 and 2024 года are years of the calendar."""
    han = _HAN_UNIT.match(text, end)
    if han is None and (letters := _letter_units(language)) is not None:
        han = letters.match(text, end)
    if han is not None:
        iso = (han.lastgroup or "").lstrip("n")
        return (None if is_year and iso == "Y" else iso), han.end()
    found = _WORD.match(text, end)
    if found is None:
        return None, end
    word = found["word"].lower().replace("’", "'")
    further = _further_units(language).get(word)
    if further is not None:
        return (None if is_year and further == "Y" else further), found.end()
    unit = _spaced().get(word) or _spaced().get(word.removesuffix("s").removesuffix("'"))
    return unit, found.end() if word in _spaced() else found.end() - (2 if word.endswith("'s") else 0)


def articles(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield (unit, start, end) of each unit with an article: an hour, une année, the next decade."""
    for found in _ARTICLE.finditer(text):
        yield _spaced()[found["unit"].lower()], found.start(), found.end()
    for found in _UNIT_AND_HALF.finditer(text) if " mei" in text or " med" in text else ():
        unit = _spaced().get(found["unit"].lower())
        if unit is not None:
            yield unit, found.start(), found.end()


class Length(NamedTuple):
    """A length of time at its place: so much of a unit, and the rule that read it."""

    amount: Real
    unit: str
    start: int
    end: int
    rule: str


def named_lengths(text: str) -> Iterator[Length]:
    """Yield the lengths that say no number of their own: fünfjährig, triennio, half an hour, 半年."""
    for found in _GERMAN.finditer(text) if _GERMAN_HINT.search(text) else ():
        count = found["count"].rstrip("-").lower()
        value: Real | None = int(count) if count.isdecimal() else _german_count(count)
        if value is not None:
            yield Length(value, _german_endings()[found["unit"].lower()], *found.span(), "duration.adjective")
    for found in _PERIOD_WORD.finditer(text):
        yield Length(_years()[found.group().lower()], "Y", *found.span(), "duration.period")
    for found in _PART.finditer(text):
        amount = next(worth for at, worth in enumerate(_parts()) if found[f"p{at}"])
        yield Length(Decimal(amount), _spaced()[found["unit"].lower()], *found.span(), "duration.part")
    for found in _PART_CJK.finditer(text) if "半" in text or "반" in text else ():
        yield Length(Decimal("0.5"), str(found.lastgroup).lstrip("n"), *found.span(), "duration.part")


@lru_cache(maxsize=256)
def _german_count(word: str) -> Real | None:
    if word in _german_counts():
        return exact(Decimal(_german_counts()[word]))
    meanings = [m for m in number_words().get(word, ()) if {"de", "nl"} & set(m.languages) and m.kind == "number"]
    return meanings[0].value if meanings else None


def half_between(text: str, end: int) -> tuple[str, int] | None:
    """Return (unit, end) behind a number that is one half more: 一个半小时; None where none is."""
    found = _HALF_BETWEEN.match(text, end)
    return None if found is None else (pairs(_facts()["units_of_half"])[found["unit"]], found.end())


def length_of(word: str) -> tuple[int, str] | None:
    """Return (amount, unit) of words that are a length of time by themselves: 사흘, trimestre, all week; else None."""
    worth = _lengths().get(word.casefold())
    if worth is not None:
        return int(worth.rstrip("YMWDN")), worth[-1]
    found = _WHOLE_OF.fullmatch(word)
    return None if found is None else (1, _spaced()[found["unit"].lower()])


@cache
def _lengths() -> dict[str, str]:
    return {word.casefold(): worth for word, worth in pairs(_facts()["lengths"]).items()}


def lettered(words: str) -> list[tuple[Real, str]] | None:
    """Return the (amount, unit) of words that are digits with letters, larger units first: 3h, 1h 30m; else None.

    A last amount without a letter has the unit '?': the minutes of 1h30.
    """
    parts: list[tuple[Real, str]] = []
    at = 0
    while at < len(words):
        found = _LETTERS.match(words, at)
        if found is None:
            return None
        letter = found["letter"]
        unit = pairs(_facts()["letters"])[letter] if letter else "?"
        before = parts[-1][1] if parts else ""
        unit = "M" if letter == "m" and before == "Y" else unit  # 2y 6m
        if not _may_follow(before, unit) or (letter in words_behind() and not before):
            return None
        parts.append((exact(Decimal(found["amount"].replace(",", "."))), unit))
        at = found.end()
    return parts or None


def words_behind() -> tuple[str, ...]:
    """Return the letters that are a unit of time only behind a larger one."""
    return words(_facts()["letters_behind"])


def _may_follow(before: str, unit: str) -> bool:
    """Whether a unit may stand behind another, or first: the smaller ones behind the larger."""
    if unit == "?":
        return before == "H"
    return not before or (before != "?" and _ORDER.index(unit) > _ORDER.index(before))


def has_unit(text: str) -> bool:
    """Whether a word for a unit of time stands in a text."""
    return _HAS_UNIT.search(text) is not None
