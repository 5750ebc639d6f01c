"""What tokens cost, by the prices that genai-prices ships; nothing is looked up over the network."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from llmx.endpoint.providers.native.registry import bare_model, native_provider
from llmx.endpoint.settings import is_loopback, is_openai

if TYPE_CHECKING:
    from llmx.record import Usage


BATCH_SHARE = Decimal("0.5")
"""What a token costs in a batch, as a share of its price: half of it at every provider in ``_HALVING``, as their price
lists say."""

_HALVING = frozenset({"openai", "groq", "mistral", "anthropic", "google"})
"""Providers, by their ids in genai-prices, that halve the price of what is asked for in a batch. Nothing is taken off
for another one: a bound on the cost is to hold there, too."""

_MANY = 1000  # tokens; small enough for the first step of prices that depend on a request's length


def cost_usd(model: str, usage: Usage, *, base_url: str | None = None, requests: int = 1) -> Decimal | None:
    """Return what ``usage`` costs with ``model`` in US dollars, None where the price is not known.

    ``base_url`` distinguishes the providers of one model; None is OpenAI. A model that runs on this machine has no
    known price (0 would hide what the machine costs); one with the prefix of its provider (``anthropic/…``) is that
    provider's wherever a gateway to it runs. Cached input tokens are charged as the provider charges them.

    ``usage`` may be the sum of many ``requests``, for each of which some providers take a fee. Where a price rises with
    the length of a request (beyond 200,000 tokens, say), it is that of shorter ones: the sum says nothing of each.
    """
    if not model or (base_url and is_loopback(base_url) and native_provider(model, base_url) is None):
        return None
    if not _known(model, base_url):
        return None
    fee = _cost(model, base_url, 0, output=0, cached=0)
    fresh = _cost(model, base_url, _MANY, output=0, cached=0) - fee
    read = _cost(model, base_url, _MANY, output=0, cached=_MANY) - fee
    written = _cost(model, base_url, 0, output=_MANY, cached=0) - fee
    cached = min(usage.cached_tokens, usage.input_tokens)
    of_tokens = (usage.input_tokens - cached) * fresh + cached * read + usage.output_tokens * written
    return fee * requests + of_tokens / _MANY


def batch_share(model: str, base_url: str | None = None) -> Decimal:
    """Return what a token of ``model`` costs in a batch, as a share of its price; 1 where that is not known.

    >>> batch_share("gpt-4.1-mini"), batch_share("llama", "https://example.com/v1")
    (Decimal('0.5'), Decimal('1'))
    """
    native = native_provider(model, base_url)
    provider = native.price_id if native else _price_id(base_url) if base_url else "openai"
    return BATCH_SHARE if provider in _HALVING or (base_url and is_openai(base_url)) else Decimal(1)


@lru_cache(maxsize=256)
def _known(model: str, base_url: str | None) -> bool:
    try:
        _cost(model, base_url, 1, output=1, cached=0)
    except LookupError:
        return False
    return True


def _cost(model: str, base_url: str | None, given: int, *, output: int, cached: int) -> Decimal:
    from genai_prices import Usage as Tokens  # noqa: PLC0415 - heavy
    from genai_prices import calc_price  # noqa: PLC0415 - heavy

    tokens = Tokens(input_tokens=given, output_tokens=output, cache_read_tokens=min(cached, given))
    if (native := native_provider(model, base_url)) is not None:
        return calc_price(tokens, bare_model(model), provider_id=native.price_id).total_price
    if base_url and (known := _price_id(base_url)):
        return calc_price(tokens, model, provider_id=known).total_price
    if base_url:
        return calc_price(tokens, model, provider_api_url=base_url).total_price
    return calc_price(tokens, model, provider_id="openai").total_price


@lru_cache(maxsize=16)
def _price_id(base_url: str) -> str:
    """Return the id in genai-prices of the provider at ``base_url``, '' where genai-prices knows the URL itself."""
    from llmx.endpoint.known_providers import known_providers  # noqa: PLC0415 - only where a cost is asked for

    known = (each for each in known_providers().values() if each.prices and each.base_url == base_url)
    return next((each.prices for each in known), "")
