"""A plan says what a run takes, and its simulation takes as long as the limiter of a run on a clock of its own."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from llmx.endpoint.wire import Response
from llmx.errors import OutputError
from llmx.run.adaptive_concurrency import AdaptiveConcurrency
from llmx.run.corpus_sample import measure_sample, recorded_sample
from llmx.run.limiter import RunLimiter
from llmx.run.request_simulation import EndpointLimits, simulate
from tests.cli.running import here
from tests.cli.test_dry_run import figures
from tests.endpoint import virtual_time
from tests.run.mocked import into, invoices, mocked

MIX = [(900.0, 100.0), (400.0, 60.0), (2500.0, 300.0), (700.0, 90.0)]


async def flown(limits: EndpointLimits, count: int) -> float:
    """The seconds that the limiter of a run takes for ``count`` requests that are answered after the latency."""
    loop = asyncio.get_running_loop()
    limiter = RunLimiter(AdaptiveConcurrency(limits.concurrency), rpm=limits.rpm, tpm=limits.tpm, clock=loop.time)

    async def ask(number: int) -> None:
        tokens = int(sum(MIX[number % len(MIX)]))
        await limiter.acquire(tokens)
        await asyncio.sleep(limits.latency_s)
        limiter.release(tokens, Response(200, {}, b'{"usage": {"total_tokens": %d}}' % tokens))

    await asyncio.gather(*(ask(number) for number in range(count)))
    return loop.time()


@pytest.mark.parametrize(
    ("more", "bound"),
    [
        ({"rpm": 600}, "requests a minute"),
        ({"tpm": 300_000}, "tokens a minute"),
        ({"concurrency": 10, "latency_s": 0.5}, "requests in flight"),
        ({"rpm": 3000, "tpm": 2_000_000, "concurrency": 20, "latency_s": 2.0}, "requests in flight"),
    ],
    ids=["requests", "tokens", "level", "all"],
)
def test_the_simulation_takes_as_long_as_the_limiter(more: dict[str, Any], bound: str) -> None:
    limits = EndpointLimits(**{"concurrency": 100, "cpu_s": 0.0, **more})
    flow = simulate(MIX, 1500, limits)
    assert flow.seconds == pytest.approx(virtual_time.run(flown(limits, 1500)), rel=0.05)
    assert flow.bound == bound


def test_a_hundred_million_requests_go_at_the_rate_of_the_first_ones_and_the_machine_is_a_bound() -> None:
    limits = EndpointLimits(rpm=6000, latency_s=1.0, concurrency=256, cpu_s=0.001)
    assert simulate(MIX, 1e8, limits).seconds == pytest.approx(1e8 / 100, rel=0.1)
    flow = simulate(MIX, 1e8, EndpointLimits(latency_s=0.05, concurrency=256, cpu_s=0.01))
    assert flow.rate == pytest.approx(100, rel=0.02)
    assert flow.bound == "the CPU"


async def test_what_is_counted_holds_what_a_run_takes_and_what_was_recorded_says_it(tmp_path: Path) -> None:
    async with mocked() as setup:
        counted = await measure_sample(invoices(40), setup.plan, setup.endpoint, size=20)
        whole = await measure_sample(invoices(40), setup.plan, setup.endpoint, size=50)
        summary = await into(setup, tmp_path / "out.jsonl", invoices(40))
    recorded = recorded_sample(tmp_path / "out.jsonl")
    assert (counted.met, len(counted.likely), counted.whole) == (40, 20, False)
    assert (len(whole.low), whole.whole) == (40, True)
    given = [sum(cost.input_tokens for cost in costs) for costs in (whole.low, whole.high)]
    written = [sum(cost.output_tokens for cost in costs) for costs in (whole.low, whole.high)]
    assert given[0] <= summary.paid.input_tokens <= given[1]
    assert written[0] <= summary.paid.output_tokens <= written[1]
    assert sum(cost.input_tokens for cost in recorded.likely) == summary.paid.input_tokens
    assert sum(cost.output_tokens for cost in recorded.likely) == summary.paid.output_tokens
    assert sum(cost.line_bytes for cost in recorded.likely) == pytest.approx(
        (tmp_path / "out.jsonl").stat().st_size, rel=0.02
    )
    with pytest.raises(OutputError, match="has no manifest"):
        recorded_sample(tmp_path / "none.jsonl")


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    rows = (json.dumps({"id": each.id, "text": each.text}) + "\n" for each in invoices(30))
    (tmp_path / "in.jsonl").write_text("".join(rows))
    return tmp_path


ASKED = ("in.jsonl", "--schema", "bench.invoices:Invoice", "--model", "gpt-4.1-mini")


def test_a_plan_for_a_hundred_million_documents_has_ranges_for_live_batch_and_own_gpus(folder: Path) -> None:
    more = ("--documents", "100000000", "--sample", "20", "--rpm", "10000", "--within", "30", "--queue-tokens", "10**9")
    refused = here("plan", *ASKED, *more, folder=folder)
    assert refused.code == 2
    gpus = ("--gpu-tokens", "20000,4000", "--gpus", "8", "--gpu-usd", "2")
    told = json.loads(here("plan", *ASKED, *more[:-2], *gpus, "--json", folder=folder).out)
    again = json.loads(here("plan", *ASKED, *more[:-2], *gpus, "--json", folder=folder).out)
    assert told == again  # the resamples are the same ones each time
    for low, likely, high in (told["requests"], told["input_tokens"], told["live"]["usd"], told["live"]["days"],
                              told["batch"]["days"], told["gpus"]["gpu_hours"], told["disk_gb"]):  # fmt: skip
        assert 0 < low <= likely <= high
    assert (told["documents"], told["sampled"]) == (100_000_000, 20)
    assert told["batch"]["usd"][1] == pytest.approx(told["live"]["usd"][1] / 2, rel=0.02)
    assert told["gpus"]["usd"][1] == pytest.approx(told["gpus"]["gpu_hours"][1] * 2, rel=0.02)
    assert told["live"]["needed_processes"] >= 1
    shown = here("plan", *ASKED, "--documents", "100000000", folder=folder)
    assert shown.code == 0
    assert "100,000,000, 30 measured" in shown.out


def test_a_plan_that_says_nothing_of_how_many_documents_is_refused(folder: Path) -> None:
    assert here("plan", folder=folder).code == 2
    done = here("plan", *ASKED, "--gpu-tokens", "many", folder=folder)
    assert (done.code, "--gpu-tokens takes two numbers" in done.err) == (2, True)


def test_a_dry_run_counts_the_questions_of_a_verification(folder: Path) -> None:
    told = [figures(here("extract", *ASKED, "--passes", "1", "--verify", each, "--dry-run", folder=folder))
            for each in ("off", "all")]  # fmt: skip
    requests = [[int(part.replace(",", "")) for part in each["requests"].split(" to ")] for each in told]
    tokens = [[int(part.replace(",", "")) for part in each["input_tokens"].split(" to ")] for each in told]
    assert requests[0] == [30, 30]
    # 7 values of the head and 4 of each of 3 lines, all but the flag: 18 questions a document, give or take
    assert requests[1] == [30 + int(30 * 18 * 0.4), 30 + 30 * 18 * 2.5]
    assert tokens[1][1] > tokens[0][1] * 20
    assert "the verification asks" in told[1]["notes"]
