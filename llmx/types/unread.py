"""Signs before a number, and what was left over beside a value and could change it.

A minus is part of the number (-5, minus five, 负五, マイナス5). What no rule has read although it stands right at the
value (an exponent, a fraction, a further magnitude) makes the value doubtful: see data/unread.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from typing import TypeVar

from llmx.facts import load_facts, one_of
from llmx.facts import words as words_of
from llmx.types.number_words import number_words
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, shorten

T = TypeVar("T")
_facts = partial(load_facts, "types", "unread")
_REACH = 16
_BEFORE = LazyPattern(lambda: rf"{one_of(_facts()['before'])}$", re.IGNORECASE)
_LEFT_OUT = LazyPattern(
    lambda: rf"{one_of(_facts()['before']['other'], _facts()['before']['ends'])}(?:(?:the|le|den|der|el|il|de|o)\s)?$",
    re.IGNORECASE,
)
_JOINT = LazyPattern(lambda: rf"(?P<word>[^\W_]+)\s{one_of(_facts()['before_if_number'])}\s$", re.IGNORECASE)
_BEHIND = LazyPattern(lambda: one_of(_facts()["behind"]), re.IGNORECASE)
_MINUS = LazyPattern(lambda: rf"{one_of(_facts()['minus'])}$", re.IGNORECASE)
_TAKEN = LazyPattern(r"[\w)%\]]\s?$")
_DASH_FIRST = LazyPattern(r"\s*(?P<dash>[\u2012-\u2015\uff0d]\s?(?=[\d$€£¥￥₩₹(.,])|[-\u2212]\s(?=\d))")
_GROUP = LazyPattern(r"\d{3}(?!\d)")
_GROUPS_BEFORE = LazyPattern(r"(?<![\d.,])\d{1,3}\s*\n\s*\Z")
_CLOSING = frozenset(")）]")
_OPEN = frozenset(" \u00a0\n(:\t")


def minus_before(text: str, at: int, *, floor: int = 0, signs: str = "") -> int | None:
    """Return where a minus begins that makes what begins at ``at`` negative, None where there is none.

    A dash counts at the beginning, behind a blank or behind one of ``signs``; a word does not where it stands between
    two numbers, the first of which ends at ``floor``.
    """
    if not at or not _may_be_minus(text, at):
        return None
    head = text[max(0, at - _REACH) : at]
    found = _MINUS.search(head)
    if found is None:
        return None
    begin = at - len(found.group())
    if found.group() in "-−":
        before = text[begin - 1 : begin]
        return begin if not before or before in _OPEN or before in signs else None
    return None if floor and begin - floor < 2 else begin


def with_dash_as_minus(words: str) -> tuple[str, bool]:
    """Return words that begin with a dash before a number with a minus in its place, and whether they do: –5, – €5."""
    found = _DASH_FIRST.match(words)
    if found is None:
        return words, False
    at, end = found.span("dash")
    return f"{words[:at]}{' ' * (end - at - 1)}-{words[end:]}", True


def doubt_dash(reading: Reading[T], words: str) -> Reading[T]:
    """Doubt a value whose minus is written as a dash in ``words``, which may have been one of the sentence."""
    found = _DASH_FIRST.match(words)
    start = reading.start if found is None or reading.start > found.end() else found.start("dash")
    reading = replace(reading, start=start, words=words[start : reading.end])
    if reading.value is None:
        return reading
    return reading.with_issue("unread_words", f"the dash before {shorten(reading.words)!r} is read as a minus")


def _may_be_minus(text: str, at: int) -> bool:
    """Whether what ends at ``at`` can be a minus, told without a pattern: most numbers have none."""
    last = text[at - 1]
    if last not in " \u00a0":
        return last in "-−负負ス스수下하"
    if text[at - 2 : at - 1] not in _minus_ends():
        return False
    floor = max(0, at - _REACH)
    blank = max(text.rfind(" ", floor, at - 1), text.rfind("\n", floor, at - 1))
    return text[max(blank + 1, floor) : at - 1].lower() in _minus_words()


@cache
def _minus_ends() -> frozenset[str]:
    """Return the last letters of the words, in both cases: most words before a number are told apart by them."""
    ends = {word[-1] for word in _minus_words()}
    return frozenset(ends | {letter.upper() for letter in ends})


@cache
def _minus_words() -> frozenset[str]:
    return frozenset(words_of(_facts()["minus_words"]))


def doubt_unread(reading: Reading[T], words: str, *, said: Sequence[Reading[T]] = ()) -> Reading[T]:
    """Return the reading, with the issue ``unread_words`` where something beside it in ``words`` could change it.

    ``said`` are all that say it, in order: fifty percent (50 %) plus one.
    """
    if reading.value is None or (not reading.start and reading.end == len(words)):
        return reading
    end = said[-1].end if said else reading.end
    if words[end : end + 1] in _CLOSING and len(said) > 1:
        end += 1
    if (reading.start and _unread_before(words, reading)) or _BEHIND.match(words, end):
        return reading.with_issue("unread_words", f"{shorten(words)!r} says more than {reading.words!r}")
    return reading


def doubt_left_out(reading: Reading[T], words: str) -> Reading[T]:
    """Return the reading, doubted where the words before it leave it out or name an end: not 12 May, every 5 June."""
    if reading.value is None or not reading.start:
        return reading
    if _LEFT_OUT.search(words, max(0, reading.start - _REACH), reading.start):
        return reading.with_issue("unread_words", f"{shorten(words)!r} says more than {reading.words!r}")
    return reading


def _unread_before(words: str, reading: Reading[T]) -> bool:
    start = reading.start
    if words[start - 1] in ".," and len(reading.words) != 4:  # .5 without its point; ',2020' is a list cut short
        return True
    if _BEFORE.search(words, max(0, start - _REACH), start):
        return True
    if _GROUP.match(words, start) and _GROUPS_BEFORE.search(words, max(0, start - _REACH), start):
        return True  # 5⏎000: a number that a line break parts
    joint = _JOINT.search(words, max(0, start - 2 * _REACH), start)
    return joint is not None and (joint["word"].isdecimal() or joint["word"].lower() in number_words())
