"""A number with what it counts: '40,000 square feet', '59 universités', '年产30万辆', '18 10000 employees'.

The unit is taken as it stands in the text and kept short: the words behind the number up to a stop word, in Chinese,
Japanese and Korean the measure word. It is not translated, and square feet are not turned into square metres.
"""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import zip_longest
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from llmx.types.currency import mark_after, mark_before
from llmx.types.date_scan import scan
from llmx.types.digits import Real
from llmx.types.fields import Amount
from llmx.types.number_scan import find_numbers
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, cast_reading, read_one, shorten, unread
from llmx.types.words import word_set

_STOP = word_set(
    # function words and verb forms that end a unit, in the seven languages
    "a an the and or of in on at by to from for with within over under up per each as than that which who will "
    "would can "
    "could may is are was were be been being has have had do does did after before during across worldwide globally "
    "annually until since into throughout through via under between among including such its their our his her this "
    "these "
    "those it they we he she also not but if when where while around about annually yearly per so both all out off "
    "et ou de du des d l la le les un une dans en sur par pour avec sans au aux ce cette ces son sa ses leur leurs "
    "qui que "
    "dont où est sont était étaient sera seront a ont été d'ici chaque entre plus "
    "und oder der die das den dem des ein eine einen im in am an auf aus bei mit nach von vor zu zum zur für über "
    "unter um "
    "pro je ist sind war waren wird werden wurde wurden hat haben sich auch sowie bis seit weltweit jährlich "
    "y o u de del el la los las un una en con por para sin sobre entre al a su sus que se es son era fue será serán "
    "ha han "
    "e ou do da dos das no na nos nas em com por para sem ao aos à às que é são foi será "
    "di del dello della dei degli delle il lo gli i le un uno una in con su per tra fra da dal dalla dai nel nella "
    "nei che "
    "è sono era sarà saranno ha hanno ed "
    "van het de een en of in op aan bij met voor naar door uit om te is zijn was waren wordt worden heeft hebben "
    "die dat "
    "wereldwijd jaarlijks tot"
)
_SKIPPED = word_set(
    "many new additional more further other direct nouveaux nouvelles nouvel neue neuen neuer zusätzliche weitere "
    "weiteren "
    "nuevos nuevas más novos novas nuovi nuove nieuwe extra"
)
_WHOLE = word_set(
    "people feet men women children persone persons personnes personas pessoas mitarbeiter menschen mensen salariés "
    "jobs users"
)
_LINKED = frozenset({"de", "di", "d'", "d’"})  # 5 millions de véhicules, 2 milioni di clienti
_WORD = LazyPattern(
    r"[ \u00a0\u202f]?(?P<word>(?:d[’'](?=\w))?[^\W\d_]+(?:[-/][^\W\d_]+)*(?:[²³23](?!\d))?)", re.UNICODE
)
_GLUED = LazyPattern(r"[^\W\d_]{1,8}(?:[²³23](?!\d))?(?:/[^\W\d_]{1,5})?")
_PERCENT = LazyPattern(r"[ \u00a0\u202f]?(?:%|％)")
_CJK_UNIT = LazyPattern(
    r"\s?(?:多|余|餘|여)?(?P<unit>平方公里|平方メートル|平方英尺|平方米|平米|立方メートル|立方米|公里|公顷|公頃|"
    r"公斤|千瓦时|吉瓦时|兆瓦时|吉瓦|兆瓦|千瓦|万千瓦|千克|吨|噸|トン|キロ|"
    r"メートル|ヘクタール|ヶ国|カ国|か国|か所|カ所|ヶ所|箇所|個国|个国家|个省|个城市|社|人|名|位|个|個|家|台|臺|辆|"
    r"輛|款|座|所|种|種|次|倍|条|條|件|套|项|項|国|國|店舗|店|本|棟|"
    r"拠点|基|隻|艘|架|亩|公顷|股|张|張|份|点|席|床|户|戶|戸|頭|头|枚|号|届|場|场|门|類|类|组|組|块|片|部|支|"
    r"명|개국|개사|개|대|곳|건|배|종|회|평|척|기|톤|호|채|마리|권|장|병|석|만대|세대|가구|㎡|제곱미터|킬로미터)"
)
_MOST_WORDS = 3


