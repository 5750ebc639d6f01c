"""The schemas that come with llmx: each has examples in three languages, gold of its own, and a figure that is kept."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import llmx
from llmx.errors import CassetteError
from llmx.evaluate import Report, evaluate, load_gold, run_of
from llmx.evaluate.spec import facts
from llmx.prompting.examples import load_examples
from llmx.record import Record
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


def test_every_shipped_schema_but_the_flagship_has_documents_with_gold() -> None:
    assert sorted([*SCHEMAS, "partnership"]) == NAMED


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


def replayed(name: str) -> Report | None:
    """Return the scores of the documents whose answers are recorded, None where no answer is."""
    cassette = ROOT / "cassettes" / "shipped" / name
    if not cassette.is_dir():
        return None
    endpoint = llmx.EndpointSettings(replay=cassette, cache=False)
    records: list[Record[Any]] = []
    for path in documents(name):
        with suppress(CassetteError):  # not recorded yet: the page says how many are
            records += llmx.extract(path, name, endpoint=endpoint)
    golds = load_gold(FOLDER / name)
    known = {record.id: golds[record.id] for record in records}
    return evaluate(known, run_of(records), spec=load_schema(name).model)


def row(name: str, report: Report | None) -> str:
    if report is None:
        return f"| `{name}` | {counted(documents(name))} | none yet | | | |"
    measured = [path for path in documents(name) if path.stem in {each.id for each in report.documents}]
    figures = " | ".join(f"{figure or 0:.2f}" for figure in figures_of(report))
    return f"| `{name}` | {counted(documents(name))} | {counted(measured)} | {figures} |"


def counted(paths: list[Path]) -> str:
    return f"{len(paths)} ({', '.join(path.stem.split('_')[1] for path in paths)})"


def figures_of(report: Report) -> tuple[float | None, float | None, float]:
    return report.micro.precision, report.micro.recall, report.micro.f1


@pytest.mark.slow
@each_schema(SCHEMAS)
def test_the_recorded_answers_score_no_worse_than_the_page_says(name: str) -> None:
    report = replayed(name)
    mine = row(name, report)
    if report is None:
        assert mine in QUALITY.read_text("utf-8").splitlines(), f"put this into docs/quality.md:\n{mine}"
        return
    there, *said = re.split(r" \| (?=[01]\.)", mine)
    written = next(line for line in QUALITY.read_text("utf-8").splitlines() if line.startswith(f"| `{name}` |"))
    assert written.startswith(f"{there} | "), f"put this into docs/quality.md:\n{mine}"
    told = [float(figure) for figure in written.removeprefix(there).strip(" |").split(" | ")]
    assert len(told) == len(said)
    worse = [was for is_, was in zip(figures_of(report), told, strict=True) if (is_ or 0) < was - TOLERANCE]
    assert worse == [], f"put this into docs/quality.md, if it has to be:\n{mine}"
    assert report.answered == 1


@each_schema(SCHEMAS)
def test_a_cassette_is_of_the_embedded_model_and_small(name: str) -> None:
    exchanges = sorted((ROOT / "cassettes" / "shipped" / name).glob("*.json"))
    assert {json.loads(path.read_text("utf-8"))["model"] for path in exchanges} <= {
        "qwen2.5-coder-1.5b-instruct-q4_k_m"
    }
    assert all(path.stat().st_size < 30_000 for path in exchanges)
