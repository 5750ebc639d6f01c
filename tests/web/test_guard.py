"""What an attacker writes to have llmx ask a host that nobody named, and that it never does."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Sequence

import pytest

from llmx.errors import DocumentError
from llmx.web import WebOptions
from llmx.web.addresses import refusal
from llmx.web.fetch import Fetcher
from llmx.web.urls import checked_url, shown_url
from tests.web.page_server import PageServer, Reply, serving_pages

LITERALS = [
    "127.0.0.1",
    "127.1.2.3",
    "127.255.255.254",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "169.254.169.254",
    "169.254.170.2",
    "169.254.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "0.0.0.0",
    "0.1.2.3",
    "255.255.255.255",
    "240.0.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "198.18.0.1",
    "192.88.99.1",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:0001]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[::ffff:0:127.0.0.1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::192.168.0.1]",
    "[::5db8:d822]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::1]",
    "[64:ff9b:1:7f00:0:100::]",
    "[2002:7f00:1::]",
    "[2002:7f00:0001::1]",
    "[2002:a9fe:a9fe::]",
    "[2002:c0a8:1::1]",
    "[2002:0a00:0001::]",
    "[2001::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[2001:db8::1]",
    "[2001:10::1]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fe80::1%251]",
    "[febf::1]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00::1]",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    "[fdff:ffff::1]",
    "[ff02::1]",
    "[ff05::1:3]",
    "[100::1]",
    "[3fff::1]",
    "[4000::1]",
    "[5f00::1]",
    "[8000::1]",
    "[::1%250]",
]
ODD_HOSTS = [
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7F.1",
    "0177.0.0.1",
    "0177.0.0.01",
    "127.1",
    "127.0.1",
    "127.0.0.1.",
    "127.0.0.1..",
    "0",
    "00000177.0.0.1",
    "127.0.0.01",
    "127.000.000.001",
    "0x7f.0x0.0x0.0x1",
    "3232235521",
    "0xa9fea9fe",
    "2852039166",
    "425.510.425.510",
    "1.1.1.1.1",
    "256.256.256.256",
    "0x",
    "0x.0x.0x.0x",
    "127.0.0.0x1",
    "example.0x7f",
    "999999999999",
    "1e3.7",
    "127.0.0.1.0",
    "08.8.8.8",
    "192.168.1",
    "127。0。0。1",
    "127．0．0．1",
    "127｡0｡0｡1",
    "１２７.０.０.１",
    "①②⑦.⓪.⓪.①",
    "⑯⑨。②⑤④。⑯⑨｡②⑤④",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "LocalHost",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "ｌｏｃａｌｈｏｓｔ",
    "foo.localhost",
    "a.b.localhost.",
    "localhost.localdomain.local",
    "printer.local",
    "metadata",
    "metadata.google.internal",
    "instance-data.ec2.internal",
    "router.lan",
    "wiki.intranet",
    "nas.home.arpa",
    "intranet",
    "kubernetes.default.svc.cluster.local",
    "loca\xadlhost",
    "loc\u200balhost",
    "[::1",
    "::1]",
    "[::1].",
    "[127.0.0.1]",
    "[::ffff:127.0.0.1%0]",
    "[]",
    ".",
    "..",
    "-a.example",
    "a_",
    "%6c%6f%63%61%6c%68%6f%73%74",
    "127.0.0.1%00.example.org",
    "127.0.0.1%2eexample.org",
    "ex",
    "ample.org",
    "example.org%00",
    "%31%32%37.0.0.1",
    "example..org",
]
WHOLE = [
    "http://example.org@127.0.0.1/", "http://127.0.0.1@example.org/", "https://user:password@example.org/",
    "https://:@example.org/", "https://@example.org/", "http://example.org:80@127.0.0.1/", "http://a@b@127.0.0.1/",
    "http://127.0.0.1\\@example.org/", "http://example.org\\@127.0.0.1/", "http:\\\\127.0.0.1/", "http:/127.0.0.1/",
    "http:127.0.0.1/", "http:///127.0.0.1/", "http://\t127.0.0.1/", "http://127.0.0.1\n/", "http://example.org/\r\nHost: x",
    "http://example.org/a b", " http://127.0.0.1/", "http://example.org\x00.internal/", "http://example.org#@127.0.0.1/",
    "http://127.0.0.1#@example.org/", "http://127.0.0.1?@example.org/", "http://example.org:0/", "http://example.org:22/",
    "http://example.org:25/", "http://example.org:6379/", "http://example.org:11211/", "http://example.org:9200/",
    "http://example.org:2375/", "http://example.org:65536/", "http://example.org:99999999999/", "http://example.org:-1/",
    "http://example.org:80:80/", "http://example.org:٨٠/", "http://example.org:8e1/", "ftp://example.org/", "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO", "dict://127.0.0.1:11211/", "jar:http://127.0.0.1!/", "javascript:alert(1)",
    "data:text/html,x", "//127.0.0.1/", "http://", "https://", "http://?", "http:// /", "http://[", "http://]", "http://[::1",
    "http://example.org\u202e/", "http://example.org/" + "a" * 5000, "unix:///var/run/docker.sock", "https:example.org",
]  # fmt: skip


def named(host: str, port: int) -> Sequence[str]:
    """The name server of a test: literal addresses are themselves, whatever else is on this machine."""
    try:
        return [str(ipaddress.ip_address(host.partition("%")[0]))]
    except ValueError:
        return [socket.inet_ntoa(socket.inet_aton(host))] if host[:1].isdigit() else ["127.0.0.1"]


def refused(url: str, fetcher: Fetcher) -> str:
    try:
        page = fetcher.get(url)
    except DocumentError as exc:
        return exc.message
    raise AssertionError(f"{url!r} was fetched: {page.data!r}")


def test_no_hostile_url_reaches_a_server_on_this_machine() -> None:
    hosts = [*LITERALS, *ODD_HOSTS]
    urls = [f"{scheme}://{host}/" for host in hosts for scheme in ("http", "https")] + WHOLE
    urls += [f"http://{host}:8080/latest/meta-data/" for host in hosts]
    assert len(set(urls)) > 400
    # port 8080 and the others would be asked on this machine, and nobody listens: it is the guard that has to speak
    fetcher = Fetcher(WebOptions(), resolved=named, sleep=lambda _: None)
    for url in urls:
        assert "cannot be fetched: [Errno" not in refused(url, fetcher), url
        assert "Connection refused" not in refused(url, fetcher), url
    fetcher.close()


def test_with_a_private_host_allowed_no_other_name_of_it_is() -> None:
    with serving_pages({"/": b"<html>inside"}) as server:
        fetcher = Fetcher(WebOptions(private_hosts=(server.host,)), resolved=named, sleep=lambda _: None)
        assert fetcher.get(f"{server.base}/").data == b"<html>inside"
        asked = len(server.asked)
        for host in [*LITERALS, *ODD_HOSTS]:
            if host != "127.0.0.1":
                refused(f"http://{host}:{server.port}/", fetcher)
        for url in WHOLE:
            if "?@" in url:
                continue  # a query of the host that is allowed
            refused(url.replace("127.0.0.1", f"127.0.0.1:{server.port}", 1), fetcher)
        assert len(server.asked) == asked
        fetcher.close()


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"], ["10.1.2.3"], ["169.254.169.254"], ["93.184.215.14", "127.0.0.1"], ["::1", "93.184.215.14"],
        ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"], ["2002:7f00:1::"], ["fe80::1%eth0"], ["not an address"], ["0.0.0.0"],
    ],
    ids=str,
)  # fmt: skip
def test_a_public_name_with_one_address_inside_is_not_connected_to(answers: list[str]) -> None:
    fetcher = Fetcher(WebOptions(), resolved=lambda *_: answers, sleep=lambda _: None)
    assert "is an address" in refused("http://harmless.example.org/", fetcher)


def test_the_address_that_was_checked_is_the_one_that_is_connected_to() -> None:
    """A name server that gives the second asker another answer (DNS rebinding) is asked once for a connection."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.2"] if len(asked) == 1 else ["127.0.0.1"]

    with serving_pages({"/": b"<html>inside"}) as server:
        # 127.0.0.2 is this machine, too, but nobody listens there: a second look-up would reach the server
        options = WebOptions(private_hosts=(f"rebind.example.org:{server.port}",))
        fetcher = Fetcher(options, resolved=rebinding, sleep=lambda _: None)
        backend = fetcher._transfer._backend
        with pytest.raises(Exception, match="refused"):
            backend.connect_tcp("rebind.example.org", server.port, 5.0)
        assert (asked, server.asked) == (["rebind.example.org"], [])


