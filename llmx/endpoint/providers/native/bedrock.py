"""Speaks Amazon Bedrock's Converse API with boto3.

Function calling, its strict form and the native JSON schema are instructor's. boto3 blocks, and instructor's client for
asyncio blocks with it, so each request has a thread, which waits while our connections carry what boto3 has signed:
proxies, time-outs and cancelling work as everywhere else.
"""

from __future__ import annotations

import asyncio
import contextvars
import io
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
import instructor
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError, NoRegionError

from llmx.endpoint.providers.native.forms import Tokens, answer_form, answer_model, chat_completion, extras, sampling
from llmx.endpoint.providers.native.registry import bare_model
from llmx.endpoint.providers.native.transport import Carrier, Sent
from llmx.endpoint.providers.native.wire import Call, NotOfferedError
from llmx.endpoint.wire import Response
from llmx.errors import ConfigError

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

    from llmx.endpoint.providers.route import Access
    from llmx.request import Request

Json = dict[str, Any]

_MOST_THREADS = 256
_REGION = "us-east-1"

_FINISH = {
    "max_tokens": "length", "model_context_window_exceeded": "length",
    "guardrail_intervened": "content_filter", "content_filtered": "content_filter",
}  # fmt: skip
_STATUS = {"ModelErrorException": 500, "ModelNotReadyException": 503, "ModelTimeoutException": 408}
"""What passes although its status, 424 or 429, says otherwise or blames the pace."""

_NO_MODEL = b"model identifier is invalid"


def open_dialect(access: Access) -> BedrockDialect:
    """Return the dialect for ``access``: with the key as a bearer token, without one with AWS's own credentials."""
    return BedrockDialect(access)


class BedrockDialect:
    """A ``Dialect``."""

    def __init__(self, access: Access) -> None:
        bearer = {"Authorization": f"Bearer {access.api_key}"} if access.api_key else {}
        self._threads = Threads(Carrier({**bearer, **access.headers}, connect_s=access.connect_s))
        self._arguments: Json = {
            "endpoint_url": access.base_url,
            "config": Config(
                retries={"total_max_attempts": 1}, signature_version=UNSIGNED if access.api_key else None,
                proxies={},
            ),
        }  # fmt: skip
        self._session = boto3.Session()
        region = self._session.region_name or os.environ.get("AWS_REGION") or (access.base_url and _REGION)
        if region:
            self._arguments["region_name"] = region
        self._sdk = self._opened("bedrock-runtime")
        self._clients: dict[str, Threaded] = {}

    def _opened(self, service: str) -> Any:
        try:
            client = self._session.client(service, **self._arguments)
        except NoRegionError:
            raise ConfigError("Amazon Bedrock needs a region", hint="Set AWS_REGION, such as eu-central-1.") from None
        client.meta.events.register("before-send", self._threads.carry)
        return client

    def client(self, mode: str) -> Threaded:
        """Return instructor's client for ``mode``."""
        if mode not in self._clients:
            client = instructor.from_bedrock(self._sdk, mode=instructor.Mode[mode])
            self._clients[mode] = Threaded(client, self._threads)
        return self._clients[mode]

    def call(self, request: Request) -> Call:
        """Return ``request`` as a conversation."""
        if "seed" in request.body:
            raise NotOfferedError("seed")
        arguments: Json = {
            "model": bare_model(request.model),
            "messages": request.body["messages"],
            **sampling(request, {"temperature": "temperature"}),
        }
        if request.max_output_tokens:
            arguments["max_tokens"] = request.max_output_tokens
        if added := extras(request):
            arguments["additionalModelRequestFields"] = added
        if request.mode == "text":
            return Call(arguments)
        if request.mode == "json":
            raise NotOfferedError("mode json (response_format json_object)")
        form = answer_form(request)
        if request.mode == "json_schema":
            return Call(arguments, "JSON_SCHEMA", answer_model(form))
        return Call(arguments, "TOOLS_STRICT" if form.strict else "TOOLS", answer_model(form))

    def completion(self, raw: Json) -> Json:
        """Return the response ``raw`` as a chat completion."""
        blocks, used = raw["output"]["message"]["content"], raw.get("usage", {})
        cached = used.get("cacheReadInputTokens", 0)
        given = used.get("inputTokens", 0) + cached + used.get("cacheWriteInputTokens", 0)
        return chat_completion(
            model="",
            finish=_FINISH.get(raw.get("stopReason", ""), "stop"),
            text="".join(block["text"] for block in blocks if "text" in block),
            arguments=next((block["toolUse"]["input"] for block in blocks if "toolUse" in block), None),
            usage=Tokens(given, used.get("outputTokens", 0), cached),
        )

    def heard(self, sent: Sent) -> Response:
        """Return the answer: an unknown model as a 404, and what passes with a status that says so."""
        kind = sent.headers.get("x-amzn-errortype", "").partition(":")[0]
        status = 404 if sent.status == 400 and _NO_MODEL in sent.body else _STATUS.get(kind, sent.status)
        return Response(status, sent.headers, sent.body)

    async def models(self) -> dict[str, int | None]:
        """Return the ids of the models that answer in text. Bedrock does not say their context lengths."""
        client = self._opened("bedrock")
        listed = await self._threads.run(partial(client.list_foundation_models, byOutputModality="TEXT"))
        return {model["modelId"]: None for model in listed["modelSummaries"]}

    async def aclose(self) -> None:
        """Close the connections, and let the threads go."""
        await self._threads.aclose()


