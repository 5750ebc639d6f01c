"""Numbers written with signs: 1.5e-3, 6.23 x 10^-4, 2^10, -3/2, 五分之三, 5分の3, 十五点七, 삼분의 이, 三ダース.

Each is found by a pattern of its own, tried only where its sign stands in the text; a number found here takes the
place of what ``phrases.py`` makes of its digits. Some signs mean it only where the words are nothing else (半, 5/3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial

from llmx.facts import load_facts, one_of, pairs, words
from llmx.types import cjk
from llmx.types.digits import Real, exact, power_of, read_digits, rounded
from llmx.types.languages import language_of
from llmx.types.lone_numbers import SIGN, lone_number
from llmx.types.patterns import LazyPattern
from llmx.types.phrase import Phrase
from llmx.types.source import Source

_facts = partial(load_facts, "types", "notations")
_RUN = r"\d+(?:[.,]\d+)*"
_UP = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻−", "0123456789+--")
_SCIENTIFIC = LazyPattern(rf"(?<![\w.,^])(?P<base>{_RUN})[eE](?P<exponent>[-+\u2212]?\d{{1,3}})(?![\w.,]\d|\w)")
_POWER = LazyPattern(
    rf"(?<![\w.,^])(?P<base>{_RUN})(?:\s?[x×*·]\s?10)?"
    rf"(?:\s?\^\s?(?P<exponent>[-+\u2212]?{_RUN})|(?P<raised>[⁺⁻]?[⁰¹²³⁴-⁹]+))(?![\w.,]\d|\w)"
)
_HAN_MIXED = LazyPattern(r"(?<![\d.,])\d{1,4}[千百仟佰]零\d{1,3}[万萬亿億]?(?![\d.,])")
_HAN_SPACED = LazyPattern(lambda: rf"(?<![{_han()}])[{_han()}]{{1,20}}(?:[ \u3000][{_han()}]{{1,20}}){{1,8}}")
_HIGHEST = 400  # exponents above it are no number of a document, and cost time


def _han() -> str:
    return cjk.han().letters


def _units() -> str:
    return "".join(cjk.hangul().units)


def _behind_magnitudes() -> str:
    return "".join((*cjk.letters_of("hangul_measures"), _facts()["behind_spaced_hangul"]))


def _more_letters() -> str:
    return "".join(word[0] for word in words(_facts()["more"]) if word != "|")


def _sign_letters() -> str:
    """Return the letters that a sign of these scripts begins with, so that most texts are told in one pass."""
    dozens = "".join(word[0] for word in words(_facts()["dozen"]) if word != "|")
    signs = (_facts()[name] for name in ("dozen_alone", "point", "point_alone"))
    return "".join(["分분乗方곱", dozens, _more_letters(), *signs])


def _first_letters() -> str:
    return "".join({word[0] for name in ("native_tens", "native_units") for word in pairs(_facts()[name])})


def _numerals() -> str:
    return rf"\d{_han()}{cjk.hangul().letters}"


def numeral_pattern() -> str:
    """Return the pattern of a numeral of digits, Han and Hangul letters with blanks, begun at its first letter."""
    letters = _numerals()
    return rf"[{letters}](?:[{letters}.,]|[ \u3000](?=[{letters}])){{0,30}}"


def _begin() -> str:
    return rf"(?<![\d{_han()}\uac00-\ud7a3.,])"


_PARTS = LazyPattern(
    lambda: (
        rf"{_begin()}(?:(?P<whole>{numeral_pattern()})\s?(?:{one_of(_facts()['whole_joint'])}|"
        rf"(?P<alone>{one_of(_facts()['whole_joint_alone'])}))\s?)?"
        rf"(?P<lower>{numeral_pattern()})\s{{0,2}}(?:分\s{{0,2}}[之の]|분의)\s{{0,2}}"
        rf"(?P<minus>{one_of(_facts()['minus'])})?(?P<upper>{numeral_pattern()})"
    )
)
_DECIMALS = LazyPattern(
    lambda: (
        rf"{_begin()}(?P<whole>{numeral_pattern()})\s?(?P<point>[{_facts()['point']}{_facts()['point_alone']}])\s?"
        rf"(?P<digits>(?:[\d{''.join(cjk.han().digits)}{''.join(cjk.hangul().digits)}]\s?){{1,15}})"
        rf"(?P<scale>[{''.join(letter for letter, worth in cjk.magnitudes().items() if worth > 1000)}]?)"
        rf"(?![{_facts()['time_behind']}](?!\s?[之の]))"
    )
)
_RAISED = LazyPattern(
    lambda: (
        rf"{_begin()}(?P<base>{numeral_pattern()})\s?[の的의]\s?(?P<minus>{one_of(_facts()['minus'])})?"
        rf"(?P<exponent>{numeral_pattern()})\s?{one_of(_facts()['power'])}"
    )
)
_MORE = LazyPattern(
    lambda: (
        rf"{_begin()}(?P<number>{numeral_pattern()})\s?{one_of(_facts()['more'])}"
        rf"(?P<scale>[{''.join(letter for letter, worth in cjk.magnitudes().items() if worth > 10)}]+)"
    )
)
_DOZEN = LazyPattern(
    lambda: (
        rf"{_begin()}(?:(?P<whole>{numeral_pattern()})[と과]\s?)?(?P<number>{numeral_pattern()}|[{_facts()['half']}]"
        rf"|(?P<native>{'|'.join(pairs(_facts()['native_dozens']))}))\s?"
        rf"(?:{one_of(_facts()['dozen'])}|(?P<alone>{_facts()['dozen_alone']}))"
    )
)
_NATIVE = LazyPattern(
    lambda: (
        rf"(?<![\uac00-\ud7a3])(?=[{_first_letters()}])"
        rf"(?P<tens>{'|'.join(pairs(_facts()['native_tens']))})?(?P<units>{'|'.join(pairs(_facts()['native_units']))})?"
        rf"(?=\s?(?P<measure>{'|'.join(words(_facts()['native_measures']))}|[(（]\d)|$)"
    )
)
_HANGUL_MIXED = LazyPattern(
    lambda: (
        rf"(?<![\d\uac00-\ud7a3.,])(?:\d{{1,4}}\s?)?[{_units()}]+(?:\s?(?:\d{{1,4}}\s?)?[{_units()}]+)+"
        r"(?:\s?\d{1,4}(?![\d.,]))?"
    )
)
_HANGUL_SPACED = LazyPattern(
    lambda: (
        rf"(?<![\d\uac00-\ud7a3.,])[{cjk.hangul().letters}]{{1,12}}(?:[만억조]\s[{cjk.hangul().letters}]{{2,12}})+"
        rf"(?:(?=\s?(?:{'|'.join(cjk.hangul_units_after())}))|(?![\uac00-\ud7a3]))"
    )
)
_SINGLE_HANGUL = LazyPattern(
    lambda: (
        rf"(?<![\uac00-\ud7a3\d])[{cjk.hangul().letters}](?=\s(?:{'|'.join(cjk.hangul_units_after())})|{'|'.join(words(_facts()['glued_hangul_units']))})"
    )
)
_SPACED_MAGNITUDE = LazyPattern(
    lambda: (
        rf"(?<![\w.,])(?P<number>{_RUN})\s(?P<scale>[{_facts()['spaced_hangul']}](?:(?=[{_behind_magnitudes()}])|(?![\uac00-\ud7a3]))"
        rf"|[{_facts()['spaced_han']}](?![\u3400-\u9fff]))(?:\s?(?P<rest>{_RUN}))?"
    )
)
_DIGIT_BLANK = LazyPattern(r"\d\s")  # in each of those
_BLANK_BETWEEN = LazyPattern(lambda: rf"[{_han()}][ \u3000][{_han()}]")
_EAST = LazyPattern(r"[\u3007-\ud7a3]")
_HANGUL = LazyPattern(r"[\uac00-\ud7a3]")
_UNIT_BEHIND = LazyPattern(r"\s?(?:[%％°℃]|[ァ-ヴ]|[a-zA-Z]{1,3}\b)")
_ALONE_SIGNS = LazyPattern(r"/|^[\s\-−–]*[.,]")
_SHORT = 40
_CJK_SIGNS = LazyPattern(
    lambda: (
        rf"[{_sign_letters()}](?:(?<=[分분])(?P<parts>의|\s{{0,2}}[之の])|(?P<power>(?<=乗)|(?<=次方)|(?<=제곱))"
        rf"|(?P<dozen>(?<={_facts()['dozen_alone']})|(?<=다)스|(?<=ダ)ース)"
        rf"|(?<=[{_facts()['point']}{_facts()['point_alone']}])(?P<point>\s?[{_numerals()}])"
        rf"|(?<=[{_more_letters()}])(?P<more>り?[{_numerals()}]))"
    )
)
_EXPONENT_SIGNS = LazyPattern(r"\d(?:[eE][-+\u2212\d]|\s?\^|[⁰¹²³⁴-⁹⁺⁻])")


def with_notations(source: Source, phrases: list[Phrase]) -> list[Phrase]:
    """Return the phrases of a text, with the numbers written with signs in the place of their parts."""
    text = source.text
    written = list(_written(source)) if _EXPONENT_SIGNS.search(text) else []
    if not text.isascii() and _EAST.search(text):
        written += _in_the_east(source)
    if len(text) < _SHORT and (not phrases or _ALONE_SIGNS.search(text)):
        written += [_phrase(*lone)] if (lone := lone_number(source)) is not None else []
    if not written:
        return phrases
    written.sort(key=lambda phrase: (phrase.start, -phrase.end))
    kept: list[Phrase] = []
    for phrase in written:
        if not kept or phrase.start >= kept[-1].end:
            kept.append(phrase)
    rest = iter(kept)
    taken, out = next(rest, None), list(kept)
    for phrase in phrases:
        while taken is not None and taken.end <= phrase.start:
            taken = next(rest, None)
        if taken is None or phrase.end <= taken.start:
            out.append(phrase)
    return sorted(out, key=lambda phrase: phrase.start)


def _written(source: Source) -> Iterator[Phrase]:
    """Yield the numbers with an exponent."""
    yield from _matches(source, _SCIENTIFIC, _scientific)
    yield from _matches(source, _POWER, _power)


def _in_the_east(source: Source) -> Iterator[Phrase]:
    """Yield those that are written with signs of Chinese, Japanese and Korean."""
    text = source.text
    for sign in sorted({str(match.lastgroup) for match in _CJK_SIGNS.finditer(text)}):
        yield from _matches(source, *_EAST_ASIAN[sign])
    if "零" in text:
        yield from _matches(source, _HAN_MIXED, _whole)
    if _BLANK_BETWEEN.search(text):
        yield from _matches(source, _HAN_SPACED, _spaced)
    if _HANGUL.search(text):
        yield from _matches(source, _NATIVE, _native)
        yield from _matches(source, _HANGUL_MIXED, _whole)
        yield from _matches(source, _HANGUL_SPACED, _spaced)
        yield from _matches(source, _SINGLE_HANGUL, _whole)
    if _DIGIT_BLANK.search(text):
        yield from _matches(source, _SPACED_MAGNITUDE, _spaced_magnitude)


def _matches(source: Source, pattern: LazyPattern, read: Callable[..., Real | None]) -> Iterator[Phrase]:
    for match in pattern.finditer(source.text):
        value = read(source, match)
        if value is not None:
            phrase = _phrase(match.start(), match.start() + len(match.group().rstrip()), value)
            phrase.many = read is _more
            yield phrase


def _phrase(start: int, end: int, value: Real) -> Phrase:
    return Phrase(start, end, open=value, rule="number.notation", kinds=["notation"])


def _covers(source: Source, match: re.Match[str]) -> bool:
    """Whether a match is all that the text says, but for a sign."""
    text = source.text
    return SIGN.fullmatch(text, 0, match.start()) is not None and not text[match.end() :].strip(" 。.")


def _scientific(source: Source, match: re.Match[str]) -> Real | None:
    base, exponent = match["base"], match["exponent"].translate(_UP)
    if base.isdecimal() and exponent.isdecimal() and not _covers(source, match):
        return None  # 2e5 may be a name
    return _raised_ten(source, base, exponent)


def _raised_ten(source: Source, base: str, exponent: str) -> Real | None:
    found = read_digits(base, source.locale, () if source.locale else source.languages)
    if found is None or abs(int(exponent)) > _HIGHEST:
        return None
    return exact(Decimal(found.value).scaleb(int(exponent)))


def _power(source: Source, match: re.Match[str]) -> Real | None:
    base, groups = match["base"], match.groupdict()
    exponent = (match["exponent"] or groups.get("raised") or "").translate(_UP)
    upper = read_digits(exponent.lstrip("+-"), source.locale)
    found = read_digits(base, source.locale, () if source.locale else source.languages)
    if upper is None or found is None or upper.value > _HIGHEST:
        return None
    sign = -1 if exponent.startswith("-") else 1
    if match.end("base") != match.start("exponent") and re.search(r"[x×*·]\s?10", match.group()[len(base) :]):
        return exact(Decimal(found.value).scaleb(sign * int(upper.value)))
    if groups.get("raised") and found.value != 10:
        return None  # a mark of a footnote
    return power_of(found.value, sign * upper.value)


def _raised(source: Source, match: re.Match[str]) -> Real | None:
    """Return the worth of 2の10乗, 十的六次方, 2의 10제곱."""
    base, exponent = numeral_value(match["base"], source), numeral_value(match["exponent"], source)
    if base is None or exponent is None:
        return None
    return power_of(base, -exponent if match["minus"] else exponent)


def numeral_value(run: str, source: Source) -> Real | None:
    """Return the worth of a numeral of digits, Han and Hangul letters: 一百二十, 2千零30, 100万2205; None for none."""
    bare = re.sub(r"\s", "", run).rstrip(".,")
    if not bare:
        return None
    if bare[0].isdecimal() and not re.search(r"[^\d.,]", bare):
        found = read_digits(bare, source.locale)
        return None if found is None else found.value
    if all(letter in cjk.han().letters for letter in bare):
        short = cjk.shortened_value(bare) if language_of(source.locale) == "zh" else None
        return cjk.han_value(bare) if short is None else short
    return cjk.mixed_value(bare)


def _parts(source: Source, match: re.Match[str]) -> Real | None:
    if (match["lower"] in {"百", "佰"} and not match["whole"]) or (match["alone"] and not _covers(source, match)):
        return None  # 百分之五 is a percentage
    if match["upper"][-1] == "만":
        return None  # 3분의 일만: only a third
    whole = numeral_value(match["whole"], source) if match["whole"] else 0
    lower, upper = numeral_value(match["lower"], source), numeral_value(match["upper"], source)
    if whole is None or lower is None or upper is None or not lower:
        return None
    sign = -1 if match["minus"] else 1
    return rounded(whole + sign * Decimal(upper) / Decimal(lower))


def _decimals(source: Source, match: re.Match[str]) -> Real | None:
    point, digits = match["point"], re.sub(r"\s", "", match["digits"])
    latin = match["whole"].isdecimal() and digits.isdecimal() and digits.isascii()
    counted = not latin and point in "・･" and not match.start() and _UNIT_BEHIND.match(source.text, match.end())
    if (point in _facts()["point_alone"] or latin) and not counted and not _covers(source, match):
        return None
    if point in _facts()["point_alone"] and (latin or (point == "、" and digits[0] not in "〇零0")):
        return None
    whole = numeral_value(match["whole"], source)
    if whole is None or whole != int(whole):
        return None
    known = cjk.han().digits | cjk.hangul().digits
    decimals = "".join(letter if letter.isdecimal() else str(known[letter]) for letter in digits)
    value = Decimal(f"{int(whole)}.{decimals}")
    return exact(value * cjk.scaled(match["scale"]) if match["scale"] else value)


def _more(source: Source, match: re.Match[str]) -> Real | None:
    whole = numeral_value(match["number"], source)
    return None if whole is None else exact(Decimal(whole) * cjk.scaled(match["scale"]))


def _dozen(source: Source, match: re.Match[str]) -> Real | None:
    if match["alone"] and not _covers(source, match):
        return None  # 打 is to hit as well
    if match["number"] in _facts()["half"]:
        number: Real | None = Decimal("0.5")
    elif match["native"]:
        number = int(pairs(_facts()["native_dozens"])[match["native"]])
    else:
        number = numeral_value(match["number"], source)
    whole = numeral_value(match["whole"], source) if match["whole"] else 0
    return None if number is None or whole is None else exact(whole + Decimal(number) * 12)


def _spaced(source: Source, match: re.Match[str]) -> Real | None:
    run = re.sub(r"\s", "", match.group())
    units = any(letter in cjk.magnitudes() for letter in run)
    return numeral_value(run, source) if units else None


_EAST_ASIAN = {
    "parts": (_PARTS, _parts),
    "point": (_DECIMALS, _decimals),
    "power": (_RAISED, _raised),
    "more": (_MORE, _more),
    "dozen": (_DOZEN, _dozen),
}


def _whole(source: Source, match: re.Match[str]) -> Real | None:
    """Return the worth of 1억 2천 5백만, and of one letter of Hangul before a unit."""
    found = match.group()
    if len(found) == 1:
        return cjk.hangul().digits.get(found, cjk.hangul().units.get(found))
    return numeral_value(found, source) if any(letter.isdecimal() for letter in found) else None


def _spaced_magnitude(source: Source, match: re.Match[str]) -> Real | None:
    number, rest = (read_digits(match[part], source.locale) if match[part] else None for part in ("number", "rest"))
    if number is None or (match["rest"] and (rest is None or rest.value >= cjk.scaled(match["scale"]))):
        return None
    return exact(Decimal(number.value) * cjk.scaled(match["scale"]) + (0 if rest is None else rest.value))


def _native(source: Source, match: re.Match[str]) -> Real | None:
    if not match.group() or not (match["measure"] or _covers(source, match)):
        return None
    tens, units = pairs(_facts()["native_tens"]), pairs(_facts()["native_units"])
    return int(tens.get(match["tens"] or "", 0)) + int(units.get(match["units"] or "", 0))
