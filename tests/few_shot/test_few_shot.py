"""What llmx.few_shot promises: examples say in the words of their own text what gold says in values, and differ."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import yaml
from pydantic import BaseModel, Field
from typer.testing import CliRunner

from llmx.chunk import estimate_tokens
from llmx.cli.app import app
from llmx.documents import Document, read_documents
from llmx.endpoint import EndpointSettings
from llmx.errors import UsageError
from llmx.evaluate import load_gold, spec_for
from llmx.extraction.options import Options
from llmx.few_shot import (
    Candidate,
    PickOptions,
    Worded,
    candidates,
    check_grid,
    examples_yaml,
    pick,
    unused,
    verdict,
    word_gold,
)
from llmx.prompting.examples import load_examples
from llmx.schema import Cues, Free, Near, Schema, load_schema
from llmx.sweep import sweep
from llmx.types import CountryCode, Money, OrganizationName, PartialDate
from tests.corpus import DEVELOPMENT
from tests.fault_server import FaultServer, Received, Step, answer

ROOT = Path(__file__).resolve().parents[2]


class Party(BaseModel):
    name: OrganizationName
    country: Annotated[CountryCode, Near(20)] | None


class Deal(BaseModel):
    parties: list[Party]
    kind: Literal["purchase", "loan"] | None
    signed_on: PartialDate | None
    price: Money | None
    jobs: Annotated[int, Cues(("jobs", "posts"))] | None
    note: Annotated[str, Free()] | None
    topics: list[str]


SCHEMA = load_schema(Deal)
TEXT = (
    "Chinese lender Gaoshan Bank and Norway's Fjordline signed a deal on 12 May. Gaoshan pays 3.2 billion yuan "
    "for 40 ferries. In all 40 new jobs are planned. They will share crew training and green fuels."
)
GOLD: dict[str, Any] = {
    "parties": [
        {"name": {"any": ["Gaoshan Banking Group", "Gaoshan Bank"]}, "country": "CN"},
        {"name": "Fjordline", "country": {"any": [None, "NO"]}},
    ],
    "kind": "purchase",
    "signed_on": "--05-12",
    "price": {"amount": 3200000000, "currency": "CNY"},
    "jobs": 40,
    "note": "ferries for a bank",
    "topics": ["crew training", {"any": ["fuels of tomorrow", "green fuels"]}],
    "_optional": {"topics": ["ferries"]},
}


def worded(gold: dict[str, Any], text: str = TEXT, schema: Schema = SCHEMA) -> Worded:
    return word_gold(schema, gold, text, spec=spec_for({"d": gold}, schema.model))


def said(**gold: Any) -> Any:
    """What a record with only these fields becomes in words."""
    return worded(gold).record


def test_gold_becomes_the_words_of_its_text() -> None:
    found = worded(GOLD)
    assert found.record == {
        "parties": [{"name": "Gaoshan Bank", "country": "Chinese"}, {"name": "Fjordline", "country": "Norway"}],
        "kind": "purchase",
        "signed_on": "12 May",
        "price": "3.2 billion yuan",
        "jobs": "40 new jobs",
        "note": "ferries for a bank",
        "topics": ["crew training", "green fuels"],
    }
    assert found.lost == ()
    assert found.said == 11


def test_every_place_slices_back_to_words_that_say_the_value() -> None:
    found = worded(GOLD)
    at = {path: span.of(TEXT) for path, span in found.places.items()}
    assert at["/price"] == "3.2 billion yuan"
    assert at["/parties/1/country"] == "Norway"
    assert TEXT[: found.places["/jobs"].end].endswith("In all 40")  # the one with a cue word, not the ferries


@pytest.mark.parametrize(
    ("gold", "record", "lost"),
    [
        pytest.param({"signed_on": "--06-12"}, {}, ("/signed_on",), id="a date that the text does not say"),
        pytest.param({"signed_on": {"any": [None, "--06-12"]}}, {}, (), id="unless gold lets it be null"),
        pytest.param({"signed_on": "2024-05-12"}, {"signed_on": "12 May"}, (), id="a part of the date is quoted"),
        pytest.param({"price": {"amount": 3200000000, "currency": "USD"}}, {}, ("/price",), id="another currency"),
        pytest.param({"jobs": 41}, {}, ("/jobs",), id="another number"),
        pytest.param({"topics": ["space"]}, {}, ("/topics/0",), id="a phrase that is not there"),
        pytest.param({"kind": "purchase"}, {"kind": "purchase"}, (), id="a choice is what it is"),
        pytest.param({"parties": ["Fjordline"]}, {"parties": [{"name": "Fjordline"}]}, (), id="gold's short form"),
        pytest.param(
            {"parties": [{"name": "Nobody Ltd", "country": "NO"}]},
            {}, ("/parties/0/name", "/parties/0/country"),
            id="an element without its required name goes whole, and is told whole",
        ),
        pytest.param(
            {"parties": [{"name": "Fjordline", "country": "CN"}]},
            {"parties": [{"name": "Fjordline"}]}, ("/parties/0/country",),
            id="a country that stands near another party is not this one's",
        ),
        pytest.param({"topics": []}, {}, (), id="what gold leaves out is not lost"),
    ],
)  # fmt: skip
def test_what_no_words_say_is_left_out_and_told(gold: dict[str, Any], record: Any, lost: tuple[str, ...]) -> None:
    full: dict[str, Any] = {
        "parties": [],
        "kind": None,
        "signed_on": None,
        "price": None,
        "jobs": None,
        "note": None,
        "topics": [],
    }
    found = worded(full | gold)
    assert found.record == record
    assert found.lost == lost


# picking


def deals() -> tuple[list[Document], dict[str, Any]]:
    """Two nearly alike, one in French with other fields, one that says nothing."""
    texts = {
        "a": "Norway's Fjordline signed on 12 May.",
        "b": "Norway's Westline signed on 13 May.",
        "c": "La société Belrive a signé avec la banque Montclair. Le prix est de 3 millions d'euros pour la formation.",
        "d": "Nothing happened at all.",
    }
    golds = {
        "a": {"parties": [{"name": "Fjordline", "country": "NO"}], "signed_on": "--05-12"},
        "b": {"parties": [{"name": "Westline", "country": "NO"}], "signed_on": "--05-13"},
        "c": {
            "parties": [{"name": "Belrive"}],
            "price": {"amount": 3000000, "currency": "EUR"},
            "topics": ["formation"],
        },
        "d": {"parties": []},
    }
    return [Document(id_, text) for id_, text in texts.items()], golds


def picked(documents: Sequence[Document], golds: dict[str, Any], **how: Any) -> list[Candidate]:
    options = PickOptions(**how)
    return pick(candidates(SCHEMA, golds, documents, options=options), options)


def test_the_second_example_shows_what_the_first_does_not_and_the_richest_is_last() -> None:
    chosen = picked(*deals(), count=2)
    assert {each.id for each in chosen} in ({"a", "c"}, {"b", "c"})
    assert [each.said for each in chosen] == sorted(each.said for each in chosen)


class ByAlias(BaseModel, serialize_by_alias=True):
    bill_no: str = Field(serialization_alias="billNo")


def test_gold_of_a_class_that_dumps_by_alias_makes_examples_too() -> None:
    golds = {"a": {"billNo": "B-7"}}
    (found,) = candidates(load_schema(ByAlias), golds, [Document("a", "Bill B-7 is due.")], options=PickOptions())
    assert (found.record, found.wrong) == ({"bill_no": "B-7"}, ())


def test_a_document_that_says_nothing_is_no_example() -> None:
    assert {each.id for each in picked(*deals(), count=9)} == {"a", "b", "c"}


def test_a_document_whose_gold_is_not_in_its_words_is_worth_less() -> None:
    documents, golds = deals()
    golds["a"]["jobs"] = 17
    assert {each.id for each in picked(documents, golds, count=2)} == {"b", "c"}


def test_the_choice_does_not_hang_on_the_order_of_the_documents() -> None:
    documents, golds = deals()
    assert picked(documents, golds, count=2) == picked(documents[::-1], golds, count=2)


def test_of_a_long_text_the_whole_sentences_that_say_most_are_taken() -> None:
    filler = "The weather was fine and many people came to see the ships in the harbour. " * 40
    [found] = candidates(
        SCHEMA, {"d": GOLD}, [Document("d", filler + TEXT + " " + filler)], options=PickOptions(1, 100)
    )
    assert TEXT in found.text
    assert found.text.startswith(("The weather", "Chinese lender"))
    assert found.text.endswith(".")
    assert found.tokens == estimate_tokens(found.text) <= 100
    assert found.said == 11


@pytest.mark.parametrize("how", [{"count": 0}, {"tokens": 10}], ids=["no example", "no text"])
def test_a_number_that_makes_no_example_is_refused(how: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        PickOptions(**how)


# the file


def test_the_file_loads_and_holds_what_was_picked(tmp_path: Path) -> None:
    chosen = picked(*deals(), count=3)
    path = tmp_path / "my.examples.yaml"
    path.write_text(examples_yaml(chosen, SCHEMA), "utf-8")
    loaded = load_examples(path, SCHEMA)
    assert [each.text for each in loaded] == [each.text for each in chosen]
    assert [each.record["parties"][0]["name"] for each in loaded] == [
        each.record["parties"][0]["name"] for each in chosen
    ]
    assert all(each.id in path.read_text("utf-8").splitlines()[1] for each in chosen)


@pytest.mark.parametrize(
    "text", ["40: [a] # 'b' \"c\"", "- one\n  two: three\n\n# four", "12:30 sharp\n\tyes", "…\u2028x"]
)
def test_any_text_survives_the_file(text: str) -> None:
    record = {"note": "1_000", "topics": ["no", "12:30"]}
    document = Document("d\n# e", f"{text} no 12:30")
    chosen = Candidate(document.id, document.text, record, 3, (), (), 9, {})
    [loaded] = yaml.safe_load(examples_yaml([chosen], SCHEMA))
    assert loaded == {"text": document.text, "record": record}


def test_no_candidate_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(UsageError, match="no document makes an example"):
        examples_yaml([], SCHEMA)


def test_gold_of_many_languages_gives_examples_that_load_and_are_read_as_gold_states() -> None:
    folder = ROOT / "tests" / "corpus"
    schema = load_schema(str(ROOT / "schemas" / "partnership.py"))
    kept = list(read_documents([str(path) for path in DEVELOPMENT[::3]]))
    golds = {each.id: gold for each in kept for id_, gold in load_gold(folder).items() if id_ == each.id}
    found = candidates(schema, golds, kept, options=PickOptions(3, 300))
    assert len(found) == len(kept)
    assert all(each.tokens <= 300 for each in found)
    lost = sum(len(each.lost) for each in found)
    assert lost < 0.05 * (lost + sum(each.said for each in found))
    loaded = yaml.safe_load(examples_yaml(pick(found, PickOptions(3, 300)), schema))
    assert len(loaded) == 3


# the check


def shown_only_with_examples(request: Received) -> Step:
    """A stand-in that finds the party only where the prompt shows an example."""
    messages = request.body["messages"]
    last = str(messages[-1]["content"])
    empty: dict[str, Any] = {"kind": None, "signed_on": None, "price": None, "jobs": None, "note": None, "topics": []}
    parties = [{"name": "Westline", "country": None}] if "Westline" in last and len(messages) > 2 else []
    return answer(json.dumps({"parties": parties, **empty}))


async def test_the_check_scores_with_and_without_on_documents_that_were_not_used(tmp_path: Path) -> None:
    documents, golds = deals()
    golds["b"] = {"parties": [{"name": "Westline"}]}
    chosen = [each for each in picked(documents, golds, count=3) if each.id == "a"]
    path = tmp_path / "picked.examples.yaml"
    path.write_text(examples_yaml(chosen, SCHEMA), "utf-8")
    async with FaultServer(shown_only_with_examples) as server:
        endpoint = EndpointSettings(model="m", base_url=server.base_url, api_key="k", mode="json_schema", cache=False)
        grid = check_grid(Deal, path, endpoint=endpoint, options=Options(passes=1))
        left = unused(documents, ["a"])
        found = await sweep(left, golds, Deal, grid=grid, folder=tmp_path / "out")
        asked = [str(each.body["messages"][-1]["content"]) for each in server.received if "messages" in each.body]
    assert found.ok
    assert [each.setting.name for each in found.trials] == ["without examples", "with these examples"]
    assert found.documents == 3
    assert not any("Fjordline signed" in each for each in asked)
    assert "with these examples: +" in verdict(found)
    assert "may be chance" in verdict(found)  # of three documents


def test_examples_of_every_document_leave_nothing_to_check_them_on() -> None:
    documents, _ = deals()
    with pytest.raises(UsageError, match="none is left"):
        unused(documents, [each.id for each in documents])


# the command


def test_the_command_writes_the_file_and_replaces_none(tmp_path: Path) -> None:
    out = tmp_path / "picked.examples.yaml"
    command = ["examples", str(ROOT / "seeds"), "--gold", str(ROOT / "seeds"), "--schema", "partnership", "-n", "2",
               "--tokens", "250", "-o", str(out)]  # fmt: skip
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    loaded = load_examples(out, load_schema("partnership"))
    assert len(loaded) == 2
    before = out.read_text("utf-8")
    again = CliRunner().invoke(app, command)
    assert isinstance(again.exception, UsageError)
    assert "--overwrite" in str(again.exception)
    assert out.read_text("utf-8") == before
