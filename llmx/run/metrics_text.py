"""The state of a run or a service in Prometheus's text format, which every collector of metrics reads.

https://prometheus.io/docs/instrumenting/exposition_formats. It holds counts and the names of models, schemas and
statuses: no id, no text and no address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from llmx.endpoint import Stats
    from llmx.record import Usage
    from llmx.run.observer import Live

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[Mapping[str, str], float]
"""The labels of a number, and the number."""


def family(name: str, kind: Literal["counter", "gauge"], told: str, *, samples: Iterable[Sample]) -> str:
    """Return a metric with its samples, '' where it has none."""
    lines = [f"{name}{_labels(labels)} {_number(value)}" for labels, value in samples]
    return "\n".join([f"# HELP {name} {told}", f"# TYPE {name} {kind}", *lines, ""]) if lines else ""


def live_text(live: Live, *, over: bool = False) -> str:
    """Return the state of a run; ``over`` says that it has ended.

    Where it has no limit on requests, they are other machines', and what is on the wire is not known.
    """
    nothing: Mapping[str, str] = {}
    seen = [nothing] if live.limit else []
    expected = [] if live.expected is None else [(nothing, float(live.expected))]
    return "".join((
        family("llmx_documents_total", "counter", "Documents that are done, by the status of their record.",
               samples=[({"status": status}, count) for status, count in live.statuses.copy().items()]),
        family("llmx_documents_skipped_total", "counter", "Documents that an earlier run had done.",
               samples=[(nothing, live.skipped)]),
        family("llmx_documents_expected", "gauge", "Documents that the source is known to have.", samples=expected),
        family("llmx_documents_working", "gauge", "Documents that are being worked on.",
               samples=[(each, live.working) for each in seen]),
        family("llmx_requests_in_flight", "gauge", "Requests on the wire.",
               samples=[(each, live.in_flight) for each in seen]),
        family("llmx_requests_limit", "gauge", "Requests that may be on the wire at once.",
               samples=[(each, live.limit) for each in seen]),
        family("llmx_paused", "gauge", "Whether requests wait for something else than a place on the wire.",
               samples=[({"reason": live.pause}, float(bool(live.pause))) for _ in seen]),
        family("llmx_run_seconds", "gauge", "Seconds since the run began.", samples=[(nothing, live.seconds)]),
        family("llmx_run_active", "gauge", "Whether the run goes on.", samples=[(nothing, float(not over))]),
        stats_text([({"model": account.model}, account.spent) for account in live.accounts]),
    ))  # fmt: skip


def stats_text(models: Iterable[tuple[Mapping[str, str], Stats]]) -> str:
    """Return what endpoints have done, each under its labels."""
    told = list(models)
    paid = [(labels, stats.paid) for labels, stats in told]
    return "".join((
        family("llmx_requests_total", "counter", "Answers by their HTTP status; 0 where none came.",
               samples=[({**labels, "status": str(status)}, count)
                for labels, stats in told for status, count in stats.statuses.copy().items()]),
        family("llmx_retries_total", "counter", "Requests that were sent again.",
               samples=[(labels, stats.retries) for labels, stats in told]),
        family("llmx_cache_hits_total", "counter", "Answers that the cache had.",
               samples=[(labels, stats.cache_hits) for labels, stats in told]),
        family("llmx_tokens_total", "counter", "Tokens that were paid for; cached ones are among the input.",
               samples=[sample for labels, usage in paid for sample in _of_usage(labels, usage)]),
        family("llmx_wasted_tokens_total", "counter", "Tokens of answers that were of no use.",
               samples=[(labels, stats.wasted.total_tokens) for labels, stats in told]),
    ))  # fmt: skip


def _of_usage(labels: Mapping[str, str], usage: Usage) -> list[Sample]:
    kinds = {"input": usage.input_tokens, "output": usage.output_tokens, "cached": usage.cached_tokens}
    return [({**labels, "kind": kind}, count) for kind, count in kinds.items()]


def _labels(labels: Mapping[str, str]) -> str:
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{told}}}" if told else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.6g}"
