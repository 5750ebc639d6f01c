"""Countries named in a text, by name, adjective or people, in the ten languages, as ISO 3166-1 alpha-2 codes.

Names are CLDR's (data/territories.yaml), the rest is data/country_words.yaml. A name needs its capital letter in
running text; adjectives that are written small in their language do not. No city is read as its country.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache, partial

from llmx.dataclass import dataclass
from llmx.facts import load_facts, one_of, pairs, phrases, rows, words
from llmx.types.languages import languages_of
from llmx.types.patterns import LazyPattern

_facts = partial(load_facts, "types", "country_words")
_LATIN = ("en", "fr", "de", "es", "pt", "it", "nl")
_CJK = ("zh", "zh_Hant", "ja", "ko")
_WORD = LazyPattern(r"(?:[A-Z]\.){2,}(?:A\.)?|[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_HAN = LazyPattern(r"[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_KATAKANA = LazyPattern(r"[\u30a1-\u30fa\u30fc-\u30ff]+")
_MIDDLE_DOT = "\u30fb"
_ENDINGS = LazyPattern(r"['’]s$")
_ARTICLE = LazyPattern(lambda: rf"^{one_of(load_facts('types', 'names')['articles_of_countries'])}\s?(?=\S)")
_PARTICLES = LazyPattern(lambda: rf"{one_of(_facts()['korean_particles'])}?(?![\uac00-\ud7a3])")


@cache
def _word_set(name: str) -> frozenset[str]:
    return frozenset(words(_facts()[name]))


@cache
def _alone() -> Mapping[str, str]:
    """Return the short names that are a country only where they are all that was given."""
    return pairs(_facts()["alone"])


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


def country_of(given: str) -> tuple[str, ...]:
    """Return the codes of a country that is all of ``given``, whatever the case: 'france', 'CN', 'DEU', '中'."""
    bare = given.strip(" \t\n.,;:()[]\"'“”")
    if bare in _alone():
        return (_alone()[bare],)
    if len(bare) in {2, 3} and bare.isascii() and bare.isupper():
        code = _iso_code(bare)
        if code:
            return (code,)
    names = _names()
    key = _ARTICLE.sub("", bare.lower())
    for candidate in (bare.lower(), key):
        entry = names.get(tuple(_split(candidate)))
        if entry is not None:
            return () if len(candidate) < 3 and not bare.isupper() else entry[0]
    return (_unspaced_names()[bare],) if bare in _unspaced_names() else ()


def is_territory(code: str) -> bool:
    """Return whether ``code`` is the alpha-2 code of a country or a territory, in capitals."""
    return len(code) == 2 and _iso_code(code) is not None


def _iso_code(letters: str) -> str | None:
    """Return the alpha-2 code of an ISO code of two or three capitals; UK is one by custom."""
    return _iso_codes().get(letters)


@cache
def _iso_codes() -> dict[str, str]:
    three = dict(rows(load_facts("types", "territories")["alpha_3"]))
    return {**three, **{code: code for code in three.values()}, **pairs(_facts()["codes_by_custom"])}


def _split(name: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(name)]


@lru_cache(maxsize=1)
def _names() -> dict[tuple[str, ...], tuple[tuple[str, ...], bool]]:
    """Return the lower-cased words of every spaced name with (codes, whether it may begin with a small letter)."""
    names: dict[tuple[str, ...], tuple[tuple[str, ...], bool]] = {}

    def put(name: str, codes: tuple[str, ...], *, small: bool) -> None:
        split = tuple(_split(name.lower()))
        if split:
            names[split] = (codes, small)

    territories = load_facts("types", "territories")["names"]
    for language in _LATIN:
        for code, name in rows(territories[language]):
            put(_without_brackets(name), (code,), small=False)
    for code, row in rows(_facts()["names"]):
        for name in phrases(row):
            if not _HAN.search(name):
                put(name, (code,), small=False)
    for code, form, small in _demonyms():
        put(form, (code,), small=small)
    for phrase in phrases(_facts()["not_countries"]):
        put(phrase, (), small=True)
    for line in _facts()["shared"].splitlines():
        shared, _, name = line.partition(" = ")
        put(name, tuple(shared.split()), small=False)
    return names


def _without_brackets(name: str) -> str:
    return re.sub(r"\s*\(.*?\)", "", name)


def _demonyms() -> Iterator[tuple[str, str, bool]]:
    """Yield (code, form, whether it is written small) of every adjective and people."""
    for line in _facts()["demonyms"].splitlines():
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
        return (
            {stem, stem + "s"}
            if stem.endswith(("an", "i", "k", "h")) and stem not in _word_set("no_plural")
            else {stem}
        )
    if language == "nl":
        return {stem}
    return _ROMANCE[language](stem)


def _french(stem: str) -> set[str]:
    feminine = pairs(_facts()["irregular"]).get(stem)
    if feminine:
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
        hard = root + "h" if root.endswith("sc") or stem in _word_set("italian_hard") else root
        return {stem, root + "a", hard + "i", hard + "e"}
    return {stem, stem[:-1] + "i"} if stem.endswith("e") else {stem, stem[:-1] + "i", stem[:-1] + "e"}


_ROMANCE = {"fr": _french, "es": _spanish, "pt": _portuguese, "it": _italian}


@lru_cache(maxsize=1)
def _first_words() -> dict[str, tuple[int, ...]]:
    """Return for each first word how many words the names that begin with it have, longest first."""
    lengths: dict[str, set[int]] = {}
    for name in _names():
        lengths.setdefault(name[0], set()).add(len(name))
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
        key = _plain(token.group())
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


@lru_cache(maxsize=8192)  # the words of a text, and of the next one, are mostly the same
def _plain(word: str) -> str:
    """Return a word as names are looked up: in small letters, without an English genitive."""
    return _ENDINGS.sub("", word).lower().replace("’", "'")


def _piece(token: re.Match[str], names: dict[tuple[str, ...], tuple[tuple[str, ...], bool]]) -> Naming | None:
    """Read the country in an elided or hyphenated word: l'Allemagne, China-based, franco-chinois."""
    if token.group().isalpha():
        return None  # in one piece
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
        name = (key, *(_plain(other.group()) for other in others))
        entry = names.get(name)
        if entry is None or not (_allowed(token.group(), entry[1]) or not entry[0]):
            continue
        end = last.end() - len(last.group()) + len(_ENDINGS.sub("", last.group()))
        if text[end : end + 1] == "$" or _is_thing(token.group(), text):
            return None  # the Hong Kong of HK$, china that is porcelain
        return Naming(entry[0], token.start(), end, "country.adjective" if entry[1] else "country.name"), length
    return None


