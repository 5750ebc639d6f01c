"""The plan of an extraction: everything that is the same for every document, worked out once.

``Extractor`` is what the user chose, a picklable value that can be sent to another process. ``Plan`` is what follows
from it for one mode: the rendered prefix, the body that every request shares, the words of the examples.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from llmx.assembly.calibration import Calibration, load_calibration
from llmx.endpoint import Mode, ResolvedModel, response_format
from llmx.extraction.options import MADE, SAMPLING_TEMPERATURE, Options
from llmx.extraction.targets import for_target
from llmx.prompting.examples import Example, checked_examples, load_examples
from llmx.prompting.prompt import DEFAULT_PROMPT, Prompt, load_prompt
from llmx.prompting.rendering import Message, Rendering, bind
from llmx.request import Request
from llmx.schema import Schema, SchemaLike, WireModel, load_schema, part_of, with_quotes

MOST_BILLIONS = 4.0
"""Parameters of a small model, in billions: one that fills lists with what is not there, unless it is shown better."""

_BILLIONS = re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d+)?)b(?![a-z0-9])", re.IGNORECASE)


def is_small(model: str) -> bool:
    """Return whether the name of ``model`` says that it is a small one.

    >>> is_small("qwen2.5-coder-1.5b-instruct-q4_k_m"), is_small("llama-3.3-70b-versatile"), is_small("gpt-4o-mini")
    (True, False, False)
    """
    sizes = [float(size) for size in _BILLIONS.findall(model)]
    return bool(sizes) and max(sizes) <= MOST_BILLIONS


@dataclass(frozen=True)
class Extractor:
    """What is to be extracted, from which model, and how. Picklable where ``schema`` is a reference or an importable
    class: another process makes the same plan from it.
    """

    schema: SchemaLike
    options: Options = field(default_factory=Options)

    def plan(self, resolved: ResolvedModel) -> Plan:
        """Return the plan for what an endpoint honours. Raises SchemaError or PromptError where a part is wrong."""
        return self.plans([resolved])[0]

    def plans(self, models: Sequence[ResolvedModel]) -> list[Plan]:
        """Return a plan for each of ``models``; all have the same schema, prompt and examples. Raises as ``plan``."""
        schema = for_target(load_schema(self.schema), self.options.target)
        if self.options.evidence == "quotes":
            schema = with_quotes(schema)
        prompt = _prompt(self.options, self.schema, schema)
        own = _examples(self.options, self.schema, schema, prompt=prompt)
        return [
            _plan(
                resolved,
                schema,
                self.options,
                prompt=prompt,
                examples=own or _made(self.options, schema, resolved, prompt=prompt),
            )
            for resolved in models
        ]


def _plan(
    resolved: ResolvedModel, schema: Schema, options: Options, *, prompt: Prompt, examples: tuple[Example, ...]
) -> Plan:
    mode = resolved.mode
    rendering = bind(prompt, schema, examples=examples, instructions=options.instructions, turns=mode != "tools")
    cold = options.temperature
    temperature = cold if options.samples == 1 else max(cold, SAMPLING_TEMPERATURE)
    body = resolved.quirks.params(max_output_tokens=options.max_output_tokens, temperature=temperature)
    if options.seed is not None:
        body["seed"] = options.seed
    if options.logprobs:
        body["logprobs"] = True
    body |= response_format(schema.wire, mode, strict=resolved.strict).body
    body |= resolved.extra
    calibration = load_calibration(Path(options.calibration)) if options.calibration else None
    example_phrases = frozenset(words.casefold() for example in examples for _, words in example.words(schema))
    return Plan(schema, resolved, options, rendering, body, example_phrases, prompt, examples, calibration)


@dataclass(frozen=True)
class Plan:
    """An extractor worked out for one mode. ``shared`` is the part of the body that all requests have; ``prompt`` and
    ``examples`` are what ``rendering`` was made of.
    """

    schema: Schema
    resolved: ResolvedModel
    options: Options
    rendering: Rendering
    shared: dict[str, Any] = field(repr=False)
    example_phrases: frozenset[str]
    prompt: Prompt = field(repr=False)
    examples: tuple[Example, ...] = field(repr=False)
    calibration: Calibration | None = field(default=None, repr=False)

    @property
    def verifies(self) -> bool:
        """Whether the model is asked about its values: where that pays, unless the options say."""
        if self.options.verify != "auto":
            return self.options.verify == "all"
        return self.resolved.verifies and all(example.made for example in self.examples)

    @property
    def mode(self) -> Mode:
        """The form in which answers come."""
        return self.resolved.mode

    @property
    def model(self) -> str:
        """The model's name as it is sent."""
        return self.resolved.model

    def part(self, names: Collection[str]) -> Plan:
        """Return the plan that asks for the root's fields called ``names`` alone. The user's class is the whole one:
        it judges the record that an answer is a part of.
        """
        schema = part_of(self.schema, names)
        examples = tuple(
            replace(each, record={name: value for name, value in each.record.items() if name in names})
            for each in self.examples
        )
        return _plan(self.resolved, schema, self.options, prompt=self.prompt, examples=examples)

    def asking(self, wire_model: type[WireModel], *, max_output_tokens: int = 0) -> dict[str, Any]:
        """Return the changes to ``shared`` for a request that asks for ``wire_model`` instead of the schema's own."""
        limit = {self.resolved.quirks.limit_name: max_output_tokens} if max_output_tokens else {}
        return {**limit, **response_format(wire_model, self.mode, strict=self.resolved.strict).body}

    def request(self, messages: list[Message], *, sample: int = 0, **changes: Any) -> Request:
        """Return the request for ``messages``; ``changes`` replace parts of the shared body."""
        body = {"model": self.model, "messages": messages, **self.shared, **changes}
        return Request(self.resolved.quirks.body(body), self.mode, sample)


