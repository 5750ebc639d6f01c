"""A schema tree for data without a schema: records and gold show which fields there are and what they hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pydantic import BaseModel

from llmx.json_data import is_empty
from llmx.schema.tree import Leaf, ListOf, Member, Node, ObjectOf
from llmx.types import Number, PartialDate, reader_for

UNKNOWN_LEAF = Leaf("text", "unknown", kind_of=Any)
"""A place of which no value says anything."""

Values = list[Any]
Fields = Callable[[dict[str, Any]], Iterable[tuple[str, Any]]]
Answers = Callable[[Any], Iterable[Any]]

_TEXT, _FLAG, _ANY = Leaf("text", "text"), Leaf("flag", "true or false"), Leaf("text", "any", kind_of=Any)
_NUMBER = Leaf("quote", "number", reader=reader_for(Number), kind_of=Number)
_DATE = Leaf("quote", "date", reader=reader_for(PartialDate), kind_of=PartialDate)
_DATE_FORM = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?|--\d{2}(-\d{2})?")


def _itself(value: Any) -> Iterable[Any]:
    return (value,)


def infer_tree(values: Iterable[Any], *, answers: Answers = _itself, fields: Fields = dict.items) -> Node:
    """Return the tree that fits ``values``: every field that one of them names, in the order of appearance.

    Objects go before lists, and lists before scalars. ``answers`` returns what one value stands for, and ``fields``
    the fields of an object; both are for notations such as gold's. The objects of the tree have no class and no key.

    >>> tree = infer_tree([{"on": "2026-05", "jobs": 3}, {"jobs": None, "tags": ["a"]}])
    >>> [(member.name, type(member.node).__name__) for member in tree.members]
    [('on', 'Leaf'), ('jobs', 'Leaf'), ('tags', 'ListOf')]
    """
    given = [answer for value in values for answer in answers(value)]
    stated = [value for value in given if not is_empty(value)]
    objects = [value for value in stated if isinstance(value, dict)]
    if objects:
        below: dict[str, Values] = {}
        for each in objects:
            for name, value in fields(each):
                below.setdefault(name, []).append(value)
        members = (
            Member(name, infer_tree(found, answers=answers, fields=fields), True, False, "")
            for name, found in below.items()
        )
        return ObjectOf(BaseModel, tuple(members), None)
    lists = [value for value in stated if isinstance(value, list)]
    if lists or (not stated and any(isinstance(value, list) for value in given)):
        return ListOf(infer_tree([item for each in lists for item in each], answers=answers, fields=fields))
    return _leaf(stated)


def _leaf(stated: Sequence[Any]) -> Leaf:
    if not stated:
        return UNKNOWN_LEAF
    if all(isinstance(value, bool) for value in stated):
        return _FLAG
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in stated):
        return _NUMBER
    if all(isinstance(value, str) for value in stated):
        return _DATE if all(_DATE_FORM.fullmatch(value) for value in stated) else _TEXT
    return _ANY
