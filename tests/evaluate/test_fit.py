"""A calibration that is fitted to a run's gold, told what it is worth, and used by another run."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from llmx.assembly.calibration import Calibration, load_calibration
from llmx.cli.app import app
from llmx.errors import ConfigError, UsageError
from llmx.evaluate import Prediction, RunPredictions, spec_for
from llmx.evaluate.fit import calibrate
from tests.extraction.scripted import extracted


class Boat(BaseModel):
    """A boat."""

    name: str
    harbour: str | None = None


def run_of(rights: dict[float, float], documents: int) -> tuple[dict[str, Any], RunPredictions]:
    """Return gold and a run in which values with a confidence are right as often as ``rights`` says."""
    draw = random.Random(5)
    golds, predictions = {}, {}
    for number in range(documents):
        id_, sure = f"d{number}", list(rights)[number % len(rights)]
        golds[id_] = {"name": "Tern"}
        data = {"name": "Tern" if draw.random() < rights[sure] else "Wren"}
        predictions[id_] = Prediction(id_, "ok", data, confidence={"/name": sure})
    return golds, RunPredictions("run", predictions)


def test_what_a_calibration_is_worth_is_told_on_documents_that_it_was_not_fitted_on() -> None:
    golds, run = run_of({0.6: 0.2, 0.95: 0.9}, 400)
    found = calibrate(golds, run, spec=spec_for(golds))
    assert found.before.ece > 0.2
    assert found.after is not None
    assert found.after.ece < 0.05
    assert found.calibration.apply(0.6) == pytest.approx(0.2, abs=0.08)
    assert found.least_certain is not None
    assert 0.3 < found.least_certain < 0.45  # a fifth of the values, of half of which four in five are wrong
    assert 0.5 < found.to_review < 1


def test_where_nothing_is_wrong_nothing_is_to_be_reviewed() -> None:
    golds, run = run_of({0.9: 1.0}, 10)
    found = calibrate(golds, run, spec=spec_for(golds))
    assert (found.to_review, found.least_certain) == (0.0, None)


def test_one_document_cannot_say_what_a_fit_is_worth() -> None:
    golds, run = run_of({0.9: 1.0}, 1)
    assert calibrate(golds, run, spec=spec_for(golds)).after is None


def test_a_run_without_confidence_is_refused() -> None:
    golds, run = run_of({0.9: 1.0}, 2)
    bare = RunPredictions("run", {id_: Prediction(id_, "ok", each.data) for id_, each in run.predictions.items()})
    with pytest.raises(UsageError, match="no value has both"):
        calibrate(golds, bare, spec=spec_for(golds))


async def test_the_command_writes_what_another_run_maps_its_confidence_by(tmp_path: Path) -> None:
    records = [
        {"id": f"d{n}", "status": "ok", "data": {"name": "Tern"}, "confidence": {"/name": 0.95}, "evidence": {}}
        for n in range(4)
    ]
    (tmp_path / "out.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    (tmp_path / "gold.jsonl").write_text(
        "".join(json.dumps({"id": f"d{n}", "data": {"name": "Tern" if n else "Wren"}}) + "\n" for n in range(4))
    )
    target = tmp_path / "calibration.json"
    done = CliRunner().invoke(
        app, ["calibrate", str(tmp_path / "out.jsonl"), "--gold", str(tmp_path / "gold.jsonl"), "-o", str(target)]
    )
    assert done.exit_code == 0, done.output
    assert "4 values of 4 documents" in done.output
    assert "the least certain fifth holds 20% of the errors" in done.output  # all are equally sure
    share = load_calibration(target).apply(0.95)
    assert share == pytest.approx(3.5 / 5)
    record = await extracted(Boat, "The yacht Tern.", [{"name": "Tern", "harbour": None}], calibration=str(target))
    assert record.confidence == {"/name": pytest.approx(share)}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "isotonic", "points": 1, "knots": []}'])
def test_a_file_that_is_no_calibration_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(UsageError, match="calibration"):
        load_calibration(tmp_path / "c.json")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_calibration(tmp_path / "none.json")
    assert Calibration(((0.5, 0.5),), 1).apply(0.1) == 0.5
