"""The date that a text gives itself in its first lines: a dateline, or a line that says when it was published.

Relative dates ("yesterday") count from this date, and a wrong one would give wrong values without a sign of it. So
only a full date in one of these positions counts, and only if the head of the text has no second one that differs:

- an agency's dateline before running text: ``BERLIN, May 12, 2024 (Reuters) - The …``, ``新华社北京2024年5月12日电``;
- a line with nothing but the date, and perhaps a label ("Published on"), weekday, time of day, author or source;
- the place and date of a letter: ``Berlin, den 12. Mai 2024``;
- the ``Date:`` line of a mail or memo, between its ``From:``, ``To:`` and ``Subject:``.

A date in a sentence, a date under another label ("Effective date") and 03/04/2024 without a locale are left alone.
The words are data: ``documents/data/dateline.yaml`` and ``types/data/weekdays.yaml``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from functools import cache

from llmx.facts import load_facts, phrases
from llmx.types import PartialDate, Reading

_HEAD_CHARS = 2000
_HEAD_LINES = 10
_LINE_CHARS = 160
"""What is longer is running text: only an agency's dateline at its beginning counts there, and the head ends."""
_TEXT_CHARS = 60
"""A sentence after an agency's dateline is longer than this; what follows the dash of a heading is seldom."""
_HAN_TEXT_CHARS = 20

_YEAR = re.compile(r"(?:19|20)\d\d|年")

_SEPARATOR = r"[\s,，、|·•:：;/()（）\[\]【】*_–—-]*"
_TIME = (
    r"(?:[T\s,，]*(?:at|um|à|a las|às|alle|om)?\s*\d{1,2}(?:[:：h.]\d\d){1,2}(?:\.\d+)?\s*(?:uhr|[ap]\.?m\.?)?"
    r"\s*(?:Z\b|[A-Z]{2,5}\b)?\s*(?:[+-]\d\d:?\d\d)?)"
)
_NAME = r"(?-i:[^\W\d_a-z][\w.'’-]*(?:\s+(?:(?:van|von|de|der|den|del|da|du|di|la|le)\s+)*[^\W\d_a-z][\w.'’-]*){1,3})"
_PLACE = r"[^\W\d_a-z][\w.'’/()-]*(?:[\s-]+(?:(?:de|del|la|le|of|the|am|an|im|sur|di)\s+)*[^\W\d_a-z][\w.'’/()-]*){0,4}"
_HAN = r"[\u3400-\u9fff\uac00-\ud7af\u3040-\u30ff]"
_DASH = r"\s*(?:--|[—–-]|[:：])\s*"
_AGENCY = r"\s*(?:[(（/\[][^()（）/\[\]\n]{1,40}[)）/\]])?"
_MAIL_HEADER = re.compile(r"(?:from|to|cc|subject|re)\s*:\s*\S", re.IGNORECASE)
_MAIL_DATE = re.compile(r"date\s*:\s*", re.IGNORECASE)


def dateline(text: str, *, locale: str | None = None) -> dt.date | None:
    """Return the full date that the first lines of ``text`` give as its own; None if there is none, or several.

    >>> dateline("BERLIN, May 12, 2024 (Reuters) - The two companies signed a contract on Friday to build a factory.")
    datetime.date(2024, 5, 12)
    >>> dateline("This agreement is made on May 12, 2024 between …") is None
    True
    """
    head = text[:_HEAD_CHARS]
    if not _YEAR.search(head):
        return None
    lines = list(_head_lines(head))
    mail = any(_MAIL_HEADER.match(line) for line in lines)
    days = {day for line in lines if (day := _line_date(line, locale, mail=mail)) is not None}
    return days.pop() if len(days) == 1 else None


def full_date(reading: Reading[PartialDate]) -> dt.date | None:
    """Return the day that ``reading`` says, None unless it is one certain day with its year."""
    value = reading.value
    if value is None or value.year is None or value.day is None or reading.issues:
        return None
    return value.first


