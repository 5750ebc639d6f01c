"""What the embedded model proposed for three loan slips in two languages, replayed: the file, and an extraction
with it as it stands.
"""

from __future__ import annotations

from pathlib import Path

import llmx
from tests.cli.running import here

HERE = Path(__file__).resolve().parent
CASSETTE = HERE.parents[1] / "cassettes" / "propose"
SAMPLES = [str(HERE / "loans" / f"{name}.txt") for name in ("drill", "tent", "beamer")]
ASK = "who borrowed which thing, when it is due back, and what was paid as deposit"


def test_the_recorded_answers_make_the_file_that_is_checked_in(tmp_path: Path) -> None:
    words = ("schema", "infer", *SAMPLES, "--ask", ASK, "--replay", str(CASSETTE), "-o", "loan_slips.py")
    done = here(*words, folder=tmp_path)
    assert done.code == 0, done.err
    written = (tmp_path / "loan_slips.py").read_text("utf-8")
    assert written == (HERE / "loan_slips.py").read_text("utf-8")  # which mypy and ruff check, as all of tests/


def test_the_file_extracts_unedited() -> None:
    endpoint = llmx.EndpointSettings(replay=CASSETTE, cache=False)
    (record,) = llmx.extract(SAMPLES[0], HERE / "loan_slips.py", endpoint=endpoint)
    assert record.status == "ok", record.issues
    assert record.data is not None
    data = record.data.model_dump(mode="json", exclude_none=True)
    said = [value for value in data.values() if value != []]
    assert len(said) >= 4
    assert all(record.evidence[pointer] is not None for pointer in record.evidence)
