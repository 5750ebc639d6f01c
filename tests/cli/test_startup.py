"""What a command loads: nothing for what it was not asked to do."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from llmx.cli.app import app_of, page_app
from tests.cli.running import EXTRACT, ROOT, environment, project, serving
from tests.fault_server import answer

FEATURES = {
    "files that are no text": (
        "llmx.documents.archives", "llmx.documents.tables", "llmx.documents.pages", "llmx.documents.cells",
        "llmx.documents.elements", "llmx.documents.page_range", "llmx.documents.converters.html",
        "llmx.documents.converters.docx", "llmx.documents.converters.mail", "lxml", "openpyxl",
    ),
    "pages and pictures": (
        "llmx.documents.converters.pdf", "llmx.documents.converters.pdf_file", "llmx.documents.converters.picture",
        "llmx.documents.converters.ocr", "llmx.extraction.pages", "llmx.extraction.page_pictures", "pypdfium2", "PIL",
    ),
    "the web and stores": (
        "llmx.web", "llmx.documents.web", "llmx.documents.visits", "llmx.documents.remote_files",
        "llmx.run.fetched_pages", "llmx.run.remote_output", "httpx", "httpx2", "fsspec",
    ),
    "tables and databases": (
        "llmx.sinks.arrow_table", "llmx.sinks.parquet", "llmx.sinks.xlsx", "llmx.sinks.database", "llmx.sinks.duckdb",
        "llmx.sinks.sqlite", "llmx.sinks.postgresql", "llmx.sinks.delimited", "pyarrow", "duckdb", "pandas", "polars",
        "numpy",
    ),
    "verification": ("llmx.extraction.verification",),
    "examples made from the schema": ("llmx.prompting.demonstrations",),
    "schemas that are no class with fields": (
        "llmx.schema.json_schema", "llmx.schema.json_schema_judge", "llmx.schema.notation_class", "jsonschema_rs",
        "pydantic.root_model",
    ),
    "native providers and other clients": (
        "llmx.endpoint.providers.native.wire", "llmx.endpoint.providers.native.anthropic",
        "llmx.endpoint.providers.native.google", "llmx.endpoint.providers.native.bedrock",
        "llmx.endpoint.providers.openai_client", "llmx.endpoint.instructor_client", "openai", "instructor", "litellm",
    ),
    "other commands": (
        "llmx.evaluate", "llmx.review", "llmx.view", "llmx.sweep", "llmx.service", "llmx.few_shot", "llmx.propose",
        "llmx.local", "llmx.run.report", "llmx.run.cost_estimate", "llmx.cli.init_command", "llmx.cli.quality_command",
        "llmx.cli.sweep_command", "llmx.cli.service_command", "llmx.cli.doctor_command",
    ),
    "what few runs do": (
        "llmx.run.record_update", "llmx.extraction.redaction", "llmx.extraction.relevance", "llmx.endpoint.cassette",
        "llmx.endpoint.batch", "llmx.cli.batch_command",
    ),
}  # fmt: skip
"""What a plain extraction has no part in, by the beginnings of the modules that do it."""

MOST_MODULES = 275
MOST_SLOW = 8
"""Of the modules that a plain extraction loads, those that may make classes by ``dataclasses``, which takes longer."""

SLOW_DATACLASS = re.compile(r"^from dataclasses import .*\bdataclass\b", re.MULTILINE)

RUN = """
import sys
from llmx.cli import main
try:
    main()
except SystemExit as end:
    assert end.code == 0, end.code
print(*sys.modules, file=open("modules", "w"))
"""


def _loaded(folder: Path, *words: str) -> set[str]:
    """Return the modules that a command in a process of its own has loaded by its end."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *words], cwd=folder, env=environment(folder), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return set((folder / "modules").read_text("utf-8").split())


def _source(module: str) -> str:
    path = ROOT / module.replace(".", "/")
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text("utf-8")


def _of_features(modules: Iterable[str]) -> dict[str, set[str]]:
    found = {
        name: {each for each in modules if each in parts or each.startswith(tuple(f"{part}." for part in parts))}
        for name, parts in FEATURES.items()
    }
    return {name: each for name, each in found.items() if each}


@pytest.mark.slow
def test_a_plain_extraction_loads_nothing_of_what_it_was_not_asked_to_do(tmp_path: Path) -> None:
    with serving([answer('{"number": "B-7", "buyer": null}')]) as server:
        modules = _loaded(project(tmp_path), *EXTRACT, "--base-url", server.base_url, "-q", "-o", "bills.jsonl")
    assert (tmp_path / "bills.jsonl").stat().st_size
    assert "llmx.extraction.document" in modules
    assert not _of_features(modules)
    own = {each for each in modules if each.startswith("llmx.")}
    assert len(own) <= MOST_MODULES
    slow = {each for each in own if SLOW_DATACLASS.search(_source(each))}
    assert len(slow) <= MOST_SLOW, f"import dataclass from llmx.dataclass: {sorted(slow)}"


def test_a_page_of_help_loads_no_other_command(tmp_path: Path) -> None:
    modules = _loaded(tmp_path, "extract", "--help")
    commands = {each for each in modules if each.startswith("llmx.cli.") and each.endswith("_command")}
    assert commands == {"llmx.cli.extract_command"}


def test_the_features_are_called_as_their_modules_are() -> None:
    own = [ROOT / part.replace(".", "/") for parts in FEATURES.values() for part in parts if part.startswith("llmx.")]
    assert [str(path) for path in own if not (path.is_dir() or path.with_suffix(".py").is_file())] == []


def test_the_page_of_all_commands_loads_none_of_them_and_says_what_they_say(tmp_path: Path) -> None:
    assert {name for name in _loaded(tmp_path, "--help") if name.endswith("_command")} == set()
    page, whole = (CliRunner().invoke(app, ["--help"], prog_name="llmx").output for app in (page_app(), app_of()))
    assert page == whole
    assert "extract" in page
