"""Speaks Google's Gemini API, and the same of Vertex AI (the Agent Platform), with google-genai.

instructor puts the messages into Google's contents and its system instruction. Schemas go out here as JSON Schema,
which the API takes by now (``parametersJsonSchema``, ``responseJsonSchema``): instructor puts them into Google's own
older form, which has no unions.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import httpx2
import instructor
import orjson
from google import genai
from google.genai import types

from llmx.endpoint.providers.native.forms import (
    Tokens,
    answer_form,
    chat_completion,
    extras,
    sampling,
    with_parts,
)
from llmx.endpoint.providers.native.gemini_schema import gemini_schema
from llmx.endpoint.providers.native.registry import bare_model
from llmx.endpoint.providers.native.transport import Sent, Transport
from llmx.endpoint.providers.native.wire import Call, NotOfferedError
from llmx.endpoint.wire import Response

if TYPE_CHECKING:
    from llmx.endpoint.providers.route import Access
    from llmx.request import Request

Json = dict[str, Any]

_FINISH = {
    "MAX_TOKENS": "length", "CONTINUATION": "length",
    **dict.fromkeys(
        (
            "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "ESCALATION",
            "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "PUP_LIMITED_DISABLED",
        ),
        "content_filter",
    ),
}  # fmt: skip
_DELAY = re.compile(r"(\d+(?:\.\d+)?)s")


def open_dialect(access: Access) -> GoogleDialect:
    """Return the dialect of the Gemini API for ``access``."""
    return GoogleDialect(access, {"vertexai": False, "api_key": access.api_key})


def open_vertex(access: Access) -> GoogleDialect:
    """Return the dialect of Vertex AI: with the project's credentials where one is named, else with the key."""
    project = os.environ.get("GOOGLE_CLOUD_PROJECT")
    if project and not access.api_key:
        location = os.environ.get("GOOGLE_CLOUD_LOCATION", "global")
        return GoogleDialect(access, {"vertexai": True, "project": project, "location": location})
    return GoogleDialect(access, {"vertexai": True, "api_key": access.api_key})


class GoogleDialect:
    """A ``Dialect``. ``credentials`` are the arguments of the SDK's client that say who asks."""

    def __init__(self, access: Access, credentials: Json) -> None:
        carrier: Any = Transport(httpx2, access.headers, connect_s=access.connect_s)
        self._http = httpx2.AsyncClient(transport=carrier, trust_env=False, follow_redirects=False, timeout=None)
        options = types.HttpOptions(base_url=access.base_url, httpx_async_client=self._http)
        self._sdk = genai.Client(http_options=options, **credentials)
        self._client = instructor.from_genai(self._sdk, use_async=True)

    def client(self, mode: str) -> instructor.AsyncInstructor:  # noqa: ARG002 - all modes send by the same
        """Return instructor's client."""
        return self._client

    def call(self, request: Request) -> Call:
        """Return ``request`` as content to generate."""
        config: Json = {
            "automatic_function_calling": {"disable": True},
            **sampling(request, {"temperature": "temperature", "seed": "seed"}),
            **_thinking(request),
            **_form(request),
        }
        if request.max_output_tokens:
            config["max_output_tokens"] = request.max_output_tokens
        if added := extras(request, ("reasoning_effort",)):
            config["http_options"] = {"extra_body": added}
        messages = with_parts(request.body["messages"], _part)
        arguments = {"model": bare_model(request.model), "messages": messages, "config": config}
        return Call(arguments)

    def completion(self, raw: types.GenerateContentResponse) -> Json:
        """Return the response ``raw`` as a chat completion."""
        used = raw.usage_metadata or types.GenerateContentResponseUsageMetadata()
        usage = Tokens(
            used.prompt_token_count or 0,
            (used.candidates_token_count or 0) + (used.thoughts_token_count or 0),
            used.cached_content_token_count or 0,
            used.thoughts_token_count or 0,
        )
        model = raw.model_version or ""
        if not raw.candidates:
            blocked = raw.prompt_feedback and raw.prompt_feedback.block_reason
            return chat_completion(model=model, finish="content_filter" if blocked else "stop", usage=usage)
        candidate = raw.candidates[0]
        parts = [part for part in (candidate.content and candidate.content.parts) or () if not part.thought]
        called = next((part.function_call.args or {} for part in parts if part.function_call), None)
        reason = candidate.finish_reason.value if candidate.finish_reason else ""
        return chat_completion(
            model=model,
            finish=_FINISH.get(reason, "stop"),
            text="".join(part.text for part in parts if part.text),
            arguments=called,
            usage=usage,
        )

    def heard(self, sent: Sent) -> Response:
        """Return the answer as ``heard`` reads it."""
        return heard(sent)

    async def models(self) -> dict[str, int | None]:
        """Return the names of the models, each with its context length."""
        offered = await self._sdk.aio.models.list(config={"page_size": 1000})
        return {str(model.name).rpartition("models/")[2]: model.input_token_limit async for model in offered}

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def heard(sent: Sent) -> Response:
    """Return the answer; a wrong key, which is a 400 here, as the 401 that it is, and the delay as a header."""
    told = _error(sent.body) if sent.status >= 400 else {}
    details = [each for each in told.get("details") or () if isinstance(each, dict)]
    wrong_key = sent.status == 400 and any(each.get("reason") == "API_KEY_INVALID" for each in details)
    delay = next((found for each in details if (found := _DELAY.fullmatch(str(each.get("retryDelay"))))), None)
    headers = {**sent.headers, **({"retry-after": delay[1]} if delay else {})}
    return Response(401 if wrong_key else sent.status, headers, sent.body)


def _part(part: Json) -> Any:
    """Return a part of a content as instructor takes it for Google."""
    return instructor.Image.from_base64(part["image_url"]["url"]) if part.get("type") == "image_url" else part["text"]


def _form(request: Request) -> Json:
    """Return what the configuration says of the answer's form."""
    if request.mode == "text":
        return {}
    if request.mode == "json":
        return {"response_mime_type": "application/json"}
    form = answer_form(request)
    if form.strict:
        raise NotOfferedError("strict schemas")
    if request.mode == "json_schema":
        return {"response_mime_type": "application/json", "response_json_schema": gemini_schema(form.schema)}
    declared = {
        "name": form.name,
        "description": form.description,
        "parameters_json_schema": gemini_schema(form.schema),
    }
    forced = {"mode": "ANY", "allowed_function_names": [form.name]}
    return {
        "tools": [{"function_declarations": [declared]}],
        "tool_config": {"function_calling_config": forced},
    }


def _thinking(request: Request) -> Json:
    effort = request.body.get("reasoning_effort")
    return {"thinking_config": {"thinking_level": effort}} if effort else {}


def _error(body: bytes) -> Json:
    """Return the error object in ``body``, {} where there is none."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    told = told[0] if isinstance(told, list) and told else told
    inner = told.get("error") if isinstance(told, dict) else None
    return inner if isinstance(inner, dict) else {}
