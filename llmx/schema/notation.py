"""Reads a schema in one line: ``name, founded: date, revenue: money?, parties: [name, country: country]``.

A field is a name, or a name, a colon, and what it holds: a type, ``[...]`` for a list, ``{...}`` for an object, or the
words of a choice between bars. ``?`` makes it optional; a text in quotes is its description.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from dataclasses import field

from llmx.dataclass import dataclass
from llmx.errors import SchemaError

TYPES = (
    "text", "number", "integer", "boolean", "date", "datetime", "time", "period", "duration", "money", "percent",
    "quantity", "country", "currency", "language", "person", "organization", "email", "phone", "url",
    "partial_datetime", "percent_range", "iban", "vat_id", "postcode", "address", "coordinates",
)  # fmt: skip
"""The types, by the names that they have in the notation."""

_ALIASES = {
    "str": "text", "string": "text", "int": "integer", "float": "number", "decimal": "number", "bool": "boolean",
    "company": "organization", "organisation": "organization",
}  # fmt: skip
_TOKEN = re.compile(r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<word>[\w-]+)|(?P<sign>[\[\]{},:?|]))""")
_MARKS = re.compile(r"""[,{}?"'|]|\[|:\s""")
_PLACE = re.compile(r"(?:list\[)?(?:.*\.(?:py|json)|[\w.]+)(?::(?:list\[)?\w+\]?)?\]?", re.DOTALL)
_DEEPEST = 16
_WHOLE_LIST = re.compile(r"list\[(?P<inner>.*)\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FieldType:
    """What a field holds, or a list of it: a type, by its ``name``; a choice of ``words``; an object of ``fields``."""

    name: str = ""
    words: tuple[str, ...] = ()
    fields: tuple[FieldLine, ...] = ()
    listed: bool = False


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field as it is written."""

    name: str
    type: FieldType = field(default_factory=lambda: FieldType("text"))
    optional: bool = False
    description: str = ""


def is_notation(reference: str) -> bool:
    """Return whether a schema's reference is one in this notation: it has a comma, a bracket, a colon and a blank, ...

    The name of a file is none, whatever stands in it.

    >>> is_notation("name, founded: date"), is_notation("partnership"), is_notation("path, to/file.py:Invoice")
    (True, False, False)
    """
    if _PLACE.fullmatch(reference):
        return False
    return _MARKS.search(inner_of_list(reference) or reference) is not None


def inner_of_list(reference: str) -> str | None:
    """Return what stands in ``list[...]``, None where that is not around the whole."""
    found = _WHOLE_LIST.fullmatch(reference.strip())
    return found["inner"] if found else None


def parse_notation(text: str) -> tuple[FieldLine, ...]:
    """Return the fields that ``text`` describes. Raises SchemaError, which names the column.

    >>> [(line.name, line.type.name, line.optional) for line in parse_notation("name, founded: date?")]
    [('name', 'text', False), ('founded', 'date', True)]
    """
    return _Parser(text).whole()


class _Parser:
    """Reads the notation from left to right. Every error names its column, counted from 1."""

    def __init__(self, text: str) -> None:
        self._text, self._depth = text, 0
        self._tokens = list(self._scan())
        self._next = 0

    def whole(self) -> tuple[FieldLine, ...]:
        """Return the fields of the root."""
        return self._fields(end="")

    def _scan(self) -> Iterator[tuple[str, str, int]]:
        at = 0
        while self._text[at:].strip():
            found = _TOKEN.match(self._text, at)
            if found is None:
                at += len(self._text[at:]) - len(self._text[at:].lstrip())
                if self._text[at] in "\"'":
                    raise self._error(at, "a text in quotes that does not end", "End it with the same quote.")
                raise self._error(at, f"{self._text[at]!r} has no meaning here", _HINT)
            kind = found.lastgroup or ""
            yield kind, found[kind], found.start(kind)
            at = found.end()

    def _peek(self) -> tuple[str, str, int]:
        return self._tokens[self._next] if self._next < len(self._tokens) else ("end", "", len(self._text))

    def _take(self, sign: str) -> bool:
        kind, value, _ = self._peek()
        if kind == "sign" and value == sign:
            self._next += 1
            return True
        return False

    def _fields(self, *, end: str) -> tuple[FieldLine, ...]:
        fields: list[FieldLine] = []
        while True:
            start = self._peek()
            line = self._field()
            if any(line.name == other.name for other in fields):
                raise self._error(start[2], f"there are two fields {line.name!r}", "Give each a name of its own.")
            fields.append(line)
            if not self._take(","):
                break
            if self._peek()[1] == end and end:  # a comma may stand behind the last field
                break
        kind, value, at = self._peek()
        if (end and not self._take(end)) or (not end and kind != "end"):
            wanted = f"',' or {end!r}" if end else "',' or the end"
            raise self._error(at, f"{_found(kind, value)} where {wanted} should be", _HINT)
        return tuple(fields)

    def _field(self) -> FieldLine:
        kind, name, at = self._peek()
        if kind != "word":
            raise self._error(at, f"{_found(kind, name)} where the name of a field should be", _HINT)
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith(("_", "model_")):
            raise self._error(
                at, f"{name!r} cannot be the name of a field",
                "Use letters, digits and '_', beginning with a letter; no word of Python's, and not model_...",
            )  # fmt: skip
        self._next += 1
        optional, kind_of, description = self._take("?"), FieldType("text"), ""
        if self._take(":"):
            if self._peek()[0] != "text":
                kind_of = self._type(name)
                optional = self._take("?") or optional
            description = self._description()
            optional = self._take("?") or optional
        return FieldLine(name, kind_of, optional, description)

    def _description(self) -> str:
        kind, value, _ = self._peek()
        if kind != "text":
            return ""
        self._next += 1
        return re.sub(r"\\(.)", r"\1", value[1:-1])

    def _type(self, field_name: str) -> FieldType:
        kind, value, at = self._peek()
        if self._take("["):
            inner = self._listed(field_name)
            return FieldType(inner.name, inner.words, inner.fields, listed=True)
        if self._take("{"):
            return FieldType(fields=self._below("}"))
        if kind != "word":
            raise self._error(at, f"{_found(kind, value)} where the type of {field_name!r} should be", _HINT)
        self._next += 1
        words = [value]
        while self._take("|"):
            kind, value, at = self._peek()
            if kind != "word":
                raise self._error(at, f"{_found(kind, value)} where a word of the choice should be", "Such as a | b.")
            self._next += 1
            words.append(value)
        if len(words) > 1:
            return FieldType(words=tuple(words))
        known = _ALIASES.get(words[0], words[0])
        if known not in TYPES:
            raise self._error(at, f"there is no type {words[0]!r}", f"Types: {', '.join(TYPES)}.")
        return FieldType(known)

    def _listed(self, field_name: str) -> FieldType:
        """Return what a list holds: a type, a choice, an object in braces, or, without them, the object's fields."""
        kind, value, _ = self._peek()
        after = self._tokens[self._next + 1][1] if self._next + 1 < len(self._tokens) else ""
        plain = kind == "word" and (after == "|" or (after == "]" and _ALIASES.get(value, value) in TYPES))
        if plain or value in ("{", "["):
            if value == "[":
                raise self._error(self._peek()[2], "a list of lists", "Give the inner list a name: [{inner: [text]}].")
            inner = self._type(field_name)
            if not self._take("]"):
                kind, value, at = self._peek()
                raise self._error(at, f"{_found(kind, value)} where ']' should be", _HINT)
            return inner
        return FieldType(fields=self._below("]"))

    def _below(self, end: str) -> tuple[FieldLine, ...]:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(self._peek()[2], f"objects are nested more than {_DEEPEST} deep", "Name them in a file.")
        fields = self._fields(end=end)
        self._depth -= 1
        return fields

    def _error(self, at: int, message: str, hint: str) -> SchemaError:
        shown = self._text[max(0, at - 20) : at] + "⮞" + self._text[at : at + 20]
        return SchemaError(f"the schema, column {at + 1} ({shown.strip()!r}): {message}", hint=hint)


_HINT = "Such as: name, founded: date, revenue: money?, parties: [name, country: country]"


def _found(kind: str, value: str) -> str:
    return "the end" if kind == "end" else f"{value}" if kind == "text" else repr(value)
