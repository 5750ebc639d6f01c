"""Policies: what becomes of each value, and the tree written out as data, evidence, confidence and issues.

What an unproven value becomes is the user's decision (``Proof`` on the field, else ``--unproven``): kept and flagged,
null, dropped with the list element that holds it, or a reason to call the record invalid. Nothing goes in silence:
each loss is an issue with its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeGuard

from pydantic_core import to_json

from llmx.assembly.checks import HARD
from llmx.assembly.parts import DROP, Part, by_key, fill_in, in_places, inner_part
from llmx.dataclass import dataclass
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

# Confidence: a number in [0, 1] that grows with the proof. It is no probability until ``llmx eval`` calibrates it.
_BASE = {"exact": 0.95, "normalised": 0.93, "fuzzy": 0.8, "value": 0.75}
_UNPROVEN, _SEEN, _INFERRED = 0.3, 0.45, 0.6

_LEAKS = frozenset({"echo", "example_leak"})
"""Issues of answers that say nothing: words of the prompt in the place of words of the document."""

_POINTS = re.compile(r"[.,;:]+(?=\s|$)")

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

    ``unproven`` is the run's policy; None is the default: null for typed values, keep for free text, inferred ones and
    those that were seen in a picture.
    """
    elsewhere = _proofs_outside_remainders(tree, found) if _has_remainders(tree) else ()
    policies = _Policies(unproven, frozenset(elsewhere))
    if not isinstance(found, ObjectValue):
        return ResolvedRecord(None, {}, {}, ())
    part = _root(tree, found, policies)
    if isinstance(tree, RootOf):
        part = inner_part(part, tree.members[0].name)
    evidence = {path: proof for path, (proof, _) in part.proofs.items()}
    sureness = {path: number for path, (_, number) in part.proofs.items()}
    return ResolvedRecord(part.data, evidence, sureness, tuple(part.issues), part.fatal)


@once_per_tree
def _has_remainders(tree: ObjectOf) -> bool:
    return any(isinstance(node, ListOf) and node.remainder for node in nodes_of(tree))


def confidence(leaf: Leaf, found: LeafValue) -> float:
    """Return a number in [0, 1] from the kind of proof, the likeness of the words, doubts of the computing rule, and
    the agreement of samples where there were several, and how sure the model was of the words where that was asked for.
    Larger is surer; it is not a probability, unless the model was asked about the values of the record: then it is how
    likely this one is right, which says more than its proof does.
    """
    if found.chance is not None:
        base = found.chance * (1 - 0.5 * min(found.doubt, 1.0))
        return base if found.agreement is None else base * (0.4 + 0.6 * found.agreement)
    if found.evidence is not None:
        base = _BASE[found.evidence.kind]
    elif found.seen:
        base = _SEEN
    else:
        base = _INFERRED if leaf.kind in ("choice", "flag") or leaf.free else _UNPROVEN
    base *= 1 - 0.5 * min(found.doubt, 1.0)
    if found.likelihood is not None:
        base *= 0.5 + 0.5 * found.likelihood
    return base if found.agreement is None else base * (0.4 + 0.6 * found.agreement)


def _sight(found: LeafValue) -> Evidence | None:
    """Return that a value was seen in the picture of a page, which is no proof; None where the model saw none."""
    if not found.seen:
        return None
    page = found.seen[0] if len(found.seen) == 1 else None
    return Evidence("", 0, 0, "seen", score=0.0, words=found.words, page=page)


def _with_chances(found: LeafValue) -> Evidence | None:
    """Return the proof of a value with the probabilities that are known of it."""
    if found.evidence is None or (found.verified is None and found.likelihood is None):
        return found.evidence
    return replace(found.evidence, verified=found.verified, likelihood=found.likelihood)


