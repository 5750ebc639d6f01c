"""The form in which records and the outcomes of requests go from a worker process to its parent: plain values, and few.

Of an answer only what a limiter learns from crosses: its status, what its headers say of quotas, and the tokens.
"""

from __future__ import annotations

import pickle
import re
from typing import TYPE_CHECKING, Any

from llmx.endpoint.wire import Response
from llmx.errors import EndpointError
from llmx.record import Issue, Record, Usage
from llmx.run.finished_records import FinishedRecord, dump_rows
from llmx.run.model_shares import share_values, shares_of

if TYPE_CHECKING:
    from llmx.documents import Document
    from llmx.extraction.plan import Plan

_TOTAL = re.compile(rb'"total_tokens"\s*:\s*\d+')
_MOST_BODY = 20_000  # bytes of a refusal: an error quotes its message
_QUOTA = ("ratelimit", "retry-after")

Packed = tuple[Any, ...]


def packed_record(record: Record[Any]) -> Packed:
    """Return ``record`` with the lines that are written for it, in place of its data."""
    kept = isinstance(record, FinishedRecord)
    line = record.line if isinstance(record, FinishedRecord) else dump_rows(record)
    usage = record.usage
    return (
        line, record.status, [(each.code, each.path, each.message) for each in record.issues], record.model,
        record.mode, record.keys, record.schema, record.prompt,
        (usage.input_tokens, usage.output_tokens, usage.cached_tokens, usage.reasoning_tokens),
        record.seconds, record.attempts, share_values(record.models), kept or record.data is not None,
    )  # fmt: skip


def unpacked_record(document: Document, packed: Packed, plan: Plan) -> FinishedRecord:
    """Return the record of ``document`` in the form in which it is written."""
    line, status, issues, model, mode, keys, schema, prompt, usage, seconds, attempts, shares, has_data = packed
    return FinishedRecord(
        document.id, document.source, status, issues=tuple(Issue(*each) for each in issues), model=model, mode=mode,
        keys=keys, schema=schema, prompt=prompt, usage=Usage(*usage), seconds=seconds, attempts=attempts,
        models=shares_of(shares), line=line, kind=plan.schema.record_model if has_data else None,
    )  # fmt: skip


def packed_outcome(outcome: Response | BaseException) -> Response | EndpointError | None:
    """Return what a limiter learns from how a request ended; None where it was given up."""
    if isinstance(outcome, BaseException):
        return outcome if isinstance(outcome, EndpointError) else None
    if outcome.status != 200:
        return Response(outcome.status, outcome.headers, outcome.body[:_MOST_BODY], outcome.seconds)
    total = _TOTAL.search(outcome.body)
    body = outcome.body.lstrip()[:1] + (total.group() if total else b"")
    told = {name: value for name, value in outcome.headers.items() if any(part in name for part in _QUOTA)}
    return Response(200, told, body, outcome.seconds)


def crossing_error(error: BaseException) -> BaseException:
    """Return ``error``, or where it cannot be pickled one that says the same."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - anything may be wrong with another's class
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
