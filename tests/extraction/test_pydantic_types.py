# ruff: noqa: UP007, UP045 - people write Union and Optional, and both spellings are claimed to work
"""Everything that Pydantic can say loads, is asked for, and comes back as an instance of the user's class, proven."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import ipaddress
import json
import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Generic, Literal, NamedTuple, Optional, TypeVar, Union

import pytest
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    HttpUrl,
    IPvAnyAddress,
    Json,
    RootModel,
    computed_field,
    conint,
)
from typing_extensions import TypedDict  # as Pydantic demands before 3.12

from llmx.schema import Depth, load_schema
from tests.extraction.scripted import Scripted, codes, extracted

TEXT = (
    "Ann Lee (id 12345678-1234-5678-1234-567812345678) scored 12 in Oslo and 7 in Rome. Her cat Tom weighs 4 kg. "
    "See https://example.com/a at 10.0.0.1 or 10:30 on 2024-05-03T10:30:00+02:00. Sender: Bob; high priority. "
    "Chapter One holds Part Two, which holds Section Three. Mo is 42. It took two hours and 30 minutes. Mail: ann@example.com."
)


class Cat(BaseModel):
    kind: Literal["cat"]
    name: str


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str
    tricks: list[str] = []


class Place(BaseModel):
    city: str


class Sum(BaseModel):
    score: int


@dataclasses.dataclass
class Person:
    name: str
    age: int | None = None


class Sender(TypedDict, total=False):
    name: str
    age: int


class Pair(NamedTuple):
    city: str
    score: int


class Priority(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


T = TypeVar("T")


class Box(BaseModel, Generic[T]):
    content: T


class Tags(RootModel[list[str]]):
    pass


class Node(BaseModel):
    title: str
    children: list[Node] = []


CASES: dict[str, tuple[Any, Any, Any, dict[str, Any]]] = {
    # the type of a field, what the model says, the value in the record, and its proven places
    "dict": (dict[str, int], {"Oslo": 12, "Rome": "7"}, {"Oslo": 12, "Rome": 7}, {"/Oslo": "12", "/Rome": "7"}),
    "dict as entries": (
        dict[str, int], [{"key": "Oslo", "value": "12"}], {"Oslo": 12}, {"/Oslo": "12"},
    ),
    "Mapping of models": (
        Mapping[str, Sum], {"Oslo": {"score": "12"}}, {"Oslo": {"score": 12}}, {"/Oslo/score": "12"},
    ),
    "dict of lists": (dict[str, list[str]], {"Oslo": ["Ann Lee"]}, {"Oslo": ["Ann Lee"]}, {"/Oslo/0": "Ann Lee"}),
    "bare dict": (dict, {"city": "Oslo"}, {"city": "Oslo"}, {"/city": "Oslo"}),
    "dict with int keys": (dict[int, str], {"12": "Oslo"}, {"12": "Oslo"}, {"/12": "Oslo"}),
    "Counter": (Counter[str], {"Oslo": "12"}, {"Oslo": 12}, {"/Oslo": "12"}),
    "discriminated union": (
        Annotated[Cat | Dog, Field(discriminator="kind")],
        {"kind": "dog", "name": "Tom", "tricks": []},
        {"kind": "dog", "name": "Tom", "tricks": []},
        {"/name": "Tom"},
    ),
    "union": (Union[Place, Sum], {"score": "12"}, {"score": 12}, {"/score": "12"}),
    "list of unions": (
        list[Place | Sum],
        [{"city": "Oslo"}, {"score": "12"}],
        [{"city": "Oslo"}, {"score": 12}],
        {"/0/city": "Oslo", "/1/score": "12"},
    ),
    "union of plain types": (Union[int, str], "12", 12, {"": "12"}),
    "union of plain types, text": (Union[int, str], "Oslo", "Oslo", {"": "Oslo"}),
    "union with a list": (Union[str, list[str]], ["Oslo", "Rome"], ["Oslo", "Rome"], {"/0": "Oslo", "/1": "Rome"}),
    "number or list": (Union[float, list[float]], "12", 12.0, {"": "12"}),
    "tuple": (tuple[str, int], ["Oslo", 12], ["Oslo", 12], {"/0": "Oslo", "/1": "12"}),
    "tuple of any length": (tuple[str, ...], ["Oslo", "Rome"], ["Oslo", "Rome"], {"/1": "Rome"}),
    "NamedTuple": (Pair, ["Oslo", "12"], ["Oslo", 12], {"/0": "Oslo", "/1": "12"}),
    "nested RootModel": (Tags, ["Oslo"], ["Oslo"], {"/0": "Oslo"}),
    "dataclass": (Person, {"name": "Mo", "age": "42"}, {"name": "Mo", "age": 42}, {"/age": "42"}),
    "TypedDict": (Sender, {"name": "Bob", "age": None}, {"name": "Bob"}, {"/name": "Bob"}),
    "generic": (Box[int], {"content": "12"}, {"content": 12}, {"/content": "12"}),
    "constraint": (Annotated[int, Field(ge=10)], "12", 12, {"": "12"}),
    "conint": (conint(gt=10), "12", 12, {"": "12"}),
    "time": (dt.time, "10:30", "10:30:00", {"": "10:30"}),
    "timedelta": (dt.timedelta, "two hours and 30 minutes", "PT2H30M", {"": "two hours and 30 minutes"}),
    "aware datetime": (
        AwareDatetime, "2024-05-03T10:30:00+02:00", "2024-05-03T10:30:00+02:00", {"": "2024-05-03T10:30:00+02:00"},
    ),
    "HttpUrl": (HttpUrl, "https://example.com/a", "https://example.com/a", {"": "https://example.com/a"}),
    "EmailStr": (EmailStr, "ann@example.com", "ann@example.com", {"": "ann@example.com"}),
    "UUID": (
        uuid.UUID, "12345678-1234-5678-1234-567812345678", "12345678-1234-5678-1234-567812345678",
        {"": "12345678-1234-5678-1234-567812345678"},
    ),
    "IPvAnyAddress": (IPvAnyAddress, "10.0.0.1", "10.0.0.1", {"": "10.0.0.1"}),
    "IPv4Address": (ipaddress.IPv4Address, "10.0.0.1", "10.0.0.1", {"": "10.0.0.1"}),
    "IntEnum": (Priority, 2, 2, {}),
    "IntEnum by name": (Priority, "high", 2, {}),
    "Flag": (Rights, "write", 2, {}),
    "Any": (Any, "Oslo", "Oslo", {"": "Oslo"}),
    "Json": (Json[dict[str, int]], {"Oslo": "12"}, {"Oslo": 12}, {"/Oslo": "12"}),
    "optional list": (Optional[list[str]], None, None, {}),
    "optional list that is filled": (Optional[list[str]], ["Oslo"], ["Oslo"], {"/0": "Oslo"}),
    "optional map": (Optional[dict[str, int]], None, None, {}),
    "recursive class": (
        Node,
        {"title": "Chapter One", "children": [{"title": "Part Two", "children": [{"title": "Section Three"}]}]},
        {
            "title": "Chapter One",
            "children": [{"title": "Part Two", "children": [{"title": "Section Three", "children": []}]}],
        },
        {"/title": "Chapter One", "/children/0/children/0/title": "Section Three"},
    ),
}  # fmt: skip


def holder(kind: Any) -> type[BaseModel]:
    """Return a class with one field ``v`` of ``kind``."""
    return type("Holder", (BaseModel,), {"__annotations__": {"v": kind}, "__module__": __name__})


@pytest.mark.parametrize(("kind", "said", "value", "proven"), CASES.values(), ids=CASES.keys())
async def test_a_type_loads_is_extracted_and_its_values_are_proven(
    kind: Any, said: Any, *, value: Any, proven: dict[str, str]
) -> None:
    record = await extracted(holder(kind), TEXT, [{"v": said}])
    assert record.status == "ok", record.issues
    assert record.to_json()["data"]["v"] == value
    for path, words in proven.items():
        evidence = record.evidence[f"/v{path}"]
        assert evidence is not None
        assert evidence.quote == words


@pytest.mark.parametrize(("kind", "said", "value", "proven"), CASES.values(), ids=CASES.keys())
async def test_a_type_may_be_the_root_of_a_record(kind: Any, said: Any, *, value: Any, proven: dict[str, str]) -> None:
    record = await extracted(kind, TEXT, [json.dumps(said if isinstance(said, dict | list) else {"value": said})])
    assert record.status == "ok", record.issues
    assert record.to_json()["data"] == value
    assert all(record.evidence[path] is not None for path in proven)


async def test_a_root_model_is_asked_for_as_the_one_field_of_an_object() -> None:
    answers: list[Any] = [{"root": ["Oslo"]}, ["Oslo"], {"items": ["Oslo"]}, {"cities": ["Oslo"]}]
    for said in answers:
        record = await extracted(Tags, TEXT, [json.dumps(said)])
        assert record.status == "ok"
        assert record.data == Tags(["Oslo"])
        assert list(record.evidence) == ["/0"]


async def test_the_depth_of_a_recursive_class_is_four_or_as_its_mark_says() -> None:
    class Shallow(BaseModel):
        root: Annotated[Node, Depth(2)]

    deep: dict[str, Any] = {"title": "Mo", "children": []}
    for _ in range(3):
        deep = {"title": "Mo", "children": [deep]}
    record = await extracted(Node, TEXT, [deep])
    assert record.status == "ok"
    assert [path.count("children") for path in record.evidence] == [0, 1, 2, 3]
    assert load_schema(Node).sketch.count("once more") == 1
    assert "Shallow_root_children" in str(load_schema(Shallow).wire.model_json_schema())
    assert "Shallow_root_children_children" not in str(load_schema(Shallow).wire.model_json_schema())


async def test_a_timedelta_of_months_has_no_value() -> None:
    record = await extracted(holder(Optional[dt.timedelta]), "It takes three months.", [{"v": "three months"}])
    assert record.data is not None
    assert record.data.v is None
    assert ("unreadable", "/v") in codes(record)


async def test_what_is_unproven_in_a_map_a_tuple_or_a_union_costs_that_value() -> None:
    record = await extracted(holder(dict[str, int]), TEXT, [{"v": {"Oslo": "12", "Bonn": "99"}}])
    assert record.data is not None
    assert record.data.v == {"Oslo": 12}
    assert ("dropped", "/v") in codes(record)
    record = await extracted(holder(Union[int, None, list[int]]), TEXT, [{"v": ["12", "99"]}])
    assert record.data is not None
    assert record.data.v == [12]


async def test_what_the_class_refuses_in_a_map_costs_that_entry() -> None:
    kind = dict[str, Annotated[int, Field(ge=10)]]
    record = await extracted(holder(kind), TEXT, [{"v": {"Oslo": "12", "Rome": "7"}}])
    assert record.data is not None
    assert record.data is not None
    assert record.data.v == {"Oslo": 12}
    assert ("invalid_value", "/v/Rome") in codes(record)
    assert record.status == "partial"


async def test_a_strict_class_with_enum_aliases_and_computed_fields_is_filled() -> None:
    class Strict(BaseModel):
        model_config = ConfigDict(strict=True)
        priority: Priority
        mail_name: str = Field(alias="mailName")
        sent: dt.date = Field(serialization_alias="sentOn")

        @computed_field
        def loud(self) -> str:
            return self.mail_name.upper()

    answer = {"priority": 2, "mail_name": "Bob", "sent": "2024-05-03"}
    record = await extracted(Strict, TEXT, [answer])
    assert record.status == "ok", record.issues
    assert record.data is not None
    assert record.data.loud == "BOB"


async def test_defaults_stand_where_nothing_was_found() -> None:
    class Defaults(BaseModel):
        scores: dict[str, int] = {"none": 0}
        pet: Cat | Dog | None = None
        cities: Annotated[list[str], Field(min_length=1)] = ["nowhere"]

    record = await extracted(Defaults, TEXT, [{"scores": None, "pet": None, "cities": []}])
    assert record.status == "ok", record.issues
    assert record.data is not None
    assert (record.data.pet, record.data.cities) == (None, ["nowhere"])


async def test_the_wire_names_each_alternative_and_asks_for_words() -> None:
    scripted = Scripted([{"v": {"kind": "cat", "name": "Tom"}}])
    await extracted(holder(Union[Cat, Dog]), TEXT, scripted)
    schema = scripted.requests[0].body["response_format"]["json_schema"]["schema"]
    assert len(schema["properties"]["v"]["anyOf"]) == 2
