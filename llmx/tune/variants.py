"""The prompts to try: the present one with other demonstrations, in another notation, with one more instruction.

Each is a whole prompt with its own examples, as a file can hold it: what is tried is what is written in the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from llmx.extraction.options import MADE
from llmx.extraction.plan import Plan
from llmx.few_shot import Candidate
from llmx.prompting.demonstrations import demonstrations
from llmx.prompting.prompt import Prompt

NOTATIONS = ("sketch", "outline", "json_schema")
"""The names by which a template shows the schema."""

RULES = (
    "A field that the document does not state is null; never put the words of another field there.",
    "Give the fewest words that state a value, without its label and without words around it.",
)
"""Instructions that are tried without being asked for: they say nothing of any schema."""

PRESENT = "the present prompt"

_NONE = "none"
_SLOT = re.compile(rf"(\{{\{{-?\s*)({'|'.join(NOTATIONS)})(\s*-?\}}\}})")
_INSTRUCTIONS = re.compile(r"^[^\n]*\{%-?\s*if instructions\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Variant:
    """A prompt to try. ``name`` tells it from the others, ``differs`` says in what it differs from the present one;
    () for that itself.
    """

    name: str
    prompt: Prompt
    differs: tuple[str, ...] = ()

    @property
    def present(self) -> bool:
        """Whether it is the prompt that is in force now."""
        return not self.differs


def present_variant(plan: Plan) -> Variant:
    """Return the prompt that is in force, with the examples that it comes with."""
    return Variant(PRESENT, replace(plan.prompt, examples=_examples_of(plan)))


def first_variants(plan: Plan, picked: Sequence[Candidate], *, notations: Sequence[str]) -> list[Variant]:
    """Return the combinations of demonstrations and notations; ``picked`` are documents as examples, the richest last.

    The present prompt is not among them.
    """
    present = present_variant(plan)
    own, made = {str(present.prompt.examples)}, list[Variant]()
    shown: list[tuple[str, Any]] = [("", present.prompt.examples)]
    for name, examples in _demonstrations(plan, picked):
        if str(examples) not in own:
            own.add(str(examples))
            shown.append((name, examples))
    for name, examples in shown:
        for notation in ("", *notations):
            prompt = _in_notation(replace(present.prompt, examples=examples), notation)
            differs = tuple(each for each in (name, notation) if each)
            if differs and prompt is not None:
                made.append(Variant(", ".join(differs), prompt, differs))
    return made


def with_instruction(variant: Variant, instruction: str, name: str) -> Variant:
    """Return ``variant`` with one more instruction, before those that the options may give, or at the system's end."""
    prompt, rule = variant.prompt, as_literal(instruction)
    place = _INSTRUCTIONS.search(prompt.system)
    if place is None:
        system = f"{prompt.system}\n\n{rule}".strip()
    else:
        system = f"{prompt.system[: place.start()]}- {rule}\n{prompt.system[place.start() :]}"
    differs = (*variant.differs, name)
    return Variant(", ".join(differs), replace(prompt, system=system), differs)


def as_literal(text: str) -> str:
    """Return ``text`` on one line, so that no template and no heading begins in it.

    >>> as_literal("Write  {{ x }}")
    'Write { { x }}'
    """
    return re.sub(r"\{(?=[{%#])", "{ ", " ".join(text.split()))


def _demonstrations(plan: Plan, picked: Sequence[Candidate]) -> Iterator[tuple[str, Any]]:
    """Yield (name, what a prompt says of its examples) for each kind: none, made ones, those of gold."""
    yield "no examples", _NONE
    if demonstrations(plan.schema):
        yield "made examples", MADE
    richest_last = [{"text": each.text, "record": each.record} for each in picked]
    if not richest_last:
        return
    count = len(richest_last)
    if count > 1:
        yield "1 example from gold", richest_last[-1:]
    yield f"{count} example{'s' if count > 1 else ''} from gold", richest_last
    if count > 1:
        yield f"{count} examples from gold, the richest first", richest_last[::-1]


def _examples_of(plan: Plan) -> Any:
    """Return what a prompt says of its examples, where these are the ones in force."""
    if not plan.examples:
        return _NONE
    if all(each.made for each in plan.examples):
        return MADE
    return [{"text": each.text, "record": each.record} for each in plan.examples]


def _in_notation(prompt: Prompt, notation: str) -> Prompt | None:
    """Return ``prompt`` with the schema in ``notation``, '' for its own; None where it shows none, or that already."""
    if not notation:
        return prompt
    there = {match[2] for match in _SLOT.finditer(prompt.system + prompt.user)}
    if not there or there == {notation}:
        return None
    system, user = (_SLOT.sub(rf"\g<1>{notation}\g<3>", part) for part in (prompt.system, prompt.user))
    return replace(prompt, system=system, user=user)
