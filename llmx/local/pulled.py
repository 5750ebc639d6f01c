"""The models that were pulled: GGUF files in the cache folder, each with a note of what it is and where it is from.

``pull`` downloads one, by an address and its digest, or by its name in a catalogue (a YAML file: of a company's mirror,
say). ``--model local:NAME`` then runs it as ``local`` runs the embedded one, which comes in packages (``weights.py``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from llmx.errors import ConfigError, did_you_mean
from llmx.local.weights import QWEN, installed, models_folder

EMBEDDED_LICENCE, EMBEDDED_CONTEXT_TOKENS = "Apache-2.0", 32_768
"""Of the embedded model, by its card."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ANY = "none"
"""Given for a digest: whatever comes is taken, and its digest told."""


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model file: what ``--model local:NAME`` names.

    ``size_bytes`` and ``context_tokens`` are 0, ``licence`` and ``sha256`` '' where they are not known. ``url`` is
    where it is from, '' for the embedded one, whose parts are packages. ``there`` says that it can be used without a
    network.
    """

    name: str
    url: str = ""
    sha256: str = ""
    size_bytes: int = 0
    licence: str = ""
    context_tokens: int = 0
    there: bool = False

    @property
    def file(self) -> Path:
        """Where it lies, or would."""
        return models_folder() / f"{self.name}.gguf"

    @property
    def note(self) -> Path:
        """The file that says what it is."""
        return models_folder() / f"{self.name}.gguf.json"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values, with the name to give to ``--model``."""
        return {"model": "local" if self.name == QWEN.name else f"local:{self.name}", **asdict(self)}


def embedded() -> LocalModel:
    """Return the embedded model; whether it is there says whether its packages are installed."""
    return LocalModel(
        QWEN.name, "", QWEN.sha256, QWEN.size, EMBEDDED_LICENCE, EMBEDDED_CONTEXT_TOKENS, there=installed()
    )


def local_models() -> list[LocalModel]:
    """Return the embedded model, then those that were pulled, by their names."""
    return [embedded(), *sorted(_pulled(), key=lambda model: model.name)]


def pulled_file(name: str) -> Path | None:
    """Return the file of the model that was pulled as ``name``, None where there is none."""
    file = models_folder() / f"{name}.gguf"
    return file if _NAME.fullmatch(name) and file.is_file() else None


def wanted_model(reference: str, *, name: str = "", sha256: str = "", catalogue: Path | None = None) -> LocalModel:
    """Return the model to pull: that of a catalogue by its name, or that at an address.

    ``sha256`` is required with an address; 'none' takes whatever comes. ``name`` is by default that of the file. Raises
    ConfigError where there is no such model, or something of it is not what it should be.
    """
    if "://" in reference:
        found = LocalModel(name or _name_in(reference), reference, sha256.lower())
    elif sha256 or name:
        raise ConfigError(f"{reference} is no address", hint="--sha256 and --name go with the URL of a GGUF file.")
    elif catalogue is None:
        hint = "Give the URL of a GGUF file with --sha256, or --catalogue FILE."
        raise ConfigError(f"no catalogue says where the model {reference!r} is", hint=hint)
    else:
        found = _of_catalogue(reference, catalogue)
    if not found.sha256:
        hint = "Its page shows it; 'none' takes whatever comes, and prints its digest."
        raise ConfigError("a download is checked by its digest: give --sha256", hint=hint)
    if found.sha256 != _ANY and not _SHA256.fullmatch(found.sha256):
        raise ConfigError(f"{found.sha256!r} is not a SHA-256", hint="It has 64 hexadecimal digits.")
    if not _NAME.fullmatch(found.name) or found.name == QWEN.name:
        hint = "Small letters, digits, dots and dashes; not that of the embedded model. Give --name."
        raise ConfigError(f"{found.name!r} cannot be the name of a model", hint=hint)
    if not found.url.startswith(("https://", "http://")):
        raise ConfigError(f"{found.url} is not an address of the web", hint="Such as https://example.com/model.gguf")
    return found


