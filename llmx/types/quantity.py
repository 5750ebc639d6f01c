"""A number with what it counts: '40,000 square feet', '59 universités', '年产30万辆', '18 10000 employees'.

The unit is taken as it stands in the text and kept short: the words behind the number up to a stop word, in Chinese,
Japanese and Korean the measure word. It is not translated, and square feet are not turned into square metres.
"""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache, partial
from itertools import zip_longest
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

from llmx.facts import load_facts, one_of, phrases
from llmx.facts import words as words_of
from llmx.types.bounds import with_bounds_behind
from llmx.types.cjk import han_digits
from llmx.types.currency import mark_after, mark_before
from llmx.types.date_scan import scan
from llmx.types.digits import Real
from llmx.types.fields import Amount
from llmx.types.number_scan import find_numbers
from llmx.types.number_words import number_words
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, cast_reading, fields_of, read_one, shorten, unread
from llmx.types.units import ahead, is_mass_or_money, rate_end, unit_at
from llmx.types.unread import doubt_dash, doubt_unread, with_dash_as_minus

_facts = partial(load_facts, "types", "quantities")
_WORD = LazyPattern(
    lambda: (
        rf"(?:[ \u00a0\u202f]?|\s?\n(?=(?:{'|'.join(u for u in words_of(_facts()['symbols']) if len(u) > 1)})(?!\w)))"
        r"(?P<word>(?:d[’'](?=\w))?(?![\u2e80-\uffff])[^\W\d_]+(?:[-/][^\W\d_]+)*(?:/\([^\W\d_]+(?:[*·.][^\W\d_]+)*\))?(?:[²³23](?!\d))?)"
    )
)
_GLUED = LazyPattern(r"[^\W\d_]{1,8}(?:[²³23](?!\d))?(?:/[^\W\d_]{1,5})?")
_PERCENT = LazyPattern(r"[ \u00a0\u202f]?(?:%|％)")
_CJK_UNIT = LazyPattern(
    lambda: rf"\s?{one_of(_facts()['more'])}?(?P<unit>{one_of(' | '.join(words_of(_facts()['cjk'])))})"
)
_HYPHEN = LazyPattern(r"-(?P<unit>[a-z]{2,})(?![-\w])")  # a 300-bed hospital
_PARTICIPLE = LazyPattern(r"\s[^\W\d_]+(?:[dst][oa]|cho)(?!\w)")
_MORE = LazyPattern(r"[ \u00a0\u202f]?(?:[^\W\d_]|[°′″Ω℧])")
_OVER = LazyPattern(r"\d\s?/\s?\Z")  # 120/80 mmHg
_MOST_WORDS = 3


@cache
def _word_set(name: str) -> frozenset[str]:
    return frozenset(words_of(_facts()[name]))


_BELOW_ZERO = LazyPattern(lambda: rf"\s{one_of(_facts()['below_zero'])}(?!\w)", re.IGNORECASE)
_HALF_BEFORE = LazyPattern(
    lambda: rf"{one_of(_facts()['half_before'])}(?:\s|(?<=-)|-)(?=[^\W\d_])|{one_of(_facts()['half_cjk'])}",
    re.IGNORECASE,
)
_QUARTER_BEFORE = LazyPattern(
    lambda: rf"{one_of(_facts()['quarter_before'])}(?:\s|(?<=['’]))(?=[^\W\d_])", re.IGNORECASE
)
_HALF_BEHIND = LazyPattern(
    lambda: rf"\s{one_of(_facts()['half_behind'])}(?!\w)|\s?{one_of(_facts()['half_cjk'])}(?![\w])", re.IGNORECASE
)
_DECIMALS_BEHIND = LazyPattern(r"[\d一二三四五六七八九]{1,2}(?![\w])")
_DEGREES = LazyPattern(r"\s?(?P<unit>º\s?[CFcf])(?!\w)")
_UNIT_WORD = LazyPattern(r"(?P<unit>[^\W\d_]+)")
_UNIT_AND_HALF = LazyPattern(lambda: rf"(?P<unit>[^\W\d_]+)\s{one_of(_facts()['half_behind'])}(?!\w)", re.IGNORECASE)


