"""Policies: what becomes of each value, and the tree written out as data, evidence, confidence and issues.

What an unproven value becomes is the user's decision (``Proof`` on the field, else ``--unproven``): kept and flagged,
null, dropped with the list element that holds it, or a reason to call the record invalid. Nothing goes in silence:
each loss is an issue with its path.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from pydantic_core import to_json, to_jsonable_python

from llmx import json_pointer
from llmx.assembly.checks import HARD
from llmx.grounding.values import NOTHING, VALUES, LeafValue, ListValue, ObjectValue, ValueNode, leaf_values
from llmx.record import Evidence, Issue
from llmx.schema import (
    Leaf,
    ListOf,
    MapOf,
    Member,
    Node,
    ObjectOf,
    Policy,
    RootOf,
    TupleOf,
    UnionOf,
    nodes_of,
)
from llmx.schema.algebra import fold, leaves
from llmx.schema.per_tree import once_per_tree
from llmx.schema.tree import KEY, UNSET, VALUE

_DROP = object()
"""In place of data: the value takes the list element that holds it with it."""

# Confidence: a number in [0, 1] that grows with the proof. It is no probability until ``llmx eval`` calibrates it.
_BASE = {"exact": 0.95, "normalised": 0.93, "fuzzy": 0.8, "value": 0.75}
_UNPROVEN, _INFERRED = 0.3, 0.6

Region = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ResolvedRecord:
    """A tree written out: plain data for the user's class; evidence, confidence and issues by JSON pointer.

    ``fatal`` says that a policy or a hard check makes the record invalid.
    """

    data: Any
    evidence: dict[str, Evidence | None]
    confidence: dict[str, float]
    issues: tuple[Issue, ...]
    fatal: bool = False


def apply_policies(tree: ObjectOf, found: ValueNode, *, unproven: Policy | None = None) -> ResolvedRecord:
    """Return ``found`` as plain data for the user's class, with evidence, confidence and issues.

    ``unproven`` is the run's policy; None is the default: null for typed values, keep for free text and inferred ones.
    """
    elsewhere = _proofs_outside_remainders(tree, found) if _has_remainders(tree) else ()
    policies = _Policies(unproven, frozenset(elsewhere))
    if not isinstance(found, ObjectValue):
        return ResolvedRecord(None, {}, {}, ())
    results = {
        member.name: fold(member.node, found.fields.get(member.name, NOTHING), policies, parts=VALUES)
        for member in tree.members
    }
    part = _root(tree, found, results)
    if isinstance(tree, RootOf):
        part = _inner(part, tree.members[0].name)
    evidence = {path: proof for path, (proof, _) in part.proofs.items()}
    sureness = {path: number for path, (_, number) in part.proofs.items()}
    return ResolvedRecord(part.data, evidence, sureness, tuple(part.issues), part.fatal)


@once_per_tree
def _has_remainders(tree: ObjectOf) -> bool:
    return any(isinstance(node, ListOf) and node.remainder for node in nodes_of(tree))


def confidence(leaf: Leaf, found: LeafValue) -> float:
    """Return a number in [0, 1] from the kind of proof, the likeness of the words, doubts of the computing rule, and
    the agreement of samples where there were several, and how sure the model was of the words where that was asked for.
    Larger is surer; it is not a probability.
    """
    if found.evidence is not None:
        base = _BASE[found.evidence.kind]
    else:
        base = _INFERRED if leaf.kind in ("choice", "flag") or leaf.free else _UNPROVEN
    base *= 1 - 0.5 * min(found.doubt, 1.0)
    if found.likelihood is not None:
        base *= 0.5 + 0.5 * found.likelihood
    return base if found.agreement is None else base * (0.4 + 0.6 * found.agreement)


@lru_cache(maxsize=1024)
def _prefix(at: str | int) -> str:
    """Return the pointer of a part of its holder: there are few of them, and many records."""
    return json_pointer.child("", at)


@dataclass(slots=True)
class _Part:
    """A part of the record; its pointers are relative to it. ``proofs`` are evidence and confidence of its leaves.

    There is one for each leaf of a record: what most of them do not have is shared, and replaced where it is needed.
    """

    data: Any = None
    proofs: dict[str, tuple[Evidence | None, float]] = field(default_factory=dict)
    issues: list[Issue] | tuple[Issue, ...] = ()
    fatal: bool = False

    def take(self, part: _Part, at: str | int, *, lost: bool = False, default: bool = False) -> None:
        """Take over what a part says, below ``at``; of a value that is ``lost`` the issues alone.

        ``default``: what is missing is left out, so that the default of the user's class stands there.
        """
        prefix = _prefix(at)
        if part.issues:
            self.issues = [*self.issues, *(replace(issue, path=prefix + issue.path) for issue in part.issues)]
        self.fatal = self.fatal or part.fatal
        if lost:
            return
        data = None if part.data is _DROP else part.data
        if isinstance(at, int):
            self.data.append(data)
        elif default:
            return
        else:
            self.data[at] = data
        for path, proof in part.proofs.items():
            self.proofs[prefix + path] = proof


@dataclass(frozen=True, slots=True)
class _Policies:
    """Folds a tree of grounded values, below its root, into the parts of a record.

    ``taken`` are the places of the text that prove values outside of remainder lists.
    """

    unproven: Policy | None
    taken: frozenset[Region]

    def leaf(self, node: Leaf, value: ValueNode) -> _Part:
        """Apply the policy to a value that is not proven."""
        assert isinstance(value, LeafValue)
        part = _Part(issues=value.issues)
        if value.value is None:
            return part
        if not value.proven and not node.free:
            policy = self._policy(node)
            if policy in ("null", "drop"):
                part.data = _DROP if policy == "drop" else None
                return part
            part.fatal = policy == "fail"
        if value.issues:
            part.fatal = part.fatal or any(issue.code == HARD for issue in value.issues)
        part.data = value.value
        if not node.free:  # of the model's own words no proof is sought, so that none is missing
            part.proofs[""] = value.evidence, confidence(node, value)
        return part

    def _policy(self, leaf: Leaf) -> Policy:
        if leaf.policy is not None:
            return leaf.policy
        if leaf.kind in ("choice", "flag"):  # inferred: there are no words to quote
            return "keep"
        return self.unproven or ("null" if leaf.kind == "quote" else "keep")

    def object(self, node: ObjectOf, value: ValueNode, results: dict[str, _Part]) -> _Part:
        """Put the fields together; a field that is needed and missing takes the object with it.

        The object is then null, which its holder may allow; a value of the policy 'drop' goes on to the list element.
        """
        part, found = _Part({}), VALUES.fields(value) or {}
        for member in node.members:
            child = results[member.name]
            if not child.data:
                _fill_absent(member, found.get(member.name), child)
            lost = child.data is _DROP or (child.data is None and not (member.nullable or not member.required))
            part.take(child, member.name, lost=lost, default=_is_left_out(member, child.data))
            if lost:
                return _Part(_DROP if child.data is _DROP else None, issues=part.issues, fatal=part.fatal)
        if node.model is None or node.ends:
            _fill_in(node, part.data)
        return _in_places(node, part) if isinstance(node, TupleOf) else part

    def union(self, node: UnionOf, member: Member, result: _Part) -> _Part:  # noqa: ARG002 - a protocol
        """Return the alternative itself, as text where the class wants it so."""
        if node.encoded and result.data is not None and result.data is not _DROP:
            result.data = to_json(result.data).decode()
        return result

    def list(self, node: ListOf, value: ValueNode, results: list[_Part]) -> _Part:
        """Put the elements together, less those that are empty, duplicates or lack what they need."""
        assert isinstance(value, ListValue)
        part = _Part([])
        taken, seen = set(self.taken), set[object]()
        for item, child in zip(value.items, results, strict=True):
            regions = frozenset(_typed_proofs(node.item, item)) if node.remainder else frozenset()
            identity = _hashable(child.data)
            loss = _why_lost(child.data, known=identity in seen, held=not regions.isdisjoint(taken))
            if loss is None:
                part.take(child, len(part.data))
                seen.add(identity)
                taken |= regions
            else:
                reason = "; ".join(dict.fromkeys(i.message for i in child.issues if i.code != "approximate"))
                message = f"{loss[1]}: {_words(item)}" + (f" ({reason})" if reason else "")
                part.issues = [*part.issues, Issue(loss[0], "", message)]
                part.fatal = part.fatal or child.fatal
        if value.capped:
            message = f"the answer filled the limit of {node.cap} elements; there may be more"
            part.issues = [*part.issues, Issue("capped", "", message)]
        return _by_key(part) if isinstance(node, MapOf) else part

    def absent(self, node: Node) -> _Part:
        """Return what stands for a list, a map or an object that is not there."""
        if isinstance(node, ListOf):
            return _Part({} if isinstance(node, MapOf) else [])
        return _Part(None)


def _is_left_out(member: Member, data: Any) -> bool:
    """Whether a field is left out where nothing was found for it: one with a default that allows no null.

    Of a list too, where the schema demands elements that were not found.
    """
    if member.required or member.nullable:
        return False
    return data is None or (isinstance(member.node, ListOf) and member.node.least > 0 and data in ([], {}))


def _fill_in(node: ObjectOf, data: dict[str, Any]) -> None:
    """Put in what was not asked for: defaults that no class knows of, and the ends of classes within themselves."""
    for name, value in node.ends:
        data[name] = copy.deepcopy(value)
    for member in node.members:
        if member.default is not UNSET and data.get(member.name) in (None, []):
            data[member.name] = copy.deepcopy(member.default)


def _moved(part: _Part, data: Any, prefixes: dict[str, str]) -> _Part:
    """Return ``part`` with other ``data``, where what stood below the keys of ``prefixes`` stands below their values.

    Proofs that have no place there go, issues are told of the whole.
    """
    proofs: dict[str, tuple[Evidence | None, float]] = {}
    for path, proof in part.proofs.items():
        if (place := _place(path, prefixes)) is not None:
            proofs[place] = proof
    issues = [replace(issue, path=_place(issue.path, prefixes) or "") for issue in part.issues]
    return _Part(data, proofs, issues, part.fatal)


def _place(path: str, prefixes: dict[str, str]) -> str | None:
    above = next((each for each in json_pointer.upwards(path) if each in prefixes), None)
    return None if above is None else prefixes[above] + path[len(above) :]


def _by_key(part: _Part) -> _Part:
    """Return a list of entries as the object that they stand for; the first of a key stays."""
    data: dict[Any, Any] = {}
    prefixes: dict[str, str] = {}
    again: list[Issue] = []
    for number, each in enumerate(part.data):
        key, name = each[KEY], str(_json_key(each[KEY]))
        if key in data:
            again.append(Issue("duplicate", json_pointer.child("", name), f"{name!r} is there already"))
            continue
        data[key] = each[VALUE]
        prefixes[json_pointer.from_parts([number, VALUE])] = json_pointer.child("", name)
    out = _moved(part, data, prefixes)
    out.issues = [*out.issues, *again]
    return out


def _json_key(key: Any) -> Any:
    return key if isinstance(key, str) else to_jsonable_python(key)


def _in_places(node: TupleOf, part: _Part) -> _Part:
    """Return the places of a tuple as a list, up to the last that holds something where the others may be absent."""
    names = [member.name for member in node.members]
    values = [part.data.get(name) for name in names]
    rest = values.pop() if node.open else []
    while values and values[-1] is None and not node.members[len(values) - 1].required:
        values.pop()
    prefixes = {json_pointer.child("", name): json_pointer.child("", number) for number, name in enumerate(names)}
    if node.open:
        below = json_pointer.child("", names[-1])
        del prefixes[below]
        for number in range(len(rest or ())):
            prefixes[json_pointer.child(below, number)] = json_pointer.child("", len(values) + number)
    return _moved(part, [*values, *(rest or ())], prefixes)


def _inner(part: _Part, name: str) -> _Part:
    """Return the record that is no object, which the root's one field holds."""
    return _moved(part, part.data.get(name), {json_pointer.child("", name): ""})


