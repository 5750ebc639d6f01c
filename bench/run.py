"""llmx beside other clients, in one run, against a mock server on loopback: documents a second, CPU, memory, faults.

    python bench/run.py                                   # everything, some ten minutes on two cores
    python bench/run.py throughput --n 500 --reps 5
    python bench/run.py faults --kinds hang,reset
    python bench/run.py memory --sizes 1000,100000        # some five minutes
    python bench/run.py throughput --python langextract=/venvs/langextract/bin/python --markdown docs.md

The clients alternate, so that they share the noise of the machine: read ratios and medians. A client whose packages are
not installed is left out, and said so; --python names another interpreter for one. Each is a script in bench/peers/.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pstats
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import invoices  # type: ignore[import-not-found]  # noqa: E402 - stands beside this file

PEERS = {
    "bare aiohttp": ("bare_aiohttp.py", "aiohttp"),
    "openai client.post": ("openai_post.py", "openai"),
    "instructor": ("instructor_tools.py", "instructor"),
    "langextract": ("langextract_one.py", "langextract"),
    "llmx": ("llmx_extract.py", "llmx"),
}
KINDS = ("429", "500", "reset", "truncated", "badargs", "badtype", "length", "hang")
CLEAN_ENV = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}


@dataclass
class Settings:
    """What to measure, with which interpreters."""

    n: int = 500
    concurrency: int = 64
    latency_ms: float = 50.0
    reps: int = 3
    peers: tuple[str, ...] = tuple(PEERS)
    kinds: tuple[str, ...] = KINDS
    sizes: tuple[int, ...] = ()
    pythons: dict[str, str] = field(default_factory=dict)
    work: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="llmx-bench-")))
    timeout_s: float = 600.0

    def python(self, peer: str) -> str:
        return self.pythons.get(peer, sys.executable)


@contextlib.contextmanager
def mock(latency_ms: float, *more: str) -> Iterator[str]:
    """Serve meanwhile in a process of its own; gives the base URL."""
    command = [sys.executable, str(HERE / "mock_server.py"), "--latency-ms", str(latency_ms), *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.kill()
        process.wait()


def run(settings: Settings, peer: str, base_url: str, **more: Any) -> dict[str, Any]:
    """Run one client once; return what it measured, and how many records are those of their own documents."""
    n = more.pop("n", settings.n)
    words = more.pop("words", 600)
    docs = invoices.write(settings.work / f"docs-{max(n, settings.n)}-{words}.jsonl", max(n, settings.n), words)
    out = settings.work / "out.jsonl"
    for old in settings.work.glob("out.jsonl*"):
        old.unlink()
    ask(base_url, "/reset")
    arguments = {"n": n, "concurrency": settings.concurrency, "base-url": base_url, "docs": docs, "out": out, **more}
    command = [settings.python(peer), str(HERE / "peers" / PEERS[peer][0])]
    command += [str(part) for name, value in arguments.items() for part in (f"--{name}", value)]
    begin_s = time.perf_counter()
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=settings.timeout_s, env=CLEAN_ENV, check=False
        )
        said, failed = done.stdout, done.stderr[-2000:] if done.returncode else ""
    except subprocess.TimeoutExpired:
        said, failed = "", f"stopped after {settings.timeout_s:.0f} s"
    result: dict[str, Any] = {"process_s": time.perf_counter() - begin_s, "failed": failed}
    for line in said.splitlines():
        if line.startswith("MEASURED "):
            result |= json.loads(line[9:])
    return result | right(out, n) | {"server": ask(base_url, "/stats")}


def ask(base_url: str, path: str) -> Any:
    """Ask the mock server for its counts, or to forget them."""
    with urllib.request.urlopen(base_url.removesuffix("/v1") + path, timeout=10) as answer:
        return json.load(answer)


def right(out: Path, n: int) -> dict[str, int]:
    """Count records: right ones, wrong ones (of another document, partial or empty, without an error), errors, lost."""
    seen: dict[str, str] = {}
    for line in out.read_text().splitlines() if out.exists() else ():
        with contextlib.suppress(ValueError):
            row = json.loads(line)
            data = row.get("data") or {}
            good = data.get("invoice_no") == row["id"] and str(data.get("total")) == "18450.75"
            bad = "error" in row or row.get("status", "ok") != "ok"
            seen[row["id"]] = "error" if bad else "right" if good else "wrong"
    counts = {kind: sum(value == kind for value in seen.values()) for kind in ("right", "wrong", "error")}
    return {**counts, "lost": n - len(seen)}


def installed(settings: Settings, peer: str) -> bool:
    """Whether the packages of a client are there; says so where they are not."""
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({PEERS[peer][1]!r}) is None)"
    there = subprocess.run([settings.python(peer), "-c", code], check=False, cwd=HERE.parent).returncode == 0
    if not there:
        print(f"{peer}: {PEERS[peer][1]} is not installed, left out", file=sys.stderr)
    return there


def throughput(settings: Settings) -> list[str]:
    """Documents a second with answers that take the latency; everybody in turn, the median of some rounds."""
    peers = [peer for peer in settings.peers if installed(settings, peer)]
    runs: dict[str, list[dict[str, Any]]] = {peer: [] for peer in peers}
    with mock(settings.latency_ms) as base_url:
        for round_number in range(settings.reps):
            for peer in peers if round_number % 2 == 0 else peers[::-1]:
                runs[peer].append(say(peer, run(settings, peer, base_url)))
    rows = {peer: middle(results) for peer, results in runs.items()}
    rate = {peer: row["n"] / row["wall_s"] for peer, row in rows.items() if "wall_s" in row}
    mine = rate.get("llmx", 0.0)
    ideal = 1000 * settings.concurrency / max(settings.latency_ms, 1.0)
    flight = f"{settings.concurrency} in flight, answers after {settings.latency_ms:.0f} ms"
    head = f"{settings.n} documents of 600 words, {flight}"
    out = [
        f"{head} (ideal {ideal:.0f} a second), median of {settings.reps}:", "",
        "| client | documents/s | llmx is … times as fast | CPU ms a document | peak MB | first record s | right |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]  # fmt: skip
    for peer, row in rows.items():
        if peer in rate:
            out.append(
                f"| {peer} | {rate[peer]:.0f} | {mine / rate[peer]:.2f} | {row['cpu_ms']:.2f} | {row['peak_mb']:.0f} "
                f"| {row['first_s'] or 0:.2f} | {row['right']} |"
            )
    return out


def cache(settings: Settings) -> list[str]:
    """The same documents again in a new process: from the cache, and from a cassette."""
    out = [
        "| answers from | documents/s | CPU ms a document | requests sent | right |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    with mock(0) as base_url:
        for peer in (p for p in ("instructor", "llmx") if p in settings.peers and installed(settings, p)):
            folder = settings.work / f"cache-{peer}"
            shutil.rmtree(folder, ignore_errors=True)
            run(settings, peer, base_url, cache=folder)
            out += again(settings, peer, base_url, cache=folder)
        if "llmx" in settings.peers:
            cassette, folder = settings.work / "cassette", settings.work / "cache-cassette"
            shutil.rmtree(cassette, ignore_errors=True)
            run(settings, "llmx", base_url, record=cassette)
            out += again(settings, "llmx", base_url, cache=folder, replay=cassette)
    return out


def again(settings: Settings, peer: str, base_url: str, **arguments: Any) -> list[str]:
    """Return the rows of runs that send nothing: with records made anew from the answers, and with kept ones."""
    rows, source = [], "cassette" if "replay" in arguments else "cache"
    for kept in (False, True) if peer == "llmx" else (True,):
        results = []
        for _ in range(settings.reps + 1):
            if not kept:
                shutil.rmtree(arguments["cache"] / "records", ignore_errors=True)
            results.append(run(settings, peer, base_url, **arguments))
        what = "" if peer != "llmx" else ", records kept" if kept else ", records made anew"
        rows.append(cache_row(f"{peer}, {source}{what}", middle(results[1:])))
    return rows


def cache_row(name: str, row: dict[str, Any]) -> str:
    """Return a row of the table of answers that cost nothing."""
    rate, cpu = (row["n"] / row["wall_s"], row["cpu_ms"]) if "wall_s" in row else (0.0, 0.0)
    return f"| {name} | {rate:.0f} | {cpu:.2f} | {row['server']['requests']} | {row['right']} |"


def faults(settings: Settings) -> list[str]:
    """A tenth of the requests fails in one way; what becomes of the documents."""
    peers = [p for p in settings.peers if p in {"openai client.post", "instructor", "llmx"} and installed(settings, p)]
    out = [f"| fault | {' | '.join(peers)} |", f"| --- |{' ---: |' * len(peers)}"]
    for kind in settings.kinds:
        cells = []
        for peer in peers:
            limit_s = settings.timeout_s
            settings.timeout_s = 60.0 if kind == "hang" and peer != "llmx" else limit_s
            with mock(settings.latency_ms, "--fault-rate", "0.1", "--fault-kinds", kind, "--seed", "7") as base_url:
                row = say(f"{kind}: {peer}", run(settings, peer, base_url))
            settings.timeout_s = limit_s
            more = ", ".join(f"{row[k]} {k}" for k in ("wrong", "error", "lost") if row[k])
            cells.append(f"{row['right']}{f' ({more})' if more else ''}, {row['process_s']:.0f} s")
        out.append(f"| {kind} | {' | '.join(cells)} |")
    return out


def memory(settings: Settings) -> list[str]:
    """Peak memory of llmx for few and for many short documents, while a tenth of the requests fails in every way."""
    out = ["| documents | peak MB | documents/s | right | wrong | error | lost |", "| ---: |" + " ---: |" * 6]
    for n in settings.sizes or (settings.n, 20 * settings.n):
        faulty = ("--fault-rate", "0.1", "--fault-kinds", ",".join(settings.kinds), "--seed", "7")
        with mock(10, *faulty) as base_url:
            row = say(f"{n} documents", run(settings, "llmx", base_url, n=n, words=70))
        rate = n / row["wall_s"] if "wall_s" in row else 0.0
        counts = " | ".join(f"{row[kind]:,}" for kind in ("right", "wrong", "error", "lost"))
        out.append(f"| {n:,} | {row.get('peak_mb', 0):.0f} | {rate:.0f} | {counts} |")
    return out


PARTS = {
    "finding and reading the words of 19 values": (
        "llmx/grounding", "llmx/locating", "llmx/types/", "llmx/span",
    ),
    "the endpoint, its limiter, aiohttp": (
        "llmx/endpoint", "llmx/request", "aiohttp", "yarl", "llmx/run/limiter", "llmx/run/adaptive_concurrency",
    ),
    "assembling, the user's class, the record as JSON": (
        "llmx/assembly", "llmx/extraction", "llmx/prompting", "llmx/schema", "llmx/json_pointer", "llmx/record",
        "llmx/sinks", "pydantic",
    ),
    "SQLite: answers, records, manifest": (
        "diskcache", "sqlite3", "llmx/run/manifest", "llmx/run/finished_records", "llmx/run/provenance",
    ),
    "boilerplate, language of the text": ("llmx/boilerplate", "llmx/types/languages"),
    "the runner and the event loop": ("llmx/run", "asyncio", "uvloop"),
}  # fmt: skip


def profile(settings: Settings) -> list[str]:
    """Where the CPU of llmx goes: shares by part, of cProfile, which makes calls dearer than they are."""
    path = settings.work / "profile"
    with mock(settings.latency_ms) as base_url:
        run(settings, "llmx", base_url, profile=path)
    spent: Counter[str] = Counter()
    for (file, _line, name), (_calls, _all, own_s, _below_s, callers) in pstats.Stats(str(path)).stats.items():  # type: ignore[attr-defined]
        if file != "~" or "sqlite3" in name:
            spent[part_of(file + name)] += own_s
        else:  # what is written in C counts for those who call it
            for caller, times in callers.items():
                spent[part_of(caller[0])] += times[2]
    out = ["| part | share of the CPU |", "| --- | ---: |"]
    return out + [f"| {part} | {seconds / spent.total():.0%} |" for part, seconds in spent.most_common()]


def part_of(place: str) -> str:
    """Return the part with the longest mark in ``place``."""
    found = [(len(mark), part) for part, marks in PARTS.items() for mark in marks if mark in place]
    return max(found)[1] if found else "the rest"


def start(settings: Settings) -> list[str]:
    """CPU seconds until the command line has said what it can do, the least of some."""
    best = min(
        _cpu_of([settings.python("llmx"), "-c", "from llmx.cli import main; main()", "--help"])
        for _ in range(settings.reps)
    )
    bare = min(_cpu_of([settings.python("llmx"), "-c", "pass"]) for _ in range(settings.reps))
    return [f"`llmx --help` takes {best:.2f} s of CPU, {bare:.2f} s of which are the interpreter's."]


def _cpu_of(command: list[str]) -> float:
    before = os.times()
    subprocess.run(command, capture_output=True, check=False, cwd=HERE.parent)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def middle(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the run with the median time."""
    timed = sorted((r for r in results if "wall_s" in r), key=lambda r: r["wall_s"])
    return timed[(len(timed) - 1) // 2] if timed else results[0]


def say(name: str, row: dict[str, Any]) -> dict[str, Any]:
    """Tell how one run went."""
    rate = f"{row['n'] / row['wall_s']:.0f} documents/s, {row['cpu_ms']:.2f} ms" if "wall_s" in row else "no end"
    print(f"{name}: {rate}, right {row['right']} {row['failed']}", file=sys.stderr, flush=True)
    return row


STEPS = {
    "throughput": throughput,
    "cache": cache,
    "faults": faults,
    "memory": memory,
    "start": start,
    "profile": profile,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", choices=[*STEPS, []], default=list(STEPS))
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--latency-ms", type=float, default=50.0)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--peers", type=lambda s: tuple(s.split(",")), default=tuple(PEERS))
    parser.add_argument("--kinds", type=lambda s: tuple(s.split(",")), default=KINDS)
    parser.add_argument("--sizes", type=lambda s: tuple(map(int, s.split(","))), default=(), help="of memory's runs")
    parser.add_argument(
        "--python", action="append", default=[], metavar="CLIENT=PATH", help="an interpreter for one client"
    )
    parser.add_argument("--markdown", type=Path, help="write the tables here too")
    args = parser.parse_args()
    settings = Settings(
        n=args.n, reps=args.reps, latency_ms=args.latency_ms, concurrency=args.concurrency, peers=args.peers,
        kinds=args.kinds, sizes=args.sizes, pythons=dict(pair.split("=", 1) for pair in args.python),
    )  # fmt: skip
    lines: list[str] = []
    try:
        for what in args.what:
            lines += [f"## {what}", "", *STEPS[what](settings), ""]
            print("\n".join(lines[lines.index(f"## {what}") :]), flush=True)
    finally:
        shutil.rmtree(settings.work, ignore_errors=True)
    if args.markdown:
        args.markdown.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
