"""Records of documents that hold several are compared with gold as lists, whatever their numbers are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from llmx.evaluate import evaluate, load_gold, run_of, spec_for
from llmx.evaluate.command import EvalOptions, evaluate_command
from llmx.evaluate.load import load_run
from llmx.evaluate.several import gold_by_record
from llmx.record import Record, Usage
from llmx.review.session import open_review
from llmx.sinks import open_sink
from llmx.view import find_texts, write_view
from llmx.view.runs import read_run


class Invoice(BaseModel):
    number: str
    total: float | None = None


def record(id_: str, number: str, total: float, **more: Any) -> Record[Any]:
    return Record(id_, "a.txt", "ok", Invoice(number=number, total=total), **more)


EMPTY: Record[Any] = Record("b", "b.txt", "ok", None)
RUN = [record("a#1", "A-2", 7.25, usage=Usage(10, 5)), record("a#2", "A-3", 1.0), EMPTY]
GOLD = {
    "a": [{"number": "A-1", "total": 12.5}, {"number": "A-2", "total": 7.25}, {"number": "A-3", "total": 1}],
    "b": [],
}


def test_a_record_that_is_missing_costs_itself_and_shifts_no_other() -> None:
    report = evaluate(GOLD, run_of(RUN), spec=spec_for(GOLD))
    assert (report.micro.match, report.micro.mismatch, report.micro.omission) == (4, 0, 2)
    assert (report.input_tokens, len(report.documents), report.without_gold) == (10, 2, ())


def test_gold_may_be_written_for_each_document_or_for_each_record(tmp_path: Path) -> None:
    by_document, by_record = tmp_path / "lists", tmp_path / "records"
    for folder in (by_document, by_record):
        folder.mkdir()
    (by_document / "a.json").write_text(json.dumps(GOLD["a"]))
    for number, each in enumerate(GOLD["a"] * 4, 1):
        (by_record / f"a#{number}.gold.json").write_text(json.dumps(each))
    assert load_gold(by_document, several=True)["a"] == GOLD["a"]
    assert load_gold(by_record, several=True) == {"a": GOLD["a"] * 4}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    with open_sink(tmp_path / "out.jsonl") as sink:
        for each in RUN:
            sink.write(each)
    (tmp_path / "a.txt").write_text("Invoice A-2: 7.25. Invoice A-3: 1.00")
    gold = tmp_path / "gold"
    gold.mkdir()
    (gold / "a.json").write_text(json.dumps(GOLD["a"]))
    return tmp_path / "out.jsonl"


def test_the_command_scores_a_list_schema(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ok = EvalOptions(fail_under=["micro_recall=0.6", "micro_precision=1"])
    assert evaluate_command([output], output.parent / "gold", schema=list[Invoice], options=ok) == 0
    assert "A-1" in capsys.readouterr().out


def test_a_list_of_gold_goes_with_the_records_that_it_is_most_like(output: Path) -> None:
    golds = gold_by_record({"a": GOLD["a"]}, [read_run(output)])
    assert (golds["a#1"]["number"], golds["a#2"]["number"], golds["a#3"]["number"]) == ("A-2", "A-3", "A-1")


def test_the_view_shows_each_record_beside_the_text_of_its_document(output: Path) -> None:
    page = write_view([output], output.with_name("view.html"), documents=[output.parent], gold=output.parent / "gold",
                      schema=list[Invoice])  # fmt: skip
    assert page.exists()
    texts = find_texts({"a#1": "a.txt", "a#2": "a.txt"}, [output.parent / "a.txt"])
    assert [each.text for each in texts.values()] == ["Invoice A-2: 7.25. Invoice A-3: 1.00"] * 2


def test_a_review_corrects_record_by_record(output: Path) -> None:
    session = open_review(output, output.parent / "reviewed", documents=[output.parent], schema=list[Invoice])
    try:
        draft = session.draft("a#2")
        assert draft.state.gold == {"number": "A-3", "total": 1.0}
        session.save("a#2", version=draft.version)
        assert session.problems({"number": ["?"]})
        assert not session.problems({"number": "A-3"})
    finally:
        session.journal.close()
    assert load_gold(output.parent / "reviewed", several=True)["a"][0]["number"] == "A-3"


def test_a_run_that_was_read_again_is_compared_the_same(output: Path) -> None:
    report = evaluate(GOLD, load_run(output), spec=list_spec())
    assert report.micro.recall == pytest.approx(4 / 6)


def list_spec() -> Any:
    return spec_for(GOLD)
