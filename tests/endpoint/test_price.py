from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from llmx.endpoint.price import cost_usd
from llmx.record import Usage


@pytest.mark.parametrize(
    ("model", "base_url"),
    [
        ("gpt-4o-mini", None),
        ("gpt-4o-mini", "https://api.openai.com/v1"),
        ("deepseek-chat", "https://api.deepseek.com/v1"),
    ],
)
def test_a_known_model_has_a_price_in_exact_decimals(model: Any, base_url: Any) -> None:
    cost = cost_usd(model, Usage(1_000_000, 0, 0), base_url=base_url)
    assert isinstance(cost, Decimal)
    assert cost > 0


def test_many_requests_are_not_priced_as_one_long_one() -> None:
    short = cost_usd("anthropic/claude-sonnet-4-5", Usage(1000, 100, 500))
    assert short is not None
    assert cost_usd("anthropic/claude-sonnet-4-5", Usage(1_000_000, 100_000, 500_000)) == 1000 * short


def test_a_fee_for_each_request_is_counted_for_each() -> None:
    root = "https://api.perplexity.ai"
    one = cost_usd("sonar", Usage(1000, 100, 0), base_url=root)
    assert one is not None
    assert cost_usd("sonar", Usage(3000, 300, 0), base_url=root, requests=3) == 3 * one
    assert cost_usd("sonar", Usage(3000, 300, 0), base_url=root) != 3 * one


def test_the_price_is_in_proportion_and_cached_tokens_are_cheaper() -> None:
    whole = cost_usd("gpt-4o-mini", Usage(1000, 100, 0))
    twice = cost_usd("gpt-4o-mini", Usage(2000, 200, 0))
    cached = cost_usd("gpt-4o-mini", Usage(1000, 100, 900))
    assert whole is not None
    assert twice == 2 * whole
    assert cached is not None
    assert cached < whole


@pytest.mark.parametrize(
    ("model", "base_url"),
    [
        ("no-such-model", None),
        ("", None),
        ("gpt-4o", "http://127.0.0.1:8080/v1"),
        ("gpt-4o", "https://nobody.example/v1"),
    ],
)
def test_where_the_price_is_not_known_there_is_none(model: Any, base_url: Any) -> None:
    assert cost_usd(model, Usage(1000, 100, 0), base_url=base_url) is None


def test_more_cached_tokens_than_tokens_are_no_credit() -> None:
    assert cost_usd("gpt-4o-mini", Usage(10, 0, 50)) == cost_usd("gpt-4o-mini", Usage(10, 0, 10))
