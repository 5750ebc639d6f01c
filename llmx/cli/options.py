"""The options that several commands share, as annotated types, and how they become settings.

A default is shown in the help and defined elsewhere: with Options, EndpointSettings, RunOptions and RowFields.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from llmx.cli.completion import model_names, modes, schema_names
from llmx.cli.panels import ANSWERS, INPUT, MODEL, MONEY, OUTPUT, RUN, argument, option
from llmx.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmx.config import Config, Settings
    from llmx.documents import DocumentStream
    from llmx.endpoint import EndpointSettings
    from llmx.extraction.options import Options
    from llmx.run import RunOptions
    from llmx.web import WebOptions

_SCHEMA_HELP = "The schema: its name, file.py:Class, package.module:Class, a JSON Schema file, or one line of fields."

GoldDocuments = Annotated[
    list[str], argument("DOCUMENTS", "Documents with gold: files, folders, globs, or .jsonl and .csv files of rows.")
]
Gold = Annotated[
    Path,
    option("--gold", help="The right answers: a folder of ID.json or ID.gold.json files, or a JSONL file.",
           panel=INPUT, metavar="PATH"),
]  # fmt: skip
Schema = Annotated[
    str | None,
    option("--schema", "-s", help=_SCHEMA_HELP, panel=ANSWERS, metavar="SCHEMA",
           autocompletion=schema_names),
]  # fmt: skip
Comparison = Annotated[
    str | None,
    option("--schema", "-s", help="Compare values as the types and marks of this schema say.", panel=INPUT,
           metavar="SCHEMA", autocompletion=schema_names),
]  # fmt: skip
Texts = Annotated[
    list[str] | None,
    option("--documents", "-d", help="Where the documents are, if they moved since the run. Can be repeated.",
           panel=INPUT, metavar="PATH"),
]  # fmt: skip
Model = Annotated[
    str | None,
    option("--model", "-m", help="The model's name, after that of its provider, such as groq/llama-3.3-70b-versatile "
           "(see llmx models). 'local' is the embedded model, 'local:NAME' one that was pulled (llmx model), "
           "'local:/path.gguf' a file of your own.", panel=MODEL,
           metavar="NAME", default="the only model that the endpoint offers", autocompletion=model_names),
]  # fmt: skip
BaseUrl = Annotated[
    str | None,
    option("--base-url", help="The address of an OpenAI-compatible server, such as http://127.0.0.1:8080/v1.",
           panel=MODEL, metavar="URL", default="OpenAI"),
]  # fmt: skip
ApiKeyEnv = Annotated[
    str | None,
    option("--api-key-env", help="The environment variable that holds the API key.", panel=MODEL, metavar="VARIABLE",
           default="OPENAI_API_KEY"),
]  # fmt: skip
Mode = Annotated[
    str | None,
    option("--mode", help="How to ask for JSON: tools, json_schema, json or text. 'auto' probes the endpoint once and "
           "remembers what it honours.", panel=MODEL, metavar="MODE", default="auto",
           autocompletion=modes),
]  # fmt: skip
Strict = Annotated[
    bool | None,
    option("--strict/--no-strict", help="Send the schema in OpenAI's strict subset, with the strict flag.",
           panel=MODEL, default="no-strict"),
]  # fmt: skip
Api = Annotated[
    str | None,
    option("--api", help="Which of OpenAI's APIs to ask by: 'chat' completions or 'responses'. 'auto' takes chat, and "
           "responses where the endpoint refuses chat.", panel=MODEL, metavar="auto|chat|responses", default="auto"),
]  # fmt: skip
ReasoningEffort = Annotated[
    str | None,
    option("--reasoning-effort", help="How much a model that reasons may think, such as low, medium or high.",
           panel=MODEL, metavar="EFFORT", default="the model's own"),
]  # fmt: skip
ExtraBody = Annotated[
    str | None,
    option("--extra-body", help="A JSON object whose members go into the body of every request.", panel=MODEL,
           metavar="JSON"),
]  # fmt: skip
Header = Annotated[
    list[str] | None,
    option("--header", help="One more header of every request, such as X-Team=blue. Can be repeated.", panel=MODEL,
           metavar="NAME=VALUE"),
]  # fmt: skip
Prompt = Annotated[
    str | None,
    option("--prompt", "-p", panel=ANSWERS, metavar="PROMPT", default="auto",
           help="The prompt: its name, or a Markdown file. 'auto' takes the one beside the schema (NAME.prompt.md), or "
           "else 'extract'."),
]  # fmt: skip
Examples = Annotated[
    str | None,
    option("--examples", help="Few-shot examples: a YAML file, 'made' for two that llmx makes from the schema, 'none', "
           "or 'auto': those in the prompt or beside the schema, and without them, for a small model, those that llmx "
           "makes.",
           panel=ANSWERS, metavar="EXAMPLES", default="auto"),
]  # fmt: skip
Instructions = Annotated[
    str | None,
    option("--instructions", help="One more instruction for the model.", panel=ANSWERS, metavar="TEXT"),
]  # fmt: skip
Record = Annotated[
    Path | None,
    option("--record", help="Record every answer in this cassette, a folder.", panel=RUN, metavar="FOLDER"),
]  # fmt: skip
Replay = Annotated[
    Path | None,
    option("--replay", help="Take every answer from this cassette; nothing is sent.", panel=RUN, metavar="FOLDER"),
]  # fmt: skip
NoCache = Annotated[
    bool, option("--no-cache", help="Neither read the cache of answers nor write to it.", panel=RUN)
]  # fmt: skip
CacheUrl = Annotated[
    str | None,
    option("--cache-url", help="Keep answers and records on this server, for many machines: redis://HOST:6379/0, or "
           "postgresql://USER@HOST/DATABASE. LLMX_CACHE_URL keeps a password off the command line.", panel=RUN,
           metavar="URL"),
]  # fmt: skip
Concurrency = Annotated[
    str | None,
    option("--concurrency", help="Requests in flight at once. 'auto' finds the number that is fastest.", panel=RUN,
           metavar="N|auto", default="auto"),
]  # fmt: skip
MaxCost = Annotated[
    float | None,
    option("--max-cost", help="Stop before the run costs more than this.", panel=MONEY, metavar="USD"),
]  # fmt: skip
Upsert = Annotated[
    bool,
    option("--upsert", help="Put the records into a database that exists (.sqlite, .duckdb; with postgresql://… it is "
           "always so): each document's in place of those that it has there.", panel=OUTPUT),
]  # fmt: skip
Verbose = Annotated[bool, option("--verbose", "-v", help="Print a line for each document as it is done.", panel=OUTPUT)]
Quiet = Annotated[
    bool, option("--quiet", "-q", help="Print neither progress nor summary, only what failed.", panel=OUTPUT)
]


@dataclass(frozen=True, slots=True)
class WebSource:
    """What the command line says of URLs. Only there: no file decides what is fetched, or from where."""

    allowed: bool = False
    url_field: str | None = None
    private_hosts: tuple[str, ...] = ()
    delay_s: float | None = None
    user_agent: str | None = None

    def options(self, configured: Settings) -> WebOptions | None:
        """Return how to fetch, None where nothing is to be. Raises UsageError for an option without effect."""
        from llmx.errors import UsageError  # noqa: PLC0415

        if not self.allowed:
            given = {
                "--url-field": self.url_field, "--allow-private-hosts": self.private_hosts,
                "--url-delay": self.delay_s is not None, "--user-agent": self.user_agent,
            }  # fmt: skip
            if named := next((name for name, value in given.items() if value), ""):
                raise UsageError(
                    f"{named} has no effect without --allow-urls", hint="Add --allow-urls, or leave it out."
                )
            return None
        from llmx.endpoint import cache_folder  # noqa: PLC0415
        from llmx.web import WebOptions  # noqa: PLC0415

        settings = endpoint_settings(configured)
        cache = cache_folder(settings) / "pages" if settings.cache else None
        return WebOptions(self.private_hosts, self.delay_s, self.user_agent or "", cache=cache)


def settings_from(given: dict[str, Any]) -> Settings:
    """Return the settings in force, with the command line's options in ``given`` (None: not used)."""
    from llmx.config import load_settings  # noqa: PLC0415

    configured = load_settings(given)
    if configured.note:
        say(configured.note)
    return configured