class Quantity(BaseModel):
    """A number and its unit: ``value`` in full (180000), ``unit`` in the words of the text or None."""

    model_config = ConfigDict(frozen=True)

    value: Amount
    unit: str | None = None

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one quantity that ``words`` say.

        >>> Quantity.from_text("in the world with 18 10000 employees").value
        Quantity(value=180000, unit='employees')
        """
        plain, dashed = with_dash_as_minus(words)
        reading = cls._from_text(plain, locale)
        return doubt_dash(reading, words) if dashed else reading

    @classmethod
    def _from_text(cls, words: str, locale: str | None) -> Reading[Self]:
        special = cls._below(words, locale) or cls._half(words)
        if special is not None:
            return special
        found = cls.find_all(words, locale=locale)
        if not found:
            numbers = find_numbers(words, locale)
            if not numbers and (one := cls._one(words)) is not None:
                return one
            if not numbers:
                return cast_reading(unread(words, "not_found", f"no quantity in {shorten(words)!r}"))
            return cls._number_alone(numbers, words)
        one = doubt_unread(_with_half(read_one(found, words, "quantity"), words), words, said=found)
        if one.value is not None and _OVER.search(words, 0, one.start):
            message = f"{shorten(words)!r} states two numbers with one unit"
            return replace(one, value=None, candidates=(one.value,)).with_issue("several", message)
        return one

    @classmethod
    def _number_alone(cls, numbers: list[Reading[Real]], words: str) -> Reading[Self]:
        """Return the number without a unit; pounds and the like, which are a currency elsewhere, are its unit here."""
        if len(numbers) == 1 and is_mass_or_money(words, numbers[0].end):
            unit, end = unit_behind(words, numbers[0])
            return doubt_unread(cls._reading(words, numbers[0], unit=unit, end=end), words)
        one = doubt_unread(read_one(numbers, words, "quantity").map(lambda value: cls(value=value)), words)
        if one.value is not None and not one.doubts and _MORE.match(words, one.end):
            return one.with_issue("unread_words", f"{shorten(words)!r} says more than {one.words!r}")
        return one

    @classmethod
    def _below(cls, words: str, locale: str | None) -> Reading[Self] | None:
        """Read what lies below zero by words behind it: ten degrees below zero, vingt degrés sous zéro."""
        below = _BELOW_ZERO.search(words)
        above = None if below is None else cls.from_text(words[: below.start()], locale=locale)
        if below is None or above is None or above.value is None or above.value.value <= 0:
            return None
        value = above.value.model_copy(update={"value": -above.value.value})
        return replace(above, value=value, words=words[above.start : below.end()], end=below.end())

    @classmethod
    def _half(cls, words: str) -> Reading[Self] | None:
        """Read 'half a mile' and 'un litro y medio', which name a unit with no number beside it."""
        start = len(words) - len(words.lstrip())
        before = _HALF_BEFORE.match(words, start)
        unit, end = (None, 0) if before is None else _unit_alone(words, before.end())
        part = Decimal("0.5")
        if before is None and (before := _QUARTER_BEFORE.match(words, start)) is not None:
            part, (unit, end) = Decimal("0.25"), _unit_alone(words, before.end())
        if unit is not None and not words[end:].strip(" ."):
            return Reading(cls(value=part, unit=unit), words[start:end], start, end, "quantity.half")
        article = words[start:].split(" ", 1)[0]
        meanings = number_words().get(article.casefold(), ())
        one = any(word.kind == "one" for word in meanings) or article.casefold() in _word_set("english_articles")
        at = start + len(article) + 1 if one else start
        more = _UNIT_AND_HALF.match(words, at) if at < len(words) and not words[start].isdecimal() else None
        if more is None or words[more.end() :].strip(" ."):
            return None
        if meanings and not one:
            return None  # dos y medio
        return Reading(
            cls(value=Decimal("1.5"), unit=more["unit"]), words[start : more.end()], start, more.end(), "quantity.half"
        )

    @classmethod
    def _one(cls, words: str) -> Reading[Self] | None:
        """Read 'una milla': a noun with an article, which may be a quantity or a mere mention, and so is doubted."""
        article = words.split(" ", 1)[0]
        ones = (word.kind == "one" for word in number_words().get(article.casefold(), ()))
        unit, end = _words_behind(words, len(article), year_like=False) if any(ones) else (None, 0)
        if unit is None or words[end:].strip(" ."):
            return None
        reading = Reading(cls(value=1, unit=unit), words[:end], 0, end, "quantity.article")
        return reading.with_issue("ambiguous", f"{shorten(words)!r} has an article and no number")

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every number with a unit in ``text``, in order; sums of money and dates are left out."""
        return list(cls._find(text, locale))

    @classmethod
    def _find(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        dates = iter(scan(text, locale))
        day = next(dates, None)
        numbers = find_numbers(text, locale)
        done = 0
        for number, following in zip_longest(numbers, numbers[1:]):
            if number.start < done:
                continue  # a power: m^2
            while day is not None and day.end <= number.start:
                day = next(dates, None)
            if day is not None and day.start <= number.start and number.end <= day.end:
                continue
            if mark_before(text, number.start) is not None or mark_after(text, number.end) is not None:
                continue
            unit, end = unit_behind(text, number)
            if unit is None and ahead(text, number.start) is not None:
                yield cls._reading(text, number, unit=None, end=number.end)
            within = following is not None and following.start < end and following.end <= end
            if unit is not None and (following is None or end <= following.start or within):
                done = end
                yield cls._reading(text, number, unit=unit, end=end)

    @classmethod
    def _reading(cls, text: str, number: Reading[Real], *, unit: str | None, end: int) -> Reading[Self]:
        before = ahead(text, number.start)
        start = number.start if before is None else before[1]
        unit = unit if before is None else before[0] + (unit or "")
        reading = number.map(lambda value: cls(value=value, unit=unit))
        rule = number.rule.replace("number.", "quantity.")
        made = Reading(reading.value, text[start:end], start, end, rule, reading.candidates, reading.issues)
        return with_bounds_behind(made, text)

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, given: Any) -> Any:
        return fields_of(given, cls.from_text, "no quantity")

    def __str__(self) -> str:
        return f"{self.value} {self.unit}" if self.unit else str(self.value)


