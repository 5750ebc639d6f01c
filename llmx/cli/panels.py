"""The help pages: options in titled panels, each with its default.

The panels are plain text. rich would draw boxes around them, but takes 0.1 s of CPU to load, half of what a page of
help costs (``time llmx extract --help``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Iterable

INPUT = "Input"
MODEL = "Model"
ANSWERS = "Answers"
PROOF = "Proof"
RUN = "Run"
MONEY = "Money"
BATCH = "Batch"
GATE = "Gate"
OUTPUT = "Output"
PANELS = (INPUT, MODEL, ANSWERS, PROOF, RUN, MONEY, BATCH, GATE, OUTPUT)

_OTHERS = "Options"


def option(
    *names: str,
    help: str,  # noqa: A002 - typer's name for it
    panel: str | None = None,
    metavar: str | None = None,
    default: object = None,
    **more: Any,
) -> Any:
    """Return a ``typer.Option`` for an annotation; its help ends in the default, where that can be said.

    ``default`` is only shown. The value itself stands with the options of the library (Options, EndpointSettings,
    RunOptions); tests/cli/test_help.py compares the two.
    """
    told = help if default is None else f"{help} [default: {default}]"
    return typer.Option(*names, help=told, rich_help_panel=panel, metavar=metavar, show_default=False, **more)


def argument(
    metavar: str,
    help: str,  # noqa: A002 - typer's name for it
    *,
    complete: Any = None,
) -> Any:
    """Return a ``typer.Argument`` for an annotation, called ``metavar``; a shell offers what ``complete`` returns."""
    return typer.Argument(metavar=metavar, help=help, show_default=False, autocompletion=complete)


class PanelCommand(TyperCommand):
    """A command whose help groups its options by panel, in the order of ``PANELS``."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, then the options panel by panel."""
        rows: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                default = "Arguments" if param.param_type_name == "argument" else _OTHERS
                rows.setdefault(getattr(param, "rich_help_panel", None) or default, []).append(record)
        _write(formatter, rows, order=("Arguments", *PANELS, _OTHERS))


class PanelGroup(TyperGroup):
    """A group whose help lists its commands by panel, in the order in which they were added."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands panel by panel, each with the first line of its help."""
        rows: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                panel = getattr(command, "rich_help_panel", None) or "Commands"
                line = command.get_short_help_str(200)
                rows.setdefault(panel if isinstance(panel, str) else "Commands", []).append((name, line))
        _write(formatter, rows, order=rows)


def _write(formatter: Any, rows: dict[str, list[tuple[str, str]]], *, order: Iterable[str]) -> None:
    """Write the panels in ``order``, with their right columns in line."""
    width = min(max(len(left) for each in rows.values() for left, _ in each), 30)
    for panel in order:
        if panel in rows:
            with formatter.section(panel):
                aligned = [(left.ljust(width), right) for left, right in rows[panel]]
                formatter.write_dl(aligned)
