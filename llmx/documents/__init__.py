"""Documents: whatever a person names (files, folders, globs, rows, stdin), as texts with an id each.

What cannot be read comes out as ``Unreadable`` in its place, so that the others go on. What a text says is not looked
at here; ``html`` and ``boilerplate`` tell an article from the page around it.
"""

from __future__ import annotations

from llmx.documents.document import Document, Unreadable, content_id
from llmx.documents.find import SUFFIXES
from llmx.documents.read import read_documents

__all__ = ["SUFFIXES", "Document", "Unreadable", "content_id", "read_documents"]
