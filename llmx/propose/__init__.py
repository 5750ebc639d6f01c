"""Proposes a schema from sample documents and a sentence that says what is wanted.

The model names fields and quotes the words that say them; code checks the quotes and does the rest. ``asking`` asks
about one document after the other, ``fields`` brings together what several documents give and leaves out what none
proves, ``value_types`` chooses a type that reads every quote, ``python_file`` writes the schema as a file to change.
"""

from __future__ import annotations

from llmx.propose.asking import ask_about, no_answer
from llmx.propose.fields import FieldProposal, LeftOut, SchemaProposal, merged
from llmx.propose.python_file import class_name, python_file

__all__ = [
    "FieldProposal", "LeftOut", "SchemaProposal", "ask_about", "class_name", "merged",
    "no_answer", "python_file",
]  # fmt: skip
