"""Assessing an answer that fits the wire model: what it is worth against the text, and what has to be corrected.

A one-chunk document is judged here as the record that it would become, by the user's own class too; that record is
kept, so that nothing is resolved and validated twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from llmx.assembly.checks import apply_checks, hard_faults
from llmx.assembly.consistency import drop_contradictions
from llmx.assembly.policies import ResolvedRecord, apply_policies
from llmx.assembly.remainder import complete
from llmx.assembly.validation import faults_on_the_wire, has_rules, validated
from llmx.dataclass import dataclass
from llmx.extraction.context import Context
from llmx.extraction.plan import Plan
from llmx.grounding.ground import ground, unreadable
from llmx.grounding.values import ValueNode
from llmx.prompting.feedback import Fault


@dataclass(frozen=True, slots=True)
class Accepted:
    """A record that the user's class has accepted."""

    resolved: ResolvedRecord
    data: BaseModel


@dataclass(frozen=True, slots=True)
class Assessment:
    """What an answer is worth: its grounded ``tree``, what is still to be corrected in it, and the record that it makes
    where that is known already.
    """

    tree: ValueNode
    faults: tuple[Fault, ...] = ()
    accepted: Accepted | None = None


def assess_answer(context: Context, wire: dict[str, Any]) -> Assessment:
    """Ground an answer. What a record needs, and is neither in the text nor readable, is a fault; so are a hard check
    that fails and what the user's class refuses: of one chunk among several, only single values.
    """
    plan, source, root = context.plan, context.source, context.plan.schema.tree
    tree = ground(root, wire, source)
    missing = tuple(
        Fault.at(
            place.pointer,
            f"the document does not say this, and it is no {place.leaf.label}",
            place.value.words,
            essential=True,
        )
        for place in unreadable(root, tree)
    )
    faults = missing + tuple(hard_faults(root, tree, source.text))
    if faults or not has_rules(root):
        return Assessment(tree, faults)
    resolved = resolve(plan, complete(root, tree, source), source.text)
    try:
        data = validated(plan.schema.model, resolved.data, context.document, known=context.known)
    except ValidationError as error:
        refused = faults_on_the_wire(root, error, resolved.data, wire=wire, known=context.known)
        return Assessment(tree, tuple(fault for fault in refused if context.whole or (fault.path and fault.quote)))
    except Exception:
        if context.whole:
            raise
        return Assessment(tree)  # a validator of the whole record cannot do with a part of it
    return Assessment(tree, (), Accepted(resolved, data) if context.whole else None)


def resolve(plan: Plan, tree: ValueNode, text: str) -> ResolvedRecord:
    """Return the document's tree written out as a record, less what contradicts itself, by checks and policies."""
    root = plan.schema.tree
    tree = apply_checks(root, drop_contradictions(root, tree), text)
    resolved = apply_policies(root, tree, unproven=plan.options.unproven)
    if plan.calibration is None:
        return resolved
    mapped = {path: plan.calibration.apply(number) for path, number in resolved.confidence.items()}
    return replace(resolved, confidence=mapped)
