"""Scores one document: walks gold and prediction side by side and gives every fact an outcome.

A fact is a leaf that says something: a party's name, a sum's currency. Lists are paired so that the most facts match;
what is counted over many documents is ``report.py``'s. Gold's alternatives, nulls and optional elements are understood
here and nowhere else.
"""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from llmx import json_pointer
from llmx.evaluate.align import Pair, best_pairs
from llmx.evaluate.comparators import Comparator, Judge, comparator
from llmx.evaluate.spec import OPTIONAL, UNKNOWN, Spec, alternatives, facts, leaf_paths
from llmx.json_data import is_empty

OutcomeKind = Literal["match", "mismatch", "omission", "invention", "absent", "optional", "unscored"]
PAIRED_FROM = 0.5  # without a matching key, elements pair when at least half of what the two state matches


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one fact.

    ``match``; ``mismatch``: both say something, not the same; ``omission``: gold says it, the record does not;
    ``invention``: the other way round; ``absent``: both are silent, rightly; ``optional``: gold leaves it free;
    ``unscored``: a field that neither the schema nor gold knows. ``path`` is the field without list positions
    (parties.name), ``pointer`` the JSON pointer of the predicted leaf (/parties/0/name), None if the record has
    none. ``gold`` is the answer that was held against the prediction.
    """

    path: str
    kind: OutcomeKind
    gold: Any
    predicted: Any
    pointer: str | None

    def to_json(self) -> dict[str, Any]:
        """Return {path, kind, gold, predicted, pointer}."""
        return {
            "path": self.path, "kind": self.kind, "gold": self.gold, "predicted": self.predicted,
            "pointer": self.pointer,
        }  # fmt: skip


class FactPlace(NamedTuple):
    """Where the walk is: the field's path, and the pointer into the record's data, None outside of it."""

    path: str
    pointer: str | None

    def field(self, name: str, *, within: Any, shown: str) -> FactPlace:
        """The place of field ``name`` of the predicted object ``within``; ``shown`` is its name in the path."""
        path = f"{self.path}.{shown}" if self.path else shown
        if self.pointer is None or not isinstance(within, dict) or name not in within:
            return FactPlace(path, None)
        return FactPlace(path, json_pointer.child(self.pointer, name))

    def element(self, number: int, *, within: Any) -> FactPlace:
        """The place of element ``number`` of the predicted list ``within``; its path is the list's own."""
        if self.pointer is None or not isinstance(within, list):
            return FactPlace(self.path, self.pointer)
        return FactPlace(self.path, json_pointer.child(self.pointer, number))


# how well two values agree, in facts: right, wrongly claimed, missed, and the sum of the leaves' likeness
Weight = tuple[int, int, int, float]


def _rank(weight: Weight) -> tuple[int, int, float]:
    """A key by which the better of two weights is the larger."""
    return weight[0], -weight[1] - weight[2], weight[3]


def outcomes(spec: Spec, gold: Any, value: Any) -> list[Outcome]:
    """Return the outcome of every fact of one document, in the order of the schema.

    ``gold`` is a gold record, ``value`` the record's data as plain JSON, None if the document failed: then every
    fact of gold is an omission, and nothing is absent rightly.
    """
    found: list[Outcome] = []
    _walk(spec, gold, value, at=FactPlace("", ""), found=found)
    return _said(found) if value is None else found


def _walk(
    spec: Spec, gold: Any, value: Any, *, at: FactPlace, found: list[Outcome], optional: Sequence[Any] = ()
) -> None:
    """Add the outcomes of one place to ``found``: to a list, for a chain of generators would take twice the time."""
    gold = _best_answer(spec, gold, value, optional=optional)
    if is_empty(gold) and is_empty(value):
        found += _silence(spec, at.path)
        return
    walked = _walked_as(spec, gold, value)
    if walked == "leaf":
        found.append(_leaf_outcome(spec, gold, value, at=at))
    elif walked == "list":
        found += _list_outcomes(spec, gold, value, at=at, optional=optional)
    else:
        for name, child, free in _children(spec, gold, value):
            below = at.field(name, within=value, shown="*" if spec.kind == "map" else name)
            _walk(child, _get(gold, name), _get(value, name), at=below, found=found, optional=free)
        if _is_stray(gold):
            found.append(Outcome(at.path, "omission", gold, None, None))
        found += _leftovers(spec, value, at=at)