def _root(tree: ObjectOf, found: ObjectValue, results: dict[str, _Part]) -> _Part:
    """Put the record together. Nothing holds it that could go instead of it, so a needed value stays, unproven."""
    part = _Part({})
    for member in tree.members:
        child, value = results[member.name], found.fields.get(member.name)
        if not child.data:
            _fill_absent(member, value, child)
        while isinstance(member.node, UnionOf) and isinstance(value, ObjectValue):
            value = next(iter(value.fields.values()))
        missing = child.data is None or child.data is _DROP
        if missing and member.required and not member.nullable and isinstance(value, LeafValue):
            child.data = value.value
            if value.value is not None:
                child.proofs[""] = None, _UNPROVEN
                kept = Issue("kept", "", "unproven, but kept: the schema does not allow null here")
                child.issues = [*child.issues, kept]
        part.take(child, member.name, default=_is_left_out(member, child.data))
    if tree.model is None or tree.ends:
        _fill_in(tree, part.data)
    return part


def _fill_absent(member: Member, value: ValueNode | None, part: _Part) -> None:
    """Put in place what the answer said by leaving a field empty: null for a list, no words for a text.

    An object that became null although the answer fills it says so.
    """
    if isinstance(value, ObjectValue) and part.data is None and (member.nullable or not member.required):
        if any(leaf.value is not None for leaf in leaf_values(value)):
            gone = Issue("dropped", "", f"left out, because what it needs is not proven: {_words(value)}")
            part.issues = [*part.issues, gone]
        return
    if not isinstance(value, LeafValue) or value.value is not None or value.words or value.issues:
        return
    if isinstance(member.node, ListOf) and member.nullable:
        part.data = None
    elif isinstance(member.node, Leaf) and member.node.kind == "text" and member.required and not member.nullable:
        part.data = ""
        part.proofs[""] = None, _UNPROVEN
        part.issues = [Issue("not_found", "", "the answer leaves it empty; the schema does not allow null here")]


