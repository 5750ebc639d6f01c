"""What was found for a schema's tree, before it becomes a record: values with their proof, still in the schema's shape.

A chunk gives one such tree, ``merge`` makes one out of several, ``settle`` applies the policies and writes it out as
plain data with evidence and issues by JSON pointer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llmx.record import Evidence, Issue


@dataclass(frozen=True, slots=True)
class Found:
    """A leaf: the computed ``value`` (None: nothing found), its proof, and what is to be said of it.

    ``remarks`` are (code, message) pairs; ``proven`` is False for a value without words; ``words`` are the model's.
    ``doubt`` in [0, 1] lowers the confidence; ``agreement`` is the share of samples that have the value;
    ``likelihood`` the mean probability of the tokens of the words, where the endpoint gave it.
    """

    value: Any = None
    evidence: Evidence | None = None
    remarks: tuple[tuple[str, str], ...] = ()
    words: str = ""
    doubt: float = 0.0
    agreement: float | None = None
    likelihood: float | None = None

    @property
    def proven(self) -> bool:
        """Whether words of the document say the value."""
        return self.evidence is not None


@dataclass(frozen=True, slots=True)
class FoundObject:
    """An object: what was found for each field, by its name on the wire."""

    fields: dict[str, FoundNode]


@dataclass(frozen=True, slots=True)
class FoundList:
    """A list: its elements in the order of the answers. ``capped`` says that the answer filled the wire's cap."""

    items: tuple[FoundNode, ...]
    capped: bool = False


FoundNode = Found | FoundObject | FoundList

NOTHING = Found()


@dataclass(frozen=True, slots=True)
class Settled:
    """A tree written out: plain data for the user's class, evidence, confidence and issues by JSON pointer."""

    data: Any
    evidence: dict[str, Evidence | None]
    confidence: dict[str, float]
    issues: tuple[Issue, ...]
    fatal: bool = False
