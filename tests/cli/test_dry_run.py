"""A dry run sends nothing at all, and its figures do not depend on whether there is a network."""

from __future__ import annotations

import inspect
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from llmx.endpoint.opening import open_offline
from llmx.endpoint.settings import EndpointSettings
from llmx.errors import ConfigError
from llmx.run import token_counter
from tests.cli.running import Done, environment, here, project, serving
from tests.cli.test_faults import bill
from tests.endpoint.asking import ask

DRY = ("extract", "docs", "--schema", "bill.py:Bill", "--dry-run")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path)


def figures(done: Done) -> dict[str, str]:
    assert done.code == 0, done.err
    return {line.split()[0]: line.split(maxsplit=1)[1] for line in done.out.splitlines() if " " in line}


@pytest.mark.parametrize("mode", ["auto", "json_schema"])
@pytest.mark.parametrize("model", ["scripted-1", ""])
def test_a_dry_run_asks_neither_for_a_mode_nor_for_models_nor_for_tokens(mode: str, model: str, folder: Path) -> None:
    with serving(bill) as server:
        server.tokenizes = True
        words = ("--base-url", server.base_url, "--mode", mode, *(("--model", model) if model else ()), "--strict")
        found = figures(here(*DRY, *words, folder=folder))
        assert server.received == []
    assert found["documents"] == "2"
    assert ("mode tools is assumed" in found["notes"]) == (mode == "auto")
    assert ("no model is named" in found["notes"]) == (not model)


def test_what_earlier_runs_found_out_counts(folder: Path) -> None:
    with serving(bill) as server:
        server.tokenizes = True
        words = ("--base-url", server.base_url, "--model", "scripted-1")
        here(*DRY[:-1], *words, folder=folder)
        asked = len(server.received)
        found = figures(here(*DRY, *words, folder=folder))
        assert len(server.received) == asked
    assert found["cached"] == "2"
    assert "assumed" not in found["notes"]


def test_the_embedded_model_is_not_started(folder: Path) -> None:
    found = figures(here(*DRY, "--model", "local:/no/such/model.gguf", folder=folder))
    assert found["documents"] == "2"
    assert "assumed" not in found["notes"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("unshare") is None, reason="no network namespaces on this system")
@pytest.mark.parametrize("model", ["scripted-1", "gpt-4o-mini", "local"])
def test_the_figures_are_the_same_without_a_network(model: str, folder: Path) -> None:
    alone = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may make no network namespace")
    words = [sys.executable, "-c", "from llmx.cli import main; main()", *DRY, "--model", model]
    outputs = []
    for before in ([], alone):
        done = subprocess.run(
            [*before, *words], cwd=folder, env=environment(folder), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]
    assert "documents" in outputs[0]


async def test_an_offline_endpoint_refuses_to_send(tmp_path: Path) -> None:
    endpoint = open_offline(EndpointSettings(model="m", mode="tools", cache_dir=tmp_path))
    with pytest.raises(ConfigError, match="sends nothing"):
        await endpoint.wire.send(ask())
    assert (await endpoint.count_tokens("a"), await endpoint.context_length()) == (None, None)
    await endpoint.aclose()


def test_tiktoken_is_asked_only_where_it_would_download_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = pytest.importorskip("tiktoken_ext.openai_public")
    source = inspect.getsource(public)
    for file, digest in token_counter._RANKS.values():
        assert f"{token_counter._ROOT}{file}" in source
        assert digest in source
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    (tmp_path / "something").write_text("else")
    assert not any(map(token_counter._is_here, token_counter._RANKS))
