"""Ways to use more than one core, side by side: one process, several, Daft and Ray; and what an engine costs by itself.

    python -m bench.scale table --n 2000 --ways one,two,daft,ray --words 600
    python -m bench.scale memory --ways two --n 1000000 --words 0    # memory, files, manifest, and what resuming takes
    python -m bench.scale own --n 100000 --words 0       # the same partitions without an engine, and over one
    python -m bench.scale carry --rows 1000000           # what Daft or Ray take for partitions whose work is nothing

With --words 0 a document is one sentence, of three fields. --folder keeps documents, answers and output for the next
command.

CPU and memory are those of all processes that a way starts, looked at four times a second in /proc. The slope between a
small and a large run is the cost of a document, what the small one takes is the start. The server is
bench/mock_server.py in a process of its own, which takes CPU, too: on two cores compare the CPU, or let it answer late.
Ray's workers run as nicely as the others (RAY_worker_niceness=0; it is 15 by default).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import invoices

HERE = Path(__file__).resolve().parent
MARK = "LLMX_BENCH"
EVERY_S = 0.25
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PARTS = ["--processes", "2", "--partition-rows", "500"]
WAYS = {
    "one": ("one process", "out.jsonl", []),
    "two": ("two processes", "out.jsonl", ["--processes", "2"]),
    "daft": ("Daft, two workers", "out.jsonl/", ["--engine", "daft", *PARTS]),
    "ray": ("Ray on this machine, two workers", "out.jsonl/", ["--engine", "ray", *PARTS]),
}


@dataclass
class Usage:
    """What the processes with a mark have taken: seconds of CPU, and the most memory at once."""

    mark: str
    cpu_s: dict[int, float] = field(default_factory=dict)
    peak_mb: float = 0.0
    seen: list[tuple[float, float]] = field(default_factory=list)
    own: set[int] = field(default_factory=set)
    others: set[int] = field(default_factory=set)
    most_files: int = 0

    def look(self, since_s: float) -> None:
        rss = 0
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or (pid := int(entry.name)) in self.others:
                continue
            try:
                if pid not in self.own:
                    marked = f"{MARK}={self.mark}".encode() in (entry / "environ").read_bytes()
                    (self.own if marked else self.others).add(pid)
                    if not marked:
                        continue
                told = (entry / "stat").read_text().rpartition(")")[2].split()
                self.cpu_s[pid] = (int(told[11]) + int(told[12])) / TICKS
                rss += int((entry / "statm").read_text().split()[1]) * PAGE
                self.most_files = max(self.most_files, sum(1 for _ in (entry / "fd").iterdir()))
            except (OSError, ValueError):
                continue
        self.peak_mb = max(self.peak_mb, rss / 2**20)
        self.seen.append((since_s, rss / 2**20))


@contextmanager
def server(latency_ms: float) -> Iterator[str]:
    command = [sys.executable, str(HERE / "mock_server.py"), "--latency-ms", str(latency_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.kill()


def watched(command: list[str], **env: str) -> tuple[float, Usage]:
    """Run ``command``; return its seconds, and what it and all that it starts have taken."""
    usage, done = Usage(secrets.token_hex(8)), threading.Event()
    begin_s = time.monotonic()

    def look() -> None:
        while not done.wait(EVERY_S):
            usage.look(time.monotonic() - begin_s)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    subprocess.run(command, env={**os.environ, **env, MARK: usage.mark}, check=True, stderr=subprocess.DEVNULL)
    usage.look(time.monotonic() - begin_s)
    done.set()
    watcher.join()
    return time.monotonic() - begin_s, usage


def extract(
    docs: Path, folder: Path, way: str, *, base_url: str, schema: str = "Invoice", resume: bool = False
) -> tuple[float, Usage]:
    """Run the command over ``docs`` once, with the cache that is in ``folder``."""
    _, out, options = WAYS[way]
    if not resume:
        shutil.rmtree(folder / "out.jsonl", ignore_errors=True)
        for old in folder.glob("out.jsonl*"):
            old.unlink()
    command = [sys.executable, "-m", "llmx", "extract", str(docs), "--schema", f"{HERE / 'invoices.py'}:{schema}"]
    command += ["--base-url", base_url, "--model", "mock", "--mode", "json_schema", "--concurrency", "64"]
    command += ["-o", f"{folder}/{out}", *options, *(["--resume"] if resume else [])]
    return watched(command, LLMX_CACHE_DIR=str(folder / "cache"), OPENAI_API_KEY="k", RAY_worker_niceness="0")


def table(asked: argparse.Namespace) -> None:
    print("| way | documents/s | CPU ms a document | start, s | start, CPU s | peak MB |\n| --- |" + " ---: |" * 5)
    with tempfile.TemporaryDirectory() as name, server(asked.latency_ms) as base_url:
        folder = Path(name)
        few = invoices.write(folder / "few.jsonl", asked.few, asked.words)
        many = invoices.write(folder / "many.jsonl", asked.n, asked.words)
        for way in asked.ways.split(","):
            runs = []
            for docs in (few, many):
                if not asked.cached:
                    shutil.rmtree(folder / "cache", ignore_errors=True)
                else:  # answers are there, records are made anew
                    extract(docs, folder, "one", base_url=base_url)
                    shutil.rmtree(folder / "cache" / "records", ignore_errors=True)
                runs.append(extract(docs, folder, way, base_url=base_url))
            (start_s, start), (all_s, whole) = runs
            cpu_s = [sum(each.cpu_s.values()) for each in (start, whole)]
            count = asked.n - asked.few
            cells = [
                f"{count / (all_s - start_s):.0f}", f"{1000 * (cpu_s[1] - cpu_s[0]) / count:.2f}",
                f"{start_s:.1f}", f"{cpu_s[0]:.1f}", f"{whole.peak_mb:.0f}",
            ]  # fmt: skip
            print("| " + " | ".join([WAYS[way][0], *cells]) + " |", flush=True)


@contextmanager
def kept(asked: argparse.Namespace) -> Iterator[Path]:
    """Give the folder that was named, or one that goes afterwards."""
    if asked.folder:
        asked.folder.mkdir(parents=True, exist_ok=True)
        yield asked.folder
        return
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def memory(asked: argparse.Namespace) -> None:
    """Print the memory of a run at ten moments, what 100,000 documents add to it, and what resuming takes."""
    with kept(asked) as folder, server(asked.latency_ms) as base_url:
        docs = invoices.write(folder / f"docs{asked.n}.jsonl", asked.n, asked.words)
        schema = "Invoice" if asked.words else "Brief"
        seconds, usage = extract(docs, folder, asked.ways, base_url=base_url, schema=schema)
        lines = sum(1 for _ in (folder / "out.jsonl").open("rb"))
        manifest_mb = (folder / "out.jsonl.manifest").stat().st_size / 1e6
        again_s, again = extract(docs, folder, asked.ways, base_url=base_url, schema=schema, resume=True)
    settled = [(at, mb) for at, mb in usage.seen if 0.15 * seconds < at < 0.98 * seconds]
    middle_s, middle_mb = (sum(part) / len(settled) for part in zip(*settled, strict=True))
    spread = sum((at - middle_s) ** 2 for at, _ in settled)
    slope = sum((at - middle_s) * (mb - middle_mb) for at, mb in settled) / spread * seconds / asked.n * 100_000
    told = ", ".join(f"{mb:.0f}" for _, mb in settled[:: max(1, len(settled) // 10)])
    print(f"{lines} records of {asked.n} in {seconds:.0f} s; MB: {told}; peak {usage.peak_mb:.0f}")
    print(f"{slope:.1f} MB for 100,000 documents more; CPU {1000 * sum(usage.cpu_s.values()) / asked.n:.2f} ms each")
    print(f"at most {usage.most_files} open files in one process; the manifest has {manifest_mb:.1f} MB")
    print(f"resumed: {again_s:.0f} s, {sum(again.cpu_s.values()):.1f} s of CPU, {again.peak_mb:.0f} MB")


class Here:
    """The place of an engine that does the partitions in this process, one after the other."""

    def workers(self, wanted: int | None) -> int:  # noqa: ARG002 - an engine's
        return 1

    def results(self, job: Any, partitions: Any, workers: int) -> Iterator[Any]:  # noqa: ARG002 - an engine's
        yield from map(job, partitions)

    def close(self) -> None: ...


def own_run(asked: argparse.Namespace) -> None:
    """Do the partitions of the documents in the folder, over an engine or here."""
    from llmx.documents import RowFields
    from llmx.endpoint import EndpointSettings
    from llmx.engines.engine_run import EngineRun, EngineWork
    from llmx.engines.placing import open_engine
    from llmx.extraction.plan import Extractor
    from llmx.run import OutputOptions, RunOptions

    engine = Here() if asked.engine == "here" else open_engine(asked.engine)
    schema = f"{HERE / 'invoices.py'}:{'Invoice' if asked.words else 'Brief'}"
    settings = EndpointSettings(model="mock", mode="json_schema", base_url=asked.base_url, api_key="k")
    output = OutputOptions(asked.folder / f"{asked.engine}.jsonl", overwrite=True)
    work = EngineWork([str(asked.folder / f"docs{asked.n}.jsonl")], RowFields(), output, RunOptions(), workers=1)
    run = EngineRun(work, engine, lambda _: None)
    summary = run.go(asyncio.run(run.prepared(Extractor(schema), settings)))
    engine.close()
    assert summary.documents == asked.n


def own(asked: argparse.Namespace) -> None:
    """Print the CPU of partitions with cached answers, done by one process and by one worker of an engine."""
    if asked.json:
        own_run(asked)
        return
    with kept(asked) as folder, server(0) as base_url:
        command = [
            sys.executable,
            "-m",
            "bench.scale",
            "own",
            "--json",
            "--folder",
            str(folder),
            "--words",
            str(asked.words),
        ]
        spent: dict[str, list[float]] = {"here": [], asked.engine: []}
        for count in (100, asked.n):
            invoices.write(folder / f"docs{count}.jsonl", count, asked.words)
            for turn, engine in enumerate(("here", "here", asked.engine)):
                more = ["--base-url", base_url, "--n", str(count), "--engine", engine]
                seconds, usage = watched([*command, *more], LLMX_CACHE_DIR=str(folder / "cache"))
                if turn:  # the first fills the cache
                    spent[engine].append(sum(usage.cpu_s.values()))
                print(
                    f"{engine}, {count} documents: {seconds:.0f} s, {sum(usage.cpu_s.values()):.1f} s of CPU",
                    flush=True,
                )
    alone, over = ((many - few) for few, many in spent.values())
    share = 100 * (over - alone) / alone
    print(f"{asked.engine} itself: {share:.1f} % of {alone:.1f} s of CPU for {asked.n - 100} documents")


class Nothing:
    """The work on a partition, left out."""

    def __call__(self, partition: Any) -> Any:
        from llmx.engines.partition_job import PartitionResult

        return PartitionResult(partition.name, {"ok": 1})


def carry(asked: argparse.Namespace) -> None:
    """Print what an engine takes for the partitions of so many rows, if the work on them is nothing."""
    from llmx.engines.partitions import ROWS, Partition

    count = -(-asked.rows // ROWS)
    made = [Partition("docs.jsonl", "docs.jsonl", "docs.jsonl", "", n * ROWS, 0, 0) for n in range(count)]
    if asked.json:
        from llmx.engines.placing import open_engine

        engine = open_engine(asked.engine)
        results = list(engine.results(Nothing(), made, 2))  # type: ignore[arg-type] # in the place of a job
        engine.close()
        print(json.dumps(len(results)))
        return
    command = [sys.executable, "-m", "bench.scale", "carry", "--engine", asked.engine, "--json", "--rows"]
    few_s, few = watched([*command, str(ROWS)])
    many_s, many = watched([*command, str(asked.rows)])
    cpu_s = [sum(each.cpu_s.values()) for each in (few, many)]
    print(f"{asked.engine}: {asked.rows:,} rows in {count} partitions: {many_s - few_s:.1f} s and "
          f"{cpu_s[1] - cpu_s[0]:.1f} s of CPU beside the start ({few_s:.1f} s, {cpu_s[0]:.1f} s of CPU)")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("table", "memory", "own", "carry"))
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--few", type=int, default=40)
    parser.add_argument("--words", type=int, default=70)
    parser.add_argument("--ways", default="one,two,daft,ray")
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--cached", action="store_true", help="the answers are in the cache, the records made anew")
    parser.add_argument("--engine", default="daft")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--base-url", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    todo: dict[str, Callable[[argparse.Namespace], None]] = {
        "table": table,
        "memory": memory,
        "own": own,
        "carry": carry,
    }
    todo[asked.what](asked)


if __name__ == "__main__":
    main()