def test_an_allowed_private_host_does_not_lead_to_the_metadata_of_the_cloud() -> None:
    fetcher = Fetcher(
        WebOptions(private_hosts=("intranet.example.org",)),
        resolved=lambda *_: ["169.254.169.254"],
        sleep=lambda _: None,
    )
    assert "metadata service" in refused("http://intranet.example.org/", fetcher)


REDIRECTS = [
    "http://127.0.0.2/", "http://localhost/", "http://169.254.169.254/latest/", "//10.0.0.1/", "http://[::1]/",
    "http://2130706433/", "file:///etc/passwd", "ftp://example.org/", "http://user:secret@example.org/", "http://[",
    "http://example.org:22/", "gopher://x/", "javascript:x", "http://[::ffff:127.0.0.1]/", "http://0x7f.1/",
    "\\\\127.0.0.1\\", "http://metadata.google.internal/", "http://exa\tmple.org/", "http://127。0。0。1/",
]  # fmt: skip


def test_a_redirect_is_checked_like_a_url_that_somebody_named() -> None:
    with serving_pages({"/ok": b"<html>ok"}) as server:
        for number, target in enumerate(REDIRECTS):
            server.pages[f"/{number}"] = Reply(status=302, headers={"Location": target})
        fetcher = Fetcher(WebOptions(private_hosts=(server.host,)), resolved=named, sleep=lambda _: None)
        for number, target in enumerate(REDIRECTS):
            message = refused(f"{server.base}/{number}", fetcher)
            assert "secret" not in message, target
        assert len(server.paths) == len(REDIRECTS)
        fetcher.close()


