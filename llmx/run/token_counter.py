"""Counts the tokens of a text by tiktoken, by the server's own tokenizer, or by an estimate that says so."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.chunk import estimate_tokens

if TYPE_CHECKING:
    from llmx.endpoint import Endpoint

Count = Callable[[str], Awaitable[int]]

GUESS = "estimated from characters"
"""How ``token_counter`` says that it only estimates."""


async def token_counter(model: str, endpoint: Endpoint | None = None) -> tuple[Count, str]:
    """Return a function that counts the tokens of a text, and a phrase that says how."""
    if (encoding := _encoding(model)) is not None:

        async def exact(text: str) -> int:
            return len(encoding.encode(text, disallowed_special=()))

        return exact, f"by tiktoken ({encoding.name})"
    if endpoint is not None and await endpoint.count_tokens("a word") is not None:

        async def told(text: str) -> int:
            found = await endpoint.count_tokens(text)
            return estimate_tokens(text) if found is None else found

        return told, "by the server's tokenizer"

    async def guess(text: str) -> int:
        return estimate_tokens(text)

    return guess, GUESS


def _encoding(model: str) -> Any:
    """Return tiktoken's encoding of ``model`` where it is known and on this machine; never download it."""
    try:
        from tiktoken.model import encoding_name_for_model  # noqa: PLC0415 - heavy

        name = encoding_name_for_model(model.rpartition("/")[2])
    except (ImportError, KeyError):
        return None
    named = os.environ.get("TIKTOKEN_CACHE_DIR") or os.environ.get("DATA_GYM_CACHE_DIR")
    folder = Path(named or Path(tempfile.gettempdir(), "data-gym-cache"))
    if not folder.is_dir() or not any(folder.iterdir()):
        return None
    import tiktoken  # noqa: PLC0415 - heavy

    try:
        return tiktoken.get_encoding(name)
    except Exception:  # noqa: BLE001 - it wanted to download, and could not: a guess is what is left
        return None