def _head_lines(head: str) -> Iterator[str]:
    """Yield the lines of the head that are not blank, up to the first that is running text, which is the last."""
    lines = [stripped for line in head.splitlines() if (stripped := line.strip(" \t\u3000#*>"))]
    for line in lines[:_HEAD_LINES]:
        yield line
        if len(line) > _LINE_CHARS:
            return


def _line_date(line: str, locale: str | None, *, mail: bool) -> dt.date | None:
    begin = line[:_LINE_CHARS]
    if not _YEAR.search(begin):
        return None
    found = PartialDate.find_all(begin, locale=locale)
    day = full_date(found[0]) if found else None
    if day is None:
        return None
    before, after = line[: found[0].start], line[found[0].end :]
    if _is_agency_dateline(before, after):
        return day
    if len(found) > 1 or len(line) > _LINE_CHARS:
        return None
    in_mail = mail and _MAIL_DATE.match(before) is not None
    left = _MAIL_DATE.sub("", before, count=1) if in_mail else before
    return day if _before().fullmatch(left) and _after().fullmatch(after) else None


def _is_agency_dateline(before: str, after: str) -> bool:
    """Whether a date with ``before`` and ``after`` it in its line is that of an agency's dateline."""
    if re.fullmatch(rf"[(（【\[]?{_HAN}{{0,16}}", before) and _wire().match(after):
        return True
    inside = re.fullmatch(rf"[(（【\[]\s*(?:{_PLACE}|{_HAN}{{1,16}})?[\s,，]*", before)
    closed = inside and re.match(r"[\s,，]*(?:" + _PLACE + rf"|{_HAN}{{1,16}})?\s*[)）】\]]({_DASH})?", after)
    if closed:
        return _is_running_text(after[closed.end() :])
    dash = re.match(rf"(?P<agency>{_AGENCY}){_DASH}(?=[^\s\d])", after)
    if dash is None or not _is_running_text(after[dash.end() :]):
        return False
    place = re.fullmatch(rf"(?:{_PLACE}|{_HAN}{{1,16}}){_AGENCY}\s*[,，、]\s*|[A-Z .'-]{{3,40}}{_AGENCY}\s+", before)
    return place is not None or (not before and bool(dash["agency"].strip()))


def _is_running_text(text: str) -> bool:
    """Whether ``text`` begins with a sentence rather than the rest of a heading."""
    least = _HAN_TEXT_CHARS if re.match(rf"\W*{_HAN}", text) else _TEXT_CHARS
    return len(text.strip()) >= least


@cache
def _before() -> re.Pattern[str]:
    """Return what may stand before the date on a line of its own."""
    published, letter = _words_of("published"), _words_of("letter")
    before = (
        rf"{_SEPARATOR}(?:{_author()}{_SEPARATOR})?(?:(?:{published}){_SEPARATOR})?(?:{_weekday()}\.?{_SEPARATOR})?"
        rf"|(?-i:{_PLACE}),\s*(?:{letter})\s+"
    )
    return re.compile(before, re.IGNORECASE)


@cache
def _after() -> re.Pattern[str]:
    """Return what may stand behind the date on a line of its own."""
    origin = rf"(?:(?:{_words_of('origin')})\s*[:：]?\s*\S.{{0,30}}?)"
    ending = rf"(?:(?:{_author()}|{origin}){_SEPARATOR})?"
    return re.compile(rf"{_SEPARATOR}(?:{_weekday()}{_SEPARATOR})?{_TIME}?{_SEPARATOR}{ending}", re.IGNORECASE)


@cache
def _wire() -> re.Pattern[str]:
    """Return what stands behind the date of an agency."""
    return re.compile(rf"\s*(?:{_words_of('wire')})", re.IGNORECASE)


def _author() -> str:
    days = phrases(load_facts("types", "weekdays"))
    deadline = _alternatives(day for day in days if len(day) > 3)  # 'By Next Friday' names nobody
    return rf"(?:(?:{_words_of('byline')})\s+(?!.*\b(?:{deadline})\b){_NAME})"


def _weekday() -> str:
    return rf"(?:{_alternatives(phrases(load_facts('types', 'weekdays')))})"


def _words_of(topic: str) -> str:
    return _alternatives(phrases(load_facts("documents", "dateline")[topic]))


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
