"""What a run pays, one account for each model: counts and costs of several models are never mixed up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from llmx.dataclass import dataclass
from llmx.endpoint import Stats
from llmx.record import Usage
from llmx.run.dollars import sum_usd

if TYPE_CHECKING:
    from llmx.extraction.session import Session


@dataclass(frozen=True, slots=True)
class Account:
    """The account of one model: ``stats`` are its endpoint's, ``before`` what they were when the run began."""

    model: str
    base_url: str | None
    stats: Stats
    before: Stats

    @property
    def paid(self) -> Usage:
        """What was paid since the run began."""
        return self.stats.paid - self.before.paid

    @property
    def batched(self) -> Usage:
        """What of that came with a batch."""
        return self.stats.batched - self.before.batched

    @property
    def spent(self) -> Stats:
        """What was done since the run began."""
        return self.stats.since(self.before)


@dataclass(frozen=True, slots=True)
class ModelTotal:
    """What one of several models did in a run: ``cost_usd`` is the price of ``paid``, None where it is not known."""

    model: str
    requests: int
    paid: Usage
    saved: Usage
    cost_usd: Decimal | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "model": self.model, "requests": self.requests, "paid": self.paid.to_json(), "saved": self.saved.to_json(),
            "cost_usd": None if self.cost_usd is None else str(self.cost_usd),
        }  # fmt: skip


def open_accounts(session: Session) -> tuple[Account, ...]:
    """Return an account for each model of ``session``, in the order in which they are asked."""
    return tuple(
        Account(each.plan.model, each.endpoint.base_url, each.endpoint.stats, each.endpoint.stats.copy())
        for each in session.models
    )


def total(accounts: Sequence[Account]) -> Stats:
    """Return what was done since the run began, by all models together."""
    return sum((account.spent for account in accounts), Stats())


def totals(accounts: Sequence[Account]) -> tuple[ModelTotal, ...]:
    """Return what each model did, where there are several; () where there is one."""
    if len(accounts) == 1:
        return ()
    each = ((account, account.spent) for account in accounts)
    return tuple(
        ModelTotal(account.model, spent.sent, spent.paid, spent.saved, cost_of(account)) for account, spent in each
    )


def cost_usd(accounts: Sequence[Account]) -> Decimal | None:
    """Return the cost of what was paid in US dollars, None where nothing was paid, or a price of it is unknown."""
    return sum_usd(cost_of(account) for account in accounts if account.paid.total_tokens)


def cost_of(account: Account) -> Decimal | None:
    """Return the cost of what was paid from ``account``, None where the price is unknown or nothing was paid."""
    if not account.paid.total_tokens:
        return None
    from llmx.endpoint import price  # noqa: PLC0415 - heavy

    answered, batched = account.spent.statuses[200], account.batched
    cost = price.cost_usd(account.model, account.paid - batched, base_url=account.base_url, requests=answered)
    if cost is None or not batched.total_tokens:
        return cost
    in_batches = price.cost_usd(account.model, batched, base_url=account.base_url, requests=0)
    return cost + (in_batches or 0) * price.batch_share(account.model, account.base_url)
