"""OpenAI's Batch API through its own client, and that of servers which copy it.

A file of requests is uploaded, a batch of it is created, and what was answered stands in an output file and an error
file, in any order. The batch carries its tag as metadata, so that one is found again whose id was lost.
https://platform.openai.com/docs/guides/batch
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, TypeVar

import openai

from llmx.endpoint.batch.lines import line_bytes, read_line
from llmx.endpoint.batch.result_lines import open_http, split_lines
from llmx.endpoint.batch.service import BatchLimits, BatchLine, BatchStatus, LineAnswer, PlannedBatch
from llmx.endpoint.faults import check, connect_error
from llmx.endpoint.providers.openai_client import open_client, request_headers
from llmx.endpoint.providers.route import Access, check_key
from llmx.endpoint.settings import shown_url
from llmx.endpoint.wire import Response
from llmx.errors import ConfigError, ServerError

if TYPE_CHECKING:
    from openai.types import Batch

T = TypeVar("T")

LIMITS = BatchLimits(lines=50_000, bytes=190 * 10**6)
"""50,000 requests in a file of 200 MB at most, says the API reference; a little room is left."""

_TAG = "llmx"
_SPARE_S = 3600.0
"""How far the clocks may differ: an older batch than that is not looked at."""

_SPOOL_BYTES = 8 * 2**20
_OVER = frozenset({"completed", "expired", "cancelled"})


class OpenAIBatches:
    """A ``BatchService``."""

    limits = LIMITS

    def __init__(self, access: Access, *, limits: BatchLimits = LIMITS) -> None:
        check_key(access)
        self.limits = limits
        self._where = shown_url(access.base_url or "https://api.openai.com/v1")
        self._headers: Any = request_headers(access)
        self._http = open_http(access)
        self._client = open_client(access).with_options(
            http_client=self._http, max_retries=2, timeout=self._http.timeout
        )

    async def submit(self, batch: PlannedBatch, lines: Sequence[BatchLine]) -> str:
        """Upload ``lines`` and create the batch; return its id."""
        with SpooledTemporaryFile(max_size=_SPOOL_BYTES) as content:
            for line in lines:
                content.write(line_bytes(line))
            content.seek(0)
            file = (f"{batch.tag}.jsonl", content, "application/jsonl")
            uploaded = await self._asked(
                self._client.files.create(file=file, purpose="batch", extra_headers=self._headers)
            )
        once = self._client.with_options(max_retries=0)  # a lost answer must not make a second batch
        endpoint: Any = batch.url
        made = await self._asked(
            once.batches.create(
                input_file_id=uploaded.id, endpoint=endpoint, completion_window="24h", metadata={_TAG: batch.tag},
                extra_headers=self._headers,
            )
        )  # fmt: skip
        return made.id

    async def find(self, batch: PlannedBatch) -> str | None:
        """Return the id of the batch that carries the tag of ``batch``, '' where none does."""
        page = await self._asked(self._client.batches.list(limit=100, extra_headers=self._headers))
        while True:
            for each in page.data:
                if (each.metadata or {}).get(_TAG) == batch.tag:
                    return each.id
            oldest = page.data[-1].created_at if page.data else 0
            if not page.has_next_page() or oldest < batch.planned_s - _SPARE_S:  # the newest come first
                return ""
            page = await self._asked(page.get_next_page())

    async def status(self, batch_id: str) -> BatchStatus:
        """Return how the batch is."""
        found = await self._batch(batch_id)
        done = found.request_counts.completed if found.request_counts else 0
        failed = found.request_counts.failed if found.request_counts else 0
        if found.status == "failed":
            return BatchStatus("failed", found.status, done, failed, _errors(found))
        return BatchStatus("ended" if found.status in _OVER else "in progress", found.status, done, failed)

    async def answers(self, batch_id: str) -> AsyncIterator[LineAnswer]:
        """Yield what became of the lines, from the output file and then from the error file."""
        found = await self._batch(batch_id)
        for file_id in (found.output_file_id, found.error_file_id):
            if file_id:
                async for answer in self._file(file_id):
                    yield answer

    async def _file(self, file_id: str) -> AsyncIterator[LineAnswer]:
        """Yield what the lines of a file say; what is no such line is left out, and its request counts as lost."""
        streamed = self._client.files.with_streaming_response.content(file_id, extra_headers=self._headers)
        response = await self._asked(streamed.__aenter__())
        try:
            async for line in split_lines(response.iter_bytes(), self._where):
                if (answer := read_line(line)) is not None:
                    yield answer
        finally:
            await streamed.__aexit__(None, None, None)

    async def cancel(self, batch_id: str) -> None:
        """Stop the batch."""
        await self._asked(self._client.batches.cancel(batch_id, extra_headers=self._headers))

    async def discard(self, batch_id: str) -> None:
        """Delete the file with the requests: it holds the documents."""
        found = await self._batch(batch_id)
        await self._asked(self._client.files.delete(found.input_file_id, extra_headers=self._headers))

    async def _batch(self, batch_id: str) -> Batch:
        return await self._asked(self._client.batches.retrieve(batch_id, extra_headers=self._headers))

    async def _asked(self, asking: Awaitable[T]) -> T:
        """Return what the client returns. Raises what the status means, and ConnectError."""
        try:
            return await asking
        except openai.APIStatusError as error:
            headers = {name.lower(): value for name, value in error.response.headers.items()}
            check(Response(error.response.status_code, headers, await error.response.aread()))
            raise ServerError(f"{self._where}: {type(error).__name__}", status=error.response.status_code) from None
        except openai.APIConnectionError as error:
            raise connect_error(error, self._where) from None
        except openai.OpenAIError as error:
            raise ConfigError(f"the openai client refuses: {error}") from None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _errors(found: Batch) -> str:
    """Return why a batch was refused as a whole."""
    told = found.errors.data or [] if found.errors else []
    words = [" ".join(filter(None, (f"line {each.line}:" if each.line else "", each.message))) for each in told[:3]]
    return "; ".join(filter(None, words)) or "the provider does not say why"
