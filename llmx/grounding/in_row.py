"""A value of a list's element is proven in the element's own row, and never in that of another."""

from __future__ import annotations

from typing import Any

from llmx.grounding.leaf import Hint, agreed, ground_leaf
from llmx.grounding.row_layout import ElementRow
from llmx.grounding.rows import leaf_words
from llmx.grounding.text import SourceText, evidence_of
from llmx.grounding.values import LeafValue
from llmx.record import Issue
from llmx.schema import Leaf
from llmx.span import Span


def in_row(leaf: Leaf, words: Any, source: SourceText, *, row: ElementRow, path: str) -> LeafValue:
    """Return the value of ``words``, proven at their place in ``row``, or near it, where no other element stands."""
    place = row.places.get(path)
    if place is not None:
        found = ground_leaf(leaf, words, source, hint=Hint(row.span, place, whole=source.lines.wholeness(place) > 1))
        if found.proven:
            return found
    found = (
        _by_value(leaf, words, source, row=row, path=path)
        or _in_reach(leaf, words, source, row=row)
        or ground_leaf(leaf, words, source, hint=_elsewhere(leaf, words, source, row=row))
    )
    if found.evidence is None or not _is_of_another(Span(found.evidence.start, found.evidence.end), row, path):
        return found
    elsewhere = Issue("unproven", "", f"{found.evidence.quote!r} stands in the row of another element only")
    return LeafValue(found.value, None, (*found.issues, elsewhere), found.words, doubt=found.doubt)


def _by_value(leaf: Leaf, words: Any, source: SourceText, *, row: ElementRow, path: str) -> LeafValue | None:
    """Return the value of ``words`` where the element's own lines say it in others, which no other value is read of."""
    said = leaf_words(words) if leaf.reader is not None and isinstance(words, str) else ""
    if not said or leaf.reader is None:
        return None
    wanted = leaf.reader.from_text(said, locale=source.locale, reference=source.reference).value
    for span in row.own_lines(source.lines) if wanted is not None else ():
        for there in source.cell_readings(leaf.reader, span):
            place = Span(there.start, there.end)
            if agreed(wanted, there.value) is not None and not any(
                place.overlaps(other) for other in row.places.values()
            ):
                row.places[path] = place
                told = source.explain(there)
                proof = evidence_of(source, place, None, words=said, rule=told.rule)
                return LeafValue(told.value, proof, told.issues, said, doubt=0.25 if told.doubts else 0.0)
    return None


def _in_reach(leaf: Leaf, words: Any, source: SourceText, *, row: ElementRow) -> LeafValue | None:
    """Return the value of words that stand with small faults in the lines of the row, such as a cell that is wrapped.

    Elsewhere words like them are those of another row, or of no row.
    """
    said = leaf_words(words) if leaf.reader is None else ""
    match = source.index.locate(said, near=row.span, within=row.reach) if said else None
    if match is None or match.kind != "fuzzy":
        return None
    found = ground_leaf(leaf, words, source, hint=Hint(row.span, match.span))
    return found if found.proven else None


def _elsewhere(leaf: Leaf, words: Any, source: SourceText, *, row: ElementRow) -> Hint:
    """Return where else to look for words: near the row, or only in it where the text is known not to say them."""
    nowhere = row.table is not None and leaf.reader is None and not source.places(leaf_words(words), None)
    return Hint(row.span, row.span if nowhere else None, exactly=row.table is not None)


def _is_of_another(place: Span, row: ElementRow, path: str) -> bool:
    """Whether ``place`` is in the row of another element, but for a cell that both share, over an empty one."""
    table = row.table
    owner = None if table is None else table.owner(place)
    if table is None or owner is None or owner is row:
        return False
    first = table.lines.line_of(row.span.start)
    if first == table.lines.line_of(place.start):
        return False  # two elements of one line
    if owner.span > row.span or owner.places.get(path) != place:
        return True
    cell, own = table.lines.cell_of(place), table.lines.cells(first)
    return 0 <= cell < len(own) and len(own[cell]) > 0
