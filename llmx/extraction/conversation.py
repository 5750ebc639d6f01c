"""A conversation with a model about one chunk, which follow-ups go on with."""

from __future__ import annotations

from collections.abc import Callable

from llmx.dataclass import dataclass
from llmx.extraction.plan import Plan
from llmx.prompting.rendering import Message


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said before: the messages by which a plan opens it, and the model's answer. ``cut``: the answer was cut
    by length, and this is what is left of it.
    """

    opening: Callable[[Plan], list[Message]]
    answer: str
    cut: bool = False

    def asking(self, question: str, plan: Plan) -> list[Message]:
        """Return the messages that ask one more ``question``, in the terms of ``plan``."""
        return plan.rendering.follow_up(self.opening(plan), self.answer, question)
