"""Spans of the answers that worker processes get: they cross to the parent, whose tracer makes them.

A worker process knows neither the tracer provider that a program has set nor the span within which the run goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from llmx.run.processes.crossing import crossing_error
from llmx.run.telemetry import run_tracer

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

SpanFacts = tuple[str, dict[str, Any], int, int, BaseException | None]
"""A span that has ended: name, attributes, begin and end in nanoseconds since the epoch, what was raised in it."""


class CrossingSpan:
    """A span that goes on in a worker process."""

    def __init__(self, attributes: Mapping[str, Any]) -> None:
        self.attributes = dict(attributes)

    def set_attribute(self, key: str, value: Any) -> None:
        """Set an attribute, or set it anew."""
        self.attributes[key] = value


class CrossingTracer:
    """Sends spans to the parent as they end. Satisfies ``llmx.run.telemetry.Tracing``."""

    def __init__(self, send: Callable[[tuple[Any, ...]], None]) -> None:
        self._send = send

    @contextmanager
    def start_as_current_span(self, name: str, *, attributes: Mapping[str, Any]) -> Iterator[CrossingSpan]:
        """Give a span that ends with the block."""
        span, begin_ns, raised = CrossingSpan(attributes), time.time_ns(), None
        try:
            yield span
        except Exception as error:
            raised = crossing_error(error)
            raise
        finally:
            facts: SpanFacts = (name, span.attributes, begin_ns, time.time_ns(), raised)
            self._send(("span", facts))


def span_maker(tracer: Tracer | None = None) -> Callable[[SpanFacts], None]:
    """Return what makes the spans that have crossed, within the span that is the current one now.

    Raises ConfigError where OpenTelemetry is not installed.
    """
    made_by = tracer or run_tracer()
    from opentelemetry import context, trace  # noqa: PLC0415 - an extra

    within = context.get_current()

    def make(facts: SpanFacts) -> None:
        name, attributes, begin_ns, end_ns, error = facts
        span = made_by.start_span(name, context=within, attributes=attributes, start_time=begin_ns)
        if error is not None:
            span.record_exception(error, timestamp=end_ns)
            span.set_status(trace.Status(trace.StatusCode.ERROR, f"{type(error).__name__}: {error}"))
        span.end(end_ns)

    return make
