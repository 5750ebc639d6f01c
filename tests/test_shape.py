"""The shape of the code is held by tests: sizes, names, exports, documents. Each number comes from docs/design.md."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "llmx"
MODULES = sorted(p for p in PACKAGE.rglob("*.py"))
BANNED = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
LINES, FUNCTION_LINES, PARAMETERS = 400, 60, 6


def _functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _is_command(path: Path) -> bool:
    return path.parent.name == "cli"  # typer makes an option of each parameter


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_has_at_most_400_lines_a_docstring_and_a_telling_name(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= LINES
    assert path.stem not in BANNED
    assert ast.get_docstring(ast.parse(text)), "a module says why it exists"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_function_has_at_most_60_lines_and_6_parameters(path: Path) -> None:
    for node in _functions(ast.parse(path.read_text("utf-8"))):
        assert _lines(node) <= FUNCTION_LINES or _is_command(path), f"{node.name} has {_lines(node)} lines"
        arguments = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        count = len([a for a in arguments if a not in {"self", "cls"}])
        overridden = node.name == "__init__" or _is_command(path)
        assert count <= PARAMETERS + (2 if overridden else 0) or _is_command(path), f"{node.name} takes {count}"


def test_nine_functions_in_ten_have_at_most_30_lines() -> None:
    sizes = [_lines(n) for p in MODULES for n in _functions(ast.parse(p.read_text("utf-8")))]
    assert sum(size <= 30 for size in sizes) >= 0.9 * len(sizes)


def test_there_are_no_unfinished_marks() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    assert [str(p) for p in MODULES if marks.search(p.read_text("utf-8"))] == []


def test_every_suppression_says_why() -> None:
    bare = re.compile(r"#\s*(noqa(: [A-Z0-9, ]+)?|type: ignore(\[[a-z, -]+\])?)\s*$")
    heavy = re.compile(r"noqa: PLC0415\s*$")  # its reason is always the same: a heavy import, made where it is needed
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in MODULES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if bare.search(line) and not heavy.search(line)
    ]
    assert found == []


def test_public_names_are_at_most_twenty_four_and_all_there() -> None:
    import llmx

    assert len(llmx.__all__) <= 24
    for name in llmx.__all__:
        assert getattr(llmx, name) is not None


def test_importing_llmx_imports_neither_openai_nor_instructor_nor_an_http_client() -> None:
    code = (
        "import sys, llmx, llmx.cli.app;"
        "bad = {'openai','instructor','aiohttp','httpx2','httpx','jinja2','yaml','rich','diskcache','pycld2',"
        "'dateparser','phonenumbers','trafilatura','scipy','numpy','xllamacpp','semchunk'} & set(sys.modules);"
        "sys.exit(','.join(sorted(bad)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_link_between_the_documents_leads_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            if "://" not in target and not target.startswith("mailto:"):
                assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_every_name_that_the_layers_list_exists() -> None:
    listed = re.findall(r"llmx\.(\w+)", (ROOT / ".importlinter").read_text("utf-8"))
    for name in listed:
        assert (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file(), name
