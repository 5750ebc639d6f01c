"""Words that say a number is not exact: nearly, over, up to, rund, plus de, casi, 近, 超过, 余, 약, 이상.

They are told as issues beside a value and never change it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache, partial
from typing import TypeVar

from llmx.facts import load_facts, one_of
from llmx.facts import phrases as phrases_of
from llmx.facts import words as words_of
from llmx.record import Issue
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading

T = TypeVar("T")

_facts = partial(load_facts, "types", "bounds")
_MESSAGES = {
    "approximate": "the words say about this much",
    "lower_bound": "the words say at least or more than this",
    "upper_bound": "the words say at most or less than this",
}
_ABOUT = "approximate"
_TRIM = " \u00a0\n$€£¥￥₩₹（(+~"
_BESIDE_SIGN = " \u00a0\n$€£¥￥₩₹="  # ≥, >=, > $
_MOST_WORDS = 4


def _after_pattern() -> str:
    kinds = "|".join(f"(?P<{code}>{one_of(entry)})" for code, entry in _facts()["after"].items())
    firsts = {letter for entry in _facts()["after"].values() for each in phrases_of(entry) for letter in _firsts(each)}
    ahead = re.escape("".join(sorted(firsts | {letter.upper() for letter in firsts})))
    return rf"(?=[{_facts()['measures']}\s{ahead}])[{_facts()['measures']}]?\s?(?=[\s{ahead}])(?:{kinds})"


def _firsts(pattern: str) -> set[str]:
    """Return the letters with which what a phrase of the facts matches may begin."""
    if not pattern.startswith(("(?:", "[")):
        return {pattern.lstrip("\\")[0]}
    end = next(at for at in range(1, len(pattern)) if _depth(pattern[: at + 1]) == 0)
    inner, rest = pattern[1:end].removeprefix("?:"), pattern[end + 1 :]
    found = set(inner) if pattern[0] == "[" else {letter for way in _ways(inner) for letter in _firsts(way)}
    return found | (_firsts(rest[1:]) if rest.startswith("?") else set())


def _ways(inner: str) -> Iterator[str]:
    """Yield the alternatives of a group."""
    start = 0
    for at, letter in enumerate(inner):
        if letter == "|" and not _depth(inner[:at]):
            yield inner[start:at]
            start = at + 1
    yield inner[start:]


def _depth(pattern: str) -> int:
    return sum((letter in "([") - (letter in ")]") for letter in pattern)


_AFTER = LazyPattern(_after_pattern, re.IGNORECASE)


@cache
def _currencies_between() -> frozenset[str]:
    return frozenset(words_of(_facts()["currencies_between"]))


@lru_cache(maxsize=1)
def _phrases() -> tuple[dict[str, str], dict[str, str]]:
    """Return the words of spaced scripts and of CJK, each with its issue."""
    spaced: dict[str, str] = {}
    cjk: dict[str, str] = {}
    for code, entry in _facts()["before"].items():
        for phrase in phrases_of(entry):
            (cjk if ord(phrase[0]) > 0x2E7F else spaced)[phrase.casefold()] = code
    return spaced, cjk


@cache
def _last_words() -> frozenset[str]:
    """Return the words that a phrase ends with: most words before a number are told apart by them."""
    return frozenset(phrase.split()[-1] for phrase in _phrases()[0])


def bounds_around(text: str, start: int, end: int) -> tuple[Issue, ...]:
    """Return what the words right before ``start`` and right behind ``end`` say about the exactness of a number."""
    codes: list[str] = []
    head = text[max(0, start - 26) : start].casefold() if start else ""
    code = _before(head) if head else None
    if code:
        codes.append(code)
    elif head and (sign := _signs().get(head.rstrip(_BESIDE_SIGN)[-1:])):
        codes.append(sign)
    behind = _behind(text, end)
    if behind is not None and behind not in codes:
        codes.append(behind)
    return tuple([Issue(code, "", _MESSAGES[code]) for code in codes]) if codes else ()


def with_approximation(reading: Reading[T], text: str) -> Reading[T]:
    """Return a date with the note that the words before it say about then: around May 2024, vers le 3 juin."""
    if reading.value is None or not reading.start:
        return reading
    told = [issue for issue in bounds_around(text[: reading.end], reading.start, reading.end) if issue.code == _ABOUT]
    return reading.with_issue(_ABOUT, "the words say about then") if told else reading


def with_bounds_behind(reading: Reading[T], text: str) -> Reading[T]:
    """Return a number that was read with its unit, with what the words behind that say: 5 % or more, 500万円以上."""
    code = _behind(text, reading.end)
    if code is None or any(issue.code == code for issue in reading.issues):
        return reading
    return reading.with_issue(code, _MESSAGES[code])


def _behind(text: str, end: int) -> str | None:
    found = _AFTER.match(text, end) if end < len(text) else None
    return None if found is None else found.lastgroup


@cache
def _signs() -> dict[str, str]:
    return {sign: code for code, signs in _facts()["signs"].items() for sign in signs}


def _before(head: str) -> str | None:
    spaced, cjk = _phrases()
    head = head.rstrip(_TRIM)
    if head and head[-1] > "\u2e7f":
        for length in (5, 4, 3, 2, 1):
            code = cjk.get(head[-length:])
            if code:
                return code
    words = head.replace("’", "'").split()
    if words and words[-1] in _currencies_between():
        words.pop()
    if not words or (words[-1] not in _last_words() and "'" not in words[-1]):
        return None
    for count in range(min(_MOST_WORDS, len(words)), 0, -1):
        code = spaced.get(" ".join(words[-count:]))
        if code:
            return code
    if words and "'" in words[-1]:  # plus d'un million
        return spaced.get(" ".join([*words[-2:-1], words[-1].split("'")[0]]))
    return None
