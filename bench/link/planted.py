"""Scores linking on duplicates that are planted in the corpus: each of documents 1 to 24 is told once more.

    python bench/link/planted.py

The first account of an agreement is the corpus' gold with the names as the text writes them in full, and the text,
from which other names are learnt. The second is another article's: without a text, a day later, with other jobs, and
with the names as gold accepts them in the second place. An organisation is one where gold says so; signatories'
organisations are written in the shortest way that gold accepts, as texts do.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from llmx.evaluate.spec import alternatives  # noqa: E402
from llmx.link.companions import companions_of  # noqa: E402
from llmx.link.corrections import Corrections  # noqa: E402
from llmx.link.events import DAYS, events_of  # noqa: E402
from llmx.link.fields import EventFields, entity_fields  # noqa: E402
from llmx.link.mentions import mentions_of  # noqa: E402
from llmx.link.resolve import resolve  # noqa: E402
from llmx.schema import load_schema  # noqa: E402
from tests.corpus import DEVELOPMENT  # noqa: E402

Row = dict[str, Any]


@dataclass(frozen=True)
class Planted:
    """Records, the texts of those that have one, and what each organisation in them is: by record and path."""

    rows: list[Row]
    texts: dict[str, str]
    things: dict[str, str]


@dataclass(frozen=True)
class PairFigures:
    """Pairs of names, or of records, that are rightly one, wrongly one, and wrongly two."""

    right: int
    false: tuple[str, ...]
    missed: tuple[str, ...]

    def __str__(self) -> str:
        precision = self.right / max(1, self.right + len(self.false))
        recall = self.right / max(1, self.right + len(self.missed))
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        return f"precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f} ({self.right} pairs right)"


def planted() -> Planted:
    found = Planted([], {}, {})
    for path in DEVELOPMENT:
        gold = json.loads(path.with_suffix(".json").read_text("utf-8"))
        for which, id_ in enumerate((path.name, f"second/{path.name}")):
            found.rows.append(_record(gold, id_, which, things=found.things))
        found.texts[path.name] = path.read_text("utf-8")
    return found


def _texts(value: Any) -> list[str]:
    return [each for each in alternatives(value) if isinstance(each, str)]


def _record(gold: Row, id_: str, which: int, *, things: dict[str, str]) -> Row:
    stem = Path(id_).stem
    parties = [party for party in gold.get("parties", []) if isinstance(party, dict) and _texts(party["name"])]
    named = [_texts(party["name"]) for party in parties]
    data: Row = {"parties": [], "agreement": _first(gold.get("agreement")), "signed_on": None, "signatories": []}
    for number, names in enumerate(named):
        data["parties"].append(
            {"name": names[min(which, len(names) - 1)], "country": _first(parties[number]["country"])}
        )
        things[f"{id_} /parties/{number}/name"] = f"{stem} {number}"
    for person in (each for each in gold.get("signatories", []) if isinstance(each, dict)):
        organizations = _texts(person.get("organization"))
        if not organizations:
            continue
        place = f"{id_} /signatories/{len(data['signatories'])}/organization"
        shortest = min(organizations, key=len)
        home = next((n for n, names in enumerate(named) if set(names) & set(organizations)), None)
        things[place] = f"{stem} {shortest if home is None else home}"
        data["signatories"].append({"name": _first(person.get("name")), "organization": shortest if which == 0 else
                                    organizations[0]})  # fmt: skip
    if isinstance(day := _first(gold.get("signed_on")), str):
        full = len(day) == len("2024-03-14")
        data["signed_on"] = (date.fromisoformat(day) + timedelta(days=which)).isoformat() if full else day
    data["jobs"] = 100 + which
    return {"id": id_, "source": id_, "status": "ok", "data": data, "evidence": {}}


def _first(value: Any) -> Any:
    found = alternatives(value)
    return found[0] if found else None


def figures() -> tuple[PairFigures, PairFigures, int]:
    """Return the figures of the names, those of the records, and how many events could not be told for want of a date
    or of two parties.
    """
    given = planted()
    fields = entity_fields(load_schema("partnership"))
    mentions = [mention for row in given.rows for mention in mentions_of(row, fields)]
    of_events = EventFields(("parties", "[]", "name"), ("signed_on",), ("agreement",))
    companions = companions_of(given.rows, of_events, days=DAYS)
    resolved = resolve(mentions, given.texts, Corrections(), companions=companions)
    entity = {place: resolved.by_place[place] for place in given.things}
    names = {f"{mention.record} {mention.path}": mention.name for mention in mentions}
    told = {place: f"{names[place]} ({place.split()[0]})" for place in entity}
    of_names = _pairs(entity, given.things, told)
    events = events_of(given.rows, resolved, of_events)
    event = {record: each.id for each in events for record in each.records}
    able = {row["id"] for row in given.rows if row["data"]["signed_on"] and len(row["data"]["parties"]) > 1}
    of_records = _pairs(
        {id_: event[id_] for id_ in able if id_ in event},
        {id_: Path(id_).stem for id_ in able},
        {id_: id_ for id_ in able},
    )
    return of_names, of_records, len(given.rows) - len(able)


def _pairs(found: dict[str, str], right: dict[str, str], told: dict[str, str]) -> PairFigures:
    good, false, missed = 0, [], []
    for one, two in _both(found):
        same = right[one] == right[two]
        if found[one] == found[two] and same:
            good += 1
        elif found[one] == found[two]:
            false.append(f"{told[one]} | {told[two]}")
        elif same:
            missed.append(f"{told[one]} | {told[two]}")
    return PairFigures(good, tuple(false), tuple(missed))


def _both(found: dict[str, str]) -> Iterator[tuple[str, str]]:
    yield from combinations(sorted(found), 2)


def main() -> None:
    names, records, unable = figures()
    for what, each in (("names", names), ("events", records)):
        for kind, listed in (("false", each.false), ("missed", each.missed)):
            for pair in listed:
                print(f"{kind:7} {pair}")
        print(f"{what}: {each}")
    print(f"{unable} records have no date, or fewer than two parties, and cannot be of an event with others")


if __name__ == "__main__":
    main()
