"""What people have said: names that are one thing, and names that are not. It is kept in a small file beside the run.

    same:
      - [丰田, Toyota]
    different:
      - [Air France, Air France-KLM]

A list of ``same`` is of two names or more, one of ``different`` of two or more that are all different things.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from llmx.errors import UsageError
from llmx.link.wording import folded
from llmx.sinks.atomic import write_atomically

SUFFIX = ".names.yaml"

_HINT = "Write same: and different:, and below each lists of names, such as - [丰田, Toyota]."

Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Corrections:
    """Groups of names that are the same, and groups of which any two are different."""

    same: tuple[Group, ...] = ()
    different: tuple[Group, ...] = ()

    def __or__(self, more: Corrections) -> Corrections:
        return Corrections(
            tuple(dict.fromkeys((*self.same, *more.same))), tuple(dict.fromkeys((*self.different, *more.different)))
        )

    def pairs_apart(self) -> frozenset[frozenset[str]]:
        """Return the pairs of folded names that are different things."""
        return frozenset(frozenset(map(folded, pair)) for group in self.different for pair in combinations(group, 2))

    def without(self, one: str, two: str) -> Corrections:
        """Return it without what was said of the two names alone. Raises UsageError where a longer list has both."""
        pair = {folded(one), folded(two)}
        for group in (*self.same, *self.different):
            if len(group) > 2 and pair <= set(map(folded, group)):
                raise UsageError(f"{one} and {two} stand in a list of more names", hint="Change that in its file.")
        kept = [tuple(group for group in groups if set(map(folded, group)) != pair)
                for groups in (self.same, self.different)]  # fmt: skip
        return Corrections(kept[0], kept[1])

    def check(self) -> None:
        """Raise UsageError if two names are said to be both the same and different."""
        entity: dict[str, str] = {}

        def root(name: str) -> str:
            while entity.setdefault(name, name) != name:
                name = entity[name]
            return name

        for group in self.same:
            for name in map(folded, group[1:]):
                entity[root(name)] = root(folded(group[0]))
        for group in self.different:
            for one, two in combinations(group, 2):
                if root(folded(one)) == root(folded(two)):
                    raise UsageError(f"{one} and {two} are said to be the same, and to be different",
                                     hint="Take one of the two out of the file of names.")  # fmt: skip


def read_corrections(path: Path) -> Corrections:
    """Return what the file ``path`` says; raises UsageError if it is no such file."""
    import yaml  # noqa: PLC0415

    try:
        found = yaml.safe_load(path.read_text("utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{path}: {error}", hint=_HINT) from error
    if not isinstance(found, dict) or (unknown := set(found) - {"same", "different"}):
        told = f"there is no {', '.join(sorted(map(str, unknown)))}" if isinstance(found, dict) else "not a mapping"
        raise UsageError(f"{path}: {told}", hint=_HINT)
    return Corrections(*(tuple(_groups(found.get(name), f"{path}: {name}")) for name in ("same", "different")))


def _groups(found: Any, place: str) -> Iterator[Group]:
    for group in found or []:
        names = tuple(group) if isinstance(group, list) else ()
        if len(names) < 2 or not all(isinstance(name, str) and name.strip() for name in names):
            raise UsageError(f"{place}: {group!r} is no list of two names or more", hint=_HINT)
        yield names


def write_corrections(path: Path, corrections: Corrections) -> None:
    """Write the file, with a line for each group."""
    lines = ["# Names that are one thing, and names that are not. llmx link reads this file and adds to it."]
    for head, groups in (("same", corrections.same), ("different", corrections.different)):
        lines += [f"{head}:", *(f"  - [{', '.join(map(_quoted, group))}]" for group in groups)] if groups else []
    write_atomically(path, [("\n".join(lines) + "\n").encode()])


def _quoted(name: str) -> str:
    import json  # noqa: PLC0415

    return json.dumps(name, ensure_ascii=False)


def pair_of(text: str) -> Group:
    """Return the two names that ``text`` writes as NAME=NAME; raises UsageError if it does not.

    >>> pair_of("丰田=Toyota")
    ('丰田', 'Toyota')
    """
    names = tuple(part.strip() for part in text.split("="))
    if len(names) != 2 or not all(names):
        raise UsageError(f"{text!r} is no pair of names", hint="Such as --same 'ACME Inc=Acme'.")
    return names


def added(there: Corrections, same: Sequence[Group], different: Sequence[Group]) -> Corrections:
    """Return ``there`` with more groups, which must not contradict it."""
    whole = there | Corrections(tuple(same), tuple(different))
    whole.check()
    return whole
