"""A draft: a document's gold as it stands, how each value got there, and the steps that can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from llmx import json_data
from llmx.errors import UsageError
from llmx.evaluate.load import as_gold
from llmx.evaluate.run_file import RunFile
from llmx.record import data_or_draft
from llmx.request import fingerprint
from llmx.review.folder import PROVENANCE
from llmx.review.form import empty_value
from llmx.schema import Node

_FLOAT_EXACT = 2**53  # integers beyond it are rounded by a float
_FLOAT_MOST = 10**300  # integers beyond it have no float
HOW = ("run", "accepted", "corrected", "selected", "added")  # how a value got there: as the run had it, or by whom


@dataclass(frozen=True, slots=True)
class State:
    """Gold, and by JSON pointer the notes on its values: {how, start?, end?, quote?}, the place in code points."""

    gold: dict[str, Any]
    notes: dict[str, dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """Return {gold, notes}."""
        return {"gold": self.gold, "notes": self.notes}

    @classmethod
    def from_json(cls, given: Any) -> State:
        """Return the state in ``given``; raises UsageError if it is none."""
        if (
            not isinstance(given, dict)
            or not isinstance(given.get("gold"), dict)
            or not isinstance(given.get("notes"), dict)
        ):
            raise UsageError("a state is an object {gold: {...}, notes: {...}}")
        if not all(isinstance(note, dict) and note.get("how") in HOW for note in given["notes"].values()):
            raise UsageError(f"a note is an object whose 'how' is one of {', '.join(HOW)}")
        return cls(given["gold"], given["notes"])


def exact(gold: Any, before: Any) -> Any:
    """Return ``gold`` with the large integers that it had ``before``: a browser's numbers are floats, good to 2**53.

    >>> exact({"a": 9007199254740992.0}, {"a": 9007199254740993})
    {'a': 9007199254740993}
    """
    large = {float(value): value for _, value in json_data.leaves(before) if _is_large(value)}

    def restored(value: Any) -> Any:
        is_rounded = isinstance(value, int | float) and abs(value) >= _FLOAT_EXACT
        return large.get(float(value), value) if is_rounded else value

    return json_data.map_leaves(gold, restored) if large else gold


def _is_large(value: Any) -> bool:
    return isinstance(value, int) and _FLOAT_EXACT < abs(value) < _FLOAT_MOST


@dataclass(slots=True)
class Draft:
    """The states of a document, the first what it began with, and which of them is now.

    ``file`` is the version of the gold file that the draft builds on, ``saved_at`` which state that file holds (None:
    there is no file; -1: a state that is no longer here). ``revision`` grows with every change; with
    ``file`` it makes up the version that windows name.
    """

    states: list[State]
    labels: list[str]
    file: str
    saved_at: int | None
    at: int = 0
    revision: int = 0
    skipped: bool = False

    @property
    def state(self) -> State:
        """The current state."""
        return self.states[self.at]

    @property
    def version(self) -> str:
        """The version that windows name when they make an edit."""
        return f"{self.revision}-{self.file}"

    @property
    def unsaved(self) -> bool:
        """Whether there are edits that no file holds."""
        return self.at != (self.saved_at or 0)

    def builds_on(self, version: str) -> bool:
        """Whether the gold file is still the one that the draft builds on."""
        return self.file == version

    def push(self, state: State, label: str) -> None:
        """Make ``state`` the current one; what was undone can no longer be redone."""
        if self.saved_at is not None and self.saved_at > self.at:
            self.saved_at = -1
        del self.states[self.at + 1 :], self.labels[self.at + 1 :]
        self.states.append(state)
        self.labels.append(label)
        self.at += 1
        self.revision += 1
        self.skipped = False

    def skip(self, *, skipped: bool = True) -> None:
        """Set the document aside for later, or take it up again."""
        self.skipped = skipped

    def restore(self, revision: int) -> None:
        """Take up the revision that the journal tells, so that a window older than this server still knows it."""
        self.revision = revision

    def may(self, by: Literal["undo", "redo"]) -> bool:
        """Whether there is a step to undo or redo."""
        return self.at > 0 if by == "undo" else self.at + 1 < len(self.states)

    def move(self, by: Literal["undo", "redo"]) -> None:
        """Undo or redo one step, if there is one."""
        if self.may(by):
            self.at += -1 if by == "undo" else 1
            self.revision += 1

    def saved(self, file: str) -> None:
        """Note that the file of version ``file`` holds the current state."""
        self.file = file
        self.saved_at = self.at
        self.revision += 1
        self.skipped = False


def state_from_record(row: Mapping[str, Any], tree: Node, *, text: str | None) -> State:
    """Return the state in which a record's review begins: its data, and its proof as far as it fits the text.

    An invalid record has none; its review begins with its draft.
    """
    empty, found = empty_value(tree), data_or_draft(row)
    data = found.get("data")
    stated = as_gold(data) if isinstance(data, dict) else {}
    gold = {**(empty if isinstance(empty, dict) else {}), **stated}
    if found is not row:  # by the names of the fields, which a class may dump by their aliases
        gold = {name: gold[name] for name in empty} if isinstance(empty, dict) else gold
    notes: dict[str, dict[str, Any]] = {}
    for pointer, proof in (found.get("evidence") or {}).items():
        note: dict[str, Any] = {"how": "run"}
        seen = proof is not None and proof.get("kind") == "seen"  # in a picture: the text has no place of it
        if (
            proof is not None
            and text is not None
            and not seen
            and text[proof["start"] : proof["end"]] == proof.get("quote")
        ):
            note |= {"start": proof["start"], "end": proof["end"], "quote": proof["quote"]}
        notes[pointer] = note
    return State(gold, notes)


def state_from_file(gold: Mapping[str, Any]) -> State:
    """Return the state in which a gold file's review begins, with the notes that its provenance kept."""
    kept = gold.get(PROVENANCE)
    values = kept.get("values") if isinstance(kept, dict) else None
    notes = {
        pointer: dict(note)
        for pointer, note in (values.items() if isinstance(values, dict) else ())
        if isinstance(note, dict) and note.get("how") in HOW
    }
    return State({name: each for name, each in gold.items() if name != PROVENANCE}, notes)


def provenance(state: State, *, run: RunFile, id_: str, by: str, at: str) -> dict[str, Any]:
    """Return who saved this gold, when, from which run's record, and how each value got there."""
    row = run.rows[id_]
    record = {name: row.get(name) for name in ("keys", "schema", "prompt", "model", "mode")}
    return {
        "by": by,
        "at": at,
        "run": {
            "name": run.name,
            "model": row.get("model") or "",
            "schema": row.get("schema") or "",
            "prompt": row.get("prompt") or "",
            "fingerprint": fingerprint(record),
        },
        "values": {pointer: state.notes[pointer] for pointer in sorted(state.notes)},
    }
