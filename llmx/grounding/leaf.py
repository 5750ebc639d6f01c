"""Grounding one leaf: from the words that the model gave to a value, with the words of the text that say it.

For a typed field the words are found in the text, widened to the whole expression that stands there (the model quotes
'3.2' where the text says '3.2 billion'), and the value is computed from that. Where the model gave a value instead of
words ('3200000000'), the text is searched for an expression that computes to it. Where neither is there, the value is
unproven, and ``assembly/policies.py`` decides what becomes of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from llmx.dataclass import dataclass
from llmx.grounding.inferred import inferred
from llmx.grounding.text import SourceText, evidence_of
from llmx.grounding.text_expressions import unstated
from llmx.grounding.values import NOTHING, LeafValue
from llmx.grounding.widen import neighbourhood, widened
from llmx.locating import Match
from llmx.record import Evidence, Issue
from llmx.schema import Leaf
from llmx.schema.echo import schema_words
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

_LONGEST_NULL = max(map(len, _NULL_WORDS))

_STATEABLE = frozenset({"none", "nil", "unknown"})
"""Null words that mean something where a text gives them as a value: 'Allergies: none'."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What is known of where a leaf's words stand: ``near`` others, or at ``place``, in these words or in others.

    ``whole``: the place is all of a cell, so that no expression goes on beside it. ``exactly``: words that are not the
    same ones, with small faults, are no proof.
    """

    near: Span | None = None
    place: Span | None = None
    whole: bool = False
    exactly: bool = False


NO_HINT = Hint()

_MOST_OTHERS = 50
"""Places of a number that are looked at where the first is a part of a larger one."""

Prove = Callable[[str, str], "Evidence | None"]
"""From words and the name of a rule to the proof, None where the text does not say them."""


def ground_leaf(leaf: Leaf, words: Any, source: SourceText, *, hint: Hint = NO_HINT) -> LeafValue:
    """Return the value that ``words`` stand for, and its proof."""
    if words is None or (isinstance(words, str) and says_nothing(words) and not _is_stated(leaf, words, source)):
        return NOTHING
    if isinstance(words, dict):
        return _pair(leaf, words, source, hint=hint)
    if leaf.kind in ("choice", "flag"):
        chosen = inferred(leaf, words, source)
        return replace(chosen, value=leaf.meaning(chosen.value)) if leaf.meanings else chosen
    found = _quote(leaf, words, source, hint=hint) if leaf.reader else _text(leaf, words, source, hint=hint)
    if found.proven:
        return found
    leak = _leak(leaf, words, source)
    if leak is not None:
        return LeafValue(None, None, (leak,), words)
    return _seen(found, source) if source.seen_pages and found.value is not None else found


def _seen(found: LeafValue, source: SourceText) -> LeafValue:
    """Return an unproven value as one that the model read in a picture, if the text does not say its words."""
    if not any(issue.code == "unproven" for issue in found.issues):
        return found
    pages = ", ".join(map(str, source.seen_pages))
    told = Issue("seen", "", f"{_short(found.words)} was read in the picture of page {pages}, and no text proves it")
    issues = tuple(told if issue.code == "unproven" else issue for issue in found.issues)
    return replace(found, issues=issues, seen=source.seen_pages)


def _leak(leaf: Leaf, words: str, source: SourceText) -> Issue | None:
    """Return the issue of unproven words that the prompt said, None where it did not."""
    if not leaf.free and words.strip().casefold() in source.example_phrases:
        return Issue("example_leak", "", f"{words!r} comes from an example of the prompt")
    if source.tree is not None and schema_words(source.tree).echoed(words, free=leaf.free):
        return Issue("echo", "", f"{_short(words)} repeats the schema, not the document")
    return None


def _pair(leaf: Leaf, pair: dict[str, Any], source: SourceText, *, hint: Hint) -> LeafValue:
    """Ground words of the text that stand beside a value: a translation, or the model's quote for an inferred value."""

    def prove(words: str, rule: str) -> Evidence | None:
        match = None if says_nothing(words) else _match(words, source, hint)
        return None if match is None else evidence_of(source, match.span, match, words=words, rule=rule)

    return _translated(leaf, pair, prove) if leaf.translated else _quoted(leaf, pair, source, prove=prove)


def _translated(leaf: Leaf, pair: dict[str, str], prove: Prove) -> LeafValue:
    """Return the value in the wanted language, proven by the words of the text from which it was translated."""
    words, value = pair["words"], " ".join(pair["value"].split())
    if not value:
        return NOTHING
    proof = prove(words, f"translated.{leaf.language}")
    if proof is None:
        missing = Issue("unproven", "", f"the text does not say {words[:60]!r}")
        return LeafValue(value, None, (missing,), words or value)
    return LeafValue(value, proof, (), words, doubt=1 - proof.score)


