"""Every file is read back by programs that people analyse data with, pandas and polars, and its types are compared."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from llmx.record import Record
from llmx.sinks import open_sink
from tests.sinks.test_tables import REPORT, made

pytestmark = pytest.mark.slow  # pandas and polars take a second to import

AT = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
DEALS = [("a/deals/0", 0, "A", 5000), ("a/deals/1", 1, "B", None)]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One record, and one without data, in every format of files."""
    home = tmp_path_factory.mktemp("outputs")
    for name in ("o.jsonl", "o.json", "o.csv", "o.tsv", "o.parquet", "o.xlsx", "t.csv/", "t.parquet/"):
        with open_sink(f"{home}/{name}") as sink:
            sink.write(made("a"))
            sink.write(Record("x", "x.txt", "failed", None))
    return home


def values(frame: Any, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of a data frame of either library, with None where nothing is."""
    rows = (
        frame[list(columns)].itertuples(index=False) if hasattr(frame, "itertuples") else frame.select(columns).rows()
    )
    return [tuple(None if str(cell) in {"nan", "NaT", "<NA>"} else cell for cell in row) for row in rows]


def test_polars_reads_types_from_parquet_and_joins_the_tables_of_a_folder(outputs: Path) -> None:
    pl = pytest.importorskip("polars")
    for path in (outputs / "o.parquet", outputs / "t.parquet" / "records.parquet"):
        frame = pl.read_parquet(path)
        kinds = {name: frame.schema[name] for name in ("id", "day", "fee", "pages", "share", "final")}
        assert kinds == {
            "id": pl.String, "day": pl.Date, "fee": pl.Decimal(38, 10), "pages": pl.Int64, "share": pl.Float64,
            "final": pl.Boolean,
        }, path  # fmt: skip
        assert str(frame.schema["at"]) == str(pl.Datetime("us", "UTC"))
        assert values(frame, "day", "at", "fee", "pages", "share", "final") == [
            (date(2024, 3, 1), AT, Decimal("1250.40"), 3, 0.25, True), (None,) * 6,
        ]  # fmt: skip
    deals, parties = (pl.read_parquet(outputs / "t.parquet" / f"{name}.parquet") for name in ("deals", "deals_parties"))
    assert values(deals, "deals_id", "position", "title", "worth_amount") == DEALS
    joined = deals.join(parties, on="deals_id").sort("deals_parties_id")
    assert values(joined, "title", "name", "country") == [("A", "Acme", "FR"), ("A", "丰田", "JP"), ("B", "Volt", "FR")]
    assert pl.read_parquet(outputs / "o.parquet").schema["deals"].inner.fields[0].name == "title"


def test_pandas_reads_the_same_from_parquet_csv_and_json(outputs: Path) -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.read_parquet(outputs / "t.parquet" / "records.parquet", dtype_backend="pyarrow")
    assert str(frame["at"].dtype) == "timestamp[us, tz=UTC][pyarrow]"
    assert values(frame, "day", "fee", "pages") == [(date(2024, 3, 1), Decimal("1250.40"), 3), (None, None, None)]
    for path, separator in (
        (outputs / "o.csv", ","),
        (outputs / "o.tsv", "\t"),
        (outputs / "t.csv" / "records.csv", ","),
    ):
        frame = pd.read_csv(path, sep=separator, parse_dates=["day", "at"])
        assert [str(frame[name].dtype)[:10] for name in ("day", "at", "fee", "pages", "share")] == [
            "datetime64", "datetime64", "float64", "float64", "float64",
        ], path  # fmt: skip
        assert values(frame, "id", "status", "fee", "pages") == [("a", "ok", 1250.4, 3), ("x", "failed", None, None)]
        assert frame["at"][0] == AT
    deals = pd.read_csv(outputs / "t.csv" / "deals.csv")
    assert values(deals, "deals_id", "position", "title", "worth_amount") == DEALS
    lines = pd.read_json(outputs / "o.jsonl", lines=True)
    assert lines["data"][0]["deals"][0]["parties"][1]["name"] == "丰田"
    assert pd.read_json(outputs / "o.json")["status"].tolist() == lines["status"].tolist() == ["ok", "failed"]


def test_polars_reads_a_workbook_with_the_types_of_its_cells(outputs: Path) -> None:
    pl = pytest.importorskip("polars")
    book = pytest.importorskip("python_calamine").CalamineWorkbook.from_path(outputs / "o.xlsx")
    head, *rows = book.get_sheet_by_name("records").to_python()
    frame = pl.DataFrame([dict(zip(head, row, strict=True)) for row in rows if row[0] == "a"])
    assert (frame.schema["day"], frame.schema["fee"], frame.schema["final"]) == (pl.Date, pl.Float64, pl.Boolean)
    assert values(frame, "day", "fee", "final") == [(REPORT.day, 1250.4, True)]