def schema_of(configured: Settings) -> str:
    """Return the schema that is configured. Raises ConfigError if there is none, or it would run a stranger's code."""
    from llmx.cli.withholding import refused_schema  # noqa: PLC0415
    from llmx.errors import ConfigError  # noqa: PLC0415

    if not configured.values.schema:
        hint = "Give --schema NAME, file.py:Class or a JSON Schema file; llmx schema list prints the names."
        raise ConfigError("there is no schema", hint=hint)
    if why := refused_schema(configured):
        hint = f"Give --schema, or confirm the file: llmx config trust {configured.file}"
        raise ConfigError(why, hint=hint)
    return configured.values.schema


def endpoint_settings(
    configured: Settings, *, record: Path | None = None, replay: Path | None = None, refresh: bool = False
) -> EndpointSettings:
    """Return the endpoint that is configured. What may not get a key is ``withheld``; ``announce`` says so."""
    from llmx.cli.key_origin import say_key_origin  # noqa: PLC0415
    from llmx.cli.withholding import refused_cache, withheld  # noqa: PLC0415
    from llmx.endpoint import EndpointSettings  # noqa: PLC0415
    from llmx.errors import ConfigError  # noqa: PLC0415

    config = configured.values
    names = (
        "model", "base_url", "api_key_env", "mode", "strict", "timeout_s", "retry_attempts", "cache", "api",
        "cache_url", "reasoning_effort", "extra_body", "redact_documents",
    )  # fmt: skip
    given = _given(config, *names)
    given["withheld"] = withheld(configured)
    if config.cache is not False and (why := refused_cache(configured)):
        raise ConfigError(why, hint="With --no-cache llmx runs without a cache.")
    if config.headers and (not given["withheld"] or configured.unconfirmed("headers")):
        given["headers"] = tuple(config.headers.items())
    if config.cache_dir:
        given["cache_dir"] = Path(config.cache_dir).expanduser()
    if config.redact:
        given["redact"] = tuple(part for part in config.redact.split(",") if part)
    made = EndpointSettings(**given, refresh=refresh, record=record, replay=replay)
    say_key_origin(made)
    return made


