"""Outputs that are tables are read back: Parquet and SQLite whole, CSV as far as it tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from llmx.errors import UsageError
from llmx.evaluate.table_file import read_table
from llmx.record import Record
from llmx.sinks import open_sink
from tests.sinks.records import FULL, Deal, record


class Codes(BaseModel):
    """Text that looks like something else."""

    zip: str = "01234"
    count: str = "77"
    yes: str = "true"
    like: str = "[x"
    formula: str = "=1+1"
    Name: str = "a"
    name: str | None = "b"
    n: int | None = -5
    big: int = 2**70
    status: str = "signed"


def written(path: Path, *records: Record[Any]) -> Path:
    with open_sink(path) as sink:
        for each in records:
            sink.write(each)
    return path


@pytest.mark.parametrize("name", ["o.sqlite", "o.db", "o.parquet"])
def test_databases_give_the_records_as_they_were_written(tmp_path: Path, name: str) -> None:
    if name == "o.parquet":
        pytest.importorskip("pyarrow")
    some: list[Record[Any]] = [record("x", None), record("a"), record("b", Deal()), Record("c", None, "ok", Codes())]
    path = written(tmp_path / name, *some[:3])
    assert [row for _, row in read_table(path)] == [each.to_json() for each in some[:3]]
    path = written(tmp_path / f"codes{path.suffix}", some[3])
    assert [row for _, row in read_table(path)] == [some[3].to_json()]


@pytest.mark.parametrize("name", ["o.csv", "o.tsv"])
def test_csv_gives_the_data_exactly_where_the_class_is_known(tmp_path: Path, name: str) -> None:
    data = Codes()
    path = written(tmp_path / name, Record("=a", None, "ok", data), Record("b", None, "ok", Codes(name=None, n=None)))
    first, second = (row for _, row in read_table(path, model=Codes))
    assert first == {"id": "=a", "source": None, "status": "ok", "data": data.model_dump(mode="json"), "issues": []}
    assert (second["data"]["name"], second["data"]["n"]) == (None, None)


class ByAlias(BaseModel, serialize_by_alias=True):
    bill_no: str = Field(default="007", serialization_alias="billNo")


def test_csv_of_a_class_that_dumps_by_alias_has_its_names(tmp_path: Path) -> None:
    path = written(tmp_path / "o.csv", Record("a", None, "ok", ByAlias()))
    ((_, row),) = read_table(path, model=ByAlias)
    assert row["data"] == {"billNo": "007"}


def test_csv_gives_nested_values_lists_and_what_is_missing(tmp_path: Path) -> None:
    path = written(tmp_path / "o.csv", record("x", None), record("a"), record("b", Deal()))
    failed, full, empty = (row for _, row in read_table(path))
    assert (failed["status"], failed["data"]) == ("failed", None)
    assert failed["issues"] == [{"code": "", "path": "", "message": "x.txt is empty"}]
    assert full["data"] == FULL.model_dump(mode="json")
    assert empty["data"]["investment"] is None


def test_a_parquet_file_of_an_older_version_is_told_as_one(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"id": ["a"], "title": ["b"]}), tmp_path / "o.parquet")
    with pytest.raises(UsageError, match="it has no column 'record'"):
        list(read_table(tmp_path / "o.parquet"))
