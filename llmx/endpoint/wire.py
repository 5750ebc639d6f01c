"""The seam to whoever answers: one request out, one answer back.

A cassette replaces a ``Wire``, a time-out or a recording wraps one, and at the bottom is a ``Provider``.
Nothing above this seam knows which protocol is spoken; docs/extending/provider.md says how to add one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from llmx.dataclass import dataclass

if TYPE_CHECKING:
    from llmx.request import Request


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as it came: ``headers`` with lower-case names, ``body`` decompressed, ``seconds`` that it took.

    A body of status 200 is a chat completion in OpenAI's form. ``origin`` is set where it did not come over the
    wire just now: ``batch`` for one that a batch has brought, ``collected`` where that was counted before.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float = 0.0
    origin: Literal["", "batch", "collected"] = ""


@runtime_checkable
class Wire(Protocol):
    """Sends requests."""

    async def send(self, request: Request) -> Response:
        """Return the answer, whatever its status. Raises ConnectError where there was none."""
        ...

    async def aclose(self) -> None:
        """Release connections and whatever else it holds."""
        ...


class Provider(Wire, Protocol):
    """A service that answers requests and may describe itself; what it does not know is [] or None."""

    async def models(self) -> list[str]:
        """Return the ids of the models that it offers, [] where it does not list them."""
        ...

    async def count_tokens(self, text: str) -> int | None:
        """Return the number of tokens in ``text`` by its own tokenizer, None where it offers none."""
        ...

    async def context_length(self) -> int | None:
        """Return how many tokens a request and its answer may have together, None where that is unknown."""
        ...
