"""``llmx run``: an extraction that a file describes, for schedulers. Run again, it goes on where it was.

The file says what ``llmx extract`` is to do, by the names of its options. It is no second way to run: its entries
become the words of that command.
"""

from __future__ import annotations

import contextlib
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from llmx.cli.panels import argument

WAITING = 75
"""EX_TEMPFAIL of sysexits.h, as of ``llmx batch collect``: not done yet, to be tried later."""

_DOCUMENTS, _OUTPUT = "documents", "output"
_ITS_OWN = frozenset({"resume", "retry-failed", "overwrite", "dry-run"})
"""Options that say how a run begins: that is for the job itself to say."""


def run(job: Annotated[Path, argument("JOB", "The file: TOML, with documents, output, and options.")]) -> None:
    """Run a job that a file describes, as llmx extract does; run it again, and it goes on where it was.

    Paths in the file are those of its folder. Exit codes: those of llmx extract, and 75 while batches are under way.
    """
    from llmx.errors import ConfigError  # noqa: PLC0415

    given = _read(job)
    words = list(_words(given, job))
    with contextlib.chdir(job.resolve().parent):
        output = Path(given[_OUTPUT])
        if _waits_for_batches(output):
            _do(["batch", "collect", given[_OUTPUT], *(["--wait"] if given.get("wait") else [])])
        if (output.exists() or _is_begun(output)) and "://" not in given[_OUTPUT]:
            words.append("--resume")
        if not given[_DOCUMENTS]:
            raise ConfigError(f"{job}: documents names none", hint='Such as documents = ["mails/"].')
        try:
            _do(["extract", *words])
        except SystemExit as end:
            # for a scheduler, what is submitted is not done
            sys.exit(WAITING if end.code == 0 and _waits_for_batches(output) else end.code)


def _read(job: Path) -> dict[str, Any]:
    """Return the entries of the file. Raises ConfigError where it is no job."""
    from llmx.errors import ConfigError  # noqa: PLC0415

    try:
        given = tomllib.loads(job.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{job} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{job} is not TOML: {error}") from None
    if isinstance(given.get(_DOCUMENTS), str):
        given[_DOCUMENTS] = [given[_DOCUMENTS]]
    documents, output = given.get(_DOCUMENTS), given.get(_OUTPUT)
    if not isinstance(documents, list) or not all(isinstance(each, str) for each in documents):
        raise ConfigError(f"{job} does not say which documents", hint='Such as documents = ["mails/"].')
    if not isinstance(output, str) or not output:
        raise ConfigError(f"{job} names no output", hint='Such as output = "out.jsonl": a job goes on with it.')
    return given


def _words(given: dict[str, Any], job: Path) -> Iterator[str]:
    """Yield the words of ``llmx extract`` for the entries. Raises ConfigError for one that is no option of it."""
    from llmx.errors import ConfigError, did_you_mean  # noqa: PLC0415

    known = _options()
    yield from given[_DOCUMENTS]
    for entry, value in given.items():
        name = entry.replace("_", "-")
        if entry == _DOCUMENTS:
            continue
        if name in _ITS_OWN:
            raise ConfigError(f"{job}: {entry} is not for a job", hint="A job goes on with its output by itself.")
        if name not in known:
            raise ConfigError(
                f"{job}: llmx extract has no option --{name}", hint=did_you_mean(name, known) + "llmx extract --help"
            )
        yield from _option(name, value, switch=known[name])


def _option(name: str, value: Any, *, switch: bool) -> Iterator[str]:
    """Yield the words for one option. Raises ConfigError where its value is of another kind."""
    from llmx.errors import ConfigError  # noqa: PLC0415

    if switch != isinstance(value, bool):
        raise ConfigError(f"{name} takes {'true or false' if switch else 'a value'}, not {value!r}")
    if switch:
        if value:
            yield f"--{name}"
        elif f"no-{name}" in _negations():
            yield f"--no-{name}"
        return
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict | list):
            raise ConfigError(f"{name} takes text or numbers, not {each!r}", hint="Put tables into llmx.toml.")
        yield f"--{name}={each}"


def _options() -> dict[str, bool]:
    """Return the long options of ``llmx extract``, and whether each is a switch."""
    return {
        name.removeprefix("--"): bool(getattr(each, "is_flag", False))
        for each in _extract().params
        for name in each.opts
        if name.startswith("--")
    }


def _negations() -> set[str]:
    return {name.removeprefix("--") for each in _extract().params for name in each.secondary_opts}


def _extract() -> Any:
    from llmx.cli.app import app_of  # noqa: PLC0415

    found: Any = typer.main.get_command(app_of(["extract"]))
    return found.commands["extract"]


def _is_begun(output: Path) -> bool:
    from llmx.run.manifest import manifest_path  # noqa: PLC0415

    return manifest_path(output).exists()


def _waits_for_batches(output: Path) -> bool:
    from llmx.endpoint.batch.file import state_path  # noqa: PLC0415

    return state_path(output).exists()


def _do(words: list[str]) -> None:
    """Run a command of ours, and end as it does."""
    from llmx.cli.app import app_of  # noqa: PLC0415

    app_of(words[:1])(words, prog_name="llmx")
