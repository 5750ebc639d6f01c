"""The service over HTTP, started as a user starts it; its answers are recorded ones (cassettes/seeds)."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import ROOT, environment, here
from tests.run.test_metrics import checked

KEY = "a-key-of-nobody-0001"
SEED = min((ROOT / "seeds").glob("*.txt"))


@dataclass(frozen=True)
class Answer:
    code: int
    body: Any
    headers: dict[str, str]


@dataclass(frozen=True)
class Client:
    address: str

    def ask(self, path: str, body: bytes | None = None, *, kind: str = "text/plain", key: str = KEY) -> Answer:
        headers = {"Content-Type": kind, "Authorization": f"Bearer {key}"}
        request = urllib.request.Request(self.address + path, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return _read(answer.status, answer)
        except urllib.error.HTTPError as error:
            return _read(error.code, error)


def _read(code: int, answer: Any) -> Answer:
    text, kind = answer.read().decode(), answer.headers["content-type"]
    return Answer(code, json.loads(text) if "json" in kind else text, dict(answer.headers))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("service")
    (folder / "keys.txt").write_text(f"{KEY}\nanother-key-of-nobody-0002\n")
    words = ("serve-api", "partnership", "--replay", str(ROOT / "cassettes/seeds"), "--keys-file", "keys.txt",
             "--max-bytes", "100000")  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "llmx", *words], cwd=folder, env=environment(folder), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Client(process.stdout.readline().strip())
    finally:
        process.terminate()
        assert process.wait(30) in (0, -15)


@pytest.mark.slow
def test_a_text_that_is_posted_gives_the_record_that_a_run_gives(client: Client, tmp_path: Path) -> None:
    answer = client.ask(f"/records/partnership?id={SEED.stem}", SEED.read_bytes())
    assert answer.code == 200
    words = ("extract", str(SEED), "-s", "partnership", "--replay", str(ROOT / "cassettes/seeds"))
    [run] = here(*words, folder=tmp_path).records
    [record] = answer.body["records"]
    assert {**record, "seconds": 0, "source": ""} == {**run, "seconds": 0, "source": ""}


def test_json_has_a_text_and_an_id(client: Client) -> None:
    body = json.dumps({"text": SEED.read_text("utf-8"), "id": "mine"}).encode()
    answer = client.ask("/records/partnership", body, kind="application/json")
    assert [record["id"] for record in answer.body["records"]] == ["mine"]
    assert answer.body["records"][0]["status"] == "ok"


def test_bytes_that_cannot_be_read_are_a_failed_record_that_says_why(client: Client) -> None:
    answer = client.ask("/records/partnership", b"\x00\x01\x02\x03" * 40, kind="application/octet-stream")
    assert answer.code == 200
    [record] = answer.body["records"]
    assert record["status"] == "failed"
    assert record["issues"][0]["message"]


def test_what_is_wrong_with_a_request_is_said(client: Client) -> None:
    wrong = {
        400: client.ask("/records/partnership", b'{"txt": 1}', kind="application/json"),
        401: client.ask("/records/partnership", b"a text", key="a-key-that-is-wrong"),
        404: client.ask("/records/invoices", b"a text"),
        415: client.ask("/records/partnership", b"--x", kind="multipart/form-data; boundary=x"),
        413: client.ask("/records/partnership", b"x" * 100_001),
    }
    for code, answer in wrong.items():
        assert answer.code == code, answer
        assert answer.body["error"], answer
    assert "Did you mean partnership?" in client.ask("/records/partnershp", b"a text").body["error"]
    assert client.ask("/schemas", key="").code == 401
    assert client.ask("/records/partnership", b"").code == 400


def test_the_description_names_what_is_served(client: Client) -> None:
    described = client.ask("/openapi.json", key="").body
    assert described["openapi"] == "3.1.0"
    assert set(described["paths"]) == {"/records/{name}", "/schemas", "/schemas/{name}", "/health"}
    assert client.ask("/schemas").body == {"schemas": ["partnership"]}
    assert "parties" in client.ask("/schemas/partnership").body["properties"]
    page = client.ask("/", key="")
    assert "POST /records/{name}" in page.body
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert client.ask("/health", key="").body["status"] == "ok"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("partnership", "--host", "0.0.0.0"), "there are no keys"),
        (("partnership", "--keys-file", "short.txt"), "the key number 2 is short"),
        (("partnership", "--keys-file", "missing.txt"), "the keys cannot be read"),
        (("partnership", "--at-once", "0"), "at least 1"),
        (("partnership", "--port", "70000"), "no such port"),
    ],
)
def test_a_service_that_would_be_open_or_cannot_listen_is_refused(
    words: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    (tmp_path / "short.txt").write_text(f"{KEY}\nabc\n")
    done = here("serve-api", *words, "--replay", str(ROOT / "cassettes/seeds"), folder=tmp_path)
    assert done.code == 2
    assert told in done.err


def test_prometheus_reads_what_was_done_with_a_key_and_no_text(client: Client) -> None:
    assert client.ask("/metrics", key="no-key").code == 401
    before = client.ask("/metrics").body
    assert client.ask("/records/partnership?id=m", SEED.read_bytes()).code == 200
    told = checked(client.ask("/metrics").body)
    counts = {name: value for name, value in told.items() if name.startswith("llmx_records_total")}
    earlier = {name: value for name, value in checked(before).items() if name.startswith("llmx_records_total")}
    assert sum(counts.values()) == sum(earlier.values()) + 1
    assert all(name.startswith('llmx_records_total{schema="partnership",status="') for name in counts)
    assert told["llmx_documents_waiting"] == 0
