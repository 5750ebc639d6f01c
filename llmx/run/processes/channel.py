"""Messages between two processes of a run, over a socket that both inherit.

They are pickles: both ends are llmx, started by the same user, and the socket has no name that others could connect to.
"""

from __future__ import annotations

import asyncio
import pickle
import socket
from collections.abc import Callable
from typing import Any, cast

_HEAD = 8  # bytes that say how long a frame is


class Channel(asyncio.Protocol):
    """One end. ``received`` is called with each message, ``lost`` once when the other process has gone.

    What is sent in one turn of the loop goes out together: a frame for each message would take longer than they do.
    """

    def __init__(self, received: Callable[[tuple[Any, ...]], None], lost: Callable[[], None]) -> None:
        self._received, self._lost = received, lost
        self._out: list[tuple[Any, ...]] = []
        self._in = bytearray()
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def over(
        cls, end: socket.socket, received: Callable[[tuple[Any, ...]], None], lost: Callable[[], None]
    ) -> Channel:
        """Return the channel over the connected socket ``end``."""
        loop = asyncio.get_running_loop()
        _, channel = await loop.create_connection(lambda: cls(received, lost), sock=end)
        return channel

    def send(self, message: tuple[Any, ...]) -> None:
        """Send ``message`` with the others of this turn."""
        if not self._out:
            asyncio.get_running_loop().call_soon(self.flush)
        self._out.append(message)

    def close(self) -> None:
        """Send what is left, and close."""
        self.flush()
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Hand on the messages that are whole."""
        self._in += data
        at = 0
        while (begin := at + _HEAD) <= len(self._in):
            end = begin + int.from_bytes(self._in[at:begin], "little")
            if end > len(self._in):
                break
            messages = pickle.loads(self._in[begin:end])  # noqa: S301 - of our own process
            at = end
            for message in messages:
                self._received(message)
        del self._in[:at]

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        """Tell that the other process has gone."""
        self._transport = None
        self._lost()

    def flush(self) -> None:
        """Send what is there now, before the turn ends."""
        messages, self._out = self._out, []
        if messages and self._transport is not None and not self._transport.is_closing():
            body = pickle.dumps(messages, protocol=5)
            self._transport.write(len(body).to_bytes(_HEAD, "little") + body)
