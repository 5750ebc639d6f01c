"""A finished record is made once: again only when something that it depends on has changed, and then always."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.invoices import Invoice
from bench.mock_server import Faults, Mock, serving
from llmx.documents import Document
from llmx.plan import Extractor, Options
from llmx.run import RunOptions, Summary, finished, run_to_output, runner
from tests.run.mocked import Setup, asking, invoices, lines, mocked


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the documents that were extracted, not found finished."""
    ids: list[str] = []
    extract = runner.extract_document

    async def counted(document: Document, *rest: Any) -> Any:
        ids.append(document.id)
        return await extract(document, *rest)

    monkeypatch.setattr(runner, "extract_document", counted)
    return ids


async def into(setup: Setup, target: Path, documents: Any, **options: Any) -> Summary:
    return await run_to_output(
        documents, setup.plan, setup.endpoint, target=target,
        options=RunOptions(**{"ordered": True, "overwrite": True, **options}),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.json", "out.sqlite"])
async def test_a_second_run_makes_no_record_and_writes_the_same(tmp_path: Path, made: list[str], name: str) -> None:
    out = tmp_path / name
    async with mocked(cache=tmp_path / "cache") as setup:
        first = await into(setup, out, invoices(70))
        whole = out.read_bytes()
        assert len(made) == 70
        async with asking(setup.base_url, cache=tmp_path / "cache") as later:
            second = await into(later, out, invoices(70))
    assert len(made) == 70
    assert out.read_bytes() == whole or name == "out.sqlite"
    assert (second.cache_hits, second.saved, second.paid.total_tokens) == (70, first.paid, 0)
    assert second.statuses == first.statuses


async def test_a_record_that_was_made_from_cached_answers_is_the_one_that_was_kept(tmp_path: Path) -> None:
    kept, made_again = tmp_path / "kept.jsonl", tmp_path / "again.jsonl"
    async with mocked(cache=tmp_path / "cache") as setup:
        await into(setup, tmp_path / "first.jsonl", invoices(5))
        await into(setup, kept, invoices(5))
        await into(setup, made_again, invoices(5), trace=False)
        for path in (tmp_path / "cache" / "records").iterdir():
            path.unlink()
        async with asking(setup.base_url, cache=tmp_path / "cache") as later:
            await into(later, made_again, invoices(5))
    assert kept.read_bytes() == made_again.read_bytes() == (tmp_path / "first.jsonl").read_bytes()


OTHERS: list[dict[str, Any]] = [
    {"extraction": Options(instructions="Be brief.")},
    {"extraction": Options(unproven="drop")},
    {"extraction": Options(max_output_tokens=500)},
    {"refresh": True},
]


@pytest.mark.parametrize("change", OTHERS, ids=["prompt", "policy", "room for the answer", "asked anew"])
async def test_another_plan_makes_them_again(tmp_path: Path, made: list[str], change: dict[str, Any]) -> None:
    async with mocked(cache=tmp_path / "cache") as setup:
        await into(setup, tmp_path / "out.jsonl", invoices(3))
        async with asking(setup.base_url, cache=tmp_path / "cache", **change) as later:
            await into(later, tmp_path / "out.jsonl", invoices(3))
    assert len(made) == 6


async def test_only_the_documents_that_changed_are_made_again(tmp_path: Path, made: list[str]) -> None:
    one, two, three, four = invoices(4)
    changed = [
        Document(one.id, one.text + " Signed.", one.source),
        Document("other", two.text, two.source),
        Document(three.id, three.text, three.source, {"page": 2}),
        four,
    ]
    async with mocked(cache=tmp_path / "cache") as setup:
        await into(setup, tmp_path / "out.jsonl", [one, two, three, four])
        made.clear()
        async with asking(setup.base_url, cache=tmp_path / "cache") as later:
            await into(later, tmp_path / "out.jsonl", changed)
    assert sorted(made) == sorted([one.id, "other", three.id])


async def test_changed_code_makes_them_again(tmp_path: Path, made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async with mocked(cache=tmp_path / "cache") as setup:
        await into(setup, tmp_path / "out.jsonl", invoices(2))
        monkeypatch.setattr(finished, "_installed", lambda: ["another llmx"])
        async with asking(setup.base_url, cache=tmp_path / "cache") as later:
            await into(later, tmp_path / "out.jsonl", invoices(2))
    assert len(made) == 4


def _touch(path: Path) -> None:
    path.write_text("LIMIT = 2\n")
    os.utime(path, (1, 1))


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module of the user's that is loaded."""
    path = tmp_path / "helper_of_a_schema.py"
    path.write_text("LIMIT = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    __import__("helper_of_a_schema")
    yield path
    sys.modules.pop("helper_of_a_schema")


async def test_a_changed_module_of_the_users_makes_them_again(tmp_path: Path, made: list[str], helper: Path) -> None:
    async with mocked(cache=tmp_path / "cache") as setup:
        await into(setup, tmp_path / "out.jsonl", invoices(2))
        _touch(helper)
        async with asking(setup.base_url, cache=tmp_path / "cache") as later:
            await into(later, tmp_path / "out.jsonl", invoices(2))
    assert len(made) == 4


async def test_a_schema_whose_code_has_no_file_keeps_nothing(
    tmp_path: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Invoice, "__module__", "nowhere")
    async with mocked(cache=tmp_path / "cache") as setup:
        assert not finished.code_of(setup.plan)
        await into(setup, tmp_path / "out.jsonl", invoices(2))
        async with asking(setup.base_url, cache=tmp_path / "cache") as later:
            await into(later, tmp_path / "out.jsonl", invoices(2))
    assert len(made) == 4
    assert not (tmp_path / "cache" / "records").exists()


async def test_without_a_cache_nothing_is_kept(tmp_path: Path, made: list[str]) -> None:
    async with mocked() as setup:
        await into(setup, tmp_path / "out.jsonl", invoices(2))
        await into(setup, tmp_path / "out.jsonl", invoices(2))
    assert len(made) == 4


async def test_what_is_not_ok_is_made_again(tmp_path: Path, made: list[str]) -> None:
    cut = Mock(faults=Faults(1.0, ("length",)))
    async with serving(cut) as base_url:
        for _ in range(2):
            async with asking(base_url, cache=tmp_path / "cache", mock=cut) as setup:
                summary = await into(setup, tmp_path / "out.jsonl", invoices(2))
    assert summary.statuses != {"ok": 2}
    assert len(made) == 4


def _say_otherwise(path: Path) -> None:
    exchange = json.loads(path.read_text())
    response = exchange["responses"][0]
    response["text"] = response["text"].replace("Halvorsen Marine Supply AS", "Halvorsen Marine Supply")
    path.write_text(json.dumps(exchange))


async def test_a_replay_uses_what_was_kept_only_while_the_cassette_is_the_same(tmp_path: Path, made: list[str]) -> None:
    tape, out = tmp_path / "tape", tmp_path / "out.jsonl"
    async with mocked(cache=tmp_path / "cache", record=tape) as setup:
        await into(setup, out, invoices(4))
    whole = out.read_bytes()
    counts = []
    edited = min(tape.glob("*.json"))
    for change in (False, False, True):
        if change:
            _say_otherwise(edited)
        made.clear()
        async with asking("http://127.0.0.1:9/v1", cache=tmp_path / "cache", replay=tape) as setup:
            summary = await into(setup, out, invoices(4))
            counts.append((len(made), summary.cache_hits, setup.endpoint.stats.replayed))
        assert (out.read_bytes() == whole) is not change
    assert counts == [(4, 0, 4), (0, 0, 4), (1, 0, 4)]


async def test_a_damaged_entry_is_made_again_and_said_once(
    tmp_path: Path, made: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with mocked(cache=tmp_path / "cache") as setup:
        await into(setup, tmp_path / "out.jsonl", invoices(3))
        store = finished.TextStore(tmp_path / "cache" / "records", limit_bytes=2**20)
        opened = store._open()
        assert opened is not None
        for key in list(opened.iterkeys()):
            opened.set(key, "[1, 2]\n{}")
        store.close()
        async with asking(setup.base_url, cache=tmp_path / "cache") as later:
            await into(later, tmp_path / "again.jsonl", invoices(3))
    assert len(made) == 6
    assert sum("damaged" in record.message for record in caplog.records) == 1
    assert lines(tmp_path / "again.jsonl") == lines(tmp_path / "out.jsonl")


def test_the_plan_decides_and_not_the_object(tmp_path: Path) -> None:
    from llmx.endpoint import Resolved

    resolved = Resolved("mock", "json_schema", "given")
    codes = [finished.code_of(Extractor(Invoice, Options()).plan(resolved)) for _ in range(2)]
    assert codes[0] == codes[1] != ""
