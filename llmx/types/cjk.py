"""Chinese, Japanese and Korean numerals: 三百二十万, 3億5000万, 二〇二四, 5천만, 삼백만.

Only the value of a run of numerals is computed here; where such a run is a number at all in running text
(三家 yes, 三菱 no) is decided here as well, because it hangs on the letters around. The scanner is ``number.py``'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import cache, partial
from typing import NamedTuple

from llmx.facts import load_facts, pairs, words
from llmx.types.digits import Real

_facts = partial(load_facts, "types", "cjk_numerals")
_TENS = frozenset({20, 30, 40})  # 廿, 卅, 卌
_TOKENS = re.compile(r"\d+|\D")


class Numerals(NamedTuple):
    """The numerals of one script: what each digit is worth, and what each unit multiplies by."""

    digits: dict[str, int]
    units: dict[str, int]

    @property
    def letters(self) -> str:
        """All letters of the numerals, for a character class."""
        return "".join(self.digits) + "".join(self.units)


@cache
def han() -> Numerals:
    """Return the Chinese and Japanese numerals."""
    facts = _facts()
    digits = {letter: value for value, letters in enumerate(facts["han"].split()) for letter in letters}
    return Numerals(digits, _worths("han_small") | _worths("han_large"))


@cache
def hangul() -> Numerals:
    """Return the Sino-Korean numerals in Hangul."""
    return Numerals({letter: value for value, letter in enumerate(_facts()["hangul"])}, _worths("hangul_units"))


def _worths(name: str) -> dict[str, int]:
    return {letter: int(worth) for letter, worth in pairs(_facts()[name]).items()}


@cache
def magnitudes() -> dict[str, int]:
    """Return what a letter behind digits multiplies by, both scripts together; 廿 and 卅 are tens and no magnitudes."""
    return {letter: worth for letter, worth in (han().units | hangul().units).items() if worth not in _TENS}


def hangul_vague() -> str:
    """Return the letter that makes a magnitude in Hangul vague: 수백 is several hundred."""
    vague: str = _facts()["hangul_vague"]
    return vague


def hangul_units_after() -> tuple[str, ...]:
    """Return the units before which one letter of Hangul is a numeral."""
    return word_list("hangul_units_after")


@cache
def letters_of(name: str) -> frozenset[str]:
    """Return the letters of an entry of data/cjk_numerals.yaml, such as ``vague_before``."""
    return frozenset(_facts()[name]) - {" "}


@cache
def word_list(name: str) -> tuple[str, ...]:
    """Return the words of an entry of data/cjk_numerals.yaml."""
    return words(_facts()[name])


def han_value(run: str) -> Real | None:
    """Return the value of a run of Han numerals, None where they form none.

    >>> han_value("三百二十万"), han_value("二〇二四")
    (3200000, 2024)
    """
    digits = han().digits
    if all(letter in digits for letter in run):
        return int("".join(str(digits[letter]) for letter in run))
    return _positional(run, *han())


def han_digits(run: str) -> str:
    """Return a run of Han and other digits as digits: 七五 is 75."""
    return "".join(str(int(letter)) if letter.isdecimal() else str(han().digits[letter]) for letter in run)


def shortened_value(run: str) -> Real | None:
    """Return what a run means where its last unit is left out, as Chinese does: 二百五 is 250, 九十二万四 is 924000.

    None where the run cannot be read so. Japanese reads 二百五 as 205.
    """
    digits, units = han()
    if len(run) < 2 or run[-1] not in digits or units.get(run[-2], 0) < 100 or not digits[run[-1]]:
        return None
    whole = han_value(run[:-1])
    return None if whole is None else whole + digits[run[-1]] * units[run[-2]] // 10


def hangul_value(run: str) -> Real | None:
    """Return the value of a run of Sino-Korean numerals, None where they form none."""
    if all(letter in hangul().digits for letter in run):
        return None  # 이일 and the like are words, not numbers
    return _positional(run, *hangul())


def mixed_value(run: str) -> Real | None:
    """Return the value of a run of digits, Han and Hangul numerals together: 2千零30, 100万2205, 이십삼."""
    numerals, korean = han(), hangul()
    return _positional(_TOKENS.findall(run), numerals.digits | korean.digits, numerals.units | korean.units)


def _positional(run: Iterable[str], digits: dict[str, int], units: dict[str, int]) -> Real | None:
    """Return the value of digits and units in order; small units must fall between two large ones."""
    total = section = 0
    digit: int | None = None
    lowest = 10**4
    for letter in run:
        if letter in digits or letter.isdecimal():
            if digit:
                return None  # two digits in a row, with units elsewhere: no numeral
            digit = digits[letter] if letter in digits else int(letter)
            continue
        worth = units.get(letter, 0)
        if worth in _TENS:
            section += worth
        elif worth >= 10**4:
            section += digit or 0
            stacked = total and not section and digit is None
            if stacked or 0 < total < worth:
                total = (total + section) * worth  # 万亿, 一万五千億
            else:
                total += (section or (1 if total == 0 else 0)) * worth
            section, lowest = 0, 10**4
        elif not 0 < worth < lowest:
            return None  # 二十三百
        else:
            section += (digit or 1) * worth  # 零十二 is twelve
            lowest = worth
        digit = None
    return total + section + (digit or 0)


def scaled(letters: str) -> Decimal | int:
    """Return what a run of magnitude letters behind digits multiplies by: 千万 and 천만 are ten million."""
    worth = 1
    for letter in letters:
        worth *= magnitudes()[letter]
    return worth


def is_number(run: str, before: str, after: str) -> bool:
    """Whether a run of Han numerals between the letters ``before`` and ``after`` is a number in running text.

    ``before`` is the letter before ('' at the start), ``after`` up to three letters behind the run.
    """
    whole = run + after
    if before == _facts()["ordinal"] or whole.startswith(word_list("words")):
        return False
    if before and after and before in letters_of("word_before") and len(run) == 1:
        return False
    if len(run) == 2 and all(letter in han().digits for letter in run):
        return "〇" in run or "零" in run  # 五一 is a day, 三四 means some
    if len(run) == 1:
        return _is_single(run, before, after)
    if all(letter in magnitudes() for letter in run):
        return _counts(after) or not (before.strip() or after.strip())
    return len(run) > 2 or _counts(after) or _counts_tens(after)


def _is_single(letter: str, before: str, after: str) -> bool:
    """Whether a single numeral is a number: before a measure, or where it is all."""
    if letter in letters_of("never_alone"):  # 千円 where it is all; a table's 単位：千円 is no sum
        whole = not before and not after.rstrip("円元")
        return after[:1] in letters_of("counted_kana") or (bool(after) and whole)
    return _counts(after) or not (after.strip() or before.strip()) or _leads(before, after) or _said_again(after)


def _said_again(after: str) -> bool:
    """Whether digits in parentheses follow, which say the same: 六（6）个月."""
    return after[:1] in {"（", "("} and after[1:2].isdecimal()


def _leads(before: str, after: str) -> bool:
    """Whether a single numeral is the first of two: 三到五年, 三、四年; but 星期一到五."""
    joint, following = after[:1], after[1:2]
    if joint not in letters_of("joints") or following not in han().digits or before in letters_of("weekday_before"):
        return False
    return joint != "、" or _counts(after[2:])


def is_hangul_number(run: str, before: str, after: str) -> bool:
    """Whether a run of Sino-Korean numerals is a number: at least two letters, a measure behind, nothing before."""
    measured = not after.strip() or after.lstrip()[:1] in letters_of("hangul_measures")
    return len(run) > 1 and not before.isalpha() and measured


def _counts(after: str) -> bool:
    if not after:
        return False
    counted = after[0] in letters_of("measures") or after[0] in letters_of("counted_kana")
    return counted or after.startswith(word_list("measures_of_several"))


def _counts_tens(after: str) -> bool:
    """Whether a numeral of two letters (五十) is one before ``after``: a further measure word, or no Han letter."""
    letter = after[:1]
    return letter in letters_of("measures_of_tens") or letter in letters_of("more_after") or not "一" <= letter <= "鿿"
