"""Prometheus reads how a run is, over HTTP while it goes on, or from a file; no text of a document is in it."""

from __future__ import annotations

import asyncio
import re
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from llmx.errors import ConfigError
from llmx.run.metrics_text import family
from tests.run.mocked import into, invoices, mocked
from tests.run.test_batch_run import hidden

_SAMPLE = re.compile(r'[a-z_]+(\{([a-z_]+="[^"\\\n]*",?)+\})? -?\d+(\.\d+)?(e[+-]\d+)?')


def checked(text: str) -> dict[str, float]:
    """The samples of a text that keeps to the exposition format: each line is a comment or a sample."""
    found = {}
    for line in text.splitlines():
        assert line.startswith(("# HELP llmx_", "# TYPE llmx_")) or _SAMPLE.fullmatch(line), line
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            assert name not in found
            found[name] = float(value)
    return found


def port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def test_a_run_serves_its_state_while_it_goes_on_and_no_longer(tmp_path: Path) -> None:
    place, seen = port(), list[str]()

    def look() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{place}/metrics", timeout=10) as answer:
            assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
            return str(answer.read().decode())

    def documents() -> object:
        for number, document in enumerate(invoices(6)):
            if number == 5:
                seen.append(look())
            yield document

    async with mocked() as setup:
        await into(setup, tmp_path / "out.jsonl", documents(), metrics=str(place))
        with pytest.raises(urllib.error.URLError):
            await asyncio.to_thread(look)
    told = checked(seen[0])
    assert told["llmx_run_active"] == 1
    assert "Halvorsen" not in seen[0]


async def test_a_file_has_the_last_state_of_a_run(tmp_path: Path) -> None:
    file = tmp_path / "llmx.prom"
    async with mocked() as setup:
        summary = await into(setup, tmp_path / "out.jsonl", invoices(6), metrics=str(file))
    told = checked(file.read_text())
    assert told['llmx_documents_total{status="ok"}'] == 6
    assert told['llmx_requests_total{model="mock",status="200"}'] == 6
    assert told['llmx_tokens_total{model="mock",kind="input"}'] == summary.paid.input_tokens
    assert (told["llmx_run_active"], told["llmx_requests_in_flight"]) == (0, 0)
    assert hidden(tmp_path) == []


async def test_a_place_that_cannot_be_used_is_an_error_before_anything_is_asked(tmp_path: Path) -> None:
    async with mocked() as setup:
        for place in (setup.base_url.rpartition(":")[2].partition("/")[0], "99999999", str(tmp_path / "no" / "x.prom")):
            with pytest.raises(ConfigError, match="--metrics"):
                await into(setup, tmp_path / "out.jsonl", invoices(1), metrics=place)
        assert setup.mock.requests == 0


def test_labels_are_escaped_and_a_metric_without_samples_is_left_out() -> None:
    assert family("llmx_x", "gauge", "X.", samples=[({"a": 'b"\n\\'}, 1.5)]).endswith('llmx_x{a="b\\"\\n\\\\"} 1.5\n')
    assert family("llmx_x", "gauge", "X.", samples=[]) == ""
