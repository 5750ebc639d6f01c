"""Grounding: from the words that the model gave to values with the place in the text that says them.

For a typed field the words are found in the text, widened to the whole expression that stands there (the model quotes
'3.2' where the text says '3.2 billion'), and the value is computed from that. Where the model gave a value instead of
words ('3200000000'), the text is searched for an expression that computes to it. Where neither is there, the value is
unproven, and ``settle`` decides what becomes of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from llmx.grounding.inferred import inferred
from llmx.grounding.paired import quoted, translated
from llmx.grounding.text import Source, evidence_of
from llmx.grounding.values import NOTHING, Found, FoundList, FoundNode, FoundObject
from llmx.grounding.widen import neighbourhood, widened
from llmx.locating import Match
from llmx.locating.borders import CLEAN, cut, letter_count, parted
from llmx.record import Evidence
from llmx.schema import Leaf, ListOf, Member, Node, ObjectOf
from llmx.span import Span
from llmx.types import Reader, Reading

SENTENCE_CHARS = 300
_STOP = re.compile(r"[.!?](?=\s)|[。！？；\n]")

LEADING_CHARS = 12
"""How far from the beginning of the words the leading one of several values may stand: 'around 220', 'rund 1.800'."""

_NULL_WORDS = frozenset({
    "null", "none", "n/a", "na", "nil", "unknown", "unspecified", "undefined", "-", "--", "—", "…", "...",
    "none stated",
    "not specified", "not stated", "not mentioned", "not given", "not available", "not applicable", "not disclosed",
    "no information",
})  # fmt: skip


def ground(node: Node, wire: Any, source: Source) -> FoundNode:
    """Return what ``wire``, a validated answer, is worth against the text of ``source``."""
    return _ground(node, wire, source, anchors=())


def unreadable(node: Node, found: FoundNode, path: str = "") -> Iterator[tuple[str, Leaf, Found]]:
    """Yield (path, leaf, found) of the values that a record cannot do without and that nothing came of.

    The model's words neither stand in the text nor say a value. Elements of lists are not among them: they can go.
    """
    if isinstance(node, ObjectOf) and isinstance(found, FoundObject):
        for member in node.members:
            below = found.fields.get(member.name)
            if below is None:
                continue
            if not isinstance(member.node, Leaf):
                yield from unreadable(member.node, below, f"{path}/{member.name}")
            elif isinstance(below, Found) and _is_unreadable(member, below):
                yield f"{path}/{member.name}", member.node, below


def _is_unreadable(member: Member, found: Found) -> bool:
    if member.nullable or not member.required or found.value is not None or not found.words:
        return False
    return any(code == "unproven" for code, _ in found.remarks)


def _ground(node: Node, wire: Any, source: Source, *, anchors: Sequence[Span]) -> FoundNode:
    if isinstance(node, ObjectOf):
        return _object(node, wire, source, anchors=anchors)
    if isinstance(node, ListOf):
        items = tuple(_ground(node.item, item, source, anchors=anchors) for item in wire or ())
        return FoundList(items, capped=len(items) >= node.cap)
    return ground_leaf(node, wire, source, anchors=anchors)


def _object(node: ObjectOf, wire: Any, source: Source, *, anchors: Sequence[Span]) -> FoundNode:
    """Ground the fields; those whose words stand in one place only go first, the others are looked for near them."""
    if wire is None:
        return NOTHING
    nested = tuple(anchors)
    places = {m.name: _places(m.node, wire.get(m.name), source) for m in node.members}
    own = [spans[0] for spans in places.values() if len(spans) == 1]
    key_spans = places.get(node.key or "", [])
    near = own or key_spans[:1] or list(nested)
    fields = FoundObject(
        {
            m.name: _ground(m.node, wire.get(m.name), source, anchors=near if isinstance(m.node, Leaf) else nested)
            for m in node.members
        }
    )
    return _held_near(node, fields, wire, source=source)


def _held_near(node: ObjectOf, found: FoundObject, wire: Any, *, source: Source) -> FoundObject:
    """Take away the proof of fields that must be proven near the object's key and are not (mark ``Near``)."""
    fields = dict(found.fields)
    for member in node.members:
        have = fields[member.name]
        if not isinstance(member.node, Leaf) or member.node.near is None or not isinstance(have, Found):
            continue
        if have.evidence is None:
            continue
        fields[member.name] = _nearest(member.node, have, _key_places(node, wire, source), source=source)
    return FoundObject(fields)


