from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from llmx.starter import start_project
from tests.cli.running import here


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    start_project(tmp_path / "orders")
    return tmp_path / "orders"


def _facts(value: Any) -> list[str]:
    """Return the texts of gold that are the document's own words: the first of those that are right."""
    if isinstance(value, dict):
        return _facts(value["any"][0]) if "any" in value else [fact for each in value.values() for fact in _facts(each)]
    if isinstance(value, list):
        return [fact for each in value for fact in _facts(each)]
    return [value] if isinstance(value, str) and value[:2] != "20" and value != "EUR" else []


def test_a_file_that_exists_is_kept_and_named(folder: Path) -> None:
    (folder / "orders.py").write_text("# mine")
    started = start_project(folder)
    assert not started.written
    assert "orders.py" in started.kept
    assert (folder / "orders.py").read_text() == "# mine"


def test_the_schema_has_nothing_to_mend(folder: Path, tmp_path: Path) -> None:
    done = here("schema", "check", str(folder / "orders.py:Order"), folder=tmp_path)
    assert done.code == 0
    assert "0 errors, 0 warnings" in done.out


def test_each_document_has_gold_in_the_form_of_the_schema_and_in_its_own_words(folder: Path) -> None:
    spec = importlib.util.spec_from_file_location("started_orders", folder / "orders.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for document in sorted((folder / "documents").iterdir()):
        gold = json.loads((folder / "gold" / f"{document.stem}.json").read_text())
        assert set(gold) == set(module.Order.model_fields)
        assert all(fact in document.read_text() for fact in _facts(gold)), document


def test_the_settings_name_the_schema(folder: Path) -> None:
    done = here("extract", "documents", "--dry-run", "--model", "any", folder=folder)
    assert done.code == 0, done
    assert "documents      2" in done.out


def test_the_workflow_is_yaml_whose_commands_are_those_of_llmx(folder: Path) -> None:
    workflow = yaml.safe_load((folder / ".github/workflows/records.yml").read_text())
    commands = [step["run"] for step in workflow["jobs"]["records"]["steps"] if "run" in step]
    for command in commands[1:]:
        assert here(*command.split()[1:2], "--help", folder=folder).code == 0
        options = [word for word in command.split() if word.startswith("-")]
        told = here(*command.split()[1:2], "--help", folder=folder).out
        assert all(option in told for option in options), command


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = here("init", str(tmp_path / "file" / "project"), folder=tmp_path)
    assert done.code == 2
    assert "cannot be written" in done.err
    assert "Traceback" not in done.err
