"""docs/cli.md is written from the commands themselves: this checks that it is up to date, or writes it.

    python bench/check_docs.py            # exit code 1 where the page differs, with the lines that do
    python bench/check_docs.py --write    # write the page

It reads what the commands say of themselves and runs none of them. It is not a benchmark: it lives here because it is a
tool of the checkout, not of the package.
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

*Written by `python bench/check_docs.py --write` from the commands themselves. Do not edit.*

stdout is data, stderr is talk. Exit codes: 0 all is well, 1 some documents are not ok or a gate failed, 2 usage or
configuration, 130 interrupted. An option that is not given comes from the environment, then from `llmx.toml`, then from
its default: see [the guide](guide.md#settings), and `llmx config` for what is in force.
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
    rows = [f"| `{_placeholder(p)}` | {_said(p)} |" for p in arguments]
    kinds = _kinds(command)
    rows += [f"| {_flags(p, kinds[p.name])} | {_said(p)} |" for p in options]
    return [*lines, "", "| argument or option | meaning |", "| --- | --- |", *rows] if rows else lines


def _first_line(command: Any) -> str:
    return _cell(inspect.cleandoc(command.help or "").partition("\n")[0])


def _placeholder(param: Any) -> str:
    many = "..." if param.nargs == -1 else ""
    shown = param.name.upper() + many
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
    return f"`{names} {kind}`" if kind else f"`{names}`"


def _said(param: Any) -> str:
    said = _cell(param.help or "")
    notes = ["required"] if param.required and param.param_type_name == "option" else []
    notes += ["may be given several times"] if getattr(param, "multiple", False) else []
    default = param.default
    if default not in (None, "", False, ...) and not callable(default) and "[default:" not in said:
        shown = f"--{param.name.replace('_', '-')}" if default is True else default
        notes.append(f"default `{shown}`")
    return f"{said} ({', '.join(notes)})" if notes else said


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def difference() -> list[str]:
    """Return the lines in which docs/cli.md differs from the commands; none where it is up to date."""
    there = PAGE.read_text("utf-8") if PAGE.exists() else ""
    lines = difflib.unified_diff(there.splitlines(), page().splitlines(), str(PAGE.name), "the commands", lineterm="")
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
