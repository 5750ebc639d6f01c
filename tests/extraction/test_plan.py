"""The plan: what is the same for all documents, and what changes the key of a request."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from llmx.endpoint import ResolvedModel
from llmx.endpoint.quirks import ParamQuirks
from llmx.errors import ConfigError
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from tests.extraction.scripted import plan_for


class Note(BaseModel):
    """A note."""

    title: str | None = None


def key(mode: Any = "json_schema", **options: Any) -> str:
    plan = plan_for(Note, mode, **options)
    return plan.request(plan.rendering.messages("text")).key


def test_what_can_change_the_answer_is_in_the_key() -> None:
    keys = [
        key(), key("tools"), key("json"), key("text"), key(temperature=0.5), key(seed=1), key(max_output_tokens=100),
        key(instructions="More."), key(samples=2),
    ]  # fmt: skip
    assert keys[2] != keys[3]
    assert len(set(keys)) == len(keys)


def test_what_cannot_change_the_answer_is_not_in_the_key() -> None:
    for options in ({"unproven": "drop"}, {"locale": "de"}, {"reasks": 5}, {"passes": 3}, {"boilerplate": "drop"}):
        assert key(**options) == key()


def test_samples_of_one_body_have_keys_of_their_own() -> None:
    plan = plan_for(Note, samples=3)
    messages = plan.rendering.messages("text")
    assert len({plan.request(messages, sample=n).key for n in range(3)}) == 3


def test_a_model_that_takes_no_temperature_gets_none_and_limits_have_the_endpoints_name() -> None:
    resolved = ResolvedModel("m", "json_schema", "given", ParamQuirks("max_completion_tokens", temperature=False))
    shared = Extractor(Note, Options(max_output_tokens=99)).plan(resolved).shared
    assert shared["max_completion_tokens"] == 99
    assert "temperature" not in shared
    assert "max_tokens" not in shared


def test_an_extractor_goes_to_another_process() -> None:
    extractor = Extractor("partnership", Options(passes=1))
    again = pickle.loads(pickle.dumps(extractor))
    resolved = ResolvedModel("m", "json_schema", "given")
    assert again == extractor
    assert again.plan(resolved).rendering.fingerprint == extractor.plan(resolved).rendering.fingerprint


@pytest.mark.parametrize(
    "options", [{"passes": 0}, {"samples": 0}, {"reasks": -1}, {"max_output_tokens": 1}, {"chunk_tokens": 3}]
)
def test_numbers_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        Options(**options)


def test_a_prompt_beside_the_schema_is_the_default_and_a_named_one_wins(tmp_path: Path) -> None:
    (tmp_path / "deal.py").write_text(
        "from pydantic import BaseModel\n\nclass Deal(BaseModel):\n    name: str\n", "utf-8"
    )
    reference = str(tmp_path / "deal.py")

    def system(**options: Any) -> str:
        plan = Extractor(reference, Options(**options)).plan(ResolvedModel("m", "json", "given"))
        return str(plan.rendering.prefix()[0]["content"])

    default = system()
    (tmp_path / "deal.prompt.md").write_text("# system\nOnly deals.\n{{ sketch }}\n# user\n{{ document }}\n", "utf-8")
    assert system().startswith("Only deals.")
    assert system(prompt="extract") == default
    assert "author biographies" not in default
