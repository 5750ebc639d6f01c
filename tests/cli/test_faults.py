"""What goes wrong in the world, as a user of the command line meets it: one clear line, a hint, the right exit code."""

from __future__ import annotations

import asyncio
import email.utils
import json
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import EXTRACT, Done, assert_plain, ended, environment, here, project, run, serving, start
from tests.fault_server import CUT, HANG, RESET, FaultServer, Received, Step, answer, call, status


def bill(request: Received) -> Step:
    """Answer as a model would that reads the bill."""
    text = request.body["messages"][-1]["content"]
    number, buyer = ("B-7", "ACME") if "B-7" in text else ("B-8", "Globex")
    return answer(json.dumps({"number": number, "buyer": buyer}))


def failing_first(*steps: Step) -> Callable[[Received], Step]:
    return lambda request: steps[request.number] if request.number < len(steps) else bill(request)


async def extracted(folder: Path, script: Any, *words: str, **more: str) -> tuple[Done, FaultServer]:
    project(folder)
    async with FaultServer(script) as server:
        done = await run(*EXTRACT, "--base-url", server.base_url, "--passes", "1", *words, folder=folder, **more)
    return done, server


def extracted_here(folder: Path, script: Any, *words: str, **more: str) -> tuple[Done, FaultServer]:
    project(folder)
    with serving(script) as server:
        done = here(*EXTRACT, "--base-url", server.base_url, "--passes", "1", *words, folder=folder, **more)
    return done, server


async def test_documents_go_in_and_records_come_out_on_stdout_in_their_order(tmp_path: Path) -> None:
    done, server = await extracted(tmp_path, bill, "--quiet")
    assert done.code == 0, done
    assert sorted((r["data"]["number"], r["data"]["buyer"]) for r in done.records) == [
        ("B-7", "ACME"),
        ("B-8", "Globex"),
    ]
    assert {r["status"] for r in done.records} == {"ok"}
    assert done.err == ""
    assert len(server.received) == 2


def test_fast_asks_once_for_each_document_and_contradicts_what_asks_more(tmp_path: Path) -> None:
    project(tmp_path)
    with serving(bill) as server:
        fast = here(*EXTRACT, "--base-url", server.base_url, "--quiet", "--fast", folder=tmp_path)
        refused = here(*EXTRACT, "--base-url", server.base_url, "--fast", "--verify", "all", folder=tmp_path)
    assert (fast.code, len(fast.records), len(server.received)) == (0, 2, 2)
    assert refused.code == 2
    assert "--fast contradicts --passes or --verify" in refused.err


PASSING: dict[str, Callable[[], list[Step]]] = {
    "429 with seconds": lambda: [status(429, "slow down", Retry_After="0")],
    "429 with a date": lambda: [status(429, "slow down", Retry_After=email.utils.formatdate(time.time(), usegmt=True))],
    "500": lambda: [status(500, "oops")],
    "a reset connection": lambda: [RESET],
    "a truncated JSON body": lambda: [CUT],
    "half of a completion": lambda: [Step(b'{"id": "1", "choices": [{"mess')],
}


@pytest.mark.slow
@pytest.mark.parametrize("steps", PASSING.values(), ids=PASSING.keys())
def test_what_passes_is_waited_for_and_tried_again(steps: Callable[[], list[Step]], tmp_path: Path) -> None:
    done, server = extracted_here(tmp_path, failing_first(*steps()), "--concurrency", "1")
    assert done.code == 0, done
    assert [r["status"] for r in done.records] == ["ok", "ok"]
    assert len(server.received) == 3
    assert "1 retries" in done.err


@pytest.mark.slow
def test_a_server_that_hangs_is_given_up_after_the_timeout_and_asked_again(tmp_path: Path) -> None:
    done, server = extracted_here(tmp_path, failing_first(HANG), "--timeout", "0.7", "--concurrency", "1")
    assert done.code == 0, done
    assert len(server.received) == 3


