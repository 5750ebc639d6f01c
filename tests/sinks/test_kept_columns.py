"""Columns of the input that records keep, in each format, read back by other programs."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from llmx.evaluate.convert import convert
from llmx.evaluate.run_file import read_run_file
from llmx.record import Record
from llmx.schema import load_schema
from llmx.sinks import open_sink


class Job(BaseModel):
    title: str | None = None
    tags: list[str] = []


KEPT: list[dict[str, Any]] = [
    {"ticket": 7, "title": "from the row", "Status": "open", "vip": True, "by": {"name": "Ann"}},
    {"ticket": 8, "title": "=1+1", "late one": 0.5, "mixed": "a"},
    {"ticket": 9, "title": None, "late one": 2, "mixed": 3},
]


def rows() -> list[dict[str, Any]]:
    made: list[Record[Any]] = [
        Record("a", "in.jsonl:1", "failed"),
        Record("b", "in.jsonl:2", "ok", Job(title="Clerk", tags=["x"])),
        Record("c", "in.jsonl:3", "ok", Job(title="Cook")),
    ]
    return [{**record.to_json(), "columns": kept} for record, kept in zip(made, KEPT, strict=True)]


def written(path: Path) -> Path:
    with open_sink(path, kept=True) as sink:
        for row in rows():
            sink.write_row(row, Job if row["data"] else None)
    return path


def duckdb(sql: str) -> list[Any]:
    with pytest.importorskip("duckdb").connect() as database:
        found: list[Any] = database.execute(sql).fetchall()
        return found


def test_parquet_has_them_with_the_types_of_their_values(tmp_path: Path) -> None:
    path = written(tmp_path / "o.parquet")
    found = duckdb(
        f'SELECT ticket, title, input_title, input_Status, vip, "late one", mixed, "by" FROM \'{path}\' ORDER BY id'
    )
    assert found == [
        (7, None, "from the row", "open", True, None, None, '{"name":"Ann"}'),
        (8, "Clerk", "=1+1", None, None, 0.5, "a", None),
        (9, "Cook", None, None, None, 2.0, "3", None),
    ]
    types = duckdb(f"SELECT typeof(ticket), typeof(vip), typeof(\"late one\"), typeof(mixed) FROM '{path}' LIMIT 1")
    assert types == [("BIGINT", "BOOLEAN", "DOUBLE", "VARCHAR")]


def test_csv_has_them_behind_the_issues_and_gives_them_back_as_columns(tmp_path: Path) -> None:
    path = written(tmp_path / "o.csv")
    with path.open(newline="", encoding="utf-8") as lines:
        first, second, _ = csv.DictReader(lines)
    assert list(first)[:6] == ["id", "source", "status", "title", "tags", "issues"]
    assert (first["ticket"], first["vip"], first["title"]) == ("7", "true", "")
    assert (first["input_title"], first["input_Status"]) == ("from the row", "open")
    assert (second["title"], second["input_title"]) == ("Clerk", "'=1+1")
    row = read_run_file(path, model=Job).rows["b"]
    assert row["data"] == {"title": "Clerk", "tags": ["x"]}
    assert (row["columns"]["ticket"], row["columns"]["input_title"]) == ("8", "=1+1")


@pytest.mark.parametrize("name", ["o.sqlite", "o.duckdb"])
def test_a_database_has_them_in_its_records_and_in_the_view(name: str, tmp_path: Path) -> None:
    path = written(tmp_path / name)
    driver = sqlite3 if name.endswith("sqlite") else pytest.importorskip("duckdb")
    with closing(driver.connect(str(path))) as database:
        sql = "SELECT ticket, title, input_title, late_one, input_status, mixed FROM records ORDER BY id"
        found = [tuple(row) for row in database.execute(sql).fetchall()]
        shown = database.execute('SELECT "input.title", "late one" FROM "Job" WHERE id = \'b\'').fetchall()
        (text,) = database.execute("SELECT record FROM records WHERE id = 'b'").fetchone()
    assert [row[:5] for row in found] == [
        (7, None, "from the row", None, "open"), (8, "Clerk", "=1+1", 0.5, None), (9, "Cook", None, 2, None),
    ]  # fmt: skip
    assert [None if row[5] is None else str(row[5]) for row in found] == [None, "a", "3"]
    assert list(map(tuple, shown)) == [("=1+1", 0.5)]
    assert json.loads(text)["columns"] == KEPT[1]


def test_a_database_that_is_there_gets_a_column_that_comes_later(tmp_path: Path) -> None:
    path = tmp_path / "o.sqlite"
    first, second, third = rows()
    with open_sink(path) as sink:
        sink.write_row({name: value for name, value in second.items() if name != "columns"}, Job)
    with open_sink(path, upsert=True) as sink:
        sink.expect(Job)
        sink.write_row(first, None)
        sink.flush()
        sink.write_row(third, Job)
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("SELECT id, title, ticket, late_one FROM records ORDER BY id").fetchall()
    assert found == [("a", None, 7, None), ("b", "Clerk", None, None), ("c", "Cook", 9, 2)]


def test_a_workbook_has_them_as_cells_of_their_kind(tmp_path: Path) -> None:
    calamine = pytest.importorskip("python_calamine")
    book = calamine.CalamineWorkbook.from_path(written(tmp_path / "o.xlsx"))
    head, *lines = book.get_sheet_by_name("records").to_python()
    found = [dict(zip(head, line, strict=True)) for line in lines]
    assert [(row["ticket"], row["title"], row["input_title"]) for row in found] == [
        (7, "", "from the row"), (8, "Clerk", "=1+1"), (9, "Cook", ""),
    ]  # fmt: skip
    assert (found[0]["vip"], found[1]["late_one"]) == (True, 0.5)


def test_a_run_that_is_converted_keeps_them(tmp_path: Path) -> None:
    run = written(tmp_path / "run.jsonl")
    convert(run, tmp_path / "o.parquet", load_schema(Job))
    convert(tmp_path / "o.parquet", tmp_path / "o.sqlite", load_schema(Job))
    convert(tmp_path / "o.sqlite", tmp_path / "again.jsonl", load_schema(Job))
    lines = [json.loads(line) for line in (tmp_path / "again.jsonl").read_text("utf-8").splitlines()]
    assert [line["columns"] for line in lines] == KEPT
