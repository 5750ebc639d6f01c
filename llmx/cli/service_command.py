"""``llmx serve-api`` and ``llmx mcp``: extraction over HTTP, and as tools for agents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmx.cli import options
from llmx.cli.completion import schema_names
from llmx.cli.panels import INPUT, MODEL, RUN, option

_Schemas = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SCHEMAS]", help="The schemas to serve: names, file.py:Class or JSON Schema files. Without "
                   "any: that of the settings.", show_default=False, autocompletion=schema_names),
]  # fmt: skip


def serve_api(
    schemas: _Schemas = None,
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    api_key_env: options.ApiKeyEnv = None,
    mode: options.Mode = None,
    replay: options.Replay = None,
    no_cache: options.NoCache = False,
    host: Annotated[
        str, option("--host", help="The address to listen on.", panel=RUN, metavar="HOST", default="127.0.0.1")
    ] = "127.0.0.1",
    port: Annotated[int, option("--port", help="The port.", panel=RUN, metavar="PORT", default="any free one")] = 0,
    keys_file: Annotated[
        Path | None,
        option("--keys-file", help="A file with one key a line: a request must bear one of them.", panel=RUN,
               metavar="PATH"),
    ] = None,
    at_once: Annotated[
        int, option("--at-once", help="Documents that are extracted at a time.", panel=RUN, metavar="N", default=8)
    ] = 8,
    max_bytes: Annotated[
        int, option("--max-bytes", help="The largest document.", panel=INPUT, metavar="N", default="20000000")
    ] = 20_000_000,
    outage_s: Annotated[
        float, option("--outage-s", help="How long a document waits for an endpoint that is away.", panel=MODEL,
                      metavar="SECONDS", default=10)
    ] = 10,
) -> None:  # fmt: skip
    """Serve extraction over HTTP until Ctrl-C: post a document to /records/SCHEMA and get its records.

    The address is printed on standard output; the page there says what can be asked, /openapi.json says it to programs.
    """
    from functools import partial  # noqa: PLC0415

    from llmx.errors import ConfigError  # noqa: PLC0415

    try:
        from llmx.service.http_app import HttpOptions, make_app  # noqa: PLC0415
        from llmx.service.http_server import listen, serve  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(f"{error.name} is not installed", hint='pip install "llmx-extract[api]"') from error
    from llmx.run import RunOptions  # noqa: PLC0415
    from llmx.service.extraction_service import open_service  # noqa: PLC0415

    if at_once < 1 or max_bytes < 1:
        raise ConfigError("--at-once and --max-bytes must be at least 1")
    configured = options.settings_from(
        {"model": model, "base_url": base_url, "api_key_env": api_key_env, "mode": mode,
         "cache": False if no_cache else None}
    )  # fmt: skip
    if not schemas and not configured.values.schema:
        raise ConfigError("there is no schema to serve", hint="Name some, such as llmx serve-api invoice receipt.")
    settings = options.endpoint_settings(configured, replay=replay)
    options.announce(settings)
    served = schemas or [options.schema_of(configured)]
    keys = () if keys_file is None else _keys(keys_file)
    opened = partial(
        open_service, served, settings, options.extraction_options(configured.values),
        run=RunOptions(outage_s=outage_s), at_once=at_once,
    )  # fmt: skip
    listener = listen(host, port, keys=bool(keys))
    serve(make_app(opened, HttpOptions(keys=keys, most_bytes=max_bytes)), listener, announce=typer.echo)


def mcp(
    schemas: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SCHEMAS]", help="The schemas to offer. Without any: that of the settings, and those "
                       "that come with llmx.", show_default=False, autocompletion=schema_names),
    ] = None,
    folder: Annotated[
        list[Path] | None,
        option("--folder", help="A folder whose files the agent may have read and written. Can be repeated. Without "
               "any, it can only hand over texts.", panel=INPUT, metavar="FOLDER"),
    ] = None,
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    api_key_env: options.ApiKeyEnv = None,
    mode: options.Mode = None,
    replay: options.Replay = None,
    no_cache: options.NoCache = False,
) -> None:  # fmt: skip
    """Serve tools for agents by the Model Context Protocol, on standard input and output: extract, status, eval."""
    from functools import partial  # noqa: PLC0415

    from llmx.errors import ConfigError  # noqa: PLC0415

    try:
        from llmx.service.agent_tools import make_server  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(f"{error.name} is not installed", hint='pip install "llmx-extract[mcp]"') from error
    from llmx.resources import shipped_folder  # noqa: PLC0415
    from llmx.run import RunOptions  # noqa: PLC0415
    from llmx.service.extraction_service import open_service, served_name  # noqa: PLC0415

    if missing := [str(each) for each in folder or () if not each.is_dir()]:
        raise ConfigError(f"--folder {missing[0]}: there is no such folder")
    configured = options.settings_from(
        {"model": model, "base_url": base_url, "api_key_env": api_key_env, "mode": mode,
         "cache": False if no_cache else None}
    )  # fmt: skip
    settings = options.endpoint_settings(configured, replay=replay)
    options.announce(settings)
    shipped = sorted(path.stem for path in shipped_folder("schemas").glob("*.py"))
    own = [options.schema_of(configured)] if configured.values.schema and not schemas else []
    names = {served_name(each) for each in own}
    offered = schemas or [*own, *(name for name in shipped if name not in names)]
    opened = partial(
        open_service, offered, settings, options.extraction_options(configured.values), run=RunOptions(), at_once=4
    )
    make_server(opened, folder or []).run()


def _keys(file: Path) -> tuple[str, ...]:
    from llmx.errors import ConfigError  # noqa: PLC0415

    try:
        keys = tuple(line.strip() for line in file.read_text("utf-8").splitlines() if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{file}: the keys cannot be read ({error})", hint="Name a text file with a key a line."
        ) from error
    short = [number for number, key in enumerate(keys, 1) if len(key) < 16]
    if not keys or short:
        what = f"the key number {short[0]} is short" if short else "there is no key"
        raise ConfigError(f"{file}: {what}", hint="Give one key of 16 characters or more on each line.")
    return keys
