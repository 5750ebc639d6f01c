"""What ``llmx extract`` prints at the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmx.documents import kinds_left_out
from llmx.run.dollars import shown_usd
from llmx.sinks.formats import target_kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmx.run import Summary
    from llmx.run.schema_change import Update
    from llmx.sinks.targets import Target


_WHY = {
    "interrupted": "interrupted", "auth": "the endpoint refuses the key or the account",
    "cassette": "an answer is not recorded", "endpoint": "the endpoint is away, or refuses every request",
    "max_cost": "--max-cost is reached", "max_tokens": "--max-tokens-total is reached",
    "max_documents": "--max-documents is reached", "output": "the output cannot be written",
    "cancelled": "its batches were cancelled", "processes": "its worker processes cannot do their work",
}  # fmt: skip


def summary_lines(summary: Summary, target: Target | None) -> Iterator[str]:
    """Yield a line with documents by status, tokens, cost, savings and seconds, then the lines of ``fault_lines``."""
    states = ", ".join(f"{count} {status}" for status, count in summary.statuses.items() if count) or "none"
    paid, saved, wasted = summary.paid, summary.saved, summary.wasted
    parts = [f"{summary.documents} document{'s' * (summary.documents != 1)}: {states}"]
    if summary.skipped:
        not_ok = f" ({summary.skipped_not_ok} not ok: --retry-failed)" if summary.skipped_not_ok else ""
        parts.append(f"{summary.skipped} done before{not_ok}")
    thought = f", {paid.reasoning_tokens:,} of them reasoning" if paid.reasoning_tokens else ""
    parts.append(f"{paid.total_tokens:,} tokens ({paid.input_tokens:,} in, {paid.output_tokens:,} out{thought})")
    if summary.cost_usd is not None and paid.total_tokens:
        parts.append(f"${shown_usd(summary.cost_usd)}{_by_batch(summary)}")
    if wasted.total_tokens:
        parts.append(f"{wasted.total_tokens:,} of them wasted on answers that were not valid")
    if saved.total_tokens:
        parts.append(f"{saved.total_tokens:,} tokens saved by cache or cassette")
    if summary.retries:
        parts.append(f"{summary.retries} retries")
    yield "; ".join([*parts, f"{summary.seconds:.1f} s"])
    for each in summary.models:
        cost = f", ${shown_usd(each.cost_usd)}" if each.cost_usd is not None else ""
        saved_here = f", {each.saved.total_tokens:,} saved" if each.saved.total_tokens else ""
        requests = f"{each.requests} request{'s' * (each.requests != 1)}"
        yield f"{each.model}: {requests}, {each.paid.total_tokens:,} tokens{cost}{saved_here}"
    if summary.update.documents:
        yield _updated(summary.update)
    if summary.update.unanswered:
        yield f"{summary.update.unanswered:,} keep their earlier record: the new fields were not answered"
    if summary.left_out:
        yield f"left out: {kinds_left_out(summary.left_out)}"
    yield from fault_lines(summary, target)


def _by_batch(summary: Summary) -> str:
    """Return how much of what was paid came at the price of the batch API, in words."""
    if not summary.batched.total_tokens:
        return ""
    return " at batch prices" if summary.batched == summary.paid else " (in part at batch prices)"


def _updated(update: Update) -> str:
    """Return what became of the records that were there when the schema changed."""
    asked = f"asked for {', '.join(update.asked)} alone" if update.asked else "nothing was asked for"
    removed = f"; {', '.join(update.removed)} removed" if update.removed else ""
    return f"{update.documents:,} updated to the changed schema: {asked}{removed}; all else stays as it was"


def fault_lines(summary: Summary, target: Target | None) -> Iterator[str]:
    """Yield what failed or ended the run: nothing where all went well."""
    if summary.failures:
        (message, count), others = summary.failures[0], summary.failures[1:]
        total = count + sum(each for _, each in others)
        more = f" (llmx report {target} has more)" if others and target_kind(target) == "file" else ""
        what, _, hint = message.partition("\n")
        told = f"{total} without data{f', {count} of them' if others else ''}: {what}{more}"
        yield f"{told}\n  {hint.strip()}" if hint else told
    if summary.stopped == "batch":
        yield from _waiting(summary, target)
    elif summary.stopped:
        why = _WHY.get(summary.stopped, summary.stopped)
        yield f"stopped early: {why}" + (f": {summary.error}" if summary.error else "")
        if target is not None:
            yield summary.left or _how_to_go_on(target)


def _waiting(summary: Summary, target: Target | None) -> Iterator[str]:
    """Yield that documents wait for batches, and how to go on."""
    if summary.error is not None:
        yield f"a batch was refused: {summary.error}"
    count = f"{summary.deferred:,} documents wait" if summary.deferred else "documents wait"
    yield f"{count} for their batches: llmx batch collect {target} fetches what has come"


def _how_to_go_on(target: Target) -> str:
    if target_kind(target) == "file":
        return "to go on, run the same command with --resume and without --overwrite"
    if target_kind(target) == "database":
        return "to go on, run the same command with --resume"
    return "to go on, run the same command with --overwrite: answers that the cache holds cost nothing"
