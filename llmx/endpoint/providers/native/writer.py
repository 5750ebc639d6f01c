"""Speaks Writer's chat API with writer-sdk.

The tool is built here, because instructor leaves it to the model whether it calls one (``tool_choice`` auto), and so is
the schema of a response format, which is the same as instructor's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import instructor
import orjson
from writerai import AsyncWriter

from llmx.endpoint.providers.native.forms import Tokens, answer_form, chat_completion, extras, sampling
from llmx.endpoint.providers.native.registry import bare_model
from llmx.endpoint.providers.native.transport import Sent, Transport
from llmx.endpoint.providers.native.wire import Call, NotOfferedError
from llmx.endpoint.wire import Response

if TYPE_CHECKING:
    from writerai.types import ChatCompletion

    from llmx.endpoint.providers.route import Access
    from llmx.request import Request

Json = dict[str, Any]

_FINISH = {"length": "length", "content_filter": "content_filter"}
_UNBOUNDED = httpx.Timeout(None)  # AdaptiveTimeout bounds the whole attempt


def open_dialect(access: Access) -> WriterDialect:
    """Return the dialect for ``access``."""
    return WriterDialect(access)


class WriterDialect:
    """A ``Dialect``."""

    def __init__(self, access: Access) -> None:
        carrier: Any = Transport(httpx, access.headers, connect_s=access.connect_s)
        self._http = httpx.AsyncClient(transport=carrier, trust_env=False, follow_redirects=False, timeout=_UNBOUNDED)
        self._sdk = AsyncWriter(
            api_key=access.api_key, base_url=access.base_url, http_client=self._http, timeout=_UNBOUNDED, max_retries=0
        )
        self._client = instructor.from_writer(self._sdk)

    def client(self, mode: str) -> instructor.AsyncInstructor:  # noqa: ARG002 - all modes send by the same
        """Return instructor's client."""
        return self._client

    def call(self, request: Request) -> Call:
        """Return ``request`` as a chat."""
        if "seed" in request.body:
            raise NotOfferedError("seed")
        arguments: Json = {
            "model": bare_model(request.model),
            "messages": request.body["messages"],
            **sampling(request, {"temperature": "temperature"}),
        }
        if request.max_output_tokens:
            arguments["max_tokens"] = request.max_output_tokens
        if added := extras(request):
            arguments["extra_body"] = added
        return Call({**arguments, **_form(request)})

    def completion(self, raw: ChatCompletion) -> Json:
        """Return the chat completion ``raw`` as one of ours; its cached tokens have a name of Writer's own."""
        choice, used = raw.choices[0], raw.usage
        message, calls = choice.message, choice.message.tool_calls
        cached, thought = used and used.prompt_token_details, used and used.completion_tokens_details
        return chat_completion(
            model=raw.model,
            finish=_FINISH.get(str(choice.finish_reason), "stop"),
            text=message.content or "",
            arguments=calls[0].function.arguments if calls else None,
            refusal=message.refusal or "",
            usage=Tokens(
                used.prompt_tokens if used else 0,
                used.completion_tokens if used else 0,
                (cached and cached.cached_tokens) or 0,
                (thought and thought.reasoning_tokens) or 0,
            ),
        )

    def heard(self, sent: Sent) -> Response:
        """Return the answer, an error with the descriptions that Writer gives as its message."""
        told = _descriptions(sent.body) if sent.status >= httpx.codes.BAD_REQUEST else ""
        body = orjson.dumps({"error": {"message": told}}) if told else sent.body
        return Response(sent.status, sent.headers, body)

    async def models(self) -> dict[str, int | None]:
        """Return the names of the models; Writer does not say their context lengths."""
        listed = await self._sdk.models.list()
        return {model.id: None for model in listed.models}

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _descriptions(body: bytes) -> str:
    """Return what an error object (``tpe``, ``errors``, ``extras``) says, '' where ``body`` is none."""
    try:
        errors = orjson.loads(body)["errors"]
        return "; ".join(str(error.get("description") or error.get("key")) for error in errors)
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        return ""


def _form(request: Request) -> Json:
    """Return the parameters that say the answer's form."""
    if request.mode == "text":
        return {}
    if request.mode == "json":
        raise NotOfferedError("mode json (response_format json_object)")
    form = answer_form(request)
    if form.strict:
        raise NotOfferedError("strict schemas")
    if request.mode == "json_schema":
        return {"response_format": {"type": "json_schema", "json_schema": {"schema": form.schema}}}
    function = {"name": form.name, "description": form.description, "parameters": form.schema}
    return {"tools": [{"type": "function", "function": function}], "tool_choice": "required"}
