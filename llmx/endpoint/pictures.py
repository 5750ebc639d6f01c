"""Pictures in requests: a request names them by a hash, and they are drawn when it is sent.

So a key, a cassette and the cache hold no picture: what a picture shows is told by the file, the page and its size, and
these are in the hash. A request that is answered from the cache or a cassette draws none.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from llmx.errors import RequestError
from llmx.request import fingerprint

if TYPE_CHECKING:
    from llmx.request import Request

Json = dict[str, Any]

SCHEME = "llmx-picture:"
"""What a reference begins with."""

_JPEG = b"\xff\xd8"
_HASH_DIGITS = 32
_PIXELS_PER_TOKEN = 750  # by Anthropic's documentation; OpenAI's tiles and Google's come to as many or fewer
_SHAPE = 0.71  # of a page's sides, the shorter by the longer


class PictureReference(str):
    """The name of a picture in the body of a request, such as ``llmx-picture:3f…/1568``, and how to draw it.

    The number at the end is the length in pixels of its longer side, at most.
    """

    __slots__ = ("_draw",)
    _draw: Callable[[], bytes]

    @classmethod
    def of(cls, identity: Any, longest_px: int, draw: Callable[[], bytes]) -> PictureReference:
        """Return the reference to the picture that ``identity``, a JSON value, says; ``draw`` returns its file."""
        made = cls(f"{SCHEME}{fingerprint(identity)[:_HASH_DIGITS]}/{longest_px}")
        made._draw = draw
        return made

    def data_url(self) -> str:
        """Return the picture as a data URL. Raises RequestError if it cannot be drawn."""
        file = self._draw()
        if not file:
            raise RequestError("the picture of a page cannot be drawn", hint="Look at the file, or use --images never.")
        form = "jpeg" if file.startswith(_JPEG) else "png"
        return f"data:image/{form};base64,{base64.b64encode(file).decode()}"


def picture_part(reference: str) -> Json:
    """Return the part of a message's content that shows a picture."""
    return {"type": "image_url", "image_url": {"url": reference}}


def picture_sizes(request: Request) -> list[int]:
    """Return the longer side in pixels, at most, of each picture that ``request`` shows."""
    named = (_reference(part) for part in _parts(request.messages))
    return [int(each.rpartition("/")[2]) for each in named if each is not None]


def picture_tokens(request: Request) -> int:
    """Return about how many tokens the pictures of ``request`` take."""
    return sum(round(_SHAPE * size * size / _PIXELS_PER_TOKEN) for size in picture_sizes(request))


async def drawn(body: Json) -> Json:
    """Return ``body`` with its pictures as data URLs; ``body`` itself where it has none. They are drawn in a thread."""
    name = "messages" if "messages" in body else "input"
    messages = body.get(name) or ()
    if not any(isinstance(message.get("content"), list) for message in messages):
        return body
    return {**body, name: await asyncio.to_thread(lambda: [_drawn_message(each) for each in messages])}


def _drawn_message(message: Json) -> Json:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    return {**message, "content": [_drawn_part(part) for part in content]}


def _drawn_part(part: Json) -> Json:
    reference = _reference(part)
    if reference is None:
        return part
    if not isinstance(reference, PictureReference):
        raise RequestError("a request names a picture that is not here")
    url = reference.data_url()
    inner = part["image_url"]
    return {**part, "image_url": {**inner, "url": url} if isinstance(inner, dict) else url}


def _parts(messages: Iterable[Mapping[str, Any]]) -> Iterable[Json]:
    for message in messages:
        content = message.get("content")
        if isinstance(content, list):
            yield from (part for part in content if isinstance(part, dict))


def _reference(part: Json) -> str | None:
    """Return the reference in a part of a content, in the form of either API; None where it shows no picture."""
    url = part.get("image_url")
    if isinstance(url, dict):
        url = url.get("url")
    return url if isinstance(url, str) and url.startswith(SCHEME) else None


def split_data_url(url: str) -> tuple[str, str]:
    """Return the media type and the base64 of a data URL.

    >>> split_data_url("data:image/png;base64,iVBORw==")
    ('image/png', 'iVBORw==')
    """
    head, _, data = url.partition(",")
    return head.removeprefix("data:").partition(";")[0], data
