"""How llmx.types reads numbers, sums, quantities, dates and lengths of time, beside the libraries for them.

    python bench/types_bench.py                                # the entities of bench/entities
    python bench/types_bench.py --recognizers FOLDER/Specs     # those of Recognizers-Text as well
    python bench/types_bench.py --by-language                  # a column for each language: right/silently wrong

prints Markdown tables. Every reader gets the words of one entity and the language where it takes one. *Right* is the
wanted value, be it doubted or not, and no value or a doubted one where there is none. *Silently wrong* is another value
without a doubt. *Doubted* is a wrong value with a doubt, or no value with candidates; *none* is neither. The libraries
tell no doubts. What they do not read by design is not asked of them: babel's ``parse_decimal`` and text2num read
numbers, price-parser sums, quantulum3 numbers, quantities and sums in English, dateparser dates. A peer that is not
installed is left out.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.entities import ANY, KINDS, LANGUAGES, Entity, committed, recognizers, right

LOCALES = {"en": "en_US"}
#: What a reader makes of words in a language: the value in the form of the kind, and whether it is doubted.
Read = Callable[[str, str, str], tuple[Any, bool]]
_TITLES = {"number": "numbers", "percent": "percentages", "sum": "sums", "quantity": "quantities", "date": "dates",
           "range": "periods", "duration": "lengths of time"}  # fmt: skip


@dataclass(slots=True)
class Score:
    """What came out of a kind by one reader: verdicts by language, and the seconds that all took."""

    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: float = 0.0

    def of(self, *verdicts: str, language: str | None = None) -> int:
        """Return how many came out in one of these ways, in one language or all."""
        return sum(n for (lang, what), n in self.verdicts.items() if what in verdicts and language in {None, lang})

    def total(self, language: str | None = None) -> int:
        """Return how many entities there were."""
        return sum(n for (lang, _), n in self.verdicts.items() if language in {None, lang})


def ours() -> Read:
    from llmx import types
    from llmx.types.found_once import forget_found
    from llmx.types.number import read_number

    names = ("Number", "Percent", "Money", "Quantity", "PartialDate", "DateRange", "Duration")
    kinds = {kind: getattr(types, name) for kind, name in zip(KINDS, names, strict=True)}
    forms: dict[str, Callable[[Any], Any]] = {
        "sum": lambda value: (value.amount, value.currency), "quantity": lambda value: value.value, "date": str,
        "range": lambda value: "/".join(str(end) if end else "" for end in (value.start, value.end)),
    }  # fmt: skip

    def read(words: str, kind: str, language: str) -> tuple[Any, bool]:
        read_number.cache_clear()  # or a number would be read once only
        forget_found()
        reading = kinds[kind].from_text(words, locale=LOCALES.get(language, language))
        doubted = bool(reading.doubts)
        if reading.value is None:
            return None, bool(reading.candidates)
        return forms.get(kind, lambda value: value)(reading.value), doubted

    return read


def dateparser_reader() -> Read:
    from dateparser import parse

    day, month, year = "day", "month", "year"
    less = [([day, month, year], "%Y-%m-%d"), ([month, year], "%Y-%m"), ([day, month], "--%m-%d"), ([year], "%Y")]
    less.append(([month], "--%m"))

    def read(words: str, _: str, language: str) -> tuple[Any, bool]:
        """Ask for all parts, then for fewer: the only way to learn that a part is missing."""
        known = {"locales": ["en-US"]} if language == "en" else {"languages": [language]}
        for parts, form in less:
            found = parse(words, settings={"REQUIRE_PARTS": parts}, **known)
            if found is not None:
                return found.strftime(form), False
        return None, False

    return read


def price_parser_reader() -> Read:
    from price_parser import Price

    pairs = "€=EUR $=USD £=GBP ₹=INR R$=BRL HK$=HKD US$=USD 円=JPY 元=CNY zł=PLN yen=JPY Euro=EUR euro=EUR 원=KRW"
    pairs += " Rs=INR ¥=JPY ₩=KRW A$=AUD C$=CAD NZ$=NZD S$=SGD R=ZAR RM=MYR ฿=THB"
    signs = dict(pair.rsplit("=", 1) for pair in pairs.split())

    def read(words: str, *_: str) -> tuple[Any, bool]:
        price = Price.fromstring(words)
        if price.amount is None:
            return None, False
        return (price.amount, signs.get(price.currency, price.currency) if price.currency else ANY), False

    return read


def quantulum_reader() -> Read:
    from quantulum3 import parser

    def read(words: str, kind: str, _: str) -> tuple[Any, bool]:
        found = parser.parse(words)
        if len(found) != 1:
            return None, False
        if kind == "sum":
            return (found[0].value, getattr(found[0].unit, "currency_code", None) or ANY), False
        return found[0].value, False

    return read


def babel_reader() -> Read:
    from babel.numbers import NumberFormatError, parse_decimal

    def read(words: str, _: str, language: str) -> tuple[Any, bool]:
        try:
            return parse_decimal(words, locale=LOCALES.get(language, language)), False
        except (NumberFormatError, ValueError):
            return None, False

    return read


def text2num_reader() -> Read:
    from text_to_num import text2num

    def read(words: str, _: str, language: str) -> tuple[Any, bool]:
        try:
            return text2num(words, language), False
        except (ValueError, KeyError):
            return None, False

    return read


#: The module of each peer, its reader, and the kinds and languages (none for all) that it reads.
PEERS: dict[str, tuple[str, Callable[[], Read], frozenset[str], frozenset[str]]] = {
    "dateparser": ("dateparser", dateparser_reader, frozenset({"date"}), frozenset()),
    "price-parser": ("price_parser", price_parser_reader, frozenset({"sum"}), frozenset()),
    "quantulum3": ("quantulum3", quantulum_reader, frozenset({"number", "quantity", "sum"}), frozenset({"en"})),
    "babel": ("babel", babel_reader, frozenset({"number"}), frozenset()),
    "text2num": (
        "text_to_num",
        text2num_reader,
        frozenset({"number"}),
        frozenset({"en", "fr", "es", "pt", "de", "it", "nl"}),
    ),
}


def verdict(entity: Entity, value: Any, *, doubted: bool) -> str:
    """Return right, right with a doubt, wrong (silently), doubted or none."""
    if value is None:
        return "right" if entity.doubtful else "doubted" if doubted else "none"
    if any(right(entity.kind, value, wanted) for wanted in entity.wanted) or (entity.doubtful and doubted):
        return "right with a doubt" if doubted and not entity.doubtful else "right"
    return "doubted" if doubted else "wrong"


def score(read: Read, entities: list[Entity]) -> Score:
    """Return the score of a reader on entities of one kind; all are read once before, to load tables."""
    for entity in entities:
        read(entity.words, entity.kind, entity.language)
    made = Score()
    for entity in entities:
        start = time.process_time()
        value, doubted = read(entity.words, entity.kind, entity.language)
        made.seconds += time.process_time() - start
        made.verdicts[entity.language, verdict(entity, value, doubted=doubted)] += 1
    return made


def readers(kind: str) -> Iterator[tuple[str, Read, frozenset[str]]]:
    """Yield (name, reader, its languages) of llmx and of the peers that are installed, for a kind."""
    yield "llmx.types", ours(), frozenset()
    for name, (module, make, kinds, languages) in PEERS.items():
        if kind not in kinds:
            continue
        try:
            importlib.import_module(module)
            yield name, make(), languages
        except ImportError:
            print(f"({name} is not installed)")


def table(entities: list[Entity], *, by_language: bool) -> Iterator[str]:
    """Yield the rows of a table: each kind by each reader, llmx also on the languages of a peer that reads few."""
    if by_language:
        yield f"| kind | reader | {' | '.join(LANGUAGES)} |"
        yield f"| --- | --- |{' --- |' * len(LANGUAGES)}"
    else:
        yield "| kind | reader | entities | right | of these doubted | silently wrong | doubted | none | µs |"
        yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for kind in KINDS:
        here = [entity for entity in entities if entity.kind == kind]
        for name, read, languages in readers(kind) if here else ():
            of_reader = [entity for entity in here if not languages or entity.language in languages]
            yield _row(kind, name, score(read, of_reader), by_language=by_language)
            if languages and not by_language:
                yield _row(kind, f"llmx.types, in the languages of {name}", score(ours(), of_reader), by_language=False)


def _row(kind: str, name: str, made: Score, *, by_language: bool) -> str:
    good = ("right", "right with a doubt")
    if by_language:
        counts = [(made.of(*good, language=one), made.of("wrong", language=one), made.total(one)) for one in LANGUAGES]
        cells = [f"{fine}/{wrong} of {total}" if total else "" for fine, wrong, total in counts]
        return f"| {_TITLES[kind]} | {name} | {' | '.join(cells)} |"
    micros = made.seconds / max(made.total(), 1) * 1e6
    told = [made.total(), made.of(*good), *(made.of(what) for what in (good[1], "wrong", "doubted", "none"))]
    return f"| {_TITLES[kind]} | {name} | {' | '.join(f'{count:,}' for count in told)} | {micros:,.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recognizers", type=Path, metavar="FOLDER", help="the Specs folder of Recognizers-Text")
    parser.add_argument("--by-language", action="store_true", help="a column for each language: right/silently wrong")
    parser.add_argument("--misses", action="store_true", help="list what llmx reads wrong, doubts or does not read")
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    sets = {"bench/entities": list(committed())}
    if given.recognizers:
        sets["Recognizers-Text"] = list(recognizers(given.recognizers))
    for title, entities in sets.items():
        print(f"\n## {title}\n")
        print(*table(entities, by_language=given.by_language), sep="\n")
        for line in misses(entities) if given.misses else ():
            print(line)


def misses(entities: list[Entity]) -> Iterator[str]:
    """Yield what llmx does not read rightly, one entity a line, the silently wrong first."""
    read, found = ours(), []
    for entity in entities:
        value, doubted = read(entity.words, entity.kind, entity.language)
        what = verdict(entity, value, doubted=doubted)
        if not what.startswith("right"):
            told = f"{what}: {entity.kind} {entity.language} {entity.words!r}, wanted {entity.wanted}, read {value}"
            found.append((what != "wrong", told))
    yield from (line for _, line in sorted(found))


if __name__ == "__main__":
    main()