def keep(model: LocalModel, sha256: str) -> LocalModel:
    """Note what ``model`` is, whose file has come with the digest ``sha256``. Raises ConfigError for no GGUF file."""
    with model.file.open("rb") as file:
        magic = file.read(4)
    if magic != b"GGUF":
        model.file.unlink()
        raise ConfigError(f"what came from {model.url} is not a GGUF file", hint="It was removed.")
    kept = replace(model, sha256=sha256, size_bytes=model.file.stat().st_size, there=True)
    model.note.write_text(json.dumps(asdict(kept), ensure_ascii=False, indent=1) + "\n", "utf-8")
    return kept


def remove(name: str) -> int:
    """Remove the model that was pulled as ``name``, and what a broken download of it left; return the bytes freed.

    Raises ConfigError where there is none.
    """
    model = LocalModel(name)
    if name in {QWEN.name, "local"}:
        hint = "Its packages are removed as any others; without the joined file, the next use joins them again."
        raise ConfigError("the embedded model is not removed", hint=hint)
    parts = [model.file, *(model.file.with_name(f".{model.file.name}{end}") for end in (".part", ".part.json"))]
    there = [path for path in parts if path.is_file()] if _NAME.fullmatch(name) else []
    if not there:
        known = [each.name for each in _pulled()]
        raise ConfigError(f"no model {name!r} was pulled", hint=f"{did_you_mean(name, known)}llmx model ls lists them.")
    freed = sum(path.stat().st_size for path in there)
    for path in (*there, model.note):
        path.unlink(missing_ok=True)
    return freed


def _pulled() -> Iterator[LocalModel]:
    """Yield the models of the folder; of a file without a note only the name and the size are known."""
    for file in models_folder().glob("*.gguf"):
        name = file.name.removesuffix(".gguf")
        if name == QWEN.name:
            continue
        told: dict[str, Any] = {}
        with suppress(OSError, ValueError):
            told = json.loads(file.with_name(f"{file.name}.json").read_text("utf-8"))
        known = {each.name for each in fields(LocalModel)}
        values = {key: value for key, value in told.items() if key in known} if isinstance(told, dict) else {}
        yield LocalModel(**{**values, "name": name, "size_bytes": file.stat().st_size, "there": True})


def _name_in(url: str) -> str:
    """Return the name of the file at ``url`` as that of a model."""
    last = url.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    return re.sub(r"[^a-z0-9._-]+", "-", last.lower().removesuffix(".gguf")).strip("-._")


def _of_catalogue(name: str, file: Path) -> LocalModel:
    """Return the model called ``name`` in a catalogue. Raises ConfigError where it is not there, or says too little."""
    import yaml  # noqa: PLC0415 - only where there is a catalogue

    try:
        listed = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ConfigError(f"the catalogue {file} cannot be read: {error}") from None
    rows = {row["name"]: row for row in listed or () if isinstance(row, dict) and isinstance(row.get("name"), str)}
    if name not in rows:
        hint = f"{did_you_mean(name, rows)}It has {', '.join(sorted(rows)) or 'no models'}."
        raise ConfigError(f"the catalogue {file} has no model {name!r}", hint=hint)
    kinds: dict[str, type] = {
        "name": str, "url": str, "sha256": str, "size_bytes": int, "licence": str, "context_tokens": int,
    }  # fmt: skip
    row = rows[name]
    wrong = [key for key, value in row.items() if key not in kinds or not isinstance(value, kinds[key])]
    if wrong or not row.get("url") or not row.get("sha256"):
        hint = f"A model has {', '.join(kinds)}; name, url and sha256 must be there, and what else is known."
        raise ConfigError(f"the catalogue {file} says of {name!r} what is not read: {', '.join(wrong)}", hint=hint)
    return LocalModel(**{**row, "sha256": row["sha256"].lower()})
