"""The words that numbers are written in, and what each is worth.

The words are data (data/numerals.yaml); here they become one table, with the compounds of German, Dutch and Italian and
the magnitudes that CLDR gives of further languages (data/scales.yaml).
(text2num reads one known language at a time and keeps no places, so it cannot scan a text of unknown language; the
tests use it as a second opinion.) Chinese, Japanese and Korean numerals are ``cjk.py``'s.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterator, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from itertools import count
from typing import Any, NamedTuple

from llmx.facts import load_facts, pairs, words
from llmx.types.digits import Real, exact
from llmx.types.patterns import LazyPattern

_UNSPACED = LazyPattern(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
#: A magnitude of a further language with so many letters is no word of another one.
_LONG = 5


class Word(NamedTuple):
    """One meaning of a word: ``kind`` is number, scale (multiplies what stands before it) or one (an article).

    ``languages`` speak it; a word that ``needs_evidence`` means something else in another language;
    a ``plural`` scale without a number before it is vague ('millions of users').
    """

    kind: str
    value: Real
    languages: tuple[str, ...]
    needs_evidence: bool = False
    plural: bool = False


@lru_cache(maxsize=1)
def number_words() -> dict[str, tuple[Word, ...]]:
    """Return every case-folded word with its meanings; a word of two worths (billion) has one for each."""
    table: dict[str, dict[tuple[str, Real], list[str]]] = {}
    plurals: set[str] = set()
    ambiguous = set(words(numerals()["ambiguous"]))

    def put(language: str, word: str, *, kind: str, value: Real) -> None:
        bare = unaccented(word)
        for spelling in (word,) if bare == word else (word, bare):
            table.setdefault(spelling.casefold(), {}).setdefault((kind, value), []).append(language)

    for language, kind, word, value in _rows():
        if word.endswith("*"):
            plurals.add(unaccented(word[:-1]).casefold())
            plurals.add(word[:-1].casefold())
        put(language, word.rstrip("*"), kind=kind, value=value)
    found = {
        word: tuple(
            Word(kind, value, tuple(languages), word in ambiguous, word in plurals)
            for (kind, value), languages in meanings.items()
        )
        for word, meanings in table.items()
    }
    for language in numerals()["compounds"]:
        alone: dict[int, tuple[Word, ...]] = {}  # seven thousand spellings of three thousand numbers
        for word, value in _below_thousand(language):
            if value not in alone:
                alone[value] = (Word("number", value, (language,)),)
            for spelling in (word,) if word.isascii() else {word.casefold(), unaccented(word).casefold()}:
                known = found.get(spelling)
                found[spelling] = alone[value] if known is None else _with(known, language, value)
    return found | _scales_of_any_text(found)


@lru_cache(maxsize=32)
def number_words_in(language: str | None) -> dict[str, tuple[Word, ...]]:
    """Return the words of any text, with all magnitudes of ``language``, short and ambiguous ones too."""
    further = [(name, meaning) for name, meaning in _further_scales() if language in meaning.languages]
    found = dict(number_words()) if further else number_words()
    for name, meaning in further:
        known = found.get(name, ())
        if not any(language in word.languages and word.value == meaning.value for word in known):
            found[name] = (*known, meaning)
    return found


@cache
def unspaced_scales() -> dict[str, Word]:
    """Return the magnitudes of scripts that write no blanks between words, longer ones first."""
    found = {name: meaning for name, meaning in _further_scales() if _UNSPACED.match(name)}
    return {name: found[name] for name in sorted(found, key=len, reverse=True)}


@cache
def _further_scales() -> tuple[tuple[str, Word], ...]:
    """Return (word, meaning) of the magnitudes of languages that have only these."""
    found: list[tuple[str, Word]] = []
    for locale, row in load_facts("types", "scales").items():
        for word, power in pairs(row).items():
            name, language = word.rstrip("*").casefold(), locale.partition("_")[0]
            found.append((name, Word("scale", 10 ** int(power), (language,), plural=word.endswith("*"))))
    return tuple(found)


def _scales_of_any_text(known: Container[str]) -> dict[str, tuple[Word, ...]]:
    """Return the magnitudes of further languages that are too long to be another word, and worth the same in all."""
    meanings: dict[str, list[Word]] = {}
    for name, meaning in _further_scales():
        meanings.setdefault(name, []).append(meaning)
    return {
        name: (words_[0]._replace(languages=tuple(language for word in words_ for language in word.languages)),)
        for name, words_ in meanings.items()
        if len(name) >= _LONG and name not in known and len({word.value for word in words_}) == 1
    }


@cache
def numerals() -> Mapping[str, Any]:
    """Return the facts about numerals in letters, as data/numerals.yaml has them."""
    return load_facts("types", "numerals")


def _with(meanings: tuple[Word, ...], language: str, value: Real) -> tuple[Word, ...]:
    """Return the meanings of a word with that of a number in one more language."""
    for known in meanings:
        if (known.kind, known.value) == ("number", value):
            more = known._replace(languages=(*known.languages, language))
            return tuple(more if word is known else word for word in meanings)
    return (*meanings, Word("number", value, (language,)))


@lru_cache(maxsize=8192)  # the words of a text, and of the next one, are mostly the same
def compound(word: str) -> tuple[Real, str] | None:
    """Return (worth, language) of a word written in one with its thousands or a half, None for another word.

    >>> compound("zweihunderttausend"), compound("duemila"), compound("zwölfeinhalb")
    ((200000, 'de'), (2000, 'it'), (Decimal('12.5'), 'de'))
    """
    if (half := _with_half(word)) is not None:
        return half
    for middle, language, joint in _thousands():
        if middle not in word:
            continue
        left, _, right = word.partition(middle)
        times, rest = _small(left, language), _small(right.removeprefix(joint), language)
        if times is not None and rest is not None and (left or right):
            return (times or 1) * 1000 + rest, language
        known = number_words().get(left) or ()
        if not right and known and known[0].value % 1 and language in known[0].languages:  # zweieinhalbtausend
            return exact(Decimal(known[0].value) * 1000), language
    for typed, letters in _typed_umlauts():
        if typed in word:
            return _spelled(word.replace(typed, letters))
    return _teen_hundreds(word)


def _with_half(word: str) -> tuple[Real, str] | None:
    """Return (worth, language) of a number with a half behind it in one word: zwölfeinhalb, vierenhalve."""
    for ending, language in _halves():
        if word.endswith(ending):
            whole = _small(word.removesuffix(ending), language)
            return (whole + Decimal("0.5"), language) if whole else None
    return None


@cache
def _halves() -> tuple[tuple[str, str], ...]:
    """Return (ending, language) of the halves that end a number in one word, longer ones first."""
    found = [(word, language) for language, row in numerals()["halves"].items() for word in words(row)]
    return tuple(sorted(found, key=lambda half: -len(half[0])))


def _teen_hundreds(word: str) -> tuple[Real, str] | None:
    """Return (worth, language) of eleven to nineteen hundreds in one word: zwölfhundert, negentienhonderd."""
    for language, facts in numerals()["compounds"].items():
        hundred = facts["hundred"]
        if facts["joint"] and hundred in word:
            left, _, right = word.partition(hundred)
            times, rest = _small(left, language), _small(right.removeprefix(facts["joint"]), language)
            if times in range(11, 20) and rest is not None and rest < 100:
                return (times or 0) * 100 + rest, language
    return None


@cache
def _typed_umlauts() -> tuple[tuple[str, str], ...]:
    return tuple(pairs(numerals()["typed_umlauts"]).items())


def _spelled(word: str) -> tuple[Real, str] | None:
    """Return the worth of a German number that was typed without umlauts."""
    for meaning in number_words().get(word, ()):
        return meaning.value, "de"
    return compound(word)


@cache
def _thousands() -> tuple[tuple[str, str, str], ...]:
    """Return (word for a thousand inside a compound, language, joint that may follow it)."""
    return tuple(
        (middle, language, facts["joint"] if language == "de" else "")
        for language, facts in numerals()["compounds"].items()
        for middle in words(facts["thousand"])
    )


def _small(part: str, language: str) -> int | None:
    """Return the worth of one side of a thousand: nothing is 0, else a compound below 1000."""
    if not part:
        return 0
    if part in words(numerals()["compounds"][language]["one"]):
        return 1
    for meaning in number_words().get(part, ()):
        if language in meaning.languages and isinstance(meaning.value, int) and meaning.value < 1000:
            return meaning.value
    return None


def _rows() -> Iterator[tuple[str, str, str, Real]]:
    """Yield (language, kind, word, value) of every word."""
    facts = numerals()
    for language, row in facts["units"].items():
        yield from ((language, "number", word, value) for value, word in enumerate(row.split()) if word != "-")
    for language, row in facts["tens"].items():
        yield from ((language, "number", word, value) for value, word in zip(count(20, 10), row.split(), strict=False))
    for language, row in facts["more"].items():
        for word, worth in pairs(row).items():
            yield language, "number", word, Decimal(worth) if "." in worth else int(worth)
    for language, row in facts["scales"].items():
        yield from ((language, "scale", word, 10 ** int(power)) for word, power in pairs(row).items())
    for language, row in facts["dozens"].items():
        yield from ((language, "scale", word, 12) for word in words(row))
    for language, row in facts["articles"].items():
        yield from ((language, "one", word, 1) for word in words(row))


def _below_thousand(language: str) -> Iterator[tuple[str, int]]:
    """Yield the numbers 21 to 999 that are written in one word, such as dreihundertfünfundzwanzig."""
    facts = numerals()["compounds"][language]
    below = _below_hundred(language, words(facts["ones"]))
    yield from ((word, value) for word, value in below.items() if value > 20)
    hundred, joint = facts["hundred"], facts["joint"]
    hundreds = {"": 1, **{one: value for value, one in enumerate(words(facts["ones"]), start=1)}}
    hundreds |= {word: int(value) for word, value in pairs(facts.get("hundreds", "")).items()}
    if language == "it":
        del hundreds[facts["one"]]  # cento, never unocento
    for one, times in hundreds.items():
        if one:
            yield one + hundred, times * 100
        for word, value in below.items():
            yield f"{one}{hundred}{word}", times * 100 + value
            if joint:
                yield f"{one}{hundred}{joint}{word}", times * 100 + value
            elif word[0] == "o":  # centottanta
                yield f"{one}{hundred[:-1]}{word}", times * 100 + value


def _below_hundred(language: str, ones: tuple[str, ...]) -> dict[str, int]:
    """Return the numbers 1 to 99 as they stand inside a compound."""
    facts = numerals()
    units = {word: value for value, word in enumerate(facts["units"][language].split()) if value and word != "-"}
    tens = dict(zip(facts["tens"][language].split(), range(20, 100, 10), strict=True))
    joined = {
        _JOIN[language](one, ten): worth + value
        for ten, worth in tens.items()
        for value, one in enumerate(ones, start=1)
    }
    return (units if language == "de" else units | {ones[0]: 1}) | tens | joined


def _join_german(one: str, ten: str) -> str:
    return f"{one}und{ten}"


def _join_dutch(one: str, ten: str) -> str:
    return f"{one}{'ën' if one.endswith('e') else 'en'}{ten}"


def _join_italian(one: str, ten: str) -> str:
    """Join venti and otto to ventotto, venti and tre to ventitré."""
    return f"{ten[:-1] if one[0] in 'uo' else ten}{one[:-1] + 'é' if one == 'tre' else one}"


_JOIN = {"de": _join_german, "nl": _join_dutch, "it": _join_italian}


def unaccented(word: str) -> str:
    """Return ``word`` without accents, as it is often typed."""
    return word if word.isascii() or ord(word[0]) > 0x24F else word.translate(_bare_letters())


@lru_cache(maxsize=1)
def _bare_letters() -> dict[int, str]:
    latin = {code: unicodedata.normalize("NFD", chr(code)) for code in range(0xC0, 0x250)}
    bare = {code: "".join(c for c in letters if not unicodedata.combining(c)) for code, letters in latin.items()}
    kept = {code: chr(code) for code in range(128)}  # translate raises for each character that it does not find
    return {**kept, **bare, ord("ß"): "ss"}
