"""What is a number where the words are nothing else: -5/3, 半, half, さんびゃく, 삼, ,5, 셋 중 하나."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache, partial

from llmx.facts import load_facts, one_of, pairs
from llmx.types import cjk
from llmx.types.digits import Real, exact, rounded
from llmx.types.languages import decimal_mark
from llmx.types.patterns import LazyPattern
from llmx.types.source import Source

_facts = partial(load_facts, "types", "notations")
#: A minus before a number that is all that the words say.
SIGN = LazyPattern(lambda: rf"\s*{one_of(_facts()['minus'])}?\s*", re.IGNORECASE)
_FRACTION = LazyPattern(r"(?:(?P<whole>\d{1,9})\s{1,3})?(?P<upper>\d{1,9})/(?P<lower>\d{1,9})")
_BARE_POINT = LazyPattern(r"[.,]\d+")
_KANA = LazyPattern(lambda: "|".join(sorted(pairs(_facts()["kana"]), key=len, reverse=True)))
_AMONG = LazyPattern(lambda: rf"(\S{{1,4}})\s?{one_of(_facts()['among'])}\s(\S{{1,4}})")


def lone_number(source: Source) -> tuple[int, int, Real] | None:
    """Return (start, end, worth) of words that are a number as they are nothing else, None for others."""
    text = source.text
    sign = SIGN.match(text)
    start = 0 if sign is None else sign.end()
    bare = text[start:].rstrip(" .。")
    value = _worth(bare, source.locale, signed=bool(start)) if bare else None
    return None if value is None else (start, start + len(bare), value)


def _worth(bare: str, locale: str | None, *, signed: bool) -> Real | None:
    if (value := _half_words().get(bare.casefold())) is not None:
        return value
    if (match := _FRACTION.fullmatch(bare)) is not None and int(match["lower"]):
        if not (match["whole"] or signed):
            return None  # a ratio or a date
        return rounded(int(match["whole"] or 0) + Decimal(match["upper"]) / int(match["lower"]))
    if _BARE_POINT.fullmatch(bare) and bare[0] in {".", decimal_mark(locale)}:
        return exact(Decimal(f"0.{bare[1:]}"))
    return _cjk_alone(bare)


def _cjk_alone(bare: str) -> Real | None:
    if len(bare) == 1 and bare in cjk.hangul().letters:
        return cjk.hangul().digits.get(bare, cjk.hangul().units.get(bare))
    if len(bare) == 1 and bare in cjk.han().letters:
        return cjk.han_value(bare)
    if (share := _AMONG.fullmatch(bare)) is not None:
        return _share(*share.groups())
    if bare[0] > "\u3040" and not _KANA.sub("", bare):
        return cjk.han_value(_KANA.sub(lambda match: pairs(_facts()["kana"])[match.group()], bare))
    return None


def _share(whole: str, part: str) -> Real | None:
    """Return the worth of 셋 중 하나, 3명 중 1명; None where one of the two is no number."""
    over, upper = (_native_value(word) for word in (whole, part))
    return None if not over or upper is None else rounded(Decimal(upper) / Decimal(over))


def _native_value(word: str) -> Real | None:
    """Return the worth of a Korean number of its own, or of digits with a counter: 셋, 3명."""
    bare = word.rstrip("명개")
    if bare.isdecimal():
        return int(bare)
    native = {**pairs(_facts()["native_tens"]), **pairs(_facts()["native_units"])}
    return int(native[bare]) if bare in native else None


@cache
def _half_words() -> dict[str, Real]:
    """Return the words that are a number where they are all: half, mitad, 半."""
    alone: str = load_facts("types", "fractions")["alone"]
    return {word: Decimal(worth) for word, worth in pairs(alone).items()}