STATES: dict[str, tuple[Step, list[str], str, int]] = {
    "a refusal": (answer(None, refusal="I cannot help with that."), [], "refused", 1),
    "a content filter": (answer(None, finish="content_filter"), [], "refused", 1),
    "an answer cut by length": (answer('{"number": "B-7", "buy', finish="length"), [], "partial", 1),
    "prose": (answer("I see a bill."), [], "invalid", 1),
    "malformed arguments of a tool call": (call('{"number": "B-7", '), ["--mode", "tools"], "invalid", 1),
    "a model that never answers with the right type": (
        answer('{"number": {"of": ["B-7"]}, "buyer": null}'),
        [],
        "invalid",
        1,
    ),
}


@pytest.mark.parametrize(("step", "words", "state", "code"), STATES.values(), ids=STATES.keys())
def test_what_the_model_does_wrong_is_a_state_of_the_record(
    step: Step, words: list[str], state: str, *, code: int, tmp_path: Path
) -> None:
    done, _ = extracted_here(tmp_path, [step], *words)
    assert done.code == code, done
    assert {r["status"] for r in done.records} == {state}
    assert all(r["issues"] for r in done.records)
    assert_plain(done, f"2 {state}")


def test_malformed_arguments_are_asked_for_again(tmp_path: Path) -> None:
    def script(request: Received) -> Step:
        good = json.loads(bill(request).payload["choices"][0]["message"]["content"])
        return call("{") if request.number == 0 else call(json.dumps(good))

    done, server = extracted_here(tmp_path, script, "--mode", "tools", "--concurrency", "1")
    assert done.code == 0, done
    assert len(server.received) == 3


@pytest.mark.slow
async def test_a_wrong_key_ends_the_run_and_names_the_variable_but_not_the_key(tmp_path: Path) -> None:
    done, _ = await extracted(tmp_path, [status(401, "invalid key sk-test-not-a-key")])
    assert done.code == 2, done
    assert_plain(done, "401", "OPENAI_API_KEY")
    assert "sk-test-not-a-key" not in done.err + done.out


def test_a_model_that_is_not_offered_is_told_with_those_that_are(tmp_path: Path) -> None:
    done, _ = extracted_here(tmp_path, [status(404, "no such model")], "--model", "scripted-9")
    assert done.code in (1, 2), done
    assert_plain(done, "scripted-9", "scripted-1")


@pytest.mark.slow
async def test_a_server_that_is_not_there_is_told_with_its_address(tmp_path: Path) -> None:
    project(tmp_path)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}/v1"
        words = ("extract", "docs", "--schema", "bill.py:Bill", "--base-url", url, "--model", "m")
        done = await run(*words, folder=tmp_path, LLMX_RETRY_ATTEMPTS="1")
        quiet = await run(*words, "--mode", "json", "--quiet", folder=tmp_path, LLMX_RETRY_ATTEMPTS="1")
    for each in (done, quiet):
        assert each.code == 2, each
        assert_plain(each, url, "connection refused")
        assert len(each.err.splitlines()) <= 3


def test_quiet_leaves_out_what_is_well_and_no_error(tmp_path: Path) -> None:
    project(tmp_path, {"a.txt": "Bill B-7 to ACME.", "b.txt": "Another one."})
    with serving(lambda r: answer("{}") if "Another" in r.body["messages"][-1]["content"] else bill(r)) as server:
        words = (*EXTRACT, "--base-url", server.base_url, "--quiet", "-o")
        done = here(*words, "all.jsonl", folder=tmp_path)
        (tmp_path / "docs" / "b.txt").unlink()
        well = here(*words, "well.jsonl", folder=tmp_path)
    assert (done.code, well.code) == (1, 0)
    assert done.err == "llmx: 1 without data: /number: Field required\n"
    assert well.err == ""


@pytest.mark.slow
async def test_a_document_that_cannot_be_read_fails_and_the_others_go_on(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "docs" / "bad.txt").write_bytes(b"Bill \xff\xfe\xfd")
    (tmp_path / "docs" / "empty.txt").write_bytes(b"")
    async with FaultServer(bill) as server:
        done = await run(*EXTRACT, "--base-url", server.base_url, folder=tmp_path)
    assert done.code == 1, done
    states = {Path(r["source"]).name: (r["status"], [i["code"] for i in r["issues"]]) for r in done.records}
    assert states["a.txt"] == states["b.txt"] == ("ok", [])
    assert states["bad.txt"] == states["empty.txt"] == ("failed", ["unreadable"])
    message = next(r for r in done.records if r["source"].endswith("bad.txt"))["issues"][0]["message"]
    assert "bad.txt" in message
    assert "5" in message
    assert_plain(done, "2 ok", "2 failed")


