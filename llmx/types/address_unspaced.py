"""Addresses in Chinese, Japanese and Korean, which go from the large to the small: 北京市朝阳区建国路88号.

A province, a prefecture or a free city is known by name, and makes certain where an address begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial

from llmx.facts import load_facts, words

_facts = partial(load_facts, "types", "addresses")
_LANGUAGES = {"zh": "CN", "ja": "JP", "ko": "KR"}


@dataclass(frozen=True, slots=True)
class AddressParts:
    """The parts of an address at ``start`` to ``end``; ``country`` is a code. ``doubt`` says what is unsure."""

    start: int
    end: int
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    doubt: str = ""


@cache
def _pattern(language: str, *, known: bool) -> re.Pattern[str]:
    """Return the pattern of an address: postcode, region, city, street; the postcode may also stand last.

    ``known``: it begins with a region or a city that is known by name; else with any city.
    """
    facts = _facts()
    cities, free = facts["cities"][language], words(facts["free_cities"].get(language, ""))
    named = "|".join(sorted(words(facts["regions"][language]), key=len, reverse=True))
    region = rf"(?P<region>(?:{named}){facts['region_ends'].get(language, '')})\s?(?P<city>{cities})?"
    if free:
        region += rf"|(?P<free>(?:{'|'.join(free)})(?:\s?{facts['districts'][language]})?)"
    postcode = facts["postcodes_unspaced"][language]
    return re.compile(
        rf"(?:(?<!\d)(?P<postcode>{postcode})[\s,，]{{0,2}})?(?:{region if known else f'(?P<any>{cities})'})\s?"
        rf"(?P<street>{facts['houses'][language]})"
        rf"(?:[\s,，(（]{{0,2}}(?:邮编|우편번호|〒)?[:：]?\s?(?P<behind>{postcode})(?!\d))?"
    )


def find_unspaced(text: str) -> Iterator[AddressParts]:
    """Yield the addresses of ``text``; a text without a digit and a letter of these languages has none."""
    if text.isascii() or not any(letter in text for letter in "市区县県都道府로길동"):
        return
    for language, country in _LANGUAGES.items():
        spans: list[tuple[int, int]] = []
        for known in (True, False):
            for found in _pattern(language, known=known).finditer(text):
                taken = any(found.start() < end and start < found.end() for start, end in spans)
                if not taken and (parts := _parts(found, text, known=known, country=country)):
                    spans.append((parts.start, parts.end))
                    yield parts


def _parts(found: re.Match[str], text: str, *, known: bool, country: str) -> AddressParts | None:
    parts = found.groupdict()
    city = parts.get("city") or parts.get("free") or parts.get("any")
    start, begins = found.start(), found.start("any") if not known else found.start()
    if not known and begins and text[begins - 1].isalpha():
        return None  # where the name of a city begins, nothing says
    for pair in words(_facts()["countries_unspaced"]):
        name = pair.partition("=")[2]
        if pair.startswith(country) and text[max(0, start - len(name)) : start] == name:
            start -= len(name)
            break
    code = parts["postcode"] or parts["behind"]
    postcode = None if code is None else re.sub(r"[〒\s]", "", code).replace("－", "-")
    doubt = "" if known else "the province is not stated, and the city is not known by name"
    street = found["street"].strip()
    return AddressParts(start, found.end(), street, postcode, city, parts.get("region"), country, doubt)
