"""Frozen dataclasses whose slots are filled through their setters are what they were without."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from llmx.slot_setters import with_slot_setters


@dataclass(frozen=True, slots=True)
class Plain:
    """As ``dataclass`` makes it."""

    start: int
    end: int = 0
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.end < 0:
            raise ValueError("negative")


@with_slot_setters
@dataclass(frozen=True, slots=True)
class Quick:
    """The same with setters."""

    start: int
    end: int = 0
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.end < 0:
            raise ValueError("negative")


@with_slot_setters
@dataclass(frozen=True, slots=True)
class Longer(Quick):
    """A class with a field more."""

    line: bytes = b""


def test_the_signature_and_the_fields_are_the_same() -> None:
    assert inspect.signature(Quick) == inspect.signature(Plain)
    assert repr(Quick(1, notes=["a"])) == repr(Plain(1, notes=["a"])).replace("Plain", "Quick")


def test_instances_are_frozen_and_compare_copy_and_pickle() -> None:
    value = Quick(1, 2)
    with pytest.raises(FrozenInstanceError):
        value.end = 3  # type: ignore[misc]  # what is tested
    assert replace(value, end=4) == Quick(1, 4)
    assert copy.deepcopy(value) == pickle.loads(pickle.dumps(value)) == value


def test_each_instance_has_a_default_of_its_own_and_is_checked() -> None:
    assert Quick(1).notes is not Quick(1).notes
    with pytest.raises(ValueError, match="negative"):
        Quick(1, -1)


def test_a_class_below_has_the_slots_of_both() -> None:
    assert Longer(1, line=b"x") == Longer(1, 0, [], b"x")
