"""What each of several models did for a document, as the manifest keeps it, and the sums over all documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from llmx.dataclass import dataclass
from llmx.record import ModelShare, Usage
from llmx.run.dollars import sum_usd

if TYPE_CHECKING:
    from llmx.record import Record


@dataclass(frozen=True, slots=True)
class ModelCost:
    """What one model did for all documents of an output: ``answered`` of them have its answers in their records."""

    model: str
    base_url: str
    answered: int = 0
    requests: int = 0
    usage: Usage = field(default_factory=Usage)

    @property
    def cost_usd(self) -> Decimal | None:
        """What the tokens cost in US dollars, None where the price is not known."""
        from llmx.endpoint.price import cost_usd  # noqa: PLC0415 - heavy

        if not self.usage.total_tokens:
            return None
        return cost_usd(self.model, self.usage, base_url=self.base_url or None, requests=self.requests)

    def plus(self, *, answered: int, requests: int, usage: Usage) -> ModelCost:
        """Return it with more."""
        return replace(
            self, answered=self.answered + answered, requests=self.requests + requests, usage=self.usage + usage
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        cost = self.cost_usd
        return {
            "model": self.model, "documents": self.answered, "requests": self.requests, "usage": self.usage.to_json(),
            "cost_usd": None if cost is None else str(cost),
        }  # fmt: skip


def sum_of_costs(models: Iterable[ModelCost]) -> Decimal | None:
    """Return what ``models`` cost together; None where nothing did, or a price is unknown."""
    return sum_usd(each.cost_usd for each in models if each.usage.total_tokens)


def shares_text(record: Record[Any], base_urls: Sequence[str]) -> str:
    """Return the shares of ``record`` as JSON, '' where no fallback was asked; ``base_urls`` has one for each model."""
    if not record.models:
        return ""
    pairs = zip(record.models, share_values(record.models), strict=True)
    return orjson.dumps([[base_urls[share.fallback], *values] for share, values in pairs]).decode()


def read_shares(text: str) -> list[tuple[str, ModelShare]]:
    """Return the shares that ``shares_text`` wrote, each with its model's base URL."""
    rows = orjson.loads(text or "[]")
    return list(zip((row[0] for row in rows), shares_of(row[1:] for row in rows), strict=True))


def model_costs(first: ModelCost, texts: Iterable[str]) -> tuple[ModelCost, ...]:
    """Return what each model did, by the ``texts`` of the documents for which fallbacks were asked.

    ``first`` has all requests and tokens under the name of the first model, and the number of the documents that it
    answered alone. Returns () where no fallback was asked.
    """
    found: dict[tuple[str, str], ModelCost] = {}
    rest = first
    for text in texts:
        for base_url, share in read_shares(text):
            rest = rest.plus(answered=0, requests=-share.requests, usage=Usage() - share.usage)
            known = found.setdefault((share.model, base_url), ModelCost(share.model, base_url))
            found[share.model, base_url] = known.plus(
                answered=bool(share.answers), requests=share.requests, usage=share.usage
            )
    if not found:
        return ()
    own = found.pop((first.model, first.base_url), ModelCost(first.model, first.base_url))
    return (rest.plus(answered=own.answered, requests=own.requests, usage=own.usage), *found.values())


def share_values(shares: Iterable[ModelShare]) -> list[list[Any]]:
    """Return the members of each share as plain values."""
    return [
        [each.fallback, each.model, each.mode, each.answers, each.requests, each.usage.input_tokens,
         each.usage.output_tokens, each.usage.cached_tokens]
        for each in shares
    ]  # fmt: skip


def shares_of(values: Iterable[list[Any]]) -> tuple[ModelShare, ...]:
    """Return the shares of which ``share_values`` gave the members."""
    return tuple(_share(*row) for row in values)


def _share(*values: Any) -> ModelShare:
    fallback, model, mode, answers, requests, *counts = values
    return ModelShare(fallback, model, mode, answers, requests, Usage(*counts))
