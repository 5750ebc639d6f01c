"""Sinks: where records are written, one at a time, whole or not at all.

What a record says is ``llmx.record``'s; which records there are, and in which order, the run's.
"""

from __future__ import annotations

from llmx.sinks.database_url import DatabaseUrl
from llmx.sinks.formats import check_columns, check_format
from llmx.sinks.open import Sink, open_sink
from llmx.sinks.targets import TableFolderPath, output_target

__all__ = ["DatabaseUrl", "Sink", "TableFolderPath", "check_columns", "check_format", "open_sink", "output_target"]
