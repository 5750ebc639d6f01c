"""Where prompts and schemas are looked for by name: the user's own ./prompts and ./schemas first, then llmx's own."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


def shipped_folders(kind: Literal["prompts", "schemas"]) -> list[Path]:
    """Return the folders of that kind that exist, in the order in which they are searched.

    In a wheel llmx's own lie in ``llmx/_shipped``; in a checkout (an editable install) beside the package.
    """
    folders = [Path.cwd() / kind, shipped_folder(kind)]
    return list(dict.fromkeys(f for f in folders if f.is_dir()))


def shipped_folder(kind: Literal["prompts", "schemas"]) -> Path:
    """Return the folder of that kind that comes with llmx."""
    own = [_PACKAGE / "_shipped" / kind, _PACKAGE.parent / kind]
    return next((f for f in own if f.is_dir()), own[0])
