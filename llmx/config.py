"""Settings: from the command line, the environment or a file, in that order, and where each one comes from.

The file is ``llmx.toml`` in the current folder or one above it (up to the repository's root or the user's home), or
``[tool.llmx]`` in a ``pyproject.toml`` there; one of another user is not read unless it is confirmed. The environment
has ``LLMX_`` and the setting's name in capitals; OPENAI_BASE_URL and OPENAI_API_KEY count, too. Defaults are not kept
here: a setting that nobody gives is None, and the options of the library have its default.

Two settings are tables: ``extra_body`` is JSON where it is one text, ``headers`` are lines of NAME=VALUE. The values of
headers are secrets: no message quotes them.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import field, fields
from pathlib import Path
from typing import Any

from llmx.dataclass import dataclass
from llmx.errors import ConfigError, did_you_mean
from llmx.trust import is_own, is_trusted, search_folders


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting that may come from outside, None where nobody gave it. ``llmx config`` shows them all."""

    model: str | None = None
    base_url: str | None = None
    api_key_env: str | None = None
    mode: str | None = None
    fallback: list[Any] | None = None
    escalate: str | None = None
    below: float | None = None
    calibration: str | None = None
    strict: bool | None = None
    api: str | None = None
    reasoning_effort: str | None = None
    extra_body: dict[str, Any] | None = None
    headers: dict[str, Any] | None = field(default=None, repr=False)
    schema: str | None = None
    prompt: str | None = None
    examples: str | None = None
    instructions: str | None = None
    unproven: str | None = None
    evidence: str | None = None
    passes: int | None = None
    samples: int | None = None
    logprobs: bool | None = None
    verify: str | None = None
    max_output_tokens: int | None = None
    chunk_tokens: int | None = None
    relevant_tokens: int | None = None
    boilerplate: str | None = None
    target: str | None = None
    images: str | None = None
    image_px: int | None = None
    locale: str | None = None
    temperature: float | None = None
    timeout_s: float | None = None
    retry_attempts: int | None = None
    concurrency: str | None = None
    cache: bool | None = None
    cache_dir: str | None = None
    cache_url: str | None = field(default=None, repr=False)
    redact: str | None = None
    redact_documents: bool | None = None
    text_field: str | None = None
    id_field: str | None = None
    date_field: str | None = None
    encoding: str | None = None
    pages: str | None = None
    password: str | None = None
    ocr: str | None = None
    ocr_engine: str | None = None
    ocr_languages: str | None = None
    layout: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """A configuration, and where each value comes from: 'command line', 'LLMX_MODEL', a file, 'default'.

    ``file`` is the file that was found, ``here`` says that it is in the working folder. ``note`` tells of a file that
    is not read, because it belongs to another user.
    """

    values: Config
    origins: dict[str, str]
    file: Path | None = None
    here: bool = False
    note: str = ""

    def unconfirmed(self, name: str) -> bool:
        """Whether a setting comes from the file, and that is none in the working folder that the user confirmed."""
        return (
            self.file is not None and self.origins[name] == str(self.file) and not (self.here and is_trusted(self.file))
        )


_PATHS = ("schema", "prompt", "examples", "calibration", "cache_dir")
_FILES = frozenset({".py", ".json", ".yaml", ".yml", ".md"})
_NAMES = ("llmx.toml", "pyproject.toml")
_ALIASES = {"OPENAI_BASE_URL": "base_url"}
_PREFIX = "LLMX_"
_KINDS: dict[str, tuple[type, str]] = {
    "bool | None": (bool, "true or false"),
    "int | None": (int, "a whole number"),
    "float | None": (float, "a number"),
    "str | None": (str, "text"),
    "dict[str, Any] | None": (dict, "a table"),
    "list[Any] | None": (list, "a list of models"),
}


