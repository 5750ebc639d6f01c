"""Many documents: bounded, within limits, resumable, and honest about every failure.

``run_documents`` drives documents through the extraction and hands each record to a function; ``run_to_output`` does so
into a file with a manifest beside it. ``runner`` puts the parts together: ``intake`` takes documents, ``worker_pool``
works on them, ``record_maker`` makes each record, ``delivery`` hands it on. ``limiter`` decides when a request may go
out, ``budget`` and ``cost_estimate`` what it costs, and ``observer`` is the seam for whoever looks on. Nothing here
knows how a record comes about.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from llmx.run.observer import Live, LogNotes, NullObserver, RunObserver
from llmx.run.options import BatchOptions, OutputOptions, RunOptions
from llmx.run.output import check_output
from llmx.run.output_run import left_to_do, run_to_output
from llmx.run.progress import document_lines, run_progress
from llmx.run.runner import run_documents
from llmx.run.summary import Summary

if TYPE_CHECKING:
    from llmx.run.cost_estimate import Estimate, estimate
    from llmx.run.report import RunReport, RunStatus, run_report, run_status

_LATE = {
    "Estimate": "cost_estimate", "estimate": "cost_estimate", "RunReport": "report", "RunStatus": "report",
    "run_report": "report", "run_status": "report",
}  # fmt: skip
"""What a run itself does not need, by the module that is imported when it is asked for."""

__all__ = [
    "BatchOptions", "Estimate", "Live", "LogNotes", "NullObserver", "OutputOptions", "RunObserver", "RunOptions",
    "RunReport", "RunStatus", "Summary", "check_output", "document_lines", "estimate", "left_to_do", "run_documents",
    "run_progress", "run_report", "run_status", "run_to_output",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _LATE:
        raise AttributeError(f"module 'llmx.run' has no attribute {name!r}")
    return getattr(import_module(f"llmx.run.{_LATE[name]}"), name)
