"""A run's bound on cost and tokens: no document begins that might pass it.

Only what comes over the wire counts; answers from the cache and cassettes are free.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from llmx.dataclass import dataclass
from llmx.endpoint.settings import is_loopback
from llmx.errors import BudgetError, ConfigError
from llmx.record import Record, Usage
from llmx.run.accounts import Account, open_accounts
from llmx.run.dollars import shown_usd

if TYPE_CHECKING:
    from llmx.extraction.session import Session
    from llmx.run.options import RunOptions

CHARS_PER_TOKEN = 3.0
"""A guess on the safe side: English has 4 to 5, German and French 3 to 4."""

FIRST_DOCUMENT_TOKENS = 2000
"""The guess for a document and its answer before any has been seen."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per token: fresh input, output, and input that the provider had in its cache.

    ``batch_share`` is what a token costs that comes with a batch, as a share of that.
    """

    input_usd: float
    output_usd: float
    cached_usd: float
    batch_share: float = 1.0

    def of(self, usage: Usage) -> float:
        """Return what ``usage`` costs in US dollars."""
        fresh = usage.input_tokens - usage.cached_tokens
        return fresh * self.input_usd + usage.cached_tokens * self.cached_usd + usage.output_tokens * self.output_usd


def price_of(model: str, base_url: str | None) -> Price | None:
    """Return the prices of ``model``, None where they are unknown: it runs on this machine, or nobody lists it."""
    from llmx.endpoint.price import batch_share, cost_usd  # noqa: PLC0415 - heavy

    many = 1000  # small enough for the first step of prices that depend on the length
    fresh = cost_usd(model, Usage(many, 0, 0), base_url=base_url)
    out = cost_usd(model, Usage(0, many, 0), base_url=base_url)
    cached = cost_usd(model, Usage(many, 0, many), base_url=base_url)
    if fresh is None or out is None or cached is None:
        return None
    share = float(batch_share(model, base_url))
    return Price(float(fresh) / many, float(out) / many, float(cached) / many, share)


class Budget:
    """What a run may spend, and what it has spent. Made by ``of``.

    ``accounts`` are those of all models, ``prices`` theirs, None where they are of no use. ``tokens`` is the guess for
    the first document, math.inf stands for no bound; ``bounded`` says whether there is one.
    """

    def __init__(
        self,
        accounts: Sequence[Account],
        *,
        max_cost_usd: float,
        max_tokens: float,
        prices: Sequence[Price] | None,
        tokens: float,
    ) -> None:
        self._accounts, self._prices = accounts, prices
        self._max_cost_usd, self._max_tokens = max_cost_usd, max_tokens
        self._guess_tokens = tokens
        self._documents = 0
        self._worth = [Usage() for _ in accounts]
        self.bounded = math.isfinite(max_cost_usd) or math.isfinite(max_tokens)

    @classmethod
    def of(cls, options: RunOptions, session: Session) -> Budget:
        """Return the budget of a run. Raises ConfigError where the cost is bounded and a price unknown."""
        accounts = open_accounts(session)
        prices = None if options.max_cost_usd is None else [price_of_account(account) for account in accounts]
        prefix = sum(len(str(message.get("content") or "")) for message in session.plan.rendering.prefix())
        return cls(
            accounts,
            max_cost_usd=options.max_cost_usd or math.inf,
            max_tokens=options.max_tokens_total or math.inf,
            prices=prices,
            tokens=prefix / CHARS_PER_TOKEN + FIRST_DOCUMENT_TOKENS,
        )

    def add(self, record: Record[Any]) -> None:
        """Count a document that is done."""
        if not self.bounded:
            return
        self._documents += bool(record.attempts)
        if not record.models:
            self._worth[0] += record.usage
        for share in record.models:
            self._worth[share.fallback] += share.usage

    def spent(self, working: int) -> Literal["", "max_cost", "max_tokens"]:
        """Return the bound that another document might pass while ``working`` ones are on their way, '' for none."""
        if not self.bounded:
            return ""
        paid = self._paid()
        paid_tokens, paid_usd = _tokens(paid), self._usd(paid)
        if not self._documents:
            each_tokens = self._guess_tokens
            each_usd = self._guess_tokens * max((price.output_usd for price in self._prices or ()), default=0.0)
        else:
            each_tokens = max(paid_tokens, _tokens(self._worth)) / self._documents
            each_usd = max(paid_usd, self._usd(self._worth)) / self._documents
        if paid_tokens + (working + 1) * each_tokens > self._max_tokens:
            return "max_tokens"
        if self._prices and paid_usd + (working + 1) * each_usd > self._max_cost_usd:
            return "max_cost"
        return ""

    def error(self) -> BudgetError:
        """Return the error that says how much of the bound is spent."""
        paid = self._paid()
        words = []
        if math.isfinite(self._max_tokens):
            words.append(f"{_tokens(paid):,} of {self._max_tokens:,.0f} tokens are spent")
        if self._prices:
            words.append(f"{shown_usd(self._usd(paid))} of {shown_usd(self._max_cost_usd)} USD are spent")
        return BudgetError(f"{', '.join(words)} in this run", hint="A run that resumes has a bound of its own.")

    def _paid(self) -> list[Usage]:
        return [account.paid for account in self._accounts]

    def _usd(self, usages: Sequence[Usage]) -> float:
        return sum(price.of(usage) for price, usage in zip(self._prices or (), usages, strict=False))


def _tokens(usages: Sequence[Usage]) -> int:
    return sum(usage.total_tokens for usage in usages)


def price_of_account(account: Account) -> Price:
    """Return the prices of what ``account`` pays for. Raises ConfigError where they are not known."""
    price = price_of(account.model, account.base_url)
    if price is None:
        here = " on this machine" if account.base_url and is_loopback(account.base_url) else ""
        raise ConfigError(
            f"--max-cost needs a price, and that of {account.model!r}{here} is not known",
            hint="Use --max-tokens-total instead; what runs on this machine has no price.",
        )
    return price
