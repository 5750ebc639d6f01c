"""The embedded model's server, with what all prompts of a run begin with read once and kept on disk.

Instructions, sketch and examples are most of a short document's prompt, and a processor reads some dozens of tokens a
second. llama.cpp can write what it made of them to a file and take it back, so before the first question of a run the
file of its beginning is restored; where there is none yet, the beginning is read by itself and saved. No document is in
such a file. Whatever goes wrong here costs time only: the question is asked all the same.
"""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import logging
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from llmx.endpoint.providers.openai_compatible import OpenAICompatible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmx.endpoint.wire import Response
    from llmx.request import Request

_LOG = logging.getLogger("llmx.endpoint")

LEAST_CHARS = 600
"""Of a beginning that is worth a file: to read some 150 tokens takes a few seconds."""

MOST_FILES = 8
"""How many beginnings are kept, the ones that were used last; each takes some 30 kB a token."""

_FORMAT = 1  # raise it when files of before should not be taken
_READ_S = 600.0
_ACTION_S = 30.0
_NOT_FOR_READING = ("response_format", "logprobs", "top_logprobs", "temperature", "seed", "stream")
"""Members of a question that say how to answer, and nothing of the prompt."""


class EmbeddedServer(OpenAICompatible):
    """The provider of the embedded model. ``folder`` is where its server keeps the beginnings of prompts."""

    def __init__(self, access: Any, folder: Path) -> None:
        super().__init__(access)
        self._folder = folder
        self._ready: asyncio.Task[None] | None = None

    async def send(self, request: Request) -> Response:
        """Return the answer to ``request``, once the beginning of the first one's prompt is in the server's memory."""
        if self._ready is None:
            self._ready = asyncio.create_task(self._prepare(dict(request.body)))
        await asyncio.shield(self._ready)
        return await super().send(request)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._ready is not None:
            self._ready.cancel()
        await super().aclose()

    async def _prepare(self, body: Mapping[str, Any]) -> None:
        beginning = list(body.get("messages", ()))[:-1]
        if self.base_url is None or len(orjson.dumps(beginning)) < LEAST_CHARS:
            return
        root = self.base_url.removesuffix("/v1")
        reading = {name: value for name, value in body.items() if name not in _NOT_FOR_READING}
        reading |= {"messages": [*beginning, {"role": "user", "content": ""}], "max_tokens": 1}
        try:
            await asyncio.to_thread(_restored_or_read, root, self._folder, reading)
        except (OSError, http.client.HTTPException, ValueError, TypeError, KeyError) as fault:
            _LOG.debug("the beginning of the prompts is not kept: %s", fault)


def _restored_or_read(root: str, folder: Path, reading: Mapping[str, Any]) -> None:
    """Restore the file of this beginning, or have it read and save one. Raises what the connection or a file does."""
    status, props = _asked(root, "/props")
    if status != http.HTTPStatus.OK:
        return
    weights = Path(props["model_path"])
    stat = weights.stat()
    identity = [_FORMAT, weights.name, stat.st_size, stat.st_mtime_ns, props.get("build_info", ""), reading]
    name = hashlib.sha256(orjson.dumps(identity, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32] + ".bin"
    if (folder / name).is_file():
        status, _ = _asked(root, "/slots/0?action=restore", body={"filename": name})
        if status == http.HTTPStatus.OK:
            (folder / name).touch()
            return
        (folder / name).unlink(missing_ok=True)
    status, _ = _asked(root, "/v1/chat/completions", body={**reading, "id_slot": 0}, timeout_s=_READ_S)
    if status == http.HTTPStatus.OK:
        _asked(root, "/slots/0?action=save", body={"filename": name})
        _forget_oldest(folder)


def _forget_oldest(folder: Path) -> None:
    files = sorted(folder.glob("*.bin"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[MOST_FILES:]:
        with suppress(OSError):  # another process may have been first
            path.unlink()


def _asked(
    root: str, path: str, *, body: Mapping[str, Any] | None = None, timeout_s: float = _ACTION_S
) -> tuple[int, dict[str, Any]]:
    """Return the status and the JSON object that the server answers, {} for none; with a ``body`` to a POST."""
    parts = urlsplit(root)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        content = None if body is None else orjson.dumps(body)
        connection.request("GET" if body is None else "POST", path, content, {"Content-Type": "application/json"})
        response = connection.getresponse()
        told = orjson.loads(response.read() or b"{}")
        return response.status, told if isinstance(told, dict) else {}
    finally:
        connection.close()
