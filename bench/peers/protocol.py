"""What the contenders share: arguments, documents, and what is measured. Standard library only.

The clock starts after the imports and before a client is made, and stops when the last record is written.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import time


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--docs", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--cache", default="")
    parser.add_argument("--replay", default="")
    parser.add_argument("--record", default="")
    parser.add_argument("--profile", default="")
    return parser.parse_args()


def documents(args):
    with open(args.docs) as file:
        for _, line in zip(range(args.n), file):
            yield json.loads(line)


def cpu_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def peak_mb() -> float:
    """The most memory that this process has had. ru_maxrss would count that of the process that started it."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Clock:
    """Measures from its making to ``stop``, and tells what it measured."""

    def __init__(self, n: int) -> None:
        self.n, self.first_s = n, None
        self.cpu0, self.begin_s = cpu_s(), time.perf_counter()

    def seen(self) -> None:
        if self.first_s is None:
            self.first_s = time.perf_counter() - self.begin_s

    def stop(self) -> None:
        wall_s, used_s = time.perf_counter() - self.begin_s, cpu_s() - self.cpu0
        peak = peak_mb()
        print("MEASURED " + json.dumps({
            "n": self.n, "wall_s": wall_s, "cpu_ms": 1000 * used_s / self.n, "peak_mb": peak, "first_s": self.first_s,
        }), flush=True)


def drive(make) -> None:
    """For clients that are called once a document: workers take documents and write records as they come."""
    args = arguments()

    async def main() -> None:
        clock = Clock(args.n)
        one, close = make(args)
        source = documents(args)
        with open(args.out, "w") as out:
            async def work() -> None:
                for document in source:
                    try:
                        record = await one(document["text"])
                    except Exception as error:  # an error is a record here
                        out.write(json.dumps({"id": document["id"], "error": f"{type(error).__name__}: {error}"[:200]}) + "\n")
                    else:
                        clock.seen()
                        out.write(json.dumps({"id": document["id"], "data": record}) + "\n")

            await asyncio.gather(*(work() for _ in range(args.concurrency)))
            clock.stop()
        await close()

    asyncio.run(main())
