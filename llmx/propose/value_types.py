"""Chooses the type of a field: the first one that reads all the words that documents say for it.

What can be computed is decided by reading; what cannot be told from words (a person from an organisation, the number of
an invoice from a count) by the kind that the model gives. Words that no type reads stay words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from llmx.propose.fields import FieldProposal, Sighting
from llmx.types import Reader, Reading, reader_for

_LONG_CHARS = 120  # longer words get a cap, so that a model may quote them whole
_CAP_STEP = 100
_WHOLLY, _MOSTLY = 0.8, 0.4
"""The share of letters and digits that a reading must cover: nearly all of them where the model named another kind."""

_BARE = re.compile(r"\d+")
_NOT_COMPUTED = frozenset({"identifier", "person", "organization", "place"})
_ACCEPTED = frozenset({"ambiguous", "ambiguous_currency", "assumed_currency", "no_currency", "year_from_reference"})
"""Doubts about a value that leave no doubt about its type."""


@dataclass(frozen=True, slots=True)
class ValueType:
    """A type as it is written in Python, the module that it is from, and the marks of the field."""

    name: str
    module: str = "llmx.types"
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rule:
    """When a type is taken: ``kinds`` agree with it; with ``only``, it is taken for no other kind. ``fits`` is a
    condition on all the readings.
    """

    type: ValueType
    kinds: frozenset[str] = frozenset()
    only: bool = False
    fits: Callable[[Sequence[Reading[Any]]], bool] = field(default=lambda _: True)


def _names_a_currency(readings: Sequence[Reading[Any]]) -> bool:
    return any(not any(issue.code == "no_currency" for issue in reading.issues) for reading in readings)


def _has_units(readings: Sequence[Reading[Any]]) -> bool:
    return all(reading.value is not None and reading.value.unit for reading in readings)


_NAME, _CODE = 'Compare("words:0.8")', 'Compare("casefold")'
_RULES = (
    _Rule(ValueType("Email")),
    _Rule(ValueType("Url")),
    _Rule(ValueType("Iban")),
    _Rule(ValueType("VatId")),
    _Rule(ValueType("Phone"), frozenset({"phone"}), only=True),
    _Rule(ValueType("time", "datetime"), frozenset({"time"}), only=True),
    _Rule(ValueType("PartialDate"), frozenset({"date"})),
    _Rule(ValueType("DateRange"), frozenset({"date", "duration"})),
    _Rule(ValueType("Percent"), frozenset({"number"})),
    _Rule(ValueType("Money"), frozenset({"money"}), fits=_names_a_currency),
    _Rule(ValueType("Duration"), frozenset({"duration"})),
    _Rule(ValueType("Number"), frozenset({"money"}), only=True),  # a sum without its currency
    _Rule(ValueType("Quantity"), frozenset({"number"}), fits=_has_units),
    _Rule(ValueType("Number"), frozenset({"number"}), only=True),
    _Rule(ValueType("CountryCode"), frozenset({"country"}), only=True),
    _Rule(ValueType("LanguageCode"), frozenset({"language"}), only=True),
    _Rule(ValueType("PersonName", marks=(_NAME,)), frozenset({"person"}), only=True),
    _Rule(ValueType("OrganizationName", marks=(_NAME,)), frozenset({"organization"}), only=True),
)


def value_type(field: FieldProposal) -> ValueType:
    """Return the type of ``field``: one that reads the words of every document, ``Verbatim`` where there is none."""
    for rule in _RULES:
        if _allowed(rule, field) and _reads(rule, field):
            return rule.type
    longest = max((len(each.words) for each in field.sightings), default=0)
    marks = (f"Cap({2 * -(-longest // _CAP_STEP) * _CAP_STEP})",) if longest > _LONG_CHARS else ()
    return ValueType("Verbatim", marks=marks if marks or field.kind != "identifier" else (_CODE,))


def _allowed(rule: _Rule, field: FieldProposal) -> bool:
    if field.kind in rule.kinds:
        return True
    computed = field.kind not in _NOT_COMPUTED and not all(_BARE.fullmatch(each.words) for each in field.sightings)
    return not rule.only and (computed or not rule.kinds)


def _reads(rule: _Rule, field: FieldProposal) -> bool:
    reader, share = _reader(rule.type), _MOSTLY if field.kind in rule.kinds else _WHOLLY
    readings = [reader.from_text(each.words, locale=each.locale) for each in field.sightings]
    each_is_read = all(_is_read(r, s, share) for r, s in zip(readings, field.sightings, strict=True))
    return bool(readings) and each_is_read and rule.fits(readings)


def _is_read(reading: Reading[Any], sighting: Sighting, share: float) -> bool:
    """Whether a reading has a value, or says that there are several and which, and covers the words."""
    codes = {issue.code for issue in reading.doubts}
    if codes - _ACCEPTED or (reading.value is None and not reading.candidates):
        return False
    return _letters(reading.words) >= share * _letters(sighting.words)


def _letters(words: str) -> int:
    return sum(char.isalnum() for char in words)


def _reader(kind: ValueType) -> Reader:
    reader = reader_for(getattr(import_module(kind.module), kind.name))
    assert reader is not None
    return reader