_Quantity = TypeVar("_Quantity", bound=Quantity)


def _unit_alone(text: str, at: int) -> tuple[str | None, int]:
    """Return (unit, end) of the unit that begins at a place, and is one word."""
    found = _CJK_UNIT.match(text, at) or _UNIT_WORD.match(text, at)
    return (None, at) if found is None else (found["unit"], found.end())


def _with_half(reading: Reading[_Quantity], words: str) -> Reading[_Quantity]:
    """Add a half that stands behind the unit: deux litres et demi, 两升半."""
    value = reading.value
    if value is None or value.value != int(value.value) or reading.candidates:
        return reading
    part, behind = Decimal("0.5"), _HALF_BEHIND.match(words, reading.end)
    if behind is None and value.unit in phrases(_facts()["length_with_decimals"]):
        behind = _DECIMALS_BEHIND.match(words, reading.end)
        part = Decimal(f"0.{han_digits(behind.group())}") if behind else part
    if behind is None:
        return reading
    more = value.model_copy(update={"value": value.value + part})
    return replace(reading, value=more, words=words[reading.start : behind.end()], end=behind.end())


def unit_behind(text: str, number: Reading[Any]) -> tuple[str | None, int]:
    """Return the unit right behind a number with its end, None where the words behind it are none."""
    at = number.end
    sign = _PERCENT.match(text, at)
    if sign is not None:
        return "%", sign.end()
    beside = _DEGREES.match(text, at) or (_HYPHEN.match(text, at) if number.rule == "number.digits" else None)
    if beside is not None:
        return beside["unit"], beside.end()
    measured = unit_at(text, at)
    if measured is not None:
        return measured
    han = _CJK_UNIT.match(text, at)
    if han is not None:
        return han["unit"], han.end()
    glued = _GLUED.match(text, at)
    if glued is not None and ord(text[at]) < 0x2E7F:
        return (None, at) if glued.group().lower() in _word_set("ordinals") else (glued.group(), glued.end())
    year_like = number.rule == "number.digits" and number.words[:2] in {"19", "20"} and len(number.words) == 4
    return _words_behind(text, at, year_like=year_like)


def _words_behind(text: str, at: int, *, year_like: bool) -> tuple[str | None, int]:
    """Return one to three words that end at a stop word, a name or punctuation."""
    taken: list[str] = []
    start = end = at
    while len(taken) < _MOST_WORDS:
        found = _WORD.match(text, end)
        if found is None or found.start("word") == end or ord(found["word"][0]) > 0x2E7F:
            break
        word = found["word"]
        bare = word if taken else re.sub(r"^d[’']", "", word)
        if not taken and (word.lower() in _word_set("linked") or word.lower() in _word_set("skipped")):
            end = start = found.end()
            continue
        if (bare.lower() in _word_set("stop") and not _is_symbol(text, found.end(), bare, first=not taken)) or (
            taken and _ends_unit(word, taken)
        ):
            break
        if not taken and word[0].isupper() and year_like:
            break
        if not taken:
            start = found.end() - len(bare)
        taken.append(bare)
        end = found.end()
    if not taken:
        return None, at
    end = rate_end(text, end)
    return text[start:end], end


def _is_symbol(text: str, end: int, word: str, *, first: bool) -> bool:
    """Whether a word that ends a unit is the symbol of one here: 1,5 ha, but not 'El 5 ha ganado'."""
    return first and word in _word_set("symbols") and _PARTICIPLE.match(text, end) is None


def _ends_unit(word: str, taken: list[str]) -> bool:
    """Whether a further word begins something new: a name, an adverb, a verb behind the noun.

    A plural ends an English unit (charging stations | opened); in the Romance languages an adjective that agrees with
    it may follow (empleos directos, metri quadrati), and agreement is seen in the last letter.
    """
    last = taken[-1]
    if word[0].isupper() or word.lower().endswith(words_of(_facts()["adverb_endings"])) or "'" in word or "’" in word:
        return True
    if last.lower() in _word_set("whole") or last[0].isupper():
        return last.lower() in _word_set("whole") or len(taken) > 1
    plural = len(last) > 3 and last[-1] in "sxi" and not last.endswith(("ss", "us", "is"))
    return plural and word[-1] not in ("i" if last[-1] == "i" else "sx")
