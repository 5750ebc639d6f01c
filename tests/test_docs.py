"""The documentation is true: generated pages are current, codes and names complete, examples run, commands exist."""

from __future__ import annotations

import importlib
import importlib.util
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import llmx
from tests.issue_codes import issue_codes

ROOT = Path(__file__).resolve().parent.parent
PAGES = [p for name in ("README.md", "CONTRIBUTING.md") if (p := ROOT / name).exists()]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
SHORT = {"-h", "--help"}


def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


@pytest.fixture(scope="module")
def check_docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_docs", ROOT / "bench" / "check_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_on_the_command_line_is_what_the_commands_say(check_docs: ModuleType) -> None:
    assert check_docs.difference() == [], "python bench/check_docs.py --write"


def test_a_difference_on_that_page_is_seen(check_docs: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "cli.md").write_text(check_docs.page().replace("--resume", "--resumed"), "utf-8")
    assert any("--resumed" in line for line in check_docs.difference(tmp_path / "cli.md"))


@pytest.mark.slow
def test_every_issue_code_of_the_code_is_on_its_page_and_no_other() -> None:
    page = _page("issues.md")
    rows = set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE))
    of_schemas = {"not_a_name", "not_a_place"}  # named in a sentence: they belong to one schema
    assert all(f"`{code}`" in page for code in of_schemas)
    assert rows | of_schemas == issue_codes()


def test_the_layers_of_the_design_are_those_that_are_checked() -> None:
    contract = (ROOT / ".importlinter").read_text("utf-8").split("layers =")[1].split("\n\n")[0]
    checked = [line.strip().replace("llmx.", "").split(" : ") for line in contract.strip().splitlines()]
    shown = re.search(r"## Layers.*?```\n(.*?)```", _page("design.md"), re.DOTALL)
    assert shown is not None
    assert [line.split(", ") for line in shown[1].splitlines()] == checked


def test_the_evidence_that_the_page_on_proof_shows_is_that_of_the_seed() -> None:
    shown = re.search(r'"quote": "([^"]+)", "start": (\d+), "end": (\d+)', _page("proof.md"))
    assert shown is not None
    text = (ROOT / "seeds" / "000_279206eeba401545.txt").read_text("utf-8")
    assert text[int(shown[2]) : int(shown[3])] == shown[1]


def test_every_promise_of_the_page_on_security_names_a_test_that_is_there() -> None:
    rows = [line for line in _page("security.md").splitlines() if line.startswith("| ") and "`tests/" in line]
    named = [path for row in rows for path in re.findall(r"`(tests/[\w/.]+)`", row)]
    assert len(rows) >= 12
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_every_public_name_is_on_the_page_of_the_library() -> None:
    names = set(re.findall(r"`([A-Za-z_]+)(?:\([^`]*\))?`", _page("library.md")))
    assert set(llmx.__all__) - names == set()


def test_the_examples_of_the_library_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", _page("library.md"), re.DOTALL):
        exec(block, names)  # our own page
    said = capsys.readouterr().out
    assert len(set(re.findall(r"^(00\d_\w+) ok ", said, re.MULTILINE))) == 5


def test_the_schema_of_the_guide_and_its_example_load(tmp_path: Path) -> None:
    from llmx.prompting.examples import load_examples
    from llmx.schema import load_schema

    schema, examples = (re.search(rf"```{kind}\n(.*?)```", _page("guide.md"), re.DOTALL) for kind in ("python", "yaml"))
    assert schema is not None
    assert examples is not None
    (tmp_path / "invoice.py").write_text(schema[1], "utf-8")
    (tmp_path / "examples.yaml").write_text(examples[1], "utf-8")
    loaded = load_schema(f"{tmp_path / 'invoice.py'}:Invoice")
    assert len(load_examples(tmp_path / "examples.yaml", loaded)) == 1


def test_the_settings_file_of_the_guide_is_understood(tmp_path: Path) -> None:
    from llmx.config import load_settings

    block = re.search(r"```toml\n(.*?)```", _page("guide.md"), re.DOTALL)
    assert block is not None
    (tmp_path / "llmx.toml").write_text(block[1], "utf-8")
    assert load_settings({}, environ={}, folder=tmp_path).values.chunk_tokens == 3000


def test_every_import_from_llmx_in_the_documentation_works() -> None:
    seen = 0
    for page in PAGES:
        for module, names in re.findall(
            r"^\s*from (llmx[\w.]*) import ([\w, ]+)", page.read_text("utf-8"), re.MULTILINE
        ):
            if module in ADDED:
                continue
            for name in (each.split(" as ")[0].strip() for each in names.split(",")):
                assert hasattr(importlib.import_module(module), name), f"{page.name}: from {module} import {name}"
                seen += 1
    assert seen > 20


def test_the_site_has_each_page_once_in_its_navigation() -> None:
    nav = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]["nav"]
    named = [page for group in nav for pages in group.values() for each in pages for page in each.values()]
    there = [str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")]
    assert sorted(named) == sorted(there), "name each page in zensical.toml"


ADDED = {"llmx.endpoint.providers.messages"}  # by the page that says how


def _commands() -> Iterator[tuple[Path, list[str]]]:
    """Yield every llmx command that stands in a block of code of a page, as words."""
    for page in PAGES:
        for block in re.findall(r"^```(?:\w*)\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE):
            joined = re.sub(r"\\\n\s*", " ", block)
            for line in re.findall(r"^\s*(?:- run: )?(?:\S*/bin/)?llmx ([a-z].*)$", joined, re.MULTILINE):
                yield page, shlex.split(line, comments=True)


def test_every_command_in_the_documentation_exists_with_its_options(check_docs: ModuleType) -> None:
    from typer.main import get_command

    from llmx.cli.app import app

    known = {
        name.split(maxsplit=1)[1]: {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | SHORT
        for name, command in check_docs.commands(get_command(app))
    }
    seen = 0
    for page, words in _commands():
        name = " ".join(words[:2]) if " ".join(words[:2]) in known else words[0]
        assert name in known, f"{page.name}: llmx {' '.join(words)}"
        options = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        assert options <= known[name], f"{page.name}: llmx {name} has no {options - known[name]}"
        seen += 1
    assert seen > 20


def test_every_anchor_of_a_link_is_a_heading_of_its_page() -> None:
    for page in PAGES:
        for path, anchor in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", page.read_text("utf-8")):
            target = (page.parent / path) if path else page
            if "://" not in path:
                assert anchor in _anchors(target), f"{page.name} links to {target.name}#{anchor}"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_every_page_is_on_the_map() -> None:
    page = _page("index.md")
    docs = ROOT / "docs"
    assert [p.name for p in docs.rglob("*.md") if p.name != "index.md" and f"({p.relative_to(docs)})" not in page] == []


def test_the_pictures_of_the_documentation_are_small_and_used() -> None:
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    for picture in (ROOT / "docs" / "pictures").iterdir():
        assert picture.stat().st_size < 200_000
        assert picture.name in text


def test_every_name_of_a_provider_has_its_section_with_its_key_and_a_command() -> None:
    from llmx.endpoint.known_providers import known_providers

    sections = re.split(r"^## ", _page("providers.md"), flags=re.MULTILINE)
    for known in known_providers().values():
        [section] = [each for each in sections if f"--model {known.name}/" in each and "| prices |" in each]
        for said in (known.key, known.token, known.base_url_env):
            assert said in section, (known.name, said)
        if known.base_url.startswith("http://"):
            assert known.base_url in section