def _key_places(node: ObjectOf, wire: Any, source: Source) -> list[Span]:
    key = wire.get(node.key) if node.key else None
    return [m.span for m in source.index.find_all(key, limit=20)] if isinstance(key, str) and key.strip() else []


def _nearest(leaf: Leaf, have: Found, keys: list[Span], *, source: Source) -> Found:
    """Return ``have`` with a proof of the same value near one of ``keys``, or unproven where there is none."""
    assert leaf.near is not None
    assert have.evidence is not None
    place = Span(have.evidence.start, have.evidence.end)
    if any(place.distance(key) <= leaf.near for key in keys):
        return have
    if leaf.reader is not None:
        for other in source.readings(leaf.reader):
            span = Span(other.start, other.end)
            if other.value == have.value and any(span.distance(key) <= leaf.near for key in keys):
                return replace(have, evidence=evidence_of(source, span, None, words=have.words, rule=other.rule))
    told = f"{have.evidence.quote!r} does not stand near what it is said of"
    return Found(have.value, None, (*have.remarks, ("unproven", told)), have.words)


def _places(node: Node, words: Any, source: Source) -> list[Span]:
    if not isinstance(node, Leaf) or node.kind not in ("quote", "text") or not isinstance(words, str) or not words:
        return []
    return _clean_places(words, source) or [match.span for match in source.index.find_all(words, limit=3)]


def _clean_places(words: str, source: Source) -> list[Span]:
    """Return the first two places where exactly these words stand, nothing being cut; one alone is remembered."""
    text, letters, places = source.text, letter_count(words), list[Span]()
    for span in _occurrences(words, source):
        if parted(text, span) or cut(text, span, letters) == CLEAN:
            places.append(span)
            if len(places) == 2:
                break
    if len(places) == 1:
        source.sole[words] = places[0]
    return places


def _occurrences(words: str, source: Source) -> Iterator[Span]:
    """Yield where ``words`` stand; most places of a short number are inside of a longer one, and left out here."""
    if len(words) <= 3 and words.isdecimal():
        for match in _last_digits(words).finditer(source.text):
            if not (match.start() and source.text[match.start() - 1].isdecimal()):
                yield Span(*match.span())
        return
    at = source.text.find(words)
    while at >= 0:
        yield Span(at, at + len(words))
        at = source.text.find(words, at + len(words))


@lru_cache(maxsize=1024)
def _last_digits(digits: str) -> re.Pattern[str]:
    return re.compile(digits + r"(?!\d)")


def ground_leaf(leaf: Leaf, words: Any, source: Source, *, anchors: Sequence[Span] = ()) -> Found:
    """Return the value that ``words`` stand for, and its proof."""
    if words is None or (isinstance(words, str) and _says_nothing(words)):
        return NOTHING
    if isinstance(words, dict):
        return _pair(leaf, words, source, anchors=anchors)
    if leaf.kind in ("choice", "flag"):
        return inferred(leaf, words, source)
    found = _quote(leaf, words, source, anchors=anchors) if leaf.reader else _text(leaf, words, source, anchors=anchors)
    if not found.proven and not leaf.free and words.strip().casefold() in source.leaks:
        return Found(None, None, (("example_leak", f"{words!r} comes from an example of the prompt"),), words)
    return found


def _pair(leaf: Leaf, pair: dict[str, Any], source: Source, *, anchors: Sequence[Span]) -> Found:
    def prove(words: str, rule: str) -> Evidence | None:
        match = None if _says_nothing(words) else _match(words, source, anchors)
        return None if match is None else evidence_of(source, match.span, match, words=words, rule=rule)

    return translated(leaf, pair, prove) if leaf.translated else quoted(leaf, pair, source, prove=prove)


def _says_nothing(words: str) -> bool:
    return not words.strip() or words.strip().casefold() in _NULL_WORDS


def _match(words: str, source: Source, anchors: Sequence[Span]) -> Match | None:
    sole = source.sole.get(words)
    if sole is not None and source.within.contains(sole):
        return Match(sole, "exact", 1.0)
    near = anchors[0] if anchors else None
    return source.index.locate(words, near=near, within=source.within)


def _text(leaf: Leaf, words: str, source: Source, *, anchors: Sequence[Span]) -> Found:
    """The words are the value: in the spelling of the text where the model's differs."""
    if leaf.free:
        return Found(words.strip(), None, (), words)
    match = _match(words, source, anchors)
    if match is None:
        return Found(words.strip(), None, (("unproven", f"the text does not say {_short(words)}"),), words)
    value = " ".join(match.span.of(source.text).split()) if match.kind == "fuzzy" else " ".join(words.split())
    return Found(value, evidence_of(source, match.span, match, words=words), (), words, doubt=1 - match.score)


