from __future__ import annotations

import datetime as dt
import json
import logging
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from openai import pydantic_function_tool
from pydantic import BaseModel, ConfigDict, Field

from llmx.documents import Document
from llmx.endpoint import EndpointSettings, response_format
from llmx.endpoint.probe import ProbeSchema
from llmx.endpoint.strict import strict_schema
from llmx.errors import ConfigError, SchemaError
from llmx.extraction.document import extract_document
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import open_session
from llmx.schema import load_schema
from tests.endpoint.asking import settings
from tests.endpoint.openai_strict import fault_of, refusal, strict_part
from tests.fault_server import FaultServer, Received, Step, answer, call, status


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Item(Closed):
    """A thing that was sold."""

    name: Annotated[str, Field(max_length=8)]
    colour: Literal["red", "green"] | None
    unit: Literal["piece"]


class Order(Closed):
    """An order."""

    number: str = Field(min_length=1, pattern="^[A-Z]", description="As printed")
    main: Item = Field(description="The dearest one")
    items: list[Item] = Field(max_length=3)
    weight: float | None = Field(default=None, ge=0)


class Note(BaseModel):
    """A note."""

    subject: str | None = Field(description="What it is about")
    tags: list[str] = Field(description="Its tags")


class Part(Closed):
    name: str
    parts: list[Part] = Field(description="What it is made of")
    spare: Part | None


def sent(received: Received) -> str:
    """Return how a request asks: the mode, and whether with the strict flag."""
    mode = "tools" if "tools" in received.body else received.body.get("response_format", {}).get("type", "text")
    return f"{mode} strict" if strict_part(received) else mode


def is_probe(received: Received) -> bool:
    return "capital" in received.body["messages"][-1]["content"]


def obedient(received: Received, data: Any) -> Step:
    """Answer as a server that obeys the schema: the probe's codes, else ``data``."""
    said = json.dumps({"capital_of_france": "QX-7", "proof_code": "R9T"} if is_probe(received) else data)
    return call(said) if "tools" in received.body else answer(said)


@pytest.mark.parametrize("model", [Order, Part, ProbeSchema, load_schema("partnership").wire], ids=lambda m: m.__name__)
def test_openai_accepts_the_strict_form(model: Any) -> None:
    assert fault_of(model.model_json_schema())
    assert fault_of(strict_schema(model.model_json_schema())) == ""


def test_the_strict_form_of_a_plain_model_is_the_one_that_openais_client_makes() -> None:
    theirs = pydantic_function_tool(Note)["function"]
    assert theirs["strict"] is True
    assert strict_schema(Note.model_json_schema()) == theirs["parameters"]


def test_only_what_openai_refuses_is_dropped() -> None:
    assert strict_schema(Item.model_json_schema()) == {
        "title": "Item",
        "description": "A thing that was sold.",
        "type": "object",
        "properties": {
            "name": {"title": "Name", "type": "string"},
            "colour": {"title": "Colour", "anyOf": [{"type": "string", "enum": ["red", "green"]}, {"type": "null"}]},
            "unit": {"title": "Unit", "type": "string", "enum": ["piece"]},
        },
        "required": ["name", "colour", "unit"],
        "additionalProperties": False,
    }


def test_a_description_beside_a_reference_is_kept() -> None:
    lowered = strict_schema(Order.model_json_schema())
    assert lowered["properties"]["main"]["description"] == "The dearest one"
    assert lowered["properties"]["main"]["properties"]["name"]["type"] == "string"
    assert lowered["properties"]["items"]["items"] == {"$ref": "#/$defs/Item"}


@pytest.mark.parametrize(
    ("part", "why"),
    [
        pytest.param({"type": "object", "additionalProperties": {"type": "string"}}, "does not name", id="a map"),
        pytest.param({}, "no type", id="anything"),
        pytest.param({"allOf": [{"type": "string"}, {"minLength": 2}]}, "no type", id="several at once"),
        pytest.param({"type": "array", "prefixItems": [{"type": "string"}]}, "one schema for all", id="a tuple"),
        pytest.param({"type": "array", "items": True}, "everything or nothing", id="a boolean schema"),
        pytest.param({"$ref": "https://example.com/x"}, "does not lead", id="a reference to elsewhere"),
    ],
)
def test_what_has_no_strict_form_is_refused_with_its_place(part: Any, why: Any) -> None:
    schema = {"type": "object", "properties": {"weird": {"type": ["object", "null"], "properties": {"part": part}}}}
    with pytest.raises(SchemaError, match=f"/weird/part.*{why}"):
        strict_schema(schema)


def test_a_type_that_may_be_null_stays_so() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": ["object", "null"], "properties": {"b": {"type": "null"}}}},
    }
    assert strict_schema(schema)["properties"]["a"]["type"] == ["object", "null"]


def test_a_root_that_is_no_object_has_no_strict_form() -> None:
    with pytest.raises(SchemaError, match="the root is not an object"):
        strict_schema({"anyOf": [{"type": "object", "additionalProperties": False}]})


@pytest.mark.parametrize("mode", ["tools", "json_schema"])
def test_strict_changes_the_body_so_it_is_part_of_the_key(mode: Any) -> None:
    assert response_format(Order, mode, strict=True).body != response_format(Order, mode).body


