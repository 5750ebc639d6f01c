"""What a model answers with the words of the prompt is no value. A scripted endpoint answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from llmx.schema import Free, load_schema
from llmx.schema.echo import schema_words
from tests.extraction.scripted import codes, extracted


class Part(BaseModel):
    """A computer part."""

    maker: str | None = Field(None, description="the company that makes it, with its sub-brand")
    Bus_Type: str | None = Field(None, description="the kind of bus, such as SATA or DDR3")
    condition: Literal["new", "used"] | None = None
    number: str
    tools: list[str] = Field(default=[], description="Tools and screws that are needed")
    remark: Annotated[str | None, Free()] = Field(None, description="a remark of one sentence")


TEXT = "For sale: a hard disk by Norvalis, number HD-7, hardly used. A driver and a wrench come with it."
GIVEN: dict[str, Any] = {
    "maker": "Norvalis",
    "Bus_Type": None,
    "condition": "used",
    "number": "HD-7",
    "tools": [],
    "remark": None,
}


async def record(**answered: Any) -> Any:
    return await extracted(Part, TEXT, [{**GIVEN, **answered}])


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("maker", "words of the text"),
        ("maker", "The company that makes it"),
        ("maker", "maker"),
        ("Bus_Type", "DDR3"),
        ("Bus_Type", "bus type"),
        ("Bus_Type", "new"),
        ("remark", "A remark of one sentence."),
        ("remark", "text"),
    ],
)
async def test_a_value_that_repeats_the_schema_is_null(field: str, words: str) -> None:
    found = await record(**{field: words})
    assert getattr(found.data, field) is None
    assert ("echo", f"/{field}") in codes(found)


async def test_elements_that_repeat_the_schema_are_left_out() -> None:
    found = await record(tools=["a wrench", "Tools and screws", "words of the text"])
    assert found.data.tools == ["a wrench"]


async def test_a_needed_text_that_repeats_the_schema_is_empty() -> None:
    found = await record(number="words of the text")
    assert found.data.number == ""
    assert codes(found) == [("echo", "/number"), ("not_found", "/number")]


async def test_words_of_the_schema_that_the_document_states_are_a_value() -> None:
    text = f"{TEXT} The maker of its bus, which is SATA, is known as the company that makes it."
    found = await extracted(Part, text, [{**GIVEN, "Bus_Type": "SATA", "maker": "the company that makes it"}])
    assert found.data is not None
    assert (found.data.Bus_Type, found.data.maker) == ("SATA", "the company that makes it")


@pytest.mark.parametrize("words", ["Acme", "company", "sold by a brand", "used", "a kind remark"])
def test_other_words_are_no_echo_of_free_text(words: str) -> None:
    assert not schema_words(load_schema(Part).tree).echoed(words, free=True)
