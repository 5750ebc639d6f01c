"""Countries named in a text, by name, adjective or people, in the ten languages, as ISO 3166-1 alpha-2 codes.

Names come from CLDR (babel), the rest from ``country_words.py``. A name needs its capital letter in running text;
adjectives that are written small in their language do not. No city is read as its country.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from llmx.types.country_words import ALONE, COMMON, DEMONYMS, NAMES, NOT_COUNTRIES
from llmx.types.languages import languages_of
from llmx.types.patterns import LazyPattern
from llmx.types.words import word_set

_LATIN = ("en", "fr", "de", "es", "pt", "it", "nl")
_CJK = ("zh", "zh_Hant", "ja", "ko")
_WORD = LazyPattern(r"(?:[A-Z]\.){2,}(?:A\.)?|[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_HAN = LazyPattern(r"[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_NOT_STATES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ", "AC", "CP", "DG", "EA", "IC", "TA", "CQ"}  # CLDR regions
_KOREAN_WORDS = {"이란", "수단", "오만", "말리", "가나", "차드", "토고", "인도", "통가", "사모아", "니우에", "팔라우"}
_PARTICLES = LazyPattern(r"(?:의|에|와|과|은|는|를|을|에서|로|산|계|인)?(?![\uac00-\ud7a3])")
_CAPITALS = frozenset({"UK", "US", "USA", "UAE", "PRC", "ROC", "HK", "ROK", "DPRK", "DRC", "KSA", "EUA", "EEUU",
             "VS", "RFA", "VAE",
                       "EAU", "RDC", "HKSAR"})  # fmt: skip
_ENDINGS = LazyPattern(r"['’]s$")
_SMALL_COMMON = word_set("indio indios chino chinos polo letón americano americana turc grec danes poles fins pools "
                         "lets brits thais "
                          "polish swiss deens frans hongaars indien"
) - {"chino", "chinos", "indien", "americano", "americana", "turc", "grec"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Naming:
    """A country named at ``start`` to ``end``; ``codes`` holds more than one where the name is shared."""

    codes: tuple[str, ...]
    start: int
    end: int
    rule: str


def find_countries(text: str) -> list[Naming]:
    """Return the countries named in ``text`` in order, not overlapping; linear in the text."""
    namings = _spaced(text) + _unspaced(text)
    namings.sort(key=lambda naming: naming.start)
    return _with_china(text, namings)


def country_of(words: str) -> tuple[str, ...]:
    """Return the codes of a country that is all of ``words``, whatever the case: 'france', 'CN', 'DEU', '中'."""
    bare = words.strip(" \t\n.,;:()[]\"'“”")
    if bare in ALONE:
        return (ALONE[bare],)
    if len(bare) in {2, 3} and bare.isascii() and bare.isupper():
        code = _iso_code(bare)
        if code:
            return (code,)
    names = _names()
    key = re.sub(r"^(?:the|la|le|les|l['’]|die|der|das|el|los|las|il|gli|o|os|a|as|de|het)\s?(?=\S)", "", bare.lower())
    for candidate in (bare.lower(), key):
        entry = names.get(tuple(_split(candidate)))
        if entry is not None:
            return () if len(candidate) < 3 and not bare.isupper() else entry[0]
    return (_unspaced_names()[bare],) if bare in _unspaced_names() else ()


def _iso_code(letters: str) -> str | None:
    """Return the alpha-2 code of an ISO code of two or three capitals; UK is one by custom."""
    from pycountry import countries  # noqa: PLC0415  # heavy, and only bare codes need it

    if letters == "UK":
        return "GB"
    found = countries.get(alpha_2=letters) if len(letters) == 2 else countries.get(alpha_3=letters)
    return None if found is None else str(found.alpha_2)


def _split(name: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(name)]


@lru_cache(maxsize=1)
def _names() -> dict[tuple[str, ...], tuple[tuple[str, ...], bool]]:
    """Return the lower-cased words of every spaced name with (codes, whether it may begin with a small letter)."""
    from babel.core import Locale  # noqa: PLC0415  # heavy, and only countries need it

    names: dict[tuple[str, ...], tuple[tuple[str, ...], bool]] = {}

    def put(name: str, codes: tuple[str, ...], *, small: bool) -> None:
        words = tuple(_split(name.lower()))
        if words:
            names[words] = (codes, small)

    for language in _LATIN:
        for code, name in Locale.parse(language).territories.items():
            if _is_state(code):
                put(re.sub(r"\s*\(.*?\)", "", name), (code,), small=False)
    for code, row in NAMES.items():
        for name in row.split("|"):
            if not _HAN.search(name):
                put(name, (code,), small=False)
    for code, form, small in _demonyms():
        put(form, (code,), small=small)
    for phrase in NOT_COUNTRIES.split("|"):
        put(phrase, (), small=True)
    put("georgia", ("GE", "US"), small=False)
    put("congo", ("CG", "CD"), small=False)
    return names


def _is_state(code: str) -> bool:
    return len(code) == 2 and code.isalpha() and code not in _NOT_STATES


def _demonyms() -> Iterator[tuple[str, str, bool]]:
    """Yield (code, form, whether it is written small) of every adjective and people."""
    for line in DEMONYMS.strip().splitlines():
        code, *columns = line.split("|")
        for language, column in zip(_LATIN, columns, strict=True):
            for stem in column.split("/"):
                for form in inflect(stem, language):
                    yield code, form, language in {"fr", "de", "es", "pt", "it"}


def inflect(stem: str, language: str) -> set[str]:
    """Return the forms of an adjective of nationality, given its masculine singular (German: its stem).

    >>> sorted(inflect("chinois", "fr"))
    ['chinois', 'chinoise', 'chinoises']
    """
    if language == "de":
        return {stem + ending for ending in ("", "e", "er", "en", "es", "em")}
    if language == "en":
        return {stem, stem + "s"} if stem.endswith(("an", "i", "k", "h")) and stem not in _NO_PLURAL else {stem}
    if language == "nl":
        return {stem}
    return _ROMANCE[language](stem)


_NO_PLURAL = frozenset({"British", "English", "Scottish", "Welsh", "Danish", "Finnish", "Spanish", "Swedish",
              "Turkish", "Polish",
                        "Irish", "French", "Dutch", "Luxembourgish"})  # fmt: skip


def _french(stem: str) -> set[str]:
    if stem in {"grec", "turc"}:
        feminine = "grecque" if stem == "grec" else "turque"
        return {stem, stem + "s", feminine, feminine + "s"}
    if stem.endswith("e"):
        return {stem, stem + "s"}
    feminine = stem + ("ne" if stem.endswith(("en", "on")) else "e")
    return {stem, feminine, feminine + "s"} | (set() if stem.endswith("s") else {stem + "s"})


def _spanish(stem: str) -> set[str]:
    if stem.endswith("o"):
        return {stem, stem[:-1] + "a", stem + "s", stem[:-1] + "as"}
    for end, plain in (("és", "es"), ("án", "an"), ("ón", "on")):
        if stem.endswith(end):
            root = stem[: -len(end)] + plain
            return {stem, root + "a", root + "es", root + "as"}
    if stem.endswith("í"):
        return {stem, stem + "es", stem + "s"}
    return {stem, stem + "a", stem + "es", stem + "as"} if stem.endswith("l") else {stem, stem + "s"}


def _portuguese(stem: str) -> set[str]:
    if stem.endswith("ês"):
        root = stem[:-2] + "es"
        return {stem, root + "a", root + "es", root + "as"}
    if stem.endswith("ão"):
        return {stem, stem[:-1], stem[:-2] + "ães", stem[:-1] + "s"}
    if stem.endswith("l"):
        return {stem, stem + "a", stem[:-1] + "is", stem + "as"}
    return {stem, stem[:-1] + "a", stem + "s", stem[:-1] + "as"} if stem.endswith("o") else {stem, stem + "s"}


def _italian(stem: str) -> set[str]:
    if stem.endswith("o"):
        root = stem[:-1]
        hard = root + "h" if root.endswith("sc") or stem in {"turco", "polacco", "slovacco", "ceco"} else root
        return {stem, root + "a", hard + "i", hard + "e"}
    return {stem, stem[:-1] + "i"} if stem.endswith("e") else {stem, stem[:-1] + "i", stem[:-1] + "e"}


_ROMANCE = {"fr": _french, "es": _spanish, "pt": _portuguese, "it": _italian}


@lru_cache(maxsize=1)
def _first_words() -> dict[str, tuple[int, ...]]:
    """Return for each first word how many words the names that begin with it have, longest first."""
    lengths: dict[str, set[int]] = {}
    for words in _names():
        lengths.setdefault(words[0], set()).add(len(words))
    return {word: tuple(sorted(sizes, reverse=True)) for word, sizes in lengths.items()}


def _spaced(text: str) -> list[Naming]:
    firsts, names = _first_words(), _names()
    found: list[Naming] = []
    tokens = _WORD.finditer(text)
    ahead: list[re.Match[str]] = []
    while True:
        token = ahead.pop(0) if ahead else next(tokens, None)
        if token is None:
            return found
        key = _ENDINGS.sub("", token.group()).lower().replace("’", "'")
        lengths = firsts.get(key)
        if lengths is None:
            piece = _piece(token, names)
            if piece is not None:
                found.append(piece)
            continue
        while len(ahead) < lengths[0] - 1 and (following := next(tokens, None)) is not None:
            ahead.append(following)
        used = _longest(text, token, ahead, key=key, lengths=lengths)
        if used is None:
            continue
        naming, count = used
        if naming.codes:
            found.append(naming)
        del ahead[: count - 1]


def _piece(token: re.Match[str], names: dict[tuple[str, ...], tuple[tuple[str, ...], bool]]) -> Naming | None:
    """Read the country in an elided or hyphenated word: l'Allemagne, China-based, franco-chinois."""
    for part in re.finditer(r"[^\W\d_]{3,}", token.group()):
        if part.group() == token.group():
            return None
        entry = names.get((part.group().lower(),))
        if entry is not None and len(entry[0]) == 1 and _allowed(part.group(), entry[1]):
            return Naming(entry[0], token.start() + part.start(), token.start() + part.end(), "country.name")
    return None


