"""The review's web application: a page and a few JSON calls, for this machine's browser only.

Every call needs the token of this start in a header, which no other site can send or learn, and a Host that is this
machine (against DNS rebinding). What the calls do is ``session.py``'s.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from llmx.errors import LlmxError, UsageError
from llmx.review.draft import State
from llmx.review.form import form_json
from llmx.review.names import may_be_reviewed, names_of, say
from llmx.review.session import Conflict, ReviewSession
from llmx.view.data import record_block
from llmx.view.facets import facets
from llmx.view.page import Assets, data_block, load_assets, page_head, page_tail, policy, safe_json
from llmx.view.pages import PageView

TOKEN_HEADER = "x-llmx-token"  # noqa: S105 - a header's name
MOST_BYTES = 8_000_000  # of a call's body: a state with a long document's notes is far below
_VIEW, _HERE = "llmx.view", "llmx.review"
_OWN = (
    "wire.js",
    "cursor.js",
    "change.js",
    "form.js",
    "documents.js",
    "draw.js",
    "edit.js",
    "saving.js",
    "names.js",
    "review.js",
)
_SCRIPTS = (
    *(
        (_VIEW, name)
        for name in ("dom.js", "pointer.js", "spans.js", "list.js", "keys.js", "tree.js", "paper.js", "filters.js")
    ),
    *((_HERE, name) for name in _OWN),
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
Handler = Callable[[ReviewSession, Mapping[str, Any]], Any]


def make_app(session: ReviewSession, *, token: str) -> Starlette:
    """Return the application for ``session``; the page is at ``/?token=TOKEN``."""
    assets = review_assets()
    csp = policy(assets, connect="'self'")

    async def page(request: Request) -> Response:
        if not hmac.compare_digest(request.query_params.get("token", "").encode(), token.encode()):
            return PlainTextResponse("This address lacks the review's token: open the address that llmx printed.", 403)
        content = page_head(assets, title=f"Review {session.run.name} · llmx", csp=csp)
        content += data_block("index", _index(session)) + page_tail(assets)
        return Response(
            content, media_type="text/html", headers={"Content-Security-Policy": f"{csp}; frame-ancestors 'none'"}
        )

    calls: dict[str, Handler] = {
        "open": _open, "edit": _edit, "undo": _step("undo"), "redo": _step("redo"), "save": _save, "skip": _skip,
        "words": _words, "page": _page, "places": _places, "stages": lambda session, _: _stages(session),
        "names": lambda session, _: names_of(session), "say": _say,
    }  # fmt: skip
    routes = [
        Route("/", page),
        *(Route(f"/api/{name}", _call(session, token, handler), methods=["POST"]) for name, handler in calls.items()),
    ]
    app = Starlette(routes=routes)
    app.add_middleware(_Guard)
    return app


def review_assets() -> Assets:
    """Return the body, style and script of the review."""
    return load_assets((_HERE, "review.html"), [(_VIEW, "frame.css"), (_HERE, "review.css")], _SCRIPTS)


class _Guard:
    """Refuses hosts other than this machine, and sets the headers that every answer has."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        host = request.headers.get("host", "")
        foreign = site not in {None, "none", "same-origin"} and request.url.path != "/"
        if not is_this_machine(host) or foreign or (origin is not None and origin != f"http://{host}"):
            await PlainTextResponse("This page is only for a browser on this machine.", 403)(scope, receive, send)
            return

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    *((k.lower().encode(), v.encode()) for k, v in _HEADERS.items()),
                ]
            await send(message)

        await self.app(scope, receive, with_headers)


def is_this_machine(host: str) -> bool:
    """Whether a Host header names the loopback interface, with a port or without.

    >>> is_this_machine("127.0.0.1:8000"), is_this_machine("attacker.example:8000")
    (True, False)
    """
    name = host.rpartition(":")[0] if ":" in host else host
    return name in {"127.0.0.1", "localhost"}


def _call(session: ReviewSession, token: str, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get(TOKEN_HEADER, "").encode(), token.encode()):
            return JSONResponse({"error": "the token is missing or wrong: open the address that llmx printed"}, 403)
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return JSONResponse({"error": "a call's body is application/json"}, 415)
        try:
            return _json(handler(session, await _body(request)))
        except Conflict as conflict:
            return _json({"conflict": conflict.by, "theirs": conflict.theirs}, 409)
        except LlmxError as error:
            return _json({"error": str(error)}, 400 if isinstance(error, UsageError) else 500)

    return answer


async def _body(request: Request) -> Mapping[str, Any]:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MOST_BYTES:
            raise UsageError("the call is too long")
    try:
        body = json.loads(bytes(content))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the call is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise UsageError("a call is a JSON object")
    return body