@functools.lru_cache(maxsize=4096)
def _silence(spec: Spec, path: str) -> tuple[Outcome, ...]:
    """The outcomes of a place of which neither side says anything."""
    return tuple(Outcome(leaf, "absent", None, None, None) for leaf in leaf_paths(spec, path))


def _is_stray(value: Any) -> bool:
    """Return whether a value at an object's place is no object and not empty."""
    return not isinstance(value, dict) and not is_empty(value)


def _leftovers(spec: Spec, value: Any, *, at: FactPlace) -> list[Outcome]:
    """Return outcomes for what the record has at an object's place beyond the object's fields."""
    if _is_stray(value):
        return [Outcome(at.path, "invention", None, value, at.pointer)]
    if spec.kind != "object" or not value:
        return []
    unknown = [name for name in facts(value) if name not in spec.fields and not is_empty(value[name])]
    places = [at.field(name, within=value, shown=name) for name in unknown]
    return [
        Outcome(below.path, "unscored", None, value[name], below.pointer)
        for name, below in zip(unknown, places, strict=True)
    ]


def _list_outcomes(spec: Spec, gold: Any, value: Any, *, at: FactPlace, optional: Sequence[Any]) -> list[Outcome]:
    element = spec.element or UNKNOWN
    wanted, claims = _elements(element, gold), _elements(element, value)
    if not wanted and not claims:
        return list(_silence(element, at.path))
    places = [j for j, each in enumerate(value) if not is_empty(each)] if isinstance(value, list) else [0]
    pairing = _pair_up(element, wanted, claims, optional=optional)
    found: list[Outcome] = []
    for i, j in pairing.pairs:
        _walk(element, wanted[i], claims[j], at=at.element(places[j], within=value), found=found)
    alone: list[Outcome] = []
    for i in pairing.missed:
        _walk(element, wanted[i], None, at=FactPlace(at.path, None), found=alone)
    for j in pairing.claimed:
        _walk(element, None, claims[j], at=at.element(places[j], within=value), found=alone)
    free: list[Outcome] = []
    for j in pairing.free:
        _walk(element, None, claims[j], at=at.element(places[j], within=value), found=free)
    return [*found, *_said(alone), *(replace(each, kind="optional") for each in _said(free))]


def _said(found: list[Outcome]) -> list[Outcome]:
    """Return ``found`` without absent leaves: the nulls of an element without a partner earn no credit."""
    return [each for each in found if each.kind != "absent"]


def _leaf_outcome(spec: Spec, gold: Any, value: Any, *, at: FactPlace) -> Outcome:
    kind: OutcomeKind = "mismatch"
    if is_empty(gold):
        kind = "invention"
    elif is_empty(value):
        return Outcome(at.path, "omission", gold, value, None)
    elif (spec.comparator or _AUTO).judge(gold, value)[0]:
        kind = "match"
    return Outcome(at.path, kind, gold, value, at.pointer)


def _weigh(spec: Spec, gold: Any, value: Any, *, optional: Sequence[Any] = ()) -> Weight:
    """Return what ``_walk`` would find, in numbers only: every possible pair is weighed."""
    answers = alternatives(gold) if isinstance(gold, dict) else [gold]
    if len(answers) > 1:
        return max((_weigh_answer(spec, each, value, optional=optional) for each in answers), key=_rank)
    return _weigh_answer(spec, answers[0], value, optional=optional)


def _weigh_answer(spec: Spec, gold: Any, value: Any, *, optional: Sequence[Any]) -> Weight:
    no_gold, no_value = is_empty(gold), is_empty(value)
    if no_gold and no_value:
        return (0, 0, 0, 0.0)
    walked = _walked_as(spec, gold, value)
    if walked == "leaf":
        if no_gold or no_value:
            return (0, int(no_gold), int(no_value), 0.0)
        matched, alike = (spec.comparator or _AUTO).judge(gold, value)
        return (1, 0, 0, alike) if matched else (0, 1, 1, alike)
    if walked == "list":
        return _weigh_list(spec, gold, value, optional=optional)
    right, claimed, missed, alike = 0, int(_is_stray(value)), int(_is_stray(gold)), 0.0
    for name, child, free in _children(spec, gold, value):
        part = _weigh(child, _get(gold, name), _get(value, name), optional=free)
        right, claimed, missed, alike = right + part[0], claimed + part[1], missed + part[2], alike + part[3]
    return right, claimed, missed, alike


