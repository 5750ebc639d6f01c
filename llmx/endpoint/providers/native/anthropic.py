"""Speaks Anthropic's Messages API with its own SDK.

Function calling is instructor's form; a strict tool and the native JSON schema (``output_config``) are built here,
because instructor knows only the parameter that the SDK had for them before. There is no mode for some JSON object,
and since version 2026-10-21 the API takes no temperature.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anthropic
import httpx2
import instructor

from llmx.endpoint.pictures import split_data_url
from llmx.endpoint.providers.native.forms import (
    AnswerForm,
    Tokens,
    answer_form,
    answer_model,
    chat_completion,
    extras,
    with_parts,
)
from llmx.endpoint.providers.native.registry import bare_model
from llmx.endpoint.providers.native.transport import Sent, Transport
from llmx.endpoint.providers.native.wire import Call, NotOfferedError
from llmx.endpoint.wire import Response

if TYPE_CHECKING:
    from anthropic.types import Message

    from llmx.endpoint.providers.route import Access
    from llmx.request import Request

Json = dict[str, Any]

_MOST_TOKENS = 4096
"""The API insists on a limit; a request without one gets instructor's."""

_FINISH = {"max_tokens": "length", "model_context_window_exceeded": "length", "refusal": "refusal"}
_QUOTA = "anthropic-ratelimit-"


def open_dialect(access: Access) -> AnthropicDialect:
    """Return the dialect for ``access``. Without a key the SDK looks for its own credentials."""
    return AnthropicDialect(access)


class AnthropicDialect:
    """A ``Dialect``."""

    def __init__(self, access: Access) -> None:
        carrier: Any = Transport(httpx2, access.headers, connect_s=access.connect_s)
        self._http = httpx2.AsyncClient(transport=carrier, trust_env=False, follow_redirects=False)
        self._sdk = anthropic.AsyncAnthropic(
            api_key=access.api_key, base_url=access.base_url, http_client=self._http, max_retries=0,
            timeout=httpx2.Timeout(None),
        )  # fmt: skip
        self._client = instructor.from_anthropic(self._sdk)

    def client(self, mode: str) -> instructor.AsyncInstructor:  # noqa: ARG002 - all modes send by the same
        """Return instructor's client."""
        return self._client

    def call(self, request: Request) -> Call:
        """Return ``request`` as a message to create."""
        for name in ("temperature", "seed"):
            if name in request.body:
                raise NotOfferedError(name)
        arguments: Json = {
            "model": bare_model(request.model),
            "messages": with_parts(request.body["messages"], _part),
            "max_tokens": request.max_output_tokens or _MOST_TOKENS,
        }
        effort = {"effort": request.body["reasoning_effort"]} if "reasoning_effort" in request.body else {}
        if effort:
            arguments["output_config"] = effort
        if added := extras(request, ("reasoning_effort",)):
            arguments["extra_body"] = added
        if request.mode == "json":
            raise NotOfferedError("mode json (response_format json_object)")
        if request.mode == "text":
            return Call(arguments)
        form = answer_form(request)
        if request.mode == "json_schema":
            schema = anthropic.transform_schema(form.schema)
            arguments["output_config"] = {**effort, "format": {"type": "json_schema", "schema": schema}}
            return Call(arguments)
        if form.strict:
            return Call({**arguments, **_strict_tool(form)})
        return Call(arguments, answer=answer_model(form))

    def completion(self, raw: Message) -> Json:
        """Return the message ``raw`` as a chat completion."""
        finish = _FINISH.get(str(raw.stop_reason), "stop")
        text = "".join(block.text for block in raw.content if block.type == "text")
        called = next((block.input for block in raw.content if block.type == "tool_use"), None)
        cached, written = raw.usage.cache_read_input_tokens or 0, raw.usage.cache_creation_input_tokens or 0
        return chat_completion(
            model=raw.model,
            finish=finish,
            text=text,
            arguments=called,
            refusal=_refusal(raw, text) if finish == "refusal" else "",
            usage=Tokens(raw.usage.input_tokens + cached + written, raw.usage.output_tokens, cached, _thoughts(raw)),
        )

    def heard(self, sent: Sent) -> Response:
        """Return the answer with its rate limits under the names that the limiter reads and a cassette keeps."""
        headers: dict[str, str] = {}
        for name, value in sent.headers.items():
            kind, _, what = name.removeprefix(_QUOTA).rpartition("-")  # requests-remaining
            headers[f"x-ratelimit-{what}-{kind}" if name.startswith(_QUOTA) else name] = value
        return Response(sent.status, headers, sent.body)

    async def models(self) -> dict[str, int | None]:
        """Return the names of the models, each with its context length."""
        return {model.id: model.max_input_tokens async for model in self._sdk.models.list(limit=1000)}

    async def aclose(self) -> None:
        """Close the connections."""
        await self._sdk.close()
        await self._http.aclose()


def _part(part: Json) -> Json:
    """Return a part of a content in Anthropic's form."""
    if part.get("type") != "image_url":
        return part
    media_type, data = split_data_url(part["image_url"]["url"])
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}


def _refusal(raw: Message, text: str) -> str:
    told = None if raw.stop_details is None else raw.stop_details.explanation or raw.stop_details.category
    return text or told or "the model refuses to answer (stop_reason refusal)"


def _thoughts(raw: Message) -> int:
    details = raw.usage.output_tokens_details
    return 0 if details is None else details.thinking_tokens or 0


def _strict_tool(form: AnswerForm) -> Json:
    tool = {"name": form.name, "description": form.description, "input_schema": form.schema, "strict": True}
    return {
        "tools": [tool],
        "tool_choice": {"type": "tool", "name": form.name, "disable_parallel_tool_use": True},
    }
