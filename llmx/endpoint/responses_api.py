"""OpenAI's Responses API, said in terms of its Chat Completions: requests both ways, and answers.

The newest models want it: some take no chat completions at all, others no function calls there while they reason. The
two say nearly the same in other words, so everything but this module knows chat completions alone. The forms are those
of ``openai.types.responses`` (openai 3.3.0), and a test holds requests and answers to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmx.errors import EndpointError, RateLimitError, RequestError, ServerError
from llmx.request import RESPONSES_LIMIT, TOKEN_LIMITS

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]

_LOGPROBS = "message.output_text.logprobs"
_PASSING = frozenset({"server_error", "vector_store_timeout"})
_FINISH = {"max_output_tokens": "length", "content_filter": "content_filter"}


def is_responses(body: Mapping[str, Any]) -> bool:
    """Return whether ``body`` is a request to the Responses API."""
    return "input" in body


def as_responses(body: Json) -> Json:
    """Return a chat completion's request as one to the Responses API; ``body`` itself where it is one already.

    Nothing is left out: what the API does not know goes along, and the server refuses it. ``store`` is false unless it
    is given: OpenAI would else keep what documents say for a month.

    >>> as_responses({"model": "m", "messages": [], "max_tokens": 9, "reasoning_effort": "low"})
    {'model': 'm', 'input': [], 'max_output_tokens': 9, 'reasoning': {'effort': 'low'}, 'store': False}
    """
    if "messages" not in body:
        return body
    out: Json = {}
    for name, value in body.items():
        if name == "messages":
            out["input"] = [_with_parts(message, _input_part) for message in value]
        elif name in TOKEN_LIMITS:
            out[RESPONSES_LIMIT] = value
        elif name == "tools":
            out["tools"] = [{"type": "function", "strict": False, **tool["function"]} for tool in value]
        elif name == "tool_choice" and isinstance(value, dict):
            out["tool_choice"] = {"type": "function", "name": value["function"]["name"]}
        elif name == "response_format":
            form = {"type": value["type"], **value.get("json_schema", {})}
            out["text"] = {**body.get("text", {}), "format": form}
        elif name == "reasoning_effort":
            out["reasoning"] = {**body.get("reasoning", {}), "effort": value}
        elif name == "logprobs":
            out["include"] = [*body.get("include", ()), *([_LOGPROBS] if value else ())]
        elif name != "input":  # of the request that messages are asked again for
            out.setdefault(name, value)
    return {**out, "store": out.get("store", False)}


def as_chat(body: Json) -> Json:
    """Return a request to the Responses API as a chat completion's; ``body`` itself where it is one already.

    It undoes what ``as_responses`` did. Where ``body`` has messages beside its input, they replace it.
    """
    if not is_responses(body):
        return body
    messages = body.get("messages") or [_with_parts(item, _chat_part) for item in body["input"]]
    out: Json = {"model": body.get("model", ""), "messages": messages}
    for name, value in body.items():
        if name == RESPONSES_LIMIT:
            out[TOKEN_LIMITS[1]] = value
        elif name == "tools":
            out["tools"] = [{"type": "function", "function": _chat_function(tool)} for tool in value]
        elif name == "tool_choice" and isinstance(value, dict):
            out["tool_choice"] = {"type": "function", "function": {"name": value["name"]}}
        elif name == "text":
            out |= _chat_text(value)
        elif name == "reasoning":
            out |= _chat_reasoning(value)
        elif name == "include":
            rest = [each for each in value if each != _LOGPROBS]
            out |= {**({"include": rest} if rest else {}), **({"logprobs": True} if rest != value else {})}
        elif name != "input" and (name, value) != ("store", False):
            out.setdefault(name, value)
    return out


def _chat_function(tool: Json) -> Json:
    return {key: value for key, value in tool.items() if key != "type" and (key, value) != ("strict", False)}


def _chat_text(text: Json) -> Json:
    form = text.get("format")
    rest = {key: value for key, value in text.items() if key != "format"}
    out: Json = {"text": rest} if rest else {}
    if form is not None:
        schema = {key: value for key, value in form.items() if key != "type"}
        out["response_format"] = {"type": form["type"], **({"json_schema": schema} if schema else {})}
    return out


def _chat_reasoning(reasoning: Json) -> Json:
    rest = {key: value for key, value in reasoning.items() if key != "effort"}
    effort = {"reasoning_effort": reasoning["effort"]} if "effort" in reasoning else {}
    return {**effort, **({"reasoning": rest} if rest else {})}


def _with_parts(message: Json, change: Any) -> Json:
    """Return ``message`` with the parts of its content changed; content that is one text stays."""
    content = message.get("content")
    if not isinstance(content, list):
        return message
    return {**message, "content": [change(part, str(message.get("role"))) for part in content]}


def _input_part(part: Json, role: str) -> Json:
    if part.get("type") == "text":
        return {**part, "type": "output_text" if role == "assistant" else "input_text"}
    if part.get("type") == "image_url":
        image = part["image_url"]
        return {"type": "input_image", "image_url": image["url"], "detail": image.get("detail", "auto")}
    return part


def _chat_part(part: Json, _: str) -> Json:
    if part.get("type") in {"input_text", "output_text"}:
        return {**part, "type": "text"}
    if part.get("type") == "input_image":
        return {"type": "image_url", "image_url": {"url": part["image_url"], "detail": part.get("detail", "auto")}}
    return part


def is_answer(payload: Mapping[str, Any]) -> bool:
    """Return whether ``payload`` is an answer of the Responses API."""
    return payload.get("object") == "response" or isinstance(payload.get("output"), list)


def as_completion(payload: Json) -> Json:
    """Return an answer of the Responses API as a chat completion.

    One that was cut by its limit, in which reasoning counts, or by a filter ends so. Raises RateLimitError, ServerError
    or RequestError where it failed, as its error says.
    """
    status = payload.get("status", "completed")
    if payload.get("error") or status not in {"completed", "incomplete"}:
        raise _failure(payload, str(status))
    output = [item for item in payload.get("output") or () if isinstance(item, dict)]
    parts = [part for item in output if item.get("type") == "message" for part in item.get("content") or ()]
    texts = [part for part in parts if part.get("type") == "output_text"]
    calls = [{"type": "function", "function": item} for item in output if item.get("type") == "function_call"]
    refusal = "".join(str(part.get("refusal") or "") for part in parts if part.get("type") == "refusal")
    reason = str((payload.get("incomplete_details") or {}).get("reason"))
    finish = _FINISH.get(reason, "length") if status == "incomplete" else "stop"
    message = {"content": "".join(str(part.get("text") or "") for part in texts) or None, "tool_calls": calls}
    logprobs = [pair for part in texts for pair in part.get("logprobs") or ()]
    choice = {
        "message": {**message, "refusal": refusal or None}, "finish_reason": finish,
        "logprobs": {"content": logprobs} if logprobs else None,
    }  # fmt: skip
    return {"model": payload.get("model"), "choices": [choice], "usage": _usage(payload.get("usage"))}


def _usage(usage: Any) -> Json:
    counts: Json = usage if isinstance(usage, dict) else {}
    return {
        "prompt_tokens": counts.get("input_tokens"),
        "completion_tokens": counts.get("output_tokens"),
        "prompt_tokens_details": counts.get("input_tokens_details"),
        "completion_tokens_details": counts.get("output_tokens_details"),
    }


def _failure(payload: Json, status: str) -> EndpointError:
    error = payload.get("error")
    told: Json = error if isinstance(error, dict) else {}
    code, reason = str(told.get("code") or ""), str(told.get("message") or f"its status is {status!r}")
    message = f"the response failed: {reason}"
    if code == "rate_limit_exceeded":
        return RateLimitError(message, hint="Lower --concurrency, or set --rpm or --tpm.", status=200)
    if not code or code in _PASSING:
        return ServerError(message, status=200)
    return RequestError(message, hint="The endpoint will not accept this request however often it is sent.", status=400)
