"""Records as data frames, and data frames as documents: pandas, polars and pyarrow read them with types."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import llmx
from llmx.errors import UsageError
from llmx.records import Records, RecordStream
from tests.sinks.test_tables import REPORT, made

ROOT = Path(__file__).resolve().parent.parent
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))[:2]
ANSWERS = llmx.EndpointSettings(replay=ROOT / "cassettes" / "seeds")

pa = pytest.importorskip("pyarrow")


def test_pandas_polars_and_arrow_get_dates_decimals_lists_and_objects_as_such() -> None:
    pl, pd = pytest.importorskip("polars"), pytest.importorskip("pandas")
    records = Records([made("a"), made("b", REPORT.model_copy(update={"fee": None}))])
    frame = records.to_polars()
    assert frame.schema["day"] == pl.Date
    assert frame.schema["fee"] == pl.Decimal(38, 10)
    assert frame.schema["at"] == pl.Datetime("us", "UTC")
    assert frame.schema["notes"] == pl.List(pl.String)
    assert frame.schema["issues"] == pl.List(pl.Struct({"code": pl.String, "path": pl.String, "message": pl.String}))
    assert frame["deals"][0][0]["parties"][1] == {"name": "丰田", "country": "JP"}
    assert frame["evidence"][0][0]["quote"] == "5,000 euros"
    assert frame["fee"].to_list() == [Decimal("1250.40"), None]
    table = records.to_pandas()
    assert [str(table.dtypes[name]) for name in ("day", "fee", "pages", "final")] == [
        "date32[day][pyarrow]", "decimal128(38, 10)[pyarrow]", "int64[pyarrow]", "bool[pyarrow]",
    ]  # fmt: skip
    assert table["day"].tolist() == [date(2024, 3, 1)] * 2
    assert pd.notna(table["fee"]).tolist() == [True, False]
    assert pa.table(records)["at"].to_pylist() == [datetime(2024, 3, 1, 9, 30, tzinfo=UTC)] * 2  # by itself


def test_a_column_whose_type_cannot_hold_a_value_is_text_and_times_without_offsets_are_such() -> None:
    naive = REPORT.at.replace(tzinfo=None) if REPORT.at else None
    odd = REPORT.model_copy(update={"fee": Decimal("0.123456789012"), "pages": 2**70, "at": naive})
    table = Records([made("b", odd)]).to_arrow()
    assert (table["fee"].to_pylist(), table["pages"].to_pylist()) == (["0.123456789012"], [str(2**70)])
    assert table.schema.field("at").type == pa.timestamp("us")
    mixed = Records([made("a"), made("b", odd)]).to_arrow()
    assert mixed["fee"].to_pylist() == ["1250.40", "0.123456789012"]
    assert mixed["at"].to_pylist() == ["2024-03-01T09:30:00Z", "2024-03-01T09:30:00"]


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_the_rows_of_a_data_frame_keep_their_columns_beside_what_was_extracted(library: str) -> None:
    made_by = pytest.importorskip(library)
    columns: dict[str, list[Any]] = {
        "nr": [7, 8, 9], "status": ["new", "old", "bad"], "body": [*(path.read_text("utf-8") for path in SEEDS), None]
    }  # fmt: skip
    frame = made_by.table(columns) if library == "pyarrow" else made_by.DataFrame(columns)
    records: Records[Any] = llmx.extract_frame(frame, "partnership", text="body", id="nr", endpoint=ANSWERS)
    assert [(record.id, record.status) for record in records] == [("7", "ok"), ("8", "ok"), ("9", "failed")]
    table = records.to_arrow()
    assert table["nr"].to_pylist() == [7, 8, 9]
    assert table["status"].to_pylist() == ["new", "old", "bad"]
    assert table["data_status"].to_pylist() == ["ok", "ok", "failed"]
    assert records[0].data is not None
    assert table["signed_on"].to_pylist()[0] == records[0].to_json()["data"]["signed_on"]
    assert records.to_pandas().shape[0] == 3
    assert records[1:].to_arrow()["nr"].to_pylist() == [8, 9]


def test_what_is_no_data_frame_and_a_column_that_is_missing_are_named() -> None:
    with pytest.raises(UsageError, match="list is no data frame"):
        llmx.extract_frame([{"text": "a"}], "partnership", endpoint=ANSWERS)
    with pytest.raises(UsageError, match="no column 'text'") as caught:
        list(llmx.extract_frame(pa.table({"body": ["a"]}), "partnership", endpoint=ANSWERS))
    assert "body" in caught.value.hint


def test_what_extract_returns_is_a_table_of_what_was_not_taken() -> None:
    stream = llmx.extract(list(map(str, SEEDS)), "partnership", endpoint=ANSWERS)
    assert isinstance(stream, RecordStream)
    first = next(stream)
    assert stream.to_arrow()["id"].to_pylist() == [SEEDS[1].stem]
    assert first.id == SEEDS[0].stem
    assert list(stream) == []


def test_a_notebook_shows_the_first_records_and_says_how_many_more_there_are() -> None:
    risky = REPORT.model_copy(update={"notes": ["<script>alert(1)</script>"]})
    shown = Records([made(f"d{number}", risky) for number in range(23)])._repr_html_()
    assert "<script>" not in shown
    assert shown.count("<tr>") == 21
    assert "and 3 more records" in shown
