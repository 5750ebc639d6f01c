"""What goes through an extraction: who is asked, by which plan, about which text, and what it has cost so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmx.record import Usage

if TYPE_CHECKING:
    from llmx.documents import Document
    from llmx.endpoint import Completion, Endpoint
    from llmx.extraction.plan import Plan
    from llmx.grounding.text import SourceText


@dataclass(slots=True)
class Spending:
    """What a document has cost so far, over all its requests."""

    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    attempts: int = 0
    keys: list[str] = field(default_factory=list)

    def add(self, completion: Completion) -> None:
        """Count one answer."""
        self.usage += completion.usage
        self.seconds += completion.seconds
        self.attempts += completion.attempts
        self.keys.append(completion.key)


@dataclass(frozen=True, slots=True)
class Context:
    """The context of one chunk's extraction.

    ``source`` is the text that its values are proven with. ``document`` is set where the chunk is the whole document:
    then an answer can be judged by the user's class at once.
    """

    plan: Plan
    endpoint: Endpoint
    spending: Spending
    source: SourceText
    document: Document | None = None
