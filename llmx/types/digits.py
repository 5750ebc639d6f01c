"""The value of one run of digits with its marks: 1,234.56 · 1.234,56 · 1 234,56 · 1'234.56 · 12,34,567 · ١٢٣٫٥.

Most shapes are clear whatever the locale. What is left, one mark with exactly three digits behind it, is decided by
the locale, or by the language of the words around, where that writes such a mark; else the likelier value is given and
both are candidates.
"""

from __future__ import annotations

from decimal import Context, Decimal, DecimalException

from llmx.dataclass import dataclass
from llmx.types.languages import Marks, marks_of
from llmx.types.patterns import LazyPattern

Real = int | Decimal

SPACES = " \u00a0\u202f\u2009"
#: A run of digits with marks inside; groups parted by spaces must have three digits each.
RUN = (
    rf"(?<!\d)\d{{1,3}}(?:[{SPACES}]\d{{3}})+(?!\d)(?:[.,]\d+)?"
    r"|\d+(?:(?:[.,'’٫٬．]|(?<=[０-９])，(?=[０-９]))\d+)*"
)
_HIGHEST = 400  # exponents above it are no number of a document, and cost time
_FIFTEEN = Context(prec=15)
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


def rounded(value: Real) -> Real:
    """Return a quotient or a power with the 15 digits that survive as a number of JSON; an int where it is whole."""
    return value if isinstance(value, int) else exact(_FIFTEEN.plus(value))


def power_of(base: Real, exponent: Real) -> Real | None:
    """Return a number raised to a power, None where the power is beyond what documents hold."""
    if abs(Decimal(exponent)) > _HIGHEST:
        return None
    try:
        value = rounded(Decimal(base) ** Decimal(exponent))
    except (DecimalException, ValueError):
        return None
    return value if Decimal(value).is_finite() and abs(Decimal(value).adjusted()) < _HIGHEST else None


def to_json_number(value: Decimal | int) -> int | float:
    """Return an int where ``value`` is whole, else a float."""
    return int(value) if value == int(value) else float(value)


def read_digits(run: str, locale: str | None, languages: tuple[str, ...] = ()) -> Digits | None:
    """Return the value of ``run``, None where its marks fit no number (a version, an IP address, a dotted date).

    ``languages`` are those of the words around, asked where ``locale`` is None.
    """
    if run.isdecimal():
        return Digits(int(run))
    plain = run if run.isdecimal() else run.translate(_PLAIN)
    marks = _MARK.findall(plain)
    parts = _MARK.split(plain)
    kinds = list(dict.fromkeys(marks))
    if len(kinds) == 1:
        clear = any(mark in run for mark in _CLEAR)
        is_decimal = kinds[0] == "." if clear else _is_decimal(kinds[0], locale, languages)
        return _one_kind(parts, kinds[0], is_decimal=is_decimal)
    if len(kinds) == 2 and marks.count(kinds[1]) == 1 and marks[-1] == kinds[1] and kinds[1] in ".,":  # noqa: RUF100 - ruff versions differ
        return Digits(exact(_decimal(parts))) if _grouped(parts[:-1], kinds[0]) else None
    return None


def _one_kind(parts: list[str], mark: str, *, is_decimal: bool | None) -> Digits | None:
    """Read a run whose marks are all the same; ``is_decimal`` is None where nothing says which of the two it is."""
    whole = int("".join(parts))
    grouped = _grouped(parts, mark)
    if mark in " '" or len(parts) > 2:
        return Digits(whole) if grouped else None
    fraction = exact(_decimal(parts))
    if not grouped or parts[0].startswith("0"):
        return None if mark == "," and len(parts[0]) == len(parts[1]) == 4 else Digits(fraction)  # 2019,2020: a list
    if int(parts[1]) == 0:  # nobody writes three decimals that are all zero: 5.000 is five thousand
        return Digits(whole, int(parts[0]) if is_decimal else None)
    if is_decimal is None:
        return Digits(whole, fraction)  # few numbers in prose have three decimals, many have thousands
    return Digits(fraction if is_decimal else whole)


def _is_decimal(mark: str, locale: str | None, languages: tuple[str, ...]) -> bool | None:
    """Whether ``mark`` is the decimal mark of the locale, or of all languages; None where it is not known to them."""
    known = [marks_of(name) for name in ((locale,) if locale is not None else languages)]
    meanings = {_meaning(mark, marks) for marks in known}
    return meanings.pop() if len(meanings) == 1 else None


def _meaning(mark: str, marks: Marks | None) -> bool | None:
    if marks is None or not (mark == marks.decimal or mark in marks.groups):
        return None
    return mark == marks.decimal


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
