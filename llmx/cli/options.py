"""Options that several commands share, as annotated types, and how they become settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmx.config import Config, Settings
    from llmx.documents import Document, Unreadable
    from llmx.endpoint import EndpointSettings
    from llmx.extraction.plan import Options

_ASK = "Who answers"
_HOW = "How to extract"

Schema = Annotated[
    str | None,
    typer.Option("--schema", "-s", help="A name, path/to/file.py:Class, package.module:Class, or a JSON Schema file.",
                 rich_help_panel=_HOW),
]  # fmt: skip
Model = Annotated[
    str | None,
    typer.Option("--model", "-m", help="The model's name; 'local' is the embedded one, 'local:/path.gguf' your own.",
                 rich_help_panel=_ASK),
]  # fmt: skip
BaseUrl = Annotated[
    str | None,
    typer.Option("--base-url", help="An OpenAI-compatible server, such as http://127.0.0.1:8080/v1.",
                 rich_help_panel=_ASK),
]  # fmt: skip
ApiKeyEnv = Annotated[
    str | None,
    typer.Option("--api-key-env", help="The variable that holds the API key. [default: OPENAI_API_KEY]",
                 rich_help_panel=_ASK),
]  # fmt: skip
Mode = Annotated[
    str | None,
    typer.Option("--mode", help="auto, tools, json_schema, json or text; auto probes an unknown endpoint once.",
                 rich_help_panel=_ASK),
]  # fmt: skip
Strict = Annotated[
    bool | None,
    typer.Option("--strict/--no-strict", help="Send schemas in OpenAI's strict subset, with its strict flag.",
                 rich_help_panel=_ASK),
]  # fmt: skip
Prompt = Annotated[
    str | None, typer.Option("--prompt", "-p", help="A prompt's name or a Markdown file.", rich_help_panel=_HOW)
]
Examples = Annotated[
    str | None,
    typer.Option("--examples", help="auto (those beside the schema), none, or a YAML file.", rich_help_panel=_HOW),
]
Instructions = Annotated[
    str | None, typer.Option("--instructions", help="One more instruction for the model.", rich_help_panel=_HOW)
]
Replay = Annotated[
    Path | None, typer.Option("--replay", help="Answer from this cassette; the network is never touched.")
]


def settings_from(given: dict[str, Any]) -> Settings:
    """Return the settings in force for the options that were ``given`` (None: not given)."""
    from llmx.config import load_settings  # noqa: PLC0415

    return load_settings(given)


def endpoint_settings(
    config: Config, *, record: Path | None = None, replay: Path | None = None, refresh: bool = False
) -> EndpointSettings:
    """Return what ``config`` says about the endpoint."""
    from llmx.endpoint import EndpointSettings  # noqa: PLC0415

    return EndpointSettings(
        model=config.model,
        base_url=config.base_url or None,
        api_key_env=config.api_key_env or "OPENAI_API_KEY",
        mode=config.mode,
        strict=config.strict,
        timeout_s=config.timeout_s or None,
        retry_attempts=config.retry_attempts,
        cache=config.cache,
        cache_dir=Path(config.cache_dir).expanduser() if config.cache_dir else None,
        refresh=refresh,
        record=record,
        replay=replay,
        redact=tuple(part for part in config.redact.split(",") if part),
    )


def extraction_options(config: Config) -> Options:
    """Return what ``config`` says about how to extract. Raises ConfigError for a value that is not allowed."""
    from llmx.extraction.plan import Options  # noqa: PLC0415

    return Options(
        prompt=config.prompt,
        examples=config.examples,
        instructions=config.instructions,
        unproven=config.unproven or None,  # type: ignore[arg-type] # checked by Options
        evidence=config.evidence,  # type: ignore[arg-type] # checked by Options
        passes=config.passes,
        samples=config.samples,
        logprobs=config.logprobs,
        max_output_tokens=config.max_output_tokens,
        chunk_tokens=config.chunk_tokens,
        boilerplate=config.boilerplate,  # type: ignore[arg-type] # checked by Options
        temperature=config.temperature,
        locale=config.locale or None,
    )


def read(sources: list[str], config: Config, *, exclude: Sequence[Path] = ()) -> Iterator[Document | Unreadable]:
    """Return the documents called ``sources``, read as ``config`` says."""
    from llmx.documents import read_documents  # noqa: PLC0415

    return read_documents(
        sources, text_field=config.text_field, id_field=config.id_field, date_field=config.date_field or None,
        encoding=config.encoding or None, exclude=exclude,
    )  # fmt: skip


def say(message: str) -> None:
    """Talk to the person: on stderr, never on stdout."""
    typer.echo(f"llmx: {message}", err=True)
