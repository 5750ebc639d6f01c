"""Speaks Cohere's chat API, version 2, with cohere.

Tools and schemas are built here, as the API publishes them: instructor writes the schema into the messages where tools
are asked for, and names the member for a schema as version 1 did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cohere
import httpx
import instructor

from llmx.endpoint.providers.native.forms import Tokens, answer_form, chat_completion, extras, sampling
from llmx.endpoint.providers.native.registry import bare_model
from llmx.endpoint.providers.native.transport import Sent, Transport
from llmx.endpoint.providers.native.wire import Call, NotOfferedError
from llmx.endpoint.wire import Response

if TYPE_CHECKING:
    from cohere import V2ChatResponse

    from llmx.endpoint.providers.route import Access
    from llmx.request import Request

Json = dict[str, Any]

_FINISH = {"MAX_TOKENS": "length", "ERROR": "error", "TIMEOUT": "error", "ERROR_TOXIC": "content_filter"}
_WINDOW_S = "60"
_HEADERS = {
    "x-trial-endpoint-call-limit": "x-ratelimit-limit-requests",
    "x-trial-endpoint-call-remaining": "x-ratelimit-remaining-requests",
}
"""A trial key's allowance is that of a minute, and Cohere does not say when that ends: at most _WINDOW_S from now."""

_STATUS = {498: 401, 499: 408}
"""498 is a token that is not valid, 499 a request that was given up on the way."""


_UNBOUNDED = httpx.Timeout(None)  # AdaptiveTimeout bounds the whole attempt


def open_dialect(access: Access) -> CohereDialect:
    """Return the dialect for ``access``."""
    return CohereDialect(access)


class CohereDialect:
    """A ``Dialect``."""

    def __init__(self, access: Access) -> None:
        carrier: Any = Transport(httpx, access.headers, connect_s=access.connect_s)
        self._http = httpx.AsyncClient(transport=carrier, trust_env=False, follow_redirects=False, timeout=_UNBOUNDED)
        root: Json = {"base_url": access.base_url} if access.base_url else {}
        self._sdk = cohere.AsyncClientV2(
            api_key=access.api_key, httpx_client=self._http, max_retries=0, log_warning_experimental_features=False,
            **root,
        )  # fmt: skip
        self._client = instructor.from_cohere(self._sdk)

    def client(self, mode: str) -> instructor.AsyncInstructor:  # noqa: ARG002 - all modes send by the same
        """Return instructor's client."""
        return self._client

    def call(self, request: Request) -> Call:
        """Return ``request`` as a chat."""
        arguments: Json = {
            "model": bare_model(request.model),
            "messages": request.body["messages"],
            **sampling(request, {"temperature": "temperature", "seed": "seed"}),
        }
        if request.max_output_tokens:
            arguments["max_tokens"] = request.max_output_tokens
        if added := extras(request):
            arguments["request_options"] = {"additional_body_parameters": added}
        return Call({**arguments, **_form(request)})

    def completion(self, raw: V2ChatResponse) -> Json:
        """Return the response ``raw`` as a chat completion; its tokens are those that Cohere bills."""
        message, usage = raw.message, raw.usage
        billed = usage and (usage.billed_units or usage.tokens)
        call = message.tool_calls[0].function if message.tool_calls else None
        return chat_completion(
            model="",
            finish=_FINISH.get(str(raw.finish_reason), "stop"),
            text="".join(part.text for part in message.content or () if part.type == "text"),
            arguments=(call.arguments or "") if call else None,
            usage=Tokens(
                int((billed and billed.input_tokens) or 0),
                int((billed and billed.output_tokens) or 0),
                int((usage and usage.cached_tokens) or 0),
            ),
        )

    def heard(self, sent: Sent) -> Response:
        """Return the answer, its rate limits under the names that the limiter reads."""
        headers = {_HEADERS.get(name, name): value for name, value in sent.headers.items()}
        if "x-ratelimit-remaining-requests" in headers:
            headers.setdefault("x-ratelimit-reset-requests", _WINDOW_S)
        return Response(_STATUS.get(sent.status, sent.status), headers, sent.body)

    async def models(self) -> dict[str, int | None]:
        """Return the names of the models that chat, each with its context length."""
        listed = await self._sdk.models.list(endpoint="chat", page_size=1000)
        return {str(model.name): int(model.context_length or 0) or None for model in listed.models}

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _form(request: Request) -> Json:
    """Return the parameters that say the answer's form."""
    if request.mode == "text":
        return {}
    if request.mode == "json":
        return {"response_format": {"type": "json_object"}}
    form = answer_form(request)
    if request.mode == "json_schema":
        if form.strict:
            raise NotOfferedError("strict response formats")
        return {"response_format": {"type": "json_object", "json_schema": form.schema}}
    function = {"name": form.name, "description": form.description, "parameters": form.schema}
    strict = {"strict_tools": True} if form.strict else {}
    return {"tools": [{"type": "function", "function": function}], "tool_choice": "REQUIRED", **strict}
