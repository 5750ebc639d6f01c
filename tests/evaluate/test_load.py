"""Runs and gold are read from every form in which people keep them, and a fault is told with its place."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from llmx.errors import UsageError
from llmx.evaluate import load_gold, load_run, plain_gold, run_of
from llmx.evaluate.load import as_gold, matched_ids
from llmx.record import Evidence, Record, Usage


class Small(BaseModel):
    name: str | None = None


RECORDS = [
    Record("a", "a.txt", "ok", Small(name="Ann"), evidence={"/name": Evidence("Ann", 3, 6, "fuzzy", 0.9)},
           confidence={"/name": 0.8}, usage=Usage(10, 5), seconds=1.5, model="m"),
    Record("b", None, "partial", Small(), evidence={"/name": None}),
    Record("c", "c.txt", "failed", None),
]  # fmt: skip
ROWS = [record.to_json() for record in RECORDS]


def written(path: Any, text: Any) -> Any:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def lines(rows: Any) -> Any:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture(params=["jsonl", "json", "folder"])
def run_path(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "jsonl":
        return written(tmp_path / "mine.jsonl", lines(ROWS) + "\n")
    if request.param == "json":
        return written(tmp_path / "mine.json", json.dumps(ROWS))
    for row in ROWS:
        written(tmp_path / "mine" / f"{row['id']}.json", json.dumps(row))
    return tmp_path / "mine"


def test_a_run_reads_the_same_from_lines_a_list_a_folder_and_from_records_in_memory(run_path: Path) -> None:
    run = load_run(run_path)
    assert run == run_of(RECORDS, name="mine")
    first = run.predictions["a"]
    assert (first.data, first.evidence, first.confidence) == ({"name": "Ann"}, {"/name": "fuzzy"}, {"/name": 0.8})
    assert (first.input_tokens, first.output_tokens, first.seconds, first.model) == (10, 5, 1.5, "m")
    assert run.predictions["b"].evidence == {"/name": None}
    assert run.predictions["c"].data is None


def test_a_folder_may_hold_the_data_alone(tmp_path: Path) -> None:
    written(tmp_path / "sub" / "x.json", '{"name": "Ann"}')
    assert load_run(tmp_path).predictions["sub/x"].data == {"name": "Ann"}


def test_runs_called_out_are_named_by_their_folder(tmp_path: Path) -> None:
    assert load_run(written(tmp_path / "small-model" / "out.jsonl", lines(ROWS))).name == "small-model"


def test_data_of_a_failed_record_does_not_count(tmp_path: Path) -> None:
    path = written(tmp_path / "r.jsonl", lines([{**ROWS[0], "status": "refused"}]))
    assert load_run(path).predictions["a"].data is None


def test_gold_beside_documents_is_what_ends_in_gold_json(tmp_path: Path) -> None:
    written(tmp_path / "a.gold.json", '{"name": "Ann"}')
    written(tmp_path / "a.txt", "Ann")
    written(tmp_path / "settings.json", "{}")
    written(tmp_path / ".cache" / "b.gold.json", "{}")
    assert load_gold(tmp_path) == {"a": {"name": "Ann"}}


@pytest.mark.parametrize("key", ["gold", "data"])
def test_gold_may_be_lines_of_one_file(tmp_path: Path, key: str) -> None:
    assert load_gold(written(tmp_path / "gold.jsonl", lines([{"id": "a", key: {"name": "Ann"}}]))) == {
        "a": {"name": "Ann"}
    }


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("r.jsonl", lines(ROWS[:1]) + '{"id": "b", "da\n' + lines(ROWS[2:]), r"r\.jsonl:2: not JSON"),
        ("r.jsonl", '{"name": "Ann"}\n', r"r\.jsonl:1: not a record"),
        ("r.jsonl", lines([{"id": "a", "status": "fine"}]), "there is no status 'fine'"),
        ("r.html", "<p>", r"r\.html: \.html cannot be read"),
        ("r.csv", "id,name\n", r"r\.csv: not an output of llmx: its columns do not begin with id, source, status"),
        ("r.sqlite", "id,name\n", r"r\.sqlite: not an output of llmx"),
        ("d/notes.txt", "", "no .json file"),
    ],
    ids=["a torn line", "no id", "unknown status", "another format", "another table", "no database", "an empty folder"],
)
def test_a_fault_in_a_run_is_told_with_its_place(tmp_path: Path, *, name: str, text: str, message: str) -> None:
    path = written(tmp_path / name, text)
    with pytest.raises(UsageError, match=message):
        load_run(path if path.suffix != ".txt" else path.parent)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (lines([{"id": "a", "gold": {}}] * 2), "a second gold record for 'a'"),
        (lines([{"id": "a", "gold": 1}]), "a gold record is a JSON object, not int"),
        (lines([{"id": "a", "name": "Ann"}]), "no 'gold' in it"),
        ("", "no gold record in it"),
    ],
    ids=["twice", "a number", "no gold", "nothing"],
)
def test_a_fault_in_gold_is_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_gold(written(tmp_path / "gold.jsonl", text))


def test_a_run_that_was_interrupted_is_read_as_far_as_it_went_and_says_so(tmp_path: Path) -> None:
    later = {**ROWS[0], "data": {"name": "Anne"}}
    run = load_run(written(tmp_path / "r.jsonl", lines([*ROWS, later]) + '{"id": "d", "da'))
    assert list(run.predictions) == ["a", "b", "c"]
    assert run.predictions["a"].data == {"name": "Anne"}
    assert [note.split(":")[0] for note in run.notes] == [
        "Of several records of one document the last counts",
        f"Line 5 of {tmp_path / 'r.jsonl'} is torn",
    ]


def test_the_folders_that_llmx_writes_are_read_with_their_ids_and_failures(tmp_path: Path) -> None:
    from llmx.sinks import open_sink

    records: list[Record[Small]] = [
        Record("x/a: b%", None, "ok", Small(name="Ann")),
        Record("..", None, "failed", None),
    ]
    with open_sink(tmp_path / "data") as sink:
        for record in records:
            sink.write(record)
    assert load_run(tmp_path / "data").predictions == run_of(records).predictions


def test_a_run_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        load_run(tmp_path / "none.jsonl")


def test_integers_beyond_sixty_four_bits_stay_exact(tmp_path: Path) -> None:
    path = written(tmp_path / "r.jsonl", '{"id": "a", "data": {"n": 1000000000000000000000000000000}}\n')
    assert load_run(path).predictions["a"].data == {"n": 10**30}


@pytest.mark.parametrize(
    ("gold", "run", "found"),
    [
        (["a"], ["a", "b"], {"a": "a"}),
        (["a", "z"], ["docs/a.txt", "b.txt"], {"a": "docs/a.txt"}),
        (["docs/a"], ["a.html"], {"docs/a": "a.html"}),
        (["a", "b"], ["x/a.txt", "y/a.txt", "b"], {"b": "b"}),
        (["report.2024"], ["report.2024"], {"report.2024": "report.2024"}),
        (["a"], [], {}),
    ],
    ids=[
        "same",
        "the stem of a path",
        "both paths",
        "an unclear stem is left out",
        "a dot is no ending",
        "an empty run",
    ],
)
def test_records_find_their_gold_by_id_or_by_the_one_file_stem(gold: Any, run: Any, found: Any) -> None:
    assert matched_ids(gold, run) == found


def test_runs_and_gold_of_different_documents_are_refused() -> None:
    with pytest.raises(UsageError, match="no record has gold: the run has x…, gold has a, b…"):
        matched_ids(["a", "b"], ["x"])


def test_plain_gold_is_the_first_answer_without_annotations() -> None:
    gold = {"a": {"any": [{"b": {"any": [1, 2]}}, None]}, "c": ["x", {"any": ["y", "z"]}], "_optional": {"c": ["w"]}}
    assert plain_gold(gold) == {"a": {"b": 1}, "c": ["x", "y"]}


def test_data_that_looks_like_alternatives_is_taken_as_it_is() -> None:
    data = {"x": {"any": ["y", "z"]}, "l": [{"any": [1]}]}
    assert plain_gold(as_gold(data)) == data


def test_records_in_a_folder_of_gold_count_with_their_data_and_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"id": "a", "status": "ok", "data": {"n": 1}}')
    assert load_gold(tmp_path) == {"a": {"n": 1}}
    (tmp_path / "b.json").write_text('{"id": "b", "status": "failed", "data": null}')
    with pytest.raises(UsageError, match=r"b\.json: a gold record is a JSON object, not null, as of a document that"):
        load_gold(tmp_path)
