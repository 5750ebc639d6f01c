"""Writes OLE files (compound files, [MS-CFB]) for tests: storages and streams, as plainly as readers allow."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import TypeAlias

Tree: TypeAlias = "Mapping[str, bytes | Tree]"

_SECTOR = 512
_SHORT = 4096  # shorter streams would lie in a stream of their own: they are filled up with NULs
_END, _FREE, _FAT, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF


def ole_file(tree: Tree) -> bytes:
    """Return an OLE file with ``tree`` in it: bytes are streams, mappings are storages."""
    entries: list[tuple[str, int, list[int], bytes]] = [("Root Entry", 5, [], b"")]
    _add(tree, entries, 0)
    directory_sectors = -(-len(entries) // 4)
    starts, chains, body = [], list[int](), b""
    chains += [*range(1, directory_sectors), _END]
    for _, _, _, data in entries:
        count = -(-len(data) // _SECTOR)
        first = len(chains)
        starts.append(first if count else _END)
        chains += [*range(first + 1, first + count), _END] if count else []
        body += data.ljust(count * _SECTOR, b"\0")
    fat_sectors = -(-(len(chains) + 8) // 128)
    fat = [*chains, *[_FAT] * fat_sectors]
    fat += [_FREE] * (fat_sectors * 128 - len(fat))
    places = [len(chains) + number for number in range(fat_sectors)]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, fat_sectors, 0, 0, _SHORT, _END, 0, _END, 0)
    header += struct.pack("<109I", *places, *[_FREE] * (109 - len(places)))
    directory = b"".join(_entry(entries, number, starts[number]) for number in range(len(entries)))
    return header + directory.ljust(directory_sectors * _SECTOR, b"\0") + body + struct.pack(f"<{len(fat)}I", *fat)


def _add(tree: Tree, entries: list[tuple[str, int, list[int], bytes]], parent: int) -> None:
    for name, content in tree.items():
        number = len(entries)
        entries[parent][2].append(number)
        is_stream = isinstance(content, bytes)
        entries.append(
            (name, 2 if is_stream else 1, [], content.ljust(_SHORT, b"\0") if isinstance(content, bytes) else b"")
        )
        if not isinstance(content, bytes):
            _add(content, entries, number)


def _entry(entries: list[tuple[str, int, list[int], bytes]], number: int, start: int) -> bytes:
    name, kind, children, data = entries[number]
    siblings = next((each[2] for each in entries if number in each[2]), [number])
    at = siblings.index(number)
    right = siblings[at + 1] if at + 1 < len(siblings) else _NONE
    raw = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<III", _NONE, right, children[0] if children else _NONE)
    return (
        raw.ljust(64, b"\0")
        + struct.pack("<HBB", len(raw), kind, 1)
        + links
        + bytes(36)
        + struct.pack("<IQ", start, len(data))
    )
