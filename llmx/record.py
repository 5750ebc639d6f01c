"""A record is what a document became: the data, the proof of each value, and everything that went wrong.

This module holds the values and their JSON form; ``extraction`` makes them, and ``sinks`` writes them. A record
describes the answers, not the run: it is the same whether they came over the wire or from the cache, so a replayed,
cached or resumed run writes the same bytes. The figures of a run are in its report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar, get_args

from pydantic import BaseModel

from llmx import json_pointer
from llmx.dataclass import dataclass

T = TypeVar("T", bound=BaseModel)

Status = Literal["ok", "partial", "invalid", "refused", "failed"]
STATUSES: tuple[Status, ...] = ("ok", "partial", "invalid", "refused", "failed")


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault as a value: ``code`` from docs/issues.md, ``path`` a JSON pointer into data ('': the whole record)."""

    code: str
    path: str
    message: str

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object {code, path, message}."""
        return {"code": self.code, "path": self.path, "message": self.message}


@lru_cache(maxsize=1024, typed=True)
def _rounded(share: float) -> float:
    """Return a score or a confidence as it is written: there are few different ones, and rounding takes long."""
    return round(share, 4)


_FATAL = frozenset(
    {"empty", "endpoint", "internal", "refused", "content_filter", "invalid_answer", "invalid_value", "check_failed"}
)
_FATAL_FOR_THE_WHOLE = frozenset({"unreadable", "unproven", "truncated"})  # beside a value they are remarks


def fatal_issue(issues: Sequence[Issue]) -> Issue | None:
    """Return the issue that explains why a record has no data: the first fatal one, or else the first one."""
    fatal = (i for i in issues if i.code in _FATAL or (not i.path and i.code in _FATAL_FOR_THE_WHOLE))
    return next(fatal, issues[0] if issues else None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words of the document that say a value.

    ``quote`` is ``document.text[start:end]``; ``kind`` says how they were found: exact, normalised, fuzzy (the model's
    words differ a little), value (the model gave a computed value, and these words compute to it), or seen: the model
    read them in the picture of a page, no text says them, and they are not proven; the quote is '' then. ``score`` in
    [0, 1] is the likeness of the model's words and the quote. ``words`` are the model's, ``rule`` how the value was
    computed from them ('' for a value that is the words themselves). ``chunk`` counts from 0.

    In a document with pages, ``page`` (from 1) is that on which the quote begins, and ``boxes`` has one box for each of
    its lines: x0, y0, x1, y1 in points from the page's top left corner, and the page where it is a later one. In a
    workbook ``cell`` is the one in which the quote begins, as ``Sheet1!B7``. In an HTML page ``element`` is the XPath
    of the innermost element that holds the quote, in a table that of the cell.

    ``verified`` is the probability that the model confirms the value, and ``likelihood`` the mean one of the tokens of
    its words, where these were asked for.
    """

    quote: str
    start: int
    end: int
    kind: Literal["exact", "normalised", "fuzzy", "value", "seen"]
    score: float = 1.0
    chunk: int = 0
    words: str = ""
    rule: str = ""
    page: int | None = None
    boxes: tuple[tuple[float, ...], ...] = ()
    cell: str = ""
    element: str = ""
    verified: float | None = None
    likelihood: float | None = None

    @property
    def proves(self) -> bool:
        """Whether words of the document's text say the value."""
        return self.kind != "seen"

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object; words and rule only where they say more than the quote, page and boxes if known."""
        out: dict[str, Any] = {
            "quote": self.quote, "start": self.start, "end": self.end,
            "kind": self.kind, "score": _rounded(self.score), "chunk": self.chunk,
        }  # fmt: skip
        if self.words and self.words != self.quote:
            out["words"] = self.words
        if self.rule:
            out["rule"] = self.rule
        if self.page is not None:
            out["page"], out["boxes"] = self.page, [list(box) for box in self.boxes]
        if self.cell:
            out["cell"] = self.cell
        if self.element:
            out["element"] = self.element
        if self.verified is not None:
            out["verified"] = round(self.verified, 4)
        if self.likelihood is not None:
            out["likelihood"] = round(self.likelihood, 4)
        return out


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the endpoint counted them, summed over a document's requests. ``cached_tokens`` are input tokens that
    the provider's own prompt cache held, ``reasoning_tokens`` output tokens that the model only thought.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cached_tokens + other.cached_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
        )

    def __sub__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens - other.input_tokens,
            self.output_tokens - other.output_tokens,
            self.cached_tokens - other.cached_tokens,
            self.reasoning_tokens - other.reasoning_tokens,
        )

    @property
    def total_tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens

    def to_json(self) -> dict[str, int]:
        """Return {input_tokens, output_tokens, cached_tokens}, and reasoning_tokens where there are any."""
        out = {
            "input_tokens": self.input_tokens, "output_tokens": self.output_tokens, "cached_tokens": self.cached_tokens,
        }  # fmt: skip
        return {**out, "reasoning_tokens": self.reasoning_tokens} if self.reasoning_tokens else out


@dataclass(frozen=True, slots=True)
class ModelShare:
    """What one of several models did for a document.

    ``fallback`` is its place: 0 for the model itself, 1 for its first fallback, and so on. ``answers`` counts those
    that the record was made of, ``requests`` all that were asked for; ``usage`` is what these cost.
    """

    fallback: int
    model: str
    mode: str
    answers: int = 0
    requests: int = 0
    usage: Usage = Usage()

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object, its members in this order."""
        return {
            "fallback": self.fallback, "model": self.model, "mode": self.mode, "answers": self.answers,
            "requests": self.requests, "usage": self.usage.to_json(),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """What was found for an invalid record: plain JSON values in the form of ``data`` that the schema does not accept.

    A field that must have a value and has none is null in it. ``evidence`` and ``confidence`` are as in a record.
    """

    data: Any
    evidence: dict[str, Evidence | None]
    confidence: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object, its members in this order."""
        return {"data": self.data, **_proofs_to_json(self.evidence, self.confidence)}


def _proofs_to_json(evidence: dict[str, Evidence | None], confidence: dict[str, float]) -> dict[str, Any]:
    return {
        "evidence": {path: None if proof is None else proof.to_json() for path, proof in evidence.items()},
        "confidence": {path: _rounded(number) for path, number in confidence.items()},
    }


@dataclass(frozen=True, slots=True)
class Record(Generic[T]):
    """One document's outcome. ``data`` is an instance of the user's class, None where there is none to give.

    ``evidence`` maps the JSON pointer of every leaf of ``data`` to its proof, or to None where the leaf is unproven;
    ``confidence`` maps the same pointers to a number in [0, 1] (not a probability until calibrated on gold).
    ``model`` gave the answer that ``data`` was made of, in ``mode``; ``models`` has the share of each model that
    answered, where a fallback was asked, and is empty where none was.
    ``seconds`` is what the endpoint took for the answers, ``attempts`` how many requests went to it, re-asks included.
    ``draft`` is what was found for an invalid record.
    """

    id: str
    source: str | None
    status: Status
    data: T | None = None
    issues: tuple[Issue, ...] = ()
    evidence: dict[str, Evidence | None] = field(default_factory=dict)
    confidence: dict[str, float] = field(default_factory=dict)
    model: str = ""
    mode: str = ""
    keys: tuple[str, ...] = ()
    schema: str = ""
    prompt: str = ""
    usage: Usage = Usage()
    seconds: float = 0.0
    attempts: int = 0
    models: tuple[ModelShare, ...] = ()
    draft: RecordDraft | None = None

    @property
    def rows(self) -> tuple[Record[Any], ...]:
        """The records that are written for the document: this one, or where it holds several, those."""
        return (self,)

    @property
    def data_class(self) -> type[BaseModel] | None:
        """The class of ``data``, None where there is none."""
        return None if self.data is None else type(self.data)

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values, keys in a fixed order, data dumped by the user's class.

        ``models`` is left out where no fallback was asked, ``draft`` where the record is valid or nothing was found.
        """
        issues, evidence, confidence = self.issues, self.evidence, self.confidence
        if (named := _pointers_as_dumped(self.data)) is not None:
            issues = tuple(replace(issue, path=named(issue.path)) for issue in issues)
            evidence = {named(path): proof for path, proof in evidence.items()}
            confidence = {named(path): number for path, number in confidence.items()}
        several = {"models": [share.to_json() for share in self.models]} if self.models else {}
        return {
            "id": self.id,
            "source": self.source,
            "status": self.status,
            "data": None if self.data is None else self.data.model_dump(mode="json"),
            "issues": [issue.to_json() for issue in issues],
            **_proofs_to_json(evidence, confidence),
            "model": self.model,
            "mode": self.mode,
            "keys": list(self.keys),
            "schema": self.schema,
            "prompt": self.prompt,
            "usage": self.usage.to_json(),
            "seconds": round(self.seconds, 3),
            "attempts": self.attempts,
            **several,
            **({"draft": self.draft.to_json()} if self.draft else {}),
        }


@dataclass(frozen=True, slots=True)
class SeveralRecords(Record[T]):
    """The outcome of a document that holds several records, which are its ``parts``; as a whole it has their data too.

    A run counts it as one document; what is written, or yielded to a caller, are its rows.
    """

    parts: tuple[Record[Any], ...] = ()

    @property
    def rows(self) -> tuple[Record[Any], ...]:
        """The records that are written for the document."""
        return self.parts


def data_or_draft(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of a record's JSON form that has its data and their proof: the draft of one that is invalid."""
    draft = row.get("draft")
    return draft if row.get("data") is None and isinstance(draft, Mapping) else row


def row_id(document_id: str, number: int) -> str:
    """Return the id of record ``number``, counted from 1, of a document."""
    return f"{document_id}#{number}"


def document_of(record_id: str) -> str:
    """Return the id of the document that a record is of, which has a number where the document holds several.

    >>> document_of("inbox/scan.txt#12"), document_of("inbox/scan.txt")
    ('inbox/scan.txt', 'inbox/scan.txt')
    """
    head, sign, number = record_id.rpartition("#")
    return head if sign and number.isdecimal() else record_id


def _pointers_as_dumped(data: BaseModel | None) -> Callable[[str], str] | None:
    """Return what makes of a pointer to a field by its name the pointer into ``data`` as its class dumps it.

    The two differ where a class dumps by alias (``serialize_by_alias``); None for any other.
    """
    if data is None or not _dumps_aliases(type(data)):
        return None
    return lambda pointer: json_pointer.from_parts(_parts_as_dumped(data, json_pointer.to_parts(pointer)))


def dumped_name(model: Any, name: str) -> str:
    """Return the name under which the class ``model`` dumps its field ``name``; for what is no such class, ``name``."""
    if not (isinstance(model, type) and issubclass(model, BaseModel) and model.model_config.get("serialize_by_alias")):
        return name
    info = model.model_fields.get(name)
    return (info.serialization_alias if info else None) or name


def _parts_as_dumped(place: Any, parts: Sequence[str]) -> list[str]:
    shown: list[str] = []
    for part in parts:
        name = part
        if isinstance(place, BaseModel):
            name = dumped_name(type(place), part)
            place = getattr(place, part, None)
        elif isinstance(place, dict):
            place = place.get(part)
        elif isinstance(place, list | tuple):
            place = place[int(part)] if part.isdecimal() and int(part) < len(place) else None
        shown.append(name)
    return shown


@lru_cache(maxsize=64)
def _dumps_aliases(model: type[BaseModel]) -> bool:
    """Whether ``model``, or a class within it, dumps its fields by alias."""
    todo: list[Any] = [model]
    seen: set[int] = set()
    while todo:
        kind = todo.pop()
        if id(kind) in seen:
            continue
        seen.add(id(kind))
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            todo += get_args(kind)
        elif kind.model_config.get("serialize_by_alias"):
            return True
        else:
            todo += [info.annotation for info in kind.model_fields.values()]
    return False
