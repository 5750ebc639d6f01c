"""Turns what the wire brought, a status or an exception, into the error that says what to do next.

The wire returns every answer whatever its status, because a cassette records failures too; here they become errors.
AuthError and RequestError are final, the others are ``retryable``.
"""

from __future__ import annotations

import email.utils
import math
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from llmx.endpoint.redact import FORMS_ONLY, Redactor
from llmx.endpoint.settings import shown_url
from llmx.errors import AuthError, ConnectError, EndpointError, RateLimitError, RequestError, ServerError

if TYPE_CHECKING:
    from llmx.endpoint.wire import Response

# 402 is 'payment required'; these codes come with 429 and do not go away by waiting.
_MONEY_CODES = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_PASSING = frozenset({408, 409, 425, 429})
_LASTING = frozenset({501, 505})  # 'not implemented' does not pass
_MESSAGE_CHARS = 400
_STATUS_DIGITS = 3
_MONEY_HINT = "The account has no credit left; waiting does not help."
_PAGE = "an HTML page"
_PROXY_HINT = (
    "A proxy or firewall in between refuses it, perhaps for what the document says; or the base URL is not an API's."
)
_RATE_HINT = "Lower --concurrency, or set --rpm or --tpm."


def check(
    response: Response, *, api_key_env: str = "", redactor: Redactor = FORMS_ONLY, now_s: float | None = None
) -> None:
    """Return where the status is 2xx, else raise the error that it means.

    ``api_key_env`` is the variable to name when the key is refused, '' where none was to be sent; ``redactor`` takes
    secrets out of what the server says; ``now_s`` (Unix time) is what an HTTP date in Retry-After is counted from.
    Raises AuthError (401, 402, 403, or a 429 that is about money), RateLimitError (429), ServerError (408, 409, 425,
    5xx), RequestError (every other 4xx, 501 and 505, and a redirect: documents and keys go to no address that a server
    names).
    """
    status = response.status
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise _redirected(response, redactor)
    code, reason = _reason(response.body, redactor)
    message = f"the endpoint answered {status}: {reason}" if reason else f"the endpoint answered {status}"
    if status == 403 and reason == _PAGE:  # every API answers with JSON
        raise RequestError(message, hint=_PROXY_HINT, status=status)
    if status in {401, 402, 403} or (status == 429 and code in _MONEY_CODES):
        raise AuthError(message, hint=_auth_hint(status, redactor.text(api_key_env)), status=status)
    wait_s = retry_after_s(response.headers, now_s=now_s)
    if status == 429:
        raise RateLimitError(message, hint=_RATE_HINT, status=429, retry_after_s=wait_s)
    if is_transient(status) and not _refuses_roles(reason):
        raise ServerError(message, status=status, retry_after_s=wait_s)
    raise RequestError(message, hint=_request_hint(status, code, reason), status=status)


def error_inside(payload: dict[str, Any], *, redactor: Redactor = FORMS_ONLY) -> EndpointError | None:
    """Return the error that the ``payload`` of a 200 answer holds, None where it holds none.

    Gateways (OpenRouter among them) report what failed behind them so. An error whose code is a final 4xx is final here
    too; the others may pass.
    """
    if not payload.get("error"):
        return None
    code, reason = _told(payload, redactor)
    message = f"the answer has status 200 but holds an error: {reason}"
    status = int(code) if code.isdecimal() and len(code) == _STATUS_DIGITS else 200
    if code == "429":
        return RateLimitError(message, hint=_RATE_HINT, status=200)
    if status in {401, 402, 403} or code in _MONEY_CODES:
        money = status == 402 or code in _MONEY_CODES
        return AuthError(message, hint=_MONEY_HINT if money else "Is the key right? See --api-key-env.", status=status)
    if "unexpected endpoint" in reason.lower():  # LM Studio's answer to a path that it does not have
        return RequestError(message, hint=_request_hint(404, code, reason), status=404)
    if status == 200 or is_transient(status):
        return ServerError(message, status=200)
    return RequestError(message, hint=_request_hint(status, code, reason), status=status)


