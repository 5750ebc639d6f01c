"""What a typed value says of the words it was read from.

A reading holds the value, the exact words, their place in the string given, the rule that computed the value, and
everything that is unsure about it. Reading never raises on bad words: a value that cannot be computed is None, with
an issue that says why. This module knows no type; each type has its own module beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, Generic, Protocol, Self, TypeVar, cast, runtime_checkable

from pydantic_core import PydanticCustomError

from llmx.dataclass import dataclass
from llmx.record import Issue

T = TypeVar("T")
U = TypeVar("U")

#: Remarks that describe the words and cast no doubt on the value.
NOTES = frozenset(
    {
        "approximate",
        "converted",
        "exclusive",
        "lower_bound",
        "other_numbers",
        "rate",
        "relative",
        "upper_bound",
        "year_from_reference",
    }
)


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value read from words: ``words`` is ``given[start:end]`` of the string that was given.

    ``value`` is None where the words say none, or say several and nothing decides; ``candidates`` then holds the
    possible ones, likeliest first. ``rule`` names how the value was computed, such as ``number.magnitude``.
    """

    value: T | None
    words: str
    start: int
    end: int
    rule: str
    candidates: tuple[T, ...] = ()
    issues: tuple[Issue, ...] = ()

    @property
    def doubts(self) -> tuple[Issue, ...]:
        """The issues that cast doubt on the value; notes such as ``approximate`` are left out."""
        return tuple(issue for issue in self.issues if issue.code not in NOTES) if self.issues else ()

    def shift(self, by: int) -> Reading[T]:
        """Return the same reading ``by`` code points further on."""
        return Reading(self.value, self.words, self.start + by, self.end + by, self.rule, self.candidates, self.issues)

    def map(self, convert: Callable[[T], U]) -> Reading[U]:
        """Return the reading with ``convert`` applied to its value and its candidates."""
        return Reading(
            None if self.value is None else convert(self.value),
            self.words,
            self.start,
            self.end,
            self.rule,
            tuple(convert(candidate) for candidate in self.candidates),
            self.issues,
        )

    def with_issue(self, code: str, message: str) -> Reading[T]:
        """Return the reading with one more issue."""
        return replace(self, issues=(*self.issues, Issue(code, "", message)))


@runtime_checkable
class TypedValue(Protocol):
    """What a class needs to be a typed value in a schema: these two class methods, and to be a Pydantic field type."""

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Compute the one value that ``words`` say; never raises on bad words."""
        ...

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Find every such expression in a running text, in order, not overlapping, in linear time."""
        ...


def cast_reading(reading: Reading[Any]) -> Reading[T]:
    """Return a reading without a value as a reading of any type."""
    return cast("Reading[T]", reading)


def unread(words: str, code: str, message: str, *, rule: str = "none") -> Reading[Any]:
    """Return a reading without a value: the whole of ``words``, and why nothing was read."""
    return Reading(None, words, 0, len(words), rule, (), (Issue(code, "", message),))


def read_one(found: list[Reading[T]], words: str, what: str) -> Reading[T]:
    """Return the one reading of ``found``; none and several different ones give a reading without a value.

    ``what`` names the thing sought, for the message. Several readings of one and the same value are one reading.
    """
    if not found:
        return cast_reading(unread(words, "not_found", f"no {what} in {shorten(words)!r}"))
    first = found[0]
    values = [reading.value for reading in found]
    if len(found) == 1 or (values[0] is not None and all(value == values[0] for value in values)):
        return first
    return several(found, words, what)


def several(found: list[Reading[T]], words: str, what: str) -> Reading[T]:
    """Return a reading without a value whose candidates are the values of all of ``found``."""
    candidates: list[T] = []
    for reading in found:
        for value in (reading.value, *reading.candidates):
            if value is not None and value not in candidates:
                candidates.append(value)
    start, end = found[0].start, found[-1].end
    issue = Issue("several", "", f"{shorten(words)!r} names more than one {what}")
    return Reading(None, words[start:end], start, end, "several", tuple(candidates), (issue,))


def fields_of(given: Any, read: Callable[[str], Reading[Any]], otherwise: str) -> Any:
    """Return what a model is made of: ``given``, or where that is words, the fields of the value that they state.

    Raises PydanticCustomError for words that state none, or none for certain; ``otherwise`` is told where the reading
    says nothing.
    """
    if not isinstance(given, str):
        return given
    reading = read(given)
    if reading.value is None or reading.doubts:
        reason = "; ".join(issue.message for issue in reading.issues) or otherwise
        raise PydanticCustomError("llmx_value", "{reason}", {"reason": reason})
    return reading.value.model_dump()


def shorten(words: str, limit: int = 60) -> str:
    """Return ``words`` cut to ``limit`` characters, for a message."""
    return words if len(words) <= limit else words[: limit - 1] + "…"