class Threads:
    """Runs what blocks in threads of its own, and carries what these send over our connections."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._pool = ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="llmx-bedrock")
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self, function: partial[Any]) -> Any:
        """Return what ``function`` returns. Cancelled, it cancels the request that the thread waits for."""
        self._loop = asyncio.get_running_loop()
        pending = _Pending()
        context = contextvars.copy_context()
        context.run(_PENDING.set, pending)
        try:
            return await self._loop.run_in_executor(self._pool, context.run, function)
        except asyncio.CancelledError:
            pending.give_up()
            raise

    def carry(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """Send ``request`` for a thread, and wait for the answer: boto3 calls it instead of its own HTTP client."""
        assert self._loop is not None
        pending = _PENDING.get()
        headers = {str(name): _text(value) for name, value in request.headers.items()}
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else bytes(body)
        exchange = self._carrier.exchange(request.method, request.url, headers=headers, content=content)
        waiting = asyncio.run_coroutine_threadsafe(exchange, self._loop)
        pending.add(waiting)
        try:
            sent = waiting.result()
        except Exception as error:
            raise EndpointConnectionError(endpoint_url=request.url, error=error) from error
        return AWSResponse(request.url, sent.status, sent.headers, _Body(sent.body))

    async def aclose(self) -> None:
        """Close the connections, and let the threads go."""
        await self._carrier.aclose()
        self._pool.shutdown(wait=False, cancel_futures=True)


class Threaded:
    """instructor's blocking client, each request in a thread."""

    def __init__(self, client: instructor.Instructor, threads: Threads) -> None:
        self._client = client
        self._threads = threads

    async def create(self, **arguments: Any) -> Any:
        """Return what instructor's client returns."""
        return await self._threads.run(partial(self._client.create, **arguments))


class _Body(io.BytesIO):
    """A body as boto3 wants to read it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


class _Pending:
    """The requests that a thread waits for. Once they are given up, so is each that comes after."""

    def __init__(self) -> None:
        self._requests: list[Future[Sent]] = []
        self._is_given_up = False

    def add(self, request: Future[Sent]) -> None:
        """Take a request; the event loop may give them up between its sending and this."""
        self._requests.append(request)
        if self._is_given_up:
            request.cancel()

    def give_up(self) -> None:
        """Cancel the requests, and those to come: boto3 tries again what was cancelled."""
        self._is_given_up = True
        for each in self._requests:
            each.cancel()


_PENDING: contextvars.ContextVar[_Pending] = contextvars.ContextVar("llmx_pending")


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
