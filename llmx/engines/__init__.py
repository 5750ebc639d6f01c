"""Extraction within an engine for data: Daft, Ray Data, Spark, Dask, or any other that hands over batches of rows.

``batch_extractor`` has the callable that an engine carries to its workers, ``process_run`` the run that stays open in
each of their processes, ``record_columns`` the columns of a record with types that are the same for every batch, and
``batch_kinds`` the kinds of batches.
"""

from __future__ import annotations

from llmx.engines.batch_extractor import BatchExtractor

__all__ = ["BatchExtractor"]
