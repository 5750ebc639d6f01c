"""A bound on the cost and the tokens of a batch run: no request goes out with which it might be passed.

What was submitted cannot be taken back, so a request counts from when it is noted: by its length and what an answer is
likely to take at most, until its answer says what it took. The bound is that of the whole run, on whatever days it is
collected.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from llmx.errors import BudgetError
from llmx.record import Usage
from llmx.run.budget import Price, price_of_account
from llmx.run.dollars import shown_usd

if TYPE_CHECKING:
    from llmx.endpoint.batch.state import BatchState
    from llmx.run.accounts import Account
    from llmx.run.options import RunOptions

_FREE = Price(0.0, 0.0, 0.0)


class BatchBudget:
    """The bound of ``options`` on what ``account`` pays; ``state`` knows what the run took on other days.

    Raises ConfigError where the cost is bounded and the price is not known.
    """

    def __init__(self, options: RunOptions, account: Account, state: BatchState) -> None:
        self._max_usd = options.max_cost_usd or math.inf
        self._max_tokens = options.max_tokens_total or math.inf
        self._price = _FREE if options.max_cost_usd is None else price_of_account(account)
        self._account, self._state = account, state
        self._before = state.tokens(used=True)
        self._reserved, self._used = Usage(), Usage()
        self._live_before = Usage(*state.fact("live", [0, 0]))
        self.reached: Literal["", "max_cost", "max_tokens"] = ""

    def begin(self) -> None:
        """Reserve what the requests may take whose answers were not used yet, and what was paid on other days."""
        self._reserved = self._state.tokens(used=False) + self._before

    def reserve(self, likely: Usage) -> None:
        """Hear that a request was noted that is likely to take so many tokens."""
        self._reserved += likely

    def used(self, usage: Usage) -> None:
        """Hear that an answer is used, and from now on counted as paid, which took so many."""
        self._reserved -= usage
        self._used += usage

    def note_live(self) -> None:
        """Write down what was paid for requests that went out live."""
        live = self._live_before + self._account.paid - self._account.batched
        self._state.set_fact("live", [live.input_tokens, live.output_tokens])

    def affords(self, likely: Usage, *, live: bool) -> bool:
        """Return whether a request that may take ``likely`` can go out, at once or with a batch."""
        if self._state.fact("cancelled"):
            return False
        account = self._account
        in_batches = self._used + self._reserved
        at_once = account.paid - account.batched + self._live_before
        if live:
            at_once += likely
        else:
            in_batches += likely
        if (at_once + in_batches).total_tokens > self._max_tokens:
            self.reached = "max_tokens"
        elif self._usd(at_once, in_batches) > self._max_usd:
            self.reached = "max_cost"
        else:
            return True
        return False

    def error(self) -> BudgetError:
        """Return the error that says how much of the bound is taken."""
        account = self._account
        in_batches = self._used + self._reserved
        at_once = account.paid - account.batched + self._live_before
        if self.reached == "max_cost":
            words = f"{shown_usd(self._usd(at_once, in_batches))} of {shown_usd(self._max_usd)} USD"
        else:
            words = f"{(at_once + in_batches).total_tokens:,} of {self._max_tokens:,.0f} tokens"
        return BudgetError(f"{words} are spent or may be taken by the batches", hint="A run of its own can go on.")

    def _usd(self, at_once: Usage, in_batches: Usage) -> float:
        return self._price.of(at_once) + self._price.of(in_batches) * self._price.batch_share
