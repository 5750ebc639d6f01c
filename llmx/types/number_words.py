"""The words that numbers are written in, and what each is worth.

English, French, German, Spanish, Portuguese, Italian and Dutch words and magnitudes; magnitudes alone for Arabic,
Hindi and Russian. (text2num reads one known language at a time and keeps no places, so it cannot scan a text of
unknown language; the tests use it as a second opinion.) Chinese, Japanese and Korean numerals are ``cjk.py``'s.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from llmx.types.digits import Real
from llmx.types.words import word_set


class Word(NamedTuple):
    """One meaning of a word: ``kind`` is number, scale (multiplies what stands before it) or one (an article).

    ``languages`` speak it; a ``shy`` word means something else in another language and needs evidence of its own;
    a ``plural`` scale without a number before it is vague ('millions of users').
    """

    kind: str
    value: Real
    languages: tuple[str, ...]
    shy: bool = False
    plural: bool = False


_UNITS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn",
    "fr": "zéro - deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
    "es": "cero - dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
    "diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis "
    "veintisiete veintiocho veintinueve",
    "pt": "zero - dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete "
    "dezoito dezenove",
    "it": "zero - due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
    "diciassette diciotto diciannove",
    "nl": "nul - twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
    "zeventien achttien negentien",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt trente quarante cinquante soixante septante huitante nonante",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "pt": "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "nl": "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
}
_MORE = {  # spellings and forms beside the rows above
    "en": "fourty=40 nil=0",
    "de": "dreissig=30 zwo=2 fuenf=5 zwoelf=12 anderthalb=1.5 eineinhalb=1.5 zweieinhalb=2.5 "
    "dreieinhalb=3.5 viereinhalb=4.5 fünfeinhalb=5.5 beiden=2",
    "fr": "octante=80 deux=2 vingts=20 dizaine=10 dizaines=10 quinzaine=15 vingtaine=20 "
    "trentaine=30 quarantaine=40 cinquantaine=50 soixantaine=60 centaine=100",
    "es": "cien=100 ciento=100 doscientos=200 trescientos=300 cuatrocientos=400 quinientos=500 seiscientos=600 "
    "setecientos=700 ochocientos=800 novecientos=900 doscientas=200 trescientas=300 cuatrocientas=400 quinientas=500 "
    "seiscientas=600 setecientas=700 ochocientas=800 novecientas=900 veintiún=21 veintiuna=21 decena=10 "
    "veintena=20 treintena=30 centenar=100",
    "pt": "duas=2 cem=100 cento=100 duzentos=200 trezentos=300 quatrocentos=400 quinhentos=500 seiscentos=600 "
    "setecentos=700 oitocentos=800 novecentos=900 duzentas=200 trezentas=300 quatrocentas=400 quinhentas=500 "
    "seiscentas=600 setecentas=700 oitocentas=800 novecentas=900 dezasseis=16 dezassete=17 dezanove=19 quatorze=14 "
    "cinqüenta=50 dezena=10 centena=100",
    "it": "cento=100 ventuno=21 ventun=21 ventotto=28 trentuno=31 trentotto=38 decina=10 ventina=20 trentina=30 "
    "quarantina=40 cinquantina=50 centinaio=100",
    "nl": "anderhalf=1.5 anderhalve=1.5 tweeënhalf=2.5 drieënhalf=3.5 tiental=10 twintigtal=20 "
    "dertigtal=30 vijftigtal=50 honderdtal=100",
}
# Words for ten to the power given. A trailing * marks a plural, vague without a number before it.
_SCALES = {
    "en": "hundred=2 hundreds*=2 thousand=3 thousands*=3 million=6 millions*=6 billion=9 billions*=9 trillion=12 "
    "trillions*=12 mn=6 mln=6 bn=9 bln=9 tn=12 trn=12 quadrillion=15 milliard=9 lakh=5 lakhs*=5 lac=5 crore=7 "
    "crores*=7 mio=6",
    "de": "hundert=2 hunderte*=2 hunderten*=2 tausend=3 tausende*=3 tausenden*=3 tsd=3 million=6 millionen*=6 mio=6 "
    "mill=6 milliarde=9 milliarden*=9 mrd=9 mia=9 billion=12 billionen*=12 bio=12 billiarde=15 billiarden*=15",
    "fr": "cent=2 cents=2 centaines*=2 mille=3 milliers*=3 millier=3 million=6 millions*=6 milliard=9 milliards*=9 "
    "mds=9 "
    "md=9 mrd=9 mrds=9 mio=6 billion=12 billions*=12 trillion=18 trillions*=18",
    "es": "centenares*=2 cientos*=2 mil=3 miles*=3 millón=6 millones*=6 mill=6 billón=12 billones*=12 trillón=18 "
    "trillones*=18 millardo=9",
    "pt": "centenas*=2 mil=3 milhares*=3 milhão=6 milhões*=6 mi=6 bilhão=9 bilhões*=9 bi=9 trilhão=12 trilhões*=12 "
    "tri=12 bilião=12 biliões*=12",
    "it": "centinaia*=2 mille=3 mila=3 migliaio=3 migliaia*=3 milione=6 milioni*=6 mln=6 miliardo=9 miliardi*=9 "
    "mld=9 mrd=9 bilione=12 bilioni*=12",
    "nl": "honderd=2 honderden*=2 duizend=3 duizenden*=3 miljoen=6 miljoenen*=6 mln=6 mio=6 miljard=9 miljarden*=9 "
    "mld=9 mrd=9 biljoen=12 biljoenen*=12",
    "ru": "тыс=3 тысяч=3 тысячи=3 тысяча=3 млн=6 миллион=6 миллиона=6 миллионов*=6 млрд=9 миллиард=9 миллиарда=9 "
    "миллиардов*=9 трлн=12",
    "ar": "ألف=3 آلاف*=3 مليون=6 ملايين*=6 مليار=9 مليارات*=9 تريليون=12 مئة=2",
    "hi": "सौ=2 हज़ार=3 हजार=3 लाख=5 करोड़=7 करोड=7 अरब=9",
}
_DOZENS = {
    "en": "dozen dozens*", "de": "dutzend dutzende*", "fr": "douzaine douzaines*", "es": "docena docenas*",
    "pt": "dúzia dúzias*", "it": "dozzina dozzine*", "nl": "dozijn dozijnen*",
}  # fmt: skip
_ONES = {
    "de": "ein eine einen einem einer",
    "fr": "un une",
    "es": "un una uno",
    "pt": "um uma",
    "it": "un una uno",
    "nl": "een één",
}
# These mean something else in another of the languages, or are a name: they need evidence of their own language.
_SHY = word_set(
    "once dos due sei sette otto elf cent cents sept neuf null nil nul mi bi tri mil mille md mill mia bio tre "
    "dix onze mio beiden ocho seize venti son ten sete cento hundreds quatre mila"
) - {"ten", "hundreds", "quatre"}
_DE_ONES = ["ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"]
_NL_ONES = ["een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"]
_IT_ONES = ["uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"]


@lru_cache(maxsize=1)
def number_words() -> dict[str, tuple[Word, ...]]:
    """Return every case-folded word with its meanings; a word of two worths (billion) has one for each."""
    table: dict[str, dict[tuple[str, Real], list[str]]] = {}
    plurals: set[str] = set()

    def put(language: str, word: str, *, kind: str, value: Real) -> None:
        bare = _bare(word)
        for spelling in (word,) if bare == word else (word, bare):
            table.setdefault(spelling.casefold(), {}).setdefault((kind, value), []).append(language)

    for language, kind, word, value in _rows():
        if word.endswith("*"):
            plurals.add(_bare(word[:-1]).casefold())
            plurals.add(word[:-1].casefold())
        put(language, word.rstrip("*"), kind=kind, value=value)
    words = {
        word: tuple(
            Word(kind, value, tuple(languages), word in _SHY, word in plurals)
            for (kind, value), languages in meanings.items()
        )
        for word, meanings in table.items()
    }
    for language, compounds in _compounds():
        for word, value in compounds:
            for spelling in (word,) if word.isascii() else {word.casefold(), _bare(word).casefold()}:
                words[spelling] = _with(words.get(spelling, ()), language, value)
    return words


def _with(meanings: tuple[Word, ...], language: str, value: Real) -> tuple[Word, ...]:
    """Return the meanings of a word with that of a number in one more language."""
    for known in meanings:
        if (known.kind, known.value) == ("number", value):
            more = known._replace(languages=(*known.languages, language))
            return tuple(more if word is known else word for word in meanings)
    return (*meanings, Word("number", value, (language,)))


def compound(word: str) -> Real | None:
    """Return the worth of a word written in one with its thousands (zweihunderttausend, duemila), else None."""
    for middle, known in (("tausend", "de"), ("duizend", "nl"), ("mila", "it"), ("mille", "it")):
        left, found, right = word.partition(middle)
        if not found:
            continue
        values = [_small(part, known) for part in (left, right.removeprefix("und") if known == "de" else right)]
        if None not in values and (left or right):
            return (values[0] or 1) * 1000 + (values[1] or 0)
    return None


def _small(part: str, language: str) -> int | None:
    """Return the worth of one side of a thousand: nothing is 0, else a compound below 1000."""
    if not part:
        return 0
    if part in {"ein", "een", "eine"}:
        return 1
    for meaning in number_words().get(part, ()):
        if language in meaning.languages and isinstance(meaning.value, int) and meaning.value < 1000:
            return meaning.value
    return None


def _rows() -> list[tuple[str, str, str, Real]]:
    """Return (language, kind, word, value) of every word."""
    from decimal import Decimal  # noqa: PLC0415  # keeps the table's types in one place

    rows: list[tuple[str, str, str, Real]] = []
    for language, words in _UNITS.items():
        rows += [(language, "number", word, value) for value, word in enumerate(words.split()) if word != "-"]
    for language, words in _TENS.items():
        rows += [(language, "number", word, value * 10) for value, word in enumerate(words.split(), start=2)]
    for language, pairs in _MORE.items():
        for pair in pairs.split():
            word, value_text = pair.split("=")
            value = Decimal(value_text) if "." in value_text else int(value_text)
            rows.append((language, "number", word, value))
    for language, pairs in _SCALES.items():
        rows += [
            (language, "scale", word, 10 ** int(power)) for word, power in (pair.split("=") for pair in pairs.split())
        ]
    for language, words in _DOZENS.items():
        rows += [(language, "scale", word, 12) for word in words.split()]
    for language, words in _ONES.items():
        rows += [(language, "one", word, 1) for word in words.split()]
    return rows


def _compounds() -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """Yield (language, [(word, value), ...]) of the numbers below a thousand that are written in one word."""
    yield "de", _below_thousand(_german_tens(), _DE_ONES, "hundert")
    yield "nl", _below_thousand(_dutch_tens(), _NL_ONES, "honderd")
    yield "it", _below_thousand(_italian_tens(), _IT_ONES, "cento")


def _german_tens() -> dict[str, int]:
    units = dict(zip(_UNITS["de"].split()[1:], range(1, 20), strict=True))
    tens = dict(zip([*_TENS["de"].split()], range(20, 100, 10), strict=True))
    joined = {f"{one}und{ten}": t + i for ten, t in tens.items() for i, one in enumerate(_DE_ONES, start=1)}
    return units | tens | joined


def _dutch_tens() -> dict[str, int]:
    units = dict(zip(_UNITS["nl"].split()[2:], range(2, 20), strict=True)) | {"een": 1}
    tens = dict(zip(_TENS["nl"].split(), range(20, 100, 10), strict=True))
    joined = {
        f"{one}{'ën' if one.endswith('e') else 'en'}{ten}": t + i
        for ten, t in tens.items()
        for i, one in enumerate(_NL_ONES, start=1)
    }
    return units | tens | joined


def _italian_tens() -> dict[str, int]:
    units = dict(zip(_UNITS["it"].split()[2:], range(2, 20), strict=True)) | {"uno": 1}
    tens = dict(zip(_TENS["it"].split(), range(20, 100, 10), strict=True))
    joined = {
        f"{ten[:-1] if one[0] in 'uo' else ten}{'tré' if one == 'tre' else one}": t + i
        for ten, t in tens.items()
        for i, one in enumerate(_IT_ONES, start=1)
    }
    return units | tens | joined


def _below_thousand(tens: dict[str, int], ones: list[str], hundred: str) -> list[tuple[str, int]]:
    """Return the compounds 21 to 999 written in one word, such as dreihundertfünfundzwanzig."""
    rows = [(word, value) for word, value in tens.items() if value > 20]
    for count, one in enumerate(["", *ones, *(["elf", "twaalf", "vijftien"] if hundred == "honderd" else [])]):
        worth = {"": 1, "elf": 11, "twaalf": 12, "vijftien": 15}.get(one, count)
        if one == "uno":
            continue
        if one:
            rows.append((one + hundred, worth * 100))
        for word, value in tens.items():
            rows.append((f"{one}{hundred}{word}", worth * 100 + value))
            if hundred != "cento":
                joint = "und" if hundred == "hundert" else "en"
                rows.append((f"{one}{hundred}{joint}{word}", worth * 100 + value))
    return rows


def _bare(word: str) -> str:
    """Return ``word`` without accents, as it is often typed."""
    return word if word.isascii() or ord(word[0]) > 0x24F else word.translate(_unaccented())


@lru_cache(maxsize=1)
def _unaccented() -> dict[int, str]:
    latin = {code: unicodedata.normalize("NFD", chr(code)) for code in range(0xC0, 0x250)}
    bare = {code: "".join(c for c in letters if not unicodedata.combining(c)) for code, letters in latin.items()}
    return {**bare, ord("ß"): "ss"}
