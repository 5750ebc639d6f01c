"""``llmx models``, and the options that say how to ask: from the command line, the environment and the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmx.config import load_settings
from llmx.endpoint.known_providers import known_providers
from llmx.errors import ConfigError
from tests.cli.running import EXTRACT, assert_plain, here, project, run, serving
from tests.cli.test_faults import bill
from tests.fault_server import FaultServer, Received, Step, answer, call

SECRET = "plain-header-value-of-nobody"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path)


def test_models_lists_every_name_with_its_variable_and_base_url(folder: Path) -> None:
    done = here("models", folder=folder, GROQ_API_KEY="a-key")
    assert done.code == 0
    for known in known_providers().values():
        [line] = [line for line in done.out.splitlines() if line.split()[0] == known.name]
        assert (known.base_url or known.base_url_env) in line
        assert (known.key or "no key") in line
    assert "GROQ_API_KEY (set)" in done.out
    assert "a-key" not in done.out


PROBED = json.dumps({"capital_of_france": "QX-7", "proof_code": "R9T"})


def honest(received: Received) -> Step:
    """Answer as ``bill`` does, and the probe's question by a function call alone."""
    if "capital of France" not in str(received.body["messages"]):
        return bill(received)
    return call(PROBED) if "tools" in received.body else answer("Paris.")


@pytest.mark.slow
async def test_models_tells_what_was_probed_where(folder: Path) -> None:
    words = ("extract", "docs/a.txt", "--schema", "bill.py:Bill")
    async with FaultServer(honest) as server, FaultServer(honest) as other:
        host = f"127.0.0.1:{server.port}"
        for where in (("ollama/scripted-1",), ("scripted-2", "--base-url", other.base_url)):
            assert (await run(*words, "--model", *where, folder=folder, OLLAMA_HOST=host)).code == 0
    lines = here("models", folder=folder, OLLAMA_HOST=host).out.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("ollama "))
    assert "scripted-1: mode tools" in lines[at + 1]
    assert other.base_url in lines[-2]
    assert "scripted-2: mode tools" in lines[-1]
    listed = json.loads(here("models", "--json", folder=folder, OLLAMA_HOST=host).out)
    [ollama] = [each for each in listed if each["name"] == "ollama"]
    assert (ollama["probed"][0]["model"], ollama["base_url"]) == ("scripted-1", f"http://{host}/v1")


@pytest.mark.slow
async def test_a_provider_that_lists_no_models_is_told(folder: Path) -> None:
    async with FaultServer(bill, models=()) as server:
        done = await run("models", "ollama", folder=folder, OLLAMA_HOST=f"127.0.0.1:{server.port}")
    assert (done.code, done.out) == (1, "")
    assert_plain(done, "does not say")


def test_models_with_a_name_asks_that_provider_what_it_offers(folder: Path) -> None:
    with serving(bill) as server:
        done = here("models", "ollama", folder=folder, OLLAMA_HOST=f"127.0.0.1:{server.port}")
        listed = here("models", "ollama", "--json", folder=folder, OLLAMA_HOST=f"127.0.0.1:{server.port}")
    assert done.out.splitlines() == ["ollama/scripted-1"]
    assert json.loads(listed.out) == ["ollama/scripted-1"]
    unknown = here("models", "olama", folder=folder)
    assert unknown.code == 2
    assert_plain(unknown, "no provider is called 'olama'", "ollama")


EXTRA = {"top_k": 20}
WAYS: list[Any] = [
    pytest.param(
        ("--extra-body", json.dumps(EXTRA), "--reasoning-effort", "low", "--header", f"X-Key={SECRET}", "--header",
         "X-Team=a=b"),
        {}, "", id="command line",
    ),
    pytest.param(
        (),
        {"LLMX_EXTRA_BODY": json.dumps(EXTRA), "LLMX_REASONING_EFFORT": "low",
         "LLMX_HEADERS": f"X-Key={SECRET}\nX-Team=a=b"},
        "", id="environment",
    ),
    pytest.param(
        (), {},
        f'reasoning_effort = "low"\n[extra_body]\ntop_k = 20\n[headers]\nX-Key = "{SECRET}"\nX-Team = "a=b"\n', id="file",
    ),
]  # fmt: skip


def files_with(secret: str, folder: Path) -> list[str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path.name for path in files if secret.encode() in path.read_bytes()]


@pytest.mark.slow
@pytest.mark.parametrize(("words", "environ", "file"), WAYS)
async def test_effort_extra_body_and_headers_are_taken_from_everywhere_and_no_file_holds_a_header(
    words: tuple[str, ...], environ: dict[str, str], file: str, *, folder: Path
) -> None:
    if file:
        (folder / "llmx.toml").write_text(file)
    async with FaultServer(bill) as server:
        done = await run(
            *EXTRACT, "--base-url", server.base_url, "-o", "out.jsonl", "--log-file", "log.jsonl", "--record", "tape",
            *words, folder=folder, **environ,
        )  # fmt: skip
    assert done.code == 0, done.err
    for each in server.received:
        assert each.body["top_k"] == 20
        assert each.body["reasoning_effort"] == "low"
        assert each.headers["x-key"] == SECRET
        assert each.headers["x-team"] == "a=b"
    again = await run(*EXTRACT, "--replay", "tape", *words, folder=folder, **environ)
    assert (again.code, len(again.records)) == (0, 2), again.err
    shown = here("config", folder=folder, **environ)
    assert files_with(SECRET, folder) == (["llmx.toml"] if file else [])
    assert SECRET not in done.err + done.out + shown.out
    if not words:
        assert "X-Key, X-Team" in shown.out
        assert '{"top_k": 20}' in shown.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--extra-body", "{top_k: 20}"), "not JSON"),
        (("--extra-body", "[1]"), "not a JSON object"),
        (("--extra-body", '{"stream": true}'), "'stream'"),
        (("--header", f"Authorization: Bearer {SECRET}"), "NAME=VALUE"),
        (("--header", f"X-A={SECRET}", "--header", f"x-a={SECRET}"), "twice"),
        (("--header", f"X A={SECRET}"), "name"),
        (("--api", "completions"), "chat"),
        (("--reasoning-effort", "very much"), "low, medium or high"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words_before_anything_is_sent(
    words: tuple[str, ...], told: str, *, folder: Path
) -> None:
    with serving(bill) as server:
        done = here(*EXTRACT, "--base-url", server.base_url, *words, folder=folder)
    assert done.code == 2
    assert_plain(done, told)
    assert SECRET not in done.err + done.out
    assert server.received == []


def test_headers_are_a_table_of_texts_or_lines(tmp_path: Path) -> None:
    for value in ({"X-A": 1}, "no equals sign"):
        with pytest.raises(ConfigError):
            load_settings({"headers": value}, environ={}, folder=tmp_path)
    given = load_settings({"headers": ["A=1", "B=x=y"]}, environ={}, folder=tmp_path).values.headers
    assert given == {"A": "1", "B": "x=y"}


def test_prompt_show_shows_the_request_that_would_be_sent(folder: Path) -> None:
    words = ("prompt", "show", "docs/a.txt", "--schema", "bill.py:Bill", "--json")
    shown = json.loads(here(*words, "--api", "responses", "--reasoning-effort", "low", folder=folder).out)["body"]
    assert shown["reasoning"] == {"effort": "low"}
    assert shown["input"][-1]["role"] == "user"
    assert here(*words[:-1], "--api", "responses", folder=folder).out.startswith("--- system ---")
