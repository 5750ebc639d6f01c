"""Computes a value from words that a person selected or typed, the way the extraction would.

The law holds here as well: a person points at words, the code computes. What the words do not say is left empty, with
the reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from math import isfinite
from typing import Any

from llmx.review.shape import Shape

_FLAGS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Said:
    """What words say: the value as JSON; ``clear`` is False where none could be computed.

    ``start`` and ``end`` are the place of the words actually read, in code points of the words given. ``remarks`` are
    for people; ``candidates`` are values the words may mean.
    """

    value: Any
    clear: bool
    start: int
    end: int
    rule: str = ""
    remarks: tuple[str, ...] = ()
    candidates: tuple[Any, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that the form gets."""
        return {
            "value": self.value, "clear": self.clear, "start": self.start, "end": self.end, "rule": self.rule,
            "remarks": list(self.remarks), "candidates": list(self.candidates),
        }  # fmt: skip


def said_by(words: str, shape: Shape, *, locale: str | None = None, typed: bool = False) -> Said:
    """Return what ``words`` say for a leaf of ``shape``. Never raises on bad words.

    ``typed`` words were written by hand, so that they may also be the value itself: ``2026-05-12``, ``3200000000``,
    a choice's name, or JSON.
    """
    start, end = _trimmed(words)
    plain = words[start:end]
    if not plain:
        return Said(None, clear=False, start=start, end=end, remarks=("there are no words",))
    if shape.type in {"choice", "flag"}:
        return _choice(plain, shape, at=(start, end))
    direct = _direct(plain, shape) if typed and shape.type != "text" else None
    if direct is not None:
        return Said(direct, clear=True, start=start, end=end)
    if shape.type in {"text", "any"}:
        return Said(" ".join(plain.split()), clear=True, start=start, end=end)
    return _computed(words, shape, locale)


def _trimmed(words: str) -> tuple[int, int]:
    """Where the words begin and end without white space around them."""
    start = len(words) - len(words.lstrip())
    return start, max(start, len(words.rstrip()))


def _direct(plain: str, shape: Shape) -> Any:
    """The value that ``plain`` is as JSON, if it fits the shape; None else."""
    if shape.leaf is not None:
        return _validated(plain, shape)
    try:
        value = json.loads(plain)
    except ValueError:
        return None
    if isinstance(value, float) and not isfinite(value):
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if shape.type == "any" or (shape.type == "number" and number) else None


def _validated(plain: str, shape: Shape) -> Any:
    """The JSON form of a typed value written as JSON: '2026-05-12', 42, {"amount": 5}; words are left to the reader."""
    from pydantic import ValidationError  # noqa: PLC0415

    adapter = _adapter(shape.leaf.kind_of if shape.leaf else str)
    for given in (plain, *_as_json(plain)):
        try:
            value = adapter.dump_python(adapter.validate_python(given), mode="json")
        except (ValidationError, ValueError, TypeError):
            continue
        return value
    return None


def _as_json(plain: str) -> tuple[Any, ...]:
    try:
        return (json.loads(plain),)
    except ValueError:
        return ()


@cache
def _adapter(annotation: Any) -> Any:
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(annotation)


def _choice(plain: str, shape: Shape, *, at: tuple[int, int]) -> Said:
    """The choice that the words name, or whose cue they hold; the longest name wins."""
    said = plain.casefold()
    if shape.type == "flag":
        flag = _FLAGS.get(said)
        remarks = () if flag is not None else ("true or false?",)
        return Said(flag, clear=flag is not None, start=at[0], end=at[1], remarks=remarks, candidates=(True, False))
    named = [each for each in shape.choices if str(each).casefold() in {said, said.replace(" ", "_")}]
    cued = {
        each: max((len(cue) for cue in _cues(shape, each) if cue.casefold() in said), default=0)
        for each in shape.choices
    }
    best = max(cued, key=lambda each: cued[each], default=None)
    value = named[0] if named else best if best is not None and cued[best] else None
    if value is None:
        return Said(None, clear=False, start=at[0], end=at[1], remarks=("which of these?",), candidates=shape.choices)
    return Said(value, clear=True, start=at[0], end=at[1], rule="" if named else "cue")


def _cues(shape: Shape, choice: Any) -> tuple[str, ...]:
    cues = shape.leaf.cues.words if shape.leaf is not None and shape.leaf.cues is not None else {}
    listed = cues.get(str(choice), ()) if isinstance(cues, Mapping) else ()
    return (str(choice).replace("_", " "), *listed)


def _computed(words: str, shape: Shape, locale: str | None) -> Said:
    reader = _reader(shape)
    reading = reader.from_text(words, locale=locale)
    annotation = _annotation(shape)
    remarks = tuple(dict.fromkeys(str(each.message) for each in reading.issues))
    candidates = tuple(_json_form(each, annotation) for each in reading.candidates)
    value = None if reading.value is None else _json_form(reading.value, annotation)
    return Said(
        value,
        clear=value is not None,
        start=reading.start,
        end=reading.end,
        rule=reading.rule,
        remarks=remarks,
        candidates=candidates,
    )


def _annotation(shape: Shape) -> Any:
    from llmx.types import Number, PartialDate  # noqa: PLC0415 - types are loaded when words are first read

    return shape.leaf.kind_of if shape.leaf is not None else PartialDate if shape.type == "date" else Number


def _reader(shape: Shape) -> Any:
    return shape.leaf.reader if shape.leaf is not None and shape.leaf.reader is not None else _annotation(shape)


def _json_form(value: Any, annotation: Any) -> Any:
    return _adapter(annotation).dump_python(value, mode="json")
