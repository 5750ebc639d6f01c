"""llmx turns piles of documents into records that can be trusted.

    >>> import llmx
    >>> for record in llmx.extract("articles/", schema="partnership", model="local"):  # doctest: +SKIP
    ...     print(record.id, record.status, record.data, record.evidence)

The names below are loaded when they are first used: ``import llmx`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmx.api import aextract, extract, extract_frame, extract_to
    from llmx.documents import Document, read_documents
    from llmx.endpoint import EndpointSettings
    from llmx.errors import LlmxError
    from llmx.extraction.options import Options
    from llmx.extraction.plan import Extractor
    from llmx.locating import Match, locate
    from llmx.record import Evidence, Issue, Record, Usage
    from llmx.run import OutputOptions, RunOptions, Summary
    from llmx.schema import Check, Cues, Proof, Translated, load_schema

_HOMES = {
    "aextract": "api",
    "extract": "api",
    "extract_frame": "api",
    "extract_to": "api",
    "Document": "documents",
    "read_documents": "documents",
    "EndpointSettings": "endpoint",
    "LlmxError": "errors",
    "Match": "locating",
    "locate": "locating",
    "Extractor": "extraction.plan",
    "Options": "extraction.options",
    "Evidence": "record",
    "Issue": "record",
    "Record": "record",
    "Usage": "record",
    "OutputOptions": "run",
    "RunOptions": "run",
    "Summary": "run",
    "Check": "schema",
    "Cues": "schema",
    "Proof": "schema",
    "Translated": "schema",
    "load_schema": "schema",
}

__all__ = [
    "Check", "Cues", "Document", "EndpointSettings", "Evidence", "Extractor", "Issue", "LlmxError", "Match",
    "Options", "OutputOptions", "Proof", "Record", "RunOptions", "Summary", "Translated", "Usage", "aextract",
    "extract", "extract_frame", "extract_to", "load_schema", "locate", "read_documents",
]  # fmt: skip


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'llmx' has no attribute {name!r}")
    value = getattr(import_module(f"llmx.{home}"), name)
    globals()[name] = value
    return value
