from __future__ import annotations

import logging
import multiprocessing
import pickle
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from llmx.endpoint import Completion
from llmx.endpoint.cache import Cache
from llmx.errors import ConfigError
from llmx.record import Usage

KEY = "a" * 64


def kept(key: str = KEY, text: str = '{"name": "Ada"}') -> Completion:
    return Completion(text, "stop", usage=Usage(10, 5, 4), model="m", seconds=0.25, attempts=2, key=key)


def edit(folder: Path, sql: str, *values: object) -> None:
    with sqlite3.connect(folder / "cache.db") as db:
        db.execute(sql, values)
    db.close()


class Bomb:
    """What runs when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.trace,)


def test_what_was_put_is_got_and_says_that_it_is_cached(tmp_path: Path) -> None:
    Cache(tmp_path / "c").put(kept())
    got = Cache(tmp_path / "c").get(KEY)
    assert got is not None
    assert got.origin == "cache"
    assert got.to_json() == kept().to_json()


def test_what_was_not_put_is_missing(tmp_path: Path) -> None:
    assert Cache(tmp_path / "c").get(KEY) is None


@pytest.mark.parametrize("finish", ["length", "refusal", "content_filter"])
def test_an_incomplete_answer_is_never_kept(finish: Any, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c")
    cache.put(Completion("x", finish, key=KEY))
    assert cache.get(KEY) is None


def test_only_its_owner_can_enter_the_folder(tmp_path: Path) -> None:
    Cache(tmp_path / "c").put(kept())
    assert (tmp_path / "c").stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
@pytest.mark.parametrize(
    "value",
    ["", "{", "[]", "null", '{"v": 1}', '{"v": 1, "text": 5}', b"\x00\xff", 12, None],
    ids=["empty", "cut", "a list", "null", "no members", "wrong members", "bytes", "a number", "nothing"],
)
def test_a_damaged_entry_is_missing_and_said_once(value: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = Cache(tmp_path / "c")
    cache.put(kept())
    cache.close()
    edit(tmp_path / "c", "UPDATE Cache SET value = ?", value)
    with caplog.at_level(logging.WARNING):
        assert cache.get(KEY) is None
        assert cache.get(KEY) is None
    assert [("damaged entry" in r.message) for r in caplog.records] == [True]


def test_an_entry_of_another_request_is_missing(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c")
    cache.put(kept())
    cache.close()
    edit(tmp_path / "c", "UPDATE Cache SET key = ?", "b" * 64)
    assert cache.get("b" * 64) is None


def test_an_entry_that_an_older_llmx_wrote_is_missing_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = Cache(tmp_path / "c")
    cache.put(kept())
    cache.close()
    edit(tmp_path / "c", "UPDATE Cache SET value = replace(value, '\"v\":1', '\"v\":0')")
    assert cache.get(KEY) is None
    assert not caplog.records


@pytest.mark.parametrize("in_a_file", [False, True])
def test_a_pickle_is_refused_unread(in_a_file: Any, tmp_path: Path) -> None:
    cache, trace = Cache(tmp_path / "c"), tmp_path / "exploded"
    cache.put(kept())
    cache.close()
    bomb = pickle.dumps(Bomb(trace))
    if in_a_file:
        (tmp_path / "c" / "bomb.val").write_bytes(bomb)
        edit(tmp_path / "c", "UPDATE Cache SET mode = 4, value = NULL, filename = 'bomb.val'")
    else:
        edit(tmp_path / "c", "UPDATE Cache SET mode = 4, value = ?", bomb)
    assert cache.get(KEY) is None
    assert cache.verify() == [KEY]
    assert not trace.exists()


def test_a_pickled_key_is_refused_unread(tmp_path: Path) -> None:
    cache, trace = Cache(tmp_path / "c"), tmp_path / "exploded"
    cache.put(kept())
    cache.close()
    edit(tmp_path / "c", "UPDATE Cache SET key = ?, raw = 0", pickle.dumps(Bomb(trace)))
    assert cache.info().entries == 0
    assert len(cache.verify()) == 1
    assert not trace.exists()


def test_what_it_holds_is_told(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c", limit_bytes=5_000_000)
    cache.put(kept())
    cache.put(kept("b" * 64))
    info = cache.info()
    assert (info.entries, info.saved_tokens, info.models, info.limit_bytes) == (2, 30, {"m": 2}, 5_000_000)
    assert info.size_bytes > 0


def test_clearing_removes_everything(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c")
    cache.put(kept())
    assert cache.clear() == 1
    assert cache.get(KEY) is None


def test_verifying_finds_the_damaged(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c")
    cache.put(kept())
    cache.put(kept("b" * 64))
    cache.close()
    edit(tmp_path / "c", "UPDATE Cache SET value = '{' WHERE key = ?", KEY)
    assert cache.verify() == [KEY]


def test_a_file_that_is_no_database_means_no_cache_until_it_is_cleared(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "cache.db").write_bytes(b"not a database, but long enough to be taken for one" * 40)
    cache = Cache(tmp_path / "c")
    cache.put(kept())
    assert cache.get(KEY) is None
    assert len(caplog.records) == 1
    with pytest.raises(ConfigError):
        cache.verify()
    cache.clear()
    cache.put(kept())
    assert cache.get(KEY) is not None


def test_a_folder_that_cannot_be_made_means_no_cache_and_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("x")
    cache = Cache(tmp_path / "file" / "c")
    for _ in range(3):
        cache.put(kept())
    assert len(caplog.records) == 1


def test_a_database_that_can_no_longer_be_read_means_no_cache_and_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = Cache(tmp_path / "c")
    cache.put(kept())
    edit(tmp_path / "c", "drop table Cache")
    assert [cache.get(KEY), cache.get(KEY)] == [None, None]
    assert len(caplog.records) == 1
    assert "cannot be read" in caplog.text


def test_the_oldest_go_when_the_limit_is_reached(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c", limit_bytes=300_000)
    for i in range(200):
        cache.put(kept(f"{i:064}", "x" * 4000))
    assert cache.get(f"{0:064}") is None
    assert cache.get(f"{199:064}") is not None
    assert cache.info().size_bytes < 400_000


def write_many(folder: Path, start: int) -> None:
    cache = Cache(folder)
    for i in range(start, start + 150):
        cache.put(kept(f"{i:064}"))
        assert cache.get(f"{i:064}") is not None


def test_two_processes_share_one_cache(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=write_many, args=(tmp_path / "c", start)) for start in (0, 100)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert Cache(tmp_path / "c").info().entries == 250
    assert Cache(tmp_path / "c").verify() == []


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs a mount namespace of its own")
def test_a_full_disk_means_going_on_without_it_and_one_warning(tmp_path: Path) -> None:
    code = """
import sys, logging
logging.basicConfig(format="%(message)s")
from pathlib import Path
from llmx.endpoint.cache import Cache
from tests.endpoint.test_cache import kept
cache = Cache(Path(sys.argv[1]))
cache.put(kept())
for i in range(400):
    cache.put(kept(f"{i:064}", "x" * 4000))
assert cache.get("a" * 64) is not None
print("went on")
"""
    (tmp_path / "small").mkdir()
    mounted = (
        f'mount -t tmpfs -o size=1500k none {tmp_path}/small && exec {sys.executable} -c "$CODE" {tmp_path}/small/c'
    )
    ran = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", mounted],
        capture_output=True, text=True, env={"CODE": code, "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}, check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    if "unshare" in ran.stderr or "mount:" in ran.stderr:
        pytest.skip("this machine lets nobody mount")
    assert "went on" in ran.stdout, ran.stderr
    assert ran.stderr.count("cannot be written") == 1, ran.stderr
