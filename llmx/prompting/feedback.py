"""Words the question that follows an invalid answer.

Only the faulty values and their errors are quoted: the whole answer would double the tokens, and its sound parts invite
copying instead of reading. The words are appended to the last user message, so that the prefix (instructions, sketch,
document) stays the same and is found in the server's prompt cache, and so that roles alternate, which many chat
templates demand. Why instructor's messages are not used: docs/decisions/instructor.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson

from llmx import json_pointer
from llmx.dataclass import dataclass

if TYPE_CHECKING:
    from pydantic import ValidationError

_MOST_FAULTS = 20  # more do not help: the model starts anew anyway
_QUOTE_CHARS = 160
_NOTHING = object()

_HEAD = {
    "tools": "Your last call of the function was refused:",
    "json_schema": "Your last answer was refused:",
    "json": "Your last answer was refused:",
    "text": "Your last answer was refused:",
}
_TAIL = {
    "tools": "Call the function once more with all fields. Correct these values by the document, keep what was right.",
    "json_schema": "Give the whole answer once more. Correct these values by the document, keep what was right.",
    "json": "Give the whole JSON object once more. Correct these values by the document, keep what was right.",
    "text": "Give the whole JSON object once more and nothing else. Correct these values by the document, keep what was"
    " right.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What was wrong at one place of an answer. ``path`` is a JSON pointer; ``quote`` the value as JSON, cut, or ''.
    ``essential``: without this there is no record.
    """

    path: str
    message: str
    quote: str = ""
    essential: bool = False

    @classmethod
    def at(cls, path: str, message: str, value: Any = _NOTHING, *, essential: bool = False) -> Fault:
        """Return a fault that quotes ``value`` when that is short: a string or number, not a part of the answer."""
        if value is _NOTHING or isinstance(value, dict | list | tuple):
            return cls(path, message, essential=essential)
        try:
            quote = orjson.dumps(value).decode()
        except TypeError:
            quote = repr(value)
        quote = quote if len(quote) <= _QUOTE_CHARS else quote[: _QUOTE_CHARS - 1] + "…"
        return cls(path, message, quote, essential)


def faults_of(error: ValidationError) -> list[Fault]:
    """Return pydantic's errors as faults, in its order."""
    return [
        Fault.at(json_pointer.from_parts(e["loc"]), e["msg"], _NOTHING if e["type"] == "missing" else e["input"])
        for e in error.errors(include_url=False, include_context=False)
    ]


def reask(messages: Sequence[dict[str, Any]], faults: Sequence[Fault], mode: str) -> list[dict[str, Any]]:
    r"""Return ``messages`` with the question appended that tells ``faults`` and asks for the whole answer once more.

    ``messages`` itself is not changed; each re-ask starts from the first request's messages.

    >>> question = reask([{"role": "user", "content": "Who?"}], [Fault("/age", "not a number", '"ten"')], "tools")
    >>> question[0]["content"][:92]
    'Who?\n\nYour last call of the function was refused:\n- /age: not a number (you gave "ten")\nCall'
    """
    lines = [_HEAD.get(mode, _HEAD["text"])]
    for fault in faults[:_MOST_FAULTS]:
        given = f" (you gave {fault.quote})" if fault.quote else ""
        lines.append(f"- {fault.path or 'the answer'}: {fault.message}{given}")
    if len(faults) > _MOST_FAULTS:
        lines.append(f"- and {len(faults) - _MOST_FAULTS} more")
    words = "\n".join([*lines, _TAIL.get(mode, _TAIL["text"])])
    *before, last = messages
    if last.get("role") != "user":
        return [*messages, {"role": "user", "content": words}]
    content = last.get("content") or ""
    joined = [*content, {"type": "text", "text": words}] if isinstance(content, list) else f"{content}\n\n{words}"
    return [*before, {**last, "content": joined}]
