"""What a record looks like in each format."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, RootModel, create_model

from llmx.errors import OutputError
from llmx.evaluate.spec import spec_of_model
from llmx.evaluate.table_file import read_table
from llmx.json_data import leaves
from llmx.record import Evidence, Issue, Record
from llmx.sinks import check_columns, open_sink
from llmx.sinks.columns import columns_of
from llmx.sinks.delimited import guarded, unguarded
from llmx.sinks.folder import file_name
from llmx.sinks.terminal import Terminal
from llmx.sinks.writing import dump
from tests.sinks.records import FULL, Deal, Money, Node, record


def written(path: Path | str, *records: Record[Any], **options: Any) -> Path:
    with open_sink(path, **options) as sink:
        for each in records:
            sink.write(each)
    return Path(path)


def rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_json_lines_and_the_array_hold_the_whole_record(tmp_path: Path) -> None:
    expected = [record("a").to_json(), record("b", None).to_json()]
    lines = written(tmp_path / "o.jsonl", record("a"), record("b", None)).read_text("utf-8")
    assert [json.loads(line) for line in lines.splitlines()] == expected
    assert "合作" in lines
    assert json.loads(written(tmp_path / "o.json", record("a"), record("b", None)).read_text("utf-8")) == expected


@pytest.mark.parametrize(
    "value", [2**70, "half \ud800", float("nan"), {"1": None}], ids=["large", "surrogate", "nan", "object"]
)
def test_every_value_has_a_line_of_json(value: Any) -> None:
    line = dump({"value": value})
    assert b"\n" not in line
    back = json.loads(line)["value"]
    assert back is None if isinstance(value, float) and math.isnan(value) else back == value


def test_a_json_array_can_be_read_while_it_grows(tmp_path: Path) -> None:
    with open_sink(tmp_path / "o.json") as sink:
        for number in range(3):
            (growing,) = tmp_path.iterdir()
            assert len(json.loads(growing.read_bytes())) == number
            sink.write(record(str(number)))


def test_a_csv_row_has_nested_values_in_columns_and_lists_as_json(tmp_path: Path) -> None:
    (row,) = rows(written(tmp_path / "o.csv", record("a")))
    assert list(row) == [
        "id", "source", "status", "title", "investment.amount", "investment.currency", "parties", "fields", "jobs",
        "share", "open", "data.status", "issues",
    ]  # fmt: skip
    assert row["title"] == FULL.title
    assert (row["investment.amount"], row["investment.currency"], row["jobs"]) == ("3200000000", "CNY", "600")
    assert json.loads(row["parties"]) == [{"name": "Nezha", "country": "CN"}, {"name": "HKSTP", "country": None}]
    assert (row["open"], row["share"], row["data.status"], row["status"]) == ("true", "0.25", "signed", "ok")
    assert row["issues"] == "/jobs: no words of the text say it"


def test_csv_has_the_same_columns_whatever_came_first(tmp_path: Path) -> None:
    got = rows(written(tmp_path / "o.csv", record("x", None), record("a", Deal()), record("b")))
    assert [(row["id"], row["status"], row["jobs"]) for row in got] == [
        ("x", "failed", ""),
        ("a", "ok", ""),
        ("b", "ok", "600"),
    ]
    assert got[0]["issues"] == "x.txt is empty"


def test_tsv_is_separated_by_tabs(tmp_path: Path) -> None:
    (row,) = rows(written(tmp_path / "o.tsv", record("a")), "\t")
    assert row["jobs"] == "600"


def test_parquet_keeps_types_lists_and_objects(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    table = pq.read_table(written(tmp_path / "o.parquet", record("x", None), record("a"), record("b", Deal())))
    types = {field.name: str(field.type) for field in table.schema}
    assert types["investment.amount"] == "int64"
    assert (types["share"], types["open"], types["title"]) == ("double", "bool", "string")
    assert types["parties"].startswith("list<") and "struct<name: string, country: string>" in types["parties"]  # noqa: PT018
    empty, full, bare = table.to_pylist()
    assert (empty["status"], empty["parties"], empty["jobs"]) == ("failed", None, None)
    assert full["parties"] == [{"name": "Nezha", "country": "CN"}, {"name": "HKSTP", "country": None}]
    assert json.loads(full["evidence"])["/investment/amount"]["quote"] == "3.2 billion RMB"
    assert (bare["parties"], bare["jobs"]) == ([], None)


def test_parquet_writes_more_than_a_group(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    path = written(tmp_path / "o.parquet", *(record(str(number)) for number in range(2100)))
    assert pq.ParquetFile(path).num_row_groups == 3
    assert pq.read_table(path)["id"].to_pylist() == [str(number) for number in range(2100)]


@pytest.mark.parametrize("before", [0, 1500], ids=["in the first group", "after a group was written"])
def test_a_parquet_column_that_cannot_hold_an_integer_becomes_text(tmp_path: Path, before: int) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    some = [record(str(number)) for number in range(before)]
    path = written(tmp_path / "o.parquet", *some, record("a", Deal(jobs=2**70)), record("x", None))
    table = pq.read_table(path)
    assert table["jobs"].to_pylist() == [*["600"] * before, str(2**70), None]
    assert str(table.schema.field("share").type) == "double"
    assert [p.name for p in tmp_path.iterdir()] == ["o.parquet"]


def test_parquet_has_the_record_itself_too(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    (row,) = pq.read_table(written(tmp_path / "o.parquet", record("a"))).to_pylist()
    assert json.loads(row["record"]) == record("a").to_json()


class Names(BaseModel):
    """Fields that differ in their case, or are called as the sinks call columns of their own."""

    ID: str = "1"
    Name: str = "2"
    name: str = "3"
    model: str = "4"
    evidence: str = "5"
    confidence: str = "6"
    record: str = "7"


OURS = {"data_model", "data_evidence", "data_confidence"}  # SQLite's table has no columns of llmx's with these names
NAMED = ["data.ID", "Name", "name_2", "data.model", "data.evidence", "data.confidence", "data.record"]


@pytest.mark.parametrize("name", ["o.csv", "o.sqlite", "o.parquet"])
def test_fields_of_any_name_have_columns_of_their_own(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, Record("a", None, "ok", Names(), model="m"))
    if name == "o.csv":
        (row,) = rows(path)
    elif name == "o.sqlite":
        database = sqlite3.connect(path)
        database.row_factory = sqlite3.Row
        (row,) = map(dict, database.execute("SELECT * FROM records"))
        database.close()
        names = [name.replace(".", "_") for name in NAMED]
        names = [name.removeprefix("data_") if name in OURS else name for name in names]
        row = row | dict(zip(NAMED, (row[name] for name in names), strict=True))
    else:
        pq = pytest.importorskip("pyarrow.parquet")
        (row,) = pq.read_table(path).to_pylist()
        assert row["model"] == "m"
    assert [row[column] for column in NAMED] == ["1", "2", "3", "4", "5", "6", "7"]
    assert (row["id"], row["status"]) == ("a", "ok")


def test_more_columns_than_sqlite_has_are_refused_and_parquet_takes_them(tmp_path: Path) -> None:
    wide = create_model("Wide", **{f"f{number}": (str, "") for number in range(2000)})  # type: ignore[call-overload]
    with pytest.raises(OutputError, match="the schema has 2,000 columns") as caught:
        check_columns(tmp_path / "o.sqlite", wide)
    assert ".parquet" in caught.value.hint
    check_columns(tmp_path / "o.parquet", wide)
    most = create_model("Most", **{f"f{number}": (str, "") for number in range(1992)})  # type: ignore[call-overload]
    check_columns(tmp_path / "o.db", most)
    written(tmp_path / "o.db", Record("a", None, "ok", most()))


FORMULAS = ["=1+1", "+SUM(A1)", "-2+3", "@SUM(A1)", "\t=1", "'=1", "\uff1d1"]
PLAIN = ["-12.50", "+49", "-1,234.5", "ACME", "'tis", "a=b", ""]


@pytest.mark.parametrize("name", ["o.csv", "o.tsv"])
def test_no_text_of_a_document_is_a_formula_in_a_spreadsheet(tmp_path: Path, name: str) -> None:
    texts = FORMULAS + PLAIN
    path = written(tmp_path / name, *(record(f"={n}", Deal(title=text, jobs=-3)) for n, text in enumerate(texts)))
    got = rows(path, "\t" if name == "o.tsv" else ",")
    assert [row["title"] for row in got] == [*(f"'{text}" for text in FORMULAS), *PLAIN]
    assert {row["jobs"] for row in got} == {"-3"}
    assert got[0]["id"] == "'=0"
    assert [unguarded(row["title"]) for row in got] == texts


def test_cells_can_be_left_as_they_are(tmp_path: Path) -> None:
    with open_sink(tmp_path / "o.csv", csv_safe=False) as sink:
        sink.write(record("a", Deal(title="=1+1")))
    assert rows(tmp_path / "o.csv")[0]["title"] == "=1+1"


@given(st.text())
def test_any_cell_is_read_back_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text


def test_sqlite_answers_sql_on_values_lists_proofs_and_issues(tmp_path: Path) -> None:
    path = written(tmp_path / "o.sqlite", record("x", None), record("a"), record("b", Deal(jobs=2**70)))
    database = sqlite3.connect(path)

    def ask(sql: str) -> list[tuple[Any, ...]]:
        return database.execute(sql).fetchall()

    assert ask("SELECT id, investment_amount FROM records WHERE jobs = 600") == [("a", 3_200_000_000)]
    assert ask("SELECT name FROM parties WHERE id = 'a' ORDER BY position") == [("Nezha",), ("HKSTP",)]
    assert ask("SELECT quote, start, kind FROM evidence WHERE path = '/investment/amount' AND id = 'a'") == [
        ("3.2 billion RMB", 10, "exact")
    ]
    assert ask("SELECT quote, confidence FROM evidence WHERE path = '/jobs' AND id = 'a'") == [(None, 0.5)]
    assert ask("SELECT id, code FROM issues WHERE code = 'document.empty'") == [("x", "document.empty")]
    assert ask("SELECT jobs FROM records WHERE id = 'b'") == [(str(2**70),)]  # SQLite's integers have 64 bits
    assert ask("SELECT max(jobs) FROM records WHERE typeof(jobs) = 'integer'") == [(600,)]
    assert json.loads(ask("SELECT record FROM records WHERE id = 'a'")[0][0]) == record("a").to_json()
    database.close()


def test_of_two_records_with_one_id_sqlite_keeps_the_second(tmp_path: Path) -> None:
    path = written(tmp_path / "o.db", record("a"), record("a", Deal(jobs=1)))
    database = sqlite3.connect(path)
    assert database.execute("SELECT jobs FROM records").fetchall() == [(1,)]
    assert database.execute("SELECT count(*) FROM issues").fetchall() == [(1,)]
    database.close()


def test_a_folder_holds_the_data_of_each_document(tmp_path: Path) -> None:
    written(tmp_path / "out", record("a"), record("2024/b"), record("x", None))
    assert json.loads((tmp_path / "out" / "a.json").read_text("utf-8")) == FULL.model_dump(mode="json")
    assert (tmp_path / "out" / "2024" / "b.json").is_file()
    assert json.loads((tmp_path / "out" / "x.json").read_text("utf-8"))["status"] == "failed"
    assert len(list((tmp_path / "out").rglob("*"))) == 4


def test_a_folder_with_something_in_it_is_refused_unless_it_may_be_written_into(tmp_path: Path) -> None:
    written(f"{tmp_path}/out.v1/", record("a"))
    with pytest.raises(OutputError, match="exists already"):
        written(tmp_path / "out.v1", record("b"))
    written(tmp_path / "out.v1", record("b"), overwrite=True)
    assert sorted(p.name for p in (tmp_path / "out.v1").iterdir()) == ["a.json", "b.json"]


@given(st.text(min_size=1))
def test_no_id_leads_out_of_the_folder(id_: str) -> None:
    parts = Path(file_name(id_)).parts
    assert not Path(file_name(id_)).is_absolute()
    assert not {"..", ".", ""} & set(parts)
    assert all(len(part.encode("utf-8", "replace")) <= 255 for part in parts)


@pytest.mark.parametrize(
    ("first", "second"),
    [("a:b", "a;b"), ("x" * 300, "x" * 301), ("..", "."), ("a", "%61"), ("a", "a.json/b"), ("a", "a.JSON/b")],
    ids=["signs", "long", "dots", "percent", "folder", "folder in capitals"],
)
def test_two_ids_have_two_files(first: str, second: str) -> None:
    assert file_name(first) != file_name(second)
    assert file_name(first) not in map(str, Path(file_name(second)).parents)


def test_the_file_of_a_document_and_a_folder_of_its_name_stand_side_by_side(tmp_path: Path) -> None:
    written(f"{tmp_path}/out/", record("a"), record("a.json/b"))
    assert sorted(p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.json")) == [
        "a%2Ejson/b.json", "a.json",
    ]  # fmt: skip


@pytest.mark.parametrize("there", ["a.json", "a%2Ejson"], ids=["a folder for a file", "a file for a folder"])
def test_what_stands_in_the_way_in_a_folder_is_told(tmp_path: Path, there: str) -> None:
    if there == "a.json":
        (tmp_path / there).mkdir()
    else:
        (tmp_path / there).write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        written(f"{tmp_path}/", record("a" if there == "a.json" else "a.json/b"), overwrite=True)


def test_a_json_schema_that_allows_more_has_its_columns_too() -> None:
    class Open(BaseModel, extra="allow"):
        number: str
        money: Money | None = None

    class Counts(BaseModel):
        counts: dict[str, int]

    assert [c.name for c in columns_of(Open)] == ["number", "money.amount", "money.currency"]
    assert [c.name for c in columns_of(Counts)] == ["counts"]


def test_a_schema_within_itself_and_one_that_is_a_list_have_columns() -> None:
    assert [column.name for column in columns_of(Node)] == ["name", "left", "children"]
    assert [column.name for column in columns_of(RootModel[list[int]])] == ["data"]


def test_columns_are_named_as_the_dumped_data_and_not_by_alias(tmp_path: Path) -> None:
    class Aliased(BaseModel):
        jobs: int = Field(serialization_alias="Jobs", default=3)

    (row,) = rows(written(tmp_path / "o.csv", Record("a", None, "ok", Aliased())))
    assert row["jobs"] == "3"


class Line(BaseModel):
    unit_price: int = Field(default=5, serialization_alias="unitPrice")


class ByAlias(BaseModel, serialize_by_alias=True):
    bill_no: str = Field(default="B-7", serialization_alias="billNo")
    first: Line = Field(default_factory=Line, serialization_alias="firstLine")
    lines: list[Line] = Field(default_factory=lambda: [Line()], serialization_alias="Lines")


WORDS = Evidence("B-7", 0, 3, "exact")
ALIASED: Record[Any] = Record(
    "a", None, "ok", ByAlias(), (Issue("kept", "/lines/0/unit_price", "x"),),
    {"/bill_no": WORDS, "/first/unit_price": None, "/lines/0/unit_price": WORDS}, {"/bill_no": 0.9},
)  # fmt: skip


def test_data_and_its_pointers_have_the_names_under_which_the_class_dumps_them(tmp_path: Path) -> None:
    row = json.loads(written(tmp_path / "o.jsonl", ALIASED).read_text())
    assert row["data"] == ByAlias().model_dump(mode="json")
    assert row["data"] == {"billNo": "B-7", "firstLine": {"unit_price": 5}, "Lines": [{"unit_price": 5}]}
    assert list(row["evidence"]) == ["/billNo", "/firstLine/unit_price", "/Lines/0/unit_price"]
    assert row["confidence"] == {"/billNo": 0.9}
    assert row["issues"][0]["path"] == "/Lines/0/unit_price"
    for pointer in row["evidence"]:
        assert pointer in dict(leaves(row["data"]))


@pytest.mark.parametrize("name", ["o.csv", "o.sqlite", "o.parquet"])
def test_columns_of_a_class_that_dumps_by_alias_have_its_values(tmp_path: Path, name: str) -> None:
    if name == "o.parquet":
        pytest.importorskip("pyarrow")
    path = written(tmp_path / name, ALIASED)
    assert [column.name for column in columns_of(ByAlias)] == ["billNo", "firstLine.unitPrice", "Lines"]
    if name == "o.csv":
        (row,) = rows(path)
        assert (row["billNo"], row["firstLine.unitPrice"], row["Lines"]) == ("B-7", "5", '[{"unit_price":5}]')
    else:
        ((_, read),) = read_table(path)
        assert read == ALIASED.to_json()


def test_gold_of_a_class_that_dumps_by_alias_has_its_names() -> None:
    assert list(spec_of_model(ByAlias).fields) == ["billNo", "firstLine", "Lines"]
    assert list(spec_of_model(Line).fields) == ["unit_price"]


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(*records: Record[Any], width: int = 120) -> list[str]:
    screen = io.StringIO()
    table = Terminal(screen, width=width)
    for each in records:
        table.write(each.to_json(), None if each.data is None else type(each.data))
    table.close()
    return screen.getvalue().splitlines()


def test_a_terminal_shows_a_table_within_its_width() -> None:
    lines = shown(record("a"), record("x", None), record("b", Deal(jobs=7)), width=100)
    assert lines[0].split()[:2] == ["id", "status"]
    assert "jobs" in lines[0]
    assert "ok (1)" in lines[1]
    assert "failed (1)" in lines[2]
    assert "x: x.txt is empty" in lines
    assert max(map(len, lines)) <= 100


def test_a_narrow_terminal_shows_the_columns_that_are_filled_most_and_names_the_others() -> None:
    many = [record(str(number), Deal(share=0.5)) for number in range(4)] + [record("a", Deal(jobs=7))]
    lines = shown(*many, width=60)
    assert "share" in lines[0]
    assert "jobs" not in lines[0]
    told = " ".join(lines[6:])
    assert re.match(r"\d+ of \d+ columns are left out: ", told)
    assert "jobs" in told
    assert "share" not in told


def test_lists_show_how_many_and_the_first() -> None:
    assert any("2: Nezha" in line for line in shown(record("a"), width=300))


def test_a_document_cannot_steer_the_terminal() -> None:
    evil = record("a", Deal(title="\x1b[2J\x1b]0;title\x07[red]x[/red]\u202e\r\nend"))
    text = "\n".join(shown(evil, width=300))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "[red]x[/red]" in text


def test_pages_are_printed_as_they_fill() -> None:
    screen = io.StringIO()
    table = Terminal(screen, width=100)
    for number in range(50):
        table.write(record(str(number)).to_json(), Deal)
    assert len(screen.getvalue().splitlines()) == 51
    page = screen.getvalue()
    table.close()
    assert screen.getvalue().removeprefix(page).count("id  ") == 0  # no second page, but what was left out


def test_standard_output_on_a_terminal_is_the_table() -> None:
    screen = Screen()
    with open_sink(None, stdout=screen) as sink:
        sink.write(record("a"))
    assert "status" in screen.getvalue().splitlines()[0]


def test_the_page_and_the_boxes_of_a_proof_are_in_every_format_that_holds_proofs(tmp_path: Path) -> None:
    proof = Evidence(
        "600 jobs", 30, 38, "exact", page=2, boxes=((72.0, 90.5, 118.25, 101.0), (72.0, 12.0, 90.0, 22.0, 3))
    )
    made = record("a", proof={"/jobs": proof})
    boxes = [[72.0, 90.5, 118.25, 101.0], [72.0, 12.0, 90.0, 22.0, 3]]
    for name in ("o.jsonl", "o.sqlite", "o.parquet"):
        path = written(tmp_path / name, made)
        row = json.loads(path.read_bytes()) if name == "o.jsonl" else next(read_table(path))[1]
        assert (row["evidence"]["/jobs"]["page"], row["evidence"]["/jobs"]["boxes"]) == (2, boxes), name
    with contextlib.closing(sqlite3.connect(tmp_path / "o.sqlite")) as database:
        assert database.execute("select page, json_extract(boxes, '$[1][4]') from evidence").fetchall() == [(2, 3)]


def test_the_proof_of_a_text_without_pages_has_no_page() -> None:
    assert not {"page", "boxes"} & set(record("a").to_json()["evidence"]["/investment/amount"])
