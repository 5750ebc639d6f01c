"""A request is a finished, frozen value before anything is sent, and its key is its identity.

Cache, cassette, resume and the sharing of identical requests in flight all use ``Request.key``. What can change the
answer is in the key (messages, tools or response format, model, sampling, sample index); what cannot (time-outs,
retries, headers, API key, host) is not part of a request at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

TOKEN_LIMITS = ("max_tokens", "max_completion_tokens")
"""The two names of the parameter that limits an answer's tokens. Most servers take the first; OpenAI's reasoning models
refuse it and want the second."""

RESPONSES_LIMIT = "max_output_tokens"
"""Its name in OpenAI's Responses API."""


def canonical_json(value: Any) -> bytes:
    """Return the one JSON text of ``value``: UTF-8, keys sorted, no white space.

    >>> canonical_json({"b": 1, "a": "é"}).decode()
    '{"a":"é","b":1}'
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)


def fingerprint(value: Any) -> str:
    """Return the sha256 of ``value``'s canonical JSON as 64 hex digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def limit_name(body: Mapping[str, Any]) -> str:
    """Return the name under which ``body`` limits the answer's tokens, or would if it did.

    >>> limit_name({"max_completion_tokens": 64}), limit_name({})
    ('max_completion_tokens', 'max_tokens')
    """
    return next((name for name in (*TOKEN_LIMITS, RESPONSES_LIMIT) if name in body), TOKEN_LIMITS[0])


@dataclass(frozen=True)
class Request:
    """One chat completion to ask for, or one response of OpenAI's Responses API.

    ``body`` is the JSON object that goes over the wire, ``model`` included; it must not be changed once it is here.
    ``mode`` says in which form the answer comes (tools, json_schema, json, text): it steers the parsing and is implied
    by the body, so it is not in the key. ``sample`` distinguishes repeated requests of the same body.
    """

    body: dict[str, Any]
    mode: str
    sample: int = 0

    @cached_property
    def key(self) -> str:
        """The sha256 over everything that can change the answer, 64 hex digits."""
        return fingerprint({"body": self.body, "sample": self.sample} if self.sample else {"body": self.body})

    @property
    def model(self) -> str:
        """The model's name as it is sent."""
        return str(self.body.get("model", ""))

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What is said to the model: ``messages`` of a chat completion, ``input`` of a response."""
        said: list[dict[str, Any]] = self.body.get("messages") or self.body.get("input") or []
        return said

    @property
    def max_output_tokens(self) -> int:
        """The limit on the answer's tokens, 0 where the request sets none."""
        return int(self.body.get(limit_name(self.body)) or 0)

    def with_max_output_tokens(self, tokens: int) -> Request:
        """Return the same request with ``tokens`` as the limit on the answer."""
        return Request({**self.body, limit_name(self.body): tokens}, self.mode, self.sample)
