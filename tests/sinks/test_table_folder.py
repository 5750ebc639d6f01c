"""A folder with a file for each table, read back by DuckDB, pandas and Python's own csv."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from llmx.errors import OutputError
from llmx.record import Record
from llmx.sinks import TableFolderPath, open_sink, output_target
from tests.sinks.test_tables import NAIVE, REPORT, Report, made

FILES = ["deals", "deals_parties", "evidence", "issues", "notes", "records"]


def folder(path: Path, *records: Record[Any], **more: Any) -> Path:
    with open_sink(f"{path}/", **more) as sink:
        for each in records:
            sink.write(each)
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def duck(sql: str) -> list[Any]:
    driver = pytest.importorskip("duckdb")
    with driver.connect() as database:
        found: list[Any] = database.execute(sql).fetchall()
        return found


def test_each_table_is_a_file_of_csv_that_joins_by_keys(tmp_path: Path) -> None:
    out = folder(tmp_path / "out.csv", Record("none", "none.txt", "failed", None), made("a"))
    assert sorted(each.name for each in out.iterdir()) == [f"{name}.csv" for name in FILES]
    assert [(each["id"], each["status"], each["fee"]) for each in rows(out / "records.csv")] == [
        ("none", "failed", ""), ("a", "ok", "1250.40"),
    ]  # fmt: skip
    first, *_ = rows(out / "deals_parties.csv")
    assert first == {
        "deals_parties_id": "a/deals/0/parties/0", "id": "a", "deals_id": "a/deals/0", "position": "0", "name": "Acme",
        "country": "FR",
    }  # fmt: skip
    assert [each["value"] for each in rows(out / "notes.csv")] == ["'=1+1", "second"]
    assert [(each["path"], each["quote"], each["start"]) for each in rows(out / "evidence.csv")] == [
        ("/deals/0/worth", "5,000 euros", "7")
    ]
    joined = f"SELECT country, count(*) FROM '{out}/records.csv' JOIN '{out}/deals_parties.csv' USING (id) GROUP BY 1 ORDER BY 1"
    assert duck(joined) == [("FR", 2), ("JP", 1)]


def test_cells_are_as_they_are_without_the_guard_against_formulas(tmp_path: Path) -> None:
    out = folder(tmp_path / "out.tsv", made("a"), csv_safe=False)
    assert "=1+1" in (out / "notes.tsv").read_text().splitlines()[1].split("\t")


def test_parquet_tables_have_the_types_of_the_schema(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    out = folder(tmp_path / "out.parquet", made("a"))
    at = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
    sql = f"SELECT day, epoch_us(\"at\"), fee, pages, share, final FROM '{out}/records.parquet'"
    assert duck(sql) == [(date(2024, 3, 1), int(at.timestamp() * 1_000_000), Decimal("1250.4000000000"), 3, 0.25, True)]
    assert duck(f"SELECT deals_id, position, worth_amount FROM '{out}/deals.parquet' ORDER BY position") == [
        ("a/deals/0", 0, Decimal("5000.0000000000")), ("a/deals/1", 1, None),
    ]  # fmt: skip
    assert duck(f"SELECT start, score, boxes FROM '{out}/evidence.parquet'") == [(7, 1.0, None)]


def test_a_value_that_does_not_fit_makes_its_column_wider_and_no_other(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    wide = REPORT.model_copy(update={"pages": 2**70, "fee": Decimal("1e-20"), "at": NAIVE})
    out = folder(tmp_path / "out.parquet", made("a", REPORT.model_copy(update={"at": None})), made("b", wide))
    read = pq.read_table(out / "records.parquet")
    assert read.column("pages").to_pylist() == ["3", str(2**70)]
    assert read.column("fee").to_pylist() == ["1250.40", "1E-20"]
    assert read.column("at").to_pylist() == [None, NAIVE]
    assert read.column("share").to_pylist() == [0.25, 0.25]
    assert str(read.schema.field("day").type) == "date32[day]"


def test_a_folder_that_is_there_is_replaced_when_asked_and_other_files_stay(tmp_path: Path) -> None:
    out = folder(tmp_path / "out.csv", made("a"))
    (out / "of_an_old_schema.csv").write_text("x\n")
    (out / "README.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"out\.csv/ exists already"):
        folder(out, made("b"))
    assert [each["id"] for each in rows(out / "records.csv")] == ["a"]
    folder(out, made("b"), overwrite=True)
    assert sorted(each.name for each in out.iterdir()) == sorted(["README.txt", *(f"{name}.csv" for name in FILES)])
    assert [each["id"] for each in rows(out / "records.csv")] == ["b"]


def test_the_records_before_an_error_are_in_the_tables(tmp_path: Path) -> None:
    def cut() -> Iterator[Record[Report]]:
        yield made("a")
        raise KeyboardInterrupt

    def write() -> None:
        with open_sink(f"{tmp_path}/out.csv/") as sink:
            for each in cut():
                sink.write(each)

    with pytest.raises(KeyboardInterrupt):
        write()
    assert [each["id"] for each in rows(tmp_path / "out.csv" / "records.csv")] == ["a"]


def test_columns_of_the_input_stand_behind_those_of_the_records(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    with open_sink(f"{out}/", kept=True) as sink:
        sink.write_row({**made("a").to_json(), "columns": {"customer": "Ann", "day": 3}}, Report)
    (row,) = rows(out / "records.csv")
    assert (row["customer"], row["input_day"], row["day"]) == ("Ann", "3", "2024-03-01")


def test_a_run_without_records_with_data_has_its_tables_of_proofs_and_issues(tmp_path: Path) -> None:
    out = folder(tmp_path / "out.csv", Record("none", "none.txt", "failed", None))
    assert sorted(each.name for each in out.iterdir()) == ["evidence.csv", "issues.csv", "records.csv"]


def test_a_name_with_the_suffix_of_a_table_and_a_slash_is_a_folder_of_tables(tmp_path: Path) -> None:
    assert output_target("a/deals.csv/") == TableFolderPath(Path("a/deals.csv"))
    assert output_target("deals.csv") == Path("deals.csv")
    assert output_target("deals/") == Path("deals")
    (tmp_path / "there.parquet").mkdir()
    assert output_target(tmp_path / "there.parquet") == TableFolderPath(tmp_path / "there.parquet")
