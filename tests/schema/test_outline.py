"""The outline: every field of a schema in words, with what the sketch says of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from llmx.schema import Free, load_schema, with_quotes
from llmx.schema.echo import schema_words
from llmx.schema.outline import outline
from llmx.types import PartialDate


class Part(BaseModel):
    name: str
    parts: list[Part] = []


class Thing(BaseModel):
    title: str | None = Field(description="what it is called")
    kind: Literal["new", "used"]
    sold: bool
    since: PartialDate | None
    note: Annotated[str, Free()]
    size: int | list[str]
    parts: list[Part]


def test_each_field_stands_on_a_line_of_its_own_with_what_it_holds() -> None:
    lines = outline(load_schema(Thing).tree).splitlines()
    assert lines[:5] == [
        '- "title": words of the text or null. what it is called',
        '- "kind": one of "new", "used"',
        '- "sold": true or false',
        '- "since": date in the words of the text or null',
        '- "note": text',
    ]
    assert lines[5].startswith('- "size": ')
    assert lines[6:8] == [
        '- "parts": a list; each element is an object Part ([] where there is none)',
        '  - "name": words of the text',
    ]
    assert lines[-1].strip().startswith('- "parts": a list; each element is an object Part, whose fields are given')


def test_an_answer_that_repeats_it_is_an_echo() -> None:
    tree = load_schema(Thing).tree
    assert all(schema_words(tree).echoed(words) for words in ("words of the text", "what it is called"))


def test_quotes_are_asked_for_beside_the_value() -> None:
    shown = outline(with_quotes(load_schema(Thing)).tree)
    assert 'an object of "quote" (words of the text that say it, or null) and "value" (one of "new", "used")' in shown