def _prompt(options: Options, reference: SchemaLike, schema: Schema) -> Prompt:
    if options.prompt != "auto":
        return load_prompt(options.prompt)
    return load_prompt(_beside(reference, schema, ".prompt.md") or DEFAULT_PROMPT)


def _examples(options: Options, reference: SchemaLike, schema: Schema, *, prompt: Prompt) -> tuple[Example, ...]:
    chosen = _chosen(options, prompt)
    if chosen in ("none", MADE):
        return ()
    if chosen != "auto":
        return load_examples(Path(chosen), schema)
    if prompt.examples is not None:
        return checked_examples(prompt.examples, str(prompt.path or prompt.name), schema)
    beside = _beside(reference, schema, ".examples.yaml")
    return () if beside is None else load_examples(beside, schema)


def _chosen(options: Options, prompt: Prompt) -> str:
    """Return which examples the options want, and where they leave it open, what the prompt says in one word."""
    told: Any = prompt.examples
    return told if options.examples == "auto" and isinstance(told, str) else options.examples


def _made(options: Options, schema: Schema, resolved: ResolvedModel, *, prompt: Prompt) -> tuple[Example, ...]:
    """Return demonstrations where they are asked for, and where they pay: for a small model that is shown nothing else,
    and a schema with lists of objects.
    """
    chosen = _chosen(options, prompt)
    pays = chosen == "auto" and prompt.name == DEFAULT_PROMPT and is_small(resolved.model)
    if chosen != MADE and not pays:
        return ()
    from llmx.prompting.demonstrations import demonstrations, lists_objects  # noqa: PLC0415 - most are shown none

    return demonstrations(schema) if chosen == MADE or lists_objects(schema.tree) else ()


def _beside(reference: SchemaLike, schema: Schema, ending: str) -> Path | None:
    """Return the file that lies beside the schema's, where the schema was named and not given as a class."""
    if not isinstance(reference, str | Path) or schema.path is None:
        return None
    beside = schema.path.with_name(schema.path.stem + ending)
    return beside if beside.is_file() else None
