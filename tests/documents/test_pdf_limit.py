"""A PDF that would keep pdfium busy for years costs its document, and the others are read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from llmx.documents.converters import ConvertOptions
from llmx.documents.converters.pdf_limit import in_child
from tests.documents.made_pdf import SAMPLES, bomb, text_pdf

READ = """
import sys
from llmx.documents import Unreadable, read_documents
for each in read_documents(sys.argv[1], limit_s=0.3):
    print(each.id, each.error.message if isinstance(each, Unreadable) else each.text.strip())
"""


@pytest.mark.slow
def test_forms_in_forms_that_multiply_are_given_up_and_the_other_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(text_pdf("The first."))
    (tmp_path / "b.pdf").write_bytes(bomb())
    (tmp_path / "c.pdf").write_bytes(text_pdf("The last."))
    (tmp_path / "d.pdf").write_bytes(b"%PDF-1.7")
    done = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.splitlines() == [
        "a The first.",
        f"b {tmp_path}/b.pdf takes longer than 0 s to read",
        "c The last.",
        f"d {tmp_path}/d.pdf is a damaged PDF: it cannot be opened",
    ]
    assert (done.returncode, done.stderr) == (0, "")


def test_a_child_reads_what_this_process_would() -> None:
    found = in_child((SAMPLES / "encrypted.pdf").read_bytes(), "a.pdf", ConvertOptions(password="reiher"), scans={})
    assert found.text.strip() == "The heron signed on 3 June 2020."
    assert found.pages is not None
    assert len(found.pages) == 1
