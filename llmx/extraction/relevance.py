"""Which passages of a long document bear on a schema: those that are sent where ``--relevant`` bounds what is.

Passages are ranked for each field by itself (BM25 over the words of its name, its description and its choices, and over
the forms that its type takes: dates, sums, figures), and taken in turn, so that every field has its best passage before
one has its second. Words count by their first letters, which makes "payments" and "payable" one in most languages that
inflect; writing without blanks counts by pairs of signs. The beginning of a document is always kept: it says what it
is, of when and between whom. No model is asked, and nothing leaves the machine.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from llmx.chunk import chunk_text, estimate_tokens
from llmx.schema import Leaf, ListOf, Node, ObjectOf
from llmx.schema.per_tree import once_per_tree
from llmx.span import Span

PASSAGES_PER_BUDGET = 16
"""The budget holds about so many passages: a smaller one says less, a larger one brings more that is of no use."""

LEFT_OUT = "\n\n[…]\n\n"
"""What stands between two stretches of a text that do not follow each other."""

_LEAST_TOKENS, _MOST_TOKENS, _MARK_TOKENS = 64, 500, 2
_STEM = 6  # letters of a word that count
_K1, _B = 1.2, 0.75  # as Robertson and Zaragoza give them for BM25
_WORD = re.compile(r"[^\W\d_]+")
_PARTS = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![^\W\d_A-Z])|[^\W\d_]+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_FORMS = {
    "<date>": re.compile(r"\b\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b|\b(?:1[89]|20)\d\d\b|\d年"),
    "<sum>": re.compile(r"[$€£¥₹]\s?\d|\d\s?[$€£¥₹]|\b[A-Z]{3}\s?\d|\d\s?[A-Z]{3}\b"),
    "<figure>": re.compile(r"\d+"),
    "<share>": re.compile(r"\d\s?[%‰]"),
    "<address>": re.compile(r"\S@\S|://|www\."),
}
_FORMS_OF_TYPES = (
    (("date", "day", "time", "period", "year"), "<date>"),
    (("money", "amount", "price", "currency", "sum"), "<sum>"),
    (("percent", "share", "rate"), "<share>"),
    (("mail", "url"), "<address>"),
    (("number", "int", "float", "decimal", "quantity", "count", "duration"), "<figure>"),
)

Terms = frozenset[str]


@dataclass(frozen=True, slots=True)
class Relevant:
    """What is kept of a text: ``text`` holds the stretches ``kept``, with a mark between them that says so.

    ``passages`` is how many there were, ``sent`` how many of them are kept.
    """

    text: str
    kept: tuple[Span, ...]
    passages: int
    sent: int

    def shown(self) -> Iterator[Span]:
        """Yield where each stretch stands in ``text``."""
        starts = accumulate((len(kept) + len(LEFT_OUT) for kept in self.kept), initial=0)
        return (Span(start, start + len(kept)) for start, kept in zip(starts, self.kept, strict=False))

    def to_original(self, span: Span) -> Span:
        """Return where ``span`` of the kept text lies in the whole one; over a mark it covers what was left out."""
        starts = [shown.start for shown in self.shown()]

        def original(position: int) -> int:
            number = min(bisect_right(starts, position) - 1, len(self.kept) - 1)
            return min(self.kept[number].start + position - starts[number], self.kept[number].end)

        start = original(span.start)
        return Span(start, max(original(span.end - 1) + 1 if len(span) else start, start))


def relevant_part(text: str, tree: ObjectOf, *, max_tokens: int, page_starts: Sequence[int] = ()) -> Relevant | None:
    """Return the passages of ``text`` that bear most on ``tree``, of at most ``max_tokens`` together.

    The first passage is always one of them, and rows of a table come with the table's header. None for a text that
    fits as it is.
    """
    if estimate_tokens(text) <= max_tokens:
        return None
    size = min(max(max_tokens // PASSAGES_PER_BUDGET, _LEAST_TOKENS), _MOST_TOKENS)
    chunks = list(chunk_text(text, max_tokens=size, page_starts=page_starts))
    said = [_counted(chunk.header.of(text) if chunk.header else "", chunk.span.of(text)) for chunk in chunks]
    left, kept, headers = max_tokens, set[int](), set[Span]()
    for number in _in_turn(said, fields_of(tree)):
        chunk = chunks[number]
        new = {chunk.header} - headers if chunk.header else set[Span]()
        tokens = sum(estimate_tokens(span.of(text)) + _MARK_TOKENS for span in (chunk.span, *new))
        if tokens <= left or not kept:
            kept.add(number)
            headers |= new
            left -= tokens
    stretches = _stretches([chunk.span for chunk in chunks], kept, headers)
    return Relevant(LEFT_OUT.join(span.of(text) for span in stretches), tuple(stretches), len(chunks), len(kept))


def _stretches(spans: Sequence[Span], kept: set[int], headers: set[Span]) -> list[Span]:
    """Return the kept passages, neighbours as one, with the headers that are not in any of them."""
    joined = list[Span]()
    for number in sorted(kept):
        if joined and number - 1 in kept:
            joined[-1] = Span(joined[-1].start, spans[number].end)
        else:
            joined.append(spans[number])
    alone = [header for header in headers if not any(header.overlaps(span) for span in joined)]
    return sorted([*joined, *alone], key=lambda span: span.start)


def _in_turn(said: Sequence[Counter[str]], fields: Sequence[Terms]) -> Iterator[int]:
    """Yield the numbers of the passages: the first, the best of each field, the second of each …, then the others."""
    yield 0
    ranked = _ranked(said, fields)
    places: dict[int, tuple[int, float]] = {}
    for scores in ranked:
        order = sorted(scores, key=lambda number: (-scores[number], number))
        for place, number in enumerate(order):
            best, total = places.get(number, (place, 0.0))
            places[number] = min(best, place), total + scores[number]
    yield from sorted((n for n in places if n), key=lambda n: (places[n][0], -places[n][1], n))
    yield from (number for number in range(1, len(said)) if number not in places)


def _ranked(said: Sequence[Counter[str]], fields: Sequence[Terms]) -> list[dict[int, float]]:
    """Return for each field the passages that say any of its terms, with their BM25 scores."""
    holding: defaultdict[str, list[int]] = defaultdict(list)
    wanted = frozenset().union(*fields) if fields else frozenset()
    for number, words in enumerate(said):
        for term in words.keys() & wanted:
            holding[term].append(number)
    lengths = [sum(terms.values()) for terms in said]
    mean = max(sum(lengths) / len(lengths), 1.0)
    ranked = []
    for terms in fields:
        scores: defaultdict[int, float] = defaultdict(float)
        for term in sorted(terms):
            found = holding.get(term, ())
            weight = math.log(1 + (len(said) - len(found) + 0.5) / (len(found) + 0.5))
            for number in found:
                often = said[number][term]
                scores[number] += weight * often * (_K1 + 1) / (often + _K1 * (1 - _B + _B * lengths[number] / mean))
        ranked.append(dict(scores))
    return ranked


def _counted(*texts: str) -> Counter[str]:
    """Return how often each term stands in ``texts``, the forms of values among them."""
    terms: Counter[str] = Counter()
    for text in texts:
        terms.update(_terms(text))
        for name, form in _FORMS.items():
            if count := sum(1 for _ in form.finditer(text)):
                terms[name] += count
    return terms


def _terms(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        if _UNSPACED.search(word):
            for run in _UNSPACED.findall(word):
                yield from (run[at : at + 2] for at in range(max(len(run) - 1, 1)))
        elif len(word) > 1:
            yield word.casefold()[:_STEM]


@once_per_tree
def fields_of(tree: ObjectOf) -> tuple[Terms, ...]:
    """Return the terms of each field of a schema, with those of the objects around it; equal ones once."""
    return tuple(dict.fromkeys(terms for terms in _fields(tree, frozenset()) if terms))


def _fields(node: Node, around: Terms) -> Iterator[Terms]:
    if isinstance(node, ListOf):
        yield from _fields(node.item, around)
    elif isinstance(node, ObjectOf):
        for member in () if node.level else node.members:
            own = frozenset(_terms(" ".join([*_PARTS.findall(member.name.replace("_", " ")), member.description])))
            if isinstance(member.node, Leaf):
                yield around | own | _of_leaf(member.node, member.name)
            else:
                yield around | own
                yield from _fields(member.node, own)
    else:
        yield around | _of_leaf(node, "")


def _of_leaf(leaf: Leaf, name: str) -> Terms:
    """Return the terms of a field's choices and cues, and the form of its values."""
    words = [str(choice) for choice in (*leaf.choices, *leaf.names)]
    if leaf.cues is not None:
        told_by = leaf.cues.words
        words += told_by if isinstance(told_by, tuple) else [each for cues in told_by.values() for each in cues]
    told = f"{leaf.label} {name}".casefold()
    form = next((form for types, form in _FORMS_OF_TYPES if any(each in told for each in types)), None)
    return frozenset(_terms(" ".join(words))) | ({form} if form else frozenset())
