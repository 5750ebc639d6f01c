"""Spans of this process, whoever else traces in it: OpenTelemetry takes one provider a process, and no other after it."""

from __future__ import annotations

from typing import Any

import pytest


def exported(*, batched: bool = False) -> Any:
    """Return what gets the spans from now on: each as it ends, or ``batched`` only when they are flushed."""
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    from opentelemetry import trace
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    if not isinstance(trace.get_tracer_provider(), sdk.TracerProvider):
        trace.set_tracer_provider(sdk.TracerProvider())
    exporter = InMemorySpanExporter()
    processor = (
        BatchSpanProcessor(exporter, schedule_delay_millis=3_600_000) if batched else SimpleSpanProcessor(exporter)
    )
    trace.get_tracer_provider().add_span_processor(processor)  # type: ignore[attr-defined] # the SDK's
    return exporter
