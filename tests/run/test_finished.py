"""A finished record is made once: again only when something that it depends on has changed, and then always."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationInfo, create_model, model_validator

from bench.invoices import Invoice
from bench.mock_server import Faults, Mock
from llmx.documents import Document
from llmx.endpoint.interface import Stats
from llmx.endpoint.store import TextStore
from llmx.extraction.options import Options
from llmx.run import Summary
from llmx.run.code_fingerprint import code_fingerprint
from llmx.run.finished_records import FinishedRecords
from tests.run.mocked import Setup, asking, invoices, lines, mocked
from tests.run.mocked import into as run_into


class Counted(Invoice):
    """An invoice that tells when it is looked at."""

    @model_validator(mode="after")
    def tell(self, info: ValidationInfo) -> Counted:
        looked_at.append((info.context or {})["document"].id)
        return self


looked_at: list[str] = []


def made() -> list[str]:
    """Return the ids of the documents whose records were made, not found."""
    return sorted(looked_at)


@pytest.fixture(autouse=True)
def nothing_made() -> None:
    looked_at.clear()


async def into(setup: Setup, target: Path, documents: Any) -> Summary:
    return await run_into(setup, target, documents, overwrite=True)


@asynccontextmanager
async def first(folder: Path, **more: Any) -> AsyncIterator[Setup]:
    async with mocked(cache=folder / "cache", schema=Counted, **more) as setup:
        yield setup


@asynccontextmanager
async def later(setup: Setup, folder: Path, **more: Any) -> AsyncIterator[Setup]:
    """The same, as another process would have it."""
    async with asking(setup.base_url, **{"cache": folder / "cache", "schema": Counted, **more}) as again:
        yield again


@pytest.mark.slow
@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.json", "out.sqlite"])
async def test_a_second_run_makes_no_record_and_writes_the_same(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    async with first(tmp_path) as setup:
        before = await into(setup, out, invoices(70))
        whole = out.read_bytes()
        assert len(made()) == 70
        async with later(setup, tmp_path) as again:
            after = await into(again, out, invoices(70))
    assert len(made()) == 70
    assert out.read_bytes() == whole or name == "out.sqlite"
    assert (after.cache_hits, after.saved, after.paid.total_tokens) == (70, before.paid, 0)
    assert after.statuses == before.statuses


async def test_a_record_made_anew_from_the_cached_answers_is_the_one_that_was_kept(tmp_path: Path) -> None:
    outs = [tmp_path / name for name in ("first.jsonl", "kept.jsonl", "anew.jsonl")]
    async with first(tmp_path) as setup:
        await into(setup, outs[0], invoices(5))
        await into(setup, outs[1], invoices(5))
        TextStore(tmp_path / "cache" / "records", limit_bytes=2**20).clear()
        await into(setup, outs[2], invoices(5))
    assert len(made()) == 10
    assert len({out.read_bytes() for out in outs}) == 1


OTHERS: list[dict[str, Any]] = [
    {"extraction": Options(instructions="Be brief.")},
    {"extraction": Options(unproven="drop")},
    {"extraction": Options(max_output_tokens=500)},
    {"refresh": True},
    {"cache": None},
]


@pytest.mark.parametrize("change", OTHERS, ids=["prompt", "policy", "room for the answer", "asked anew", "no cache"])
async def test_another_plan_makes_them_again(tmp_path: Path, change: dict[str, Any]) -> None:
    async with first(tmp_path) as setup:
        await into(setup, tmp_path / "out.jsonl", invoices(3))
        async with later(setup, tmp_path, **change) as again:
            await into(again, tmp_path / "out.jsonl", invoices(3))
    assert len(made()) == 6


async def test_only_the_documents_that_changed_are_made_again(tmp_path: Path) -> None:
    one, two, three, four, five = invoices(5)
    changed = [
        Document(one.id, one.text + " Signed.", one.source),
        Document("other", two.text, two.source),
        Document(three.id, three.text, three.source, {"page": 2}),
        Document(four.id, four.text, four.source, date=date(2024, 5, 12)),
        five,
    ]
    async with first(tmp_path) as setup:
        await into(setup, tmp_path / "out.jsonl", [one, two, three, four, five])
        looked_at.clear()
        async with later(setup, tmp_path) as again:
            await into(again, tmp_path / "out.jsonl", changed)
    assert made() == sorted([one.id, "other", three.id, four.id])


async def test_what_other_code_made_is_not_found(tmp_path: Path) -> None:
    (document,) = invoices(1)
    store = TextStore(tmp_path / "records", limit_bytes=2**20)
    async with first(tmp_path) as setup:
        records, _ = await setup.run([document])
        ours, other = (
            FinishedRecords(store, [setup.plan], code, stats=Stats(), cassette=None, reads=True)
            for code in ("ours", "other")
        )
        ours.keep(document, ours.key(document), records[0])
        ours.flush()
        assert ours.get(document, ours.key(document)) is not None
        assert other.get(document, other.key(document)) is None
    store.close()


@pytest.fixture
def helper(tmp_path: Path) -> Iterator[Path]:
    """A module of the user's that is loaded."""
    path = tmp_path / "helper_of_a_schema.py"
    path.write_text("LIMIT = 1\n")
    sys.path.insert(0, str(tmp_path))
    importlib.import_module("helper_of_a_schema")
    yield path
    sys.path.remove(str(tmp_path))
    sys.modules.pop("helper_of_a_schema")


