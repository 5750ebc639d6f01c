"""The text that values are proven with, and the making of proofs.

One ``SourceText`` is made for each chunk of a document; index and computed expressions are shared by all its values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import field, replace
from datetime import date
from typing import Any, Literal

from llmx.dataclass import dataclass
from llmx.grounding.lines import Lines, between, has_rows
from llmx.locating import Match, TextIndex
from llmx.record import Evidence, Issue
from llmx.schema import ObjectOf
from llmx.span import Span
from llmx.types import Reader, Reading

FROM_REFERENCE = frozenset({"relative", "year_from_reference", "needs_reference"})
"""The remarks of readings that depend on the document's date."""

MOST_RUNS = 8
"""Places of the same digits that are looked at; a value that is in none of them is searched in the whole text."""


@dataclass(slots=True)
class _Readings:
    """What was computed of a chunk: all expressions of a type, the first of each value, and where that is said, by the
    reader.

    ``others`` are the places of words that the text says in other words only. ``lines`` are those of the chunk with
    their cells, False where none has any.
    """

    found: dict[int, list[Reading[Any]]] = field(default_factory=dict)
    firsts: dict[int, dict[Any, Reading[Any]]] = field(default_factory=dict)
    places: dict[int, dict[Any, list[Span]]] = field(default_factory=dict)
    others: dict[tuple[str, int], list[Span]] = field(default_factory=dict)
    lines: Lines | Literal[False] | None = None


@dataclass(slots=True)
class SourceText:
    """The text that values are proven with: a document (less its boilerplate), its index, and what was computed of it.

    ``within`` is the chunk that the model saw. ``reference`` is the document's own date, from which relative dates
    count; ``reference_source`` says what told it, or why it is not known. ``example_phrases`` are the words of the
    prompt's examples, in lower case; ``tree`` is the schema that it shows. ``seen_pages`` are pages without a text of
    their own that the model saw as pictures. ``clean_places`` are the first two places of words that were looked for.
    """

    text: str
    index: TextIndex
    within: Span
    chunk: int = 0
    locale: str | None = None
    reference: date | None = None
    reference_source: str = ""
    example_phrases: frozenset[str] = frozenset()
    tree: ObjectOf | None = None
    seen_pages: tuple[int, ...] = ()
    clean_places: dict[str, list[Span]] = field(default_factory=dict)
    _computed: _Readings | None = None

    @property
    def has_rows(self) -> bool:
        """Whether any line of the chunk may have cells."""
        computed = self._readings
        if computed.lines is None:
            computed.lines = has_rows(self.within.of(self.text)) and Lines(self.text, self.within)
        return computed.lines is not False

    @property
    def lines(self) -> Lines:
        """The lines of the chunk with their cells, made when a list is grounded."""
        computed = self._readings
        if not computed.lines:
            computed.lines = Lines(self.text, self.within)
        return computed.lines

    def places(self, words: str, reader: Reader | None) -> list[Span]:
        """Return where ``words`` stand in the chunk, in order; where they do not, what says the same in other words.

        That is another writing of the words, or, with ``reader``, an expression of the value that they say.
        """
        if literal := self.lines.places(words):
            return literal
        known, key = self._readings.others, (words, id(reader))
        if key not in known:
            known[key] = self._other_places(words, reader)
        return known[key]

    def _other_places(self, words: str, reader: Reader | None) -> list[Span]:
        if reader is None:
            found = (match.span for match in self.index.find_all(words))
            return [span for span in found if self.within.contains(span)]
        value = reader.from_text(words, locale=self.locale, reference=self.reference).value
        return [] if value is None else self._spans_of(reader).get(_hashed(value), [])

    @property
    def _readings(self) -> _Readings:
        """What was computed of the chunk so far; most answers need nothing of it."""
        if self._computed is None:
            self._computed = _Readings()
        return self._computed

    def cell_readings(self, reader: Reader, within: Span) -> Iterator[Reading[Any]]:
        """Yield the expressions of that type in ``within``, none of which reaches from one cell into the next."""
        for piece in self.lines.pieces(within):
            for reading in reader.find_all(piece.of(self.text), locale=self.locale, reference=self.reference):
                yield reading.shift(piece.start)

    def _spans_of(self, reader: Reader) -> dict[Any, list[Span]]:
        """Return where each value of that type is said in the chunk."""
        if id(reader) not in self._readings.places:
            spans: dict[Any, list[Span]] = {}
            self._readings.places[id(reader)] = spans
            for reading in self.cell_readings(reader, self.within):
                if reading.value is not None:
                    spans.setdefault(_hashed(reading.value), []).append(Span(reading.start, reading.end))
        return self._readings.places[id(reader)]

    def readings(self, reader: Reader) -> list[Reading[Any]]:
        """Return all the expressions of that type in the chunk, found once; places are those of the whole text."""
        known = self._readings.found.get(id(reader))
        if known is None:
            found = reader.find_all(self.within.of(self.text), locale=self.locale, reference=self.reference)
            by = self.within.start
            known = self._readings.found[id(reader)] = [reading.shift(by) for reading in found] if by else found
        return known

    def firsts(self, reader: Reader) -> Collection[Reading[Any]]:
        """Return the first expression of each value of that type in the chunk, in order."""
        return self._by_value(reader).values()

    def first_of(self, reader: Reader, value: Any) -> Reading[Any] | None:
        """Return the first expression of ``value`` in the chunk, None where nothing says it."""
        return self._by_value(reader).get(_hashed(value))

    def _by_value(self, reader: Reader) -> dict[Any, Reading[Any]]:
        known = self._readings.firsts.get(id(reader))
        if known is None:
            known = self._readings.firsts[id(reader)] = {}
            for reading in self.readings(reader):
                if reading.value is not None:
                    known.setdefault(_hashed(reading.value), reading)
        return known

    def explain(self, reading: Reading[Any]) -> Reading[Any]:
        """Return ``reading``, which may count from the document's date, with what told that date.

        The rule of a relative date then ends in, for example, 'from 2024-05-12 (the dateline)'.
        """
        if not reading.issues or not self.reference_source:
            return reading
        codes = {issue.code for issue in reading.issues}
        if not codes & FROM_REFERENCE:
            return reading
        told = tuple(
            Issue(issue.code, "", f"{issue.message} ({self.reference_source})")
            if issue.code in FROM_REFERENCE
            else issue
            for issue in reading.issues
        )
        counted = f" from {self.reference} ({self.reference_source})" if "relative" in codes else ""
        return replace(reading, rule=reading.rule + counted, issues=told)

    def runs(self, words: str) -> list[Span]:
        """Return the first places of digits that are those of ``words``, but for marks and for zeros at the ends."""
        runs = between(self.index.digits(words), self.within.start, self.within.end, most=MOST_RUNS)
        return [run for run in runs if run.end <= self.within.end]


def evidence_of(source: SourceText, span: Span, match: Match | None, *, words: str, rule: str = "") -> Evidence:
    """Return the proof of a value by ``span``: found by ``match``, or, without one, by its value."""
    return Evidence(
        span.of(source.text),
        span.start,
        span.end,
        match.kind if match else "value",
        match.score if match else 1.0,
        source.chunk,
        words,
        rule,
    )


def _hashed(value: Any) -> Any:
    """Return what stands for ``value`` in a dict: itself, or its text where it cannot be hashed."""
    try:
        hash(value)
    except TypeError:
        return str(value)
    return value
