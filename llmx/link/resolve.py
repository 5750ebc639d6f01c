"""Links the names of a run: from its records and their texts to entities, and what was decided on the way."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from llmx.link.aliases import Alias, learnt
from llmx.link.companions import Companions, supported
from llmx.link.compare import Likeness
from llmx.link.corrections import Corrections
from llmx.link.links import Link, NameGraph, graph_of
from llmx.link.mentions import Mention
from llmx.link.merging import Decided, merge
from llmx.link.names import KINDS, Kind, Name, name_of
from llmx.link.nodes import NameNode
from llmx.link.wording import folded

Texts = Mapping[str, str]
"""The texts of documents by their ids, as far as they are at hand."""

Asked = Callable[[NameGraph, Sequence[Link], Texts], Iterable[Link]]
"""Asks a model about links that are open, and returns a link with a score for each that it takes for one thing."""


def nobody(_graph: NameGraph, _links: Sequence[Link], _texts: Texts) -> Iterable[Link]:
    """Ask nobody: what is open stays open."""
    return ()


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing that the run names. ``name`` is what it is called most often, ``names`` all of its names."""

    id: str
    kind: Kind
    name: str
    names: tuple[str, ...]
    mentions: tuple[Mention, ...]
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedDecision:
    """A decision with the two names and, where they were joined, the entity."""

    a: str
    b: str
    kind: Kind
    score: float
    reasons: tuple[str, ...]
    decision: str
    by: str
    entity: str = ""
    alias: Alias | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The entities of a run in the order in which it names them, and what was decided about pairs of their names."""

    entities: tuple[Entity, ...] = ()
    decisions: tuple[NamedDecision, ...] = ()
    by_place: Mapping[str, str] = field(default_factory=dict)

    def entity_at(self, record: str, path: str) -> str:
        """Return the id of the entity that stands at ``path`` in a record, '' if none does."""
        return self.by_place.get(f"{record} {path}", "")


def resolve(
    mentions: Sequence[Mention],
    texts: Texts,
    corrections: Corrections,
    *,
    companions: Companions | None = None,
    ask: Asked = nobody,
) -> Resolved:
    """Return the entities that ``mentions`` name. ``texts`` are those of the documents that are at hand, by id;
    ``companions`` say when the records' events were, where they have such.
    """
    corrections.check()
    aliases = _aliases(mentions, texts)
    entities: list[Entity] = []
    decisions: list[NamedDecision] = []
    by_place: dict[str, str] = {}
    organizations: dict[str, str] = {}  # by record and folded name: what stands beside a person
    for kind in KINDS:
        own = [mention for mention in mentions if mention.kind == kind]
        beside = {
            f"{each.record} {each.path}": organizations.get(f"{each.record} {folded(each.beside)}", folded(each.beside))
            for each in own
            if each.beside
        }
        graph = graph_of(
            own, [alias for alias in aliases if alias.kind == kind], known=_known(corrections, own), beside=beside
        )
        of_records = companions if kind == "organization" else None
        found, decided = _merged(graph, corrections, [*_by_records(graph, of_records), _by_model(graph, ask, texts)])
        for entity in found:
            for mention in entity.mentions:
                by_place[f"{mention.record} {mention.path}"] = entity.id
                if kind == "organization":
                    organizations[f"{mention.record} {folded(mention.name)}"] = entity.id
        entities += found
        decisions += decided
    return Resolved(tuple(entities), tuple(decisions), by_place)


def _known(corrections: Corrections, mentions: Sequence[Mention]) -> list[Name]:
    """Return the names of the groups that have one of ``mentions``, which are of one kind."""
    named = {folded(mention.name) for mention in mentions}
    groups = [group for group in (*corrections.same, *corrections.different) if any(folded(n) in named for n in group)]
    return [name_of(name, mentions[0].kind) for group in groups for name in group]


def _aliases(mentions: Sequence[Mention], texts: Texts) -> list[Alias]:
    by_document: dict[str, dict[tuple[str, Kind], None]] = defaultdict(dict)
    for mention in mentions:
        if mention.kind == "organization":
            by_document[mention.document][mention.name, mention.kind] = None
            if mention.quote:
                by_document[mention.document][mention.quote, mention.kind] = None
    found = (
        alias
        for document, names in by_document.items()
        if document in texts
        for alias in learnt(texts[document], names, document)
    )
    persons = {folded(mention.name) for mention in mentions if mention.kind == "person"}
    return [alias for alias in dict.fromkeys(found) if folded(alias.other) not in persons]


_Source = Callable[[Sequence[Sequence[NameNode]], Sequence[Link]], Iterable[Link]]
"""Hears the entities so far and the open links, and returns those that it knows more of."""


def _by_records(graph: NameGraph, companions: Companions | None) -> Iterator[_Source]:
    if companions is not None:
        yield lambda groups, links: supported(companions, graph, groups=groups, links=links)


def _by_model(graph: NameGraph, ask: Asked, texts: Texts) -> _Source:
    return lambda _groups, links: ask(graph, links, texts)


def _merged(
    graph: NameGraph, corrections: Corrections, more: Sequence[_Source]
) -> tuple[list[Entity], list[NamedDecision]]:
    """Return the entities of ``graph`` and what was decided; each source is heard on what those before left open."""
    apart_pairs = corrections.pairs_apart()

    def apart(one: NameNode, two: NameNode) -> str:
        pair = frozenset({one.name.folded, two.name.folded})
        return "are different, a person says" if pair in apart_pairs else ""

    said = list(_said(graph, corrections))
    groups, decided = merge(graph, said, apart)
    for source in more:
        found = list(source(groups, [each.link for each in decided if each.decision == "open"]))
        if found:
            said += found
            groups, decided = merge(graph, said, apart)
    by_node: dict[int, str] = {}
    entities: list[Entity] = []
    for group in groups:
        entity = _entity(group)
        by_node |= {node.number: entity.id for node in group}
        if entity.mentions:
            entities.append(entity)
    return entities, [_named(graph, each, by_node) for each in decided]


def _said(graph: NameGraph, corrections: Corrections) -> Iterable[Link]:
    by_name: dict[str, list[NameNode]] = defaultdict(list)
    for node in graph.nodes:
        by_name[node.name.folded].append(node)
    for group in corrections.same:
        nodes = [node for name in group for node in by_name[folded(name)]]
        for one, two in pairwise(nodes):
            yield Link(one.number, two.number, Likeness(1.0, ("a person says so",)), by="person")


def _entity(group: Sequence[NameNode]) -> Entity:
    mentions = sorted((each for node in group for each in node.mentions), key=lambda each: (each.record, each.path))
    counts = Counter(mention.name for mention in mentions)
    name = max(counts, key=lambda each: (counts[each], len(each), each)) if counts else group[0].name.text
    names = tuple(sorted({node.name.text for node in group} | set(counts)))
    kind = group[0].name.kind
    mark = hashlib.sha256("\n".join([kind, *sorted(f"{n.name.folded}\t{n.scope}" for n in group)]).encode()).hexdigest()
    countries = tuple(sorted({country for node in group for country in node.countries}))
    return Entity(f"{kind[:3]}_{mark[:12]}", kind, name, names, tuple(mentions), countries)


def _named(graph: NameGraph, decided: Decided, by_node: Mapping[int, str]) -> NamedDecision:
    link = decided.link
    one, two = graph.nodes[link.a], graph.nodes[link.b]
    reasons = (*link.likeness.reasons, *([decided.why] if decided.why else []))
    entity = by_node[link.a] if decided.decision == "merged" else ""
    return NamedDecision(
        one.name.text, two.name.text, one.name.kind, round(link.score, 2), reasons, decided.decision, link.by,
        entity=entity, alias=link.alias,
    )  # fmt: skip
