"""What a run may do and when it stops, and where its records go: two frozen values."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from llmx.dataclass import dataclass
from llmx.errors import ConfigError
from llmx.sinks.database_url import DatabaseUrl
from llmx.sinks.formats import DATABASES, DELIMITED, is_database, target_kind
from llmx.sinks.targets import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from llmx.documents import Input
    from llmx.endpoint import EndpointSettings
    from llmx.run.metrics import MetricsObserver
    from llmx.run.observer import Live, RunObserver

OUTAGE_S = 120.0
"""How long an endpoint may be away before the run stops: a restart that loads a model takes a minute or two."""

GRACE_S = 10.0
"""How long to wait for answers on the wire after the first signal. Supervisors kill after 10 s or more."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run, whether the records go to a caller or into an output.

    ``concurrency`` bounds the requests in flight; 'auto' finds the bound that serves the endpoint best. ``processes``
    work on the documents, of a run into an output; 'auto' takes one for each core. ``rpm`` and
    ``tpm`` bound the requests and tokens of a minute. ``ordered`` keeps the order of the documents; False gives each
    record as soon as it is done. ``max_cost_usd``, ``max_tokens_total`` and ``max_documents`` end the run cleanly
    before the bound is passed. An endpoint that is away for ``outage_s`` ends it too (math.inf waits for ever).

    With ``signals``, which needs the main thread, SIGINT and SIGTERM end the run cleanly and a second one drops what is
    on the wire. Answers on the wire are waited for ``grace_s`` when a signal, a refused key or a missing recording ends
    the run. ``log_file`` takes JSON lines, with the documents' texts only where ``log_text`` is set; ``trace`` sends
    spans by OpenTelemetry. ``metrics`` is a port or HOST:PORT, where Prometheus finds the state of the run while it
    goes on, or a file that is written every few seconds. ``on_progress`` is called with the state of the run, five
    times a second at most, and at its end; it must be quick.
    """

    concurrency: int | Literal["auto"] = "auto"
    processes: int | Literal["auto"] = 1
    rpm: int | None = None
    tpm: int | None = None
    ordered: bool = True
    max_cost_usd: float | None = None
    max_tokens_total: int | None = None
    max_documents: int | None = None
    outage_s: float = OUTAGE_S
    grace_s: float = GRACE_S
    signals: bool = False
    log_file: Path | None = None
    log_text: bool = False
    trace: bool = False
    metrics: str | None = None
    on_progress: Callable[[Live], object] | None = None

    def __post_init__(self) -> None:
        if self.concurrency != "auto" and (not isinstance(self.concurrency, int) or self.concurrency < 1):
            raise ConfigError(
                f"--concurrency {self.concurrency!r}", hint="Give a number of at least 1, or auto to find the best one."
            )
        if self.processes != "auto" and (not isinstance(self.processes, int) or self.processes < 1):
            raise ConfigError(
                f"--processes {self.processes!r}", hint="Give a number of at least 1, or auto for one for each core."
            )
        bounds = {
            "rpm": self.rpm, "tpm": self.tpm, "max-cost": self.max_cost_usd, "max-tokens-total": self.max_tokens_total,
            "max-documents": self.max_documents, "outage-s": self.outage_s,
        }  # fmt: skip
        for name, value in bounds.items():
            if value is not None and not value > 0:
                raise ConfigError(f"--{name} must be more than 0, not {value}")
        if not self.grace_s >= 0:
            raise ConfigError(f"grace_s must not be negative, but is {self.grace_s}")
        if self.log_text and self.log_file is None:
            raise ConfigError("--log-text needs a log", hint="Name a file with --log-file.")

    def opened_metrics(self) -> AbstractContextManager[MetricsObserver | None]:
        """Return what gives the observer that tells Prometheus, None where nobody asked for it."""
        if self.metrics is None:
            return nullcontext()
        from llmx.run.metrics import opened_metrics  # noqa: PLC0415 - only where somebody wants it

        return opened_metrics(self.metrics)

    def progress_of(self, documents: Iterable[Input]) -> RunObserver | None:
        """Return what calls ``on_progress`` in a run over ``documents``, None where nobody asked for it."""
        if self.on_progress is None:
            return None
        from llmx.documents import DocumentStream  # noqa: PLC0415 - only where somebody wants it
        from llmx.run.observer import ProgressCalls  # noqa: PLC0415 - only where somebody wants it

        expected = documents.expected if isinstance(documents, DocumentStream) else lambda: None
        return ProgressCalls(self.on_progress, expected)

    def suited_to(self, ready: EndpointSettings, *, asked: EndpointSettings) -> RunOptions:
        """Return the options for ``ready``, which answers to ``asked``.

        The embedded model, started for it, answers one request at a time.
        """
        embedded = ready.base_url != asked.base_url and not ready.provider
        return replace(self, concurrency=1) if embedded and self.concurrency == "auto" else self


POLL_S = 30.0
"""How often to look at batches: they take minutes to a day."""


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How to run over a provider's batch API.

    ``wait`` stays until all is done, looking every ``poll_s`` seconds; without it the run ends once all is submitted.
    ``follow_ups`` says how what follows from an answer is asked: with another 'batch', or 'live'. ``submits`` False
    writes the requests down and submits none: they are exported as a file.
    """

    wait: bool = False
    follow_ups: Literal["batch", "live"] = "batch"
    submits: bool = True
    poll_s: float = POLL_S

    def __post_init__(self) -> None:
        if self.follow_ups not in {"batch", "live"}:
            raise ConfigError(f"--batch-follow-ups {self.follow_ups!r}", hint="Choose batch or live.")
        if self.wait and not self.submits:
            raise ConfigError("--wait waits for batches, and --no-submit submits none", hint="Leave out one of them.")


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """Where the records go, and what to do about an output that exists there: without any of the others it is refused.

    ``path`` is a file or a folder, whose suffix says the format, or the address of a database (``postgresql://…``), as
    ``llmx.sinks.output_target`` makes it of a name;
    None is standard output. ``resume`` goes on with a file: documents that are missing, stale or failed are done.
    ``retry_failed`` does so too, and repeats whatever is not ok, however often it was tried. ``overwrite`` begins anew.
    ``csv_safe`` keeps the cells of a .csv or .tsv from being taken for formulas. ``upsert`` puts the records into a
    database that is there, in place of those of the same documents. ``batch`` says that the
    run is one of those that a batch run takes. ``keep_columns`` names the columns of the input's rows that the records
    keep, in ``columns`` or beside those of the data; 'all' is every one but the text and the id.
    """

    path: Target | None = None
    resume: bool = False
    retry_failed: bool = False
    overwrite: bool = False
    csv_safe: bool = True
    upsert: bool = False
    batch: bool = False
    keep_columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "keep_columns", tuple(self.keep_columns))  # a batch run's are a list of JSON
        if self.keep_columns and self.path is not None and target_kind(self.path) == "folder":
            hint = "Write .jsonl, a table or a database; or leave it out."
            raise ConfigError(f"--keep-columns: {self.path} is a folder, which holds the data alone", hint=hint)
        if self.upsert and not (isinstance(self.path, DatabaseUrl) or (self.path and is_database(self.path))):
            hint = f"Those are {', '.join(DATABASES)} and postgresql://…; or leave it out."
            raise ConfigError("--upsert is for databases", hint=hint)
        if self.overwrite and (self.upsert or isinstance(self.path, DatabaseUrl)):
            what = "--upsert puts records into a database" if self.upsert else f"records are put into {self.path}"
            raise ConfigError(f"{what} and --overwrite begins it anew", hint="Leave out --overwrite.")
        if not self.csv_safe and (self.path is None or self.path.suffix.lower() not in DELIMITED):
            raise ConfigError("--no-csv-safe is for outputs that end in .csv or .tsv", hint="Leave it out.")
        if self.resumes and self.overwrite:
            option = "--resume" if self.resume else "--retry-failed"
            raise ConfigError(
                f"{option} goes on with an output and --overwrite begins it anew", hint="Leave out one of them."
            )

    @property
    def resumes(self) -> bool:
        """Whether the run goes on with the output."""
        return self.resume or self.retry_failed
