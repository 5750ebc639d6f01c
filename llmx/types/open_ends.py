"""Which side of a period the words around a date leave open: 'since 2010', '2012 or later', '2015年以降', 'vóór mei'.

The words are data/periods.yaml's. A word that has two meanings (Dutch 'voor', which is 'before' and 'for') opens a
side in one of two readings. Where dates stand is ``date.py``'s, what becomes of them ``date_range.py``'s.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TypeVar

from llmx.dataclass import dataclass
from llmx.facts import load_facts, one_of
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, shorten

T = TypeVar("T")
_facts = partial(load_facts, "types", "periods")
_HEAD_CHARS = 40
#: The entries of the facts that open a side: the side that the date is, and whether the date itself is left out.
_SIDES = {"since": ("start", False), "after": ("start", True), "until": ("end", False), "before": ("end", True)}


@dataclass(frozen=True, slots=True)
class OpenEnd:
    """What opens a period around a date: ``side`` is what the date is, 'start' or 'end'; the other side is open.

    ``start`` and ``end`` hold the date and these words. ``exclusive`` says that the date itself is left out,
    ``ambiguous`` that the words can also mean the date alone.
    """

    side: str
    start: int
    end: int
    exclusive: bool = False
    ambiguous: bool = False


def _any_of(*names: str) -> str:
    """Return the pattern of words before a date, by the entry that they are of."""
    return "|".join(f"(?P<{name}>{one_of(_facts()[name])})" for name in sorted(names))


_HEAD = LazyPattern(
    lambda: rf"(?<!\w)(?:{_any_of(*_SIDES, 'before_or_for')})(?:\s{one_of(_facts()['open_filler'])})*\s?$",
    re.IGNORECASE,
)
#: What opens a side of a date that was counted; 'before' and 'after' may be what it is counted by: vor drei Tagen.
_OPENS = LazyPattern(lambda: rf"\s*(?:{_any_of('since', 'until')})(?!\w)", re.IGNORECASE)
_COUNTED = frozenset({"date.offset", "date.weekday", "date.holiday"})  # the rules by which all of the words are read
_LED_TO = LazyPattern(  # Mon 3 – Fri 7 June
    lambda: rf"\d[.,]?\s?(?:[-–—~〜～/]|{one_of(_facts()['to'])})\s?(?:[^\W\d_]{{2,12}}(?:-[^\W\d_]+)?[.,]{{0,2}}\s)?$",
    re.IGNORECASE,
)
_LEADS_ON = LazyPattern(  # 3 June (Mon) – 7; a time of day is no day
    r"(?:\s?[(（][^()（）]{1,10}[)）])?\s?(?:[–—~〜～]|-(?=\s))\s?(?:[^\W\d_]{2,12}[.,]{0,2}\s)?\d{1,2}(?![\d:h時时시]|[.]\d)"
)
_SAYS_THE_DATE = LazyPattern(lambda: rf"{one_of(_facts()['says_the_date'])}(?!\w)", re.IGNORECASE)
_CJK_HEAD = LazyPattern(
    lambda: "(?:" + "|".join(f"(?P<{n}>{one_of(_facts()['cjk_heads'][n])})" for n in _SIDES) + r")\s?$"
)
_TAIL = LazyPattern(
    lambda: "(?:" + "|".join(f"(?P<{n}>{one_of(_facts()['behind'][n])})" for n in _SIDES) + ")", re.IGNORECASE
)


def open_end(text: str, start: int, end: int) -> OpenEnd | None:
    """Return what opens a period around the date ``text[start:end]``, None where nothing does."""
    head = text[max(0, start - _HEAD_CHARS) : start]
    name, at = _before(head)
    begin = start if at is None else start - len(head) + at
    tail = _TAIL.match(text, end)
    if tail is not None and tail.lastgroup:
        side, exclusive = _SIDES[tail.lastgroup]
        if name is not None and _side(name)[0] != side:
            return OpenEnd(_side(name)[0], begin, end, ambiguous=True)
        return OpenEnd(side, begin, tail.end(), exclusive and name not in {"since", "until"})
    if name is None:
        return None
    side, exclusive = _side(name)
    return OpenEnd(side, begin, end, exclusive, ambiguous=name not in _SIDES)


def doubt_open_end(reading: Reading[T], words: str) -> Reading[T]:
    """Doubt a date that is one end of an open period by the words around it: since 2010, no later than 12 May."""
    if reading.value is None:
        return reading
    if not reading.start and reading.end == len(words):
        opened = reading.rule in _COUNTED and _OPENS.match(words) and not _SAYS_THE_DATE.match(words.lstrip())
        return _as_an_end(reading, words) if opened else reading
    if _LED_TO.search(words, max(0, reading.start - _HEAD_CHARS), reading.start) or _LEADS_ON.match(words, reading.end):
        return reading.with_issue("range", f"{shorten(words)!r} says a range of which {reading.words!r} is one end")
    found = open_end(words, reading.start, reading.end)
    if found is None or (found.end == reading.end and _SAYS_THE_DATE.match(words, found.start)):
        return reading
    return _as_an_end(reading, words[found.start : found.end])


def _as_an_end(reading: Reading[T], said: str) -> Reading[T]:
    return reading.with_issue("period", f"{shorten(said)!r} says a period that {reading.words!r} begins or ends")


def _side(name: str) -> tuple[str, bool]:
    return _SIDES.get(name, _SIDES["before"])


def _before(head: str) -> tuple[str | None, int | None]:
    """Return the entry of the words that end ``head``, with where they begin: the longest of all entries."""
    if not head:
        return None, None
    found = _HEAD.search(head) or _CJK_HEAD.search(head)
    return (None, None) if found is None else (found.lastgroup, found.start())
