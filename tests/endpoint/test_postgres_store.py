"""A cache in a PostgreSQL database keeps the promises of the one on disk, and a server that dies stops nothing."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmx.documents import Document
from llmx.endpoint import Completion, EndpointSettings
from llmx.endpoint.opening import open_cache
from llmx.endpoint.postgres_store import PostgresStore
from llmx.endpoint.shared_cache import PostgresCache
from llmx.errors import ConfigError
from llmx.extraction.options import Options
from tests.endpoint.test_cache import KEY, kept
from tests.run.mocked import asking, into, invoices, mocked
from tests.sinks.conftest import REQUIRED
from tests.sinks.postgresql_server import PASSWORD, Server, programs, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    pytest.importorskip("psycopg")
    if programs() is None:
        skipping = pytest.fail if os.environ.get(REQUIRED) else pytest.skip
        skipping("PostgreSQL is not installed (no initdb): apt-get install postgresql")
    with serving() as running:
        yield running


def test_what_one_machine_put_another_gets_and_it_is_json_text(server: Server) -> None:
    url = server.url("first")
    cache = PostgresCache(url)
    cache.put(kept())
    cache.put(Completion("x", "length", key="c" * 64))  # an incomplete answer is never kept
    got = PostgresCache(url).get(KEY)
    assert got is not None
    assert (got.origin, got.to_json()) == ("cache", kept().to_json())
    [[key, text]] = server.ask("first", "SELECT key, text FROM llmx_answers")
    assert (key, json.loads(text)["text"]) == (KEY, kept().text)
    assert PostgresCache(url).get("b" * 64) is None
    assert PostgresCache(server.url("another")).get(KEY) is None


def test_what_it_holds_is_told_and_clearing_leaves_other_tables_alone(server: Server) -> None:
    url = server.url("second")
    cache, records = PostgresCache(url), PostgresStore(url, "records")
    keys = [f"{i:064}" for i in range(1201)]
    cache.write((key, json.dumps({"v": 1, **kept(key).to_json()})) for key in keys)
    records.write([("r", "a record"), ("s", "of another day"), ("s", "ü\\u0000")])
    server.ask("second", "CREATE TABLE others AS SELECT 1")
    info = cache.info()
    assert (info.entries, info.saved_tokens, info.models) == (1201, 1201 * 15, {"m": 1201})
    assert info.size_bytes == sum(len(json.dumps({"v": 1, **kept(key).to_json()})) for key in keys)
    assert dict(info.items())["server"] == f"postgresql://127.0.0.1:{server.port}/postgres"
    assert (records.count(), records.size_bytes()) == (2, 16)
    assert dict(records.entries()) == {"r": "a record", "s": "ü\\u0000"}
    assert cache.clear() == 1201
    assert (cache.count(), records.count(), server.ask("second", "SELECT * FROM others")) == (0, 2, [["1"]])


def test_a_damaged_entry_is_missing_said_once_and_found_by_verify(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    cache = PostgresCache(server.url("third"))
    cache.put(kept())
    server.ask("third", "UPDATE llmx_answers SET text = '{'")
    assert [cache.get(KEY), cache.get(KEY)] == [None, None]
    assert len(caplog.records) == 1
    assert cache.verify() == [KEY]
    cache.put(kept())
    assert cache.get(KEY) is not None


def test_a_wrong_address_or_password_is_an_error_at_the_start_which_tells_no_password(server: Server) -> None:
    hidden = "s3cret"
    for url, told in (
        (server.url("x", password=hidden), "password authentication failed"),
        (f"postgresql://llmx:{hidden}@127.0.0.1:1/x", "refused"),
        (f"postgresql://llmx:{hidden}/x@127.0.0.1/x", "not the address"),
        (f"postgresql://llmx:{hidden}%ZZ@127.0.0.1/x", "not the address"),
        (f"postgresql://127.0.0.1/x?pasword={hidden}", "not the address"),
        ("postgresql:///x", "not the address"),
    ):
        with pytest.raises(ConfigError) as caught:
            open_cache(EndpointSettings(cache_url=url))
        assert told in caught.value.message, url
        assert hidden not in str(caught.value), url


def test_many_machines_begin_and_write_at_once(server: Server) -> None:
    caches = [PostgresCache(server.url("fourth")) for _ in range(8)]
    entries = [(f"{i:064}", json.dumps({"v": 1, **kept(f"{i:064}").to_json()})) for i in range(200)]

    def write(number: int) -> None:
        caches[number].check()
        for _ in range(3):
            caches[number].write(reversed(entries) if number % 2 else entries)

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (caches[0].count(), caches[0].verify()) == (200, [])
    for cache in caches:
        cache.close()


def test_who_may_not_write_reads_and_is_told_once(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    PostgresCache(server.url("fifth")).put(kept())
    server.ask("fifth", "CREATE ROLE reader LOGIN PASSWORD 'r'; GRANT USAGE ON SCHEMA fifth TO reader;"
               "GRANT SELECT ON llmx_answers TO reader")  # fmt: skip
    cache = PostgresCache(server.url("fifth").replace("llmx:", "reader:", 1).replace(":pa%25s%2Fw%40rd%3A1@", ":r@"))
    cache.check()
    for number in range(3):
        cache.put(kept(f"{number:064}"))
    assert cache.get(KEY) is not None
    assert [("permission denied" in each.message) for each in caplog.records] == [True]


async def test_a_second_machine_pays_for_nothing_and_writes_the_same(server: Server, tmp_path: Path) -> None:
    url = server.url("sixth")
    async with mocked(cache=tmp_path / "first", cache_url=url) as setup:
        before = await into(setup, tmp_path / "first.jsonl", invoices(20))
        server.ask("sixth", "DELETE FROM llmx_records")  # by the answers alone, too
        async with asking(setup.base_url, cache=tmp_path / "second", cache_url=url) as other:
            after = await into(other, tmp_path / "second.jsonl", invoices(20))
    assert (after.paid.total_tokens, after.saved) == (0, before.paid)
    assert (tmp_path / "first.jsonl").read_bytes() == (tmp_path / "second.jsonl").read_bytes()
    assert not any((tmp_path / folder).exists() for folder in ("first", "second"))


async def test_a_server_that_dies_in_mid_run_costs_no_record_and_is_used_again_when_it_is_back(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url, now_s = server.url("seventh"), [100.0]
    store = PostgresStore(url, "records", pause_s=30, clock=lambda: now_s[0])
    store.write([("a", "1")])
    server.ask("seventh", "CHECKPOINT")  # what was written in the last half second a crash may cost, and here must not

    def documents() -> Iterator[Document]:
        for number, document in enumerate(invoices(60)):
            if number == 20:
                server.stop()
            yield document

    try:
        async with mocked(cache=tmp_path, cache_url=url, extraction=Options(passes=1)) as setup:
            summary = await into(setup, tmp_path / "out.jsonl", documents())
        told = [each.message for each in caplog.records if "going on without it" in each.message]
        assert (summary.statuses, summary.requests) == ({"ok": 60}, 60)
        assert len(told) == 2, caplog.text  # the cache's, and the store of records'
        assert PASSWORD not in caplog.text
        assert store.read("a") is None
    finally:
        server.start()
    assert store.read("a") is None  # left alone until the pause is over
    now_s[0] += 31
    store.write([("b", "2")])
    assert (store.read("a"), store.read("b")) == ("1", "2")
    store.close()
