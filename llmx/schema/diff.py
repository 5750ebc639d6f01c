"""What differs between two schemas, field by field, and what of it is asked for again when a run is resumed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from llmx import json_pointer
from llmx.schema.field_places import FieldPlace, field_places, type_words
from llmx.schema.fingerprints import dependence, field_fingerprints, own_root, record_fingerprint, resolved_part
from llmx.schema.load import Schema
from llmx.schema.tree import UNSET, Leaf, ListOf, ObjectOf, RootOf, nodes_below

Change = Literal["added", "removed", "renamed", "changed"]

_SHAPE = frozenset(
    {"type", "properties", "items", "prefixItems", "anyOf", "oneOf", "$ref", "$defs", "definitions", "required",
     "description", "enum", "title", "default"}
)  # fmt: skip
"""Keywords of JSON Schema that the tree says better."""

Facts = dict[str, str]


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One difference. ``pointer`` is that of the field, as ``field_places`` has it, and empty for the whole record.

    ``details`` has what changed, by name, as (before, after), and what an added or removed field is. ``renamed_to`` is
    the new pointer of a renamed field. ``asks`` says that a resumed run asks for it, or for what holds it, again.
    """

    pointer: str
    change: Change
    details: dict[str, tuple[str, str]]
    asks: bool
    renamed_to: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        renamed = {"renamed_to": self.renamed_to} if self.renamed_to else {}
        details = {name: {"before": before, "after": after} for name, (before, after) in self.details.items()}
        return {"pointer": self.pointer, "change": self.change, **renamed, "details": details, "asks": self.asks}


@dataclass(frozen=True, slots=True)
class SchemaDiff:
    """All differences, and what ``--resume`` makes of them: the record's fields that it asks for or keeps.

    ``whole`` says why everything is asked for, '' where it is not.
    """

    differences: tuple[FieldDifference, ...]
    asked: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]
    whole: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "differences": [each.to_json() for each in self.differences],
            "resume": {
                "asked": list(self.asked), "kept": list(self.kept), "removed": list(self.removed), "whole": self.whole,
            },
        }  # fmt: skip


def diff_schemas(before: Schema, after: Schema) -> SchemaDiff:
    """Return what differs between two schemas."""
    old, new = field_fingerprints(before), field_fingerprints(after)
    whole = ""
    if record_fingerprint(before) != record_fingerprint(after):
        whole = "the record's name or description has changed"
    elif old != new:
        whole = dependence(after.tree)
    asked = tuple(name for name in new if whole or old.get(name) != new[name])
    kept = tuple(name for name in new if name not in asked)
    found = (*_of_record(before, after), *_of_fields(before, after, asked=asked))
    told = {_root_field(each.renamed_to or each.pointer) for each in found}
    rest = tuple(
        FieldDifference(
            json_pointer.child("", name),
            "changed",
            {"JSON Schema": ("as it was", "another, in a part that is no field")},
            True,
        )
        for name in new
        if name in old
        and old[name] != new[name]
        and name not in told
        and not (found and isinstance(after.tree, RootOf))
    )
    removed = tuple(name for name in old if name not in new)
    return SchemaDiff((*found, *rest), asked, kept, removed, whole)


def _of_record(before: Schema, after: Schema) -> Iterator[FieldDifference]:
    """Yield what changed of the record as a whole: what it is called, what is said of it, its rules, its order."""
    pairs = {
        "name": (before.name, after.name),
        "description": (_text(before.tree.description), _text(after.tree.description)),
    }
    if details := {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}:
        yield FieldDifference("", "changed", details, True)
    rules = {
        name: (_rules(before).get(name, ""), _rules(after).get(name, "")) for name in _rules(before) | _rules(after)
    }
    if details := {name: pair for name, pair in rules.items() if pair[0] != pair[1]}:
        yield FieldDifference("", "changed", details, False)
    orders = [[member.name for member in schema.tree.members] for schema in (before, after)]
    common = [[name for name in order if name in orders[0] and name in orders[1]] for order in orders]
    if common[0] != common[1]:
        yield FieldDifference("", "changed", {"order": (", ".join(common[0]), ", ".join(common[1]))}, False)


def _rules(schema: Schema) -> Facts:
    """Return the keywords that the JSON Schema has for the record itself: they judge it, and ask for nothing."""
    root = own_root(schema.model.model_json_schema(mode="serialization"))
    return _keywords(root)


