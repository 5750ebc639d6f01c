"""The four forms in which an answer can be asked for, and what each adds to a request.

``tools`` forces one function call, ``json_schema`` constrains the answer, ``json`` asks for some JSON object, ``text``
asks for nothing and relies on the prompt. ``probe.py`` finds out which of them an endpoint honours. The forms are those
that instructor builds; they are built here, once per schema, for the reasons in docs/decisions/instructor.md, and a
test holds the two equal. Nothing is added to the messages: the sketch in the prompt shows the schema.
"""

from __future__ import annotations

from dataclasses import field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from llmx.dataclass import dataclass
from llmx.endpoint.strict import strict_schema
from llmx.errors import ConfigError, choices

if TYPE_CHECKING:
    from pydantic import BaseModel

Mode = Literal["tools", "json_schema", "json", "text"]
MODES: tuple[Mode, ...] = ("tools", "json_schema", "json", "text")
"""In the order in which ``--mode auto`` tries them."""

SHOWS_SCHEMA: dict[Mode, bool] = {"tools": True, "json_schema": False, "json": False, "text": False}
"""Whether the model sees the schema in this mode; where not (llama.cpp constrains but does not show), the prompt must
show the sketch. For tools it is the chat template that shows it."""

STRICT_MODES: tuple[Mode, ...] = ("tools", "json_schema")
"""The modes that send a schema, and so can send it as strict."""


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """What a mode adds to the body of a request, for one schema. ``name`` is the function's or the schema's."""

    mode: Mode
    name: str
    body: dict[str, Any] = field(repr=False)


@lru_cache(maxsize=256)
def response_format(wire_model: type[BaseModel], mode: Mode, *, strict: bool = False) -> ResponseFormat:
    """Return what ``mode`` adds to a request that asks for ``wire_model``. Built once and kept; do not change it.

    With ``strict`` the schema goes out in OpenAI's strict subset and with its flag; the modes json and text send no
    schema, so nothing changes there. Raises ConfigError for an unknown mode, SchemaError where the schema has no strict
    form.
    """
    if mode not in MODES:
        raise ConfigError(f"{mode!r} is not a mode", hint=choices(mode, ("auto", *MODES)))
    name = wire_model.__name__
    if mode == "text":
        return ResponseFormat(mode, name, {})
    if mode == "json":
        return ResponseFormat(mode, name, {"response_format": {"type": "json_object"}})
    schema = wire_model.model_json_schema()
    flag = {"strict": True} if strict else {}
    schema = strict_schema(schema) if strict else schema
    if mode == "tools":
        return _tool(schema, name, flag)
    inner = {"name": name, "schema": schema, **flag}
    return ResponseFormat(mode, name, {"response_format": {"type": "json_schema", "json_schema": inner}})


def _tool(schema: dict[str, Any], class_name: str, flag: dict[str, bool]) -> ResponseFormat:
    name = str(schema.get("title") or class_name)
    described = f"Correctly extracted `{class_name}` with all the required parameters with correct types"
    function = {
        "name": name,
        "description": schema.get("description") or described,
        "parameters": {key: value for key, value in schema.items() if key not in {"title", "description"}},
        **flag,
    }
    choice = {"type": "function", "function": {"name": name}}
    return ResponseFormat("tools", name, {"tools": [{"type": "function", "function": function}], "tool_choice": choice})
