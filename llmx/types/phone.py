"""Telephone numbers: a number that exists is in the form of E.164, any other keeps its digits and is doubted.

Which numbers exist, phonenumbers knows. In a running text, digits alone are a telephone number for certain only where
they are grouped as one, or where a word before them says so.
"""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Self

from llmx.facts import load_facts, one_of, pairs
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, cast_reading, read_one, shorten, unread
from llmx.types.text_value import LATIN, TextValue

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_DASHES = "\\-\u2010-\u2015\u2212\uff0d\uff70"
_BETWEEN = rf"[ \u00a0\u202f\u3000.．()（）/·{_DASHES}]"
#: Digits with what stands between those of one number; several numbers may follow each other.
_RUN = LazyPattern(rf"(?<![{LATIN}.,．_#])(?:[+＋]\s?|[(（]\s?[+＋]?\s?){{0,3}}\d(?:{_BETWEEN}{{0,3}}\d){{4,}}")
_PARTS = LazyPattern(r"[ \u00a0\u202f\u3000]+")
_GROUPS = LazyPattern(r"\d+")
_NOT_AFTER = LazyPattern(rf"[{LATIN}_@]|[.,:]\d|%|％")
_NO_PHONE = LazyPattern(
    # a date, an IP address, a decimal number, digits in thousands
    r"\d{4}[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./]\d{4}|(?:19|20)\d\d\s?[-/–]\s?(?:19|20)\d\d"
    r"|(?:\d{1,3}\.){3}\d{1,3}|\d+\.\d+|\d{1,3}(?:\.\d{3})+"
)
_THOUSANDS = LazyPattern(r"[1-9]\d{0,2}(?:[ \u00a0\u202f]\d{3})+")
_TRUNK = LazyPattern(r"[(（]\s?0\s?[)）]")
_ALTERNATIVE = LazyPattern(r"\d{5,} ?/ ?\d|\d[ -]\d+ / \d")  # 901820 / 821 are two numbers
_LABEL = LazyPattern(
    lambda: (
        rf"(?:(?<![A-Za-z\u00c0-\u024f]){one_of(load_facts('types', 'contacts')['phone_labels'])})[^\n\d]{{0,40}}\Z"
    ),
    re.IGNORECASE,
)
_EXTENSION = LazyPattern(
    lambda: (
        rf"[\s,;·-]{{0,3}}[(（]?\s?{one_of(load_facts('types', 'contacts')['extension'])}\s?[.:：]?\s?"
        rf"(?P<digits>\d{{1,6}})(?![{LATIN}])"
    ),
    re.IGNORECASE,
)
_LABEL_CHARS, _JOINT_CHARS = 60, 12
_FEWEST, _FEWEST_PARSED, _MOST = 5, 6, 17
_LONGEST_RUN, _MOST_PARTS = 8, 16  # of digits between blanks in one number, and in one line of a text


@cache
def _regions() -> Mapping[str, str]:
    """Return the country of a national number by the language of the locale."""
    return pairs(load_facts("types", "contacts")["regions"])


