"""Make the fact files that CLDR and ISO can give, from the babel and pycountry that are installed.

    python scripts/make_facts.py            # write the files that differ, and name them
    python scripts/make_facts.py --check    # write nothing; exit code 1 where a file differs, with the lines that do

What a library gives is written down once and reviewed as a diff, so that an upgrade of the library never changes how a
document is read. .ci/run checks the files against the locked versions. docs/types.md tells what each file is for.
"""

from __future__ import annotations

import argparse
import datetime as dt
import difflib
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

import pycountry
from babel.core import Locale, UnknownLocaleError, get_global
from babel.localedata import locale_identifiers
from babel.numbers import get_currency_name, get_decimal_symbol, get_group_symbol, get_territory_currencies
from babel.units import format_unit

DATA = Path(__file__).resolve().parent.parent / "llmx" / "types" / "data"
LATIN = ("en", "fr", "de", "es", "pt", "it", "nl")
TEN = (*LATIN, "zh", "zh_Hant", "ja", "ko")
#: Further languages whose dates name months, in words that are parted by blanks.
MONTHS_ALSO = ("bg", "ca", "cs", "da", "el", "et", "fi", "hr", "hu", "id", "lt", "lv", "ms", "nb", "pl", "ro", "ru",
               "sk", "sl", "sr", "sv", "tr", "uk")  # fmt: skip
#: Languages whose magnitudes are read beside those of numerals.yaml: they have their forms of a million here.
SCALES_ALSO = (*MONTHS_ALSO, "af", "ar", "fa", "he", "hi", "is", "lo", "sr_Latn", "th", "vi")
#: Currencies whose names are read; the names of others are too often words of something else.
NAMED = ("AED", "ARS", "AUD", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP", "EUR", "GBP", "HKD", "HUF",
         "IDR", "ILS", "INR", "JPY", "KRW", "KZT", "MAD", "MXN", "MYR", "NOK", "NZD", "PEN", "PHP", "PKR", "PLN", "QAR",
         "RON", "RUB", "SAR", "SEK", "SGD", "THB", "TND", "TRY", "TWD", "UAH", "USD", "VND", "ZAR")  # fmt: skip
UNSPACED = ("zh", "zh_Hant", "ja", "ko")
MIDDLE_DOT = "\u30fb"
MARK_NAMES = {"\u00a0": "blank", "\u202f": "thin"}
UNITS_OF_TIME = {"Y": "year", "M": "month", "W": "week", "D": "day", "H": "hour", "N": "minute"}
AMOUNTS = (1, 2, 5, 11, 100, 1.5)  # one of each plural form of the languages
MARKS_AROUND = " .\u00a0\u200e\u200f"
STILL_TENDER = dt.date(2100, 1, 1)  # CLDR gives a currency without an end date as tender on any later day


