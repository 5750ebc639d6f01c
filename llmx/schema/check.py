"""Checks a schema before it costs anything: what no model can fill, what a small one will not, what endpoints refuse.

An error is a field that no answer can satisfy. A warning is likely to cost values, or some endpoints refuse it. Each
says where, what, why, and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from llmx.json_pointer import last
from llmx.schema.field_places import FieldPlace, field_places
from llmx.schema.fingerprints import resolved_part
from llmx.schema.limits import limit_findings
from llmx.schema.load import Schema
from llmx.schema.tree import KEY, VALUE, Leaf, ListOf, ObjectOf, UnionOf

Severity = Literal["error", "warning"]

MOST_LEVELS = 5
"""Objects and lists around a field: a list of objects in a list of objects. Deeper, small models lose the brackets."""

MOST_OPTIONAL = 20
"""Fields of one object that may be empty: a small model fills the first ones and leaves the rest null."""

MOST_CHOICES = 50
"""Values of one choice: a small model knows the first and the last of a long list best."""

LONG_TEXT = 1_000
"""Characters that a model would have to copy word for word: each costs tokens, and one wrong word costs the proof."""

_NO_MEANING = re.compile(
    r"(?:field|value|val|item|data|attr|attribute|col|column|prop|property|var|variable|param|parameter|arg|key|tmp|temp|"
    r"foo|bar|baz|misc|stuff|thing|obj|object|elem|element|entry|string|str|num|int|info|[a-z])[_-]?\d*",
    re.IGNORECASE,
)
_OWN_WORDS = re.compile(r"\b(?:summar(?:y|ies|ize|ise)|in your own words|paraphrase|rationale)\b", re.IGNORECASE)
_BOUNDS = (
    ("minimum", "maximum"), ("exclusiveMinimum", "maximum"), ("minimum", "exclusiveMaximum"),
    ("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """What is amiss at ``pointer``, '' for the whole schema: ``what``, ``why`` it matters, what to do about it.

    ``code`` is its kind.
    """

    level: Severity
    code: str
    pointer: str
    what: str
    why: str
    advice: str

    def to_json(self) -> dict[str, str]:
        """Return it as plain JSON values."""
        return {
            "level": self.level, "code": self.code, "pointer": self.pointer, "what": self.what, "why": self.why,
            "advice": self.advice,
        }  # fmt: skip


def check_schema(schema: Schema) -> tuple[Finding, ...]:
    """Return what is amiss in ``schema``, errors first, then by place."""
    document = schema.model.model_json_schema(mode="serialization")
    found = [
        *_of_objects(schema),
        *(Finding("warning", *each) for each in limit_findings(schema.wire.model_json_schema())),
    ]
    for place in field_places(schema):
        found += _of_field(place, resolved_part(place.own, document))
    return tuple(sorted(dict.fromkeys(found), key=lambda each: each.level))


def _of_field(place: FieldPlace, own: dict[str, Any]) -> Iterator[Finding]:
    yield from _contradictions(place, own)
    yield from _names(place)
    node = place.member.node
    while isinstance(node, ListOf):
        node = node.item
    if isinstance(node, Leaf):
        yield from _of_leaf(place, node)
    if place.levels == MOST_LEVELS + 1:
        yield Finding(
            "warning", "deep", place.pointer, f"it lies {place.levels} objects and lists deep",
            "small models lose the brackets of deep answers, and an answer that is cut costs more of them",
            "Move it up, or ask for the inner list by a schema of its own.",
        )  # fmt: skip


def _contradictions(place: FieldPlace, own: dict[str, Any]) -> Iterator[Finding]:
    for low, high in _BOUNDS:
        least, most = own.get(low), own.get(high)
        if not isinstance(least, int | float) or not isinstance(most, int | float):
            continue
        if least > most or (least == most and "exclusive" in low + high):
            yield Finding(
                "error", "contradiction", place.pointer, f"{low} {least} and {high} {most} allow no value",
                "every answer is refused, asked for again, and refused once more", f"Correct {low} or {high}.",
            )  # fmt: skip


def _names(place: FieldPlace) -> Iterator[Finding]:
    name = place.member.name
    is_entry = place.holder.title == "Entry" and name in {KEY, VALUE}
    if place.member.description or not place.named or is_entry or not _NO_MEANING.fullmatch(name):
        return
    yield Finding(
        "warning", "name", place.pointer, f"the name {last(place.pointer)!r} says nothing, and no description does",
        "the model is asked by the name: it will put in whatever stands near",
        "Rename the field, or describe what belongs there: Field(description=…).",
    )  # fmt: skip


def _of_leaf(place: FieldPlace, leaf: Leaf) -> Iterator[Finding]:
    described = place.member.description
    if leaf.kind == "choice" and len(leaf.choices) > 1 and not (described or leaf.cues):
        shown = ", ".join(map(repr, leaf.choices[:3])) + (", …" if len(leaf.choices) > 3 else "")
        yield Finding(
            "warning", "choice", place.pointer, f"{len(leaf.choices)} values ({shown}) and no description",
            "the model infers a choice, and only the values' names say what tells them apart",
            "Describe when each value applies; Cues(…) names words that prove it.",
        )  # fmt: skip
    if leaf.kind == "choice" and len(leaf.choices) > MOST_CHOICES:
        yield Finding(
            "warning", "choices", place.pointer, f"a choice of {len(leaf.choices)} values",
            f"of more than {MOST_CHOICES} a small model overlooks those in the middle, and all cost tokens each time",
            "Ask for the words of the document and map them in code, or ask for a coarser choice.",
        )  # fmt: skip
    if leaf.kind == "text" and not leaf.free and leaf.firm and leaf.cap > LONG_TEXT:
        yield Finding(
            "warning", "long_text", place.pointer, f"up to {leaf.cap:,} characters, copied word for word",
            "each is an output token of its own, small models shorten what they copy, and then nothing proves it",
            "Ask for the sentence that matters, or mark a text in the model's own words with Free().",
        )  # fmt: skip
    if (
        leaf.kind == "text"
        and not leaf.free
        and _OWN_WORDS.search(f"{place.member.name.replace('_', ' ')} {described}")
    ):
        yield Finding(
            "warning", "own_words", place.pointer, "it asks for the model's own words without the mark Free()",
            "what is not marked is taken for words of the document, and stays unproven",
            "Mark it: Annotated[str, Free()] in a Pydantic class.",
        )  # fmt: skip


def _of_objects(schema: Schema) -> Iterator[Finding]:
    for place in ((None, schema.tree), *((each, each.member.node) for each in field_places(schema))):
        yield from _of_object(*place)


def _of_object(place: FieldPlace | None, node: Any) -> Iterator[Finding]:
    pointer = "" if place is None else place.pointer
    while isinstance(node, ListOf):
        pointer, node = f"{pointer}/*", node.item
    if isinstance(node, UnionOf):
        yield from _of_union(pointer, node)
    elif isinstance(node, ObjectOf):
        optional = [m.name for m in node.members if m.nullable or (not m.required and not isinstance(m.node, ListOf))]
        if len(optional) > MOST_OPTIONAL:
            yield Finding(
                "warning", "optional", pointer, f"{len(optional)} fields that may be empty",
                "small models fill the first ones and write null for the rest",
                "Group them in objects, or ask in two runs: --resume asks only for what is new.",
            )  # fmt: skip


def _of_union(pointer: str, node: UnionOf) -> Iterator[Finding]:
    seen: dict[frozenset[str], str] = {}
    for member in node.members:
        if not isinstance(member.node, ObjectOf):
            continue
        names = frozenset(each.name for each in member.node.members)
        fixed = any(isinstance(e.node, Leaf) and e.node.kind == "choice" for e in member.node.members)
        if names in seen and not fixed:
            yield Finding(
                "warning", "union", pointer, f"{seen[names]} and {member.node.name} have the same fields",
                "an answer does not say which of the two it is, so the first is taken",
                'Give each a field of its own, such as kind: Literal["…"].',
            )  # fmt: skip
        seen.setdefault(names, member.node.name)
