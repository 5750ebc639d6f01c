"""The corpus by its halves, so that no test or script has to know where one ends and the other begins."""

from pathlib import Path

FOLDER = Path(__file__).parent
LAST_FOR_DEVELOPMENT = 24
"""See README.md: what comes after it is held out, and only measured on."""


def _documents(*, held_out: bool) -> list[Path]:
    found = sorted(FOLDER.glob("[0-9][0-9]_*.txt"))
    return [path for path in found if (int(path.name[:2]) > LAST_FOR_DEVELOPMENT) == held_out]


DEVELOPMENT = _documents(held_out=False)
HELD_OUT = _documents(held_out=True)