USAGE: dict[str, tuple[list[str], list[str]]] = {
    "no schema": (["extract", "docs", "--model", "m"], ["schema", "--schema"]),
    "a schema's file that is missing": (["extract", "docs", "-s", "nowhere.py:Bill"], ["nowhere.py"]),
    "a schema's name that is unknown": (["extract", "docs", "-s", "partnershup"], ["partnershup", "partnership"]),
    "a class that is missing": (["extract", "docs", "-s", "bill.py:Bull"], ["Bull", "Bill"]),
    "a class that is no model": (["extract", "docs", "-s", "bad.py:NoModel"], ["NoModel", "Pydantic"]),
    "a recursive schema": (["extract", "docs", "-s", "bad.py:Tree"], ["Tree", "itself"]),
    "a schema that does not run": (["extract", "docs", "-s", "broken.py:A"], ["broken.py", "line 1"]),
    "a template with an unknown variable": (
        ["extract", "docs", "-s", "bill.py:Bill", "-p", "bad.md"], ["bad.md", "line 2", "skecth", "sketch"]
    ),
    "a template that is missing": (["extract", "docs", "-s", "bill.py:Bill", "-p", "no.md"], ["no.md"]),
    "a prompt that is unknown": (["extract", "docs", "-s", "bill.py:Bill", "-p", "extrakt"], ["extrakt", "extract"]),
    "examples that are missing": (["extract", "docs", "-s", "bill.py:Bill", "--examples", "no.yaml"], ["no.yaml"]),
    "an empty folder": (["extract", "nothing", "-s", "bill.py:Bill"], ["nothing"]),
    "a document that is missing": (["extract", "no.txt", "-s", "bill.py:Bill"], ["no.txt"]),
    "an unknown policy": (["extract", "docs", "-s", "bill.py:Bill", "--unproven", "maybe"], ["maybe", "keep"]),
    "an unknown kind of evidence": (["extract", "docs", "-s", "bill.py:Bill", "--evidence", "much"], ["much", "quotes"]),
    "an unknown way with boilerplate": (["extract", "docs", "-s", "bill.py:Bill", "--boilerplate", "x"], ["x", "drop"]),
    "an unknown mode": (["extract", "docs", "-s", "bill.py:Bill", "--mode", "xml"], ["xml", "json_schema"]),
    "an output of an unknown kind": (["extract", "docs", "-s", "bill.py:Bill", "-o", "out.docx"], ["out.docx", ".jsonl"]),
    "a base URL that is none": (["extract", "docs", "-s", "bill.py:Bill", "--base-url", "localhost:80"], ["http://"]),
    "record and replay": (
        ["extract", "docs", "-s", "bill.py:Bill", "--record", "a", "--replay", "b"], ["--record", "--replay"]
    ),
    "a cassette that is missing": (["extract", "docs", "-s", "bill.py:Bill", "--replay", "nowhere"], ["nowhere"]),
    "a locale that is none": (["extract", "docs", "-s", "bill.py:Bill", "--locale", "klingon"], ["klingon", "de_CH"]),
    "a country that is none": (["extract", "docs", "-s", "bill.py:Bill", "--locale", "de_XX"], ["de_XX"]),
    "cells of no table": (["extract", "docs", "-s", "bill.py:Bill", "--no-csv-safe"], ["--no-csv-safe", ".csv"]),
    "too many columns": (["extract", "docs", "-s", "wide.json", "-o", "out.sqlite"], ["2,100 columns", ".parquet"]),
    "no concurrency": (["extract", "docs", "-s", "bill.py:Bill", "--concurrency", "0"], ["concurrency"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = project(tmp_path_factory.mktemp("usage"))
    (made / "nothing").mkdir()
    (made / "bad.md").write_text("# user\n{{ skecth }}\n{{ document }}")
    wide = {"title": "Wide", "type": "object", "properties": {f"f{n}": {"type": "string"} for n in range(2100)}}
    (made / "wide.json").write_text(json.dumps(wide))
    (made / "broken.py").write_text("import nothing_of_that_name\n")
    (made / "bad.py").write_text(
        "from pydantic import BaseModel\nclass NoModel: ...\nclass Tree(BaseModel):\n    below: list['Tree']\n"
    )
    return made


@pytest.mark.slow
@pytest.mark.parametrize(("words", "told"), USAGE.values(), ids=USAGE.keys())
def test_what_the_user_gets_wrong_is_told_before_anybody_is_asked(
    words: list[str], told: list[str], folder: Path
) -> None:
    if "--base-url" not in words:
        words = [*words, "--base-url", "http://127.0.0.1:9/v1", "--model", "scripted-1"]  # nobody is there
    if "--mode" not in words:
        words = [*words, "--mode", "json_schema"]
    done = here(*words, folder=folder)
    assert done.code == 2, done
    assert done.out == ""
    assert_plain(done, *told)
    assert done.err.startswith(("llmx: ", "Usage: ")), done.err


@pytest.mark.slow
async def test_an_output_that_exists_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("precious\n")
    done, server = await extracted(tmp_path, bill, "-o", "out.jsonl")
    assert done.code == 2, done
    assert_plain(done, "out.jsonl", "--overwrite")
    assert (tmp_path / "out.jsonl").read_text() == "precious\n"
    assert server.received == []
    async with FaultServer(bill) as server:
        done = await run(*EXTRACT, "--base-url", server.base_url, "-o", "out.jsonl", "--overwrite", folder=tmp_path)
    assert done.code == 0, done
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 2


async def test_a_full_disk_is_told_and_is_no_success(tmp_path: Path) -> None:
    many = {f"{n:03d}.txt": f"Bill B-7 to ACME, number {n}. " + "More words of the bill. " * 20 for n in range(40)}
    project(tmp_path, many)
    async with FaultServer(bill) as server:
        words = (*EXTRACT, "--base-url", server.base_url, "-o", "out.jsonl", "--no-cache")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from llmx.cli import main; main()", *words, cwd=tmp_path,
            env=environment(tmp_path, COVERAGE_PROCESS_START=""),  # whose file would meet the limit too
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)),
        )  # fmt: skip
        done = await ended(process)
    assert done.code == 2, done
    assert_plain(done, "out.jsonl")


