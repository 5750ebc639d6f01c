"""Gathers what says that two names are one: the names themselves, the texts, what stands beside them, and people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from llmx.link.aliases import Alias, in_name
from llmx.link.candidates import pairs_of
from llmx.link.compare import ACCEPT, ASK, Likeness, begins, compare, compatible
from llmx.link.mentions import Mention
from llmx.link.names import Name, name_of
from llmx.link.nodes import NameNode, nodes_of, with_more
from llmx.link.wording import folded

_SHORT = 2
"""Letters of initials that hold within a document only: too many things have the same two."""


@dataclass(frozen=True, slots=True)
class Link:
    """Two names, by their numbers, and what says how likely they are one. ``alias`` is the text that says so."""

    a: int
    b: int
    likeness: Likeness
    alias: Alias | None = None
    by: str = "names"

    @property
    def score(self) -> float:
        """The score of the likeness."""
        return self.likeness.score


@dataclass(frozen=True, slots=True)
class NameGraph:
    """The names of one kind and the links between them, from ``ASK`` on."""

    nodes: list[NameNode]
    links: list[Link]


def graph_of(
    mentions: Sequence[Mention], aliases: Iterable[Alias], *, known: Iterable[Name], beside: dict[str, str]
) -> NameGraph:
    """Return the names of ``mentions``, which are of one kind, and what links them.

    ``aliases`` were learnt from the texts; ``known`` are names that somebody has said something about.
    """
    aliases = [*aliases, *_in_names(mentions)]
    local = _local_forms(mentions, aliases)
    nodes = nodes_of(mentions, short_forms=local.scope, beside=beside)
    nodes = with_more(nodes, (*known, *(name_of(alias.other, alias.kind) for alias in aliases)))
    links = [link for a, b in pairs_of(nodes) if (link := _by_name(a, b)).score >= ASK]
    links = _without_ambiguous(nodes, links)
    return NameGraph(nodes, [*links, *_by_text(nodes, aliases, local), *_by_short_form(nodes, local)])


def _in_names(mentions: Sequence[Mention]) -> Iterator[Alias]:
    for mention in mentions:
        name = name_of(mention.name, mention.kind)
        if name.aside and (found := in_name(name)) is not None:
            yield Alias(mention.name, found[0], mention.kind, mention.document, mention.name, mention.start, found[1])


def _by_name(a: NameNode, b: NameNode) -> Link:
    found = compare(a.name, b.name)
    if ASK <= found.score < ACCEPT and a.sites & b.sites:
        found = Likeness(0.92, (*found.reasons, f"the same website: {', '.join(sorted(a.sites & b.sites))}"))
    if a.scope != b.scope:
        found = found.at_most(0.8, f"the name holds within: {a.scope or 'the run'}; {b.scope or 'the run'}")
    if a.countries and b.countries and not a.countries & b.countries and (found.score < 0.95 or a.name.is_local):
        found = found.at_most(0.75, f"countries: {', '.join(sorted(a.countries))}; {', '.join(sorted(b.countries))}")
    return Link(a.number, b.number, found)


def _without_ambiguous(nodes: Sequence[NameNode], links: Sequence[Link]) -> list[Link]:
    """Lower the links of a name without a legal form to names with several that one company cannot have."""
    with_form: dict[int, list[NameNode]] = defaultdict(list)
    for link in links:
        if link.score >= ACCEPT:
            for here, there in ((nodes[link.a], nodes[link.b]), (nodes[link.b], nodes[link.a])):
                if not here.name.forms and there.name.forms:
                    with_form[here.number].append(there)
    read_alike = _read_alike(nodes, links)
    unclear = {
        number
        for number, found in with_form.items()
        if any(not compatible(a.name.forms, b.name.forms) for a in found for b in found[:8])
    }

    def lowered(link: Link) -> Link:
        one, two = nodes[link.a], nodes[link.b]
        if one.name.script != two.name.script and {one.number, two.number} & read_alike:
            return replace(link, likeness=link.likeness.at_most(0.75, "several names are read so"))
        if not ((one.number in unclear and two.name.forms) or (two.number in unclear and one.name.forms)):
            return link
        return replace(link, likeness=link.likeness.at_most(0.7, "there are two companies of that name"))

    return [lowered(link) for link in links]


def _read_alike(nodes: Sequence[NameNode], links: Sequence[Link]) -> set[int]:
    """Return the names that two different names of another script are read like: 华为 and 华威 are both Huawei."""
    readings: dict[tuple[int, str], set[frozenset[str]]] = defaultdict(set)
    for link in links:
        for here, there in ((link.a, link.b), (link.b, link.a)):
            one, two = nodes[here].name, nodes[there].name
            if link.score >= ACCEPT and one.script != two.script:
                readings[here, two.script].add(two.spellings)
    return {number for (number, _), found in readings.items() if len(found) > 1}


@dataclass(frozen=True, slots=True)
class _LocalForms:
    """Short forms that hold within a document: the longer name, by document and folded short form."""

    longer: dict[tuple[str, str], str]

    def scope(self, mention: Mention) -> str:
        short = (mention.document, folded(mention.name)) in self.longer
        return f"document {mention.document}" if short else ""


def _local_forms(mentions: Sequence[Mention], aliases: Sequence[Alias]) -> _LocalForms:
    longer = _short_forms(mentions)
    introduced: dict[str, set[str]] = defaultdict(set)
    for alias in aliases:
        introduced[folded(alias.other)].add(folded(alias.name))
    spelled: dict[str, set[str]] = defaultdict(set)
    for text in {folded(mention.name): mention for mention in mentions}.values():
        name = name_of(text.name, text.kind)
        for spelling in name.spellings:
            spelled[spelling].add(name.folded)
    for alias in aliases:
        other = name_of(alias.other, alias.kind)
        namesakes = {each for spelling in other.spellings for each in spelled[spelling]} - {other.folded}
        is_short = begins(other, name_of(alias.name, alias.kind)) and bool(namesakes)
        if (
            (len(other.latin) <= _SHORT and other.script == "LATIN")
            or is_short
            or _several(introduced[other.folded], alias)
        ):
            longer[alias.document, other.folded] = folded(alias.name)
    return _LocalForms(longer)


def _several(names: set[str], alias: Alias) -> bool:
    """Whether names that the same other name was introduced for are not all the same."""
    first = name_of(alias.name, alias.kind)
    return any(compare(first, name_of(each, alias.kind)).score < ACCEPT for each in names if each != first.folded)


def _short_forms(mentions: Sequence[Mention]) -> dict[tuple[str, str], str]:
    """Return the names that can only be a short form of one other name in their document.

    Two elements of one list are two things, whatever they are called.
    """
    by_document: dict[str, dict[str, list[Mention]]] = defaultdict(lambda: defaultdict(list))
    for mention in mentions:
        by_document[mention.document][folded(mention.name)].append(mention)
    found: dict[tuple[str, str], str] = {}
    for document, names in by_document.items():
        for short, at in names.items():
            name = name_of(at[0].name, at[0].kind)
            longer = [(long, each) for long, each in names.items() if begins(name, name_of(each[0].name, each[0].kind))]
            firsts = {frozenset(name_of(each[0].name, each[0].kind).spellings) for _, each in longer}
            if len(firsts) == 1 and not any(in_one_list(at, each) for _, each in longer):
                found[document, short] = longer[0][0]
    return found


def in_one_list(some: Iterable[Mention], others: Iterable[Mention]) -> bool:
    """Whether two names are elements of one list of one record."""
    lists = {(mention.record, mention.in_list) for mention in some if mention.in_list}
    return any((mention.record, mention.in_list) in lists for mention in others)


def _by_text(nodes: Sequence[NameNode], aliases: Sequence[Alias], local: _LocalForms) -> Iterator[Link]:
    by_name: dict[str, list[NameNode]] = defaultdict(list)
    for node in nodes:
        by_name[node.name.folded].append(node)
    for alias in aliases:
        is_local = (alias.document, folded(alias.other)) in local.longer
        for one in by_name[folded(alias.name)]:
            if one.scope.startswith("document ") and alias.document not in one.documents:
                continue
            for two in by_name[folded(alias.other)]:
                if two.scope and two.scope != f"document {alias.document}":
                    continue
                if is_local and not two.scope:
                    continue
                score = 0.95 if two.documents == {alias.document} or alias.told else 0.9
                reason = f"{alias.document} says “{' '.join(alias.quote.split())}”"
                yield Link(one.number, two.number, Likeness(score, (reason,)), alias, "text")


def _by_short_form(nodes: Sequence[NameNode], local: _LocalForms) -> Iterator[Link]:
    by_place: dict[tuple[str, str], NameNode] = {
        (mention.document, node.name.folded): node for node in nodes for mention in node.mentions
    }
    for (document, short), long in local.longer.items():
        one, two = by_place.get((document, short)), by_place.get((document, long))
        if one is not None and two is not None:
            reason = f"in {document}, the only name that {one.name.text} can be short for"
            yield Link(two.number, one.number, Likeness(0.88, (reason,)), by="document")
