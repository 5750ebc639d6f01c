"""What a large run would take: requests, tokens, money, days, machines and disk, live, in batches, or on own GPUs.

The tokens come from a sample, the days from a simulation of the limiter. Every figure is a range: what the sample may
be off, by a bootstrap over its documents (Efron 1979), and what is not known of the answers before there are any.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from llmx.record import Usage
from llmx.run.corpus_sample import CorpusSample, DocumentCost, request_bytes
from llmx.run.request_simulation import EndpointLimits, Flow, simulate

if TYPE_CHECKING:
    from llmx.endpoint.batch.service import BatchLimits
    from llmx.run.budget import Price

DAY_S = 86_400.0
_RESAMPLES = 200
_TAIL = 0.05
"""What the ranges leave out on either side: they are those of 90 in 100 resamples."""

_ANSWER_BYTES, _ANSWER_PER_TOKEN = 500, 5.0
"""Of an answer in the cache: JSON text and what SQLite takes for a row."""

_MANIFEST_BYTES = 250


@dataclass(frozen=True, slots=True)
class Range:
    """A figure that is unsure: ``likely`` lies between ``low`` and ``high``."""

    low: float
    likely: float
    high: float

    def times(self, factor: float) -> Range:
        """Return ``factor`` times as much."""
        return Range(self.low * factor, self.likely * factor, self.high * factor)

    def plus(self, other: Range) -> Range:
        """Return the sum of two figures that are low and high together."""
        return Range(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def to_json(self) -> list[float]:
        """Return the three, as precise as they are: to three digits."""
        return [_rounded(self.low), _rounded(self.likely), _rounded(self.high)]


@dataclass(frozen=True, slots=True)
class Gpus:
    """Own GPUs: tokens that one of them reads and writes a second while both go on, how many there are, and what an
    hour of one costs.
    """

    input_tokens_s: float
    output_tokens_s: float
    count: int = 1
    usd_hour: float | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """What is to be planned for: ``documents``, the limits and the price of the endpoint, and what is at hand.

    ``queue_tokens`` are the tokens that a provider lets wait in batches at once; ``share`` is what a token costs in a
    batch of its price.
    """

    documents: int
    limits: EndpointLimits
    batch: BatchLimits
    price: Price | None = None
    gpus: Gpus | None = None
    queue_tokens: int | None = None
    within_days: float | None = None


@dataclass(frozen=True, slots=True)
class CorpusPlan:
    """What ``documents`` take. Costs are in US dollars, None where the price is not known."""

    documents: int
    sampled: int
    how: str
    requests: Range
    input_tokens: Range
    output_tokens: Range
    disk_bytes: Range
    live: dict[str, Any]
    batch: dict[str, Any]
    gpus: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values; a range is [low, likely, high]."""
        return {
            "documents": self.documents, "sampled": self.sampled, "counted": self.how,
            "requests": self.requests.to_json(), "input_tokens": self.input_tokens.to_json(),
            "output_tokens": self.output_tokens.to_json(), "disk_gb": self.disk_bytes.times(1e-9).to_json(),
            "live": _plain(self.live), "batch": _plain(self.batch),
            **({"gpus": _plain(self.gpus)} if self.gpus else {}),
        }  # fmt: skip


