"""Batches of Anthropic and Google, over their own SDKs, make the records of a live run, whatever becomes of the lines."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.invoices import Invoice
from bench.mock_server import Mock
from llmx.endpoint import EndpointSettings, open_endpoint
from llmx.endpoint.batch.file import state_path
from llmx.endpoint.batch.opening import open_batches
from llmx.endpoint.batch.state import BatchState
from llmx.endpoint.price import batch_share
from llmx.errors import ConfigError, ConnectError, RequestError
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.run import OutputOptions, RunOptions, Summary
from llmx.run.batch_run import BatchJob, run_batch
from llmx.run.options import BatchOptions
from tests.endpoint.batch.native_servers import (
    AnthropicBatchServer,
    GoogleBatchServer,
    Json,
    NativeBatchServer,
    answered,
    serving_natively,
)
from tests.endpoint.providers.native.servers import KEY
from tests.run.mocked import SOON, Setup, into, invoices, lines
from tests.run.test_batch_run import timeless

pytestmark = pytest.mark.slow

SERVERS = {"anthropic": AnthropicBatchServer, "google": GoogleBatchServer}


@pytest.fixture(name="opened", params=list(SERVERS))
def _opened(request: pytest.FixtureRequest) -> Callable[..., Any]:
    pytest.importorskip({"anthropic": "anthropic", "google": "google.genai"}[request.param])
    return lambda **more: serving_natively(SERVERS[request.param](**more))


@contextlib.asynccontextmanager
async def natively(server: NativeBatchServer, folder: Path) -> AsyncIterator[Setup]:
    model = f"{server.api.name}/{server.api.model}"
    made = EndpointSettings(model, base_url=server.base_url, api_key=KEY, mode="tools", cache_dir=folder)
    endpoint = open_endpoint(made, policy=SOON)
    try:
        plan = Extractor(Invoice, Options()).plan(await endpoint.resolve())
        yield Setup(plan, endpoint, Mock(), server.base_url)  # no mock is asked
    finally:
        await endpoint.aclose()


async def batch(setup: Setup, target: Path, **how: Any) -> Summary:
    """A batch run over six invoices, as far as it goes now; by default it waits for its end."""
    form, service = open_batches(setup.endpoint.provider)
    state = BatchState(state_path(target))
    options = BatchOptions(**{"wait": True, "poll_s": 0.01, **how})
    job = BatchJob(state, form, service, OutputOptions(target), RunOptions(), options)
    try:
        return await run_batch(lambda: invoices(6), setup.endpoint, setup.plan, job=job)
    finally:
        if state_path(target).exists():
            state.close()
        await service.aclose()


def at_first(lines: list[Json], server: NativeBatchServer, told: dict[str, Json]) -> list[Json]:
    """Lines 1 to 3 of the first batch meet what is ``told``; the rest comes in reverse, one line twice, one strange."""
    if server.paid:
        return answered(lines, server)
    name = "custom_id" if server.api.name == "anthropic" else "key"
    good = [server.answer(line) for line in reversed(lines[3:])]
    bad = [{name: line[name], **each} for line, each in zip(lines, told.values(), strict=False)]
    return [*good, *bad, good[0], {**good[0], name: "f" * 64}]


def all_at_once(lines: list[Json], server: NativeBatchServer) -> list[Json]:
    """What the providers' references say can become of a line."""
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    theirs: dict[str, dict[str, Json]] = {
        "anthropic": {
            "expired": {"result": {"type": "expired"}},
            "canceled": {"result": {"type": "canceled"}},
            "errored": {"result": {"type": "errored", "error": error}},
        },
        "google": {
            "unavailable": {"error": {"code": 14, "message": "The model is overloaded", "status": "UNAVAILABLE"}},
            "quota": {"status": {"code": 429, "message": "Resource exhausted"}},
            "nothing": {},
        },
    }
    return at_first(lines, server, theirs[server.api.name])


async def live(server: NativeBatchServer, folder: Path) -> bytes:
    """The bytes that a live run writes; the server forgets that it was asked."""
    async with natively(server, folder / "live") as setup:
        summary = await into(setup, folder / "live.jsonl", invoices(6))
    assert summary.statuses == {"ok": 6}
    server.live.clear()
    return timeless(folder / "live.jsonl")


