"""Finds out whether a model sees pictures, by one tiny picture of a number: whoever reads it back has seen it.

Servers take pictures and drop them, so accepting proves nothing. The verdict is remembered beside those on the modes.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmx.endpoint.pictures import SCHEME, PictureReference, picture_part
from llmx.errors import AuthError, EndpointError, RequestError, ServerError

if TYPE_CHECKING:
    from llmx.endpoint.probe import ProbeResult
    from llmx.endpoint.resolving import ResolvedModel
    from llmx.endpoint.settings import EndpointSettings
    from llmx.endpoint.wire import Provider

NUMBER = "7306"
"""What the picture shows."""

_QUESTION = "Which number does the picture show? Answer with its digits alone, or with 'none' if you see no picture."
# the digits of NUMBER on a grid of three by five
_DIGITS = {"7": "111001001001001", "3": "111001111001111", "0": "111101101101111", "6": "111100111101111"}
_DOT_PX, _MARGIN_PX = 12, 24
_WIDTH, _HEIGHT = 3, 5


class Sight:
    """The verdict on one model, found out once and only when somebody asks for it."""

    def __init__(self, settings: EndpointSettings, provider: Provider | None) -> None:
        self._settings = settings
        self._provider = provider
        self._lock = asyncio.Lock()
        self._verdict: bool | None = None

    async def verdict(self, resolved: ResolvedModel) -> bool:
        """Return whether the model sees: by the recording on a replay, else as remembered, else by asking it.

        A model that cannot be asked now does not see, and is asked again another time. Raises AuthError.
        """
        async with self._lock:
            if self._verdict is None:
                self._verdict = await self._found(resolved)
            return self._verdict

    async def _found(self, resolved: ResolvedModel) -> bool:
        if self._settings.replay is not None:
            return await asyncio.to_thread(self._recorded)
        if self._provider is None:
            return False
        from llmx.endpoint.probe import remember, remembered  # noqa: PLC0415 - only where it is used
        from llmx.endpoint.resolving import verdict_path  # noqa: PLC0415 - it imports what imports this

        path = verdict_path(self._settings, resolved.model, mode=self._settings.mode)
        known = remembered(path)
        if known is not None and known.sees is not None and not self._settings.refresh:
            return known.sees
        try:
            seen = await self._asked(self._provider, resolved)
        except AuthError:
            raise
        except EndpointError:
            return False
        remember(path, replace(known or _result(resolved), sees=seen), self._settings.base_url)
        return seen

    def _recorded(self) -> bool:
        assert self._settings.replay is not None
        return any(SCHEME.encode() in path.read_bytes() for path in self._settings.replay.glob("*.json"))

    async def _asked(self, provider: Provider, resolved: ResolvedModel) -> bool:
        from llmx.endpoint.adaptive_timeout import AdaptiveTimeout  # noqa: PLC0415 - only where it is used
        from llmx.endpoint.probe import Probe  # noqa: PLC0415 - only where it is used

        settings = self._settings
        probe = Probe(
            AdaptiveTimeout(provider, settings.attempt_s), resolved.model, api_key_env=settings.variable_to_set,
            redactor=settings.redactor, quirks=resolved.quirks, extra=settings.extra, free_api=settings.api == "auto",
        )  # fmt: skip
        try:
            return NUMBER in await probe.said(question())
        except (RequestError, ServerError):
            return False


def _result(resolved: ResolvedModel) -> ProbeResult:
    from llmx.endpoint.probe import ProbeResult, today  # noqa: PLC0415 - only where it is used

    return ProbeResult(resolved.model, resolved.mode, quirks=resolved.quirks, probed=today())


def question() -> list[dict[str, Any]]:
    """Return the content of the message that asks for the number in the picture."""
    reference = PictureReference.of(["a number", NUMBER], 2 * _MARGIN_PX + 15 * _DOT_PX, picture)
    return [{"type": "text", "text": _QUESTION}, picture_part(reference)]


def picture() -> bytes:
    """Return the picture of the number, black on white: a PNG file of 228 by 108 pixels."""
    from llmx.documents.converters.pdf_picture import png  # noqa: PLC0415 - it brings pdfium

    dots = ["0".join(_DIGITS[digit][row * _WIDTH : (row + 1) * _WIDTH] for digit in NUMBER) for row in range(_HEIGHT)]
    wide, high = len(dots[0]) * _DOT_PX + 2 * _MARGIN_PX, _HEIGHT * _DOT_PX + 2 * _MARGIN_PX
    white, blank = b"\xff\xff\xff", b"\xff\xff\xff" * wide
    margin = white * _MARGIN_PX
    lines = [b"".join((b"\0\0\0" if dot == "1" else white) * _DOT_PX for dot in row) for row in dots]
    body = b"".join((margin + line + margin) * _DOT_PX for line in lines)
    return png(blank * _MARGIN_PX + body + blank * _MARGIN_PX, wide, high)