def _redirected(response: Response, redactor: Redactor) -> RequestError:
    target = response.headers.get("location", "")
    parts = urlsplit(target)
    where = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else parts.path
    shown = redactor.text(where)[:_MESSAGE_CHARS] or "another address, which it does not name"
    return RequestError(
        f"the endpoint answered {response.status}: it redirects to {shown}, and redirects are not followed",
        hint="Set --base-url to the address that answers, if documents and the key may go there.",
        status=response.status,
    )


def _refuses_roles(reason: str) -> bool:
    """Return whether a chat template fails on the roles of the messages: llama.cpp answers that with 500."""
    low = reason.lower()
    return "system role" in low or "roles must alternate" in low


def is_transient(status: int) -> bool:
    """Return whether a later attempt may succeed after ``status``: 408, 409, 425, 429, and most 5xx.

    >>> [status for status in (200, 302, 400, 404, 408, 429, 500, 501, 503, 529) if is_transient(status)]
    [408, 429, 500, 503, 529]
    """
    return status in _PASSING or not (200 <= status < 500 or status in _LASTING)


def is_too_large(status: int, message: str) -> bool:
    """Return whether ``message``, which came with ``status``, says that a request exceeds the model's context."""
    low = message.lower()
    return status == 413 or any(words in low for words in ("context", "too many tokens", "maximum"))


def retry_after_s(headers: dict[str, str], *, now_s: float | None = None) -> float | None:
    """Return the seconds that the server asks to wait, None where it does not say. Never negative.

    Reads ``retry-after-ms`` (milliseconds, OpenAI and Azure) and ``retry-after`` in both forms of RFC 9110 10.2.3:
    seconds, or an HTTP date, which counts from the answer's own Date, else from ``now_s`` (Unix time).

    >>> retry_after_s({"retry-after": "7"})
    7.0
    """
    for name, seconds in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            value = float(headers.get(name, ""))
        except ValueError:
            continue
        if math.isfinite(value):
            return max(0.0, value * seconds)
    until_s = _moment_s(headers.get("retry-after", ""))
    if until_s is None:
        return None
    sent_s = _moment_s(headers.get("date", ""))  # by the server's own clock: ours may differ
    return max(0.0, until_s - (sent_s or now_s or time.time()))


def _moment_s(date: str) -> float | None:
    """Return an HTTP date as Unix time."""
    try:
        return email.utils.parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None


def _reason(body: bytes, redactor: Redactor) -> tuple[str, str]:
    """Return the error code and the message in ``body``, without secrets and cut to a line."""
    try:
        payload: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = redactor.body(body).decode("utf-8", "replace").replace("\0", "")
        text = _PAGE if text.lstrip()[:1] == "<" else text  # its text would not fit into a line
        return "", _line(text, redactor)
    return _told(payload, redactor)


def _told(payload: Any, redactor: Redactor) -> tuple[str, str]:
    """Return the code and the message of an error ``payload``: OpenAI's, FastAPI's, vLLM's, Ollama's, OpenRouter's."""
    inner = payload.get("error", payload) if isinstance(payload, dict) else payload
    if not isinstance(inner, dict):
        return "", _line(_as_text(inner), redactor)
    code = str(inner.get("code") or inner.get("type") or "")
    text = _as_text(inner.get("message") or inner.get("detail") or inner)
    behind = inner.get("metadata")
    if isinstance(behind, dict) and behind.get("raw"):  # OpenRouter: what the provider behind it said
        text = f"{text}: {_raw(behind['raw'], redactor)}"
    return code, _line(text, redactor)


def _as_text(value: Any) -> str:
    try:
        return value if isinstance(value, str) else orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        return "an error that is nested too deep to be shown"


def _raw(raw: Any, redactor: Redactor) -> str:
    if isinstance(raw, dict):
        return _told(raw, redactor)[1]
    return _reason(str(raw).encode(), redactor)[1]


def _line(text: str, redactor: Redactor) -> str:
    return redactor.text(" ".join(text.split()))[:_MESSAGE_CHARS]  # before it is cut: half a secret has no form


