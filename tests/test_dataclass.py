"""Classes of llmx.dataclass are what dataclasses would make of them."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace
from typing import Any

import pytest

from llmx.dataclass import dataclass as quick


def _class_body() -> Any:
    class Example:
        """A class with what a class can have."""

        start: int
        end: int = 0
        notes: list[str] = field(default_factory=list)
        name: str = field(default="x", compare=False, repr=False)
        count: int = field(default=7, init=False)
        asked: bool = field(default=False, kw_only=True)

        def __post_init__(self) -> None:
            if self.end < 0:
                raise ValueError("negative")

    return Example


OPTIONS: tuple[dict[str, Any], ...] = (
    {"frozen": True},
    {},
    {"frozen": True, "eq": False},
    {"frozen": True, "order": True},
    {"order": True},
)


@quick(frozen=True, slots=True)
class Quick:
    """A frozen class."""

    start: int
    end: int = 0
    notes: tuple[str, ...] = ()


@quick(frozen=True, slots=True)
class Longer(Quick):
    """A class with a field more."""

    line: bytes = b""


@quick(slots=True)
class Loose:
    """A class that may change."""

    start: int


@dataclass(frozen=True, slots=True)
class Below(Quick):
    """A class that dataclasses makes of one that it has not made."""

    line: bytes = b""


@quick(frozen=True, slots=True)
class OwnMethods:  # noqa: PLW1641 - frozen: it gets a hash
    """A class with methods of its own."""

    start: int

    def __eq__(self, other: object) -> bool:
        return True

    def __repr__(self) -> str:
        return "own"


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_signature_the_methods_and_the_fields_are_the_same(options: dict[str, bool]) -> None:
    ours: Any = quick(slots=True, **options)(_class_body())
    theirs: Any = dataclass(slots=True, **options)(_class_body())
    assert str(inspect.signature(ours)) == str(inspect.signature(theirs))
    assert [str(each) for each in fields(ours)] == [str(each) for each in fields(theirs)]
    assert ours.__match_args__ == theirs.__match_args__
    assert ours.__slots__ == theirs.__slots__
    assert str(ours.__dataclass_params__) == str(theirs.__dataclass_params__)
    assert set(vars(ours)) - {"__init__"} == set(vars(theirs)) - {"__init__"}
    assert (ours.__hash__ is None) == (theirs.__hash__ is None)
    mine, yours = ours(3, notes=["a"], asked=True), theirs(3, notes=["a"], asked=True)
    assert repr(mine) == repr(yours)
    assert asdict(mine) == asdict(yours)
    assert (mine == ours(3, notes=["a"], asked=True, name="y")) == options.get("eq", True)
    assert mine != yours
    with pytest.raises(ValueError, match="negative"):
        replace(mine, end=-1)


def test_instances_with_an_order_are_compared_by_their_fields() -> None:
    ours: Any = quick(slots=True, order=True)(_class_body())
    theirs: Any = dataclass(slots=True, order=True)(_class_body())
    assert ours(1) < ours(1, 2) <= ours(2) > ours(1, 5) >= ours(1, 5)
    with pytest.raises(TypeError, match="not supported"):
        ours(1) < theirs(2)  # noqa: B015 - what is tested


def test_frozen_instances_have_a_hash_and_cannot_be_changed() -> None:
    value = Quick(1, 2)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'end'"):
        value.end = 3  # type: ignore[misc]  # what is tested
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'end'"):
        del value.end
    assert {value: 1}[Quick(1, 2)] == 1
    assert copy.deepcopy(value) == pickle.loads(pickle.dumps(value)) == copy.copy(value) == value


def test_instances_that_are_not_frozen_change_and_have_no_hash() -> None:
    value = Loose(1)
    value.start = 2
    assert value == Loose(2) == pickle.loads(pickle.dumps(value))
    with pytest.raises(TypeError, match="unhashable"):
        hash(value)


def test_a_class_below_has_the_slots_of_both() -> None:
    for below in (Longer, Below):
        assert below(1, line=b"x") == below(1, 0, (), b"x") != Quick(1)
        assert not hasattr(below(1), "__dict__")
        assert pickle.loads(pickle.dumps(Longer(1, line=b"x"))) == Longer(1, line=b"x")


def test_each_instance_has_a_default_of_its_own() -> None:
    made: Any = quick(slots=True)(_class_body())
    assert made(1).notes is not made(1).notes


def test_a_class_keeps_the_methods_of_its_own() -> None:
    assert OwnMethods(1) == OwnMethods(2)
    assert repr(OwnMethods(1)) == "own"
    assert hash(OwnMethods(1)) == hash(OwnMethods(1))
