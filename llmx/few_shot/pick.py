"""Chooses documents with gold that make good examples: short, correct, and different from each other.

Each document gives at most one candidate: its text, or the passage of it that says most. What a candidate is worth
depends on those that were chosen before, so that the second example shows what the first does not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from llmx import json_pointer
from llmx.assembly.policies import apply_policies
from llmx.boilerplate import clean
from llmx.chunk import chunk_text, estimate_tokens
from llmx.documents import Document, Unreadable
from llmx.errors import UsageError
from llmx.evaluate import spec_for
from llmx.evaluate.load import matched_ids
from llmx.evaluate.score import outcomes
from llmx.evaluate.spec import Spec
from llmx.few_shot.wording import Worded, word_gold
from llmx.grounding.ground import ground
from llmx.grounding.text import SourceText
from llmx.locating import TextIndex
from llmx.prompting.examples import filled
from llmx.schema import Schema
from llmx.schema.algebra import leaves
from llmx.span import Span
from llmx.types import guess_locale

_LEAST_TOKENS = 64  # two sentences; a shorter text shows nothing
_SENTENCE_END = re.compile("(?:[.!?…][\"'”’»)\\]]*(?=\\s)|[。！？][”’」』）]*|\\n)\\s*")
_LANGUAGE_WORTH = 3.0  # an example in another language shows more than one more field
_SILENCE_WORTH = 0.25  # that a field may be null is worth showing too, once
_AGAIN = 0.5  # what is shown a second time is worth half, and so is an example that is read otherwise than gold states
_LOST_WORTH = 3  # a fact that the text may state and the example does not teaches silence: worse than a fact less


@dataclass(frozen=True, slots=True)
class PickOptions:
    """How to pick: how many examples, the most tokens of text in each, and whether boilerplate is dropped."""

    count: int = 3
    tokens: int = 400
    boilerplate: str = "drop"

    def __post_init__(self) -> None:
        if self.count < 1:
            raise UsageError("--count must be at least 1")
        if self.tokens < _LEAST_TOKENS:
            raise UsageError(f"--tokens must be at least {_LEAST_TOKENS}", hint="A shorter text shows nothing.")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document as an example.

    ``said`` counts the facts in ``record`` (wire form); ``lost`` holds the paths of gold's facts that the document
    expresses in no words that were found, and which the example may therefore miss; ``wrong`` the fields where llmx
    would read another value than gold states. ``shows`` is what the example shows, with what that is worth.
    """

    id: str
    text: str
    record: dict[str, Any]
    said: int
    lost: tuple[str, ...]
    wrong: tuple[str, ...]
    tokens: int
    shows: Mapping[tuple[str, ...], float]

    def worth(self, shown: Counter[tuple[str, ...]], limit: int) -> float:
        """Return its worth beside the chosen examples; ``shown`` counts what those show already."""
        new = sum(worth * _AGAIN ** shown[each] for each, worth in self.shows.items())
        faithful = self.said / (self.said + _LOST_WORTH * len(self.lost)) * _AGAIN ** len(self.wrong)
        return new * faithful / (1 + self.tokens / (2 * limit))


def candidates(
    schema: Schema, golds: Mapping[str, Any], documents: Sequence[Document | Unreadable], *, options: PickOptions
) -> list[Candidate]:
    """Return a candidate for each document with gold, some of whose facts the document states in its own words.

    Raises UsageError if gold does not fit the schema, or no document has any.
    """
    spec = spec_for(golds, schema.model)
    partner = matched_ids(golds, [each.id for each in documents])
    gold_of = {id_: golds[gold_id] for gold_id, id_ in partner.items()}
    found = []
    for document in documents:
        if isinstance(document, Document) and document.id in gold_of:
            candidate = _candidate(schema, gold_of[document.id], document, spec=spec, options=options)
            if candidate is not None:
                found.append(candidate)
    return found


