"""Coercion: the nearest reading of an answer that says the right thing in another JSON form.

Servers and models give a number where words were asked for, one element for a list, an enum in another case, the record
wrapped in its class's name. That is no reason to lose a value, or to pay for a second answer. An answer that does not
fit the wire model is brought into its form here, as far as there is one reading only; each change of a value is an
issue. What is ambiguous stays as it is, is asked for again, and costs that value alone (``repair.py``).
"""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import field
from decimal import Decimal
from typing import Any

import orjson

from llmx import json_pointer
from llmx.dataclass import dataclass
from llmx.record import Issue
from llmx.schema import Leaf, ListOf, Member, Node, ObjectOf, RootOf, UnionOf
from llmx.schema.forms import chosen, in_wire_form

ADAPTED = "adapted"
"""The issue of a value that came in another JSON form than the one asked for."""

_MOST_PARTS = 4
"""Fields of an object that may stand for the words of one value, such as {"amount": 5, "currency": "EUR"}."""

_LIKE_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")
_CALL_KEYS = ("arguments", "parameters", "input")
_NO_LETTERS = re.compile(r"[\W_]+")
_BETWEEN_LETTERS = re.compile(r"(?<=[^\W\d_])[\s_-]+(?=[^\W\d_])")


@dataclass(frozen=True, slots=True)
class Coerced:
    """An answer in the form of the wire model, as far as it has one, and an issue for each value that was changed."""

    value: Any
    issues: tuple[Issue, ...]


def coerce(tree: ObjectOf, value: Any) -> Coerced:
    """Return ``value``, an answer for ``tree``, with its parts in the JSON forms of the wire model.

    ``value`` itself is not changed. Fields that the schema does not have are left out.
    """
    coercion = _Coercion()
    taken = coercion.node(tree, _unwrapped(tree, value), "")
    return Coerced(taken, tuple(coercion.issues))


def _unwrapped(tree: ObjectOf, value: Any) -> Any:
    """Return the record that ``value`` wraps: as JSON text, as a tool call, in a list of one, under a single name."""
    if isinstance(tree, RootOf):
        return _from_json(value, value)
    names = {_plain(member.name) for member in tree.members}
    for _ in range(4):  # each form may hold another one
        inner = _inside(value, names)
        if inner is value:
            return value
        value = inner
    return value


def _inside(value: Any, names: set[str]) -> Any:
    if isinstance(value, str):
        return _from_json(value, value)
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    if not isinstance(value, dict) or any(_plain(key) in names for key in value):
        return value
    call = next((value[key] for key in _CALL_KEYS if key in value and "name" in value), None)
    held = [call] if call is not None else list(value.values()) if len(value) == 1 else []
    return next((_from_json(each, value) for each in held if isinstance(each, dict | list | str)), value)


def _from_json(value: Any, otherwise: Any) -> Any:
    """Return the object or list that a text holds; ``otherwise`` where it holds none. What is no text stays."""
    if not isinstance(value, str):
        return value
    try:
        parsed = orjson.loads(value)
    except orjson.JSONDecodeError:
        return otherwise
    return parsed if isinstance(parsed, dict | list | str) else otherwise


