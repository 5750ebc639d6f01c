"""Fractions and decimals in words: two thirds of a million, five and a quarter, un sur vingt, zwei Komma drei.

The phrases of a text (``phrases.py``) come with the lower parts of fractions and the articles that may be an upper
part; what leaves here are numbers. A fraction that may be something else (a third party, 10 sur 12) counts where it is
all that the words say, or where 'of' follows it.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import partial

from llmx.facts import load_facts, one_of, words
from llmx.types.digits import exact, power_of, rounded
from llmx.types.patterns import LazyPattern
from llmx.types.phrase import Phrase
from llmx.types.phrases import BARE
from llmx.types.source import Source

_facts = partial(load_facts, "types", "fractions")
_BETWEEN = LazyPattern(r"\s{1,2}|\s?-\s?")
_ONE = LazyPattern(r"\s(?:et|e)\s")  # vingt et unième
_OVER = LazyPattern(lambda: rf"\s{one_of(_facts()['over'])}\s", re.IGNORECASE)
_AND = LazyPattern(lambda: rf"\s{{1,3}}{one_of(_facts()['and'])}\s{{1,3}}", re.IGNORECASE)
_TO_THE_POWER = LazyPattern(lambda: rf"\s{one_of(_facts()['power'])}\s", re.IGNORECASE)
_POINT = LazyPattern(lambda: rf"\s{one_of(_facts()['point'])}\s", re.IGNORECASE)
_POINT_ALONE = LazyPattern(lambda: rf"\s{one_of(_facts()['point_alone'])}\s", re.IGNORECASE)
_OF = LazyPattern(lambda: rf"\s{one_of(_facts()['of'])}(?:\s|(?<=['’]))|\s", re.IGNORECASE)
_OF_BEHIND = LazyPattern(lambda: rf"\s{one_of(_facts()['of'])}(?!\w)", re.IGNORECASE)
_ARTICLE = LazyPattern(lambda: rf"(?<!\w){one_of(_facts()['article'])}(?:\s|-)$", re.IGNORECASE)
_PERCENT = LazyPattern(lambda: rf"^\s?{one_of(load_facts('types', 'percent')['signs'])}", re.IGNORECASE)
_SIGN = LazyPattern(
    lambda: rf"\W*(?:{'|'.join(words(load_facts('types', 'unread')['minus_words']))})?\W*", re.IGNORECASE
)
_LARGE = 10**6
_LONGEST_JOINT = 18  # to the power of
#: The kinds of phrases of which one is needed for all that is joined here, but for digits over digits in short words.
_JOINING = frozenset({"under", "one", "number"})
_NO_NUMBERS = frozenset({"one", "under"})  # the kinds that are no number by themselves
_SHORT = 40
_MIXED = "the fraction may be of the last number alone, or of all before it"


def with_fractions(source: Source, found: list[Phrase]) -> list[Phrase]:
    """Return the numbers of a text: fractions and decimals joined, articles and lower parts that join nothing gone.

    ``found`` are the phrases in order.
    """
    if len(found) == 1 and not found[0].doubt and found[0].kinds[0] not in _NO_NUMBERS:
        return found
    short = len(source.text) < _SHORT and len(found) > 1
    if not short and not any(phrase.kinds[0] in _JOINING or phrase.doubt for phrase in found):
        return found
    out: list[Phrase] = []
    for phrase in found:
        while out and out[-1].end > phrase.start and out[-1].kinds[0] in {"one", "fraction"}:
            out.pop()  # the article of 'un million'
        if phrase.kinds[0] == "under":
            _join_under(source, out, phrase)
        elif not (out and phrase.kinds[0] == "scale" and _times(source.text, out, phrase)):
            out.append(phrase)
    joined: list[Phrase] = []
    for phrase in out:
        if not (joined and _joined(source.text, joined, phrase)):
            joined.append(phrase)
    return [phrase for phrase in joined if _is_number(source.text, phrase)]


def _is_number(text: str, phrase: Phrase) -> bool:
    """Whether a phrase is a number by itself: a magnitude alone is one where it is all that the text says."""
    return phrase.kinds[0] not in _NO_NUMBERS and (phrase.doubt != BARE or covers(text, phrase.start, phrase.end))


def covers(text: str, start: int, end: int) -> bool:
    """Whether a span is all that the text says, but for a minus, a percent sign and punctuation."""
    behind = _PERCENT.sub("", text[end:], count=1) if end < len(text) else ""
    return _SIGN.fullmatch(text, 0, start) is not None and not behind.strip(" \t\n.,;:!?)\"'”’»。")


def _join_under(source: Source, out: list[Phrase], under: Phrase) -> None:
    """Make a fraction of the last phrases and the lower part behind them."""
    text, lower, start, uppers = source.text, int(under.open or 0), under.start, list(out)
    if not lower:  # dois onze avos
        if not uppers or not _near(text, uppers[-1], start) or uppers[-1].value != int(uppers[-1].value):
            return
        tail = uppers.pop()
        lower, start = int(tail.value), tail.start
    elif uppers and (behind := _behind_tens(text, uppers, under)) is not None:
        uppers, lower, start = behind
    elif lower >= 1000 and uppers and _near(text, uppers[-1], start) and _doubly(text, uppers):
        tail = uppers.pop()  # três dois milésimos
        lower, start = lower * int(tail.value), tail.start
    if not lower:
        return
    upper = uppers.pop() if uppers and _near(text, uppers[-1], start) else _article(text, start)
    if upper is None or upper.kinds[0] == "digits":
        return
    whole, upper = _parted(upper, lower)
    uppers += [whole] if whole is not None else []
    made = _fraction(upper, lower, under)
    singular = not under.many and upper.kinds[0] != "number"
    plain = (under.many and upper.value != 1) or (singular and upper.value == 1 and upper.kinds[0] != "one")
    mixed = uppers and _AND.fullmatch(text, uppers[-1].end, made.start)
    if plain or mixed or covers(text, made.start, made.end) or _OF_BEHIND.match(text, made.end) or _scaled(made, text):
        out[:] = [*uppers, made]


def _scaled(made: Phrase, text: str) -> bool:
    """Whether a half, a quarter of a magnitude may be meant: a quarter million."""
    return made.value in {Decimal("0.25"), Decimal("0.5")} and text[made.end : made.end + 1] == " "


def _near(text: str, phrase: Phrase, at: int) -> bool:
    return _BETWEEN.fullmatch(text, phrase.end, at) is not None


def _article(text: str, start: int) -> Phrase | None:
    """Return the English article before a lower part as an upper part of one."""
    found = _ARTICLE.search(text, max(0, start - 4), start)
    if found is None:
        return None
    return Phrase(found.start(), start - 1, open=1, kinds=["one"], languages=("en",))


def _behind_tens(text: str, uppers: list[Phrase], under: Phrase) -> tuple[list[Phrase], int, int] | None:
    """Return (uppers, lower part, start) where the lower part has tens before it: three twenty-firsts.

    None where it has none, or they are its upper part (twenty fifths).
    """
    tail = uppers[-1]
    speaks = set(words(_facts()["compose_tens"])) & set(tail.languages) & set(under.languages)
    unit = int(under.open or 0)
    gap = _near(text, tail, under.start) or (unit == 1 and _ONE.fullmatch(text, tail.end, under.start))
    if not speaks or not gap or not 0 < unit < 10 or tail.kinds[-1] not in {"number", "one"}:
        return None
    if tail.value != int(tail.value) or not 20 <= tail.value % 100 <= 90 or tail.value % 10:
        return None
    tens = int(tail.value) % 100
    if tail.value < 100:
        rest = uppers[:-1]
        if not (rest and _near(text, rest[-1], tail.start)) and _article(text, tail.start) is None:
            return None
        return rest, tens + unit, tail.start
    if tail.split is not None:
        return None
    upper = Phrase(tail.start, tail.end, open=tail.value - tens, kinds=["number"], languages=tail.languages)
    upper.end = under.start - 1
    return [*uppers[:-1], upper], tens + unit, under.start


def _doubly(text: str, uppers: list[Phrase]) -> bool:
    """Whether the last of two phrases side by side belongs to the lower part: três dois milésimos."""
    if len(uppers) < 2 or uppers[-1].value != int(uppers[-1].value) or uppers[-1].kinds[0] == "one":
        return False
    return _near(text, uppers[-2], uppers[-1].start)


def _parted(upper: Phrase, lower: int) -> tuple[Phrase | None, Phrase]:
    """Part a whole number with 'and' from the upper part of a fraction: cento e tre quarti, vingt et un cinquième."""
    if upper.split is None or not set(words(_facts()["mixed_and"])) & set(upper.languages):
        return None, upper
    worth, end, start = upper.split
    over = upper.value - worth
    if not 0 < over < lower:
        return None, upper
    scale = max((scale for _, scale in upper.groups), default=1)
    whole = Phrase(upper.start, end, open=worth, kinds=["number"], languages=upper.languages, rule="number.words")
    if scale >= _LARGE:
        whole.groups, whole.open = [(worth, scale)], None
    whole.other, whole.doubt = rounded(Decimal(upper.value) / lower), _MIXED
    return whole, Phrase(start, upper.end, open=over, kinds=["number"], languages=upper.languages)


def _fraction(upper: Phrase, lower: int, under: Phrase) -> Phrase:
    """Return the fraction of an upper part; doubted where its last word alone may be that (hundred three fifths)."""
    value, last = rounded(Decimal(upper.value) / lower), int(upper.value) % 10
    made = Phrase(upper.start, under.end, open=value, rule="number.fraction", kinds=["fraction"])
    made.languages = under.languages
    if upper.value > 100 and 0 < last < lower:
        made.other, made.doubt = rounded(upper.value - last + Decimal(last) / lower), _MIXED
    return made


def _times(text: str, out: list[Phrase], scale: Phrase) -> bool:
    """Multiply a fraction by the magnitude behind it: two thirds of a million, one and three quarters billion."""
    left = out[-1]
    if left.kinds != ["fraction"] or scale.vague or len(scale.kinds) > 1 or not scale.groups:
        return False
    if not _OF.fullmatch(text, left.end, scale.start):
        return False
    whole = out[-2] if len(out) > 1 and scale.start - left.end == 1 else None
    if whole is not None and whole.scale == 1 and _mixed(whole, left, text[whole.end : left.start]):
        left = whole
        out.pop()
    left.open, left.end, left.doubt, left.other = rounded(Decimal(left.value) * scale.value), scale.end, "", None
    left.kinds = ["fraction", "scale"]
    return True


def _joined(text: str, joined: list[Phrase], phrase: Phrase) -> bool:
    """Join a phrase to the last one: a whole number and a fraction, an upper and a lower part, decimals to a number."""
    left = joined[-1]
    if phrase.start - left.end > _LONGEST_JOINT or left.vague or phrase.vague:
        return False
    gap = text[left.end : phrase.start]
    if phrase.kinds[0] == "fraction":
        return _mixed(left, phrase, gap)
    if left.other is not None:
        return False
    if gap in {" ", "-"} and _more_decimals(left, phrase):
        return True
    alone = covers(text, left.start, phrase.end)
    if _POINT.fullmatch(gap) or (_POINT_ALONE.fullmatch(gap) and alone):
        return _decimals(left, phrase)
    raised = _TO_THE_POWER.fullmatch(gap) is not None and _raised(left, phrase)
    return raised or (alone and _OVER.fullmatch(gap) is not None and _over(left, phrase))


def _raised(left: Phrase, right: Phrase) -> bool:
    """Raise a number to the power behind it: zwei hoch zehn."""
    if right.other is not None or not (value := power_of(left.value, right.value)):
        return False
    left.open, left.groups, left.rule, left.kinds, left.end = value, [], "number.notation", ["notation"], right.end
    return True


def _mixed(left: Phrase, part: Phrase, gap: str) -> bool:
    if not _AND.fullmatch(gap) or left.value != int(left.value) or left.kinds[0] == "fraction":
        return False
    scale = left.scale if left.open is None else 1
    if part.kinds == ["fraction"] and part.value >= scale:
        return False
    whole = rounded(Decimal(left.value) + part.value)
    if part.kinds == ["fraction"] and scale >= _LARGE:  # six millions et deux tiers
        left.other, left.doubt = whole, _MIXED
        whole = rounded(left.value + Decimal(part.value) * scale)
    elif part.kinds != ["fraction"]:
        left.other, left.doubt = None, ""
    left.groups, left.open, left.rule, left.kinds, left.end = [], whole, "number.fraction", ["fraction"], part.end
    return True


def _over(left: Phrase, right: Phrase) -> bool:
    if not right.value or left.kinds[0] == "fraction" or right.kinds[0] == "fraction" or right.other is not None:
        return False
    if 1900 <= right.value <= 2100:
        return False  # a year
    if left.kinds[0] == right.kinds[0] == "digits" and left.value > 1:
        left.other, left.doubt = left.value, "it is a fraction or a score"
    left.open, left.groups = rounded(Decimal(left.value) / Decimal(right.value)), []
    left.rule, left.kinds, left.end = "number.fraction", ["fraction"], right.end
    return True


def _decimals(left: Phrase, right: Phrase) -> bool:
    """Add decimals in words to a whole number: two point five million, duecento virgola settantuno."""
    scale = right.scale if right.open is None and len(right.groups) == 1 and right.scale >= 1000 else 1
    digits = exact(Decimal(right.value) / Decimal(scale))
    if left.value != int(left.value) or not isinstance(digits, int) or right.other is not None:
        return False
    if "digits" in {left.kinds[0], right.kinds[0]} or left.kinds[0] == "fraction" or right.kinds[0] == "fraction":
        return False
    left.open, left.groups = exact(Decimal(f"{left.value}.{digits}") * scale), []
    places = ["decimals"] * len(str(digits)) if scale == 1 else []
    left.rule, left.kinds, left.end = "number.words", ["number", *places], right.end
    return True


def _more_decimals(left: Phrase, right: Phrase) -> bool:
    """Add a further decimal in words: nought point nought three."""
    if left.kinds[-1] != "decimals" or right.kinds != ["number"] or not 0 <= right.value <= 9:
        return False
    left.kinds.append("decimals")
    left.open = Decimal(left.value) + Decimal(right.value).scaleb(-left.kinds.count("decimals"))
    left.end = right.end
    return True
