"""A set of ids knows every id that was added, and stays small."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from llmx.documents.id_set import IdSet


@given(st.lists(st.text(max_size=3)))
def test_an_id_is_new_exactly_once(names: list[str]) -> None:
    ids, known = IdSet(), set[str]()
    for name in names:
        assert ids.add(name) == (name not in known)
        known.add(name)


def test_sixty_thousand_ids_take_at_most_forty_bytes_each() -> None:
    ids = IdSet()
    assert all(ids.add(f"document {number}") for number in range(60_000))
    assert not any(ids.add(f"document {number}") for number in range(60_000))
    assert sys.getsizeof(ids) <= 40 * 60_000