async def test_whatever_becomes_of_the_lines_the_bytes_are_those_of_a_live_run(tmp_path: Path, opened: Any) -> None:
    with opened(script=all_at_once) as server:
        wanted = await live(server, tmp_path)
        async with natively(server, tmp_path / "cache") as setup:
            summary = await batch(setup, tmp_path / "out.jsonl")
            again = await into(setup, tmp_path / "again.jsonl", invoices(6))
    assert timeless(tmp_path / "out.jsonl") == wanted
    assert (summary.statuses, summary.batched) == ({"ok": 6}, summary.paid)
    assert summary.paid.total_tokens > 0
    assert set(server.paid.values()) == {1}
    assert (server.live, again.paid.total_tokens) == ([], 0)  # a live run finds what the batches brought
    assert not server.batches
    assert all("displayName" not in each for each in server.files.values())  # no file with documents is left
    assert not state_path(tmp_path / "out.jsonl").exists()


async def test_a_batch_whose_id_was_lost_is_found_again_and_paid_once(tmp_path: Path, opened: Any) -> None:
    with opened(deaf=True, holds=True) as server:
        async with natively(server, tmp_path / "cache") as setup:
            with pytest.raises(ConnectError):
                await batch(setup, tmp_path / "out.jsonl", wait=False)
            waiting = await batch(setup, tmp_path / "out.jsonl", wait=False)
            server.release()
            done = await batch(setup, tmp_path / "out.jsonl")
    assert (waiting.stopped, waiting.documents) == ("batch", 0)
    assert done.statuses == {"ok": 6}
    assert sorted(server.paid.values()) == [1] * 6


async def test_a_line_that_is_refused_fails_its_document_and_no_other(tmp_path: Path, opened: Any) -> None:
    def refused(lines: list[Json], server: NativeBatchServer) -> list[Json]:
        good = answered(lines, server)
        told = "prompt is too long"
        if server.api.name == "anthropic":
            error = {"type": "error", "error": {"type": "invalid_request_error", "message": told}}
            good[0] = {**good[0], "result": {"type": "errored", "error": error}}
        else:
            good[0] = {"key": good[0]["key"], "error": {"code": 3, "message": told, "status": "INVALID_ARGUMENT"}}
        return good

    with opened(script=refused) as server:
        async with natively(server, tmp_path / "cache") as setup:
            summary = await batch(setup, tmp_path / "out.jsonl")
    failed = [line for line in lines(tmp_path / "out.jsonl") if line["status"] == "failed"]
    assert summary.statuses == {"ok": 5, "failed": 1}
    assert "prompt is too long" in failed[0]["issues"][0]["message"]


async def test_anothers_batch_of_as_many_lines_is_neither_taken_nor_cancelled(tmp_path: Path) -> None:
    pytest.importorskip("anthropic")
    with serving_natively(AnthropicBatchServer()) as server:
        async with natively(server, tmp_path / "cache") as setup:
            state = BatchState(state_path(tmp_path / "out.jsonl"))
            server.create([{"custom_id": f"theirs-{number}", "params": {}} for number in range(6)])
            state.close()
            server.script = answered
            summary = await batch(setup, tmp_path / "out.jsonl")
    assert summary.statuses == {"ok": 6}
    assert list(server.batches) == ["msgbatch_1"]


async def test_a_provider_whose_batch_api_is_not_spoken_is_refused_by_name_and_with_what_to_do(tmp_path: Path) -> None:
    for model, name in (("vertexai/gemini-scripted-1", "Vertex AI"), ("mistral/x", "Mistral")):
        endpoint = open_endpoint(EndpointSettings(model, api_key=KEY, mode="tools", cache_dir=tmp_path))
        with pytest.raises(ConfigError, match=f"does not speak the batch API of {name}") as refused:
            open_batches(endpoint.provider)
        assert "leave out --batch" in refused.value.hint.lower()
        await endpoint.aclose()


def test_what_goes_in_a_batch_is_half_the_price_at_both() -> None:
    assert batch_share("anthropic/claude-sonnet-4-5") == batch_share("google/gemini-2.5-flash") * 1
    assert float(batch_share("anthropic/claude-sonnet-4-5")) == 0.5


async def test_no_key_goes_to_a_host_that_an_answer_names(tmp_path: Path) -> None:
    pytest.importorskip("anthropic")
    with serving_natively(AnthropicBatchServer()) as server:
        async with natively(server, tmp_path / "cache") as setup:
            elsewhere = server.base_url.replace("127.0.0.1", "localhost")
            setup.endpoint.provider.access = replace(setup.endpoint.provider.access, base_url=elsewhere)  # type: ignore[union-attr]
            with pytest.raises(RequestError, match=r"names an address at 127\.0\.0\.1"):
                await batch(setup, tmp_path / "out.jsonl")
