"""Explains why a cassette has no answer: which recorded request is nearest, and what differs."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import orjson

from llmx.endpoint.exchange import read_exchange, redacted_request
from llmx.errors import CassetteError

if TYPE_CHECKING:
    from llmx.endpoint.cassette import Cassette
    from llmx.request import Request

_MOST_COMPARED = 2000  # exchanges
_COMPARED_CHARS = 4000  # of each request's messages
_DIFF_LINES = 24
_LINE_CHARS = 160


def miss(cassette: Cassette, request: Request) -> CassetteError:
    """Return the error for a ``request`` that ``cassette`` does not hold, with the nearest one and a small diff."""
    wanted = redacted_request(request, cassette.redactor)
    paths = cassette.paths()
    message = f"the cassette {cassette.folder} has no answer for the request {wanted.key[:16]} ({len(paths)} recorded)"
    hint = "Record it: the same command with --record instead of --replay, against the endpoint."
    near = _nearest(cassette, wanted)
    if near is None:
        return CassetteError(message, hint=hint)
    name, found = near
    diff = "\n  ".join(_diff(found, wanted, name))
    return CassetteError(f"{message}; the nearest is {name}, which differs:\n  {diff}", hint=hint)


def _nearest(cassette: Cassette, wanted: Request) -> tuple[str, Request] | None:
    """Return name and request of the recorded exchange whose messages are most alike."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only when it fails

    recorded: dict[str, Request] = {}
    for path in cassette.paths()[:_MOST_COMPARED]:
        try:
            recorded[path.name] = read_exchange(path).request
        except CassetteError:
            continue  # ``llmx cassette verify`` reports it
    texts = {name: _text(request) for name, request in recorded.items()}
    best = process.extractOne(_text(wanted), texts, scorer=fuzz.ratio)
    return None if best is None else (best[2], recorded[best[2]])


def _text(request: Request) -> str:
    """Return what distinguishes requests: the ends of their messages, where the document is."""
    content = "\n".join(str(message.get("content")) for message in request.messages)
    return content[-_COMPARED_CHARS:]


def _lines(request: Request) -> list[str]:
    """Return a request as lines that can be compared: settings one by one, messages line by line."""
    lines = [f"mode: {request.mode}", f"sample: {request.sample}"]
    for name, value in sorted(request.body.items()):
        if name in {"messages", "input"}:
            continue
        lines += _flat(name, value)
    for message in request.messages:
        content = message.get("content")
        text = content if isinstance(content, str) else orjson.dumps(content).decode()
        lines += [f"{message.get('role')}: {line}" for line in text.splitlines()]
    return lines


def _flat(name: str, value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        return [line for key, inner in value.items() for line in _flat(f"{name}.{key}", inner)]
    return [f"{name}: {orjson.dumps(value).decode()}"]


def _diff(old: Request, new: Request, name: str) -> list[str]:
    lines = list(difflib.unified_diff(_lines(old), _lines(new), f"recorded {name}", "this request", n=0, lineterm=""))
    shown = [line if len(line) <= _LINE_CHARS else line[: _LINE_CHARS - 1] + "…" for line in lines[:_DIFF_LINES]]
    if len(lines) > _DIFF_LINES:
        shown.append(f"… and {len(lines) - _DIFF_LINES} more lines")
    return shown
