"""``llmx schema check`` and ``llmx schema diff``: what they print, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import assert_plain, here, project


def test_check_prints_place_what_why_and_what_to_do_and_the_cost(tmp_path: Path) -> None:
    done = here("schema", "check", "field1, number", folder=tmp_path)
    assert done.code == 0
    first, why, advice, last = done.out.splitlines()
    assert first.startswith("warning: /field1: ")
    assert why.strip().startswith("why: ")
    assert advice.strip().startswith("do: ")
    assert "0 errors, 1 warning" in last
    assert "tokens beside the document" in last


def test_check_ends_with_1_where_no_answer_can_be_right(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"total": {"type": "number", "minimum": 4, "maximum": 2}}}
    (tmp_path / "bill.json").write_text(json.dumps(schema))
    done = here("schema", "check", "bill.json", "--json", folder=tmp_path)
    assert done.code == 1
    told = json.loads(done.out)
    assert [(each["level"], each["pointer"]) for each in told["findings"]] == [("error", "/total")]
    assert told["cost"]["prompt_tokens"] > 0


def test_check_counts_a_schema_whose_answers_are_too_long(tmp_path: Path) -> None:
    fields = ", ".join(f"place_{number}" for number in range(400))
    done = here("schema", "check", fields, "--json", folder=tmp_path)
    assert {each["code"] for each in json.loads(done.out)["findings"]} >= {"answer", "context", "limit"}


def test_diff_prints_what_is_asked_for_and_ends_like_diff(tmp_path: Path) -> None:
    folder = project(tmp_path)
    (folder / "new.py").write_text((folder / "bill.py").read_text() + "    paid: bool\n")
    same = here("schema", "diff", "bill.py:Bill", "bill.py:Bill", folder=folder)
    assert (same.code, same.out) == (0, "")
    done = here("schema", "diff", "bill.py:Bill", "new.py:Bill", folder=folder)
    assert done.code == 1
    assert done.out.splitlines()[0] == "+ /paid  (added; asked for)"
    assert done.out.splitlines()[-1] == "--resume asks for paid, keeps number, buyer."
    told = json.loads(here("schema", "diff", "bill.py:Bill", "new.py:Bill", "--json", folder=folder).out)
    assert told["resume"] == {"asked": ["paid"], "kept": ["number", "buyer"], "removed": [], "whole": ""}


def test_a_schema_that_does_not_load_is_usage(tmp_path: Path) -> None:
    for words in (("check", "nope"), ("diff", "nope", "name, b")):
        done = here("schema", *words, folder=tmp_path)
        assert done.code == 2
        assert_plain(done, "no schema is called 'nope'")
