"""Numbers below 1000 in words, spelled by the rules of each language: independent of the tables under test."""

from __future__ import annotations

from collections.abc import Callable

_EN = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_EN_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_DE = [
    "null",
    "eins",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
]
_DE_TENS = ["zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"]
_FR = [
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
]
_FR_TENS = ["vingt", "trente", "quarante", "cinquante", "soixante"]
_ES = [
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
]
_ES_TENS = ["treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"]
_ES_HUNDREDS = [
    "ciento",
    "doscientos",
    "trescientos",
    "cuatrocientos",
    "quinientos",
    "seiscientos",
    "setecientos",
    "ochocientos",
    "novecientos",
]
_PT = [
    "zero",
    "um",
    "dois",
    "três",
    "quatro",
    "cinco",
    "seis",
    "sete",
    "oito",
    "nove",
    "dez",
    "onze",
    "doze",
    "treze",
    "catorze",
    "quinze",
    "dezesseis",
    "dezessete",
    "dezoito",
    "dezenove",
]
_PT_TENS = ["vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa"]
_PT_HUNDREDS = [
    "cento",
    "duzentos",
    "trezentos",
    "quatrocentos",
    "quinhentos",
    "seiscentos",
    "setecentos",
    "oitocentos",
    "novecentos",
]
_IT = [
    "zero",
    "uno",
    "due",
    "tre",
    "quattro",
    "cinque",
    "sei",
    "sette",
    "otto",
    "nove",
    "dieci",
    "undici",
    "dodici",
    "tredici",
    "quattordici",
    "quindici",
    "sedici",
    "diciassette",
    "diciotto",
    "diciannove",
]
_IT_TENS = ["venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta"]
_NL = [
    "nul",
    "een",
    "twee",
    "drie",
    "vier",
    "vijf",
    "zes",
    "zeven",
    "acht",
    "negen",
    "tien",
    "elf",
    "twaalf",
    "dertien",
    "veertien",
    "vijftien",
    "zestien",
    "zeventien",
    "achttien",
    "negentien",
]
_NL_TENS = ["twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig"]


def english(n: int) -> str:
    if n >= 100:
        rest = f" and {english(n % 100)}" if n % 100 else ""
        return f"{_EN[n // 100]} hundred{rest}"
    if n < 20:
        return _EN[n]
    return _EN_TENS[n // 10 - 2] + (f"-{_EN[n % 10]}" if n % 10 else "")


def german(n: int) -> str:
    if n >= 100:
        return ("ein" if n // 100 == 1 else _DE[n // 100]) + "hundert" + (german(n % 100) if n % 100 else "")
    if n < 20:
        return _DE[n]
    one = "ein" if n % 10 == 1 else _DE[n % 10]
    return (f"{one}und" if n % 10 else "") + _DE_TENS[n // 10 - 2]


def french(n: int) -> str:
    if n >= 100:
        head = "cent" if n // 100 == 1 else f"{_FR[n // 100]} cent" + ("" if n % 100 else "s")
        return head + (f" {french(n % 100)}" if n % 100 else "")
    if n < 20:
        return _FR[n]
    if n < 70:
        one = n % 10
        return _FR_TENS[n // 10 - 2] + (" et un" if one == 1 else f"-{_FR[one]}" if one else "")
    if n < 80:
        return "soixante et onze" if n == 71 else f"soixante-{_FR[n - 60]}"
    return "quatre-vingts" if n == 80 else f"quatre-vingt-{_FR[n - 80]}"


def spanish(n: int) -> str:
    if n == 100:
        return "cien"
    if n > 100:
        return _ES_HUNDREDS[n // 100 - 1] + (f" {spanish(n % 100)}" if n % 100 else "")
    if n < 30:
        return _ES[n]
    return _ES_TENS[n // 10 - 3] + (f" y {_ES[n % 10]}" if n % 10 else "")


def portuguese(n: int) -> str:
    if n == 100:
        return "cem"
    if n > 100:
        return _PT_HUNDREDS[n // 100 - 1] + (f" e {portuguese(n % 100)}" if n % 100 else "")
    if n < 20:
        return _PT[n]
    return _PT_TENS[n // 10 - 2] + (f" e {_PT[n % 10]}" if n % 10 else "")


def italian(n: int) -> str:
    if n >= 100:
        return ("" if n // 100 == 1 else _IT[n // 100]) + "cento" + (italian(n % 100) if n % 100 else "")
    if n < 20:
        return _IT[n]
    ten, one = _IT_TENS[n // 10 - 2], n % 10
    if not one:
        return ten
    return (ten[:-1] if one in (1, 8) else ten) + ("tré" if one == 3 else _IT[one])


def dutch(n: int) -> str:
    if n >= 100:
        return ("" if n // 100 == 1 else _NL[n // 100]) + "honderd" + (dutch(n % 100) if n % 100 else "")
    if n < 20:
        return _NL[n]
    one = n % 10
    return (f"{_NL[one]}{'ën' if _NL[one].endswith('e') else 'en'}" if one else "") + _NL_TENS[n // 10 - 2]


SPELLERS: dict[str, Callable[[int], str]] = {
    "en": english, "de": german, "fr": french, "es": spanish, "pt": portuguese, "it": italian, "nl": dutch,
}  # fmt: skip
