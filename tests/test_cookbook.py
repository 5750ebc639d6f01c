"""The cookbook: its commands run from recorded answers, and its queries give what the page says."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import ROOT, here

PAGE = ROOT / "docs" / "cookbook.md"


def queried(sql: str, target: Path) -> str:
    """Return the rows that ``sql`` gives: in the database ``target``, or from the files that it names itself."""
    if target.suffix == ".sqlite":
        with contextlib.closing(sqlite3.connect(target)) as database:
            rows: list[Any] = database.execute(sql).fetchall()
    else:
        import duckdb

        with duckdb.connect(str(target) if target.suffix == ".duckdb" else ":memory:") as database:
            rows = database.execute(sql).fetchall()
    return "".join(" | ".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows)


def walk(page: str, folder: Path) -> list[tuple[str, str]]:
    """Run each block of ``page``; return what the page says of each that prints something, and what it printed."""
    names: dict[str, Any] = {}
    said, target, compared = "", Path(), []
    for kind, block in re.findall(r"^```(\w+)\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        if kind == "sh":
            for line in block.splitlines():
                words = shlex.split(line)
                done = here(*words[1:], folder=folder)
                assert done.code == 0, (line, done.err)
                if words[1] in {"extract", "convert"}:
                    target = folder / (words[words.index("-o") + 1] if "-o" in words else words[3])
        elif kind == "sql":
            with contextlib.chdir(folder):
                said = queried(block, target)
        elif kind == "python":
            printed = io.StringIO()
            with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
                exec(block, names)  # our own page
            said = printed.getvalue()
        else:
            compared.append((block, said))
    return compared


@pytest.mark.slow
def test_each_task_of_the_cookbook_gives_what_the_page_says(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    pytest.importorskip("pandas")
    for name in ("tests", "cassettes", "seeds"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "out").mkdir()
    compared = walk(PAGE.read_text("utf-8"), tmp_path)
    assert len(compared) == 10
    for shown, printed in compared:
        assert printed == shown
    assert (tmp_path / "out" / "receipts.html").stat().st_size > 10_000
    assert b"BEGIN:VEVENT" in (tmp_path / "out" / "contracts.ics").read_bytes()
