"""``llmx prompt``: shows what a run would send."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from llmx.cli import options
from llmx.cli.panels import OUTPUT, PanelCommand, PanelGroup, argument, option

app = typer.Typer(cls=PanelGroup, help="Show prompts.", no_args_is_help=True, rich_markup_mode=None)


@app.command("show", cls=PanelCommand)
def show(
    document: Annotated[
        str,
        argument("DOCUMENT", "The document to show the prompt for. Without one, a placeholder is shown."),
    ] = "",
    mode: options.Mode = None,
    strict: options.Strict = None,
    api: options.Api = None,
    reasoning_effort: options.ReasoningEffort = None,
    extra_body: options.ExtraBody = None,
    schema: options.Schema = None,
    prompt: options.Prompt = None,
    examples: options.Examples = None,
    instructions: options.Instructions = None,
    as_json: Annotated[
        bool, option("--json", help="Print the whole body of the request as JSON, with its key.", panel=OUTPUT)
    ] = False,
) -> None:
    """Print the messages that a run would send for a document, and send nothing."""
    from llmx.documents import Document  # noqa: PLC0415
    from llmx.endpoint import ResolvedModel  # noqa: PLC0415
    from llmx.extraction.plan import Extractor  # noqa: PLC0415
    from llmx.extraction.preparation import first_requests  # noqa: PLC0415

    configured = options.settings_from(
        {
            "schema": schema,
            "prompt": prompt,
            "examples": examples,
            "instructions": instructions,
            "mode": mode,
            "strict": strict,
            "api": api,
            "reasoning_effort": reasoning_effort,
            "extra_body": extra_body,
        }
    )
    config = configured.values
    schema_name = options.schema_of(configured)
    shown = Document("", "(the document's text)")
    if document:
        first = next(iter(options.read([document], configured)))
        if not isinstance(first, Document):
            raise first.error
        shown = first
    chosen = config.mode if config.mode not in (None, "", "auto") else "json_schema"
    settings = options.endpoint_settings(configured)
    resolved = ResolvedModel(
        config.model or "MODEL", chosen, "given", settings.assumed_quirks, strict=bool(config.strict),  # type: ignore[arg-type] # checked by response_format
        extra=settings.extra,
    )  # fmt: skip
    plan = Extractor(schema_name, options.extraction_options(config)).plan(resolved)
    requests = [request for _, request in first_requests(shown, plan, sees=plan.options.images == "always")]
    if len(requests) > 1:
        options.say(f"the document is long; this is the first of its {len(requests)} requests")
    request = requests[0] if requests else plan.request(plan.rendering.messages(shown.text))
    if as_json:
        typer.echo(json.dumps({"key": request.key, "body": request.body}, indent=2, ensure_ascii=False))
        return
    for message in request.messages:
        typer.echo(f"--- {message['role']} ---\n{_shown(message['content'])}\n")


def _shown(content: Any) -> str:
    """Return what a message says; a picture by its name."""
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] if part["type"] == "text" else f"[{part['image_url']['url']}]" for part in content)
