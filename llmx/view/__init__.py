"""The view: one HTML file that shows documents and their records, with the words of every value marked in the text.

It needs no network and no server, and nothing in a document can run in it. Correcting records is ``review``'s.
"""

from __future__ import annotations

from llmx.view.build import write_view
from llmx.view.texts import DocumentText, find_texts

__all__ = ["DocumentText", "find_texts", "write_view"]
