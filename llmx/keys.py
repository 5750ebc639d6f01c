"""API keys that are not in the environment: in the system's keyring (``llmx keys set``), or in a ``.env`` file.

The environment counts most, then the keyring, then ``.env`` in the working folder. Of that file only names that end in
_KEY or _TOKEN are read: an address in it could send a key to somebody else. Which keys the keyring holds is written
down beside, by name alone, so that a run without any need not open it.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.errors import ConfigError
from llmx.private_file import open_private
from llmx.trust import is_own

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

ENVIRONMENT, KEYRING, DOTENV = "the environment", "the system's keyring", ".env"
_SERVICE = "llmx"
_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$")
_KEY_NAME = re.compile(r"[A-Za-z0-9_]+_(?:KEY|TOKEN)")


def provide_key(variable: str) -> str:
    """Put the key of ``variable`` into the environment where one is kept; return where it comes from, '' for nowhere.

    Raises ConfigError where the keyring should hold it and cannot be read.
    """
    if os.environ.get(variable):
        return ENVIRONMENT
    if variable in kept_names():
        key, origin = _ask_keyring(lambda keyring: keyring.get_password(_SERVICE, variable)), KEYRING
    else:
        key, origin = _dotenv(Path(DOTENV)).get(variable), DOTENV
    if not key:
        return ""
    os.environ[variable] = key
    return origin


def is_kept(variable: str) -> bool:
    """Whether the environment, the keyring or ``.env`` has a key for ``variable``; it is not taken out."""
    return bool(os.environ.get(variable)) or variable in kept_names() or variable in dotenv_names()


def keep_key(variable: str, key: str) -> None:
    """Keep ``key`` in the system's keyring. Raises ConfigError where there is none."""
    if not _KEY_NAME.fullmatch(variable):
        raise ConfigError(f"{variable} is not a name for a key", hint="A name ends in _KEY or _TOKEN.")
    _ask_keyring(lambda keyring: keyring.set_password(_SERVICE, variable, key))
    _write_names({*kept_names(), variable})


def forget_key(variable: str) -> bool:
    """Take the key out of the keyring; return whether there was one. Raises ConfigError where that fails."""
    if variable not in kept_names():
        return False
    _ask_keyring(lambda keyring: keyring.delete_password(_SERVICE, variable))
    _write_names(kept_names() - {variable})
    return True


def kept_names() -> frozenset[str]:
    """Return the variables whose keys the keyring holds."""
    try:
        found = json.loads(_names_file().read_text("utf-8"))
    except (OSError, ValueError):
        return frozenset()
    return frozenset(name for name in found if isinstance(name, str)) if isinstance(found, list) else frozenset()


def dotenv_names() -> frozenset[str]:
    """Return the variables whose keys ``.env`` in the working folder holds."""
    return frozenset(_dotenv(Path(DOTENV)))


def _dotenv(path: Path) -> dict[str, str]:
    """Return the keys in the file, {} where there is none, or it belongs to somebody else."""
    try:
        if not is_own(path):
            return {}
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    found = {match[1]: match[2] for line in lines if (match := _LINE.match(line))}
    return {name: _unquoted(text) for name, text in found.items() if _KEY_NAME.fullmatch(name)}


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] in "\"'" and text[-1] == text[0]:
        return text[1:-1]
    return text.partition(" #")[0].rstrip()


def _ask_keyring(ask: Callable[[ModuleType], Any]) -> Any:
    """Return what ``ask`` gets from the system's keyring. Raises ConfigError where that fails."""
    try:
        import keyring  # noqa: PLC0415 - an extra, and slow
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ImportError as error:
        hint = "pip install 'llmx-extract[keyring]', or set the variable."
        raise ConfigError("keys are kept by a package that is not installed", hint=hint) from error
    try:
        return ask(keyring)
    except KeyringError as error:
        hint = (
            "Unlock or install one (GNOME Keyring, KWallet, Keychain, Windows' Credential Locker), or set the variable."
        )
        raise ConfigError(f"the system's keyring cannot be used: {type(error).__name__}", hint=hint) from error


def _names_file() -> Path:
    from platformdirs import user_config_path  # noqa: PLC0415 - only where a key is missing

    return user_config_path("llmx") / "keys.json"


def _write_names(names: Iterable[str]) -> None:
    file = _names_file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = file.with_suffix(f".{os.getpid()}.tmp")
    with open_private(unfinished, "w", encoding="utf-8") as stream:
        stream.write(json.dumps(sorted(names), indent=2) + "\n")
    unfinished.replace(file)