def _weigh_list(spec: Spec, gold: Any, value: Any, *, optional: Sequence[Any]) -> Weight:
    element = spec.element or UNKNOWN
    wanted, found = _elements(element, gold), _elements(element, value)
    pairing = _pair_up(element, wanted, found, optional=optional)
    parts = [_weigh(element, wanted[i], found[j]) for i, j in pairing.pairs]
    parts += [_weigh(element, wanted[i], None) for i in pairing.missed]
    parts += [_weigh(element, None, found[j]) for j in pairing.claimed]
    return sum(p[0] for p in parts), sum(p[1] for p in parts), sum(p[2] for p in parts), sum(p[3] for p in parts)


_AUTO: Comparator = comparator("auto")


def _best_answer(spec: Spec, gold: Any, value: Any, *, optional: Sequence[Any]) -> Any:
    """Return the one of gold's alternatives that agrees best with ``value``, the first of equals."""
    answers = alternatives(gold)
    if len(answers) == 1:
        return answers[0]
    return max(answers, key=lambda answer: _rank(_weigh_answer(spec, answer, value, optional=optional)))


def _walked_as(spec: Spec, gold: Any, value: Any) -> Literal["leaf", "list", "object"]:
    """Whether this place is walked as a leaf, a list or an object: the values decide, then the schema."""
    if spec.kind == "leaf" or (spec.comparator is not None and spec.kind != "unknown"):
        return "leaf"
    for side in (gold, value):
        if isinstance(side, dict) and side:
            return "object"
        if isinstance(side, list) and side:
            return "list"
    return "list" if spec.kind == "list" else "leaf"


def _children(spec: Spec, gold: Any, value: Any) -> Iterator[tuple[str, Spec, Sequence[Any]]]:
    """The scored fields of an object: name, spec, and the elements that gold leaves free."""
    free = gold.get(OPTIONAL) if isinstance(gold, dict) else None
    if spec.kind == "object":
        known: Iterable[tuple[str, Spec]] = spec.fields.items()
    else:
        sides = [facts(side) for side in (gold, value) if isinstance(side, dict)]
        known = ((name, spec.element or UNKNOWN) for name in dict.fromkeys(name for side in sides for name in side))
    for name, child in known:
        if not child.ignored:
            yield name, child, free.get(name, ()) if isinstance(free, dict) else ()


def _get(data: Any, name: str) -> Any:
    return data.get(name) if isinstance(data, dict) else None


def _elements(element: Spec, value: Any) -> list[Any]:
    """The elements of a list that say something; a value that is no list is its own only element.

    A text where objects with one key belong stands for an object: 'GAC Group' is {name: 'GAC Group'}.
    """
    said = [each for each in (value if isinstance(value, list) else [value]) if not is_empty(each)]
    if element.kind == "object" and len(element.keys) == 1:
        return [_as_object(element.keys[0], each) for each in said]
    return said


def _as_object(key: str, value: Any) -> Any:
    answers = alternatives(value)
    if answers[0] is not value:
        return {"any": [_as_object(key, each) for each in answers]}
    return {key: value} if isinstance(value, str | int | float) and not is_empty(value) else value


@dataclass(frozen=True, slots=True)
class Pairing:
    """Which elements go together: gold's with the record's; gold's and the record's without a partner; free ones."""

    pairs: list[Pair]
    missed: list[int]
    claimed: list[int]
    free: list[int]


def paired(element: Spec, gold: list[Any], value: list[Any]) -> list[Pair]:
    """Return which element of ``gold`` goes with which of ``value``, as pairs of their numbers."""
    return _pair_up(element, gold, value, optional=()).pairs


def _pair_up(element: Spec, gold: list[Any], value: list[Any], *, optional: Sequence[Any]) -> Pairing:
    """Pair elements: most keys first, then most facts, then so that what gold leaves free is left over, then likeness.

    The order of the two lists changes nothing: both are put into one order first.
    """
    alike = _same_keys(element, gold, value)
    certain = _sole_partners(alike)
    settled_rows, settled_columns = {i for i, _ in certain}, {j for _, j in certain}
    columns = _in_order(value, settled_columns)
    rows = _in_order(gold, settled_rows) if columns else [i for i in range(len(gold)) if i not in settled_rows]
    bonds = {(r, c): bond for r, i in enumerate(rows) for c, j in enumerate(columns)
             if (bond := _bond(element, gold[i], value[j], same_key=(i, j) in alike)) is not None}  # fmt: skip
    is_free = _are_free(element, [value[j] for j in columns], optional)
    pairs = best_pairs(_worth(bonds, is_free, most_pairs=1 + min(len(gold), len(value)))) if bonds else []
    paired_rows, paired_columns = {r for r, _ in pairs}, {c for _, c in pairs}
    over = [c for c in range(len(columns)) if c not in paired_columns]
    return Pairing(
        sorted([*certain, *((rows[r], columns[c]) for r, c in pairs)]),
        sorted(rows[r] for r in range(len(rows)) if r not in paired_rows),
        sorted(columns[c] for c in over if not is_free[c]),
        sorted(columns[c] for c in over if is_free[c]),
    )


