from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from llmx.documents import Document
from llmx.endpoint import EndpointSettings
from llmx.errors import ConfigError
from llmx.extraction.document import extract_document
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import open_session
from llmx.record import Record
from tests.endpoint.asking import settings
from tests.endpoint.responses_server import answering
from tests.fault_server import FaultServer, Received, Step, answer, call, status

PROBED = json.dumps({"capital_of_france": "QX-7", "proof_code": "R9T"})


class Bill(BaseModel):
    """A bill."""

    number: str


def scripted(received: Received) -> Step:
    said = PROBED if "capital of France" in str(received.body["messages"]) else '{"number": "B-7"}'
    return call(said) if "tools" in received.body else answer(said)


async def extracted(given: EndpointSettings) -> Record[Any]:
    async with open_session(Extractor(Bill, Options(passes=1)), given) as session:
        return await extract_document(Document("1", "Bill B-7"), session.plan, session.endpoint)


async def test_what_is_added_to_the_body_is_in_every_request_the_probes_too(tmp_path: Path) -> None:
    extra = {"top_k": 20, "provider": {"order": ["groq"]}}
    async with FaultServer(scripted) as server:
        given = settings(server.base_url, tmp_path, mode="auto", reasoning_effort="low", extra_body=extra)
        assert (await extracted(given)).status == "ok"
    assert len(server.received) == 2
    for each in server.received:
        assert {name: each.body[name] for name in extra} == extra
        assert each.body["reasoning_effort"] == "low"


@pytest.mark.parametrize("change", [{"reasoning_effort": "high"}, {"extra_body": {"top_k": 1}}], ids=["effort", "body"])
async def test_an_answer_to_another_body_is_another_answer(change: dict[str, Any], tmp_path: Path) -> None:
    async with FaultServer(scripted) as server:
        plain = await extracted(settings(server.base_url, tmp_path))
        assert (await extracted(settings(server.base_url, tmp_path))).keys == plain.keys
        assert len(server.received) == 1
        changed = await extracted(settings(server.base_url, tmp_path, **change))
    assert changed.keys != plain.keys
    assert len(server.received) == 2


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("told", [True, False], ids=["with the same options", "without any"])
async def test_a_recording_with_members_of_the_users_replays(told: bool, *, api: str, tmp_path: Path) -> None:
    tape = tmp_path / "tape"
    added: dict[str, Any] = {"reasoning_effort": "low", "extra_body": {"service_tier": "flex"}}
    async with FaultServer(scripted if api == "chat" else answering('{"number": "B-7"}')) as server:
        recorded = await extracted(settings(server.base_url, tmp_path, record=tape, cache=False, api=api, **added))
    assert recorded.status == "ok"
    chosen: list[dict[str, Any]] = [{}, {"model": "scripted-1", "mode": "json_schema"}]
    for more in chosen:
        replayed = await extracted(EndpointSettings(replay=tape, **(added if told else {}), **more))
        assert replayed.to_json() == recorded.to_json()


async def test_headers_are_sent_and_change_no_key(tmp_path: Path) -> None:
    async with FaultServer(scripted) as server:
        first = await extracted(settings(server.base_url, tmp_path, headers=(("X-Team", "blue"),), cache=False))
        second = await extracted(settings(server.base_url, tmp_path, headers=(("X-Team", "red"),), cache=False))
    assert [each.headers["x-team"] for each in server.received] == ["blue", "red"]
    assert first.keys == second.keys


async def test_an_authorization_of_the_users_goes_before_the_key(tmp_path: Path) -> None:
    async with FaultServer(scripted) as server:
        given = settings(server.base_url, tmp_path, api_key="the key", headers=(("authorization", "Basic abc"),))
        await extracted(given)
    assert server.received[0].headers["authorization"] == "Basic abc"


async def test_what_was_probed_with_other_members_says_nothing(tmp_path: Path) -> None:
    async with FaultServer(scripted) as server:
        for extra in ({}, {"top_k": 1}, {}, {"top_k": 1}):
            async with open_session(
                Extractor(Bill), settings(server.base_url, tmp_path, mode="auto", extra_body=extra)
            ):
                pass
    assert len(server.received) == 2


@pytest.mark.parametrize(
    "name", ["model", "messages", "input", "stream", "n", "tools", "response_format", "max_tokens"]
)
def test_a_member_that_llmx_writes_itself_is_refused_by_name(name: str) -> None:
    with pytest.raises(ConfigError, match=f"'{name}'") as caught:
        EndpointSettings(extra_body={name: 1})
    assert caught.value.hint


def test_what_cannot_be_sent_is_refused() -> None:
    wrong: list[dict[str, Any]] = [
        {"extra_body": {"a": {1, 2}}},
        {"extra_body": {"reasoning_effort": "low"}, "reasoning_effort": "high"},
        {"extra_body": {"text": {"format": {}}}},
        {"reasoning_effort": "very much"},
        {"api": "completions"},
    ]
    for more in wrong:
        with pytest.raises(ConfigError):
            EndpointSettings(**more)


@pytest.mark.parametrize(
    "headers",
    [
        (("Authorization: Bearer topsecret", ""),),
        (("X-Team", "topsecret"), ("x-team", "topsecret")),
        (("Content-Type", "topsecret"),),
        (("", "topsecret"),),
        (("X Team", "topsecret"),),
    ],
)
def test_a_header_that_cannot_be_sent_is_refused_without_its_value(headers: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        EndpointSettings(headers=headers)
    assert "topsecret" not in f"{caught.value}{caught.value.hint}"


async def test_a_header_that_a_server_echoes_is_in_no_message_and_no_cassette(tmp_path: Path) -> None:
    secret = "plain-header-value-of-nobody"
    async with FaultServer([status(400, f"your X-Key {secret} is unknown here")]) as server:
        given = settings(server.base_url, tmp_path, headers=(("X-Key", secret),), record=tmp_path / "tape", cache=False)
        record = await extracted(given)
    assert "is unknown here" in record.issues[0].message
    assert secret not in str(record.to_json())
    assert [path for path in (tmp_path / "tape").iterdir() if secret in path.read_text()] == []


def test_the_values_of_headers_are_in_no_representation() -> None:
    assert "topsecret" not in repr(EndpointSettings(headers=(("X-Key", "topsecret"),)))
