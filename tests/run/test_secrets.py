"""A thousand secrets go through a run by every way there is, and not one of them is in a file afterwards."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import llmx
from llmx.documents import Document
from llmx.endpoint import EndpointSettings
from llmx.endpoint.cassette import Cassette
from llmx.endpoint.cassette_admin import verify
from llmx.endpoint.escapes import unescaped
from llmx.extraction.options import Options
from llmx.run import OutputOptions, RunOptions
from tests.cli.running import serving
from tests.endpoint.test_redact import WRITTEN
from tests.fault_server import FaultServer, Received, Step, answer, status
from tests.planted_secrets import KINDS, Planted, planted

DOCUMENTS, IN_EACH = 190, 3


class Bill(BaseModel):
    """A bill."""

    number: str
    buyer: str | None


class Planter:
    """Makes secrets, remembers them, and answers as a server that gives away whatever it can (scripted)."""

    def __init__(self) -> None:
        self.chance = random.Random("a thousand secrets")
        self.made: list[Planted] = []
        self.failed: set[str] = set()

    def new(self) -> Planted:
        self.made.append(planted(KINDS[len(self.made) % len(KINDS)], self.chance))
        return self.made[-1]

    def document(self, number: int) -> Document:
        words = " and ".join(f"密钥{self.new().text}_ " for _ in range(IN_EACH))
        return Document(f"d{number}", f"Bill B-{number} to ACME. It says {words} here.", meta={"note": self.new().text})

    def step(self, request: Received) -> Step:
        text = request.body["messages"][-1]["content"]
        echoed = f"{request.headers['authorization']} {request.headers['x-team']} {request.path}"
        number = text.partition("Bill B-")[2].partition(" ")[0]
        if number not in self.failed:
            self.failed.add(number)
            how = list(WRITTEN)[len(self.failed) % len(WRITTEN)]
            status = (500, 429, 400)[len(self.failed) % 3] if len(self.failed) % 7 == 0 else 500
            return Step(WRITTEN[how](f"no: {self.new().text} {echoed}"), status, self._headers())
        found = json.dumps({"number": f"{self.new().text} {echoed}", "buyer": "ACME"})
        return Step(answer(found).payload, headers=self._headers() | {"X-RateLimit-Reset": self.new().secret})

    def _headers(self) -> dict[str, str]:
        return {"Set-Cookie": f"sid={self.chance.random()}", "Retry-After": "0"}


def own_secrets(chance: random.Random) -> dict[str, str]:
    """Return the endpoint's own secrets, which have no known form."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return {name: "".join(chance.choices(letters, k=24)) for name in ("key", "header", "user", "password", "query")}


def settings_for(server: FaultServer, own: dict[str, str], folder: Path, **more: Any) -> EndpointSettings:
    return EndpointSettings(
        model="scripted-1", mode="json_schema", api_key=own["key"], headers=(("X-Team", own["header"]),),
        base_url=f"http://{own['user']}:{own['password']}@127.0.0.1:{server.port}/v1?code={own['query']}",
        cache_dir=folder / "cache", retry_attempts=2, redact_documents=True, **more,
    )  # fmt: skip


def readings(path: Path) -> Iterator[str]:
    """Yield what can be read in a file: as it is, without escapes, the rows of a database, and recorded bodies."""
    data = path.read_bytes()
    texts = [data.decode("utf-8", "replace"), data.decode("utf-16", "replace"), data.decode("utf-16-be", "replace")]
    if data.startswith(b"SQLite format 3"):
        with sqlite3.connect(path) as database:
            texts += ["\n".join(database.iterdump())]
    for _ in range(4):
        yield from texts
        texts = [found.text for text in texts if (found := unescaped(text)) is not None]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Planter, dict[str, str], FaultServer]:
    """Extract into every kind of file, with a recording, a log with texts and the cache, under the widest umask."""
    folder, planter = tmp_path_factory.mktemp("run"), Planter()
    own = own_secrets(planter.chance)
    documents = [planter.document(number) for number in range(DOCUMENTS)]
    before = os.umask(0)
    try:
        with serving(planter.step) as server:
            recorded = settings_for(server, own, folder, record=folder / "cassette")
            how = RunOptions(log_file=folder / "run.log", log_text=True)
            llmx.extract_to(
                folder / "out.jsonl", documents, Bill, endpoint=recorded, options=Options(passes=1), run=how
            )
            cached = settings_for(server, own, folder)
            for name in ("out.sqlite", "out.duckdb", "out.xlsx", "out.csv", "out.json", "folder/"):
                to = OutputOptions(Path(f"{folder}/{name}"))
                llmx.extract_to(to, documents, Bill, endpoint=cached, options=Options(passes=1))
    finally:
        os.umask(before)
    return folder, planter, own, server


