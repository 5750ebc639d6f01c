"""Elements that are no rows but the header of their table, which many documents repeat on each page.

Only a header that is repeated is known for one with certainty: a line of several cells without a figure that stands
near the top of a page and in the text before. An element of which all words stand in it is left out, and told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from llmx.chunk_borders import repeated_headers
from llmx.grounding.values import ListValue, ObjectValue, ValueNode, leaf_values
from llmx.record import Issue

if TYPE_CHECKING:
    from llmx.extraction.context import Context


def without_header_rows(tree: ValueNode, context: Context) -> tuple[ValueNode, tuple[Issue, ...]]:
    """Return ``tree`` without the elements that say a header, and an issue for each of them; the same tree for none."""
    text, pages = context.source.text, context.document.pages
    if pages is None or len(text) != len(context.document.text):
        return tree, ()
    headers = repeated_headers(text, [page.start for page in pages])
    if not headers:
        return tree, ()
    told: list[Issue] = []
    return _without(tree, text, headers=headers, told=told), tuple(told)


def _without(tree: ValueNode, text: str, *, headers: frozenset[str], told: list[Issue]) -> ValueNode:
    if isinstance(tree, ObjectValue):
        fields = {name: _without(each, text, headers=headers, told=told) for name, each in tree.fields.items()}
        return tree if all(fields[name] is each for name, each in tree.fields.items()) else ObjectValue(fields)
    if not isinstance(tree, ListValue):
        return tree
    kept = []
    for number, item in enumerate(tree.items):
        if isinstance(item, ObjectValue) and (line := _line_of(item, text)) in headers:
            told.append(Issue("header_row", "", f"an element is left out that is a table's header: {line!r}"))
        else:
            kept.append(number)
    items = tuple(_without(tree.items[number], text, headers=headers, told=told) for number in kept)
    if len(items) == len(tree.items) and all(one is other for one, other in zip(items, tree.items, strict=True)):
        return tree
    return replace(tree, items=items, rows=tuple(tree.rows[number] for number in kept) if tree.rows else ())


def _line_of(item: ObjectValue, text: str) -> str:
    """Return the line in which all that an element says stands, two values or more; '' for none."""
    said = [leaf for leaf in leaf_values(item) if leaf.value is not None or leaf.words.strip()]
    proofs = [leaf.evidence for leaf in said if leaf.evidence is not None]
    if len(proofs) < max(len(said), 2):
        return ""
    begin = text.rfind("\n", 0, proofs[0].start) + 1
    end = text.find("\n", begin)
    end = len(text) if end < 0 else end
    return text[begin:end] if all(begin <= proof.start and proof.end <= end for proof in proofs) else ""
