"""A cache on a Redis server keeps the promises of the one on disk, and a server that is away stops nothing."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmx.endpoint import Completion, EndpointSettings, open_endpoint
from llmx.endpoint.opening import open_cache
from llmx.endpoint.redis_store import RedisStore
from llmx.endpoint.shared_cache import RedisCache
from llmx.errors import ConfigError
from tests.endpoint.test_cache import KEY, kept
from tests.redis_server import PASSWORD, Server, serving

ENTRY = f"llmx:answers:{KEY}"


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    running.ask("FLUSHALL")
    running.ask("CONFIG", "SET", "maxmemory", "0")
    return running


def test_what_one_machine_put_another_gets_and_it_is_json_text(server: Server) -> None:
    RedisCache(server.url()).put(kept())
    got = RedisCache(server.url()).get(KEY)
    assert got is not None
    assert (got.origin, got.to_json()) == ("cache", kept().to_json())
    assert json.loads(server.ask("GET", ENTRY))["text"] == kept().text
    assert RedisCache(server.url()).get("b" * 64) is None
    assert RedisCache(server.url(database=1)).get(KEY) is None


def test_an_incomplete_answer_is_never_kept(server: Server) -> None:
    RedisCache(server.url()).put(Completion("x", "length", key=KEY))
    assert server.ask("DBSIZE") == "0"


def test_what_it_holds_is_told_and_clearing_leaves_the_keys_of_others_alone(server: Server) -> None:
    cache, records = RedisCache(server.url()), RedisStore(server.url(), "records")
    keys = [f"{i:064}" for i in range(1201)]
    cache.write((key, json.dumps({"v": 1, **kept(key).to_json()})) for key in keys)
    records.write([("r", "a record"), ("s", "ü")])
    server.ask("SET", "others", "theirs")
    info = cache.info()
    assert (info.entries, info.saved_tokens, info.models) == (1201, 1201 * 15, {"m": 1201})
    assert info.size_bytes == sum(len(json.dumps({"v": 1, **kept(key).to_json()})) for key in keys)
    assert dict(info.items())["server"] == f"redis://127.0.0.1:{server.port}/0"
    assert (records.count(), records.size_bytes(), dict(records.entries())) == (2, 10, {"r": "a record", "s": "ü"})
    assert cache.clear() == 1201
    assert (cache.count(), records.count(), server.ask("GET", "others")) == (0, 2, "theirs")


def test_a_damaged_entry_is_missing_said_once_and_found_by_verify(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    for command in (("SET", ENTRY, "{"), ("SET", ENTRY, b"\x80\x04pickle\xff"), ("SET", ENTRY, '{"v": 1, "text": 5}'),
                    ("RPUSH", ENTRY, "a list")):  # fmt: skip
        server.ask("DEL", ENTRY)
        server.ask(*command)
        caplog.clear()
        cache = RedisCache(server.url())
        assert [cache.get(KEY), cache.get(KEY)] == [None, None], command
        assert len(caplog.records) == 1, command
        assert cache.verify() == [KEY], command
        cache.put(kept())
        assert cache.get(KEY) is not None, command


def test_a_wrong_address_or_password_is_an_error_at_the_start_which_tells_no_password(server: Server) -> None:
    hidden = "s3cret"
    for url, told in (
        (server.url(password=hidden), "password"),
        (f"redis://127.0.0.1:{server.port}", "uthentication"),
        (server.url(database=99), "DB index"),
        (f"redis://:{hidden}@127.0.0.1:1/0", "connecting"),
        (f"redis://:{hidden}/x@127.0.0.1/0", "not the address"),
        (f"http://:{hidden}@127.0.0.1/0", "not the address"),
        (f"redis://:{hidden}@127.0.0.1/nought", "number"),
        (f"redis://127.0.0.1/0?password={hidden}", "number"),
    ):
        with pytest.raises(ConfigError) as caught:
            open_cache(EndpointSettings(cache_url=url))
        assert told in caught.value.message, url
        assert hidden not in str(caught.value), url
        with pytest.raises(ConfigError):
            open_endpoint(EndpointSettings("m", "http://127.0.0.1:1/v1", cache_url=url))
        assert hidden not in repr(EndpointSettings(cache_url=url))


def test_a_server_that_goes_away_is_one_warning_and_is_used_again_when_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now_s = [100.0]
    with serving() as server:
        store = RedisStore(server.url(), "answers", pause_s=30, clock=lambda: now_s[0])
        store.write([("a", "1")])
        server.stop()
        for _ in range(3):
            assert store.read("a") is None
            store.write([("a", "2")])
        server.start()
        store.write([("a", "3")])
        assert server.ask("DBSIZE") == "0"  # left alone until the pause is over
        now_s[0] += 31
        store.write([("a", "4")])
        assert store.read("a") == "4"
    assert len(caplog.records) == 1
    assert "going on without it" in caplog.text
    assert PASSWORD not in caplog.text


def test_a_full_server_that_evicts_nothing_is_one_warning_and_what_it_holds_is_read(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    cache = RedisCache(server.url())
    cache.put(kept())
    server.ask("CONFIG", "SET", "maxmemory", "1")
    for i in range(3):
        cache.put(kept(f"{i:064}"))
    assert cache.get(KEY) is not None
    assert [("cannot be written" in each.message) for each in caplog.records] == [True]


def test_redis_is_imported_only_where_a_server_is_used(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from llmx.endpoint import EndpointSettings, open_endpoint
from llmx.endpoint.opening import open_cache
open_endpoint(EndpointSettings("m", "http://127.0.0.1:1/v1", cache_dir=Path(sys.argv[1])))
print({"redis", "llmx.endpoint.redis_store"} & set(sys.modules))
"""
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert ran.stdout == "set()\n", ran.stderr


def test_records_and_answers_have_different_keys(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    RedisStore(server.url(), "records").write([(KEY, "a record")])
    assert RedisCache(server.url()).get(KEY) is None
    assert not caplog.records
