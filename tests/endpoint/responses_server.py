"""A scripted server for tests that keeps to the published form of OpenAI's Responses API.

It is not a model. It holds every request to the types of the openai package, refuses a form that is not theirs, and
makes its answers of the same types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from openai.types.responses import Response
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
from pydantic import TypeAdapter, ValidationError

from tests.fault_server import Received, Step, status

PROBED = json.dumps({"capital_of_france": "QX-7", "proof_code": "R9T"})
_PARAMS: TypeAdapter[Any] = TypeAdapter(ResponseCreateParamsNonStreaming)

USAGE = {
    "input_tokens": 40, "input_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 0},
    "output_tokens": 30, "output_tokens_details": {"reasoning_tokens": 20}, "total_tokens": 70,
}  # fmt: skip


def misfit(body: dict[str, Any]) -> str:
    """Return what is wrong with the form of a request, '' where it is that of the API."""
    unknown = (
        set(body)
        - ResponseCreateParamsNonStreaming.__required_keys__
        - ResponseCreateParamsNonStreaming.__optional_keys__
    )
    if unknown:
        return f"Unknown parameter: {sorted(unknown)}"
    try:
        _consumed(_PARAMS.validate_python(body))
    except ValidationError as error:
        return str(error)
    return ""


def _consumed(value: Any) -> None:
    """Look at every element: pydantic validates an Iterable when it is read."""
    if isinstance(value, dict):
        value = value.values()
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        for each in value:
            _consumed(each)


def response(*output: dict[str, Any], **more: Any) -> Step:
    """Return a step that answers with a response of ``output``; ``more`` replaces its other members."""
    value = {
        "id": "resp_1", "object": "response", "created_at": 1, "model": "scripted-1", "status": "completed",
        "output": [{"id": "rs_1", "type": "reasoning", "summary": []}, *output], "parallel_tool_calls": True,
        "tool_choice": "auto", "tools": [], "error": None, "incomplete_details": None, "usage": USAGE, **more,
    }  # fmt: skip
    Response.model_validate(value)
    return Step(value)


def message(text: str, **more: Any) -> dict[str, Any]:
    """Return an output message that says ``text``."""
    part = {"type": "output_text", "text": text, "annotations": [], **more}
    return {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}


def refusal(text: str) -> dict[str, Any]:
    """Return an output message that refuses."""
    return {**message(""), "content": [{"type": "refusal", "refusal": text}]}


def call(arguments: str, name: str = "Person") -> dict[str, Any]:
    """Return a call of a function."""
    return {
        "id": "fc_1", "type": "function_call", "call_id": "call_1", "name": name, "arguments": arguments,
        "status": "completed",
    }  # fmt: skip


def answering(said: str, *, refuses_chat: str | None = None) -> Callable[[Received], Step]:
    """Return the script of a server that says ``said`` in the form in which it is asked, the probe's question aside.

    ``refuses_chat`` is the message with which it refuses chat completions; None lets it answer nothing else.
    """

    def script(received: Received) -> Step:
        body = received.body
        if not received.path.partition("?")[0].endswith("/responses"):
            return status(404, refuses_chat or "chat completions are not scripted")
        if wrong := misfit(body):
            return status(400, wrong)
        text = PROBED if "capital of France" in str(body["input"]) else said
        if "tools" in body:
            return response(call(text, body["tools"][0]["name"]))
        return response(message(text))

    return script
