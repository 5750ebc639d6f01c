"""The endpoint: requests in, completions out, from a server, the cache or a cassette.

Only this package speaks HTTP. It imports openai and aiohttp where they are first needed: importing ``llmx.endpoint``
imports neither, nor does answering from the cache or a cassette.
"""

from __future__ import annotations

from llmx.endpoint.answer import Parsed, parse
from llmx.endpoint.completion import Completion
from llmx.endpoint.interface import Endpoint, Limiter, Stats
from llmx.endpoint.modes import MODES, SHOWS_SCHEMA, Mode, ResponseFormat, response_format
from llmx.endpoint.opening import open_endpoint
from llmx.endpoint.resolving import ResolvedModel
from llmx.endpoint.retention import Retention
from llmx.endpoint.settings import EndpointSettings, cache_folder
from llmx.endpoint.wire_endpoint import WireEndpoint
from llmx.endpoint.wrapped import WrappedEndpoint

__all__ = [
    "MODES",
    "SHOWS_SCHEMA",
    "Completion",
    "Endpoint",
    "EndpointSettings",
    "Limiter",
    "Mode",
    "Parsed",
    "ResolvedModel",
    "ResponseFormat",
    "Retention",
    "Stats",
    "WireEndpoint",
    "WrappedEndpoint",
    "cache_folder",
    "open_endpoint",
    "parse",
    "response_format",
]
