"""``--json`` prints one JSON value on standard output, whatever the command."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import EXTRACT, here, project, serving
from tests.cli.test_faults import bill


def test_every_command_that_a_program_may_ask_prints_json(tmp_path: Path) -> None:
    project(tmp_path)
    with serving(bill) as server:
        address = ("--base-url", server.base_url)
        words = (*EXTRACT, *address, "--passes", "1", "--record", "tape", "-o", "out.jsonl")
        assert here(*words, folder=tmp_path).code == 0
        commands = (
            ("status", "out.jsonl"), ("report", "out.jsonl"), ("config",), ("schema", "list"), ("keys", "list"),
            ("schema", "check", "bill.py"), ("schema", "diff", "bill.py", "bill.py"), ("schema", "show", "bill.py"),
            ("models",), ("cache", "info"), ("cache", "verify"), ("cassette", "ls", "tape"),
            ("cassette", "verify", "tape"), ("doctor", "--model", "scripted-1"),
        )  # fmt: skip
        found = {}
        for command in commands:
            done = here(*command, "--json", folder=tmp_path, OPENAI_BASE_URL=server.base_url)
            found[command[:2]] = json.loads(done.out)
            assert found[command[:2]], (command, done)
    assert found[("config",)]["model"] == {"value": "", "origin": "default"}
    assert {"name": "OPENAI_API_KEY", "origin": "the environment"} in found["keys", "list"]
    assert found["cache", "info"]["answers"]["entries"] == 2
    assert [each["model"] for each in found["cassette", "ls"]] == ["scripted-1"] * 2
    assert found["cassette", "verify"] == {"exchanges": 2, "problems": []}
    assert found["doctor", "--model"]["endpoint"] == server.base_url
    assert "invoice" in [each["name"] for each in found["schema", "list"]]


def test_json_before_a_subcommand_of_config_is_refused(tmp_path: Path) -> None:
    assert here("config", "--json", "trust", folder=tmp_path).code == 2
