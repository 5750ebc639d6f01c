"""Sums of money: HK$300 million, 3.2 billion RMB, 32亿元, 50 Mio. Euro, R$ 2 bilhões, ₩1조 2000억.

A sum is a number (``number.py``) with a currency (``currency.py``) right before or behind it. A sum that says no
number ('several million yuan') has no value; a currency that the words leave open is None with the codes as candidates.
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
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator

from llmx.facts import load_facts, one_of, pairs, phrases
from llmx.facts import words as words_of
from llmx.record import Issue
from llmx.types.accounting import as_loss, in_parentheses, with_minus_behind, with_scale_behind
from llmx.types.bounds import with_bounds_behind
from llmx.types.cjk import han_value
from llmx.types.currency import Mark, currency_codes, mark_after, mark_before
from llmx.types.currency_choice import choose_mark, currency_remark, marks_agree, resolve_mark, scaled_code
from llmx.types.digits import Real, exact, read_digits
from llmx.types.fields import Amount
from llmx.types.invisible import past_invisible
from llmx.types.minor_units import hundredth, minor_unit_behind
from llmx.types.number_scan import find_numbers
from llmx.types.number_words import number_words, numerals
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, cast_reading, fields_of, read_one, shorten, unread
from llmx.types.units import with_rate
from llmx.types.unread import doubt_dash, doubt_unread, minus_before, with_dash_as_minus

_facts = partial(load_facts, "types", "currency_words")
_joints = partial(load_facts, "types", "number_joints")


@cache
def _powers() -> dict[str, int]:
    """Return the powers of ten of letters that only money makes a magnitude, longer ones first."""
    powers = pairs(numerals()["letters_of_money"])
    return {letters: int(powers[letters]) for letters in sorted(powers, key=len, reverse=True)}


_LETTERS = LazyPattern(lambda: rf"[ \u00a0\u202f]?(?P<letters>{'|'.join(_powers())})(?!\.?[^\W\d_])\.?")
_RUPEE_LETTERS = LazyPattern(lambda: rf"\s?(?P<letters>{'|'.join(pairs(_facts()['rupee_letters']))})(?![^\W_])\.?")
_TO = LazyPattern(lambda: rf"\s?(?:[-–—~〜～]|{one_of(_joints()['to'])})\s?", re.IGNORECASE)
_AND = LazyPattern(lambda: rf"\s{one_of(_joints()['and_between'])}\s", re.IGNORECASE)
_BETWEEN = LazyPattern(lambda: rf"{one_of(_joints()['between'])}\s$", re.IGNORECASE)
_ASIDE = LazyPattern(lambda: rf"[(（]|,?\s{one_of(_facts()['aside'])}\s(?:{one_of(_facts()['about'])}\s)?$")
_LONGEST_JOINT = 6
_CENTS_JOINT = LazyPattern(
    lambda: rf"\s?|\s{one_of(_facts()['cents_joint'])}\s|\s?[{_facts()['cents_joint_cjk']}]\s?", re.IGNORECASE
)
_PREFIX = LazyPattern(
    lambda: (
        rf"[ \u00a0]?(?P<prefix>{'|'.join(pairs(_facts()['code_prefixes']))})"
        rf"(?:{'|'.join(sorted(currency_codes()))}|€)(?!\w)"
    )
)
_SCALE_BEHIND = LazyPattern(r"[ \u00a0](?P<word>[^\W\d_]{5,})")
_CENTS_OR_HUNDREDS = LazyPattern(lambda: rf"(?P<digits>\d[\d.,]*)\s{_facts()['hundreds_or_cents']}")
_CENTS = LazyPattern(
    lambda: rf"\s?(?:(?P<tenth>{one_of(_facts()['tenths'])})|{one_of(_facts()['hundredths'])})", re.IGNORECASE
)
_BARE_TENTHS = LazyPattern(
    lambda: rf"[{_facts()['bare_tenths_behind']}](?P<digit>[一二三四五六七八九])(?![\d\u3400-\u9fff])"
)
_THREE_DECIMALS = LazyPattern(r"[1-9]\d{0,2}[.,]\d{3}")


class Money(BaseModel):
    """A sum of money: ``amount`` in full units (3200000000), ``currency`` an ISO 4217 code or None where it is open.

    Dumps to ``{"amount": 300000000, "currency": "HKD"}``. A class of your own may build on it (docs/types.md).
    """

    model_config = ConfigDict(frozen=True)

    amount: Amount
    currency: str | None = None

    def agrees_with(self, claimed: Self) -> bool:
        """Whether a text that states this sum states the ``claimed`` one, which may leave its currency open."""
        if claimed.currency is not None or claimed.amount != self.amount:
            return False
        return self.model_copy(update={"currency": None}) == claimed

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one sum that ``words`` say; a number without a currency is a sum with ``currency`` None.

        >>> Money.from_text("HK$300 million").value
        Money(amount=300000000, currency='HKD')
        """
        plain, dashed = with_dash_as_minus(words)
        if dashed:
            return doubt_dash(cls.from_text(plain, locale=locale, reference=reference), words)
        found = cls.find_all(words, locale=locale, reference=reference)
        if found:
            told = doubt_unread(cls._together(found, words), words, said=found)
            return told if told.value is None else as_loss(told, words, told.value.negated())
        numbers = [n for n in find_numbers(words, locale) if n.value is not None or n.candidates or n.issues]
        numbers = [_never_hundreds(number, locale) for number in numbers]
        if not numbers:
            if (one := cls._one(words, locale)) is not None:
                return one
            return cast_reading(unread(words, "not_found", f"no sum of money in {shorten(words)!r}"))
        reading = read_one(numbers, words, "number").map(lambda amount: cls(amount=amount))
        if reading.value is None:
            return reading
        return doubt_unread(reading, words).with_issue("no_currency", f"{shorten(words)!r} names no currency")

    @classmethod
    def _one(cls, words: str, locale: str | None) -> Reading[Self] | None:
        """Read 'einen Euro', 'a dollar': a currency with an article, where it is all that the words say."""
        article, _, _ = words.strip().partition(" ")
        start = words.find(article) + len(article)
        mark = (mark_after(words, start) or _minor_mark(words, start)) if article else None
        ones = number_words().get(article.casefold(), ())
        if (
            mark is None
            or words[mark.end :].strip(" .")
            or not (any(word.kind == "one" for word in ones) or article.casefold() in {"a", "an"})
        ):
            return None
        one: Reading[Real] = Reading(1, words, 0, len(words), "number.words")
        if (minor := cls._minor(words, replace(one, end=start), locale)) is not None:
            return minor
        codes, kind = resolve_mark(mark, words, locale, words=words)
        return cls._sum(one, codes, kind, power=0)

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every sum with a currency in ``text``, in order; numbers without one are left out."""
        return past_invisible(partial(cls._find_visible, locale=locale), text)

    @classmethod
    def _find_visible(cls, text: str, locale: str | None) -> list[Reading[Self]]:
        out: list[Reading[Self]] = []
        for reading in cls._find(text, locale):
            if out and (both := cls._range(text, out[-1], reading)) is not None:
                out[-1] = both
                continue
            out.append(reading)
        return out

    @classmethod
    def _find(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        floor = 0
        numbers = find_numbers(text, locale)
        for number, following, further in zip_longest(numbers, numbers[1:], numbers[2:]):
            if number.start < floor or number.words.startswith("00"):
                continue  # the cents of the sum before, the end of a number on the line before
            number = _signed(text, number, floor)  # noqa: PLW2901 - as accounts write it
            before = mark_before(text, number.start, floor)
            power, end = _letters(text, number, before)
            if before is None and (scaled := scaled_code(text, number.start, floor)) is not None:
                before, power = scaled
            number = _never_hundreds(number, locale)  # noqa: PLW2901 - of cents
            after = mark_after(text, end)
            if _is_of_next(
                text, after, following, behind_words=number.rule == "number.words", signed=before is not None
            ):
                after = None
            mark = choose_mark(before, after)
            if mark is None or (mark is after and before is None and _weak(text, mark, number)):
                if mark is None and (minor := cls._minor(text, number, locale)) is not None:
                    yield with_bounds_behind(minor, text)
                    floor = minor.end
                continue
            start = number.start if before is None else before.start
            stop = after.end if after is not None and (mark is after or marks_agree(before, after)) else end
            if mark is after and not power and number.rule == "number.digits":
                power, stop = _scale_behind(text, stop)
            sum_words = text[start:stop]
            codes, kind = resolve_mark(mark, text, locale, words=sum_words)
            plain = number if power else _never_thousandths(number)
            if before is not None and (minus := minus_before(text, start, floor=floor)) is not None:
                plain, start = plain.map(lambda amount: -amount), minus
                sum_words = text[start:stop]
            reading = Reading(plain.value, sum_words, start, stop, plain.rule, plain.candidates, plain.issues)
            found = cls._sum(reading, codes, kind, power=power)
            for cents in () if power else (following, further):  # 五元三角二分
                if cents is not None and cents.start - found.end < _LONGEST_JOINT:
                    found = cls._with_cents(text, found, cents)
            if not text.isascii() and found.end == stop and (tenths := _BARE_TENTHS.match(text, stop - 1)) is not None:
                found = cls._with_tenths(found, tenths["digit"], text=text)
            yield with_rate(with_bounds_behind(found, text), text)
            floor = found.end

    @classmethod
    def _minor(cls, text: str, number: Reading[Real], locale: str | None) -> Reading[Self] | None:
        """Return hundredths without whole units before them as candidates: 45 cents is 0.45, or 45 of something."""
        unit = minor_unit_behind(text, number.end)
        if unit is None or number.value is None or number.candidates:
            return None
        words = text[number.start : unit.end]
        codes, kind = resolve_mark(Mark(unit.codes, unit.kind, number.end, unit.end), text, locale, words=words)
        share = replace(number.map(hundredth), words=words, end=unit.end)
        if unit.certain:
            return cls._sum(share, codes, kind, power=0)
        both = (cls(amount=hundredth(number.value), currency=codes[0]), cls(amount=number.value))
        reading: Reading[Self] = Reading(None, words, number.start, unit.end, "money.minor", both, number.issues)
        return reading.with_issue("ambiguous", f"{shorten(words)!r} are hundredths of a currency, here {both[0]}")

    @classmethod
    def _with_cents(cls, text: str, whole: Reading[Self], cents: Reading[Real]) -> Reading[Self]:
        """Add the hundredths said behind whole units: 3 dollars 50 cents, zwei Euro und fünfzig Cent, 五元三角.

        A number below a hundred without a name ('15 dollars and 50') may be those or not: the sum is doubted.
        """
        value = whole.value
        if value is None or cents.value is None or not 0 < cents.value < 100:
            return whole
        tenths = whole.words[-1] in phrases(_facts()["tenths"]) and cents.value < 10  # 三元五角二分
        if value.amount * (10 if tenths else 1) % 1:
            return whole
        if whole.rule not in {"money.digits", "money.words"} or not _CENTS_JOINT.fullmatch(
            text, whole.end, cents.start
        ):
            return whole
        unit = _CENTS.match(text, cents.end)
        if unit is None:
            if text[cents.end : cents.end + 1] not in {"", "."} or cents.value < 10:
                return whole
            more = value.model_copy(update={"amount": exact(value.amount + Decimal(cents.value) / 100)})
            words = text[whole.start : cents.end]
            read = replace(whole, value=more, words=words, end=cents.end, candidates=(more, value))
            return read.with_issue("unread_words", f"{words!r} may say cents, or more than {whole.words!r}")
        share = Decimal(cents.value) / (10 if unit["tenth"] else 100)
        reading = whole.map(lambda sum_: sum_.model_copy(update={"amount": exact(sum_.amount + share)}))
        return replace(reading, words=text[whole.start : unit.end()], end=unit.end())

    @classmethod
    def _with_tenths(cls, whole: Reading[Self], digit: str, *, text: str) -> Reading[Self]:
        """Add the tenths that one numeral behind the colloquial unit says: 三块五."""
        share = Decimal(int(han_value(digit) or 0)) / 10
        reading = whole.map(lambda sum_: sum_.model_copy(update={"amount": exact(sum_.amount + share)}))
        return replace(reading, words=text[whole.start : whole.end + 1], end=whole.end + 1)

    @classmethod
    def _sum(cls, number: Reading[Real], codes: tuple[str, ...], kind: str, *, power: int) -> Reading[Self]:
        """Return a number, times ten to ``power``, as a sum in the first of ``codes``; in none where that is open."""
        scale = 10**power
        code = None if kind == "open" else codes[0]
        sums = number.map(lambda amount: cls(amount=exact(Decimal(amount) * scale), currency=code))
        candidates, issues = sums.candidates, sums.issues
        if kind != "sure":
            amounts = candidates or (() if sums.value is None else (sums.value,))
            candidates = tuple(s.model_copy(update={"currency": other}) for s in amounts for other in codes)
            issues = (*issues, currency_remark(sums.words, codes, kind))
        rule = sums.rule.replace("number.", "money.")
        return Reading(sums.value, sums.words, sums.start, sums.end, rule, candidates, issues)

    @classmethod
    def _range(cls, text: str, low: Reading[Self], high: Reading[Self]) -> Reading[Self] | None:
        """Join '€3 bn to €5 bn' and 'between $3 and $5 million' to one reading with both ends as candidates."""
        if low.value is None or high.value is None or low.value.currency != high.value.currency:
            return None
        gap = text[low.end : high.start]
        if not (
            _TO.fullmatch(gap) or (_AND.fullmatch(gap) and _BETWEEN.search(text[max(0, low.start - 18) : low.start]))
        ):
            return None
        first, last = low.value.amount, high.value.amount
        if low.rule == "money.digits" and first < 1000 and high.rule != low.rule:
            scale = max((10**power for power in (3, 6, 9, 12) if first * 10**power < last), default=1)
            first = exact(Decimal(first * scale))
        if first >= last:
            return None
        ends = tuple(cls(amount=amount, currency=low.value.currency) for amount in (first, last))
        issues = (*high.doubts, Issue("range", "", f"the words say a range from {first} to {last}"))
        return Reading(None, text[low.start : high.end], low.start, high.end, "money.range", ends, issues)

    @classmethod
    def _together(cls, found: list[Reading[Self]], words: str) -> Reading[Self]:
        """Return the one sum of several: the same sum said twice is one."""
        if len(found) == 1:
            return found[0]
        first, *others = found
        if first.value is not None and all(_converted(words, first, other) for other in others):
            return first.with_issue("converted", "the same sum in another currency stands behind it")
        sure = [reading for reading in found if not reading.issues]
        if len(sure) == 1 and all(
            reading.value is None and not reading.candidates for reading in found if reading is not sure[0]
        ):
            return sure[0]
        return read_one(found, words, "sum of money")

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, given: Any) -> Any:
        return fields_of(given, cls.from_text, "no sum of money")

    def negated(self) -> Self:
        """Return the same sum with the other sign."""
        return self.model_copy(update={"amount": -self.amount})

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}" if self.currency else str(self.amount)


def _minor_mark(text: str, at: int) -> Mark | None:
    unit = minor_unit_behind(text, at)
    return None if unit is None else Mark(unit.codes, unit.kind, at, unit.end)


def _letters(text: str, number: Reading[Real], before: Mark | None) -> tuple[int, int]:
    """Return (power of ten, end) of magnitude letters that only money makes one: 5 M€, $5 M, 1,2 MM USD."""
    prefix = _PREFIX.match(text, number.end) if before is None else None
    if prefix is not None:
        return int(pairs(_facts()["code_prefixes"])[prefix["prefix"]]), prefix.end("prefix")
    rupees = _RUPEE_LETTERS.match(text, number.end) if before is not None and "INR" in before.codes else None
    if rupees is not None:
        return int(pairs(_facts()["rupee_letters"])[rupees["letters"]]), rupees.end("letters")
    found = _LETTERS.match(text, number.end)
    if found is None or number.rule != "number.digits":
        return 0, number.end
    if before is not None or mark_after(text, found.end()) is not None:
        return _powers()[found["letters"]], found.end("letters")
    return 0, number.end


def _signed(text: str, number: Reading[Real], floor: int) -> Reading[Real]:
    """Return a number with the sign that stands around or behind it: $(5.2) million, 1,234.50- USD."""
    loss = in_parentheses(text, number)
    if loss is not None and mark_before(text, loss.start, floor) is not None:
        return with_scale_behind(text, loss)
    return with_minus_behind(text, number)


def _scale_behind(text: str, end: int) -> tuple[int, int]:
    """Return (power of ten, end) of a magnitude behind the currency: 75 USD milhões."""
    found = _SCALE_BEHIND.match(text, end)
    scales = [word for word in number_words().get(found["word"].lower(), ()) if word.kind == "scale"] if found else []
    if found is None or not scales or scales[0].value < 1000:
        return 0, end
    return len(str(scales[0].value)) - 1, found.end()


def _never_hundreds(number: Reading[Real], locale: str | None) -> Reading[Real]:
    """Read the French '34 cents' of a sum as 34, and doubt it: digits have no hundreds behind them."""
    found = _CENTS_OR_HUNDREDS.fullmatch(number.words) if number.words.endswith(("cent", "cents")) else None
    digits = None if found is None else read_digits(found["digits"], locale)
    if digits is None:
        return number
    reading = replace(number, value=digits.value, candidates=(digits.value, digits.value * 100), rule="number.digits")
    return reading.with_issue("ambiguous", f"{number.words!r} may be hundreds or cents")


def _converted(words: str, first: Reading[Any], other: Reading[Any]) -> bool:
    """Whether a sum is the first one in another currency: 3.2 billion yuan ($450 million)."""
    if first.value is None or other.value is None or other.value.currency == first.value.currency:
        return False
    return _ASIDE.search(words[first.end : other.start]) is not None


def _never_thousandths(number: Reading[Real]) -> Reading[Real]:
    """Read 1.500 € as fifteen hundred: sums without a magnitude have no three decimals, whatever the marks."""
    if number.rule != "number.digits" or _THREE_DECIMALS.fullmatch(number.words) is None:
        return number
    whole = int("".join(letter for letter in number.words if letter.isdecimal()))
    issues = tuple(issue for issue in number.issues if issue.code != "ambiguous")
    return Reading(whole, number.words, number.start, number.end, number.rule, (), issues)


def _is_of_next(
    text: str, mark: Mark | None, following: Reading[Real] | None, *, behind_words: bool, signed: bool
) -> bool:
    """Whether a mark behind a number is that of the next one: $ 20.00 $ 37.30; Balance due $45.00, where due is no two.

    ``signed`` says that the number has a mark before it, too, and ``behind_words`` that it is written in words.
    """
    if mark is None or following is None or following.start - mark.end >= 2 or _CENTS.match(text, following.end):
        return False
    last = text[mark.end - 1]
    is_sign = not last.isalpha() or (last.isascii() and last.isupper())
    return signed or (behind_words and is_sign and text[following.start].isdigit())


def _weak(text: str, mark: Mark, number: Reading[Real]) -> bool:
    """Whether a name is rather a weight, a book, a verb behind a small number: 5 pounds, deux livres, 3 won."""
    return (
        text[mark.start : mark.end].lower() in words_of(_facts()["weak"])
        and number.value is not None
        and number.value < 1000
    )