def load_settings(
    given: Mapping[str, Any], *, environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> Settings:
    """Return the settings in force. ``given`` are those of the command line, None for an option that was not used.

    Raises ConfigError for an unknown setting or a value of the wrong type, naming the file or the variable and what is
    allowed.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    origins = {field.name: "default" for field in fields(Config)}
    path, note = _find(here := folder or Path.cwd())
    for layer, origin in ((_beside(path, here, _from_file(path)), str(path)), *_from_environ(environ)):
        for name, value in layer.items():
            values[name], origins[name] = _typed(name, value, origin), origin
    for name, value in given.items():
        if value is not None:
            values[name], origins[name] = _typed(name, value, "command line"), "command line"
    return Settings(Config(**values), origins, path, here=path is not None and path.parent == here, note=note)


def _find(folder: Path) -> tuple[Path | None, str]:
    """Return the settings file that counts in ``folder``, and what to say of one that does not."""
    for each in search_folders(folder):
        path = next((path for name in _NAMES if (path := each / name).is_file()), None)
        if path is None:
            continue
        if not is_own(path) and not is_trusted(path):
            return None, f"{path} belongs to another user and is not read (`llmx config trust {path}` confirms it)"
        return (path if path.name == _NAMES[0] or "llmx" in _toml(path).get("tool", {}) else None), ""
    return None, ""


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: {error}") from None


def _from_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    loaded = _toml(path)
    found: dict[str, Any] = loaded if path.name == "llmx.toml" else loaded["tool"]["llmx"]
    return {name.replace("-", "_"): value for name, value in found.items()}


def _beside(path: Path | None, here: Path, layer: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of the file ``path`` with paths as seen from ``here``: there they count from its folder.

    A schema, a prompt or examples may be a name as well: what is no file there and does not look like one.
    """
    if path is None or path.parent == here:
        return layer
    found = dict(layer)
    for name in _PATHS:
        value = layer.get(name)
        if isinstance(value, str) and value and not value.startswith("~"):
            place = path.parent / value
            file = path.parent / value.partition(":")[0]
            if name == "cache_dir" or file.is_file() or file.suffix in _FILES or "/" in value:
                found[name] = str(place)
    return found


def _from_environ(environ: Mapping[str, str]) -> list[tuple[dict[str, Any], str]]:
    """Return the settings of the environment. Raises ConfigError for a variable that is almost the name of one."""
    known = {f"{_PREFIX}{field.name.upper()}": field.name for field in fields(Config)}
    layers: list[tuple[dict[str, Any], str]] = []
    for variable, name in _ALIASES.items():
        if environ.get(variable):
            layers.append(({name: environ[variable]}, variable))
    for variable in sorted(environ):
        if not variable.startswith(_PREFIX) or environ[variable] == "":
            continue
        if variable in known:
            layers.append(({known[variable]: environ[variable]}, variable))
        elif variable.endswith("_KEY"):  # it may hold the API key, under a name that api_key_env gives
            continue
        elif meant := did_you_mean(variable, known, least=0.85):
            raise ConfigError(f"{variable} is not a setting", hint=f"{meant}Rename it, or unset it.")
    return layers


def _typed(name: str, value: Any, origin: str) -> Any:
    kinds = {field.name: _KINDS[str(field.type)] for field in fields(Config)}
    if name not in kinds:
        hint = f"{did_you_mean(name, kinds)}The settings are {', '.join(sorted(kinds))}."
        raise ConfigError(f"{origin}: {name!r} is not a setting", hint=hint)
    kind, allowed = kinds[name]
    if name == "headers":
        return _headers(value, origin)
    if kind is dict:
        return _object(name, value, origin)
    if kind is list and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
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
    shown = "its value" if name == "cache_url" else repr(value)  # an address with a password is not quoted
    raise ConfigError(f"{origin}: {name} = {shown} is not {allowed}")


def _object(name: str, value: Any, origin: str) -> dict[str, Any]:
    """Return a table, which may be written as one JSON object."""
    fault = "it is not a JSON object"
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            fault = f"it is not JSON: {error}"
    if isinstance(value, dict):
        return value
    option = name.replace("_", "-")
    hint = f"""Such as --{option} '{{"top_k": 20}}'; quote it, so that the shell leaves it alone."""
    raise ConfigError(f"{origin}: {name} cannot be read: {fault}", hint=hint)


def _headers(value: Any, origin: str) -> dict[str, str]:
    """Return the headers of a table, or of lines that are written NAME=VALUE. Raises ConfigError, quoting none."""
    hint = "Write NAME=VALUE, such as --header X-Team=blue."
    if isinstance(value, dict):
        pairs = list(value.items())
    else:
        lines = value.splitlines() if isinstance(value, str) else list(value)
        split = [str(line).partition("=") for line in lines if str(line).strip()]
        if not all(equals for _, equals, _ in split):
            raise ConfigError(f"{origin}: a header is not written NAME=VALUE", hint=hint)
        pairs = [(name, text) for name, _, text in split]
    if not all(isinstance(text, str) for _, text in pairs):
        raise ConfigError(f"{origin}: the value of a header is not text", hint=hint)
    names = [name.strip().lower() for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ConfigError(f"{origin}: a header is given twice", hint="Give it once.")
    return {name.strip(): text.strip() for name, text in pairs}
