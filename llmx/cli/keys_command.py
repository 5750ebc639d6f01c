"""``llmx keys``: API keys in the system's keyring, so that they stand in no file and no shell history."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from llmx.cli.json_output import AsJson, print_json
from llmx.cli.panels import PanelCommand, PanelGroup, argument

app = typer.Typer(cls=PanelGroup, help="API keys in the system's keyring.", no_args_is_help=True, rich_markup_mode=None)

_Name = Annotated[str, argument("NAME", "A provider, as llmx models lists them, or the variable of a key.")]


@app.command("set", cls=PanelCommand)
def set_key(name: _Name) -> None:
    """Keep a key in the system's keyring. It is asked for without being shown, or read from standard input."""
    from llmx.errors import ConfigError  # noqa: PLC0415
    from llmx.keys import keep_key  # noqa: PLC0415

    variable = _variable(name)
    key = typer.prompt(variable, hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    if not key.strip():
        raise ConfigError("there is no key", hint=f"Give it on standard input: llmx keys set {name} < FILE")
    keep_key(variable, key.strip())
    typer.echo(f"{variable} is kept; it is used where the environment does not have it")


@app.command("list", cls=PanelCommand)
def list_keys(as_json: AsJson = False) -> None:
    """List the names of the keys that are kept, in .env, or in the environment; never a key."""
    from llmx.keys import DOTENV, ENVIRONMENT, KEYRING, dotenv_names, kept_names  # noqa: PLC0415

    kept, in_file = kept_names(), dotenv_names()
    known = {name for name in _variables().values() if os.environ.get(name)}
    origins = {
        name: ENVIRONMENT if os.environ.get(name) else KEYRING if name in kept else DOTENV
        for name in sorted(known | kept | in_file)
    }
    if as_json:
        print_json([{"name": name, "origin": origin} for name, origin in origins.items()])
        return
    for name, origin in origins.items():
        typer.echo(f"{name:24} from {origin}")
    if not origins:
        typer.echo("no key is kept; llmx keys set NAME keeps one", err=True)


@app.command("forget", cls=PanelCommand)
def forget(name: _Name) -> None:
    """Take a key out of the system's keyring."""
    from llmx.keys import forget_key  # noqa: PLC0415

    variable = _variable(name)
    typer.echo(f"{variable} is no longer kept" if forget_key(variable) else f"{variable} was not kept")


def _variables() -> dict[str, str]:
    """Return the variable of each provider's key, by the provider's name."""
    from llmx.endpoint.known_providers import known_providers  # noqa: PLC0415 - heavy
    from llmx.endpoint.providers.native.registry import NATIVE_PROVIDERS  # noqa: PLC0415 - heavy

    found = {known.name: known.key_variable for known in known_providers().values()}
    found |= {native.prefix: native.key_variable for native in NATIVE_PROVIDERS}
    return {name: variable for name, variable in found.items() if variable}


def _variable(name: str) -> str:
    """Return the variable that ``name`` means. Raises ConfigError where that is no provider and no variable."""
    from llmx.errors import ConfigError, did_you_mean  # noqa: PLC0415

    if name.isupper():
        return name
    variables = _variables()
    if name not in variables:
        raise ConfigError(
            f"no provider with a key is called {name!r}",
            hint=f"{did_you_mean(name, variables)}The names are {', '.join(variables)}.",
        )
    return variables[name]