def test_a_page_of_the_internet_does_not_lead_into_a_private_network_that_may_be_fetched() -> None:
    with serving_pages({"/secret": b"<html>inside"}) as inside:
        fetcher = Fetcher(WebOptions(private_hosts=(inside.host,)), sleep=lambda _: None)
        with pytest.raises(DocumentError, match="a private host, which is not followed"):
            fetcher.get(f"{inside.base}/secret", named_by="example.org")
        assert fetcher.get(f"{inside.base}/secret", named_by="127.0.0.1").data == b"<html>inside"
        fetcher.close()


def test_redirects_in_a_circle_end() -> None:
    with serving_pages({"/a": Reply(status=302, headers={"Location": "/a"})}) as server:
        fetcher = Fetcher(WebOptions(private_hosts=(server.host,)), sleep=lambda _: None)
        assert "on and on" in refused(f"{server.base}/a", fetcher)
        assert len(server.paths) < 12
        fetcher.close()


def test_what_stands_before_the_host_is_neither_sent_nor_shown() -> None:
    for url in ("https://me:secret@example.org/a", "https://secret@example.org", "http://a:secret@b:secret@c/x?y#z"):
        assert "secret" not in shown_url(url)
        with pytest.raises(DocumentError) as caught:
            checked_url(url)
        assert "secret" not in str(caught.value)


def test_public_addresses_and_plain_urls_pass() -> None:
    for address in ("93.184.215.14", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1",
                    "64:ff9b::8.8.8.8", "::ffff:8.8.8.8", "2002:808:808::1"):  # fmt: skip
        assert refusal(address) is None, address
    for url in ("https://example.org", "https://EXAMPLE.org:8443/a?b=c&d=%20#e", "http://bücher.example/ü?q=ß",
                "https://xn--bcher-kva.example/", "https://a-b.c_d.example.co.uk/", "https://1.1.1.1/", "http://[2606:4700::1111]/",
                "https://example.org/@handle", "https://1password.example.com/", "https://0x.example.org/"):  # fmt: skip
        checked_url(url)


def slow_drip(server: PageServer, stop: threading.Event) -> None:
    def body(out: object) -> None:
        while not stop.wait(0.01):
            out.write(b"<")  # type: ignore[attr-defined]
            out.flush()  # type: ignore[attr-defined]

    server.pages["/drip"] = Reply(body, headers={"Content-Type": "text/html"})


@pytest.mark.slow
def test_a_server_that_never_ends_is_given_up_at_the_limit() -> None:
    stop = threading.Event()
    with serving_pages({}) as server:
        slow_drip(server, stop)
        fetcher = Fetcher(WebOptions(private_hosts=(server.host,), limit_s=0.1), sleep=lambda _: None)
        assert "longer than 0.1 s" in refused(f"{server.base}/drip", fetcher)
        stop.set()
        fetcher.close()
