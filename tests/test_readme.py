"""What the README promises is run: its ten lines of library code, and its two commands exist as .ci/run takes them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from llmx.documents import Document, read_documents
from llmx.endpoint import ResolvedModel
from llmx.extraction.document import extract_document
from llmx.extraction.plan import Extractor
from tests.documents.made_pdf import SAMPLES
from tests.extraction.scripted import Scripted

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def _block(marker: str) -> str:
    found = re.search(rf"<!-- {re.escape(marker)} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert found, f"README.md lost its block {marker!r}"
    return found[1]


@pytest.mark.slow
def test_the_library_code_of_the_readme_runs_and_shows_a_proven_sum() -> None:
    code = _block("library")
    assert code.count("\n") <= 10
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "because the text says '3.2 billion RMB over the next five years'" in done.stdout
    assert done.stdout.count(" ok ") == 5


async def test_the_proof_in_a_pdf_is_what_an_extraction_gives() -> None:
    (document,) = read_documents(SAMPLES / "invoice.pdf")
    assert isinstance(document, Document)
    plan = Extractor("number, day: date, total: number").plan(ResolvedModel("scripted-1", "json_schema", "given"))
    endpoint = Scripted([{"number": "2024-0117", "day": "14 March 2024", "total": "2,335.00"}])
    record = await extract_document(document, plan, endpoint)
    shown = json.loads(_block("pdf"))
    assert {path: record.to_json()["evidence"][path] for path in shown} == shown


def test_each_of_the_two_commands_sets_up_by_itself_from_the_lock() -> None:
    for name in ("command: extract", "command: tests"):
        create, install, *rest = _block(name).splitlines()
        assert "-m venv" in create
        locked = re.search(r"pip install -q --no-deps -r (\S+)$", create)
        assert locked, f"{create!r} does not install from the lock"
        assert (ROOT / locked[1]).is_file()
        assert "pip install -q --no-deps --no-build-isolation" in install
        assert rest
