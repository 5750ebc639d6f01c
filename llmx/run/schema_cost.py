"""What a schema costs with each document: the tokens of the prompt around the document, and those of an answer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from llmx.endpoint import ResolvedModel, response_format
from llmx.extraction.options import CHUNK_TOKENS, MAX_OUTPUT_TOKENS
from llmx.extraction.plan import Extractor
from llmx.run.cost_estimate import answer_tokens
from llmx.run.token_counter import token_counter
from llmx.schema.check import Finding

if TYPE_CHECKING:
    from llmx.schema import Schema, SchemaLike

SMALL_CONTEXT = 8_192
"""Tokens of context that any model has which is in use today."""

_ENCODING_OF = "gpt-4o"


@dataclass(frozen=True, slots=True)
class SchemaCost:
    """Tokens of one request. ``prompt`` is everything but the document, examples included; ``wire`` is the JSON Schema
    that goes beside it, which endpoints count in the mode tools; ``answer`` is the likely answer.
    """

    prompt: int
    wire: int
    answer: int
    counted: str

    def to_json(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        return {
            "prompt_tokens": self.prompt, "wire_tokens": self.wire, "answer_tokens": self.answer,
            "counted": self.counted,
        }  # fmt: skip

    def findings(self) -> tuple[Finding, ...]:
        """Return what is amiss about it."""
        found = []
        if self.answer > MAX_OUTPUT_TOKENS:
            found.append(Finding(
                "warning", "answer", "", f"an answer has about {self.answer:,} tokens",
                f"one request has room for {MAX_OUTPUT_TOKENS:,}, and what is cut has to be asked for again",
                "Ask for less, or set max_output_tokens in the options of the library.",
            ))  # fmt: skip
        together = self.prompt + self.wire + CHUNK_TOKENS + min(self.answer, MAX_OUTPUT_TOKENS)
        if together > SMALL_CONTEXT:
            found.append(Finding(
                "warning", "context", "", f"a request with {CHUNK_TOKENS:,} tokens of a document has {together:,}",
                f"small models have a context of {SMALL_CONTEXT:,}",
                "Shorten descriptions and examples, or set --chunk-tokens lower.",
            ))  # fmt: skip
        return tuple(found)


async def schema_cost(reference: SchemaLike, schema: Schema) -> SchemaCost:
    """Return what ``schema`` costs, with the prompt and the examples that lie beside ``reference``."""
    plan = Extractor(reference).plan(ResolvedModel(_ENCODING_OF, "json_schema", "given"))
    count, how = await token_counter(_ENCODING_OF)
    prefix = "".join(str(message.get("content") or "") for message in plan.rendering.prefix())
    wire = orjson.dumps(response_format(schema.wire, "tools").body).decode()
    return SchemaCost(await count(prefix + plan.rendering.user), await count(wire), math.ceil(answer_tokens(plan)), how)
