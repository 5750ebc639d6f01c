"""What a hostile server cannot do to a provider that is reached over its own SDK: every kind of them, on loopback."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from llmx.endpoint.providers.connections import MOST_BODY_BYTES
from llmx.errors import RequestError
from tests.endpoint.providers.native.extracting import outcome
from tests.endpoint.providers.native.servers import ApiServer
from tests.endpoint.providers.native.test_wire import CASES, Case
from tests.fault_server import FaultServer, Received, Step, status


@pytest.fixture(params=CASES, ids=lambda case: case.model.partition("/")[0])
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    pytest.importorskip(found.sdk)
    return found


@pytest.mark.parametrize("code", [302, 307])
async def test_no_redirect_is_followed(code: int, case: Case, tmp_path: Path) -> None:
    async with FaultServer() as other:

        def elsewhere(request: Received) -> Step:
            return status(code, location=f"http://127.0.0.1:{other.port}{request.path}")

        async with ApiServer(case.api(), [elsewhere] * 9) as server:
            got, _ = await outcome(server, case.model, tmp_path, headers=(("X-Team", "a secret"),))
            assert len(server.asked) == 1
    assert other.received == []
    assert isinstance(got, RequestError)
    assert f"redirects to http://127.0.0.1:{other.port}" in got.message


@pytest.mark.slow
async def test_of_an_answer_no_more_than_a_bound_is_read(case: Case, tmp_path: Path) -> None:
    bomb = Step(gzip.compress(b" " * (MOST_BODY_BYTES + 1)), headers={"Content-Encoding": "gzip"})
    async with ApiServer(case.api(), [bomb] * 9) as server:
        got, _ = await outcome(server, case.model, tmp_path)
        assert len(server.asked) == 1, "it is not asked for again"
    assert isinstance(got, RequestError)
    assert "more than 32 MB" in got.message
