"""A request is a finished, frozen value before anything is sent, and its key is its identity.

Cache, cassette, resume and the sharing of identical requests in flight all use ``Request.key``. What can change the
answer is in the key (messages, tools or response format, model, sampling, sample index); what cannot (time-outs,
retries, headers, API key, host) is not part of a request at all.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson


def canonical_json(value: Any) -> bytes:
    """Return the one JSON text of ``value``: UTF-8, keys sorted, no white space.

    >>> canonical_json({"b": 1, "a": "é"}).decode()
    '{"a":"é","b":1}'
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)


def fingerprint(value: Any) -> str:
    """Return the sha256 of ``value``'s canonical JSON as 64 hex digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


@dataclass(frozen=True)
class Request:
    """One chat completion to ask for.

    ``body`` is the JSON object that goes over the wire, ``model`` included; it must not be changed once it is here.
    ``mode`` says in which form the answer comes (tools, json_schema, json, text): it steers the parsing and is implied
    by the body, so it is not in the key. ``sample`` tells repeated requests of the same body apart.
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
