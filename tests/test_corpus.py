"""The corpus holds together: each document has gold, gold fits the schema, and its words stand in the document."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmx.evaluate import load_gold
from llmx.evaluate.spec import alternatives, facts
from llmx.schema import load_schema
from tests.corpus import DEVELOPMENT, FOLDER, HELD_OUT

SCHEMA = load_schema("partnership")
DOCUMENTS = [*DEVELOPMENT, *HELD_OUT]
NAME = re.compile(r"\d\d_(enmt|[a-z]{2})(_[a-z0-9]+)+")
NOT_QUOTED = {"country", "agreement", "signed_on", "currency", "what", "unit"}
"""Fields of gold that hold a code, a computed date or the annotator's own words."""


def each_document(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


def gold_of(path: Path) -> dict[str, Any]:
    gold: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return gold


def choose(gold: Any, nth: int) -> Any:
    """Return the answer that takes the ``nth`` alternative, or the last, wherever gold accepts several."""
    accepted = alternatives(gold)
    chosen = accepted[min(nth, len(accepted) - 1)]
    if isinstance(chosen, dict):
        return {name: choose(value, nth) for name, value in facts(chosen).items()}
    return [choose(each, nth) for each in chosen] if isinstance(chosen, list) else chosen


def most_alternatives(gold: Any) -> int:
    if isinstance(gold, dict):
        return max([len(alternatives(gold)), *map(most_alternatives, gold.values())])
    return max([1, *map(most_alternatives, gold)]) if isinstance(gold, list) else 1


def optional_answer(gold: dict[str, Any]) -> dict[str, Any]:
    """Return what gold leaves free; where a list holds objects, a text stands for the object of that name."""
    objects = {"parties", "signatories", "witnesses", "facilities"}
    return {
        field: [{"name": each} if field in objects and isinstance(each, str) else each for each in listed]
        for field, listed in gold.get("_optional", {}).items()
    }


def folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def quoted(gold: Any, field: str = "") -> Iterator[list[str]]:
    """Yield, for each quoted value of gold, the texts that are right, the best first."""
    accepted = alternatives(gold)
    if texts := [each for each in accepted if isinstance(each, str)]:
        yield from [] if field in NOT_QUOTED else [texts]
    for each in accepted:
        if isinstance(each, dict):
            for name, value in each.items():
                yield from quoted(value, name)
        elif isinstance(each, list):
            for value in each:
                yield from quoted(value, field)


def test_documents_and_gold_are_pairs_of_one_name() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(load_gold(FOLDER)) == {path.stem for path in DOCUMENTS}


def test_names_say_number_language_and_topic_and_numbers_leave_no_gap() -> None:
    assert [path.stem for path in DOCUMENTS if not NAME.fullmatch(path.stem)] == []
    assert [int(path.stem[:2]) for path in DOCUMENTS] == list(range(1, len(DOCUMENTS) + 1))


def test_24_documents_are_for_development_and_16_are_held_out() -> None:
    assert (len(DEVELOPMENT), len(HELD_OUT)) == (24, 16)


@each_document(DOCUMENTS)
def test_every_answer_that_gold_accepts_fits_the_schema(path: Path) -> None:
    gold = gold_of(path)
    assert set(facts(gold)) == set(SCHEMA.model.model_fields), "gold says of each field what the text states"
    free = optional_answer(gold)
    for nth in range(most_alternatives(gold)):
        answer = choose(gold, nth)
        for record in (answer, {**answer, **choose(free, nth)}):
            read = SCHEMA.model.model_validate(record)
            assert read.model_dump(mode="json", exclude_unset=True) == record


@each_document(DOCUMENTS)
def test_what_gold_quotes_stands_in_the_document(path: Path) -> None:
    text = folded(path.read_text(encoding="utf-8"))
    assert [texts[0] for texts in quoted(gold_of(path)) if folded(texts[0]) not in text] == []
