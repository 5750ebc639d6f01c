"""Runs llama.cpp's server on the embedded model, or any GGUF file, as long as it is needed and on the loopback only."""

from __future__ import annotations

import atexit
import http.client
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from llmx.errors import ConfigError
from llmx.local.pulled import pulled_file
from llmx.local.weights import INSTALL, QWEN, Progress, installed, models_folder, weights

CONTEXT_TOKENS = 16_384
_LOAD_TIMEOUT_S = 300.0
_CACHE_RAM_MIB = 1024  # llama.cpp keeps the states of earlier prompts up to this size; its own default is 8 GiB
_QUIET, _TALK = 1, 3  # llama.cpp's verbosity: errors only, and what its own server says by default


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A running server. ``base_url`` ends in /v1, ``model`` is the name to ask for, ``n_ctx`` counts tokens.

    ``prefixes`` is the folder in which it saves what it made of a prompt, when it is asked to; None where it cannot.
    """

    base_url: str
    model: str
    path: Path
    n_ctx: int
    threads: int
    process: subprocess.Popen[bytes]
    prefixes: Path | None = None

    def wait(self) -> int:
        """Return the exit code of the server once it ends: ``llmx serve`` waits here for Ctrl-C."""
        return self.process.wait()

    def stop(self) -> None:
        """End the server now, requests in flight and all. Stopping twice does no harm."""
        _end(self.process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


def available() -> bool:
    """Whether ``--model local`` would work: xllamacpp and the weights are installed. Imports neither."""
    return importlib.util.find_spec("xllamacpp") is not None and installed()


@contextmanager
def start(
    model: str = "local",
    progress: Progress | None = None,
    *,
    n_ctx: int = CONTEXT_TOKENS,
    threads: int | None = None,
    parallel: int = 1,
    port: int = 0,
) -> Iterator[LocalServer]:
    """Run a server on ``model`` within the ``with`` block: 'local', or 'local:' and the name of a model that
    was pulled, or the path of a GGUF file.

    It listens on 127.0.0.1 only, on a free port unless one is given, and answers when the block begins. ``n_ctx`` is
    the context in tokens, shared by up to ``parallel`` requests at once, each of which may use all of it; 0 takes the
    model's own. ``threads`` is by default the number of physical cores that this process may use; of these, as many as
    half are left to others where these keep them busy, except for reading. ``progress`` is
    called while the weights are joined. The server ends with the block, and with this process however that ends.

    Raises ConfigError where the extra is not installed, or the file is missing or no model. LLMX_LOCAL_LOG=1 in the
    environment shows llama.cpp's own log on stderr.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        raise ConfigError("the embedded model needs the package xllamacpp, which is not installed", hint=INSTALL)
    name, path = _model(model, progress)
    count = threads or physical_cores()
    settings = {
        "path": str(path), "name": name, "port": port, "n_ctx": n_ctx, "parallel": parallel, "threads": count,
        "yields": threads is None, "cache_ram_mib": _CACHE_RAM_MIB, "verbosity": _TALK if _shows_log() else _QUIET,
    }  # fmt: skip
    if (prefixes := _prefix_folder()) is not None:
        settings["prefixes"] = f"{prefixes}{os.sep}"  # llama.cpp puts the name right behind it
    with tempfile.TemporaryFile() as log:
        child = _spawn(settings, log)
        end = partial(_end, child.process)
        atexit.register(end)
        try:
            address = _await_address(child)
            _await_health(address, child)
            yield LocalServer(f"{address}/v1", name, path, n_ctx, count, child.process, prefixes)
        finally:
            end()
            atexit.unregister(end)


def _prefix_folder() -> Path | None:
    """Return the folder for the beginnings of prompts, which only its owner may read; None where none can be made."""
    folder = models_folder() / "prefixes"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def physical_cores() -> int:
    """Return the number of physical cores that this process may use, at least 1.

    Hyper-threads share the arithmetic units that a model keeps busy, so a second thread on a core only slows the first.
    A container's CPU quota counts too: more threads than quota wait for each other.
    """
    usable = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))
    cores = set()
    for cpu in usable:
        siblings = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        try:
            cores.add(siblings.read_text("ascii").strip())
        except OSError:
            cores.add(str(cpu))
    return max(1, min(len(cores), _quota_cores()))


