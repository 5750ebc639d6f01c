"""Periods: 'from 2024 to 2027', 'Q3 2024', '12-14 May 2024', '2023年至2025年', 'until 2030'."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from llmx.types.date import PartialDate
from llmx.types.partial_date import days_in
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, read_one

_JOINT = LazyPattern(
    r"\s?(?:-|–|—|~|～|to|until|till|through|and|bis|und|à|au|jusqu['’](?:à|en|au)|et|al?|hasta|y|até|e|tot|en|至|"
    r"到|から)(?:\s(?:en|le|el|o|il|em|in|de|dem|zum)\b)?\s?",
    re.IGNORECASE,
)
_SOFT = frozenset({"and", "und", "et", "y", "e", "en"})  # join two dates only behind 'between'
_BETWEEN = LazyPattern(r"(?:between|zwischen|entre|tra|fra|tussen)\s(?:le\s|el\s|il\s|dem\s)?$", re.IGNORECASE)
_UNTIL = LazyPattern(
    r"(?:\b(?:until|till|by|up to|before|bis|jusqu['’](?:en|à|au)|d['’]ici|hasta|para|até|fino al?|entro(?: il)?|"
    r"tot|vóór))\s(?:the end of\s|end of\s|ende\s|fin\s|finales de\s|à\s|eind\s|fine\s)?$",
    re.IGNORECASE,
)
_SINCE = LazyPattern(
    r"(?:\b(?:since|from|starting in|as of|seit|ab|von|depuis|dès|à partir de|desde|a partir de|dal|sinds|vanaf))\s$",
    re.IGNORECASE,
)
_YEARS = LazyPattern(
    r"(?<![\d.,/-])(?P<a>(?:19|20)\d\d)(?:\s?[-–—/～~]\s?|\s?年?(?:至|到|から)\s?)(?P<b>(?:19|20)\d\d|"
    r"\d\d)年?(?![\d.,/-]\d|\d)"
)
_YEARS_IN_WORDS = LazyPattern(
    r"(?<![\d.,/-])(?:(?:between|zwischen|entre|tra|fra|tussen)\s(?P<a>(?:19|20)\d\d)\s(?:and|und|et|y|e|en)|"
    r"(?P<from>(?:19|20)\d\d)\s(?:to|through|until|till|bis|à|al?|até|tot|hasta))\s(?P<b>(?:19|20)\d\d)(?!\d|[.,]\d)",
    re.IGNORECASE,
)
_PERIOD = LazyPattern(
    r"\b(?:(?P<kind>[QTqt])(?P<count>[1-4])|(?P<count2>[1-4])(?P<kind2>[QT])|(?P<half>H|"
    r"S)(?P<count3>[12]))[\s-]?(?:of |de |del |do |')?(?P<year>(?:19|20)\d\d|\d\d(?!\d))"
    r"|\b(?P<word>first|second|third|fourth|premier|deuxième|troisième|quatrième|erste[nsr]?|zweite[nsr]?|"
    r"dritte[nsr]?|vierte[nsr]?|primer|segundo|"
    r"tercer|cuarto|primeiro|terceiro|quarto|primo|secondo|terzo|eerste|tweede|derde|vierde)\s(?P<span>quarter|half|"
    r"trimestre|quartal|semestre|halbjahr|"
    r"kwartaal|halfjaar)(?:\s(?:of|de|del|do|des jahres|van)(?:\s(?:fiscal\s)?)?)?\s?(?P<year2>(?:19|20)\d\d)"
    r"|(?P<dot>[1-4])\.\s?(?P<span3>Quartal|Halbjahr)\s(?P<year6>(?:19|20)\d\d)"
    r"|(?P<year3>(?:19|20)\d\d)\s?年?第?(?P<han>[一二三四1-4])(?:季度|四半期)|(?P<year4>(?:19|"
    r"20)\d\d)\s?年?(?P<part>上|下)半年|(?P<year5>(?:19|20)\d\d)년\s?(?P<ko>[1-4])분기",
    re.IGNORECASE,
)
_ORDINALS = {1: "first premier erste primer primeiro primo eerste", 2: "second deuxième zweite segundo secondo tweede",
             3: "third troisième dritte tercer terceiro terzo "
                "derde", 4: "fourth quatrième vierte cuarto quarto vierde"}  # fmt: skip


class DateRange(BaseModel):
    """A period: ``start`` and ``end`` are partial dates, both included, None where that side is open."""

    model_config = ConfigDict(frozen=True)

    start: PartialDate | None = None
    end: PartialDate | None = None

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one period that ``words`` say; a single date is a period of its own.

        >>> str(DateRange.from_text("from May 2024 to June 2027").value)
        '2024-05/2027-06'
        """
        found = cls.find_all(words, locale=locale, reference=reference)
        if not found:
            alone = PartialDate.from_text(words, locale=locale, reference=reference)
            if alone.value is not None:
                return alone.map(lambda day: cls(start=day, end=day))
        return read_one(found, words, "period")

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every period of ``text``, in order; a date alone is one only behind 'until', 'since' and the like."""
        found = [*cls._periods(text), *cls._years(text), *cls._joined(text, locale, reference)]
        found.sort(key=lambda reading: (reading.start, -reading.end))
        out: list[Reading[Self]] = []
        for reading in found:
            if out and reading.start < out[-1].end:
                if len(reading.words) > len(out[-1].words) or out[-1].rule == "period.open":
                    out[-1] = reading
                continue
            out.append(reading)
        return out

    @classmethod
    def _periods(cls, text: str) -> Iterator[Reading[Self]]:
        for found in _PERIOD.finditer(text):
            months, count = _length_and_count(found)
            if count is None or count * months > 12:
                continue
            digits = next(found[name] for name in ("year", "year2", "year3", "year4", "year5", "year6") if found[name])
            year = int(digits) if len(digits) == 4 else 2000 + int(digits)
            start = PartialDate(year, (count - 1) * months + 1)
            end = PartialDate(year, count * months)
            yield Reading(cls(start=start, end=end), found.group(), found.start(), found.end(), "period.part_of_year")

    @classmethod
    def _years(cls, text: str) -> Iterator[Reading[Self]]:
        for found in _YEARS.finditer(text):
            first = int(found["a"])
            last = int(found["b"]) if len(found["b"]) == 4 else first // 100 * 100 + int(found["b"])
            if first < last and not (len(found["b"]) == 2 and "-" in found.group() and int(found["b"]) <= 12):
                value = cls(start=PartialDate(first), end=PartialDate(last))
                yield Reading(value, found.group(), found.start(), found.end(), "period.years")
        for found in _YEARS_IN_WORDS.finditer(text):
            name = "a" if found["a"] else "from"
            value = cls(start=PartialDate(int(found[name])), end=PartialDate(int(found["b"])))
            start, end = found.start(name), found.end()
            if int(found[name]) < int(found["b"]):
                yield Reading(value, text[start:end], start, end, "period.years")

    @classmethod
    def _joined(cls, text: str, locale: str | None, reference: date | None) -> Iterator[Reading[Self]]:
        dates = PartialDate.find_all(text, locale=locale, reference=reference)
        index = 0
        while index < len(dates):
            first = dates[index]
            index += 1
            second = dates[index] if index < len(dates) else None
            if second is not None and (pair := cls._pair(text, first, second)) is not None:
                index += 1
                yield pair
            elif [remark.code for remark in first.issues] == ["range"]:
                start, end = first.candidates
                yield Reading(cls(start=start, end=end), first.words, first.start, first.end, "period.days")
            elif first.value is not None and (open_ended := cls._open(text, first)) is not None:
                yield open_ended

    @classmethod
    def _pair(cls, text: str, first: Reading[PartialDate], second: Reading[PartialDate]) -> Reading[Self] | None:
        joint = _JOINT.fullmatch(text[first.end : second.start])
        if first.value is None or second.value is None or joint is None:
            return None
        if joint.group().strip().lower() in _SOFT and not _BETWEEN.search(text[max(0, first.start - 14) : first.start]):
            return None
        start = _with_year(first.value, second.value)
        if start.year is not None and second.value.year is not None and start.first > second.value.last:
            return None
        words = text[first.start : second.end]
        return Reading(
            cls(start=start, end=second.value), words, first.start, second.end, "period.dates", (), first.issues
        )

    @classmethod
    def _open(cls, text: str, day: Reading[PartialDate]) -> Reading[Self] | None:
        head = text[max(0, day.start - 24) : day.start]
        for pattern, side in ((_UNTIL, "end"), (_SINCE, "start")):
            found = pattern.search(head)
            if found is not None:
                begin = day.start - len(head) + found.start()
                words = text[begin : day.end]
                return Reading(cls(**{side: day.value}), words, begin, day.end, "period.open")
        return None

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        reading = cls.from_text(given)
        if reading.value is None or reading.doubts:
            reason = "; ".join(remark.message for remark in reading.issues) or "no period"
            raise PydanticCustomError("llmx_value", "{reason}", {"reason": reason})
        return {"start": reading.value.start, "end": reading.value.end}

    @property
    def first(self) -> date | None:
        """The earliest day, None where the start is open."""
        return None if self.start is None else self.start.first

    @property
    def last(self) -> date | None:
        """The latest day, None where the end is open."""
        return None if self.end is None else self.end.last

    def __str__(self) -> str:
        return f"{self.start or '..'}/{self.end or '..'}"


def _with_year(first: PartialDate, second: PartialDate) -> PartialDate:
    """Return ``first`` with the year of ``second`` where only that one has a year: from May to June 2024."""
    if first.year is not None or second.year is None or first.month is None:
        return first
    if first.day is not None and first.day > days_in(second.year, first.month):
        return first
    return PartialDate(second.year, first.month, first.day)


def _length_and_count(found: re.Match[str]) -> tuple[int, int | None]:
    """Return (months in the part, which part of the year it is)."""
    if found["half"]:
        return 6, int(found["count3"])
    if found["part"]:
        return 6, 1 if found["part"] == "上" else 2
    if found["word"]:
        half = found["span"].lower() in {"half", "semestre", "halbjahr", "halfjaar"}
        word = found["word"].lower()
        count = next((n for n, words in _ORDINALS.items() if any(word.startswith(w) for w in words.split())), None)
        return (6 if half else 3), count
    if found["dot"]:
        return (6 if found["span3"].lower() == "halbjahr" else 3), int(found["dot"])
    digits = found["count"] or found["count2"] or found["han"] or found["ko"]
    return 3, {"一": 1, "二": 2, "三": 3, "四": 4}.get(digits) or int(digits)