def _quote(leaf: Leaf, words: str, source: Source, *, anchors: Sequence[Span]) -> Found:
    """The value is computed from the words as they stand in the text."""
    found = _read(leaf, words, source, anchors=anchors)
    if found.evidence is None or leaf.cues is None or not isinstance(leaf.cues.words, tuple):
        return found
    sentence = _sentence(Span(found.evidence.start, found.evidence.end), source).of(source.text).casefold()
    if any(cue.casefold() in sentence for cue in leaf.cues.words):
        return found
    told = f"no cue word stands in the sentence of {found.evidence.quote!r}"
    return Found(found.value, None, (*found.remarks, ("unproven", told)), words)


def _sentence(span: Span, source: Source) -> Span:
    """Return ``span`` widened to its sentence, by full stops and line ends that stand near."""
    before = source.text[max(source.within.start, span.start - SENTENCE_CHARS) : span.start]
    after = source.text[span.end : min(source.within.end, span.end + SENTENCE_CHARS)]
    begin = max((m.end() for m in _STOP.finditer(before)), default=0)
    stop = _STOP.search(after)
    return Span(span.start - len(before) + begin, span.end + (stop.start() if stop else len(after)))


def _read(leaf: Leaf, words: str, source: Source, *, anchors: Sequence[Span]) -> Found:
    reader = leaf.reader
    assert reader is not None
    match = _match(words, source, anchors)
    if match is not None:
        span = widened(reader, match.span, source)
        reading = reader.from_text(span.of(source.text), locale=source.locale, reference=source.reference)
        if reading.value is not None:
            place = Span(span.start + reading.start, span.start + reading.end)
            return _computed(reading, evidence_of(source, place, match, words=words, rule=reading.rule), words)
        if (leading := _leading(reader, span, source)) is not None:
            place = Span(span.start + leading.start, span.start + leading.end)
            told = leading.with_issue(
                "several", f"{_short(words)} names more than one {reader.label}; the first is taken"
            )
            return _computed(told, evidence_of(source, place, match, words=words, rule=leading.rule), words)
        failed = _computed(reading, None, words)
        return Found(None, None, failed.remarks or (("unreadable", f"no {reader.label} in {_short(words)}"),), words)
    reading = reader.from_text(words, locale=source.locale, reference=source.reference)
    if reading.value is not None:
        for other in _stated(reader, words, source):
            value = _agreed(reading.value, other.value)
            if value is not None:
                place = Span(other.start, other.end)
                return _computed(other, evidence_of(source, place, None, words=words, rule=other.rule), words)
    remark = ("unproven", f"the text does not say {_short(words)}")
    return Found(reading.value, None, (*((r.code, r.message) for r in reading.doubts), remark), words)


def _stated(reader: Reader, words: str, source: Source) -> Iterator[Reading[Any]]:
    """Yield what the chunk states, beginning where the digits of ``words`` stand: most numbers are found there."""
    if reader.label == "number":
        for run in source.runs(words):
            window = neighbourhood(run, source)
            for reading in reader.find_all(window.of(source.text), locale=source.locale, reference=source.reference):
                there = reading.shift(window.start)
                if run.overlaps(Span(there.start, there.end)):
                    yield there
    yield from source.readings(reader)


def _leading(reader: Reader, span: Span, source: Source) -> Reading[Any] | None:
    """Return the first of several values where the words begin with it: '220 jobs, with 900 more while it is built'."""
    found = reader.find_all(span.of(source.text), locale=source.locale, reference=source.reference)
    first = next((reading for reading in found if reading.value is not None), None)
    return first if first is not None and len(found) > 1 and first.start <= LEADING_CHARS else None


def _agreed(claimed: Any, other: Any) -> Any:
    """Return the text's value where it is the claimed one, or the part of it that the text states (a date)."""
    if other is None:
        return None
    if claimed == other:
        return other
    agrees = getattr(other, "agrees_with", None)
    return other if agrees is not None and agrees(claimed) else None


def _computed(reading: Reading[Any], evidence: Evidence | None, words: str) -> Found:
    remarks = tuple((remark.code, remark.message) for remark in reading.issues)
    doubt = (1 - evidence.score if evidence else 0.0) + (0.25 if reading.doubts else 0.0)
    return Found(reading.value, evidence, remarks, words, doubt=min(doubt, 1.0))


def _short(words: str) -> str:
    return repr(words if len(words) <= 60 else words[:57] + "…")
