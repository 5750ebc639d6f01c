"""Makes entities of linked names: the surest links first, and none that joins what is known to be two things."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from llmx.link.compare import ACCEPT, compatible
from llmx.link.links import Link, NameGraph, in_one_list
from llmx.link.nodes import NameNode

Decision = Literal["merged", "refused", "open"]

_MOST_COMPARED = 40  # names of an entity that are compared with those of another before they are joined


@dataclass(frozen=True, slots=True)
class Decided:
    """A link and what became of it; ``why`` says what spoke against it where it was refused."""

    link: Link
    decision: Decision
    why: str = ""


Apart = Callable[[NameNode, NameNode], str]
"""Returns what a person says of two names that are two things, '' where nobody does."""


@dataclass(slots=True)
class _Clusters:
    nodes: Sequence[NameNode]
    apart: Apart
    parent: list[int] = field(default_factory=list)
    members: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parent = list(range(len(self.nodes)))
        self.members = {number: [number] for number in self.parent}

    def root(self, number: int) -> int:
        while self.parent[number] != number:
            self.parent[number] = self.parent[self.parent[number]]
            number = self.parent[number]
        return number

    def join(self, link: Link) -> str:
        """Join the entities of the two names of ``link``; return why not, where they are two."""
        a, b = self.root(link.a), self.root(link.b)
        if a == b:
            return ""
        if why := self._against(a, b, link):
            return why
        small, large = sorted((a, b), key=lambda root: len(self.members[root]))
        self.parent[small] = large
        self.members[large] += self.members.pop(small)
        return ""

    def _against(self, a: int, b: int, link: Link) -> str:
        for one in self.members[a][:_MOST_COMPARED]:
            for two in self.members[b][:_MOST_COMPARED]:
                if why := self._contradiction(self.nodes[one], self.nodes[two], link):
                    return why
        return ""

    def _contradiction(self, one: NameNode, two: NameNode, link: Link) -> str:
        what = self.apart(one, two)
        if not what and link.by != "person":
            what = _difference(one, two, numbers=link.by == "names")
        return f"{one.name.text} and {two.name.text} {what}" if what else ""


def _difference(one: NameNode, two: NameNode, *, numbers: bool) -> str:
    """Return what tells the two names apart as two things, '' if nothing does."""
    if one.name.spellings.isdisjoint(two.name.spellings) and in_one_list(one.mentions, two.mentions):
        return "are two elements of one list"
    if not compatible(one.name.forms, two.name.forms):
        return "have different legal forms"
    if numbers and one.name.kind != "person" and one.name.numbers != two.name.numbers:
        return "have different numbers"
    in_countries = one.name.is_local and two.name.is_local and one.countries and two.countries
    return "are in different countries" if in_countries and one.countries.isdisjoint(two.countries) else ""


def merge(graph: NameGraph, more: Iterable[Link], apart: Apart) -> tuple[list[list[NameNode]], list[Decided]]:
    """Return the names by entity, in the order of the first of each, and what became of every link.

    ``more`` are the links that people and models have said.
    """
    more = tuple(more)
    answered = {(link.a, link.b) for link in more}
    own = (link for link in graph.links if link.score >= ACCEPT or (link.a, link.b) not in answered)
    clusters = _Clusters(graph.nodes, apart)
    decided: list[Decided] = []
    for link in sorted((*more, *own), key=lambda each: (each.by != "person", -each.score, each.a, each.b)):
        if link.score < ACCEPT:
            if clusters.root(link.a) != clusters.root(link.b):
                decided.append(Decided(link, "open"))
            continue
        same = clusters.root(link.a) == clusters.root(link.b)
        why = "" if same else clusters.join(link)
        if not same:
            decided.append(Decided(link, "refused" if why else "merged", why))
    found: dict[int, list[NameNode]] = {}
    for node in graph.nodes:
        found.setdefault(clusters.root(node.number), []).append(node)
    return list(found.values()), decided
