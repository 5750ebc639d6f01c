"""Ids are known again, however many there are, in little memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmx.documents.seen import Seen


@given(st.lists(st.text(max_size=3)))
def test_a_name_is_new_once(names: list[str]) -> None:
    seen, known = Seen(), set[str]()
    for name in names:
        assert seen.add(name) == (name not in known)
        known.add(name)


def test_many_names_take_some_bytes_each() -> None:
    seen = Seen()
    assert all(seen.add(f"document {number}") for number in range(60_000))
    assert not any(seen.add(f"document {number}") for number in range(60_000))
    assert seen._table.itemsize * len(seen._table) <= 40 * 60_000
