"""Names in Latin letters, however they are written: without accents, from other scripts, and by their consonants.

``anyascii`` writes every script in ASCII: Han by the reading of each character in Mandarin, Kana and Hangul by their
sounds, Cyrillic and the others letter by letter. What is gained so is for comparing alone, and is shown to nobody.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_MOST_KEPT = 1 << 16
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe"})
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_TWICE = re.compile(r"(.)\1+")
_VOWEL = re.compile(r"(?<!^)[aeiou]")
_SOUNDS = (
    ("tch", "c"), ("sch", "s"), ("sh", "s"), ("ch", "c"), ("ph", "f"), ("ck", "k"), ("ts", "z"), ("tz", "z"),
    ("x", "ks"), ("q", "k"), ("c", "k"), ("y", "i"), ("j", "i"), ("w", "v"), ("ou", "u"),
)  # fmt: skip
_VOICES = str.maketrans("bdgvlz", "ptkprs")


@lru_cache(maxsize=_MOST_KEPT)
def plain(text: str) -> str:
    """Return ``text`` in small ASCII letters and digits, and nothing between them.

    >>> plain("Société Générale"), plain("华为"), plain("Газпром")
    ('societegenerale', 'huawei', 'gazprom')
    """
    return _NO_LETTER.sub("", anyascii(text.replace("ッ", "")).lower())


@lru_cache(maxsize=_MOST_KEPT)
def without_umlauts(text: str) -> str:
    """Return ``plain`` of a text in small letters whose umlauts are written with an e, as where a keyboard has none.

    >>> without_umlauts("müller"), plain("mueller")
    ('mueller', 'mueller')
    """
    return plain(text.translate(_UMLAUTS))


@lru_cache(maxsize=_MOST_KEPT)
def sounds(text: str) -> str:
    """Return the letters of a plain text as they sound, roughly, in most languages: what scripts spell differently.

    >>> sounds("yandeks") == sounds("yandex"), sounds("kaztsink") == sounds("kazzinc")
    (True, True)
    """
    found = text
    for spelled, sound in _SOUNDS:
        found = found.replace(spelled, sound)
    return _TWICE.sub(r"\1", found)


@lru_cache(maxsize=_MOST_KEPT)
def consonants(text: str) -> str:
    """Return the first letter and the consonants of a plain text, voiced and unvoiced ones alike.

    >>> consonants("samseong") == consonants("samsung"), consonants("sofutobanku") == consonants("softbank")
    (True, True)
    """
    return _TWICE.sub(r"\1", _VOWEL.sub("", sounds(text)).translate(_VOICES))


def doubled(text: str) -> int:
    """Return how many letters of a plain text are written twice or more: Sonny is not Sony."""
    return sum(1 for _ in _TWICE.finditer(text))


def script(text: str) -> str:
    """Return the script of most letters in ``text``: LATIN, CYRILLIC, HAN, KANA, HANGUL …, '' where it has none."""
    counts: dict[str, int] = {}
    for char in text:
        if char.isalpha():
            found = _script(char)
            counts[found] = counts.get(found, 0) + 1
    return max(counts, key=counts.__getitem__) if counts else ""


@lru_cache(maxsize=_MOST_KEPT)
def _script(char: str) -> str:
    first = unicodedata.name(char, "").partition(" ")[0]
    return {"CJK": "HAN", "HIRAGANA": "KANA", "KATAKANA": "KANA", "KATAKANA-HIRAGANA": "KANA"}.get(first, first)


def is_unspaced(text: str) -> bool:
    """Whether the script of ``text`` writes names without blanks, or may."""
    return script(text) in {"HAN", "KANA", "HANGUL"}
