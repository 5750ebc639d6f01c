"""How many questions a verification asks about a document, before there is an answer to ask about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmx.extraction.claims import is_asked_about
from llmx.extraction.verification import affordable_questions
from llmx.schema import Leaf, ListOf, ObjectOf, UnionOf

if TYPE_CHECKING:
    from llmx.extraction.plan import Plan
    from llmx.schema import Member

LIST_ITEMS = 3
"""How many elements a list is taken to have."""

QUESTION_TOKENS = 50
"""Of a question beside the document: what all begin with, the field's name and description, and its value."""


def questions(plan: Plan, text_chars: int, answer_tokens: float) -> float:
    """Return how many questions are likely to be asked about the answer to a chunk of ``text_chars`` characters."""
    values = _values(plan.schema.tree)
    if plan.options.verify == "all":
        return values
    return min(values, affordable_questions(text_chars, answer_tokens))


def _values(node: ObjectOf) -> float:
    """Return how many values below ``node`` are asked about: those whose fields are not the model's own words."""
    return float(sum(_of(member) for member in node.members))


def _of(member: Member) -> float:
    node = member.node
    if isinstance(node, Leaf):
        return float(is_asked_about(node))
    if isinstance(node, ListOf):
        if node.complete:
            return 0.0
        items = min(node.cap, LIST_ITEMS)
        if isinstance(node.item, Leaf):
            return items * is_asked_about(node.item)
        inner = isinstance(node.item, ObjectOf) and not isinstance(node.item, UnionOf)
        return items * _values(node.item) if inner and isinstance(node.item, ObjectOf) else 0.0
    return _values(node) if type(node) is ObjectOf else 0.0