@dataclass(frozen=True, slots=True)
class _Policies:
    """Folds a tree of grounded values, below its root, into the parts of a record.

    ``taken`` are the places of the text that prove values outside of remainder lists.
    """

    unproven: Policy | None
    taken: frozenset[Region]

    def leaf(self, node: Leaf, value: ValueNode) -> Part:
        """Apply the policy to a value that is not proven."""
        assert isinstance(value, LeafValue)
        part = Part(issues=value.issues)
        if value.value is None:
            return part
        if not value.proven and not node.free:
            policy = self._policy(node, value)
            if policy in ("null", "drop"):
                part.data = DROP if policy == "drop" else None
                return part
            part.fatal = policy == "fail"
        if value.issues:
            part.fatal = part.fatal or any(issue.code == HARD for issue in value.issues)
        part.data = value.value
        if not node.free:  # of the model's own words no proof is sought, so that none is missing
            part.proofs[""] = _with_chances(value) or _sight(value), confidence(node, value)
        return part

    def _policy(self, leaf: Leaf, found: LeafValue) -> Policy:
        if leaf.policy is not None:
            return leaf.policy
        if leaf.kind in ("choice", "flag"):  # inferred: there are no words to quote
            return "keep"
        stated = leaf.kind == "quote" or found.read_as is not None  # as an expression, which the text would have
        return self.unproven or ("null" if stated and not found.seen else "keep")

    def _is_unbidden(self, node: Node) -> bool:
        """Whether nobody said what becomes of an unproven value of a field."""
        return self.unproven is None and isinstance(node, Leaf) and node.policy is None

    def object(self, node: ObjectOf, value: ValueNode, results: dict[str, Part]) -> Part:
        """Put the fields together; a field that is needed and missing takes the object with it.

        The object is then null, which its holder may allow; a value of the policy 'drop' goes on to the list element.
        """
        part, found = Part({}), VALUES.fields(value) or {}
        for member in node.members:
            child = results[member.name]
            if not child.data:
                _fill_absent(member, found.get(member.name), child)
            lost = child.data is DROP or (child.data is None and not (member.nullable or not member.required))
            text = found.get(member.name)
            if lost and child.data is None and self._is_unbidden(member.node) and _is_text_value(text):
                _keep(child, text.value)
                lost = False
            part.take(child, member.name, lost=lost, default=_is_left_out(member, child.data))
            if lost:
                return Part(DROP if child.data is DROP else None, issues=part.issues, fatal=part.fatal)
        if node.model is None or node.ends:
            fill_in(node, part.data)
        return in_places(node, part) if isinstance(node, TupleOf) else part

    def union(self, node: UnionOf, member: Member, result: Part) -> Part:  # noqa: ARG002 - a protocol
        """Return the alternative itself, as text where the class wants it so."""
        if node.encoded and result.data is not None and result.data is not DROP:
            result.data = to_json(result.data).decode()
        return result

    def list(self, node: ListOf, value: ValueNode, results: list[Part]) -> Part:
        """Put the elements together, less those that are empty, duplicates or lack what they need."""
        assert isinstance(value, ListValue)
        part = Part([])
        seen: set[object] = set()
        taken = set(self.taken)
        rows = value.rows or (-1,) * len(results)
        for item, child, row in zip(value.items, results, rows, strict=True):
            regions = frozenset(_typed_proofs(node.item, item)) if node.remainder else frozenset()
            identity = _plain_name(child.data) if _is_text(node.item, child.data) else _hashable(child.data)
            told = identity if row < 0 else (row, identity)  # two rows of a table may say the same
            loss = _why_lost(child.data, known=told in seen, held=not regions.isdisjoint(taken))
            if loss is None:
                part.take(child, len(part.data))
                seen |= {identity, told}
                taken |= regions
            else:
                reason = "; ".join(dict.fromkeys(i.message for i in child.issues if i.code != "approximate"))
                message = f"{loss[1]}: {_words(item)}" + (f" ({reason})" if reason else "")
                part.issues = [*part.issues, Issue(loss[0], "", message)]
                part.fatal = part.fatal or child.fatal
        if value.capped:
            message = f"the answer filled the limit of {node.cap} elements; there may be more"
            part.issues = [*part.issues, Issue("capped", "", message)]
        return by_key(part) if isinstance(node, MapOf) else part

    def absent(self, node: Node) -> Part:
        """Return what stands for a list, a map or an object that is not there."""
        if isinstance(node, ListOf):
            return Part({} if isinstance(node, MapOf) else [])
        return Part(None)


