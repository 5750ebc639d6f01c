"""Units of measurement as a text writes them: 5 °C, 0.25 W/(m·K), 6.2 L/100 km, degrees Celsius, kilómetros por hora.

Symbols have prefixes, powers and quotients; names of more than one word are CLDR's. Where a unit ends is known here, so
that no further word of the sentence belongs to it; data/units.yaml has the symbols.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache, partial
from typing import TypeVar

from llmx.facts import load_facts, one_of, pairs, phrases, words
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading

T = TypeVar("T")

_facts = partial(load_facts, "types", "units")
_BLANK = r"[ \u00a0\u202f]"
_POWER = r"(?:[⁻−]?[¹²³⁴]|\^[-−]?\d|[-−][12](?!\d)|[234](?![\d.,]))"
_FIRST_HAN = "\u2e7f"
_AHEAD_REACH = 10
_MOST_UNSPACED = 16  # characters that a name may span, blanks within it too
_ONE_WORD = LazyPattern(rf"{_BLANK}?(?P<word>[^\W\d_]{{1,40}})")
_AHEAD = LazyPattern(lambda: rf"(?P<word>{one_of(_facts()['ahead'])})\s?$")
_WORDS = LazyPattern(r"(?P<first>[^\W\d_]{1,40})(?:[ \u00a0\u202f'’-][^\W\d_]{1,40}){1,4}")


def _symbol() -> str:
    """Return the pattern of one symbol, longer ones first; by first letters, which tell most words apart at once."""
    found = {
        (phrase[0], re.escape(phrase[1:]).replace(r"\ ", rf"\.?{_BLANK}?")) for phrase in phrases(_facts()["alone"])
    }
    for base, prefixes in pairs(_facts()["prefixed"]).items():
        found |= {(symbol[0], symbol[1:]) for symbol in (base, *(prefix + base for prefix in prefixes.split(",")))}
    found |= {(letter, "") for letter in _facts()["letters"].split()}
    by_first: dict[str, list[str]] = defaultdict(list)
    for first, rest in sorted(found, key=lambda symbol: (symbol[0], -len(symbol[1]), symbol[1])):
        by_first[first].append(rest)
    return "(?:" + "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in by_first.items()) + ")"


def _expression() -> str:
    term = rf"{_symbol()}{_POWER}?"
    product = rf"{term}(?:{_BLANK}?[·⋅∙*]{_BLANK}?{term}|(?<=[²³]){term})*"
    below = rf"(?:\({product}\)|\d{{1,3}}{_BLANK}?{term}|{product}|[adhu]|hrs?|ha|[^\W\d_]{{3,}})"
    carbon = rf"(?:{_BLANK}?{_facts()['of_carbon']})?"
    whole = rf"(?:{_facts()['degrees'].strip()}|{product}{carbon})(?:{_BLANK}?/{_BLANK}?{below}){{0,2}}"
    return rf"{_BLANK}?(?:(?P<unit>{whole})(?![^\W_]|\d|['’]|/[(\w])|\[(?P<bracketed>{whole})\])"


_EXPRESSION = LazyPattern(_expression)
_RATE = LazyPattern(lambda: rf"{_BLANK}(?:{one_of(_facts()['rates'])})(?![^\W\d_])")
_PER_UNIT = LazyPattern(
    lambda: (
        rf"{_BLANK}?/{_BLANK}?(?:\d{{1,4}}{_BLANK}?)?[^\W\d_]{{1,12}}(?![^\W_])"
        rf"|{_BLANK}(?:{one_of(_facts()['rates'], _facts()['each'])})(?![^\W\d_])"
    )
)
# With these the words for rates begin: most words behind a sum or a unit are told apart by them.
_PER_LETTERS = frozenset("/apjàeldcs")
_RATE_LETTERS = frozenset("apjà")
_NEXT_WORD = LazyPattern(rf"{_BLANK}(?P<word>[^\W\d_]{{1,40}})")


@cache
def _names() -> frozenset[str]:
    """Return the names of units that have more than one word, in small letters."""
    block: str = load_facts("types", "unit_names")["names"]
    return frozenset(name for line in block.splitlines() for name in line.split(" | "))


@cache
def _first_words() -> frozenset[str]:
    return frozenset(re.split("[ '-]", name, maxsplit=1)[0] for name in _names())


def unit_at(text: str, at: int) -> tuple[str, int] | None:
    """Return the unit that stands right behind a number which ends at ``at``, and its end.

    None is for words that are no unit of measurement, as far as is known.
    """
    found = _symbols_at(text, at) or _name_at(text, at) or _unspaced_at(text, at)
    if found is None:
        return None
    start, end = found
    if text[start - 1] == "[":  # 20 [kg]
        return text[start:end], end + 1
    end = rate_end(text, end)
    return text[start:end], end


def ahead(text: str, start: int) -> tuple[str, int] | None:
    """Return what a unit says before the number that begins at ``start``, and where: 摂氏 30度, 時速120キロ."""
    last = text[start - 2 : start].rstrip(" ")[-1:]
    found = _AHEAD.search(text[max(0, start - _AHEAD_REACH) : start]) if last > _FIRST_HAN else None
    return None if found is None else (found["word"].removesuffix("温度").removesuffix("溫度"), start - len(found[0]))


def is_mass_or_money(text: str, at: int) -> bool:
    """Whether the word behind a number that ends at ``at`` names a unit of mass and a currency, too: 25 pounds."""
    found = _ONE_WORD.match(text, at)
    return found is not None and found["word"].lower() in words(_facts()["mass_or_money"])


def rate_end(text: str, end: int) -> int:
    """Return where a unit that ends at ``end`` ends with the words that make a rate of it: per hour, al día."""
    rate = _RATE.match(text, end) if text[end + 1 : end + 2] in _RATE_LETTERS else None
    return end if rate is None else rate.end()


def with_rate(reading: Reading[T], text: str) -> Reading[T]:
    """Return a sum with the note that words behind it make a rate of it: 5 EUR per kg, $3.50/dozen, 12 € la pièce."""
    first = text[reading.end : reading.end + 2].strip(" ")[:1]
    rate = _PER_UNIT.match(text, reading.end) if first in _PER_LETTERS else None
    if rate is None:
        return reading
    return reading.with_issue("rate", f"{text[reading.start : rate.end()]!r} is a rate: the sum is that of one")


def _symbols_at(text: str, at: int) -> tuple[int, int] | None:
    found = _EXPRESSION.match(text, at)
    if found is None:
        return None
    if found["unit"] is None:
        return found.span("bracketed")
    unit, following = found["unit"], _NEXT_WORD.match(text, found.end())
    if len(unit) == 1 and unit.isalpha() and (found.start("unit") == at or not _stands_alone(unit, following)):
        return None
    return found.span("unit")


def _stands_alone(letter: str, following: re.Match[str] | None) -> bool:
    """Whether a single letter is a unit before the word that follows: 2 l de leche, but not '5 A levels'."""
    return following is None or letter in _facts()["before_words"] or following["word"].lower() in _function_words()


@cache
def _function_words() -> frozenset[str]:
    return frozenset(words(load_facts("types", "quantities")["stop"]))


@cache
def _unspaced() -> frozenset[str]:
    """Return the East Asian names, those with prefixes too."""
    names = set(words(load_facts("types", "unit_names")["unspaced"]))
    for base, befores in pairs(_facts()["unspaced"]).items():
        names |= {before + base for before in ("", *befores.split(","))}
    return frozenset(names)


def _unspaced_at(text: str, at: int) -> tuple[int, int] | None:
    """Return the longest East Asian name; a blank may stand within, as in Korean: 190 제곱 킬로미터."""
    start = at + 1 if text[at : at + 1] == " " else at
    if text[start : start + 1] < _FIRST_HAN:
        return None
    places = [place for place in range(start, min(len(text), start + _MOST_UNSPACED)) if text[place] != " "]
    letters = "".join(text[place] for place in places)
    for length in range(len(letters), 1, -1):
        if letters[:length] in _unspaced():
            return start, places[length - 1] + 1
    return None


def _name_at(text: str, at: int) -> tuple[int, int] | None:
    """Return the longest name of several words: they are looked up, because a pattern of all would be long."""
    start = at + 1 if text[at : at + 1] in {" ", "\u00a0", "\u202f", "-"} else at
    found = _WORDS.match(text, start)
    if found is None or found["first"].lower() not in _first_words():
        return None
    name = found.group().lower().replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")
    while " " in name or "-" in name:
        if name in _names():
            return start, start + len(name)
        name = name[: max(name.rfind(" "), name.rfind("-"))]
    return None
