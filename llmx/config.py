"""Settings: from the command line, the environment, or a file, in that order, and where each one came from.

The file is ``llmx.toml`` in the current folder or one above it, or ``[tool.llmx]`` in a ``pyproject.toml`` there. The
environment has ``LLMX_`` and the setting's name in capitals; OPENAI_BASE_URL and OPENAI_API_KEY are understood too.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from llmx.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting that may come from outside; the units are in the names. ``llmx config`` shows them."""

    model: str = ""
    base_url: str = ""
    api_key_env: str = ""
    mode: str = "auto"
    strict: bool = False
    schema: str = ""
    prompt: str = "extract"
    examples: str = "auto"
    instructions: str = ""
    unproven: str = ""
    evidence: str = "words"
    passes: int = 2
    samples: int = 1
    logprobs: bool = False
    max_output_tokens: int = 2048
    chunk_tokens: int = 4000
    boilerplate: str = "drop"
    locale: str = ""
    temperature: float = 0.0
    timeout_s: float = 0.0
    retry_attempts: int = 8
    concurrency: str = "auto"
    cache: bool = True
    cache_dir: str = ""
    redact: str = ""
    text_field: str = "text"
    id_field: str = "id"
    date_field: str = ""
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """A configuration, and where each value came from: 'command line', 'LLMX_MODEL', a file, 'default'."""

    values: Config
    origins: dict[str, str]


_ALIASES = {"OPENAI_BASE_URL": "base_url"}


def load_settings(
    given: Mapping[str, Any], *, environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> Settings:
    """Return the settings in force. ``given`` are those of the command line, None where an option was not used.

    Raises ConfigError that names the file or the variable, and what was allowed, for an unknown setting or a value of
    the wrong type.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    origins = {field.name: "default" for field in fields(Config)}
    path = _find(folder or Path.cwd())
    for layer, origin in ((_from_file(path), str(path)), *_from_environ(environ)):
        for name, value in layer.items():
            values[name], origins[name] = _typed(name, value, origin), origin
    for name, value in given.items():
        if value is not None:
            values[name], origins[name] = _typed(name, value, "command line"), "command line"
    return Settings(Config(**values), origins)


def _find(folder: Path) -> Path | None:
    for each in (folder, *folder.resolve().parents):
        if (path := each / "llmx.toml").is_file():
            return path
        if (path := each / "pyproject.toml").is_file():
            return path if "llmx" in _toml(path).get("tool", {}) else None
    return None


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None


def _from_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    loaded = _toml(path)
    found: dict[str, Any] = loaded if path.name == "llmx.toml" else loaded["tool"]["llmx"]
    return {name.replace("-", "_"): value for name, value in found.items()}


def _from_environ(environ: Mapping[str, str]) -> list[tuple[dict[str, Any], str]]:
    known = {field.name for field in fields(Config)}
    layers: list[tuple[dict[str, Any], str]] = []
    for variable, name in _ALIASES.items():
        if environ.get(variable):
            layers.append(({name: environ[variable]}, variable))
    for variable in sorted(environ):
        name = variable.removeprefix("LLMX_").lower()
        if variable.startswith("LLMX_") and name in known and environ[variable] != "":
            layers.append(({name: environ[variable]}, variable))
    return layers


_KINDS: dict[type, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


def _typed(name: str, value: Any, origin: str) -> Any:
    kinds: dict[str, type] = {field.name: type(getattr(Config(), field.name)) for field in fields(Config)}
    kind = kinds.get(name)
    if kind is None:
        raise ConfigError(f"{origin}: there is no setting {name!r}", hint=f"Known: {', '.join(sorted(kinds))}.")
    if kind is bool and isinstance(value, str):
        if value.lower() in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
            return value.lower() in {"1", "true", "yes", "on"}
    elif kind is str and isinstance(value, str | int):
        return str(value)
    elif isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    elif kind in (int, float) and not isinstance(value, bool) and (kind is float or not isinstance(value, float)):
        try:
            return kind(value)
        except (TypeError, ValueError):
            pass
    raise ConfigError(f"{origin}: {name} = {value!r} is not {_KINDS[kind]}")
