"""Databases that are there get the records of a run, and are read back by programs of their own: psql, sqlite3, DuckDB."""

from __future__ import annotations

import logging
import sqlite3
import traceback
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field, create_model

from llmx.errors import OutputError
from llmx.record import Evidence, Issue, Record
from llmx.sinks import open_sink
from llmx.sinks.database_url import DatabaseUrl
from tests.run.mocked import into, invoices, mocked
from tests.sinks.postgresql_server import PASSWORD, Server
from tests.sinks.records import Node, record
from tests.sinks.test_tables import REPORT, Deal, Report, made

Ask = Callable[[str], list[tuple[Any, ...]]]


class Place:
    """A database to write into again and again, and the way to ask another program what is in it."""

    def __init__(self, target: str | Path, ask: Ask) -> None:
        self.target, self.ask = target, ask

    def put(self, *records: Record[Any]) -> None:
        with open_sink(self.target, upsert=True) as sink:
            for each in records:
                sink.write(each)

    def counts(self, *tables: str) -> list[int]:
        return [int(self.ask(f"SELECT count(*) FROM {name}")[0][0]) for name in tables]


@pytest.fixture(params=["sqlite", "duckdb", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        schema = f"s{abs(hash(request.node.name)) % 10**9}"
        return Place(server.url(schema), lambda sql: [tuple(row) for row in server.ask(schema, sql)])
    path = tmp_path / f"o.{request.param}"
    driver = sqlite3 if request.param == "sqlite" else pytest.importorskip("duckdb")

    def ask(sql: str) -> list[tuple[Any, ...]]:
        with closing(driver.connect(str(path))) as database:
            found: list[tuple[Any, ...]] = database.execute(sql).fetchall()
            return found

    return Place(path, ask)


def texts(rows: list[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """Rows as texts, which is all that psql gives."""
    return [tuple("" if cell is None else str(cell) for cell in row) for row in rows]


def written_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


ALL = ("records", "deals", "deals_parties", "notes", "evidence", "issues", "runs")


@pytest.mark.slow
def test_writing_twice_changes_nothing_and_removed_children_go(place: Place) -> None:
    everything = "SELECT * FROM {} ORDER BY 1, 2"
    place.put(made("a"), made("b"), record("x", None))
    first = [place.ask(everything.format(name)) for name in ALL]
    place.put(made("a"), made("b"), record("x", None))
    assert [place.ask(everything.format(name)) for name in ALL] == first
    place.put(made("a", REPORT.model_copy(update={"deals": [], "notes": ["only"]})))
    assert place.counts(*ALL) == [3, 2, 3, 3, 4, 1, 2]
    assert texts(place.ask("SELECT value FROM notes WHERE id = 'a'")) == [("only",)]


def test_what_the_records_were_made_with_is_joined(place: Place) -> None:
    place.put(made("a", model="one"), made("b", model="two"), made("c", model="two"))
    per_model = "SELECT u.model, count(*) FROM records JOIN runs u USING (run_id) GROUP BY u.model ORDER BY 1"
    assert texts(place.ask(per_model)) == [("one", "1"), ("two", "2")]


def test_the_records_of_a_document_are_replaced_together(place: Place) -> None:
    parts = [made(f"d#{number}") for number in (1, 2, 3)]
    place.put(*parts, made("e"))
    with open_sink(place.target, upsert=True) as sink:
        for part in parts[:2]:
            sink.write(part, document="d")
        sink.write(made("e#1"), document="e#1")  # a document whose own id ends so
    assert texts(place.ask("SELECT id, document FROM records ORDER BY id")) == [
        ("d#1", "d"), ("d#2", "d"), ("e", "e"), ("e#1", "e#1"),
    ]  # fmt: skip
    assert place.counts("deals") == [8]


def test_a_new_field_becomes_a_column_and_one_that_went_stays(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    class Later(BaseModel):
        day: date
        fee: str | None = None
        Author: str | None = None
        deals: list[Deal] = []

    later = create_model("Report", __base__=Later)
    place.put(made("a"), made("b"))
    with caplog.at_level(logging.WARNING, "llmx.sinks"):
        place.put(Record("b", None, "ok", later(day=date(2025, 1, 2), fee="free", Author="Ann")))
    author = "author" if isinstance(place.target, str) else "Author"
    assert f"records has a new column {author}" in caplog.text
    assert "records keeps at, pages, share, final, which the schema does not have" in caplog.text
    assert texts(place.ask("SELECT id, day, fee, pages, author FROM records ORDER BY id")) == [
        ("a", "2024-03-01", "1250.40", "3", ""), ("b", "2025-01-02", "free", "", "Ann"),
    ]  # fmt: skip
    assert texts(place.ask("SELECT DISTINCT id FROM notes")) == [("a",)]  # a list that went, of a record that stays
    assert texts(place.ask('SELECT "Author" FROM "Report" WHERE id = \'b\'')) == [("Ann",)]


def test_a_column_that_becomes_text_spells_earlier_values_as_their_records_do(place: Place) -> None:
    place.put(made("a"))
    naive = REPORT.at.replace(tzinfo=None) if REPORT.at else None
    place.put(made("b", REPORT.model_copy(update={"at": naive, "fee": Decimal("0.123456789012"), "pages": 2**70})))
    assert texts(place.ask('SELECT "at", fee, pages FROM records ORDER BY id')) == [
        ("2024-03-01T09:30:00Z", "1250.40", "3"), ("2024-03-01T09:30:00", "0.123456789012", str(2**70)),
    ]  # fmt: skip


def test_elements_within_elements_of_their_own_class_are_rows_with_keys(place: Place) -> None:
    tree = Node(
        name="r", children=[Node(name="a", children=[Node(name="b", children=[Node(name="c")])]), Node(name="d")]
    )
    place.put(Record("n", None, "ok", tree))
    assert texts(place.ask("SELECT children_id, parent_id, position, name FROM children ORDER BY 1")) == [
        ("n/children/0", "", "0", "a"), ("n/children/0/children/0", "n/children/0", "0", "b"),
        ("n/children/0/children/0/children/0", "n/children/0/children/0", "0", "c"), ("n/children/1", "", "1", "d"),
    ]  # fmt: skip


def test_texts_that_are_sql_or_not_of_every_database_are_kept(place: Place) -> None:
    odd = "'; DROP TABLE records; -- \\N \\. \t \u4e30\U0001f600\r\nb\x00c"
    place.put(made(odd[:30], REPORT.model_copy(update={"notes": [odd]})))
    shown = place.ask("SELECT count(*), min(length(value)) FROM notes")
    assert texts(shown)[0][0] == "1"
    with open_sink(place.target, upsert=True) as sink:
        assert sink.read(odd[:30]) == made(odd[:30], REPORT.model_copy(update={"notes": [odd]})).to_json()


def test_a_record_that_is_refused_leaves_those_around_it(place: Place) -> None:
    bad = Record("bad", None, "ok", REPORT.model_copy(update={"notes": ["\ud800"]}))
    place.put(made("0"))
    with pytest.raises(OutputError), open_sink(place.target, upsert=True) as sink:  # noqa: PT012 -- the block is the point
        for each in (made("a"), bad, made("b")):
            sink.write(each)
        sink.flush()
    assert texts(place.ask("SELECT id FROM records ORDER BY id")) == [("0",), ("a",), ("b",)]


@pytest.mark.slow
def test_ten_thousand_records_written_twice_leave_the_same_rows(place: Place) -> None:
    class Short(BaseModel):
        n: int
        tags: list[str]

    for _ in range(2):
        with open_sink(place.target, upsert=True) as sink:
            for number in range(10_000):
                row = {"id": f"d{number}", "source": None, "status": "ok", "data": {"n": number, "tags": ["a"]}}
                sink.write_row({**row, "issues": [], "evidence": {}, "confidence": {}}, Short)
        found = place.ask(
            "SELECT count(*), count(DISTINCT records.id), sum(n), count(value) FROM records JOIN tags USING (id)"
        )
        assert texts(found) == [("10000", "10000", "49995000", "10000")]


def test_a_table_that_is_not_of_llmx_is_left_alone(place: Place) -> None:
    if isinstance(place.target, Path):
        driver = sqlite3 if place.target.suffix == ".sqlite" else pytest.importorskip("duckdb")
        with closing(driver.connect(str(place.target))) as database:
            database.execute("CREATE TABLE records (id INTEGER, title TEXT)")
    else:
        place.put()
        place.ask("DROP TABLE records CASCADE")
        place.ask("CREATE TABLE records (id INTEGER, title TEXT)")
    with pytest.raises(OutputError, match="a table records that is not of llmx"):
        place.put(made("a"))
    assert place.counts("records") == [0]


def test_postgresql_has_types_keys_and_references(postgresql: Server) -> None:
    class Many(Report):
        LongName: dict[str, int] = Field(default={})

    url = postgresql.url("typed")
    issue = Issue("unproven", "/pages", "no words say it")
    proof: dict[str, Evidence | None] = {"/pages": Evidence("3", 1, 2, "exact", page=2, boxes=((1.0, 2.0, 3.0, 4.0),))}
    data = Many(**{**REPORT.model_dump(), "LongName": {"b": 1, "a": 2}})
    with open_sink(url) as sink:
        sink.write(Record("a", "a.txt", "ok", data, (issue,), proof, {"/pages": 0.5}))
    typed = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '{}' AND table_schema = 'typed'"
    types = dict(postgresql.ask("typed", typed.format("records")))
    assert types | {"day": "date", "at": "timestamp with time zone", "fee": "numeric", "pages": "bigint"} == types
    assert types | {"share": "double precision", "final": "boolean", "longname": "jsonb", "record": "json"} == types
    assert dict(postgresql.ask("typed", typed.format("evidence")))["boxes"] == "jsonb"
    (row,) = postgresql.ask(
        "typed", "SELECT day, at, fee, pages + 1, share, final, LongName->>'a', record->'data'->>'fee' FROM records"
    )
    assert row == ["2024-03-01", "2024-03-01 09:30:00+00", "1250.40", "4", "0.25", "t", "2", "1250.40"]
    postgresql.ask("typed", "DELETE FROM records")
    assert postgresql.ask("typed", "SELECT count(*) FROM deals_parties") == [["0"]]


@pytest.mark.slow
async def test_a_run_goes_on_with_postgresql_and_does_again_what_somebody_removed_there(
    postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))  # where the manifest of a database with an address is
    url = DatabaseUrl(postgresql.url("resumed"))
    async with mocked() as setup:
        await into(setup, url, invoices(9), max_documents=4)
        before = postgresql.ask("resumed", "SELECT record FROM records ORDER BY id")
        summary = await into(setup, url, invoices(9), resume=True)
        assert (summary.documents, summary.skipped, setup.mock.requests) == (5, 4, 9)
        assert postgresql.ask("resumed", "SELECT record FROM records ORDER BY id")[:4] == before
        postgresql.ask("resumed", "DELETE FROM records WHERE id IN (SELECT min(id) FROM records)")
        summary = await into(setup, url, invoices(9), resume=True)
        assert (summary.documents, summary.skipped) == (1, 8)
    assert postgresql.ask("resumed", "SELECT count(*) FROM records") == [["9"]]
    assert PASSWORD.encode() not in written_in(tmp_path)


def test_names_longer_than_postgresql_has_stay_apart(postgresql: Server) -> None:
    long = "a_very_long_name_of_a_field_that_nobody_would_ever_think_of_but_a_machine_might"
    model = create_model(
        "Long",
        **{f"{long}_1": (list[str], []), f"{long}_2": (list[str], []), f"{long}_3": (int, 1), f"{long}_4": (int, 2)},
    )  # type: ignore[call-overload]
    with open_sink(postgresql.url("long")) as sink:
        sink.write(Record("a", None, "ok", model(**{f"{long}_1": ["x"], f"{long}_2": ["y", "z"]})))
    names = postgresql.ask(
        "long", "SELECT tablename FROM pg_tables WHERE schemaname = 'long' AND tablename LIKE 'a_very%'"
    )
    assert sorted(postgresql.ask("long", f"SELECT count(*) FROM {name}")[0][0] for (name,) in names) == ["1", "2"]


def test_no_password_is_in_a_message(postgresql: Server, caplog: pytest.LogCaptureFixture) -> None:
    wrong = [
        postgresql.url("s", password="s3cr%65t"), "postgresql://llmx:s3cr%zz@127.0.0.1/x", "postgresql://u:s3cr/et@h:1/x",
        "postgresql://127.0.0.1:1/x?user=u&password=s3cret", "postgresql://u:s3cret@127.0.0.1:99999/x",
    ]  # fmt: skip
    for url in wrong:
        with pytest.raises(OutputError) as caught, open_sink(url):
            pass
        said = f"{caught.value} {caught.value.hint} {''.join(traceback.format_exception(caught.value))}"
        assert "s3cr" not in said
        assert caught.value.__suppress_context__
        assert "s3cr" not in repr(DatabaseUrl(url)) + str(DatabaseUrl(url))
    assert PASSWORD not in caplog.text


def test_a_database_with_an_address_is_never_overwritten(postgresql: Server) -> None:
    with pytest.raises(OutputError, match="not overwritten"), open_sink(postgresql.url("s"), overwrite=True):
        pass
    with pytest.raises(OutputError, match="no address of a database"), open_sink("mysql://host/db"):
        pass
    with pytest.raises(OutputError, match="no address of a database"), open_sink(Path("postgresql://host/db")):
        pass


def test_upsert_is_refused_for_what_is_no_database(tmp_path: Path) -> None:
    for name in ("o.csv", "o.jsonl", "folder/"):
        with pytest.raises(OutputError, match="--upsert is for databases"), open_sink(tmp_path / name, upsert=True):
            pass


def test_times_in_duckdb_and_sqlite_are_those_of_the_record(tmp_path: Path) -> None:
    driver = pytest.importorskip("duckdb")
    with open_sink(tmp_path / "o.duckdb") as sink:
        sink.write(made("a"))
    with driver.connect(str(tmp_path / "o.duckdb"), read_only=True) as database:
        assert database.execute('SELECT "at", day FROM records').fetchone() == (
            datetime(2024, 3, 1, 9, 30, tzinfo=UTC), date(2024, 3, 1),
        )  # fmt: skip
