"""The lines of a batch file in OpenAI's form, which other servers and vLLM's ``run-batch`` read and write, too."""

from __future__ import annotations

from typing import Any

import orjson

from llmx.endpoint.batch.service import BatchLine, LineAnswer
from llmx.endpoint.faults import is_transient

CHAT_URL = "/v1/chat/completions"
RESPONSES_URL = "/v1/responses"

_MOST_CHARS = 300


def url_of(body: dict[str, Any]) -> str:
    """Return the path of the API that ``body`` is a request of."""
    return CHAT_URL if "messages" in body else RESPONSES_URL


def line_bytes(line: BatchLine) -> bytes:
    """Return ``line`` as it stands in a file, with its line end; the body stays as it is, byte for byte."""
    head = orjson.dumps({"custom_id": line.key, "method": "POST", "url": line.url})
    return head[:-1] + b',"body":' + line.body.encode() + b"}\n"


def read_line(line: bytes) -> LineAnswer | None:
    """Return what a line of an output or error file says, None where it is no such line."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(value, dict) or not isinstance(key := value.get("custom_id"), str):
        return None
    told, error = value.get("response"), value.get("error")
    if isinstance(told, dict):
        return answer_of(key, told.get("status_code"), told.get("body"))
    return LineAnswer(key, 0, message=_message(error) or "the line has neither a response nor an error", lost=True)


def answer_of(key: str, status: Any, body: Any) -> LineAnswer:
    """Return what it means that ``body`` came with ``status``: what would pass may be asked again."""
    if not isinstance(status, int) or not isinstance(body, dict):
        return LineAnswer(key, 0, message="the response of the line is no answer", lost=True)
    if is_transient(status):
        said = _message(body.get("error"))
        return LineAnswer(key, status, body, f"it was answered {status}{f': {said}' if said else ''}", lost=True)
    return LineAnswer(key, status, body)


def _message(error: Any) -> str:
    """Return the words of an error object, or of an error that is a text."""
    if isinstance(error, dict):
        said = " ".join(str(error[name]) for name in ("code", "message") if error.get(name))
        return " ".join(said.split())[:_MOST_CHARS]
    return " ".join(str(error).split())[:_MOST_CHARS] if error else ""
