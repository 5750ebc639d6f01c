"""A shell that completes is offered schemas, models and modes by name, and no model is asked for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.running import here


def offered(words: str, folder: Path) -> list[str]:
    how = {"_LLMX_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    return here(folder=folder, **how).out.split()


def words_of(shell: str, words: str, folder: Path) -> list[str]:
    how = {
        "_LLMX_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": words,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    return re.findall(r"[\w.-]+/?", here(folder=folder, **how).out)


@pytest.mark.slow
def test_the_outputs_of_runs_are_offered_in_every_shell_and_files_where_there_are_none(tmp_path: Path) -> None:
    for name in ("out.jsonl", "out.jsonl.manifest", "other.sqlite", "other.sqlite.manifest", "orders.py", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "text.txt").touch()
    assert offered("llmx status o", tmp_path) == ["other.sqlite", "out.jsonl", "old/"]
    assert offered("llmx link old/", tmp_path) == ["old/text.txt"]
    assert offered("llmx view out.jsonl ot", tmp_path) == ["other.sqlite"]
    assert offered("llmx extract -s ord", tmp_path) == ["orders.py"]
    for shell in ("zsh", "fish"):
        assert {"other.sqlite", "out.jsonl", "old/"} <= set(words_of(shell, "llmx review o", tmp_path)), shell
        assert "json_schema" in words_of(shell, "llmx extract --mode js", tmp_path), shell
    assert "invoice" in words_of("zsh", "llmx schema show inv", tmp_path)
    assert "local" in words_of("fish", "llmx sweep -m loc", tmp_path)


def test_names_are_offered_for_schemas_models_and_modes(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "invitation.py").write_text("raise SystemError('completion runs no schema')")
    assert offered("llmx extract -s inv", tmp_path) == ["invitation", "invoice"]
    assert offered("llmx convert --schema invi", tmp_path) == ["invitation"]
    assert offered("llmx extract --mode js", tmp_path) == ["json_schema", "json"]
    assert "groq/" in offered("llmx doctor --model gr", tmp_path)
    assert offered("llmx extract -m loc", tmp_path) == ["local"]
