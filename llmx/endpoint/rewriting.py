"""Puts the body of a request into the terms of an endpoint that refuses a part of the usual ones.

Nothing is lost that cannot be checked afterwards: the schema on the wire allows more than the wire model does, which
has the last word on the answer. What is refused is known from ``ParamQuirks``; a body that holds none of it stays the
same object, so that its request keeps its key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from llmx.endpoint.responses_api import as_chat, as_responses, is_responses
from llmx.request import TOKEN_LIMITS, limit_name

if TYPE_CHECKING:
    from llmx.endpoint.modes import Mode
    from llmx.endpoint.quirks import ParamQuirks

Json = dict[str, Any]

_MAPS = frozenset({"properties", "$defs"})
_LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_PARTS = frozenset({"items", "additionalProperties", "not"})
_CAPS = frozenset({"maxItems", "maxLength"})
_MOST_INLINED = 5_000  # definitions that refer to each other grow exponentially when they are inlined


def in_terms_of(quirks: ParamQuirks, body: Json) -> Json:
    """Return ``body`` as an endpoint with ``quirks`` takes it; ``body`` itself where nothing in it is refused."""
    out = as_chat(body)
    limit = next((name for name in TOKEN_LIMITS if name in body), quirks.limit_name)
    if limit != quirks.limit_name:
        out = {quirks.limit_name if name == limit else name: value for name, value in out.items()}
    if not quirks.temperature and "temperature" in out:
        out = {name: value for name, value in out.items() if name != "temperature"}
    if not quirks.system and any(message.get("role") == "system" for message in out.get("messages", ())):
        out = {**out, "messages": without_system(out["messages"])}
    if quirks.strict is False:
        out = _with_holder(out, lambda holder: {key: value for key, value in holder.items() if key != "strict"})
    changes = [
        change
        for accepted, change in (
            (quirks.definitions, inlined), (quirks.unions, without_unions), (quirks.closed, without_closing),
            (quirks.caps, without_caps),
        )
        if not accepted
    ]  # fmt: skip
    for change in changes:
        out = _with_schema(out, change)
    if quirks.api == "responses":
        out = as_responses(out)
    return body if out == body else out


def in_mode(mode: Mode, body: Json) -> Json:
    """Return ``body`` asking in ``mode``, json or text: without its schema, which the prompt's sketch shows."""
    chat = as_chat(body)
    out = {name: value for name, value in chat.items() if name not in {"tools", "tool_choice", "response_format"}}
    out = {**out, "response_format": {"type": "json_object"}} if mode == "json" else out
    return as_responses(out) if is_responses(body) else out


def with_effort(body: Json, effort: str) -> Json:
    """Return ``body`` asking for another effort of reasoning."""
    chat = {**as_chat(body), "reasoning_effort": effort}
    return as_responses(chat) if is_responses(body) else chat


_OWN_MEMBERS = frozenset(
    {
        "model",
        "messages",
        "tools",
        "tool_choice",
        "response_format",
        "temperature",
        "seed",
        "logprobs",
        "top_logprobs",
        *TOKEN_LIMITS,
    }
)


def is_verification(body: Json) -> bool:
    """Return whether ``body`` asks about a value, for one token and its alternatives (``--verify``)."""
    return "top_logprobs" in body and body.get(limit_name(body)) == 1


def added_members(body: Json) -> Json:
    """Return the members of ``body`` that the user added to those that llmx writes, in terms of a chat completion."""
    return {name: value for name, value in as_chat(body).items() if name not in _OWN_MEMBERS}


def effort_of(body: Json) -> str | None:
    """Return the effort of reasoning that ``body`` asks for, None where it names none."""
    effort: str | None = as_chat(body).get("reasoning_effort")
    return effort


def holds(body: Json, keyword: str) -> bool:
    """Return whether the schema that ``body`` sends uses ``keyword``."""
    found = False

    def look(part: Json) -> Json:
        nonlocal found
        found = found or keyword in part
        return part

    _with_schema(body, lambda schema: mapped(schema, look))
    return found


def without_system(messages: list[Json]) -> list[Json]:
    r"""Return ``messages`` with what the system says at the beginning of the first user message.

    >>> without_system([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who?"}])
    [{'role': 'user', 'content': 'Be brief.\n\nWho?'}]
    """
    said = [str(message.get("content") or "") for message in messages if message.get("role") == "system"]
    rest = [message for message in messages if message.get("role") != "system"]
    told = "\n\n".join(said)
    if not rest or rest[0].get("role") != "user":
        return [{"role": "user", "content": told}, *rest]
    content = rest[0].get("content") or ""
    joined = [{"type": "text", "text": told}, *content] if isinstance(content, list) else f"{told}\n\n{content}"
    return [{**rest[0], "content": joined}, *rest[1:]]


