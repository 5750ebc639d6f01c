"""``llmx extract --batch`` and ``llmx batch``: a run is collected on another day, whatever killed it before."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Done, assert_plain, ended, here, start
from tests.endpoint.batch.batch_server import BatchServer, serving_batches
from tests.run.mocked import invoices

SCRIPTED = ("--schema", "bench.invoices:Invoice", "--model", "mock", "--mode", "json_schema")


def words(server: BatchServer, *more: str) -> tuple[str, ...]:
    """The command of a batch run."""
    return ("extract", "in.jsonl", *SCRIPTED, "--base-url", server.base_url, "--batch", "-o", "out.jsonl", *more)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    rows = (json.dumps({"id": each.id, "text": each.text}) + "\n" for each in invoices(4))
    (tmp_path / "in.jsonl").write_text("".join(rows))
    return tmp_path


def ids(folder: Path) -> list[str]:
    return [json.loads(line)["id"] for line in (folder / "out.jsonl").read_text().splitlines()]


WANTED = [f"INV-{number:06}" for number in range(1, 5)]


def test_a_run_is_submitted_looked_at_and_collected(folder: Path) -> None:
    with serving_batches(BatchServer(holds=True)) as server:
        begun = here(*words(server), folder=folder)
        again = here(*words(server), folder=folder)
        looked = here("batch", "status", "out.jsonl", "--json", folder=folder)
        early = here("batch", "collect", "out.jsonl", folder=folder)
        live = here(*(word for word in words(server, "--resume") if word != "--batch"), folder=folder)
        private = (folder / "out.jsonl.batch").stat().st_mode & 0o777
        kept = (folder / "out.jsonl.batch").read_bytes()
        server.release()
        done = here("batch", "collect", "out.jsonl", folder=folder)
        over = here("batch", "collect", "out.jsonl", folder=folder)
    assert (begun.code, early.code, done.code, over.code) == (0, 75, 0, 2), (begun, early, done)
    assert "4 documents wait for their batches" in begun.err
    assert_plain(again, "waits for batches", "llmx batch collect")
    assert_plain(live, "waits for batches", "llmx batch cancel")
    told = json.loads(looked.out)
    assert (told["requests"], told["answered"], told["batches"][0]["told"]) == (4, 0, "in_progress, 0 of 4 done")
    assert "4 ok" in done.err
    assert_plain(over, "waits for no batch")
    assert ids(folder) == WANTED
    assert private == 0o600
    assert b"sk-test" not in kept
    assert len(server.batches) == 1


POINTS = ("POST /batches", "after POST /batches", "after GET /files/")


async def kill_at(point: str, server: BatchServer, folder: Path, *, cache: str) -> int:
    """Run until the server hears of ``point``, and kill it there; return how it ended."""
    pids: list[int] = []

    def kill(what: str) -> None:
        if what.startswith(point) and pids:
            os.kill(pids.pop(), signal.SIGKILL)

    server.hook = kill
    running = await start(*words(server, "--wait"), folder=folder, LLMX_CACHE_DIR=cache)
    pids.append(running.pid)
    return (await ended(running)).code


@pytest.mark.slow
def test_a_run_that_is_killed_at_any_point_pays_for_each_request_once(folder: Path) -> None:
    outputs = set()
    for number, point in enumerate(POINTS):
        (folder / "out.jsonl").unlink(missing_ok=True)
        cache = str(folder / f"cache{number}")
        with serving_batches() as server:
            assert asyncio.run(kill_at(point, server, folder, cache=cache)) == -signal.SIGKILL, point
            collected = here("batch", "collect", "out.jsonl", "--wait", folder=folder, LLMX_CACHE_DIR=cache)
        assert collected.code == 0, (point, collected)
        assert sorted(server.paid.values()) == [1] * 4, point
        outputs.add((folder / "out.jsonl").read_bytes())
    assert len(outputs) == 1


def test_a_run_that_is_cancelled_keeps_what_was_answered(folder: Path) -> None:
    with serving_batches(BatchServer(holds=True)) as server:
        server.script = lambda lines, state: ([state.answer(line) for line in lines[:2]], [])
        here(*words(server), folder=folder)
        cancelled = here("batch", "cancel", "out.jsonl", folder=folder)
        collected = here("batch", "collect", "out.jsonl", folder=folder)
    assert "cancelled 1 batch;" in cancelled.out
    assert len(ids(folder)) == 2
    assert collected.code == 1, collected
    assert_plain(collected, "its batches were cancelled")
    assert len(server.batches) == 1
    assert not (folder / "out.jsonl.batch").exists()


def test_requests_are_exported_for_a_server_that_takes_them_by_hand(folder: Path) -> None:
    with serving_batches() as server:
        begun = here(*words(server, "--no-submit"), folder=folder)
        exported = here("batch", "export", "out.jsonl", "requests.jsonl", folder=folder)
        lines = [json.loads(line) for line in (folder / "requests.jsonl").read_text().splitlines()]
        foreign = json.dumps({**server.answer(lines[0]), "custom_id": "another"})
        (folder / "foreign.jsonl").write_text(foreign)
        wrong = here("batch", "import", "out.jsonl", "foreign.jsonl", folder=folder)
        answers = "".join(json.dumps(server.answer(line)) + "\n" for line in reversed(lines))
        (folder / "answers.jsonl").write_text(answers)
        done = here("batch", "import", "out.jsonl", "answers.jsonl", folder=folder)
        asked = [what for what in server.seen if what != "GET /models"]
    assert begun.code == 0, begun
    assert "4 requests in requests.jsonl" in exported.out, exported
    assert {(line["method"], line["url"]) for line in lines} == {("POST", "/v1/chat/completions")}
    assert_plain(wrong, "no answer to a request of this run")
    assert done.code == 0, done
    assert ids(folder) == WANTED
    assert asked == []


def refused(done: Done, *told: str) -> None:
    assert done.code == 2
    assert_plain(done, *told)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--replay", "cassette"], "--replay does not go with --batch"),
        (["--record", "cassette"], "--record does not go with --batch"),
        (["--no-cache"], "--no-cache does not go with --batch"),
        (["--refresh"], "--refresh does not go with --batch"),
        (["--fallback", "other"], "--fallback does not go with --batch"),
        (["--rpm", "60"], "--rpm does not go with --batch"),
        (["--wait-for-endpoint"], "--wait-for-endpoint does not go with --batch"),
        (["--header", "X-Key=secret"], "--header may hold a secret"),
        (["--base-url", "http://me:secret@127.0.0.1:9/v1"], "holds a password"),
        (["--batch-follow-ups", "never"], "Choose batch or live"),
        (["--no-submit", "--wait"], "Leave out one of them"),
        (["-o", "out/"], "needs an output that is a file on this machine"),
        (["--model", "anthropic/claude-sonnet-4-5", "--max-cost", "x"], "--max-cost"),
    ],
)
def test_what_does_not_go_with_a_batch_is_refused_by_name(folder: Path, more: list[str], told: str) -> None:
    command: Any = words(BatchServer(base_url="http://127.0.0.1:9/v1"), *more)
    refused(here(*command, folder=folder), told)
    assert not (folder / "out.jsonl.batch").exists()


@pytest.mark.parametrize("option", [["--wait"], ["--no-submit"], ["--batch-follow-ups", "live"]])
def test_an_option_of_batches_is_refused_where_there_are_none(folder: Path, option: list[str]) -> None:
    command = tuple(word for word in words(BatchServer(base_url="http://127.0.0.1:9/v1"), *option) if word != "--batch")
    refused(here(*command, folder=folder), f"{option[0]} has no effect without --batch")


def test_a_dry_run_says_what_the_batch_api_costs(folder: Path) -> None:
    command = ("extract", "in.jsonl", "--schema", "bench.invoices:Invoice", "--model", "gpt-4.1-mini", "--dry-run")
    live, batch = here(*command, folder=folder), here(*command, "--batch", folder=folder)

    def cost(done: Done) -> float:
        return float(next(line for line in done.out.splitlines() if line.startswith("cost_usd")).split()[1])

    assert cost(batch) == pytest.approx(cost(live) / 2, abs=1e-6)
    assert "the cost is that of the batch API" in batch.out
