"""The other commands: what they print, where, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmx.resources import shipped_folder
from tests.cli.running import EXTRACT, assert_plain, here, project, run, serving
from tests.cli.test_faults import bill
from tests.fault_server import FaultServer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path)


async def test_help_and_version_go_to_stdout(folder: Path) -> None:
    done = await run("--help", folder=folder)
    assert done.code == 0
    assert "extract" in done.out
    assert done.err == ""


def test_a_command_that_is_unknown_or_lacks_its_argument_is_usage(folder: Path) -> None:
    for words in (("extrakt",), ("extract",), ("extract", "docs", "--no-such-option")):
        done = here(*words, folder=folder)
        assert done.code == 2
        assert_plain(done)


def test_schema_show_prints_the_sketch_the_records_or_the_wire(folder: Path) -> None:
    sketch = here("schema", "show", "bill.py:Bill", folder=folder)
    assert (sketch.code, sketch.out.splitlines()[0]) == (0, "{")
    assert "fingerprint" in sketch.err
    records = json.loads(here("schema", "show", "bill.py:Bill", "--json", folder=folder).out)
    wire = json.loads(here("schema", "show", "bill.py:Bill", "--wire", folder=folder).out)
    assert records["properties"]["number"]["type"] == "string"
    assert wire["additionalProperties"] is False


def test_schemas_are_listed_the_users_own_first(folder: Path) -> None:
    (folder / "schemas").mkdir()
    (folder / "schemas" / "bill.py").write_text((folder / "bill.py").read_text())
    lines = here("schema", "list", folder=folder).out.splitlines()
    names = [line.split()[0] for line in lines]
    assert names == ["bill", *sorted(path.stem for path in shipped_folder("schemas").glob("*.py"))]
    assert {"invoice", "partnership", "receipt"} < set(names)


def test_prompt_show_renders_what_would_be_sent_and_sends_nothing(folder: Path) -> None:
    words = ("prompt", "show", "docs/a.txt", "--schema", "bill.py:Bill", "--base-url", "x")[:5]
    done = here(*words, folder=folder)
    assert done.code == 0
    assert done.out.startswith("--- system ---")
    assert "Bill B-7 to ACME." in done.out
    body = json.loads(here(*words, "--json", folder=folder).out)
    assert len(body["key"]) == 64
    assert body["body"]["messages"][-1]["role"] == "user"


PAGE = "Home | News | Sport | Weather | Sign in\n\nBill B-7 to ACME was paid in full on Monday, said the treasurer of the town.\n\nWas this article helpful? 93 out of 132 found this helpful\nWe use cookies. Accept all | Reject\n"


@pytest.mark.parametrize("text", ["Bill B-7 to ACME.", PAGE], ids=["plain", "with page furniture"])
def test_what_prompt_show_shows_is_what_extract_sends(text: str, tmp_path: Path) -> None:
    folder = project(tmp_path, {"a.txt": text})
    with serving(bill) as server:
        here(*EXTRACT, "--base-url", server.base_url, "--concurrency", "1", folder=folder)
    shown = json.loads(
        here("prompt", "show", "docs/a.txt", "-s", "bill.py:Bill", "--json", folder=folder, LLMX_MODEL="scripted-1").out
    )
    assert shown["body"] == server.received[0].body


@pytest.mark.parametrize("source", ["option", "environment", "file"])
def test_strict_is_set_by_option_environment_or_file(source: str, folder: Path) -> None:
    words = ["prompt", "show", "docs/a.txt", "-s", "bill.py:Bill", "--mode", "tools", "--json"]
    environ = {"LLMX_STRICT": "1"} if source == "environment" else {}
    if source == "file":
        (folder / "llmx.toml").write_text("strict = true\n")
    if source == "option":
        words.append("--strict")
    plain = json.loads(here(*words, "--no-strict", folder=folder).out)
    strict = json.loads(here(*words, folder=folder, **environ).out)
    assert strict["body"]["tools"][0]["function"]["strict"] is True
    assert "strict" not in plain["body"]["tools"][0]["function"]
    assert strict["key"] != plain["key"]


def test_config_shows_every_setting_and_where_it_comes_from(folder: Path) -> None:
    (folder / "llmx.toml").write_text('model = "from-file"\n')
    done = here("config", folder=folder, LLMX_PASSES="3")
    assert done.code == 0
    lines = {line.split()[0]: line for line in done.out.splitlines()}
    assert '"from-file"' in lines["model"]
    assert "llmx.toml" in lines["model"]
    assert "LLMX_PASSES" in lines["passes"]
    assert lines["samples"].endswith("# default")


def test_the_second_run_costs_nothing_and_gives_the_same_bytes(folder: Path) -> None:
    with serving(bill) as server:
        words = (*EXTRACT, "--base-url", server.base_url)
        first = here(*words, "--ordered", folder=folder)
        asked = len(server.received)
        second = here(*words, "--ordered", folder=folder)
        assert len(server.received) == asked == 2
        assert first.out == second.out
        assert "saved" in second.err
        info = here("cache", "info", folder=folder)
        assert "2" in info.out
        assert here("cache", "verify", folder=folder).code == 0
        assert "removed 2" in here("cache", "clear", "--yes", folder=folder).out
        here(*words, folder=folder)
        assert len(server.received) == 4


def test_a_recording_replays_without_a_network_byte_for_byte(folder: Path) -> None:
    with serving(bill) as server:
        words = (*EXTRACT, "--base-url", server.base_url, "--record", "tape", "--ordered")
        recorded = here(*words, folder=folder)
    assert recorded.code == 0, recorded
    replay = ("extract", "docs", "-s", "bill.py:Bill", "--replay", "tape", "--ordered")
    one, two = here(*replay, folder=folder), here(*replay, folder=folder)
    assert one.code == 0, one
    assert one.out == two.out == recorded.out
    listed = here("cassette", "ls", "tape", folder=folder)
    assert len(listed.out.splitlines()) == 2
    assert here("cassette", "verify", "tape", folder=folder).code == 0
    assert "sk-test-not-a-key" not in "".join(p.read_text() for p in (folder / "tape").rglob("*.json"))


def test_a_replay_of_something_else_says_what_differs(folder: Path) -> None:
    with serving(bill) as server:
        here(*EXTRACT, "--base-url", server.base_url, "--record", "tape", folder=folder)
    (folder / "docs" / "a.txt").write_text("Bill B-7 to the ACME company.")
    done = here("extract", "docs", "-s", "bill.py:Bill", "--replay", "tape", folder=folder)
    assert done.code == 2
    assert_plain(done, "ACME")


def test_doctor_says_that_a_model_is_not_listed_by_a_server_that_answers_to_any_name(folder: Path) -> None:
    with serving(bill) as server:
        told = {
            name: here("doctor", "--base-url", server.base_url, "--model", name, folder=folder).out
            for name in ("scripted-1", "scripted-9")
        }
    assert "scripted-9, which it does not list" in told["scripted-9"]
    assert "does not list" not in told["scripted-1"]


def test_doctor_says_what_works_and_what_to_do_where_not(folder: Path) -> None:
    with serving(bill) as server:
        done = here("doctor", "--base-url", server.base_url, "--model", "scripted-1", folder=folder)
        assert_plain(done, "scripted-1", "reachable", "mode tools", "mode text", "strict schemas")
    done = here("doctor", "--base-url", "http://127.0.0.1:9/v1", "--model", "m", folder=folder, LLMX_RETRY_ATTEMPTS="1")
    assert done.code == 1
    assert_plain(done, "127.0.0.1:9")


def test_rows_of_jsonl_and_csv_are_documents(folder: Path) -> None:
    (folder / "rows.jsonl").write_text(
        '{"nr": 1, "body": "Bill B-7 to ACME."}\n{"nr": 2, "body": "Bill B-8 to Globex."}\n'
    )
    (folder / "rows.csv").write_text("nr,body\n3,Bill B-7 to ACME.\n")
    with serving(bill) as server:
        done = here(
            "extract", "rows.jsonl", "rows.csv", *EXTRACT[2:], "--base-url", server.base_url, "--ordered",
            "--text-field", "body", "--id-field", "nr", folder=folder,
        )  # fmt: skip
    assert done.code == 0, done
    assert [r["id"] for r in done.records] == ["1", "2", "3"]


@pytest.mark.parametrize("option", ["--text-field", "--id-field", "--date-field"])
def test_a_field_of_rows_is_refused_where_no_document_can_be_a_row(option: str, folder: Path) -> None:
    with serving(bill) as server:
        url = ("--base-url", server.base_url)
        for sources in (("docs",), ("docs/*.txt",), ("docs/a.txt",)):
            done = here("extract", *sources, *EXTRACT[2:], *url, option, "nr", folder=folder)
            assert done.code == 2, sources
            assert f"{option} has no effect: no document is a row of a table" in done.err, sources
        assert not server.received
        (folder / "docs" / "deep").mkdir()
        (folder / "docs" / "deep" / "rows.jsonl").write_text('{"nr": "Bill B-7", "text": "Bill B-7 to ACME."}\n')
        done = here("extract", "docs", *EXTRACT[2:], *url, option, "nr", folder=folder)
        assert "has no effect" not in done.err, "a folder below has rows"


@pytest.mark.parametrize("redacts", ["", "1"], ids=["as it is", "without secrets"])
def test_what_was_met_in_a_folder_and_not_read_is_told(tmp_path: Path, redacts: str) -> None:
    project(tmp_path)
    (tmp_path / "docs" / "c.log").write_bytes(b"words")
    (tmp_path / "docs" / "d.log").write_bytes(b"words")
    with serving(bill) as server:
        words = (*EXTRACT, "--base-url", server.base_url, "-o", "docs/out.jsonl")
        planned = here(*words, "--dry-run", folder=tmp_path, LLMX_REDACT_DOCUMENTS=redacts)
        done = here(*words, folder=tmp_path, LLMX_REDACT_DOCUMENTS=redacts)
        (tmp_path / "docs" / "c.log").unlink()
        again = here(*words, "--resume", folder=tmp_path)
    assert planned.out.splitlines()[-1].split(maxsplit=1) == ["left_out", "2 .log"]
    assert "llmx: left out: 2 .log\n" in done.err
    assert "left out: 1 .log\n" in again.err
    status = json.loads(here("status", "docs/out.jsonl", "--json", folder=tmp_path).out)
    assert status["left_out"] == {".log": 1}
    report = json.loads(here("report", "docs/out.jsonl", "--json", folder=tmp_path).out)
    assert report["summary"]["left_out"] == {".log": 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["out.jsonl", "out.JSONL", "out.json", "out.csv", "out.tsv", "out.sqlite", "out.parquet", "out"]
)
def test_a_run_over_rows_is_shown_with_its_texts_and_scored_whatever_the_format(tmp_path: Path, name: str) -> None:
    if name == "out.parquet":
        pytest.importorskip("pyarrow")
    project(tmp_path)
    rows = "nr;body\n3;Zürich: Bill B-7 to ACME.\n4;Zürich: Bill B-8 to Globex.\n"
    (tmp_path / "rows.csv").write_text(rows, "cp1252")
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold" / "3.json").write_text('{"number": "B-7", "buyer": "ACME"}')
    (tmp_path / "gold" / "4.json").write_text('{"number": "B-8", "buyer": "Initech"}')
    with serving(bill) as server:
        done = here(
            "extract", "rows.csv", *EXTRACT[2:], "--base-url", server.base_url, "--text-field", "body", "--id-field", "nr",
            "--encoding", "cp1252", "-o", name, folder=tmp_path,
        )  # fmt: skip
    assert done.code == 0, done
    texts = ["-d", "as_utf8.csv"] if name == "out" else []  # the files of a folder say nothing of their documents
    (tmp_path / "as_utf8.csv").write_text(rows.replace("nr;body", "id;text"), "utf-8")
    assert here("view", name, *texts, "-o", "view.html", folder=tmp_path).code == 0
    page = (tmp_path / "view.html").read_text("utf-8")
    assert "Zürich: Bill B-7 to ACME." in page
    assert "Globex" in page
    assert ('"quote":"B-7"' in page) == (name not in {"out.csv", "out.tsv", "out"})  # tables of text hold no proofs
    for schema in ([], ["-s", "bill.py:Bill"]):
        scored = here("eval", name, "--gold", "gold", "--json", "scores.json", *schema, folder=tmp_path)
        assert scored.code == 0, scored
        assert json.loads((tmp_path / "scores.json").read_text())["runs"][0]["micro"]["f1"] == 0.75


def test_texts_are_found_from_the_folder_of_the_output_too(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    with serving(bill) as server:
        here(*EXTRACT, "--base-url", server.base_url, "-o", "out.jsonl", folder=tmp_path)
    assert here("view", "../out.jsonl", "-o", "v.html", folder=tmp_path / "elsewhere").code == 0
    assert "Bill B-7 to ACME." in (tmp_path / "elsewhere" / "v.html").read_text("utf-8")


STATES = {"nope.jsonl": "there is no nope.jsonl", "docs": "docs is a folder", "bill.py": "bill.py has no manifest"}


@pytest.mark.parametrize(("name", "told"), STATES.items(), ids=STATES.keys())
def test_what_has_no_state_is_told_apart(tmp_path: Path, name: str, told: str) -> None:
    project(tmp_path)
    done = here("status", name, folder=tmp_path)
    assert done.code == 2
    assert_plain(done, told)


def test_a_port_that_there_is_not_is_told(tmp_path: Path) -> None:
    pytest.importorskip("uvicorn")
    (tmp_path / "out.jsonl").write_text('{"id": "a", "data": {"n": 1}}\n')
    done = here("review", "out.jsonl", "--gold", "gold", "--no-browser", "--port", "99999", folder=tmp_path)
    assert done.code == 2
    assert_plain(done, "port 99999: there is no such port")


async def test_a_configuration_file_serves_a_bare_command(folder: Path) -> None:
    async with FaultServer(bill) as server:
        (folder / "llmx.toml").write_text(
            f'model = "scripted-1"\nbase_url = "{server.base_url}"\nmode = "json_schema"\nschema = "bill.py:Bill"\n'
        )
        done = await run("extract", "docs", "-q", folder=folder)
    assert done.code == 0, done
    assert {r["status"] for r in done.records} == {"ok"}