def _longest(
    text: str, token: re.Match[str], ahead: list[re.Match[str]], *, key: str, lengths: tuple[int, ...]
) -> tuple[Naming, int] | None:
    """Return the longest name that begins at ``token`` with the number of words used, None where none does."""
    names = _names()
    for length in lengths:
        others = ahead[: length - 1]
        if len(others) < length - 1:
            continue
        last = others[-1] if others else token
        if others and any(mark in text[token.end() : last.start()] for mark in ",;:()\n"):
            continue
        words = (key, *(_ENDINGS.sub("", other.group()).lower().replace("’", "'") for other in others))
        entry = names.get(words)
        if entry is None or not (_allowed(token.group(), entry[1]) or not entry[0]):
            continue
        end = last.end() - len(last.group()) + len(_ENDINGS.sub("", last.group()))
        if text[end : end + 1] == "$" or (token.group() == "china" and "en" in languages_of(text)):
            return None  # the Hong Kong of HK$, porcelain
        return Naming(entry[0], token.start(), end, "country.adjective" if entry[1] else "country.name"), length
    return None


def _allowed(word: str, small: bool) -> bool:
    """Whether a word may name a country as it is written: capitals for names and abbreviations, never a common word."""
    bare = _ENDINGS.sub("", word)
    if bare.lower() in COMMON:
        return False
    if bare.upper() in _CAPITALS:
        return bare.isupper()
    if bare[0].isupper():
        return True
    return small and bare not in _SMALL_COMMON


