"""When two values count as the same: the rules that ``Compare`` (``schema/compare.py``) names.

A rule judges one gold value and one predicted value, neither of them empty. Null, alternatives, lists and objects are
``score.py``'s.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from llmx import json_data
from llmx.schema.compare import FUZZY_RATIO, NUMBER_TOLERANCE, parse_rule

Verdict = tuple[bool, float]  # whether they count as the same, and how alike they are in [0, 1]
Judge = Callable[[Any, Any], Verdict]

_CONTAINERS = (list, dict)  # a name, because a union would be built anew at every call
_SCALARS = (int, float, str)
_PARTIAL_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?|--\d{2}(-\d{2})?")
_DATE_LIKE = re.compile(r"(\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}.*)?)?|--\d{2}(-\d{2})?)")
_TIMED = re.compile(r"(?:(?P<day>--\d{2}-\d{2})T)?(?P<time>\d{2}:\d{2}(?::\d{2}.*|[Z+-].*)?)")
_CODE = re.compile(r"[A-Z]{2,4}|[a-z0-9]+(_[a-z0-9]+)+")
_KEPT_SYMBOLS = frozenset("#&@%+$€£¥")  # C# is not C, and AT&T is one word


@dataclass(frozen=True, slots=True)
class Comparator:
    """A rule at work: ``judge`` takes a gold value and a predicted one, neither of them empty."""

    rule: str
    judge: Judge


@functools.cache
def comparator(rule: str) -> Comparator:
    """Return the comparator that ``rule`` names, as in ``fuzzy:0.85``; raises SchemaError for any other text."""
    name, parameter = parse_rule(rule)
    judge = _PLAIN[name] if parameter is None else _WITH_NUMBER[name](parameter)
    return Comparator(rule, _remembered(judge))


def _remembered(judge: Judge) -> Judge:
    """The same judge with a memory: pairing asks about the same two texts several times."""
    remembered = functools.lru_cache(maxsize=16_384, typed=True)(judge)  # typed: True is not 1

    def ask(gold: Any, value: Any) -> Verdict:
        try:
            return remembered(gold, value)
        except TypeError:  # a list or an object has no hash
            return judge(gold, value)

    return ask


@functools.lru_cache(maxsize=65_536)
def folded(text: str) -> str:
    """Return ``text`` as the text rules see it: NFKC, casefolded, punctuation to spaces, single spaces.

    Letters, marks and digits of every script stay, and so do # & @ % + and currency signs. A text of nothing but
    punctuation stays as it is.

    >>> folded("  Crédit-Agricole S.A. ")
    'crédit agricole s a'
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    if plain.isascii() and plain.isalnum():
        return plain
    spaced = "".join(each if each in _KEPT_SYMBOLS or unicodedata.category(each)[0] in "LMN" else " " for each in plain)
    return " ".join(spaced.split()) or " ".join(plain.split())


def _exact(gold: Any, value: Any) -> Verdict:
    if isinstance(gold, bool) or isinstance(value, bool):
        same = gold is value
    elif isinstance(gold, list) and isinstance(value, list):
        same = len(gold) == len(value) and all(_exact(a, b)[0] for a, b in zip(gold, value, strict=True))
    elif isinstance(gold, dict) and isinstance(value, dict):
        same = gold.keys() == value.keys() and all(_exact(gold[k], value[k])[0] for k in gold)
    else:
        same = bool(gold == value)
    return same, float(same)


def _casefold(gold: Any, value: Any) -> Verdict:
    if isinstance(gold, _CONTAINERS) or isinstance(value, _CONTAINERS):
        return _exact(_fold_all(gold), _fold_all(value))
    same = folded(str(gold)) == folded(str(value))
    return same, float(same)


def _fold_all(value: Any) -> Any:
    return json_data.map_leaves(value, lambda leaf: folded(leaf) if isinstance(leaf, str) else leaf)


def _digits_agree(a: str, b: str) -> bool:
    """Whether two folded texts have the same digits: Model 3 is not Model 5, however alike they look."""
    runs_a, runs_b = re.findall(r"\d+", a), re.findall(r"\d+", b)
    return runs_a == runs_b or "".join(runs_a) == "".join(runs_b) or sorted(runs_a) == sorted(runs_b)


