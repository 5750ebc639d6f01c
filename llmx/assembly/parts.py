"""Parts of a record: data with the proofs and issues below it, put together from the leaves up.

What a record writes in another form than it was asked for takes that form here: maps, tuples, roots that are no object.
"""

from __future__ import annotations

import copy
from dataclasses import field, replace
from functools import lru_cache
from typing import Any

from pydantic_core import to_jsonable_python

from llmx import json_pointer
from llmx.dataclass import dataclass
from llmx.record import Evidence, Issue
from llmx.schema import ObjectOf, TupleOf
from llmx.schema.tree import KEY, UNSET, VALUE

DROP = object()
"""In place of data: the value takes the list element that holds it with it."""


@lru_cache(maxsize=1024)
def _prefix(at: str | int) -> str:
    """Return the pointer of a part of its holder: there are few of them, and many records."""
    return json_pointer.child("", at)


@dataclass(slots=True)
class Part:
    """A part of the record; its pointers are relative to it. ``proofs`` are evidence and confidence of its leaves.

    There is one for each leaf of a record: what most of them do not have is shared, and replaced where it is needed.
    """

    data: Any = None
    proofs: dict[str, tuple[Evidence | None, float]] = field(default_factory=dict)
    issues: list[Issue] | tuple[Issue, ...] = ()
    fatal: bool = False

    def take(self, part: Part, at: str | int, *, lost: bool = False, default: bool = False) -> None:
        """Take over what a part says, below ``at``; of a value that is ``lost`` the issues alone.

        ``default``: what is missing is left out, so that the default of the user's class stands there.
        """
        prefix = _prefix(at)
        if part.issues:
            self.issues = [*self.issues, *(replace(issue, path=prefix + issue.path) for issue in part.issues)]
        self.fatal = self.fatal or part.fatal
        if lost:
            return
        data = None if part.data is DROP else part.data
        if isinstance(at, int):
            self.data.append(data)
        elif default:
            return
        else:
            self.data[at] = data
        for path, proof in part.proofs.items():
            self.proofs[prefix + path] = proof


def fill_in(node: ObjectOf, data: dict[str, Any]) -> None:
    """Put in what was not asked for: defaults that no class knows of, and the ends of classes within themselves."""
    for name, value in node.ends:
        data[name] = copy.deepcopy(value)
    for member in node.members:
        if member.default is not UNSET and data.get(member.name) in (None, []):
            data[member.name] = copy.deepcopy(member.default)


def _moved(part: Part, data: Any, prefixes: dict[str, str], *, names: dict[str, str] | None = None) -> Part:
    """Return ``part`` with other ``data``, where what stood below the keys of ``prefixes`` stands below their values.

    Proofs that have no place there go, issues are told of the whole; ``names`` are further places of issues.
    """
    proofs: dict[str, tuple[Evidence | None, float]] = {}
    for path, proof in part.proofs.items():
        if (place := _place(path, prefixes)) is not None:
            proofs[place] = proof
    known = {**prefixes, **(names or {})}
    issues = [replace(issue, path=_place(issue.path, known) or "") for issue in part.issues]
    return Part(data, proofs, issues, part.fatal)


def _place(path: str, prefixes: dict[str, str]) -> str | None:
    above = next((each for each in json_pointer.upwards(path) if each in prefixes), None)
    return None if above is None else prefixes[above] + path[len(above) :]


def by_key(part: Part) -> Part:
    """Return a list of entries as the object that they stand for; the first of a key stays."""
    data: dict[Any, Any] = {}
    prefixes: dict[str, str] = {}
    keys: dict[str, str] = {}
    again: list[Issue] = []
    for number, each in enumerate(part.data):
        key, name = each[KEY], str(_json_key(each[KEY]))
        if key in data:
            again.append(Issue("duplicate", json_pointer.child("", name), f"{name!r} is there already"))
            continue
        data[key] = each[VALUE]
        prefixes[json_pointer.from_parts([number, VALUE])] = json_pointer.child("", name)
        keys[json_pointer.from_parts([number, KEY])] = json_pointer.child("", name)
    out = _moved(part, data, prefixes, names=keys)
    out.issues = [*out.issues, *again]
    return out


def _json_key(key: Any) -> Any:
    return key if isinstance(key, str) else to_jsonable_python(key)


def in_places(node: TupleOf, part: Part) -> Part:
    """Return the places of a tuple as a list, up to the last that holds something where the others may be absent."""
    names = [member.name for member in node.members]
    values = [part.data.get(name) for name in names]
    rest = values.pop() if node.open else []
    while values and values[-1] is None and not node.members[len(values) - 1].required:
        values.pop()
    prefixes = {json_pointer.child("", name): json_pointer.child("", number) for number, name in enumerate(names)}
    if node.open:
        below = json_pointer.child("", names[-1])
        del prefixes[below]
        for number in range(len(rest or ())):
            prefixes[json_pointer.child(below, number)] = json_pointer.child("", len(values) + number)
    return _moved(part, [*values, *(rest or ())], prefixes)


def inner_part(part: Part, name: str) -> Part:
    """Return the record that is no object, which the root's one field holds."""
    return _moved(part, part.data.get(name), {json_pointer.child("", name): ""})
