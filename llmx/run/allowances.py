"""What a run may send in a minute: the user's limits, the server's quotas, and a pause that the server asked for."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from llmx.run.server_quota import ServerQuota, read_quota
from llmx.run.token_bucket import TokenBucket

if TYPE_CHECKING:
    from llmx.endpoint.wire import Response

_TOTAL = re.compile(rb'"total_tokens"\s*:\s*(\d+)')


class Allowances:
    """``rpm`` and ``tpm`` bound requests and tokens a minute, None for no bound. ``now_s`` is a monotonic clock's."""

    def __init__(self, *, rpm: int | None = None, tpm: int | None = None) -> None:
        self._requests = TokenBucket(rpm) if rpm else None
        self._tokens = TokenBucket(tpm) if tpm else None
        self._quotas = {"requests": ServerQuota(), "tokens": ServerQuota()}
        self._hold_until_s = -math.inf

    def wait_s(self, tokens: int, now_s: float) -> tuple[float, str]:
        """Return the seconds until a request of ``tokens`` may go, 0 or less for now, and what it waits for."""
        waits = [(self._hold_until_s - now_s, "the endpoint asked to wait")]
        if self._requests:
            waits.append((self._requests.wait_s(1, now_s), "requests a minute"))
        if self._tokens:
            waits.append((self._tokens.wait_s(tokens, now_s), "tokens a minute"))
        for kind, amount in (("requests", 1), ("tokens", tokens)):
            if (quota := self._quotas[kind]).known:
                waits.append((quota.wait_s(amount, now_s), f"the server's limit of {kind}"))
        return max(waits)

    def take(self, tokens: int, now_s: float) -> None:
        """Count a request of about ``tokens`` that goes out."""
        if self._requests:
            self._requests.take(1, now_s)
        if self._tokens:
            self._tokens.take(tokens, now_s)
        self._quotas["requests"].take(1)
        self._quotas["tokens"].take(tokens)

    def answered(self, tokens: int, response: Response, now_s: float) -> None:
        """Learn what the server says is left, and what a request of about ``tokens`` really took."""
        for kind, quota in self._quotas.items():
            if (said := read_quota(response.headers, kind)) is not None:
                left, reset_s, limit = said
                quota.hear(left, reset_s, limit=limit, now_s=now_s)
        if self._tokens is not None and (total := _TOTAL.search(response.body)):
            self._tokens.take(int(total.group(1)) - tokens, now_s)

    def hold(self, until_s: float) -> None:
        """Let nothing go before ``until_s``."""
        self._hold_until_s = until_s
