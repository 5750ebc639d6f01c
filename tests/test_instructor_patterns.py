"""instructor's documented patterns, with llmx: response models, Maybe, Iterable, validators, contexts, enums.

Each row is a response model as instructor's own pages write it, the answers of a scripted model, and what becomes of them.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import instructor
import openai
import pytest
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

import llmx
from llmx.documents import Document
from llmx.extraction.document import extract_document
from tests.cli.running import serving
from tests.extraction.scripted import Scripted, plan_for
from tests.fault_server import FaultServer, Received, Step, answer, call

TEXT = "Jason Liu is 25 years old and works as an engineer at Acme. Sarah is 30, a designer."


class User(BaseModel):
    name: str
    age: int


class Role(enum.Enum):
    ENGINEER = "engineer"
    DESIGNER = "designer"


class Employee(BaseModel):
    name: str
    role: Role
    kind: Literal["person", "company"]


class Property(BaseModel):
    key: str
    value: str


class Character(BaseModel):
    name: str
    properties: list[Property]


class Book(BaseModel):
    characters: list[Character]


def has_a_space(value: str) -> str:
    if " " not in value:
        raise ValueError("Name must contain a space.")
    return value


class Upper(BaseModel):
    name: str

    @field_validator("name")
    @classmethod
    def must_be_uppercase(cls, value: str) -> str:
        if not value.isupper():
            raise ValueError("Name must be uppercase.")
        return value


class Spaced(BaseModel):
    name: Annotated[str, AfterValidator(has_a_space)]


class Team(BaseModel):
    names: list[Annotated[str, AfterValidator(has_a_space)]]


class Optionally(BaseModel):
    name: Annotated[str, AfterValidator(has_a_space)] | None = None


class Demanding(BaseModel):
    name: str | None = None

    @field_validator("name")
    @classmethod
    def is_given(cls, value: str | None) -> str:
        if value is None:
            raise ValueError("Give a name.")
        return value


class Adult(BaseModel):
    age: Annotated[int, Field(lt=27)]


class Ordered(BaseModel):
    low: int
    high: int

    @model_validator(mode="after")
    def in_order(self) -> Ordered:
        if self.low > self.high:
            raise ValueError("low must be less than high")
        return self


class AfterInit(BaseModel):
    name: str

    def model_post_init(self, _: Any) -> None:
        has_a_space(self.name)


class Citation(BaseModel):
    statement: str
    quote: str

    @field_validator("quote")
    @classmethod
    def is_in_the_text(cls, value: str, info: ValidationInfo) -> str:
        assert info.context is not None
        if value not in info.context["text_chunk"]:
            raise ValueError(f"Citation `{value}` not found in text chunks")
        return value


class Reasoned(BaseModel):
    chain_of_thought: str = Field(description="Think step by step to determine the correct age")
    age: int


JASON, SARAH = {"name": "Jason Liu", "age": "25"}, {"name": "Sarah", "age": "30"}
MaybeUser: Any = instructor.Maybe(User)


@dataclass(frozen=True)
class Pattern:
    """A response model, what the model answers in turn, what comes out, and what it is asked again with ('': not)."""

    schema: Any
    answers: list[Any]
    wanted: Any
    asked_again: str = ""
    text: str = TEXT
    meta: dict[str, str] = field(default_factory=dict)


PATTERNS = {
    "a response model": Pattern(User, [JASON], User(name="Jason Liu", age=25)),
    "a Maybe that is one": Pattern(
        MaybeUser, [{"result": JASON, "error": False, "message": None}],
        {"result": {"name": "Jason Liu", "age": 25}, "error": False, "message": None},
    ),
    "a Maybe that is none": Pattern(
        MaybeUser, [{"result": None, "error": True, "message": "no user"}],
        {"result": None, "error": True, "message": "no user"}, text="The sky is blue.",
    ),
    "Iterable": Pattern(
        Iterable[User], [{"items": [JASON, SARAH]}], [{"name": "Jason Liu", "age": 25}, {"name": "Sarah", "age": 30}]
    ),
    "list": Pattern(list[User], [{"items": [SARAH]}], [{"name": "Sarah", "age": 30}]),
    "a Literal alone": Pattern(Literal["SPAM", "NOT_SPAM"], [{"value": "NOT_SPAM"}], "NOT_SPAM"),
    "an int alone": Pattern(int, [{"value": "25"}], 25),
    "enum and Literal": Pattern(
        Employee, [{"name": "Sarah", "role": "designer", "kind": "person"}],
        Employee(name="Sarah", role=Role.DESIGNER, kind="person"),
    ),
    "nested lists": Pattern(
        Book, [{"characters": [{"name": "Sarah", "properties": [{"key": "age", "value": "30"}]}]}],
        Book(characters=[Character(name="Sarah", properties=[Property(key="age", value="30")])]),
    ),
    "chain of thought": Pattern(
        Reasoned, [{"chain_of_thought": "It says 25.", "age": "25"}], Reasoned(chain_of_thought="It says 25.", age=25)
    ),
    "field_validator": Pattern(Upper, [{"name": "Acme"}, {"name": "ACME"}], Upper(name="ACME"), "Name must be uppercase."),
    "AfterValidator": Pattern(
        Spaced, [{"name": "Jason"}, {"name": "Jason Liu"}], Spaced(name="Jason Liu"), "Name must contain a space."
    ),
    "a validator of elements": Pattern(
        Team, [{"names": ["Jason"]}, {"names": ["Jason Liu"]}], Team(names=["Jason Liu"]), "- /names/0: Value error, Name"
    ),
    "a validator within an optional": Pattern(
        Optionally, [{"name": "Jason"}, {"name": "Jason Liu"}], Optionally(name="Jason Liu"), "Name must contain a space."
    ),
    "a validator that refuses None": Pattern(
        Demanding, [{"name": None}, {"name": "Jason Liu"}], Demanding(name="Jason Liu"), "Give a name."
    ),
    "a constraint": Pattern(Adult, [{"age": "30"}, {"age": "25"}], Adult(age=25), "Input should be less than 27"),
    "model_validator": Pattern(
        Ordered, [{"low": "30", "high": "25"}, {"low": "25", "high": "30"}], Ordered(low=25, high=30), "low must be less"
    ),
    "model_post_init": Pattern(
        AfterInit, [{"name": "Jason"}, {"name": "Jason Liu"}], AfterInit(name="Jason Liu"), "Name must contain a space."
    ),
    "validation context": Pattern(
        Citation, [{"statement": "Sarah is 30", "quote": "Sarah is thirty"}, {"statement": "Sarah is 30", "quote": "Sarah is 30"}],
        {"statement": "Sarah is 30", "quote": "Sarah is 30"}, "Citation `Sarah is thirty` not found",
        meta={"text_chunk": TEXT},
    ),
}  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS.keys())
async def test_a_pattern_of_instructor_works_as_it_is(pattern: Pattern) -> None:
    endpoint = Scripted(pattern.answers)
    document = Document("d", pattern.text, meta=pattern.meta)
    record = await extract_document(document, plan_for(pattern.schema), endpoint)
    assert record.status == "ok"
    assert record.data is not None
    wanted = pattern.wanted.model_dump(mode="json") if isinstance(pattern.wanted, BaseModel) else pattern.wanted
    assert record.data.model_dump(mode="json") == wanted
    assert len(endpoint.requests) == len(pattern.answers)
    assert pattern.asked_again in (endpoint.question() if pattern.asked_again else "")


async def test_a_validator_of_a_single_value_is_asked_again_in_each_chunk_of_a_long_document() -> None:
    class Person(BaseModel):
        name: Annotated[str, AfterValidator(has_a_space)]

    text = "Jason came first. " + "It was a long day, and many came. " * 40 + "Later came Jason Liu."
    endpoint = Scripted(lambda request: {"name": "Jason Liu" if "Later came" in str(request.body) else "Jason"})
    await extract_document(Document("d", text), plan_for(Person, chunk_tokens=100, reasks=1), endpoint)
    asked = [request.body["messages"][-1]["content"] for request in endpoint.requests]
    assert any("Name must contain a space." in question for question in asked)


def judged(request: Received) -> Step:
    """Say of a judge's question what instructor's Validator wants, of any other what the text says."""
    if "tools" in request.body and request.body["tools"][0]["function"]["name"] == "Validator":
        bad = "Jason" in str(request.body["messages"]) and "Jason Liu" not in str(request.body["messages"])
        reason = '"Give the family name, too."' if bad else "null"
        return call(
            f'{{"is_valid": {str(not bad).lower()}, "reason": {reason}, "fixed_value": null}}', name="Validator"
        )
    again = "Give the family name, too." in str(request.body["messages"])
    return answer(f'{{"name": "{"Jason Liu" if again else "Jason"}"}}')


def test_llm_validator_is_asked_and_what_it_objects_to_is_asked_again() -> None:
    with serving(judged) as server:
        judge = instructor.from_openai(openai.OpenAI(base_url=server.base_url, api_key="k"))
        check = instructor.llm_validator("the name has a family name", client=judge, model="judge")

        class Full(BaseModel):
            name: Annotated[str, BeforeValidator(check)]

        how = llmx.EndpointSettings("m", server.base_url, mode="json_schema", api_key="k", cache=False)
        [record] = llmx.extract([Document("d", TEXT)], Full, endpoint=how, options=llmx.Options(passes=1))
    assert (record.status, record.data) == ("ok", Full.model_construct(name="Jason Liu"))
    assert sum(each.body["model"] == "judge" for each in received(server)) == 2


def received(server: FaultServer) -> list[Received]:
    return [each for each in server.received if each.path.endswith("/chat/completions")]