@pytest.mark.slow
async def test_after_ctrl_c_the_records_so_far_are_kept_and_the_run_can_go_on(tmp_path: Path) -> None:
    project(tmp_path, {f"{n}.txt": f"Bill B-7 to ACME, number {n}." for n in range(6)})
    hanging = asyncio.Event()

    def three_bills(request: Received) -> Step:
        if request.number < 3:
            return bill(request)
        hanging.set()
        return HANG

    async with FaultServer(three_bills) as server:
        words = (*EXTRACT, "--base-url", server.base_url, "-o", "out.jsonl", "--concurrency", "1")
        process = await start(*words, folder=tmp_path)
        await asyncio.wait_for(hanging.wait(), 60)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert b"a second SIGINT drops them" in await asyncio.wait_for(process.stderr.readuntil(b"drops them"), 60)
        process.send_signal(signal.SIGINT)
        done = await ended(process)
    assert done.code == 130, done
    assert_plain(done)
    async with FaultServer(bill) as server:
        words = (*EXTRACT, "--base-url", server.base_url, "-o", "out.jsonl", "--resume", "--no-cache")
        done = await run(*words, folder=tmp_path)
        assert done.code == 0, done
        assert len(server.received) == 3
    ids = [json.loads(line)["id"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(ids) == len(set(ids)) == 6


@pytest.mark.slow
async def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    done, _ = await extracted(tmp_path, bill, "--quiet")
    assert done.code == 0
    process = await asyncio.create_subprocess_shell(
        f"{sys.executable} -c 'from llmx.cli import main; main()' schema show bill.py:Bill --json | head -c 1",
        cwd=tmp_path, env=environment(tmp_path), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert_plain(await ended(process))
