"""Examples for the prompt: (text, record) pairs in YAML, checked when they are loaded.

An example shows the wire form: the words of its own text, as the model is to give them. Each is checked against the
schema and against its own text, because a wrong example teaches every document of a run the same mistake.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from llmx import json_pointer
from llmx.errors import PromptError
from llmx.locating import TextIndex
from llmx.request import fingerprint
from llmx.schema import Leaf, ListOf, Node, ObjectOf, RootOf, Schema, UnionOf, paired
from llmx.schema.algebra import leaves
from llmx.schema.forms import chosen, in_wire_form


@dataclass(frozen=True)
class Example:
    """A text and the record (wire form, every field there) that a good annotator would give for it.

    ``made``: code has made it from the schema (``demonstrations.py``); nobody chose it.
    """

    text: str
    record: dict[str, Any]
    made: bool = False

    @property
    def fingerprint(self) -> str:
        """The sha256 of both."""
        return fingerprint([self.text, self.record])

    def words(self, schema: Schema) -> Iterator[tuple[str, str]]:
        """Yield (path, words) for every leaf that must stand in the text."""
        for place in leaves(schema.tree, self.record):
            if (words := _words(place.leaf, place.value)) is not None:
                yield place.pointer, words


def load_examples(path: Path, schema: Schema) -> tuple[Example, ...]:
    """Return the examples in ``path``, a YAML list of ``{text: …, record: {…}}``.

    Fields left out of a record are null or []. Raises PromptError, with the file, the number of the example and the
    path of the field, where a record does not fit the schema, quotes words that its text does not hold, or gives words
    from which no value can be computed.
    """
    import yaml  # noqa: PLC0415 - heavy

    try:
        loaded = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"{path}: cannot be read: {error}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise PromptError(f"{path}: not YAML: {error}") from None
    if not isinstance(loaded, list):
        raise PromptError(f"{path}: not a list", hint="Write a list of {text: …, record: {…}}.")
    return checked_examples(loaded, str(path), schema)


def checked_examples(loaded: Sequence[Any], place: str, schema: Schema) -> tuple[Example, ...]:
    """Return the examples that ``loaded`` holds, as ``load_examples`` does; ``place`` names where they stand."""
    return tuple(_example(item, f"{place}: example {n}", schema) for n, item in enumerate(loaded, start=1))


def _example(item: Any, place: str, schema: Schema) -> Example:
    if not isinstance(item, dict) or set(item) != {"text", "record"}:
        raise PromptError(f"{place}: needs 'text' and 'record', and nothing else")
    if not isinstance(item["record"], dict) and not isinstance(schema.tree, RootOf):
        raise PromptError(f"{place}: 'record' is not an object")
    if not isinstance(item["text"], str) or not item["text"].strip():
        raise PromptError(f"{place}: 'text' is not a text")
    given = item["record"]
    if schema.row is not None and isinstance(given, dict) and set(given) != {schema.tree.members[0].name}:
        given = [given]  # an example of one record
    record = filled(schema.tree, given, str(item["text"]))
    try:
        record = schema.wire.model_validate(record).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors()[0]
        where = json_pointer.from_parts(first["loc"])
        raise PromptError(f"{place}: {where}: {first['msg']}", hint="The record must fit the wire model.") from None
    example = Example(item["text"].strip(), record)
    _check_words(example, place, schema)
    return example


def _check_words(example: Example, place: str, schema: Schema) -> None:
    index = TextIndex(example.text)
    for found in leaves(schema.tree, example.record):
        words, reader = _words(found.leaf, found.value), found.leaf.reader
        if words is None:
            continue
        if index.locate(words) is None:
            raise PromptError(f"{place}: {found.pointer}: {words!r} does not stand in the example's text")
        if reader is not None and reader.from_text(words).value is None:
            raise PromptError(f"{place}: {found.pointer}: no {reader.label} can be computed from {words!r}")


def filled(tree: ObjectOf, record: Any, text: str = "") -> dict[str, Any]:
    """Return ``record`` with the fields that were left out as null or [], in the order of the schema.

    Where the schema asks for quotes, a bare choice or flag gets its quote from ``text``.
    """
    record = in_wire_form(tree, record)
    out = {member.name: _filled(member.node, record.get(member.name), text) for member in tree.members}
    return out | {name: value for name, value in record.items() if name not in out}


def _filled(node: Node, value: Any, text: str) -> Any:
    if isinstance(node, UnionOf):
        tries = (_filled(member.node, value, text) for member in node.members)
        return next((each for each in tries if chosen(node, each) is not None), value)
    value = in_wire_form(node, value)
    if isinstance(node, ListOf):
        return [_filled(node.item, v, text) for v in value] if isinstance(value, list) else value or []
    if isinstance(node, ObjectOf):
        return filled(node, value, text) if isinstance(value, dict) else value
    return paired(node, value, text)


def _words(leaf: Leaf, value: Any) -> str | None:
    """Return the words of a leaf in wire form that must stand in the text, None if there are none."""
    if value is None:
        return None
    if leaf.translated or leaf.quoted:
        return value["words" if leaf.translated else "quote"] or None
    words: str | None = value if leaf.kind == "quote" or (leaf.kind == "text" and not leaf.free) else None
    return words
