"""Puts an endpoint together from its settings. What each part does, its own module says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmx.endpoint.adaptive_timeout import AdaptiveTimeout
from llmx.endpoint.known_providers import known_providers, with_provider
from llmx.endpoint.retry import RetryPolicy, no_sleep
from llmx.endpoint.settings import EndpointSettings, cache_folder
from llmx.endpoint.wire_endpoint import WireEndpoint
from llmx.errors import ConfigError

if TYPE_CHECKING:
    from llmx.endpoint.cache import Answers
    from llmx.endpoint.interface import Limiter
    from llmx.endpoint.providers.route import Access
    from llmx.endpoint.wire import Provider, Response, Wire
    from llmx.request import Request


def open_endpoint(
    settings: EndpointSettings, *, limiter: Limiter | None = None, policy: RetryPolicy | None = None
) -> WireEndpoint:
    """Return the endpoint that ``settings`` describe. Nothing is sent yet; close it by ``await endpoint.aclose()``.

    A replay reads its cassette only: no network, no cache, no waiting. A recording sends every request, so that the
    cassette is whole, and its answers go into the cache. ``policy`` replaces the retries that the settings say, for
    tests that bring their own clock.
    """
    settings = with_provider(settings)
    if settings.replay:
        return _replaying(settings)
    provider = open_provider(settings)
    wire = _recording(AdaptiveTimeout(provider, settings.attempt_s), settings)
    cache = open_cache(settings) if settings.cache else None
    return WireEndpoint(wire, settings, provider=provider, cache=cache, policy=policy, limiter=limiter)


def open_offline(settings: EndpointSettings) -> WireEndpoint:
    """Return an endpoint that looks into the cache and sends nothing: no probe, no list of models, no tokenizer."""
    cache = open_cache(settings) if settings.cache and settings.replay is None else None
    return WireEndpoint(NothingSent(), settings, cache=cache)


class NothingSent:
    """A ``Wire`` that refuses to send."""

    async def send(self, request: Request) -> Response:  # noqa: ARG002 - whatever it is
        """Raise ConfigError."""
        raise ConfigError("a dry run sends nothing")

    async def aclose(self) -> None:
        """Nothing to close."""


def open_provider(settings: EndpointSettings) -> Provider:
    """Return whoever answers at ``settings.base_url``. No connection is opened yet.

    A provider with a protocol of its own is chosen here.
    """
    if settings.native is not None:
        from llmx.endpoint.providers.native.wire import open_native  # noqa: PLC0415 - only where it is used

        settings.check_headers()
        if settings.withheld:  # an SDK would look for the key by itself
            raise ConfigError(f"{settings.native.name} is not asked: {settings.withheld}")
        _check_native(settings, settings.native.name)
        return open_native(settings.native, settings)
    if settings.sdk is not None:
        from llmx.endpoint.providers.user_client import UserClient  # noqa: PLC0415 - only where it is used

        return UserClient(settings.sdk)
    from llmx.endpoint.providers.openai_compatible import OpenAICompatible  # noqa: PLC0415 - only where it is used

    settings.check_headers()
    if settings.embedded and settings.prefixes is not None:
        from llmx.endpoint.providers.embedded import EmbeddedServer  # noqa: PLC0415 - only where it is used

        return EmbeddedServer(_access(settings), settings.prefixes)
    return OpenAICompatible(_access(settings))


def _check_native(settings: EndpointSettings, name: str) -> None:
    """Raise ConfigError for what only OpenAI's protocol has."""
    hint = f"Leave it out: {name} is asked over its own SDK, not by OpenAI's protocol."
    if settings.api == "responses":
        raise ConfigError(f"--api responses has no effect on {name}", hint=hint)


def _access(settings: EndpointSettings) -> Access:
    """Return how to reach the endpoint. What the environment says of OpenAI goes to no provider with another name."""
    from llmx.endpoint.providers.route import Access  # noqa: PLC0415 - only where it is used

    known = known_providers().get(settings.provider) if settings.provider else None
    by_token = known is not None and settings.api_key is None and settings.api_key_env == known.token
    return Access(
        settings.base_url, settings.key, dict(settings.headers),
        key_header="" if known is None or by_token else known.key_header,
        key_variable="" if known is None or known.key_optional or settings.withheld else settings.api_key_env,
        foreign=bool(settings.withheld) or (known is not None and known.name != "openai"),
    )  # fmt: skip


def _replaying(settings: EndpointSettings) -> WireEndpoint:
    from llmx.endpoint.cassette import Cassette, ReplayWire  # noqa: PLC0415 - only where it is used

    assert settings.replay is not None
    replay = ReplayWire(Cassette(settings.replay, redactor=settings.redactor))
    policy = RetryPolicy(settings.retry_attempts, settings.budget_s, sleep=no_sleep, recorded=replay.recorded)
    return WireEndpoint(replay, settings, policy=policy)


def _recording(wire: Wire, settings: EndpointSettings) -> Wire:
    if settings.record is None:
        return wire
    from llmx.endpoint.cassette import Cassette, RecordWire  # noqa: PLC0415 - only where it is used

    cassette = Cassette(settings.record, redactor=settings.redactor)
    return RecordWire(wire, cassette, version=_version(), base_url=settings.base_url)


def open_cache(settings: EndpointSettings) -> Answers:
    """Return the cache of answers: on disk, where nothing is made before it is used, or on a server.

    Raises ConfigError where that server cannot be used, so that nothing is paid for that was to be kept there.
    """
    if settings.cache_url:
        from llmx.endpoint.shared_cache import open_shared_cache  # noqa: PLC0415 - only where it is used

        shared = open_shared_cache(settings.cache_url)
        shared.check()
        return shared
    from llmx.endpoint.cache import Cache  # noqa: PLC0415 - only where it is used

    return Cache(cache_folder(settings) / "answers", limit_bytes=settings.cache_bytes)


def _version() -> str:
    from importlib import metadata  # noqa: PLC0415 - only where it is used

    try:
        return metadata.version("llmx-extract")
    except metadata.PackageNotFoundError:
        return "unreleased"
