"""``llmx models``: the names of providers with which a model may begin, and what was probed at each."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmx.cli import options
from llmx.cli.json_output import AsJson, print_json

if TYPE_CHECKING:
    from llmx.endpoint.known_providers import KnownProvider
    from llmx.endpoint.probe import ProbeResult
    from llmx.endpoint.providers.native.registry import NativeProvider

_ELSEWHERE = "--base-url"


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One line of the table, with the models that were probed there."""

    name: str
    key: str
    base_url: str
    probed: tuple[ProbeResult, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "name": self.name, "key_variable": self.key, "key_set": bool(self.key and os.environ.get(self.key)),
            "base_url": self.base_url,
            "probed": [
                {"model": each.model, "mode": each.mode, "api": each.quirks.api, "strict": each.quirks.strict,
                 "probed": each.probed}
                for each in self.probed
            ],
        }  # fmt: skip


def models(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="Ask the provider with this name which models it offers.",
                            show_default=False)
    ] = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """List the names of providers: the variable of the key, the base URL, and what was probed there.

    A model is named after its provider: --model groq/llama-3.3-70b-versatile. With a base URL of your own, its id is
    sent as it is.
    """
    if name:
        offered = asyncio.run(_offered(name))
        if as_json:
            print_json(offered)
        else:
            typer.echo("".join(f"{model}\n" for model in offered), nl=False)
        if not offered:
            options.say(f"{name} does not say which models it offers, or not without a key")
        raise typer.Exit(0 if offered else 1)
    rows = provider_rows()
    if as_json:
        print_json([row.to_json() for row in rows])
        return
    width = max(len(row.name) for row in rows), max(len(_key(row)) for row in rows)
    for row in rows:
        typer.echo(f"{row.name:{width[0]}}  {_key(row):{width[1]}}  {row.base_url}")
        for result in row.probed:
            typer.echo(f"{'':{width[0]}}  {_told(result)}")


def _key(row: ProviderRow) -> str:
    if not row.key:
        return "of --api-key-env" if row.name == _ELSEWHERE else "no key"
    return f"{row.key} (set)" if os.environ.get(row.key) else row.key


def _told(result: ProbeResult) -> str:
    strict = {True: ", strict schemas", False: ", no strict schemas", None: ""}[result.quirks.strict]
    api = ", Responses API" if result.quirks.api == "responses" else ""
    when = f" (probed {result.probed})" if result.probed else ""
    return f"{result.model}: mode {result.mode}{strict}{api}{when}"


def provider_rows() -> list[ProviderRow]:
    """Return the providers that have names, then the addresses beside them at which models were probed."""
    from llmx.endpoint import cache_folder  # noqa: PLC0415 - heavy
    from llmx.endpoint.known_providers import known_providers  # noqa: PLC0415 - heavy
    from llmx.endpoint.probed import probed  # noqa: PLC0415 - heavy
    from llmx.endpoint.providers.native.registry import NATIVE_PROVIDERS  # noqa: PLC0415 - heavy

    found = probed(cache_folder())
    rows = [_row(known, found) for known in known_providers().values()]
    rows += [_native_row(each, found) for each in NATIVE_PROVIDERS]
    others = [ProviderRow(_ELSEWHERE, "", where, tuple(results)) for where, results in found.items() if results]
    return rows + others


def _row(known: KnownProvider, found: dict[str, list[ProbeResult]]) -> ProviderRow:
    """Return the row of a name; what was probed there is taken out of ``found``."""
    root = known.root
    mine = [where for where in found if root and where.startswith(root.rstrip("/"))]
    mine += [""] if known.name == "openai" and "" in found else []
    results = tuple(result for where in mine for result in found.pop(where))
    return ProviderRow(known.name, known.key_variable, root or f"from {known.base_url_env}", results)


def _native_row(native: NativeProvider, found: dict[str, list[ProbeResult]]) -> ProviderRow:
    """Return the row of a provider with a protocol of its own: its models are those that bear its prefix."""
    mine: list[ProbeResult] = []
    for where, results in found.items():
        mine += [each for each in results if each.model.partition("/")[0] in native.prefixes]
        found[where] = [each for each in results if each not in mine]
    return ProviderRow(native.prefix, native.key_variable, f"of its SDK: llmx-extract[{native.extra}]", tuple(mine))


async def _offered(name: str) -> list[str]:
    from llmx.endpoint import EndpointSettings  # noqa: PLC0415 - heavy
    from llmx.endpoint.known_providers import provider_names, with_provider  # noqa: PLC0415 - heavy
    from llmx.endpoint.opening import open_provider  # noqa: PLC0415 - heavy
    from llmx.errors import ConfigError, did_you_mean  # noqa: PLC0415 - heavy

    if name not in (names := provider_names()):
        hint = f"{did_you_mean(name, names)}The names are {', '.join(names)}."
        raise ConfigError(f"no provider is called {name!r}", hint=hint)
    provider = open_provider(with_provider(EndpointSettings(model=f"{name}/any")))
    try:
        return [f"{name}/{model.removeprefix(f'{name}/')}" for model in await provider.models()]
    finally:
        await provider.aclose()
