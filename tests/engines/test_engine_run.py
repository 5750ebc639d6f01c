"""A run over an engine: partitions of files in, parts with manifests out; what is done stays, what is lost is done again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.invoices import Invoice, invoice_id, text
from bench.mock_server import Mock, serving
from llmx.documents import RowFields, read_documents
from llmx.endpoint import EndpointSettings
from llmx.engines.engine_run import EngineRun, EngineWork, check_work
from llmx.engines.part_folder import PartFolder
from llmx.engines.partition_job import PartitionJob, PartitionResult
from llmx.engines.partitions import Partition, cut, read_partition
from llmx.engines.placing import WorkerLostError, open_engine
from llmx.errors import ConfigError, OutputError, UsageError
from llmx.extraction.plan import Extractor
from llmx.run import OutputOptions, RunOptions, Summary, run_to_output
from tests.run.mocked import FORKS, asking
from tests.run.test_metrics import checked as samples
from tests.run.tracing import exported

pytest.importorskip("pyarrow")


class Here:
    """An engine that does the work in this process."""

    def workers(self, wanted: int | None) -> int:
        return wanted or 1

    def results(self, job: PartitionJob, partitions: Sequence[Partition], workers: int) -> Iterator[PartitionResult]:
        try:
            assert workers == 1
            yield from map(job, partitions)
        finally:
            job.extractor.close()

    def close(self) -> None: ...


class Killing(Here):
    """An engine with real worker processes, of which it kills one once the first partition is done."""

    killed = 0

    def results(self, job: PartitionJob, partitions: Sequence[Partition], workers: int) -> Iterator[PartitionResult]:
        with ProcessPoolExecutor(workers, FORKS) as pool:
            waiting = [pool.submit(job, each) for each in partitions]
            try:
                for done in as_completed(waiting):
                    yield done.result()
                    if not self.killed:
                        self.killed = min(pool._processes)
                        os.kill(self.killed, signal.SIGKILL)
            except BrokenProcessPool as error:
                raise WorkerLostError("a worker ended") from error


def row(number: int) -> dict[str, str]:
    return {"id": invoice_id(number), "text": text(number, 70)}


def write(path: Path, rows: list[dict[str, str]], *, broken: bool = False) -> Path:
    lines = [json.dumps(each) for each in rows] + (["{broken"] if broken else [])
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def settings(base_url: str, folder: Path) -> EndpointSettings:
    return EndpointSettings(model="mock", base_url=base_url, mode="json_schema", cache_dir=folder, api_key="k")


async def ran(work: EngineWork, engine: Any, asked: EndpointSettings) -> Summary:
    run = EngineRun(work, engine, lambda _: None)
    job = await run.prepared(Extractor(Invoice), asked)
    return await asyncio.to_thread(run.go, job)


def described(lines: list[str]) -> list[dict[str, Any]]:
    return [{k: v for k, v in json.loads(line).items() if k != "seconds"} for line in lines]


def parts(folder: Path) -> list[str]:
    return [line for part in sorted(folder.glob("*.jsonl")) for line in part.read_text().splitlines()]


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_two_workers_with_one_killed_write_every_document_once_as_one_machine_does(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", [row(number) for number in range(40)], broken=True)
    options = RunOptions(concurrency=4, metrics=str(tmp_path / "llmx.prom"))
    work = EngineWork([str(source)], RowFields(), OutputOptions(tmp_path / "out.jsonl"), options, rows=10, workers=2)
    engine = Killing()
    async with serving(Mock(latency_s=0.01)) as base_url:
        two = await ran(work, engine, settings(base_url, tmp_path / "two"))
        async with asking(base_url, cache=tmp_path / "one", api_key="k") as setup:
            output = OutputOptions(tmp_path / "one.jsonl")
            one = await run_to_output(
                read_documents([str(source)]), setup.session, output=output, options=RunOptions(concurrency=4)
            )
    assert engine.killed
    assert two.statuses == one.statuses == {"ok": 40, "failed": 1}
    told = samples((tmp_path / "llmx.prom").read_text())
    assert [told[f'llmx_documents_total{{status="{status}"}}'] for status in ("ok", "failed")] == [40, 1]
    assert told['llmx_requests_total{model="mock",status="200"}'] + told['llmx_cache_hits_total{model="mock"}'] == 40
    assert told['llmx_tokens_total{model="mock",kind="input"}'] == two.paid.input_tokens
    assert not any("in_flight" in name for name in told)  # it is other processes', and nobody knows
    assert described(parts(tmp_path / "out.jsonl")) == described((tmp_path / "one.jsonl").read_text().splitlines())


async def test_the_spans_of_a_partition_are_sent_before_its_worker_may_be_ended(tmp_path: Path) -> None:
    spans = exported(batched=True)
    source = write(tmp_path / "in.jsonl", [row(number) for number in range(3)])
    work = EngineWork([str(source)], RowFields(), OutputOptions(tmp_path / "out.jsonl"), RunOptions(trace=True))
    async with serving(Mock()) as base_url:
        await ran(work, Here(), settings(base_url, tmp_path / "cache"))
    assert [span.name for span in spans.get_finished_spans()] == ["chat mock"] * 3


async def test_a_resumed_run_asks_for_what_is_new_or_changed_and_keeps_the_rest_byte_for_byte(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", [row(number) for number in range(6)])
    for ending in ("jsonl", "parquet"):
        output = OutputOptions(tmp_path / f"out.{ending}")
        work = EngineWork([str(source)], RowFields(), output, RunOptions(), rows=4)
        write(source, [row(number) for number in range(6)])
        mock = Mock()
        async with serving(mock) as base_url:
            asked = settings(base_url, tmp_path / ending)
            await ran(work, Here(), asked)
            assert mock.requests == 6
            with pytest.raises(OutputError, match="exists already"):
                await ran(work, Here(), asked)
            with pytest.raises(OutputError, match="not of a run over an engine"):
                await ran(replace(work, output=OutputOptions(tmp_path / ending / "..", overwrite=True)), Here(), asked)
            again = replace(work, output=replace(output, resume=True))
            before = {path.name: path.read_bytes() for path in output.path.glob("*.*")}  # type: ignore[union-attr] # a path
            same = await ran(again, Here(), asked)
            assert (same.skipped, same.documents, mock.requests) == (6, 0, 6)
            changed = {**row(1), "text": row(1)["text"] + " It was checked."}
            write(source, [row(0), changed, *(row(number) for number in range(2, 7))])
            more = await ran(again, Here(), asked)
            assert (more.skipped, more.documents, mock.requests) == (5, 2, 8)
            write(source, [row(0), changed])
            await ran(again, Here(), asked)
        folder = PartFolder(str(output.path))
        assert len(list(folder.parts())) == 1  # rows that are gone are gone
        [part] = folder.parts()
        if ending == "jsonl":
            lines, first = parts(tmp_path / "out.jsonl"), before[f"{part}.jsonl"].splitlines()[0].decode()
            assert [json.loads(line)["id"] for line in lines] == [invoice_id(0), invoice_id(1)]
            assert lines[0] == first
        else:
            table = folder.table(part)
            assert table["id"].to_pylist() == [invoice_id(0), invoice_id(1)]
            assert table["llmx_data"].to_pylist()[1]["invoice_no"] == invoice_id(1)
            assert table.schema.field("llmx_evidence").type.value_type.field("quote")


def test_partitions_together_are_the_documents_of_the_file_with_their_ids_and_sources(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{"text": f"text {number}"} for number in range(11)]
    write(tmp_path / "a.jsonl", rows, broken=True)
    (tmp_path / "b.jsonl").write_text((tmp_path / "a.jsonl").read_text().replace("\n", "\n\n").rstrip())
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "c.parquet", row_group_size=2)
    for name in ("a.jsonl", "b.jsonl", "c.parquet"):
        whole = list(read_documents([str(tmp_path / name)]))
        for size in (1, 3, 4, 11, 100):
            found = list(cut([str(tmp_path / name)], size))
            assert len({each.name for each in found}) == len(found)
            cut_up = [document for each in found for document in read_partition(each, RowFields())]
            assert [(d.id, d.source, str(getattr(d, "text", d))) for d in cut_up][:11] == [
                (d.id, d.source, str(getattr(d, "text", d))) for d in whole
            ][:11], (name, size)
            assert len(cut_up) == len(whole)
    with pytest.raises(UsageError, match="cannot be cut"):
        list(cut([str(Path(__file__))], 5))


async def test_parts_in_a_store_are_read_and_written_by_fsspec(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    store = fsspec.filesystem("memory")
    store.pipe_file("/bucket/in.jsonl", "".join(f"{json.dumps(row(number))}\n" for number in range(3)).encode())
    output = OutputOptions(Path("memory://bucket/out.parquet"))
    work = EngineWork(["memory://bucket/in.jsonl"], RowFields(), output, RunOptions(), rows=2)
    async with serving(Mock()) as base_url:
        summary = await ran(work, Here(), settings(base_url, tmp_path))
        again = await ran(replace(work, output=replace(output, resume=True)), Here(), settings(base_url, tmp_path))
    assert summary.statuses == {"ok": 3}
    assert again.skipped == 3
    folder = PartFolder("memory://bucket/out.parquet")
    assert [len(folder.table(part)) for part in sorted(folder.parts())] == [2, 1]


def test_what_is_not_for_engines_is_refused_by_name(tmp_path: Path) -> None:
    asked = settings("http://127.0.0.1:9/v1", tmp_path)
    output = OutputOptions(tmp_path / "out.parquet")
    work = EngineWork([], RowFields(), output, RunOptions())
    check_work(work, asked)
    for changed, with_settings, named in (
        (replace(work, output=OutputOptions(tmp_path / "out.csv")), asked, "folder of parts"),
        (replace(work, output=replace(output, keep_columns=("a",))), asked, "--keep-columns"),
        (replace(work, options=RunOptions(max_documents=1)), asked, "--max-documents"),
        (replace(work, options=RunOptions(ordered=False)), asked, "--no-ordered"),
        (replace(work, fields=RowFields(encoding="latin-1")), asked, "--encoding"),
        (work, replace(asked, record=tmp_path), "--record"),
        (work, replace(asked, model="local"), "--model local"),
        (work, replace(asked, fallbacks=(EndpointSettings(model="b"),)), "--fallback"),
        (replace(work, rows=0), asked, "--partition-rows"),
    ):
        with pytest.raises(ConfigError, match=named):
            check_work(changed, with_settings)
    with pytest.raises(UsageError, match="--engine 'spark'"):
        open_engine("spark")
