from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from llmx.endpoint import EndpointSettings, open_endpoint
from tests.endpoint.asking import ask
from tests.fault_server import FaultServer, answer

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[1]
PLUGIN = ("-p", "llmx.testing", "-p", "no:cacheprovider")
TEST = """
import asyncio
from llmx.endpoint import open_endpoint
from tests.endpoint.asking import ask

def test_it(cassette):
    async def main():
        endpoint = open_endpoint(cassette("people", model="scripted-1", mode="json_schema"))
        try:
            return await endpoint.complete(ask())
        finally:
            await endpoint.aclose()
    assert asyncio.run(main()).text == '{"name": "Ada"}'
"""


@pytest.fixture(autouse=True)
def _our_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # ours is named, whether llmx is installed or not


def recorded(folder: Path) -> None:
    """Record what TEST asks for."""

    async def main() -> None:
        async with FaultServer([answer()]) as server:
            endpoint = open_endpoint(EndpointSettings("scripted-1", server.base_url, record=folder, cache=False))
            await endpoint.complete(ask())
            await endpoint.aclose()

    asyncio.run(main())


def test_a_test_replays_the_cassette_beside_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TEST)
    recorded(pytester.path / "cassettes" / "people")
    pytester.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=1)


def test_what_was_not_recorded_fails_and_says_so(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TEST)
    result = pytester.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no cassette folder*"])


@pytest.mark.slow
def test_recording_asks_the_endpoint_and_the_next_run_replays(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(TEST, server=SERVER)
    pytester.makeconftest(CONFTEST)
    pytester.runpytest_subprocess(*PLUGIN, "--llmx-record").assert_outcomes(passed=1)
    assert len(list((pytester.path / "cassettes" / "people").glob("*.json"))) == 1
    (pytester.path / "conftest.py").unlink()
    pytester.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=1)


SERVER = """
import asyncio, sys
from tests.fault_server import FaultServer
async def main():
    async with FaultServer() as server:
        print(server.base_url, flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""
CONFTEST = """
import os, subprocess, sys
server = subprocess.Popen([sys.executable, "server.py"], stdout=subprocess.PIPE, text=True)
os.environ["LLMX_BASE_URL"] = server.stdout.readline().strip()
def pytest_unconfigure():
    server.kill()
    server.wait()
"""

NETWORK = """
import socket, pytest

@pytest.mark.parametrize("host", HOSTS)
def test_it(cassette, host):
    cassette("people", base_url="http://127.0.0.2:1/v1")
    with socket.socket() as connection:
        connection.settimeout(0.2)
        try:
            connection.connect((host, 9))
        except RuntimeError as error:
            assert "the network is closed" in str(error)
            assert "--llmx-record" in str(error)
        except OSError:
            pytest.skip("let through")
        else:
            pytest.skip("let through")
"""


def test_on_a_replay_no_connection_is_let_through(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("HOSTS = ['127.0.0.1', '127.0.0.2', '192.0.2.1']" + NETWORK)
    pytester.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=3)


def test_while_recording_only_this_machine_and_the_endpoint_are_let_through(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("HOSTS = ['127.0.0.1', '127.0.0.2', '192.0.2.1']" + NETWORK)
    pytester.runpytest_subprocess(*PLUGIN, "--llmx-record").assert_outcomes(passed=1, skipped=2)


def test_names_are_not_looked_up_either(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import socket, pytest
        def test_it(cassette):
            with pytest.raises(RuntimeError, match="closed"):
                socket.getaddrinfo("example.com", 443)
            with pytest.raises(RuntimeError, match="closed"):
                socket.create_connection(("example.com", 443))
        def test_the_next_test_has_its_network_back():
            assert socket.getaddrinfo("127.0.0.1", 443)
        """
    )
    pytester.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=2)


def test_the_plugin_costs_a_pytest_run_nothing() -> None:
    code = "import pytest, sys; had = set(sys.modules); import llmx.testing; print(sorted(set(sys.modules) - had))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout.strip() == "['llmx', 'llmx.testing']"
