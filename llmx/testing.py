"""A pytest plugin: tests that use a model, without one.

``cassette("invoices")`` gives the settings of an endpoint that replays the answers in ``cassettes/invoices`` beside the
test, and closes the network. ``pytest --llmx-record`` asks the real endpoint and records them. Installing llmx
registers the plugin; it is loaded by every pytest run on the machine, so it imports nothing until it is used. ::

    def test_reads_an_invoice(cassette):
        endpoint = cassette("invoices", model="gpt-4o-mini")
        [record] = llmx.extract(["invoice.txt"], schema=Invoice, endpoint=endpoint)
        assert record.data.total == 12
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from llmx.endpoint import EndpointSettings


class NetworkClosedError(RuntimeError):
    """A test tried to reach a host that it may not reach."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--llmx-record``."""
    group = parser.getgroup("llmx")
    group.addoption(
        "--llmx-record", action="store_true", help="record the llmx cassettes anew, from the real endpoints"
    )


@pytest.fixture
def cassette(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., EndpointSettings]:
    """Return a function from a cassette's name, and what else EndpointSettings takes, to the endpoint's settings.

    On a replay every connection is refused; while recording, every one but those to this machine and to the endpoint.
    Model, base URL and key of a recording come from the arguments, else from LLMX_MODEL, LLMX_BASE_URL and
    OPENAI_API_KEY.
    """
    recording = bool(request.config.getoption("--llmx-record"))
    allowed: set[str] = set()
    _close_network(monkeypatch, allowed, loopback=recording)
    folder: Path = request.path.parent / "cassettes"

    def settings(name: str, **more: Any) -> EndpointSettings:
        from llmx.endpoint import EndpointSettings  # noqa: PLC0415 - nothing is imported before it is used
        from llmx.endpoint.known_providers import with_provider  # noqa: PLC0415 - as above

        if not recording:
            return EndpointSettings(replay=folder / name, **more)
        more.setdefault("model", os.environ.get("LLMX_MODEL", ""))
        more.setdefault("base_url", os.environ.get("LLMX_BASE_URL"))
        made = with_provider(EndpointSettings(record=folder / name, cache=False, **more))
        allowed.add(_host(made.base_url))
        return made

    return settings


def _host(base_url: str | None) -> str:
    from urllib.parse import urlsplit  # noqa: PLC0415 - nothing is imported before it is used

    return urlsplit(base_url or "https://api.openai.com/v1").hostname or ""


def _close_network(monkeypatch: pytest.MonkeyPatch, allowed: set[str], *, loopback: bool) -> None:
    """Refuse connections and name look-ups over IP, but to ``allowed`` hosts (and this machine)."""
    import socket  # noqa: PLC0415 - nothing is imported before it is used

    look_up, names = socket.getaddrinfo, {"connect": socket.socket.connect, "connect_ex": socket.socket.connect_ex}
    if loopback:
        allowed |= {"localhost", "127.0.0.1", "::1"}

    def refuse(host: object) -> None:
        told = host.decode() if isinstance(host, bytes) else str(host)
        if told not in allowed:
            raise NetworkClosedError(
                f"the network is closed for this test, it tried to reach {told!r}. Is every request in the cassette? "
                "`pytest --llmx-record` records them anew."
            )

    def guarded_look_up(host: Any, *more: Any, **named: Any) -> Any:
        refuse(host)
        found = look_up(host, *more, **named)
        allowed.update(str(address[4][0]) for address in found)
        return found

    def guarded(original: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family in {socket.AF_INET, socket.AF_INET6}:
                refuse(address[0])
            return original(self, address)

        return connect

    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    for name, original in names.items():
        monkeypatch.setattr(socket.socket, name, guarded(original))
