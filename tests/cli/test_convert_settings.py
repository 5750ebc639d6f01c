"""``llmx convert`` and ``llmx init`` go on from one another: the settings name the schema, and a model is asked for."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.cli.running import EXTRACT, here, project, serving
from tests.cli.test_faults import bill


def test_convert_takes_the_schema_of_the_settings_and_report_tells_of_its_fields(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "llmx.toml").write_text('schema = "bill.py:Bill"\n')
    with serving(bill) as server:
        words = (*EXTRACT, "--base-url", server.base_url, "--passes", "1", "-o", "out.jsonl")
        assert here(*words, folder=tmp_path).code == 0
    assert here("convert", "out.jsonl", "out.sqlite", folder=tmp_path).code == 0
    with sqlite3.connect(tmp_path / "out.sqlite") as connection:
        assert connection.execute("select number from records order by 1").fetchall() == [("B-7",), ("B-8",)]
    again = here("convert", "out.jsonl", "out.sqlite", folder=tmp_path)
    assert " -o" not in again.err, "convert has no such option"
    assert "  buyer  filled 2 of 2 (100%)\n" in here("report", "out.jsonl", folder=tmp_path).out


def test_a_new_project_is_told_that_it_needs_a_model(tmp_path: Path) -> None:
    assert "first name a model in llmx.toml" in here("init", folder=tmp_path).err
    assert "first name a model" not in here("init", folder=tmp_path).err, "its settings are the user's now"


def test_documents_that_are_gone_from_the_source_are_named_and_their_records_stay(tmp_path: Path) -> None:
    project(tmp_path)
    with serving(bill) as server:
        words = (*EXTRACT, "--base-url", server.base_url, "--passes", "1", "-o", "out.jsonl", "--resume")
        assert here(*words, folder=tmp_path).code == 0
        assert "gone" not in here("status", "out.jsonl", folder=tmp_path).out
        (tmp_path / "docs" / "a.txt").unlink()
        (tmp_path / "docs" / "c.txt").write_text("Bill B-8 to Globex, again.")
        assert here(*words, folder=tmp_path).code == 0
        assert "gone:\n  id a\n" in here("status", "out.jsonl", folder=tmp_path).out
        (tmp_path / "docs" / "a.txt").write_text("Bill B-7 to ACME.")
        assert here(*words, folder=tmp_path).code == 0
    assert "gone" not in here("status", "out.jsonl", folder=tmp_path).out
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 3
