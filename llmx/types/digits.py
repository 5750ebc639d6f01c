"""The value of one run of digits with its marks: 1,234.56 · 1.234,56 · 1 234,56 · 1'234.56 · 12,34,567 · ١٢٣٫٥.

Most shapes are clear whatever the locale. What is left, one mark with exactly three digits behind it, is decided by
the locale, or by the language of the words around; else the likelier value is given and both are candidates.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from llmx.types.languages import marks_of
from llmx.types.patterns import LazyPattern

Real = int | Decimal

SPACES = " \u00a0\u202f\u2009"
#: A run of digits with marks inside; groups parted by spaces must have three digits each.
RUN = (
    rf"(?<!\d)\d{{1,3}}(?:[{SPACES}]\d{{3}})+(?!\d)(?:[.,]\d+)?"
    r"|\d+(?:(?:[.,'’٫٬．]|(?<=[０-９])，(?=[０-９]))\d+)*"
)
_MARK = LazyPattern(r"\D")
_PLAIN = str.maketrans(
    {"٫": ".", "٬": ",", "．": ".", "，": ",", "’": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " "}
)
_CLEAR = "٫٬，．"  # Arabic and full-width marks are never ambiguous


@dataclass(frozen=True, slots=True)
class Digits:
    """The value of a run, and the other value it may have where its one mark can be read two ways."""

    value: Real
    other: Real | None = None


def exact(value: Real) -> Real:
    """Return an int where ``value`` is whole, else the Decimal itself."""
    return value if isinstance(value, int) else int(value) if value == value.to_integral_value() else value


def to_json_number(value: Decimal | int) -> int | float:
    """Return an int where ``value`` is whole, else a float."""
    return int(value) if value == int(value) else float(value)


def read_digits(run: str, locale: str | None, languages: tuple[str, ...] = ()) -> Digits | None:
    """Return the value of ``run``, None where its marks fit no number (a version, an IP address, a dotted date).

    ``languages`` are those of the words around, asked where ``locale`` is None.
    """
    if run.isdecimal():
        return Digits(int(run))
    plain = run.translate(_PLAIN)
    marks = _MARK.findall(plain)
    parts = _MARK.split(plain)
    kinds = list(dict.fromkeys(marks))
    if len(kinds) == 1:
        return _one_kind(parts, kinds[0], _decimal_mark(run, locale, languages))
    if len(kinds) == 2 and marks.count(kinds[1]) == 1 and marks[-1] == kinds[1] and kinds[1] in ".,":  # noqa: RUF100 - ruff versions differ
        return Digits(exact(_decimal(parts))) if _grouped(parts[:-1], kinds[0]) else None
    return None


def _one_kind(parts: list[str], mark: str, decimal_mark: str | None) -> Digits | None:
    """Read a run whose marks are all the same."""
    whole = int("".join(parts))
    grouped = _grouped(parts, mark)
    if mark in " '" or len(parts) > 2:
        return Digits(whole) if grouped else None
    fraction = exact(_decimal(parts))
    if not grouped or parts[0].startswith("0"):
        return None if mark == "," and len(parts[0]) == len(parts[1]) == 4 else Digits(fraction)  # 2019,2020: a list
    if int(parts[1]) == 0:  # nobody writes three decimals that are all zero: 5.000 is five thousand
        return Digits(whole, int(parts[0]) if decimal_mark == mark else None)
    if decimal_mark == mark:
        return Digits(fraction)
    if decimal_mark is not None:
        return Digits(whole)
    return Digits(whole, fraction)  # without any hint: few numbers in prose have three decimals, many have thousands


def _decimal_mark(run: str, locale: str | None, languages: tuple[str, ...]) -> str | None:
    """Return the decimal mark that applies, None where nothing decides."""
    if any(mark in run for mark in _CLEAR):
        return "."
    if locale is not None:
        marks = marks_of(locale)
        return marks[0] if marks and marks[0] in ".," else None
    decided = {marks[0] for language in languages if (marks := marks_of(language)) and marks[0] in ".,"}
    return decided.pop() if len(decided) == 1 else None


def _decimal(parts: list[str]) -> Decimal:
    return Decimal("".join(parts[:-1]) + "." + parts[-1])


def _grouped(parts: list[str], mark: str) -> bool:
    """Whether the parts are groups of thousands (1 234 567), or of hundreds after the first thousand (12 34 567)."""
    first, rest = parts[0], parts[1:]
    if not rest:
        return True
    if not 1 <= len(first) <= 3 or len(rest[-1]) != 3:
        return False
    inner = {len(part) for part in rest[:-1]}
    return inner <= {3} or (mark == "," and inner == {2} and len(first) <= 2)
