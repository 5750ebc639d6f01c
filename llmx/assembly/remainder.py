"""Completing a remainder: a list that holds every other quantity is filled up with what the text states.

Finding all the numbers of a page is what code does better than a model: a 1.5B model lists a quarter of them. For a
list marked ``Remainder(complete=True)`` of objects with one number and otherwise free text, each quantity that the
text states and that proves nothing else in the record becomes an element, with its own words as proof (their rule
begins with 'completed') and the words around it as label. What is no quantity is left out by its form, in any
language: dates and times of day, years, durations, ordinals and codes, telephone numbers, and the small number words
of running text ('the two companies').
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from llmx.dataclass import dataclass
from llmx.grounding.values import LeafValue, ListValue, ObjectValue, ValueNode, leaf_values
from llmx.record import Evidence
from llmx.schema import Leaf, ListOf, Member, ObjectOf
from llmx.span import Span

if TYPE_CHECKING:
    from llmx.grounding.text import SourceText
    from llmx.types import Reading

LABEL_CHARS = 80
SMALL = 2
"""Number words up to here are mostly articles and pronouns: one of them, the two sides, beide."""

_YEAR = re.compile(r"(?:1[5-9]|20|21)\d\d")
_CODE_BEFORE = re.compile(r"(?:\d[-/.:() ]{1,2}|[#№@_]|[A-Za-z]-?|\+)\Z")
_CODE_AFTER = re.compile(
    r"[-/.:() ]{1,2}\d|(?:st|nd|rd|th|er|re|e|º|ª|°)\b|-?[A-Z]\b|[時时:]\s?\d|[時时号號](?!\w*[人个個])"
)
_SENTENCE_END = re.compile(r"[.!?。！？;；\n]")


@dataclass(frozen=True, slots=True)
class _Stated:
    """A quantity that the text states: its value, what one of it is, and where it stands."""

    value: Any
    unit: str | None
    span: Span
    rule: str


def complete(tree: ObjectOf, found: ValueNode, source: SourceText) -> ValueNode:
    """Return ``found`` with the remainder lists that ask for it filled up from the chunk of ``source``."""
    if not isinstance(found, ObjectValue):
        return found
    fields = dict(found.fields)
    for member in tree.members:
        node = member.node
        if isinstance(node, ListOf) and node.complete and isinstance(node.item, ObjectOf):
            taken = sorted(_proofs(fields.values()), key=lambda span: span.start)
            have = fields.get(member.name)
            items = list(have.items) if isinstance(have, ListValue) else []
            items += _missing(node.item, items, taken, source=source)
            fields[member.name] = ListValue(tuple(items))  # no longer capped: what the cap hid is filled in
    return ObjectValue(fields)


def _missing(item: ObjectOf, items: list[ValueNode], taken: list[Span], *, source: SourceText) -> list[ValueNode]:
    number, texts = _parts(item)
    known = [each.fields.get(number.name) for each in items if isinstance(each, ObjectValue)]
    seen = {str(have.value) for have in known if isinstance(have, LeafValue)}
    added: list[ValueNode] = []
    for stated in _quantities(source):
        value = _typed(number, stated.value)
        if str(value) in seen or any(span.overlaps(stated.span) for span in taken):
            continue
        seen.add(str(value))
        added.append(_element(number, texts, stated, value=value, source=source))
    return added


def _parts(item: ObjectOf) -> tuple[Member, list[Member]]:
    """Return the one number of the element, and its text fields in order."""
    leaves = [m for m in item.members if isinstance(m.node, Leaf)]
    number = next(m for m in leaves if isinstance(m.node, Leaf) and m.node.reader is not None and not m.node.free)
    return number, [m for m in leaves if isinstance(m.node, Leaf) and m.node.free]


def _typed(number: Member, value: Any) -> Any:
    assert isinstance(number.node, Leaf)
    kind = number.node.kind_of
    return kind(value) if isinstance(kind, type) and issubclass(kind, int | float | Decimal) else value


def _element(number: Member, texts: list[Member], stated: _Stated, *, value: Any, source: SourceText) -> ObjectValue:
    proof = Evidence(
        stated.span.of(source.text),
        stated.span.start,
        stated.span.end,
        "exact",
        1.0,
        source.chunk,
        "",
        f"completed.{stated.rule}",
    )
    fields: dict[str, ValueNode] = {number.name: LeafValue(value, proof)}
    words = [_label(stated.span, source.text), stated.unit]
    for member, text in zip(texts, words, strict=False):
        fields[member.name] = LeafValue(text, None, (), text or "")
    return ObjectValue(fields)


def _label(span: Span, text: str) -> str:
    """Return the words around a quantity: its clause, cut to a few words, as the text has them."""
    before = text[max(0, span.start - LABEL_CHARS // 2) : span.start]
    after = text[span.end : span.end + LABEL_CHARS // 2]
    cuts = [m.end() for m in _SENTENCE_END.finditer(before)]
    begin = cuts[-1] if cuts else (before.find(" ") + 1 if len(before) == LABEL_CHARS // 2 else 0)
    end_mark = _SENTENCE_END.search(after)
    tail = after[: end_mark.start()] if end_mark else after
    if end_mark is None and len(after) == LABEL_CHARS // 2 and " " in after:
        tail = after[: after.rfind(" ")]
    return " ".join((before[begin:] + span.of(text) + tail).split())


def _quantities(source: SourceText) -> Iterator[_Stated]:
    """Yield every quantity that the chunk states, sums of money in full, in order."""
    from llmx.types import Duration, Money, Number, PartialDate, Quantity, reader_for  # noqa: PLC0415 - heavy

    def all_of(kind: type) -> list[Reading[Any]]:
        reader = reader_for(kind)
        assert reader is not None
        return source.readings(reader)

    no_quantity = [*_spans(all_of(PartialDate)), *_spans(all_of(Duration))]
    sums = [r for r in all_of(Money) if r.value is not None]
    units = {r.start: r for r in all_of(Quantity) if r.value is not None}
    for reading in all_of(Number):
        span = Span(reading.start, reading.end)
        if reading.value is None or _within(span, no_quantity) or not _counts(reading, source.text):
            continue
        money = next((r for r in sums if r.start <= span.start and span.end <= r.end), None)
        if money is not None and money.value is not None:
            yield _Stated(money.value.amount, money.value.currency, Span(money.start, money.end), money.rule)
            continue
        unit = units.get(reading.start)
        whole = Span(unit.start, unit.end) if unit else span
        yield _Stated(reading.value, unit.value.unit if unit and unit.value else None, whole, reading.rule)


def _spans(readings: Iterable[Reading[Any]]) -> list[Span]:
    return [Span(r.start, r.end) for r in readings]


def _within(span: Span, others: list[Span]) -> bool:
    return any(other.contains(span) for other in others)


def _counts(reading: Reading[Any], text: str) -> bool:
    """Whether a number states a quantity, by its form: no year, no ordinal, no part of a code, no small number word."""
    digits = any(map(str.isdecimal, reading.words))
    if reading.value is None or (not digits and reading.value <= SMALL):
        return False
    if _YEAR.fullmatch(reading.words) or re.fullmatch(r"0\d+", reading.words):
        return False
    before, after = text[max(0, reading.start - 3) : reading.start], text[reading.end : reading.end + 6]
    if text[max(0, reading.start - 1) : reading.start] == "(" and after[:1] == ")" and len(reading.words) <= 2:
        return False  # segunda-feira (27): the day of a month
    return not (digits and (_CODE_BEFORE.search(before) or _CODE_AFTER.match(after)))


def _proofs(nodes: Iterable[ValueNode]) -> Iterator[Span]:
    """Yield every place that proves something already."""
    for node in nodes:
        for leaf in leaf_values(node):
            if leaf.evidence is not None:
                yield Span(leaf.evidence.start, leaf.evidence.end)
