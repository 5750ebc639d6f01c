"""``llmx schema infer``: a Python file on stdout or in a file, what was left out on stderr, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import assert_plain, here, project, serving
from tests.fault_server import Received, Step, answer

INFER = (
    "schema",
    "infer",
    "docs",
    "--ask",
    "who is billed by which bill",
    "--model",
    "scripted-1",
    "--mode",
    "json_schema",
)


def scripted(received: Received) -> Step:
    """Answer for the first document with one field too many, for the second with one more."""
    text = received.body["messages"][-1]["content"]
    fields = [("number", "identifier", "B-7"), ("buyer", "organization", "ACME"), ("clerk", "person", "Jane Smith")]
    if "B-8" in text:
        fields = [("number", "identifier", "B-8"), ("buyer", "organization", "Globex"), ("what", "text", "Bill")]
    said = [{"name": n, "description": f"the {n}", "kind": kind, "words": [words]} for n, kind, words in fields]
    return answer(json.dumps({"fields": said}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path)


def test_the_proven_fields_are_printed_as_python_and_the_others_are_told(folder: Path) -> None:
    with serving(scripted) as server:
        done = here(*INFER, "--base-url", server.base_url, folder=folder)
    assert done.code == 0
    assert "class Record(BaseModel):" in done.out
    assert (
        '    buyer: Annotated[OrganizationName, Compare("words:0.8")] | None = Field(description="the buyer")'
        in done.out
    )
    assert "clerk" not in done.out
    assert 'left out clerk: "Jane Smith" does not stand in a' in done.err


def test_the_file_is_named_gives_its_class_a_name_and_extracts_unedited(folder: Path) -> None:
    def bills(received: Received) -> Step:
        number = "B-8" if "B-8" in received.body["messages"][-1]["content"] else "B-7"
        return answer(json.dumps({"number": number, "buyer": "ACME" if number == "B-7" else "Globex", "what": "Bill"}))

    with serving(scripted) as server:
        made = here(*INFER, "--base-url", server.base_url, "-o", "town_bills.py", folder=folder)
    assert (made.code, made.out) == (0, "")
    with serving(bills) as server:
        words = (
            "extract",
            "docs",
            "-s",
            "town_bills.py",
            "--model",
            "scripted-1",
            "--mode",
            "json_schema",
            "--ordered",
        )
        done = here(*words, "--base-url", server.base_url, folder=folder)
    assert done.code == 0
    assert [record["data"]["buyer"] for record in done.records] == ["ACME", "Globex"]
    assert "class TownBills(BaseModel):" in (folder / "town_bills.py").read_text("utf-8")


def test_the_intent_and_the_names_found_so_far_are_in_the_question(folder: Path) -> None:
    with serving(scripted) as server:
        here(*INFER, "--base-url", server.base_url, folder=folder)
        first, second = (each.body["messages"][0]["content"] for each in server.received if each.is_question)
    assert "What is wanted: who is billed by which bill" in first
    assert "Names to use again" not in first
    assert "Names to use again where they fit: number, buyer\n" in f"{second}\n"


def test_it_looks_at_as_many_documents_as_it_is_told_to(folder: Path) -> None:
    with serving(scripted) as server:
        done = here(*INFER, "--base-url", server.base_url, "--max-documents", "1", folder=folder)
        assert len([each for each in server.received if each.is_question]) == 1
    assert "from 1 document." in done.out


def test_a_recording_gives_the_same_file_without_a_network(folder: Path) -> None:
    with serving(scripted) as server:
        live = here(*INFER, "--base-url", server.base_url, "--record", "tape", folder=folder)
    again = here(*INFER, "--replay", "tape", folder=folder)
    assert (again.code, again.out) == (0, live.out)
    other = here(*INFER[:4], "what else there is", *INFER[5:], "--replay", "tape", folder=folder)
    assert other.code == 2
    assert_plain(other, "tape")


def test_a_file_that_exists_is_replaced_only_where_that_is_asked_for(folder: Path) -> None:
    (folder / "mine.py").write_text("# mine\n")
    done = here(*INFER, "--base-url", "http://127.0.0.1:9/v1", "-o", "mine.py", folder=folder)
    assert (done.code, (folder / "mine.py").read_text()) == (2, "# mine\n")
    assert_plain(done, "mine.py exists", "--overwrite")
    with serving(scripted) as server:
        done = here(*INFER, "--base-url", server.base_url, "-o", "mine.py", "--overwrite", folder=folder)
    assert (done.code, "class Mine(BaseModel)" in (folder / "mine.py").read_text()) == (0, True)


FAULTS: dict[str, tuple[Any, tuple[str, ...], int]] = {
    "nothing is proven": (answer(json.dumps({"fields": [{"name": "x", "description": "x", "kind": "text", "words": ["no such words"]}]})),
                          ("no field could be proven", "left out x"), 1),
    "no field is named": (answer('{"fields": []}'), ("no field could be proven",), 1),
    "the model refuses": (answer(None, refusal="I would rather not."), ("no document was answered", "I would rather not."), 1),
    "the key is refused": (Step({"error": {"message": "bad key"}}, status=401), ("key",), 2),
    "the server fails": (Step({"error": {"message": "broken"}}, status=400), ("broken",), 1),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_what_goes_wrong_is_told_in_words(name: str, folder: Path) -> None:
    step, told, code = FAULTS[name]
    with serving([step]) as server:
        done = here(*INFER, "--base-url", server.base_url, folder=folder)
    assert (done.code, done.out) == (code, "")
    assert_plain(done, *told)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--max-documents", "0"), "--max-documents must be at least 1"),
        (("--ask", "  "), "--ask is empty"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_anything_is_sent(
    words: tuple[str, ...], told: str, folder: Path
) -> None:
    done = here(*INFER, *words, "--base-url", "http://127.0.0.1:9/v1", folder=folder)
    assert done.code == 2
    assert_plain(done, told)


def test_a_folder_without_documents_and_a_file_that_is_none_are_told(folder: Path) -> None:
    (folder / "docs" / "c.txt").write_bytes(b"\x00\x01\x02" * 40)
    with serving(scripted) as server:
        done = here(*INFER, "--base-url", server.base_url, folder=folder)
    assert done.code == 0
    assert "docs/c.txt" in done.err or "c: " in done.err
    (folder / "empty").mkdir()
    with serving(scripted) as server:
        done = here("schema", "infer", "empty", *INFER[3:], "--base-url", server.base_url, folder=folder)
    assert done.code == 2
    assert_plain(done)
