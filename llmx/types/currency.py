"""Which currency a sign, a code or a name means: HK$, RMB, 元, kr, dollars canadiens, Schweizer Franken.

Names and codes are CLDR's and ISO's (data/currencies.yaml), signs and everyday names are in data/currency_words.yaml. A
mark that several currencies share gives all of them. Where it stands beside a number is ``money.py``'s.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache, partial

from llmx.dataclass import dataclass
from llmx.facts import load_facts, one_of, pairs, phrases, rows, words
from llmx.types.number_words import unaccented
from llmx.types.patterns import LazyPattern

_facts = partial(load_facts, "types", "currency_words")
_NO_CENTS = LazyPattern(r"[.,][-–—]{1,2}")  # 1.500,- Euro, 20.– Fr.
_ALONE = LazyPattern(lambda: one_of(_facts()["alone"]))
_WORDS_AHEAD = LazyPattern(
    lambda: (
        rf"[ \u00a0\u202f-]?{one_of(_facts()['of'])}?"
        r"(?P<words>[^\W\d_][\w.'’-]{0,40}(?: [^\W\d_][\w.'’-]{0,40}){0,3})"  # no name has 40 letters, a text may
    )
)


_GAP = " \u00a0\u202f\t\n*"  # a blank, a hard line break, Markdown's bold


@dataclass(frozen=True, slots=True)
class Mark:
    """A currency as a text marks it: the possible codes, likeliest first.

    ``kind`` is sure (one code), assumed (the first is the usual one) or open (nothing decides).
    """

    codes: tuple[str, ...]
    kind: str
    start: int
    end: int


def _meaning(entry: str) -> tuple[tuple[str, ...], str]:
    *codes, last = entry.split()
    if last == "?":
        return tuple(codes), "assumed"
    return (tuple(codes), "open") if last == "!" else ((*codes, last), "sure")


def _meanings(table: str) -> dict[str, tuple[tuple[str, ...], str]]:
    """Return what each sign or name of a table means."""
    found: dict[str, tuple[tuple[str, ...], str]] = {}
    for line in table.splitlines():
        meaning, _, marks = line.partition(" = ")
        found |= dict.fromkeys(phrases(marks), _meaning(meaning))
    return found


@cache
def currency_codes() -> frozenset[str]:
    """Return the ISO 4217 codes that are read: the active ones but for words in capitals, and a few withdrawn ones."""
    codes = set(words(load_facts("types", "currencies")["codes"])) | set(words(_facts()["codes_withdrawn"]))
    return frozenset(codes - set(words(_facts()["codes_not_read"])))


@lru_cache(maxsize=1)
def _by_sign() -> dict[str, tuple[tuple[str, ...], str]]:
    unspaced: dict[str, tuple[tuple[str, ...], str]] = {}
    for table in load_facts("types", "currencies")["names_unspaced"].values():
        for code, row in rows(table):
            unspaced |= dict.fromkeys(row.split(" | "), ((code,), "sure"))
    return unspaced | _meanings(_facts()["signs"]) | {code: ((code,), "sure") for code in currency_codes()}


@lru_cache(maxsize=1)
def currency_names() -> dict[str, tuple[tuple[str, ...], str]]:
    """Return every lower-cased currency name with (codes, kind): CLDR's of the major ones, then the everyday ones."""
    names: dict[str, tuple[tuple[str, ...], str]] = {}
    for table in load_facts("types", "currencies")["names"].values():
        for code, row in rows(table):
            meaning = ((code,), "sure")
            for name in row.split(" | "):
                names.setdefault(name, meaning)
    names |= _meanings(_facts()["names"])
    bare = {unaccented(name): meaning for name, meaning in names.items() if not name.isascii()}
    return bare | names


@cache
def tender_of(territory: str) -> str | None:
    """Return the code of the currency that a territory pays in, None where it is not one alone."""
    for code, territories in rows(load_facts("types", "currencies")["tender"]):
        if territory in territories.split():
            return code
    return None


@cache
def tender_of_language(language: str) -> str | None:
    """Return the code of the currency of a language's one country, None for other languages."""
    return pairs(_facts()["tender_of_language"]).get(language)


@lru_cache(maxsize=1)
def _sign_lengths() -> dict[str, tuple[int, ...]]:
    """Return for each last letter of a sign the lengths of the signs that end so, longest first."""
    lengths: dict[str, set[int]] = {}
    for sign in _by_sign():
        lengths.setdefault(sign[-1], set()).add(len(sign))
    return {letter: tuple(sorted(sizes, reverse=True)) for letter, sizes in lengths.items()}


