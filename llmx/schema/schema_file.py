"""Runs the Python file of a schema, which may import the files beside it."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from llmx.errors import SchemaError
from llmx.request import fingerprint


def run_schema_file(path: Path) -> ModuleType:
    """Run the file that the user named and return it as a module; pickling finds it again under its name.

    Raises SchemaError where it does not run, with the line.
    """
    if not path.is_file():
        raise SchemaError(f"{path}: no such file", hint="The schema's path is taken from the current folder.")
    name = f"llmx_schema_{fingerprint(str(path.resolve()))[:12]}"
    if (loaded := sys.modules.get(name)) is not None:
        return loaded
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SchemaError(f"{path}: cannot be loaded as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with _neighbours(path.resolve().parent):
            spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, Exception):
            raise SchemaError(f"{path}: {_where(error, path)}{type(error).__name__}: {error}") from error
        raise
    return module


def _where(error: BaseException, path: Path) -> str:
    trace, line = error.__traceback__, None
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename) == path.resolve():
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"line {line}: " if line else ""


@contextlib.contextmanager
def _neighbours(folder: Path) -> Iterator[None]:
    """Let the files of ``folder`` be imported by their names, before those of other folders.

    A neighbour of another schema with the same name makes way: it would be taken for this one's.
    """
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is None or "." in name or Path(file).parent == folder or name not in _IMPORTED:
            continue
        if (folder / f"{name}.py").is_file():
            del sys.modules[name]
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(folder))
        beside = {name for name in set(sys.modules) - before if (folder / f"{name}.py").is_file()}
        _IMPORTED.update(beside)


_IMPORTED: set[str] = set()
"""The names of the modules that were imported because they stand beside a schema."""
