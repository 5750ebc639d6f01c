"""Files out of all bounds (deep, huge, growing) are refused in words, by what reads them: never with a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmx.config import load_settings
from llmx.endpoint.exchange import read_exchange
from llmx.errors import CassetteError, ConfigError, PromptError, SchemaError, UsageError
from llmx.evaluate.run_file import parsed
from llmx.prompting.examples import load_examples
from llmx.prompting.prompt import load_prompt
from llmx.review.folder import GoldFolder
from llmx.schema import load_schema

DEEP = "[" * 5000 + "]" * 5000
QUITE_DEEP = "[" * 900 + "]" * 900
DIGITS = "9" * 100_000
WILD = [pytest.param(DEEP, id="5,000 deep"), pytest.param(QUITE_DEEP, id="900 deep"), pytest.param(DIGITS, id="digits")]


def nested(before: str, behind: str, times: int) -> str:
    return before * times + '{"type": "string"}' + behind * times


def growing(times: int) -> str:
    """Return definitions each of which holds the next one thrice."""
    parts = ", ".join(
        f'"d{n}": {{"type": "object", "properties": {{"x": {ref}, "y": {ref}, "z": {ref}}}}}'
        for n in range(times)
        for ref in [f'{{"$ref": "#/$defs/d{n + 1}"}}']
    )
    return f'{{"$ref": "#/$defs/d0", "$defs": {{{parts}, "d{times}": {{"type": "string"}}}}}}'


SCHEMAS = {
    "objects, 5,000 deep": nested('{"type": "object", "properties": {"v": ', "}}", 5000),
    "objects, 300 deep": nested('{"type": "object", "properties": {"v": ', "}}", 300),
    "lists, 5,000 deep": nested('{"type": "array", "items": ', "}", 5000),
    "alternatives, 5,000 deep": nested('{"anyOf": [', "]}", 5000),
    "alternatives, 300 deep": nested('{"allOf": [', "]}", 300),
    "a constant, 5,000 deep": f'{{"const": {DEEP}}}',
    "a default, 900 deep": f'{{"type": "array", "default": {QUITE_DEEP}}}',
    "a bound of 100,000 digits": f'{{"type": "integer", "maximum": {DIGITS}}}',
    "a default of 100,000 digits": f'{{"type": "integer", "default": {DIGITS}}}',
    "definitions that grow": growing(30),
    "20,000 properties": json.dumps({"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(20_000)}}),
    "NaN": '{"type": "number", "maximum": NaN}',
}  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS.keys())
def test_a_schema_out_of_bounds_is_refused(schema: str, tmp_path: Path) -> None:
    path = tmp_path / "wild.json"
    path.write_text(f'{{"title": "Wild", "type": "object", "properties": {{"v": {schema}}}}}')
    if "$defs" in schema:
        path.write_text(schema)
    with pytest.raises(SchemaError):
        load_schema(str(path))


@pytest.mark.slow
@pytest.mark.parametrize("wild", WILD)
def test_a_prompt_whose_front_matter_is_out_of_bounds_is_refused(wild: str, tmp_path: Path) -> None:
    path = tmp_path / "wild.prompt.md"
    path.write_text(f"---\nname: wild\nx: {wild}\n---\n# user\n{{{{ document }}}}\n")
    with pytest.raises(PromptError):
        load_prompt(str(path))


@pytest.mark.slow
@pytest.mark.parametrize("wild", WILD)
def test_examples_out_of_bounds_are_refused(wild: str, tmp_path: Path) -> None:
    schema = tmp_path / "note.json"
    schema.write_text('{"title": "Note", "type": "object", "properties": {"v": {"type": "string"}}}')
    path = tmp_path / "note.examples.yaml"
    path.write_text(f"- text: hello\n  record: {{v: {wild}}}\n")
    with pytest.raises(PromptError):
        load_examples(path, load_schema(str(schema)))


@pytest.mark.parametrize("wild", [DEEP, DIGITS], ids=["5,000 deep", "digits"])
def test_settings_out_of_bounds_are_refused(wild: str, tmp_path: Path) -> None:
    path = tmp_path / "llmx.toml"
    path.write_text(f"model = {wild}\n")
    with pytest.raises(ConfigError):
        load_settings({}, environ={}, folder=tmp_path)


@pytest.mark.parametrize("wild", WILD)
def test_records_and_gold_out_of_bounds_are_refused(wild: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="here"):
        parsed(f'{{"v": {wild}}}'.encode(), "here")
    gold = tmp_path / "page.gold.json"
    gold.write_text(f'{{"v": {wild}}}')
    with pytest.raises(UsageError, match="page"):
        GoldFolder(tmp_path, {"page": gold}).read("page")


@pytest.mark.parametrize("wild", WILD)
@pytest.mark.parametrize("member", ["request", "responses"])
def test_an_exchange_out_of_bounds_is_refused(wild: str, member: str, tmp_path: Path) -> None:
    exchange = {
        "llmx": "1", "recorded": "2026-01-01", "model": "m", "endpoint": "openai", "mode": "json", "sample": 0, "key": "k",
        "request": {"model": "m"}, "responses": [{"failure": "no answer", "seconds": 1}],
    }  # fmt: skip
    exchange[member] = (
        {"a": "@"} if member == "request" else [{"status": 200, "seconds": 1, "headers": {}, "json": {"a": "@"}}]
    )
    path = tmp_path / "wild.json"
    path.write_text(json.dumps(exchange).replace('"@"', wild))
    with pytest.raises(CassetteError):
        read_exchange(path)
