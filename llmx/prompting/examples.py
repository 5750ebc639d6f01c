"""Examples for the prompt: (text, record) pairs in YAML, checked when they are loaded.

An example shows the wire form: the words of its own text, as the model is to give them. Each is checked against the
schema and against its own text, because a wrong example teaches every document of a run the same mistake.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from llmx.errors import PromptError
from llmx.locating import TextIndex
from llmx.request import fingerprint
from llmx.schema import Leaf, ListOf, Node, ObjectOf, Schema, paired


@dataclass(frozen=True)
class Example:
    """A text and the record (wire form, every field there) that a good annotator would give for it."""

    text: str
    record: dict[str, Any]

    @property
    def fingerprint(self) -> str:
        """The sha256 of both."""
        return fingerprint([self.text, self.record])

    def words(self, schema: Schema) -> Iterator[tuple[str, str]]:
        """Yield (path, words) for every leaf that must stand in the text."""
        yield from _words(schema.tree, self.record, "")


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
    except yaml.YAMLError as error:
        raise PromptError(f"{path}: not YAML: {error}") from None
    if not isinstance(loaded, list):
        raise PromptError(f"{path}: not a list", hint="Write a list of {text: …, record: {…}}.")
    return tuple(_example(item, f"{path}: example {n}", schema) for n, item in enumerate(loaded, start=1))


def _example(item: Any, place: str, schema: Schema) -> Example:
    if not isinstance(item, dict) or set(item) != {"text", "record"} or not isinstance(item["record"], dict):
        raise PromptError(f"{place}: needs 'text' and 'record' (an object), and nothing else")
    if not isinstance(item["text"], str) or not item["text"].strip():
        raise PromptError(f"{place}: 'text' is not a text")
    record = filled(schema.tree, item["record"], str(item["text"]))
    try:
        record = schema.wire.model_validate(record).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors()[0]
        where = "/".join(str(part) for part in first["loc"])
        raise PromptError(f"{place}: /{where}: {first['msg']}", hint="The record must fit the wire model.") from None
    example = Example(item["text"].strip(), record)
    _check_words(example, place, schema)
    return example


def _check_words(example: Example, place: str, schema: Schema) -> None:
    index = TextIndex(example.text)
    leaves = dict(_leaves(schema.tree, ""))
    for path, words in example.words(schema):
        if index.locate(words) is None:
            raise PromptError(f"{place}: {path}: {words!r} does not stand in the example's text")
        reader = leaves[_pattern(path)].reader
        if reader is not None and reader.from_text(words).value is None:
            raise PromptError(f"{place}: {path}: no {reader.label} can be computed from {words!r}")


def filled(tree: ObjectOf, record: dict[str, Any], text: str = "") -> dict[str, Any]:
    """Return ``record`` with the fields that were left out as null or [], in the order of the schema.

    Where the schema asks for quotes, a bare choice or flag gets its quote from ``text``.
    """
    out = {member.name: _filled(member.node, record.get(member.name), text) for member in tree.members}
    return out | {name: value for name, value in record.items() if name not in out}


def _filled(node: Node, value: Any, text: str) -> Any:
    if isinstance(node, ListOf):
        return [_filled(node.item, v, text) for v in value] if isinstance(value, list) else value or []
    if isinstance(node, ObjectOf):
        return filled(node, value, text) if isinstance(value, dict) else value
    return paired(node, value, text)


def _words(node: Node, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if isinstance(node, ObjectOf):
        for member in node.members:
            yield from _words(member.node, value[member.name], f"{path}/{member.name}")
    elif isinstance(node, ListOf):
        for number, item in enumerate(value):
            yield from _words(node.item, item, f"{path}/{number}")
    elif node.translated or node.quoted:
        words = value["words" if node.translated else "quote"]
        if words:
            yield path, words
    elif node.kind == "quote" or (node.kind == "text" and not node.free):
        yield path, value


def _leaves(node: Node, path: str) -> Iterator[tuple[str, Leaf]]:
    if isinstance(node, Leaf):
        yield path, node
    elif isinstance(node, ListOf):
        yield from _leaves(node.item, f"{path}/*")
    else:
        for member in node.members:
            yield from _leaves(member.node, f"{path}/{member.name}")


def _pattern(path: str) -> str:
    return "/".join("*" if part.isdigit() else part for part in path.split("/"))
