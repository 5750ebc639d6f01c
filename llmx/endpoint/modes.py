"""The four forms in which an answer can be asked for, and what each adds to a request.

``tools`` forces one function call, ``json_schema`` constrains the answer, ``json`` asks for some JSON object, ``text``
asks for nothing and relies on the prompt. What an endpoint honours is found by ``probe.py``. The forms are those that
instructor builds; they are built here, once per schema, for the reasons in docs/decisions/instructor.md, and a test
holds that they stay the same. Nothing is added to the messages: the sketch in the prompt shows the schema.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from llmx.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import BaseModel

Mode = Literal["tools", "json_schema", "json", "text"]
MODES: tuple[Mode, ...] = ("tools", "json_schema", "json", "text")
"""In the order in which ``--mode auto`` tries them."""

SHOWS_SCHEMA: dict[Mode, bool] = {"tools": True, "json_schema": False, "json": False, "text": False}
"""Whether the model sees the schema in this mode; where not (llama.cpp constrains but does not show), the prompt must
show the sketch. For tools it is the chat template that shows it."""


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """What a mode adds to the body of a request, for one schema. ``name`` is the function's or the schema's."""

    mode: Mode
    name: str
    body: dict[str, Any] = field(repr=False)


@lru_cache(maxsize=256)
def response_format(wire_model: type[BaseModel], mode: Mode, *, strict: bool = False) -> ResponseFormat:
    """Return what ``mode`` adds to a request that asks for ``wire_model``. Made once and kept; do not change it.

    ``strict`` sets the flag by which OpenAI promises to obey the schema; its schema must then be closed and require
    every field, which the wire models of llmx do. Raises ConfigError on a mode that is none.
    """
    if mode not in MODES:
        raise ConfigError(f"{mode!r} is not a mode", hint=f"Choose one of {', '.join(MODES)}, or auto.")
    if mode == "text":
        return ResponseFormat(mode, wire_model.__name__, {})
    if mode == "json":
        return ResponseFormat(mode, wire_model.__name__, {"response_format": {"type": "json_object"}})
    schema = wire_model.model_json_schema()
    if mode == "tools":
        return _tools(schema, wire_model.__name__, strict=strict)
    inner: dict[str, Any] = {"name": wire_model.__name__, "schema": schema}
    if strict:
        inner["strict"] = True
    return ResponseFormat(mode, wire_model.__name__, {"response_format": {"type": "json_schema", "json_schema": inner}})


def _tools(schema: dict[str, Any], class_name: str, *, strict: bool) -> ResponseFormat:
    name = str(schema.get("title") or class_name)
    described = f"Correctly extracted `{class_name}` with all the required parameters with correct types"
    function: dict[str, Any] = {
        "name": name,
        "description": schema.get("description") or described,
        "parameters": {key: value for key, value in schema.items() if key not in {"title", "description"}},
    }
    if strict:
        function["strict"] = True
    return ResponseFormat(
        "tools",
        name,
        {
            "tools": [{"type": "function", "function": function}],
            "tool_choice": {"type": "function", "function": {"name": name}},
        },
    )