def _are_free(element: Spec, value: list[Any], optional: Sequence[Any]) -> list[bool]:
    """Whether each of the record's elements could be one of those that gold leaves free."""
    free = _elements(element, list(optional))
    alike = _same_keys(element, free, value)
    return [
        any(_bond(element, each, said, same_key=(i, j) in alike) is not None for i, each in enumerate(free))
        for j, said in enumerate(value)
    ]


def _sole_partners(alike: set[Pair]) -> list[Pair]:
    """The pairs whose keys match each other and no other element's.

    They are in every pairing with the most keys, so that nothing needs to be weighed.
    """
    row_uses, column_uses = Counter(i for i, _ in alike), Counter(j for _, j in alike)
    return [(i, j) for i, j in alike if row_uses[i] == 1 and column_uses[j] == 1]


def _worth(bonds: dict[Pair, tuple[bool, Weight]], is_free: list[bool], *, most_pairs: int) -> dict[Pair, int]:
    """Fold what speaks for each pair into one integer, so that no sum of lower goods outweighs a higher one.

    From high to low: keys, facts, columns that are not free, likeness in thousandths.
    """
    most_facts = 1 + sum(weight[0] for _, weight in bonds.values())
    worth: dict[Pair, int] = {}
    for (r, c), (same_key, (right, claimed, missed, alike)) in bonds.items():
        facts_first = (same_key * most_facts + right) * most_pairs + (not is_free[c])
        worth[r, c] = 1 + facts_first * 1002 * most_pairs + int(1000 * alike / max(1, right + max(claimed, missed)))
    return worth


def _in_order(elements: list[Any], settled: set[int]) -> list[int]:
    """The places of the elements that are not settled, in an order that does not depend on the list's."""
    places = [i for i in range(len(elements)) if i not in settled]
    if len(places) > 1:
        places.sort(key=lambda i: json.dumps(elements[i], sort_keys=True, ensure_ascii=False))
    return places


def _bond(element: Spec, gold: Any, value: Any, *, same_key: bool) -> tuple[bool, Weight] | None:
    """Return what speaks for a pair: whether the keys match, and the weight; None if the two must not pair."""
    weight = _weigh(element, gold, value)
    right, claimed, missed, _ = weight
    if same_key:
        return True, weight
    return (False, weight) if right and 2 * right >= PAIRED_FROM * (2 * right + claimed + missed) else None


def _same_keys(element: Spec, gold: list[Any], value: list[Any]) -> set[Pair]:
    """The pairs of elements whose keys match, of one alternative at least; none where elements have no key."""
    if not element.keys or not gold or not value:
        return set()
    judges = [(element.fields.get(key, UNKNOWN).comparator or _AUTO).judge for key in element.keys]
    wanted = [[_key_answers(element, answer) for answer in alternatives(each)] for each in gold]
    said = [[_get(each, key) for key in element.keys] for each in value]
    stated = [j for j, keys in enumerate(said) if not any(map(is_empty, keys))]
    return {
        (i, j)
        for i, answers in enumerate(wanted)
        for j in stated
        if any(_keys_match(judges, answer, said[j]) for answer in answers)
    }


def _key_answers(element: Spec, gold: Any) -> list[list[Any]]:
    """For each key the answers of ``gold`` that say something."""
    return [[each for each in alternatives(_get(gold, key)) if not is_empty(each)] for key in element.keys]


def _keys_match(judges: list[Judge], wanted: list[list[Any]], said: list[Any]) -> bool:
    for judge, answers, value in zip(judges, wanted, said, strict=True):
        for answer in answers:
            if judge(answer, value)[0]:
                break
        else:
            return False
    return True
