"""Puts an endpoint together from its settings. What each part does, its own module says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmx.endpoint.client import OpenAIEndpoint
from llmx.endpoint.patience import PatientWire
from llmx.endpoint.redact import Redactor
from llmx.endpoint.retry import RetryPolicy
from llmx.endpoint.wire import OpenAIWire

if TYPE_CHECKING:
    from llmx.endpoint.client import Limiter
    from llmx.endpoint.settings import EndpointSettings


def open_endpoint(settings: EndpointSettings, *, limiter: Limiter | None = None) -> OpenAIEndpoint:
    """Return the endpoint that ``settings`` describe. Nothing is sent yet; close it by ``await endpoint.aclose()``."""
    wire = OpenAIWire(settings.base_url, api_key=settings.key, headers=dict(settings.headers))
    policy = RetryPolicy(settings.retry_attempts, settings.budget_s)
    endpoint = OpenAIEndpoint(PatientWire(wire, settings.attempt_s), policy=policy, limiter=limiter)
    endpoint.api_key_env = settings.api_key_env
    endpoint.redactor = Redactor.of(settings.redact, secrets=[settings.key])
    return endpoint
