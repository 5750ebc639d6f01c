"""Boilerplate: what a web page says around its article, taken off so that it never becomes a value.

For pages that are already text; ``llmx.documents.html`` does the same for HTML. The clean text is pieces of the
original, and every place in it can be carried back.
"""

from __future__ import annotations

from llmx.boilerplate.cleaned import Cleaned
from llmx.boilerplate.flat import clean

__all__ = ["Cleaned", "clean"]
