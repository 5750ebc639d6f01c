"""A run goes on with a database that is there: what is done stays, records of a document replace those before."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench.mock_server import Mock, serving
from llmx.errors import ConfigError, OutputError
from llmx.run import OutputOptions
from tests.run.mocked import asking, into, invoices, mocked
from tests.run.test_schema_change import OTHERS, fields_of, schema


@pytest.fixture(params=["sqlite", "duckdb"])
def out(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "duckdb":
        pytest.importorskip("duckdb")
    return tmp_path / f"out.{request.param}"


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    driver = sqlite3 if path.suffix == ".sqlite" else pytest.importorskip("duckdb")
    with closing(driver.connect(str(path))) as database:
        found: list[tuple[Any, ...]] = database.execute(sql).fetchall()
        return found


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for (text,) in ask(path, "SELECT record FROM records ORDER BY id")]


async def test_a_resumed_run_does_what_is_missing_without_a_cache_and_leaves_the_rest(out: Path) -> None:
    async with mocked() as setup:
        await into(setup, out, invoices(9), max_documents=4)
        before = records(out)
        summary = await into(setup, out, invoices(9), resume=True)
        assert (summary.documents, summary.skipped, setup.mock.requests) == (5, 4, 9)
    assert records(out)[:4] == before
    assert ask(out, "SELECT count(*), count(DISTINCT id) FROM records") == [(9, 9)]


async def test_a_changed_schema_asks_for_the_new_field_alone(out: Path, tmp_path: Path) -> None:
    server = Mock()
    async with serving(server) as base_url:
        async with asking(base_url, cache=tmp_path / "cache", schema=schema(("customer",))) as setup:
            await into(setup, out, invoices(2))
        before = records(out)
        async with asking(base_url, cache=tmp_path / "cache", schema=schema()) as setup:
            summary = await into(setup, out, invoices(2), resume=True)
    assert summary.update.asked == ("customer",)
    pairs = zip(before, records(out), strict=True)
    assert all(fields_of(old, set(OTHERS)) == fields_of(new, set(OTHERS)) for old, new in pairs)
    assert {row for (row,) in ask(out, "SELECT customer FROM records")} == {"Port of Lindesnes Authority"}


async def test_upsert_puts_other_documents_beside_those_that_are_there(out: Path) -> None:
    async with mocked() as setup:
        await into(setup, out, invoices(3))
        with pytest.raises(OutputError, match="exists already") as caught:
            await into(setup, out, invoices(2, first=2))
        assert "--upsert" in caught.value.hint
        await into(setup, out, invoices(2, first=2), upsert=True)
    assert ask(out, "SELECT count(*) FROM records") == [(4,)]


def test_upsert_is_refused_where_it_can_do_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--upsert is for databases"):
        OutputOptions(tmp_path / "o.csv", upsert=True)
    with pytest.raises(ConfigError, match="begins it anew"):
        OutputOptions(tmp_path / "o.sqlite", upsert=True, overwrite=True)
