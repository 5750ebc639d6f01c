from __future__ import annotations

import gc

import pytest

from llmx.run.output_run import collector_at_rest


@pytest.fixture(autouse=True)
def _nothing_frozen() -> None:
    gc.unfreeze()  # whatever ran before in this process


def test_a_run_leaves_the_collector_as_it_was() -> None:
    with pytest.raises(ValueError, match="a fault"), collector_at_rest():  # noqa: PT012 -- the block is the point
        assert gc.get_freeze_count() > 0
        raise ValueError("a fault")
    assert gc.get_freeze_count() == 0


def test_what_somebody_froze_stays_frozen() -> None:
    gc.freeze()
    try:
        with collector_at_rest():
            pass
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