def _fuzzy(ratio: float) -> Judge:
    def judge(gold: Any, value: Any) -> Verdict:
        if isinstance(gold, _CONTAINERS) or isinstance(value, _CONTAINERS):
            return _casefold(gold, value)
        a, b = folded(str(gold)), folded(str(value))
        if a == b:
            return True, 1.0
        alike = max(fuzz.ratio(a, b), fuzz.token_sort_ratio(a, b)) / 100
        return alike >= ratio and _digits_agree(a, b), min(alike, 0.99)

    return judge


def _words(ratio: float) -> Judge:
    """As fuzzy, and one text may also be a part of the other in whole words: 'Renault' and 'Renault group'."""
    plain = _fuzzy(ratio)

    def judge(gold: Any, value: Any) -> Verdict:
        matched, alike = plain(gold, value)
        if matched or isinstance(gold, _CONTAINERS) or isinstance(value, _CONTAINERS):
            return matched, alike
        a, b = folded(str(gold)), folded(str(value))
        words_a, words_b = a.split(), b.split()
        if min(len(words_a), len(words_b)) > 1 or a in words_b or b in words_a:
            part = fuzz.token_set_ratio(a, b) / 100
            return part >= ratio, max(alike, min(part, 0.98))
        return False, alike

    return judge


def _number(tolerance: float) -> Judge:
    def judge(gold: Any, value: Any) -> Verdict:
        a, b = _as_number(gold), _as_number(value)
        if a is None or b is None:
            return _casefold(gold, value)
        same = a == b or math.isclose(a, b, rel_tol=tolerance)
        return same, float(same)

    return judge


def _as_number(value: Any) -> float | int | None:
    if isinstance(value, bool) or not isinstance(value, _SCALARS):
        return None
    if not isinstance(value, str):
        return value
    try:
        return int(value)
    except ValueError:
        pass
    try:
        return float(value)
    except ValueError:
        return None


def _date(gold: Any, value: Any) -> Verdict:
    if isinstance(gold, _CONTAINERS) or isinstance(value, _CONTAINERS):
        return _exact(gold, value)
    same = _canonical_date(gold) == _canonical_date(value)
    return same, float(same)


@functools.lru_cache(maxsize=16_384)
def _canonical_date(value: Any) -> str:
    """The one spelling of a date: parts that are not stated stay unstated, instants are in UTC, midnight is the day.

    A time of day alone, or on a day without a year, has one spelling, too: seconds of zero are left out.
    """
    text = str(value).strip()
    if _PARTIAL_DATE.fullmatch(text):
        return text
    try:
        if (timed := _TIMED.fullmatch(text)) is not None:
            return f"{timed['day'] or ''}T{dt.time.fromisoformat(timed['time']).isoformat()}"
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return folded(text)
    if moment.tzinfo is not None:
        return moment.astimezone(dt.UTC).isoformat()
    return moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat()


def _set(gold: Any, value: Any) -> Verdict:
    a, b = ({repr(_fold_all(each)) for each in (side if isinstance(side, list) else [side])} for side in (gold, value))
    return a == b, len(a & b) / len(a | b) if a | b else 1.0


def _auto(gold: Any, value: Any) -> Verdict:
    if isinstance(gold, bool) or isinstance(value, bool):
        return _exact(gold, value)
    if isinstance(gold, int | float):
        return _NUMBER(gold, value)
    if isinstance(gold, _CONTAINERS):
        return _casefold(gold, value)
    text = str(gold)
    if isinstance(value, int | float):
        return _NUMBER(gold, value)
    if _DATE_LIKE.fullmatch(text) or _TIMED.fullmatch(text):
        return _date(gold, value)
    return _casefold(gold, value) if _CODE.fullmatch(text) else _FUZZY(gold, value)


def _ignore(_gold: Any, _value: Any) -> Verdict:
    return True, 1.0


_NUMBER = _number(NUMBER_TOLERANCE)
_FUZZY = _fuzzy(FUZZY_RATIO)
_PLAIN: dict[str, Judge] = {
    "auto": _auto,
    "exact": _exact,
    "casefold": _casefold,
    "date": _date,
    "set": _set,
    "sequence": _casefold,
    "ignore": _ignore,
}
_WITH_NUMBER: dict[str, Callable[[float], Judge]] = {"fuzzy": _fuzzy, "words": _words, "number": _number}
