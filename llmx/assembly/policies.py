"""Settling: policies applied to what was found, and the tree written out as data, evidence, confidence and issues.

What an unproven value becomes is the user's decision (``Proof`` on the field, else ``--unproven``): kept and flagged,
null, dropped with the list element that holds it, or a reason to call the record invalid. Nothing goes in silence:
each loss is an issue with its path.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from llmx.grounding.values import Found, FoundList, FoundNode, FoundObject, Settled
from llmx.record import Evidence, Issue
from llmx.schema import Leaf, ListOf, Member, Node, ObjectOf, Policy, nodes_of

_DROP = object()

# Confidence: a number in [0, 1] that grows with the proof. It is no probability until ``llmx eval`` calibrates it.
_BASE = {"exact": 0.95, "normalised": 0.93, "fuzzy": 0.8, "value": 0.75}
_UNPROVEN, _INFERRED = 0.3, 0.6


@dataclass(slots=True)
class _Out:
    """What is collected on the walk."""

    default: Policy | None
    evidence: dict[str, Evidence | None] = field(default_factory=dict)
    confidence: dict[str, float] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    fatal: bool = False

    def issue(self, code: str, path: str, message: str) -> None:
        self.issues.append(Issue(code, path, message))


def settle(tree: ObjectOf, found: FoundNode, *, unproven: Policy | None = None) -> Settled:
    """Return ``found`` as plain data for the user's class, with everything that is to be said of it.

    ``unproven`` is the run's policy; None is the default: null for typed values, keep for free text and inferred ones.
    """
    out = _Out(unproven)
    remainders = any(isinstance(node, ListOf) and node.remainder for node in nodes_of(tree))
    taken = frozenset(_proofs_outside_remainders(tree, found)) if remainders else frozenset[tuple[int, int]]()
    data = _node(tree, found, "", out=out, taken=taken)
    return Settled(data, out.evidence, out.confidence, tuple(out.issues), out.fatal)


def _node(node: Node, found: FoundNode, path: str, *, out: _Out, taken: frozenset[tuple[int, int]]) -> Any:
    if isinstance(node, ObjectOf):
        return _object(node, found, path, out=out, taken=taken)
    if isinstance(node, ListOf):
        return _list(node, found, path, out=out, taken=taken)
    assert isinstance(found, Found)
    return _leaf(node, found, path, out=out)


def _leaf(leaf: Leaf, found: Found, path: str, *, out: _Out) -> Any:
    for code, message in found.remarks:
        out.issue(code, path, message)
    if found.value is None:
        return None
    if not found.proven and not leaf.free:
        policy = leaf.policy or out.default or ("null" if leaf.kind == "quote" else "keep")
        if leaf.kind in ("choice", "flag") and leaf.policy is None:
            policy = "keep"  # inferred: there are no words to quote
        if policy == "null":
            return None
        if policy == "drop":
            return _DROP
        out.fatal = out.fatal or policy == "fail"
    if found.remarks:
        out.fatal = out.fatal or any(code == "check_failed" for code, _ in found.remarks)
    if leaf.free:
        return found.value  # the model's own words: no proof is sought, so that none is missing
    out.evidence[path] = found.evidence
    out.confidence[path] = confidence(leaf, found)
    return found.value


def confidence(leaf: Leaf, found: Found) -> float:
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


def _object(node: ObjectOf, found: FoundNode, path: str, *, out: _Out, taken: frozenset[tuple[int, int]]) -> Any:
    if isinstance(found, Found):
        return None
    assert isinstance(found, FoundObject)
    data: dict[str, Any] = {}
    for member in node.members:
        child = found.fields.get(member.name, Found())
        value = _node(member.node, child, f"{path}/{member.name}", out=out, taken=taken)
        if value is _DROP and path:
            return _DROP
        if value is None or value is _DROP:
            value = _absent(member, child, f"{path}/{member.name}", out=out, top=not path)
            if value is _DROP:
                return _DROP
        data[member.name] = value
    return data


def _absent(member: Member, child: FoundNode, path: str, *, out: _Out, top: bool) -> Any:
    """What stands for a value that is missing: null, an empty list, or the loss of the element that needs it."""
    if isinstance(member.node, ListOf):
        return []
    if member.nullable or not member.required:
        return None
    if not top:
        return _DROP
    if isinstance(child, Found) and child.value is not None:
        out.evidence[path], out.confidence[path] = None, _UNPROVEN
        out.issue("kept", path, "unproven, but kept: the schema does not allow null here")
        return child.value
    return None


def _list(node: ListOf, found: FoundNode, path: str, *, out: _Out, taken: frozenset[tuple[int, int]]) -> Any:
    if isinstance(found, Found):
        return []
    assert isinstance(found, FoundList)
    data: list[Any] = []
    for item in found.items:
        trial = _Out(out.default)
        place = f"{path}/{len(data)}"
        value = _node(node.item, item, place, out=trial, taken=taken)
        lost = _why_lost(node, value, item, data=data, taken=taken)
        if lost is None:
            data.append(value)
            if node.remainder:
                taken |= frozenset(_typed_proofs(node.item, item))
            out.evidence |= trial.evidence
            out.confidence |= trial.confidence
            out.issues += trial.issues
            out.fatal = out.fatal or trial.fatal
        elif lost:
            reason = "; ".join(dict.fromkeys(i.message for i in trial.issues if i.code != "approximate"))
            out.issue(lost[0], path, f"{lost[1]}: {_words(item)}" + (f" ({reason})" if reason else ""))
            out.fatal = out.fatal or trial.fatal
    if found.capped:
        out.issue("capped", path, f"the answer filled the limit of {node.cap} elements; there may be more")
    return data


def _why_lost(
    node: ListOf, value: Any, item: FoundNode, *, data: list[Any], taken: frozenset[tuple[int, int]]
) -> tuple[str, str] | None:
    """Return (code, message) for an element that is left out, None for one that stays."""
    if value is None or value is _DROP:
        return "dropped", "left out, because what it needs is not proven"
    if isinstance(value, dict) and all(v is None or v == [] for v in value.values()):
        return "dropped", "left out, because nothing in it is proven"
    if value in data:
        return "duplicate", "left out, because it is there already"
    if node.remainder and any(span in taken for span in _typed_proofs(node.item, item)):
        return "duplicate", "left out, because another field or element holds it"
    return None


def _words(found: FoundNode) -> str:
    if isinstance(found, Found):
        return repr(found.words[:60])
    parts = found.fields.values() if isinstance(found, FoundObject) else found.items
    return ", ".join(w for part in parts if (w := _words(part)) != "''")


def _typed_proofs(node: Node, found: FoundNode) -> Iterator[tuple[int, int]]:
    """Yield the places of the computed values below ``found``."""
    if isinstance(found, Found):
        if isinstance(node, Leaf) and node.reader is not None and found.evidence is not None:
            yield found.evidence.start, found.evidence.end
    elif isinstance(found, FoundList) and isinstance(node, ListOf):
        for item in found.items:
            yield from _typed_proofs(node.item, item)
    elif isinstance(found, FoundObject) and isinstance(node, ObjectOf):
        for member in node.members:
            yield from _typed_proofs(member.node, found.fields.get(member.name, Found()))


def _proofs_outside_remainders(tree: ObjectOf, found: FoundNode) -> Iterator[tuple[int, int]]:
    if not isinstance(found, FoundObject):
        return
    for member in tree.members:
        if not (isinstance(member.node, ListOf) and member.node.remainder):
            yield from _typed_proofs(member.node, found.fields.get(member.name, Found()))
