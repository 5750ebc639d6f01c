"""Many documents: bounded, within limits, resumable, and honest about every failure.

``run_documents`` drives documents through the extraction; ``run_to_output`` does so into a file with a manifest beside
it. ``limiter`` and ``breaker`` decide when a request may go out; ``money`` says what a run would cost; ``progress``,
``logfile``, ``telemetry`` and ``report`` show it. Nothing here knows how a record comes about.
"""

from __future__ import annotations

from llmx.run.money import Estimate, estimate
from llmx.run.options import RunOptions
from llmx.run.output import check_output
from llmx.run.progress import run_progress
from llmx.run.report import RunReport, RunStatus, run_report, run_status
from llmx.run.runner import run_documents
from llmx.run.summary import Live, Onlooker, Summary, Watch
from llmx.run.whole import left_to_do, run_to_output

__all__ = [
    "Estimate", "Live", "Onlooker", "RunOptions", "RunReport", "RunStatus", "Summary", "Watch",
    "check_output", "estimate", "left_to_do", "run_documents", "run_progress", "run_report", "run_status",
    "run_to_output",
]  # fmt: skip