def pick(found: Sequence[Candidate], options: PickOptions) -> list[Candidate]:
    """Return the best ``options.count`` of ``found``, each worth most beside those before; the richest comes last.

    The last example is the one that a model imitates most.
    """
    shown: Counter[tuple[str, ...]] = Counter()
    left, chosen = list(found), list[Candidate]()
    while left and len(chosen) < options.count:
        best = max(left, key=lambda each: (each.worth(shown, options.tokens), -each.tokens, each.id))
        left.remove(best)
        chosen.append(best)
        shown.update(best.shows.keys())
    return sorted(chosen, key=lambda each: each.said)


def _candidate(schema: Schema, gold: Any, document: Document, *, spec: Spec, options: PickOptions) -> Candidate | None:
    text = document.text
    if options.boilerplate == "drop":
        text = clean(text).text.strip() or text
    text = _tidy(text)
    whole = worded = word_gold(schema, gold, text, spec=spec)
    if estimate_tokens(text) > options.tokens:
        text = _tidy(_passage(text, whole, options.tokens).of(text))
        worded = word_gold(schema, gold, text, spec=spec)
    if not worded.record or not worded.said:
        return None
    wrong = _wrong(schema, worded.record, text, spec=spec, gold=gold)
    if wrong is None:
        return None
    return Candidate(
        document.id, text, worded.record, worded.said, whole.lost, wrong, estimate_tokens(text),
        dict(_shows(schema, worded.record, text)),
    )  # fmt: skip


def _tidy(text: str) -> str:
    """Return ``text`` without white space that shows nothing: at the ends of lines, and more than one empty line."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[^\S\n]+\n", "\n", text.replace("\r\n", "\n"))).strip()


def _passage(text: str, worded: Worded, limit: int) -> Span:
    """Return the run of whole sentences, at most ``limit`` tokens long, with the most facts; the first of equals."""
    pieces = list(_sentences(text, limit))
    best, most = pieces[0], -1.0
    for first, piece in enumerate(pieces):
        span, tokens = piece, 0
        for other in pieces[first:]:
            tokens += estimate_tokens(other.of(text)) + 1  # the space between them
            if tokens > limit:
                break
            span = Span(piece.start, other.end)
        inside = [path for path, place in worded.places.items() if span.contains(place)]
        fields = {json_pointer.to_parts(path)[0] for path in inside}
        if (worth := len(fields) + len(inside) / 4) > most:
            best, most = span, worth
    return best


def _sentences(text: str, limit: int) -> Iterator[Span]:
    """Yield the sentences and lines of ``text``; one that is longer than ``limit`` tokens in pieces."""
    start = 0
    for border in [*(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]:
        sentence, at = text[start:border], start
        start = border
        if estimate_tokens(sentence) < limit:
            if sentence.strip():
                yield Span(at, at + len(sentence.rstrip()))
        else:
            yield from (chunk.span.shift(at) for chunk in chunk_text(sentence, max_tokens=limit - 1))


def _wrong(schema: Schema, record: dict[str, Any], text: str, *, spec: Spec, gold: Any) -> tuple[str, ...] | None:
    """Return the fields that llmx reads differently from ``record`` than gold has it; None if there is no record."""
    try:
        wire = schema.wire.model_validate(filled(schema.tree, record)).model_dump(mode="json")
        source = SourceText(text, TextIndex(text), Span(0, len(text)), locale=guess_locale(text))
        data = schema.model.model_validate(
            apply_policies(schema.tree, ground(schema.tree, wire, source)).data, by_name=True
        )
    except ValidationError:
        return None
    found = outcomes(spec, gold, data.model_dump(mode="json"))
    return tuple(dict.fromkeys(each.path for each in found if each.kind in {"mismatch", "invention"}))


def _shows(schema: Schema, record: dict[str, Any], text: str) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield what an example shows: fields, choices, its language, and which fields may be absent."""
    yield ("language", (guess_locale(text) or "?").partition("_")[0]), _LANGUAGE_WORTH
    for member in schema.tree.members:
        if member.name not in record:
            yield ("silent", member.name), _SILENCE_WORTH
    for place in leaves(schema.tree, record):
        if place.value is None:
            continue
        field = tuple("*" if part.isdecimal() else part for part in json_pointer.to_parts(place.pointer))
        yield ("field", *field), 1.0
        if place.leaf.kind in {"choice", "flag"}:
            yield ("value", *field, str(place.value)), 1.0
