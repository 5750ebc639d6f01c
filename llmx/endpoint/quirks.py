"""How an endpoint wants the parameters of a request, where servers differ.

The probe learns it from refusals, a cassette shows it by what it recorded, and every request is built by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from llmx.dataclass import dataclass
from llmx.endpoint.faults import is_too_large
from llmx.endpoint.responses_api import as_chat, is_responses
from llmx.endpoint.rewriting import holds, in_terms_of
from llmx.request import TOKEN_LIMITS, limit_name

if TYPE_CHECKING:
    from llmx.errors import RequestError

_MODE_WORDS = ("response_format", "json_schema", "tool", "function", "schema", "grammar")
_FORM_WORDS = (*TOKEN_LIMITS, "temperature", "strict", "response_format", "json_schema", "tool")
_SYSTEM = re.compile(
    r"system[ _-]?(?:role|message|prompt|instruction)|role\W+system|developer instruction|roles must alternate"
)
Api = Literal["chat", "responses"]
"""The two APIs of OpenAI's protocol: Chat Completions and Responses."""

_WANTS_RESPONSES = re.compile(r"v1/responses|responses api|chatcompletion operation does not work")
"""How OpenAI refuses a chat completion, and Azure: by its model, or by function calls with a reasoning effort."""

_WANTS_CHAT = re.compile(r"not supported (?:with|in|by) the responses api|v1/chat/completions")
_NO_SUCH_PATH = frozenset({404, 405})

_SCHEMA_WORDS = (
    ("definitions", ("$defs",), re.compile(r"\$defs|\$ref|\bdefinitions\b|\breferences\b")),
    ("unions", ("anyOf",), re.compile(r"anyof|oneof|\bunions?\b")),
    ("closed", ("additionalProperties",), re.compile(r"additional[ _]?properties")),
    (
        "caps",
        ("maxItems", "maxLength"),
        re.compile(r"max_?(?:items|length)|repetitions|too many states|too (?:complex|large)|parse grammar"),
    ),
)
"""What a schema may hold that servers refuse, and how they say so: Google's and Anthropic's compile it to an automaton
that lists and texts with a cap make large, llama.cpp's and OpenAI's strict mode have bounds of their own."""


@dataclass(frozen=True, slots=True)
class ParamQuirks:
    """What is known of one model at one endpoint.

    ``limit_name`` is what it calls the limit on an answer's tokens, ``temperature`` whether a request may set one,
    ``strict`` whether it takes OpenAI's strict flag: None until it was asked. ``system`` says whether messages may have
    the role system; ``definitions``, ``unions``, ``closed`` and ``caps`` whether a schema may use $defs, anyOf,
    additionalProperties, and maxItems and maxLength. ``api`` is the one that it is asked by.
    """

    limit_name: str = TOKEN_LIMITS[0]
    temperature: bool = True
    strict: bool | None = None
    system: bool = True
    definitions: bool = True
    unions: bool = True
    closed: bool = True
    caps: bool = True
    api: Api = "chat"

    @classmethod
    def seen_in(cls, body: Mapping[str, Any]) -> ParamQuirks:
        """Return the parameters' names by which the request ``body`` was built."""
        strict = is_strict(body) or None
        if is_responses(body):
            return cls(temperature="temperature" in body, strict=strict, api="responses")
        return cls(limit_name(body), "temperature" in body, strict)

    @property
    def usual(self) -> bool:
        """Whether the endpoint takes a request as most do."""
        accepted = self.temperature and self.system and self.definitions and self.unions and self.closed and self.caps
        accepted = accepted and self.limit_name == TOKEN_LIMITS[0] and self.strict is not False
        return accepted and self.api == "chat"

    def params(self, *, max_output_tokens: int, temperature: float = 0.0) -> dict[str, Any]:
        """Return the parameters that set the answer's limit and the temperature, in the endpoint's terms."""
        limit = {self.limit_name: max_output_tokens}
        return {**limit, "temperature": temperature} if self.temperature else limit

    def without(self, *names: str) -> ParamQuirks:
        """Return these quirks with what ``names`` say (system, definitions, unions, closed, caps) refused."""
        refused: dict[str, Any] = dict.fromkeys(names, False)
        return replace(self, **refused)

    def body(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return ``body`` in the endpoint's terms, the same object where nothing in it is refused."""
        return body if self.usual else in_terms_of(self, body)

    def after(self, refusal: RequestError, body: dict[str, Any]) -> ParamQuirks | None:
        """Return what to try after the ``refusal`` of ``body``, None where it names nothing that has an alternative.

        The API is a matter of ``other_api``.
        """
        message, body = refusal.message.lower(), as_chat(body)
        limit = next((name for name in TOKEN_LIMITS if name in body), None)
        if limit and TOKEN_LIMITS[1] in message and not is_too_large(refusal.status or 400, message):
            return replace(self, limit_name=TOKEN_LIMITS[limit == TOKEN_LIMITS[0]])
        if "temperature" in body and "temperature" in message:
            return replace(self, temperature=False)
        if _SYSTEM.search(message) and any(each.get("role") == "system" for each in body.get("messages", ())):
            return replace(self, system=False)
        for name, keywords, words in _SCHEMA_WORDS:
            if words.search(message) and any(holds(body, keyword) for keyword in keywords):
                return self.without(name)
        if is_strict(body) and re.search(r"\bstrict\b", message):
            return replace(self, strict=False)
        return None

    def other_api(self, refusal: RequestError, body: dict[str, Any]) -> ParamQuirks | None:
        """Return these quirks with the other API where the ``refusal`` of ``body`` says that it wants that, else None.

        A path that is not there says so, too, where it is that of the Responses API: every server has the other.
        """
        wanted = wanted_api(refusal, "responses" if is_responses(body) else "chat")
        return None if wanted is None else replace(self, api=wanted)


USUAL = ParamQuirks()
"""What most servers want, and what is assumed until something else is known."""


def wanted_api(refusal: RequestError, asked: str) -> Api | None:
    """Return the other API where the ``refusal`` of a request by ``asked`` says that it wants that, else None."""
    message = refusal.message.lower()
    if asked == "chat":
        return "responses" if refusal.status in {400, 404, 422} and _WANTS_RESPONSES.search(message) else None
    return "chat" if refusal.status in _NO_SUCH_PATH or _WANTS_CHAT.search(message) else None


def is_strict(body: Mapping[str, Any]) -> bool:
    """Return whether the request ``body`` carries OpenAI's strict flag, on its tool or on its response format."""
    body = as_chat(dict(body))
    functions = [tool.get("function") or {} for tool in body.get("tools") or ()]
    schema = (body.get("response_format") or {}).get("json_schema") or {}
    return any(part.get("strict") is True for part in (*functions, schema))


def refuses_form(error: RequestError) -> bool:
    """Return whether ``error`` is about the form of the request (parameters, mode, strictness), not about its content.

    What was remembered about the endpoint is then out of date.
    """
    return _about(error, _FORM_WORDS)


def refuses_mode(error: RequestError) -> bool:
    """Return whether ``error`` is about the mode of the request, or about the schema that it sends."""
    return _about(error, _MODE_WORDS)


def _about(error: RequestError, words: tuple[str, ...]) -> bool:
    if error.status not in {400, 422, 501} or is_too_large(error.status, error.message):
        return False
    return any(word in error.message.lower() for word in words)
