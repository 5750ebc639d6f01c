"""Pages are fetched within bounds and with manners, against a server on this machine."""

from __future__ import annotations

import gzip
import stat
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmx.errors import DocumentError, UsageError
from llmx.web import WebOptions
from llmx.web.fetch import Fetcher
from llmx.web.page_cache import PageCache, WebPage
from tests.web.page_server import PageServer, Reply, serving_pages

PAGE = b"<html><body>A page"


@pytest.fixture
def server() -> Iterator[PageServer]:
    with serving_pages({"/": PAGE}) as running:
        yield running


class Patience:
    """A clock that goes on only when somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = 1000.0, list[float]()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


def fetcher_for(server: PageServer, patience: Patience | None = None, **options: Any) -> Fetcher:
    calm = patience or Patience()
    return Fetcher(WebOptions(private_hosts=(server.host,), **options), sleep=calm.sleep, clock=calm.clock)


def why(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(DocumentError) as caught:
        fetcher.get(url)
    return str(caught.value)


def test_a_page_comes_with_its_address_its_type_its_hash_and_the_time(server: PageServer) -> None:
    server.pages["/moved"] = Reply(status=301, headers={"Location": "/latin?x=1#part"})
    server.pages["/latin?x=1"] = Reply(
        b"<p>caf\xe9", headers={"Content-Type": 'text/html; charset="ISO-8859-1"', "ETag": '"7"'}
    )
    page = fetcher_for(server).get(f"{server.base}/moved")
    assert (page.url, page.data) == (f"{server.base}/latin?x=1", b"<p>caf\xe9")
    assert (page.media_type, page.charset, page.etag) == ("text/html", "ISO-8859-1", '"7"')
    assert len(page.sha256) == 64
    assert time.strptime(page.fetched_at, "%Y-%m-%dT%H:%M:%SZ")


def test_no_cookie_no_referer_and_no_login_is_sent_and_the_agent_says_who_asks(server: PageServer) -> None:
    server.pages["/set"] = Reply(status=302, headers={"Location": "/", "Set-Cookie": "id=1"})
    fetcher = fetcher_for(server, user_agent="example.org me@example.org")
    fetcher.get(f"{server.base}/set")
    for _, headers in server.asked:
        assert headers.keys() == {"host", "user-agent", "accept", "accept-encoding"}
        assert headers["user-agent"].startswith("example.org me@example.org llmx/")
    with pytest.raises(UsageError, match="printable"):
        WebOptions(user_agent="a\r\nX-Other: b")


def test_robots_txt_is_obeyed_and_read_once(server: PageServer) -> None:
    server.pages["/robots.txt"] = Reply(
        b"User-agent: *\nDisallow: /private*\nAllow: /private/open\nDisallow: /*.cgi$\nCrawl-delay: 3\n"
    )
    server.pages |= {"/private/open/a": PAGE, "/private/b": PAGE, "/x.cgi": PAGE, "/x.cgi?y": PAGE}
    patience = Patience()
    fetcher = fetcher_for(server, patience)
    assert fetcher.get(f"{server.base}/private/open/a").data == PAGE
    assert fetcher.get(f"{server.base}/x.cgi?y").data == PAGE
    assert "robots.txt" in why(fetcher, f"{server.base}/private/b")
    assert "robots.txt" in why(fetcher, f"{server.base}/x.cgi")
    assert [path for path, _ in server.asked].count("/robots.txt") == 1
    assert patience.slept == [3.0]


def test_a_robots_txt_that_speaks_of_llmx_counts_before_one_for_all(server: PageServer) -> None:
    server.pages["/robots.txt"] = Reply(b"User-agent: *\nAllow: /\n\nUser-agent: llmx\nDisallow: /\n")
    assert "asks not to" in why(fetcher_for(server), f"{server.base}/")


def test_without_a_robots_txt_all_is_allowed_and_with_one_that_cannot_be_read_nothing(server: PageServer) -> None:
    for status, allowed in ((404, True), (410, True), (403, True), (500, False), (503, False), (429, False)):
        server.pages["/robots.txt"] = Reply(status=status)
        fetcher = fetcher_for(server)
        if allowed:
            assert fetcher.get(f"{server.base}/").data == PAGE
        else:
            assert f"cannot be read, so nothing of it is fetched: {server.base}/robots.txt" in why(
                fetcher, f"{server.base}/"
            )
    server.pages["/robots.txt"] = Reply(b"#" * 600_000 + b"\nUser-agent: *\nDisallow: /\n")
    assert fetcher_for(server).get(f"{server.base}/").data == PAGE  # beyond 512 KiB nothing counts


def test_between_two_requests_to_a_host_there_is_a_pause(server: PageServer) -> None:
    server.pages["/b"] = PAGE
    patience = Patience()
    fetcher = fetcher_for(server, patience, delay_s=2.0)
    for path in ("/", "/b", "/"):
        fetcher.get(f"{server.base}{path}")
    assert patience.slept == [2.0, 2.0, 2.0]  # before each page but for robots.txt, which came first
    with pytest.raises(UsageError, match="--url-delay"):
        WebOptions(delay_s=-1)


def test_a_fault_that_passes_is_tried_again_and_one_that_stays_is_not(server: PageServer) -> None:
    replies = [Reply(status=503, headers={"Retry-After": "7"}), Reply(status=429), Reply(PAGE)]
    server.pages["/busy"] = lambda _: replies.pop(0)
    patience = Patience()
    assert fetcher_for(server, patience).get(f"{server.base}/busy").data == PAGE
    assert patience.slept == [7.0, 2.0]
    for status, words in (
        (404, "nothing at this address"),
        (401, "login"),
        (403, "refuses"),
        (410, "taken away"),
        (599, "HTTP 599"),
    ):
        server.pages["/gone"] = Reply(status=status)
        before = len(server.paths)
        assert words in why(fetcher_for(server), f"{server.base}/gone")
        assert len(server.paths) == before + 1
    server.pages["/down"] = Reply(status=500)
    before = len(server.paths)
    assert "HTTP 500" in why(fetcher_for(server), f"{server.base}/down")
    assert len(server.paths) == before + 3
    server.pages["/later"] = Reply(status=503, headers={"Retry-After": "86400"})
    before = len(server.paths)
    assert "HTTP 503" in why(fetcher_for(server), f"{server.base}/later")
    assert len(server.paths) == before + 1


def test_a_page_that_breaks_off_is_tried_again_and_then_a_fault(server: PageServer) -> None:
    server.pages["/cut"] = Reply(lambda out: out.write(b"<html>half"), headers={"Content-Length": "100"})
    assert "cannot be fetched" in why(fetcher_for(server), f"{server.base}/cut")
    assert len(server.paths) == 3


def endless(out: Any) -> None:
    for _ in range(10_000):
        out.write(b"x" * 65_536)


def test_size_is_bounded_whatever_the_server_says_of_it(server: PageServer) -> None:
    deflate = zlib.compressobj(1, zlib.DEFLATED, 31)
    bomb = b"".join(deflate.compress(bytes(1 << 20)) for _ in range(8)) + deflate.flush()
    packed = {"Content-Encoding": "gzip"}
    server.pages |= {
        "/said": Reply(headers={"Content-Length": "999999999999"}),
        "/endless": Reply(endless),
        "/bomb": Reply(bomb, headers=packed),
        "/twice": Reply(gzip.compress(bomb), headers=packed),
    }
    fetcher = fetcher_for(server, max_bytes=1 << 20)
    for path in ("/said", "/endless", "/bomb"):
        assert "is larger than 1 MiB" in why(fetcher, f"{server.base}{path}"), path
    assert fetcher.get(f"{server.base}/twice").data == bomb  # unpacked once; what is in it has bounds of its own
    assert len(server.paths) == 4


def test_only_the_packing_that_was_asked_for_is_unpacked(server: PageServer) -> None:
    server.pages |= {
        "/gzip": Reply(gzip.compress(PAGE), headers={"Content-Encoding": "GZIP"}),
        "/br": Reply(PAGE, headers={"Content-Encoding": "br"}),
        "/damaged": Reply(gzip.compress(PAGE * 99)[:-20], headers={"Content-Encoding": "gzip"}),
        "/no-gzip": Reply(PAGE, headers={"Content-Encoding": "gzip"}),
    }
    fetcher = fetcher_for(server)
    assert fetcher.get(f"{server.base}/gzip").data == PAGE
    assert "packed by br" in why(fetcher, f"{server.base}/br")
    assert "ends before it is unpacked" in why(fetcher, f"{server.base}/damaged")
    assert "cannot be fetched" in why(fetcher, f"{server.base}/no-gzip")


def test_a_page_is_kept_and_asked_for_only_by_its_marks(server: PageServer, tmp_path: Path) -> None:
    def page(headers: dict[str, str]) -> Reply:
        same = (
            headers.get("if-none-match") == '"1"'
            and headers.get("if-modified-since") == "Mon, 02 Nov 2026 00:00:00 GMT"
        )
        marks = {"ETag": '"1"', "Last-Modified": "Mon, 02 Nov 2026 00:00:00 GMT"}
        return Reply(b"" if same else PAGE, 304 if same else 200, marks)

    server.pages["/page"] = page
    kept = [fetcher_for(server, cache=tmp_path / "pages").get(f"{server.base}/page") for _ in range(2)]
    assert kept[0].data == kept[1].data == PAGE
    assert [headers.get("if-none-match") for path, headers in server.asked if path == "/page"] == [None, '"1"']
    (file,) = (tmp_path / "pages").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_fresh_page_is_not_asked_for_and_one_that_may_not_be_kept_is_not(server: PageServer, tmp_path: Path) -> None:
    server.pages["/fresh"] = Reply(PAGE, headers={"Cache-Control": "public, max-age=600"})
    server.pages["/secret"] = Reply(PAGE, headers={"Cache-Control": "no-store, max-age=600"})
    for _ in range(2):
        fetcher = fetcher_for(server, cache=tmp_path)
        fetcher.get(f"{server.base}/fresh")
        fetcher.get(f"{server.base}/secret")
    assert server.paths == ["/fresh", "/secret", "/secret"]


def test_a_damaged_page_counts_as_not_there_and_the_oldest_go_first(tmp_path: Path) -> None:
    cache = PageCache(tmp_path, limit_bytes=2_000)
    page = WebPage("http://a/", b"words", "2026-11-27T20:00:00Z", "0" * 64)
    cache.put(page)
    assert cache.get("http://a/") is None  # its hash is another one
    for file in tmp_path.iterdir():
        file.write_bytes(b"no json")
    assert cache.get("http://a/") is None
    for number in range(120):
        cache.put(WebPage(f"http://a/{number}", b"x" * 100, "", ""))
    count, size = cache.size()
    assert size <= 2_000 + 50 * 400
    assert cache.clear() == count
