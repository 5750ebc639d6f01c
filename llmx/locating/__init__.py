"""Locating words: where in a text a quote stands, in code points of the untouched text.

A model quotes with small faults; a proof must point at the words that are really there, or say that there are none.
``TextIndex`` is built once a document and asked for each of its values.
"""

from __future__ import annotations

from llmx.locating.index import Match, TextIndex, locate

__all__ = ["Match", "TextIndex", "locate"]