class Phone(TextValue):
    """A telephone number as a field type, in the form of E.164 (+33123456789).

    A national number needs a locale with a country (fr_FR, or a language of one main country). Without one, and where
    no such number exists, the digits stay as they stand, with the issue ``no_country`` or ``unassigned_number``.
    """

    __slots__ = ()
    what = "telephone number"
    pattern = r"\+?\d{5,17}"

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one telephone number that ``words`` hold."""
        region = region_of(locale)
        runs = list(_RUN.finditer(words))
        numbers = [number for run in runs for number in _of_run(words, run, region) if number.parsed]
        if not numbers:
            numbers = [number for run in runs for number in _loose(words, run, region)]
        found = [cls._reading(number, words, certain=True) for number in _without_extensions(numbers, words)]
        if not found and any(letter.isdecimal() for letter in words):
            return cast_reading(unread(words, "not_found", f"{shorten(words)!r} is no telephone number"))
        return read_one(found, words, cls.what)

    @classmethod
    def _find(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        labelled, end, taken, region = False, 0, 0, region_of(locale)
        for run in _RUN.finditer(text):
            joined = labelled and run.start() - end < _JOINT_CHARS  # call 91 338 52 00 or 600 123 456
            labelled = joined or _is_labelled(text, run.start())
            end = run.end()
            found = [number for number in _of_run(text, run, region) if number.is_likely or labelled]
            if labelled and not any(number.parsed or number.international for number in found):
                found = _loose(text, run, region)  # said to be a number, and none that exists
            for number in found:
                if number.start >= taken:  # not the extension of the one before
                    reading = cls._reading(number, text, certain=labelled)
                    taken = reading.end
                    yield reading

    @classmethod
    def _reading(cls, number: _Number, text: str, *, certain: bool) -> Reading[Self]:
        """Return what a number in ``text`` says; ``certain``: it is known to be one of a telephone."""
        reading: Reading[Self] = Reading(
            cls(number.value), text[number.start : number.end], number.start, number.end, "phone"
        )
        said = repr(shorten(reading.words))
        if number.parsed is None and number.assumed:
            both = (cls(number.assumed), cls(number.value))
            message = f"{said} has no plus sign, and is read as {number.assumed}"
            reading = replace(reading, value=both[0], candidates=both).with_issue("assumed_country", message)
        elif number.parsed is None:
            known = number.international or number.region
            message = "is no number that exists" if known else "has no country code, and no locale names a country"
            reading = reading.with_issue("unassigned_number" if known else "no_country", f"{said} {message}")
        elif number.trunk:
            reading = reading.with_issue("trunk_prefix", f"the 0 behind the country code of {said} is left out")
        elif number.beside or _ALTERNATIVE.search(number.written):
            message = f"{said} stands beside digits that may be a part of it"
            reading = reading.with_issue("unread_words", message)
        elif not certain and not number.international and not number.grouped:
            reading = reading.with_issue("ambiguous", f"{said} may be another number than one of a telephone")
        extension = _EXTENSION.match(text, number.end)
        if extension is None:
            return reading
        message = f"the extension {extension['digits']} behind {said} is no part of the value"
        longer = replace(reading, words=text[number.start : extension.end()], end=extension.end())
        return longer.with_issue("extension", message)


@dataclass(frozen=True, slots=True)
class _Number:
    """Digits that may be a telephone number: ``written`` with ASCII digits and marks, ``parsed`` where it exists.

    ``grouped``: its digits stand in groups that a number of its country has. ``trunk``: a 0 that E.164 leaves out
    stands behind the country code. ``assumed``: the number in the form of E.164 where only a plus sign is missing.
    ``beside``: digits that are no number of their own stand beside it.
    """

    written: str
    start: int
    end: int
    region: str | None
    parsed: PhoneNumber | None = None
    grouped: bool = False
    trunk: bool = False
    assumed: str = ""
    beside: bool = False

    @property
    def international(self) -> bool:
        """Whether the number begins with a country code."""
        return self.written.lstrip("( ").startswith(("+", "00"))

    @property
    def is_likely(self) -> bool:
        """Whether its form alone makes it likely to be one of a telephone, and not two numbers side by side."""
        plus = self.written.lstrip("( ").startswith("+")
        return plus or (self.parsed is not None and (self.grouped or " " not in self.written))

    @property
    def value(self) -> str:
        """The number in the form of E.164, else its digits."""
        return f"+{self.digits}" if self.international or self.parsed is not None else self.digits

    @property
    def digits(self) -> str:
        """The digits of the value."""
        from phonenumbers import PhoneNumberFormat, format_number  # noqa: PLC0415  # heavy, only for telephone numbers

        if self.parsed is not None:
            return str(format_number(self.parsed, PhoneNumberFormat.E164))[1:]
        digits = "".join(_GROUPS.findall(_TRUNK.sub("", self.written) if self.international else self.written))
        return digits.removeprefix("00") if self.international else digits


def _is_labelled(text: str, at: int) -> bool:
    """Whether a word before ``at`` says that a telephone number follows; in a table mostly another number does."""
    head = text[max(0, at - _LABEL_CHARS) : at].rstrip(" \t\u00a0|")
    if not head or head[-1] == "\n" or head[-1].isdecimal():
        return False
    return _LABEL.search(text, max(0, at - _LABEL_CHARS), at) is not None


def region_of(locale: str | None) -> str | None:
    """Return the country of a locale, or of the one main country of its language; None for other languages."""
    if locale is None:
        return None
    language, _, territory = locale.replace("-", "_").partition("_")
    return territory.upper() if len(territory) == 2 else _regions().get(language.lower())


def _of_run(text: str, run: re.Match[str], region: str | None) -> Iterator[_Number]:
    """Yield the numbers of a run of digits: the longest that exists first, a shorter one where blanks part it."""
    start, end = run.span()
    parts = [start, *(m.end() for m in _PARTS.finditer(text, start, end)), end]
    if len(parts) > _MOST_PARTS:
        return  # a table of numbers
    if _NOT_AFTER.match(text, end) and not _EXTENSION.match(text, end):
        parts.pop()
    at, found, beside = 0, [], False
    digits = [sum(map(str.isdecimal, text[first:last])) for first, last in pairwise(parts)]
    while at < len(parts) - 1:
        number, taken = _longest(text, parts[at:], region, digits=digits[at:], alone=len(parts) == 2)
        if number is not None:
            found.append(number)
        else:
            bare = text[parts[at] : parts[at + taken]].strip("()/ .-")
            beside = beside or not (_NO_PHONE.fullmatch(bare) or len(bare) < 2 or not bare[-1].isdecimal())
        at += taken
    yield from (replace(number, beside=beside) for number in found)


def _longest(
    text: str, parts: list[int], region: str | None, *, digits: list[int], alone: bool
) -> tuple[_Number | None, int]:
    """Return the longest number that begins at the first of ``parts``, and how many it takes; None, and 1, for none.

    One that does not exist counts where it has a country code, or stands ``alone``. ``digits`` are those of each part.
    """
    for stop in range(min(_LONGEST_RUN, len(parts) - 1), 0, -1):
        if not _FEWEST_PARSED <= sum(digits[:stop]) <= _MOST:
            continue
        written = unicodedata.normalize("NFKC", text[parts[0] : parts[stop]]).rstrip()
        number = _parsed(written, parts[0], region)
        if number is not None and (number.parsed is not None or alone or number.international):
            return number, stop
    return None, 1


def _parsed(written: str, start: int, region: str | None) -> _Number | None:
    """Return digits as a number, parsed where it exists; None where they are rather something else."""
    bare = written.strip("()/ .-")
    digits = sum(map(str.isdecimal, bare))
    if not _FEWEST_PARSED <= digits <= _MOST or _NO_PHONE.fullmatch(bare):
        return None
    if (
        bare[0] not in "+0"
        and region is not None
        and written[0] not in "+("
        and not _may_be_national(bare, digits, region)
    ):
        return None
    end = start + len(written.rstrip("()/ .-"))
    if written.count("(") != written.count(")"):
        end = start + len(written)
    number = _Number(written, start, end, region)
    parsed = _existing(number)
    if parsed is None or (digits < 7 and not number.international):
        return number
    trunk = number.international and len(number.digits) > len(replace(number, parsed=parsed).digits)
    return replace(number, parsed=parsed, grouped=_is_grouped(written, parsed), trunk=trunk)


def _may_be_national(written: str, digits: int, region: str) -> bool:
    """Whether so many digits may be a number of a country that is written without its trunk prefix."""
    lengths, prefixed = _national_form(region)
    return digits in lengths and not (prefixed and " " in written)


@cache
def _national_form(region: str) -> tuple[frozenset[int], bool]:
    """Return the lengths of a country's numbers, and whether they are always written with a 0 before them."""
    from phonenumbers import (  # noqa: PLC0415  # heavy
        PhoneMetadata,
        PhoneNumberFormat,
        PhoneNumberType,
        example_number_for_type,
        format_number,
    )

    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None:
        return frozenset(), False
    lengths = set() if metadata.general_desc is None else set(metadata.general_desc.possible_length)
    kinds = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
    examples = [example for kind in kinds if (example := example_number_for_type(region, kind)) is not None]
    prefixed = all(format_number(each, PhoneNumberFormat.NATIONAL).startswith(("0", "(0")) for each in examples)
    longer = {length + len(str(metadata.country_code)) for length in lengths}
    return frozenset(lengths | longer), prefixed


