"""How many rows of a long table come, and who says so when some do not: llmx, instructor and langextract side by side.

    python bench/completeness_bench.py --rows 100,800,1600,3200                       # llmx alone
    python bench/completeness_bench.py --peer-python VENV/bin/python                  # with the peers of that venv
                                                        (pip install langextract[openai] instructor)

Statements of so many rows against a mock server with the habits of real models (``bench/statements.py``): its answers
are cut at their limit, it stops early and says that it is done, or it always skips some rows. The table has, for each,
the share of the rows that came, and what the tool says of it: a record that is short and says nothing is marked.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import Process
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

from bench.mock_server import serving  # noqa: E402 - the path first
from bench.statements import HABITS, Habit, StatementServer, references, statement  # noqa: E402

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

PEERS = {"instructor": "instructor_statement.py", "langextract": "langextract_statement.py"}
ENOUGH = 0.99


@dataclass(frozen=True)
class Outcome:
    """What came of a statement: the references of its rows in order, and what the tool said."""

    came: list[str]
    said: str
    seconds: float

    def line(self, tool: str, habit: str, rows: int) -> str:
        """Return the line of the table."""
        there = references(rows)
        recall, twice = len(there & set(self.came)) / rows, len(self.came) - len(set(self.came))
        silent = " **silently short**" if recall < ENOUGH and self.said == "ok" else ""
        wrong = len(set(self.came) - there)
        return (
            f"| {tool} | {habit} | {rows:,} | {recall:.3f} | {twice} | {wrong} | {self.said}{silent} |"
            f" {self.seconds:.1f} |"
        )


def serve(habit: Habit, ready: Connection) -> None:
    """Serve in a process of its own until it is stopped."""

    async def forever() -> None:
        async with serving(StatementServer(habit)) as base_url:
            ready.send(base_url)
            await asyncio.Event().wait()

    asyncio.run(forever())


@contextlib.contextmanager
def server(habit: Habit) -> Iterator[str]:
    """Give the address of a server with ``habit`` within the ``with`` block."""
    from multiprocessing import Pipe

    ours, theirs = Pipe()
    process = Process(target=serve, args=(habit, theirs), daemon=True)
    process.start()
    try:
        yield str(ours.recv())
    finally:
        process.terminate()
        process.join()


def by_llmx(base_url: str, rows: int) -> Outcome:
    """Extract a statement with llmx as it comes, with no option."""
    import llmx
    from bench.statements import Statement

    begin = time.perf_counter()
    endpoint = llmx.EndpointSettings(model="mock", base_url=base_url, cache=False)
    [record] = llmx.extract(llmx.Document("statement", statement(rows)), Statement, endpoint=endpoint)
    came = [each.reference for each in record.data.transactions] if record.data is not None else []
    return Outcome(came, record.status, time.perf_counter() - begin)


def by_peer(peer: str, base_url: str, rows: int, *, python: str) -> Outcome:
    """Extract a statement with a peer, in a process of its own."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "statement.txt"
        path.write_text(statement(rows))
        begin = time.perf_counter()
        command = [python, str(ROOT / "bench" / "peers" / PEERS[peer]), base_url, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)
        seconds = time.perf_counter() - begin
    if done.returncode:
        return Outcome([], "error: " + (done.stderr.strip().splitlines() or ["?"])[-1][:80], seconds)
    answer = json.loads(done.stdout.splitlines()[-1])
    return Outcome(answer["came"], answer["said"], seconds)


def main() -> int:
    """Print the table; 1 where llmx was short and said nothing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="100,800,1600,3200")
    parser.add_argument("--habits", default=",".join(HABITS))
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--peer-python", default="", help="the Python of an environment with the peers")
    args = parser.parse_args()
    peers = [peer for peer in args.peers.split(",") if peer] if args.peer_python else []
    print("| tool | the model | rows | recall | twice | invented | says | seconds |")
    print("| --- | --- | ---: | ---: | ---: | ---: | --- | ---: |")
    silent = False
    for habit in args.habits.split(","):
        for rows in map(int, args.rows.split(",")):
            with server(habit) as base_url:
                own = by_llmx(base_url, rows).line("llmx", habit, rows)
                silent = silent or "silently" in own
                print(own, flush=True)
                for peer in peers:
                    print(by_peer(peer, base_url, rows, python=args.peer_python).line(peer, habit, rows), flush=True)
    return int(silent)


if __name__ == "__main__":
    sys.exit(main())