def _why_lost(value: Any, *, known: bool, held: bool) -> tuple[str, str] | None:
    """Return (code, message) for a list element that is left out, None for one that stays.

    ``known``: an equal element is there already; ``held``: its words prove another field's or element's value.
    """
    if value is None or value is _DROP:
        return "dropped", "left out, because what it needs is not proven"
    if isinstance(value, dict) and all(v in (None, "", []) for v in value.values()):
        return "dropped", "left out, because nothing in it is proven"
    if known:
        return "duplicate", "left out, because it is there already"
    if held:
        return "duplicate", "left out, because another field or element holds it"
    return None


def _hashable(value: Any) -> object:
    """Return a value that is equal for equal data and can be looked up in a set."""
    if isinstance(value, dict):
        flat = tuple(value.items())
        try:
            hash(flat)
        except TypeError:
            pass
        else:
            return flat
        return tuple((name, _hashable(below)) for name, below in value.items())
    if isinstance(value, list):
        return tuple(map(_hashable, value))
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value


def _words(found: ValueNode) -> str:
    return ", ".join(repr(leaf.words[:60]) for leaf in leaf_values(found) if leaf.words)


def _typed_proofs(node: Node, found: ValueNode) -> Iterator[Region]:
    """Yield the places of the computed values below ``found``."""
    for place in leaves(node, found, parts=VALUES):
        assert isinstance(place.value, LeafValue)
        if place.leaf.reader is not None and place.value.evidence is not None:
            yield place.value.evidence.start, place.value.evidence.end


def _proofs_outside_remainders(tree: ObjectOf, found: ValueNode) -> Iterator[Region]:
    if isinstance(found, ObjectValue):
        for member in tree.members:
            if not (isinstance(member.node, ListOf) and member.node.remainder):
                yield from _typed_proofs(member.node, found.fields.get(member.name, NOTHING))
