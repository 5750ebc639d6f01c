"""Documents that are URLs, from the command line: fetched once, and not again when a run goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Done, assert_plain, here, project, serving
from tests.cli.test_faults import bill
from tests.fault_server import FaultServer
from tests.web.page_server import PageServer, Reply, serving_pages

WORDS = ("--schema", "bill.py:Bill", "--model", "scripted-1", "--mode", "json_schema", "--passes", "1")


@pytest.fixture
def endpoint() -> Iterator[FaultServer]:
    with serving(bill) as running:
        yield running


@pytest.fixture
def pages() -> Iterator[PageServer]:
    bills = {"/7": b"<html><p>Bill B-7 to ACME.", "/8": b"<html><p>Bill B-8 to Globex."}
    with serving_pages(bills) as running:
        yield running


def extract(folder: Path, endpoint: FaultServer, *words: str) -> Done:
    return here("extract", *words, *WORDS, "--base-url", endpoint.base_url, folder=folder)


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(path) as db:
        return db.execute(query).fetchall()


def test_a_url_becomes_a_record_with_its_source_its_element_and_its_page_in_the_manifest(
    tmp_path: Path, endpoint: FaultServer, pages: PageServer
) -> None:
    allowed = ("--allow-urls", "--allow-private-hosts", pages.host)
    project(tmp_path)
    pages.pages["/old"] = Reply(status=301, headers={"Location": "/7"})
    done = extract(
        tmp_path, endpoint, f"{pages.base}/old", "docs/b.txt", f"{pages.base}/none", *allowed, "-o", "out.jsonl"
    )
    assert done.code == 1, done.err
    assert f"{pages.base}/none cannot be fetched: HTTP 404" in (tmp_path / "out.jsonl").read_text()
    first = Done(0, (tmp_path / "out.jsonl").read_text(), "").records[0]
    assert (first["id"], first["source"], first["status"]) == (f"{pages.base}/old", f"{pages.base}/old", "ok")
    assert first["evidence"]["/number"]["element"] == "/html/body/p"
    manifest = tmp_path / "out.jsonl.manifest"
    ((url, led_to, at, digest, count),) = rows(manifest, "select * from pages")
    assert (url, led_to, len(digest), count) == (f"{pages.base}/old", f"{pages.base}/7", 64, 1)
    assert at.startswith("20")
    assert rows(manifest, "select * from page_documents") == [(url, url)]


@pytest.mark.slow
def test_a_run_that_goes_on_fetches_what_is_missing_and_nothing_else(
    tmp_path: Path, endpoint: FaultServer, pages: PageServer
) -> None:
    allowed = ("--allow-urls", "--allow-private-hosts", pages.host, "-o", "out.jsonl", "--no-cache")
    project(tmp_path)
    pages.pages["/rows.csv"] = Reply(b"id,text\nr1,Bill B-7 to ACME.\nr2,Bill B-8 to Globex.\n")
    named = [f"{pages.base}/{name}" for name in ("7", "none", "8", "rows.csv")]
    extract(tmp_path, endpoint, *named[:2], named[3], *allowed)
    assert pages.paths == ["/7", "/none", "/rows.csv"]
    asked = len(endpoint.received)
    pages.pages["/none"] = b"<html><p>Bill B-8 to Globex, in spring."
    done = extract(tmp_path, endpoint, *named, *allowed, "--resume")
    assert pages.paths == ["/7", "/none", "/rows.csv", "/none", "/8"]
    assert done.code == 0, done.err
    assert "3 done before" in done.err
    assert len([each for each in endpoint.received[asked:] if each.is_question]) == 2
    written = Done(0, (tmp_path / "out.jsonl").read_text(), "").records
    assert [each["id"] for each in written] == [*named[:3], "r1", "r2"]
    extract(tmp_path, endpoint, *named, *allowed, "--overwrite")
    assert pages.paths[5:] == ["/7", "/none", "/8", "/rows.csv"]


def test_pages_are_kept_in_the_cache_and_cleared_with_it(
    tmp_path: Path, endpoint: FaultServer, pages: PageServer
) -> None:
    project(tmp_path)
    pages.pages["/7"] = Reply(b"<html><p>Bill B-7 to ACME.", headers={"Cache-Control": "max-age=600"})
    for _ in range(2):
        done = extract(tmp_path, endpoint, f"{pages.base}/7", "--allow-urls", "--allow-private-hosts", pages.host)
        assert done.code == 0, done.err
    assert pages.paths == ["/7"]
    assert "pages            1," in here("cache", "info", folder=tmp_path).out
    assert "1 pages" in here("cache", "clear", "--yes", folder=tmp_path).out


def test_the_urls_of_rows_are_fetched(tmp_path: Path, endpoint: FaultServer, pages: PageServer) -> None:
    project(tmp_path)
    (tmp_path / "list.csv").write_text(f"id,link\nA,{pages.base}/7\nB,{pages.base}/8\n")
    done = extract(
        tmp_path, endpoint, "list.csv", "--url-field", "link", "--allow-urls", "--allow-private-hosts", pages.host
    )
    assert [(each["id"], each["data"]["number"]) for each in done.records] == [("A", "B-7"), ("B", "B-8")]


def test_a_url_without_leave_and_an_option_without_effect_are_told(
    tmp_path: Path, endpoint: FaultServer, pages: PageServer
) -> None:
    project(tmp_path)
    for words, told in (
        ([f"{pages.base}/7"], ("is a URL, and nothing is fetched unless you ask for it", "--allow-urls")),
        (["docs", "--allow-urls"], ("--allow-urls has no effect", "no document is a URL")),
        (["docs", "--url-field", "x"], ("--url-field has no effect without --allow-urls",)),
        (["docs", "--url-delay", "0"], ("--url-delay has no effect without --allow-urls",)),
        ([f"{pages.base}/7", "--allow-private-hosts", "x"], ("has no effect without --allow-urls",)),
        ([f"{pages.base}/7", "--allow-urls", "--allow-private-hosts", "http://x/"], ("is no host",)),
        ([f"{pages.base}/7", "--allow-urls", "--url-delay", "-1"], ("--url-delay must be",)),
        (["https://a:secret@example.org/"], ("https://example.org/ is a URL",)),
    ):
        done = extract(tmp_path, endpoint, *words)
        assert done.code == 2, done.err
        assert_plain(done, *told)
        assert "secret" not in done.err
    done = extract(tmp_path, endpoint, "https://a:secret@example.org/", f"{pages.base}/7", "--allow-urls")
    assert (done.code, "secret" in done.err + done.out) == (1, False)
    assert "has a user or a password in it" in done.err + done.out
    assert pages.asked == []
