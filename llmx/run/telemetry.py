"""Spans by OpenTelemetry, named after its GenAI conventions; needs the extra ``llmx-extract[otel]``.

A span is one answer: from the cache, a cassette or the wire, retries included. Texts are never in it. Whoever runs
llmx under ``opentelemetry-instrument``, or has set a tracer provider, gets the spans there; else the environment's
OTLP exporter is used where it is installed.
"""

from __future__ import annotations

import importlib
import os
import urllib.parse
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from llmx.endpoint import WrappedEndpoint
from llmx.endpoint.providers.native.registry import native_provider
from llmx.errors import AwaitsBatchError, ConfigError

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from llmx.endpoint import Completion, Endpoint
    from llmx.extraction.plan import Plan
    from llmx.request import Request


class SettableSpan(Protocol):
    """What is used of a span of OpenTelemetry."""

    def set_attribute(self, key: str, value: Any) -> None:
        """Set an attribute."""
        ...


class Tracing(Protocol):
    """What is used of a tracer of OpenTelemetry, or of what stands for one in a worker process."""

    def start_as_current_span(
        self, name: str, *, attributes: Mapping[str, Any]
    ) -> AbstractContextManager[SettableSpan, bool | None]:
        """Give a span that ends with the block."""
        ...


def traced(endpoint: Endpoint, plan: Plan, *, tracer: Tracing | None = None) -> Endpoint:
    """Return ``endpoint`` with a span around each answer. Raises ConfigError where OpenTelemetry is not installed."""
    return _Traced(endpoint, plan, tracer or run_tracer())


def run_tracer() -> Tracer:
    """Return llmx's tracer, of whatever provider there is. Raises ConfigError where OpenTelemetry is not installed."""
    try:
        from opentelemetry import trace  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigError(
            "traces need OpenTelemetry", hint="pip install 'llmx-extract[otel]', or leave out --trace."
        ) from None
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") and type(trace.get_tracer_provider()).__name__.startswith("Proxy"):
        _export(trace)
    return trace.get_tracer("llmx")


def _export(trace: Any) -> None:
    """Send spans where the environment says, as ``opentelemetry-instrument`` would."""
    try:
        exporter: Any = importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - an extra
    except ImportError:
        return
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(exporter.OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def flush_spans() -> None:
    """Send the spans that have ended so far, where there is somebody to send them to."""
    from opentelemetry import trace  # noqa: PLC0415 - an extra

    if (flush := getattr(trace.get_tracer_provider(), "force_flush", None)) is not None:
        flush()


class _Traced(WrappedEndpoint):
    """An endpoint that puts each answer into a span."""

    def __init__(self, inner: Endpoint, plan: Plan, tracer: Tracing) -> None:
        super().__init__(inner)
        self._tracer, self._name = tracer, f"chat {plan.model}"
        native = native_provider(plan.model, inner.base_url)
        where = urllib.parse.urlsplit(inner.base_url or ("" if native else "https://api.openai.com/v1"))
        self._always: dict[str, Any] = {
            "gen_ai.operation.name": "chat", "gen_ai.request.model": plan.model,
            "gen_ai.provider.name": native.span_name if native else "openai",
            "gen_ai.output.type": "json", "server.address": where.hostname or "", "llmx.mode": plan.mode,
        }  # fmt: skip
        if where.port:
            self._always["server.port"] = where.port

    async def complete(self, request: Request) -> Completion:
        """Return the answer; its span says what it cost or what went wrong."""
        from llmx.run.limiter import current_document  # noqa: PLC0415 - only where it is used

        with self._tracer.start_as_current_span(self._name, attributes=self._always) as span:
            span.set_attribute("llmx.document", current_document.get())
            span.set_attribute("llmx.request.key", request.key)
            try:
                answer = await self.inner.complete(request)
            except AwaitsBatchError as waits:  # no error: the answer comes with a batch
                span.set_attribute("llmx.origin", "deferred")
                deferred = waits
            else:
                return self._told(span, answer)
        raise deferred

    @staticmethod
    def _told(span: SettableSpan, answer: Completion) -> Completion:
        span.set_attribute("gen_ai.response.model", answer.model)
        span.set_attribute("gen_ai.response.finish_reasons", [answer.finish_reason])
        span.set_attribute("gen_ai.usage.input_tokens", answer.usage.input_tokens)
        span.set_attribute("gen_ai.usage.output_tokens", answer.usage.output_tokens)
        span.set_attribute("llmx.attempts", answer.attempts)
        span.set_attribute("llmx.origin", answer.origin)
        return answer
