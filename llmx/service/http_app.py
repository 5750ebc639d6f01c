"""The service over HTTP: post a document, get its records. ``/openapi.json`` and the page at ``/`` describe it."""

from __future__ import annotations

import hmac
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from llmx.documents import Document
from llmx.errors import EndpointError, LlmxError, UsageError, choices
from llmx.run.metrics_text import CONTENT_TYPE, family, stats_text
from llmx.service.openapi import description, page

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from llmx.service.extraction_service import ExtractionService

MOST_BYTES = 20_000_000
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"}
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """Who may ask, and how much. Without ``keys`` everybody who reaches the port may.

    ``most_bytes`` bounds a document, ``most_waiting`` the documents that wait for their turn; beyond it the answer is
    429.
    """

    keys: tuple[str, ...] = field(default=(), repr=False)
    most_bytes: int = MOST_BYTES
    most_waiting: int = 64


def make_app(
    opened: Callable[[], AbstractAsyncContextManager[ExtractionService]], options: HttpOptions | None = None
) -> Starlette:
    """Return the application. It opens the service by ``opened`` when it starts, and closes it when it ends."""
    service = _Served(options or HttpOptions())

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with opened() as service.extraction:
            yield

    guarded = {
        "/schemas": (service.schemas, "GET"),
        "/schemas/{name:path}": (service.schema, "GET"),
        "/records/{name:path}": (service.records, "POST"),
        "/metrics": (service.metrics, "GET"),
    }
    routes = [Route(path, partial(_guarded, service, call), methods=[verb]) for path, (call, verb) in guarded.items()]
    routes += [Route("/health", service.health), Route("/openapi.json", service.openapi), Route("/", service.page)]
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: _told})


class _Served:
    """The calls. ``extraction`` is there from the application's start on."""

    extraction: ExtractionService

    def __init__(self, options: HttpOptions) -> None:
        self.options = options
        self.waiting = 0
        self.statuses: Counter[tuple[str, str]] = Counter()

    async def health(self, _request: Request) -> Response:
        """Say that the service is there; a busy one answers, too."""
        return _json({"status": "ok", "busy": self.extraction.busy, "waiting": self.waiting})

    async def metrics(self, _request: Request) -> Response:
        """Tell Prometheus what was done: records, tokens, requests, and how many documents wait."""
        nothing: dict[str, str] = {}
        records = [({"schema": name, "status": status}, count) for (name, status), count in self.statuses.items()]
        sessions = self.extraction.sessions.items()
        text = "".join((
            family("llmx_records_total", "counter", "Records that were answered with, by schema and status.",
                   samples=records),
            family("llmx_documents_waiting", "gauge", "Documents that are worked on or wait.",
                   samples=[(nothing, self.waiting)]),
            family("llmx_busy", "gauge", "Whether another one would wait.", samples=[(nothing, self.extraction.busy)]),
            stats_text([({"schema": name, "model": each.plan.model}, each.endpoint.stats) for name, each in sessions]),
        ))  # fmt: skip
        return Response(text, headers=_HEADERS, media_type=CONTENT_TYPE)

    async def openapi(self, _request: Request) -> Response:
        """Describe the service as OpenAPI 3.1."""
        return _json(description(self.extraction, self.options))

    async def page(self, _request: Request) -> Response:
        """Show the description to people."""
        content = page(description(self.extraction, self.options))
        return HTMLResponse(content, headers=_HEADERS | {"Content-Security-Policy": _PAGE_POLICY})

    async def schemas(self, _request: Request) -> Response:
        """List the names of the schemas."""
        return _json({"schemas": list(self.extraction.sessions)})

    async def schema(self, request: Request) -> Response:
        """Give the JSON Schema of a record's data."""
        name = request.path_params["name"]
        self._check_name(name)
        return _json(self.extraction.sessions[name].plan.schema.model.model_json_schema(mode="serialization"))

    async def records(self, request: Request) -> Response:
        """Extract the records of the document in the body."""
        name = request.path_params["name"]
        self._check_name(name)
        if self.waiting >= self.options.most_waiting:
            raise HTTPException(429, "too many documents are waiting", headers={"Retry-After": "5"})
        self.waiting += 1
        try:
            document = _document(await self._body(request), request)
            found = await self.extraction.extract(document, name)
        except UsageError as error:
            raise HTTPException(400, str(error)) from error
        except EndpointError as error:
            raise HTTPException(502, error.message) from error
        except LlmxError as error:
            raise HTTPException(500, error.message) from error
        finally:
            self.waiting -= 1
        self.statuses.update((name, record.status) for record in found)
        return _json({"records": [record.to_json() for record in found]})

    def _check_name(self, name: str) -> None:
        """Raise HTTPException where no schema of that name is served."""
        if name not in (served := self.extraction.sessions):
            raise HTTPException(404, f"no schema is called {name!r}. {choices(name, served)}")

    async def _body(self, request: Request) -> bytes:
        """Return the body. Raises HTTPException where it is larger than allowed, before it is read to its end."""
        most, read = self.options.most_bytes, bytearray()
        async for part in request.stream():
            read += part
            if len(read) > most:
                raise HTTPException(413, f"a document has at most {most:,} bytes")
        if not read:
            raise HTTPException(400, "there is no document in the body")
        return bytes(read)


async def _guarded(served: _Served, call: Callable[[Request], Awaitable[Response]], request: Request) -> Response:
    """Answer ``request`` if it bears one of the keys, where there are any."""
    given = request.headers.get("authorization", "").partition("Bearer ")[2].encode()
    keys = served.options.keys
    if keys and not any([hmac.compare_digest(given, key.encode()) for key in keys]):  # noqa: C419 - all are compared
        raise HTTPException(401, "give a key: Authorization: Bearer KEY", headers={"WWW-Authenticate": "Bearer"})
    return await call(request)


def _document(body: bytes, request: Request) -> Document | bytes:
    """Return the document in ``body``: of JSON its text, of plain text that, of anything else the bytes of a file."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        raise HTTPException(415, "send the file itself as the body, not a form: curl --data-binary @FILE")
    name = request.query_params.get("id", "")
    if kind == "application/json":
        try:
            given = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise HTTPException(400, f"the body is not JSON: {error}") from error
        if (
            not isinstance(given, dict)
            or not isinstance(given.get("text"), str)
            or not isinstance(given.get("id", ""), str)
        ):
            hint = "send another JSON file as application/octet-stream"
            raise HTTPException(400, f'the body is not like {{"text": "…", "id": "…"}}; {hint}')
        return Document(id=given.get("id", "") or name, text=given["text"])
    if kind == "text/plain":
        try:
            return Document(id=name, text=body.decode())
        except UnicodeDecodeError:
            return body  # in which encoding, the bytes tell
    return body


def _json(data: Any) -> Response:
    return JSONResponse(data, headers=_HEADERS)


async def _told(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = _HEADERS | dict(error.headers or {})
    return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=headers)