@lru_cache(maxsize=1)
def _unspaced_names() -> dict[str, str]:
    from babel.core import Locale  # noqa: PLC0415  # heavy, and only countries need it

    names: dict[str, str] = {}
    for language in _CJK:
        for code, name in Locale.parse(language).territories.items():
            if _is_state(code) and len(name) > 1:
                names[re.sub(r"[（(].*", "", name)] = code
    for code, row in NAMES.items():
        names.update({name: code for name in row.split("|") if _HAN.search(name)})
    names.pop("", None)
    for short in (
        "チャド",
        "マリ",
        "トンガ",
        "タイ",
        "ペルー",
        "チリ",
        "ガーナ",
        "オマーン",
        "ギニア",
        "マン島",
        "トーゴ",
    ):
        if len(short) < 3:
            names.pop(short, None)
    return names


@lru_cache(maxsize=1)
def _unspaced_firsts() -> tuple[re.Pattern[str], dict[str, tuple[str, ...]]]:
    by_first: dict[str, list[str]] = {}
    for name in _unspaced_names():
        by_first.setdefault(name[0], []).append(name)
    pattern = re.compile("[" + re.escape("".join(by_first)) + "]")
    return pattern, {first: tuple(sorted(names, key=len, reverse=True)) for first, names in by_first.items()}


def _unspaced(text: str) -> list[Naming]:
    pattern, by_first = _unspaced_firsts()
    found: list[Naming] = []
    at = 0
    for hit in pattern.finditer(text):
        start = hit.start()
        if start < at:
            continue
        for name in by_first[hit.group()]:
            if text.startswith(name, start) and _stands(text, start, name):
                at = start + len(name)
                found.append(Naming((_unspaced_names()[name],), start, at, "country.name"))
                break
    return found


def _stands(text: str, start: int, name: str) -> bool:
    """Whether an unspaced name stands for itself: Hangul and Katakana names are not parts of longer words."""
    before, after = text[start - 1 : start], text[start + len(name) : start + len(name) + 1]
    if "\uac00" <= name[0] <= "\ud7a3":
        if "\uac00" <= before <= "\ud7a3":
            return False
        return name not in _KOREAN_WORDS or (name == "인도" and _PARTICLES.match(text, start + len(name)) is not None)
    if "\u30a0" <= name[0] <= "\u30ff":
        return not ("\u30a1" <= before <= "\u30fc" or "\u30a1" <= after <= "\u30fc")
    return True


def _with_china(text: str, namings: list[Naming]) -> list[Naming]:
    """Read 'Hong Kong, China' as Hong Kong alone."""
    out: list[Naming] = []
    for naming in namings:
        if (
            naming.codes == ("CN",)
            and out
            and out[-1].codes in {("HK",), ("MO",), ("TW",)}
            and re.fullmatch(r"(?:\s?SAR)?(?:,\s?|\s?\(|\s)", text[out[-1].end : naming.start])
        ):
            out[-1] = Naming(out[-1].codes, out[-1].start, naming.end, out[-1].rule)
            continue
        out.append(naming)
    return out
