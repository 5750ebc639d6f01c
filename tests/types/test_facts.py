"""The facts are complete for the ten languages, are read as they stand, and are what CLDR and ISO give."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.numbers import get_decimal_symbol

from llmx.facts import load_facts, one_of, pairs, phrases, rows, words
from llmx.types import Duration, Money, Number, PartialDate, find_numbers
from llmx.types.languages import marks_of
from scripts.make_facts import FILES, scales_in, sources, text_of

ROOT = Path(__file__).resolve().parent.parent.parent
TEN = ["en", "de", "fr", "es", "it", "pt", "nl", "zh", "ja", "ko"]
DATA = sorted(ROOT.glob("llmx/*/data/*.yaml"))
#: What CLDR and ISO say is compared only with the versions that the files were made from: .ci/run locks them.
against_the_lock = pytest.mark.skipif(
    sources() not in (ROOT / "llmx" / "types" / "data" / "locales.yaml").read_text("utf-8"),
    reason="other versions of babel and pycountry than the locked ones are installed",
)


@pytest.mark.parametrize("path", DATA, ids=lambda path: path.stem)
def test_a_fact_file_says_its_source(path: Path) -> None:
    assert re.search(r"^# Source: \S", path.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize(
    "path",
    [path for path in DATA if path.stem not in {*FILES, "cues", "known_providers"}],  # those are keyed by their facts
    ids=lambda path: path.stem,
)
def test_every_entry_of_a_fact_file_is_read_by_the_code_beside_it(path: Path) -> None:
    code = "".join(module.read_text("utf-8") for module in path.parent.parent.glob("*.py"))
    facts = load_facts(path.parent.parent.name, path.stem)
    assert [entry for entry in facts if f'"{entry}"' not in code and f"'{entry}'" not in code] == []


@pytest.mark.slow
@against_the_lock
@pytest.mark.parametrize("name", FILES)
def test_a_generated_file_is_what_cldr_and_iso_give(name: str) -> None:
    assert (ROOT / "llmx" / "types" / "data" / f"{name}.yaml").read_text("utf-8") == text_of(name)


@pytest.mark.slow
def test_the_script_says_which_file_is_stale_and_exits_with_1(tmp_path: Path) -> None:
    script = [sys.executable, "scripts/make_facts.py", "--check", "--folder", str(tmp_path)]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{len(FILES)} of {len(FILES)} fact files" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", TEN)
def test_each_of_the_ten_languages_has_marks_names_of_countries_and_of_languages(language: str) -> None:
    assert marks_of(language) is not None
    assert len(dict(rows(load_facts("types", "territories")["names"][language]))) > 240
    assert len(dict(rows(load_facts("types", "language_names")["names"][language]))) > 300


@against_the_lock
@pytest.mark.parametrize("locale", ["de_CH", "de_LI", "fr_CA", "pt-PT", "es_MX", "zh_TW", "sr", "hi", "ar_EG"])
def test_a_locale_has_the_decimal_mark_of_cldr(locale: str) -> None:
    marks = marks_of(locale)
    assert marks is not None
    assert marks.decimal == get_decimal_symbol(locale.replace("-", "_"))


def test_no_library_of_locale_data_is_loaded_to_read_a_value() -> None:
    code = (
        "import sys; from llmx.types import *; Money.from_text('CHF 1\u2019000', locale='de_CH');"
        "PartialDate.from_text('12. Mai 2024'); CountryCode.from_text('DEU'); LanguageCode.from_text('Spanish');"
        "print([m for m in ('babel', 'pycountry') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "[]"


@pytest.mark.parametrize(
    ("words_", "locale", "iso"),
    [("14 maja 2024", "pl", "2024-05-14"), ("3 mars 2025", "sv", "2025-03-03"), ("5 мая 2024", "ru", "2024-05-05"),
     ("1. tammikuuta 2024", "fi", "2024-01-01")],
)  # fmt: skip
def test_a_month_of_a_further_language_is_read_where_the_text_is_in_it(words_: str, locale: str, iso: str) -> None:
    assert str(PartialDate.from_text(words_, locale=locale).value) == iso
    assert PartialDate.find_all("On 14 maja they met.", locale="en") == []


@against_the_lock
@pytest.mark.parametrize("language", TEN)
def test_each_magnitude_that_cldr_gives_is_read_as_cldr_has_it(language: str) -> None:
    # CLDR's short forms Bn (fr) and Bln (it) are a million millions; French and Italian papers mean a milliard
    disputed = {("fr", "Bn"), ("it", "Bln"), ("ja", "京")}
    for word, power in scales_in(language):
        number = f"3{word}" if language in {"zh", "ja", "ko"} else f"3 {word}"
        if (language, word) not in disputed:
            assert Number.from_text(number, locale=language).value == 3 * 10**power, word


@pytest.mark.parametrize(
    ("words_", "locale", "value"),
    [("2,5 mld złotych", "pl", 2_500_000_000), ("120 tys. osób", "pl", 120_000), ("3 billion kroner", "da", 3 * 10**12),
     ("50 bin", "tr", 50_000), ("2 nghìn tỷ", "vi", 2 * 10**12), ("5.2 ล้านบาท", "th", 5_200_000), ("3 พันธมิตร", "th", 3),
     ("20 de milioane", "ro", 20_000_000), ("5 mil. Kč", "cs", 5_000_000), ("5 mil personas", "es", 5000),
     ("€3bln", "nl", 3 * 10**12), ("€3bln", "en", 3 * 10**9), ("2mil", "pt", 2000), ("3tn kr", "sv", 3000), ("3tn", "en", 3 * 10**12),
     ("2,5 miljarder", None, 2_500_000_000), ("12 миллионов", None, 12_000_000)],
)  # fmt: skip
def test_a_magnitude_of_a_further_language_is_part_of_the_number(words_: str, locale: str | None, value: int) -> None:
    assert Number.from_text(words_, locale=locale).value == value


@pytest.mark.parametrize(
    ("words_", "locale", "iso"),
    [("5 lat", "pl", "P5Y"), ("18 månader", "sv", "P18M"), ("3 лет", "ru", "P3Y"), ("2 let", "cs", "P2Y"), ("6 ay", "tr", "P6M")],
)  # fmt: skip
def test_a_unit_of_time_of_a_further_language_is_read_in_its_texts(words_: str, locale: str, iso: str) -> None:
    assert Duration.from_text(words_, locale=locale).value == iso
    assert Duration.find_all(words_, locale="en") == []


def test_a_year_of_the_calendar_is_no_length_of_time_in_any_language() -> None:
    assert Duration.find_all("5 мая 2024 года", locale="ru") == []


@pytest.mark.parametrize(
    ("words_", "locale", "currency"),
    [("12,5 miljoonaa euroa", "fi", "EUR"), ("120 εκατομμύρια ευρώ", "el", "EUR"), ("5 milionů korun", "cs", "CZK"),
     ("3,5 milyar lira", "tr", "TRY"), ("5,200 ล้านบาท", "th", "THB"), ("5 लाख रुपये", "hi", "INR")],
)  # fmt: skip
def test_the_currency_of_a_further_language_is_known_by_its_name(words_: str, locale: str, currency: str) -> None:
    reading = Money.from_text(words_, locale=locale)
    assert reading.value is not None
    assert reading.value.currency == currency
    assert not reading.issues


def test_a_short_magnitude_of_a_further_language_is_a_word_in_any_other_text() -> None:
    assert [reading.words for reading in find_numbers("We put 5 bin bags and 3 tis there.", "en")] == ["5", "3"]


def test_entries_are_words_phrases_pairs_and_rows() -> None:
    assert words({"en": "a  b", "de": "b c"}) == ("a", "b", "c")
    assert phrases("a b | c(?:d|e) |\nf") == ("a b", "c(?:d|e)", "f")
    assert pairs("k=3 x=y=z") == {"k": "3", "x=y": "z"}
    assert list(rows("AD Andorra\n\nAE the Emirates\n")) == [("AD", "Andorra"), ("AE", "the Emirates")]
    assert re.fullmatch(one_of("a | ab", {"x": "abc"}) + "d", "abcd")


def test_number_words_of_data_are_all_read() -> None:
    for language, row in load_facts("types", "numerals")["tens"].items():
        for worth, word in zip(range(20, 100, 10), row.split(), strict=True):
            assert [reading.value for reading in find_numbers(word, language)] == [worth], (language, word)
