"""How llmx.types reads dates, sums and numbers, beside dateparser, price-parser and quantulum3.

    python bench/types_bench.py

prints a Markdown table: right, wrong and none out of the cases of each group, and microseconds a case. The cases are
our own, written as such words stand in the news; no reader is told the language. A peer that is not installed is left
out. dateparser is asked for what the words say (a missing year must stay missing, which its strict settings can hold);
price-parser is scored on the amount alone where it names no currency; quantulum3 reads English, so the other
languages are a group of their own. None is better than wrong: that column is the one to look at.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

DATES_FULL = {
    "12 May 2024": "2024-05-12",
    "May 12, 2024": "2024-05-12",
    "Tuesday, 3 September 2024": "2024-09-03",
    "June 9th, 2023": "2023-06-09",
    "2024-05-12": "2024-05-12",
    "12.05.2024": "2024-05-12",
    "25/12/2023": "2023-12-25",
    "le 3 août 2022": "2022-08-03",
    "1er mars 2023": "2023-03-01",
    "am 5. Oktober 2021": "2021-10-05",
    "30. Jänner 2022": "2022-01-30",
    "3 de mayo de 2023": "2023-05-03",
    "12 de maio de 2024": "2024-05-12",
    "5 maggio 2024": "2024-05-05",
    "12 mei 2024": "2024-05-12",
    "2024年5月12日": "2024-05-12",
    "二〇二四年五月十二日": "2024-05-12",
    "令和6年5月12日": "2024-05-12",
    "2024년 5월 12일": "2024-05-12",
    "2020 year 5 month 9 day": "2020-05-09",
    "signed on 17 September 2025 in Ghent": "2025-09-17",
    "unterzeichnet am 2. April 2019 in Bonn": "2019-04-02",
}
DATES_PARTIAL = {
    "May 12": "--05-12",
    "Le 12 mai": "--05-12",
    "12. Mai": "--05-12",
    "3 de mayo": "--05-03",
    "11 ottobre": "--10-11",
    "5月12日": "--05-12",
    "5월 12일": "--05-12",
    "8 month 9": "--08-09",
    "9th of June": "--06-09",
    "December 2023": "2023-12",
    "mars 2024": "2024-03",
    "2024年5月": "2024-05",
    "2024": "2024",
    "03/04/2024": None,  # nothing says which is the month
    "Q3 2024": None,
    "yesterday": None,  # and nothing says today
}
SUMS_PLAIN = {
    "$1,234.56": (Decimal("1234.56"), "USD"),
    "1.234,56 €": (Decimal("1234.56"), "EUR"),
    "1 234,56 €": (Decimal("1234.56"), "EUR"),
    "£25": (25, "GBP"),
    "CHF 1'500.50": (Decimal("1500.50"), "CHF"),
    "EUR 40,000": (40000, "EUR"),
    "99 USD": (99, "USD"),
    "R$ 1.500,00": (1500, "BRL"),
    "₹72,100": (72100, "INR"),
    "1.500 €": (1500, "EUR"),
    "5,000 yen": (5000, "JPY"),
    "100 zł": (100, "PLN"),
}
SUMS_LARGE = {
    "HK$300 million": (300000000, "HKD"),
    "3.2 billion RMB": (3200000000, "CNY"),
    "€50m": (50000000, "EUR"),
    "US$ 1.2 bn": (1200000000, "USD"),
    "1,5 Mrd. €": (1500000000, "EUR"),
    "50 Mio. Euro": (50000000, "EUR"),
    "1,2 milliard d'euros": (1200000000, "EUR"),
    "2.000 millones de euros": (2000000000, "EUR"),
    "R$ 3,4 bilhões": (3400000000, "BRL"),
    "7,9 miliardi di euro": (7900000000, "EUR"),
    "15 miljoen euro": (15000000, "EUR"),
    "32亿元": (3200000000, "CNY"),
    "1.5亿美元": (150000000, "USD"),
    "100億円": (10000000000, "JPY"),
    "1조 2000억 원": (1200000000000, "KRW"),
    "Rs 1,250 crore": (12500000000, "INR"),
    "1.2 100 million yuan": (120000000, "CNY"),
    "half a million pounds": (500000, "GBP"),
    "several million yuan": None,
    "plusieurs millions d'euros": None,
}
NUMBERS_ENGLISH = {
    "40,000 square feet": 40000,
    "nearly 600 people": 600,
    "a user base exceeding 320,000": 320000,
    "six million vehicles": 6000000,
    "two and a half million users": 2500000,
    "half a million customers": 500000,
    "3.2 billion tonnes": 3200000000,
    "12 GWh": 12,
    "45,000 cubic metres": 45000,
    "two dozen plants": 24,
    "1.8 GW": Decimal("1.8"),
    "one hundred and five sites": 105,
    "20bn kilometres": 20000000000,
    "6.5 lakh sq ft": 650000,
    "more than ten companies": 10,
    "18 10000 employees": 180000,
    "nearly 300 Ten thousand units": 3000000,
    "several hundred engineers": None,
}
NUMBERS_OTHER = {
    "2,5 millions de tonnes": 2500000,
    "quatre-vingt-dix-sept sites": 97,
    "un millier de salariés": 1000,
    "rund 9.400 Mitarbeiter": 9400,
    "dreihundertfünfzig Stellen": 350,
    "120 Tsd. Kunden": 120000,
    "420 mil toneladas": 420000,
    "dos mil trescientos empleos": 2300,
    "4,8 milhões de toneladas": 4800000,
    "2.200 metri quadrati": 2200,
    "duemila dipendenti": 2000,
    "drieëntwintig miljoen klanten": 23000000,
    "30万辆": 300000,
    "三百二十万户": 3200000,
    "2万5,000トン": 25000,
    "5천만 명": 50000000,
    "300만 대": 3000000,
    "数百万用户": None,
}

Read = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Score:
    """What came out of one group of cases: counts, and microseconds a case."""

    right: int
    wrong: int
    none: int
    micros: float


def measure(read: Read, cases: dict[str, Any], same: Callable[[Any, Any], bool]) -> Score:
    """Return the score of a reader; a None where None is expected is right, any value there is wrong."""
    for words in cases:
        read(words)  # tables are loaded before the clock runs
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        answers = [read(words) for words in cases]
        seconds.append(time.perf_counter() - start)
    micros = min(seconds) / len(cases) * 1e6  # the least disturbed of three passes
    verdicts = [
        "right" if (answer is None) == (wanted is None) and (wanted is None or same(answer, wanted)) else
        "none" if answer is None else "wrong"
        for answer, wanted in zip(answers, cases.values(), strict=True)
    ]  # fmt: skip
    return Score(verdicts.count("right"), verdicts.count("wrong"), verdicts.count("none"), micros)


def ours() -> dict[str, Read]:
    from llmx.types import Money, Number, PartialDate

    def a_date(words: str) -> str | None:
        value = PartialDate.from_text(words).value
        return None if value is None else str(value)

    def a_sum(words: str) -> tuple[Any, str | None] | None:
        value = Money.from_text(words).value
        return None if value is None else (value.amount, value.currency)

    return {"date": a_date, "sum": a_sum, "number": lambda words: Number.from_text(words).value}


_LESS = [(["month", "year"], "%Y-%m"), (["day", "month"], "--%m-%d"), (["year"], "%Y"), (["month"], "--%m")]


def dateparser_reader() -> Read:
    import dateparser

    def read(words: str) -> str | None:
        """Ask twice, once for all parts and once for what there is: the only way to learn that a part is missing."""
        full = dateparser.parse(words, settings={"REQUIRE_PARTS": ["day", "month", "year"]})
        if full is not None:
            return str(full.date())
        for parts, form in _LESS:
            partly = dateparser.parse(words, settings={"REQUIRE_PARTS": parts})
            if partly is not None:
                return str(partly.strftime(form))
        return None

    return read


def price_parser_reader() -> Read:
    from price_parser import Price

    signs = {"€": "EUR", "$": "USD", "£": "GBP", "₹": "INR", "R$": "BRL", "HK$": "HKD", "US$": "USD", "円": "JPY",
             "元": "CNY",
             "zł": "PLN", "yen": "JPY", "Euro": "EUR", "euro": "EUR", "원": "KRW", "Rs": "INR"}  # fmt: skip

    def read(words: str) -> tuple[Any, str | None] | None:
        price = Price.fromstring(words)
        if price.amount is None:
            return None
        return price.amount, signs.get(price.currency, price.currency) if price.currency else None

    return read


def quantulum_reader() -> Read:
    from quantulum3 import parser

    def read(words: str) -> Any:
        found = parser.parse(words)
        return found[0].value if len(found) == 1 else None

    return read


def same_sum(answer: tuple[Any, str | None], wanted: tuple[Any, str]) -> bool:
    return answer[0] == wanted[0] and answer[1] in {wanted[1], None}


def same_number(answer: Any, wanted: Any) -> bool:
    return abs(Decimal(str(answer)) - Decimal(wanted)) <= Decimal("1e-6") * abs(Decimal(wanted))


GROUPS: list[tuple[str, str, dict[str, Any], Callable[[Any, Any], bool], str]] = [
    ("dates, full", "date", DATES_FULL, lambda a, b: bool(a == b), "dateparser"),
    ("dates, partial or ambiguous", "date", DATES_PARTIAL, lambda a, b: bool(a == b), "dateparser"),
    ("sums, plain", "sum", SUMS_PLAIN, same_sum, "price-parser"),
    ("sums, with magnitudes", "sum", SUMS_LARGE, same_sum, "price-parser"),
    ("numbers, English", "number", NUMBERS_ENGLISH, same_number, "quantulum3"),
    ("numbers, other languages", "number", NUMBERS_OTHER, same_number, "quantulum3"),
]
PEERS: dict[str, Callable[[], Read]] = {
    "dateparser": dateparser_reader,
    "price-parser": price_parser_reader,
    "quantulum3": quantulum_reader,
}


def rows() -> Iterator[str]:
    readers = ours()
    for title, kind, cases, same, peer in GROUPS:
        for name, make in (("llmx.types", lambda kind=kind: readers[kind]), (peer, PEERS[peer])):
            try:
                read = make()
            except ImportError:
                yield f"| {title} | {len(cases)} | {name} | not installed | | | |"
                continue
            score = measure(read, cases, same)
            counts = f"{score.right} | {score.wrong} | {score.none}"
            yield f"| {title} | {len(cases)} | {name} | {counts} | {score.micros:,.0f} |"


PIECES = (
    "1", "1 ", "1.", "1,", "日", "一", "万", "May ", "million ", "1-", "(", "a@", "and a half ", "5 und ", "中国",
    "the ",
    "00 ",
)  # fmt: skip
"""Monotonous texts in which a careless pattern would search in quadratic time."""


def linear() -> None:
    """Print how much longer four times the text takes, by type and piece: about 4 is linear, 16 quadratic."""
    from llmx.types import CountryCode, Duration, Email, Money, Number, PartialDate, Percent, Phone, Url

    print("| type | worst piece | ratio |\n| --- | --- | ---: |")
    for kind in (Number, PartialDate, Money, CountryCode, Duration, Percent, Url, Email, Phone):
        worst = max((min(_ratio(kind, piece) for _ in range(3)), piece) for piece in PIECES)
        print(f"| {kind.__name__} | {worst[1]!r} | {worst[0]:.1f} |")


def _ratio(kind: Any, piece: str) -> float:
    def seconds(count: int) -> float:
        start = time.process_time()
        kind.find_all(piece * count)
        return time.process_time() - start

    kind.find_all(piece * 10)
    return seconds(16000) / max(seconds(4000), 1e-4)


def main() -> None:
    if "--linear" in sys.argv:
        linear()
        return
    print("| cases | number | reader | right | wrong | none | µs a case |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: |")
    for row in rows():
        print(re.sub(r"\s+\|", " |", row))


if __name__ == "__main__":
    main()
