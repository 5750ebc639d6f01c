"""A field whose name has a '/' or '~' in it keeps its proof, from the answer to every place that shows or scores it."""

from __future__ import annotations

import asyncio
import csv
import json
import re
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, create_model

from llmx import json_pointer
from llmx.evaluate import evaluate, load_run, spec_for
from llmx.few_shot.wording import word_gold
from llmx.json_data import leaves
from llmx.record import Record
from llmx.review import open_review
from llmx.schema import load_schema
from llmx.sinks import open_sink
from llmx.view import write_view
from tests.extraction.scripted import extracted

TEXT = "The bolt costs nine kronor. The nut comes in brass, the washer in steel.\n"
ALPHABET = "a1/~ ."
NAMES = st.text(ALPHABET, min_size=1, max_size=5).map(lambda name: f"n{name}")


def _schema(price: str, parts: str, material: str) -> type[BaseModel]:
    fields: dict[str, Any] = {material: (str, ...)}
    part = create_model("Part", **fields)
    fields = {price: (str | None, None), parts: (list[part], [])}  # type: ignore[valid-type] # made at run time
    return create_model("Order", **fields)


def _record(model: type[BaseModel], answer: dict[str, Any]) -> Record[Any]:
    record = asyncio.run(extracted(model, TEXT, [answer]))
    assert record.status == "ok", record.issues
    return record


def _block(page: Path, name: str) -> Any:
    found = re.search(f'<script type="application/json" id="{name}">(.*?)</script>', page.read_text("utf-8"))
    assert found is not None
    return json.loads(found[1])


def _written(home: Path, record: Record[Any]) -> Path:
    (home / "texts").mkdir()
    (home / "texts" / "d.txt").write_text(TEXT, "utf-8")
    for name in ("out.jsonl", "out.csv", "out.sqlite"):
        with open_sink(home / name) as sink:
            sink.write(record)
    return home / "out.jsonl"


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(NAMES, min_size=3, max_size=3, unique=True))
@example(["unit/price", "a~b", "~1/~0"])
@example(["n/0", "n", "0/n"])
def test_a_name_with_a_slash_or_a_tilde_keeps_its_proof_everywhere(names: list[str]) -> None:
    price, parts, material = names
    answer = {price: "nine kronor", parts: [{material: "brass"}, {material: "steel"}]}
    model = _schema(price, parts, material)
    record = _record(model, answer)
    values = dict(leaves(answer))
    assert {pointer: proof and proof.quote for pointer, proof in record.evidence.items()} == values
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        run = _written(home, record)
        row = json.loads(run.read_text("utf-8"))
        assert {pointer: json_pointer.resolve(row["data"], pointer) for pointer in row["evidence"]} == values
        _is_viewed(home, run, values)
        _is_reviewed(home, run, values)
        report = evaluate({"d": answer}, load_run(run), spec=model)
        assert report.proof is not None
        assert (report.micro.f1, report.proof.share) == (1.0, 1.0)
        _is_in_columns(home, price, values)
    worded = word_gold(load_schema(model), answer, TEXT, spec=spec_for({"d": answer}, model))
    assert {pointer: span.of(TEXT) for pointer, span in worded.places.items()} == values


def _is_viewed(home: Path, run: Path, values: dict[str, Any]) -> None:
    page = write_view([run], home / "view.html", documents=[home / "texts"])
    shown = _block(page, "d0")["records"][0]["evidence"]
    assert {pointer: proof["quote"] for pointer, proof in shown.items()} == values
    [line] = _block(page, "index")["documents"]
    assert (line["values"], line["proven"], line["unproven"]) == ([3], [3], [0])


def _is_reviewed(home: Path, run: Path, values: dict[str, Any]) -> None:
    session = open_review(run, home / "gold", documents=[home / "texts"], user="Ada")
    try:
        notes = session.draft("d").state.notes
        assert {pointer: note["quote"] for pointer, note in notes.items()} == values
        for pointer, words in values.items():
            assert session.read_words("d", pointer, f" {words}\n", typed=False).value == words
    finally:
        session.journal.close()


def _is_in_columns(home: Path, price: str, values: dict[str, Any]) -> None:
    with (home / "out.csv").open(newline="", encoding="utf-8") as file:
        [cells] = csv.DictReader(file)
    assert cells[price] == "nine kronor"
    database = sqlite3.connect(home / "out.sqlite")
    assert dict(database.execute("SELECT path, quote FROM evidence")) == values
    database.close()


@pytest.mark.parametrize(
    ("gold", "path"),
    [({"unit/price": 3}, "/unit~1price"), ({"parts~": [{"a/b": None}]}, "/parts~0/0/a~1b")],
    ids=["a field", "a field of an element"],
)
def test_what_the_schema_has_against_gold_is_said_at_an_escaped_pointer(
    tmp_path: Path, gold: dict[str, Any], path: str
) -> None:
    schema: dict[str, Any] = {"type": "object", "title": "Order", "properties": {
        "unit/price": {"type": "string"},
        "parts~": {"type": "array", "items": {"type": "object", "properties": {"a/b": {"type": "string"}},
                                              "required": ["a/b"]}}}}  # fmt: skip
    (tmp_path / "order.json").write_text(json.dumps(schema), "utf-8")
    run = tmp_path / "out.jsonl"
    run.write_text('{"id": "d", "status": "ok", "data": {"unit/price": "x"}}\n', "utf-8")
    session = open_review(run, tmp_path / "gold", schema=tmp_path / "order.json", user="Ada")
    assert [each["path"] for each in session.problems(gold)] == [path]
    session.journal.close()