def plan_corpus(sample: CorpusSample, demand: Demand, *, seed: int = 0) -> CorpusPlan:
    """Return what ``demand.documents`` take that are like those of ``sample``."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    draws = _draws(sample, demand.documents, chance)
    total = demand.documents

    def ranged(of: str) -> Range:
        low, likely, high = (
            [getattr(cost, of) for cost in costs] for costs in (sample.low, sample.likely, sample.high)
        )
        return Range(_quantile(low, draws, _TAIL), _mean(likely), _quantile(high, draws, 1 - _TAIL)).times(total)

    requests, given, written = ranged("requests"), ranged("input_tokens"), ranged("output_tokens")
    lines = ranged("line_bytes")
    answers = requests.times(_ANSWER_BYTES).plus(written.times(_ANSWER_PER_TOKEN))
    disk = lines.times(2).plus(answers).plus(Range(1, 1, 1).times(_MANIFEST_BYTES * total))  # beside, finished records
    return CorpusPlan(
        total, len(sample.likely), sample.how, requests, given, written, disk,
        _live(sample, demand, requests, cost=_cost(demand, given, written)),
        _batch(sample, demand, requests, given=given, cost=_cost(demand, given, written, batch=True)),
        None if demand.gpus is None else _own(demand, given, written, gpus=demand.gpus),
    )  # fmt: skip


def _live(sample: CorpusSample, demand: Demand, requests: Range, *, cost: Range | None) -> dict[str, Any]:
    flows = [
        _flow(costs, count, demand.limits)
        for costs, count in (
            (sample.low, requests.low), (sample.likely, requests.likely), (sample.high, requests.high),
        )
    ]  # fmt: skip
    low, likely, high = flows
    days = Range(low.seconds / DAY_S, likely.seconds / DAY_S, high.seconds / DAY_S)
    alone = _flow(sample.likely, requests.likely, replace(demand.limits, rpm=None, tpm=None)).rate
    allowed = _allowed(sample.likely, demand.limits)
    told: dict[str, Any] = {
        "usd": cost, "days": days, "requests_s": round(likely.rate, 2), "in_flight": likely.in_flight,
        "bound_by": likely.bound,
        "useful_processes": None if allowed is None else max(1, math.ceil(allowed / alone)),
    }  # fmt: skip
    if demand.within_days is not None:
        wanted = requests.times(1 / (demand.within_days * DAY_S))
        told["needed_requests_s"] = wanted
        told["needed_processes"] = max(1, math.ceil(wanted.high / alone))
    return told


def _allowed(costs: Sequence[DocumentCost], limits: EndpointLimits) -> float | None:
    """Return the requests a second that the limits of a minute allow, None where there are none."""
    tokens = sum(each.input_tokens + each.output_tokens for each in costs) / sum(each.requests for each in costs)
    rates = ([limits.rpm / 60] if limits.rpm else []) + ([limits.tpm / 60 / tokens] if limits.tpm else [])
    return min(rates, default=None)


def _flow(costs: Sequence[DocumentCost], total: float, limits: EndpointLimits) -> Flow:
    return simulate([(each.input_tokens / each.requests, each.output_tokens / each.requests) for each in costs
                     for _ in range(max(1, round(each.requests)))], total, limits)  # fmt: skip


def _batch(
    sample: CorpusSample, demand: Demand, requests: Range, *, given: Range, cost: Range | None
) -> dict[str, Any]:
    by_bytes = sum(map(request_bytes, sample.likely)) / len(sample.likely) * demand.documents
    batches = max(math.ceil(requests.likely / demand.batch.lines), math.ceil(by_bytes / demand.batch.bytes))
    waves = Range(1, 1, 1)
    if demand.queue_tokens:
        waves = Range(
            *(max(1.0, math.ceil(each / demand.queue_tokens)) for each in (given.low, given.likely, given.high))
        )
    likely_rounds = (1 + sample.rounds) / 2
    days = Range(waves.low / 24, waves.likely * likely_rounds / 4, waves.high * sample.rounds)
    return {"usd": cost, "batches": batches, "rounds": sample.rounds, "days": days}


def _own(demand: Demand, given: Range, written: Range, *, gpus: Gpus) -> dict[str, Any]:
    seconds = given.times(1 / gpus.input_tokens_s).plus(written.times(1 / gpus.output_tokens_s))
    hours = seconds.times(1 / 3600)
    told: dict[str, Any] = {"gpu_hours": hours, "gpus": gpus.count, "days": seconds.times(1 / gpus.count / DAY_S)}
    if gpus.usd_hour is not None:
        told["usd"] = hours.times(gpus.usd_hour)
    if demand.within_days is not None:
        told["needed_gpus"] = math.ceil(seconds.high / DAY_S / demand.within_days)
    return told


def _cost(demand: Demand, given: Range, written: Range, *, batch: bool = False) -> Range | None:
    price = demand.price
    if price is None:
        return None
    share = price.batch_share if batch else 1.0
    low, likely, high = (
        price.of(Usage(round(tokens), round(answer))) * share
        for tokens, answer in (
            (given.low, written.low), (given.likely, written.likely), (given.high, written.high),
        )
    )  # fmt: skip
    return Range(low, likely, high)


def _draws(sample: CorpusSample, documents: int, chance: random.Random) -> list[list[int]]:
    """Return the places of the sample that each resample has; the one of a whole corpus is itself."""
    places = range(len(sample.likely))
    if sample.whole and documents == sample.met:
        return [list(places)]
    return [chance.choices(places, k=len(places)) for _ in range(_RESAMPLES)]


def _quantile(values: Sequence[float], draws: Sequence[Sequence[int]], share: float) -> float:
    means = sorted(sum(values[place] for place in draw) / len(draw) for draw in draws)
    return means[min(len(means) - 1, int(share * len(means)))]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _rounded(value: float) -> float:
    return float(f"{value:.3g}") if abs(value) < 1000 else float(round(value, 2 - int(math.log10(abs(value)))))


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value.to_json() if isinstance(value, Range) else value for name, value in told.items()}
