"""What the model fills in about one document: names of fields, and the words of the document that say them.

It is an extraction like any other, with a schema, a prompt (``prompts/propose.md``) and examples of its own, so that
quotes are located, answers repaired and cassettes replayed as they are elsewhere.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from llmx.schema import Cap, Free, Proof
from llmx.types import Verbatim

Kind = Literal[
    "text", "identifier", "person", "organization", "place", "country", "language", "phone", "date", "time", "duration",
    "money", "number",
]  # fmt: skip


class NamedField(BaseModel):
    """A field that a table of such documents should have."""

    name: Annotated[str, Free(), Cap(40)] = Field(description="an English name in snake_case, such as signed_on")
    description: Annotated[str, Free(), Cap(120)] = Field(description="what it means, in a few English words")
    kind: Kind = Field(description="what sort of thing it is")
    words: list[Annotated[Verbatim, Proof("keep"), Cap(160)]] = Field(
        description="the words of the document that say it; several only where the document says several"
    )


class NamedFields(BaseModel):
    """The fields for which a document has values."""

    fields: list[NamedField]
