"""Runs with a cache on a Redis server: machines pay once among them, and a server that dies costs no record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from llmx.documents import Document
from llmx.extraction.options import Options
from tests.redis_server import Server, serving
from tests.run.mocked import asking, into, invoices, mocked


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


async def test_a_second_machine_pays_for_nothing_and_writes_the_same(server: Server, tmp_path: Path) -> None:
    outs = [tmp_path / name for name in ("first.jsonl", "second.jsonl", "third.jsonl")]
    url = server.url()
    async with mocked(cache=tmp_path / "first", cache_url=url) as setup:
        before = await into(setup, outs[0], invoices(20))
        async with asking(setup.base_url, cache=tmp_path / "second", cache_url=url) as other:
            after = await into(other, outs[1], invoices(20))
        server.ask(
            "EVAL", "for _, key in ipairs(redis.call('KEYS', 'llmx:records:*')) do redis.call('DEL', key) end", "0"
        )
        async with asking(setup.base_url, cache=tmp_path / "third", cache_url=url) as other:
            by_answers = await into(other, outs[2], invoices(20))
    for later in (after, by_answers):
        assert (later.paid.total_tokens, later.saved) == (0, before.paid)
    assert len({out.read_bytes() for out in outs}) == 1
    assert not any((tmp_path / folder).exists() for folder in ("first", "second", "third"))


async def test_a_server_that_dies_in_the_middle_costs_no_record_and_one_warning_each(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def documents() -> Iterator[Document]:
        for number, document in enumerate(invoices(60)):
            if number == 20:
                server.stop()
            yield document

    async with mocked(cache=tmp_path, cache_url=server.url(), extraction=Options(passes=1)) as setup:
        summary = await into(setup, tmp_path / "out.jsonl", documents())
    assert summary.statuses == {"ok": 60}
    assert summary.requests == 60
    told = [each.message for each in caplog.records if "going on without it" in each.message]
    assert len(told) == 2, caplog.text  # the cache's, and the store of records'
    assert len((tmp_path / "out.jsonl").read_bytes().splitlines()) == 60
