"""Servers for tests that keep to what a provider publishes of its API, over real loopback sockets.

They are not models. They check a request as the provider's documentation says it must be, and refuse it as the provider
does; the answer obeys the schema that was sent, with the values that the test gives for its properties.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from tests.fault_server import FaultServer, Received, Step

Json = dict[str, Any]
KEY = "plainsecretkey-of-nobody"
VALUES: Json = {"subject": "harvest", "name": "Ada"}


class Api(Protocol):
    """What a provider publishes."""

    name: str

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
            return self.api.answer(request, "Paris." if schema is None else filled(schema, schema))
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
        if body["model"] != "claude-scripted-1":
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
            "type": "model", "id": "claude-scripted-1", "display_name": "Scripted", "created_at": "2026-01-01T00:00:00Z"
        }  # fmt: skip
        return Step({"data": [model], "has_more": False, "first_id": model["id"], "last_id": model["id"]})
