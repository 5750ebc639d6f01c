"""Which language a text is in, as far as reading its numbers and dates needs it, and the marks of a locale.

A text is identified by CLD2 (docs/decisions/language-detection.md) and by its script. The language decides between
marks and between words that mean a number in one language only (Italian ``due``, Spanish ``once``). A few words tell no
language, and a language without marks decides nothing: what hangs on it is then doubtful, and the reading says so.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from llmx.facts import load_facts, pairs, words
from llmx.types.patterns import LazyPattern

_HEAD_CHARS = 20_000  # enough to tell; keeps the guess cheap on a long text
_SAMPLE_CHARS = 1_000  # CLD2 sees as much from the beginning and from the middle of the head: more changes nothing
#: Fewer letters than these are a few words, which may be of any language, or a name.
_FEWEST_LETTERS = 16
#: A language that fewer than one letter in five is in does not count beside another one.
_LEAST_PERCENT = 20
#: CLD2 takes short texts full of names for English, with low scores: 19 of 20 English sentences score above 700.
_LEAST_ENGLISH_SCORE = 600
#: Languages that CLD2 tells apart only in longer texts, and that write numbers with other marks.
_TWINS, _TWINS_LETTERS = frozenset({"id", "ms"}), 400
_KANA = LazyPattern(r"[\u3041-\u30fa]")
_HANGUL = LazyPattern(r"[\uac00-\ud7a3]")
_HAN = LazyPattern(r"[\u3400-\u9fff]")
#: CLD2 refuses a text with control characters, surrogates, or code points that Unicode keeps from being characters.
_UNSAFE = LazyPattern(
    lambda: (
        r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
        + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
        + "]"
    )
)
_LETTER = LazyPattern(r"[^\s\d!-/:-@\[-`{-~]")  # vowel signs too, which are no letters to ``isalpha``
#: CLD2's own codes, where ISO has another one today.
_ISO = {"iw": "he", "in": "id", "jw": "jv", "no": "nb", "mo": "ro", "tl": "fil", "zh-Hant": "zh"}


class Marks(NamedTuple):
    """The decimal mark of a locale, the marks that may part its thousands, and what comes first in 03/04/2024."""

    decimal: str
    groups: str
    first: str


@lru_cache(maxsize=64)
def languages_of(text: str) -> tuple[str, ...]:
    """Return the languages that ``text`` is written in (ISO 639), the likeliest first; empty where nothing tells.

    Only the first 20,000 characters are read.
    """
    head = text[:_HEAD_CHARS]
    asian = () if head.isascii() else _by_script(head)
    if asian:
        return asian
    if _letters(head, _FEWEST_LETTERS) < _FEWEST_LETTERS:
        return ()
    likely = _by_words(_sample(head))
    return () if likely and likely[0] in _TWINS and _letters(head, _TWINS_LETTERS) < _TWINS_LETTERS else likely


def _letters(head: str, most: int) -> int:
    """Return how many letters ``head`` has, counted no further than to ``most`` or a little more."""
    count = len(_LETTER.findall(head[: 2 * most]))
    return count if count >= most else len(_LETTER.findall(head))


def _sample(head: str) -> str:
    """Return a part of ``head`` that is quick to identify: its beginning, and as much from its middle."""
    if len(head) <= 2 * _SAMPLE_CHARS:
        return head
    middle = max(_SAMPLE_CHARS, len(head) // 2)
    return f"{head[:_SAMPLE_CHARS]} {head[middle : middle + _SAMPLE_CHARS]}"


def _by_words(head: str) -> tuple[str, ...]:
    """Return the languages that CLD2 is sure of."""
    from pycld2 import detect, error  # noqa: PLC0415

    try:
        reliable, _, found = detect(head, isPlainText=True)
    except (error, UnicodeEncodeError):
        reliable, _, found = detect(_UNSAFE.sub(" ", head), isPlainText=True)
    if not reliable:
        return ()
    sure = [
        _ISO.get(code, code)
        for _, code, percent, score in found
        if percent >= _LEAST_PERCENT and code != "un" and not (code == "en" and score < _LEAST_ENGLISH_SCORE)
    ]
    return tuple(dict.fromkeys(sure))


def _by_script(head: str) -> tuple[str, ...]:
    """Return the language whose script a fair part of the text is in: kana, Hangul, or Han without the two."""
    kana, hangul, han = (len(script.findall(head)) for script in (_KANA, _HANGUL, _HAN))
    counts = {"ja": kana * 2, "ko": hangul * 2, "zh": 0 if kana * 10 > han else han}
    best = max(counts, key=lambda language: counts[language])
    return (best,) if counts[best] > len(head) * 0.1 else ()


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
    facts = load_facts("types", "language_words")
    head = text[:_HEAD_CHARS]
    places = facts["places"].get(found[0], {})
    counts = {country: len(re.findall(rf"\b(?:{names})\b", head)) for country, names in places.items()}
    ranked = sorted(counts.items(), key=lambda item: -item[1])
    fewest = int(pairs(facts["fewest_places"]).get(found[0], "1"))
    if ranked and ranked[0][1] >= fewest and ranked[0][1] > 2 * ranked[1][1]:
        return f"{found[0]}_{ranked[0][0]}"
    return found[0]


@lru_cache(maxsize=256)
def language_of(locale: str | None) -> str | None:
    """Return the language of a locale.

    >>> language_of("de_CH"), language_of("pt-BR"), language_of(None)
    ('de', 'pt', None)
    """
    return re.split(r"[-_]", locale, maxsplit=1)[0].lower() if locale else None


@lru_cache(maxsize=128)
def marks_of(locale: str) -> Marks | None:
    """Return the marks of ``locale`` after CLDR, None for a locale that CLDR does not know."""
    return _all_marks().get(locale.replace("-", "_").casefold())


@lru_cache(maxsize=128)
def is_locale(name: str) -> bool:
    """Return whether ``name`` is a locale: a language that CLDR knows, and maybe a script and a country of CLDR's.

    >>> is_locale("de-CH"), is_locale("en_SE"), is_locale("klingon"), is_locale("de_XX")
    (True, True, False, False)
    """
    known = _all_marks()
    parts = name.replace("-", "_").casefold().split("_")
    further = {part for each in known for part in each.split("_")[1:]}
    return parts[0] in {language_of(each) for each in known} and further.issuperset(parts[1:])


def decimal_mark(locale: str | None) -> str:
    """Return the decimal mark of a locale, a point where it is not known."""
    marks = marks_of(locale) if locale else None
    return "." if marks is None else marks.decimal


@cache
def _all_marks() -> dict[str, Marks]:
    named = {"blank": "\u00a0", "thin": "\u202f"}
    pointed = set(words(load_facts("types", "language_words")["point_between_thousands"]))
    table: dict[str, Marks] = {}
    for line in load_facts("types", "locales")["locales"].splitlines():
        head, _, names = line.partition(" | ")
        decimal, group, first = head.split()
        group = named.get(group, group)
        for name in names.split():
            groups = group + "." if decimal == "," and group != "." and language_of(name) in pointed else group
            table[name.casefold()] = Marks(decimal, groups, first)
    return table
