"""How far apart two dates are, of which one may be a month or a year alone."""

from __future__ import annotations

import re
from datetime import date, timedelta

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def days_apart(a: str, b: str) -> int | None:
    """Return the days between two dates, None where one is missing. A month or a year alone is any day of it.

    >>> days_apart("2024-03-14", "2024-03-16"), days_apart("2024-03", "2024-03-16"), days_apart("2024", "")
    (2, 0, None)
    """
    one, two = _span(a), _span(b)
    if one is None or two is None:
        return None
    return max(0, (two[0] - one[1]).days, (one[0] - two[1]).days)


def _span(text: str) -> tuple[date, date] | None:
    match = _DATE.match(text)
    if match is None:
        return None
    year, month, day = (int(part) if part else 0 for part in match.groups())
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return first, first
    after = date(year + (month in (0, 12)), month % 12 + 1 if month else 1, 1) if year < 9999 else date.max
    return first, after - timedelta(days=1)
