"""The text that values are proven with, and the making of proofs.

One ``SourceText`` is made for each chunk of a document; index and computed expressions are shared by all its values.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

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
class SourceText:
    """The text that values are proven with: a document (less its boilerplate), its index, and what was computed of it.

    ``within`` is the chunk that the model saw. ``reference`` is the document's own date, from which relative dates
    count; ``reference_source`` says what told it, or why it is not known. ``example_phrases`` are the words of the
    prompt's examples, in lower case; ``tree`` is the schema that it shows. ``unique_matches`` are the places of words
    that stand in one place only.
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
    unique_matches: dict[str, Span] = field(default_factory=dict)
    _readings: dict[int, list[Reading[Any]]] = field(default_factory=dict)

    def readings(self, reader: Reader) -> list[Reading[Any]]:
        """Return all the expressions of that type in the chunk, found once; places are those of the whole text."""
        known = self._readings.get(id(reader))
        if known is None:
            found = reader.find_all(self.within.of(self.text), locale=self.locale, reference=self.reference)
            by = self.within.start
            known = self._readings[id(reader)] = [reading.shift(by) for reading in found] if by else found
        return known

    def explain(self, reading: Reading[Any]) -> Reading[Any]:
        """Return ``reading``, which may count from the document's date, with what told that date.

        The rule of a relative date then ends in, for example, 'from 2024-05-12 (the dateline)'.
        """
        codes = {issue.code for issue in reading.issues} if reading.issues and self.reference_source else set()
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
        return [run for run in self.index.digits(words) if self.within.contains(run)][:MOST_RUNS]


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
