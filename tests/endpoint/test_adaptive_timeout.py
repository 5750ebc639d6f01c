from __future__ import annotations

import asyncio
import threading
import time

import pytest

from llmx.endpoint.adaptive_timeout import FACTOR, SAMPLES, AdaptiveTimeout
from llmx.endpoint.wire import Response
from llmx.errors import ConnectError
from llmx.request import Request
from tests.endpoint.asking import ask


class SlowWire:
    """Answers after as many seconds as the request's user message says."""

    def __init__(self) -> None:
        self.cancelled = 0

    async def send(self, request: Request) -> Response:
        try:
            await asyncio.sleep(float(request.body["messages"][-1]["content"]))
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return Response(200, {}, b"{}")

    def recorded(self, request: Request) -> None: ...

    def prepare(self) -> None: ...

    async def aclose(self) -> None: ...


async def seen(wire: AdaptiveTimeout, seconds: float, count: int = SAMPLES) -> None:
    await asyncio.gather(*(wire.send(ask(str(seconds), seed=i)) for i in range(count)))


async def test_an_answer_that_never_comes_is_given_up_at_the_ceiling() -> None:
    slow = SlowWire()
    with pytest.raises(ConnectError, match="no answer after 0 s"):
        await AdaptiveTimeout(slow, 0.05).send(ask("60"))
    assert slow.cancelled == 1


async def test_after_enough_answers_a_hung_one_is_given_up_long_before_the_ceiling() -> None:
    wire = AdaptiveTimeout(SlowWire(), 60.0, floor_s=0.1)
    await seen(wire, 0.001)
    with pytest.raises(ConnectError):
        await asyncio.wait_for(wire.send(ask("60")), timeout=2)


async def test_a_hung_request_that_was_sent_before_the_others_answered_is_given_up_too() -> None:
    wire = AdaptiveTimeout(SlowWire(), 60.0, floor_s=0.1)
    hung = asyncio.create_task(wire.send(ask("60")))
    await asyncio.sleep(0)
    await seen(wire, 0.001)
    with pytest.raises(ConnectError):
        await asyncio.wait_for(hung, timeout=2)


async def test_a_few_answers_prove_nothing() -> None:
    wire = AdaptiveTimeout(SlowWire(), 60.0, floor_s=0.01)
    await seen(wire, 0.001, count=SAMPLES - 1)
    assert wire.patience_s("any") == 60.0


async def test_patience_is_a_multiple_of_the_slowest_recent_answer() -> None:
    wire = AdaptiveTimeout(SlowWire(), 60.0, floor_s=0.01)
    await seen(wire, 0.05)
    assert 0.05 * FACTOR <= wire.patience_s("any") <= 0.2 * FACTOR


async def test_what_was_given_up_gets_twice_the_time_so_that_slow_but_alive_comes_through() -> None:
    wire = AdaptiveTimeout(SlowWire(), 60.0, floor_s=0.1)
    await seen(wire, 0.001)
    request = ask("0.15")
    with pytest.raises(ConnectError):
        await wire.send(request)
    assert (await wire.send(request)).status == 200


async def test_patience_never_exceeds_the_ceiling() -> None:
    wire = AdaptiveTimeout(SlowWire(), 0.2, floor_s=0.01)
    await seen(wire, 0.1)
    assert wire.patience_s("any") == 0.2


async def test_an_answer_that_came_while_the_loop_was_busy_is_read() -> None:
    class Threaded(SlowWire):
        """Its answer comes from elsewhere, and takes some turns of the loop to be read."""

        async def send(self, request: Request) -> Response:  # noqa: ARG002 - a wire's
            loop = asyncio.get_running_loop()
            arrived: asyncio.Future[None] = loop.create_future()
            threading.Timer(0.05, loop.call_soon_threadsafe, (arrived.set_result, None)).start()
            await arrived
            for _ in range(4):
                await asyncio.sleep(0)
            return Response(200, {}, b"{}")

    wire = AdaptiveTimeout(Threaded(), 60, floor_s=0.2)
    wire._recent_s.extend([0.001] * SAMPLES)
    asking = asyncio.create_task(wire.send(ask("0")))
    await asyncio.sleep(0)
    time.sleep(1.0)  # noqa: ASYNC251 - somebody is busy
    assert (await asking).status == 200