def locales() -> Iterator[str]:
    """Yield the marks of numbers and the order of day and month, each with the locales that have them."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, locale in sorted(_known_locales().items()):
        marks = (get_decimal_symbol(locale), get_group_symbol(locale))
        decimal, group = (MARK_NAMES.get(mark, mark) for mark in marks)
        groups.setdefault((locale.language, f"{decimal} {group} {_date_order(locale)}"), []).append(name)
    yield "# decimal mark, grouping mark, what comes first in 03/04/2024 | the locales that have them, by language"
    yield "# 'none': the short date begins with the year, so that nothing says which of the other two is the month."
    yield from _block("locales", [f"{key} | {' '.join(names)}" for (_, key), names in sorted(groups.items())])


def _known_locales() -> dict[str, Locale]:
    """Return each locale of CLDR by its name, and by its name without the script where that means the same."""
    found = {}
    for name in locale_identifiers():
        if name.endswith("POSIX") or name == "root":
            continue
        found[name] = Locale.parse(name)
        parts = name.split("_")
        if len(parts) == 3:
            short = f"{parts[0]}_{parts[2]}"
            try:
                found[short] = Locale.parse(short)
            except UnknownLocaleError:
                continue
    return found


def _date_order(locale: Locale) -> str:
    pattern = locale.date_formats["short"].pattern
    places = {letter: pattern.find(letter) for letter in "yMd"}
    if places["y"] < places["d"]:
        return "none"
    return "day" if places["d"] < places["M"] else "month"


def months() -> Iterator[str]:
    """Yield the month names of each language, wide and abbreviated, January first; forms are parted by a slash."""
    yield "# January | … | December, in small letters and without points; forms of one month are parted by /."
    for language in (*LATIN, *MONTHS_ALSO):
        yield f"{language}:"
        names = Locale.parse(language).months
        for width in ("wide", "abbreviated"):
            row = [
                "/".join(dict.fromkeys(_plain(names[form][width][month]) for form in ("format", "stand-alone")))
                for month in range(1, 13)
            ]
            yield f"  {width}: {' | '.join(row)}"


def weekdays() -> Iterator[str]:
    """Yield the names of the days of each language, wide and abbreviated, Monday first."""
    yield "# Monday | … | Sunday, in small letters and without points, wide and then abbreviated."
    for language in (*TEN, *MONTHS_ALSO):
        names = Locale.parse(language).days
        found = [
            _plain(names[form][width][day])
            for width in ("wide", "abbreviated")
            for form in ("format", "stand-alone")
            for day in range(7)
        ]
        yield f"{language}: {' | '.join(dict.fromkeys(found))}"


def _plain(name: str) -> str:
    return name.lower().strip(".")


def scales() -> Iterator[str]:
    """Yield the words for powers of ten of each language, as they stand behind digits: short and long, every form."""
    yield "# word=power of ten, by language; a trailing * marks a form that never stands behind one."
    for language in SCALES_ALSO:
        found = scales_in(language)
        pieces = [f"{word}{'' if single else '*'}={power}" for (word, power), single in sorted(found.items())]
        yield from _folded(language, pieces, a_line=10)


def scales_in(language: str) -> dict[tuple[str, int], bool]:
    """Return (word, power of ten) with whether the form stands behind one (or the language has no such form)."""
    found: dict[tuple[str, int], bool] = {}
    for forms in Locale.parse(language).compact_decimal_formats.values():
        for plural, patterns in forms.items():
            for digits, pattern in patterns.items():
                word = pattern.pattern.replace("0", "").replace("'", "").strip(MARKS_AROUND)
                if len(word) > 1 and " " not in word and "\u00a0" not in word and "0" in pattern.pattern:
                    power = len(str(digits)) - pattern.pattern.count("0")
                    single = found.get((word, power), False)
                    found[word, power] = single or plural == "one" or "one" not in forms
    return found


def time_units() -> Iterator[str]:
    """Yield the words for units of time of each further language, as they stand behind a number."""
    yield "# word=unit, by language: the letters of ISO 8601, N for the minute."
    for language in SCALES_ALSO:
        found = {
            word: letter
            for letter, unit in UNITS_OF_TIME.items()
            for amount in AMOUNTS
            if (word := _behind_number(format_unit(amount, f"duration-{unit}", length="long", locale=language)))
        }
        if found:
            yield from _folded(language, [f"{word}={letter}" for word, letter in sorted(found.items())], a_line=10)


def _behind_number(words: str) -> str:
    """Return the one word behind the number, '' where there is another order, none, or several."""
    found = re.fullmatch(r"[\d.,]+[ \u00a0]([^\W\d_]+)", words)
    return found[1].lower() if found else ""


def unit_names() -> Iterator[str]:
    """Yield the names of units of measurement that have more than one word, as they stand behind a number."""
    yield "# The forms of one unit in one language a line, parted by bars, in small letters."
    lines: dict[str, None] = {}
    for language in LATIN:
        patterns = Locale.parse(language)._data["unit_patterns"]  # noqa: SLF001  # babel lists its units nowhere else
        for unit in sorted(patterns):
            if not unit.startswith("duration-") and not unit.endswith(("-it", "ofglucose")):
                lengths = [patterns[unit].get(length, {}) for length in ("long", "short")]
                forms = (forms[count] for forms in lengths for count in forms if count != "per")
                names = dict.fromkeys(filter(None, map(_several_words, forms)))
                lines |= {" | ".join(names): None} if names else {}
    yield from _block("names", list(lines))
    yield "# In languages without blanks between words, where a name has two characters or more."
    found: dict[str, None] = {}
    for language in UNSPACED:
        patterns = Locale.parse(language)._data["unit_patterns"]  # noqa: SLF001
        for unit in sorted(patterns):
            if not unit.startswith(("duration-", "concentr-")) and not unit.endswith("-it"):
                found |= dict.fromkeys(_unspaced_unit(form) for form in patterns[unit].get("long", {}).values())
    yield from _folded("unspaced", sorted(filter(None, found)))


def _unspaced_unit(pattern: object) -> str:
    """Return the name right behind the number without its blanks, '' if it is short or stands elsewhere."""
    behind = str(pattern).removeprefix("{0}").replace("\u00a0", "").replace(" ", "")
    return behind if len(behind) > 1 and not re.search(r"[{-]|^[ -~]*$", behind) else ""


def _several_words(pattern: object) -> str:
    """Return the words behind the number, '' where they are fewer than two or stand elsewhere."""
    found = re.fullmatch(r"\{0\}[ \u00a0\u202f]([^\W\d_]+(?:[ \u00a0'’-][^\W\d_]+)+)", str(pattern))
    return found[1].lower().replace("\u00a0", " ").replace("’", "'") if found else ""


def territories() -> Iterator[str]:
    """Yield the names of the territories in each language, and the ISO codes of three letters."""
    codes = {country.alpha_2 for country in pycountry.countries} | {"XK"}  # Kosovo: CLDR's code, ISO has none
    yield "# ISO 3166-1, from pycountry: alpha-3 alpha-2."
    yield from _block("alpha_3", sorted(f"{c.alpha_3} {c.alpha_2}" for c in pycountry.countries))
    yield "# CLDR: alpha-2 and the name, by language."
    yield "names:"
    for language in TEN:
        names = Locale.parse(language).territories
        yield from _block(language, [f"{code} {names[code]}" for code in sorted(codes) if code in names], indent=2)


def currencies() -> Iterator[str]:
    """Yield the ISO codes, the names of the major currencies in each language, and what each territory pays in."""
    yield "# ISO 4217, from pycountry."
    yield from _folded("codes", sorted(currency.alpha_3 for currency in pycountry.currencies))
    yield "# CLDR: the one currency that is tender in each territory; territories with several are left out."
    homes: dict[str, list[str]] = {}
    active = set(NAMED)
    for country in sorted(c.alpha_2 for c in pycountry.countries):
        tender = get_territory_currencies(country, start_date=STILL_TENDER)
        active.update(tender)
        if len(tender) == 1:
            homes.setdefault(tender[0], []).append(country)
    yield from _block("tender", [f"{code} {' '.join(names)}" for code, names in sorted(homes.items())])
    yield "# CLDR: the names of the active currencies, in small letters, singular and plural."
    yield "names:"
    for language in LATIN:
        yield from _block(
            language, [_names_of_currency(code, language, (None, 1, 2)) for code in sorted(active)], indent=2
        )
    yield "  # In further languages: the euro, the dollar and the currency at home."
    for language in SCALES_ALSO:
        home = get_territory_currencies(_main_territory(language), start_date=STILL_TENDER)
        codes = dict.fromkeys(["EUR", "USD", *home])
        yield from _block(language, [_names_of_currency(code, language, (None, *AMOUNTS)) for code in codes], indent=2)
    yield "# CLDR: the names in languages without blanks between words."
    yield "names_unspaced:"
    for language in UNSPACED:
        lines = [_unspaced_names_of_currency(code, language) for code in sorted(active)]
        yield from _block(language, [line for line in lines if not line.endswith(f" {line[:3]}")], indent=2)


def _unspaced_names_of_currency(code: str, language: str) -> str:
    """Return the name of a currency in a language without blanks, and without the blanks that CLDR has in it."""
    name = get_currency_name(code, locale=language)
    forms = [name, name.replace(" ", ""), *([name.replace(" ", MIDDLE_DOT)] if language == "ja" else [])]
    return f"{code} {' | '.join(dict.fromkeys(forms))}"


def _names_of_currency(code: str, language: str, counts: tuple[float | None, ...]) -> str:
    forms = [get_currency_name(code, count=count, locale=language).lower() for count in counts]
    return f"{code} {' | '.join(dict.fromkeys(forms))}"


def _main_territory(language: str) -> str:
    likely: str = get_global("likely_subtags")[language.partition("_")[0]]
    return likely.rpartition("_")[2]


def language_names() -> Iterator[str]:
    """Yield the two-letter codes, and the names of the languages in each language."""
    codes = sorted(each.alpha_2 for each in pycountry.languages if hasattr(each, "alpha_2"))
    yield "# ISO 639-1, from pycountry."
    yield from _folded("codes", codes)
    yield "# CLDR: code and name, by language."
    yield "names:"
    for language in TEN:
        names = Locale.parse(language).languages
        lines = [f"{code} {names[code]}" for code in sorted(names) if "_" not in code and len(code) < 4]
        yield from _block(language, lines, indent=2)


def _block(key: str, lines: list[str], *, indent: int = 0) -> Iterator[str]:
    blank = " " * indent
    yield f"{blank}{key}: |"
    yield from (f"{blank}  {line}" for line in lines)


def _folded(key: str, words: list[str], *, a_line: int = 24) -> Iterator[str]:
    yield f"{key}: >-"
    for at in range(0, len(words), a_line):
        yield "  " + " ".join(words[at : at + a_line])


FILES: Mapping[str, tuple[Callable[[], Iterator[str]], str]] = {
    "locales": (locales, "the marks of numbers and the order of dates, by locale"),
    "months": (months, "names of months"),
    "weekdays": (weekdays, "names of the days of the week"),
    "scales": (scales, "words for a thousand, a million and more, beside those of numerals.yaml"),
    "time_units": (time_units, "units of time, beside those of durations.yaml"),
    "unit_names": (unit_names, "names of units of measurement"),
    "territories": (territories, "names and codes of countries"),
    "currencies": (currencies, "codes and names of currencies, and where each is tender"),
    "language_names": (language_names, "names and codes of languages"),
}


def sources() -> str:
    """Return the line that names the libraries the files are made from, with their versions."""
    return f"# Source: CLDR by way of babel {version('babel')}; ISO by way of pycountry {version('pycountry')}."


def text_of(name: str) -> str:
    """Return what the file ``name`` must hold."""
    make, what = FILES[name]
    head = [f"# {what[0].upper()}{what[1:]}.", sources(), "# Made by scripts/make_facts.py; do not edit."]
    return "\n".join([*head, *make()]) + "\n"


def main() -> int:
    """Write or check the files; return the exit code."""
    parser = argparse.ArgumentParser(description="Make the fact files under llmx/types/data from CLDR and ISO.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file is not up to date")
    parser.add_argument("--folder", type=Path, default=DATA, help="where the files are")
    given = parser.parse_args()
    stale = 0
    for name in FILES:
        path = given.folder / f"{name}.yaml"
        there, made = path.read_text("utf-8") if path.exists() else "", text_of(name)
        if there == made:
            continue
        stale += 1
        if given.check:
            differing = difflib.unified_diff(there.splitlines(), made.splitlines(), str(path), "made now", lineterm="")
            print("\n".join(list(differing)[:40]))
        else:
            path.write_text(made, "utf-8")
            print(f"wrote {path}")
    if given.check and stale:
        print(f"{stale} of {len(FILES)} fact files are not what the installed libraries give: scripts/make_facts.py")
    return int(given.check and stale > 0)


if __name__ == "__main__":
    sys.exit(main())