def _quoted(leaf: Leaf, pair: dict[str, Any], source: SourceText, *, prove: Prove) -> LeafValue:
    """Return an inferred value with the model's quote as its proof; cue words of the schema go first."""
    found, words = inferred(leaf, pair["value"], source), str(pair["quote"] or "")
    found = replace(found, value=leaf.meaning(found.value)) if leaf.meanings else found
    if found.proven or not words.strip():
        return found
    proof = prove(words, "quoted")
    if proof is None:
        missing = Issue("unproven", "", f"the text does not say {words[:60]!r}, which the model quotes for it")
        return replace(found, issues=(missing,), words=words, doubt=max(found.doubt, 0.3))
    return LeafValue(found.value, proof, (), words, doubt=1 - proof.score)


def says_nothing(words: str) -> bool:
    """Whether a model means by ``words`` that there is no value."""
    bare = words.strip()
    return not bare or (len(bare) <= _LONGEST_NULL and bare.casefold() in _NULL_WORDS)


def _is_stated(leaf: Leaf, words: str, source: SourceText) -> bool:
    """Whether the text itself gives 'none' or the like as a value: after a colon, in a cell, on a line of its own."""
    word = words.strip().casefold()
    if leaf.kind != "text" or word not in _STATEABLE:
        return False
    stated = re.compile(rf"(?:^|[:：\t|])[ \t]*{word}[ \t]*(?=$|[.;,|\t])", re.IGNORECASE | re.MULTILINE)
    return stated.search(source.within.of(source.text)) is not None


def _match(words: str, source: SourceText, hint: Hint) -> Match | None:
    if hint.place is not None:
        if hint.place.of(source.text) == words:
            return Match(hint.place, "exact")
        return source.index.locate(words, within=hint.place)
    known = source.clean_places.get(words, ())
    if len(known) == 1 and source.within.contains(known[0]):
        return Match(known[0], "exact", 1.0)
    return source.index.locate(words, near=hint.near, within=source.within, faults=not hint.exactly)


def _text(leaf: Leaf, words: str, source: SourceText, *, hint: Hint) -> LeafValue:
    """The words are the value: in the spelling of the text where the model's differs."""
    if leaf.free:
        return LeafValue(words.strip(), None, (), words)
    match = _match(words, source, hint)
    if match is None:
        if hint.place is None:
            return unstated(words, source)
        missing = Issue("unproven", "", f"the text does not say {_short(words)}")
        return LeafValue(words.strip(), None, (missing,), words)
    value = " ".join(match.span.of(source.text).split()) if match.kind == "fuzzy" else " ".join(words.split())
    return LeafValue(value, evidence_of(source, match.span, match, words=words), (), words, doubt=1 - match.score)


def _quote(leaf: Leaf, words: str, source: SourceText, *, hint: Hint) -> LeafValue:
    """The value is computed from the words as they stand in the text."""
    found = _read(leaf, words, source, hint=hint)
    if found.evidence is None or leaf.cues is None or not isinstance(leaf.cues.words, tuple):
        return found
    sentence = _sentence(Span(found.evidence.start, found.evidence.end), source).of(source.text).casefold()
    if any(cue.casefold() in sentence for cue in leaf.cues.words):
        return found
    missing = Issue("unproven", "", f"no cue word stands in the sentence of {found.evidence.quote!r}")
    return LeafValue(found.value, None, (*found.issues, missing), words)


def _sentence(span: Span, source: SourceText) -> Span:
    """Return ``span`` widened to its sentence, by full stops and line ends that stand near."""
    before = source.text[max(source.within.start, span.start - SENTENCE_CHARS) : span.start]
    after = source.text[span.end : min(source.within.end, span.end + SENTENCE_CHARS)]
    begin = max((m.end() for m in _STOP.finditer(before)), default=0)
    stop = _STOP.search(after)
    return Span(span.start - len(before) + begin, span.end + (stop.start() if stop else len(after)))


def _read(leaf: Leaf, words: str, source: SourceText, *, hint: Hint) -> LeafValue:
    reader = leaf.reader
    assert reader is not None
    match = _match(words, source, hint)
    place = match.span if match is not None else hint.place
    if place is not None:
        span = place if hint.whole else widened(reader, place, source)
        if span == place or not reader.numeric:
            return _read_there(reader, words, span=span, match=match, source=source)
        return _read_wider(reader, words, span=span, match=match, source=source)
    reading = reader.from_text(words, locale=source.locale, reference=source.reference)
    if reading.value is not None and (other := _stated_value(reader, words, reading.value, source=source)) is not None:
        told, place = source.explain(other), Span(other.start, other.end)
        return _computed(told, evidence_of(source, place, None, words=words, rule=told.rule), words)
    missing = Issue("unproven", "", f"the text does not say {_short(words)}")
    return LeafValue(reading.value, None, (*reading.doubts, missing), words)


