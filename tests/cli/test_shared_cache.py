"""``--cache-url`` on the command line: whom it is taken from, what it tells, and that its password stands nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import EXTRACT, here, project
from tests.cli.running import serving as scripted
from tests.cli.test_faults import bill
from tests.fault_server import FaultServer
from tests.redis_server import PASSWORD, Server, serving


@pytest.fixture(scope="module")
def redis() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with scripted(bill) as running:
        yield running


def words(server: FaultServer, *more: str) -> tuple[str, ...]:
    return (*EXTRACT, "--base-url", server.base_url, "--passes", "1", *more)


def test_two_folders_share_it_and_its_password_stands_nowhere(
    redis: Server, server: FaultServer, tmp_path: Path
) -> None:
    url, said = redis.url(database=1), ""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        given = ("--cache-url", url, "-o", "out.jsonl", "--log-file", "log.jsonl")
        done = here(*words(server, *given), folder=project(tmp_path / name))
        assert done.code == 0, done.err
        said += done.out + done.err
    assert len(server.received) == 2, "the second folder paid nothing"
    named = {"folder": tmp_path / "first", "LLMX_CACHE_URL": url}
    info = here("cache", "info", **named)  # type: ignore[arg-type]  # a folder and a variable
    assert f"redis://127.0.0.1:{redis.port}/1" in info.out
    assert [line.split()[:2] for line in info.out.splitlines()][1] == ["answers", "2"]
    verified, shown = here("cache", "verify", **named), here("config", **named)  # type: ignore[arg-type]
    cleared = here("cache", "clear", "--yes", **named)  # type: ignore[arg-type]
    assert verified.code == 0
    assert "removed 2 answers, " in cleared.out
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()).decode("latin-1")
    everything = said + files + "".join(done.out + done.err for done in (info, verified, shown, cleared))
    assert "cache_url" in shown.out
    for secret in (PASSWORD, "pa%25s%2Fw%40rd%3A1"):
        assert secret not in everything


def test_an_address_that_only_an_unconfirmed_file_names_is_refused_before_anything_is_sent(
    redis: Server, server: FaultServer, tmp_path: Path
) -> None:
    folder = project(tmp_path)
    (folder / "llmx.toml").write_text(f'cache_url = "{redis.url(database=2)}"\n')
    refused = here(*words(server), folder=folder)
    assert refused.code == 2
    assert "answers do not go to the shared cache" in refused.err
    assert "pa%25s" not in refused.err
    assert not server.received
    assert here(*words(server, "--no-cache"), folder=folder).code == 0
    assert "pa%25s" not in here("config", "trust", folder=folder).out
    assert here(*words(server), folder=folder).code == 0
    assert here("cache", "info", folder=folder).out.split()[3:4] == ["2"]


def test_one_that_is_not_there_is_an_error_before_anything_is_sent(server: FaultServer, tmp_path: Path) -> None:
    pytest.importorskip("redis")
    done = here(*words(server, "--cache-url", "redis://:secret-word@127.0.0.1:1/0"), folder=project(tmp_path))
    assert done.code == 2
    assert "the cache at redis://127.0.0.1:1/0 cannot be used" in done.err
    assert "secret-word" not in done.err
    assert not server.received


def test_batch_writes_no_password_of_it_down(server: FaultServer, tmp_path: Path) -> None:
    given = ("--cache-url", "redis://:secret-word@127.0.0.1:1/0", "--batch", "-o", "out.jsonl")
    done = here(*words(server, *given), folder=project(tmp_path))
    assert done.code == 2
    assert "the cache URL holds a password" in done.err
    assert "secret-word" not in done.err
