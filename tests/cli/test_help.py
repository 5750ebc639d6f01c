"""Help is quick, in panels, and shows the defaults that really hold."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from llmx.cli.config_command import default_settings
from llmx.cli.panels import PANELS
from llmx.config import Config
from llmx.run import RunOptions
from tests.cli.running import ROOT, environment, here, project


def commands(group: Any, name: str = "llmx") -> Iterator[tuple[str, Any]]:
    for each, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{name} {each}")
        else:
            yield f"{name} {each}", command


def all_commands() -> dict[str, Any]:
    from typer.main import get_command

    from llmx.cli.app import app

    return dict(commands(get_command(app)))


def options_of(name: str) -> list[Any]:
    return [param for param in all_commands()[name].params if param.param_type_name == "option"]


def test_the_options_of_extract_stand_in_panels_in_their_order(tmp_path: Path) -> None:
    shown = here("extract", "--help", folder=project(tmp_path), COLUMNS="100").out
    titles = [line.removesuffix(":") for line in shown.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert titles == ["Arguments", *(panel for panel in PANELS if panel != "Gate"), "Options"]
    assert "[default: 4000]" in shown


def test_every_option_has_a_help_text_that_is_a_sentence() -> None:
    for name, command in all_commands().items():
        for param in command.params:
            said = (param.help or "").partition(" [default:")[0]
            assert said[:1].isupper() or said.startswith("'"), (name, param.name, said)
            assert said.endswith("."), (name, param.name, said)


def shown_defaults(name: str) -> Iterator[tuple[Any, str]]:
    for param in options_of(name):
        if "[default: " in (param.help or ""):
            yield param, param.help.partition("[default: ")[2].removesuffix("]")


@pytest.mark.parametrize("name", ["extract", "sweep", "examples", "tune", "prompt show"])
def test_a_default_that_help_shows_is_that_of_the_library(name: str) -> None:
    defaults = default_settings() | {field.name: field.default for field in fields(RunOptions)}
    compared = 0
    for param, shown in shown_defaults(f"llmx {name}"):
        value = defaults.get(param.name)
        if value in (None, "") or param.name in {"id_field", "ordered"}:  # told in words
            continue
        switch = ("" if value else "no-") + param.name.replace("_", "-")
        told = switch if isinstance(value, bool) else str(value)
        assert shown == told, param.name
        compared += 1
    assert compared >= 2


@pytest.mark.parametrize("name", ["sweep", "examples", "tune", "eval", "view", "serve"])
def test_a_default_of_the_command_itself_is_shown(name: str) -> None:
    for param in options_of(f"llmx {name}"):
        if param.default in (None, False, "", 0, ...) or callable(param.default):
            continue
        assert f"[default: {param.default}]" in param.help, param.name


def test_the_context_of_serve_and_the_timeouts_are_those_in_the_code() -> None:
    from llmx.endpoint.settings import LOCAL_TIMEOUT_S, REMOTE_TIMEOUT_S
    from llmx.local.server import CONTEXT_TOKENS

    shown = {param.name: told for param, told in (*shown_defaults("llmx serve"), *shown_defaults("llmx extract"))}
    assert shown["context"] == str(CONTEXT_TOKENS)
    assert shown["timeout_s"] == f"{REMOTE_TIMEOUT_S:g}, and {LOCAL_TIMEOUT_S:g} for an endpoint on this machine"


def test_config_shows_every_setting_with_its_default_and_where_it_comes_from(tmp_path: Path) -> None:
    lines = here("config", folder=project(tmp_path), LLMX_PASSES="3").out.splitlines()
    assert [line.split()[0] for line in lines] == [field.name for field in fields(Config)]
    said = {line.split()[0]: line for line in lines}
    assert "= 3 " in said["passes"]
    assert said["passes"].endswith("# LLMX_PASSES")
    assert '"auto"' in said["mode"]
    assert said["mode"].endswith("# default")


def test_a_page_of_help_loads_neither_rich_nor_what_extracts(tmp_path: Path) -> None:
    code = (
        "import sys, llmx.cli\n"
        "try: llmx.cli.main()\n"
        "except SystemExit: pass\n"
        "loaded = {'rich', 'aiohttp', 'openai', 'llmx.schema', 'llmx.endpoint'} & set(sys.modules)\n"
        "sys.exit(str(loaded) if loaded else 0)"
    )
    for words in (["--help"], ["extract", "--help"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *words], cwd=ROOT, env=environment(tmp_path), capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
