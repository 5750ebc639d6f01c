"""What a URL brings are documents like those of files, and nothing is fetched unless somebody asks for it."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmx.documents import Document, DocumentStream, Unreadable, read_documents
from llmx.errors import UsageError
from llmx.web import WebOptions
from tests.web.page_server import PageServer, Reply, serving_pages

HTML = "<html><head><title>Übersicht</title></head><body><p>Grüße aus Köln</p></body></html>"


@pytest.fixture
def server() -> Iterator[PageServer]:
    with serving_pages({}) as running:
        yield running


def read(server: PageServer, *sources: Any, **options: Any) -> list[Document | Unreadable]:
    return list(stream(server, *sources, **options))


def stream(server: PageServer, *sources: Any, **options: Any) -> DocumentStream:
    return read_documents(list(sources), web=WebOptions(private_hosts=(server.host,), delay_s=0), **options)


def texts(documents: list[Document | Unreadable]) -> dict[str, str]:
    return {each.id: each.text.strip() if isinstance(each, Document) else each.error.message for each in documents}


def test_nothing_is_fetched_unless_it_is_asked_for(server: PageServer) -> None:
    for name in (
        f"{server.base}/a",
        f"sitemap:{server.base}/s.xml",
        f"feed:{server.base}/f",
        "HTTPS://user:secret@example.org/",
    ):
        with pytest.raises(UsageError, match="nothing is fetched unless you ask for it") as caught:
            read_documents(name)
        assert "secret" not in str(caught.value)
    with pytest.raises(UsageError, match="not fetched unless"):
        read_documents({"url": f"{server.base}/a"}, url_field="url")
    with pytest.raises(UsageError, match="no address that llmx knows"):
        read_documents("ftp://example.org/a", web=WebOptions())
    assert server.asked == []


def test_a_page_is_read_by_its_bytes_and_else_by_its_name_and_its_type(server: PageServer) -> None:
    server.pages |= {
        "/page": HTML.encode(),
        "/wrong.txt": Reply(rb"{\rtf1 Words of an RTF}", headers={"Content-Type": "text/plain"}),
        "/rows.csv": Reply(b"id,text\nr1,first\nr2,second\n", headers={"Content-Type": "text/plain"}),
        "/rows?format=csv": Reply(b"id,text\nq1,third\n", headers={"Content-Type": "text/csv; charset=utf-8"}),
        "/fragment": Reply(b"<b>bold</b> words", headers={"Content-Type": "text/html"}),
        "/plain": Reply(b"1 < 2 words", headers={"Content-Type": "text/plain"}),
        "/packed.txt.gz": Reply(gzip.compress(b"unpacked words"), headers={"Content-Type": "application/gzip"}),
    }
    found = read(server, *(f"{server.base}{path}" for path in server.pages))
    base = server.base
    assert texts(found) == {
        f"{base}/page": "Übersicht\n\nGrüße aus Köln", f"{base}/wrong.txt": "Words of an RTF", "r1": "first",
        "r2": "second", "q1": "third", f"{base}/fragment": "bold words", f"{base}/plain": "1 < 2 words",
        f"{base}/packed.txt.gz": "unpacked words",
    }  # fmt: skip
    assert found[0].source == f"{base}/page"
    assert found[2].source == f"{base}/rows.csv:2"


@pytest.mark.parametrize(
    ("body", "header", "wanted"),
    [
        (HTML.encode("cp1252"), "text/html; charset=ISO-8859-1", "Grüße aus Köln"),
        (HTML.encode("utf-8"), "text/html; charset=ISO-8859-1", "Grüße aus Köln"),  # the server is wrong
        (
            HTML.replace("<title>", "<meta charset=latin-1><title>").encode("utf-8"),
            "text/html; charset=utf-8",
            "Grüße aus Köln",
        ),
        (HTML.replace("<title>", "<meta charset=cp1251><title>Ж").encode("cp1251", "replace"), "text/html", "Ж"),
        (HTML.encode("utf-16"), "text/html; charset=utf-8", "Grüße aus Köln"),
        (HTML.encode("utf-8"), "text/html; charset=no-such-thing", "Grüße aus Köln"),
        ("日本語の文書".encode("shift_jis"), "text/plain; charset=Shift_JIS", "日本語の文書"),
    ],
)
def test_the_encoding_is_that_of_a_mark_then_of_the_server_then_of_the_page(
    server: PageServer, *, body: bytes, header: str, wanted: str
) -> None:
    server.pages["/page"] = Reply(body, headers={"Content-Type": header})
    (document,) = read(server, f"{server.base}/page")
    assert isinstance(document, Document), document
    assert wanted in document.text


def test_what_cannot_be_fetched_is_a_failed_document_that_names_the_url_and_why(server: PageServer) -> None:
    server.pages |= {"/ok": b"<html>fine", "/empty": Reply(b"")}
    found = texts(read(server, f"{server.base}/none", "http://127.0.0.1/", f"{server.base}/empty", f"{server.base}/ok"))
    assert "HTTP 404" in found[f"{server.base}/none"]
    assert "loopback" in found["http://127.0.0.1"]
    assert "is empty" in found[f"{server.base}/empty"]
    assert found[f"{server.base}/ok"] == "fine"


def test_a_row_may_have_the_url_of_its_document(server: PageServer, tmp_path: Path) -> None:
    server.pages |= {"/a": b"<html>text of a", "/b": b"<html>text of b"}
    rows = tmp_path / "rows.csv"
    rows.write_text(
        f"id,link,day,team\nA,{server.base}/a,2024-05-03,red\nB, {server.base}/b ,,blue\nC,{server.base}/c,,\nD,file:///etc/passwd,,\n"
    )
    found = read(server, str(rows), url_field="link", date_field="day")
    assert texts(found)["A"] == "text of a"
    first = found[0]
    assert isinstance(first, Document)
    assert (first.source, first.date, first.meta["team"]) == (f"{server.base}/a", dt.date(2024, 5, 3), "red")
    assert texts(found)["B"] == "text of b"
    assert "HTTP 404" in texts(found)["C"]
    assert "only http:// and https://" in str(found[3].error if isinstance(found[3], Unreadable) else "")
    mapped = read(server, {"id": "E", "link": f"{server.base}/a"}, url_field="link")
    assert texts(mapped) == {"E": "text of a"}


def sitemap(*urls: str, index: bool = False) -> Reply:
    outer, inner = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    body = "".join(f"<{inner}><loc>\n {url} </loc></{inner}>" for url in urls)
    return Reply(
        f'<?xml version="1.0"?><{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</{outer}>'.encode()
    )


def test_the_pages_of_a_sitemap_and_of_those_in_it_come_in_their_order(server: PageServer) -> None:
    base = server.base
    for name in "abcd":
        server.pages[f"/{name}"] = f"<html>page {name}".encode()
    server.pages |= {
        "/index.xml": sitemap(f"{base}/1.xml", f"{base}/2.xml.gz", f"{base}/none.xml", f"{base}/3.txt", index=True),
        "/1.xml": sitemap(f"{base}/b", f"{base}/a", "https://other.example/x", f"{base}/b"),
        "/2.xml.gz": Reply(gzip.compress(sitemap(f"{base}/c", f"{base}/a").body)),  # type: ignore[arg-type]
        "/3.txt": Reply(f"{base}/d\nno url\n".encode()),
    }
    documents = stream(server, f"sitemap:{base}/index.xml")
    assert list(texts(list(documents)).values()) == [
        "page b", "page a", "page c", f"{base}/none.xml cannot be fetched: HTTP 404 Not Found", "page d"
    ]  # fmt: skip
    assert documents.left_out == {"page of another host in a sitemap": 1}


def test_sitemaps_that_lead_to_each_other_or_deeper_and_deeper_end(server: PageServer) -> None:
    base = server.base
    server.pages |= {f"/{n}.xml": sitemap(f"{base}/{n + 1}.xml", f"{base}/0.xml", index=True) for n in range(40)}
    (end,) = read(server, f"sitemap:{base}/0.xml")
    assert "more than 3 lists" in str(end)
    assert len(server.paths) == 4


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12)
) + "]><urlset><url><loc>&m;</loc></url></urlset>"  # fmt: skip
XXE = (
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><urlset><url><loc>http://127.0.0.1/&e;</loc></url></urlset>'
)


@pytest.mark.parametrize(
    "body", [BOMB, XXE, "<urlset>", "<html><body>no", "", "just words", "<urlset/>", "<rss/>"], ids=range(8)
)
def test_what_is_no_list_or_a_hostile_one_is_told_and_harmless(server: PageServer, body: str) -> None:
    for kind in ("sitemap", "feed"):
        server.pages["/list"] = Reply(body.encode())
        found = read(server, f"{kind}:{server.base}/list")
        assert all(isinstance(each, Unreadable) for each in found), found
        assert len(found) == 1
        assert "root:" not in str(found[0])


def test_the_pages_of_a_feed_have_its_dates_where_they_have_none(server: PageServer) -> None:
    base = server.base
    dated = '<html><head><meta property="article:published_time" content="2020-01-02"></head><body>page b'
    server.pages |= {
        "/a": b"<html>page a", "/b": dated.encode(),
        "/rss": Reply(f"""<rss version="2.0"><channel><link>{base}/</link>
            <item><title>A</title><link> {base}/a </link><pubDate>Fri, 03 May 2024 08:00:00 GMT</pubDate></item>
            <item><guid>{base}/b</guid><pubDate>Sat, 04 May 2024 08:00:00 GMT</pubDate></item>
            <item><guid isPermaLink="false">nothing</guid></item></channel></rss>""".encode()),
        "/atom": Reply(b"""<feed xmlns="http://www.w3.org/2005/Atom"><link href="/"/>
            <entry><link rel="self" href="/self"/><link href="a"/><published>2024-05-05T10:00:00Z</published></entry>
            <entry><link rel="alternate" href="/b"/></entry></feed>"""),
    }  # fmt: skip
    days = [
        [each.date for each in read(server, f"feed:{base}/{name}") if isinstance(each, Document)]
        for name in ("rss", "atom")
    ]
    assert days == [[dt.date(2024, 5, 3), dt.date(2020, 1, 2)], [dt.date(2024, 5, 5), dt.date(2020, 1, 2)]]


def test_an_archive_from_the_web_has_documents_of_its_own(server: PageServer, tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("in/one.txt", "first")
        archive.writestr("two.json", json.dumps([{"id": "t", "text": "second"}]))
    server.pages["/files/x.zip"] = Reply((tmp_path / "x.zip").read_bytes())
    assert texts(read(server, f"{server.base}/files/x.zip")) == {
        f"{server.base}/files/x.zip!in/one.txt": "first",
        "t": "second",
    }
