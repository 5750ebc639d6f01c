"""Serves the review on the loopback interface until it is stopped."""

from __future__ import annotations

import contextlib
import secrets
import socket
import sys
import threading
import webbrowser
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from llmx.errors import ConfigError
from llmx.review.session import ReviewSession, open_review

if TYPE_CHECKING:
    from llmx.schema import SchemaLike
    from llmx.view.texts import DocumentsLike

HOST = "127.0.0.1"
FIRST_PORT, PORTS = 20_000, 10_000  # below those that systems hand out (Linux: from 32768)


class ReviewOptions(TypedDict, total=False):
    """The options of ``serve_review``, described there."""

    documents: DocumentsLike
    schema: SchemaLike | None
    user: str
    port: int
    open_browser: bool
    announce: Callable[[str], object]


def serve_review(run: Path, gold: Path, **options: Unpack[ReviewOptions]) -> None:
    """Serve the page for correcting ``run`` into the folder ``gold``; return when it is stopped (Ctrl+C).

    ``documents`` are where the texts are found, ``schema`` gives fields, choices and readers, ``user`` is the name that
    provenance bears (the system's by default). ``port`` 0 takes a free one, the same for the same folder where it can.
    ``announce`` gets the address, which holds the token of this start; it prints to stderr by default. Raises
    UsageError where an input is wrong, OutputError where the folder cannot be written or is open in another review,
    ConfigError where the extra ``review`` is not installed or the port is taken.
    """
    try:
        import starlette  # noqa: F401, PLC0415 - the extra
        import uvicorn  # noqa: F401, PLC0415 - the extra
    except ImportError as error:
        raise ConfigError(f"{error.name} is not installed", hint='pip install "llmx-extract[review]"') from error
    session = open_review(
        run, gold, documents=options.get("documents", ()), schema=options.get("schema"), user=options.get("user") or ""
    )
    try:
        _serve(session, options)
    finally:
        session.journal.close()


def _serve(session: ReviewSession, options: ReviewOptions) -> None:
    import uvicorn  # noqa: PLC0415 - the extra

    from llmx.review.app import make_app  # noqa: PLC0415 - the extra

    token = secrets.token_urlsafe(24)
    listener = _listen(options.get("port", 0), session.folder.path)
    address = f"http://{HOST}:{listener.getsockname()[1]}/?token={token}"
    config = uvicorn.Config(make_app(session, token=token), log_level="warning", access_log=False, server_header=False,
                            ws="none", lifespan="off", timeout_graceful_shutdown=2)  # fmt: skip
    server = uvicorn.Server(config)
    options.get("announce", _print)(address)
    if options.get("open_browser", True):
        threading.Timer(0.3, webbrowser.open, [address]).start()
    with listener, contextlib.suppress(KeyboardInterrupt):  # Ctrl+C is how it ends
        server.run(sockets=[listener])


def _listen(port: int, gold: Path) -> socket.socket:
    """Return a socket that listens on the loopback interface, so that the address is known before anything else.

    Without a ``port`` it is the folder's own where that is free: browsers keep by address what was not sent yet, so
    that a window opened after a crash finds it.
    """
    if port == 0:
        try:
            return _bound(FIRST_PORT + zlib.crc32(str(gold.resolve()).encode()) % PORTS)
        except ConfigError:
            return _bound(0)
    return _bound(port)


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # there it would let two programs share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(64)
    except (OSError, OverflowError) as error:  # the latter: a port is a number from 0 to 65535
        listener.close()
        why = error.strerror if isinstance(error, OSError) else "there is no such port"
        raise ConfigError(f"port {port}: {why}", hint="Leave --port away to take a free one.") from error
    return listener


def _print(address: str) -> None:
    sys.stderr.write(f"Review at {address}\nStop with Ctrl+C; no edit is lost.\n")
    sys.stderr.flush()
