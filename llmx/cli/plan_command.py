"""``llmx plan``: what a large run would take, measured on a sample and simulated, before anything is paid for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmx.cli import options, verify_options
from llmx.cli.json_output import AsJson, print_json
from llmx.cli.panels import ANSWERS, BATCH, INPUT, MONEY, RUN, argument, option

if TYPE_CHECKING:
    from llmx.config import Settings
    from llmx.run.budget import Price
    from llmx.run.corpus_plan import CorpusPlan, Demand
    from llmx.run.corpus_sample import CorpusSample

_CPU_MS = 3.0
_LATENCY_S = 2.0


def plan(
    corpus: Annotated[
        list[str] | None,
        argument("CORPUS", "The documents, or a part that is like all of them: files, folders, globs, addresses."),
    ] = None,
    sample: Annotated[
        int, option("--sample", help="How many documents to measure.", panel=INPUT, metavar="N", default=500)
    ] = 500,
    documents: Annotated[
        int | None,
        option("--documents", help="How many documents there are, where CORPUS is a part of them.", panel=INPUT,
               metavar="N", default="those of CORPUS"),
    ] = None,
    recorded: Annotated[
        Path | None,
        option("--recorded", help="The output of a run over documents like these: what they took counts, instead of "
               "guesses.", panel=INPUT, metavar="OUTPUT"),
    ] = None,
    schema: options.Schema = None,
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    mode: options.Mode = None,
    prompt: options.Prompt = None,
    examples: options.Examples = None,
    passes: Annotated[
        int | None, option("--passes", help="As of llmx extract.", panel=ANSWERS, metavar="N", default=2)
    ] = None,
    samples: Annotated[
        int | None, option("--samples", help="As of llmx extract.", panel=ANSWERS, metavar="N", default=1)
    ] = None,
    verify: verify_options.Verify = None,
    concurrency: options.Concurrency = None,
    rpm: Annotated[
        int | None, option("--rpm", help="The requests a minute that the endpoint allows.", panel=RUN, metavar="N")
    ] = None,
    tpm: Annotated[
        int | None, option("--tpm", help="The tokens a minute that the endpoint allows.", panel=RUN, metavar="N")
    ] = None,
    latency_s: Annotated[
        float | None,
        option("--latency", help="How long a request takes.", panel=RUN, metavar="SECONDS",
               default="as recorded, else 2"),
    ] = None,
    cpu_ms: Annotated[
        float,
        option("--cpu-ms", help="What a request takes of a core beside the model.", panel=RUN, metavar="MS",
               default=_CPU_MS),
    ] = _CPU_MS,
    within_days: Annotated[
        float | None,
        option("--within", help="In how many days it is to be done: says what that needs.", panel=RUN, metavar="DAYS"),
    ] = None,
    usd_per_mtok: Annotated[
        str | None,
        option("--usd-per-mtok", help="What a million tokens cost, read and written, where the price is not known.",
               panel=MONEY, metavar="IN,OUT"),
    ] = None,
    queue_tokens: Annotated[
        int | None,
        option("--queue-tokens", help="The tokens that the provider lets wait in batches at once.", panel=BATCH,
               metavar="N"),
    ] = None,
    gpu_tokens_s: Annotated[
        str | None,
        option("--gpu-tokens", help="Own GPUs: the tokens a second that one reads and writes (vLLM's benchmark).",
               panel=MONEY, metavar="IN,OUT"),
    ] = None,
    gpus: Annotated[int, option("--gpus", help="Own GPUs: how many.", panel=MONEY, metavar="N", default=1)] = 1,
    gpu_usd_hour: Annotated[
        float | None, option("--gpu-usd", help="Own GPUs: what an hour of one costs.", panel=MONEY, metavar="USD")
    ] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say what a large run would take: requests, tokens, money, days, machines and disk.

    Measures a sample and simulates the limits of the endpoint; nothing is sent. Each figure is a range.
    """
    from llmx.cli.extract_job import on_a_loop  # noqa: PLC0415
    from llmx.errors import UsageError  # noqa: PLC0415
    from llmx.run.corpus_plan import Gpus, plan_corpus  # noqa: PLC0415

    if not corpus and (recorded is None or documents is None):
        raise UsageError(
            "nothing says how many documents there are", hint="Name CORPUS, or --recorded and --documents."
        )
    if sample < 1 or (documents is not None and documents < 1) or gpus < 1 or cpu_ms < 0:
        raise UsageError("--sample, --documents and --gpus begin at 1", hint="Give a larger number.")
    configured = options.settings_from({
        "schema": schema, "model": model, "base_url": base_url, "mode": mode, "prompt": prompt, "examples": examples,
        "passes": passes, "samples": samples, "verify": verify, "concurrency": concurrency,
    })  # fmt: skip
    measured, price = on_a_loop(_measured(corpus or [], configured, size=sample, recorded=recorded))
    own = None
    if gpu_tokens_s is not None:
        own = Gpus(*_pair("--gpu-tokens", gpu_tokens_s), gpus, gpu_usd_hour)
    latency = latency_s if latency_s is not None else measured.latency_s or _LATENCY_S
    bounds = {"rpm": rpm, "tpm": tpm, "latency_s": latency, "cpu_s": cpu_ms / 1000}
    if usd_per_mtok is not None:
        price = _own_price(price, *_pair("--usd-per-mtok", usd_per_mtok))
    more = {"price": price, "gpus": own, "queue_tokens": queue_tokens, "within_days": within_days}
    found = plan_corpus(measured, _demand(documents or measured.met, configured, bounds, more))
    if as_json:
        print_json(found.to_json() | {"latency_s": round(latency, 3), "cpu_ms": cpu_ms})
        return
    _print(found)
    typer.echo(f"{'taken as given':22} an answer takes {latency:.3g} s, and {cpu_ms:g} ms of a core")


