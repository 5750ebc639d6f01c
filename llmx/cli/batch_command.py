"""``llmx extract --batch`` and ``llmx batch``: runs over a provider's batch API, collected whenever they are done.

What was asked for on the command line stands in the state beside the output, so that ``llmx batch collect`` needs
nothing but the name of the output. What may be a secret is not written there: it is refused on the command line.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmx.cli import options
from llmx.cli.completion import run_names
from llmx.cli.json_output import AsJson, print_json
from llmx.cli.panels import PanelGroup, argument, option

if TYPE_CHECKING:
    from llmx.endpoint import EndpointSettings
    from llmx.endpoint.batch.service import BatchService
    from llmx.endpoint.batch.state import Batch, BatchState
    from llmx.run import OutputOptions, Summary

app = typer.Typer(
    cls=PanelGroup, help="Runs over a provider's batch API (llmx extract --batch).", no_args_is_help=True,
    rich_markup_mode=None,
)  # fmt: skip

WAITING = 75
"""The exit code of ``collect`` while batches are under way: EX_TEMPFAIL of sysexits.h, for a scheduler to try later."""

_SECRETS = {"headers": "--header", "password": "--password", "extra_body": "--extra-body"}

Output = Annotated[Path, argument("OUTPUT", "The output of the run, such as out.jsonl.", complete=run_names)]
Wait = Annotated[bool, option("--wait", help="Wait until all batches are done.")]


@dataclass(frozen=True, slots=True)
class BatchCommand:
    """What a batch run was asked to do: the documents, settings and options of the command line, without secrets.

    ``folder`` is where the command was given.
    """

    documents: list[str]
    settings: dict[str, Any]
    run: dict[str, Any]
    output: dict[str, Any]
    batch: dict[str, Any]
    web: dict[str, Any]
    folder: str
    quiet: bool = False

    @property
    def target(self) -> Path:
        """The output."""
        return Path(self.output["path"])


def check_batch(given: dict[str, Any], *, batch: bool) -> None:
    """Raise UsageError for an option of batch runs that is ``given`` where the run is none."""
    from llmx.errors import UsageError  # noqa: PLC0415

    named = [name for name, value in given.items() if value]
    if named and not batch:
        raise UsageError(f"{named[0]} has no effect without --batch", hint="Leave it out, or give --batch.")


def begin_batch(
    documents: list[str], given: dict[str, Any], bounds: dict[str, Any], *, web: options.WebSource,
    output: OutputOptions, how: dict[str, Any],
    refused: dict[str, bool], log_file: Path | None, wait: bool, quiet: bool,
) -> int:  # fmt: skip
    """Begin what ``llmx extract --batch`` asks for, and return the exit code.

    ``given`` are the settings of the command line, ``bounds`` the options of the run, ``how`` those of the batches.
    ``refused`` says of options that do not go with ``--batch`` whether they were given.
    """
    from llmx.remote import remote_name  # noqa: PLC0415

    local = isinstance(output.path, Path) and not remote_name(output.path) and output.path.name != "-"
    path = os.path.realpath(str(output.path)) if local and not str(output.path).endswith("/") else ""
    settings = {name: value for name, value in given.items() if value is not None}
    run = bounds | {"log_file": None if log_file is None else os.path.realpath(log_file)}
    command = BatchCommand(
        documents, settings, run, {**asdict(output), "path": path}, how, asdict(web), str(Path.cwd()), quiet
    )
    return _begin(command, wait=wait, refused=refused)


def _begin(command: BatchCommand, *, wait: bool, refused: dict[str, bool]) -> int:
    """Begin a batch run, or go on with the one of the same output; return the exit code."""
    from llmx.endpoint.batch.file import state_path  # noqa: PLC0415
    from llmx.errors import ConfigError, OutputError  # noqa: PLC0415
    from llmx.run import BatchOptions  # noqa: PLC0415

    for name, given in refused.items():
        if given:
            raise ConfigError(f"{name} does not go with --batch", hint="Leave out one of them.")
    BatchOptions(**command.batch, wait=wait)
    _check_secrets(command)
    if not command.output["path"] or not command.target.suffix:
        raise ConfigError(
            "--batch needs an output that is a file on this machine", hint="Name one with -o, best a .jsonl file."
        )
    if "-" in command.documents:
        raise ConfigError("--batch reads the documents again and again: not standard input", hint="Name a file.")
    if state_path(command.target).exists() and not command.output.get("resume"):
        raise OutputError(
            f"{command.target} waits for batches", hint=f"llmx batch collect {command.target} goes on with it."
        )
    summary = _go_on(command, wait=wait, first=True)
    return 0 if summary.stopped == "batch" and summary.error is None else summary.exit_code


def _check_secrets(command: BatchCommand) -> None:
    from llmx.endpoint.settings import shown_url  # noqa: PLC0415
    from llmx.errors import ConfigError  # noqa: PLC0415

    hint = "Give it in the environment or in llmx.toml, where llmx batch collect finds it, too."
    for name, told in _SECRETS.items():
        if command.settings.get(name) is not None:
            raise ConfigError(f"{told} may hold a secret, which --batch does not write down", hint=hint)
    for name, told in (("base_url", "base URL"), ("cache_url", "cache URL")):
        url = command.settings.get(name)
        if url and shown_url(url) != url:
            raise ConfigError(f"the {told} holds a password or a query, which --batch does not write down", hint=hint)


@app.command("collect")
def collect(output: Output, wait: Wait = False) -> None:
    """Fetch what has come, write the records, and submit what is to be asked next.

    Exits with 75 while batches are under way, and else as llmx extract does.
    """
    with _opened(output) as (command, _):
        pass
    summary = _go_on(command, wait=wait)
    raise typer.Exit(WAITING if summary.stopped == "batch" and summary.error is None else summary.exit_code)


@app.command("status")
def status(output: Output, as_json: AsJson = False) -> None:
    """Show how the batches of a run are, as their provider says."""
    from llmx.endpoint.batch.transfer import look  # noqa: PLC0415
    from llmx.errors import EndpointError  # noqa: PLC0415

    with _opened(output) as (command, state):
        if command.batch["submits"] and state.batches("in progress"):
            try:
                _with_service(command, lambda service: look(state, service))
            except EndpointError as error:
                options.say(f"the provider was not asked: {error}")
        told = {"output": str(command.target), **state.counts(), "waiting": state.waiting()}
        batches = [_shown(batch) for batch in state.batches()]
    if as_json:
        print_json({**told, "batches": batches})
        return
    for name, value in told.items():
        typer.echo(f"{name:12} {value}")
    for each in batches:
        typer.echo("  " + "  ".join(str(value) for value in each.values() if value != ""))


@app.command("cancel")
def cancel(output: Output) -> None:
    """Cancel the batches of a run. What was answered before is still collected, and was paid for."""
    from llmx.endpoint.batch.transfer import cancel as stop  # noqa: PLC0415

    with _opened(output) as (command, state):
        state.set_fact("cancelled", True)
        count = _with_service(command, lambda service: stop(state, service)) if command.batch["submits"] else 0
    typer.echo(f"cancelled {count} batch{'es' * (count != 1)}; llmx batch collect {output} writes what was answered")


@app.command("export")
def export(
    output: Output,
    file: Annotated[Path, argument("FILE", "Where to write the requests, a .jsonl file.")],
) -> None:
    """Write the requests of a run begun with --no-submit as a file, for a server that takes it by hand.

    vLLM does: vllm run-batch -i FILE -o ANSWERS --model MODEL
    """
    from llmx.endpoint.batch.lines import line_bytes  # noqa: PLC0415
    from llmx.endpoint.batch.openai_batches import LIMITS  # noqa: PLC0415
    from llmx.errors import ConfigError, OutputError  # noqa: PLC0415
    from llmx.private_file import open_private  # noqa: PLC0415

    with _opened(output) as (command, state):
        if command.batch["submits"]:
            raise ConfigError("the batches of this run are submitted", hint="Export is for a run begun by --no-submit.")
        batches = [*state.batches("exported"), *state.plan(LIMITS)]
        if not batches:
            raise ConfigError("no request waits", hint=f"llmx batch status {output} says what there is.")
        try:
            with open_private(file, "wb") as written:
                for batch in batches:
                    written.writelines(line_bytes(line) for line in state.lines(batch))
        except OSError as error:
            raise OutputError(f"{file} cannot be written: {error.strerror}") from None
        for batch in batches:
            state.set_phase(batch, "exported", told=file.name)
        count = sum(batch.lines for batch in batches)
    typer.echo(f"{count} requests in {file}; then: llmx batch import {output} ANSWERS")


@app.command("import")
def import_(
    output: Output,
    files: Annotated[list[Path], argument("ANSWERS", "The files with the answers, as the server wrote them.")],
) -> None:
    """Take the answers that a server wrote to a file, and write the records. Exits as collect does."""
    from llmx.endpoint.batch.transfer import import_answers  # noqa: PLC0415
    from llmx.errors import ConfigError  # noqa: PLC0415

    with _opened(output) as (command, state):
        for file in files:
            try:
                with file.open("rb") as lines:
                    count = import_answers(state, lines)
            except OSError as error:
                raise ConfigError(f"{file} cannot be read: {error.strerror}") from None
            options.say(f"{count} answers from {file}")
    summary = _go_on(command, wait=False)
    raise typer.Exit(WAITING if summary.stopped == "batch" and summary.error is None else summary.exit_code)


def _shown(batch: Batch) -> dict[str, Any]:
    return {
        "batch": batch.id or batch.tag, "lines": batch.lines, "phase": batch.phase, "told": batch.told,
        "message": batch.message,
    }  # fmt: skip


@contextlib.contextmanager
def _opened(output: Path) -> Iterator[tuple[BatchCommand, BatchState]]:
    """Give the command and the state of a run, for this process alone. Raises OutputError where there is none."""
    from llmx.endpoint.batch.file import state_path  # noqa: PLC0415
    from llmx.endpoint.batch.state import BatchState  # noqa: PLC0415
    from llmx.errors import OutputError  # noqa: PLC0415

    path = state_path(Path(os.path.realpath(output)))
    if not path.exists():
        raise OutputError(f"{output} waits for no batch", hint="It is done, or was not begun by llmx extract --batch.")
    with _alone(path):
        state = BatchState(path)
        try:
            noted = state.fact("command")
            if noted is None:
                raise OutputError(f"{path.name} does not say what was asked", hint="Remove it, and begin anew.")
            yield BatchCommand(**noted), state
        finally:
            state.close()


def _alone(path: Path) -> contextlib.AbstractContextManager[None]:
    from llmx.errors import OutputError  # noqa: PLC0415
    from llmx.file_lock import exclusive  # noqa: PLC0415

    held = OutputError(f"another process works on {path.name}", hint="Wait until it has ended.")
    return exclusive(path.with_name(path.name + "-lock"), held=held)


def _with_service(command: BatchCommand, ask: Any) -> Any:
    """Return what the coroutine gives that ``ask`` makes of the batch API."""
    from llmx.cli.extract_job import on_a_loop  # noqa: PLC0415
    from llmx.endpoint import open_endpoint  # noqa: PLC0415
    from llmx.endpoint.batch.opening import open_batches  # noqa: PLC0415

    async def asked() -> Any:
        endpoint = open_endpoint(settings)
        _, service = open_batches(endpoint.provider)
        try:
            return await ask(service)
        finally:
            await service.aclose()
            await endpoint.aclose()

    with contextlib.chdir(command.folder):
        settings = options.endpoint_settings(options.settings_from(command.settings))
        return on_a_loop(asked())


def _go_on(command: BatchCommand, *, wait: bool, first: bool = False) -> Summary:
    """Go on with a run as far as it goes now, and tell what was done."""
    from llmx.cli.extract_job import on_a_loop  # noqa: PLC0415
    from llmx.cli.progress import weights_progress  # noqa: PLC0415
    from llmx.cli.summary import fault_lines, summary_lines  # noqa: PLC0415
    from llmx.endpoint.batch.file import state_path  # noqa: PLC0415
    from llmx.errors import ConfigError  # noqa: PLC0415
    from llmx.extraction.session import answering  # noqa: PLC0415

    path = state_path(command.target)
    with contextlib.chdir(command.folder), weights_progress() as progress:
        settings = options.endpoint_settings(options.settings_from(command.settings))
        if settings.model.partition(":")[0] == "local":
            raise ConfigError("the embedded model has no batch API", hint="Leave out --batch.")
        options.announce(settings)
        with answering(settings, say=options.say, progress=progress) as ready:
            if ready.base_url and not settings.base_url and not ready.provider:
                raise ConfigError("the embedded model has no batch API", hint="Leave out --batch, or name a model.")
            summary: Summary = on_a_loop(_run(command, ready, path, wait=wait, first=first))
    for line in (fault_lines if command.quiet else summary_lines)(summary, command.target):
        options.say(line)
    return summary


async def _run(command: BatchCommand, settings: EndpointSettings, path: Path, *, wait: bool, first: bool) -> Summary:
    from llmx.cli.extract_job import prepare  # noqa: PLC0415
    from llmx.endpoint.batch.opening import open_batches, open_form  # noqa: PLC0415
    from llmx.endpoint.batch.state import BatchState  # noqa: PLC0415
    from llmx.extraction.session import open_session  # noqa: PLC0415
    from llmx.run import BatchOptions, OutputOptions, run_progress  # noqa: PLC0415
    from llmx.run.batch_run import BatchJob, run_batch  # noqa: PLC0415

    configured = options.settings_from(command.settings)
    log_file = command.run["log_file"]
    bounds = {**command.run, "log_file": log_file and Path(log_file)}
    run = options.run_options(configured.values, **bounds, signals=True)
    output = OutputOptions(**{**command.output, "path": command.target, "batch": True})
    web = options.WebSource(**command.web)
    job = prepare(command.documents, configured, output, run, web=web, quiet=command.quiet, dry=not first)
    async with open_session(job.extractor, settings) as session, contextlib.AsyncExitStack() as stack:
        endpoint: Any = session.endpoint
        service: BatchService | None = None
        if command.batch["submits"]:
            form, service = open_batches(endpoint.provider)
            stack.push_async_callback(service.aclose)
        else:
            form = open_form(endpoint.provider)
        stack.enter_context(_alone(path))
        state = BatchState(path)
        stack.callback(state.close)
        _note(command, state, session.plan, base_url=endpoint.base_url)
        how = replace(BatchOptions(**command.batch), wait=wait)
        return await run_batch(
            lambda: options.read(command.documents, configured, exclude=job.written, web=web), endpoint, session.plan,
            job=BatchJob(state, form, service, output, run, how), observer=None if job.quiet else run_progress(),
        )  # fmt: skip


def _note(command: BatchCommand, state: BatchState, plan: Any, *, base_url: str | None) -> None:
    """Note what was asked, and what with. Raises ConfigError where it is not what the requests were made with."""
    from llmx.endpoint.settings import shown_url  # noqa: PLC0415
    from llmx.errors import ConfigError  # noqa: PLC0415
    from llmx.request import fingerprint  # noqa: PLC0415
    from llmx.run.provenance import Provenance  # noqa: PLC0415

    made = {**asdict(Provenance.of(plan)), "request": fingerprint(plan.shared), "endpoint": shown_url(base_url)}
    before = state.fact("made")
    if before is None:
        state.set_fact("made", made)
    elif changed := [name for name, value in made.items() if before.get(name) != value]:
        raise ConfigError(
            f"this run was submitted with another {', '.join(changed)}",
            hint="Settings in the environment or in llmx.toml have changed: put them back, or end it by "
            "llmx batch cancel.",
        )
    kept = {**command.output, "path": str(command.target)}
    state.set_fact("command", asdict(replace(command, output=kept)))
