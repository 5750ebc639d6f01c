"""A report as plain cells and sentences; ``text.py`` and ``markdown.py`` only lay them out.

One place decides how a figure is rounded and what a note says, so that the terminal and a pull request agree.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from llmx.evaluate.bootstrap import RESAMPLES, interval, resampled
from llmx.evaluate.flaky import Flakiness, Spread
from llmx.evaluate.report import Report
from llmx.evaluate.score import Outcome
from llmx.evaluate.tally import Tally, f1_of
from llmx.evaluate.versus import OVERALL, Change, Comparison, Difference

Row = tuple[str, ...]
FIELD_HEAD: Row = ("field", "precision", "recall", "F1", "match", "mismatch", "omission", "invention")
DIFFERENCE_HEAD: Row = ("figure", "before", "after", "change", "95 % interval", "better", "worse", "")
RUNS_HEAD: Row = ("run", "micro F1", "95 % interval", "macro F1", "document F1", "exact", "proven", "seconds", "tokens")
FLAKY_HEAD: Row = ("field", "agreement", "F1 mean", "least", "most")
_VALUE_CHARS = 60
_MOST_DRAWS = 4_000_000  # a second
FEWEST = 6  # documents: the sign test's p is 2^-5 = 0.03 where all six agree, and above 0.05 for five


def share(value: float | None) -> str:
    """Return a figure in [0, 1] with three places, an en dash for None."""
    return "–" if value is None else f"{value:.3f}"


def shown(value: Any, limit: int = _VALUE_CHARS) -> str:
    """Return a value of a record on one line, cut to ``limit`` characters; text without quotes, all else as JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def micro_interval(report: Report, *, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of micro F1 over documents like these, by the bootstrap.

    Of many documents fewer resamples are drawn: the interval is narrow then, and should not take longer than scoring.
    """
    totals = [each.total for each in report.documents]
    resamples = max(200, min(RESAMPLES, _MOST_DRAWS // len(totals)))
    draws = resampled([(each.match, each.errors) for each in totals], resamples=resamples, seed=seed)
    return interval([f1_of(right, errors) for right, errors in draws])


def headline(report: Report) -> list[str]:
    """Return the headline of a report: documents and their states, overall figures, proof, confidence."""
    micro = report.micro
    states = ", ".join(f"{count} {status}" for status, count in report.statuses.items())
    low, high = micro_interval(report)
    exact = sum(each.exact for each in report.documents)
    lines = [
        f"{len(report.documents)} documents ({states})",
        f"micro F1 {share(micro.f1)} [{share(low)}, {share(high)}]",
        f"precision {share(micro.precision)}, recall {share(micro.recall)}",
        f"macro F1 {share(report.macro_f1)}, document F1 {share(report.document_f1)}",
        f"exact documents: {exact} of {len(report.documents)}",
    ]
    if report.proof:
        proof = report.proof
        lines.append(
            f"proven {share(proof.share)} of the values; precision {share(proof.proven.precision)} of proven, "
            f"{share(proof.unproven.precision)} of unproven ones"
        )
    if report.confidence:
        found = report.confidence
        lines.append(
            f"confidence: AUROC {share(found.auroc)}, calibration error {share(found.ece)}, Brier {share(found.brier)}"
        )
    return lines


def notes(report: Report) -> list[str]:
    """Return notes on the figures, one sentence each."""
    found = list(report.notes)
    unanswered = [each.id for each in report.documents if not each.answered]
    if unanswered:
        found.append(f"Without data, and so counted as zero: {_some(unanswered)}.")
    if report.without_gold:
        found.append(f"Without gold, and so not scored: {_some(report.without_gold)}.")
    if report.unscored:
        found.append(f"Fields that gold does not know, not scored: {_some(list(report.unscored))}.")
    return found


def _some(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def field_rows(report: Report) -> list[Row]:
    """Return the cells under ``FIELD_HEAD``: one row per field, and the sum."""
    rows = [_field_row(path, tally) for path, tally in report.fields.items()]
    return [*rows, _field_row("all", report.micro)]


def _field_row(name: str, tally: Tally) -> Row:
    measures = (share(tally.precision), share(tally.recall), share(tally.f1))
    counts = (tally.match, tally.mismatch, tally.omission, tally.invention)
    return (name, *measures, *map(str, counts))


def mistake_rows(report: Report, most: int) -> list[Row]:
    """Return (document, field, what, gold, predicted) of up to ``most`` mistakes, the worst documents first.

    Of documents without data the notes tell; that everything is missing needs no list.
    """
    answered = [each for each in report.documents if each.answered]
    documents = sorted(answered, key=lambda each: (-len(each.mistakes), each.id))
    return [(each.id, *_mistake(outcome)) for each in documents for outcome in each.mistakes][:most]


def _mistake(outcome: Outcome) -> Row:
    return outcome.path, outcome.kind, shown(outcome.gold), shown(outcome.predicted)


def difference_rows(comparison: Comparison) -> list[Row]:
    """Return the cells under ``DIFFERENCE_HEAD``: overall figures, then the fields that changed at all."""
    kept = [each for each in comparison.differences if each.name in OVERALL or each.change or each.better or each.worse]
    return [_difference_row(each) for each in kept]


def _difference_row(each: Difference) -> Row:
    verdict = ("better" if each.change > 0 else "worse") if each.real else "may be chance" if each.change else "same"
    within = f"[{each.low:+.3f}, {each.high:+.3f}]"
    figures = (share(each.before), share(each.after), f"{each.change:+.3f}", within, str(each.better), str(each.worse))
    return (each.name, *figures, verdict)


def comparison_notes(comparison: Comparison) -> list[str]:
    """Return notes on the differences."""
    if comparison.documents >= FEWEST:
        return []
    return [f"{comparison.documents} documents cannot show that a difference is real: {FEWEST} are the fewest."]


def change_rows(changes: Sequence[Change], most: int) -> list[Row]:
    """Return (document, field, better or worse, before, after) of up to ``most`` changes, worst first."""
    return [
        (each.id, each.path, "better" if each.better else "worse", _facts(each.before), _facts(each.after))
        for each in changes[:most]
    ]


def _facts(outcomes: Sequence[Outcome]) -> str:
    return "; ".join(_fact(each) for each in outcomes[:3]) + (" …" if len(outcomes) > 3 else "")


def _fact(outcome: Outcome) -> str:
    said, wanted = shown(outcome.predicted, 40), shown(outcome.gold, 40)
    sentences = {
        "match": f"{said}: right",
        "mismatch": f"{said}, not {wanted}",
        "omission": f"{wanted} missing",
        "invention": f"{said} invented",
    }
    return sentences.get(outcome.kind, said)


def run_rows(reports: Sequence[Report]) -> list[Row]:
    """Return the cells under ``RUNS_HEAD``: one row per run."""
    rows: list[Row] = []
    for each in reports:
        low, high = micro_interval(each)
        proven = share(each.proof.share if each.proof else None)
        tokens = each.input_tokens + each.output_tokens
        averages = (share(each.macro_f1), share(each.document_f1), share(each.exact_match), proven)
        last = (f"{each.seconds:.1f}", str(tokens))
        rows.append((each.name, share(each.micro.f1), f"[{share(low)}, {share(high)}]", *averages, *last))
    return rows


def flaky_rows(found: Flakiness, spreads: dict[str, Spread]) -> list[Row]:
    """Return the cells under ``FLAKY_HEAD``: one row per field, and the sum; F1 by gold where ``spreads`` has it."""
    rows = [_flaky_row(path, each, spreads.get(path)) for path, each in found.fields.items()]
    return [*rows, _flaky_row("all", found.agreement, spreads.get("micro_f1"))]


def _flaky_row(name: str, agreement: float, by_gold: Spread | None) -> Row:
    figures = (by_gold.mean, by_gold.least, by_gold.most) if by_gold else (None, None, None)
    return (name, share(agreement), *map(share, figures))
