"""Which currency a sign, a code or a name means: HK$, RMB, 元, kr, dollars canadiens, Schweizer Franken.

Names come from CLDR by way of babel, signs and everyday names from the tables below. A mark that several currencies
share gives all of them. Where it stands beside a number is ``money.py``'s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from llmx.types.months import LANGUAGES
from llmx.types.patterns import LazyPattern
from llmx.types.words import word_set

#: ISO 4217, the active codes; those that are everyday words in capitals (ALL, TOP, CUP, SOS) are left out.
CODES = word_set(
    "AED AFN AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLP CNY "
    "COP CRC CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR "
    "ILS INR "
    "IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT "
    "MOP MRU "
    "MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD "
    "SCR SDG "
    "SEK SGD SHP SLE SRD SSP STN SVC SYP SZL THB TJS TMT TND TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST "
    "XAF XCD "
    "XOF XPF YER ZAR ZMW ZWG"
)
_KRONES = "SEK NOK DKK ISK"
_PESOS = "MXN ARS COP CLP PHP UYU DOP"

# Signs, written right before or right behind a number. The first code is the default where the mark alone decides
# nothing; a trailing ? says that the default is an assumption, a trailing ! that there is no sound default.
_SIGNS = {
    "HK$": "HKD", "US$": "USD", "U.S.$": "USD", "USD$": "USD", "C$": "CAD", "CA$": "CAD", "CAD$": "CAD", "Can$": "CAD",
    "A$": "AUD", "AU$": "AUD", "AUD$": "AUD", "NZ$": "NZD", "S$": "SGD", "SG$": "SGD", "NT$": "TWD", "R$": "BRL",
    "MX$": "MXN", "Mex$": "MXN", "$US": "USD", "$CA": "CAD", "$": "USD AUD CAD HKD SGD NZD TWD MXN ARS CLP COP ?",
    "＄": "USD ?", "€": "EUR",
    "£": "GBP", "￡": "GBP", "RMB¥": "CNY", "CN¥": "CNY", "JP¥": "JPY", "¥": "JPY CNY !", "￥": "CNY JPY !",
    "₩": "KRW", "￦": "KRW", "₹": "INR", "₽": "RUB", "฿": "THB", "₫": "VND", "₪": "ILS", "₺": "TRY", "₴": "UAH",
    "₱": "PHP", "₦": "NGN", "₸": "KZT", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "kr": f"{_KRONES} !",
    "kr.": f"{_KRONES} !",
    "Fr.": "CHF", "SFr.": "CHF", "sFr.": "CHF", "Rs": "INR PKR LKR ?", "Rs.": "INR PKR LKR ?", "Rp": "IDR", "RM": "MYR",
    "RMB": "CNY", "CNH": "CNY", "NTD": "TWD", "NT": "TWD", "STG": "GBP", "Dhs": "AED", "Dh": "AED MAD ?", "SR": "SAR",
    "元": "CNY", "元人民币": "CNY", "元人民幣": "CNY", "人民币": "CNY", "人民幣": "CNY", "人民元": "CNY", "块": "CNY",
    "元港币": "HKD", "元港幣": "HKD", "元新台币": "TWD", "元新台幣": "TWD",
    "元美金": "USD", "日圓": "JPY", "日幣": "JPY", "日币": "JPY",
    "S/": "PEN", "S/.": "PEN", "$ CA": "CAD", "$ CAN": "CAD", "$CAN": "CAD",
    "$ US": "USD", "$ AU": "AUD", "$ MN": "MXN",
    "圆": "CNY", "円": "JPY", "日元": "JPY", "日圆": "JPY", "美元": "USD", "美金": "USD", "米ドル": "USD",
    "ドル": "USD",
    "港元": "HKD", "港币": "HKD", "港幣": "HKD", "香港ドル": "HKD", "欧元": "EUR", "歐元": "EUR", "ユーロ": "EUR",
    "英镑": "GBP", "英鎊": "GBP", "ポンド": "GBP ?", "韩元": "KRW", "韓元": "KRW", "ウォン": "KRW", "韩圆": "KRW",
    "新台币": "TWD", "新台幣": "TWD", "台币": "TWD", "台幣": "TWD", "台湾ドル": "TWD", "澳元": "AUD", "豪ドル": "AUD",
    "加元": "CAD", "カナダドル": "CAD", "瑞士法郎": "CHF", "スイスフラン": "CHF", "新加坡元": "SGD", "新元": "SGD",
    "シンガポールドル": "SGD", "卢布": "RUB", "盧布": "RUB", "ルーブル": "RUB", "卢比": "INR PKR ?", "印度卢比": "INR",
    "ルピー": "INR PKR ?", "泰铢": "THB", "泰銖": "THB", "バーツ": "THB", "雷亚尔": "BRL", "レアル": "BRL",
    "澳门元": "MOP",
    "元人民": "CNY", "원": "KRW", "달러": "USD", "미국 "
    "달러": "USD", "유로": "EUR", "엔": "JPY", "위안": "CNY", "위안화": "CNY",
    "파운드": "GBP ?", "홍콩달러": "HKD", "홍콩 "
    "달러": "HKD", "캐나다 달러": "CAD", "루피": "INR ?", "руб": "RUB", "рублей": "RUB",
}  # fmt: skip

# Everyday names, lower case; a name of several words is found whole.
_NAMES = {
    "USD": "us dollar|us dollars|u.s. dollars|u.s. dollar|american dollars|us-dollar|us-dollars|dollars américains|"
    "dollar "
    "américain|dollars us|dólares estadounidenses|dólares americanos|dólares norteamericanos|dólares de eeuu|dollari "
    "americani|dollari statunitensi|dollari usa|amerikaanse dollar|amerikaanse dollars|dólares dos eua",
    "USD AUD CAD HKD SGD NZD TWD ?": "dollar|dollars|dólar|dólares|dollari|dollaro|bucks",
    "CNY": "yuan|yuans|renminbi|rmb|chinese yuan|yuan renminbi|yuanes|yuan rmb|rmb yuan|chinesische yuan|yuan chinois|"
    "yuans chinois|yuan chino|yuanes chinos|yuan cinesi|iuanes|iuan",
    "EUR": "euro|euros|euro's|eur",
    "GBP": "pounds sterling|pound sterling|sterling|british pounds|livres sterling|livre sterling|libras esterlinas|"
    "pfund sterling|sterline|britische pfund|pond sterling",
    "GBP EGP ?": "pounds|pound|livres|libras|pfund|pond",
    "JPY": "yen|yens|yenes|ienes|iene|japanese yen",
    "KRW": "won|wons|korean won|south korean won|wones|wons sud-coréens",
    "HKD": "hong kong dollars|hong kong dollar|hongkong-dollar|hk dollars|hk dollar|dollars de hong kong|dollars "
    "hongkongais|"
    "dólares de hong kong|dollari di hong kong|hong kongse dollar",
    "CHF": "swiss francs|swiss franc|franken|schweizer franken|francs suisses|francos suizos|franchi svizzeri|francos "
    "suíços|zwitserse frank|stutz",
    "CHF XOF XAF ?": "francs|franc|francos|franchi",
    "XOF": "francs cfa|franc cfa|cfa francs|fcfa|f cfa",
    "BRL": "reais|real|reales|brazilian reais|réaux",
    "INR": "indian rupees|indian rupee|roupies indiennes|rupias indias",
    "INR PKR LKR IDR ?": "rupees|rupee|roupies|rupias|rupien|rupie",
    "RUB": "rubles|roubles|ruble|rouble|rubel|rublos|rubli|roebel",
    "TRY": "turkish lira|turkish liras|livres turques|liras turcas|türkische lira",
    "PLN": "zloty|zlotys|złoty|złotych", "CZK": "czech crowns|czech koruna|koruna",
    "THB": "baht|bahts", "VND": "dong|dongs|vietnamese dong", "MYR": "ringgit|ringgits", "ZAR": "rand|rands",
    "SEK": "kronor|krona|swedish kronor|swedish krona|schwedische kronen|couronnes suédoises|coronas suecas|zweedse "
    "kroon",
    "NOK": "norwegian kroner|norwegische kronen|couronnes norvégiennes|coronas noruegas|noorse kroon",
    "DKK": "danish kroner|dänische kronen|couronnes danoises|coronas danesas|deense kroon",
    f"{_KRONES} !": "kroner|kronen|krone|couronnes|coronas|coroas|corone|kronas|kroon", f"{_PESOS} !": "pesos|peso",
    "MXN": "mexican pesos|pesos mexicanos|pesos mexicains", "ARS": "argentine pesos|pesos argentinos",
    "COP": "colombian pesos|pesos colombianos", "CLP": "chilean pesos|pesos chilenos", "PHP": "philippine pesos",
    "AED": "uae dirhams|emirati dirhams", "MAD": "moroccan dirhams|dirhams marocains",
    "AED MAD ?": "dirhams|dirham", "SAR QAR OMR ?": "riyals|riyal|rials", "SAR": "saudi riyals|saudi riyal",
    "CAD": "canadian dollars|canadian dollar|dollars canadiens|kanadische dollar|dólares canadienses",
    "AUD": "australian dollars|australian dollar|dollars australiens|australische dollar|dólares australianos",
    "SGD": "singapore dollars|singapore dollar|singapur-dollar|dollars de singapour|dólares de singapur",
    "TWD": "taiwan dollars|new taiwan dollars|nt dollars", "ILS": "shekels|shekel", "UAH": "hryvnia|hryvnias",
    "KWD BHD IQD TND DZD !": "dinars|dinar", "NGN": "naira", "KES TZS UGX !": "shillings",
}  # fmt: skip
_MAJOR = tuple(
    sorted(
        word_set(
            "AED ARS AUD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KRW KZT MAD MXN MYR NOK "
            "NZD PEN "
            "PHP PKR PLN QAR RON RUB SAR SEK SGD THB TND TRY TWD UAH USD VND ZAR"
        )
    )
)
_NO_CENTS = LazyPattern(r",[-–—]{1,2}")  # 1.500,- Euro
_ALONE = LazyPattern(
    r"\b(?:[A-Z]{3}|euros?|yuans?|renminbi|yens?|Euro|Franken|roubles?|rubles?|baht|ringgit|zloty)\b|人民币|人民幣|"
    r"美元|欧元|日元|港元|英镑|ユーロ|ドル"
)
_WORDS_AHEAD = LazyPattern(
    r"[ \u00a0\u202f-]?(?:(?:de|di|of)\s|d['’]\s?)?(?P<words>[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){0,3})"
)


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


@lru_cache(maxsize=1)
def _by_sign() -> dict[str, tuple[tuple[str, ...], str]]:
    signs = {sign: _meaning(entry) for sign, entry in _SIGNS.items()}
    return signs | {code: ((code,), "sure") for code in CODES}


@lru_cache(maxsize=1)
def currency_names() -> dict[str, tuple[tuple[str, ...], str]]:
    """Return every lower-cased currency name with (codes, kind): CLDR's of the major ones, then the everyday ones."""
    from babel.numbers import get_currency_name  # noqa: PLC0415  # heavy, and only money needs it

    names: dict[str, tuple[tuple[str, ...], str]] = {}
    for language in LANGUAGES:
        for code in _MAJOR:
            for count in (None, 1, 2):
                name = get_currency_name(code, count=count, locale=language).lower()
                names.setdefault(name, ((code,), "sure"))
    for entry, words in _NAMES.items():
        names.update(dict.fromkeys(words.split("|"), _meaning(entry)))
    return names


