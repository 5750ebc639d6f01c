"""Anthropic's Message Batches API through its own SDK.

A batch is created with its requests in one body; once it has ended, what became of them is streamed, in any order. It
carries no name: one whose id was lost is told by the custom ids of its results, which are there once it has ended.
https://platform.claude.com/docs/en/build-with-claude/batch-processing
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import anthropic
import orjson

from llmx.endpoint.batch.lines import answer_of
from llmx.endpoint.batch.result_lines import open_http, split_lines
from llmx.endpoint.batch.service import BatchLimits, BatchLine, BatchStatus, LineAnswer, Phase, PlannedBatch
from llmx.endpoint.faults import check, connect_error
from llmx.endpoint.providers.route import Access, check_key
from llmx.endpoint.settings import shown_url
from llmx.endpoint.wire import Response
from llmx.errors import ConfigError, LlmxError, ServerError

if TYPE_CHECKING:
    from anthropic.types.messages import MessageBatch

T = TypeVar("T")

LIMITS = BatchLimits(lines=100_000, bytes=64 * 10**6)
"""100,000 requests and 256 MB at most, says the API; as the SDK builds the whole body in memory, ours are smaller."""

_SPARE_S = 3600.0  # how far the clocks may differ
_STATUS = {
    "invalid_request_error": 400, "authentication_error": 401, "billing_error": 402, "permission_error": 403,
    "not_found_error": 404, "request_too_large": 413, "rate_limit_error": 429, "api_error": 500, "timeout_error": 504,
    "overloaded_error": 529,
}  # fmt: skip
"""What an error is live. https://platform.claude.com/docs/en/api/errors"""


class AnthropicBatches:
    """A ``BatchService``."""

    def __init__(self, access: Access, *, limits: BatchLimits = LIMITS) -> None:
        check_key(access)
        self.limits = limits
        self._where = shown_url(access.base_url or "https://api.anthropic.com")
        self._http = open_http(access)
        self._client = anthropic.AsyncAnthropic(
            api_key=access.api_key, base_url=access.base_url, http_client=self._http, max_retries=2,
            default_headers=dict(access.headers),
        )  # fmt: skip
        self._batches = self._client.messages.batches

    async def submit(self, batch: PlannedBatch, lines: Sequence[BatchLine]) -> str:  # noqa: ARG002 - it has no name here
        """Create the batch; return its id."""
        requests: list[Any] = [{"custom_id": line.key, "params": orjson.loads(line.body)} for line in lines]
        once = self._client.with_options(max_retries=0)  # a lost answer must not make a second batch
        made = await self._asked(once.messages.batches.create(requests=requests))
        return made.id

    async def find(self, batch: PlannedBatch) -> str | None:
        """Return the id of the batch whose results have the custom ids of ``batch``, '' where there is none.

        None where one of as many requests is under way.
        """
        return await self._asked(self._find(batch))

    async def _find(self, batch: PlannedBatch) -> str | None:
        unsure = False
        async for each in self._batches.list(limit=100):  # the newest come first
            if each.created_at.timestamp() < batch.planned_s - _SPARE_S:
                break
            if each.id in batch.known or _total(each) != batch.lines:
                continue
            if each.processing_status != "ended":
                unsure = True
            elif each.results_url and await self._is_ours(each.id, batch):
                return each.id
        return None if unsure else ""

    async def _is_ours(self, batch_id: str, batch: PlannedBatch) -> bool:
        async for answer in self.answers(batch_id):
            return answer.key in batch.keys
        return False

    async def status(self, batch_id: str) -> BatchStatus:
        """Return how the batch is."""
        found = await self._asked(self._batches.retrieve(batch_id))
        counts = found.request_counts
        failed = counts.errored + counts.expired + counts.canceled
        phase: Phase = "ended" if found.processing_status == "ended" else "in progress"
        return BatchStatus(phase, found.processing_status, counts.succeeded, failed)

    async def answers(self, batch_id: str) -> AsyncIterator[LineAnswer]:
        """Yield what became of the lines; what is no such line is left out, and its request counts as lost."""
        streamed = self._batches.with_streaming_response.results(batch_id)
        response = await self._asked(streamed.__aenter__())
        try:
            async for line in split_lines(response.iter_bytes(), self._where):
                if (answer := read_result(line)) is not None:
                    yield answer
        finally:
            await streamed.__aexit__(None, None, None)

    async def cancel(self, batch_id: str) -> None:
        """Stop the batch."""
        await self._asked(self._batches.cancel(batch_id))

    async def discard(self, batch_id: str) -> None:
        """Delete the batch with its results: they hold what the documents say."""
        await self._asked(self._batches.delete(batch_id))

    async def _asked(self, asking: Awaitable[T]) -> T:
        """Return what the client returns. Raises what the status means, and ConnectError."""
        try:
            return await asking
        except anthropic.APIStatusError as error:
            headers = {name.lower(): value for name, value in error.response.headers.items()}
            check(Response(error.response.status_code, headers, await error.response.aread()))
            raise ServerError(f"{self._where}: {type(error).__name__}", status=error.response.status_code) from None
        except anthropic.APIConnectionError as error:
            if isinstance(error.__cause__, LlmxError):
                raise error.__cause__ from None
            raise connect_error(error, self._where) from None
        except anthropic.AnthropicError as error:
            raise ConfigError(f"the anthropic client refuses: {error}") from None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()
        await self._http.aclose()


def _total(batch: MessageBatch) -> int:
    counts = batch.request_counts
    return counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired


def read_result(line: bytes) -> LineAnswer | None:
    """Return what a line of the results says, None where it is no such line."""
    try:
        value = orjson.loads(line)
        key, result = value["custom_id"], value["result"]
        kind = result["type"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    if not isinstance(key, str):
        return None
    if kind == "succeeded":
        return answer_of(key, 200, result.get("message"))
    if kind == "errored":
        return _errored(key, result.get("error"))
    return LineAnswer(key, 0, message=f"the request {'was ' if kind == 'canceled' else ''}{kind}", lost=True)


def _errored(key: str, body: Any) -> LineAnswer:
    """Return what an error means: what a live request would have got."""
    inner = body.get("error") if isinstance(body, dict) else None
    kind = inner.get("type") if isinstance(inner, dict) else None
    status = _STATUS.get(str(kind), 500)
    return answer_of(key, status, body)
