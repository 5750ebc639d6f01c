"""The batch mode of Google's Gemini API through google-genai.

A file of requests is uploaded, a batch of it is created for one model, and what was answered stands in a file. The
batch and the uploaded file carry the tag as their display name.
https://ai.google.dev/gemini-api/docs/batch-api
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any, Final, TypeVar

import httpx2
import orjson
from google import genai
from google.genai import errors, types

from llmx.endpoint.batch.lines import answer_of
from llmx.endpoint.batch.result_lines import open_http
from llmx.endpoint.batch.service import BatchLimits, BatchLine, BatchStatus, LineAnswer, PlannedBatch
from llmx.endpoint.faults import check, connect_error
from llmx.endpoint.providers.native.google import heard
from llmx.endpoint.providers.native.transport import Sent
from llmx.endpoint.providers.route import Access, check_key
from llmx.endpoint.settings import shown_url
from llmx.errors import ConfigError, RequestError, ServerError

T = TypeVar("T")

LIMITS = BatchLimits(lines=50_000, bytes=190 * 10**6)
"""The API takes files of 2 GB and says no number of lines; smaller ones are fetched and read sooner."""

_SPOOL_BYTES = 8 * 2**20
_NO_CODE = 500
_STATUS: Final = {1: 499, 3: 400, 4: 504, 5: 404, 7: 403, 8: 429, 9: 400, 10: 409, 11: 400, 12: 501, 13: 500, 14: 503,
                  16: 401}  # fmt: skip
"""What the codes of gRPC are in HTTP, as google/rpc/code.proto says."""

_OVER = frozenset({"SUCCEEDED", "PARTIALLY_SUCCEEDED", "CANCELLED", "EXPIRED"})


class GoogleBatches:
    """A ``BatchService``."""

    def __init__(self, access: Access, *, limits: BatchLimits = LIMITS) -> None:
        check_key(access)
        self.limits = limits
        self._where = shown_url(access.base_url or "https://generativelanguage.googleapis.com")
        self._http = open_http(access)
        options = types.HttpOptions(
            base_url=access.base_url, headers=dict(access.headers), httpx_async_client=self._http
        )
        self._sdk = genai.Client(http_options=options, vertexai=False, api_key=access.api_key).aio

    async def submit(self, batch: PlannedBatch, lines: Sequence[BatchLine]) -> str:
        """Upload ``lines`` and create the batch; return its name."""
        with SpooledTemporaryFile(max_size=_SPOOL_BYTES) as content:
            for line in lines:
                content.write(b'{"key":"%s","request":%s}\n' % (line.key.encode(), line.body.encode()))
            content.seek(0)
            how = types.UploadFileConfig(display_name=batch.tag, mime_type="application/jsonl")
            uploaded = await self._asked(self._sdk.files.upload(file=content, config=how))
        named = types.CreateBatchJobConfig(display_name=batch.tag)
        made = await self._asked(self._sdk.batches.create(model=batch.url, src=str(uploaded.name), config=named))
        return str(made.name)

    async def find(self, batch: PlannedBatch) -> str | None:
        """Return the name of the batch that carries the tag of ``batch``, '' where none does."""
        return await self._asked(self._find(batch.tag))

    async def _find(self, tag: str) -> str:
        async for each in await self._sdk.batches.list(config={"page_size": 100}):
            if each.display_name == tag:
                return str(each.name)
        return ""

    async def status(self, batch_id: str) -> BatchStatus:
        """Return how the batch is; Google does not say how far it is."""
        found = await self._batch(batch_id)
        state = found.state.value.removeprefix("JOB_STATE_") if found.state else ""
        if state == "FAILED":
            why = (found.error and found.error.message) or "the provider does not say why"
            return BatchStatus("failed", state.lower(), message=why)
        return BatchStatus("ended" if state in _OVER else "in progress", state.lower())

    async def answers(self, batch_id: str) -> AsyncIterator[LineAnswer]:
        """Yield what became of the lines; one that expired or was cancelled may have no file, and no answers."""
        found = await self._batch(batch_id)
        name = found.dest and found.dest.file_name
        if not name:
            return
        with SpooledTemporaryFile(max_size=_SPOOL_BYTES) as content:
            await self._asked(self._sdk.files.download(file=name, destination=content))
            content.seek(0)
            for line in content:
                if (answer := read_result(line)) is not None:
                    yield answer

    async def cancel(self, batch_id: str) -> None:
        """Stop the batch."""
        await self._asked(self._sdk.batches.cancel(name=batch_id))

    async def discard(self, batch_id: str) -> None:
        """Delete the batch and the file with the requests: it holds the documents."""
        found = await self._batch(batch_id)
        await self._asked(self._remove_files(str(found.display_name)))
        await self._asked(self._sdk.batches.delete(name=batch_id))

    async def _remove_files(self, tag: str) -> None:
        named = [
            str(each.name)
            async for each in await self._sdk.files.list(config={"page_size": 100})
            if each.display_name == tag
        ]
        for name in named:
            await self._sdk.files.delete(name=name)

    async def _batch(self, batch_id: str) -> types.BatchJob:
        return await self._asked(self._sdk.batches.get(name=batch_id))

    async def _asked(self, asking: Awaitable[T]) -> T:
        """Return what the client returns. Raises what the status means, and ConnectError."""
        try:
            return await asking
        except errors.APIError as error:
            body = orjson.dumps(error.details) if isinstance(error.details, dict | list) else b""
            check(heard(Sent(status=error.code, body=body)))
            raise ServerError(f"{self._where}: {type(error).__name__}", status=error.code) from None
        except httpx2.HTTPError as error:
            raise connect_error(error, self._where) from None
        except KeyError as error:  # of an upload to what is no such API
            raise RequestError(f"{self._where} takes no files: {error.args[0]}") from None
        except ValueError as error:
            raise ConfigError(f"the google-genai client refuses: {error}") from None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def read_result(line: bytes) -> LineAnswer | None:
    """Return what a line of the file with the answers says, None where it is no such line."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(value, dict) or not isinstance(key := value.get("key"), str):
        return None
    if isinstance(answer := value.get("response"), dict):
        return answer_of(key, 200, answer)
    told: Any = value.get("error") or value.get("status")
    if not isinstance(told, dict):
        return LineAnswer(key, 0, message="the line has neither a response nor an error", lost=True)
    code = told.get("code")
    number = code if isinstance(code, int) else 0
    status = _STATUS.get(number, number if number >= 400 else _NO_CODE)
    return answer_of(key, status, {"error": told})
