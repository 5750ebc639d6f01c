"""Reads the bodies of answers that are not plain JSON, as servers and proxies send them now and then.

A byte order mark or UTF-16, bytes that are no UTF-8, NaN and numbers out of bounds, comments that keep a connection
alive, and a stream of events although none was asked for. What is read here is an answer like any other.
"""

from __future__ import annotations

import json
from typing import Any

from llmx.endpoint.lenient_json import LenientDecoder, without_lone_surrogates

_END = "[DONE]"


def read_odd_body(body: bytes) -> Any:
    """Return the JSON value that ``body`` holds, None where it holds none.

    A byte that is no UTF-8 becomes U+FFFD: the value that it stands in will not be found in the document.
    """
    text = without_lone_surrogates(body.decode(json.detect_encoding(body), "replace").removeprefix("\ufeff"))
    try:
        return LenientDecoder().whole(text)
    except ValueError:
        return _from_events(text)


def _from_events(text: str) -> Any:
    """Return the completion that server-sent events make together, or the JSON between comments of such a stream."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(":")]
    events = [line.removeprefix("data:").strip() for line in lines if line.startswith("data:")]
    try:
        if not events:
            return LenientDecoder().whole("\n".join(lines))
        return _joined([LenientDecoder().whole(event) for event in events if event != _END], ended=_END in events)
    except ValueError:
        return None


def _joined(chunks: list[Any], *, ended: bool) -> dict[str, Any] | None:
    """Return the chunks of one streamed answer as the completion that they are parts of.

    None where the stream breaks off: it has not ``ended``, and no chunk says how its choice did.
    """
    message: dict[str, Any] = {}
    whole: dict[str, Any] = {}
    finish = None
    for chunk in chunks:
        if not isinstance(chunk, dict):
            return None
        choices = chunk.get("choices")
        whole |= {name: value for name, value in chunk.items() if name != "choices" and value is not None}
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            continue
        finish = choice.get("finish_reason") or finish
        delta = choice.get("message") or choice.get("delta")
        if isinstance(delta, dict):
            _add(message, delta)
    if whole.get("error") or not (message and (ended or finish)):
        return whole if whole.get("error") else None
    return {**whole, "choices": [{"index": 0, "finish_reason": finish, "message": message}]}


def _add(message: dict[str, Any], delta: dict[str, Any]) -> None:
    """Add what one chunk says to the message: texts are joined, and the arguments of its first call."""
    for name in ("content", "reasoning_content", "reasoning", "refusal"):
        if isinstance(delta.get(name), str):
            message[name] = message.get(name, "") + delta[name]
    calls = delta.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict) and not call.get("index") and isinstance(function.get("arguments"), str):
            held = message.setdefault("tool_calls", [{"function": {"arguments": ""}}])[0]["function"]
            held["arguments"] += function["arguments"]