@lru_cache(maxsize=1)
def _sign_lengths() -> dict[str, tuple[int, ...]]:
    """Return for each last letter of a sign the lengths of the signs that end so, longest first."""
    lengths: dict[str, set[int]] = {}
    for sign in _by_sign():
        lengths.setdefault(sign[-1], set()).add(len(sign))
    return {letter: tuple(sorted(sizes, reverse=True)) for letter, sizes in lengths.items()}


def mark_before(text: str, start: int, floor: int = 0) -> Mark | None:
    """Return the currency written right before ``start`` (HK$300, RMB 3.2, euro 5), not reaching before ``floor``."""
    end = start
    while end > floor and start - end < 2 and text[end - 1] in " \u00a0\u202f":
        end -= 1
    if end <= floor:
        return None
    signs = _by_sign()
    for length in _sign_lengths().get(text[end - 1], ()):
        begin = end - length
        meaning = signs.get(text[begin:end]) if begin >= floor else None
        if meaning is not None and not _inside_word(text, begin):
            return Mark(*meaning, begin, end)
    if not text[end - 1].isalpha():
        return None
    found = re.search(r"[^\W\d_]+$", text[max(floor, end - 10) : end])
    meaning = currency_names().get(found.group().lower()) if found else None
    if found is None or meaning is None or len(found.group()) < 3 or found.group().lower() not in _WRITTEN_BEFORE:
        return None
    return Mark(*meaning, end - len(found.group()), end)


