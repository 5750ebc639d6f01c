"""Columns of the input's rows pass through a run into its output."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmx.documents import Document
from llmx.errors import ConfigError, OutputError
from llmx.run import NullObserver, OutputOptions
from tests.run.mocked import into, invoices, mocked


def with_columns(count: int) -> Iterator[Document]:
    for number, document in enumerate(invoices(count)):
        yield replace(document, meta={"ticket": number, "team": "A"})


class Told(NullObserver):
    """Keeps what a run notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


async def test_columns_stand_in_the_records_and_a_resumed_run_goes_on_with_them(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    async with mocked() as setup:
        await into(setup, out, with_columns(4), max_documents=2, keep_columns=("ticket",))
        await into(setup, out, with_columns(4), resume=True)
        with pytest.raises(OutputError, match="keep the columns ticket, not all"):
            await into(setup, out, with_columns(4), resume=True, keep_columns=("all",))
    assert [(line["id"], line["columns"]) for line in lines(out)] == [
        (document.id, {"ticket": number}) for number, document in enumerate(invoices(4))
    ]


async def test_all_takes_every_column_into_a_table_also_when_it_is_resumed(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    async with mocked(cache=tmp_path / "cache") as setup:
        await into(setup, out, with_columns(3), max_documents=2, keep_columns=("all",))
        await into(setup, out, with_columns(3), resume=True)
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["ticket"], row["team"]) for row in rows] == [("0", "A"), ("1", "A"), ("2", "A")]


async def test_an_output_is_the_same_where_nothing_is_kept(tmp_path: Path) -> None:
    async with mocked(cache=tmp_path / "cache") as setup:
        await into(setup, tmp_path / "plain.jsonl", invoices(2))
        await into(setup, tmp_path / "off.jsonl", with_columns(2))
        await into(setup, tmp_path / "none.jsonl", invoices(2), keep_columns=("all",))
    assert all("columns" not in line for name in ("plain", "off", "none") for line in lines(tmp_path / f"{name}.jsonl"))
    assert (tmp_path / "plain.jsonl").read_bytes() == (tmp_path / "none.jsonl").read_bytes()


async def test_a_name_that_no_document_has_is_told(tmp_path: Path) -> None:
    told = Told()
    async with mocked() as setup:
        await into(setup, tmp_path / "out.jsonl", with_columns(2), keep_columns=("tikcet",), observer=told)
    assert told.notes == ["--keep-columns: no document that was read has a column 'tikcet'; there are ticket, team"]


def test_a_folder_of_data_alone_refuses_them(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds the data alone"):
        OutputOptions(tmp_path, keep_columns=("all",))
