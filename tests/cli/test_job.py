"""``llmx run JOB``: a file says what to extract, and running it again goes on where it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import assert_plain, here
from tests.endpoint.batch.batch_server import BatchServer, serving_batches
from tests.run.mocked import invoices


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / "jobs").mkdir()
    return tmp_path


def write(folder: Path, base_url: str, *more: str, count: int = 3) -> None:
    rows = (json.dumps({"id": each.id, "text": each.text}) + "\n" for each in invoices(count))
    (folder / "jobs" / "in.jsonl").write_text("".join(rows))
    lines = ['documents = "in.jsonl"', 'output = "out.jsonl"', 'schema = "bench.invoices:Invoice"', 'model = "mock"',
             'mode = "json_schema"', f'base_url = "{base_url}"', *more]  # fmt: skip
    (folder / "jobs" / "job.toml").write_text("\n".join(lines))


def test_a_job_that_is_run_again_does_what_is_left(folder: Path) -> None:
    with serving_batches() as server:
        write(folder, server.base_url, "max_documents = 2", "ordered = true", "quiet = true")
        first = here("run", "jobs/job.toml", folder=folder)
        write(folder, server.base_url, count=5)
        second, third = here("run", "jobs/job.toml", folder=folder), here("run", "jobs/job.toml", folder=folder)
    assert (first.code, second.code, third.code) == (0, 0, 0), (first, second, third)
    written = [json.loads(line)["id"] for line in (folder / "jobs" / "out.jsonl").read_text().splitlines()]
    assert written == [f"INV-{number:06}" for number in range(1, 6)]
    assert len(server.live) == 5


def test_a_job_of_batches_submits_then_waits_then_collects(folder: Path) -> None:
    with serving_batches(BatchServer(holds=True)) as server:
        write(folder, server.base_url, "batch = true")
        begun, early = here("run", "jobs/job.toml", folder=folder), here("run", "jobs/job.toml", folder=folder)
        server.release()
        done = here("run", "jobs/job.toml", folder=folder)
    assert (begun.code, early.code, done.code) == (75, 75, 0), (begun, early, done)
    assert sorted(server.paid.values()) == [1] * 3


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('shema = "x"', "Did you mean schema"),
        ("resume = true", "resume is not for a job"),
        ("passes = true", "passes takes a value"),
        ('quiet = "yes"', "quiet takes true or false"),
        ("[header]\na = 1", "header takes text"),
        ("passes = 1\npasses = 2", "is not TOML"),
    ],
)
def test_what_a_job_cannot_have_is_refused_by_name(folder: Path, more: str, told: str) -> None:
    write(folder, "http://127.0.0.1:9/v1", more)
    done = here("run", "jobs/job.toml", folder=folder)
    assert done.code == 2
    assert_plain(done, told)
    assert not (folder / "jobs" / "out.jsonl").exists()


def test_a_job_names_its_documents_and_its_output(folder: Path) -> None:
    for text, told in (('output = "o.jsonl"', "which documents"), ('documents = ["a"]', "names no output")):
        (folder / "job.toml").write_text(text)
        assert_plain(here("run", "job.toml", folder=folder), told)
    assert here("run", "none.toml", folder=folder).code == 2
