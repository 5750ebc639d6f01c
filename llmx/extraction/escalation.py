"""Escalation: the fields that a model is not sure of go to the model after it, which answers for them.

A fallback takes over where there is no valid answer; here there is one, and some of it is doubtful: a confidence below
the bound that the user sets, or a value that was lost because nothing proved or confirmed it. Only these fields are
asked for, with the others known, so a large model writes a few words where the small one has done the rest. Their
values, proof and issues are then those of the model that answered for them, whatever it says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from llmx import json_pointer
from llmx.record import Issue, Record
from llmx.schema import ObjectOf, RootOf, Schema

ESCALATED = "escalated"

_DOUBTS = frozenset({"unverified", "unproven", "echo", "example_leak"})
"""Issues of a value that is gone, or that should not be relied on."""

Ask = Callable[[tuple[str, ...], Mapping[str, Any]], Awaitable[Record[Any]]]
"""Asks the next model for the root's fields with these names, those with these values being known; its record's data
are those of the whole."""


def doubtful_fields(record: Record[Any], tree: ObjectOf, below: float) -> tuple[str, ...]:
    """Return the names of the root's fields that hold a value whose confidence is less than ``below``, or lost one.

    A list at the root, which is one field, counts as a whole.
    """
    pointers = [path for path, number in record.confidence.items() if number < below]
    pointers += [issue.path for issue in record.issues if issue.path and issue.code in _DOUBTS]
    if isinstance(tree, RootOf):
        return tuple(member.name for member in tree.members) if pointers else ()
    doubtful = {json_pointer.to_parts(path)[0] for path in pointers if path}
    return tuple(member.name for member in tree.members if member.name in doubtful)


async def escalate(record: Record[Any], schema: Schema, *, below: float, ask: Ask) -> Record[Any]:
    """Return ``record`` with its doubtful fields as the next model has them; as it is where none is, or where that
    model has no record to give, with an issue that says so.
    """
    names = doubtful_fields(record, schema.tree, below)
    if not names or record.data is None:
        return record
    kept = _values_of(record.data, schema, exclude=names)
    later = await ask(names, kept)
    told = f"{record.model} was not sure of {', '.join(names)}"
    if later.data is None:
        why = f": {later.issues[-1].message}" if later.issues else ""
        failed = Issue(ESCALATED, "", f"{told}, and the next model gave no valid record ({later.status}{why})")
        return replace(record, issues=(*record.issues, failed))
    answered = Issue(ESCALATED, "", f"{told}; this is the answer of {later.model}")
    if not kept:
        return replace(later, issues=(answered, *later.issues))
    return _merged(record, later, kept=frozenset(kept), answered=answered)


def _values_of(data: BaseModel, schema: Schema, *, exclude: tuple[str, ...]) -> dict[str, Any]:
    """Return the values of the root's other fields; {} where there are none, or the record can only be made whole."""
    if schema.row is not None:
        return {}
    others = [member.name for member in schema.tree.members if member.name not in exclude]
    dumped = data.model_dump(mode="json", by_alias=False)
    return {name: dumped[name] for name in others} if all(name in dumped for name in others) else {}


def _merged(record: Record[Any], later: Record[Any], *, kept: frozenset[str], answered: Issue) -> Record[Any]:
    """Return the record whose ``kept`` fields are those of ``record``, and whose others are those of ``later``."""

    def stays(pointer: str) -> bool:
        return bool(pointer) and json_pointer.to_parts(pointer)[0] in kept

    def of_both(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
        return {path: value for path, value in before.items() if stays(path)} | {
            path: value for path, value in after.items() if not stays(path)
        }

    earlier = tuple(issue for issue in record.issues if not issue.path or stays(issue.path))
    return replace(
        record,
        status="partial" if "partial" in {record.status, later.status} else "ok",
        data=later.data,
        issues=(*earlier, answered, *(issue for issue in later.issues if issue not in earlier)),
        evidence=of_both(record.evidence, later.evidence),
        confidence=of_both(record.confidence, later.confidence),
    )
