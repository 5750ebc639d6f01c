"""Marks that say more than a type: checks, translations, and quotes for inferred values."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel

from llmx.errors import ConfigError, SchemaError
from llmx.prompting.examples import load_examples
from llmx.schema import Check, Cues, Free, Translated, load_schema, with_quotes
from llmx.types import Money, OrganizationName
from tests.extraction.scripted import Scripted, codes, extracted, plan_for

TEXT = "Die Werft Aurelia Marine aus Turku baut Schiffe. Sie beschäftigt 2300 Menschen und zahlte 5 Mio. Euro. Vertrag. Drei Hallen."


def small(value: int, text: str) -> bool | str:
    return value < 100 or f"{value} is not below 100"


def in_first_sentence(value: str, text: str) -> bool:
    return value in text.split(".", maxsplit=1)[0]


def broken(value: Any, text: str) -> bool:
    raise KeyError(value)


class Soft(BaseModel):
    """Soft checks."""

    staff: Annotated[int | None, Check(small)] = None
    place: Annotated[str | None, Check(in_first_sentence, "does not stand in the first sentence")] = None
    tags: Annotated[list[str], Check(in_first_sentence)] = []
    odd: Annotated[str | None, Check(broken)] = None


class Hard(BaseModel):
    """Hard checks."""

    staff: Annotated[int | None, Check(small, hard=True)] = None


async def test_a_soft_check_files_an_issue_and_the_value_stays() -> None:
    answer = {"staff": "2300", "place": "Vertrag", "tags": ["Werft", "Vertrag"], "odd": "Turku"}
    endpoint = Scripted([answer])
    record = await extracted(Soft, TEXT, endpoint)
    assert record.status == "ok"
    assert record.data is not None
    assert (record.data.staff, record.data.place, record.data.tags) == (2300, "Vertrag", ["Werft", "Vertrag"])
    assert codes(record) == [("check", "/staff"), ("check", "/place"), ("check", "/tags/1"), ("check", "/odd")]
    messages = [issue.message for issue in record.issues]
    assert messages[0] == "2300 is not below 100"
    assert messages[1] == "Vertrag does not stand in the first sentence"
    assert "KeyError" in messages[3]
    assert len(endpoint.requests) == 1
    assert record.confidence["/tags/1"] < record.confidence["/tags/0"]


async def test_what_passes_its_check_files_nothing() -> None:
    record = await extracted(Soft, TEXT, [{"staff": "Drei", "place": "Turku", "tags": ["Werft"], "odd": None}])
    assert codes(record) == []


async def test_a_hard_check_leads_to_a_re_ask_that_quotes_the_value() -> None:
    endpoint = Scripted([{"staff": "2300"}, {"staff": "Drei"}])
    record = await extracted(Hard, TEXT, endpoint)
    assert record.data is not None
    assert (record.status, record.data.staff) == ("ok", 3)
    assert len(endpoint.requests) == 2
    assert "/staff: 2300 is not below 100" in endpoint.question(1)
    assert endpoint.accepted == [False, True]


async def test_a_record_is_invalid_where_the_model_insists() -> None:
    record = await extracted(Hard, TEXT, [{"staff": "2300"}], reasks=1)
    assert (record.status, record.data) == ("invalid", None)
    assert codes(record)[0] == ("check_failed", "/staff")
    assert record.issues[-1].path == ""


def test_a_check_on_an_object_is_refused_with_the_way_out() -> None:
    class Outer(BaseModel):
        inner: Annotated[Soft, Check(broken)]

    with pytest.raises(SchemaError, match=r"(?s)Outer\.inner.*validator"):
        load_schema(Outer)


class Told(BaseModel):
    """Told in English."""

    topic: Annotated[str | None, Translated("en")] = None
    name: OrganizationName | None = None
    topics: list[Annotated[str, Translated("en")]] = []
    summary: Annotated[str | None, Translated("en"), Free()] = None


async def test_a_translated_value_keeps_the_words_of_the_text_as_its_proof() -> None:
    answer = {
        "topic": {"words": "baut Schiffe", "value": "builds ships"}, "name": "Aurelia Marine",
        "topics": [{"words": "Vertrag", "value": "contract"}, {"words": "Flugzeuge", "value": "aircraft"}], "summary": "A yard.",
    }  # fmt: skip
    record = await extracted(Told, TEXT, [answer])
    assert record.status == "ok"
    assert record.data is not None
    assert record.data.topic == "builds ships"
    proof = record.evidence["/topic"]
    assert proof is not None
    assert (proof.quote, proof.rule, proof.kind) == ("baut Schiffe", "translated.en", "exact")
    assert TEXT[proof.start : proof.end] == "baut Schiffe"
    assert record.data.topics == ["contract", "aircraft"]
    assert record.evidence["/topics/1"] is None
    assert ("unproven", "/topics/1") in codes(record)
    assert record.data.summary == "A yard."


async def test_a_translation_that_says_nothing_is_null() -> None:
    for pair in (None, {"words": "", "value": ""}):
        record = await extracted(Told, TEXT, [{"topic": pair, "name": None, "topics": [], "summary": None}])
        assert record.data is not None
        assert record.data.topic is None


def test_the_model_is_shown_both_halves_of_a_translation() -> None:
    schema = load_schema(Told)
    assert '"topic": {"words": "words of the text", "value": "the same in the language en"} | null' in schema.sketch
    properties = schema.wire.model_json_schema()["$defs"]["Told_topic"]["properties"]
    assert list(properties) == ["words", "value"]


def test_only_text_can_be_translated() -> None:
    class Wrong(BaseModel):
        price: Annotated[Money, Translated("en")]

    with pytest.raises(SchemaError, match=r"Wrong\.price"):
        load_schema(Wrong)


class Size(Enum):
    BIG = "big"
    SMALL = "small"


class Judged(BaseModel):
    """Judged."""

    size: Size | None = None
    final: bool | None = None
    kind: Annotated[Literal["deal", "talks"] | None, Cues({"deal": ("Vertrag",), "talks": ("Gespräche",)})] = None
    name: str | None = None


def pair(quote: str | None, value: Any) -> dict[str, Any]:
    return {"quote": quote, "value": value}


async def test_with_evidence_quotes_an_inferred_value_is_proven_by_the_models_quote() -> None:
    answer = {
        "size": pair("2300 Menschen", "big"),
        "final": pair("unterschrieben", True),
        "kind": pair(None, "deal"),
        "name": None,
    }
    record = await extracted(Judged, TEXT, [answer], evidence="quotes")
    assert record.status == "ok"
    assert record.data is not None
    assert (record.data.size, record.data.final, record.data.kind) == (Size.BIG, True, "deal")
    size, final, kind = (record.evidence[path] for path in ("/size", "/final", "/kind"))
    assert size is not None
    assert (size.quote, size.rule) == ("2300 Menschen", "quoted")
    assert final is None
    assert codes(record) == [("unproven", "/final")]
    assert kind is not None
    assert (kind.quote, kind.rule) == ("Vertrag", "cue")


async def test_by_default_inferred_values_cost_no_token_more() -> None:
    plain, quoted = plan_for(Judged), plan_for(Judged, evidence="quotes")
    assert plain.schema == load_schema(Judged)
    assert '"size": "big" | "small" | null' in plain.schema.sketch
    assert '{"quote": "words of the text that say it" | null, "value": "big" | "small"} | null' in quoted.schema.sketch
    assert plain.schema.fingerprint != quoted.schema.fingerprint
    record = await extracted(Judged, TEXT, [{"size": "big", "final": True, "kind": "deal", "name": None}])
    assert record.evidence["/size"] is None


def test_a_schema_without_inferred_values_is_the_same_with_quotes() -> None:
    schema = load_schema(Told)
    assert with_quotes(schema) is schema
    assert plan_for(Told, evidence="quotes").shared == plan_for(Told).shared


def test_examples_get_their_quotes_from_the_cue_words(tmp_path: Path) -> None:
    path = tmp_path / "e.yaml"
    path.write_text(
        "- text: Ein vertrag von Rang.\n  record: {kind: deal, size: {quote: von Rang, value: big}, final: false}\n"
    )
    (example,) = load_examples(path, with_quotes(load_schema(Judged)))
    assert example.record["kind"] == {"quote": "vertrag", "value": "deal"}
    assert example.record["size"] == {"quote": "von Rang", "value": "big"}
    assert example.record["final"] == {"quote": None, "value": False}
    quoted = plan_for("partnership", examples="auto", evidence="quotes").rendering.messages("A contract.")
    assert '"agreement": {"quote": "framework agreement", "value": "framework_agreement"}' in str(quoted)


@pytest.mark.parametrize(
    ("name", "value"), [("evidence", "much"), ("boilerplate", "eat"), ("unproven", "maybe"), ("passes", 0)]
)
def test_an_option_with_a_value_that_is_not_allowed_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=name):
        plan_for(Judged, **{name: value})


async def test_boilerplate_can_be_marked_instead_of_dropped() -> None:
    from tests.extraction.test_document import PAGE, Listing

    answer = {"first": "Aurelia Marine", "day": None, "items": [{"name": "Initech"}]}
    record = await extracted(Listing, PAGE, [answer], boilerplate="mark")
    assert record.data is not None
    assert [item.name for item in record.data.items] == ["Initech"]
    assert codes(record) == [("boilerplate", "/items/0/name")]