class Quantity(BaseModel):
    """A number and its unit: ``value`` in full (180000), ``unit`` in the words of the text or None."""

    model_config = ConfigDict(frozen=True)

    value: Amount
    unit: str | None = None

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one quantity that ``words`` say.

        >>> Quantity.from_text("in the world with 18 10000 employees").value
        Quantity(value=180000, unit='employees')
        """
        found = cls.find_all(words, locale=locale)
        if not found:
            numbers = find_numbers(words, locale)
            if not numbers:
                return cast_reading(unread(words, "not_found", f"no quantity in {shorten(words)!r}"))
            return read_one(numbers, words, "quantity").map(lambda value: cls(value=value))
        return read_one(found, words, "quantity")

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every number with a unit in ``text``, in order; sums of money and dates are left out."""
        return list(cls._find(text, locale))

    @classmethod
    def _find(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        dates = iter(scan(text, locale))
        day = next(dates, None)
        numbers = find_numbers(text, locale)
        for number, following in zip_longest(numbers, numbers[1:]):
            while day is not None and day.end <= number.start:
                day = next(dates, None)
            if day is not None and day.start <= number.start and number.end <= day.end:
                continue
            if mark_before(text, number.start) is not None or mark_after(text, number.end) is not None:
                continue
            unit, end = unit_behind(text, number)
            if unit is not None and (following is None or end <= following.start):
                yield cls._reading(text, number, unit=unit, end=end)

    @classmethod
    def _reading(cls, text: str, number: Reading[Real], *, unit: str, end: int) -> Reading[Self]:
        words = text[number.start : end]
        reading = number.map(lambda value: cls(value=value, unit=unit))
        rule = number.rule.replace("number.", "quantity.")
        return Reading(reading.value, words, number.start, end, rule, reading.candidates, reading.issues)

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        reading = cls.from_text(given)
        if reading.value is None or reading.doubts:
            reason = "; ".join(remark.message for remark in reading.issues) or "no quantity"
            raise PydanticCustomError("llmx_value", "{reason}", {"reason": reason})
        return reading.value.model_dump()

    def __str__(self) -> str:
        return f"{self.value} {self.unit}" if self.unit else str(self.value)


def unit_behind(text: str, number: Reading[Any]) -> tuple[str | None, int]:
    """Return the unit right behind a number with its end, None where the words behind it are none."""
    at = number.end
    sign = _PERCENT.match(text, at)
    if sign is not None:
        return "%", sign.end()
    han = _CJK_UNIT.match(text, at)
    if han is not None:
        return han["unit"], han.end()
    glued = _GLUED.match(text, at)
    if glued is not None and ord(text[at]) < 0x2E7F:
        return (
            (None, at) if glued.group().lower() in {"st", "nd", "rd", "th", "er", "e"} else (glued.group(), glued.end())
        )
    year_like = number.rule == "number.digits" and number.words[:2] in {"19", "20"} and len(number.words) == 4
    return _words_behind(text, at, year_like=year_like)


def _words_behind(text: str, at: int, *, year_like: bool) -> tuple[str | None, int]:
    """Return one to three words that end at a stop word, a name or punctuation."""
    taken: list[str] = []
    start = end = at
    while len(taken) < _MOST_WORDS:
        found = _WORD.match(text, end)
        if found is None or found.start("word") == end or ord(found["word"][0]) > 0x2E7F:
            break
        word = found["word"]
        bare = word if taken else re.sub(r"^d[’']", "", word)
        if not taken and (word.lower() in _LINKED or word.lower() in _SKIPPED):
            end = start = found.end()
            continue
        if bare.lower() in _STOP or (taken and _ends_unit(word, taken)):
            break
        if not taken and word[0].isupper() and year_like:
            break
        if not taken:
            start = found.end() - len(bare)
        taken.append(bare)
        end = found.end()
    return (text[start:end], end) if taken else (None, at)


def _ends_unit(word: str, taken: list[str]) -> bool:
    """Whether a further word begins something new: a name, an adverb, a verb behind the noun.

    A plural ends an English unit (charging stations | opened); in the Romance languages an adjective that agrees with
    it may follow (empleos directos, metri quadrati), and agreement is seen in the last letter.
    """
    last = taken[-1]
    if word[0].isupper() or word.lower().endswith(("ly", "ment", "mente")) or "'" in word or "’" in word:
        return True
    if last.lower() in _WHOLE or last[0].isupper():
        return last.lower() in _WHOLE or len(taken) > 1
    plural = len(last) > 3 and last[-1] in "sxi" and not last.endswith(("ss", "us", "is"))
    return plural and word[-1] not in ("i" if last[-1] == "i" else "sx")
