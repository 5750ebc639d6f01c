"""Docs, docstrings and comments name only modules, files and tests that exist; one word names one thing."""

from __future__ import annotations

import ast
import importlib
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "llmx"
MODULES = sorted(PACKAGE.rglob("*.py"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
OTHERS = sorted(path for name in ("bench", "scripts", "schemas", "tests") for path in (ROOT / name).rglob("*.py"))
FOLDERS = "llmx|tests|bench|scripts|schemas|prompts|docs|seeds|cassettes|requirements"

_PATH = re.compile(rf"(?<![\w/.~$-])(?:(?:{FOLDERS})/[\w./*-]*[\w*]|\.ci/\w+)")
_FILE = re.compile(r"(?<![\w/.:*{-])([a-z_]+\.py)\b(?!:)")
_RELATIVE = re.compile(r"(?<![\w/.~$-])((?:[a-z_]+/)+[a-z_]+\.(?:py|yaml))\b")
_DOTTED = re.compile(r"(?<![\w.\-/@\[])llmx(?:\.[A-Za-z_]\w*)+(?!\w*[(=]?\s*=)")
EXAMPLES = {
    "invoice.py", "my.py", "deal.py", "file.py", "cassettes/invoices", "prompts/short.md",  # a user's
    "llmx/_shipped",  # in the wheel only
    "llmx.toml",
    "path/to/file.py", "endpoint/bridge.py",  # docs/decisions/instructor.md: what was there
    "converters/calendar.py", "llmx.documents.converters.calendar",  # docs/extending: what the page adds
    "llmx.endpoint.providers.messages", "llmx.sinks.markdown", "llmx/types/temperature.py", "tests/types/test_temperature.py", "llmx/types/data/temperatures.yaml",
}  # fmt: skip
"""Names that an example gives to files of its own."""


def prose(path: Path) -> str:
    """Return the docstrings and comments of a module, without what a doctest shows."""
    text = path.read_text("utf-8")
    parts = [
        doc for node in ast.walk(ast.parse(text)) if isinstance(node, _DOCUMENTED) if (doc := ast.get_docstring(node))
    ]
    parts += [
        each.string for each in tokenize.generate_tokens(io.StringIO(text).readline) if each.type == tokenize.COMMENT
    ]
    return "\n".join(line for part in parts for line in part.splitlines() if not line.lstrip().startswith(">>>"))


_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def there(name: str) -> bool:
    """Whether a path of the checkout exists, or may: a pattern, or a name in capitals that stands for any."""
    if re.search(r"\*|NAME|FILE|[A-Z]{3}", name):
        return True
    return (ROOT / name.rstrip("/.")).exists()


def in_package(name: str) -> bool:
    """Whether a path with folders exists, from the checkout or from the package: ``assembly/policies.py``."""
    return (ROOT / name).exists() or (PACKAGE / name).exists() or any(PACKAGE.glob(f"*/{name}"))


def importable(dotted: str) -> bool:
    """Whether ``dotted`` is a module of llmx, or something in one."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        for name in parts[cut:]:
            if not hasattr(found, name):
                return False
            found = getattr(found, name)
        return True
    return False


def missing(text: str, *, bare: bool) -> Iterator[str]:
    """Yield the paths, modules and, with ``bare``, file names of ``text`` that do not exist."""
    yield from (name for name in _PATH.findall(text) if name not in EXAMPLES and not there(name))
    yield from (name for name in _RELATIVE.findall(text) if name not in EXAMPLES and not in_package(name))
    yield from (name for name in _DOTTED.findall(text) if name not in EXAMPLES and not importable(name))
    if bare:
        names = {path.name for path in MODULES} | EXAMPLES
        yield from (name for name in _FILE.findall(text) if name not in names)


@pytest.mark.slow
@pytest.mark.parametrize("path", [*MODULES, *OTHERS], ids=lambda p: str(p.relative_to(ROOT)))
def test_docstrings_and_comments_name_only_what_exists(path: Path) -> None:
    assert sorted(set(missing(prose(path), bare=path in MODULES))) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_pages_name_only_what_exists(path: Path) -> None:
    assert sorted(set(missing(path.read_text("utf-8"), bare=path.name == "design.md"))) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see llmx/extract.py", ["llmx/extract.py"]),
        ("``llmx.settle`` decides", ["llmx.settle"]),
        ("``llmx.errors.NoSuchError``", ["llmx.errors.NoSuchError"]),
        ("``extract.py`` drives", ["extract.py"]),
        ("tests/run/test_runner.py, llmx.types.Money, ``leaf.py``", []),
    ],
)
def test_a_name_that_does_not_exist_is_found(text: str, found: list[str]) -> None:
    assert set(missing(text, bare=True)) == set(found)


def classes() -> Iterator[tuple[str, str]]:
    """Yield (name, module) of each public class of the package."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name, str(path.relative_to(PACKAGE))


@pytest.mark.slow
def test_no_two_classes_share_a_name() -> None:
    homes: dict[str, list[str]] = {}
    for name, module in classes():
        homes.setdefault(name, []).append(module)
    assert {name: modules for name, modules in homes.items() if len(modules) > 1} == {}


def definitions(tree: ast.Module) -> Iterator[str]:
    """Yield what a module defines: classes, functions, parameters, fields and constants."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
    yield from (target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets
                if isinstance(target, ast.Name))  # fmt: skip


GIVEN_UP = frozenset({
    "Found", "settle", "Settled", "Looked", "look_again", "what_else", "weighed", "checked", "consistent", "leaks", "sole",
    "PatientWire", "Manners", "Trap", "shelf", "Aside", "Feed", "Pace", "Told", "Level", "BREATH_S", "Watch", "Onlooker",
    "Made", "whys", "Bare", "besides", "Desk", "desk", "dearest", "shy", "WRECKS", "furniture", "Seen",
})  # fmt: skip
"""Names that a newcomer stumbled on, and that have given way to the field's words."""


@pytest.mark.slow
@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_name_that_was_given_up_comes_back(path: Path) -> None:
    defined = {name.lstrip("_") for name in definitions(ast.parse(path.read_text("utf-8")))} | {path.stem}
    assert sorted(defined & GIVEN_UP) == []


def test_every_word_of_the_vocabulary_is_explained_in_the_concepts() -> None:
    page = (ROOT / "docs" / "concepts.md").read_text("utf-8").partition("## Vocabulary")[2]
    words = {word for row in re.findall(r"^\| ([a-z ,-]+) \|", page, re.MULTILINE) for word in row.split(", ")}
    expected = "document chunk span schema sketch prompt example request key endpoint provider mode completion record"
    expected += (
        " evidence issue status policy follow-up cache cassette exchange run manifest sink gold score boilerplate"
    )
    assert {*expected.split(), "wire model", "re-ask"} <= words
