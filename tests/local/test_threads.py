"""How many threads the server of the embedded model writes with, beside what else runs."""

from __future__ import annotations

import importlib.util

import pytest

from llmx.local.child import busy_s, parameters, writing_threads


@pytest.mark.parametrize(
    ("threads", "others_busy", "writing"),
    [
        pytest.param(2, 0.1, 2, id="a quiet machine is used"),
        pytest.param(2, 1.9, 1, id="a busy one is shared"),
        pytest.param(8, 2.2, 6, id="what is free is used"),
        pytest.param(8, 30.0, 4, id="half of it at least"),
        pytest.param(1, 1.0, 1, id="and one thread always"),
        pytest.param(4, -0.2, 4, id="a clock that is not exact does no harm"),
    ],
)
def test_others_are_left_up_to_half_of_the_cores(threads: int, others_busy: float, writing: int) -> None:
    assert writing_threads(threads, others_busy) == writing


def test_the_time_that_processors_were_busy_only_grows() -> None:
    before = busy_s()
    assert 0 <= before <= busy_s()


@pytest.mark.skipif(importlib.util.find_spec("xllamacpp") is None, reason="needs the extra 'local'")
def test_the_server_reads_with_all_threads_and_writes_with_those_that_are_free() -> None:
    settings = {
        "path": "m.gguf", "name": "m", "port": 0, "n_ctx": 64, "parallel": 1, "threads": 4, "cache_ram_mib": 8,
        "verbosity": 1,
    }  # fmt: skip
    assert parameters(settings).cpuparams.n_threads == 4
    shared = parameters({**settings, "writing_threads": 2})
    assert (shared.cpuparams.n_threads, shared.cpuparams_batch.n_threads) == (2, 4)