def _touch(path: Path) -> None:
    path.write_text("LIMIT = 2\n")
    os.utime(path, (1, 1))


async def test_a_changed_module_of_the_users_makes_them_again(tmp_path: Path, helper: Path) -> None:
    async with first(tmp_path) as setup:
        await into(setup, tmp_path / "out.jsonl", invoices(2))
        _touch(helper)
        async with later(setup, tmp_path) as again:
            await into(again, tmp_path / "out.jsonl", invoices(2))
    assert len(made()) == 4


async def test_a_schema_whose_code_has_no_file_keeps_nothing(tmp_path: Path) -> None:
    gone = create_model("Gone", __base__=Counted, __module__="nowhere")
    async with first(tmp_path) as setup, later(setup, tmp_path, schema=gone) as again:
        assert code_fingerprint(setup.plan)
        assert not code_fingerprint(again.plan)
        for _ in range(2):
            await into(again, tmp_path / "out.jsonl", invoices(2))
    assert len(made()) == 4
    assert not (tmp_path / "cache" / "records").exists()


async def test_what_is_not_ok_is_made_again(tmp_path: Path) -> None:
    cut = Mock(faults=Faults(1.0, ("length",)))
    statuses = []
    async with first(tmp_path, mock=cut) as setup:
        for _ in range(2):
            asked = cut.requests
            statuses.append((await into(setup, tmp_path / "out.jsonl", invoices(2))).statuses)
            assert cut.requests > asked
    assert statuses[0] == statuses[1]
    assert "ok" not in statuses[0]


def _say_otherwise(path: Path) -> None:
    exchange = json.loads(path.read_text())
    response = exchange["responses"][0]
    response["text"] = response["text"].replace("Halvorsen Marine Supply AS", "Halvorsen Marine Supply SA")
    path.write_text(json.dumps(exchange))


async def test_a_replay_finds_what_was_kept_only_while_the_cassette_is_the_same(tmp_path: Path) -> None:
    tape, out = tmp_path / "tape", tmp_path / "out.jsonl"
    async with first(tmp_path, record=tape) as setup:
        await into(setup, out, invoices(4))
    whole = out.read_bytes()
    counts = []
    edited = min(tape.glob("*.json"))
    for change in (False, False, True):
        if change:
            _say_otherwise(edited)
        looked_at.clear()
        async with asking("http://127.0.0.1:9/v1", cache=tmp_path / "cache", schema=Counted, replay=tape) as setup:
            summary = await into(setup, out, invoices(4))
            counts.append((len(made()), summary.cache_hits, setup.endpoint.stats.replayed))
        assert (out.read_bytes() == whole) is not change
    assert counts == [(4, 0, 4), (0, 0, 4), (1, 0, 4)]


async def test_a_damaged_entry_is_made_again_and_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with first(tmp_path) as setup:
        await into(setup, tmp_path / "out.jsonl", invoices(3))
        _damage(tmp_path / "cache" / "records")
        async with later(setup, tmp_path) as again:
            await into(again, tmp_path / "again.jsonl", invoices(3))
    assert len(made()) == 6
    assert sum("damaged" in record.message for record in caplog.records) == 1
    assert lines(tmp_path / "again.jsonl") == lines(tmp_path / "out.jsonl")


def _damage(folder: Path) -> None:
    store = TextStore(folder, limit_bytes=2**20)
    store.write([(key, "[1, 2]\n{}") for key, _ in list(store.entries())])
    store.close()


async def test_a_cassette_that_was_checked_out_anew_is_the_same(tmp_path: Path) -> None:
    tape, out = tmp_path / "tape", tmp_path / "out.jsonl"
    async with first(tmp_path, record=tape) as setup:
        await into(setup, out, invoices(2))
    for number in range(2):
        looked_at.clear()
        async with asking("http://127.0.0.1:9/v1", cache=tmp_path / "cache", schema=Counted, replay=tape) as setup:
            await into(setup, out, invoices(2))
        for path in tape.glob("*.json"):
            os.utime(path, (number, number))
    assert not made()
