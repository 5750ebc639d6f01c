"""Of which code a finished record counts as made."""

from __future__ import annotations

import re
from pathlib import Path

import llmx
from llmx.run.code_fingerprint import NO_PART

PACKAGE = Path(llmx.__file__).parent
FACES = {"__main__", "api", "daft", "records", "testing"}
"""The modules through which a program calls the rest."""


def test_what_makes_records_uses_no_package_whose_changes_leave_them_as_they_are() -> None:
    imported = re.compile(rf"^\s*(?:from|import) llmx(?: import |\.)(?:{'|'.join(NO_PART)})\b", re.MULTILINE)
    makers = [
        path
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] not in NO_PART and path.stem not in FACES
    ]
    assert len(makers) > 300
    assert [str(path) for path in makers if imported.search(path.read_text("utf-8"))] == []
    assert all((PACKAGE / name).is_dir() for name in NO_PART)
