"""Puts an endpoint together from its settings. What each part does, its own module says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmx.endpoint.adaptive_timeout import AdaptiveTimeout
from llmx.endpoint.client import OpenAIEndpoint
from llmx.endpoint.retry import RetryPolicy, no_sleep
from llmx.endpoint.settings import EndpointSettings, cache_folder
from llmx.endpoint.wire import OpenAIWire

if TYPE_CHECKING:
    from llmx.endpoint.cache import Cache
    from llmx.endpoint.client import Limiter
    from llmx.endpoint.wire import Wire


def open_endpoint(
    settings: EndpointSettings, *, limiter: Limiter | None = None, policy: RetryPolicy | None = None
) -> OpenAIEndpoint:
    """Return the endpoint that ``settings`` describe. Nothing is sent yet; close it by ``await endpoint.aclose()``.

    A replay reads its cassette only: no network, no cache, no waiting. A recording sends every request, so that the
    cassette is whole, and its answers go into the cache. ``policy`` replaces the retries that the settings say, for
    tests that bring their own clock.
    """
    if settings.replay:
        return _replaying(settings)
    server = OpenAIWire(settings.base_url, api_key=settings.key, headers=dict(settings.headers))
    wire = _recording(AdaptiveTimeout(server, settings.attempt_s), settings)
    cache = open_cache(settings) if settings.cache else None
    return OpenAIEndpoint(wire, settings, server=server, cache=cache, policy=policy, limiter=limiter)


def _replaying(settings: EndpointSettings) -> OpenAIEndpoint:
    from llmx.endpoint.cassette import Cassette, ReplayWire  # noqa: PLC0415 - only where it is used

    assert settings.replay is not None
    policy = RetryPolicy(settings.retry_attempts, settings.budget_s, sleep=no_sleep)
    return OpenAIEndpoint(ReplayWire(Cassette(settings.replay, redactor=settings.redactor)), settings, policy=policy)


def _recording(wire: Wire, settings: EndpointSettings) -> Wire:
    if settings.record is None:
        return wire
    from llmx.endpoint.cassette import Cassette, RecordWire  # noqa: PLC0415 - only where it is used

    cassette = Cassette(settings.record, redactor=settings.redactor)
    return RecordWire(wire, cassette, version=_version(), base_url=settings.base_url)


def open_cache(settings: EndpointSettings) -> Cache:
    """Return the cache of answers; nothing is made before it is used."""
    from llmx.endpoint.cache import Cache  # noqa: PLC0415 - only where it is used

    return Cache(cache_folder(settings) / "answers", limit_bytes=settings.cache_bytes)


def _version() -> str:
    from importlib import metadata  # noqa: PLC0415 - only where it is used

    try:
        return metadata.version("llmx-extract")
    except metadata.PackageNotFoundError:
        return "unreleased"
