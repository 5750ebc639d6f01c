"""Measures whether examples help: extraction with and without them, on documents that they were not made from.

The settings that this module returns are swept as any others are; it only says which, on what, and what came of it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from llmx.documents import Document, Unreadable
from llmx.endpoint import EndpointSettings
from llmx.errors import UsageError
from llmx.evaluate import compare_runs
from llmx.extraction.options import Options
from llmx.schema import SchemaLike, load_schema
from llmx.sweep import Setting, Sweep

WITHOUT, WITH, BESIDE = "without examples", "with these examples", "with those beside the schema"


def unused(documents: Sequence[Document | Unreadable], used: Collection[str]) -> list[Document | Unreadable]:
    """Return the documents whose ids are not in ``used``. Raises UsageError if there is none."""
    left = [each for each in documents if each.id not in set(used)]
    if not left:
        raise UsageError(
            "every document became an example: none is left to check them on",
            hint="Give more documents with gold, or a smaller --count.",
        )
    return left


def check_grid(
    schema: SchemaLike, examples: Path, *, endpoint: EndpointSettings, options: Options
) -> tuple[Setting, ...]:
    """Return the settings to compare: no examples, those in the file ``examples``, and those beside the schema."""
    choices = {WITHOUT: "none", WITH: str(examples)}
    path = load_schema(schema).path
    if isinstance(schema, str | Path) and path is not None:
        beside = path.with_name(f"{path.stem}.examples.yaml")
        if beside.is_file() and beside.resolve() != examples.resolve():
            choices[BESIDE] = "auto"
    return tuple(
        Setting(
            name,
            f"{name.replace(' ', '-')}.jsonl",
            endpoint,
            replace(options, examples=chosen),
            {"examples": chosen},
        )
        for name, chosen in choices.items()
    )


def verdict(found: Sweep) -> str:
    """Return one sentence on whether the examples help; '' if one of the two settings could not be run."""
    reports = {each.setting.name: each.report for each in found.trials if each.ok}
    without, with_them = reports.get(WITHOUT), reports.get(WITH)
    if without is None or with_them is None:
        return ""
    change = next(each for each in compare_runs(without, with_them).differences if each.name == found.by)
    sure = "real" if change.real else "may be chance" if change.change else "no difference"
    return (
        f"{found.by}: {change.before:.3f} without, {change.after:.3f} with these examples: {change.change:+.3f} "
        f"[{change.low:+.3f}, {change.high:+.3f}] on {found.documents} documents that were not used, {sure}"
    )
