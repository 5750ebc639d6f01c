"""The tools for agents, asked by the protocol's own client over standard input; answers are recorded (cassettes/seeds)."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.cli.running import ROOT, environment, here, run

SEED = min((ROOT / "seeds").glob("*.txt"))


async def asked(folder: Path, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """Start ``llmx mcp`` with ``folder`` allowed, make the calls, and return what each gives: data, or an error's text."""
    words = ["-m", "llmx", "mcp", "partnership", "--folder", str(folder), "--replay", str(ROOT / "cassettes/seeds")]
    server = StdioServerParameters(command=sys.executable, args=words, env=environment(folder), cwd=str(folder))
    async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as session:
        await session.initialize()
        results = [await session.call_tool(name, given) for name, given in calls]
    return [_data(result) for result in results]


def _data(result: Any) -> Any:
    text = result.content[0].text if result.content else ""
    return text if result.is_error else json.loads(text)


@pytest.mark.slow
async def test_an_agent_extracts_looks_and_scores_within_its_folder(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    shutil.copy(SEED, tmp_path / "docs")
    shutil.copytree(ROOT / "seeds", tmp_path / "gold", ignore=shutil.ignore_patterns("*.txt"))
    output = str(tmp_path / "out.jsonl")
    schemas, record, made, status, again, score = await asked(
        tmp_path,
        ("list_schemas", {}),
        ("extract", {"schema": "partnership", "path": str(tmp_path / "docs" / SEED.name)}),
        ("extract_folder", {"schema": "partnership", "folder": str(tmp_path / "docs"), "output": output}),
        ("run_status", {"output": output}),
        ("extract_folder", {"schema": "partnership", "folder": str(tmp_path / "docs"), "output": output}),
        ("evaluate_run", {"output": output, "gold": str(tmp_path / "gold"), "schema": "partnership"}),
    )
    assert list(schemas) == ["partnership"]
    written = await run("extract", str(SEED), "-s", "partnership", "--replay", str(ROOT / "cassettes/seeds"),
                        folder=tmp_path)  # fmt: skip
    assert record["data"] == written.records[0]["data"]
    assert record["evidence"] == written.records[0]["evidence"]
    assert made["statuses"] == status["statuses"] == again["statuses"] == {"ok": 1}
    assert 0 < score["micro"]["f1"] <= 1


@pytest.mark.slow
async def test_what_an_agent_may_not_and_cannot_is_said(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(SEED)
    outside, linked, unknown, neither = await asked(
        tmp_path,
        ("extract", {"schema": "partnership", "path": str(SEED)}),
        ("extract", {"schema": "partnership", "path": str(tmp_path / "link")}),
        ("extract", {"schema": "os.py:Order", "text": "a text"}),
        ("extract", {"schema": "partnership"}),
    )
    assert "is not in a folder that is allowed" in outside
    assert str(tmp_path) in outside
    assert "is not in a folder that is allowed" in linked
    assert "no schema is called" in unknown
    assert "either a text or a path" in neither


def test_a_folder_that_is_not_there_is_told_before_anything_is_served(tmp_path: Path) -> None:
    done = here("mcp", "--folder", "nowhere", folder=tmp_path)
    assert done.code == 2
    assert "--folder nowhere: there is no such folder" in done.err