def _read_there(reader: Reader, words: str, *, span: Span, match: Match | None, source: SourceText) -> LeafValue:
    """Return the value of the expression that stands at ``span``, where the words, or others, were found."""
    reading = reader.from_text(span.of(source.text), locale=source.locale, reference=source.reference)
    if reading.value is None and (leading := _leading(reader, span, source)) is not None:
        message = f"{_short(words)} names more than one {reader.label}; the first is taken"
        reading = leading.with_issue("several", message)
    reading = source.explain(reading)
    if reading.value is not None:
        place = Span(span.start + reading.start, span.start + reading.end)
        return _computed(reading, evidence_of(source, place, match, words=words, rule=reading.rule), words)
    unreadable = Issue("unreadable", "", f"no {reader.label} in {_short(words)}")
    return LeafValue(None, None, reading.issues or (unreadable,), words)


def _read_wider(reader: Reader, words: str, *, span: Span, match: Match | None, source: SourceText) -> LeafValue:
    """Return the value of the number at ``span``, of which the words are a part, unless they are a whole one elsewhere.

    '3' is rather the page of 'page 3' than the sum of '3 million'; where nothing else is there, the text is right.
    """
    wider = _read_there(reader, words, span=span, match=match, source=source)
    said = reader.from_text(words, locale=source.locale, reference=source.reference).value
    if said is None or wider.value is None or said == wider.value:
        return wider
    for other in source.index.find_all(words, limit=_MOST_OTHERS):
        alone = source.within.contains(other.span) and widened(reader, other.span, source) == other.span
        if alone and (found := _read_there(reader, words, span=other.span, match=other, source=source)).value == said:
            return found
    assert wider.evidence is not None
    return wider.with_issue("corrected", f"the model said {words!r}, but the text says {wider.evidence.quote!r}")


def _stated_value(reader: Reader, words: str, claimed: Any, *, source: SourceText) -> Reading[Any] | None:
    """Return the expression that states the value ``claimed``, or else the first that agrees with it.

    Where expressions of different values agree, such as $100 and €100 with 100, the first is taken with an issue.
    """
    first: Reading[Any] | None = None
    for other in _stated(reader, words, source):
        value = agreed(claimed, other.value)
        if value is None:
            continue
        if value == claimed:
            return other
        if first is None:
            first = other
        elif value != first.value and not any(issue.code == "several" for issue in first.issues):
            first = first.with_issue("several", f"{_short(words)} may be {value}, too")
    return first


def _stated(reader: Reader, words: str, source: SourceText) -> Iterator[Reading[Any]]:
    """Yield what the chunk states, each value once, beginning where the digits of ``words`` stand.

    Most numbers are found there.
    """
    if reader.numeric:
        for run in source.runs(words):
            window = neighbourhood(run, source)
            for reading in reader.find_all(window.of(source.text), locale=source.locale, reference=source.reference):
                there = reading.shift(window.start)
                if run.overlaps(Span(there.start, there.end)):
                    yield there
    yield from source.firsts(reader)


def _leading(reader: Reader, span: Span, source: SourceText) -> Reading[Any] | None:
    """Return the first of several values where the words begin with it: '220 jobs, with 900 more while it is built'."""
    found = reader.find_all(span.of(source.text), locale=source.locale, reference=source.reference)
    first = next((reading for reading in found if reading.value is not None), None)
    return first if first is not None and len(found) > 1 and first.start <= LEADING_CHARS else None


def agreed(claimed: Any, other: Any) -> Any:
    """Return the text's value where it is the claimed one or agrees with it: part of a date, a sum with a currency."""
    if other is None:
        return None
    if claimed == other:
        return other
    agrees = getattr(other, "agrees_with", None)
    return other if agrees is not None and agrees(claimed) else None


def _computed(reading: Reading[Any], evidence: Evidence, words: str) -> LeafValue:
    doubt = (1 - evidence.score) + (0.25 if reading.doubts else 0.0)
    return LeafValue(reading.value, evidence, reading.issues, words, doubt=min(doubt, 1.0))


def _short(words: str) -> str:
    return repr(words if len(words) <= 60 else words[:57] + "…")
