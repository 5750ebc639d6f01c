"""The gold of ``bench/link``: names in ten languages, pairs that are one thing and pairs that only look like it."""

from __future__ import annotations

import pytest

from bench.link.score import HALVES, figures, pairs


@pytest.mark.slow
def test_no_two_things_of_the_gold_become_one_and_few_names_of_one_thing_stay_apart() -> None:
    for half in HALVES:
        found = figures(pairs(half))
        assert found.false == (), half
        assert found.f1 > 0.94, half
