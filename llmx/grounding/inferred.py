"""Inferred values: a choice or a flag is the model's inference, and cue words of the schema prove or correct it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from llmx.grounding.text import SourceText, evidence_of
from llmx.grounding.values import LeafValue
from llmx.locating import Match
from llmx.record import Issue
from llmx.schema import Cues, Leaf
from llmx.span import Span

ENDING_LETTERS = 2
"""Letters that a cue word may have behind it: plurals and cases of European languages."""


def inferred(leaf: Leaf, value: Any, source: SourceText) -> LeafValue:
    """Return the value of a choice or a flag: proven by a cue word, corrected by another's, or unproven."""
    cues = leaf.cues
    if cues is None or not _cue_words(cues, value):
        return LeafValue(value, None, (), str(value))
    if (span := _cue(_cue_words(cues, value), source)) is not None:
        return _cued(value, span, source, said=value)
    for other, span in _other_values(leaf, cues, value, source=source):
        return _cued(other, span, source, said=value)
    missing = Issue("unproven", "", f"no cue word for {value!r} stands in the text")
    return LeafValue(value, None, (missing,), str(value), doubt=0.3)


def _cued(value: Any, span: Span, source: SourceText, *, said: Any) -> LeafValue:
    quote = span.of(source.text)
    match = Match(span, "exact", 1.0) if value == said else None
    proof = evidence_of(source, span, match, words=quote if value == said else str(said), rule="cue")
    if value == said:
        return LeafValue(value, proof, (), str(said))
    corrected = Issue("corrected", "", f"the model said {said!r}, but the text says {quote!r}")
    return LeafValue(value, proof, (corrected,), str(said), doubt=0.3)


def _other_values(leaf: Leaf, cues: Cues, said: Any, *, source: SourceText) -> Iterator[tuple[Any, Span]]:
    """Yield the other values that the text has cues for, strong ones first; in each group the one that stands first."""
    strong = cues.words if isinstance(cues.words, dict) else {}
    for group in (strong, cues.weak):
        places = [(s, c) for c in leaf.choices if c != said and (s := _cue(group.get(str(c), ()), source)) is not None]
        if places:
            span, choice = min(places, key=lambda item: item[0])
            yield choice, span


def _cue_words(cues: Cues, value: Any) -> tuple[str, ...]:
    if isinstance(cues.words, dict):
        return cues.words.get(str(value), ()) or cues.weak.get(str(value), ())
    return cues.words if value is True else ()


def _cue(words: Sequence[str], source: SourceText) -> Span | None:
    """Return the place of the first of ``words`` in the chunk, in any case: a word of its own, but for an ending."""
    places = [
        match.span
        for word in words
        for match in source.index.find_all(word, limit=8)
        if source.within.contains(match.span) and _own_word(match.span, source.text)
    ]
    return min(places, default=None)


def _own_word(span: Span, text: str) -> bool:
    """Whether a word begins with ``span`` and goes on for an ending at most: 'accord' in 'accords', not 'according'."""
    if not text[span.end - 1].isascii() or not text[span.start].isalpha():
        return True  # scripts without blanks; signs
    before, after = text[max(0, span.start - 1) : span.start], text[span.end : span.end + ENDING_LETTERS + 1]
    ending = next((n for n, char in enumerate(after) if not char.isalpha()), len(after))
    return not before.isalpha() and ending <= ENDING_LETTERS
