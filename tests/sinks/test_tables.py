"""Records as tables, read back by other programs: sqlite3, DuckDB, pyarrow, and a reader of workbooks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from llmx.errors import UsageError
from llmx.evaluate.convert import convert
from llmx.evaluate.table_file import read_table
from llmx.record import Evidence, Record
from llmx.schema import load_schema
from llmx.sinks import open_sink
from llmx.sinks.tables import rows_of, tables_of
from llmx.types import Money
from tests.sinks.records import Node, record


class Party(BaseModel):
    name: str
    country: str | None = None


class Deal(BaseModel):
    title: str
    signed: date | None = None
    worth: Money | None = None
    parties: list[Party] = []


class Report(BaseModel):
    day: date
    at: datetime | None = None
    fee: Decimal | None = None
    pages: int = 0
    share: float | None = None
    final: bool | None = None
    notes: list[str] = []
    deals: list[Deal] = []


REPORT = Report(
    day=date(2024, 3, 1), at=datetime(2024, 3, 1, 9, 30, tzinfo=UTC), fee=Decimal("1250.40"), pages=3, share=0.25,
    final=True, notes=["=1+1", "second"],
    deals=[
        Deal(title="A", signed=date(2024, 2, 29), worth=Money(amount=Decimal(5000), currency="EUR"),
             parties=[Party(name="Acme", country="FR"), Party(name="丰田", country="JP")]),
        Deal(title="B", parties=[Party(name="Volt", country="FR")]),
    ],
)  # fmt: skip
NAIVE = REPORT.at.replace(tzinfo=None) if REPORT.at else None
PROOFS: dict[str, Evidence | None] = {"/deals/0/worth": Evidence("5,000 euros", 7, 18, "exact"), "/pages": None}


def made(id_: str, data: Report = REPORT, model: str = "m") -> Record[Report]:
    return Record(id_, f"{id_}.txt", "ok", data, (), PROOFS, {"/pages": 0.3}, model=model)


def written(path: Path, *records: Record[Any]) -> Path:
    with open_sink(path) as sink:
        for each in records:
            sink.write(each)
    return path


def sqlite(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(sql).fetchall()


def duckdb(path: Path, sql: str) -> list[Any]:
    driver = pytest.importorskip("duckdb")
    with driver.connect(str(path), read_only=True) as database:
        found: list[Any] = database.execute(sql).fetchall()
        return found


DATABASES = [pytest.param("o.sqlite", sqlite, id="sqlite"), pytest.param("o.duckdb", duckdb, id="duckdb")]


@pytest.mark.parametrize(("name", "ask"), DATABASES)
def test_what_lists_hold_is_joined_by_keys(name: str, ask: Any, tmp_path: Path) -> None:
    path = written(tmp_path / name, record("x", None), made("a"), made("b"))
    per_country = "SELECT country, count(*) FROM records JOIN deals_parties USING (id) GROUP BY country ORDER BY 2, 1"
    assert ask(path, per_country) == [("JP", 2), ("FR", 4)]
    of_deal = "SELECT d.title, p.position, p.name FROM deals d JOIN deals_parties p USING (deals_id) WHERE d.id = 'a'"
    assert ask(path, f"{of_deal} ORDER BY 1, 2") == [("A", 0, "Acme"), ("A", 1, "丰田"), ("B", 0, "Volt")]
    assert ask(path, "SELECT worth_amount, worth_currency FROM deals WHERE title = 'A' AND id = 'b'") == [(5000, "EUR")]
    assert ask(path, "SELECT value FROM notes WHERE id = 'a' ORDER BY position") == [("=1+1",), ("second",)]
    assert ask(path, "SELECT id, status FROM records WHERE status <> 'ok'") == [("x", "failed")]
    assert ask(path, "SELECT quote, \"start\" FROM evidence WHERE id = 'b' AND path = '/deals/0/worth'") == [
        ("5,000 euros", 7)
    ]


@pytest.mark.parametrize(("name", "ask"), DATABASES)
def test_a_record_written_twice_leaves_the_same_rows(name: str, ask: Any, tmp_path: Path) -> None:
    path = written(tmp_path / name, made("a"), made("b"), made("a"))
    counts = "SELECT (SELECT count(*) FROM {0}), (SELECT count(DISTINCT id) FROM {0})"
    assert ask(path, counts.format("records")) == [(2, 2)]
    assert ask(path, counts.format("deals_parties")) == [(6, 2)]
    assert ask(path, counts.format("evidence")) == [(4, 2)]


@pytest.mark.parametrize(("name", "ask"), DATABASES)
def test_a_view_has_the_names_of_the_schema(name: str, ask: Any, tmp_path: Path) -> None:
    class Offer(BaseModel):
        price: Money | None = None
        Status: str = "new"

    path = written(tmp_path / name, Record("a", None, "ok", Offer(price=Money(amount=Decimal(3), currency="EUR"))))
    assert ask(path, 'SELECT "price.amount", "data.Status" FROM "Offer"') == [(3, "new")]
    assert ask(path, "SELECT price_amount, data_Status FROM records") == [(3, "new")]


def test_duckdb_has_dates_times_and_decimals_as_such(tmp_path: Path) -> None:
    path = written(tmp_path / "o.duckdb", made("a"))
    (row,) = duckdb(path, 'SELECT day, "at", fee, pages, share, final FROM records')
    assert row == (date(2024, 3, 1), datetime(2024, 3, 1, 9, 30, tzinfo=UTC), Decimal("1250.40"), 3, 0.25, True)
    assert duckdb(path, "SELECT typeof(fee), typeof(pages) FROM records") == [("DECIMAL(38,10)", "BIGINT")]


def test_a_duckdb_column_becomes_wider_where_a_value_does_not_fit_and_keeps_it_exact(tmp_path: Path) -> None:
    naive = REPORT.model_copy(update={"at": NAIVE, "fee": Decimal("0.123456789012"), "pages": 2**70})
    path = written(tmp_path / "o.duckdb", *(made(f"a{n}") for n in range(250)), made("b", naive))
    found = duckdb(path, "SELECT \"at\", fee, pages FROM records WHERE id = 'b'")
    assert found == [("2024-03-01T09:30:00", "0.123456789012", 2**70)]
    assert duckdb(path, "SELECT count(*), max(pages) FROM records") == [(251, 2**70)]


def test_parquet_has_dates_times_and_decimals_as_such(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    (row,) = pq.read_table(written(tmp_path / "o.parquet", made("a"))).to_pylist()
    assert (row["day"], row["fee"]) == (date(2024, 3, 1), Decimal("1250.40"))
    assert row["at"] == datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
    assert row["deals"][0]["signed"] == date(2024, 2, 29)


def test_a_time_without_an_offset_is_text_in_parquet(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    naive = REPORT.model_copy(update={"at": NAIVE})
    (row,) = pq.read_table(written(tmp_path / "o.parquet", made("a", naive))).to_pylist()
    assert row["at"] == "2024-03-01T09:30:00"


def workbook(path: Path) -> dict[str, list[dict[str, Any]]]:
    book = pytest.importorskip("python_calamine").CalamineWorkbook.from_path(path)
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    return {name: [dict(zip(head, row, strict=True)) for row in rest] for name, (head, *rest) in sheets.items()}


def test_a_workbook_has_a_sheet_for_each_table_and_cells_of_their_kind(tmp_path: Path) -> None:
    book = workbook(written(tmp_path / "o.xlsx", record("x", None), made("a")))
    assert list(book) == ["records", "notes", "deals", "deals_parties", "evidence", "issues"]
    failed, row = book["records"]
    assert (failed["status"], failed["day"]) == ("failed", "")
    assert (row["day"], row["fee"], row["pages"], row["final"]) == (date(2024, 3, 1), 1250.4, 3, True)
    assert row["at"] == "2024-03-01T09:30:00Z"  # Excel has no offsets
    assert [each["value"] for each in book["notes"]] == ["=1+1", "second"]
    assert [each["name"] for each in book["deals_parties"]] == ["Acme", "丰田", "Volt"]
    assert book["deals_parties"][2]["deals_id"] == "a/deals/1"


def test_a_value_links_to_its_proof(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(written(tmp_path / "o.xlsx", made("a"))) as parts:
        deals = parts.read("xl/worksheets/sheet3.xml").decode()
    assert deals.count("'evidence'!A2") == 2  # the amount and its currency


def test_numbers_that_excel_would_round_and_texts_that_are_too_long_stay_readable(tmp_path: Path) -> None:
    long = REPORT.model_copy(update={"pages": 2**60, "notes": ["x" * 40_000]})
    book = workbook(written(tmp_path / "o.xlsx", made("a", long)))
    assert book["records"][0]["pages"] == str(2**60)
    assert len(book["notes"][0]["value"]) == 32_767
    assert book["notes"][0]["value"].endswith(" […]")


class Odd(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True)

    issues: list[str] = []
    unit_price: list[Party] = Field(default=[], alias="unit/price")
    deals: list[list[int]] = []
    map: dict[str, int] = {}


def test_odd_names_lists_of_lists_and_maps_have_a_place(tmp_path: Path) -> None:
    data = Odd.model_validate({"issues": ["i"], "unit/price": [{"name": "n"}], "deals": [[1, 2], [3]], "map": {"a": 1}})
    path = written(tmp_path / "o.sqlite", Record("a", None, "ok", data))
    assert sqlite(path, "SELECT value FROM data_issues") == [("i",)]
    assert sqlite(path, "SELECT unit_price_id, name FROM unit_price") == [("a/unit~1price/0", "n")]
    assert sqlite(path, "SELECT value FROM deals_value WHERE deals_id = 'a/deals/0'") == [(1,), (2,)]
    assert sqlite(path, "SELECT map FROM records") == [('{"a":1}',)]


def test_a_list_of_a_class_within_itself_goes_on_in_its_table() -> None:
    table = tables_of(Node)
    assert [(each.name, each.nested) for each in table.walk()] == [("records", False), ("children", True)]
    first, second, third = rows_of(
        table, Node(name="a", children=[Node(name="b", children=[Node(name="c")])]).model_dump(), "x"
    )
    assert (first.cells, second.cells, third.cells) == (("a", None), ("b", None), ("c", None))
    assert (second.key, second.parent, second.above) == ("x/children/0", None, "x")
    assert (third.key, third.parent, third.above) == ("x/children/0/children/0", "x/children/0", "x")


@pytest.mark.parametrize("name", ["o.sqlite", "o.duckdb", "o.xlsx", "o.parquet", "o.csv", "o.json", "folder/"])
def test_a_finished_run_is_converted(name: str, tmp_path: Path) -> None:
    run = written(tmp_path / "run.jsonl", made("a", model="old"), record("x", None), made("b"), made("a", model="new"))
    with run.open("ab") as stream:
        stream.write(b'{"id": "torn')
    target = tmp_path / name
    assert convert(run, target if name != "folder/" else Path(f"{target}/"), load_schema(Report)) == 3
    if target.suffix in {".sqlite", ".duckdb", ".parquet"}:
        found = [row for _, row in read_table(target)]
        assert [(row["id"], row["model"]) for row in found] == [("x", ""), ("b", "m"), ("a", "new")]
        assert found[1] == made("b").to_json()


def test_a_run_is_not_converted_into_itself(tmp_path: Path) -> None:
    run = written(tmp_path / "run.jsonl", made("a"))
    with pytest.raises(UsageError, match="is the run itself"):
        convert(run, run, load_schema(Report), overwrite=True)


@pytest.mark.slow
def test_libreoffice_reads_the_cells_of_a_workbook_as_dates_numbers_and_texts(tmp_path: Path) -> None:
    import csv
    import shutil
    import subprocess

    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed (no soffice): apt-get install libreoffice-calc")
    path = written(tmp_path / "o.xlsx", made("a"))
    form = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,1"  # values, not as shown
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", form, "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    (found,) = tmp_path.glob("o*.csv")
    with found.open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["id"], row["day"], row["fee"], row["pages"], row["final"]) == ("a", "2024-03-01", "1250.4", "3", "TRUE")