def inlined(schema: Json) -> Json:
    """Return ``schema`` with what it refers to in the place of each reference; a recursion ends in an open object."""
    definitions: Json = schema.get("$defs", {})
    count = 0

    def resolved(part: Json, within: tuple[str, ...]) -> Json:
        nonlocal count
        count += 1
        name = str(part.get("$ref", "")).removeprefix("#/$defs/")
        if "$ref" in part:
            beside = {key: value for key, value in part.items() if key != "$ref"}
            target: Json = definitions.get(name, {})
            if name in within or count > _MOST_INLINED:
                return {**({"type": target["type"]} if "type" in target else {}), **beside}
            return {**resolved(target, (*within, name)), **beside}
        return _children(part, lambda child: resolved(child, within))

    return resolved({key: value for key, value in schema.items() if key != "$defs"}, ())


def without_unions(schema: Json) -> Json:
    """Return ``schema`` without anyOf and oneOf: what may be null may be left out, other alternatives are open."""
    part = schema
    if "required" in part:
        properties: Json = part.get("properties", {})
        part = {**part, "required": [name for name in part["required"] if not _nullable(properties.get(name))]}
    part = _children(part, without_unions)
    branches = part.get("anyOf") or part.get("oneOf") or ()
    out = {key: value for key, value in part.items() if key not in {"anyOf", "oneOf", "discriminator"}}
    if isinstance(out.get("type"), list):
        out["type"] = next((kind for kind in out["type"] if kind != "null"), "string")
    real = [branch for branch in branches if branch.get("type") != "null"]
    kinds = {branch.get("type") for branch in real}
    if len(real) == 1:
        return {**real[0], **out}
    if len(kinds) == 1 and kinds & {"string", "number", "integer", "boolean"}:
        return {"type": kinds.pop(), **out}
    return out


def _nullable(part: Any) -> bool:
    if not isinstance(part, dict):
        return False
    kind = part.get("type")
    branches = part.get("anyOf") or part.get("oneOf") or ()
    return (isinstance(kind, list) and "null" in kind) or any(branch.get("type") == "null" for branch in branches)


def without_closing(schema: Json) -> Json:
    """Return ``schema`` without additionalProperties."""
    return mapped(schema, lambda part: {key: value for key, value in part.items() if key != "additionalProperties"})


def without_caps(schema: Json) -> Json:
    """Return ``schema`` without what limits lists and texts to a length."""
    return mapped(schema, lambda part: {key: value for key, value in part.items() if key not in _CAPS})


def mapped(schema: Json, change: Callable[[Json], Json]) -> Json:
    """Return ``schema`` with each of its parts changed, innermost first."""
    return change(_children(schema, lambda part: mapped(part, change)))


def _children(schema: Json, change: Callable[[Json], Json]) -> Json:
    """Return ``schema`` with the schemas directly in it changed; names of properties are no keywords."""
    out: Json = {}
    for key, value in schema.items():
        if key in _MAPS and isinstance(value, Mapping):
            out[key] = {name: change(part) if isinstance(part, dict) else part for name, part in value.items()}
        elif key in _LISTS and isinstance(value, list):
            out[key] = [change(part) if isinstance(part, dict) else part for part in value]
        elif key in _PARTS and isinstance(value, dict):
            out[key] = change(value)
        else:
            out[key] = value
    return out


def _with_schema(body: Json, change: Callable[[Json], Json]) -> Json:
    """Return ``body`` with the schema that it sends, if any, changed."""

    def changed(holder: Json) -> Json:
        key = "parameters" if "parameters" in holder else "schema"
        return {**holder, key: change(holder[key])} if isinstance(holder.get(key), dict) else holder

    return _with_holder(body, changed)


def _with_holder(body: Json, change: Callable[[Json], Json]) -> Json:
    """Return ``body`` with what holds its schema, a function or a response format, changed."""
    if "tools" in body:
        return {**body, "tools": [{**tool, "function": change(tool.get("function") or {})} for tool in body["tools"]]}
    form = body.get("response_format") or {}
    if "json_schema" in form:
        return {**body, "response_format": {**form, "json_schema": change(form["json_schema"])}}
    return body