@pytest.mark.slow
def test_a_thousand_secrets_of_forty_kinds_are_in_no_file(run: Any) -> None:
    folder, planter, own, server = run
    assert len(planter.made) >= 1000
    assert len({each.kind for each in planter.made}) >= 40
    sent = json.dumps([received.body for received in server.received], ensure_ascii=False)
    assert not [each for each in planter.made if each.secret in sent]
    assert server.received[0].headers["x-team"] == own["header"]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".jsonl", ".sqlite", ".csv", ".json", ".log", ".db"}
    secrets = [each.secret for each in planter.made] + list(own.values())
    found = {(path.name, secret) for path in files for text in readings(path) for secret in secrets if secret in text}
    assert found == set()
    statuses = [json.loads(line)["status"] for line in (folder / "out.jsonl").open()]
    assert statuses.count("failed") < len(statuses) / 2, "it was a run"


def test_its_cassette_is_clean_by_its_own_test_too(run: Any) -> None:
    folder, _, own, _ = run
    redactor = EndpointSettings(api_key=own["key"], headers=(("X-Team", own["header"]),)).redactor
    assert [str(each) for each in verify(Cassette(folder / "cassette", redactor=redactor))] == []


def test_the_files_are_their_owners_alone(run: Any) -> None:
    folder, *_ = run
    open_to_others = [
        path for path in folder.rglob("*") if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    assert open_to_others == []


def test_a_file_that_is_replaced_keeps_the_permissions_that_its_user_gave(tmp_path: Path) -> None:
    with serving([answer('{"number": "B-7", "buyer": "ACME"}')]) as server:
        settings = EndpointSettings(
            model="scripted-1", mode="json_schema", base_url=server.base_url, cache_dir=tmp_path / "cache", api_key="x"
        )
        for name in ("out.jsonl", "out.csv"):
            for overwrite in (False, True):
                to = OutputOptions(tmp_path / name, overwrite=overwrite)
                llmx.extract_to(to, [Document("a", "Bill B-7 to ACME.")], Bill, endpoint=settings)
                if not overwrite:
                    (tmp_path / name).chmod(0o640)
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o640


def test_a_password_in_the_address_of_a_fallback_is_in_no_file(tmp_path: Path) -> None:
    own = own_secrets(random.Random("a fallback"))
    with (
        serving([status(400, "not this one")]) as first,
        serving([answer('{"number": "B-7", "buyer": "ACME"}')]) as second,
    ):
        base_url = f"http://{own['user']}:{own['password']}@127.0.0.1:{second.port}/v1?code={own['query']}"
        fallback = EndpointSettings(model="other", mode="json_schema", base_url=base_url)
        asked = EndpointSettings(
            model="scripted-1", mode="json_schema", base_url=first.base_url, api_key="x", cache_dir=tmp_path / "cache",
            fallbacks=(fallback,), record=tmp_path / "cassette",
        )  # fmt: skip
        llmx.extract_to(tmp_path / "out.jsonl", [Document("a", "Bill B-7 to ACME.")], Bill, endpoint=asked)
        assert second.received
    assert json.loads((tmp_path / "out.jsonl").read_text())["status"] == "ok"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    found = {(path.name, name) for path in files for text in readings(path) for name in own if own[name] in text}
    assert found == set()
