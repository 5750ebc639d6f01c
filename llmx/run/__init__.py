"""Many documents: bounded, within limits, resumable, and honest about every failure.

``runner`` drives documents through ``extract``; ``limiter`` and ``breaker`` decide when a request may go out;
``manifest`` remembers what is done; ``money`` says what it costs; ``progress``, ``logfile``, ``telemetry`` and
``report`` show it. Nothing here knows how a record comes about.
"""

from __future__ import annotations

from llmx.run.options import RunOptions
from llmx.run.runner import run_documents
from llmx.run.summary import Live, Summary, Watch

__all__ = ["Live", "RunOptions", "Summary", "Watch", "run_documents"]
