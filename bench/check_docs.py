"""Checks that docs/cli.md says what the commands say, or writes it.

    python bench/check_docs.py            # exit code 1 where the page differs, with the lines that do
    python bench/check_docs.py --write    # write the page

It reads the commands' help and runs none of them. It is not a benchmark; it lives here because it is a tool of the
checkout, not of the package.
"""

from __future__ import annotations

import argparse
import difflib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "cli.md"
_NAMES = {bool: "", str: "TEXT", int: "INTEGER", float: "NUMBER", Path: "PATH"}

HEAD = """# The command line

*`python bench/check_docs.py --write` writes this page from the commands themselves. Do not edit it.*

Data goes to stdout, messages go to stderr. The exit code is 0 if all is well, 1 if some documents are not ok or a gate
fails, 2 for a mistake in the command or its settings, and 130 if the command was interrupted. An option that you do not
give comes from the environment, then from `llmx.toml`, then from its default; see [the guide](guide.md#settings).
`llmx config` prints the settings in force.
"""


def commands(group: Any, path: tuple[str, ...] = ("llmx",)) -> Iterator[tuple[str, Any]]:
    """Yield (full name, command) of every command below ``group``, in the order of the help."""
    for name, command in group.commands.items():
        if getattr(command, "hidden", False):
            continue
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def page() -> str:
    """Return the text of docs/cli.md."""
    from typer.main import get_command

    from llmx.cli.app import app

    found = list(commands(get_command(app)))
    lines = [HEAD, "| command | does |", "| --- | --- |"]
    lines += [f"| [`{name}`](#{name.replace(' ', '-')}) | {_first_line(command)} |" for name, command in found]
    for name, command in found:
        lines += ["", *_section(name, command)]
    return "\n".join(lines) + "\n"


def _section(name: str, command: Any) -> list[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and not p.hidden]
    usage = [name, *(["[OPTIONS]"] if options else []), *(_placeholder(p) for p in arguments)]
    lines = [f"## {name}", "", "```", " ".join(usage), "```", "", inspect.cleandoc(command.help or "")]
    kinds = _kinds(command)
    panels: dict[str, list[str]] = {}
    for param in arguments:
        panels.setdefault("Arguments", []).append(f"| `{_placeholder(param)}` | {_said(param)} |")
    for param in options:
        panel = getattr(param, "rich_help_panel", None) or "Options"
        panels.setdefault(panel, []).append(f"| {_flags(param, param.metavar or kinds[param.name])} | {_said(param)} |")
    for panel in sorted(panels, key=_order):
        lines += ["", f"| {panel} | |", "| --- | --- |", *panels[panel]]
    return lines


def _order(panel: str) -> int:
    """Return the place of a panel: as on the help page."""
    from llmx.cli.panels import PANELS

    order = ("Arguments", *PANELS, "Options")
    return order.index(panel)


def _first_line(command: Any) -> str:
    return _cell(inspect.cleandoc(command.help or "").partition("\n")[0])


def _placeholder(param: Any) -> str:
    many = "..." if param.nargs == -1 else ""
    shown = (param.metavar or param.name.upper()) + many
    return shown if param.required else f"[{shown}]"


def _kinds(command: Any) -> dict[str, str]:
    """Return what each parameter takes, from the annotations of the command's function: typer's own names change."""
    hints = get_type_hints(inspect.unwrap(command.callback))
    return {name: _kind(hint) for name, hint in hints.items() if name != "return"}


def _kind(hint: Any) -> str:
    if hint in _NAMES:
        return _NAMES[hint]
    return next(
        _kind(part) for part in get_args(hint) if part is not type(None)
    )  # an option that may be left out, a list


def _flags(param: Any, kind: str) -> str:
    names = ", ".join(sorted(param.opts, key=len))
    if param.secondary_opts:
        names += "/" + ", ".join(param.secondary_opts)
    return _cell(f"`{names} {kind}`" if kind else f"`{names}`")


def _said(param: Any) -> str:
    said = _cell(param.help or "")
    notes = ["required"] if param.required and param.param_type_name == "option" else []
    return f"{said} ({', '.join(notes)})" if notes else said


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def difference(path: Path = PAGE) -> list[str]:
    """Return the lines in which the page at ``path`` differs from the commands, none if it is up to date."""
    there = path.read_text("utf-8") if path.exists() else ""
    lines = difflib.unified_diff(there.splitlines(), page().splitlines(), path.name, "the commands", lineterm="")
    return list(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Check that docs/cli.md is what the commands say.")
    parser.add_argument("--write", action="store_true", help="write the page")
    if parser.parse_args().write:
        PAGE.write_text(page(), "utf-8")
        return 0
    differs = difference()
    if differs:
        sys.stderr.write("\n".join([*differs, "docs/cli.md is out of date: python bench/check_docs.py --write", ""]))
    return 1 if differs else 0


if __name__ == "__main__":
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    sys.exit(main())