def announce(settings: EndpointSettings) -> None:
    """Say why no key goes to the endpoint or to a fallback, where there is one that would have gone."""
    for each in settings.in_turn:
        if withheld := withheld_key(each):
            say(withheld)


def withheld_key(settings: EndpointSettings) -> str:
    """Return why a key that is there is withheld, '' where none is."""
    from llmx.keys import is_kept  # noqa: PLC0415 - only where one is withheld

    return settings.withheld if settings.withheld and is_kept(settings.key_variable) else ""


def extraction_options(config: Config) -> Options:
    """Return how ``config`` says to extract. Raises ConfigError for a value that is not allowed."""
    from llmx.errors import ConfigError  # noqa: PLC0415
    from llmx.extraction.options import BELOW, Options  # noqa: PLC0415

    if config.below is not None and not (config.escalate or config.fallback):
        raise ConfigError("--below names no model to ask", hint="Give --escalate MODEL, or --fallback MODEL.")
    escalating: dict[str, Any] = {"below": BELOW} if config.escalate and config.below is None else {}
    names = (
        "prompt", "examples", "instructions", "unproven", "evidence", "passes", "samples", "logprobs", "verify",
        "max_output_tokens", "chunk_tokens", "boilerplate", "temperature", "locale", "target", "images", "image_px",
        "relevant_tokens", "below", "calibration",
    )  # fmt: skip
    return Options(**_given(config, *names), **escalating)


