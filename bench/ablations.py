"""What each lever of an extraction brings: every one on its own against the defaults, on documents with gold.

    python bench/ablations.py TASK -s plain.py:Receipt -m local             # TASK/docs and TASK/gold, or both in TASK
    python bench/ablations.py tests/shipped/receipt -s receipt --replay cassettes/shipped/receipt    # recorded answers
    python bench/ablations.py TASK -s plain.py:Offer -m local --lever default --lever fast --documents 10

prints a Markdown table as those of docs/quality.md: precision, recall and micro F1, the difference to the defaults by
the paired bootstrap, the tokens of the answers and of all, and the endpoint's seconds. Answers come from the cache as
far as it has them, and records stay in the folder, so that a run that was broken off goes on, and one more lever asks
only for what it changes. A lever that cannot run (because a replay lacks its answers, say) is a row that says so.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from llmx.documents import read_documents
from llmx.endpoint import EndpointSettings
from llmx.evaluate import compare_runs, load_gold
from llmx.extraction.options import Options
from llmx.prompting.prompt import DEFAULT_PROMPT
from llmx.resources import shipped_folder
from llmx.schema import load_schema
from llmx.sweep import Setting, Sweep, SweepOptions, Trial, sweep

OUTLINE = "outline"
LEVERS: dict[str, dict[str, Any]] = {
    "default": {},
    "fast": {"passes": 1, "verify": "off"},
    "verify-off": {"verify": "off"},
    "verify-all": {"verify": "all"},
    "examples-none": {"examples": "none"},
    "examples-made": {"examples": "made"},
    "passes-1": {"passes": 1},
    "passes-3": {"passes": 3},
    "samples-3": {"samples": 3},
    "quotes": {"evidence": "quotes"},
    "boilerplate-keep": {"boilerplate": "keep"},
    OUTLINE: {"prompt": OUTLINE},
    "neither": {"passes": 1, "verify": "off", "examples": "none"},
    "both": {"verify": "all", "examples": "made"},
}
"""Each lever by its name, and the options that it stands for; the last two are several together."""

HEAD = (
    "lever",
    "options",
    "precision",
    "recall",
    "micro F1",
    "against the default",
    "output tokens",
    "tokens",
    "seconds",
)


def settings(names: Sequence[str], endpoint: EndpointSettings, folder: Path) -> list[Setting]:
    """Return a setting for each of the levers called ``names``; the default comes first, whether or not it is named."""
    prompt = folder / f"{OUTLINE}.prompt.md"
    if OUTLINE in names:
        folder.mkdir(parents=True, exist_ok=True)
        source = (shipped_folder("prompts") / f"{DEFAULT_PROMPT}.md").read_text("utf-8")
        prompt.write_text(source.replace("{{ sketch }}", "{{ outline }}"), "utf-8")
    made = []
    for name in dict.fromkeys(["default", *names]):
        changes = LEVERS[name] | ({"prompt": str(prompt)} if name == OUTLINE else {})
        chosen = {key: str(value) for key, value in LEVERS[name].items()}
        made.append(Setting(name, f"{name}.jsonl", endpoint, Options(**changes), chosen))
    return made


def row(trial: Trial, default: Trial) -> list[str]:
    """Return the cells of a lever under the head."""
    shown = ", ".join(f"`{key}={value}`" for key, value in trial.setting.chosen.items())
    if not trial.ok or trial.report is None:
        return [trial.setting.name, shown, *["–"] * 3, "failed", *["–"] * 3]
    micro, usage = trial.report.micro, trial.usage
    figures = [micro.precision or 0.0, micro.recall or 0.0, micro.f1]
    against = ""
    if trial is not default and default.ok and default.report is not None:
        found = compare_runs(default.report, trial.report).differences[0]
        against = f"{found.change:+.3f} {'real' if found.real else 'may be chance' if found.change else 'same'}"
    counts = [f"{usage.output_tokens:,}", f"{usage.total_tokens:,}", f"{trial.report.seconds:.1f}"]
    return [trial.setting.name, shown, *(f"{each:.3f}" for each in figures), against, *counts]


def table(found: Sweep) -> str:
    """Return the table of a finished sweep, whose first trial is the default, and why others failed."""
    rules = ["---", "---", *["---:"] * 3, "---", *["---:"] * 3]
    lines = [list(HEAD), rules, *(row(trial, found.trials[0]) for trial in found.trials)]
    drawn = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join(
        [*drawn, "", f"{found.documents} documents", *(f"{t.setting.name}: {t.fault}" for t in found.failed)]
    )


def main(arguments: Sequence[str] | None = None) -> str:
    """Run the levers that the command line names and return the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("task", type=Path, help="a folder with docs/ and gold/, or with both in one")
    parser.add_argument("--schema", "-s", required=True)
    parser.add_argument("--model", "-m", default="")
    parser.add_argument("--base-url")
    parser.add_argument("--mode", default="auto")
    parser.add_argument("--replay", type=Path, help="a cassette: nothing is sent")
    parser.add_argument("--record", type=Path, help="record every answer in this cassette")
    parser.add_argument("--lever", action="append", choices=list(LEVERS), help="default: all of them")
    parser.add_argument("--documents", type=int, help="only the first N by name")
    parser.add_argument("--folder", type=Path, default=Path("ablations"), help="where the records go")
    given = parser.parse_args(arguments)
    docs, gold = (part if (part := given.task / name).is_dir() else given.task for name in ("docs", "gold"))
    golds = load_gold(gold, several=load_schema(given.schema).row is not None)
    read = [each for each in read_documents([str(docs)]) if not each.id.endswith(".json")][: given.documents]
    endpoint = EndpointSettings(
        model=given.model, base_url=given.base_url, mode=given.mode, replay=given.replay, record=given.record
    )
    grid = settings(given.lever or list(LEVERS), endpoint, given.folder)
    how = SweepOptions(say=lambda told: print(told, file=sys.stderr))
    return table(asyncio.run(sweep(read, golds, given.schema, grid=grid, folder=given.folder, options=how)))


if __name__ == "__main__":
    print(main())
