"""What the user's own class refuses is asked for once more; what it still refuses costs no more than it must."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

import pytest
from pydantic import AfterValidator, BaseModel, Field, ValidationInfo, field_validator, model_validator

from llmx.assembly.validation import has_rules
from llmx.schema import load_schema
from tests.extraction.scripted import Scripted, codes, extracted

TEXT = (
    "Order B-7: paper for 1,000 euros, ink for 250 euros, pens for 30 euros. Order C-9 follows. Buyer: Ada Lovelace, "
    "aged 36. In all 1,280 euros."
)


def _short(value: str) -> str:
    if len(value) > 5:
        raise ValueError("at most five letters")
    return value


class Line(BaseModel):
    what: Annotated[str, AfterValidator(_short)]
    price: Decimal = Field(ge=100)


class Order(BaseModel):
    """An order with rules of its own."""

    number: str = Field(pattern=r"^[A-Z]-\d$")
    age: int | None = Field(None, lt=30)
    lines: list[Line] = []
    total: Decimal | None = None

    @field_validator("number")
    @classmethod
    def is_an_order(cls, value: str, info: ValidationInfo) -> str:
        document = (info.context or {})["document"]
        if f"Order {value}" not in document.text:
            raise ValueError(f"the document has no order {value}")
        return value


PAPER, INK, PENS = (
    {"what": "paper", "price": "1,000 euros"},
    {"what": "ink", "price": "250 euros"},
    {"what": "pens", "price": "30 euros"},
)
GOOD = {"number": "B-7", "age": None, "lines": [PAPER, INK], "total": "1,280 euros"}


async def test_a_value_that_a_validator_refuses_is_asked_for_once_more_with_its_reason() -> None:
    model = Scripted([GOOD | {"number": "Order"}, GOOD])
    record = await extracted(Order, TEXT, model)
    assert (record.status, record.issues) == ("ok", ())
    assert "- /number: String should match pattern" in model.question()
    assert '(you gave "Order")' in model.question()
    assert model.accepted == [False, True]


async def test_a_validator_that_looks_at_the_document_is_heard_too() -> None:
    model = Scripted([GOOD | {"number": "D-4"}, GOOD | {"number": "C-9"}])
    record = await extracted(Order, TEXT + " Not D-4.", model)
    assert record.data is not None
    assert record.data.number == "C-9"
    assert "the document has no order D-4" in model.question()


async def test_a_field_that_stays_refused_becomes_null_and_the_rest_is_kept() -> None:
    model = Scripted([GOOD | {"age": "36"}])
    record = await extracted(Order, TEXT, model, reasks=1)
    assert record.status == "partial"
    assert codes(record) == [("invalid_value", "/age")]
    assert record.to_json()["data"] | {"age": None} == record.to_json()["data"]
    assert "/age" not in record.evidence
    assert {"/number", "/lines/0/what", "/total"} <= set(record.evidence)
    assert len(model.requests) == 2


async def test_an_element_that_stays_refused_goes_and_the_proofs_of_the_others_stay_with_them() -> None:
    record = await extracted(Order, TEXT, [GOOD | {"lines": [PENS, PAPER, PENS | {"price": "31"}, INK]}])
    assert record.status == "partial"
    assert record.data is not None
    assert [line.what for line in record.data.lines] == ["paper", "ink"]
    assert ("invalid_value", "/lines/0/price") in codes(record)
    quotes = {path: proof.quote for path, proof in record.evidence.items() if proof is not None}
    assert (quotes["/lines/0/what"], quotes["/lines/1/what"]) == ("paper", "ink")
    assert not any(path.startswith("/lines/2") for path in record.evidence)
    assert set(record.confidence) == set(record.evidence)


async def test_what_must_be_there_and_is_refused_makes_the_record_invalid() -> None:
    record = await extracted(Order, TEXT, [GOOD | {"number": "Order"}])
    assert (record.status, record.data) == ("invalid", None)
    assert [code for code in codes(record) if code[0] == "invalid_value"] == [("invalid_value", "/number")]


class Sum(BaseModel):
    """The whole has a rule."""

    lines: list[Line] = []
    total: Decimal

    @model_validator(mode="after")
    def adds_up(self) -> Self:
        if sum(line.price for line in self.lines) != self.total:
            raise ValueError("the lines do not add up to the total")
        return self


async def test_a_rule_of_the_whole_record_is_asked_about_and_makes_it_invalid_in_the_end() -> None:
    right = {"lines": [PAPER, INK], "total": "1,250 euros"}
    text = TEXT + " Without pens 1,250 euros."
    model = Scripted([right | {"total": "1,280 euros"}, right])
    assert (await extracted(Sum, text, model)).status == "ok"
    assert "- the answer: Value error, the lines do not add up to the total" in model.question()
    record = await extracted(Sum, text, [right | {"total": "1,280 euros"}])
    assert (record.status, codes(record)) == ("invalid", [("invalid_value", "")])


async def test_a_chunk_is_no_record_and_is_not_judged_as_one() -> None:
    long = " ".join([TEXT] * 40)
    right = {"lines": [PAPER, INK], "total": "1,280 euros"}
    model = Scripted([right])
    await extracted(Sum, long, model, chunk_tokens=300)
    assert all("refused" not in model.question(number) for number in range(len(model.requests)))


class Plain(BaseModel):
    name: str
    lines: list[str] = []


@pytest.mark.parametrize(("schema", "ruled"), [(Order, True), (Sum, True), (Plain, False)])
def test_only_classes_with_rules_are_asked_before_the_end(schema: type[BaseModel], ruled: bool) -> None:
    assert has_rules(load_schema(schema).tree) is ruled
    assert has_rules(load_schema("partnership").tree) is False
