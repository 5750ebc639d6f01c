"""Servers for tests that keep to what a provider publishes of its API, over real loopback sockets.

They are not models. They check a request as the provider's documentation says it must be, and refuse it as the provider
does; the answer obeys the schema that was sent, with the values that the test gives for its properties.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol
from urllib.parse import unquote

from tests.fault_server import FaultServer, Received, Step

Json = dict[str, Any]
KEY = "plainsecretkey-of-nobody"
VALUES: Json = {"subject": "harvest", "name": "Ada"}


class Api(Protocol):
    """What a provider publishes."""

    name: str
    model: str

    def answered(self, request: Received) -> bool:
        """Whether the request is for an answer (and not for the list of models)."""
        ...

    def refusal(self, request: Received) -> Step | None:
        """The error for a request that is not as it must be, None where it is."""
        ...

    def schema(self, request: Received) -> Json | None:
        """The JSON Schema that the answer must obey, None where none was sent."""
        ...

    def answer(self, request: Received, value: Any) -> Step:
        """The answer that says ``value``: in the form that was asked for."""
        ...

    def error(self, status: int, message: str, **headers: str) -> Step:
        """An error as the provider words it."""
        ...

    def models(self) -> Step:
        """The list of models."""
        ...


class ApiServer(FaultServer):
    """Serves ``api``. ``script`` holds a step, or a function from the request to one, for each request for an answer;
    None is the answer that is asked for, and so is every one after the last."""

    def __init__(self, api: Api, script: Sequence[Step | Callable[[Received], Step] | None] = ()) -> None:
        super().__init__()
        self.api = api
        self.steps = list(script)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def asked(self) -> list[Received]:
        """The requests for an answer."""
        return [request for request in self.received if self.api.answered(request)]

    def _step(self, request: Received) -> Step:
        if (refused := self.api.refusal(request)) is not None:
            return refused
        if not self.api.answered(request):
            return self.api.models()
        step = self.steps.pop(0) if self.steps else None
        if step is None:
            schema = self.api.schema(request)
            if schema is not None:
                return self.api.answer(request, filled(schema, schema))
            asked_json = any(f'"{form}"' in json.dumps(request.body) for form in ("json_object", "application/json"))
            return self.api.answer(request, '{"capital": "Paris"}' if asked_json else "Paris.")
        return step(request) if callable(step) else step


def filled(schema: Json, root: Json, name: str = "") -> Any:
    """Return a value that obeys ``schema``, with VALUES for the names of properties."""
    if "$ref" in schema:
        return filled(root["$defs"][schema["$ref"].rpartition("/")[2]], root, name)
    if "const" in schema or "enum" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    for branches in ("anyOf", "oneOf"):
        if branches in schema:
            return filled(schema[branches][0], root, name)
    if schema.get("type") == "object" or "properties" in schema:
        return {key: filled(part, root, key) for key, part in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return []
    return VALUES.get(name, "harvest")


class AnthropicApi:
    """The Messages API, version 2026-10-21: https://platform.claude.com/docs/en/api/messages and …/api/errors.

    That version takes no sampling parameters, and the key as a bearer token.
    """

    name = "anthropic"
    model = "claude-scripted-1"

    def answered(self, request: Received) -> bool:
        return request.path.partition("?")[0] == "/v1/messages"

    def refusal(self, request: Received) -> Step | None:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return self.error(401, "invalid bearer token")
        if request.headers.get("anthropic-version") != "2026-10-21":
            return self.error(400, "anthropic-version: unexpected value")
        if not self.answered(request):
            return None if request.path.startswith("/v1/models") else self.error(404, "Not found")
        return self._refused(request.body)

    def _refused(self, body: Json) -> Step | None:
        for field in ("model", "max_tokens", "messages"):
            if not body.get(field):
                return self.error(400, f"{field}: Field required")
        if body["model"] != self.model:
            return self.error(404, f"model: {body['model']}")
        if any(message["role"] not in {"user", "assistant"} for message in body["messages"]):
            return self.error(400, 'messages: Unexpected role "system"')
        known = {"model", "max_tokens", "messages", "system", "tools", "tool_choice", "output_config", "thinking"}
        if unknown := sorted(set(body) - known):
            return self.error(400, f"{unknown[0]}: Extra inputs are not permitted")
        return None

    def schema(self, request: Received) -> Json | None:
        if request.body.get("tool_choice", {}).get("type") == "tool":
            (tool,) = (t for t in request.body["tools"] if t["name"] == request.body["tool_choice"]["name"])
            schema: Json = tool["input_schema"]
            return schema
        found: Json | None = request.body.get("output_config", {}).get("format", {}).get("schema")
        return found

    def answer(
        self,
        request: Received,
        value: Any,
        *,
        stop: str | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> Step:
        tool = "tools" in request.body and isinstance(value, dict)
        if tool:
            name = request.body["tools"][0]["name"]
            content = [
                {"type": "tool_use", "id": "toolu_01", "name": name, "input": value, "caller": {"type": "direct"}}
            ]
        else:
            content = [{"type": "text", "text": value if isinstance(value, str) else json.dumps(value)}]
        payload = {
            "id": "msg_01", "type": "message", "role": "assistant", "model": request.body["model"], "content": content,
            "stop_reason": stop or ("tool_use" if tool else "end_turn"), "stop_sequence": None,
            "usage": {
                "input_tokens": 30, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 100,
                "output_tokens": 7, "service_tier": "standard",
            },
            **more,
        }  # fmt: skip
        return Step(payload, headers={"request-id": "req_011", **(headers or {})})

    def error(self, status: int, message: str, **headers: str) -> Step:
        kinds = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error", 529: "overloaded_error"}
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = kinds.get(status, "invalid_request_error" if status < 500 else "api_error")
        payload = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_011"}
        return Step(payload, status, {"x-should-retry": "true", **names})

    def models(self) -> Step:
        model = {
            "type": "model", "id": self.model, "display_name": "Scripted", "created_at": "2026-01-01T00:00:00Z",
            "max_input_tokens": 200000, "max_tokens": 64000
        }  # fmt: skip
        return Step({"data": [model], "has_more": False, "first_id": model["id"], "last_id": model["id"]})


GOOGLE_KEYWORDS = {
    "$id",
    "$defs",
    "$ref",
    "$anchor",
    "type",
    "format",
    "title",
    "description",
    "enum",
    "items",
    "prefixItems",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "anyOf",
    "oneOf",
    "properties",
    "additionalProperties",
    "required",
    "propertyOrdering",
}


class GoogleApi:
    """The Gemini API: https://ai.google.dev/api/generate-content and https://ai.google.dev/gemini-api/docs/troubleshooting."""

    name = "google"
    root = "/v1/models"
    model = "gemini-scripted-1"

    def answered(self, request: Received) -> bool:
        return request.path.endswith(":generateContent")

    def refusal(self, request: Received) -> Step | None:
        if request.headers.get("x-goog-api-key") != KEY:
            info = {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID",
                "domain": "googleapis.com", "metadata": {"service": "generativelanguage.googleapis.com"},
            }  # fmt: skip
            return self.error(400, "API key not valid. Please pass a valid API key.", info)
        if not request.path.startswith(self.root):
            return self.error(404, "Not found")
        if not self.answered(request):
            return None
        if request.path != f"{self.root}/{self.model}:generateContent":
            return self.error(404, f"{request.path} is not found for API version v1")
        return self._refused(request)

    def _refused(self, request: Received) -> Step | None:
        known = {"contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "safetySettings"}
        if unknown := sorted(set(request.body) - known):
            return self.error(400, f'Invalid JSON payload received. Unknown name "{unknown[0]}": Cannot find field.')
        if any(content.get("role") not in {"user", "model"} for content in request.body["contents"]):
            return self.error(400, "Please use a valid role: user, model.")
        if unknown := sorted(self._unknown_keywords(self.schema(request) or {})):
            return self.error(400, f'Invalid JSON payload received. Unknown name "{unknown[0]}": Cannot find field.')
        return None

    def _unknown_keywords(self, schema: Json) -> set[str]:
        """What stands in ``schema`` and not in the API's list, or beside a reference."""
        found = set(schema) - GOOGLE_KEYWORDS
        if "$ref" in schema:
            found |= {name for name in schema if not name.startswith("$")}
        parts = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", ())]
        parts += [part for name in ("items", "additionalProperties") if isinstance(part := schema.get(name), dict)]
        return found.union(*map(self._unknown_keywords, parts))

    def schema(self, request: Received) -> Json | None:
        if "tools" in request.body:
            assert request.body["toolConfig"]["functionCallingConfig"]["mode"] == "ANY"
            (declared,) = request.body["tools"][0]["functionDeclarations"]
            schema: Json = declared.get("parametersJsonSchema") or declared["parameters_json_schema"]  # either is taken
            return schema
        found: Json | None = request.body.get("generationConfig", {}).get("responseJsonSchema")
        return found

    def answer(self, request: Received, value: Any, *, finish: str = "STOP") -> Step:
        if "tools" in request.body and isinstance(value, dict):
            name = request.body["tools"][0]["functionDeclarations"][0]["name"]
            part: Json = {"functionCall": {"name": name, "args": value}, "thoughtSignature": "c2lnbmVk"}
        else:
            part = {"text": value if isinstance(value, str) else json.dumps(value)}
        content = {"parts": [{"text": "Thinking.", "thought": True}, part], "role": "model"}
        payload = {
            "candidates": [{"content": content, "finishReason": finish, "index": 0}],
            "usageMetadata": {
                "promptTokenCount": 130, "cachedContentTokenCount": 100, "candidatesTokenCount": 7,
                "thoughtsTokenCount": 20, "totalTokenCount": 157,
            },
            "modelVersion": self.model, "responseId": "r1",
        }  # fmt: skip
        return Step(payload)

    def blocked(self, reason: str) -> Step:
        """The answer to a prompt that is blocked: no candidates."""
        return Step({"promptFeedback": {"blockReason": reason}, "usageMetadata": {"promptTokenCount": 130}})

    def error(self, status: int, message: str, *details: Json, **headers: str) -> Step:
        names = {
            400: "INVALID_ARGUMENT",
            404: "NOT_FOUND",
            429: "RESOURCE_EXHAUSTED",
            503: "UNAVAILABLE",
            500: "INTERNAL",
        }
        error: Json = {"code": status, "message": message, "status": names.get(status, "UNKNOWN")}
        return Step({"error": {**error, **({"details": list(details)} if details else {})}}, status, headers)

    def models(self) -> Step:
        return Step({"models": [{"name": f"models/{self.model}", "inputTokenLimit": 1048576}]})


class VertexApi(GoogleApi):
    """Vertex AI with a key (express mode): the same methods below another root."""

    name = "vertexai"
    root = "/v1beta1/publishers/google/models"

    def models(self) -> Step:
        return Step({"publisherModels": [{"name": f"publishers/google/models/{self.model}"}]})


class MistralApi:
    """The chat API: https://docs.mistral.ai/api/endpoint/chat; its errors are as the API words them."""

    name = "mistral"
    model = "mistral-scripted-1"

    def answered(self, request: Received) -> bool:
        return request.path == "/v1/chat/completions"

    def refusal(self, request: Received) -> Step | None:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return Step({"detail": "Unauthorized"}, 401)
        if not self.answered(request):
            return None if request.path == "/v1/models" else Step({"detail": "Not Found"}, 404)
        if request.body["model"] != self.model:
            return self.error(400, f"Invalid model: {request.body['model']}", kind="invalid_model")
        known = {
            "model", "messages", "temperature", "max_tokens", "stream", "random_seed", "response_format", "tools",
            "tool_choice", "parallel_tool_calls", "safe_prompt", "stop", "n", "reasoning_effort",
        }  # fmt: skip
        if unknown := sorted(set(request.body) - known):
            location = ["body", unknown[0]]
            return Step({"detail": [{"type": "extra_forbidden", "loc": location, "msg": "Extra inputs"}]}, 422)
        return None

    def schema(self, request: Received) -> Json | None:
        if request.body.get("tools"):
            assert request.body["tool_choice"] == "any"
            schema: Json = request.body["tools"][0]["function"]["parameters"]
            return schema
        form = request.body.get("response_format") or {}
        found: Json | None = (form.get("json_schema") or {}).get("schema")
        return found

    def answer(
        self, request: Received, value: Any, *, finish: str | None = None, headers: dict[str, str] | None = None
    ) -> Step:
        message: Json = {"role": "assistant", "content": value if isinstance(value, str) else json.dumps(value)}
        called = bool(request.body.get("tools")) and isinstance(value, dict)
        if called:
            name = request.body["tools"][0]["function"]["name"]
            call = {"id": "Ab1cd2Ef3", "function": {"name": name, "arguments": json.dumps(value)}, "index": 0}
            message = {"role": "assistant", "content": "", "tool_calls": [call], "prefix": False}
        choice = {"index": 0, "message": message, "finish_reason": finish or ("tool_calls" if called else "stop")}
        payload = {
            "id": "cmpl-1", "object": "chat.completion", "created": 1, "model": self.model,
            "choices": [choice],
            "usage": {
                "prompt_tokens": 135, "completion_tokens": 7, "total_tokens": 142,
                "prompt_tokens_details": {"cached_tokens": 100},
            },
        }  # fmt: skip
        return Step(payload, headers=headers or {})

    def error(self, status: int, message: str, *, kind: str = "invalid_request_error", **headers: str) -> Step:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        error = {"object": "error", "message": message, "type": kind, "param": None, "code": "1500"}
        return Step(error, status, names)

    def models(self) -> Step:
        able = {"completion_chat": True, "function_calling": True}
        model = {
            "id": self.model,
            "object": "model",
            "capabilities": able,
            "type": "base",
            "max_context_length": 131072,
        }
        return Step({"object": "list", "data": [model]})


class CohereApi:
    """The chat API, version 2: https://docs.cohere.com/reference/chat and https://docs.cohere.com/reference/errors."""

    name = "cohere"
    model = "command-scripted-1"

    def answered(self, request: Received) -> bool:
        return request.path == "/v2/chat"

    def refusal(self, request: Received) -> Step | None:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return self.error(401, "invalid api token")
        if not self.answered(request):
            return None if request.path.startswith("/v1/models") else self.error(404, "not found")
        if request.body["model"] != self.model:
            return self.error(
                404, f"model '{request.body['model']}' not found, make sure the correct model ID was used"
            )
        known = {
            "model", "messages", "tools", "strict_tools", "tool_choice", "response_format", "max_tokens", "temperature",
            "seed", "stream", "thinking",
        }  # fmt: skip
        if unknown := sorted(set(request.body) - known):
            return self.error(400, f"unknown field: parameter '{unknown[0]}' is not a valid field")
        return None

    def schema(self, request: Received) -> Json | None:
        if "tools" in request.body:
            assert request.body["tool_choice"] == "REQUIRED"
            schema: Json = request.body["tools"][0]["function"]["parameters"]
            return schema
        found: Json | None = request.body.get("response_format", {}).get("json_schema")
        return found

    def answer(
        self, request: Received, value: Any, *, finish: str | None = None, headers: dict[str, str] | None = None
    ) -> Step:
        text = value if isinstance(value, str) else json.dumps(value)
        message: Json = {"role": "assistant", "content": [{"type": "text", "text": text}]}
        called = "tools" in request.body and isinstance(value, dict)
        if called:
            function = {"name": request.body["tools"][0]["function"]["name"], "arguments": text}
            call = {"id": "call_1", "type": "function", "function": function}
            message = {"role": "assistant", "tool_plan": "I will extract.", "tool_calls": [call]}
        payload = {
            "id": "c1", "finish_reason": finish or ("TOOL_CALL" if called else "COMPLETE"), "message": message,
            "usage": {
                "billed_units": {"input_tokens": 135, "output_tokens": 7},
                "tokens": {"input_tokens": 900, "output_tokens": 12}, "cached_tokens": 100,
            },
        }  # fmt: skip
        return Step(payload, headers=headers or {})

    def error(self, status: int, message: str, **headers: str) -> Step:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return Step({"id": "e1", "message": message}, status, names)

    def models(self) -> Step:
        return Step({"models": [{"name": self.model, "endpoints": ["chat"], "context_length": 256000}]})


class WriterApi:
    """The chat API: https://dev.writer.com/api-reference/completion-api/chat-completion; its errors are the SDK's
    ``ErrorObject``, which is made from Writer's OpenAPI description, as are the names of the members here.
    """

    name = "writer"
    model = "palmyra-scripted-1"

    def answered(self, request: Received) -> bool:
        return request.path == "/v1/chat"

    def refusal(self, request: Received) -> Step | None:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return self.error(401, "The API key is not valid", key="fail.unauthorized")
        if not self.answered(request):
            return None if request.path == "/v1/models" else self.error(404, "Not found")
        if request.body["model"] != self.model:
            return self.error(404, f"Model {request.body['model']} is not found")
        known = {
            "model", "messages", "max_tokens", "temperature", "top_p", "n", "stop", "logprobs", "tools", "tool_choice",
            "response_format", "stream", "stream_options",
        }  # fmt: skip
        if unknown := sorted(set(request.body) - known):
            return self.error(400, f"Unknown field {unknown[0]}")
        if request.body.get("response_format", {}).get("type", "text") not in {"text", "json_schema"}:
            return self.error(400, "response_format.type must be one of text, json_schema")
        return None

    def schema(self, request: Received) -> Json | None:
        if "tools" in request.body:
            assert request.body["tool_choice"] == "required"
            assert set(request.body["tools"][0]["function"]) <= {"name", "description", "parameters"}
            schema: Json = request.body["tools"][0]["function"]["parameters"]
            return schema
        found: Json | None = request.body.get("response_format", {}).get("json_schema", {}).get("schema")
        return found

    def answer(self, request: Received, value: Any, *, finish: str | None = None, refusal: str | None = None) -> Step:
        text = value if isinstance(value, str) else json.dumps(value)
        message: Json = {"role": "assistant", "content": text, "refusal": refusal, "tool_calls": None}
        called = "tools" in request.body and isinstance(value, dict)
        if called:
            function = {"name": request.body["tools"][0]["function"]["name"], "arguments": text}
            call = {"id": "chatcmpl-tool-1", "type": "function", "function": function, "index": 0}
            message = {**message, "content": "", "tool_calls": [call]}
        payload = {
            "id": "w1", "object": "chat.completion", "created": 1, "model": self.model,
            "choices": [{"index": 0, "finish_reason": finish or ("tool_calls" if called else "stop"), "message": message}],
            "usage": {
                "prompt_tokens": 135, "completion_tokens": 27, "total_tokens": 162,
                "prompt_token_details": {"cached_tokens": 100}, "completion_tokens_details": {"reasoning_tokens": 20},
            },
        }  # fmt: skip
        return Step(payload)

    def error(self, status: int, message: str, *, key: str = "fail.request", **headers: str) -> Step:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        errors = [{"description": message, "key": key, "extras": {}}]
        return Step({"tpe": "error", "errors": errors, "extras": {}}, status, names)

    def models(self) -> Step:
        return Step({"models": [{"id": self.model, "name": "Scripted"}]})


class BedrockApi:
    """The Converse API of Amazon Bedrock:
    https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html.
    """

    name = "bedrock"
    model = "anthropic.claude-scripted-1-v1:0"

    def answered(self, request: Received) -> bool:
        return request.path.endswith("/converse")

    def refusal(self, request: Received) -> Step | None:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return self.error(403, "The security token included in the request is invalid.", "UnrecognizedClient")
        if not self.answered(request):
            return None if request.path.startswith("/foundation-models") else self.error(404, "", "UnknownOperation")
        if unquote(request.path) != f"/model/{self.model}/converse":
            return self.error(400, "The provided model identifier is invalid.", "Validation")
        known = {"messages", "system", "inferenceConfig", "toolConfig", "outputConfig", "additionalModelRequestFields"}
        if unknown := sorted(set(request.body) - known):
            return self.error(400, f"Unexpected field {unknown[0]}", "Validation")
        if any(not isinstance(message["content"], list) for message in request.body["messages"]):
            return self.error(400, "content must be a list", "Validation")
        return None

    def schema(self, request: Received) -> Json | None:
        if "toolConfig" in request.body:
            (tool,) = request.body["toolConfig"]["tools"]
            assert request.body["toolConfig"]["toolChoice"] == {"tool": {"name": tool["toolSpec"]["name"]}}
            schema: Json = tool["toolSpec"]["inputSchema"]["json"]
            return schema
        form = request.body.get("outputConfig", {}).get("textFormat", {}).get("structure", {}).get("jsonSchema")
        found: Json | None = form and json.loads(form["schema"])
        return found

    def answer(self, request: Received, value: Any, *, stop: str | None = None) -> Step:
        called = "toolConfig" in request.body and isinstance(value, dict)
        if called:
            name = request.body["toolConfig"]["tools"][0]["toolSpec"]["name"]
            block: Json = {"toolUse": {"toolUseId": "tooluse_1", "name": name, "input": value}}
        else:
            block = {"text": value if isinstance(value, str) else json.dumps(value)}
        payload = {
            "output": {"message": {"role": "assistant", "content": [block]}},
            "stopReason": stop or ("tool_use" if called else "end_turn"),
            "usage": {
                "inputTokens": 30, "outputTokens": 7, "totalTokens": 142, "cacheReadInputTokens": 100,
                "cacheWriteInputTokens": 5,
            },
            "metrics": {"latencyMs": 12},
        }  # fmt: skip
        return Step(payload, headers={"x-amzn-RequestId": "r1"})

    def error(self, status: int, message: str, kind: str = "", **headers: str) -> Step:
        kinds = {429: "Throttling", 500: "InternalServer", 503: "ServiceUnavailable"}
        name = f"{kind or kinds.get(status, 'Validation')}Exception"
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return Step({"message": message}, status, {"x-amzn-ErrorType": f"{name}:http://internal/", **names})

    def models(self) -> Step:
        model = {"modelId": self.model, "modelName": "Scripted", "outputModalities": ["TEXT"]}
        return Step({"modelSummaries": [model]})
