"""The search, from gold to the better prompt: combinations first, then instructions on the best of them.

Each round compares its prompts on the same documents, by successive halving, and the present prompt is always among
them. What is left at the end meets the present prompt on documents that took no part in the choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llmx.documents import Document, Unreadable
from llmx.endpoint import EndpointSettings
from llmx.errors import UsageError
from llmx.evaluate import compare_runs, spec_for
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor, Plan
from llmx.extraction.session import answering, open_session
from llmx.few_shot import Candidate, PickOptions, candidates, pick
from llmx.schema import SchemaLike, load_schema
from llmx.schema.outline import outline
from llmx.tune.bench import HELD_OUT, TRAINING, Attempt, PromptBench, SearchStoppedError, TuneSetup
from llmx.tune.halving import better_half, planned_documents, round_sizes
from llmx.tune.options import TuneOptions
from llmx.tune.reflection import propose_instructions
from llmx.tune.result import HeldOutResult, Tuning
from llmx.tune.split import FEWEST_TO_CHOOSE_ON, GoldDocument, GoldSplit, golds_of, split_gold, without_texts_of
from llmx.tune.variants import RULES, Variant, first_variants, present_variant, with_instruction

_GOES_ON = {"", "max_cost", "max_tokens"}
"""After these ends of the search the best prompt is still measured: a part of the budget is kept for it."""


async def tune(
    documents: Sequence[Document | Unreadable],
    golds: Mapping[str, Any],
    schema: SchemaLike,
    *,
    setup: tuple[EndpointSettings, Options],
    folder: Path,
    how: TuneOptions | None = None,
) -> Tuning:
    """Return the best prompt that was found for ``schema``, and all that were tried; records go to ``folder``.

    ``setup`` is the endpoint, and the options with the present prompt. Answers in the cache and records in ``folder``
    are used again, so that a search that was broken off goes on, and one that is repeated asks nothing. Raises
    UsageError where there are too few documents with gold, EndpointError where the present prompt fails, and what
    ``open_session`` raises.
    """
    how = how or TuneOptions()
    asked, options = setup
    if asked.fallbacks:
        raise UsageError("a prompt is tuned for one model, without fallbacks", hint="Leave them out, and --escalate.")
    spec = spec_for(golds, load_schema(schema).model)
    _split(documents, golds, shown=(), how=how)  # too little gold is told before a model is started
    with answering(asked, say=how.say) as ready:
        async with open_session(Extractor(schema, options), ready) as session:
            plan = session.plan
        split = _split(documents, golds, shown=[each.text for each in plan.examples if not each.made], how=how)
        bench = PromptBench(TuneSetup(schema, options, asked, ready, spec, folder), how)
        return await _Search(bench, plan, split, _picked(plan, split, how=how)).run()


def _split(
    documents: Sequence[Document | Unreadable], golds: Mapping[str, Any], *, shown: Sequence[str], how: TuneOptions
) -> GoldSplit:
    return split_gold(documents, golds, held_out=how.held_out, examples=how.examples, seed=how.seed, shown=shown)


def _picked(plan: Plan, split: GoldSplit, *, how: TuneOptions) -> list[Candidate]:
    """Return the documents of the training part that become examples."""
    if not how.examples:
        return []
    choice = PickOptions(how.examples, boilerplate=plan.options.boilerplate)
    texts = [each.document for each in split.training]
    return pick(candidates(plan.schema, golds_of(split.training), texts, options=choice), choice)


@dataclass(slots=True)
class _Search:
    """One search: what it knows, and the best prompt so far."""

    bench: PromptBench
    plan: Plan
    split: GoldSplit
    picked: list[Candidate]
    notes: list[str] = field(default_factory=list)
    best: Variant | None = None
    stopped: str = ""
    _compared_on: int = 0  # documents, when it was found

    @property
    def shown(self) -> tuple[str, ...]:
        return tuple(each.id for each in self.picked)

    async def run(self) -> Tuning:
        """Search within the part of the budget that is for it, then measure the best on the held-out documents."""
        how, present = self.bench.how, present_variant(self.plan)
        training = without_texts_of(self.split.training, self.shown)
        first = first_variants(self.plan, self.picked, notations=how.notations)
        self.bench.share = self._search_share(len(first), len(training))
        held_out = None
        try:
            await self._halve(present, first, training)
            await self._halve(present, await self._instructed(present, training), training)
        except SearchStoppedError as error:
            self.stopped = error.reason
        if self.stopped in _GOES_ON and self.best is not None and not self.best.present:
            held_out = await self._measured(present, self.best)
        return Tuning(
            how.by, tuple(self._ranked(self.bench.attempts.values())), self.split, self.shown, self.best, held_out,
            self.bench.paid_usd, self.bench.paid_tokens, self.stopped, (*self.split.notes, *self.notes),
        )  # fmt: skip

    def _search_share(self, prompts: int, documents: int) -> float:
        """Return the part of the budget for the search: the rest is for two prompts on the held-out documents."""
        how = self.bench.how
        rules = len(RULES) + len(how.instructions) + how.propose
        planned = sum(planned_documents(each, documents, fewest=FEWEST_TO_CHOOSE_ON) for each in (prompts, rules))
        return planned / (planned + 2 * len(self.split.held_out))

    async def _halve(self, present: Variant, variants: Sequence[Variant], documents: Sequence[GoldDocument]) -> None:
        """Compare ``variants`` and the present prompt, round by round; ``best`` is the first of the last full round
        on as many documents as any before.
        """
        left = list(variants)
        for size in round_sizes(len(left), len(documents), fewest=FEWEST_TO_CHOOSE_ON):
            if not left:
                return
            self.bench.how.say(f"{len(left)} prompts and the present one on {size} documents")
            tried = [await self.bench.attempt(each, documents[:size], TRAINING) for each in (present, *left)]
            ranked = [each.variant for each in self._ranked(tried) if each.trial.ok]
            if size >= self._compared_on:
                self.best, self._compared_on = ranked[0], size
            left = better_half([each for each in ranked if not each.present])

    async def _instructed(self, present: Variant, documents: Sequence[GoldDocument]) -> list[Variant]:
        """Return the best prompt so far and, on top of it, an instruction each: known ones, given and proposed ones."""
        how, base = self.bench.how, self.best or present
        told = [(f"rule {number}", rule) for number, rule in enumerate(RULES, start=1)]
        told += [(f"instruction {number}", each) for number, each in enumerate(how.instructions, start=1)]
        if how.propose:
            how.say(f"asking for {how.propose} instructions")
            known = self.bench.attempts.get(base.name) or await self.bench.attempt(base, documents, TRAINING)
            schema = outline(self.plan.schema.tree)
            found, notes = await propose_instructions(self.bench, known, documents, outline=schema, count=how.propose)
            self.notes += notes
            told += [(f"proposal {number}", each) for number, each in enumerate(found, start=1)]
        made = [with_instruction(base, each, name) for name, each in told]
        return made if base.present else [base, *made]

    async def _measured(self, present: Variant, best: Variant) -> HeldOutResult | None:
        """Return both prompts on the held-out documents; None where the budget or the model does not allow it."""
        bench, documents = self.bench, self.split.held_out
        bench.share = 1.0
        bench.how.say(f"'{best.name}' and the present prompt on {len(documents)} held-out documents")
        try:
            before = await bench.attempt(present, documents, HELD_OUT)
            after = await bench.attempt(best, documents, HELD_OUT)
        except SearchStoppedError as error:
            self.stopped = error.reason
            return None
        if before.trial.report is None or after.trial.report is None or not after.trial.ok:
            self.notes.append(f"'{best.name}' fails on the held-out documents: {after.trial.fault}")
            return None
        found = compare_runs(before.trial.report, after.trial.report).differences
        return HeldOutResult(before, after, next(each for each in found if each.name == bench.how.by))

    def _ranked(self, attempts: Any) -> list[Attempt]:
        """Return ``attempts``, those on more documents first, then the better ones; of equals the present, then the
        shorter prompt.
        """
        by = self.bench.how.by
        return sorted(
            attempts,
            key=lambda each: (
                not each.trial.ok, -each.documents, -each.quality(by), not each.variant.present,
                each.trial.usage.total_tokens, len(each.variant.differs), each.variant.name,
            ),
        )  # fmt: skip
