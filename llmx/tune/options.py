"""How to tune, as one frozen value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from llmx.errors import UsageError, choices
from llmx.evaluate.versus import OVERALL
from llmx.run import OutputOptions, RunOptions
from llmx.tune.variants import NOTATIONS

HELD_OUT = 0.4
"""The share of the documents that takes no part in the choice."""

EXAMPLES = 2
"""Documents that become examples: more make each request longer, and leave fewer to choose on."""

MOST_PROPOSALS = 20


@dataclass(frozen=True, slots=True)
class TuneOptions:
    """How to tune.

    ``by`` is the figure to choose by: micro_f1, macro_f1 or exact_match. ``held_out``, in (0, 1), is the share of the
    documents that only the result is measured on; ``seed`` draws them. ``examples`` is the most documents of the rest
    that become examples, 0 for none. ``notations`` are those of the schema to try beside the prompt's own,
    ``instructions`` sentences to try beside those that llmx knows; ``propose`` more are asked of the model.

    ``run`` holds the limits of each run; its ``max_cost_usd`` and ``max_tokens_total`` are for the whole search.
    ``output`` says what to do with the records of an earlier search: by default they are gone on with. ``say`` hears a
    sentence when something begins.
    """

    by: str = OVERALL[0]
    held_out: float = HELD_OUT
    seed: int = 0
    examples: int = EXAMPLES
    notations: tuple[str, ...] = ("outline",)
    instructions: tuple[str, ...] = ()
    propose: int = 0
    run: RunOptions = field(default_factory=RunOptions)
    output: OutputOptions = field(default_factory=lambda: OutputOptions(resume=True))
    say: Callable[[str], None] = lambda _: None

    def __post_init__(self) -> None:
        if self.by not in OVERALL:
            raise UsageError(f"--by {self.by}", hint=choices(self.by, OVERALL))
        if not 0 < self.held_out < 1:
            raise UsageError(f"--held-out {self.held_out:g}", hint="Give a share between 0 and 1, such as 0.4.")
        if self.examples < 0:
            raise UsageError("--count must not be negative", hint="0 makes no examples from gold.")
        if not 0 <= self.propose <= MOST_PROPOSALS:
            raise UsageError(f"--propose {self.propose}", hint=f"Give a number from 0 to {MOST_PROPOSALS}.")
        for each in self.notations:
            if each not in NOTATIONS:
                raise UsageError(f"--notation {each}", hint=choices(each, NOTATIONS))
        if any(not each.strip() for each in self.instructions):
            raise UsageError("--instruction is empty", hint="Write a sentence to try.")
