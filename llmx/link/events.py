"""Links records that tell of one event: the same parties, a near date, the same kind. Each event is one row.

Nothing of the records is lost in it: every value stands with the records that say it and their proofs, and where they
say different things the row says so instead of choosing.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from llmx import json_pointer
from llmx.link.fields import EventFields
from llmx.link.mentions import text_at, values_at
from llmx.link.near_dates import days_apart
from llmx.link.resolve import Resolved
from llmx.record import document_of

DAYS = 3
"""How far apart the dates of one event may be: an article says the day of its print, or the day before."""

FEWEST = 2
"""Parties that two records must share: one alone signs many things."""

_MOST_PARTIES = 12  # of a record by which others with the same are found


@dataclass(frozen=True, slots=True)
class EventAccount:
    """What one record says of an event."""

    record: str
    parties: frozenset[str]
    date: str = ""
    kind: str = ""
    row: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StatedValue:
    """A value, the records that say it, and the words that prove it in each, '' where none do."""

    value: Any
    records: tuple[str, ...]
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``values`` has what the records say of each field that is no list; ``conflicts`` are the fields of
    which they say different things. ``reasons`` say why its records were linked.
    """

    id: str
    accounts: tuple[EventAccount, ...]
    values: Mapping[str, tuple[StatedValue, ...]]
    reasons: tuple[str, ...] = ()

    @property
    def records(self) -> tuple[str, ...]:
        """The ids of the records."""
        return tuple(account.record for account in self.accounts)

    @property
    def parties(self) -> tuple[str, ...]:
        """The entities that take part by any of the records."""
        return tuple(sorted({party for account in self.accounts for party in account.parties}))

    @property
    def conflicts(self) -> tuple[str, ...]:
        """The fields of which the records say different things."""
        return tuple(name for name, values in self.values.items() if len(values) > 1)


def events_of(
    rows: Iterable[Mapping[str, Any]], resolved: Resolved, fields: EventFields, *, days: int = DAYS
) -> list[Event]:
    """Return the events of the records ``rows`` that name parties, in the order of their first records.

    A record is linked only with others that agree with it in all of its parts, and only where it agrees with every
    record of the event, so that a chain of near dates does not make one event of a month.
    """
    accounts = [account for row in rows if (account := _account(row, resolved, fields)).parties]
    by_pair: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, account in enumerate(accounts):
        for one, two in combinations(sorted(account.parties)[:_MOST_PARTIES], 2):
            by_pair[one, two].append(number)
    groups: dict[int, list[int]] = {number: [number] for number in range(len(accounts))}
    home = list(range(len(accounts)))
    reasons: dict[int, list[str]] = defaultdict(list)
    for first, second in _near(by_pair, accounts):
        a, b = home[first], home[second]
        if a == b or not all(agree(accounts[x], accounts[y], days=days) for x in groups[a] for y in groups[b]):
            continue
        a, b = min(a, b), max(a, b)
        reasons[a] += [*reasons.pop(b, []), agree(accounts[first], accounts[second], days=days)]
        for number in groups[b]:
            home[number] = a
        groups[a] += groups.pop(b)
    return [_event([accounts[n] for n in sorted(group)], reasons[key]) for key, group in sorted(groups.items())]


def _near(by_pair: Mapping[tuple[str, str], list[int]], accounts: Sequence[EventAccount]) -> Iterator[tuple[int, int]]:
    """Yield pairs of records with two parties in common: each with the next ones by date."""
    seen: set[tuple[int, int]] = set()
    for numbers in by_pair.values():
        ordered = sorted(numbers, key=lambda number: (accounts[number].date, number))
        for step in range(1, min(8, len(ordered))):
            for one, two in zip(ordered, ordered[step:], strict=False):
                pair = (min(one, two), max(one, two))
                if pair not in seen:
                    seen.add(pair)
                    yield pair


def agree(a: EventAccount, b: EventAccount, *, days: int = DAYS) -> str:
    """Return why two records tell of one event, '' if nothing says so for certain."""
    both = a.parties & b.parties
    if document_of(a.record) == document_of(b.record) or len(both) < FEWEST or both not in (a.parties, b.parties):
        return ""
    if a.kind and b.kind and a.kind != b.kind:
        return ""
    apart = days_apart(a.date, b.date)
    if apart is None or apart > days:
        return ""
    near = "on the same day" if apart == 0 else f"{apart} day{'s' * (apart != 1)} apart"
    return f"{a.record} and {b.record}: {len(both)} parties in common, {near}" + (f", {a.kind}" if a.kind else "")


def _account(row: Mapping[str, Any], resolved: Resolved, fields: EventFields) -> EventAccount:
    record, data = str(row["id"]), row.get("data")
    found = (resolved.entity_at(record, pointer) for pointer, *_ in values_at(data, fields.parties))
    day, kind = text_at(data, fields.date), text_at(data, fields.kind)
    return EventAccount(record, frozenset(filter(None, found)), day, kind, row=row)


def _event(accounts: Sequence[EventAccount], reasons: Sequence[str]) -> Event:
    mark = hashlib.sha256("\n".join(sorted(account.record for account in accounts)).encode()).hexdigest()
    return Event(f"evt_{mark[:12]}", tuple(accounts), dict(_values(accounts)), tuple(reasons))


def _values(accounts: Sequence[EventAccount]) -> Iterator[tuple[str, tuple[StatedValue, ...]]]:
    """Yield each field that is no list, with its different values in the order in which the records say them."""
    stated: dict[str, dict[str, list[tuple[Any, str, str]]]] = defaultdict(lambda: defaultdict(list))
    for account in accounts:
        evidence = account.row.get("evidence") or {}
        for pointer, value in _scalars(account.row.get("data"), ""):
            quote = str((evidence.get(pointer) or {}).get("quote") or "")
            stated[pointer][repr(value)].append((value, account.record, quote))
    for pointer, by_value in stated.items():
        yield (
            pointer,
            tuple(
                StatedValue(found[0][0], tuple(record for _, record, _ in found), tuple(quote for *_, quote in found))
                for found in by_value.values()
            ),
        )


def _scalars(data: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _scalars(value, json_pointer.child(pointer, name))
    elif data is not None and not isinstance(data, list):
        yield pointer, data
