"""A review session: the documents of a run on their way to gold. Each step can be undone, and is in the journal first.

It knows nothing of HTTP. A document's version says what a window has seen; an edit that was made on an older version
is a ``Conflict``, never an overwrite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from llmx import json_pointer
from llmx.errors import UsageError
from llmx.evaluate.load import plain_gold
from llmx.evaluate.run_file import RunFile
from llmx.review.draft import Draft, State, exact, provenance, state_from_file, state_from_record
from llmx.review.folder import PROVENANCE, GoldFolder, gold_folder
from llmx.review.form import as_dumped, by_field_name, leaf_at, tree_of_data, tree_of_gold
from llmx.review.journal import Journal, open_journal
from llmx.review.words import WordsRead, read_words
from llmx.schema import Node, ObjectOf, Schema, SchemaLike, load_schema
from llmx.view.runs import fields_of, read_run
from llmx.view.texts import DocumentsLike, DocumentText, find_texts

Clock = Callable[[], datetime]
Stage = Literal["todo", "edited", "saved", "skipped"]


class Conflict(Exception):  # noqa: N818 - an outcome that people decide on, not an error
    """The document has changed meanwhile: ``by`` another window, or in its ``file`` outside the review."""

    def __init__(self, by: Literal["window", "file"], *, theirs: Mapping[str, Any] | None) -> None:
        super().__init__(by)
        self.by = by
        self.theirs = theirs


@dataclass(slots=True)
class ReviewSession:
    """The state of a review. Made by ``open_review``."""

    run: RunFile
    folder: GoldFolder
    texts: Mapping[str, DocumentText]
    tree: Node
    schema: Schema | None
    journal: Journal
    user: str
    clock: Clock
    drafts: dict[str, Draft] = field(default_factory=dict)

    def draft(self, id_: str) -> Draft:
        """Return the draft of a document as it stands.

        A gold file that changed outside is taken up while nothing is edited. Raises UsageError for an id that the run
        does not have.
        """
        if id_ not in self.run.rows:
            raise UsageError(f"the run has no document {id_!r}")
        draft = self.drafts.get(id_)
        if draft is None or (not draft.unsaved and not draft.builds_on(self.folder.read(id_).version)):
            draft = self._fresh(
                id_, revision=0 if draft is None else draft.revision + 1, skipped=bool(draft and draft.skipped)
            )
            self.drafts[id_] = draft
        return draft

    def _fresh(self, id_: str, *, revision: int, skipped: bool) -> Draft:
        on_disk = self.folder.read(id_)
        state = (
            state_from_record(self.run.rows[id_], self.tree, text=self.texts[id_].text)
            if on_disk.gold is None
            else state_from_file(on_disk.gold)
        )
        return Draft([state], [""], file=on_disk.version, saved_at=0 if on_disk.gold is not None else None,
                     revision=revision, skipped=skipped)  # fmt: skip

    def stage(self, id_: str) -> Stage:
        """Return the stage of a document."""
        draft = self.draft(id_)
        if draft.unsaved:
            return "edited"
        return "saved" if draft.saved_at is not None else "skipped" if draft.skipped else "todo"

    def edit(self, id_: str, state: State, *, version: str, label: str) -> Draft:
        """Take an edit made on ``version``; raises Conflict if the document has moved on."""
        draft = self._seen(id_, version)
        state = State(exact(state.gold, draft.state.gold), state.notes)
        base = draft.states[0] if len(draft.states) == 1 else None
        self._note(id_, "edit", revision=draft.revision + 1, label=label, state=state.to_json(), file=draft.file,
                   saved=draft.saved_at, **({"base": base.to_json()} if base else {}))  # fmt: skip
        draft.push(state, label)
        return draft

    def step(self, id_: str, by: Literal["undo", "redo"], *, version: str) -> Draft:
        """Undo or redo one step, if there is one."""
        draft = self._seen(id_, version)
        if draft.may(by):
            self._note(id_, by, revision=draft.revision + 1)
            draft.move(by)
        return draft

    def skip(self, id_: str, *, version: str, skipped: bool) -> Draft:
        """Set a document aside for later, or take it up again."""
        draft = self._seen(id_, version)
        self._note(id_, "skip", skipped=skipped)
        draft.skip(skipped=skipped)
        return draft

    def save(self, id_: str, *, version: str, over: str | None = None) -> Draft:
        """Write the document's gold file with its provenance.

        Raises Conflict if the file is not what the draft began with, unless ``over`` is the version of the file that
        the person chose to overwrite.
        """
        draft = self._seen(id_, version)
        on_disk = self.folder.read(id_)
        if on_disk.version not in {draft.file, over}:
            raise Conflict("file", theirs={"gold": on_disk.gold, "file": on_disk.version})
        gold = {name: each for name, each in draft.state.gold.items() if name != PROVENANCE}
        now = self.clock().astimezone(UTC).isoformat(timespec="seconds")
        gold[PROVENANCE] = provenance(draft.state, run=self.run, id_=id_, by=self.user, at=now)
        written = self.folder.write(id_, gold)
        self._note(id_, "save", revision=draft.revision + 1, file=written)
        draft.saved(written)
        return draft

    def read_words(self, id_: str, pointer: str, words: str, *, typed: bool) -> WordsRead:
        """Return what ``words`` say for the leaf at ``pointer``, read in the language of the document."""
        from llmx.types import guess_locale  # noqa: PLC0415 - brings the types, needed when words are first read

        text = self.texts[id_].text if id_ in self.texts else None
        return read_words(words, leaf_at(self.tree, pointer), locale=guess_locale(text) if text else None, typed=typed)

    def problems(self, gold: Mapping[str, Any]) -> list[dict[str, str]]:
        """Return what the schema has against ``gold`` (the first answer of alternatives), as {path, message}."""
        if self.schema is None:
            return []
        from pydantic import ValidationError  # noqa: PLC0415

        try:
            named = by_field_name(self.schema.record_tree, plain_gold(gold))
            self.schema.record_model.model_validate(named, by_name=True)
        except ValidationError as error:
            return [{"path": json_pointer.from_parts(each["loc"]), "message": each["msg"]} for each in error.errors()]
        return []

    def _seen(self, id_: str, version: str) -> Draft:
        draft = self.draft(id_)
        if draft.version != version:
            raise Conflict("window", theirs=None)
        return draft

    def _note(self, id_: str, op: str, **more: Any) -> None:
        now = self.clock().astimezone(UTC).isoformat(timespec="milliseconds")
        self.journal.add({"at": now, "by": self.user, "id": id_, "op": op, **more})


def open_review(
    run: Path,
    gold: Path,
    *,
    documents: DocumentsLike = (),
    schema: SchemaLike | None = None,
    user: str = "",
    clock: Clock = lambda: datetime.now(UTC),
) -> ReviewSession:
    """Return the session for correcting ``run`` (an output such as out.jsonl) into the folder ``gold``.

    Edits that an earlier review did not save are restored. ``documents`` are where the texts are found; ``schema``
    gives fields, choices and readers, which are else inferred from the records. Raises UsageError if an input is
    wrong, OutputError where the folder cannot be written or is open in another review.
    """
    loaded = None if schema is None else load_schema(schema)
    read = read_run(Path(run), model=None if loaded is None else loaded.record_model)
    folder = gold_folder(Path(gold), read.rows)
    places = {id_: str(row["source"]) if row.get("source") else None for id_, row in read.rows.items()}
    texts = find_texts(places, documents, fields=fields_of([read]), beside=[read.path])
    golds = (folder.read(id_).gold for id_ in read.rows)
    values = [*(row["data"] for row in read.rows.values()), *golds]
    tree = tree_of_gold(values) if loaded is None else tree_of_data(as_dumped(loaded.record_tree), values)
    if not isinstance(tree, ObjectOf):
        raise UsageError("the records are no objects", hint="A review corrects fields: give the root a field.")
    session = ReviewSession(read, folder, texts, tree, loaded, open_journal(folder.path), user or _user(), clock)
    _restore(session)
    return session


def _user() -> str:
    import getpass  # noqa: PLC0415 - asks the system

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _restore(session: ReviewSession) -> None:
    """Restore the drafts from the journal, and keep in it only what is not saved."""
    kept: dict[str, list[dict[str, Any]]] = {}
    for entry in session.journal.entries():
        id_ = entry.get("id")
        if isinstance(id_, str):
            _replay(session, id_, entry)
            kept.setdefault(id_, []).append(entry)
    session.journal.keep(_still_wanted(session, kept))


def _replay(session: ReviewSession, id_: str, entry: Mapping[str, Any]) -> None:
    draft = session.drafts.get(id_)
    if entry["op"] == "edit":
        if "base" in entry:  # the first edit of a draft says what it began with
            draft = Draft([State.from_json(entry["base"])], [""], file=entry["file"], saved_at=entry["saved"])
            session.drafts[id_] = draft
        if draft is not None:
            draft.push(State.from_json(entry["state"]), str(entry.get("label", "")))
    elif entry["op"] == "skip":
        if draft is None and id_ in session.run.rows:
            draft = session.draft(id_)
        if draft is not None:
            draft.skip(skipped=bool(entry.get("skipped")))
    elif draft is not None and entry["op"] in {"undo", "redo"}:
        draft.move(entry["op"])
    elif draft is not None and entry["op"] == "save":
        draft.saved(str(entry["file"]))
    if draft is not None and "revision" in entry:
        draft.restore(int(entry["revision"]))


def _still_wanted(session: ReviewSession, kept: Mapping[str, list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    for id_, entries in kept.items():
        draft = session.drafts.get(id_)
        if draft is not None and (draft.unsaved or id_ not in session.run.rows):
            yield from entries  # also those of documents that another run has
        elif draft is not None and draft.skipped:
            yield next(entry for entry in reversed(entries) if entry["op"] == "skip")
            session.drafts.pop(id_)
            session.draft(id_).skip()
        else:
            session.drafts.pop(id_, None)
