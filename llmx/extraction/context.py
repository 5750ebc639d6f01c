"""What goes through an extraction: who is asked, by which plan, about which text, and what it has cost so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from llmx.dataclass import dataclass
from llmx.record import ModelShare, Usage

if TYPE_CHECKING:
    from llmx.documents import Document
    from llmx.endpoint import Completion, Endpoint
    from llmx.extraction.plan import Plan
    from llmx.extraction.session import Session
    from llmx.grounding.text import SourceText


@dataclass(slots=True)
class Spending:
    """What a document has cost so far, over all its requests; ``shares`` has the part of each model that answered."""

    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    attempts: int = 0
    keys: list[str] = field(default_factory=list)
    shares: dict[int, ModelShare] = field(default_factory=dict)

    def add(self, completion: Completion, model: Context) -> None:
        """Count one answer, which ``model`` gave."""
        self.usage += completion.usage
        self.seconds += completion.seconds
        self.attempts += completion.attempts
        self.keys.append(completion.key)
        if model.alone and not self.shares:
            return
        share = self._share(model)
        self.shares[model.number] = replace(
            share, requests=share.requests + 1, usage=share.usage + completion.usage, mode=completion.mode or share.mode
        )

    def use(self, model: Context) -> None:
        """Count an answer of ``model`` that becomes part of the record."""
        if model.alone and not self.shares:
            return
        share = self._share(model)
        self.shares[model.number] = replace(share, answers=share.answers + 1)

    @property
    def models(self) -> tuple[ModelShare, ...]:
        """The shares in the order of the models; empty where only the first one was asked."""
        return tuple(self.shares[number] for number in sorted(self.shares)) if set(self.shares) - {0} else ()

    def _share(self, model: Context) -> ModelShare:
        return self.shares.get(model.number) or ModelShare(model.number, model.plan.model, model.plan.mode)


@dataclass(frozen=True, slots=True)
class Context:
    """The context of one chunk's extraction.

    ``source`` is the text that its values are proven with, ``document`` the one that the chunk is of; where it is the
    ``whole`` document, the user's class can judge an answer as the record. ``fallbacks`` are asked in turn where this
    model does not answer; ``number`` counts the models from 0. ``known`` are fields of the record that are not asked
    for, because their values are known: the user's class sees them beside those of the answer.
    """

    plan: Plan
    endpoint: Endpoint
    spending: Spending
    source: SourceText
    document: Document
    whole: bool = False
    fallbacks: tuple[Session, ...] = ()
    number: int = 0
    known: Mapping[str, Any] | None = None

    @property
    def alone(self) -> bool:
        """Whether there is no other model: nothing has to be told apart."""
        return not self.number and not self.fallbacks

    def in_turn(self) -> Iterator[Context]:
        """Yield this context, then the same for each of the fallbacks."""
        yield self
        for count, model in enumerate(self.fallbacks, start=1):
            yield replace(
                self, plan=model.plan, endpoint=model.endpoint, fallbacks=self.fallbacks[count:],
                number=self.number + count,
            )  # fmt: skip
