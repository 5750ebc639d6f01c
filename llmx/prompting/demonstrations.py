"""Demonstrations: examples that code makes from a schema which brings none of its own.

A small model that is shown nothing fills every list, and goes round in it. Two short texts show it what an answer looks
like: one about something else, whose record is empty, and one that states about half of the fields, in words that the
record repeats. All words are invented, so that one of them in an answer is known for what it is: a value that comes
from the prompt (issue ``example_leak``). They pay for lists of objects; of single fields a small model fills in more
with them than without, and gets more of them wrong (docs/quality.md).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from llmx.prompting.examples import Example
from llmx.schema import Leaf, ListOf, Member, Node, ObjectOf, Schema, UnionOf, nodes_of
from llmx.types import Reader

MOST_FIELDS = 48
"""Fields of a schema for which demonstrations are made: they are as long as the schema, and stand in each request."""

_ELSEWHERE = (
    "Notice\nThe footbridge behind the mill stays closed while its planks are replaced. Please walk round by the weir."
)
"""The text of which nothing is asked."""

_HEAD, _TAIL = "Sheet 7, copied by hand", "Kept in the third drawer. Do not fold."
"""What stands around the stated fields, and in no field."""

_WORDS = (
    "Velmora", "grey felt", "QX7", "Sorrel & Fenn", "three-way", "Ostrid", "M 3.2", "Merrow Pike", "oak", "Pellworth",
    "T-31/b", "low",
)  # fmt: skip
"""Words of any kind: a small model also takes their length for an example."""

_KINDS = (
    ("date day when", ("14 March 2021", "2 May 2022", "30.11.2020")),
    ("total amount price sum cost fee", ("48.20", "1,250.00", "9.99")),
    ("addres street", ("4 Mill Lane, Pellworth", "18 Weir Road, Ostrid")),
    ("many count quantity", ("3", "12", "7")),
    ("long duration term period", ("three weeks", "18 months")),
    ("number code id reference", ("KD-204", "8412-Z", "55-0917")),
    ("name company organization organisation person people who party parties", (
        "Idris Oake", "Sorrel & Fenn Ltd", "Tamsin Roe", "Corvin Hale", "Merrow Works", "Ilka Thorne",
    )),
    ("country state city town place where", ("Portugal", "Pellworth", "Ostrid")),
)  # fmt: skip
"""What a field may ask for, by words of its name or its description, and expressions of that kind."""

_EXPRESSIONS = (
    "37", "14 March 2021", "2,450.00 USD", "12 %", "three weeks", "09:30", "Portugal", "Portuguese", "USD",
    "+351 21 342 1005", "ines@velmora.example", "https://velmora.example", "Velmora Tarn", "12 kg",
    "Rua do Tarn 4, 1100-001 Lisboa", "from 3 to 9 May 2021", "38.7223 N, 9.1393 W", "1100-001",
    "PT50 0002 0123 1234 5678 9015 4", "PT501964843", "20 to 30 %", "14 March 2021, 09:30",
)  # fmt: skip
"""Words of the typed values; the first that a type can read is taken."""

_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\W]+")


def demonstrations(schema: Schema) -> tuple[Example, ...]:
    """Return two examples made from ``schema``, an empty one first; none where the schema is too large for that, or
    has a field for whose type no words are known.
    """
    made: list[Example] = []
    for stated in (False, True):
        writer = _Writer(stated)
        record = writer.fields(schema.tree, 0)
        try:
            record = schema.wire.model_validate(record).model_dump(mode="json")
        except ValidationError:
            return ()
        if writer.fields_seen > MOST_FIELDS:
            return ()
        made.append(Example(writer.text(), record, made=True))
    return tuple(made)


def lists_objects(tree: ObjectOf) -> bool:
    """Return whether a schema has a list of objects."""
    return any(isinstance(node, ListOf) and isinstance(node.item, ObjectOf) for node in nodes_of(tree))


@dataclass(slots=True)
class _Writer:
    """Writes a text and the record that it states: every other field where ``stated``, else none but those that must
    be there.
    """

    stated: bool
    lines: list[str] = field(default_factory=list)
    fields_seen: int = 0
    _said: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def text(self) -> str:
        """Return the text that the record is of."""
        if not self.lines:
            return _ELSEWHERE
        return "\n".join([_HEAD, *self.lines, _TAIL])

    def fields(self, node: ObjectOf, start: int) -> dict[str, Any]:
        """Return the record of an object, of whose fields every other one is stated, from number ``start`` on."""
        return {
            member.name: self._member(member, stated=self.stated and number % 2 == start % 2)
            for number, member in enumerate(node.members)
        }

    def _member(self, member: Member, *, stated: bool) -> Any:
        self.fields_seen += 1
        lists = isinstance(member.node, ListOf)
        needed = (member.node.least > 0) if isinstance(member.node, ListOf) else member.required and not member.nullable
        if not stated and not needed:
            return [] if lists else None
        return self._value(member.node, member, _label(member.name))

    def _value(self, node: Node, member: Member, label: str) -> Any:
        if isinstance(node, Leaf):
            value, words = self._leaf(node, member)
            self.lines.append(f"{label}: {words}")
            return value
        if isinstance(node, UnionOf):
            return self._value(node.members[0].node, member, label)
        if isinstance(node, ObjectOf):
            self.lines.append(f"{label}:")
            return self.fields(node, 0)
        assert isinstance(node, ListOf)
        if isinstance(node.item, Leaf):
            pairs = [self._leaf(node.item, member) for _ in range(min(2, node.cap))]
            self.lines.append(f"{label}: {', '.join(words for _, words in pairs)}")
            return [value for value, _ in pairs]
        return [self._element(node.item, member, f"{label} {n + 1}", number=n) for n in range(min(2, node.cap))]

    def _element(self, node: Node, member: Member, label: str, *, number: int) -> Any:
        if isinstance(node, ObjectOf) and not isinstance(node, UnionOf):
            self.lines.append(f"{label}:")
            return self.fields(node, number)
        return self._value(node, member, label)

    def _leaf(self, leaf: Leaf, member: Member) -> tuple[Any, str]:
        """Return a leaf in wire form, and the words of the text for it."""
        if leaf.kind == "choice":
            value: Any = self._next(leaf.choices)
            words = str(dict(zip(leaf.choices, leaf.names, strict=False)).get(value, value))
        elif leaf.kind == "flag":
            value, words = True, "yes"
        else:
            value = words = self._words_for(leaf, member)[: leaf.cap]
        if leaf.translated:
            return {"words": words, "value": words}, words
        return ({"quote": words, "value": value} if leaf.quoted else value), words

    def _words_for(self, leaf: Leaf, member: Member) -> str:
        words: str = self._next(_pool(member))
        if leaf.reader is None or _is_read(leaf.reader, words):
            return words
        return next((each for each in _EXPRESSIONS if _is_read(leaf.reader, each)), words)

    def _next(self, pool: tuple[Any, ...]) -> Any:
        """Return the next of ``pool``, from which others were taken before."""
        self._said[pool] += 1
        return pool[(self._said[pool] - 1) % len(pool)]


def _pool(member: Member) -> tuple[str, ...]:
    """Return expressions of the kind that a field's name says, or else its description; words where neither does."""
    for told in (_label(member.name), member.description):
        said = {word.removesuffix("s") for word in told.casefold().replace("number of", "many").split()}
        for words, pool in _KINDS:
            if not said.isdisjoint(words.split()):
                return pool
    return _WORDS


def _is_read(reader: Reader, words: str) -> bool:
    reading = reader.from_text(words)
    return reading.value is not None and not reading.issues


def _label(name: str) -> str:
    """Return a field's name as the words of a form."""
    words = " ".join(part for part in _BORDER.split(name) if part)
    return words[:1].upper() + words[1:]
