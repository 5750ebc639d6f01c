"""Writes a proposed schema as a Python file: to read, to change, and to extract with as it stands.

Everything in it that comes from a model or a document stands in a string literal, in a comment of one line, or is an
identifier: such a file is run when it is used.
"""

from __future__ import annotations

import json
import keyword
import re
import textwrap
from collections.abc import Iterator, Sequence

from llmx import types
from llmx.propose.fields import FieldProposal, SchemaProposal
from llmx.propose.value_types import ValueType, value_type

_WIDTH = 120
_USED = frozenset({"BaseModel", "Field", "Annotated", "Cap", "Compare", *types.__all__})  # names that the file imports
_SHOWN_WORDS, _SHOWN_CHARS = 3, 60


def python_file(proposal: SchemaProposal, *, name: str, ask: str, documents: int) -> str:
    """Return the Python file that defines ``proposal`` as the class ``name``.

    ``ask`` and the number of ``documents`` are told in its docstring. It passes ``mypy --strict`` and the formatter
    of ruff at 120 columns.
    """
    fields = [(field, value_type(field)) for field in proposal.fields]
    lines = [
        *_docstring(f"{name}: {_sentence(ask)}", documents),
        "",
        *_imports(fields),
        "",
        "",
        f"class {name}(BaseModel):",
        *_about(ask),
        "",
        *(line for field, kind in fields for line in _field(field, kind, documents)),
    ]
    return "\n".join(lines) + "\n"


def class_name(stem: str) -> str:
    """Return the name of a class for a file called ``stem``: in capitals, ``Record`` where nothing is left.

    >>> class_name("delivery_notes"), class_name("2024-bills"), class_name(""), class_name("money")
    ('DeliveryNotes', 'Bills', 'Record', 'MoneyRecord')
    """
    words = re.findall(r"[A-Za-z][A-Za-z0-9]*", stem)
    name = "".join(word[0].upper() + word[1:] for word in words)
    return f"{name}Record" if name in _USED or keyword.iskeyword(name) else name or "Record"


def _docstring(title: str, documents: int) -> Iterator[str]:
    told = (
        f"Proposed by llmx schema infer from {_count(documents, 'document')}. The comments say which words proved a"
        " field. Change what you like: names and descriptions are what the model is asked for."
    )
    first, *more = textwrap.wrap(title, _WIDTH - 3)
    yield f'"""{first}'
    yield from more
    yield ""
    yield from textwrap.wrap(told, _WIDTH)
    yield '"""'


def _about(ask: str) -> list[str]:
    first, *more = textwrap.wrap(_sentence(ask), _WIDTH - 11)
    if not more:
        return [f'    """{first}"""']
    return [f'    """{first}', *(f"    {line}" for line in more), '    """']


def _imports(fields: Sequence[tuple[FieldProposal, ValueType]]) -> Iterator[str]:
    types = [kind for _, kind in fields]
    marks = sorted({mark.partition("(")[0] for kind in types for mark in kind.marks})
    if any(kind.module == "datetime" for kind in types):
        yield "import datetime as dt"
    if marks:
        yield "from typing import Annotated"
    if marks or any(kind.module == "datetime" for kind in types):
        yield ""
    yield "from pydantic import BaseModel, Field"
    yield ""
    if marks:
        yield f"from llmx.schema import {', '.join(marks)}"
    if own := sorted({kind.name for kind in types if kind.module == "llmx.types"}):
        yield f"from llmx.types import {', '.join(own)}"


def _field(field: FieldProposal, kind: ValueType, documents: int) -> Iterator[str]:
    yield f"    # {_proof(field, documents)}"
    name = f"dt.{kind.name}" if kind.module == "datetime" else kind.name
    annotation = f"Annotated[{name}, {', '.join(kind.marks)}]" if kind.marks else name
    annotation = f"list[{annotation}]" if field.listed else f"{annotation} | None"
    described = f"description={_literal(field.description)}"
    line = f"    {field.name}: {annotation} = Field({described})"
    yield from [line] if len(line) <= _WIDTH else [line.removesuffix(f"{described})"), f"        {described}", "    )"]


def _proof(field: FieldProposal, documents: int) -> str:
    """Return the words that prove a field, those of the first documents, as one line."""
    words = [_shown(each) for each in dict.fromkeys(each.words for each in field.sightings)]
    told = f"in {len(field.documents)} of {documents}: "
    shown = words[:1]
    for each in words[1:_SHOWN_WORDS]:
        if len(told + ", ".join([*shown, each])) > _WIDTH - 12:
            break
        shown.append(each)
    return told + ", ".join(shown) + (", …" if len(words) > len(shown) else "")


def _shown(words: str) -> str:
    line = _printable(words)
    return f'"{line if len(line) <= _SHOWN_CHARS else line[: _SHOWN_CHARS - 1] + "…"}"'


def _printable(text: str) -> str:
    """Return ``text`` as one line that ends no string and no comment, and hides nothing."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(plain.replace("\\", "/").replace('"""', "'''").split())


def _sentence(text: str) -> str:
    """Return ``text`` as a sentence for a docstring."""
    line = _printable(text).rstrip('".')
    return f"{line[:1].upper()}{line[1:]}." if line else "What the documents say."


def _literal(text: str) -> str:
    return json.dumps(_printable(text).replace('"', "'"), ensure_ascii=False)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