def _quota_cores() -> int:
    """Return the cgroup's CPU quota in whole cores, a large number where there is none."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text("ascii").split()
        return max(1, round(int(quota) / int(period)))
    except (OSError, ValueError):  # no cgroup v2, or "max": no quota
        return 1 << 16


def model_name(model: str) -> str:
    """Return the name under which the server of ``model`` offers it: that of 'local:NAME', or of the file in
    'local:PATH'. Reads no file, so that it is the same where a recording is replayed.
    """
    given = model.partition(":")[2]
    if not given:
        return QWEN.name
    is_path = "/" in given or "\\" in given or given.endswith(".gguf")
    return (Path(given).stem if is_path else given).lower()


def _model(model: str, progress: Progress | None) -> tuple[str, Path]:
    """Return the name and the file of 'local', 'local:NAME' or 'local:PATH'."""
    kind, _, given = model.partition(":")
    if kind != "local":
        hint = "write local, local:NAME of llmx model ls, or local:/path/to/model.gguf"
        raise ConfigError(f"'{model}' is not an embedded model", hint=hint)
    if not given:
        return model_name(model), weights(progress=progress)
    path = pulled_file(given) or Path(given).expanduser()
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as exc:
        raise ConfigError(
            f"cannot read the model {path}: {exc.strerror}",
            hint="local: takes a name of llmx model ls, or the path of a .gguf file",
        ) from exc
    if magic != b"GGUF":
        raise ConfigError(f"{path} is not a GGUF file", hint="llama.cpp runs models in the format GGUF only")
    return model_name(model), path


def _shows_log() -> bool:
    return os.environ.get("LLMX_LOCAL_LOG", "") not in {"", "0"}


@dataclass(frozen=True, slots=True)
class _Child:
    """The server's process while it loads ``path``; ``log`` takes what llama.cpp says, unless the user sees it."""

    process: subprocess.Popen[bytes]
    path: Path
    log: IO[bytes]


def _spawn(settings: dict[str, Any], log: IO[bytes]) -> _Child:
    """Start the child. Its stdin is its lifeline: the pipe ends when we end, even by SIGKILL."""
    command = [sys.executable, "-P", str(Path(__file__).with_name("child.py")), json.dumps(settings)]
    stderr = None if _shows_log() else log
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr)  # noqa: S603 -- our own file
    return _Child(process, Path(settings["path"]), log)


def _await_address(child: _Child) -> str:
    """Return the address that the child says once the model is loaded."""
    assert child.process.stdout is not None
    limit = threading.Timer(_LOAD_TIMEOUT_S, child.process.kill)
    limit.daemon = True
    limit.start()
    try:
        line = child.process.stdout.readline()
    finally:
        limit.cancel()
    if not line:
        raise _load_error(child)
    return str(json.loads(line)["address"])


def _await_health(address: str, child: _Child) -> None:
    """Return when /health says ok. Without urllib, which would ask a proxy of the environment for the loopback."""
    host, deadline = address.partition("://")[2], time.monotonic() + _LOAD_TIMEOUT_S
    while time.monotonic() < deadline and child.process.poll() is None:
        connection = http.client.HTTPConnection(host, timeout=5.0)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/health")
            if connection.getresponse().status == http.HTTPStatus.OK:
                connection.close()
                return
        connection.close()
        time.sleep(0.05)
    raise _load_error(child)


def _load_error(child: _Child) -> ConfigError:
    """Say why the server did not come up, with llama.cpp's last words."""
    child.process.kill()
    code = child.process.wait()
    child.log.seek(0)
    errors = _first_errors(child.log.read().decode("utf-8", "replace"))
    return ConfigError(
        f"llama.cpp could not serve {child.path} (exit code {code})" + (f": {errors}" if errors else ""),
        hint="LLMX_LOCAL_LOG=1 shows its whole log; usual causes are a port that is taken, and too little memory",
    )


def _first_errors(log: str) -> str:
    """Return the first three errors of llama.cpp's log, which lead to all the others, without their times."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line.partition(" E ")[2] for line in lines if " E " in line[:20]]
    return "; ".join(dict.fromkeys(errors[:3] or lines[-3:]))[:600]