def _is_thing(word: str, text: str) -> bool:
    """Whether a country's name in small letters is a thing in the language of the text."""
    language = pairs(_facts()["small_is_thing"]).get(word)
    return language is not None and language in languages_of(text)


def _allowed(word: str, small: bool) -> bool:
    """Whether a word may name a country as it is written: capitals for names and abbreviations, never a common word."""
    bare = _ENDINGS.sub("", word)
    if bare.lower() in _word_set("common"):
        return False
    if bare.upper() in _word_set("capitals"):
        return bare.isupper()
    if bare[0].isupper():
        return True
    return small and bare not in _word_set("common_in_small_letters")


@lru_cache(maxsize=1)
def _unspaced_names() -> dict[str, str]:
    names: dict[str, str] = {}
    territories = load_facts("types", "territories")["names"]
    for language in _CJK:
        for code, name in rows(territories[language]):
            if len(name) > 1:
                names[re.sub(r"[（(].*", "", name)] = code
    for code, row in rows(_facts()["names"]):
        names.update({name: code for name in phrases(row) if _HAN.search(name)})
    names.pop("", None)
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
    end = start + len(name)
    if "\uac00" <= name[0] <= "\ud7a3":
        if "\uac00" <= text[start - 1 : start] <= "\ud7a3" or name in _word_set("korean_words"):
            return False
        return name not in _word_set("korean_before_particle") or _PARTICLES.match(text, end) is not None
    if _KATAKANA.fullmatch(name):
        return _ends_katakana(text, start - 1, step=-1) and _ends_katakana(text, end, step=1)
    return True


def _ends_katakana(text: str, at: int, *, step: int) -> bool:
    """Whether a Katakana name ends before the letter at ``at``; ``step`` is the direction that leads away from it.

    A middle dot ends it where another country is on its other side (ドイツ・タイ) or another script; else it joins the
    parts of one foreign name (マリ・クレール).
    """
    if not 0 <= at < len(text):
        return True
    if text[at] != _MIDDLE_DOT:
        return _KATAKANA.match(text[at]) is None
    far = at + step
    while 0 <= far < len(text) and _KATAKANA.match(text[far]):
        far += step
    beyond = text[at + 1 : far] if step > 0 else text[far + 1 : at]
    return not beyond or beyond in _unspaced_names()


def _with_china(text: str, namings: list[Naming]) -> list[Naming]:
    """Read 'Hong Kong, China' as Hong Kong alone."""
    regions = pairs(_facts()["regions_of"])
    out: list[Naming] = []
    for naming in namings:
        if (
            out
            and len(naming.codes) == 1
            and regions.get(out[-1].codes[0]) == naming.codes[0]
            and re.fullmatch(r"(?:\s?SAR)?(?:,\s?|\s?\(|\s)", text[out[-1].end : naming.start])
        ):
            out[-1] = Naming(out[-1].codes, out[-1].start, naming.end, out[-1].rule)
            continue
        out.append(naming)
    return out
