"""How to extract: the options of an extraction and their defaults, which stand here and nowhere else."""

from __future__ import annotations

from typing import Literal

from llmx.dataclass import dataclass
from llmx.errors import ConfigError, choices
from llmx.schema import POLICIES, Policy
from llmx.types.languages import is_locale

Boilerplate = Literal["drop", "mark", "keep"]
Images = Literal["auto", "never", "always"]
Target = Literal["record", "page", "row"]
Verify = Literal["auto", "all", "off"]

MAX_OUTPUT_TOKENS = 2048
"""Room for an answer: the wire's caps keep a record of a dozen fields far below it."""

CHUNK_TOKENS = 4000
"""Tokens of the document in one request. With instructions, examples and answer it fits an 8k context, which any model
has."""

IMAGE_PX = 1568
"""The longer side of a page that a model sees: the most that Anthropic's look at, and no provider takes less."""

BELOW = 0.7
"""The confidence below which a field is escalated, where a model to escalate to is named and no bound."""

MADE = "made"
"""The value of ``examples`` for those that code makes from the schema."""

SAMPLING_TEMPERATURE = 0.7
"""The temperature of repeated samples: at 0 they would all be one answer."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to extract. ``prompt`` 'auto' takes the prompt that lies beside the schema (``NAME.prompt.md``), else the
    default one, 'extract'; any other is a name or a path. ``examples`` 'auto' takes those of the prompt itself, else
    those that lie beside the schema (``NAME.examples.yaml``), or where there are none and the model is small, two that
    code makes from the schema; 'made' takes these, 'none' none, else it is a path. ``verify`` says which values the
    model is asked about once more: 'all', none ('off'), or where that pays ('auto') as many as half of the answer's
    time is enough for.

    ``unproven`` None is the default policy (null for typed values, keep for free text). ``passes`` is how many times
    the model may be asked about a chunk: the second pass asks once more for unproven fields, a third one for empty ones
    too, and for the rest of each list.
    ``samples`` above 1 asks as often at temperature 0.7 and takes the majority; the agreement is part of the
    confidence. ``logprobs`` asks the endpoint for those of its tokens, which become part of the confidence too.
    ``reasks`` is how often the model is asked to correct an invalid answer. ``max_output_tokens`` and ``chunk_tokens``
    are bounds of one request; ``relevant_tokens`` is how much of a longer document is sent at all: the passages that
    bear on the schema most, None for everything. ``target`` says what becomes a record: a whole document ('record'),
    each of its pages ('page'), or, where the schema has no list, each row of its tables ('row'); with a list, 'row'
    says that its elements are rows, which code counts. ``images`` says which pages a model is shown as pictures: 'auto'
    those without a text of their own where it sees, 'never', or 'always' all; ``image_px`` is the most of their longer
    side. With ``below``, in [0, 1], the fields of a record that hold a value whose confidence is less go to the next of
    the endpoint's fallbacks, which answers for them; without, these are asked only where there is no valid answer.
    ``calibration`` is a file of ``llmx calibrate``, by which each confidence becomes the share of such values that were
    right. Raises ConfigError for a value out of range.
    """

    prompt: str = "auto"
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
    verify: Verify = "auto"
    target: Target = "record"
    images: Images = "auto"
    image_px: int = IMAGE_PX
    relevant_tokens: int | None = None
    below: float | None = None
    calibration: str = ""

    def __post_init__(self) -> None:
        if self.unproven is not None and self.unproven not in POLICIES:
            raise ConfigError(f"--unproven {self.unproven!r}", hint=choices(self.unproven, POLICIES))
        for name, value, allowed in (
            ("evidence", self.evidence, ("words", "quotes")),
            ("boilerplate", self.boilerplate, ("drop", "mark", "keep")),
            ("target", self.target, ("record", "page", "row")),
            ("images", self.images, ("auto", "never", "always")),
            ("verify", self.verify, ("auto", "all", "off")),
        ):
            if value not in allowed:
                raise ConfigError(f"--{name} {value!r}", hint=choices(value, allowed))
        if self.locale is not None and not is_locale(self.locale):
            hint = "Give a language, or a language and a country: de, de_CH, en_US, pt_BR, zh_Hant_TW."
            raise ConfigError(f"--locale {self.locale!r} is no locale that llmx knows", hint=hint)
        if self.relevant_tokens is not None and self.images == "always":
            hint = "Leave one of them out: what is relevant is told by words, and a picture shows all of a page."
            raise ConfigError("--relevant and --images always", hint=hint)
        for name, number, least in (
            ("passes", self.passes, 1),
            ("samples", self.samples, 1),
            ("reasks", self.reasks, 0),
            ("max_output_tokens", self.max_output_tokens, 16),
            ("chunk_tokens", self.chunk_tokens, 64),
            ("image_px", self.image_px, 200),
            ("relevant_tokens", 64 if self.relevant_tokens is None else self.relevant_tokens, 64),
        ):
            if number < least:
                raise ConfigError(f"{name} must be at least {least}, not {number}")
        if self.below is not None and not 0 <= self.below <= 1:
            raise ConfigError(f"below must be a confidence in [0, 1], not {self.below}")
