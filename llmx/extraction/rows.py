"""Several records in one document: where the root of a schema is a list, each element becomes a record of its own.

The list is asked for, proven and judged as a whole, because the elements share a text and the schema may speak of all
of them. Then it is taken apart: an element has its own data, evidence, confidence, issues and status, by pointers that
begin at the element. What belongs to no element (an answer that was cut, an element that was left out) and what the
document cost stand in its first record. docs/decisions/several-records.md says why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel

from llmx.record import Issue, Record, SeveralRecords, Status, Usage, row_id
from llmx.schema import Schema

V = TypeVar("V")

COSTS_A_VALUE = frozenset({"invalid_value"})
"""Issues of an element that make its record partial: a part of it is lost."""


def as_rows(record: Record[Any], schema: Schema) -> Record[Any]:
    """Return ``record``, the outcome of a document, with a record for each element where the schema's root is a list.

    A document without data stays one record; so does one that holds no element, which says so.
    """
    if schema.row is None or record.data is None:
        return record
    elements = [_element(schema.row, each) for each in record.data.root or ()]
    if not elements:
        nothing = Issue("no_records", "", "the document holds none of what is asked for")
        told = (nothing,) if record.status == "ok" else ()
        empty = replace(record, data=None, evidence={}, confidence={}, issues=record.issues + told)
        return several(record, [empty])
    return several(record, _rows(record, elements))


def several(record: Record[Any], parts: Sequence[Record[Any]]) -> SeveralRecords[Any]:
    """Return ``record`` as one that is written as ``parts``."""
    fields = {name: getattr(record, name) for name in Record.__dataclass_fields__}
    return SeveralRecords(**fields, parts=tuple(parts))


def untied(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Return issues of an answer whose elements stand at other numbers in the record: their paths become words."""
    return tuple(
        replace(each, path="", message=f"{each.path}: {each.message}") if each.path else each for each in issues
    )


def _element(row: type[BaseModel], value: Any) -> BaseModel:
    return value if isinstance(value, row) else row.model_construct(value)


def _rows(record: Record[Any], elements: Sequence[BaseModel]) -> list[Record[Any]]:
    evidence, confidence = _by_element(record.evidence), _by_element(record.confidence)
    issues, others = _issues_by_element(record.issues, len(elements))
    rows = []
    for number, data in enumerate(elements):
        own = tuple(issues.get(number, ()))
        lost = any(issue.code in COSTS_A_VALUE for issue in own)
        status: Status = "partial" if lost else "ok"
        row = replace(record, id=row_id(record.id, number + 1), status=status, data=data, issues=own)
        row = replace(row, evidence=evidence.get(number, {}), confidence=confidence.get(number, {}))
        rows.append(replace(row, usage=Usage(), seconds=0.0, attempts=0, models=()))
    return [_with_the_document(rows[0], record, others, explained=any(row.status != "ok" for row in rows)), *rows[1:]]


def _with_the_document(
    row: Record[Any], record: Record[Any], others: Sequence[Issue], *, explained: bool
) -> Record[Any]:
    """Return the first row with what is said of the document as a whole, and with what it cost.

    Where the document is partial, and no element says why, it is this row that does.
    """
    told = any(issue.code in _OF_PARTIAL_DOCUMENTS for issue in others)
    status = record.status if record.status != "ok" and (told or not explained) else row.status
    return replace(
        row, status=status, issues=(*row.issues, *others), usage=record.usage, seconds=record.seconds,
        attempts=record.attempts, models=record.models,
    )  # fmt: skip


_OF_PARTIAL_DOCUMENTS = COSTS_A_VALUE | {
    "truncated", "endpoint", "refused", "content_filter", "invalid_answer", "incomplete",
}  # fmt: skip


def _by_element(told: Mapping[str, V]) -> dict[int, dict[str, V]]:
    """Return what is said of the places of a list by the number of the element, with pointers that begin there."""
    found: defaultdict[int, dict[str, V]] = defaultdict(dict)
    for path, each in told.items():
        number, below = _split(path)
        found[number][below] = each
    return found


def _issues_by_element(issues: Iterable[Issue], count: int) -> tuple[dict[int, list[Issue]], list[Issue]]:
    """Return the issues of each element, and those that are of none."""
    found: defaultdict[int, list[Issue]] = defaultdict(list)
    others: list[Issue] = []
    for issue in issues:
        number, below = _split(issue.path)
        if 0 <= number < count:
            found[number].append(replace(issue, path=below))
        else:
            others.append(replace(issue, path="", message=f"of the document: {issue.message}"))
    return found, others


def _split(path: str) -> tuple[int, str]:
    """Return the number of the element that a place is in, -1 where it is in none, and the place within it."""
    first, slash, below = path[1:].partition("/")
    return (int(first) if first.isdecimal() else -1), slash + below
