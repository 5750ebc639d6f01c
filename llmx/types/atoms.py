"""The numerals of a text, one by one: runs of digits, number words, magnitudes, Han and Hangul numerals.

One pass over the text, each word looked up once: linear, whatever the text. How atoms join to a number
('3' and 'billion', 'two' and 'hundred') is ``number.py``'s.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache, lru_cache

from llmx.facts import load_facts, one_of, pairs, words
from llmx.types import cjk
from llmx.types.atom import Atom
from llmx.types.bounds import bounds_around
from llmx.types.digits import RUN, Digits, Real, read_digits
from llmx.types.fraction_words import denominator, denominators, endings
from llmx.types.languages import decimal_mark, language_of
from llmx.types.number_words import Word, compound, number_words_in, numerals, unspaced_scales
from llmx.types.patterns import LazyPattern
from llmx.types.source import Source

_CJK = "\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7a3"
_GLYPHS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_TOKEN = LazyPattern(
    lambda: (
        rf"(?P<digits>{RUN})"
        rf"|(?P<han>[{cjk.han().letters}]+)"
        rf"|(?P<hangul>(?<![\uac00-\ud7a3])(?:{cjk.hangul_vague()}[{_hangul_units()}]+|[{cjk.hangul().letters}]{{2,}}))"
        rf"|(?P<unspaced>{'|'.join(unspaced_scales())})(?![{numerals()['unspaced_not_before']}])"
        rf"|(?P<word>[^\W\d_{_CJK}{_GLYPHS}]+(?:[\u0300-\u036f\u0900-\u0903\u093a-\u094f][^\W\d_{_CJK}]*)*)"
        rf"|(?P<part>[{_GLYPHS}])"
    )
)
_FRACTION = LazyPattern(r"/(?P<under>\d{1,4})(?![\w/-]|[.,]\d|\s?%\s?/)")
_DENOMINATORS = frozenset({2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 32, 64, 100, 1000})
_CURRENCY_BEFORE = LazyPattern(lambda: rf"{one_of(load_facts('types', 'currency_words')['glued_before'])}\s?$")
_CURRENCY_AFTER = LazyPattern(
    lambda: rf"\s?{one_of(load_facts('types', 'currency_words')['glued_after'])}", re.IGNORECASE
)
_BESIDE, _SHORTEST_COMPOUND = 5, 5
_LONGEST = 40  # a longer run of digits is a serial number or a key, and costs time
_POINT_BEFORE = LazyPattern(r"(?:^|[\s(~$€£¥])(?P<mark>[.,])$")  # .5
_EXPONENT = LazyPattern(r"[eE][-+\u2212]\d{1,3}(?!\w)")  # 1.2E-4 is not 1.2
_EXPONENT_SIGN = LazyPattern(r"\d[eE][-+\u2212]\Z")
_DEGREES = LazyPattern(r"º\s?[CF](?!\w)")
_POWER = LazyPattern(r"[23](?!\w)")  # m2, km3
_WORD_AFTER = LazyPattern(r" [a-zà-ÿ]{4}")
_REAIS = LazyPattern(lambda: rf"{load_facts('types', 'currency_words')['reais']}\s?[\d.,]+\s?$")  # R$ 2 bi, R$ 300 mi
_RATE = LazyPattern(lambda: rf"\s?(?:{one_of(numerals()['weak_not_before'])})(?!\w)")
_PER = LazyPattern(lambda: rf"\b{one_of(numerals()['per'])} ?$", re.IGNORECASE)


def _hangul_units() -> str:
    return "".join(cjk.hangul().units)


@cache
def _powers(name: str) -> dict[str, int]:
    """Return the powers of ten of letters behind digits: ``glued`` ones, or ``glued_letters``."""
    return {letters: int(power) for letters, power in pairs(numerals()[name]).items()}


@cache
def _word_set(file: str, name: str) -> frozenset[str]:
    return frozenset(words(load_facts("types", file)[name]))


def atoms_of(source: Source) -> Iterator[Atom]:
    """Yield the numerals of the text in order, not overlapping."""
    text = source.text
    language = language_of(source.locale)
    meanings_of = _table(language).get
    before: Atom | None = None
    beside = -1  # what begins before it stands beside the atom ``before``
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "word":
            key = match.group().casefold()
            meanings = meanings_of(key)
            if meanings is None and match.start() >= beside:  # most words of a text
                found = compound(key) if len(key) > _SHORTEST_COMPOUND else None
                atom = None if found is None else _compound_atom(match, found)
            elif meanings:
                atom = _word_atom(source, match, meanings, before=before)
            else:
                atom = _beside_atom(source, match, key, before=before)
            if atom is not None:
                yield atom
                before, beside = atom, atom.end + _BESIDE
            continue
        for atom in _other_atoms(source, match, before):
            yield atom
            before, beside = atom, atom.end + _BESIDE


@lru_cache(maxsize=32)
def _table(language: str | None) -> dict[str, tuple[Word, ...]]:
    """Return the words of numbers with their meanings, and those of the lower parts of fractions with none."""
    return dict.fromkeys(denominators(), ()) | number_words_in(language)


def _compound_atom(match: re.Match[str], found: tuple[Real, str]) -> Atom:
    """Return the atom of a word written in one with its thousands, whose worth and language were ``found``."""
    return Atom("number", found[0], *match.span(), languages=(found[1],))


def _beside_atom(source: Source, match: re.Match[str], key: str, *, before: Atom | None) -> Atom | None:
    """Return the atom of a word that may be the lower part of a fraction, or is written in one with its thousands."""
    known = _table(language_of(source.locale)).get(key) is not None
    if known or (before is not None and key.endswith(endings())):
        part = _part_atom(source, match, language_of(source.locale), before=before)
        if part is not None:
            return part
    found = compound(key) if len(key) > _SHORTEST_COMPOUND else None
    return None if found is None else _compound_atom(match, found)


def _part_atom(source: Source, match: re.Match[str], language: str | None, *, before: Atom | None) -> Atom | None:
    """Return the atom of a word that is the lower part of a fraction, None where it is not one in this language."""
    beside = before is not None and match.start() - before.end < _BESIDE
    tens = before is not None and beside and before.value in range(20, 100, 10)
    known = (language,) if language else source.languages
    part = denominator(match.group().casefold(), known, beside=beside, behind_tens=tens)
    return None if part is None else Atom("under", part[0], *match.span(), plural=part[1], languages=part[2])


def _other_atoms(source: Source, match: re.Match[str], before: Atom | None) -> list[Atom]:
    """Return the atoms of a token that is no word; none for a token inside the atom before it (magnitudes, 5천만)."""
    start, end, text = match.start(), match.end(), source.text
    if end - start > _LONGEST or (before is not None and before.end > start):
        return []
    if match.lastgroup == "digits":
        return _digit_atoms(source, match)
    if match.lastgroup in {"unspaced", "part"}:
        return [_sign_atom(match)]
    if match.lastgroup == "han":
        gap = text[before.end : start] if before is not None and start - before.end < 2 else None
        beside = gap is not None and (not gap or gap in cjk.letters_of("many_inside"))
        glued = beside and before is not None and before.kind in {"digits", "part"}
        return _shortened(source, _han_atoms(text, start, _without_prefix(text, end), glued=glued))
    if match.group()[0] == cjk.hangul_vague():
        return [Atom("scale", cjk.scaled(match.group()[1:5]), start, end, plural=True, languages=("ko",))]
    value = None
    if cjk.is_hangul_number(match.group(), text[max(start - 1, 0) : start], text[end : end + 2]):
        value = cjk.hangul_value(match.group())
    return [] if value is None else [Atom("number", value, start, end, languages=("ko",))]


def _sign_atom(match: re.Match[str]) -> Atom:
    """Return the atom of a fraction sign, or of a magnitude in a script without blanks (ล้าน)."""
    if match.lastgroup == "part":
        over, _, under = unicodedata.normalize("NFKC", match.group()).partition("\u2044")
        return Atom("part", Decimal(over) / Decimal(under), *match.span())
    scale = unspaced_scales()[match.group()]
    return Atom("scale", scale.value, *match.span(), languages=scale.languages)


def _without_prefix(text: str, end: int) -> int:
    """Return the end of a run of Han numerals without a letter that belongs to the unit: 12千米, 五十兆字节, 三十两."""
    letter = text[end - 1]
    if letter in "两兩" and text[end - 2 : end - 1] in cjk.han().units:
        return end - 1  # 两 is a weight behind a unit, where two is 二
    if letter in "千兆" and text.startswith(words(load_facts("types", "cjk_numerals")["prefixed_units"]), end):
        return end - 1
    return end


def _shortened(source: Source, atoms: list[Atom]) -> list[Atom]:
    """Read 二百五 as Chinese does (250) or as Japanese does (205), and as either where nothing tells the language."""
    if not atoms or atoms[-1].kind != "number":
        return atoms
    last = atoms[-1]
    short = cjk.shortened_value(source.text[last.start : last.end])
    language = language_of(source.locale)
    if language is None and source.languages[:1] == ("ja",):
        language = "ja"  # told by its kana; what has none is Chinese or too short to say
    if short is None or language == "ja":
        return atoms
    return [*atoms[:-1], replace(last, value=short, other=None if language == "zh" else last.value)]


def _han_atoms(text: str, start: int, end: int, *, glued: bool) -> list[Atom]:
    """Return the atoms of a run of Han numerals: magnitudes behind digits (万), or a numeral of its own."""
    run = text[start:end]
    if glued and not text.startswith(cjk.word_list("words"), start):
        return _magnitudes(run, start)
    before = text[max(0, start - 1) : start]
    if all(letter in cjk.magnitudes() for letter in run) and len(run) < 5:
        if before and before in cjk.letters_of("vague_before"):
            return [Atom("scale", cjk.scaled(run), start, end, plural=True)]
        more = text[end : end + 1] in cjk.letters_of("more_after")
        if (before and before in cjk.letters_of("about_before")) or more:
            return [Atom("number", cjk.scaled(run), start, end, languages=("zh", "ja"))]
    if not cjk.is_number(run, text[max(start - 1, 0) : start], text[end : end + 3]):
        return []
    value = cjk.han_value(run)
    return [] if value is None else [Atom("number", value, start, end, languages=("zh", "ja"))]


def _magnitudes(run: str, start: int) -> list[Atom]:
    """Return 万 behind digits as a scale, and numerals that go on (1万二千) as numbers with their scales."""
    head = 0
    while head < len(run) and run[head] in cjk.magnitudes():
        head += 1
    if not head:
        return []
    out = [Atom("scale", cjk.scaled(run[:head]), start, start + head, languages=("zh", "ja"))]
    value = cjk.han_value(run[head:]) if head < len(run) else None
    if value is not None and len(run) - head > 1:
        out.append(Atom("number", value, start + head, start + len(run), languages=("zh", "ja")))
    return out


def _digit_atoms(source: Source, match: re.Match[str]) -> list[Atom]:
    """Return the atoms of a run of digits: one, or one each part where the marks part several numbers, or none."""
    text, start, end = source.text, match.start(), match.end()
    if not _glue_before_allows(text, start, end):
        return []
    run = match.group()
    ambiguous = source.locale is None and not run.isdecimal()
    found = read_digits(run, source.locale, source.languages if ambiguous else ())
    if found is None:
        return _parts(run, start)
    fraction = _proper_fraction(text, start, end, found=found)
    if fraction is not None:
        return [fraction]
    power, length = _glue_after(source, start, end)
    if power is None:
        return []
    mark = _POINT_BEFORE.search(text[max(0, start - 2) : start]) if run.isdecimal() else None
    if mark is not None and mark["mark"] in {".", decimal_mark(source.locale)}:
        found, start = Digits(Decimal(f"0.{run}")), start - 1  # .5
    scale = 10**power
    other = None if found.other is None else found.other * scale
    atoms = [Atom("digits", found.value * scale, start, end + length, other, scale)]
    behind = _korean_magnitude(text, end) if not length else None
    return [*atoms, behind] if behind else atoms


def _proper_fraction(text: str, start: int, end: int, *, found: Digits) -> Atom | None:
    """Return the atom of a proper fraction in digits (3/4), None for others: 24/7, 120/80, 03/04."""
    if text[end : end + 1] != "/":
        return None
    part = _FRACTION.match(text, end)
    if part is None or text[start - 1 : start] in {"/", "-", "."} or not isinstance(found.value, int):
        return None
    under = int(part["under"])
    if under == 100 and end - start == 2:
        return Atom("cents", Decimal(found.value) / under, start, part.end())  # fifty and 00/100 dollars
    if under not in _DENOMINATORS or not 0 < found.value < under or text[start] == "0":
        return None
    return Atom("part", Decimal(found.value) / under, start, part.end())


def _korean_magnitude(text: str, at: int) -> Atom | None:
    """Return the magnitude letters 만, 억, 조, 천, 백 that stand right behind digits."""
    stop = at
    while stop < len(text) and stop - at < 4 and text[stop] in cjk.hangul().units and text[stop] != "십":
        stop += 1
    return Atom("scale", cjk.scaled(text[at:stop]), at, stop, languages=("ko",)) if stop > at else None


def _parts(run: str, start: int) -> list[Atom]:
    """Return the parts of a run that is no number: a list (2019,2020) or a dotted date; a version or IP is nothing."""
    pieces = list(re.finditer(r"\d+", run))
    lengths = [len(piece.group()) for piece in pieces]
    dated = len(pieces) == 3 and 4 in (lengths[0], lengths[2]) and max(lengths) == 4
    if "," not in run and not dated and " " not in run:
        return []
    return [Atom("digits", int(piece.group()), start + piece.start(), start + piece.end()) for piece in pieces]


def _glue_before_allows(text: str, start: int, end: int) -> bool:
    """Whether letters glued before digits leave a number: C9 and GPT-4 do not, RMB50 and in2020 do."""
    if not start:
        return True
    letter = text[start - 1]
    if letter in cjk.letters_of("ordinal") or (
        letter in "-+\u2212" and _EXPONENT_SIGN.search(text, max(0, start - 3), start)
    ):
        return False
    if letter in "-–_/" and start > 1 and text[start - 2].isalpha() and text[start - 2].isascii():
        word = re.search(r"[^\W\d_]+$", text[max(0, start - 16) : start - 1])
        return letter == "-" and word is not None and word.group().islower() and len(word.group()) > 2
    if not letter.isalpha() or ord(letter) > 0x24F:
        return True
    word = re.search(r"[A-Za-z]+$", text[max(0, start - 12) : start])
    letters = word.group() if word else ""
    if letters.islower() and len(letters) > 1 and letters not in _word_set("quantities", "units_before"):
        return True
    return bool(_CURRENCY_BEFORE.search(text[max(0, start - 6) : start])) or _is_year(text[start:end])


def _is_year(digits: str) -> bool:
    return len(digits) == 4 and digits[:2] in {"19", "20"}


def _glue_after(source: Source, start: int, end: int) -> tuple[int | None, int]:
    """Return (power of ten, length) of magnitude letters glued behind digits; (None, 0) for names such as 5G and 4S."""
    text, stop = source.text, end
    while stop < len(text) and (text[stop].isalpha() and ord(text[stop]) < 0x250):
        stop += 1
    letters = text[end:stop]
    if not letters or (letters[0] == "º" and _DEGREES.match(text, end)):
        return 0, 0
    if len(letters) < 3 and text[stop : stop + 1].isdecimal() and not _POWER.match(text, stop):
        return None, 0  # 1e6, 5x10, 2b2
    if _EXPONENT.match(text, end):
        return None, 0
    glued = _powers("glued") if letters not in _word_set("numerals", "glued_capitals_of_other_meaning") else {}
    power = glued.get(letters, glued.get(letters.lower()))
    if power is not None and not (letters in {"K", "cr"} and end - start < 1):
        return _power_in(letters.casefold(), language_of(source.locale)) or power, len(letters)
    if letters in _powers("glued_letters") and _is_magnitude(text, start, end):
        return _powers("glued_letters")[letters], 1
    return (0, 0) if _counts(letters, text[start:end]) else (None, 0)


def _power_in(letters: str, language: str | None) -> int | None:
    """Return the power of ten that letters are in a language, None for a hundred and for what is no magnitude there."""
    for word in number_words_in(language).get(letters, ()) if language else ():
        if language in word.languages and word.kind == "scale" and word.value >= 1000:
            return len(str(word.value)) - 1
    return None


def _is_magnitude(text: str, start: int, end: int) -> bool:
    """Whether one letter behind digits is a magnitude: beside a currency, or M and B of a longer number.

    One digit with a letter is as often a name (3M, 7B): it needs a word that bounds a number before it (over 5M users).
    """
    if _CURRENCY_BEFORE.search(text[max(0, start - 5) : start]) or _CURRENCY_AFTER.match(text, end + 1):
        return True
    if text[end] not in "MB":
        return False
    return end - start > 1 or (_WORD_AFTER.match(text, end + 1) is not None and bool(bounds_around(text, start, end)))


def _counts(letters: str, digits: str) -> bool:
    """Whether letters glued behind digits are a unit or a word: 12GWh, 2020The, 8000P; but 5G, 4S are names."""
    quantities = load_facts("types", "quantities")
    if len(letters) == 1 and letters not in quantities["letters"]:
        return len(digits) > 2
    if (
        letters.casefold() in _word_set("quantities", "symbols")
        or letters.islower()
        or len(letters) > 3
        or _is_year(digits)
        or (letters in _word_set("currencies", "codes") - _word_set("currency_words", "codes_not_read"))
    ):
        return True
    return len(letters) > 1 and letters[0].isupper() and letters[1:].islower()


def _word_atom(source: Source, match: re.Match[str], meanings: tuple[Word, ...], *, before: Atom | None) -> Atom | None:
    """Return the atom of a number word, None where it means something else in the language of the text."""
    start, end = match.start(), match.end()
    word = meanings[0]
    if match.group() in _word_set("numerals", "hundreds_of_percent") and _PER.search(
        source.text[max(0, start - 5) : start]
    ):
        return None  # por ciento, pour cent: a percent sign
    if match.group() in _word_set("numerals", "weak_scales") and _RATE.match(source.text, end):
        return None  # 10 mi por hora
    if len(meanings) > 1 or word.needs_evidence:
        chosen = _choose(source, match, meanings, before=before)
        if chosen is None:
            return None
        word = chosen
    return Atom(word.kind, word.value, start, end, None, 1, word.plural, word.languages)


def _choose(source: Source, match: re.Match[str], meanings: tuple[Word, ...], *, before: Atom | None) -> Word | None:
    """Return the meaning that the languages of the text speak for; a word that needs evidence and has none is none."""
    start = match.start()
    joined = before is not None and start - before.end <= 1
    languages = source.languages
    for language in languages:
        for word in meanings:
            if language in word.languages:
                return word
    word = meanings[0]
    if not word.needs_evidence or (joined and before is not None and set(before.languages) & set(word.languages)):
        return word
    key = match.group().casefold()
    if key not in _word_set("numerals", "weak_scales"):
        return word if joined or not languages else None
    if joined:
        return word if _REAIS.search(source.text[max(0, start - 14) : start]) else None
    return word if key in {"cent", "miles"} and not languages else None
