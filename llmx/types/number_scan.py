"""Numbers in running text, in any of the ten languages: 3.2 billion, 1,5 Mrd., 300万, dos mil, two and a half million.

A reading is the whole numeral with its magnitudes, never a part of it. Words around it (nearly, over, 余) are told as
issues and are no part of the value. Which of several numbers is meant, and the field type, are ``number.py``'s.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import partial

from llmx.facts import load_facts, one_of, words
from llmx.record import Issue
from llmx.types.bounds import bounds_around
from llmx.types.digits import Real, exact
from llmx.types.found_once import found_once
from llmx.types.fractions import with_fractions
from llmx.types.invisible import past_invisible
from llmx.types.notations import with_notations
from llmx.types.number_words import number_words
from llmx.types.patterns import LazyPattern
from llmx.types.phrase import Phrase
from llmx.types.phrases import phrases_of
from llmx.types.reading import Reading
from llmx.types.source import Source
from llmx.types.unread import minus_before

_facts = partial(load_facts, "types", "number_joints")
_NEXT_WORD = LazyPattern(r"\s?(?P<word>[^\W\d_]+)")
_RANGE = LazyPattern(lambda: rf"\s?(?:[-–—~〜～]|{one_of(_facts()['to'])})\s?", re.IGNORECASE)
_BETWEEN_REACH, _WIDEST_GAP = 18, 10  # zwischen den 5 und den 10
_HAN_DIGIT = LazyPattern(r"[一二三四五六七八九]")
_PAIR = LazyPattern(
    lambda: rf"\s?{one_of(_facts()['and_between'])}\s(?:{one_of(_facts()['articles'])}\s)?", re.IGNORECASE
)
_BETWEEN = LazyPattern(
    lambda: rf"{one_of(_facts()['between'])}\s?(?:{one_of(_facts()['articles'])}\s)?[$€£¥]?\s?$", re.IGNORECASE
)
_FROM = LazyPattern(lambda: rf"(?:\b|(?<=[\u4e00-\u9fff])){one_of(_facts()['from'])}\s?[$€£¥]?\s?$", re.IGNORECASE)


def find_numbers(text: str, locale: str | None = None) -> list[Reading[Real]]:
    """Return every numeral of ``text`` in order, each as long as it goes; linear in the text.

    A range (3 to 5 million) is one reading without a value and with both ends as candidates; so is a vague sum
    ('several million'), without candidates. Where a mark can be read two ways (1.234) and neither ``locale`` nor the
    language of the text decides, the likelier value is given with the issue ``ambiguous`` and both as candidates.

    >>> [(r.value, r.words) for r in find_numbers("18 10000 employees, over 320,000 users, 1,5 Mrd. Euro")]
    [(180000, '18 10000'), (320000, '320,000'), (1500000000, '1,5 Mrd')]
    """
    return _numbers(text, locale)


@found_once
def _numbers(text: str, locale: str | None) -> list[Reading[Real]]:
    return past_invisible(partial(_find_numbers, locale=locale), text)


def _find_numbers(text: str, locale: str | None) -> list[Reading[Real]]:
    source = Source(text, locale)
    phrases = with_notations(source, with_fractions(source, phrases_of(source)))
    out: list[Reading[Real]] = []
    index = 0
    while index < len(phrases):
        phrase = phrases[index]
        following = phrases[index + 1] if index + 1 < len(phrases) else None
        if following is not None and following.start - phrase.end <= 2 and (twice := _twice(text, phrase, following)):
            out.append(twice)
            index += 2
            continue
        if following is not None and following.start - phrase.end <= _WIDEST_GAP:
            chained = index > 0 and phrases[index - 1].end == phrase.start - 1
            ends = None if chained else _range(text, phrase, following, after=phrases[index + 2 : index + 3])
            if ends is not None:
                out.append(_range_reading(text, phrase, following, ends=ends))
                index += 2
                continue
        out.append(_reading(source, phrase, floor=out[-1].end if out else 0))
        index += 1
    return out


def _twice(text: str, left: Phrase, right: Phrase) -> Reading[Real] | None:
    """Return the one number said in words and in digits, 'two (2)', '2 (two)'; without a value where they differ."""
    if text[left.end : right.start].strip() not in {"(", "（"} or text[right.end : right.end + 1] not in {")", "）"}:
        return None
    if (
        {left.rule.replace("notation", "words"), right.rule} != {"number.words", "number.digits"}
        or left.vague
        or right.vague
    ):
        return None
    if (right if right.rule == "number.digits" else left).other is not None:
        return None
    end = right.end + 1
    words, both = text[left.start : end], (left.value, right.value)
    if left.value == right.value:
        issues = bounds_around(text, left.start, end)
        scale = _NEXT_WORD.match(text, end)
        if scale is not None and scale["word"].lower() in number_words():  # five (5) million
            issues = (*issues, Issue("unread_words", "", f"{scale['word']!r} behind {words!r} was not read"))
        return Reading(left.value, words, left.start, end, "number.twice", (), issues)
    if right.value > 1000 > left.value or right.rule == "number.words":
        return None  # a year, a number of another thing
    issue = Issue("several", "", f"{words!r} says {both[0]} in words and {both[1]} in digits")
    return Reading(None, words, left.start, end, "number.twice", both, (issue,))


def _range(text: str, left: Phrase, right: Phrase, *, after: list[Phrase]) -> tuple[Real, Real] | None:
    """Return both ends where the two phrases are a range: 3-5, 3 to 5 million, between 3 and 5."""
    if left.vague or right.vague or left.other is not None or right.other is not None:
        return None
    gap = text[left.end : right.start]
    joint = _RANGE.fullmatch(gap)
    if joint is not None and (to := gap.strip().casefold()) in words(_facts()["to_behind_from"]):
        near = to in words(_facts()["to_if_near"]) and left.value < right.value <= 10 * left.value
        joint = joint if near else _FROM.search(text[max(0, left.start - 7) : left.start])
    if joint is None and gap == "、" and right.value - left.value == 1 and right.end - right.start == 1:
        joint = _HAN_DIGIT.match(text, right.start)  # 三、四年
    if joint is None and _PAIR.fullmatch(gap):
        joint = _BETWEEN.search(text[max(0, left.start - _BETWEEN_REACH) : left.start])
    if joint is None or (after and after[0].start - right.end == 1 and text[right.end] in "-/–"):
        return None
    low, high = left.value, right.value
    if right.scale > 1 and left.scale == 1 and low < right.value / right.scale:
        low = exact(Decimal(low) * Decimal(right.scale))
    return (low, high) if low < high else None


def _range_reading(text: str, left: Phrase, right: Phrase, *, ends: tuple[Real, Real]) -> Reading[Real]:
    issue = Issue("range", "", f"the words say a range from {ends[0]} to {ends[1]}")
    return Reading(None, text[left.start : right.end], left.start, right.end, "number.range", ends, (issue,))


def _reading(source: Source, phrase: Phrase, *, floor: int = 0) -> Reading[Real]:
    text, start, end = source.text, phrase.start, phrase.end
    if phrase.vague:
        issue = Issue("vague", "", f"{text[start:end]!r} says no exact number")
        return Reading(None, text[start:end], start, end, "number.vague", (), (issue,))
    issues = bounds_around(text, start, end)
    if phrase.many and not issues:
        issues = (Issue("lower_bound", "", "the words say at least or more than this"),)
    value = phrase.value
    minus = minus_before(text, start, floor=floor, signs="$€£¥￥￡₩₹₽")
    if minus is not None and (text[start].isdecimal() or text[start] in ".," or text[minus] not in "-−"):
        start, value = minus, -value
    candidates: tuple[Real, ...] = ()
    if phrase.other is not None and phrase.other != phrase.value:
        candidates = (value, phrase.other if value == phrase.value else -phrase.other)
        both = f"{candidates[0]} or {candidates[1]}"
        reason = phrase.doubt or _undecided(source)
        issues = (*issues, Issue("ambiguous", "", f"{text[start:end]!r} may be {both}: {reason}"))
    elif phrase.doubt:
        issues = (*issues, Issue("ambiguous", "", f"{text[start:end]!r} may say less than a number: {phrase.doubt}"))
    return Reading(value, text[start:end], start, end, phrase.rule, candidates, issues)


def _undecided(source: Source) -> str:
    """Return why nothing says what a mark between digits means."""
    if source.locale is not None:
        return f"the locale {source.locale} does not say what the mark means"
    if not source.languages:
        return "no locale decides, and the words around do not tell their language"
    return f"no locale decides, nor does the language of the words around ({', '.join(source.languages)})"
