"""What a user adds to every request: members of its body, and headers.

Members of the body can change the answer, so they are in the key of a request. Headers are not in it, and their values
are secrets: they stand in no file and no message. What llmx itself has to say in a request is refused here by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from llmx.errors import ConfigError

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""A header's name (RFC 9110 5.1)."""

_EFFORT = re.compile(r"[a-z]+")

_INSTEAD = {
    **dict.fromkeys(("messages", "input"), "The prompt says it: --prompt and --instructions."),
    **dict.fromkeys(("tools", "tool_choice", "functions", "function_call", "response_format"), "Choose by --mode."),
    **dict.fromkeys(
        ("max_tokens", "max_completion_tokens", "max_output_tokens"), "Set max_output_tokens in llmx.toml."
    ),
    **dict.fromkeys(("stream", "stream_options", "n", "background"), "llmx reads one whole answer to each request."),
    "model": "Name it by --model.",
    "temperature": "Set temperature in llmx.toml.",
    "logprobs": "Use --logprobs.",
}
"""Members of a body that llmx writes itself, and what to use instead."""

_OWN_HEADERS = frozenset(
    {"host", "content-length", "content-type", "content-encoding", "transfer-encoding", "x-client-request-id"}
)


def checked_extra(extra: Mapping[str, Any], effort: str | None) -> None:
    """Raise ConfigError where ``extra`` or ``effort`` cannot be sent, or stands in the way of what llmx says itself."""
    for name in extra:
        if name in _INSTEAD:
            raise ConfigError(f"--extra-body must not hold {name!r}", hint=_INSTEAD[name])
    if isinstance(extra.get("text"), dict) and "format" in extra["text"]:
        raise ConfigError("--extra-body must not hold 'text.format'", hint=_INSTEAD["response_format"])
    if effort is not None and "reasoning_effort" in extra:
        raise ConfigError("--reasoning-effort and --extra-body both set reasoning_effort", hint="Give one of them.")
    if effort is not None and not _EFFORT.fullmatch(effort):
        raise ConfigError(f"--reasoning-effort {effort!r} is not a word", hint="Such as low, medium or high.")
    try:
        orjson.dumps(dict(extra))
    except TypeError as error:
        raise ConfigError(f"--extra-body cannot be sent as JSON: {error}") from None


def checked_headers(headers: Sequence[tuple[str, str]]) -> None:
    """Raise ConfigError where a header cannot be sent. No message quotes a value, or a name that may hold one."""
    seen: set[str] = set()
    for name, _ in headers:
        if not _TOKEN.fullmatch(name):
            raise ConfigError("a header's name may hold letters, digits and hyphens alone", hint=_FORM)
        low = name.lower()
        if low in _OWN_HEADERS:
            raise ConfigError(f"the header {name} is llmx's own", hint="Leave it out.")
        if low in seen:
            raise ConfigError(f"the header {name} is given twice", hint="Give it once.")
        seen.add(low)


_FORM = "Write NAME=VALUE, such as --header X-Team=blue."
