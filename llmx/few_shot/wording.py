"""From a gold record to its wire form: the words of the text in place of the values.

Gold says what is true (3200000000 CNY), an example must show what a model is to write ('3.2 billion yuan'). Words are
taken only where grounding them, as it is done with a model's answer, gives the value that gold states. What no words
state is left out and reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from llmx import json_data, json_pointer
from llmx.evaluate.score import outcomes
from llmx.evaluate.spec import UNKNOWN, Spec, alternatives
from llmx.grounding.leaf import Hint, ground_leaf
from llmx.grounding.text import SourceText
from llmx.json_data import is_empty
from llmx.locating import TextIndex
from llmx.record import dumped_name
from llmx.schema import Leaf, ListOf, MapOf, Node, ObjectOf, RootOf, Schema, TupleOf, UnionOf
from llmx.schema.forms import in_wire_form
from llmx.span import Span
from llmx.types import PartialDate, guess_locale

_MOST_TRIES = 6  # expressions that say the same value, the nearest first
_MOST_PLACES = 20
_NEXT_WORDS = re.compile(r"\s?[^\s\d.,;:!?。，；、！？]{1,16}(?:\s[^\s\d.,;:!?。，；、！？]{1,16})?")


@dataclass(frozen=True, slots=True)
class Worded:
    """A gold record in the words of its text.

    ``record`` is the wire form, without the fields that are null or []; None if the text does not say what the
    schema requires. ``places`` maps the JSON pointer of each value that stands in the text to its place. ``said``
    counts the facts in ``record``; ``lost`` holds the paths of gold's facts that no words of the text express.
    """

    record: dict[str, Any] | None
    places: dict[str, Span]
    said: int
    lost: tuple[str, ...]


def word_gold(schema: Schema, gold: Any, text: str, *, spec: Spec) -> Worded:
    """Return ``gold`` in the words of ``text``; ``spec`` says when two values are the same (``evaluate.spec_for``).

    Of alternatives the first is taken that the text says; elements that gold calls optional are left out.
    """
    source = SourceText(text, TextIndex(text), Span(0, len(text)), locale=guess_locale(text))
    part = _word(schema.tree, spec, gold, at=_GoldPlace(source, ""))
    return Worded(part.value, part.places, part.said, tuple(part.lost))


@dataclass(slots=True)
class _Part:
    """The result for one place of gold."""

    value: Any = None
    places: dict[str, Span] = field(default_factory=dict)
    said: int = 0
    lost: list[str] = field(default_factory=list)

    def add(self, other: _Part) -> None:
        self.places |= other.places
        self.said += other.said
        self.lost += other.lost

    @property
    def worth(self) -> int:
        return self.said - len(self.lost)


@dataclass(frozen=True, slots=True)
class _GoldPlace:
    """Where the walk is: the text, the pointer, and the places where the key of the surrounding object stands."""

    source: SourceText
    pointer: str
    anchors: tuple[Span, ...] = ()

    def at(self, name: str | int) -> _GoldPlace:
        return replace(self, pointer=json_pointer.child(self.pointer, name))

    def distance(self, span: Span) -> int:
        return min((span.distance(anchor) for anchor in self.anchors), default=0)


def _word(node: Node, spec: Spec, gold: Any, *, at: _GoldPlace) -> _Part:
    if isinstance(node, UnionOf):
        return _best([_word(member.node, spec, gold, at=at) for member in node.members])
    if isinstance(node, MapOf | TupleOf | RootOf):
        gold, spec = in_wire_form(node, gold), UNKNOWN
    if isinstance(node, ObjectOf):
        return _object(node, spec, gold, at=at)
    if isinstance(node, ListOf):
        return _list(node, spec, gold, at=at)
    return _leaf(node, spec, gold, at=at)


def _best(parts: Sequence[_Part]) -> _Part:
    """Return the part with the most facts said and the fewest lost; the first of equals."""
    return max(parts, key=lambda part: part.worth, default=_Part())


def _object(node: ObjectOf, spec: Spec, gold: Any, *, at: _GoldPlace) -> _Part:
    parts = [_members(node, spec, answer, at=at) for answer in alternatives(gold)]
    return _best(parts)


def _members(node: ObjectOf, spec: Spec, gold: Any, *, at: _GoldPlace) -> _Part:
    if isinstance(gold, str) and node.key:
        gold = {node.key: gold}  # gold's short form of an object
    if not isinstance(gold, dict):
        return _Part(lost=[at.pointer] if not is_empty(gold) else [])
    out = _Part({})
    anchors: tuple[Span, ...] = at.anchors
    needed = True
    for member in sorted(node.members, key=lambda each: each.name != node.key):  # the key first: it is the anchor
        name = dumped_name(node.model, member.name)  # gold has the names of records
        below = replace(at.at(name), anchors=anchors)
        part = _word(member.node, spec.fields.get(name, UNKNOWN), gold.get(name), at=below)
        out.add(part)
        if part.value is not None and part.value != []:
            out.value[member.name] = part.value
        elif not (member.nullable or isinstance(member.node, ListOf)) and member.required:
            needed = False
        if member.name == node.key and at.pointer and isinstance(part.value, str):
            anchors = tuple(match.span for match in at.source.index.find_all(part.value, limit=_MOST_PLACES))
    if not needed:
        stated = (pointer for pointer, value in json_data.leaves(out.value, at.pointer) if value is not None)
        return _Part(lost=[*out.lost, *stated])
    order = [member.name for member in node.members if member.name in out.value]
    out.value = {name: out.value[name] for name in order} or (None if at.pointer else {})
    return out


def _list(node: ListOf, spec: Spec, gold: Any, *, at: _GoldPlace) -> _Part:
    answers = [answer for answer in alternatives(gold) if isinstance(answer, list) and answer]
    return _best([_elements(node, spec, answer, at=at) for answer in answers])


def _elements(node: ListOf, spec: Spec, gold: list[Any], *, at: _GoldPlace) -> _Part:
    out = _Part([])
    for each in gold:
        place = at.at(len(out.value))
        part = _word(node.item, spec.element or UNKNOWN, each, at=place)
        full = len(out.value) >= node.cap
        if part.value is None or full or part.value in out.value:
            out.lost += part.lost or ([place.pointer] if full else [])
            continue
        out.add(part)
        out.value.append(part.value)
    return out


def _leaf(leaf: Leaf, spec: Spec, gold: Any, *, at: _GoldPlace) -> _Part:
    answers = alternatives(gold)
    stated = [answer for answer in answers if not is_empty(answer)]
    for answer in stated:
        if (found := _said(leaf, spec, answer, at=at)) is not None:
            value, span = found
            return _Part(value, {} if span is None else {at.pointer: span}, 1)
    return _Part(lost=[at.pointer] if len(stated) == len(answers) and stated else [])


def _said(leaf: Leaf, spec: Spec, answer: Any, *, at: _GoldPlace) -> tuple[Any, Span | None] | None:
    """Return the words a model should write for ``answer``, and their place; None if the text does not state it."""
    if leaf.kind == "choice":
        return (answer, None) if answer in leaf.choices else None
    if leaf.kind == "flag":
        return (answer, None) if isinstance(answer, bool) else None
    if leaf.free or leaf.language is not None:
        return (str(answer), None) if len(str(answer)) <= leaf.cap else None
    for words in _expressions(leaf, spec, answer, at=at):
        found = ground_leaf(leaf, words, at.source, hint=Hint(at.anchors[0] if at.anchors else None))
        if found.evidence is None or len(words) > leaf.cap:
            continue
        span = Span(found.evidence.start, found.evidence.end)
        far = leaf.near is not None and bool(at.anchors) and at.distance(span) > leaf.near
        if not far and _same(leaf, spec, answer, value=found.value) and _readable(leaf, words):
            return words, span
    return None


def _readable(leaf: Leaf, words: str) -> bool:
    """Return whether a value can be read from the words alone, as examples are."""
    return leaf.reader is None or leaf.reader.from_text(words).value is not None


def _expressions(leaf: Leaf, spec: Spec, answer: Any, *, at: _GoldPlace) -> Iterator[str]:
    """Yield words of the text that may state ``answer``: the answer itself, or expressions whose value it is."""
    if isinstance(answer, str):
        spans = [match.span for match in at.source.index.find_all(answer, limit=_MOST_PLACES)]
        if spans:
            yield " ".join(min(spans, key=at.distance).of(at.source.text).split())
    if leaf.reader is None:
        return
    ranked: list[tuple[float, int, Span]] = []
    for reading in at.source.readings(leaf.reader):
        agreed = 0.0 if reading.value is None else _same(leaf, spec, answer, value=reading.value)
        if agreed:
            span = Span(reading.start, reading.end)
            ranked.append((-agreed, at.distance(span), span))
    spans = [span for _, _, span in sorted(ranked, key=lambda each: each[:2])[:_MOST_TRIES]]
    for widened in (False, True):  # '40' may stand in several places, '40 new jobs' in one
        for span in spans:
            behind = _NEXT_WORDS.match(at.source.text, span.end) if widened else None
            yield " ".join(at.source.text[span.start : behind.end() if behind else span.end].split())


def _same(leaf: Leaf, spec: Spec, answer: Any, *, value: Any) -> float:
    """Return how many facts ``value`` has of ``answer``, 0 if one is wrong; one half where the text states a part.

    A part is a date without its year, such as gold may have from elsewhere: its words are still the ones to quote.
    """
    if agreed := _agreement(spec, answer, _plain(value)):
        return agreed
    if leaf.reader is None or not isinstance(value, PartialDate) or not isinstance(answer, str):
        return 0.0
    stated = leaf.reader.from_text(answer).value
    return 0.5 if isinstance(stated, PartialDate) and value.covers(stated) else 0.0


def _agreement(spec: Spec, answer: Any, value: Any) -> int:
    """Return how many facts of ``value`` are those of ``answer``; 0 if one of them is wrong."""
    if spec.ignored:
        return int(answer == value)
    kinds = [each.kind for each in outcomes(spec, answer, value)]
    wrong = any(kind in {"mismatch", "invention"} for kind in kinds)
    return 0 if wrong else sum(kind == "match" for kind in kinds)


def _plain(value: Any) -> Any:
    """Return a typed value as plain JSON values, as a record holds it."""
    kind: Any = type(value)
    return _adapter(kind).dump_python(value, mode="json")


@lru_cache(maxsize=64)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
