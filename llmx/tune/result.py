"""What a search found: every prompt that was tried, and what the best is worth on the held-out documents."""

from __future__ import annotations

from dataclasses import dataclass, replace

from llmx.evaluate import Difference
from llmx.prompting.prompt_file import prompt_text
from llmx.tune.bench import Attempt
from llmx.tune.split import GoldSplit
from llmx.tune.variants import PRESENT, Variant


@dataclass(frozen=True, slots=True)
class HeldOutResult:
    """The present prompt and the chosen one on the held-out documents, and how they differ there."""

    present: Attempt
    chosen: Attempt
    difference: Difference

    @property
    def better(self) -> bool:
        """Whether the chosen one is better there."""
        return self.difference.change > 0

    @property
    def verdict(self) -> str:
        """One sentence on the difference."""
        d = self.difference
        sure = "more than chance" if d.real else "which may be chance" if d.change else "no difference"
        return (
            f"{d.name} {d.after:.3f} instead of {d.before:.3f} on {self.chosen.documents} held-out documents: "
            f"{d.change:+.3f} [{d.low:+.3f}, {d.high:+.3f}], {sure}"
        )


@dataclass(frozen=True, slots=True)
class Tuning:
    """A finished search.

    ``attempts`` has each prompt that was tried, on the most documents that it was tried on, the best first. ``split``
    says which documents took part in the choice and which are held out, ``shown`` which of the first part became
    examples. ``held_out`` is None where no prompt was better than the present one, or the search ended before it.
    ``stopped`` says why it ended early ('' where it did not), ``notes`` what else there is to say.
    """

    by: str
    attempts: tuple[Attempt, ...]
    split: GoldSplit
    shown: tuple[str, ...] = ()
    chosen: Variant | None = None
    held_out: HeldOutResult | None = None
    paid_usd: float = 0.0
    paid_tokens: int = 0
    stopped: str = ""
    notes: tuple[str, ...] = ()

    @property
    def better(self) -> bool:
        """Whether a prompt was found that is better than the present one on the held-out documents."""
        return self.held_out is not None and self.held_out.better

    @property
    def conclusion(self) -> str:
        """One sentence on what came of it."""
        if self.chosen is None:
            return "The search ended before prompts were compared."
        if self.chosen.present:
            return f"No prompt that was tried is better than {PRESENT}."
        if self.held_out is None:
            return f"The best on the documents to choose on is '{self.chosen.name}'; it was not measured on the others."
        told = f"'{self.chosen.name}': {self.held_out.verdict}."
        return told if self.better else f"{told} {PRESENT[:1].upper()}{PRESENT[1:]} stays."

    def prompt_file(self, name: str) -> str:
        """Return the better prompt, called ``name``, as the text of a file. There must be one."""
        assert self.chosen is not None
        assert self.held_out is not None
        told = f"Found by llmx tune: {self.chosen.name}. {self.held_out.verdict}."
        if self.shown and isinstance(self.chosen.prompt.examples, list):
            told += f" Examples come from {', '.join(self.shown)}: do not score these with it."
        return prompt_text(replace(self.chosen.prompt, name=name), told)
