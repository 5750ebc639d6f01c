"""Languages by their names in the ten languages, as ISO 639 codes.

The names are CLDR's (data/language_names.yaml), the rest is data/language_words.yaml.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from llmx.facts import load_facts, phrases, rows, words
from llmx.types.patterns import LazyPattern

_CJK = ("zh", "zh_Hant", "ja", "ko")
_WORD = LazyPattern(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@cache
def _codes() -> frozenset[str]:
    """Return the codes of two letters that are read as languages."""
    facts = load_facts("types", "language_words")
    return frozenset(words(load_facts("types", "language_names")["codes"])) - set(words(facts["codes_not_read"]))


@lru_cache(maxsize=1)
def _names() -> tuple[dict[tuple[str, ...], str], dict[str, str]]:
    """Return (lower-cased words of a spaced name → code, unspaced name → code)."""
    spaced: dict[tuple[str, ...], str] = {}
    unspaced: dict[str, str] = {}
    facts = load_facts("types", "language_words")
    common = set(words(facts["common"]))
    for locale, table in load_facts("types", "language_names")["names"].items():
        for code, name in rows(table):
            if locale in _CJK:
                unspaced.setdefault(name, code)
            elif len(name) > 2 and name.lower() not in common:
                spaced.setdefault(tuple(_WORD.findall(name.lower())), code)
    for code, row in rows(facts["names"]):
        for name in phrases(row):
            if ord(name[0]) > 0x2E7F:
                unspaced[name] = code
            else:
                spaced[tuple(name.split())] = code
    spaced.pop((), None)
    return spaced, {name: code for name, code in unspaced.items() if len(name) > 1 and ord(name[0]) > 0x2E7F}


def language_called(given: str) -> str | None:
    """Return the code of a language that is all of ``given``: a name in any case, or a code in small letters."""
    if given in _codes():
        return given
    spaced, unspaced = _names()
    return unspaced.get(given) or spaced.get(tuple(_WORD.findall(given.lower())))


@lru_cache(maxsize=1)
def _unspaced_pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, _names()[1]), key=len, reverse=True)))


@lru_cache(maxsize=1)
def _first_letters() -> re.Pattern[str]:
    return re.compile("[" + re.escape("".join({name[0] for name in _names()[1]})) + "]")


def find_languages(text: str) -> list[tuple[int, int, str]]:
    """Return (start, end, code) of every language named in ``text``, in order; linear in the text."""
    spaced, _ = _names()
    found: list[tuple[int, int, str]] = []
    tokens = list(_WORD.finditer(text))
    index = 0
    while index < len(tokens):
        token = tokens[index]
        for length in (2, 1):
            group = tokens[index : index + length]
            if len(group) < length or (length == 2 and group[1].start() - group[0].end() != 1):
                continue
            code = spaced.get(tuple(t.group().lower() for t in group))
            if code is not None and (token.group()[0].isupper() or _written_small(token.group(), code)):
                found.append((token.start(), group[-1].end(), code))
                index += length - 1
                break
        index += 1
    found += _find_unspaced(text)
    return sorted(found)


def _written_small(word: str, code: str) -> bool:
    """Whether a name in small letters is one: that of a major language, as French, Spanish and Italian write it."""
    return code in words(load_facts("types", "language_words")["small"]) and len(word) > 4


def _find_unspaced(text: str) -> list[tuple[int, int, str]]:
    codes = _names()[1]
    found: list[tuple[int, int, str]] = []
    at = 0
    for first in _first_letters().finditer(text):
        if first.start() < at:
            continue
        match = _unspaced_pattern().match(text, first.start())
        if match is not None:
            at = match.end()
            found.append((match.start(), at, codes[match.group()]))
    return found
