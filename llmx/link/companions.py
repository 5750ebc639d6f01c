"""What records say besides names: two that name the same other party, on near days, with the same kind of agreement.

A name that two texts write in different ways, "Lorant" and "Lorant Energy", is open by itself. Where both records tell
of the same thing otherwise, it is the same company: the second article is short.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from llmx.link.compare import Likeness
from llmx.link.fields import EventFields, shown
from llmx.link.links import Link, NameGraph
from llmx.link.mentions import Mention, text_at
from llmx.link.near_dates import days_apart
from llmx.link.nodes import NameNode

SCORE = 0.87
"""Of a pair of names that the records' other parties, dates and kinds speak for."""

_MOST_MENTIONS = 30  # of a name that are looked at


@dataclass(frozen=True, slots=True)
class Companions:
    """The date and the kind of each record's event, and the field of its parties; days apart at most ``days``."""

    told: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    parties: str = ""
    days: int = 0


def companions_of(rows: Iterable[Mapping[str, Any]], fields: EventFields, *, days: int) -> Companions:
    """Return what the records ``rows`` say of when and what."""
    told = {
        str(row["id"]): (text_at(row.get("data"), fields.date), text_at(row.get("data"), fields.kind)) for row in rows
    }
    return Companions({record: said for record, said in told.items() if said[0]}, shown(fields.parties), days)


def supported(
    companions: Companions, graph: NameGraph, *, groups: Sequence[Sequence[NameNode]], links: Iterable[Link]
) -> Iterator[Link]:
    """Yield those of the open ``links`` that records speak for, with the score for it.

    ``groups`` are the names that are one thing already.
    """
    parties: dict[str, set[int]] = defaultdict(set)
    home: dict[int, int] = {}
    for number, group in enumerate(groups):
        for node in group:
            home[node.number] = number
            for mention in node.mentions:
                if mention.field == companions.parties:
                    parties[mention.record].add(number)
    for link in links:
        one, two = graph.nodes[link.a], graph.nodes[link.b]
        own = {home[link.a], home[link.b]}
        pairs = product(one.mentions[:_MOST_MENTIONS], two.mentions[:_MOST_MENTIONS])
        found = ((a, b) for a, b in pairs if _tell_the_same(a, b, companions))
        for a, b in found:
            if shared := (parties[a.record] & parties[b.record]) - own:
                names = ", ".join(sorted(groups[number][0].name.text for number in shared))
                reason = f"{a.record} and {b.record} both name {names}, on near days"
                yield Link(link.a, link.b, Likeness(SCORE, (*link.likeness.reasons, reason)), by="records")
                break


def _tell_the_same(a: Mention, b: Mention, companions: Companions) -> bool:
    one, two = companions.told.get(a.record), companions.told.get(b.record)
    if one is None or two is None or a.document == b.document or one[1] != two[1]:
        return False
    apart = days_apart(one[0], two[0])
    return apart is not None and apart <= companions.days
