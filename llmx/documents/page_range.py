"""Which pages of a document are read: '1-3,last', as a person writes them on the command line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from llmx.errors import UsageError

_PART = re.compile(r"(\d+|last)(?:\s*-\s*(\d+|last)?)?")
_HINT = "name them like this: 1-3,7,last; 5- is from the fifth to the last"


def check_pages(spec: str | None) -> None:
    """Raise UsageError if ``spec`` does not name pages."""
    if spec is not None:
        pages_in(spec, 1)


def pages_in(spec: str | None, count: int) -> list[int]:
    """Return the numbers of the pages, from 1 and in the order of the document, that ``spec`` names of ``count``.

    None names them all. Pages that the document does not have are left out: of a folder of files each has its own
    number. Raises UsageError if ``spec`` does not name pages.

    >>> pages_in("1-3, last", 12)
    [1, 2, 3, 12]
    """
    if spec is None:
        return list(range(1, count + 1))
    named: set[int] = set()
    for part in spec.split(","):
        found = _PART.fullmatch(part.strip().lower())
        if found is None:
            raise UsageError(f"--pages: '{part.strip()}' is no page", hint=_HINT)
        first = _number(found[1], count)
        last = _number(found[2] or "last", count) if "-" in part else first
        if first < 1 or ((found[2] or "last") != "last" and last < first):
            raise UsageError(f"--pages: '{part.strip()}' is no range of pages", hint=_HINT)
        named.update(range(first, min(last, count) + 1))
    return sorted(number for number in named if number <= count)


def numbers_told(numbers: Sequence[int]) -> str:
    """Return ascending numbers as a person writes them.

    >>> numbers_told([1, 2, 3, 7])
    '1-3, 7'
    """
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def _number(word: str, count: int) -> int:
    return max(count, 1) if word == "last" else int(word)