_WRITTEN_BEFORE = frozenset({"euro", "rmb", "yuan", "eur"})  # Italian 'euro 5 milioni'; other names come behind


def mark_after(text: str, end: int) -> Mark | None:
    """Return the currency right behind ``end``: 5 €, 32亿元, 2 billion Hong Kong dollars, 50 millions d'euros."""
    dashes = _NO_CENTS.match(text, end)
    end = begin = dashes.end() if dashes else end
    while begin < len(text) and begin - end < 2 and text[begin] in " \u00a0\u202f-.":
        if text[begin] == "." and text[end - 1 : end].isdigit():
            break  # the end of a sentence, not of an abbreviation such as Mio.
        begin += 1
    signs = _by_sign()
    for length in range(8, 0, -1):
        piece = text[begin : begin + length]
        meaning = signs.get(piece) if len(piece) == length else None
        if meaning is not None and not (piece[-1].isalpha() and _goes_on(text, begin + length)):
            return Mark(*meaning, begin, begin + length)
    found = _WORDS_AHEAD.match(text, begin)
    if found is None:
        return None
    words = found["words"]
    while words:
        meaning = currency_names().get(words.lower().replace("’", "'").rstrip("."))
        if meaning is not None:
            stop = found.start("words") + len(words.rstrip("."))
            return Mark(*meaning, found.start("words"), stop)
        cut = max(words.rfind(" "), words.rfind("-"))
        words = words[:cut] if cut > 0 else ""
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
    return [mark for at, mark in enumerate(found) if not any(mark.start < other.end for other in found[:at][-2:])]
