"""What a changed schema leaves of the records that were made before: the fields that stay, and those to be asked for.

The manifest has the fingerprints of each plan's fields, so that a later run tells which of them are new or changed.
Where what all fields share has changed too, or fields depend on each other, the whole document is asked for, and the
reason says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmx import json_pointer
from llmx.dataclass import dataclass
from llmx.request import fingerprint
from llmx.run.provenance import Provenance, numbered_provenance, provenance_number
from llmx.schema import dependence, field_fingerprints, record_fingerprint

if TYPE_CHECKING:
    from llmx.extraction.plan import Plan
    from llmx.run.manifest import Manifest

ASKED_FIELDS = "new or changed fields"
"""The reason of a document that is asked for some fields alone."""

CHANGED = "changed schema"

_SHARED = _RECORD, _PROMPT = "record", "prompt"  # what all fields have in common; a field is named by its pointer


@dataclass(frozen=True, slots=True)
class FieldChange:
    """The fields of the root by what becomes of them, each in the order of its schema."""

    asked: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Update:
    """How many ``documents`` kept what an earlier record had of them, and which fields were asked for or removed.

    ``unanswered`` counts those that were not answered for the new fields: their earlier record stays as it is.
    """

    documents: int = 0
    asked: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unanswered: int = 0

    def plus(self, change: FieldChange, *, answered: bool) -> Update:
        """Return it with one more document."""
        return Update(
            self.documents + answered,
            tuple(dict.fromkeys(self.asked + change.asked)),
            tuple(dict.fromkeys(self.removed + change.removed)),
            self.unanswered + (not answered),
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values, {} where nothing was to be updated."""
        if not (self.documents or self.unanswered):
            return {}
        unanswered = {"unanswered": self.unanswered} if self.unanswered else {}
        return {
            "documents": self.documents, "asked": list(self.asked), "removed": list(self.removed), **unanswered,
        }  # fmt: skip


class PlanChanges:
    """The changes to ``plan`` from the earlier plans that ``manifest`` knows; ``number`` is that of ``plan`` there.

    ``updates`` says that earlier records can be read, so that fields of them may stay.
    """

    def __init__(self, manifest: Manifest, plan: Plan, *, updates: bool) -> None:
        self._manifest, self._plan, self._updates = manifest, plan, updates
        self._now = plan_fingerprints(plan)
        self.number = _number(manifest, Provenance.of(plan), self._now)
        self._provenance = numbered_provenance(manifest, self.number)
        self._known: dict[int, FieldChange | str] = {}

    def since(self, number: int) -> FieldChange | str:
        """Return what became of the fields since plan ``number``; where none can stay the reason, '' for no change."""
        if number not in self._known:
            difference = self._provenance.difference(numbered_provenance(self._manifest, number))
            self._known[number] = self._since(number) if difference == CHANGED else difference
        return self._known[number]

    def notes(self) -> list[str]:
        """Return what a changed schema makes of the documents that are done, for the user to know before it costs."""
        plans = self._manifest.query("select distinct plan from documents where plan <> ?", self.number)
        changes = [self.since(int(number)) for (number,) in plans]
        return list(dict.fromkeys(told for change in changes if (told := _told(change))))

    def _since(self, number: int) -> FieldChange | str:
        now, before = self._now, _noted(self._manifest, number)
        if why := self._whole(before, numbered_provenance(self._manifest, number)):
            return why
        kept = [name for name, hashed in now.items() if before.get(name) == hashed and name not in _SHARED]
        asked = [name for name in now if name not in {*_SHARED, *kept}]
        if not kept:
            return f"{CHANGED}: every field"
        if not self._updates:
            return f"{CHANGED}: this output is written anew"
        return FieldChange(_names(asked), _names(kept), _names(name for name in before if name not in now))

    def _whole(self, before: dict[str, str], then: Provenance) -> str:
        """Return why the whole document is asked for, '' where fields may be asked for alone."""
        now = self._now
        others = [_PROMPT] if before and now[_PROMPT] != before[_PROMPT] else []
        others += [name for name in ("model", "options") if getattr(self._provenance, name) != getattr(then, name)]
        if others:
            return " and ".join([", ".join([CHANGED, *others[:-1]]), others[-1]])
        if not before:
            return f"{CHANGED}: its output was begun by an older llmx"
        if now[_RECORD] != before[_RECORD]:
            return f"{CHANGED}: its name or description"
        paged = self._plan.options.target == "page"
        why = "each page is a record of its own" if paged else dependence(self._plan.schema.tree)
        return why and f"{CHANGED}: {why}"


def _told(change: FieldChange | str) -> str:
    if isinstance(change, str):
        return f"{change}; all fields are asked for again" if change.startswith(CHANGED) else ""
    asked = f"{', '.join(change.asked)} alone" if change.asked else "nothing"
    removed = f", and {', '.join(change.removed)} goes" if change.removed else ""
    return f"{CHANGED}: documents that are done are asked for {asked}{removed}"


def plan_fingerprints(plan: Plan) -> dict[str, str]:
    """Return the fingerprints of the fields, by their pointers, and of what all of them share: record and prompt.

    What the examples say of a field belongs to the field.
    """
    prompt = fingerprint([plan.prompt.fingerprint, [each.text for each in plan.examples], plan.options.instructions])
    shared = {_RECORD: record_fingerprint(plan.schema), _PROMPT: prompt}
    fields = {
        json_pointer.child("", name): fingerprint([hashed, *(each.record.get(name) for each in plan.examples)])
        for name, hashed in field_fingerprints(plan.schema).items()
    }
    return shared | fields


def _names(pointers: Iterable[str]) -> tuple[str, ...]:
    return tuple(json_pointer.last(pointer) for pointer in pointers)


def _noted(manifest: Manifest, number: int) -> dict[str, str]:
    rows = manifest.query("select field, fingerprint from plan_fields where plan = ? order by place", number)
    return {str(field): str(hashed) for field, hashed in rows}


def _number(manifest: Manifest, provenance: Provenance, fingerprints: dict[str, str]) -> int:
    """Return the number of a plan in ``manifest``. Marks are in no fingerprint of a schema, but in those of its fields:
    a plan that differs in them alone gets another name for its schema.
    """
    named = replace(provenance, schema=f"{provenance.schema} {fingerprint(fingerprints)[:16]}")
    for each in (provenance, named):
        number = provenance_number(manifest, each)
        noted = _noted(manifest, number)
        if not noted:
            _note(manifest, number, fingerprints)
        if not noted or noted == fingerprints:
            break
    return number


def _note(manifest: Manifest, number: int, fingerprints: dict[str, str]) -> None:
    rows = [(number, place, field, hashed) for place, (field, hashed) in enumerate(fingerprints.items())]
    with manifest.together() as db:
        db.executemany("insert into plan_fields values (?, ?, ?, ?)", rows)
