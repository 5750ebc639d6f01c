"""Extraction within engines for data, beside one llmx.extract: the same records, and what the engine itself costs.

    python -m bench.engines llmx daft ray dask spark --n 2000 --workers 2

An engine that is not installed is left out, and named. The server is bench/mock_server.py, in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

import llmx
from bench import invoices
from llmx.engines import BatchExtractor

HERE = Path(__file__).resolve().parent
SCHEMA = f"{HERE / 'invoices.py'}:Invoice"
ROWS = 500  # of a batch
STORE = 200 * 2**20  # bytes that Ray may take for its object store; without it, a third of the machine's memory


def by_llmx(table: Any, ask: BatchExtractor, _: int) -> list[str]:
    records: Sequence[llmx.Record[Any]] = llmx.extract_frame(table, SCHEMA, endpoint=ask.endpoint)
    return [json.dumps(record.to_json()) for record in records]


def by_daft(table: Any, ask: BatchExtractor, _: int) -> list[str]:
    import daft

    import llmx.daft

    answer = llmx.daft.extract("text", SCHEMA, id="id", endpoint=ask.endpoint, batch_size=ROWS)
    got = daft.from_arrow(table).with_column("answer", answer).select("id", "answer").to_pydict()
    return [row["record"] for row in got["answer"]]


def by_ray(table: Any, ask: BatchExtractor, workers: int) -> list[str]:
    os.environ.setdefault("RAY_worker_niceness", "0")  # else its workers give way to whatever else the machine does
    import ray

    cpus = workers + 1  # the actors hold theirs to the end: repartitioning needs one beside them, or waits for ever
    ray.init(num_cpus=cpus, object_store_memory=STORE, include_dashboard=False, log_to_driver=False)
    rows = ray.data.from_arrow(table).repartition(2 * workers)
    how = {"id": "id", "endpoint": ask.endpoint, "workers": workers}
    got = rows.map_batches(
        BatchExtractor, fn_constructor_args=[SCHEMA], fn_constructor_kwargs=how,
        compute=ray.data.ActorPoolStrategy(size=workers), batch_size=ROWS, batch_format="pyarrow",
    )  # fmt: skip
    try:
        return [row["llmx_record"] for row in got.take_all()]
    finally:
        ray.shutdown()


def by_dask(table: Any, ask: BatchExtractor, workers: int) -> list[str]:
    import dask.dataframe as dd
    from dask.distributed import Client, LocalCluster

    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        frame = dd.from_pandas(table.to_pandas(), chunksize=ROWS)
        got = frame.map_partitions(ask, meta=ask(frame._meta)).compute()  # noqa: SLF001 - as Dask's own guide does
    return list(got["llmx_record"])


def by_spark(table: Any, ask: BatchExtractor, workers: int) -> list[str]:
    from pyspark.sql import SparkSession
    from pyspark.sql.pandas.types import from_arrow_schema

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else its workers are whatever python3 the path has
    builder = SparkSession.builder.master(f"local[{workers}]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", ROWS).getOrCreate()
    frame = spark.createDataFrame(table.to_pandas()).repartition(2 * workers)
    columns = from_arrow_schema(pa.schema([*table.schema, *ask.columns]))
    try:
        return [row["llmx_record"] for row in frame.mapInArrow(ask.each, columns).collect()]
    finally:
        spark.stop()


ENGINES: dict[str, Callable[[Any, BatchExtractor, int], list[str]]] = {
    "llmx": by_llmx, "daft": by_daft, "ray": by_ray, "dask": by_dask, "spark": by_spark,
}  # fmt: skip


def described(record: str) -> str:
    """Return what a record says, without the seconds and the source, which are no two runs' the same."""
    told = {k: v for k, v in json.loads(record).items() if k not in {"seconds", "source"}}
    return json.dumps(told, sort_keys=True)


def measure(engine: str, count: int, *, workers: int, words: int, latency_ms: float) -> dict[str, Any]:
    table = pa.Table.from_pylist(list(invoices.rows(count, words)))
    server = subprocess.Popen(
        [sys.executable, str(HERE / "mock_server.py"), "--latency-ms", str(latency_ms)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        base_url = next(word for word in server.stdout.readline().split() if word.startswith("http"))
        with tempfile.TemporaryDirectory() as folder:
            endpoint = llmx.EndpointSettings(
                model="mock",
                base_url=f"{base_url.rstrip('/').removesuffix('/v1')}/v1",
                api_key="k",
                mode="json_schema",
                cache_dir=Path(folder),
            )
            ask = BatchExtractor(SCHEMA, id="id", endpoint=endpoint, workers=workers)
            begin = time.monotonic()
            records = ENGINES[engine](table, ask, workers)
            seconds = time.monotonic() - begin
            ask.close()
    finally:
        server.kill()
        server.wait()
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "engine": engine, "seconds": round(seconds, 2), "per_s": round(count / seconds),
        "cpu_s": round(own.ru_utime + own.ru_stime, 2), "child_cpu_s": round(children.ru_utime + children.ru_stime, 2),
        "peak_mb": own.ru_maxrss // 1024, "records": sorted(map(described, records)),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engines", nargs="*", default=list(ENGINES))
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--words", type=int, default=70)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--json", action="store_true", help="one engine in this process, as JSON with its records")
    asked = parser.parse_args()
    if asked.json:
        try:
            told = measure(
                asked.engines[0], asked.n, workers=asked.workers, words=asked.words, latency_ms=asked.latency_ms
            )
        except ImportError as exc:
            told = {"engine": asked.engines[0], "missing": str(exc)}
        print("\n" + json.dumps(told))
        return
    usual: list[str] = []
    print("| engine | seconds | documents/s | CPU s | CPU s of children | peak MB | same records |\n|" + " --- |" * 7)
    for engine in asked.engines:
        words = [engine, "--json", "--n", str(asked.n), "--words", str(asked.words), "--workers", str(asked.workers)]
        words += ["--latency-ms", str(asked.latency_ms)]
        done = subprocess.run(
            [sys.executable, "-m", "bench.engines", *words], stdout=subprocess.PIPE, text=True, check=True
        )
        told = json.loads(done.stdout.splitlines()[-1])
        if "missing" in told:
            print(f"{engine}: {told['missing']}", file=sys.stderr)
            continue
        usual = usual or told["records"]
        cells = [told[name] for name in ("engine", "seconds", "per_s", "cpu_s", "child_cpu_s", "peak_mb")]
        print("| " + " | ".join(map(str, [*cells, told["records"] == usual])) + " |", flush=True)


if __name__ == "__main__":
    main()
