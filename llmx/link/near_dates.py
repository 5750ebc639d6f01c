"""How far apart two dates are, of which one may be a month or a year alone, or a day without its year."""

from __future__ import annotations

import re
from datetime import date, timedelta

_DATE = re.compile(r"(\d{4}|-)(?:-(\d{2})(?:-(\d{2}))?)?(?![\d-])")

_Parts = tuple[int, int, int]
"""Year, month and day, 0 for what is not said."""


def days_apart(a: str, b: str) -> int | None:
    """Return the days between two dates, None where one is missing. A month or a year alone is any day of it; a day
    without a year is in the year of the other date, or in the same one.

    >>> days_apart("2024-03-14", "2024-03-16"), days_apart("2024-03", "2024-03-16"), days_apart("2024", "")
    (2, 0, None)
    >>> days_apart("--12-31", "2025-01-01"), days_apart("--06-18", "--06-18")
    (1, 0)
    """
    one, two = _parts(a), _parts(b)
    if one is None or two is None:
        return None
    year = one[0] or two[0] or 2000
    years = (0,) if one[0] and two[0] else (-1, 0, 1)
    found = (_between(_span(one, year), _span(two, year + shift)) for shift in years)
    if not two[0]:
        return min(found)
    return min(_between(_span(one, year + shift), _span(two, year)) for shift in years)


def _between(a: tuple[date, date], b: tuple[date, date]) -> int:
    return max(0, (b[0] - a[1]).days, (a[0] - b[1]).days)


def _parts(text: str) -> _Parts | None:
    match = _DATE.match(text.partition("T")[0])
    if match is None:
        return None
    year, month, day = (int(part) if part and part != "-" else 0 for part in match.groups())
    try:
        date(year or 2000, month or 1, day or 1)
    except ValueError:
        return None
    return (year, month, day) if year or (month and day) else None


def _span(parts: _Parts, year: int) -> tuple[date, date]:
    """Return the first and the last day that ``parts`` may mean, ``year`` standing for one that is not said."""
    own, month, day = parts
    year = min(max(own or year, 1), 9998)
    if day:
        last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
        first = date(year, month, min(day, last))  # the 29th of February without its year
        return first, first
    first = date(year, month or 1, 1)
    after = date(year + (month in {0, 12}), month % 12 + 1 if month else 1, 1)
    return first, after - timedelta(days=1)
