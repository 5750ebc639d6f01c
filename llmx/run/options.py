"""What a run may do and when it is to stop: one frozen value, whatever it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from llmx.errors import ConfigError

OUTAGE_S = 120.0
"""How long an endpoint may be away before the run stops: a restart that loads a model takes a minute or two."""

GRACE_S = 10.0
"""How long answers on the wire are waited for after the first signal; supervisors kill after 10 s or more."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run.

    ``concurrency`` bounds the requests in flight; 'auto' finds the bound. ``rpm`` and ``tpm`` are requests and tokens a
    minute. ``ordered`` keeps the order of the source. ``max_*`` end the run cleanly before the bound is passed.
    ``resume`` goes on with an output: what is missing, stale or failed is done; ``retry_failed`` also tries again what
    failed in several runs or is not ok for another reason. ``overwrite`` begins the output anew. An endpoint that is
    away for ``outage_s`` ends the run (math.inf waits for ever). ``signals``: SIGINT and SIGTERM end the run cleanly,
    answers on the wire being waited for ``grace_s``; the second one drops them. ``log_file`` takes JSON lines,
    with the text of the documents only where ``log_text``; ``trace`` sends spans by OpenTelemetry.
    """

    concurrency: int | Literal["auto"] = "auto"
    rpm: int | None = None
    tpm: int | None = None
    ordered: bool = False
    max_cost_usd: float | None = None
    max_tokens_total: int | None = None
    max_documents: int | None = None
    resume: bool = False
    retry_failed: bool = False
    overwrite: bool = False
    outage_s: float = OUTAGE_S
    grace_s: float = GRACE_S
    signals: bool = False
    log_file: Path | None = None
    log_text: bool = False
    trace: bool = False

    def __post_init__(self) -> None:
        if self.concurrency != "auto" and (not isinstance(self.concurrency, int) or self.concurrency < 1):
            raise ConfigError(
                f"--concurrency {self.concurrency!r}", hint="Give a number of at least 1, or auto to find the best one."
            )
        for name in ("rpm", "tpm", "max_tokens_total", "max_documents", "max_cost_usd", "outage_s"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                option = name.removesuffix("_usd").replace("_", "-")
                raise ConfigError(f"--{option} must be more than 0, not {value}")
        if self.resume and self.overwrite:
            raise ConfigError(
                "--resume goes on with an output and --overwrite begins it anew", hint="Leave out one of them."
            )
        if self.log_text and self.log_file is None:
            raise ConfigError("--log-text needs a log", hint="Name a file with --log-file.")
