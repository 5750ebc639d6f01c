"""``llmx doctor``: checks an endpoint, shows what it honours, and says what to do where it fails."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmx.cli import options
from llmx.cli.json_output import AsJson, print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmx.endpoint import EndpointSettings
    from llmx.endpoint.probe import ProbeResult
    from llmx.endpoint.wire import Provider

    _Line = Callable[[str, Any], None]

_SAMPLE = "Invoice no. 7781 of 3 May 2024: Brandt & Co. owes 1,250 euros to Halle Paper Ltd."


def doctor(
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    api_key_env: options.ApiKeyEnv = None,
    api: options.Api = None,
    reasoning_effort: options.ReasoningEffort = None,
    extra_body: options.ExtraBody = None,
    header: options.Header = None,
    again: Annotated[
        bool, typer.Option("--again", help="Probe every mode anew, even where the results are remembered.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check the endpoint: whether it is reachable, its models, the modes it truly honours, its context, its speed.

    Ends with one sample extraction. The exit code is 1 where something fails.
    """
    from llmx.extraction.session import answering  # noqa: PLC0415

    configured = options.settings_from(
        {
            "model": model, "base_url": base_url, "api_key_env": api_key_env, "api": api,
            "reasoning_effort": reasoning_effort, "extra_body": extra_body, "headers": header or None,
        }
    )  # fmt: skip
    asked = options.endpoint_settings(configured)
    options.announce(asked)
    with answering(asked, say=options.say) as settings:
        told: dict[str, Any] = {}
        line: _Line = told.__setitem__ if as_json else _print_line
        ok = asyncio.run(_examine(settings, line, again=again))
    if as_json:
        print_json({"ok": ok, **{name.strip().replace(" ", "_"): str(text) for name, text in told.items()}})
    raise typer.Exit(0 if ok else 1)


def _print_line(name: str, text: object) -> None:
    typer.echo(f"{name:18} {text}")


async def _examine(settings: EndpointSettings, line: _Line, *, again: bool) -> bool:
    from llmx.endpoint import open_endpoint  # noqa: PLC0415
    from llmx.endpoint.settings import shown_url  # noqa: PLC0415
    from llmx.errors import LlmxError  # noqa: PLC0415

    endpoint = open_endpoint(settings)
    native = settings.native
    usual = f"{native.name}'s own" if native else "https://api.openai.com/v1"
    line("endpoint", shown_url(settings.base_url) if settings.base_url else usual)
    missing = f"none ({settings.key_variable} is not set)" if settings.key_variable else "none is wanted"
    missing += f"; what counts then: {native.credentials}" if native and native.credentials else ""
    line(
        "API key",
        f"from {settings.key_variable}"
        if settings.key
        else f"withheld: {settings.withheld}"
        if settings.withheld
        else missing,
    )
    try:
        assert endpoint.provider is not None
        offered = await endpoint.provider.models()
        begun = time.perf_counter()
        await endpoint.provider.models()  # the first call has imported a client, which is nobody's distance
        line("reachable", f"yes, {1000 * (time.perf_counter() - begun):.0f} ms")
        line(
            "models",
            ", ".join(offered[:8]) + (" …" if len(offered) > 8 else "") or "unknown: the endpoint does not say",
        )
        result = await _examined(endpoint.provider, settings, again=again)
        unlisted = native is None and bool(offered) and result.model not in offered
        line("model", result.model + (", which it does not list: another may answer to the name" if unlisted else ""))
        for mode, outcome in result.tried.items():
            line(f"  mode {mode}", outcome)
        line("  strict schemas", _STRICTNESS[result.quirks.strict])
        own = native and f"{native.name}'s own, through instructor and {native.package}"
        line("API", own or _APIS[result.quirks.api])
        line("mode", f"{result.mode} (probed {result.probed})")
        context = await endpoint.context_length()
        line("context", "unknown: the endpoint does not say" if context is None else f"{context} tokens")
        return await _sample(settings, line)
    except LlmxError as error:
        line("error", error)
        return False
    finally:
        await endpoint.aclose()


_APIS = {"chat": "chat completions", "responses": "responses"}
_STRICTNESS = {True: "accepted (--strict)", False: "refused", None: "not sent in this mode"}


async def _examined(provider: Provider, settings: EndpointSettings, *, again: bool) -> ProbeResult:
    """Return what becomes of every mode: as it is remembered where all were tried, else asked anew."""
    from llmx.endpoint import MODES  # noqa: PLC0415
    from llmx.endpoint.probe import remembered  # noqa: PLC0415
    from llmx.endpoint.resolving import examine, verdict_path  # noqa: PLC0415

    known = remembered(verdict_path(settings, settings.model))
    if known is not None and not again and set(known.tried) == set(MODES):
        return known
    return await examine(provider, settings)


async def _sample(settings: EndpointSettings, line: _Line) -> bool:
    """Extract one small record for real, without the cache, and time it."""
    from dataclasses import replace  # noqa: PLC0415

    from pydantic import BaseModel, Field  # noqa: PLC0415

    from llmx.documents import Document  # noqa: PLC0415
    from llmx.extraction.document import extract_document  # noqa: PLC0415
    from llmx.extraction.options import Options  # noqa: PLC0415
    from llmx.extraction.plan import Extractor  # noqa: PLC0415
    from llmx.extraction.session import open_session  # noqa: PLC0415
    from llmx.types import Money  # noqa: PLC0415

    class Invoice(BaseModel):
        """One invoice."""

        number: str = Field(description="The invoice's number")
        total: Money | None = Field(description="The sum that is owed")

    extractor = Extractor(Invoice, Options(passes=1))
    async with open_session(extractor, replace(settings, cache=False)) as session:
        record = await extract_document(Document("sample", _SAMPLE), session.plan, session.endpoint)
    shown = record.data.model_dump_json() if record.data else "; ".join(i.message for i in record.issues)
    line("sample extraction", f"{record.status}: {shown}")
    rate = record.usage.output_tokens / record.seconds if record.seconds else 0.0
    line(
        "speed",
        f"{record.seconds:.1f} s for {record.usage.input_tokens} + {record.usage.output_tokens} tokens ({rate:.0f}/s)",
    )
    return record.status == "ok"
