"""Speaks Mistral's chat API with mistralai.

Function calling is instructor's form. A strict function and the JSON schema of a response format are built here:
instructor asks for neither the one nor, with a schema as it is, the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import instructor
import orjson
from mistralai.client import Mistral
from mistralai.client.models import UnknownModelListData

from llmx.endpoint.providers.native.forms import (
    AnswerForm,
    Tokens,
    answer_form,
    answer_model,
    chat_completion,
    extras,
    sampling,
)
from llmx.endpoint.providers.native.registry import bare_model
from llmx.endpoint.providers.native.transport import Sent, Transport
from llmx.endpoint.providers.native.wire import Call
from llmx.endpoint.wire import Response

if TYPE_CHECKING:
    from mistralai.client.models import ChatCompletionResponse

    from llmx.endpoint.providers.route import Access
    from llmx.request import Request

Json = dict[str, Any]

_FINISH = {"length": "length", "model_length": "length", "error": "error"}
_WINDOW_S = "60"
_HEADERS = {
    "x-ratelimit-limit-req-minute": "x-ratelimit-limit-requests",
    "x-ratelimit-remaining-req-minute": "x-ratelimit-remaining-requests",
    "x-ratelimit-limit-tokens-minute": "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-tokens-minute": "x-ratelimit-remaining-tokens",
}
"""Mistral's allowances are those of a minute, and it does not say when that ends: at most _WINDOW_S from now."""


def open_dialect(access: Access) -> MistralDialect:
    """Return the dialect for ``access``."""
    return MistralDialect(access)


class MistralDialect:
    """A ``Dialect``."""

    def __init__(self, access: Access) -> None:
        if access.api_key is None and access.base_url is None:
            raise ValueError("no API key is set")  # the SDK would ask without one
        carrier: Any = Transport(httpx2, access.headers, connect_s=access.connect_s)
        self._http = httpx2.AsyncClient(transport=carrier, trust_env=False, follow_redirects=False, timeout=None)
        # without a retry configuration it sends once
        self._sdk = Mistral(api_key=access.api_key, server_url=access.base_url, async_client=self._http)
        self._client = instructor.from_mistral(self._sdk, use_async=True)

    def client(self, mode: str) -> instructor.AsyncInstructor:  # noqa: ARG002 - all modes send by the same
        """Return instructor's client."""
        return self._client

    def call(self, request: Request) -> Call:
        """Return ``request`` as a chat to complete."""
        arguments: Json = {
            "model": bare_model(request.model),
            "messages": request.body["messages"],
            **sampling(request, {"temperature": "temperature", "seed": "random_seed"}),
            **extras(request),
        }
        if request.max_output_tokens:
            arguments["max_tokens"] = request.max_output_tokens
        if request.mode == "text":
            return Call(arguments)
        if request.mode == "json":
            return Call({**arguments, "response_format": {"type": "json_object"}})
        form = answer_form(request)
        if request.mode == "json_schema":
            schema = {"name": form.name, "schema": form.schema, "strict": form.strict}
            return Call({**arguments, "response_format": {"type": "json_schema", "json_schema": schema}})
        if form.strict:
            return Call({**arguments, **_strict_tool(form)})
        return Call(arguments, answer=answer_model(form))

    def completion(self, raw: ChatCompletionResponse) -> Json:
        """Return the response ``raw`` as a chat completion."""
        choice = raw.choices[0]
        message, used = choice.message, raw.usage
        calls = (message and message.tool_calls) or None
        given = (used.additional_properties or {}).get("prompt_tokens_details") or {}
        out = (used.additional_properties or {}).get("completion_tokens_details") or {}
        return chat_completion(
            model=raw.model,
            finish=_FINISH.get(str(choice.finish_reason), "stop"),
            text=_text(message.content) if message else "",
            arguments=calls[0].function.arguments if calls else None,
            usage=Tokens(
                used.prompt_tokens or 0,
                used.completion_tokens or 0,
                int(given.get("cached_tokens") or 0),
                int(out.get("reasoning_tokens") or 0),
            ),
        )

    def heard(self, sent: Sent) -> Response:
        """Return the answer: its rate limits under the names that the limiter reads, an unknown model as a 404."""
        headers = {_HEADERS.get(name, name): value for name, value in sent.headers.items()}
        for kind in ("requests", "tokens"):
            if f"x-ratelimit-remaining-{kind}" in headers:
                headers.setdefault(f"x-ratelimit-reset-{kind}", _WINDOW_S)
        unknown = sent.status == 400 and _kind(sent.body) == "invalid_model"
        return Response(404 if unknown else sent.status, headers, sent.body)

    async def models(self) -> dict[str, int | None]:
        """Return the names of the models, each with its context length."""
        listed = await self._sdk.models.list_async()
        known = (model for model in listed.data or () if not isinstance(model, UnknownModelListData))
        return {model.id: model.max_context_length for model in known}

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(getattr(chunk, "text", None) or "" for chunk in content or ())


def _kind(body: bytes) -> str:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    return str(told.get("type")) if isinstance(told, dict) else ""


def _strict_tool(form: AnswerForm) -> Json:
    function = {"name": form.name, "description": form.description, "parameters": form.schema, "strict": True}
    return {"tools": [{"type": "function", "function": function}], "tool_choice": "any"}
