"""Rows of Parquet files, SQLite databases and JSON are documents; what is no such row is said."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from llmx.documents import Document, Unreadable, read_documents
from llmx.errors import UsageError


def database(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as made:
        for statement in statements:
            made.execute(statement)
        made.commit()
    return path


def texts(*sources: Any, **fields: Any) -> list[tuple[str, str]]:
    found = list(read_documents(list(sources), **fields))
    assert all(isinstance(each, Document) for each in found), found
    return [(each.id, each.text) for each in found if isinstance(each, Document)]


def fault(source: Any, **fields: Any) -> str:
    (found,) = read_documents(source, **fields)
    assert isinstance(found, Unreadable)
    return f"{found.error.message} | {found.error.hint}"


def test_a_parquet_file_is_read_row_by_row(tmp_path: Path) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    day = dt.date(2024, 5, 12)
    table = arrow.table({"body": ["one", "two"], "nr": [7, 8], "day": [day, None], "raw": [b"xy", None]})
    parquet.write_table(table, tmp_path / "t.parquet")
    found = list(read_documents(tmp_path, text_field="body", id_field="nr", date_field="day"))
    assert [each.id for each in found] == ["7", "8"]
    first = found[0]
    assert isinstance(first, Document)
    assert (first.text, first.date, first.meta["raw"]) == ("one", day, "2 bytes")
    assert first.source == f"{tmp_path / 't.parquet'}:1"
    (tmp_path / "named.csv").write_bytes((tmp_path / "t.parquet").read_bytes())
    assert texts(tmp_path / "named.csv", text_field="body", id_field="nr") == [("7", "one"), ("8", "two")]
    assert "t.parquet has no column 'text'; its columns are body, nr" in fault(tmp_path / "t.parquet")
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "t.parquet").read_bytes()[:99])
    assert "cut.parquet is a Parquet table, and damaged" in fault(tmp_path / "cut.parquet")


def test_a_database_is_its_one_table_with_a_text_or_what_a_query_selects(tmp_path: Path) -> None:
    path = database(
        tmp_path / "d.sqlite", "CREATE TABLE notes (id TEXT, text TEXT)", "CREATE TABLE other (n INTEGER, body TEXT)",
        "INSERT INTO notes VALUES ('a', 'one'), ('b', 'two')", "INSERT INTO other VALUES (1, 'else')",
    )  # fmt: skip
    assert texts(path) == [("a", "one"), ("b", "two")]
    assert texts(f"{path}::SELECT text FROM notes WHERE id = 'b'") == [("d.sqlite:1", "two")]
    assert texts(f"{path}::SELECT n AS id, body AS text FROM other") == [("1", "else")]
    assert "no table that has the column 'words'; its tables are notes, other" in fault(path, text_field="words")
    assert "no column 'text'" in fault(f"{path}::SELECT n FROM other")


def test_a_query_reads_and_does_nothing_else(tmp_path: Path) -> None:
    path = database(tmp_path / "d.db", "CREATE TABLE t (text TEXT)", "INSERT INTO t VALUES ('one')")
    for query in ("DELETE FROM t", f"ATTACH '{tmp_path}/new.db' AS x", "PRAGMA writable_schema = 1", "SELECT nothing"):
        assert "d.db is an SQLite database, and says: " in fault(f"{path}::{query}")
    assert texts(path) == [("d.db:1", "one")]
    assert [each.name for each in tmp_path.iterdir()] == ["d.db"]
    (tmp_path / "a.txt").write_text("words")
    assert "which no query reads" in fault(f"{tmp_path / 'a.txt'}::SELECT 1")


def test_a_database_that_is_damaged_or_compressed(tmp_path: Path) -> None:
    path = database(tmp_path / "d.sqlite", "CREATE TABLE t (text TEXT)", "INSERT INTO t VALUES ('one')")
    (tmp_path / "d.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert texts(tmp_path / "d.gz") == [("d:1", "one")]
    (tmp_path / "cut.sqlite").write_bytes(path.read_bytes()[:1000])
    assert "cut.sqlite is an SQLite database, and says: " in fault(tmp_path / "cut.sqlite")


def test_json_is_rows_where_it_is_a_list_of_them_or_lines_and_else_a_text(tmp_path: Path) -> None:
    rows = [{"id": "a", "text": "one"}, {"text": "two"}]
    (tmp_path / "list.json").write_text(json.dumps(rows))
    (tmp_path / "lines.json").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "texts.json").write_text('["one", "two"]')
    (tmp_path / "object.json").write_text('{"text": "one"}')
    assert texts(tmp_path / "list.json") == [("a", "one"), ("list:2", "two")]
    assert texts(tmp_path / "lines.json") == [("a", "one"), ("lines:2", "two")]
    assert texts(tmp_path / "texts.json") == [("texts:1", "one"), ("texts:2", "two")]
    assert texts(tmp_path / "object.json") == [("object", '{"text": "one"}')]
    (tmp_path / "broken.json").write_text('[{"text": "one"},')
    assert "broken.json, line 1, column 18: not JSON" in fault(tmp_path / "broken.json")


def test_of_the_json_in_a_folder_only_rows_with_a_text_are_documents(tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text('[{"text": "one"}]')
    (tmp_path / "schema.json").write_text('{"type": "object", "text": 1}')
    (tmp_path / "numbers.json").write_text('[{"n": 1}]')
    found = read_documents(tmp_path)
    assert [each.id for each in found] == ["rows:1"]
    assert found.left_out == {".json": 2}
    with pytest.raises(UsageError, match="there is no document"):
        read_documents(tmp_path, text_field="body")
