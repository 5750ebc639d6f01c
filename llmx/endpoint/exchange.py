"""An exchange is one request with everything that was answered to it, as a file that people read and review.

The file is indented JSON, its members in a fixed order, without time of day, host or secrets. A body is kept byte for
byte: as JSON where serializing that gives the same bytes, else as text, else (where it is not UTF-8) as base64.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

import orjson

from llmx.dataclass import dataclass
from llmx.endpoint.completion import Completion
from llmx.endpoint.faults import check
from llmx.endpoint.redact import MARK
from llmx.endpoint.wire import Response
from llmx.errors import CassetteError, ConnectError, EndpointError
from llmx.json_data import is_too_deep
from llmx.request import Request

if TYPE_CHECKING:
    from pathlib import Path

    from llmx.endpoint.redact import Redactor

_HEADERS = frozenset({"content-type", "retry-after", "retry-after-ms", "server", "openai-version"})
_HEADER_PREFIXES = ("x-ratelimit-",)
_LIMIT = re.compile(r"[\d.:;=, +\-smhdwuTZ]{0,48}")
_MEMBERS = {
    "llmx": str, "recorded": str, "model": str, "endpoint": str, "mode": str, "sample": int, "key": str,
    "request": dict, "responses": list,
}  # fmt: skip

_LAYOUTS: dict[str, int | None] = {"json": None, "json_indented": orjson.OPT_INDENT_2}  # as llama.cpp, as OpenAI writes


@dataclass(frozen=True, slots=True)
class Failure:
    """A recorded failure of the transport: no answer came, and ``message`` says why."""

    message: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """One redacted request with its answers in order: failures first, where there were any."""

    llmx: str
    recorded: str
    endpoint: str
    request: Request
    responses: tuple[Response | Failure, ...]

    @property
    def key(self) -> str:
        """The key of the redacted request."""
        return self.request.key

    @property
    def answered(self) -> bool:
        """Whether the last response is an answer, not an error."""
        last = self.responses[-1]
        return not isinstance(last, Failure) and last.status == 200

    def to_text(self) -> str:
        """Return the file's text."""
        value = {
            "llmx": self.llmx, "recorded": self.recorded, "model": self.request.model, "endpoint": self.endpoint,
            "mode": self.request.mode, "sample": self.request.sample, "key": self.key,
            "request": self.request.body, "responses": [_response_json(r) for r in self.responses],
        }  # fmt: skip
        return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n"


def read_exchange(path: Path) -> Exchange:
    """Return the exchange in the file ``path``. Raises CassetteError, which names the file and the place."""
    try:
        value = orjson.loads(path.read_bytes())
    except (orjson.JSONDecodeError, OSError) as error:
        raise _damaged(path, str(error)) from None
    if not isinstance(value, dict):
        raise _damaged(path, "it holds no JSON object")
    for name, kind in _MEMBERS.items():
        if not isinstance(value.get(name), kind):
            raise _damaged(path, f"its member {name!r} is missing or not a {kind.__name__}")
    if not value["responses"]:
        raise _damaged(path, "it holds no response")
    try:
        responses = tuple(_response(one) for one in value["responses"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(path, f"a response in it cannot be read ({error!r})") from None
    request = Request(value["request"], value["mode"], value["sample"])
    if is_too_deep(request.body):
        raise _damaged(path, "its request is nested too deep")
    return Exchange(value["llmx"], value["recorded"], value["endpoint"], request, responses)


def _damaged(path: Path, why: str) -> CassetteError:
    return CassetteError(
        f"{path} is not an exchange: {why}", hint="`llmx cassette verify` looks at all; record it again with --record."
    )


def _response_json(response: Response | Failure) -> dict[str, Any]:
    if isinstance(response, Failure):
        return {"failure": response.message, "seconds": response.seconds}
    out: dict[str, Any] = {"status": response.status, "seconds": response.seconds, "headers": response.headers}
    try:
        value = orjson.loads(response.body)
        for member, option in _LAYOUTS.items():
            if orjson.dumps(value, option=option) == response.body:
                return {**out, member: value}
    except orjson.JSONDecodeError:
        pass
    try:
        return {**out, "text": response.body.decode()}
    except UnicodeDecodeError:
        return {**out, "base64": base64.b64encode(response.body).decode()}


def _response(value: dict[str, Any]) -> Response | Failure:
    if "failure" in value:
        return Failure(str(value["failure"]), float(value["seconds"]))
    layout = next((member for member in _LAYOUTS if member in value), None)
    if layout:
        body = orjson.dumps(value[layout], option=_LAYOUTS[layout])
    elif "text" in value:
        body = value["text"].encode()
    else:
        body = base64.b64decode(value["base64"], validate=True)
    headers = {str(name): str(content) for name, content in value["headers"].items()}
    return Response(int(value["status"]), headers, body, float(value["seconds"]))


def kept_headers(headers: dict[str, str]) -> dict[str, str]:
    """Return the headers that a cassette may hold, sorted by name."""
    return {n: headers[n] for n in sorted(headers) if n in _HEADERS or n.startswith(_HEADER_PREFIXES)}


def redacted_request(request: Request, redactor: Redactor) -> Request:
    """Return ``request`` without its secrets, the same object where there are none."""
    if redactor.surely_clean(request.body):
        return request
    body = redactor.value(request.body)
    return request if body is request.body else Request(body, request.mode, request.sample)


def redacted_response(response: Response | Failure, redactor: Redactor) -> Response | Failure:
    """Return ``response`` as it may be recorded: with allow-listed headers and without secrets."""
    if isinstance(response, Failure):
        return Failure(redactor.text(response.message), response.seconds)
    headers = {name: _shown(name, redactor.text(value)) for name, value in kept_headers(response.headers).items()}
    return Response(response.status, headers, redactor.body(response.body), response.seconds)


def _shown(name: str, value: str) -> str:
    """Return the value of a header as it may be recorded: a limit is a number, a time or a date, or it is not shown."""
    return value if not name.startswith(_HEADER_PREFIXES) or _LIMIT.fullmatch(value) else MARK


def replay(response: Response | Failure) -> Response:
    """Return a recorded answer, or raise the recorded failure again."""
    if isinstance(response, Failure):
        raise ConnectError(response.message)
    return response


def is_final(response: Response | Failure, mode: str) -> bool:
    """Return whether nothing is sent again after ``response``: it is an answer, or an error that would stay."""
    if isinstance(response, Failure):
        return False
    try:
        check(response)
        Completion.from_body(response.body, mode)
    except EndpointError as error:
        return not error.retryable
    return True


def endpoint_kind(base_url: str | None, response: Response | Failure) -> str:
    """Return the kind of server that answered, not its host: openai, llama.cpp, vllm, ollama or openai-compatible."""
    headers = {} if isinstance(response, Failure) else response.headers
    body = b"" if isinstance(response, Failure) else response.body
    server = headers.get("server", "").lower()
    if "llama.cpp" in server or (b'"timings"' in body and b'"predicted_per_second"' in body):
        return "llama.cpp"
    if "fp_ollama" in body.decode("utf-8", "replace"):
        return "ollama"
    if b'"prompt_logprobs"' in body or b'"kv_transfer_params"' in body:
        return "vllm"
    if "openai-version" in headers or "//api.openai.com" in (base_url or "//api.openai.com"):
        return "openai"
    return "openai-compatible"