def _of_fields(before: Schema, after: Schema, *, asked: Collection[str]) -> Iterator[FieldDifference]:
    old, new = _facts(before), _facts(after)
    gone = [pointer for pointer in old if pointer not in new]
    come = [pointer for pointer in new if pointer not in old]
    renamed = _renamed({p: _subtree(p, old) for p in gone}, {p: _subtree(p, new) for p in come})
    for pointer in gone:
        if pointer in renamed:
            yield FieldDifference(pointer, "renamed", {}, True, renamed[pointer])
        elif not _is_below_any(pointer, gone):
            yield FieldDifference(pointer, "removed", _as_pairs(old[pointer], side=0), _root_field(pointer) in asked)
    for pointer, facts in new.items():
        if pointer in come and pointer not in renamed.values() and not _is_below_any(pointer, come):
            yield FieldDifference(pointer, "added", _as_pairs(facts, side=1), True)
        elif pointer in old and (details := _changed(old[pointer], facts)):
            yield FieldDifference(pointer, "changed", details, _root_field(pointer) in asked)


def _facts(schema: Schema) -> dict[str, Facts]:
    """Return what there is to know of each field, by its pointer."""
    document = schema.model.model_json_schema(mode="serialization")
    return {place.pointer: _facts_of(place, document) for place in field_places(schema)}


def _facts_of(place: FieldPlace, document: Any) -> Facts:
    member, node = place.member, place.member.node
    own = resolved_part(place.own, document)
    facts = {
        "type": type_words(node),
        "description": _text(member.description),
        "required": "" if not member.required else "yes",
        "null": "allowed" if member.nullable else "",
        "default": _shown(own["default"])
        if "default" in own
        else ""
        if member.default is UNSET
        else _shown(member.default),
        **_keywords(own),
        **_marks(node),
    }
    if place.holder.key == member.name and place.levels > 1:  # it tells the elements of a list apart
        facts["key"] = "yes"
    return {name: value for name, value in facts.items() if value}


def _keywords(own: dict[str, Any]) -> Facts:
    return {name: _shown(value) for name, value in own.items() if name not in _SHAPE}


def _marks(node: Any) -> Facts:
    """Return the marks of a field, or of the elements that a list has."""
    facts: Facts = {}
    for each in nodes_below(node):
        if isinstance(each, ObjectOf):
            break
        if isinstance(each, ListOf):
            facts |= {"cap": str(each.cap) if each.firm else "", "remainder": "yes" if each.remainder else ""}
        else:
            facts |= _leaf_marks(each)
    return facts


def _leaf_marks(leaf: Leaf) -> Facts:
    return {
        "choices": ", ".join(map(str, leaf.choices)),
        "proof": leaf.policy or "",
        "checks": "; ".join(check.message for check in leaf.checks),
        "cues": "" if leaf.cues is None else _shown([leaf.cues.words, leaf.cues.weak]),
        "language": leaf.language or "",
        "free": "yes" if leaf.free else "",
        "near": "" if leaf.near is None else str(leaf.near),
    }


def _subtree(pointer: str, facts: dict[str, Facts]) -> dict[str, Facts]:
    """Return the facts of a field and of those below it, by what their pointers add to its own."""
    return {each.removeprefix(pointer): said for each, said in facts.items() if json_pointer.is_below(each, pointer)}


def _renamed(gone: dict[str, dict[str, Facts]], come: dict[str, dict[str, Facts]]) -> dict[str, str]:
    """Return the fields that have another name and are certainly the same: all else is alike, and nothing else is.

    Without a description no two fields are taken for one: many are of the same type.
    """
    found = {}
    for old, facts in gone.items():
        same = [new for new, others in come.items() if others == facts and _holder(new) == _holder(old)]
        twins = [other for other, others in gone.items() if others == facts and _holder(other) == _holder(old)]
        if len(same) == len(twins) == 1 and facts[""].get("description"):
            found[old] = same[0]
    return found


def _changed(before: Facts, after: Facts) -> dict[str, tuple[str, str]]:
    names = dict.fromkeys((*before, *after))
    return {n: (before.get(n, ""), after.get(n, "")) for n in names if before.get(n, "") != after.get(n, "")}


def _as_pairs(facts: Facts, *, side: int) -> dict[str, tuple[str, str]]:
    shown = {name: facts[name] for name in ("type", "description") if name in facts}
    return {name: ("", value) if side else (value, "") for name, value in shown.items()}


def _is_below_any(pointer: str, places: Collection[str]) -> bool:
    return any(above != pointer and above in places for above in json_pointer.upwards(pointer))


def _holder(pointer: str) -> str:
    return pointer.rpartition("/")[0]


def _root_field(pointer: str) -> str:
    return next(iter(json_pointer.to_parts(pointer)), "")


def _text(words: str | None) -> str:
    return " ".join((words or "").split())


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
