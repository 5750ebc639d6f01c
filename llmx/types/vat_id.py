"""Numbers by which taxpayers are known for VAT, with the letters of their country: DE136695976, ATU13585627.

The forms are data/identifiers.yaml's. Where a country's numbers have check digits that are computed here, wrong ones
leave no value.
"""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Self

from llmx.facts import load_facts, rows
from llmx.record import Issue
from llmx.types.iban import is_checked
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading
from llmx.types.text_value import LATIN, TextValue

_SEPARATOR = r"[ \u00a0\u202f.-]?"
_CLASSES = {"9": r"\d", "A": "[A-Z]", "X": r"[A-Z\d]"}
_SPANISH_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_SPANISH_CONTROL = "JABCDEFGHI"


@cache
def _forms() -> dict[str, tuple[re.Pattern[str], list[str]]]:
    """Return, by the letters of the country, the pattern of what stands behind them and how it is checked."""
    forms = {}
    for country, row in rows(load_facts("types", "identifiers")["vat_ids"]):
        written, *method = row.split()
        longest_first = sorted(written.split("|"), key=len, reverse=True)
        pieces = ("".join(_SEPARATOR + _CLASSES.get(letter, letter) for letter in form) for form in longest_first)
        forms[country] = re.compile(rf"(?:{'|'.join(pieces)})(?!{_SEPARATOR}\d|[{LATIN}])"), method
    return forms


_BEGIN = LazyPattern(lambda: rf"(?<![{LATIN}])(?:{'|'.join(_forms())})(?={_SEPARATOR}[A-Z\d])")


class VatId(TextValue):
    """A VAT identification number as a field type, with the letters of its country and without blanks.

    >>> VatId.from_text("USt-IdNr.: DE 136 695 976").value
    VatId('DE136695976')
    """

    __slots__ = ()
    what = "VAT id"
    pattern = r"[A-Z]{2,3}[A-Z0-9]{2,12}"

    @classmethod
    def _find(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        for begin in _BEGIN.finditer(text):
            pattern, method = _forms()[begin.group()]
            found = pattern.match(text, begin.end())
            if found is None or sum(letter.isdecimal() for letter in found.group()) < len(begin.group()):
                continue
            words = text[begin.start() : found.end()]
            written = cls(re.sub(r"[^A-Z\d]", "", words))
            if _is_right(written, begin.group(), method):
                yield Reading(written, words, begin.start(), found.end(), "vat_id")
            else:
                issue = Issue("check_digits", "", f"the check digits of {words!r} are wrong")
                yield Reading(None, words, begin.start(), found.end(), "vat_id", (written,), (issue,))

    @classmethod
    def _load(cls, given: Any) -> Self | None:
        if not isinstance(given, str) or re.fullmatch(cls.pattern, given) is None:
            return None
        found = cls.find_all(given)
        return found[0].value if len(found) == 1 and found[0].value == given else None


def _is_right(number: str, country: str, method: list[str]) -> bool:
    name, *arguments = method
    return _METHODS[name](number[len(country) :], arguments)


def _digits(text: str) -> list[int]:
    return [int(letter) for letter in text if letter.isdecimal()]


def _none(_number: str, _arguments: list[str]) -> bool:
    return True


def _luhn(number: str, _arguments: list[str]) -> bool:
    doubled = (digit * 2 if at % 2 else digit for at, digit in enumerate(reversed(_digits(number))))
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


def _iso7064(number: str, _arguments: list[str]) -> bool:
    """ISO 7064, MOD 11,10."""
    rest = 10
    for digit in _digits(number)[:-1]:
        rest = ((rest + digit) % 10 or 10) * 2 % 11
    return (11 - rest) % 10 == _digits(number)[-1]


def _weighted(number: str, arguments: list[str]) -> bool:
    """The last digit is the weighted sum of the others, or what it lacks, to a modulus; ``ten``: what 10 becomes."""
    modulus, sign, ten, *weights = arguments
    *digits, last = _digits(number)
    total = sum(int(weight) * digit for weight, digit in zip(weights, digits, strict=True)) % int(modulus)
    check = total if sign == "+" else -total % int(modulus)
    return last == (check if check < 10 else int(ten) if ten.isdecimal() else -1)


def _complement(number: str, arguments: list[str]) -> bool:
    return int(arguments[0]) - int(number[:-2]) % int(arguments[0]) == int(number[-2:])


def _remainder(number: str, arguments: list[str]) -> bool:
    return int(number[:-2]) % int(arguments[0]) == int(number[-2:])


def _multiple(number: str, arguments: list[str]) -> bool:
    return int(number) % int(arguments[0]) == 0


def _austrian(number: str, _arguments: list[str]) -> bool:
    *digits, last = _digits(number)
    doubled = (digit * 2 if at % 2 else digit for at, digit in enumerate(digits))
    return -(sum(digit - 9 if digit > 9 else digit for digit in doubled) + 4) % 10 == last


def _british(number: str, _arguments: list[str]) -> bool:
    digits = _digits(number)
    total = sum(weight * digit for weight, digit in zip(range(8, 1, -1), digits[:7], strict=True))
    check = int(number[7:9])
    return (total + check) % 97 == 0 or (total + check + 55) % 97 == 0


def _dutch(number: str, _arguments: list[str]) -> bool:
    """The old number of a company has a weighted sum, one given since 2020 is checked as an IBAN is."""
    return _weighted(number[:9], ["11", "+", "none", *"98765432"]) or is_checked(f"{number[-4:]}NL{number[:-4]}")


def _french(number: str, arguments: list[str]) -> bool:
    """The key in digits follows from the number of the company, which Luhn's sum checks; one with letters is old."""
    key, company = number[:2], number[2:]
    if not _luhn(company, arguments) and not company.startswith("000"):
        return False
    return not key.isdecimal() or (12 + 3 * (int(company) % 97)) % 97 == int(key)


def _romanian(number: str, _arguments: list[str]) -> bool:
    return _weighted(number.zfill(10), ["11", "-", "0", *"753217532"])


def _swedish(number: str, arguments: list[str]) -> bool:
    return _luhn(number[:10], arguments)


def _spanish(number: str, _arguments: list[str]) -> bool:
    """A person's letter follows from the number, a company's letter or digit from Luhn's sum."""
    first, middle, last = number[0], number[1:8], number[8]
    if first.isdecimal() or first in "XYZ":
        whole = {"X": "0", "Y": "1", "Z": "2"}.get(first, first) + middle
        return _SPANISH_LETTERS[int(whole) % 23] == last
    if first in "KLM":
        return _SPANISH_LETTERS[int(middle) % 23] == last or _SPANISH_CONTROL[_control(middle)] == last
    return last in {str(_control(middle)), _SPANISH_CONTROL[_control(middle)]}


def _control(middle: str) -> int:
    doubled = (digit * 2 if at % 2 == 0 else digit for at, digit in enumerate(_digits(middle)))
    return -sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10


_METHODS: dict[str, Callable[[str, list[str]], bool]] = {
    "none": _none, "luhn": _luhn, "iso7064": _iso7064, "weighted": _weighted, "complement": _complement,
    "remainder": _remainder, "multiple": _multiple, "austrian": _austrian, "british": _british, "dutch": _dutch,
    "french": _french, "romanian": _romanian, "swedish": _swedish, "spanish": _spanish,
}  # fmt: skip
