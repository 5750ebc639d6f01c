"""What hangs is given up after a time that fits the server; what is only slow is not. The clock is a virtual one."""

from __future__ import annotations

import asyncio

import pytest

from llmx.endpoint.adaptive_timeout import FACTOR, SAMPLES, AdaptiveTimeout
from llmx.endpoint.wire import Response
from llmx.errors import ConnectError
from llmx.request import Request
from tests.endpoint.asking import ask
from tests.endpoint.virtual_time import clock, run

HANGS = "1e9"


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

    async def aclose(self) -> None: ...


async def seen(wire: AdaptiveTimeout, seconds: float, count: int = SAMPLES) -> None:
    """Let ``wire`` see ``count`` answers that take ``seconds`` each."""
    await asyncio.gather(*(wire.send(ask(str(seconds), seed=i)) for i in range(count)))


async def given_up_after_s(wire: AdaptiveTimeout, request: Request) -> float:
    """Return the seconds after which ``wire`` gives ``request`` up."""
    begin_s = clock().now_s
    with pytest.raises(ConnectError, match="no answer after"):
        await wire.send(request)
    return clock().now_s - begin_s


def test_an_answer_that_never_comes_is_given_up_at_the_ceiling() -> None:
    slow = SlowWire()
    assert run(given_up_after_s(AdaptiveTimeout(slow, 60.0), ask(HANGS))) == 60.0
    assert slow.cancelled == 1


def test_after_enough_answers_a_hung_one_is_given_up_long_before_the_ceiling() -> None:
    async def play() -> float:
        wire = AdaptiveTimeout(SlowWire(), 900.0)
        await seen(wire, 1.0)
        return await given_up_after_s(wire, ask(HANGS))

    assert run(play()) == pytest.approx(1.0 * FACTOR)


def test_a_hung_request_that_was_sent_before_the_others_answered_is_given_up_too() -> None:
    async def play() -> float:
        wire = AdaptiveTimeout(SlowWire(), 900.0)
        hung = asyncio.create_task(given_up_after_s(wire, ask(HANGS)))
        await asyncio.sleep(0)
        await seen(wire, 0.1)
        return await hung

    assert run(play()) == pytest.approx(5.0)


def test_a_few_answers_prove_nothing() -> None:
    async def play() -> float:
        wire = AdaptiveTimeout(SlowWire(), 60.0)
        await seen(wire, 0.001, count=SAMPLES - 1)
        return wire.timeout_s("any")

    assert run(play()) == 60.0


@pytest.mark.parametrize(
    ("ceiling_s", "answer_s", "timeout_s"),
    [
        pytest.param(900.0, 2.0, 20.0, id="a multiple of the slowest answer"),
        pytest.param(900.0, 0.01, 5.0, id="never below the floor"),
        pytest.param(15.0, 2.0, 15.0, id="never above the ceiling"),
    ],
)
def test_the_wait_is_a_multiple_of_the_slowest_recent_answer_within_bounds(
    ceiling_s: float, answer_s: float, timeout_s: float
) -> None:
    async def play() -> float:
        wire = AdaptiveTimeout(SlowWire(), ceiling_s)
        await seen(wire, answer_s)
        return wire.timeout_s("any")

    assert run(play()) == pytest.approx(timeout_s)


def test_what_was_given_up_gets_twice_the_time_so_that_slow_but_alive_comes_through() -> None:
    async def play() -> int:
        wire = AdaptiveTimeout(SlowWire(), 900.0)
        await seen(wire, 0.001)
        slow = ask("8")
        assert await given_up_after_s(wire, slow) == pytest.approx(5.0)
        return (await wire.send(slow)).status

    assert run(play()) == 200


def test_an_answer_that_came_while_the_loop_was_busy_is_read() -> None:
    class Elsewhere(SlowWire):
        """Its answer arrives while the loop is busy, and takes some turns of the loop to be read."""

        async def send(self, request: Request) -> Response:
            if request.body["messages"][-1]["content"] != HANGS:
                return await super().send(request)
            arrived = asyncio.get_running_loop().create_future()

            def busy() -> None:
                clock().now_s += 60.0
                arrived.set_result(None)

            asyncio.get_running_loop().call_soon(busy)
            await arrived
            for _ in range(4):
                await asyncio.sleep(0)
            return Response(200, {}, b"{}")

    async def play() -> int:
        wire = AdaptiveTimeout(Elsewhere(), 900.0)
        await seen(wire, 0.001)
        return (await wire.send(ask(HANGS))).status

    assert run(play()) == 200
