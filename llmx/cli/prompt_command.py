"""``llmx prompt``: what would be sent, without sending it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from llmx.cli import options

app = typer.Typer(help="Look at prompts.", no_args_is_help=True, rich_markup_mode=None)


@app.command("show")
def show(
    document: Annotated[str, typer.Argument(help="A document to render the prompt for.")] = "",
    schema: options.Schema = None,
    prompt: options.Prompt = None,
    examples: options.Examples = None,
    instructions: options.Instructions = None,
    mode: options.Mode = None,
    strict: options.Strict = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole request body as JSON, with its key.")] = False,
) -> None:
    """Print the messages that would be sent for a document. Nothing is sent."""
    from llmx.documents import Document, read_documents  # noqa: PLC0415
    from llmx.endpoint import ResolvedModel  # noqa: PLC0415
    from llmx.errors import ConfigError  # noqa: PLC0415
    from llmx.extraction.document import first_requests  # noqa: PLC0415
    from llmx.extraction.plan import Extractor  # noqa: PLC0415

    config = options.settings_from(
        {
            "schema": schema,
            "prompt": prompt,
            "examples": examples,
            "instructions": instructions,
            "mode": mode,
            "strict": strict,
        }
    ).values
    if not config.schema:
        raise ConfigError("no schema is named", hint="Give --schema NAME; llmx schema list shows those that ship.")
    shown = Document("", "(the document's text)")
    if document:
        first = next(iter(read_documents([document])))
        if not isinstance(first, Document):
            raise first.error
        shown = first
    chosen = "json_schema" if config.mode == "auto" else config.mode
    resolved = ResolvedModel(config.model or "MODEL", chosen, "given", strict=config.strict)  # type: ignore[arg-type] # checked by response_format
    plan = Extractor(config.schema, options.extraction_options(config)).plan(resolved)
    requests = [request for _, request in first_requests(shown, plan)]
    if len(requests) > 1:
        options.say(f"the document is long: this is the first of {len(requests)} requests")
    request = requests[0] if requests else plan.request(plan.rendering.messages(shown.text))
    if as_json:
        typer.echo(json.dumps({"key": request.key, "body": request.body}, indent=2, ensure_ascii=False))
        return
    for message in request.body["messages"]:
        typer.echo(f"--- {message['role']} ---\n{message['content']}\n")
