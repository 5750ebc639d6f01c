"""Demonstrations that code makes from a schema: what they show, and which models get them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from llmx.endpoint import ResolvedModel
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.prompting.demonstrations import demonstrations
from llmx.prompting.examples import load_examples
from llmx.schema import load_schema
from llmx.types import Money, Number, PartialDate
from tests.extraction.scripted import codes, extracted

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"


class Stage(BaseModel):
    """A stage of a race."""

    start: str
    kind: Literal["flat", "hills"]
    sponsors: list[str]
    length: Number | None


class Race(BaseModel):
    """A race."""

    name: str | None
    held_on: PartialDate | None
    prize: Money | None
    open_to_all: bool | None
    stages: list[Stage]
    winners: list[str]
    rules: dict[str, str]


def test_the_first_one_states_nothing_and_its_record_is_empty() -> None:
    empty, _ = demonstrations(load_schema(Race))
    assert all(value in (None, []) for value in empty.record.values())


def test_the_second_states_about_half_of_the_fields_and_leaves_a_list_empty() -> None:
    _, full = demonstrations(load_schema(Race))
    filled = [name for name, value in full.record.items() if value not in (None, [])]
    assert filled == ["name", "prize", "stages", "rules"]
    assert full.record["winners"] == []
    assert [bool(stage["sponsors"]) for stage in full.record["stages"]] == [True, False]


@pytest.mark.parametrize("name", sorted(path.stem for path in SCHEMAS.glob("*.py")))
def test_they_are_as_valid_as_examples_of_the_users_own(name: str, tmp_path: Path) -> None:
    import yaml

    schema = load_schema(name)
    made = demonstrations(schema)
    assert len(made) == 2
    path = tmp_path / "made.yaml"
    path.write_text(yaml.safe_dump([{"text": each.text, "record": each.record} for each in made]))
    assert [each.text for each in load_examples(path, schema)] == [each.text for each in made]


def test_a_field_that_must_be_there_is_stated_in_both() -> None:
    needed = create_model("Needed", name=(str, ...), nick=(str | None, ...))
    assert [bool(each.record["name"]) for each in demonstrations(load_schema(needed))] == [True, True]


def test_a_huge_schema_gets_none() -> None:
    fields: Any = {f"f{number}": (str | None, Field()) for number in range(60)}
    assert demonstrations(load_schema(create_model("Huge", **fields))) == ()


@pytest.mark.parametrize(
    ("model", "examples", "count"),
    [
        ("qwen2.5-coder-1.5b-instruct-q4_k_m", "auto", 2),
        ("llama3.2:3b", "auto", 2),
        ("llama-3.3-70b-versatile", "auto", 0),
        ("gpt-4o-mini", "auto", 0),
        ("gpt-4o-mini", "made", 2),
        ("llama3.2:3b", "none", 0),
    ],
)
def test_a_small_model_gets_them_and_any_model_where_they_are_asked_for(model: str, examples: str, count: int) -> None:
    plan = Extractor(Race, Options(examples=examples)).plan(ResolvedModel(model, "json_schema", "given"))
    assert len(plan.examples) == count


def test_a_schema_without_lists_of_objects_gets_them_only_where_they_are_asked_for() -> None:
    flat, small = create_model("Flat", name=(str | None, ...)), ResolvedModel("m-1b", "json_schema", "given")
    made = [len(Extractor(flat, Options(examples=each)).plan(small).examples) for each in ("auto", "made")]
    assert made == [0, 2]


def test_examples_and_a_prompt_of_the_users_own_take_their_place() -> None:
    small = ResolvedModel("m-1b", "json_schema", "given")
    assert not any(example.made for example in Extractor("invoice", Options()).plan(small).examples)
    own = SCHEMAS.parent / "prompts" / "propose.md"
    assert Extractor(Race, Options(prompt=str(own))).plan(small).examples == ()


async def test_their_words_are_no_values() -> None:
    word = demonstrations(load_schema(Race))[1].record["name"]
    answer = dict.fromkeys(("name", "held_on", "prize", "open_to_all")) | {"stages": [], "rules": []}
    record = await extracted(
        Race, "The race was called off.", [{**answer, "name": word, "winners": []}], examples="made"
    )
    assert record.data is not None
    assert record.data.name is None
    assert codes(record) == [("example_leak", "/name")]
