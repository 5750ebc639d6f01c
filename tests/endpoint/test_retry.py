from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.endpoint.retry import BACKOFF_CAP_S, RetryPolicy, with_retries
from llmx.errors import AuthError, ConnectError, EndpointError, RateLimitError, RequestError, ServerError
from tests.endpoint.asking import Clock


class Failing:
    """An attempt that raises what it is given, one after the other, and then returns its number."""

    def __init__(self, *errors: BaseException, clock: Clock | None = None, each_s: float = 0.0) -> None:
        self.errors = list(errors)
        self.numbers: list[int] = []
        self.clock, self.each_s = clock, each_s

    async def __call__(self, number: int) -> int:
        self.numbers.append(number)
        if self.clock:
            self.clock.now_s += self.each_s
        if self.errors:
            raise self.errors.pop(0)
        return number


@pytest.mark.parametrize(
    "error", [RateLimitError("x"), ServerError("x"), ConnectError("x")], ids=lambda e: type(e).__name__
)
async def test_what_the_wire_failed_to_do_is_repeated(error: Any) -> None:
    clock, attempt = Clock(), Failing(error, error)
    assert await with_retries(attempt, clock.policy()) == 3
    assert len(clock.slept_s) == 2


@pytest.mark.parametrize("error", [AuthError("x"), RequestError("x"), ValueError("x")], ids=lambda e: type(e).__name__)
async def test_what_will_fail_again_is_not_repeated(error: Any) -> None:
    clock, attempt = Clock(), Failing(error)
    with pytest.raises(type(error)):
        await with_retries(attempt, clock.policy())
    assert (attempt.numbers, clock.slept_s) == ([1], [])


async def test_a_final_error_ends_the_retries_of_others() -> None:
    attempt = Failing(ServerError("x"), AuthError("expired"))
    with pytest.raises(AuthError):
        await with_retries(attempt, Clock().policy())
    assert attempt.numbers == [1, 2]


async def test_the_budget_of_attempts_holds_and_the_last_error_is_raised() -> None:
    attempt = Failing(*(ServerError(str(i)) for i in range(9)))
    with pytest.raises(ServerError, match="4"):
        await with_retries(attempt, Clock().policy(attempts=5))
    assert attempt.numbers == [1, 2, 3, 4, 5]


async def test_the_budget_of_seconds_holds() -> None:
    clock = Clock()
    attempt = Failing(*(ServerError("x") for _ in range(9)), clock=clock, each_s=100)
    with pytest.raises(ServerError):
        await with_retries(attempt, clock.policy(budget_s=250))
    assert attempt.numbers == [1, 2, 3]


async def test_retry_after_is_waited_in_full() -> None:
    clock = Clock()
    await with_retries(Failing(RateLimitError("x", retry_after_s=40.0)), clock.policy(chance=0.0))
    assert clock.slept_s == [40.0]


async def test_clients_that_hear_the_same_retry_after_do_not_come_back_together() -> None:
    clock = Clock()
    await with_retries(Failing(RateLimitError("x", retry_after_s=40.0)), clock.policy(chance=0.5))
    assert clock.slept_s == [40.5]


async def test_a_retry_after_beyond_the_budget_is_not_waited_for() -> None:
    clock, attempt = Clock(), Failing(RateLimitError("x", retry_after_s=3600.0))
    with pytest.raises(RateLimitError) as caught:
        await with_retries(attempt, clock.policy())
    assert caught.value.retry_after_s == 3600.0
    assert clock.slept_s == []


async def test_who_wants_to_know_hears_of_every_retry() -> None:
    heard: list[tuple[str, float]] = []
    clock = Clock()
    attempt = Failing(ServerError("first"), ConnectError("second"))
    await with_retries(attempt, clock.policy(), on_retry=lambda error, wait_s: heard.append((str(error), wait_s)))
    assert heard == [("first", clock.slept_s[0]), ("second", clock.slept_s[1])]


async def test_one_attempt_means_no_retry() -> None:
    attempt = Failing(ServerError("x"))
    with pytest.raises(ServerError):
        await with_retries(attempt, Clock().policy(attempts=1))
    assert attempt.numbers == [1]


@given(attempt=st.integers(1, 60), chance=st.floats(0, 1, exclude_max=True), asked_s=st.none() | st.floats(0, 900))
def test_a_wait_is_jittered_in_full_and_never_shorter_than_asked(attempt: Any, chance: Any, asked_s: Any) -> None:
    error = EndpointError("x", retry_after_s=asked_s)
    wait_s = RetryPolicy(chance=lambda: chance).wait_s(attempt, error)
    low_s, high_s = (0.0, min(BACKOFF_CAP_S, 0.5 * 2 ** (attempt - 1))) if asked_s is None else (asked_s, asked_s + 1)
    assert low_s <= wait_s <= high_s
