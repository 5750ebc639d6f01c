"""A session over made-up records, for the tests of the review."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from llmx.review import ReviewSession, open_review
from llmx.review.draft import Draft, State
from tests.view import made

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def session_in(home: Path, **options: Any) -> ReviewSession:
    """A session in ``home``; a second call there is a new start after the first was closed, or after a crash."""
    run = home / "small" / "out.jsonl"
    if not run.exists():
        made.write_run(run, made.first_run())
        made.write_texts(home / "texts")
    return open_review(run, home / "gold", documents=[home / "texts"], user="Ada", clock=lambda: NOON, **options)


def changed(draft: Draft, field: str, value: Any) -> State:
    """The draft's state with one field changed by a person."""
    gold, notes = copy.deepcopy(draft.state.gold), copy.deepcopy(draft.state.notes)
    gold[field] = value
    notes[f"/{field}"] = {"how": "corrected"}
    return State(gold, notes)


def edit(session: ReviewSession, id_: str, field: str, *, value: Any) -> Draft:
    draft = session.draft(id_)
    return session.edit(id_, changed(draft, field, value), version=draft.version, label=f"corrected {field}")
