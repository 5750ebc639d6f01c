"""``llmx doctor``: is there somebody who answers, what does it honour, and what to do where not."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli import options

if TYPE_CHECKING:
    from llmx.endpoint import EndpointSettings

_SAMPLE = "Invoice no. 7781 of 3 May 2024: Brandt & Co. owes 1,250 euros to Halle Paper Ltd."


def doctor(
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    api_key_env: options.ApiKeyEnv = None,
    again: Annotated[bool, typer.Option("--again", help="Probe anew, even where the verdict is known.")] = False,
) -> None:
    """Check the endpoint: reachable, models, modes that it truly honours, context, speed, one sample extraction."""
    from llmx.extraction.session import answering  # noqa: PLC0415

    config = options.settings_from({"model": model, "base_url": base_url, "api_key_env": api_key_env}).values
    with answering(options.endpoint_settings(config), say=options.say) as settings:
        ok = asyncio.run(_examine(settings, again=again))
    raise typer.Exit(0 if ok else 1)


def _line(name: str, text: object) -> None:
    typer.echo(f"{name:18} {text}")


async def _examine(settings: EndpointSettings, *, again: bool) -> bool:
    from llmx.endpoint import open_endpoint  # noqa: PLC0415
    from llmx.errors import LlmxError  # noqa: PLC0415

    endpoint = open_endpoint(settings)
    _line("endpoint", settings.base_url or "https://api.openai.com/v1 (the openai client's default)")
    _line("API key", f"from {settings.api_key_env}" if settings.key else f"none ({settings.api_key_env} is not set)")
    try:
        assert endpoint.server is not None
        begun = time.perf_counter()
        offered = await endpoint.server.models()
        _line("reachable", f"yes, {1000 * (time.perf_counter() - begun):.0f} ms")
        _line("models", ", ".join(offered[:8]) + (" …" if len(offered) > 8 else "") or "the endpoint does not tell")
        if again:
            _forget(settings, offered)
        resolved = await endpoint.resolve()
        _line("model", resolved.model)
        for mode, told in _verdict(settings, resolved.model).items():
            _line(f"  mode {mode}", told)
        _line("mode", f"{resolved.mode} ({resolved.how})")
        context = await endpoint.context_length()
        _line("context", "the endpoint does not tell" if context is None else f"{context} tokens")
        return await _sample(settings)
    except LlmxError as error:
        _line("FAULT", error)
        return False
    finally:
        await endpoint.aclose()


def _verdict(settings: EndpointSettings, model: str) -> dict[str, str]:
    from llmx.endpoint import cache_folder  # noqa: PLC0415
    from llmx.endpoint.probe import remembered, verdict_path  # noqa: PLC0415

    verdict = remembered(verdict_path(cache_folder(settings), settings.base_url, model))
    return verdict.tried if verdict else {}


def _forget(settings: EndpointSettings, offered: list[str]) -> None:
    from llmx.endpoint import cache_folder  # noqa: PLC0415
    from llmx.endpoint.probe import verdict_path  # noqa: PLC0415

    for model in [settings.model, *offered]:
        verdict_path(cache_folder(settings), settings.base_url, model).unlink(missing_ok=True)


async def _sample(settings: EndpointSettings) -> bool:
    """Extract one small record for real, without the cache, and time it."""
    from dataclasses import replace  # noqa: PLC0415

    from pydantic import BaseModel, Field  # noqa: PLC0415

    from llmx.documents import Document  # noqa: PLC0415
    from llmx.extraction.document import extract_document  # noqa: PLC0415
    from llmx.extraction.plan import Extractor, Options  # noqa: PLC0415
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
    _line("sample extraction", f"{record.status}: {shown}")
    rate = record.usage.output_tokens / record.seconds if record.seconds else 0.0
    _line(
        "speed",
        f"{record.seconds:.1f} s for {record.usage.input_tokens} + {record.usage.output_tokens} tokens ({rate:.0f}/s)",
    )
    return record.status == "ok"
