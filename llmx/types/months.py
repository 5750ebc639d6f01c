"""Month names and the words of relative dates in the ten languages; the names come from CLDR by way of babel."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

from llmx.types.words import word_set

LANGUAGES = ("en", "fr", "de", "es", "pt", "it", "nl")


class Month(NamedTuple):
    """The month that a word names, 1 to 12; ``full`` where it is the whole name, ``languages`` that write it so."""

    number: int
    full: bool
    languages: tuple[str, ...]


# Spellings that CLDR leaves out: month number, language, spelling.
_MORE = ((1, "de", "jänner"), (2, "de", "feber"), (9, "en", "sept"), (9, "es", "setiembre"), (9, "es", "sep"),
         (9, "de", "sept"),
         (3, "de", "mrz"), (10, "en", "octo"), (8, "en", "augst"), (6, "nl", "jun"), (7, "nl", "jul"))  # fmt: skip

#: Month words that are common words, names or something else in another language.
HARD = word_set("may march mar mars mai mei set out ago gen mag dec dic dez jan jun jul sep nov giu lug apr maj august")


@lru_cache(maxsize=1)
def month_names() -> dict[str, Month]:
    """Return every lower-cased month name and abbreviation (without its point) with the month."""
    from babel.core import Locale  # noqa: PLC0415  # heavy, and only dates need it

    found: dict[str, tuple[int, bool, list[str]]] = {}

    def put(number: int, language: str, name: str, *, full: bool) -> None:
        key = name.lower().strip(".")
        for spelling in {key, _bare(key)}:
            entry = found.setdefault(spelling, (number, full, []))
            if language not in entry[2] and entry[0] == number:
                entry[2].append(language)

    for language in LANGUAGES:
        months = Locale.parse(language).months
        for width in ("wide", "abbreviated"):
            for form in ("format", "stand-alone"):
                for number, name in months[form][width].items():
                    put(number, language, name, full=width == "wide")
    for number, language, name in _MORE:
        put(number, language, name, full=len(name) > 4)
    return {name: Month(number, full, tuple(languages)) for name, (number, full, languages) in found.items()}


def _bare(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


#: Words that name a day, a month or a year by its distance from today.
RELATIVE = {
    word: (unit, offset)
    for (unit, offset), words in {
        ("day", -1): "yesterday|hier|gestern|ayer|ontem|ieri|gisteren|昨日|昨天|어제",
        ("day", 0): "today|aujourd'hui|heute|hoy|hoje|oggi|vandaag|今日|今天|本日|오늘",
        ("day", 1): "tomorrow|demain|amanhã|domani|明日|明天|내일",
        ("year", -1): "last year|l'année dernière|l'an dernier|letztes jahr|im vergangenen jahr|vergangenes jahr|"
        "el año pasado|año pasado|ano passado|anno scorso|vorig jaar|afgelopen jaar|去年|昨年|작년|지난해",
        ("year", 0): "this year|cette année|dieses jahr|in diesem jahr|este año|este ano|quest'anno|dit jaar|今年|"
                     "本年|올해",
        ("year", 1): "next year|l'année prochaine|l'an prochain|nächstes jahr|próximo año|próximo ano|anno prossimo|"
        "volgend jaar|明年|来年|내년",
        ("month", -1): "last month|le mois dernier|letzten monat|mes pasado|mês passado|mese scorso|vorige maand|"
        "上个月|上月|先月|지난달",
        ("month", 0): "this month|ce mois-ci|diesen monat|este mes|este mês|questo mese|deze maand|本月|这个月|今月|"
                      "이번 달",
        ("month", 1): "next month|le mois prochain|nächsten monat|próximo mes|próximo mês|mese prossimo|"
        "volgende maand|下个月|下月|来月|다음 달",
    }.items()
    for word in words.split("|")
}  # fmt: skip
