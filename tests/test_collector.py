from __future__ import annotations

import gc

import pytest

from llmx.collector import collector_at_rest, load, loading


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


def test_what_is_loaded_is_looked_through_neither_then_nor_later() -> None:
    with loading():
        assert not gc.isenabled()
        loaded: list[list[int]] = [[] for _ in range(100)]
    assert gc.isenabled()
    assert not {id(each) for each in loaded} & {id(each) for each in gc.get_objects()}
    gc.unfreeze()


def test_what_is_loaded_already_is_left_to_the_collector() -> None:
    load("gc", "llmx.collector")
    assert gc.get_freeze_count() == 0
