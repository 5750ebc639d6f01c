"""Which language a text is in, as far as reading its numbers and dates needs it, and the number marks of a locale.

The guess counts function words and scripts; it decides between marks and between words that mean a number in one
language only (Italian ``due``, Spanish ``once``). It is no general language identifier.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import lru_cache

from llmx.types.patterns import LazyPattern

_FUNCTION_WORDS = {
    "en": "about nearly over more than the of and to is with for by this that from will has have its are was were "
    "be at which",
    "de": "rund etwa knapp mehr als der die das und mit für von den dem des ist im zu ein eine einer auf werden "
    "wird auch sich bei nach",
    "fr": "de environ près le la les et des du une dans pour est sur avec au aux par qui ce cette ses plus à ont été",
    "es": "de casi unos unas el los las y del con para una por se su al como es más sus ha fue entre este esta en que "
    "han sido desde",
    "pt": "de quase mais o os as e do da das em com para uma por se não ao na no mais foi pelo pela que é são",
    "it": "circa oltre quasi più e il di che gli della per con nel dei le una del è si ha hanno sono dalla delle "
    "dello lo un nella dell",
    "nl": "ruim bijna ongeveer meer het een van en voor met op dat zijn is te door bij aan worden wordt ook naar "
    "deze de",
}
_WORD = LazyPattern(r"[^\W\d_]+")
_HEAD_CHARS = 20_000  # enough function words to tell; keeps the guess cheap on a long text
_KANA = LazyPattern(r"[\u3041-\u30fa]")
_HANGUL = LazyPattern(r"[\uac00-\ud7a3]")
_HAN = LazyPattern(r"[\u4e00-\u9fff]")
_SCRIPTS = (("ja", _KANA, 0.5), ("ko", _HANGUL, 0.5), ("zh", _HAN, 0.25))
_ASCII_WORDS = "".join(chr(i).lower() if chr(i).isalpha() else " " for i in range(128))


@lru_cache(maxsize=1)
def _owners() -> dict[str, tuple[str, ...]]:
    owners: dict[str, list[str]] = {}
    for language, words in _FUNCTION_WORDS.items():
        for word in words.split():
            owners.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in owners.items()}


@lru_cache(maxsize=64)
def languages_of(text: str) -> tuple[str, ...]:
    """Return the languages that ``text`` seems to be written in, the likeliest first; empty where nothing tells.

    Only the first 20,000 characters are read. A language counts with at least 40 % of the likeliest one's words.
    """
    head = text[:_HEAD_CHARS]
    owners = _owners()
    score: defaultdict[str, float] = defaultdict(float)
    ascii_only = head.isascii()
    # the words of ASCII are parted ten times as fast without a pattern
    words_of_text = head.translate(_ASCII_WORDS).split() if ascii_only else _WORD.findall(head.lower())
    counts = Counter(words_of_text)
    for word, languages in owners.items():
        if count := counts.get(word):
            for language in languages:
                score[language] += count / len(languages)
    letters = max(len(head), 1)
    for language, pattern, weight in () if ascii_only else _SCRIPTS:
        hits = len(pattern.findall(head))
        if hits > letters * 0.02:
            score[language] += hits * weight
    if score["ja"] > score["zh"] * 0.2:
        score["zh"] = 0.0
    best = max(score.values(), default=0.0)
    if not best:
        return ()
    ranked = sorted(score.items(), key=lambda item: -item[1])
    return tuple(language for language, count in ranked if count >= best * 0.4)


# Countries whose texts write 1,234.5 though their language has 1.234,5 elsewhere, or whose dollars and pesos are their
# own, with words that tell them (place names; Mexico's practice is that of Central America and the Caribbean).
_PLACES = {
    "es": {
        "MX": "México|Mexico|mexican[oa]s?|CDMX|Monterrey|Guadalajara|Querétaro|Jalisco",
        "GT": "Guatemala|guatemaltec[oa]s?",
        "PA": "Panamá|panameñ[oa]s?",
        "DO": "República Dominicana|dominican[oa]s?",
        "PE": "Perú|peruan[oa]s?|Lima",
        "ES": "España|español(?:a|es|as)?|Madrid|Barcelona|Sevilla|Valencia|Bilbao",
        "AR": "Argentina|argentin[oa]s?|Buenos Aires",
        "CL": "Chile|chilen[oa]s?",
        "CO": "Colombia|colombian[oa]s?|Bogotá",
    },
    "fr": {
        "CA": "Québec|québécois(?:e|es)?|Montréal|Canada|canadien(?:ne|s|nes)?",
        "CH": "Suisse|suisses?|Genève|Lausanne",
        "FR": "France|français(?:e|es)?|Paris|Lyon",
        "BE": "Belgique|belges?|Bruxelles",
    },
}


def guess_locale(text: str) -> str | None:
    """Return the locale that a document's numbers should be read in, None where nothing tells.

    A language (``de``), or for Spanish and French a language of a country (``es_MX``) where the places that the text
    names speak for one: there the marks of numbers or the meaning of ``$`` hang on it. English stays ``en``, since the
    order of 03/04/2024 must not hang on a guess.

    >>> guess_locale("Die beiden Unternehmen haben eine Vereinbarung mit der Stadt unterzeichnet.")
    'de'
    """
    found = languages_of(text)
    if not found:
        return None
    head = text[:_HEAD_CHARS]
    places = {
        country: len(re.findall(rf"\b(?:{words})\b", head)) for country, words in _PLACES.get(found[0], {}).items()
    }
    ranked = sorted(places.items(), key=lambda item: -item[1])
    fewest = 2 if found[0] == "es" else 1  # in French only the dollar hangs on it
    if ranked and ranked[0][1] >= fewest and ranked[0][1] > 2 * ranked[1][1]:
        return f"{found[0]}_{ranked[0][0]}"
    return found[0]


def language_of(locale: str | None) -> str | None:
    """Return the language part of a locale such as ``de_CH``, ``pt-BR`` or ``fr``."""
    return re.split(r"[-_]", locale, maxsplit=1)[0].lower() if locale else None


# What CLDR says of the languages that most documents are in (a test holds it against babel, which takes 30 ms to load)
_MARKS = {
    "en": (".", ","), "zh": (".", ","), "ja": (".", ","), "ko": (".", ","), "es_MX": (".", ","),
    "de": (",", "."), "es": (",", "."), "pt": (",", "."), "it": (",", "."), "nl": (",", "."),
    "fr": (",", "\u202f"),
}  # fmt: skip


@lru_cache(maxsize=128)
def marks_of(locale: str) -> tuple[str, str] | None:
    """Return the decimal and the grouping mark of ``locale`` after CLDR, None for a locale that CLDR does not know."""
    if (known := _MARKS.get(locale)) is not None:
        return known
    from babel.core import Locale, UnknownLocaleError  # noqa: PLC0415  # heavy: only when a locale decides
    from babel.numbers import get_decimal_symbol, get_group_symbol  # noqa: PLC0415  # as above

    try:
        parsed = Locale.parse(locale.replace("-", "_"))
        return get_decimal_symbol(parsed), get_group_symbol(parsed)
    except (UnknownLocaleError, ValueError):
        return None
