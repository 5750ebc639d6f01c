"""Plain text that states a date, a duration, a sum or a number, in another form than the document has it.

Asked for text such as '2 years' or '2009-01-07', a model writes that where the document says 'two (2) years' or
'January 7, 2009'. The words are not there, and yet they are proven: code reads both, and they are one value. Where
nothing in the document has the value, the words are no quotation that was missed, but a value that nobody stated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from llmx.grounding.text import SourceText, evidence_of
from llmx.grounding.values import LeafValue
from llmx.record import Issue
from llmx.span import Span
from llmx.types import Reader, Reading, reader_for

LONGEST = 60
"""Characters of an expression: longer text is not read as one."""

_CODE = re.compile(r"0[0-9]+$")
"""A part of a code, such as 101933-001: nobody writes 1 so."""

_MAYBE = re.compile(r"[0-9]|^\w+$|\b(?:day|week|month|year)", re.IGNORECASE)


def unstated(words: str, source: SourceText) -> LeafValue:
    """Return what ``words`` are worth that the chunk does not say: proven where an expression in it has their value."""
    said = words.strip()
    readings = list(_readings(said, source))
    for reader, value in readings:
        if (stated := _stated(reader, value, source)) is not None:
            proof = evidence_of(source, Span(stated.start, stated.end), None, words=words, rule=stated.rule)
            return LeafValue(said, proof, (), words)
    shown = repr(words if len(words) <= LONGEST else words[: LONGEST - 3] + "…")
    missing = Issue("unproven", "", f"the text does not say {shown}")
    return LeafValue(said, None, (missing,), words, read_as=readings[0][0] if readings else None)


def in_the_form_of(found: LeafValue, before: LeafValue, source: SourceText) -> LeafValue:
    """Return ``found``, an expression of the text, written as ``before`` was: as 2009-01-07 where that was its form."""
    if before.read_as is None or not isinstance(found.value, str):
        return found
    old, new = (_whole(before.read_as, text, source) for text in (before.words.strip(), found.value))
    if old is None or new is None or str(old.value) != before.words.strip():
        return found
    return replace(found, value=str(new.value))


def is_telling(reader: Reader) -> bool:
    """Whether a text read so is worth asking for once more: of numbers a document has too many that are not meant."""
    from llmx.types import Duration, PartialDate  # noqa: PLC0415 - heavy

    return reader in {reader_for(PartialDate), reader_for(Duration)}


def _readings(said: str, source: SourceText) -> Iterator[tuple[Reader, Any]]:
    """Yield the values that all of ``said`` is an expression of, without a doubt, and how each is read."""
    if len(said) > LONGEST or not _MAYBE.search(said):
        return
    for reader in _readers():
        reading = _whole(reader, said, source)
        if reading is not None:
            yield reader, reading.value


def _whole(reader: Reader, said: str, source: SourceText) -> Reading[Any] | None:
    reading = reader.from_text(said, locale=source.locale, reference=source.reference)
    whole = (reading.start, reading.end) == (0, len(said))
    return reading if whole and reading.value is not None and not reading.doubts else None


@cache
def _readers() -> tuple[Reader, ...]:
    from llmx.types import Duration, Money, Number, PartialDate, Percent, Quantity  # noqa: PLC0415 - heavy

    kinds = (PartialDate, Duration, Percent, Money, Number, Quantity)
    return tuple(reader for kind in kinds if (reader := reader_for(kind)) is not None)


def _stated(reader: Reader, value: Any, source: SourceText) -> Reading[Any] | None:
    """Return the first expression of ``value``, or one that says it more exactly: of a year a date, of an amount a sum
    with its currency.
    """
    from llmx.types import Money, PartialDate  # noqa: PLC0415 - heavy

    found = source.first_of(reader, value)
    if found is None and isinstance(value, PartialDate) and value.to_date() is None:
        found = next((each for each in source.firsts(reader) if each.value and value.covers(each.value)), None)
    elif found is None and isinstance(value, Money) and value.currency is None:
        found = next((each for each in source.firsts(reader) if each.value and each.value.agrees_with(value)), None)
    return None if found is None or _CODE.match(found.words) else found