@pytest.mark.parametrize("mode", ["json", "text"])
def test_strict_and_a_mode_without_a_schema_contradict_each_other(mode: str) -> None:
    assert response_format(Order, mode, strict=True) is not None
    with pytest.raises(ConfigError, match="contradict"):
        EndpointSettings(mode=mode, strict=True)


async def extracted(served: FaultServer, folder: Path, **chosen: Any) -> Any:
    """Return the record of one note, from a session of its own."""
    how = settings(served.base_url, folder, **{"mode": "auto", "strict": True, "cache": False, **chosen})
    async with open_session(Extractor(Note, Options(passes=1)), how) as session:
        return await extract_document(
            Document("1", "Subject: harvest. Tags: wheat, rye."), session.plan, session.endpoint
        )


HARVEST = {"subject": "harvest", "tags": ["wheat", "rye"]}


@pytest.mark.parametrize("mode", ["tools", "json_schema"])
async def test_a_record_is_extracted_from_a_server_that_refuses_what_openai_refuses(mode: str, tmp_path: Path) -> None:
    async with FaultServer(lambda received: refusal(received) or obedient(received, HARVEST)) as served:
        record = await extracted(served, tmp_path, mode=mode)
    assert (record.status, record.data.subject, record.data.tags) == ("ok", "harvest", ["wheat", "rye"])
    assert [sent(received) for received in served.received] == [f"{mode} strict"] * 2


async def test_what_was_dropped_on_the_wire_is_checked_afterwards(tmp_path: Path) -> None:
    long = {**HARVEST, "subject": "harvest " * 5000}
    steps = iter([long, HARVEST])
    async with FaultServer(lambda r: refusal(r) or obedient(r, None if is_probe(r) else next(steps))) as served:
        record = await extracted(served, tmp_path)
    assert record.data.subject == "harvest"
    assert "at most" in served.received[-1].body["messages"][-1]["content"]


async def test_follow_ups_are_strict_too(tmp_path: Path) -> None:
    class Meeting(BaseModel):
        """A meeting."""

        held: dt.date | None = Field(description="When it was held")

    asked: list[str] = []

    def script(received: Received) -> Step:
        if not is_probe(received):
            asked.append(sent(received))
        wrong_first = {"held": "5 May 2023" if len(asked) < 2 else "3 May 2024"}
        return refusal(received) or obedient(received, wrong_first)

    async with FaultServer(script) as served:
        how = settings(served.base_url, tmp_path, mode="tools", strict=True)
        async with open_session(Extractor(Meeting), how) as session:
            document = Document("1", "The meeting was held on 3 May 2024 in Halle.")
            record: Any = await extract_document(document, session.plan, session.endpoint)
    assert (record.status, str(record.data.held)) == ("ok", "2024-05-03")
    assert asked == ["tools strict", "tools strict"]


async def test_whether_the_flag_is_taken_is_asked_once_and_remembered(tmp_path: Path) -> None:
    async with FaultServer(lambda received: obedient(received, HARVEST)) as served:
        for _ in range(2):
            assert (await extracted(served, tmp_path)).status == "ok"
    assert [sent(received) for received in served.received] == ["tools", "tools strict", "tools strict", "tools strict"]


@pytest.mark.parametrize("how", ["auto", "json_schema"])
async def test_where_the_flag_is_refused_schemas_go_without_it_and_a_warning_says_so(
    how: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def script(received: Received) -> Step:
        return status(400, "unknown field") if strict_part(received) else obedient(received, HARVEST)

    async with FaultServer(script) as served:
        for _ in range(2):
            with caplog.at_level(logging.WARNING, "llmx.endpoint"):
                assert (await extracted(served, tmp_path, mode=how)).status == "ok"
    assert caplog.messages == [f"--strict has no effect: {served.base_url} refuses the strict flag"] * 2
    mode = "tools" if how == "auto" else how
    asked = [mode, f"{mode} strict", mode, mode, mode] if how == "auto" else [f"{mode} strict", mode, mode, mode]
    assert [sent(received) for received in served.received] == asked


async def test_an_endpoint_that_honours_no_schema_says_that_strict_has_no_effect(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said = lambda received: answer("Paris." if is_probe(received) else json.dumps(HARVEST))
    async with FaultServer(said) as served:
        assert (await extracted(served, tmp_path)).status == "ok"
    assert caplog.messages == [f"--strict has no effect: {served.base_url} honours only the mode text"]


async def test_a_server_that_refuses_the_flag_later_is_asked_without_it_at_once(tmp_path: Path) -> None:
    narrow = False

    def script(received: Received) -> Step:
        if narrow and strict_part(received):
            return status(400, "strict is not supported")
        return obedient(received, HARVEST)

    async with FaultServer(script) as served:
        await extracted(served, tmp_path)
        narrow = True
        for asked in (["tools strict", "tools"], ["tools"]):
            before = len(served.received)
            assert (await extracted(served, tmp_path)).status == "ok"
            assert [sent(received) for received in served.received[before:]] == asked


async def test_a_replay_need_not_be_told_that_the_recording_was_strict(tmp_path: Path) -> None:
    async with FaultServer(lambda received: obedient(received, HARVEST)) as served:
        recorded = await extracted(served, tmp_path, record=tmp_path / "tape")
    replay = EndpointSettings(replay=tmp_path / "tape")
    async with open_session(Extractor(Note, Options(passes=1)), replay) as session:
        document = Document("1", "Subject: harvest. Tags: wheat, rye.")
        again = await extract_document(document, session.plan, session.endpoint)
    assert again.data == recorded.data
