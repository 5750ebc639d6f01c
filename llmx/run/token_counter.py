"""Counts the tokens of a text by tiktoken, by the server's own tokenizer, or by an estimate that says so."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.chunk import estimate_tokens

if TYPE_CHECKING:
    from llmx.endpoint import Endpoint

Count = Callable[[str], Awaitable[int]]

_ROOT = "https://openaipublic.blob.core.windows.net/encodings/"
_O200K = ("o200k_base.tiktoken", "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d")
_P50K = ("p50k_base.tiktoken", "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069")
_RANKS = {
    "o200k_base": _O200K,
    "o200k_harmony": _O200K,
    "cl100k_base": ("cl100k_base.tiktoken", "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"),
    "p50k_base": _P50K,
    "p50k_edit": _P50K,
    "r50k_base": ("r50k_base.tiktoken", "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930"),
}
"""The files in which tiktoken keeps each encoding, and their sha256 (tiktoken_ext/openai_public.py)."""

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
    if not _is_here(name):
        return None
    import tiktoken  # noqa: PLC0415 - heavy

    return tiktoken.get_encoding(name)


def _is_here(encoding: str) -> bool:
    """Return whether tiktoken has the ranks of ``encoding`` on this disk, whole; else it would download them."""
    file, digest = _RANKS.get(encoding, ("", ""))
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):  # the first that is set counts, '' is for none
        if (named := os.environ.get(variable)) is not None:
            break
    else:
        named = str(Path(tempfile.gettempdir(), "data-gym-cache"))
    path = Path(named, hashlib.sha1(f"{_ROOT}{file}".encode(), usedforsecurity=False).hexdigest())
    try:
        return bool(named and file) and hashlib.sha256(path.read_bytes()).hexdigest() == digest
    except OSError:
        return False
