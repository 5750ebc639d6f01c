"""The rows of a list: which line, block or sentence each element was taken from.

A model gives words, not places, and in a table the same words stand in many rows. An element is found by its rarest
words and by how many of the others stand beside them; equal rows are taken one after the other, as they stand in the
text. Where its values stand in the row is decided in ``row_layout.py``. Linear in the text and, but for logarithms, in
the number of elements.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Any

from llmx.dataclass import dataclass
from llmx.grounding.leaf import says_nothing
from llmx.grounding.lines import Lines, between
from llmx.grounding.places import clean_places
from llmx.grounding.row_layout import MOST_CANDIDATES, Element, ElementRow, Said, assign_places, reach_of
from llmx.grounding.text import SourceText
from llmx.schema import Leaf, ListOf, Node, ObjectOf, UnionOf
from llmx.schema.forms import chosen
from llmx.schema.per_tree import once_per_tree
from llmx.span import Span

_MOST_PLACES = 64  # of the words by which an element is found; what stands in more places tells little by itself
_MOST_WORTH = 1.5  # of a value in ``_beside``
_OPEN_PLACES = 32  # that are looked at for such words, from the place of the element before
_MOST = 0.6  # of the values in a sentence, and of the sentences
_FEWEST = 3  # values by which a sentence is known for a row; one less where the sentences stand in order

Anchor = tuple[Said, Span]


def plan_rows(
    node: ListOf, wire: Sequence[Any], source: SourceText, *, bounds: Span | None = None
) -> list[ElementRow | None]:
    """Return the row of each element of ``wire``, None where its words stand nowhere.

    ``bounds`` is the row of the element that the list belongs to: what stands in there goes before anything else.
    """
    if bounds is None and not _is_worth_it(node, wire, source):
        return [None] * len(wire)
    elements = [list(_said(node.item, item, source, bounds=bounds)) for item in wire]
    if isinstance(node.item, Leaf) and bounds is None:
        times = Counter(said.words for element in elements for said in element)
        elements = [[said for said in element if times[said.words] > 1] for element in elements]
    rows = [None if found is None else ElementRow(*found, reach_of(found[1], source.lines)) for found in
            _anchors(elements, source.lines)]  # fmt: skip
    assign_places(elements, rows, source.lines)
    return rows if _are_regular(elements, rows, source.lines) else [None] * len(rows)


def _is_worth_it(node: ListOf, wire: Sequence[Any], source: SourceText) -> bool:
    """Whether values may be proven in wrong rows: there is a table, or words that several elements have."""
    if not wire or source.has_rows:
        return bool(wire)
    said = Counter(_words_of(node.item, wire))
    return any(count > 1 and len(clean_places(words, source)) > 1 for words, count in said.items())


def _are_regular(elements: list[Element], rows: list[ElementRow | None], lines: Lines) -> bool:
    """Whether most elements have lines with cells, or sentences of their own that hold most of their values.

    In other running text the places near each other's say more than an order that is none.
    """
    found = [(row, element) for row, element in zip(rows, elements, strict=True) if row is not None]
    firsts = [lines.line_of(row.span.start) for row, _ in found]
    if 2 * sum(any(lines.cell_count(place) > 1 for place in row.places.values()) for row, _ in found) > len(found):
        return True
    if len(found) < 2 or len(set(firsts)) < len(found):
        return False
    in_order = all(above < below for above, below in itertools.pairwise(firsts))
    held = 0
    for (row, element), line in zip(found, firsts, strict=True):
        own = sum(lines.line_of(place.start) == line for place in row.places.values())
        held += own >= max(_FEWEST - in_order, _MOST * len(element))
    return held >= _MOST * len(found)


def leaf_words(words: Any) -> str:
    """Return the words of a leaf on the wire that must stand in the text, '' where there are none."""
    if isinstance(words, dict):
        words = words.get("words") or words.get("quote")
    return words.strip() if isinstance(words, str) and not says_nothing(words) else ""


def _words_of(node: Node, wire: Sequence[Any]) -> list[str]:
    """Return the words of the elements that must stand in the text; none where no two of them are alike."""
    names = _plain_fields(node) if type(node) is ObjectOf else None
    if names is None:
        return [words for item in wire for _, _, words in _quotable(node, item)]
    given = [item[name] for item in wire if isinstance(item, dict) for name in names if item.get(name)]
    if all(isinstance(each, str) for each in given) and len(set(given)) == len(given):
        return []  # most answers say nothing twice
    return [words for each in given if (words := leaf_words(each))]


@once_per_tree
def _plain_fields(node: ObjectOf) -> tuple[str, ...] | None:
    """Return the fields of an object whose words must stand in the text, None where it has more than plain values."""
    names: list[str] = []
    for member in node.members:
        leaf = member.node
        if not isinstance(leaf, Leaf) or leaf.quoted:
            return None
        if leaf.translated or (leaf.kind in ("quote", "text") and not leaf.free):
            names.append(member.name)
    return tuple(names)


def _said(node: Node, wire: Any, source: SourceText, *, bounds: Span | None) -> Iterator[Said]:
    for order, (path, leaf, words) in enumerate(_quotable(node, wire)):
        places = source.places(words, leaf.reader)
        if bounds is not None:
            places = between(places, bounds.start, bounds.end) or places
        yield Said(path, order, words, places)


def _quotable(node: Node, wire: Any) -> Iterator[tuple[str, Leaf, str]]:
    """Yield the path of each leaf of an element whose words must stand in the text, with these words."""
    for path, leaf, given in _leaves(node, wire, ""):
        if isinstance(given, dict) or (leaf.kind in ("quote", "text") and not leaf.free):
            words = leaf_words(given)
            if words:
                yield path, leaf, words


def _leaves(node: Node, wire: Any, path: str) -> Iterator[tuple[str, Leaf, Any]]:
    """Yield the leaves of an element, but for those of lists in it, which have rows of their own."""
    if isinstance(node, UnionOf):
        member = None if wire is None else chosen(node, wire)
        if member is not None:
            yield from _leaves(member.node, wire, path)
    elif isinstance(node, ObjectOf):
        for each in node.members if isinstance(wire, dict) else ():
            yield from _leaves(each.node, wire.get(each.name), f"{path}/{each.name}")
    elif isinstance(node, Leaf):
        yield path, node, wire


def _anchors(elements: list[Element], lines: Lines) -> list[Anchor | None]:
    """Return where each element is: those that stand in one place only first, the others between them, in order."""
    found = [_best_places(element, lines, after=None) for element in elements]
    following = _next_fixed(found)
    taken = _Taken(lines)
    for places in found:
        if len(places) == 1:
            taken.add(*places[0])
    out: list[Anchor | None] = []
    at = lines.within.start
    for i, element in enumerate(elements):
        places = found[i]
        if len(places) != 1:
            places = places or _best_places(element, lines, after=at)
            places = _first_free(places, taken, after=at, before=following[i])
        anchor = places[0] if places else None
        if anchor is not None:
            taken.add(*anchor)
            at = anchor[1].start
        out.append(anchor)
    return out


def _next_fixed(found: list[list[Anchor]]) -> list[int | None]:
    """Return for each element where the next one behind it stands that stands in one place only."""
    out: list[int | None] = []
    upper = None
    for places in reversed(found):
        out.append(upper)
        if len(places) == 1 and (upper is None or places[0][1].start < upper):
            upper = places[0][1].start
    return out[::-1]


@dataclass(slots=True)
class _Taken:
    """What the elements found so far have: the words by which they were found, and the lines or blocks of these."""

    lines: Lines
    spans: set[Span] = field(default_factory=set)
    paths: dict[tuple[str, int], str] = field(default_factory=dict)

    def add(self, said: Said, span: Span) -> None:
        self.spans.add(span)
        self.paths[self.lines.part_of(span)] = said.path

    def free(self, places: list[Anchor]) -> list[Anchor]:
        """Return the places at which no element is: in other lines, if there are any; at others in the same lines.

        One line may hold two elements that were found by the same field.
        """
        free = [(said, span) for said, span in places if span not in self.spans]
        parts = self.paths
        return [each for each in free if parts.get(self.lines.part_of(each[1]), each[0].path) == each[0].path] or free


def _first_free(places: list[Anchor], taken: _Taken, *, after: int, before: int | None) -> list[Anchor]:
    """Return the first place that no element has: between its neighbours, behind the one before, or anywhere."""
    free = taken.free(places)
    behind = [anchor for anchor in free if anchor[1].start >= after]
    inside = [anchor for anchor in behind if before is None or anchor[1].start < before]
    return (inside or behind or free or places)[:1]


def _best_places(element: Element, lines: Lines, *, after: int | None) -> list[Anchor]:
    """Return the places, in order, at which most of an element stands, by one or two of its rarest words.

    Without ``after`` none are returned where its rarest words stand in too many; with it, the next ones are looked at.
    """
    times = Counter(said.places[0] for said in element if said.places)  # equal values are told apart by columns only
    stated = (said for said in element if said.places)
    rare = sorted(
        stated, key=lambda said: (times[said.places[0]], _is_little(said), len(said.places), -len(said.words))
    )
    best: list[Anchor] = []
    highest = 0.0
    for said in rare[:2]:
        if highest + 0.5 >= _MOST_WORTH * len(rare):
            break  # no place of the other one can be better
        places = said.places
        if len(places) > _MOST_PLACES and len(rare) > 1:
            other = rare[1] if said is rare[0] else rare[0]
            # those in whose lines other ones of the element stand, too
            places = lines.shared(places, other.places) or places
        if len(places) > _MOST_PLACES:
            if after is None or best:
                break
            first = bisect_right(places, after, key=lambda span: span.start)
            places = places[max(0, first - 1) : first + _OPEN_PLACES] or places[-1:]
        scores = [_beside(said, span, element, lines=lines) for span in places]
        if max(scores) > highest + 0.5:
            highest = max(scores)
            best = [(said, span) for span, score in zip(places, scores, strict=True) if score > highest - 0.01]
    return best


def _beside(anchor: Said, span: Span, element: Element, *, lines: Lines) -> float:
    """Return how much of an element stands beside ``span``: one for each value in its line, less for those near it."""
    line = lines.line_of(span.start)
    own, reach = lines.span_of(line), reach_of(span, lines)
    filled = sum(map(bool, map(len, lines.cells(line))))
    score = 1 + 0.25 * lines.wholeness(span) - 0.03 * filled  # of two rows the one that has no more than the element
    used = [span]
    for said in element:
        if said is anchor or not said.places:
            continue
        here = between(said.places, own.start, own.end, most=MOST_CANDIDATES)
        if here := [place for place in here if not any(place.overlaps(other) for other in used)]:
            best = here[0] if len(here) == 1 else max(here, key=lines.wholeness)
            used.append(best)
            score += 1 + 0.25 * lines.wholeness(best)
        elif near := between(said.places, reach.start, reach.end, most=MOST_CANDIDATES):
            score += 0.3 + 0.3 * any(lines.same_block(place, span) for place in near)
    return score


def _is_little(said: Said) -> bool:
    """Whether the words are a digit or two, which stand in a row for several things."""
    return len(said.words) < 3 and not any(map(str.isalpha, said.words))
