"""The shape of the code is held by tests: sizes, names, exports, documents. Each number comes from docs/design.md."""

from __future__ import annotations

import ast
import configparser
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
ATTRIBUTES, METHODS = 12, 15


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


@pytest.mark.slow
@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_function_has_at_most_60_lines_and_6_parameters(path: Path) -> None:
    for node in _functions(ast.parse(path.read_text("utf-8"))):
        assert _lines(node) <= FUNCTION_LINES or _is_command(path), f"{node.name} has {_lines(node)} lines"
        arguments = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        count = len([a for a in arguments if a not in {"self", "cls"}])
        overridden = node.name == "__init__" or _is_command(path)
        assert count <= PARAMETERS + (2 if overridden else 0) or _is_command(path), f"{node.name} takes {count}"


@pytest.mark.slow
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


def _contract(name: str, field: str) -> list[str]:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter", "utf-8")
    return contracts[f"importlinter:contract:{name}"][field].split()


PARTS = {p.stem for p in PACKAGE.iterdir() if p.suffix == ".py" or (p / "__init__.py").is_file()} - {"__init__"}


def test_every_module_stands_in_the_layers_which_are_at_most_thirteen() -> None:
    layers = (ROOT / ".importlinter").read_text("utf-8").partition("layers =\n")[2].partition("\n\n")[0].splitlines()
    assert len(layers) <= 13
    assert sorted(name.strip() for layer in layers for name in layer.split(":")) == sorted(PARTS)


def test_every_package_but_the_endpoint_and_the_web_is_forbidden_to_speak_http() -> None:
    assert {name.removeprefix("llmx.") for name in _contract("http", "source_modules")} == PARTS - {
        "endpoint",
        "web",
        "__main__",
    }


@pytest.mark.slow
@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_no_private_name_of_another(path: Path) -> None:
    private = [
        alias.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("llmx")
        for alias in node.names
        if alias.name.startswith("_")
    ]
    assert private == []


def _state(node: ast.ClassDef) -> set[str]:
    """Return the attributes that a class declares or sets on itself."""
    declared = {n.target.id for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)}
    stored = {
        n.attr
        for n in ast.walk(node)
        if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store) and getattr(n.value, "id", "") == "self"
    }
    return declared | stored


def _is_frozen(node: ast.ClassDef) -> bool:
    return any("frozen=True" in ast.unparse(decorator) for decorator in node.decorator_list)


@pytest.mark.slow
@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_an_object_has_at_most_12_attributes_and_15_methods(path: Path) -> None:
    """Frozen values (options, records, rows) have as many fields as what they describe, and no state."""
    for node in [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.ClassDef)]:
        methods = [n for n in _functions(node) if n in node.body and not n.name.startswith("__")]
        assert len(methods) <= METHODS, node.name
        assert len(_state(node)) <= ATTRIBUTES or _is_frozen(node), f"{node.name}: {sorted(_state(node))}"
