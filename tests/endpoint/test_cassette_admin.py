from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from llmx.endpoint.cassette import Cassette
from llmx.endpoint.cassette_admin import exchange_text, prune, summaries, verify
from llmx.endpoint.exchange import Exchange, Failure
from llmx.endpoint.redact import Redactor
from llmx.endpoint.wire import Response
from llmx.errors import CassetteError
from llmx.record import Usage
from tests.endpoint.asking import ask
from tests.endpoint.test_redact import WRITTEN
from tests.fault_server import completion
from tests.planted_secrets import planted

GOOD = Response(200, {"content-type": "application/json"}, json.dumps(completion({"content": "{}"})).encode(), 0.5)


def tape(folder: Path, **responses: tuple[Response | Failure, ...]) -> Cassette:
    cassette = Cassette(folder)
    for text, given in responses.items():
        cassette.save(Exchange("1", "2026-01-02", "llama.cpp", ask(text), given))
    return Cassette(folder)


def edit(cassette: Cassette, old: str, new: str) -> None:
    [path] = cassette.paths()
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_every_exchange_is_listed_with_what_was_asked_and_what_came(tmp_path: Path) -> None:
    [line] = summaries(tape(tmp_path, question=(Failure("reset"), Response(429, {}, b""), GOOD)))
    assert (line.asked, line.statuses, line.usage) == ("question", (0, 429, 200), Usage(10, 5, 4))
    assert str(line).endswith("none 429 200  10+5 tokens  question")
    assert (line.recorded, line.model, line.mode, line.endpoint) == (
        "2026-01-02",
        "scripted-1",
        "json_schema",
        "llama.cpp",
    )


@pytest.mark.parametrize("written", WRITTEN)
def test_a_secret_in_a_recorded_body_is_found_however_it_is_written(written: str, tmp_path: Path) -> None:
    secret = planted("GitHub ghs", random.Random(written)).text
    given = (Response(500, {}, WRITTEN[written](f"the key {secret} is wrong")), GOOD)
    assert "looks like a secret" in str(verify(tape(tmp_path, a=given)))


def test_one_is_shown_by_the_beginning_of_its_key(tmp_path: Path) -> None:
    cassette = tape(tmp_path, a=(GOOD,), b=(GOOD,))
    assert json.loads(exchange_text(cassette, ask("a").key[:10]))["key"] == ask("a").key
    assert json.loads(exchange_text(cassette, ask("b").key))["key"] == ask("b").key


@pytest.mark.parametrize("key", ["zzz", ""])
def test_a_key_that_fits_none_or_several_is_told(key: Any, tmp_path: Path) -> None:
    with pytest.raises(CassetteError) as caught:
        exchange_text(tape(tmp_path, a=(GOOD,), b=(GOOD,)), key)
    assert ask("a").key[:16] in caught.value.hint


def test_a_sound_cassette_has_no_problems(tmp_path: Path) -> None:
    refused = Response(400, {}, b'{"error": "no"}')
    cassette = tape(tmp_path, a=(Response(500, {}, b""), GOOD), b=(refused,))
    assert verify(cassette) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param("question", "another question", "it was edited", id="the request"),
        pytest.param('"key"', '"kei"', "'key' is missing", id="the form"),
        pytest.param('\\"choices\\"', '\\"voices\\"', "ends before an answer", id="the answer"),
        pytest.param('"content-type"', '"set-cookie"', "headers that must not be", id="a header"),
        pytest.param("2026-01-02", "sk-abcdefghijklmnop1234", "looks like a secret", id="a secret"),
        pytest.param("2026-01-02", "Bluebird", "looks like a secret", id="the user's secret"),
        pytest.param("{", "", "not an exchange", id="the JSON"),
    ],
)
def test_what_was_changed_by_hand_is_found(*, old: Any, new: Any, told: Any, tmp_path: Path) -> None:
    edit(tape(tmp_path, question=(GOOD,)), old, new)
    problems = verify(Cassette(tmp_path, redactor=Redactor.of(["Bluebird"])))
    assert any(told in problem.message for problem in problems), problems


def test_a_wrong_name_is_found(tmp_path: Path) -> None:
    [path] = tape(tmp_path, question=(GOOD,)).paths()
    path.rename(tmp_path / "renamed.json")
    assert "should be named" in verify(Cassette(tmp_path))[0].message


def test_a_recording_that_was_broken_off_is_found(tmp_path: Path) -> None:
    assert "ends before an answer" in verify(tape(tmp_path, a=(Failure("reset"),)))[0].message
    assert "ends before an answer" in verify(tape(tmp_path, a=(Response(503, {}, b""),)))[0].message


def test_pruning_drops_what_no_replay_used(tmp_path: Path) -> None:
    cassette = tape(tmp_path, a=(GOOD,), b=(GOOD,), c=(GOOD,))
    cassette.find(ask("a"))
    unused = {f"{ask(text).key[:16]}.json" for text in "bc"}
    assert {path.name for path in prune(cassette, dry_run=True)} == unused
    assert len(cassette.paths()) == 3
    assert {path.name for path in prune(cassette)} == unused
    assert [path.stem for path in cassette.paths()] == [ask("a").key[:16]]


def test_pruning_by_a_list_of_keys_keeps_those(tmp_path: Path) -> None:
    cassette = tape(tmp_path, a=(GOOD,), b=(GOOD,))
    kept: list[Any] = [ask("b").key]
    prune(cassette, kept)
    assert [exchange.key for exchange in cassette.exchanges()] == kept
