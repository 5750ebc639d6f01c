"""Postcodes: SW1A 2AA, 10115, 〒100-0001. In a text, digits alone are one where a word or the place says so."""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cache, partial
from typing import Self

from llmx.facts import load_facts, one_of, rows, words
from llmx.types.patterns import LazyPattern
from llmx.types.phone import region_of
from llmx.types.reading import Reading, read_one
from llmx.types.text_value import LATIN, TextValue

_facts = partial(load_facts, "types", "identifiers")
_LABEL = LazyPattern(lambda: rf"(?<![{LATIN}]){one_of(_facts()['postcode_labels'])}\s?[:：]?\s?\Z", re.IGNORECASE)
_HOUSE_BEFORE = LazyPattern(r"\d\s?[a-zA-Z]?\s?[,\n，]\s{0,2}(?:[A-Z]{1,2}-)?\Z")
_STATE_BEFORE = LazyPattern(
    lambda: rf"(?<![^\W\d_])(?:{'|'.join(words(load_facts('types', 'addresses')['states']))})[ \u00a0]{{1,2}}\Z"
)
_TOWN_BEHIND = LazyPattern(r"[ \u00a0]{1,2}(?=[^\W\d_])(?-i:[^a-z\W\d_])")
_LABEL_CHARS = 24
_SPACED = re.compile(
    r"(?P<outer>[A-Z]{1,2}\d[A-Z\d]?|[A-Z]\d[A-Z])(?P<inner>\d[A-Z]{2}|\d[A-Z]\d)|(?P<digits>\d{4})(?P<letters>[A-Z]{2})"
)


@cache
def _patterns() -> dict[str, str]:
    """Return the pattern of the postcodes of each country."""
    return {country: pattern for countries, pattern in rows(_facts()["postcodes"]) for country in countries.split("|")}


@cache
def _finder(region: str | None) -> re.Pattern[str]:
    """Return the pattern of a country's postcodes and of the clear ones; of all where the country is not known."""
    clear = [_patterns()[country] for country in words(_facts()["postcodes_clear"])]
    known = list(_patterns().values()) if region is None else [_patterns()[region]] if region in _patterns() else []
    either = "|".join(dict.fromkeys([*known, *clear]))
    return re.compile(rf"(?<![{LATIN}._/-])(?:(?:[A-Z]{{1,2}}-)?(?P<code>{either}))(?![{LATIN}_/-]|[.,]\d)")


class Postcode(TextValue):
    """A postcode as a field type, in capitals, with the blank or the dash of its country."""

    __slots__ = ()
    what = "postcode"
    pattern = r"[A-Z0-9][A-Z0-9 -]{2,9}"

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one postcode that ``words`` hold, of any country where they hold nothing else."""
        bare = words.strip(" \t\n.,;:()〒")
        if bare and any(re.fullmatch(pattern, _written(bare)) for pattern in _patterns().values()):
            start = words.index(bare)
            return Reading(cls(_spaced(bare)), bare, start, start + len(bare), "postcode")
        found = cls.find_all(words, locale=locale)
        sure = [reading for reading in found if not reading.doubts]
        return read_one(sure or found, words, cls.what)

    @classmethod
    def _find(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        region = region_of(locale)
        clear = _finder("")
        for found in _finder(region).finditer(text):
            code = found["code"]
            start, end = found.span("code")
            form = clear.fullmatch(code) is not None
            placed = (
                "sure" if _LABEL.search(text, max(0, start - _LABEL_CHARS), start) else _is_placed(text, start, end)
            )
            if not (placed or form):
                continue
            reading = Reading(cls(_spaced(code)), code, start, end, "postcode")
            sure = placed == "sure" or (form and (placed or code[0].isalpha() or region == "NL"))
            message = f"{code!r} may be another number than a postcode"
            yield reading if sure else reading.with_issue("ambiguous", message)


def _is_placed(text: str, start: int, end: int) -> str:
    """Return how sure the place of digits makes a postcode of them: 'sure', 'likely' or not at all."""
    head = text[max(0, start - _LABEL_CHARS) : start]
    town = _TOWN_BEHIND.match(text, end) is not None
    if _STATE_BEFORE.search(head) or (town and _HOUSE_BEFORE.search(head)):
        return "sure"
    return "likely" if town and (not head.strip() or head.rstrip(" ")[-1:] in {",", "\n", "，"}) else ""


def _written(code: str) -> str:
    return unicodedata.normalize("NFKC", code).upper()


def _spaced(code: str) -> str:
    """Return a postcode as its country writes it: SW1A2AA and 1012LG have a blank."""
    written = _written(code)
    found = _SPACED.fullmatch(written)
    if found is None:
        return written
    return f"{found['outer']} {found['inner']}" if found["outer"] else f"{found['digits']} {found['letters']}"