def run_options(config: Config, **more: Any) -> RunOptions:
    """Return how to run, with what only the command line says in ``more``."""
    from llmx.run import RunOptions  # noqa: PLC0415

    given = config.concurrency
    if given:
        more["concurrency"] = int(given) if given.isdigit() else cast("Any", given)  # RunOptions refuses the rest
    return RunOptions(**more)


_PAGED = ("pages", "password", "ocr", "ocr_engine", "ocr_languages", "layout")
"""The settings that say how files with pages are read."""


def read(
    sources: list[str], configured: Settings, *, exclude: Sequence[Path] = (), web: WebSource | None = None
) -> DocumentStream:
    """Return the documents called ``sources``, read as is configured."""
    from llmx.documents import read_documents  # noqa: PLC0415

    config = configured.values
    _check_pictures(config)
    fetching = web.options(configured) if web is not None else None
    if web is not None and web.url_field is None:
        check_urls(sources, fetched=fetching is not None)
    _check_fields(sources, configured)
    _check_pages(sources, configured)
    given = _given(config, "text_field", "id_field", "date_field", "encoding", *_PAGED)
    if fetching is not None:
        given |= {"web": fetching, "url_field": web.url_field if web else None}
    documents = read_documents(sources, exclude=exclude, **given)
    if not config.redact_documents:
        return documents
    from llmx.extraction.redaction import redacted  # noqa: PLC0415

    return redacted(documents, endpoint_settings(configured))


def check_urls(sources: list[str], *, fetched: bool) -> None:
    """Raise UsageError where URLs are to be fetched and none is named."""
    if not fetched:
        return
    from llmx.errors import UsageError  # noqa: PLC0415
    from llmx.web.urls import is_url  # noqa: PLC0415

    if not any(map(is_url, sources)):
        raise UsageError("--allow-urls has no effect: no document is a URL", hint="Name one, or --url-field for rows.")


def _check_fields(sources: list[str], configured: Settings) -> None:
    """Raise UsageError where the command line names a field of rows, and no document can have rows."""
    named = [name for name in ("text_field", "id_field", "date_field") if configured.origins[name] == "command line"]
    if not named:
        return
    from llmx.documents import ROWS, may_hold_rows  # noqa: PLC0415
    from llmx.errors import UsageError  # noqa: PLC0415

    if not any(map(may_hold_rows, sources)):
        option = f"--{named[0].replace('_', '-')}"
        hint = f"Leave it out, or name a file of rows: {', '.join(sorted(ROWS))}."
        raise UsageError(f"{option} has no effect: no document is a row of a table", hint=hint)


def _check_pictures(config: Config) -> None:
    """Raise UsageError where pages are to be shown, and what stands in them is to be hidden."""
    if config.images == "always" and config.redact_documents:
        from llmx.errors import UsageError  # noqa: PLC0415

        hint = "A picture shows what was taken out of the text. Leave one of them out."
        raise UsageError("--images always and --redact-documents exclude each other", hint=hint)


def _check_pages(sources: list[str], configured: Settings) -> None:
    """Raise UsageError where the command line says something of pages, and no document can have them."""
    named = [name for name in (*_PAGED, "images", "image_px") if configured.origins[name] == "command line"]
    if not named:
        return
    from llmx.documents import may_have_pages  # noqa: PLC0415
    from llmx.errors import UsageError  # noqa: PLC0415

    if not any(map(may_have_pages, sources)):
        option = f"--{named[0].replace('_', '-')}"
        raise UsageError(f"{option} has no effect: no document is a PDF or a picture", hint="Leave it out.")


def say(message: str) -> None:
    """Print a message for the user: on stderr, never on stdout."""
    typer.echo(f"llmx: {message}", err=True)


def _given(config: Config, *names: str) -> dict[str, Any]:
    """Return the settings called ``names`` that somebody gave; the others keep their defaults."""
    values = {name: getattr(config, name) for name in names}
    return {name: value for name, value in values.items() if value is not None and value != ""}
