"""What a server reports about itself: how it counts tokens, and how many fit into its context.

llama.cpp and what is built on it offer both beside the API's root; vLLM and some hosts put the context length into the
list of models. No server has to; a server that says nothing, or fails to, is None here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from llmx.errors import LlmxError

if TYPE_CHECKING:
    from llmx.endpoint.providers.openai_compatible import OpenAICompatible

_CONTEXT_MEMBERS = ("context_length", "max_model_len", "context_window", "n_ctx")
"""OpenRouter's and LM Studio's, vLLM's, Groq's, llama.cpp's name for it."""


async def count_tokens(server: OpenAICompatible, text: str) -> int | None:
    """Return the number of tokens in ``text`` by llama.cpp's ``/tokenize``, None where the server has none."""
    root = _root(server)
    if not root:
        return None
    try:
        response = await server.post(f"{root}/tokenize", {"content": text})
        return len(orjson.loads(response.body)["tokens"]) if response.status == 200 else None
    except (LlmxError, ValueError, KeyError, TypeError):
        return None


async def context_length(server: OpenAICompatible) -> int | None:
    """Return the server's context length in tokens, from its list of models or from llama.cpp's ``/props``."""
    root = _root(server)
    for path in ("/models", f"{root}/props") if root else ("/models",):
        try:
            response = await server.get(path)
            found = _context_member(orjson.loads(response.body)) if response.status == 200 else None
        except (LlmxError, ValueError, RecursionError):
            continue
        if found is not None:
            return found
    return None


def _root(server: OpenAICompatible) -> str:
    """Return the server's address without the ``/v1`` of its API, '' for OpenAI's own."""
    return (server.base_url or "").rstrip("/").removesuffix("/v1")


def _context_member(value: object) -> int | None:
    """Return the first positive number under a name of a context length, however deep it stands."""
    if isinstance(value, list):
        return next((n for item in value if (n := _context_member(item)) is not None), None)
    if not isinstance(value, dict):
        return None
    for name in _CONTEXT_MEMBERS:
        if isinstance(value.get(name), int) and value[name] > 0:
            return int(value[name])
    return next((n for item in value.values() if (n := _context_member(item)) is not None), None)
