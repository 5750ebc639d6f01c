"""A project to start from: a schema, two documents, their gold, settings, a prompt, and a check for CI.

What is written lies in ``project/``. The prompt is a copy of the one that llmx uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from llmx.resources import shipped_folder

_PROJECT = Path(__file__).resolve().parent / "project"
_ELSEWHERE = {
    "records.yml": ".github/workflows/records.yml", "gitignore": ".gitignore", "orders.py.txt": "orders.py",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Started:
    """What ``start_project`` wrote and what it left alone, as paths below the folder."""

    written: tuple[str, ...]
    kept: tuple[str, ...]


def start_project(folder: Path) -> Started:
    """Write the project into ``folder``, which is made; a file that is there stays as it is.

    Raises OSError where the folder cannot be written.
    """
    written, kept = [], []
    for name, text in _files():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="utf-8") as stream:
                stream.write(text)
        except FileExistsError:
            kept.append(name)
        else:
            written.append(name)
    return Started(tuple(written), tuple(kept))


def _files() -> list[tuple[str, str]]:
    own = [path for path in sorted(_PROJECT.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    named = [(path.relative_to(_PROJECT).as_posix(), path.read_text("utf-8")) for path in own]
    prompt = (shipped_folder("prompts") / "extract.md").read_text("utf-8")
    return [("prompt.md", prompt), *((_ELSEWHERE.get(name, name), text) for name, text in named)]
