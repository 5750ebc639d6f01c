"""The schemas that come with llmx: each has examples in three languages, gold of its own, and a figure that is kept."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import llmx
from llmx.evaluate import Report, evaluate, load_gold, run_of
from llmx.evaluate.spec import facts
from llmx.prompting.examples import load_examples
from llmx.resources import shipped_folder
from llmx.schema import load_schema
from llmx.schema.algebra import leaves
from llmx.types import guess_locale
from tests.shipped import FOLDER, SCHEMAS, documents
from tests.test_corpus import choose, folded, most_alternatives

ROOT = Path(__file__).resolve().parents[2]
QUALITY = ROOT / "docs" / "quality.md"
TOLERANCE = 0.02  # a fact in fifty: less is no reason to stop a change that is better elsewhere
NAMED = sorted(path.stem for path in shipped_folder("schemas").glob("*.py"))


def each_schema(names: list[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", names)


def languages(texts: list[str]) -> set[str]:
    """Return the languages of texts; those of which it cannot be told, because they have few words, count as one."""
    return {(guess_locale(text) or "unknown").partition("_")[0] for text in texts}


@each_schema(NAMED)
def test_a_schema_says_what_it_is_for_and_describes_its_fields(name: str) -> None:
    loaded = load_schema(name)
    assert (loaded.model.__doc__ or "").strip().endswith(".")
    assert [m.name for m in loaded.tree.members if not m.description] == []


@each_schema(NAMED)
def test_examples_in_three_languages_fit_the_schema_and_say_every_field_once(name: str) -> None:
    schema = load_schema(name)
    examples = load_examples(shipped_folder("schemas") / f"{name}.examples.yaml", schema)
    assert len(languages([example.text for example in examples])) >= 3
    said = {
        place.pointer.split("/")[1] for each in examples for place in leaves(schema.tree, each.record) if place.value
    }
    assert said == {member.name for member in schema.tree.members}


@each_schema(SCHEMAS)
def test_examples_are_other_texts_than_those_with_gold(name: str) -> None:
    examples = load_examples(shipped_folder("schemas") / f"{name}.examples.yaml", load_schema(name))
    shown = {line for each in examples for line in folded(each.text).splitlines()}
    assert all(folded(path.read_text("utf-8")) not in shown for path in documents(name))


@each_schema(SCHEMAS)
def test_each_document_has_gold_of_which_every_answer_fits_the_schema(name: str) -> None:
    model, golds = load_schema(name).model, load_gold(FOLDER / name)
    assert set(golds) == {path.stem for path in documents(name)}
    for gold in golds.values():
        assert set(facts(gold)) == set(model.model_fields)
        for nth in range(most_alternatives(gold)):
            model.model_validate(choose(gold, nth))


def test_documents_are_in_several_languages_for_each_schema() -> None:
    assert {
        name: len(languages([p.read_text("utf-8") for p in documents(name)])) >= 2 for name in SCHEMAS
    } == dict.fromkeys(SCHEMAS, True)


def replayed(name: str) -> tuple[Report, list[Any]]:
    """Return the scores of the recorded answers, and the records that they make."""
    endpoint = llmx.EndpointSettings(replay=ROOT / "cassettes" / "shipped" / name, cache=False)
    records = list(llmx.extract(FOLDER / name, name, endpoint=endpoint))
    return evaluate(load_gold(FOLDER / name), run_of(records), spec=load_schema(name).model), records


def row(name: str, report: Report) -> str:
    told = ", ".join(dict.fromkeys(path.stem.split("_")[1] for path in documents(name)))
    figures = " | ".join(f"{figure or 0:.2f}" for figure in figures_of(report))
    return f"| `{name}` | {len(documents(name))} ({told}) | {figures} |"


def figures_of(report: Report) -> tuple[float | None, float | None, float]:
    return report.micro.precision, report.micro.recall, report.micro.f1


@each_schema(SCHEMAS)
def test_the_recorded_answers_score_no_worse_than_the_page_says(name: str) -> None:
    report, records = replayed(name)
    assert [record.status for record in records if record.data is None] == [], "an answer is not recorded"
    mine = f"put this into docs/quality.md:\n{row(name, report)}"
    written = re.search(rf"^\| `{name}` \| (\d+) [^|]*\|(.*)\|$", QUALITY.read_text("utf-8"), re.MULTILINE)
    assert written is not None, mine
    assert int(written[1]) == len(documents(name)), mine
    said = [float(figure) for figure in written[2].split("|")]
    assert all((is_ or 0) >= was - TOLERANCE for is_, was in zip(figures_of(report), said, strict=True)), mine


@each_schema(SCHEMAS)
def test_a_cassette_has_the_answers_of_its_documents_and_is_small(name: str) -> None:
    exchanges = sorted((ROOT / "cassettes" / "shipped" / name).glob("*.json"))
    assert len(exchanges) >= len(documents(name))
    assert sum(path.stat().st_size for path in exchanges) < 40_000 * len(documents(name))
    assert {json.loads(path.read_text("utf-8"))["model"] for path in exchanges} == {
        "qwen2.5-coder-1.5b-instruct-q4_k_m"
    }
