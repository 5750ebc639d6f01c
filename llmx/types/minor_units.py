"""Hundredths of a currency without whole units before them: 99¢, 45 cents, 50 Rappen.

'45 cents' is 0.45 of a currency that the words rarely name, and some count it in cents: it has no value, and both as
candidates. ¢ leaves no doubt that it is a part.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache, partial

from llmx.dataclass import dataclass
from llmx.facts import load_facts, one_of, words
from llmx.types.digits import Real, exact
from llmx.types.patterns import LazyPattern
from llmx.types.text_value import LATIN

_facts = partial(load_facts, "types", "currency_words")


@dataclass(frozen=True, slots=True)
class MinorUnit:
    """The hundredths of one of ``codes``, which end at ``end``; ``kind`` as a currency's mark has it."""

    codes: tuple[str, ...]
    kind: str
    end: int
    certain: bool = False


@lru_cache(maxsize=1)
def _rows() -> tuple[tuple[tuple[str, ...], str, str], ...]:
    """Return for each row the codes, how sure they are, and the pattern."""
    found = []
    for line in _facts()["minor_units"].splitlines():
        meaning, _, names = line.partition(" = ")
        codes = tuple(code for code in meaning.split() if len(code) == 3)
        kind = {"?": "assumed", "!": "open"}.get(meaning[-1], "sure")
        found.append((codes, kind, one_of(names)))
    return tuple(found)


_ANY = LazyPattern(
    lambda: (
        r"[ \u00a0\u202f-]?(?:"
        + "|".join(rf"(?P<row{at}>{pattern})" for at, (_, _, pattern) in enumerate(_rows()))
        + rf")(?![{LATIN}])"
    ),
    re.IGNORECASE,
)


def minor_unit_behind(text: str, end: int) -> MinorUnit | None:
    """Return the hundredths that are named right behind a number, None where none are."""
    found = _ANY.match(text, end)
    if found is None or found.lastgroup is None:
        return None
    codes, kind, _ = _rows()[int(found.lastgroup[3:])]
    return MinorUnit(codes, kind, found.end(), found[found.lastgroup] in words(_facts()["cent_signs"]))


def hundredth(value: Real) -> Real:
    """Return a hundredth of ``value``."""
    return exact(Decimal(value) / 100)
