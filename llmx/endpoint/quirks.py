"""How an endpoint wants the parameters of a request, where servers differ.

The probe learns it from refusals, a cassette shows it by what it recorded, and every request is built by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from llmx.endpoint.faults import is_too_large
from llmx.request import TOKEN_LIMITS, limit_name

if TYPE_CHECKING:
    from llmx.errors import RequestError

_FORM_WORDS = (*TOKEN_LIMITS, "temperature", "strict", "response_format", "json_schema", "tool")


@dataclass(frozen=True, slots=True)
class ParamQuirks:
    """What is known of one model at one endpoint.

    ``limit_name`` is what it calls the limit on an answer's tokens, ``temperature`` whether a request may set one,
    ``strict`` whether it takes OpenAI's strict flag: None until it was asked.
    """

    limit_name: str = TOKEN_LIMITS[0]
    temperature: bool = True
    strict: bool | None = None

    @classmethod
    def seen_in(cls, body: Mapping[str, Any]) -> ParamQuirks:
        """Return the quirks by which the request ``body`` was built."""
        return cls(limit_name(body), "temperature" in body, is_strict(body) or None)

    def params(self, *, max_output_tokens: int, temperature: float = 0.0) -> dict[str, Any]:
        """Return the parameters that set the answer's limit and the temperature, in the endpoint's terms."""
        limit = {self.limit_name: max_output_tokens}
        return {**limit, "temperature": temperature} if self.temperature else limit

    def after(self, refusal: RequestError) -> ParamQuirks | None:
        """Return what to try after ``refusal``, None where it is not about a parameter that has an alternative."""
        message = refusal.message.lower()
        if TOKEN_LIMITS[1] in message and self.limit_name == TOKEN_LIMITS[0]:
            return replace(self, limit_name=TOKEN_LIMITS[1])
        if "temperature" in message and self.temperature:
            return replace(self, temperature=False)
        return None


USUAL = ParamQuirks()
"""What most servers want, and what is assumed until something else is known."""


def is_strict(body: Mapping[str, Any]) -> bool:
    """Return whether the request ``body`` carries OpenAI's strict flag, on its tool or on its response format."""
    functions = [tool.get("function") or {} for tool in body.get("tools") or ()]
    schema = (body.get("response_format") or {}).get("json_schema") or {}
    return any(part.get("strict") is True for part in (*functions, schema))


def refuses_form(error: RequestError) -> bool:
    """Return whether ``error`` is about the form of the request (parameters, mode, strictness), not about its content.

    What was remembered about the endpoint is then out of date.
    """
    if error.status not in {400, 422} or is_too_large(error.status, error.message):
        return False
    return any(word in error.message.lower() for word in _FORM_WORDS)
