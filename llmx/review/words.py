"""Computes a value from words that a person selected or typed, the way the extraction would.

The law holds here as well: a person points at words, the code computes. What the words do not say is left empty, with
the reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Any

from llmx.review.form import is_untyped

if TYPE_CHECKING:
    from llmx.schema import Leaf
    from llmx.types import Reading

_FLAGS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class WordsRead:
    """What words say: the value as JSON; ``clear`` is False if none could be computed.

    ``start`` and ``end`` are the place of the words that were read, in code points of the words given. ``remarks`` are
    for people; ``candidates`` are values that the words may mean.
    """

    value: Any
    clear: bool
    start: int
    end: int
    rule: str = ""
    remarks: tuple[str, ...] = ()
    candidates: tuple[Any, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that the form gets."""
        return {
            "value": self.value, "clear": self.clear, "start": self.start, "end": self.end, "rule": self.rule,
            "remarks": list(self.remarks), "candidates": list(self.candidates),
        }  # fmt: skip


def read_words(words: str, leaf: Leaf, *, locale: str | None = None, typed: bool = False) -> WordsRead:
    """Return what ``words`` say for ``leaf``. Never raises on words that say nothing.

    ``typed`` words were written by hand, so they may also be the value itself: ``2026-05-12``, ``3200000000``, the name
    of a choice, or JSON.
    """
    start, end = _trimmed(words)
    plain = words[start:end]
    if not plain:
        return WordsRead(None, clear=False, start=start, end=end, remarks=("There are no words.",))
    if leaf.kind == "flag":
        return _flag(plain, at=(start, end))
    if leaf.kind == "choice":
        return _choice(plain, leaf, at=(start, end))
    value = _literal(plain, leaf) if typed else None
    if value is not None:
        return WordsRead(value, clear=True, start=start, end=end)
    if leaf.reader is None:
        return WordsRead(" ".join(plain.split()), clear=True, start=start, end=end)
    return _computed(leaf, leaf.reader.from_text(words, locale=locale))


def _trimmed(words: str) -> tuple[int, int]:
    """Return where the words begin and end without the white space around them."""
    start = len(words) - len(words.lstrip())
    return start, max(start, len(words.rstrip()))


def _literal(plain: str, leaf: Leaf) -> Any:
    """Return the value that ``plain`` is as JSON if it fits the leaf, else None."""
    if is_untyped(leaf):
        (value,) = _as_json(plain) or (None,)
        return None if isinstance(value, float) and not isfinite(value) else value
    return _validated(plain, leaf) if leaf.reader is not None else None


def _validated(plain: str, leaf: Leaf) -> Any:
    """Return the JSON form of a typed value given as JSON: 2026-05-12, 42, {"amount": 5}. None is for the reader."""
    from pydantic import ValidationError  # noqa: PLC0415

    adapter = _adapter(leaf.kind_of)
    for given in (plain, *_as_json(plain)):
        try:
            return adapter.dump_python(adapter.validate_python(given), mode="json")
        except (ValidationError, ValueError, TypeError):
            continue
    return None


def _as_json(plain: str) -> tuple[Any, ...]:
    try:
        return (json.loads(plain),)
    except (ValueError, RecursionError):
        return ()


@cache
def _adapter(annotation: Any) -> Any:
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(annotation)


def _flag(plain: str, *, at: tuple[int, int]) -> WordsRead:
    value = _FLAGS.get(plain.casefold())
    if value is None:
        return WordsRead(
            None, clear=False, start=at[0], end=at[1], remarks=("True or false?",), candidates=(True, False)
        )
    return WordsRead(value, clear=True, start=at[0], end=at[1], candidates=(True, False))


def _choice(plain: str, leaf: Leaf, *, at: tuple[int, int]) -> WordsRead:
    """Return the choice that the words name, or whose cue they hold; the longest cue wins."""
    said = plain.casefold()
    named = [each for each in leaf.choices if str(each).casefold() in {said, said.replace(" ", "_")}]
    cued = {
        each: max((len(cue) for cue in _cues(leaf, each) if cue.casefold() in said), default=0) for each in leaf.choices
    }
    best = max(cued, key=lambda each: cued[each], default=None)
    value = named[0] if named else best if best is not None and cued[best] else None
    if value is None:
        return WordsRead(
            None, clear=False, start=at[0], end=at[1], remarks=("Which of these?",), candidates=leaf.choices
        )
    return WordsRead(value, clear=True, start=at[0], end=at[1], rule="" if named else "cue")


def _cues(leaf: Leaf, choice: Any) -> tuple[str, ...]:
    words = leaf.cues.words if leaf.cues is not None else {}
    listed = words.get(str(choice), ()) if isinstance(words, Mapping) else ()
    return (str(choice).replace("_", " "), *listed)


def _computed(leaf: Leaf, reading: Reading[Any]) -> WordsRead:
    value = None if reading.value is None else _json_form(reading.value, leaf)
    return WordsRead(
        value,
        clear=value is not None,
        start=reading.start,
        end=reading.end,
        rule=reading.rule,
        remarks=tuple(dict.fromkeys(str(each.message) for each in reading.issues)),
        candidates=tuple(_json_form(each, leaf) for each in reading.candidates),
    )


def _json_form(value: Any, leaf: Leaf) -> Any:
    return _adapter(leaf.kind_of).dump_python(value, mode="json")