def _existing(number: _Number) -> PhoneNumber | None:
    """Return the number that phonenumbers finds valid, None for any other."""
    from phonenumbers import NumberParseException, is_valid_number, parse  # noqa: PLC0415  # heavy

    if not number.international and number.region is None:
        return None
    given = _TRUNK.sub("", _with_plus(number.written)) if number.international else number.written
    try:
        parsed = parse(given, None if number.international else number.region)
    except NumberParseException:
        return None
    return parsed if is_valid_number(parsed) else None


def _with_plus(written: str) -> str:
    return re.sub(r"^[(\s]*00\s?", "+", written)


def _is_grouped(written: str, parsed: PhoneNumber) -> bool:
    """Whether the first group of the digits ends where one of the country's own way of writing does."""
    from phonenumbers import PhoneNumberFormat, format_number  # noqa: PLC0415  # heavy

    groups = [len(group) for group in _GROUPS.findall(written)]
    if len(groups) < 2 or _THOUSANDS.fullmatch(written):
        return False
    national = format_number(parsed, PhoneNumberFormat.INTERNATIONAL).partition(" ")[2]
    ends, at = set(), 0
    for group in _GROUPS.findall(national):
        at += len(group)
        ends.add(at)
    trunk = len("".join(_GROUPS.findall(written))) - at
    return groups[0] - trunk in ends or (len(groups) > 3 and min(groups) > 1)


def _loose(text: str, run: re.Match[str], region: str | None) -> list[_Number]:
    """Return a run of digits as one number that does not exist, or that exists elsewhere; none for other things."""
    written = unicodedata.normalize("NFKC", run.group())
    digits = "".join(_GROUPS.findall(written))
    if not _FEWEST <= len(digits) <= _MOST or _NO_PHONE.fullmatch(written.strip("()/ .-")):
        return []
    if _NOT_AFTER.match(text, run.end()) and not _EXTENSION.match(text, run.end()):
        return []
    number = _Number(written, run.start(), run.end(), region)
    elsewhere = None if number.international else _existing(replace(number, written=f"+{digits}"))
    return [replace(number, assumed="" if elsewhere is None else f"+{digits}")]


def _without_extensions(numbers: list[_Number], text: str) -> list[_Number]:
    """Leave out digits that are the extension of the number before them."""
    kept: list[_Number] = []
    for number in numbers:
        extension = _EXTENSION.match(text, kept[-1].end) if kept else None
        if extension is None or extension.end() <= number.start:
            kept.append(number)
    return kept
