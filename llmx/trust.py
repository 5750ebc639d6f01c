"""Which files on the way are the user's: where settings are looked for, and what he confirmed once.

A confirmation (``llmx config trust``) is of a file with its content: a change has to be confirmed again. They are kept
in the user's configuration folder, by path and sha256.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from llmx.private_file import open_private


def search_folders(folder: Path) -> Iterator[Path]:
    """Yield ``folder`` and those above it, up to the root of the repository or the user's home, whichever comes first.

    It ends, too, at a folder that belongs to somebody else, or that everybody may write into.
    """
    yield folder
    here, home = folder.resolve(), _home()
    for above in here.parents:
        if here == home or (here / ".git").exists() or not is_own(above) or _is_public(above):
            return
        yield above
        here = above


def is_own(path: Path) -> bool:
    """Return whether ``path`` belongs to the user who runs llmx, or who runs it by sudo.

    Where there are no owners everything does. A path that cannot be looked at belongs to somebody else.
    """
    if not hasattr(os, "geteuid"):
        return True
    users = {os.geteuid()}
    if 0 in users and os.environ.get("SUDO_UID", "").isdigit():
        users.add(int(os.environ["SUDO_UID"]))
    try:
        return path.stat().st_uid in users
    except OSError:
        return False


def is_trusted(path: Path) -> bool:
    """Return whether the user confirmed the file ``path`` with the content that it has now."""
    digest = _digest(path)
    return bool(digest) and _confirmed().get(str(path.resolve())) == digest


def trust(path: Path) -> None:
    """Confirm the file ``path`` as it is now. Raises OSError where that cannot be kept."""
    _keep(_confirmed() | {str(path.resolve()): _digest(path)})


def distrust(path: Path) -> bool:
    """Take back the confirmation of ``path``; return whether there was one. Raises OSError as ``trust`` does."""
    confirmed = _confirmed()
    known = confirmed.pop(str(path.resolve()), None) is not None
    if known:
        _keep(confirmed)
    return known


def _is_public(folder: Path) -> bool:
    return os.name == "posix" and bool(folder.stat().st_mode & 0o002)


def _home() -> Path | None:
    try:
        return Path.home().resolve()
    except RuntimeError:  # a user without a home
        return None


def _digest(path: Path) -> str:
    """Return the sha256 of the file's content, '' where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _file() -> Path:
    from platformdirs import user_config_path  # noqa: PLC0415 - only where something is confirmed

    return user_config_path("llmx") / "trusted.json"


def _confirmed() -> dict[str, str]:
    try:
        found = json.loads(_file().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(path): str(digest) for path, digest in found.items()} if isinstance(found, dict) else {}


def _keep(confirmed: dict[str, str]) -> None:
    file = _file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = file.with_suffix(f".{os.getpid()}.tmp")
    with open_private(unfinished, "w", encoding="utf-8") as stream:
        stream.write(json.dumps(confirmed, indent=2, sort_keys=True) + "\n")
    unfinished.replace(file)
