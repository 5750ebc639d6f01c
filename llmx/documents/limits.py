"""How much of a file is unpacked: a file is hostile until it is read, and a few kilobytes can unpack to terabytes."""

from __future__ import annotations

from typing import Protocol

from llmx.dataclass import dataclass
from llmx.errors import DocumentError

MIB = 1 << 20
MEMBER_BYTES = 256 * MIB
"""The most that one file inside another may unpack to."""
TOTAL_BYTES = 1024 * MIB
"""The most that all that is in one named file may unpack to, whatever lies in what."""
RATIO, RATIO_FROM_BYTES = 200, 16 * MIB
"""A file in an archive may unpack to 200 times its size: text rarely comes to 20. Smaller ones may be anything."""
MEMBERS = 10_000
"""The most files in one named file."""
DEPTH = 5
"""How deep files may lie in files: a mail in a mail in a ZIP is three."""
TEXT_CHARS = 50_000_000
"""The longest text of one document: some twenty thousand pages."""

_BLOCK = 1 << 20
_HINT = "unpack it yourself, and name the files that are wanted"


class ByteStream(Protocol):
    """Something that bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes, none at the end."""
        ...


@dataclass(slots=True)
class UnpackBudget:
    """What may still be unpacked of one named file. ``name`` is the file's, for messages."""

    name: str
    bytes_left: int = TOTAL_BYTES
    members_left: int = MEMBERS

    def read(self, stream: ByteStream, name: str, *, packed_bytes: int, most: int = MEMBER_BYTES) -> bytes:
        """Return all that ``stream`` unpacks. ``packed_bytes`` is what it takes in the file.

        Raises DocumentError once it is more than a bound allows.
        """
        ratio_bound = max(RATIO_FROM_BYTES, RATIO * packed_bytes)
        bound = min(most, self.bytes_left, ratio_bound)
        blocks, size = [], 0
        while block := stream.read(_BLOCK):
            blocks.append(block)
            size += len(block)
            if size > bound:
                raise DocumentError(f"{name} is not unpacked: {self._why(bound, ratio_bound, most)}", hint=_HINT)
        self.bytes_left -= size
        return b"".join(blocks)

    def count(self) -> None:
        """Count one more file. Raises DocumentError where there are too many."""
        self.members_left -= 1
        if self.members_left < 0:
            raise DocumentError(f"{self.name} holds more than {MEMBERS:,} files: the rest is not read", hint=_HINT)

    def _why(self, bound: int, ratio_bound: int, most: int) -> str:
        if bound == ratio_bound:
            return f"it grows to more than {RATIO} times its size, as a bomb does"
        if bound == most:
            return f"it is larger than {most // MIB} MiB"
        return f"what {self.name} holds is larger than {TOTAL_BYTES // MIB:,} MiB"


def too_deep(source: str) -> DocumentError | None:
    """Return what is wrong if ``source`` names a file that lies too deep in others, else None."""
    if source.count("!") <= DEPTH:
        return None
    return DocumentError(f"{source} lies in more than {DEPTH} files", hint=_HINT)
