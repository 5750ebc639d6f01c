"""Pairing is optimal, and it is so for every shape of list."""

import random
import time
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.evaluate.align import best_pairs

tables = st.integers(1, 5).flatmap(
    lambda height: st.integers(1, 5).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(0, 20), min_size=width, max_size=width), min_size=height, max_size=height
        )
    )
)


def best_sum(table: Any) -> Any:
    """The largest sum by trying everything."""
    if len(table) > len(table[0]):
        table = [list(column) for column in zip(*table, strict=True)]
    return max(
        sum(table[i][j] for i, j in enumerate(chosen)) for chosen in permutations(range(len(table[0])), len(table))
    )


@given(tables)
def test_no_other_pairing_is_worth_more(table: Any) -> None:
    worth = {(i, j): cell for i, row in enumerate(table) for j, cell in enumerate(row) if cell}
    pairs = best_pairs(worth)
    assert sum(worth[pair] for pair in pairs) == best_sum(table)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)


@pytest.mark.parametrize(
    ("worth", "pairs"),
    [
        ({}, []),
        ({(0, 0): 5, (0, 1): 4, (1, 0): 4}, [(0, 1), (1, 0)]),
        ({(0, 0): 9, (0, 1): 4, (1, 0): 4}, [(0, 0)]),
        ({(3, 7): 1}, [(3, 7)]),
        ({(0, 0): 10**40 + 1, (0, 1): 10**40, (1, 0): 1, (1, 1): 1}, [(0, 0), (1, 1)]),
    ],
    ids=["nothing", "two beat one", "one beats two", "one", "large numbers stay exact"],
)
def test_known_cases(worth: Any, pairs: Any) -> None:
    assert best_pairs(worth) == pairs


def test_a_greedy_choice_would_lose_here() -> None:
    assert best_pairs({(0, 0): 10, (0, 1): 9, (1, 0): 9, (1, 1): 1}) == [(0, 1), (1, 0)]


def test_sixty_by_sixty_takes_no_second() -> None:
    draw = random.Random(1)
    worth = {(i, j): draw.randint(1, 1000) for i in range(60) for j in range(60)}
    started = time.process_time()
    assert len(best_pairs(worth)) == 60
    assert time.process_time() - started < 1
