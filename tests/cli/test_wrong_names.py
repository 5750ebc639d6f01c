"""A name that is nearly right is answered with the one that was meant."""

from __future__ import annotations

from pathlib import Path

from tests.cli.running import SCHEMA, here

_BASE = ("extract", "rows.csv", "-s", "bill.py", "-m", "m", "--base-url", "http://127.0.0.1:9/v1", "-o", "out.jsonl")
_WRONG = (
    (("extract", "rows.csv", "-s", "bill.py:Bil"), "Did you mean Bill?"),
    (("extract", "rows.csv", "-s", "invoce"), "Did you mean invoice?"),
    ((*_BASE, "--text-field", "txt"), "Did you mean text?"),
    ((*_BASE, "--id-field", "numbr"), "Did you mean number?"),
    ((*_BASE, "--date-field", "isued"), "Did you mean issued?"),
    ((*_BASE, "--target", "recrd"), "Did you mean record?"),
    ((*_BASE, "--images", "allways"), "Did you mean always?"),
    ((*_BASE, "--mode", "tols"), "Did you mean tools?"),
    ((*_BASE, "--mode", "json", "--prompt", "extrct"), "Did you mean extract?"),
    ((*_BASE[:-1], "out.jsnl"), "Did you mean .jsonl?"),
    (("keys", "set", "opnai"), "Did you mean openai?"),
    (("models", "grok"), "Did you mean groq?"),
    (("extrct",), "Did you mean 'extract'?"),
    (("schema", "shw"), "Did you mean 'show'?"),
    (("extract", "--txt-field"), "--text-field"),
    (("extract", "row.csv", "-s", "bill.py", "-m", "m"), "Did you mean rows.csv?"),
    (("view", "rows.cvs"), "Did you mean rows.csv?"),
)


def test_a_wrong_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "bill.py").write_text(SCHEMA)
    (tmp_path / "rows.csv").write_text("text,number,issued\nBill B-7 to ACME.,7,2024-05-03\n")
    for words, told in _WRONG:
        done = here(*words, folder=tmp_path)
        assert done.code == 2, (words, done)
        assert told in done.err, (words, done)


def test_a_name_that_is_near_to_none_is_answered_with_all_of_them(tmp_path: Path) -> None:
    done = here("models", "qqq", folder=tmp_path)
    assert "Did you mean" not in done.err
    assert "The names are openai" in done.err


def test_a_setting_that_is_nearly_right_is_named(tmp_path: Path) -> None:
    (tmp_path / "llmx.toml").write_text('scema = "bill.py"\n')
    assert "Did you mean schema?" in here("config", folder=tmp_path).err
