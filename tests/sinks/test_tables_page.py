"""The queries of docs/tables.md answer what the page says, in SQLite, DuckDB and PostgreSQL."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from llmx.record import Evidence, Record
from llmx.sinks import open_sink
from llmx.types import Money
from tests.sinks.postgresql_server import Server

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tables.md"


def report() -> Record[Any]:
    """A record of the page's own schema."""
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]
    names: dict[str, Any] = {"BaseModel": BaseModel, "Money": Money, "date": date, "__name__": __name__}
    exec(compile(code, "page", "exec", dont_inherit=True), names)  # the page's classes
    data = names["Report"](
        day=date(2024, 3, 1),
        deals=[
            {"title": "A", "worth": {"amount": 5.5, "currency": "EUR"}, "parties": [{"name": "Acme", "country": "FR"}]}
        ],
    )
    return Record("letter.txt", None, "ok", data, (), {"/deals/0/title": Evidence("A", 0, 1, "exact")})


def test_the_queries_of_the_page_run_in_each_database(tmp_path: Path, postgresql: Server) -> None:
    queries = re.findall(r"```sql\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(queries) == 3
    wanted = [["FR", "1"], ["A", "5.5", "Acme"], ["letter.txt/deals/0", "A", "A"]]
    files = [tmp_path / "o.sqlite", tmp_path / "o.duckdb"]
    targets: list[str | Path] = [*files, postgresql.url("page")]
    for target in targets:
        with open_sink(target) as sink:
            sink.write(report())
    for query, row in zip(queries, wanted, strict=True):
        assert postgresql.ask("page", query) == [row]
        for path, driver in ((files[0], sqlite3), (files[1], pytest.importorskip("duckdb"))):
            with closing(driver.connect(str(path))) as database:
                (found,) = database.execute(query).fetchall()
                assert [str(cell) for cell in found] == row
