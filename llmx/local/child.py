"""The server's own process: llama.cpp, and nothing of llmx.

It is run by path, with its settings as one JSON argument, by ``llmx.local.server``. A process of its own, because
stopping llama.cpp's server inside ours waits for the requests in flight while it holds the interpreter's lock, under
which those requests can never end; because loading holds that lock too; and because a crash in it should cost a
document, not the run.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any


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
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings["threads"]
    params.use_jinja = True  # the model's own chat template, without which there are no tools
    params.cache_prompt = True  # what two prompts have in common at their start is not evaluated twice
    params.cache_ram_mib = settings["cache_ram_mib"]
    params.verbosity = settings["verbosity"]
    params.ui = False
    params.endpoint_slots = False  # would show the prompts of others
    params.cors_origins = ""  # no web page may read from it
    return params


def main() -> None:
    """Load, say where on stdout, and serve until stdin ends: it ends when the process that started us does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who started us
    settings = json.loads(sys.argv[1])
    import xllamacpp  # noqa: PLC0415 -- after Ctrl-C is out of the way

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
