"""Languages by their names in the ten languages (CLDR by way of babel), as ISO 639 codes."""

from __future__ import annotations

import re
from functools import lru_cache

from llmx.types.patterns import LazyPattern
from llmx.types.words import word_set

_LATIN = ("en", "fr", "de", "es", "pt", "it", "nl")
_CJK = ("zh", "zh_Hant", "ja", "ko")
_WORD = LazyPattern(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_MORE = {"mandarin": "zh", "cantonese": "yue", "mandarin "
                                               "chinese": "zh", "simplified chinese": "zh", "traditional chinese": "zh",
         "farsi": "fa", "castellano": "es", "castilian": "es", "flemish": "nl", "vlaams": "nl", "brazilian "
         "portuguese": "pt",
         "英文": "en", "中文": "zh", "汉语": "zh", "漢語": "zh", "普通话": "zh", "普通話": "zh", "国语": "zh",
         "國語": "zh", "日文": "ja", "韩文": "ko",
         "韓文": "ko", "韩语": "ko", "法文": "fr", "德文": "de", "西班牙文": "es", "영어": "en", "한국어": "ko",
         "중국어": "zh", "일본어": "ja",
         "粤语": "yue", "粵語": "yue", "englischen": "en", "deutscher": "de", "anglaise": "en", "française": "fr",
         "inglesa": "en",
         "española": "es"}  # fmt: skip
# Names of languages that are common words in one of the ten languages.
_COMMON = word_set(
    "so to no ga as am my an is or os van vai han mon ido tumbuka even ewe fon luba kom bini crow dakota mari teso basa"
)
_TWO_LETTERS = word_set(
    "aa ab af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo "
    "es et eu fa ff fi fj "
    "fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km "
    "kn ko kr ks ku kv kw "
    "ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa "
    "pi pl ps pt qu rm rn "
    "ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk "
    "ur uz ve vi vo wa wo "
    "xh yi yo za zh zu"
)


@lru_cache(maxsize=1)
def _names() -> tuple[dict[tuple[str, ...], str], dict[str, str]]:
    """Return (lower-cased words of a spaced name → code, unspaced name → code)."""
    from babel.core import Locale  # noqa: PLC0415  # heavy, and only languages need it

    spaced: dict[tuple[str, ...], str] = {}
    unspaced: dict[str, str] = {}
    for locale in (*_LATIN, *_CJK):
        for code, name in Locale.parse(locale).languages.items():
            if "_" in code or len(code) > 3:
                continue
            if locale in _CJK:
                unspaced.setdefault(name, code)
            elif len(name) > 2 and name.lower() not in _COMMON:
                spaced.setdefault(tuple(_WORD.findall(name.lower())), code)
    for name, code in _MORE.items():
        if ord(name[0]) > 0x2E7F:
            unspaced[name] = code
        else:
            spaced[tuple(name.split())] = code
    spaced.pop((), None)
    return spaced, {name: code for name, code in unspaced.items() if len(name) > 1 and ord(name[0]) > 0x2E7F}


def language_called(words: str) -> str | None:
    """Return the code of a language that is all of ``words``: a name in any case, or a code in small letters."""
    if words in _TWO_LETTERS:
        return words
    spaced, unspaced = _names()
    return unspaced.get(words) or spaced.get(tuple(_WORD.findall(words.lower())))


@lru_cache(maxsize=1)
def _unspaced_pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, _names()[1]), key=len, reverse=True)))


@lru_cache(maxsize=1)
def _first_letters() -> re.Pattern[str]:
    return re.compile("[" + re.escape("".join({name[0] for name in _names()[1]})) + "]")


def find_languages(text: str) -> list[tuple[int, int, str]]:
    """Return (start, end, code) of every language named in ``text``, in order; linear in the text."""
    spaced, _ = _names()
    found: list[tuple[int, int, str]] = []
    tokens = list(_WORD.finditer(text))
    index = 0
    while index < len(tokens):
        token = tokens[index]
        for length in (2, 1):
            group = tokens[index : index + length]
            if len(group) < length or (length == 2 and group[1].start() - group[0].end() != 1):
                continue
            code = spaced.get(tuple(t.group().lower() for t in group))
            if code is not None and (token.group()[0].isupper() or _written_small(token.group(), code)):
                found.append((token.start(), group[-1].end(), code))
                index += length - 1
                break
        index += 1
    found += _find_unspaced(text)
    return sorted(found)


def _written_small(word: str, code: str) -> bool:
    """Whether a name in small letters is one: that of a major language, as French, Spanish and Italian write it."""
    return code in {"en", "fr", "de", "es", "pt", "it", "nl", "zh", "ja", "ko", "ar", "ru"} and len(word) > 4


def _find_unspaced(text: str) -> list[tuple[int, int, str]]:
    codes = _names()[1]
    found: list[tuple[int, int, str]] = []
    at = 0
    for first in _first_letters().finditer(text):
        if first.start() < at:
            continue
        match = _unspaced_pattern().match(text, first.start())
        if match is not None:
            at = match.end()
            found.append((match.start(), at, codes[match.group()]))
    return found