@lru_cache(maxsize=1)
def _lengths_by_first() -> dict[str, tuple[int, ...]]:
    """Return for each first letter of a sign the lengths of the signs that begin so, longest first."""
    lengths: dict[str, set[int]] = {}
    for sign in _by_sign():
        lengths.setdefault(sign[0], set()).add(len(sign))
    return {letter: tuple(sorted(sizes, reverse=True)) for letter, sizes in lengths.items()}


def mark_before(text: str, start: int, floor: int = 0) -> Mark | None:
    """Return the currency written right before ``start`` (HK$300, RMB 3.2, euro 5), not reaching before ``floor``."""
    end = start
    while end > floor and start - end < 3 and text[end - 1] in _GAP:
        end -= 1
    if end <= floor:
        return None
    signs = _by_sign()
    for length in _sign_lengths().get(text[end - 1], ()):
        begin = end - length
        meaning = signs.get(text[begin:end]) if begin >= floor else None
        if meaning is not None and not _inside_word(text, begin):
            if end == start and text[begin:end] in phrases(_facts()["sign_or_article"]):
                continue
            return _with_code(text, Mark(*meaning, begin, end), floor)
    if not text[end - 1].isalpha():
        return None
    found = re.search(r"[^\W\d_]+$", text[max(floor, end - 10) : end])
    meaning = currency_names().get(found.group().lower()) if found else None
    if (
        found is None
        or meaning is None
        or len(found.group()) < 3
        or found.group().lower() not in words(_facts()["before_number"])
    ):
        return None
    return Mark(*meaning, end - len(found.group()), end)


def _with_code(text: str, mark: Mark, floor: int) -> Mark:
    """Let a code before a shared sign decide: CAD $100."""
    begin = mark.start - 4
    code = text[max(begin, 0) : mark.start].rstrip()
    if mark.kind == "sure" or begin < floor or code not in mark.codes or _inside_word(text, begin):
        return mark
    return Mark((code,), "sure", begin, mark.end)


def mark_after(text: str, end: int) -> Mark | None:
    """Return the currency right behind ``end``: 5 €, 32亿元, 2 billion Hong Kong dollars, 50 millions d'euros."""
    dashes = _NO_CENTS.match(text, end)
    end = begin = dashes.end() if dashes else end
    while begin < len(text) and begin - end < 3 and (text[begin] in _GAP or (text[begin] in "-." and begin - end < 2)):
        if text[begin] == "." and text[end - 1 : end].isdigit():
            break  # the end of a sentence, not of an abbreviation such as Mio.
        begin += 1
    signs = _by_sign()
    for length in _lengths_by_first().get(text[begin : begin + 1], ()):
        piece = text[begin : begin + length]
        meaning = signs.get(piece) if len(piece) == length else None
        if meaning is not None and not (piece[-1].isalpha() and _goes_on(text, begin + length)):
            return Mark(*meaning, begin, begin + length)
    found = _WORDS_AHEAD.match(text, begin)
    if found is None:
        return None
    name = found["words"]
    while name:
        meaning = currency_names().get(name.lower().replace("’", "'").rstrip("."))
        if meaning is not None:
            stop = found.start("words") + len(name.rstrip("."))
            return Mark(*meaning, found.start("words"), stop)
        cut = max(name.rfind(" "), name.rfind("-"))
        name = name[:cut] if cut > 0 else ""
    return None


def _inside_word(text: str, begin: int) -> bool:
    """Whether a sign of letters is the end of a longer word (the kr of Inkr)."""
    if not begin or not text[begin].isalpha():
        return False
    before = text[begin - 1]
    if ord(text[begin]) > 0x2E7F:
        return False
    return before.isalpha() and ord(before) < 0x2E7F


def _goes_on(text: str, at: int) -> bool:
    """Whether a Latin letter follows, so that a sign is only the beginning of a word."""
    return at < len(text) and text[at].isalpha() and ord(text[at - 1]) < 0x2E7F and ord(text[at]) < 0x2E7F


def find_marks(text: str, locale: str | None) -> list[Mark]:
    """Return every currency marked in ``text``, in order: beside a number in any way, alone by its code or its name."""
    from llmx.types.number_scan import find_numbers  # noqa: PLC0415  # money.py's way of looking, for the bare codes

    found: list[Mark] = []
    for number in find_numbers(text, locale):
        found += [mark for mark in (mark_before(text, number.start), mark_after(text, number.end)) if mark is not None]
    for match in _ALONE.finditer(text):
        meaning = _by_sign().get(match.group()) or currency_names().get(match.group().lower())
        if meaning is not None:
            found.append(Mark(*meaning, match.start(), match.end()))
    found.sort(key=lambda mark: (mark.start, -mark.end))
    return [
        mark for at, mark in enumerate(found) if not any(mark.start < other.end for other in found[max(0, at - 2) : at])
    ]
