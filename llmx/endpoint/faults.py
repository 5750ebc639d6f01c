"""Turns what the wire brought, a status or an exception, into the error that says what to do next.

The wire returns every answer whatever its status, because a cassette records failures too; here they become errors.
AuthError and RequestError are final, the others are ``retryable``.
"""

from __future__ import annotations

import email.utils
import math
import time
from typing import TYPE_CHECKING, Any

import orjson

from llmx.endpoint.redact import FORMS_ONLY, Redactor
from llmx.errors import AuthError, ConnectError, RateLimitError, RequestError, ServerError

if TYPE_CHECKING:
    from llmx.endpoint.wire import Response

# 402 is 'payment required'; these codes come with 429 and do not go away by waiting.
_MONEY_CODES = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_PASSING = frozenset({408, 409, 425, 429})
_LASTING = frozenset({501, 505})  # 'not implemented' does not pass
_MESSAGE_CHARS = 400


def check(
    response: Response, *, api_key_env: str = "", redactor: Redactor = FORMS_ONLY, now_s: float | None = None
) -> None:
    """Return where the status is 2xx, else raise the error that it means.

    ``api_key_env`` is the variable to name when the key is refused; ``redactor`` takes secrets out of what the server
    says; ``now_s`` (Unix time) is what an HTTP date in Retry-After is counted from. Raises AuthError (401, 402, 403,
    or a 429 that is about money), RateLimitError (429), ServerError (408, 409, 425, 5xx, and a redirect), RequestError
    (every other 4xx, 501 and 505).
    """
    status = response.status
    if 200 <= status < 300:
        return
    code, reason = _reason(response.body, redactor)
    message = f"the endpoint answered {status}: {reason}" if reason else f"the endpoint answered {status}"
    if status in {401, 402, 403} or (status == 429 and code in _MONEY_CODES):
        raise AuthError(message, hint=_auth_hint(status, api_key_env), status=status)
    wait_s = retry_after_s(response.headers, now_s=now_s)
    if status == 429:
        raise RateLimitError(
            message, hint="Lower --concurrency, or set --rpm or --tpm.", status=429, retry_after_s=wait_s
        )
    if is_transient(status):
        raise ServerError(message, status=status, retry_after_s=wait_s)
    raise RequestError(message, hint=_request_hint(status, code, reason), status=status)


def is_transient(status: int) -> bool:
    """Return whether a later attempt may succeed after ``status``: 408, 409, 425, 429, redirects, and most 5xx.

    >>> [status for status in (200, 302, 400, 404, 408, 429, 500, 501, 503, 529) if is_transient(status)]
    [302, 408, 429, 500, 503, 529]
    """
    return status in _PASSING or not (200 <= status < 300 or 400 <= status < 500 or status in _LASTING)


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
    code, text = "", body[:4000].decode("utf-8", "replace")
    try:
        payload: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        payload = None
        if text.lstrip()[:1] == "<":  # its text would not fit into a line
            text = "an HTML page"
    if isinstance(payload, dict):
        inner = payload.get("error", payload)
        if isinstance(inner, dict):
            code = str(inner.get("code") or inner.get("type") or "")
            inner = inner.get("message") or inner.get("detail") or inner
        text = inner if isinstance(inner, str) else orjson.dumps(inner).decode()
    return code, redactor.text(" ".join(text.split()))[:_MESSAGE_CHARS]


def _auth_hint(status: int, api_key_env: str) -> str:
    if status in {402, 429}:
        return "The account has no credit left; waiting does not help."
    variable = api_key_env or "OPENAI_API_KEY"
    return (
        f"Set a valid key for this endpoint in the environment variable {variable}, or name another by --api-key-env."
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


def not_offered(error: RequestError, model: str, offered: list[str]) -> RequestError:
    """Return ``error`` as 'model not found' with the models that the endpoint does offer, nearest names first."""
    from rapidfuzz import process  # noqa: PLC0415 - on the way out only

    nearest = [name for name, _, _ in process.extract(model, offered, limit=8)]
    listed = ", ".join(nearest) + (f" and {len(offered) - len(nearest)} more" if len(offered) > len(nearest) else "")
    return RequestError(
        f"the endpoint does not offer the model {model!r}",
        hint=f"It offers: {listed}. Set --model." if offered else error.hint,
        status=error.status,
    )


def connect_error(error: BaseException, where: str) -> ConnectError:
    """Return the ConnectError for what was raised while talking to ``where``: its cause in words, and what to do."""
    names: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(names) < 8:
        names.append(f"{type(cause).__name__} {cause}")
        cause = cause.__cause__ or cause.__context__
    chain = " ".join(names).lower()
    for words, what, hint in _CAUSES:
        if any(word in chain for word in words):
            return ConnectError(f"{where}: {what}", hint=hint)
    return ConnectError(
        f"{where}: no answer ({names[-1].strip()[:200]})", hint="Is the server up, and the base URL right?"
    )


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
