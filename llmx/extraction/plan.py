"""The plan of an extraction: everything that is the same for every document, worked out once.

``Extractor`` is what the user chose, a picklable value that can be sent to another process. ``Plan`` is what follows
from it for one mode: the rendered prefix, the body that every request shares, the words of the examples.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from llmx.endpoint import Mode, ResolvedModel, response_format
from llmx.errors import ConfigError
from llmx.prompting.examples import Example, load_examples
from llmx.prompting.prompt import Message, Rendering, bind, load_prompt
from llmx.request import Request
from llmx.schema import POLICIES, Policy, Schema, SchemaLike, Wire, load_schema, with_quotes

Boilerplate = Literal["drop", "mark", "keep"]

MAX_OUTPUT_TOKENS = 2048
"""Room for an answer: the wire's caps keep a record of a dozen fields far below it."""

CHUNK_TOKENS = 4000
"""Document tokens a request. With instructions, examples and answer it fits an 8k context, which any model has."""


SAMPLING = 0.7
"""The temperature of repeated samples: at 0 they would all be one answer."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to extract. ``examples`` 'auto' takes those that lie beside the schema, 'none' none, else a path.

    ``unproven`` None is the default policy (null for typed values, keep for free text). ``passes`` is the number of
    looks at a document: the second one asks once more for unproven fields, a third one for empty ones too, and what
    else belongs into lists.
    ``samples`` above 1 asks as often at temperature 0.7 and takes the majority; the agreement is part of the
    confidence. ``logprobs`` asks the endpoint for those of its tokens, which become part of the confidence too.
    """

    prompt: str = "extract"
    examples: str = "auto"
    instructions: str = ""
    unproven: Policy | None = None
    evidence: Literal["words", "quotes"] = "words"
    passes: int = 2
    samples: int = 1
    reasks: int = 2
    max_output_tokens: int = MAX_OUTPUT_TOKENS
    chunk_tokens: int = CHUNK_TOKENS
    boilerplate: Boilerplate = "drop"
    temperature: float = 0.0
    seed: int | None = None
    locale: str | None = None
    logprobs: bool = False

    def __post_init__(self) -> None:
        if self.unproven is not None and self.unproven not in POLICIES:
            raise ConfigError(f"--unproven {self.unproven!r}", hint=f"Choose one of {', '.join(POLICIES)}.")
        for name, allowed in (("evidence", ("words", "quotes")), ("boilerplate", ("drop", "mark", "keep"))):
            if getattr(self, name) not in allowed:
                raise ConfigError(f"--{name} {getattr(self, name)!r}", hint=f"Choose one of {', '.join(allowed)}.")
        for name, least in (
            ("passes", 1),
            ("samples", 1),
            ("reasks", 0),
            ("max_output_tokens", 16),
            ("chunk_tokens", 64),
        ):
            if getattr(self, name) < least:
                raise ConfigError(f"{name} must be at least {least}, not {getattr(self, name)}")


@dataclass(frozen=True)
class Extractor:
    """What is to be extracted, from which model, and how. Picklable where ``schema`` is a reference or an importable
    class: another process makes the same plan from it.
    """

    schema: SchemaLike
    options: Options = field(default_factory=Options)

    def plan(self, resolved: ResolvedModel) -> Plan:
        """Return the plan for what an endpoint honours. Raises SchemaError or PromptError where a part is wrong."""
        mode = resolved.mode
        schema = load_schema(self.schema)
        if self.options.evidence == "quotes":
            schema = with_quotes(schema)
        examples = _examples(self.options, self.schema, schema)
        rendering = bind(
            load_prompt(self.options.prompt), schema,
            examples=examples, instructions=self.options.instructions, turns=mode != "tools",
        )  # fmt: skip
        warm = self.options.temperature if self.options.samples == 1 else max(self.options.temperature, SAMPLING)
        body = resolved.quirks.params(max_output_tokens=self.options.max_output_tokens, temperature=warm)
        if self.options.seed is not None:
            body["seed"] = self.options.seed
        if self.options.logprobs:
            body["logprobs"] = True
        body |= response_format(schema.wire, mode, strict=resolved.strict).body
        leaks = frozenset(words.casefold() for example in examples for _, words in example.words(schema))
        return Plan(schema, resolved, self.options, rendering, body, leaks)


@dataclass(frozen=True)
class Plan:
    """An extractor worked out for one mode. ``shared`` is the part of the body that all requests have."""

    schema: Schema
    resolved: ResolvedModel
    options: Options
    rendering: Rendering
    shared: dict[str, Any] = field(repr=False)
    leaks: frozenset[str] = frozenset()

    @property
    def mode(self) -> Mode:
        """The form in which answers come."""
        return self.resolved.mode

    @property
    def model(self) -> str:
        """The model's name as it is sent."""
        return self.resolved.model

    def asking(self, wire_model: type[Wire], *, max_output_tokens: int = 0) -> dict[str, Any]:
        """Return the changes to ``shared`` for a request that asks for ``wire_model`` instead of the schema's own."""
        limit = {self.resolved.quirks.limit_name: max_output_tokens} if max_output_tokens else {}
        return {**limit, **response_format(wire_model, self.mode, strict=self.resolved.strict).body}

    def request(self, messages: list[Message], *, sample: int = 0, **changes: Any) -> Request:
        """Return the request for ``messages``; ``changes`` replace parts of the shared body."""
        return Request({"model": self.model, "messages": messages, **self.shared, **changes}, self.mode, sample)


def _examples(options: Options, reference: SchemaLike, schema: Schema) -> tuple[Example, ...]:
    if options.examples == "none":
        return ()
    if options.examples != "auto":
        return load_examples(Path(options.examples), schema)
    if isinstance(reference, str | Path) and schema.path is not None:
        beside = schema.path.with_name(f"{schema.path.stem}.examples.yaml")
        if beside.is_file():
            return load_examples(beside, schema)
    return ()
