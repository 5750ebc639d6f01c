"""Who places the work of a run over an engine: Daft in processes of this machine, or actors of Ray on a cluster.

Both hand a partition to whichever worker is free, and both end when a worker is lost (``WorkerLostError``): the run
then looks what is done, works out the shares of its limits anew, and begins again with the rest.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from llmx.engines.partition_job import PartitionJob, PartitionResult
from llmx.engines.partitions import Partition
from llmx.errors import LlmxError, UsageError

RAY = "ray"
DAFT = "daft"


class WorkerLostError(LlmxError):
    """A worker of the engine ended before its work."""

    exit_code = 1


class Engine(Protocol):
    """Places work on workers."""

    def workers(self, wanted: int | None) -> int:
        """Return how many workers there are: ``wanted``, or where that is None as many as there are cores for."""
        ...

    def results(self, job: PartitionJob, partitions: Sequence[Partition], workers: int) -> Iterator[PartitionResult]:
        """Yield the result of each partition, as they come. Raises WorkerLostError."""
        ...

    def close(self) -> None:
        """Let the engine go."""
        ...


def open_engine(name: str) -> Engine:
    """Return the engine called ``name``: daft, ray (on this machine), or ray://HOST:PORT. Raises UsageError."""
    if name == DAFT:
        _needs("daft")
        return DaftEngine()
    if name == RAY or name.startswith("ray://"):
        _needs("ray")
        return RayEngine("" if name == RAY else name)
    raise UsageError(f"--engine {name!r}", hint="Give daft, ray, or ray://HOST:PORT of a cluster.")


def _needs(package: str) -> None:
    from importlib.util import find_spec  # noqa: PLC0415 - only here

    if find_spec(package) is None:
        raise UsageError(f"{package} is not installed", hint=f"pip install {package}, on all machines that work.")


@dataclass(frozen=True, slots=True)
class DaftEngine:
    """Daft, with a process for each worker on this machine."""

    def workers(self, wanted: int | None) -> int:
        """Return ``wanted``, or the number of cores."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return wanted or cores

    def results(self, job: PartitionJob, partitions: Sequence[Partition], workers: int) -> Iterator[PartitionResult]:
        """Yield the results as Daft brings them."""
        import daft  # noqa: PLC0415 - the user's

        @daft.cls(use_process=True, max_concurrency=workers)
        class Worker:
            """The job in a process of Daft's."""

            @daft.method.batch(return_dtype=daft.DataType.binary(), batch_size=1)  # type: ignore[untyped-decorator] # it has no types
            def work(self, numbers: Any) -> list[bytes]:
                return [pickle.dumps(job(partitions[number])) for number in numbers.to_pylist()]

        frame = daft.from_pydict({"partition": list(range(len(partitions)))})
        frame = frame.select(Worker().work(daft.col("partition")).alias("result"))
        try:
            for row in frame.iter_rows():
                yield pickle.loads(row["result"])  # noqa: S301 - of our own workers
        except RuntimeError as error:
            if "process" not in str(error):
                raise
            raise WorkerLostError("a worker process of Daft ended") from error

    def close(self) -> None:
        """Do nothing: Daft ends its processes with the frame."""


class _Worker:
    """An actor of Ray."""

    def __init__(self, job: PartitionJob) -> None:
        self.job = job

    def work(self, partition: Partition) -> PartitionResult:
        return self.job(partition)


class RayEngine:
    """Ray: the cluster at ``address``, or one on this machine where that is ''."""

    def __init__(self, address: str) -> None:
        import ray  # noqa: PLC0415 - the user's

        self._ray = ray
        self._begun = not ray.is_initialized()
        if self._begun:
            how: dict[str, Any] = {"address": address} if address else {"include_dashboard": False}
            ray.init(log_to_driver=False, **how)

    def workers(self, wanted: int | None) -> int:
        """Return ``wanted``, or the number of cores of the cluster."""
        return wanted or max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def results(self, job: PartitionJob, partitions: Sequence[Partition], workers: int) -> Iterator[PartitionResult]:
        """Yield the results as they come. When an actor is lost, the others end the partitions that they have."""
        ray, waiting, lost = self._ray, list(reversed(partitions)), False
        worker = ray.remote(num_cpus=1)(_Worker)
        free = [worker.remote(job) for _ in range(min(workers, len(waiting)))]
        everyone, busy = list(free), dict[Any, Any]()
        try:
            while busy or (waiting and not lost):
                while free and waiting and not lost:
                    actor = free.pop()
                    busy[actor.work.remote(waiting.pop())] = actor
                [done], _ = ray.wait(list(busy), num_returns=1)
                actor = busy.pop(done)
                try:
                    result: PartitionResult = ray.get(done)
                except ray.exceptions.RayActorError as error:
                    if "creation task" in str(error):
                        why = str(error).strip().rpartition("\n")[2]
                        hint = "Have all machines the same llmx, and the files of the schema?"
                        raise UsageError(f"a worker of Ray cannot begin: {why}", hint=hint) from error
                    lost = True
                    continue
                free.append(actor)
                yield result
        finally:
            for actor in everyone:
                with suppress(Exception):  # it may have ended
                    ray.kill(actor)
        if lost:
            raise WorkerLostError("a worker of Ray ended")

    def close(self) -> None:
        """Leave the cluster, or end the one on this machine."""
        if self._begun:
            self._ray.shutdown()