async def _measured(
    corpus: list[str], configured: Settings, *, size: int, recorded: Path | None
) -> tuple[CorpusSample, Price | None]:
    """Return what a sample takes, and the price of the model."""
    from dataclasses import replace  # noqa: PLC0415

    from llmx.extraction.plan import Extractor  # noqa: PLC0415
    from llmx.extraction.session import open_offline_session  # noqa: PLC0415
    from llmx.run.budget import price_of  # noqa: PLC0415
    from llmx.run.corpus_sample import measure_sample, recorded_sample  # noqa: PLC0415

    settings = options.endpoint_settings(configured)
    price = price_of(settings.model, settings.base_url)
    if recorded is not None:
        found = recorded_sample(recorded)
        met = sum(1 for _ in options.read(corpus, configured)) if corpus else found.met
        return replace(found, met=met), price
    extractor = Extractor(options.schema_of(configured), options.extraction_options(configured.values))
    async with open_offline_session(extractor, settings, say=options.say) as session:
        found = await measure_sample(options.read(corpus, configured), session.plan, session.endpoint, size=size)
        return found, price_of(session.plan.model, session.endpoint.base_url)


def _demand(documents: int, configured: Settings, bounds: dict[str, Any], more: dict[str, Any]) -> Demand:
    from llmx.endpoint.batch.service import BatchLimits  # noqa: PLC0415
    from llmx.run.corpus_plan import Demand  # noqa: PLC0415
    from llmx.run.request_simulation import EndpointLimits  # noqa: PLC0415

    asked = options.run_options(configured.values, rpm=bounds["rpm"], tpm=bounds["tpm"])
    limits = EndpointLimits(concurrency=asked.concurrency, **bounds)
    return Demand(documents, limits, BatchLimits(lines=50_000, bytes=190 * 10**6), **more)


def _own_price(listed: Price | None, given: float, written: float) -> Price:
    from llmx.run.budget import Price  # noqa: PLC0415

    share = listed.batch_share if listed is not None else 1.0
    return Price(given / 1e6, written / 1e6, given / 1e6, share)


def _pair(name: str, value: str) -> tuple[float, float]:
    from llmx.errors import UsageError  # noqa: PLC0415

    try:
        first, second = (float(part) for part in value.split(","))
    except ValueError:
        raise UsageError(f"{name} takes two numbers, not {value!r}", hint=f"Such as {name} 0.4,1.6.") from None
    if min(first, second) < 0 or (name == "--gpu-tokens" and min(first, second) == 0):
        raise UsageError(f"{name} takes numbers above 0, not {value!r}", hint=f"Such as {name} 9000,2500.")
    return first, second


_UNITS = {
    "usd": "USD", "days": "days", "gpu_hours": "GPU hours", "requests_s": "requests a second",
    "in_flight": "in flight", "bound_by": "bound by", "needed_requests_s": "needed a second",
    "needed_processes": "needed processes", "useful_processes": "processes of use", "needed_gpus": "needed GPUs",
    "gpus": "GPUs",
}  # fmt: skip


def _print(found: CorpusPlan) -> None:
    """Show a plan as a person reads it: the likely figure, and the range it lies in."""
    told = found.to_json()
    typer.echo(f"{'documents':22} {found.documents:,}, {found.sampled:,} measured ({found.how})")
    for name in ("requests", "input_tokens", "output_tokens", "disk_gb"):
        label = "disk in GB" if name == "disk_gb" else name.replace("_", " ")
        typer.echo(f"{label:22} {_shown(told[name])}")
    for name in ("live", "batch", "gpus"):
        if name in told:
            typer.echo(f"{'own GPUs' if name == 'gpus' else name}:")
            for inner, value in told[name].items():
                typer.echo(f"  {_UNITS.get(inner, inner.replace('_', ' ')):20} {_shown(value)}")


def _shown(value: Any) -> str:
    if isinstance(value, list):
        low, likely, high = (_number(each) for each in value)
        return likely if low == high else f"{likely} ({low} to {high})"
    return "not known" if value is None else _number(value) if isinstance(value, int | float) else str(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
