"""What endpoints are known to refuse for its size, measured on the schema that goes over the wire.

The bounds are those of OpenAI's guide to structured outputs ("Supported schemas"), of Azure's page on the same, and of
llama.cpp's grammars (``MAX_REPETITION_THRESHOLD`` in src/llama-grammar.cpp), each as of November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from llmx import json_pointer
from llmx.schema.wire import TEXT_LIMIT

_ADVICE_STRICT = "Leave out --strict, or ask for less at a time."

REPETITIONS = 2_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a strict mode takes: properties in all, levels of objects and lists, values of choices, characters of names
    and values; and of a choice of more than ``large_enum_values`` the characters of its values.
    """

    endpoint: str
    properties: int
    levels: int
    enum_values: int = 1_000
    chars: int = 120_000
    large_enum_values: int = 250
    large_enum_chars: int = 15_000


STRICT = (
    Bounds("OpenAI's strict mode", properties=5_000, levels=10),
    Bounds("Azure's strict mode", properties=100, levels=5),
)


@dataclass(slots=True)
class SchemaSize:
    """How large a JSON Schema is. A definition counts once; ``levels`` follow references."""

    properties: int = 0
    levels: int = 0
    enum_values: int = 0
    chars: int = 0
    large_enums: list[int] = field(default_factory=list)
    repetitions: list[tuple[str, str, int]] = field(default_factory=list)


Excess = tuple[str, str, str, str, str]
"""Code, pointer, what, why, advice."""


def size_of(schema: dict[str, Any]) -> SchemaSize:
    """Return the size of ``schema``, as it goes over the wire."""
    size = SchemaSize(levels=_levels(schema, schema, frozenset()))
    _measure(schema, size, "")
    return size


def limit_findings(schema: dict[str, Any]) -> Iterator[Excess]:
    """Yield what endpoints are known to refuse of ``schema``: code, pointer, what, why, advice."""
    size = size_of(schema)
    for bounds in STRICT:
        over = [
            f"{count:,} {what}, and it takes {most:,}"
            for count, most, what in (
                (size.properties, bounds.properties, "properties"),
                (size.levels, bounds.levels, "levels"),
                (size.enum_values, bounds.enum_values, "values of choices"),
                (size.chars, bounds.chars, "characters of names and values"),
                (max(size.large_enums, default=0), bounds.large_enum_chars, "characters in one choice"),
            )
            if count > most
        ]
        if over:
            yield "limit", "", "; ".join(over), f"{bounds.endpoint} refuses every request with it", _ADVICE_STRICT
    for pointer, keyword, count in size.repetitions:
        yield (
            "repetitions", pointer, f"{keyword} {count:,}",
            f"grammars of llama.cpp take fewer than {REPETITIONS:,} repetitions; refused, llmx leaves the bound out",
            "Give a smaller bound, or none: what is longer than it needs is refused afterwards anyway.",
        )  # fmt: skip


def _measure(part: Any, size: SchemaSize, pointer: str) -> None:
    if isinstance(part, list):
        for each in part:
            _measure(each, size, pointer)
    if not isinstance(part, dict):
        return
    for keyword in ("maxItems", "maxLength"):
        if isinstance(count := part.get(keyword), int) and REPETITIONS <= count < TEXT_LIMIT:
            size.repetitions.append((pointer, keyword, count))
    values = part["enum"] if isinstance(part.get("enum"), list) else [part["const"]] if "const" in part else []
    chars = sum(len(str(value)) for value in values)
    size.enum_values += len(values)
    size.chars += chars
    if len(values) > STRICT[0].large_enum_values:
        size.large_enums.append(chars)
    for name, below in part.items():
        if name in {"properties", "$defs"} and isinstance(below, dict):
            size.properties += len(below) if name == "properties" else 0
            size.chars += sum(map(len, below))
            for inner, each in below.items():
                _measure(each, size, json_pointer.child(pointer, inner) if name == "properties" else f"({inner})")
        elif name == "items":
            _measure(below, size, f"{pointer}/*")
        elif name in {"anyOf", "oneOf", "allOf"}:
            _measure(below, size, pointer)


def _levels(part: Any, document: dict[str, Any], within: frozenset[str]) -> int:
    """Return how many objects and lists lie within each other; a definition within itself counts once."""
    if not isinstance(part, dict):
        return 0
    if isinstance(reference := part.get("$ref"), str):
        if reference in within:
            return 0
        return _levels(json_pointer.resolve(document, reference[1:]), document, within | {reference})
    choices = [each for word in ("anyOf", "oneOf", "allOf") for each in part.get(word, ())]
    below = [*part.get("properties", {}).values(), *([part["items"]] if "items" in part else [])]
    deeper = 1 if below else 0
    return max([deeper + max((_levels(each, document, within) for each in below), default=0),
                *(_levels(each, document, within) for each in choices)])  # fmt: skip
