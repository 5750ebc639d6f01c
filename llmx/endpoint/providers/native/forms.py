"""What the dialects have in common: the form that a request asks its answer in, and the body of a chat completion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from llmx.endpoint.rewriting import added_members

if TYPE_CHECKING:
    from pydantic import BaseModel

    from llmx.request import Request

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """The schema of the answer that a request asks for, its name and description, and whether it is to be strict."""

    name: str
    description: str
    schema: Json
    strict: bool


def answer_form(request: Request) -> AnswerForm:
    """Return the form of the answer that ``request`` asks for in its mode, tools or json_schema."""
    if request.mode == "tools":
        form, key = request.body["tools"][0]["function"], "parameters"
    else:
        form, key = request.body["response_format"]["json_schema"], "schema"
    return AnswerForm(form["name"], form.get("description", ""), form[key], form.get("strict") is True)


def answer_model(form: AnswerForm) -> type[BaseModel]:
    """Return a model from which instructor builds ``form``, and which takes every answer: we validate them ourselves.

    The same class is returned for the same form, because instructor keeps what it builds for a class.
    """
    return _answer_model(form.name, form.description, orjson.dumps(form.schema))


@lru_cache(maxsize=256)
def _answer_model(name: str, description: str, schema: bytes) -> type[BaseModel]:
    from instructor.v2.core.function_calls import ResponseSchema  # noqa: PLC0415 - heavy
    from pydantic import ConfigDict  # noqa: PLC0415 - only here

    said = {"title": name, **({"description": description} if description else {})}
    built = {**orjson.loads(schema), **said}

    class AnyAnswer(ResponseSchema):
        model_config = ConfigDict(extra="allow")

        @classmethod
        def model_json_schema(cls, *_: Any, **__: Any) -> Json:
            return dict(built)  # instructor adds to it

    AnyAnswer.__name__ = AnyAnswer.__qualname__ = name
    AnyAnswer.__doc__ = description
    return AnyAnswer


def sampling(request: Request, names: dict[str, str]) -> Json:
    """Return the parameters of ``request`` that steer the sampling, by the provider's ``names`` for them."""
    return {theirs: request.body[ours] for ours, theirs in names.items() if ours in request.body}


def extras(request: Request, read: tuple[str, ...] = ()) -> Json:
    """Return what the user added to the body of ``request``, without the members that the dialect has ``read``."""
    return {name: value for name, value in added_members(request.body).items() if name not in read}


def with_parts(messages: list[Json], change: Callable[[Json], Any]) -> list[Json]:
    """Return ``messages`` with each part of a content that has several changed; contents of one text stay."""
    return [
        {**message, "content": [change(part) for part in message["content"]]}
        if isinstance(message.get("content"), list)
        else message
        for message in messages
    ]


@dataclass(frozen=True, slots=True)
class Tokens:
    """How many tokens an answer took: ``given`` with the ``cached`` ones, ``written`` with the ``thoughts``."""

    given: int
    written: int
    cached: int = 0
    thoughts: int = 0


def chat_completion(
    *, model: str, finish: str, usage: Tokens, text: str = "", arguments: Any = None, refusal: str = ""
) -> Json:
    """Return the body of a chat completion. ``arguments`` are those of a tool call, None where none was made.

    ``finish`` is one of stop, length, content_filter and refusal.
    """
    message: Json = {"role": "assistant", "content": text or None}
    if arguments is not None:
        said = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
        message["tool_calls"] = [{"type": "function", "function": {"arguments": said}}]
    if refusal:
        message["refusal"] = refusal
    return {
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": usage.given,
            "completion_tokens": usage.written,
            "prompt_tokens_details": {"cached_tokens": usage.cached},
            **({"completion_tokens_details": {"reasoning_tokens": usage.thoughts}} if usage.thoughts else {}),
        },
    }
