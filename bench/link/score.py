"""Scores entity resolution on the gold beside this file: pairs of names in ten languages, and planted duplicates.

    python bench/link/score.py                # the part that rules may be made on
    python bench/link/score.py held_out       # another, which is only ever scored

Each part is one run: every name stands in a document of its own, with the text and the country that its line says, and
all are linked at once. So a pair is judged by what the run makes of it, and any two names of different pairs that
become one are a false merge as well, unless the gold makes them one.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from llmx.link.corrections import Corrections
from llmx.link.mentions import Mention
from llmx.link.names import Kind
from llmx.link.resolve import Resolved, resolve

FOLDER = Path(__file__).resolve().parent
HALVES = ("development", "held_out", "second", "third", "fourth")
"""The files of the gold. Rules were made on the first, and on two more once these had been scored (docs/link.md)."""

KINDS: dict[str, Kind] = {"organization": "organization", "person": "person"}


@dataclass(frozen=True)
class Pair:
    """Two names, whether they are one thing, and what the documents say besides."""

    number: int
    language: str
    same: bool
    kind: Kind
    names: tuple[str, str]
    text: str = ""
    countries: tuple[str, str] = ("", "")

    @property
    def documents(self) -> tuple[str, str]:
        return f"{self.number}a.txt", f"{self.number}b.txt"


@dataclass(frozen=True)
class Figures:
    """What came out for the pairs of a half."""

    right: int
    false: tuple[str, ...]
    missed: tuple[str, ...]

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + len(self.false))

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + len(self.missed))

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + len(self.false) + len(self.missed))


def pairs(half: str) -> list[Pair]:
    with (FOLDER / f"{half}.tsv").open(encoding="utf-8", newline="") as lines:
        return [_pair(n, row) for n, row in enumerate(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))]


def _pair(number: int, row: dict[str, str]) -> Pair:
    name, _, value = row["support"].partition("=")
    one, _, two = value.partition("/") if name == "countries" else ("", "", "")
    return Pair(
        number, row["language"], row["same"] == "yes", KINDS[row["kind"]], (row["a"], row["b"]),
        text=value if name == "text" else "", countries=(one, two),
    )  # fmt: skip


def linked(found: list[Pair]) -> Resolved:
    mentions: list[Mention] = []
    texts: dict[str, str] = {}
    for pair in found:
        for name, document, country in zip(pair.names, pair.documents, pair.countries, strict=True):
            mentions.append(Mention(document, "/name", name, pair.kind, "name", country=country))
            texts[document] = name
        if pair.text:
            texts[pair.documents[0]] = pair.text
    return resolve(mentions, texts, Corrections())


def figures(found: list[Pair]) -> Figures:
    """Return the figures over the pairs of the gold, and the merges of names of different pairs."""
    resolved = linked(found)
    entity = {mention.record: each.id for each in resolved.entities for mention in each.mentions}
    right = 0
    false: list[str] = []
    missed: list[str] = []
    for pair in found:
        told = f"{pair.language}: {pair.names[0]} | {pair.names[1]}"
        one, two = (entity[document] for document in pair.documents)
        if one == two and pair.same:
            right += 1
        elif one == two:
            false.append(told)
        elif pair.same:
            missed.append(told)
    return Figures(right, (*false, *_across(found, resolved)), tuple(missed))


def _across(found: list[Pair], resolved: Resolved) -> Iterator[str]:
    """Yield the names of different pairs that became one, and that no pairs of the gold make one."""
    group = {pair.number: pair.number for pair in found}

    def root(number: int) -> int:
        while group[number] != number:
            number = group[number]
        return number

    of_name: dict[tuple[str, str], int] = {}
    for pair in found:
        for name in pair.names if pair.same else ():
            first = of_name.setdefault((pair.kind, name), pair.number)
            group[root(pair.number)] = root(first)
    thing = {}
    for pair in found:
        for name, document, country in zip(pair.names, pair.documents, pair.countries, strict=True):
            known = of_name.get((pair.kind, name))
            thing[document] = (name, country) if known is None else root(known)
    for each in resolved.entities:
        for one, two in combinations(sorted(each.mentions, key=lambda m: m.record), 2):
            apart = one.record[:-5] != two.record[:-5]
            if apart and thing[one.record] != thing[two.record]:
                yield f"across pairs: {one.name} | {two.name}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("half", nargs="?", default="development", choices=HALVES)
    given = parser.parse_args()
    found = pairs(given.half)
    told = figures(found)
    for name, listed in (("false", told.false), ("missed", told.missed)):
        for each in listed:
            print(f"{name:7} {each}")
    print(f"{len(found)} pairs: precision {told.precision:.3f}, recall {told.recall:.3f}, F1 {told.f1:.3f};"
          f" {len(told.false)} false of {told.right + len(told.false)} merges")  # fmt: skip
    sys.exit(0)


if __name__ == "__main__":
    main()
