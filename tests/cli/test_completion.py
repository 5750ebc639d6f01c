"""A shell that completes is offered schemas, models and modes by name, and no model is asked for it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.running import here


def offered(words: str, folder: Path) -> list[str]:
    how = {"_LLMX_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    return here(folder=folder, **how).out.split()


def test_names_are_offered_for_schemas_models_and_modes(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "invitation.py").write_text("raise SystemError('completion runs no schema')")
    assert offered("llmx extract -s inv", tmp_path) == ["invitation", "invoice"]
    assert offered("llmx convert --schema invi", tmp_path) == ["invitation"]
    assert offered("llmx extract --mode js", tmp_path) == ["json_schema", "json"]
    assert "groq/" in offered("llmx doctor --model gr", tmp_path)
    assert offered("llmx extract -m loc", tmp_path) == ["local"]
