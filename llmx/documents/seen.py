"""Which ids were there already: 16 to 32 bytes each, where a set of numbers takes 100."""

from __future__ import annotations

from array import array

_SLOTS = 2**14
_MASK = 2**64 - 1
_MIXER = 0x9E3779B97F4A7C15  # Knuth's multiplicative hashing: 2^64 divided by the golden ratio


class Seen:
    """The ids that were added, as 64-bit hashes: two of a million collide once in 37 million runs.

    An open-addressing table with linear probing (Knuth, The Art of Computer Programming 3, 6.4), at most half full.
    """

    __slots__ = ("_count", "_table")

    def __init__(self) -> None:
        self._table = array("Q", bytes(8 * _SLOTS))
        self._count = 0

    def add(self, name: str) -> bool:
        """Add ``name``; return False where it was there already."""
        mixed = _mixed(name)
        slot = self._slot(mixed)
        if self._table[slot]:
            return False
        self._table[slot] = mixed
        self._count += 1
        if 2 * self._count > len(self._table):
            self._grow()
        return True

    def _slot(self, mixed: int) -> int:
        """Return where ``mixed`` stands, or the empty slot where it would."""
        table = self._table
        last = len(table) - 1
        slot = mixed & last
        while (there := table[slot]) and there != mixed:
            slot = (slot + 1) & last
        return slot

    def _grow(self) -> None:
        before = self._table
        self._table = array("Q", bytes(16 * len(before)))
        for mixed in before:
            if mixed:
                self._table[self._slot(mixed)] = mixed


def _mixed(name: str) -> int:
    return (hash(name) * _MIXER & _MASK) or 1