def _auth_hint(status: int, api_key_env: str) -> str:
    if status in {402, 429}:
        return _MONEY_HINT
    if not api_key_env:
        return "The endpoint wants a key, and none was sent."
    if api_key_env.startswith("#"):  # a model on another server
        return (
            f"The endpoint wants a key, and none was sent: name its variable after the address, BASE_URL{api_key_env}."
        )
    return (
        f"Set a valid key for this endpoint in the environment variable {api_key_env}, "
        "or name another by --api-key-env."
    )


def _request_hint(status: int, code: str, reason: str) -> str:
    low = reason.lower()
    if status == 404 or code == "model_not_found":
        return "Check --model and --base-url; `llmx doctor` lists the models that the endpoint offers."
    if is_too_large(status, reason):
        return "The request is too large for the model: use smaller chunks, or a model with a longer context."
    if "response_format" in low or "json_schema" in low or "tool" in low:
        return "The endpoint does not take this mode: use --mode auto, or another of tools, json_schema, json, text."
    return "The endpoint will not accept this request however often it is sent."


def not_found(error: RequestError, model: str, offered: list[str], *, base_url: str | None) -> RequestError:
    """Return ``error``, a 404, with what is wrong: the address, or the model's name, with the nearest that are offered.

    A server that offers ``model`` has no chat completions at this address; one that lists no models may have none.
    """
    address = _address_hint(base_url)
    if model in offered:
        message = f"the endpoint offers the model {model!r}, but has no chat completions at {shown_url(base_url)}"
        return RequestError(f"{message} ({error.message})", hint=address or _BASE_URL_HINT, status=404)
    if not offered:
        return RequestError(error.message, hint=f"{error.hint} {address}".strip(), status=404)
    from rapidfuzz import process  # noqa: PLC0415 - on the way out only

    nearest = [name for name, _, _ in process.extract(model, offered, limit=8)]
    listed = ", ".join(nearest) + (f" and {len(offered) - len(nearest)} more" if len(offered) > len(nearest) else "")
    return RequestError(
        f"the endpoint does not offer the model {model!r}", hint=f"It offers: {listed}. Set --model.", status=404
    )


_BASE_URL_HINT = "--base-url is the root of the API, to which /chat/completions is added."


def _address_hint(base_url: str | None) -> str:
    """Return what to say of a ``base_url`` without a version in its path, '' where it has one."""
    path = urlsplit(base_url or "").path.rstrip("/")
    if not base_url or re.search(r"/v\d", path):
        return ""
    return f"The base URL lacks /v1, in which most end: try --base-url {shown_url(base_url).rstrip('/')}/v1"


def connect_error(error: BaseException, where: str) -> ConnectError:
    """Return the ConnectError for what was raised while talking to ``where``: its cause in words, and what to do."""
    names: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(names) < 8:
        names.append(f"{type(cause).__name__} {cause}")
        cause = cause.__cause__ or cause.__context__
    chain, last = " ".join(names).lower(), FORMS_ONLY.text(names[-1].strip())[:200]
    for words, what, hint in _CAUSES:
        if any(word in chain for word in words):
            return ConnectError(f"{where}: {what}", hint=hint)
    return ConnectError(f"{where}: no answer ({last})", hint="Is the server up, and the base URL right?")


# The first match wins, so the specific ones come first. The words are the operating system's, aiohttp's and httpx's.
_CAUSES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("name or service not known", "getaddrinfo", "nodename nor servname", "name resolution", "clientconnectordns"),
        "the host's name is not known",
        "Check the spelling of --base-url, and that the network is up.",
    ),
    (
        ("refused", "connect call failed"),
        "nothing listens there (connection refused)",
        "Start the server, or set another --base-url. `llmx serve` starts the embedded model.",
    ),
    (
        ("certificate", "sslerror", "wrong_version_number", "ssl handshake"),
        "the TLS connection failed",
        "Check http:// or https:// in --base-url, and the certificates.",
    ),
    (
        ("reset", "disconnected", "closed", "broken pipe", "payload", "readerror"),
        "the server closed the connection before it had answered",
        "It may have been restarted, or a proxy in between gave up.",
    ),
    (("timeout", "timed out"), "timed out", "The server is slow or hangs; see --timeout."),
)