def _is_left_out(member: Member, data: Any) -> bool:
    """Whether a field is left out where nothing was found for it: one with a default that allows no null.

    Of a list too, where the schema demands elements that were not found.
    """
    if member.required or member.nullable:
        return False
    return data is None or (isinstance(member.node, ListOf) and member.node.least > 0 and data in ([], {}))


def _root(tree: ObjectOf, found: ObjectValue, policies: _Policies) -> Part:
    """Put the record together. Nothing holds it that could go instead of it, so a needed value stays, unproven.

    The same holds for an object within it that must be there.
    """
    part = Part({})
    for member in tree.members:
        value = found.fields.get(member.name)
        child = fold(member.node, NOTHING if value is None else value, policies, parts=VALUES)
        if not child.data:
            _fill_absent(member, value, child)
        while isinstance(member.node, UnionOf) and isinstance(value, ObjectValue):
            value = next(iter(value.fields.values()))
        missing = child.data is None or child.data is DROP
        if missing and member.required and not member.nullable and isinstance(value, LeafValue):
            _keep(child, value.value)
        elif missing and member.required and not member.nullable and type(member.node) is ObjectOf:
            child = _root(member.node, value, policies) if isinstance(value, ObjectValue) else child
        part.take(child, member.name, default=_is_left_out(member, child.data))
    if tree.model is None or tree.ends:
        fill_in(tree, part.data)
    return part


def _is_text_value(value: ValueNode | None) -> TypeGuard[LeafValue]:
    """Whether ``value`` is plain text that went because it is an expression that nothing states."""
    return isinstance(value, LeafValue) and value.read_as is not None and value.value is not None


def _keep(part: Part, value: Any) -> None:
    """Put back a value that went because it is not proven."""
    part.data = value
    if value is not None:
        part.proofs[""] = None, _UNPROVEN
        part.issues = [*part.issues, Issue("kept", "", "unproven, but kept: the schema does not allow null here")]


def _fill_absent(member: Member, value: ValueNode | None, part: Part) -> None:
    """Put in place what the answer said by leaving a field empty: null for a list, no words for a text.

    An object that became null although the answer fills it says so.
    """
    if isinstance(value, ObjectValue) and part.data is None and (member.nullable or not member.required):
        if any(leaf.value is not None for leaf in leaf_values(value)):
            gone = Issue("dropped", "", f"left out, because what it needs is not proven: {_words(value)}")
            part.issues = [*part.issues, gone]
        return
    if not isinstance(value, LeafValue) or value.value is not None:
        return
    if (value.words or value.issues) and not any(issue.code in _LEAKS for issue in value.issues):
        return
    if isinstance(member.node, ListOf) and member.nullable:
        part.data = None
    elif isinstance(member.node, Leaf) and member.node.kind == "text" and member.required and not member.nullable:
        part.data = ""
        part.proofs[""] = None, _UNPROVEN
        empty = Issue("not_found", "", "the answer leaves it empty; the schema does not allow null here")
        part.issues = [*part.issues, empty]


def _why_lost(value: Any, *, known: bool, held: bool) -> tuple[str, str] | None:
    """Return (code, message) for a list element that is left out, None for one that stays.

    ``known``: an equal element is there already; ``held``: its words prove another field's or element's value.
    """
    if value is None or value is DROP:
        return "dropped", "left out, because what it needs is not proven"
    if isinstance(value, dict) and all(v in (None, "", []) for v in value.values()):
        return "dropped", "left out, because nothing in it is proven"
    if known:
        return "duplicate", "left out, because it is there already"
    if held:
        return "duplicate", "left out, because another field or element holds it"
    return None


def _is_text(node: Node, data: Any) -> bool:
    return isinstance(data, str) and isinstance(node, Leaf) and node.kind in ("text", "quote")


def _plain_name(text: str) -> str:
    """Return ``text`` as two writings of one name have it in common: 'ACME CO., LTD.' and 'Acme Co. Ltd'."""
    words = _POINTS.sub("", " ".join(text.split()))
    return words if any(map(str.isdigit, words)) else words.casefold()


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
