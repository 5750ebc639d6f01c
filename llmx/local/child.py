"""The server's own process: llama.cpp, and nothing of llmx.

It is run by path, with its settings as one JSON argument, by ``llmx.local.server``. A process of its own, because
stopping llama.cpp's server inside ours waits for the requests in flight while it holds the interpreter's lock, under
which those requests can never end; because loading holds that lock too; and because a crash in it should cost a
document, not the run.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

_TICKS_S = 100
"""Ticks of /proc/stat in a second, on all Linux that there is."""

_WAITING = (3, 4)
"""Its columns that leave a processor free: idle, and waiting for a disk. Niced programs do not give way at once, and
each of our threads waits for the slowest."""


def parameters(settings: dict[str, Any]) -> Any:
    """Return xllamacpp's CommonParams for ``settings``."""
    import xllamacpp  # noqa: PLC0415 -- 0.2 s

    params = xllamacpp.CommonParams()
    params.model.path = settings["path"]
    params.model_alias = {settings["name"]}
    params.hostnames = ["127.0.0.1"]
    params.port = settings["port"]
    params.n_ctx = settings["n_ctx"]
    params.n_parallel = settings["parallel"]
    params.kv_unified = True  # each request may use the whole context, instead of an n-th of it
    params.cpuparams.n_threads = settings.get("writing_threads", settings["threads"])
    params.cpuparams_batch.n_threads = settings["threads"]
    params.use_jinja = True  # the model's own chat template, without which there are no tools
    params.cache_prompt = True  # what two prompts have in common at their start is not evaluated twice
    params.cache_ram_mib = settings["cache_ram_mib"]
    params.verbosity = settings["verbosity"]
    if settings.get("prefixes"):
        params.slot_save_path = settings["prefixes"]
    params.ui = False
    params.endpoint_slots = False  # would show the prompts of others
    params.cors_origins = ""  # no web page may read from it
    return params


def busy_s() -> float:
    """Return for how many seconds, summed over them, the processors that this process may use have been busy; 0.0
    where the system does not say.
    """
    try:
        usable = {f"cpu{number}" for number in os.sched_getaffinity(0)}
        lines = Path("/proc/stat").read_text("ascii").splitlines()
    except (AttributeError, OSError):  # no Linux
        return 0.0
    rows = [line.split() for line in lines]
    counts = [row[1:9] for row in rows if row and row[0] in usable]
    return sum(int(n) for row in counts for place, n in enumerate(row) if place not in _WAITING) / _TICKS_S


def writing_threads(threads: int, others_busy: float) -> int:
    """Return on how many threads to write where others keep ``others_busy`` processors busy: half at least.

    The threads wait for each other at every layer of every token. Where one has to wait for a processor, all do: on two
    busy processors two threads write 1 to 5 tokens a second, and one 8. Reading has few such places, and takes all.

    >>> [writing_threads(*each) for each in ((2, 0.1), (2, 1.9), (8, 2.2), (8, 8.0), (1, 1.0))]
    [2, 1, 6, 4, 1]
    """
    return max(math.ceil(threads / 2), min(threads, round(threads - others_busy)), 1)


def main() -> None:
    """Load, say where on stdout, and serve until stdin ends: it ends when the process that started us does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who started us
    settings = json.loads(sys.argv[1])
    began, busy, own = time.monotonic(), busy_s(), time.process_time()
    import xllamacpp  # noqa: PLC0415 -- after Ctrl-C is out of the way

    if settings["yields"]:
        others = busy_s() - busy - (time.process_time() - own)
        settings["writing_threads"] = writing_threads(settings["threads"], others / (time.monotonic() - began))

    try:
        server = xllamacpp.Server(parameters(settings))
    except RuntimeError:
        sys.exit(1)  # the log has said why
    sys.stdout.write(json.dumps({"address": server.listening_address}) + "\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()
    os._exit(0)  # not through the server's destructor: see above


if __name__ == "__main__":
    main()