def _json(value: Any, status: int = 200) -> Response:
    """Return an answer as JSON that any browser reads: no half of a surrogate pair, no NaN."""
    return Response(safe_json(value), status, media_type="application/json")


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise UsageError(f"the call needs a text {name!r}")
    return value


def _index(session: ReviewSession) -> dict[str, Any]:
    """Return what the page needs at the start: the documents, the tree of a record, and who makes the gold."""
    documents = []
    for id_, row in session.run.rows.items():
        found = session.texts[id_]
        snippet = " ".join((found.text or "")[:360].split())[:90]
        shown = {"id": id_, "source": row.get("source"), "snippet": snippet, "status": row.get("status", "ok")}
        documents.append(shown | {"facets": facets([record_block(row, text=None)], ())})
    return {
        "run": session.run.name,
        "gold": str(session.folder.path),
        "user": session.user,
        "tree": form_json(session.tree),
        "documents": documents,
        "stages": _stages(session),
        "linked": may_be_reviewed(session),
    }


def _stages(session: ReviewSession) -> dict[str, str]:
    return {id_: session.stage(id_) for id_ in session.run.rows}


def _draft(session: ReviewSession, id_: str) -> dict[str, Any]:
    """Return a document's draft as the page gets it after every call."""
    draft = session.draft(id_)
    return {
        "id": id_,
        "version": draft.version,
        **draft.state.to_json(),
        "stage": session.stage(id_),
        "undo": draft.labels[draft.at] if draft.may("undo") else None,
        "redo": draft.labels[draft.at + 1] if draft.may("redo") else None,
        "problems": session.problems(draft.state.gold),
        "file": str(session.folder.files[id_]),
        "depth": len(session.folder.files[id_].relative_to(session.folder.path).parts) + 1,
    }


def _open(session: ReviewSession, body: Mapping[str, Any]) -> Any:
    id_ = _text(body, "id")
    answer = _draft(session, id_)
    found = session.texts[id_]
    record = record_block(session.run.rows[id_], text=found.text)
    pages = {"pages": found.pages.to_json()} if found.pages else {}
    return answer | {"text": found.text, "why": found.why, "record": record} | pages


def _page(session: ReviewSession, body: Mapping[str, Any]) -> Any:
    """Return the picture of one page."""
    number = body.get("page")
    if not isinstance(number, int):
        raise UsageError("the call needs the number of a page")
    pages = _pages_of(session, body)
    if number not in {page.number for page in pages.sizes}:
        raise UsageError(f"the document has no page {number}")
    return {"picture": pages.picture(number)}


def _places(session: ReviewSession, body: Mapping[str, Any]) -> Any:
    """Return the boxes of places in the text, which the call names as {key: [start, end]}."""
    spans = body.get("spans")
    if not isinstance(spans, dict):
        raise UsageError("the call needs places of the text")
    try:
        wanted = {key: (int(start), int(end)) for key, (start, end) in spans.items()}
    except (TypeError, ValueError) as error:
        raise UsageError("a place is [start, end]") from error
    return {"places": _pages_of(session, body).places(wanted)}


def _pages_of(session: ReviewSession, body: Mapping[str, Any]) -> PageView:
    found = session.texts.get(_text(body, "id"))
    if found is None or found.pages is None:
        raise UsageError("the document has no pages")
    return found.pages


def _edit(session: ReviewSession, body: Mapping[str, Any]) -> Any:
    id_ = _text(body, "id")
    session.edit(id_, State.from_json(body.get("state")), version=_text(body, "version"), label=_text(body, "label"))
    return _draft(session, id_)


def _step(by: Any) -> Handler:
    def step(session: ReviewSession, body: Mapping[str, Any]) -> Any:
        session.step(_text(body, "id"), by, version=_text(body, "version"))
        return _draft(session, _text(body, "id"))

    return step


def _save(session: ReviewSession, body: Mapping[str, Any]) -> Any:
    over = body.get("over")
    session.save(_text(body, "id"), version=_text(body, "version"), over=over if isinstance(over, str) else None)
    return _draft(session, _text(body, "id"))


def _skip(session: ReviewSession, body: Mapping[str, Any]) -> Any:
    session.skip(_text(body, "id"), version=_text(body, "version"), skipped=body.get("skipped") is True)
    return _draft(session, _text(body, "id"))


def _say(session: ReviewSession, body: Mapping[str, Any]) -> Any:
    return say(session, (_text(body, "one"), _text(body, "two")), _text(body, "said"))


def _words(session: ReviewSession, body: Mapping[str, Any]) -> Any:
    said = session.read_words(
        _text(body, "id"), _text(body, "pointer"), _text(body, "words"), typed=body.get("typed") is True
    )
    return said.to_json()
