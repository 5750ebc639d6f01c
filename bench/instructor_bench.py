"""Measures llmx's path through instructor beside instructor alone, on one loopback server that speaks Anthropic's API.

    python bench/instructor_bench.py [--requests 400] [--in-flight 16] [--rounds 7]

The two take turns in one process, round by round, while the server has a process of its own; what counts is the ratio.
instructor alone is its client as its documentation shows it, with the SDK's own HTTP. llmx's is the whole wire: the
request's key, the translation both ways, the raw completion kept. Exits with 1 where llmx takes over 1.10 of the time.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import anthropic
import instructor
from pydantic import BaseModel

from llmx.endpoint import EndpointSettings, response_format
from llmx.endpoint.opening import open_provider
from llmx.request import Request
from tests.endpoint.providers.native.servers import KEY, AnthropicApi, ApiServer

LIMIT = 1.10
TEXT = "Subject: harvest. " * 200
MODEL = "claude-scripted-1"


class Note(BaseModel):
    """A note."""

    subject: str
    name: str
    places: list[str]


MESSAGES: Any = [
    {"role": "system", "content": "Extract the note from the document." * 20},
    {"role": "user", "content": TEXT},
]


def serve(ready: Connection) -> None:
    """Serve until the process is ended."""

    async def forever() -> None:
        async with ApiServer(AnthropicApi()) as server:
            ready.send(server.base_url)
            while True:
                await asyncio.sleep(1)
                server.received.clear()

    asyncio.run(forever())


async def timed(ask: Callable[[int], Awaitable[object]], *, requests: int, in_flight: int) -> float:
    """Return the seconds that ``requests`` take, so many at a time."""
    numbers = iter(range(requests))

    async def worker() -> None:
        for number in numbers:
            await ask(number)

    begin_s = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(in_flight)))
    return time.perf_counter() - begin_s


async def measure(base_url: str, *, requests: int, in_flight: int, rounds: int) -> float:
    """Return the median of the rounds' ratios, llmx's time by instructor's; prints each round."""
    alone = instructor.from_anthropic(anthropic.AsyncAnthropic(base_url=base_url, api_key=KEY, max_retries=0))
    wire = open_provider(EndpointSettings(f"anthropic/{MODEL}", base_url, api_key=KEY))
    form = response_format(Note, "tools").body
    body = {"model": f"anthropic/{MODEL}", "messages": MESSAGES, "max_tokens": 512, **form}

    async def by_instructor(_: int) -> object:
        return await alone.create(
            response_model=Note,
            messages=MESSAGES,
            model=MODEL,
            max_tokens=512,
            max_retries=0,
        )

    async def by_llmx(number: int) -> object:
        response = await wire.send(Request(body, "tools", number))
        assert response.status == 200, response.body
        return response

    ratios: list[float] = []
    for number in range(rounds + 1):
        ways = [by_instructor, by_llmx] if number % 2 else [by_llmx, by_instructor]
        took = {way: await timed(way, requests=requests, in_flight=in_flight) for way in ways}
        if number == 0:
            continue  # imports, connections
        ratios.append(took[by_llmx] / took[by_instructor])
        one_ms, other_ms = (1000 * took[way] / requests for way in (by_instructor, by_llmx))
        print(f"round {number}: instructor {one_ms:.2f} ms a request, llmx {other_ms:.2f} ms, ratio {ratios[-1]:.2f}")
    await wire.aclose()
    await alone.client.close()  # type: ignore[union-attr]
    return statistics.median(ratios)


def main() -> int:
    """Run and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--in-flight", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    ready, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    try:
        base_url = ready.recv()
        ratio = asyncio.run(measure(base_url, requests=given.requests, in_flight=given.in_flight, rounds=given.rounds))
    finally:
        server.terminate()
        server.join()
    print(f"llmx by instructor alone, median of {given.rounds} rounds: {ratio:.2f} (at most {LIMIT:.2f})")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