def _shown(value: Any) -> str:
    """Return ``value`` as JSON, cut for a message; orjson refuses whole numbers of more than 64 bits."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)[:80]


@dataclass(slots=True)
class _Coercion:
    issues: list[Issue] = field(default_factory=list)

    def changed(self, pointer: str, given: Any, taken: Any) -> Any:
        """Return what was taken for a value, and tell."""
        message = f"the answer gave {_shown(given)}, which was read as {_shown(taken)}"
        self.issues.append(Issue(ADAPTED, pointer, message))
        return taken

    def node(self, node: Node, value: Any, pointer: str) -> Any:
        if isinstance(node, Leaf):
            return self.leaf(node, value, pointer)
        if isinstance(node, UnionOf):
            return self.union(node, value, pointer)
        value = in_wire_form(node, value)
        if isinstance(node, ListOf):
            return self.list(node, value, pointer)
        return self.object(node, value, pointer)

    def union(self, node: UnionOf, value: Any, pointer: str) -> Any:
        """Return the value as the alternative that it fits, or fits with the fewest changes and fields left over."""
        if (fitting := chosen(node, value)) is not None:
            return self.node(fitting.node, value, pointer)
        best: tuple[tuple[bool, int, int], _Coercion, Any] | None = None
        for member in node.members:
            if isinstance(member.node, Leaf) and isinstance(value, dict | list) and len(node.members) > 1:
                continue
            trial = _Coercion()
            taken = trial.node(member.node, copy.deepcopy(value), pointer)
            named = len(set(_names_of(member.node)) & set(value)) if isinstance(value, dict) else 0
            rank = (chosen(node, taken) is None, len(trial.issues), -named)
            if best is None or rank < best[0]:
                best = rank, trial, taken
        if best is None:
            return value
        self.issues += best[1].issues
        return best[2]

    def object(self, node: ObjectOf, value: Any, pointer: str) -> Any:
        value = _from_json(value, value)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, dict):
            return value
        fields, unknown = _by_name(value, node)
        if unknown:
            names = ", ".join(map(repr, unknown))
            self.issues.append(Issue(ADAPTED, pointer, f"the schema has no field {names}, which the answer gives"))
        if not fields and (unknown or any(member.required and not member.nullable for member in node.members)):
            return value  # it says nothing of this object, and is asked for again
        out: dict[str, Any] = {}
        for member in node.members:
            below = json_pointer.child(pointer, member.name)
            value = fields.get(member.name)
            if value is not None and not (value == [None] and isinstance(member.node, Leaf)):
                out[member.name] = self.node(member.node, value, below)
            else:
                self.add_absent(member, out, below, given=member.name in fields)
        return out

    def add_absent(self, member: Member, out: dict[str, Any], pointer: str, *, given: bool) -> None:
        """Say what null, or a missing key, stands for where the wire model allows none; a typed value stays a fault."""
        if isinstance(member.node, ListOf):
            out[member.name] = None if member.nullable else []
        elif member.nullable or not member.required:
            out[member.name] = None
        elif isinstance(member.node, Leaf) and member.node.kind == "text" and not member.node.translated:
            out[member.name] = self.changed(pointer, None, "")
        elif given:
            out[member.name] = None

    def list(self, node: ListOf, value: Any, pointer: str) -> Any:
        if isinstance(value, str) and isinstance(inner := _from_json(value, value), list):
            value = inner
        if value is None:
            return []
        if not isinstance(value, list):
            value = self.changed(pointer, value, [value])
        return [self.node(node.item, item, json_pointer.child(pointer, number)) for number, item in enumerate(value)]

    def leaf(self, leaf: Leaf, value: Any, pointer: str) -> Any:
        if leaf.translated or leaf.quoted:
            return value
        if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], dict | list):
            value = self.changed(pointer, value, value[0])
        if leaf.kind == "choice":
            return self.choice(leaf, value, pointer)
        if leaf.kind == "flag":
            return self.flag(value, pointer)
        if isinstance(value, dict):
            return self.words_of_object(value, pointer)
        if isinstance(value, bool):
            return self.changed(pointer, value, str(value).lower())
        return _digits(value)

    def choice(self, leaf: Leaf, value: Any, pointer: str) -> Any:
        if any(value == choice and type(value) is type(choice) for choice in leaf.choices):
            return value
        plain = _spelling(value)
        same = [choice for choice in leaf.choices if _spelling(choice) == plain]
        same = same or [c for c, name in zip(leaf.choices, leaf.names, strict=False) if _spelling(name) == plain]
        return self.changed(pointer, value, same[0]) if plain and len(same) == 1 else value

    def flag(self, value: Any, pointer: str) -> Any:
        if isinstance(value, bool):
            return value
        from llmx.types.flags import flag_of  # noqa: PLC0415 - most models write true and false

        flag = flag_of(str(value))
        return value if flag is None else self.changed(pointer, value, flag)

    def words_of_object(self, value: dict[str, Any], pointer: str) -> Any:
        """Return the words of an object that stands for one value: its parts, in order, with blanks between them."""
        parts = [_digits(part) for part in value.values() if part is not None]
        if not 0 < len(parts) <= _MOST_PARTS or not all(isinstance(part, str) for part in parts):
            return value
        return self.changed(pointer, value, " ".join(parts))


def _names_of(node: Node) -> Iterator[str]:
    """Yield the names by which an object is known, those of an object in a union too."""
    for member in node.members if isinstance(node, ObjectOf) else ():
        yield from _names_of(member.node) if isinstance(node, UnionOf) else (member.name,)


def _digits(value: Any) -> Any:
    """Return a JSON number as the words of a number, anything else as it is.

    A fraction such as 1.234 stays as it is: as words it would be 1234 in a German text.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    digits = format(Decimal(str(value)), "f")
    return value if _LIKE_THOUSANDS.fullmatch(digits) else digits


def _by_name(value: dict[str, Any], node: ObjectOf) -> tuple[dict[str, Any], list[str]]:
    """Return the fields of an object by the schema's names, and the names that are none.

    A name that differs in case and separators alone (unitPrice for unit_price) counts where it is the only such one,
    and where the schema has no other such name.
    """
    names = [member.name for member in node.members]
    spellings = Counter(map(_plain, names))
    fields = {name: value[name] for name in names if name in value}
    others = [name for name in value if name not in fields]
    for name in names:
        alike = [other for other in others if _plain(other) == _plain(name)]
        if name not in fields and len(alike) == 1 and spellings[_plain(name)] == 1:
            fields[name] = value[alike[0]]
            others.remove(alike[0])
    return fields, others


def _plain(value: Any) -> str:
    """Return the letters and digits of a name, in lower case."""
    return _NO_LETTERS.sub("", str(value)).casefold()


def _spelling(value: Any) -> str:
    """Return a choice without case, separators between letters, and a full stop. Signs stay: 'A+' is not 'A-'.

    >>> _spelling("Joint Venture") == _spelling("joint_venture."), _spelling(-1) == _spelling(1), _spelling(1.0)
    (True, False, '1')
    """
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return _BETWEEN_LETTERS.sub("", " ".join(str(whole).split())).rstrip(".").casefold()
