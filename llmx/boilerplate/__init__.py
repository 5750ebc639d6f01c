"""Boilerplate: what a web page says around its article, taken off so that it never becomes a value.

For pages that are already text; ``llmx.documents.converters.html_text`` does the same for HTML. The clean text is made
of pieces of the original, so every place in it leads back.
"""

from __future__ import annotations

from llmx.boilerplate.cleaned import Cleaned
from llmx.boilerplate.flat import clean

__all__ = ["Cleaned", "clean"]
