"""The names of a run, each once, with all that is known of it: what is linked are these, not the mentions one by one.

A name stands for one thing wherever it is met, with exceptions that ``scope`` tells apart: that of a ministry or a
national bank holds within a country, a family name alone within its document, and so does a short form that a document
introduces. Names of two scopes are one only where something besides the name says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from llmx.link.latin import is_unspaced
from llmx.link.mentions import Mention
from llmx.link.names import Name, name_of
from llmx.link.wording import folded


@dataclass(slots=True)
class NameNode:
    """A name within a scope; '' is the whole run. ``mentions`` are where it stands."""

    number: int
    name: Name
    scope: str
    mentions: list[Mention] = field(default_factory=list)

    @property
    def countries(self) -> set[str]:
        """The countries that stand beside it."""
        return {mention.country for mention in self.mentions if mention.country}

    @property
    def sites(self) -> set[str]:
        """The hosts of the websites that stand beside it."""
        return {mention.site for mention in self.mentions if mention.site}

    @property
    def documents(self) -> set[str]:
        """The documents that have it."""
        return {mention.document for mention in self.mentions}


Scoped = Callable[[Mention], str]
"""Returns the scope of a mention that a document introduces as a short form, '' for any other."""


def nodes_of(
    mentions: Sequence[Mention], *, short_forms: Scoped = lambda _mention: "", beside: Mapping[str, str] | None = None
) -> list[NameNode]:
    """Return the names of ``mentions``, which are of one kind, in the order in which they are met.

    ``beside`` has the entity of the organisation that stands beside a person, by record and path.
    """
    by_name: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        by_name[folded(mention.name)].append(mention)
    nodes: dict[tuple[str, str], NameNode] = {}
    for text, found in by_name.items():
        name = name_of(found[0].name, found[0].kind)
        scopes = _scopes(name, found, beside or {})
        for mention, scope in zip(found, scopes, strict=True):
            own = short_forms(mention) or scope
            node = nodes.get((text, own))
            if node is None:
                node = nodes[text, own] = NameNode(len(nodes), name, own)
            node.mentions.append(mention)
    return list(nodes.values())


def _scopes(name: Name, mentions: Sequence[Mention], beside: Mapping[str, str]) -> list[str]:
    """Return the scope of each of the ``mentions`` of one name."""
    if name.kind == "person":
        if len(name.words) == 1 and not (is_unspaced(name.text) and len(name.words[0]) > 1):
            return [f"document {mention.document}" for mention in mentions]
        return _apart([beside.get(f"{mention.record} {mention.path}", "") for mention in mentions], mentions)
    if name.is_general:
        return [f"country {mention.country}" if mention.country else f"document {mention.document}"
                for mention in mentions]  # fmt: skip
    if name.is_local:
        return _apart([f"country {mention.country}" if mention.country else "" for mention in mentions], mentions)
    return [""] * len(mentions)


def _apart(known: Sequence[str], mentions: Sequence[Mention]) -> list[str]:
    """Return the scopes of mentions of which some are ``known``: one for all unless two differ.

    Where they do, what is not known holds within its document.
    """
    if len(set(filter(None, known))) < 2:
        return [""] * len(known)
    return [scope or f"document {mention.document}" for scope, mention in zip(known, mentions, strict=True)]


def with_more(nodes: list[NameNode], names: Iterable[Name]) -> list[NameNode]:
    """Return ``nodes`` and one for each of ``names`` that is not among them: other names that no record has."""
    there = {node.name.folded for node in nodes}
    more: dict[str, Name] = {name.folded: name for name in names if name.folded not in there}
    return [*nodes, *(NameNode(number, name, "") for number, name in enumerate(more.values(), len(nodes)))]
