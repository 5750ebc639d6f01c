"""Finds the JSON in what a model said.

Modes that constrain the answer give JSON and nothing else; the others may wrap it in fences or prose, or put thoughts
before it. Of an answer that was cut, the complete elements are kept. Whether the value fits the schema is the
extraction's question.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection
from typing import Any

import orjson

from llmx.dataclass import dataclass
from llmx.endpoint.lenient_json import LenientDecoder, shallow, without_lone_surrogates
from llmx.endpoint.thoughts import without_thoughts

REPAIRED = "the answer was not quite JSON and was repaired"
"""The fault of a value that was read in spite of small faults in the text."""

CUT = "the answer was cut"
"""The fault of a value that holds only the complete elements of an answer."""

_LONG_NUMBER = b"0" * 19  # once all digits are zeros; orjson rounds a whole number of more than 64 bits
_TO_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_LIMIT_CHARS = 1 << 20  # nothing sensible is longer, and the search below is quadratic in the number of brackets
_REPAIR_CHARS = 20_000  # repairing takes some 0.1 ms a character at worst


@dataclass(frozen=True, slots=True)
class Parsed:
    """``value`` is the JSON value, None where ``found`` is False.

    ``fault`` says in a few words, for an issue or a reask, why nothing could be read, or why not everything: of an
    answer that was cut, ``value`` holds the complete elements only.
    """

    value: Any
    found: bool = True
    fault: str = ""


def parse(text: str | None, mode: str = "json_schema", *, cut: bool = False, names: Collection[str] = ()) -> Parsed:
    r"""Return the JSON value in ``text``; never raises.

    Tried in this order: the whole text; an object in fences or prose; the whole text with small faults repaired
    (trailing commas, single quotes, comments); with ``cut`` (finish_reason length) the complete elements of the
    unfinished text. Of several objects the one with most of ``names``, the fields asked for, counts, and the first of
    equals; without names the last one, since what comes before it may be quoted from the document. A bare value,
    neither object nor array, counts only where it is the whole text in a constrained mode.

    >>> parse('Here you are: ```json\n{"a": 1}\n``` Anything else?', "text").value
    {'a': 1}
    >>> parse('{"a": [1, 2, {"b": 3, "c', cut=True)
    Parsed(value={'a': [1, 2]}, found=True, fault='the answer was cut')
    """
    if text is None or not text.strip():
        return Parsed(None, found=False, fault="the answer is empty")
    text = shallow(text)
    try:
        value = orjson.loads(text)
        if _LONG_NUMBER in text.encode("utf-8", "surrogatepass").translate(_TO_ZEROS):
            value = LenientDecoder().whole(text)
    except orjson.JSONDecodeError as error:
        fault = f"the answer is not JSON: {error.msg} at character {error.pos}"
    else:
        if isinstance(value, dict | list) or mode in {"tools", "json_schema"}:
            return Parsed(value)
        fault = f"the answer is a JSON {type(value).__name__}, not an object"
    text = without_lone_surrogates(without_thoughts(text))
    if not text.strip():
        return Parsed(None, found=False, fault="the answer holds thoughts only")
    if cut:
        return _salvage(text)
    inside, repaired = _inside(text, names), _repaired(text)
    if inside is None or (repaired is not None and _score(repaired.value, names) > _score(inside.value, names)):
        inside = repaired
    return inside or Parsed(None, found=False, fault=fault)


def _inside(text: str, names: Collection[str]) -> Parsed | None:
    """Return the JSON object or array in fences or prose that is most likely the answer; objects before arrays."""
    text = text[-_LIMIT_CHARS:]
    best: Any = None
    best_score = 0
    decoder, at, failures = LenientDecoder(), 0, 0
    opening = re.compile(r"[{\[]")
    while failures < 200 and (match := opening.search(text, at)):
        try:
            value, at = decoder.at(text, match.start())
        except ValueError:
            at, failures = match.start() + 1, failures + 1
            continue
        score = _score(value, names)
        if score > best_score or (best_score == 0 and (isinstance(value, dict) or not isinstance(best, dict))):
            best, best_score = value, score
    return None if best is None else Parsed(best, fault=REPAIRED if decoder.odd else "")


def _score(value: Any, names: Collection[str]) -> int:
    """Return how many of ``names`` are fields of ``value``, or of the object that it wraps."""
    if not isinstance(value, dict):
        return 0
    inner = [value, *(each for each in value.values() if isinstance(each, dict))]
    return max(sum(name in each for name in names) for each in inner)


def _repaired(text: str) -> Parsed | None:
    """Return the object or array that ``text`` is but for small faults.

    Where a bracket is missing, something else may be too: that is not repaired.
    """
    begin = min((at for at in (text.find("{"), text.find("[")) if at >= 0), default=-1)
    end = max(text.rfind("}"), text.rfind("]")) + 1
    text = text[begin:end] if 0 <= begin < end <= begin + _REPAIR_CHARS else ""
    if not text or any(text.count(a) != text.count(b) for a, b in ("{}", "[]")):
        return None
    import json_repair  # noqa: PLC0415 - only where it is used

    try:
        value = json_repair.loads(text)
    except (ValueError, RecursionError):
        return None
    return Parsed(value, fault=REPAIRED) if isinstance(value, dict | list) and value else None


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|(?P<unclosed>"(?:[^"\\]|\\.)*+\\?)|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


@dataclass(slots=True)
class _Open:
    """A bracket that is open where the text ends: where its last whole child ended, and how many are whole."""

    closer: str
    end: int
    whole: int = 0


def _salvage(text: str) -> Parsed:
    """Return the complete elements of a text that ends in the middle.

    An unfinished object in an array is dropped whole when a finished one stands before it: half a fact is not a fact.
    A number counts only when something follows it (12 may have become 1200). ``pydantic_core.from_json`` with
    allow_partial keeps both, hence this implementation.
    """
    start = min((at for at in (text.find("{"), text.find("[")) if at >= 0), default=-1)
    stack = _open_brackets(text, start) if start >= 0 else []
    halves = (
        depth
        for depth, (outer, inner) in enumerate(itertools.pairwise(stack))
        if outer.closer == "]" and inner.closer == "}" and outer.whole
    )
    depth = next(halves, len(stack) - 1)
    kept = stack[: depth + 1]
    while len(kept) > 1 and not kept[-1].whole:
        kept.pop()
    if kept and any(frame.whole for frame in kept):
        try:
            value = orjson.loads(text[start : kept[-1].end] + "".join(frame.closer for frame in reversed(kept)))
        except orjson.JSONDecodeError as error:
            return Parsed(None, found=False, fault=f"the answer was cut, and is not JSON before that: {error.msg}")
        return Parsed(value, fault=CUT)
    return Parsed(None, found=False, fault="the answer was cut and nothing in it is whole")


def _open_brackets(text: str, start: int) -> list[_Open]:
    """Return the brackets that are open at the end of ``text``, outermost first; [] where it is whole or malformed."""
    stack: list[_Open] = []
    value_end = -1  # where the last value ended, -1 where none awaits its comma
    is_key = False
    for token in _TOKEN.finditer(text, start):
        word, end = token.group(), token.end()
        if word in "{[":
            stack.append(_Open("}" if word == "{" else "]", end))
            value_end, is_key = -1, word == "{"
        elif word in "}]":
            if not stack or stack.pop().closer != word or not stack:
                return []
            value_end = end
        elif word == ",":
            is_key = bool(stack) and stack[-1].closer == "}"
            value_end = -1
            continue
        elif word == ":":
            is_key = False
            continue
        elif token.lastgroup is None and not is_key and (word[0] == '"' or end < len(text)):
            value_end = end
        if stack and value_end >= 0 and not is_key:
            stack[-1].end, stack[-1].whole = value_end, stack[-1].whole + 1
            value_end = -1
    return stack
