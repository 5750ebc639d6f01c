"""``llmx schema infer``: proposes a schema from sample documents and a sentence of intent."""

from __future__ import annotations

import asyncio
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmx.cli import options
from llmx.cli.panels import ANSWERS, INPUT, OUTPUT, argument, option

if TYPE_CHECKING:
    from llmx.config import Settings
    from llmx.documents import Document, DocumentStream
    from llmx.endpoint import EndpointSettings
    from llmx.propose import SchemaProposal
    from llmx.record import Record


def infer(
    documents: Annotated[
        list[str],
        argument("DOCUMENTS", "Sample documents: files, folders, globs, or .jsonl and .csv files of rows."),
    ],
    ask: Annotated[
        str,
        option("--ask", help="One sentence that says what is wanted, such as 'who sold what, when and for how much'.",
               panel=ANSWERS, metavar="TEXT"),
    ],
    max_documents: Annotated[
        int,
        option("--max-documents", help="Look at this many documents at most.", panel=INPUT, metavar="N", default=5),
    ] = 5,
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    api_key_env: options.ApiKeyEnv = None,
    mode: options.Mode = None,
    strict: options.Strict = None,
    api: options.Api = None,
    reasoning_effort: options.ReasoningEffort = None,
    extra_body: options.ExtraBody = None,
    header: options.Header = None,
    record: options.Record = None,
    replay: options.Replay = None,
    no_cache: options.NoCache = False,
    output: Annotated[
        Path | None,
        option("--output", "-o", help="The Python file to write; its name gives the class its name.", panel=OUTPUT,
               metavar="FILE", default="standard output"),
    ] = None,
    overwrite: Annotated[bool, option("--overwrite", help="Replace a file that exists.", panel=OUTPUT)] = False,
) -> None:  # fmt: skip
    """Propose a schema from sample documents and a sentence of intent, as a Python file.

    The model names fields and quotes the words that say them. A field stays if its words stand in a sample; its type is
    one that reads them in every sample. Exit codes: 0 if a schema was written, 1 if no field could be proven or no
    document was answered, 2 for a mistake in the command or its settings.
    """
    from llmx.errors import ConfigError, DocumentError, OutputError  # noqa: PLC0415

    if max_documents < 1:
        raise ConfigError("--max-documents must be at least 1")
    if output is not None and output.exists() and not overwrite:
        raise OutputError(f"{output} exists", hint="Replace it with --overwrite, or name another file with --output.")
    if not ask.strip():
        raise ConfigError("--ask is empty", hint="Say in a sentence what is wanted of the documents.")
    configured = options.settings_from(
        {"model": model, "base_url": base_url, "api_key_env": api_key_env, "mode": mode, "strict": strict, "api": api,
         "reasoning_effort": reasoning_effort, "extra_body": extra_body, "headers": header or None,
         "cache": False if no_cache else None}
    )  # fmt: skip
    settings = options.endpoint_settings(configured, record=record, replay=replay)
    options.announce(settings)
    source = options.read(documents, configured, exclude=[] if output is None else [output])
    answers = _asked(source, ask, configured, settings=settings, most=max_documents)
    from llmx.propose import class_name, merged, python_file  # noqa: PLC0415

    proposal = merged(answers)
    _tell(proposal)
    if not proposal.fields:
        raise DocumentError(
            "no field could be proven: the words that the model gave stand in no document",
            hint="Ask for what the documents say, or ask a larger --model.",
        )
    text = python_file(
        proposal, name=class_name("" if output is None else output.stem), ask=ask, documents=len(answers)
    )
    _write(text, output)


def _asked(
    source: DocumentStream, ask: str, configured: Settings, *, settings: EndpointSettings, most: int
) -> list[tuple[Document, Record[Any]]]:
    """Return the first ``most`` documents with what the model answered. Raises where nobody answers at all."""
    from llmx.cli.progress import weights_progress  # noqa: PLC0415
    from llmx.documents import Unreadable  # noqa: PLC0415
    from llmx.errors import UsageError  # noqa: PLC0415
    from llmx.extraction.session import answering  # noqa: PLC0415
    from llmx.propose import ask_about, no_answer  # noqa: PLC0415
    from llmx.record import fatal_issue  # noqa: PLC0415

    found: list[tuple[Document, Record[Any]]] = []
    how = options.extraction_options(configured.values)
    with weights_progress() as progress, answering(settings, say=options.say, progress=progress) as ready:

        async def all_of_them() -> None:
            async for document, record in ask_about(islice(source, most), ask, ready, options=how):
                if isinstance(document, Unreadable):
                    options.say(f"{document.id}: {document.error}")
                elif record is not None:
                    found.append((document, record))
                    if record.data is None and (issue := fatal_issue(record.issues)) is not None:
                        options.say(f"{document.id}: {record.status}: {issue.message}")

        asyncio.run(all_of_them())
    if not found:
        raise UsageError("there is no document to look at", hint="Name files, folders or globs of sample documents.")
    if all(record.data is None for _, record in found):
        raise no_answer(record for _, record in found)
    return found


def _tell(proposal: SchemaProposal) -> None:
    for each in proposal.left_out:
        options.say(f"left out {each.name}: {each.why}")
    if proposal.fields:
        options.say(f"proven: {', '.join(each.name for each in proposal.fields)}")


def _write(text: str, output: Path | None) -> None:
    from llmx.sinks.atomic import write_atomically  # noqa: PLC0415

    if output is None:
        typer.echo(text, nl=False)
    else:
        write_atomically(output, [text.encode()])
