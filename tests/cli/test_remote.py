"""Documents and outputs in a store: from the command line, in fsspec's store in memory, and in S3 where moto is there."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from llmx.documents import Document, read_documents
from llmx.errors import OutputError, UsageError
from llmx.remote import open_store, remote_name
from llmx.run.manifest import Manifest, manifest_path
from llmx.run.options import OutputOptions
from llmx.run.remote_output import StagedOutput, staged_output
from tests.cli.running import Done, assert_plain, here, project, serving
from tests.cli.test_faults import bill
from tests.fault_server import FaultServer

WORDS = ("--schema", "bill.py:Bill", "--model", "scripted-1", "--mode", "json_schema", "--passes", "1")
BILLS = {"in/7.txt": b"Bill B-7 to ACME.", "in/more/8.txt": b"Bill B-8 to Globex."}


@pytest.fixture
def endpoint() -> Iterator[FaultServer]:
    with serving(bill) as running:
        yield running


@pytest.fixture
def memory() -> Iterator[Any]:
    store = fsspec.filesystem("memory")
    store.store.clear()
    store.pseudo_dirs[:] = [""]
    for name, data in BILLS.items():
        store.pipe(f"/{name}", data)
    yield store
    store.store.clear()


def extract(folder: Path, endpoint: FaultServer, *words: str, **more: str) -> Done:
    return here("extract", *words, *WORDS, "--base-url", endpoint.base_url, folder=folder, **more)


def lines(store: Any, path: str) -> list[Any]:
    return [json.loads(line) for line in store.cat(path).splitlines()]


def texts(*names: str) -> dict[str, str]:
    return {each.id: each.text for each in read_documents(list(names)) if isinstance(each, Document)}


def test_a_file_a_folder_and_a_pattern_in_a_store_are_read_like_those_on_disk(memory: Any) -> None:
    memory.pipe("/in/rows.jsonl", b'{"id": "r", "text": "a row"}\n')
    for name in ("in/.hidden.txt", "in/x.gold.json", "in/out.csv", "in/out.csv.manifest", "in/movie.mp4"):
        memory.pipe(f"/{name}", b"no document")
    bill7, bill8 = "Bill B-7 to ACME.", "Bill B-8 to Globex."
    documents = read_documents("memory://in")
    found = list(documents)
    assert {each.id: each.source for each in found} == {
        "7": "memory:///in/7.txt", "more/8": "memory:///in/more/8.txt", "r": "memory:///in/rows.jsonl:1"
    }  # fmt: skip
    assert documents.left_out == {"hidden": 1, "gold": 1, "written by llmx": 1, ".mp4": 1}
    assert texts("memory://in/7.txt") == {"7": bill7}
    assert texts("memory://in/*.txt") == {"7": bill7}
    assert texts("memory://in/**/*.txt") == {"7": bill7, "more/8": bill8}


def test_an_archive_is_a_store_too(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("one.txt", "first")
        archive.writestr("sub/two.txt", "second")
    assert texts(f"zip://sub/two.txt::{tmp_path}/a.zip") == {"two": "second"}
    assert texts(f"zip://**/*.txt::{tmp_path}/a.zip") == {"one": "first", "sub/two": "second"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("memory://none", "there is no file or folder memory://none"),
        ("memory://none/*.txt", "there is no document in memory://none"),
        ("zip://a.txt::https://example.org/x.zip", "https:// is not read in there"),
        ("zip://a.txt::http://127.0.0.1/x.zip", "http:// is not read in there"),
        ("zip://a.txt::simplecache::ftp://example.org/x.zip", "ftp:// is not read in there"),
        ("s3://key:secret@bucket/a.txt", "has a user or a password in it"),
        ("gs://no-driver/a.txt", "gs:// needs a package that is not installed"),
        ("az://no-driver/a.txt", "az:// needs a package that is not installed"),
    ],
)
def test_what_cannot_be_read_in_a_store_is_told_before_the_run(memory: Any, name: str, told: str) -> None:
    with pytest.raises(UsageError, match=told.replace(".", r"\.").replace("*", r"\*")) as caught:
        read_documents(name)
    assert "secret" not in str(caught.value)
    assert caught.value.hint or "none" in name


def test_a_name_in_a_store_is_one_whatever_a_path_made_of_it() -> None:
    for name in ("s3://bucket/a/out.jsonl", "memory://x/out.csv", "abfs://c@account.dfs.core.windows.net/o.jsonl"):
        assert remote_name(name) == remote_name(Path(name)) == name
    for name in ("docs/a.txt", "/s3/a.txt", "s3", "https://example.org/a", "", "-"):
        assert not remote_name(name)
    assert not remote_name(None)
    with pytest.raises(UsageError, match="user or a password"):
        open_store("s3://user@bucket/a")


def test_records_go_into_a_store_and_a_run_goes_on_there(tmp_path: Path, endpoint: FaultServer, memory: Any) -> None:
    project(tmp_path)
    target = ("-o", "memory://out/bills.jsonl", "--no-cache")
    done = extract(tmp_path, endpoint, "memory://in", *target, "--max-documents", "1")
    assert done.code == 0, done.err
    assert [each["id"] for each in lines(memory, "/out/bills.jsonl")] == ["7"]
    assert memory.exists("/out/bills.jsonl.manifest")
    assert_plain(extract(tmp_path, endpoint, "memory://in", *target), "memory://out/bills.jsonl exists already")
    asked = len(endpoint.received)
    assert "1" in extract(tmp_path, endpoint, "memory://in", *target, "--resume", "--dry-run").out.splitlines()[0]
    done = extract(tmp_path, endpoint, "memory://in", *target, "--resume")
    assert (done.code, "1 done before" in done.err) == (0, True), done.err
    assert len([each for each in endpoint.received[asked:] if each.is_question]) == 1
    assert [each["id"] for each in lines(memory, "/out/bills.jsonl")] == ["7", "more/8"]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(("memory", "out"))]
    done = extract(tmp_path, endpoint, "memory://in/7.txt", *target, "--overwrite")
    assert [each["id"] for each in lines(memory, "/out/bills.jsonl")] == ["7"]
    memory.rm("/out/bills.jsonl.manifest")
    assert_plain(extract(tmp_path, endpoint, "memory://in", *target, "--resume"), "its manifest is missing")


def test_other_formats_come_into_a_store_when_they_are_whole(
    tmp_path: Path, endpoint: FaultServer, memory: Any
) -> None:
    project(tmp_path)
    done = extract(tmp_path, endpoint, "docs", "-o", "memory://out/bills.csv")
    assert done.code == 0, done.err
    assert memory.cat("/out/bills.csv").decode().splitlines()[1].startswith("a,")
    for name, told in (
        ("memory://out/bills.doc", "there is no format for '.doc'"), ("memory://out/", "there is no format for ''"),
        ("zip://x.jsonl::a.zip", "nothing is written into archives"), ("gs://b/x.jsonl", "gs:// needs a package"),
    ):  # fmt: skip
        done = extract(tmp_path, endpoint, "docs", "-o", name)
        assert done.code == 2
        assert_plain(done, told)


def test_what_is_put_into_a_store_in_the_midst_of_a_run_can_be_gone_on_with(tmp_path: Path, memory: Any) -> None:
    staged = StagedOutput("memory://out/x.jsonl", tmp_path)
    with contextlib.closing(Manifest(manifest_path(staged.local))) as manifest:
        manifest.set_fact("model", "m")
        staged.local.write_bytes(b'{"id": "a"}\n')
        staged.put()  # while the database is open
    other = tmp_path / "other"
    other.mkdir()
    again = StagedOutput("memory://out/x.jsonl", other)
    again.fetch()
    assert again.local.read_bytes() == b'{"id": "a"}\n'
    with contextlib.closing(Manifest(manifest_path(again.local))) as manifest:
        assert manifest.fact("model") == "m"


@pytest.mark.slow
async def test_records_that_cannot_be_put_into_a_store_stay_here_and_are_named(memory: Any) -> None:
    class Full(type(memory)):  # type: ignore[misc]
        def put_file(self, *_: Any, **__: Any) -> None:
            raise PermissionError("no room")

    async def ran() -> None:
        async with staged_output(OutputOptions(Path("memory://out/y.jsonl"))) as local:
            assert isinstance(local.path, Path)
            places.append(local.path)
            local.path.write_bytes(b"{}\n")

    places: list[Path] = []
    fsspec.register_implementation("memory", Full, clobber=True)
    try:
        with pytest.raises(OutputError, match="no room") as caught:
            await ran()
    finally:
        fsspec.register_implementation("memory", type(memory), clobber=True)
    assert str(places[0]) in caught.value.hint
    assert places[0].read_bytes() == b"{}\n"
    shutil.rmtree(places[0].parent)


def test_an_object_store_gives_documents_and_takes_records(tmp_path: Path, endpoint: FaultServer) -> None:
    why = "needs s3fs and moto[server], which pin another botocore than the extra bedrock: install them in an environment of their own"
    pytest.importorskip("s3fs", reason=why)
    server = pytest.importorskip("moto.server", reason=why)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    s3 = server.ThreadedMotoServer("127.0.0.1", port)
    s3.start()
    aws = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip
    try:
        project(tmp_path)
        store = fsspec.filesystem("s3", endpoint_url=aws["AWS_ENDPOINT_URL"], key="test", secret="test")
        store.mkdir("bucket")
        for name, data in BILLS.items():
            store.pipe(f"bucket/{name}", data)
        target = ("-o", "s3://bucket/out/bills.jsonl", "--no-cache")
        done = extract(tmp_path, endpoint, "s3://bucket/in/", *target, "--max-documents", "1", **aws)
        assert done.code == 0, done.err
        done = extract(tmp_path, endpoint, "s3://bucket/in/**/*.txt", *target, "--resume", **aws)
        assert "1 done before" in done.err, done.err
        done = extract(tmp_path, endpoint, "s3://bucket/in", *target, "--resume", **aws)
        assert (done.code, "2 done before" in done.err) == (0, True), done.err
        store.invalidate_cache()
        assert [each["id"] for each in lines(store, "bucket/out/bills.jsonl")] == ["7", "more/8"]
        done = extract(tmp_path, endpoint, "s3://none/in", **aws)
        assert (done.code, "no file or folder s3://none/in" in done.err) == (2, True), done.err
    finally:
        s3.stop()
