"""What code makes a record: llmx itself, the installed packages, and the modules that the user's program has loaded.

A record that other code made is not the same record. What a validator looks at besides code (a file, a service, the
time) is not seen here.
"""

from __future__ import annotations

import hashlib
import os
import sys
import sysconfig
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.request import canonical_json

if TYPE_CHECKING:
    from llmx.extraction.plan import Plan

_PACKAGE = Path(__file__).parents[1]
NO_PART = frozenset(
    {
        "cli",
        "engines",
        "evaluate",
        "few_shot",
        "link",
        "propose",
        "review",
        "service",
        "starter",
        "sweep",
        "tune",
        "view",
    }
)
"""The packages of llmx that have no part in making a record: they call what does, or look at records afterwards."""


def code_fingerprint(plan: Plan) -> str:
    """Return a hash of the code that makes records of ``plan``, '' where the schema's class stands in no file."""
    owner = sys.modules.get(plan.schema.model.__module__)
    if owner is None or not getattr(owner, "__file__", None):
        return ""
    return hashlib.sha256(canonical_json([_installed(), _loaded()])).hexdigest()


@cache
def _installed() -> list[str]:
    """Return what distinguishes this llmx, and the packages installed beside it, from others."""
    source = hashlib.sha256()
    for path in sorted(_sources(str(_PACKAGE), without=NO_PART)):
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - two hundred of them: every microsecond counts
            source.update(file.read())
    beside = Path(sys.modules["pydantic"].__file__ or "").parents[1]
    packages = sorted(entry.name for entry in os.scandir(beside) if entry.name.endswith(".dist-info"))
    return [sys.version, source.hexdigest(), *packages]


def _sources(folder: str, *, without: Collection[str] = ()) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                yield entry.path
            elif entry.name not in without and entry.is_dir():
                yield from _sources(entry.path)


def _loaded() -> list[list[Any]]:
    """Return the modules that are neither Python's, nor installed, nor llmx's: [path, size, time of change]."""
    foreign = tuple(str(Path(sysconfig.get_path(name))) + os.sep for name in ("stdlib", "platstdlib"))
    found: list[list[Any]] = []
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if not isinstance(path, str) or path.startswith((str(_PACKAGE) + os.sep, *foreign)):
            continue
        if f"{os.sep}site-packages{os.sep}" in path or f"{os.sep}dist-packages{os.sep}" in path:
            continue
        try:
            state = Path(path).stat()
        except OSError:
            continue
        found.append([path, state.st_size, state.st_mtime_ns])
    return sorted(found)
