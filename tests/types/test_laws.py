"""Laws that hold for any text and any number, date or sum."""

from __future__ import annotations

import copy
import doctest
import importlib
import json
import pickle
import pkgutil
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from babel.dates import format_date
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

import llmx.types
from llmx.types import (
    Address,
    Coordinates,
    CountryCode,
    CurrencyCode,
    DateRange,
    Duration,
    Email,
    Iban,
    LanguageCode,
    Money,
    Number,
    OrganizationName,
    PartialDate,
    PartialDateTime,
    Percent,
    PercentRange,
    PersonName,
    Phone,
    Postcode,
    Quantity,
    Time,
    Url,
    VatId,
    Verbatim,
    find_numbers,
)
from tests.types.writing import LOCALES, written

TYPES: list[Any] = [Address, Coordinates, CountryCode, CurrencyCode, DateRange, Duration, Email, Iban, LanguageCode, Money, Number, OrganizationName, PartialDate, PartialDateTime,
                    Percent, PercentRange, PersonName, Phone, Postcode, Quantity, Time, Url, VatId, Verbatim]  # fmt: skip
DATE_LOCALES = [
    "en",
    "de",
    "fr",
    "es",
    "pt",
    "it",
    "nl",
    "zh",
    "ja",
    "ko",
    "de_CH",
    "en_IN",
    "es_MX",
    "pl",
    "sv",
    "da",
    "cs",
    "ru",
]
PIECES = st.sampled_from(
    [
        "3",
        "3.2",
        "1,234",
        "1.234,56",
        "1",
        "billion",
        "million",
        "Mrd.",
        "mil",
        "millones",
        "万",
        "亿",
        "조",
        "천",
        "百",
        "三",
        "€",
        "$",
        "HK$",
        "元",
        "円",
        "%",
        "May",
        "12",
        "2024",
        "mai",
        "年",
        "5月",
        "日",
        "-",
        "–",
        "to",
        "et",
        "und",
        "y",
        "Ten",
        "thousand",
        "100",
        "10000",
        "year",
        "month",
        "half",
        "a",
        "and",
        "five",
        "fünfjährig",
        "years",
        "ans",
        "个月",
        "China",
        "französisch",
        "@",
        "www.",
        ".com",
        "+33",
        "(",
        ")",
        ",",
        ".",
        "'",
        "’",
        "第",
        "數",
        "수백",
        ",",
        "\n",
        "",
        "01",
        "23",
        "45",
        "several",
        "plus",
        "de",
        "三成",
        "百分之",
        "Q3",
        "from",
        "until",
        "Rs",
        "crore",
        "M",
        "k",
        "½",
        "1/2",
        "03/04/2024",
        "한국",
        "中国",
        "Infinity",
        "NaN",
        "nan",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=60), st.lists(PIECES, max_size=12).map(" ".join), st.lists(PIECES, max_size=12).map("".join)
)


def test_the_laws_are_held_for_every_type() -> None:
    public = {name for name in llmx.types.__all__ if name[0].isupper()}
    assert (
        {kind.__name__ for kind in TYPES}
        == public - {"Reader", "Reading", "Issue", "TypedValue"}
        == {kind.__name__ for kind in SAMPLES}
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
@given(text=TEXTS)
@settings(max_examples=150, deadline=None)
def test_no_text_makes_a_type_raise_and_every_reading_slices_back_to_its_words(kind: Any, text: str) -> None:
    reading = kind.from_text(text)
    assert text[reading.start : reading.end] == reading.words
    assert reading.value is not None or reading.issues
    end = 0
    for found in kind.find_all(text):
        assert text[found.start : found.end] == found.words
        assert end <= found.start < found.end
        end = found.end


def _has_more_digits_than_json(value: Any) -> bool:
    """Whether a number has a fraction and more digits than a double holds, which docs/types.md says of JSON."""
    number = getattr(value, "amount", getattr(value, "value", value))
    return isinstance(number, Decimal) and number != int(number) and len(number.as_tuple().digits) > 15


@pytest.mark.slow
@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
@given(text=TEXTS)
@settings(max_examples=60, deadline=None)
def test_a_value_survives_its_json_form(kind: Any, text: str) -> None:
    value = kind.from_text(text).value
    if value is None:
        return
    adapter = TypeAdapter(kind)
    again = adapter.validate_json(adapter.dump_json(value))
    assert again == value or _has_more_digits_than_json(value)
    assert type(again) is kind
    assert json.loads(adapter.dump_json(again)) == json.loads(adapter.dump_json(value))


@given(value=st.integers(0, 10**15), locale=st.sampled_from(LOCALES))
@settings(max_examples=300, deadline=None)
def test_a_whole_number_written_in_a_locale_is_read_back(value: int, locale: str) -> None:
    assert Number.from_text(written(value, locale), locale=locale).value == value


@given(value=st.decimals(0, 10**9, places=2, allow_nan=False), locale=st.sampled_from(LOCALES))
@settings(max_examples=300, deadline=None)
def test_a_decimal_written_in_a_locale_is_read_back_with_and_without_it(value: Decimal, locale: str) -> None:
    words = written(value, locale)
    assert Number.from_text(words, locale=locale).value == value
    assert Number.from_text(words).value == value


@given(value=st.integers(1, 999), locale=st.sampled_from(["en", "de", "fr", "es", "pt", "it", "nl"]))
@settings(max_examples=300, deadline=None)
def test_number_words_of_text2num_and_ours_agree(value: int, locale: str) -> None:
    from text_to_num import text2num  # the second opinion

    words = spell(value, locale)
    ours = Number.from_text(words, locale=locale).value
    assert ours == value
    assert text2num(words, locale) == value


def spell(value: int, locale: str) -> str:
    """Spell a number below 1000 in the plainest way of a language, as a school book does."""
    from tests.types.spelling import SPELLERS

    return SPELLERS[locale](value)


@given(
    day=st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    locale=st.sampled_from(DATE_LOCALES),
    width=st.sampled_from(["medium", "long"]),
)
@settings(max_examples=400, deadline=None)
def test_a_date_written_in_a_locale_is_read_back(day: date, locale: str, width: str) -> None:
    words = format_date(day, format=width, locale=locale)
    reading = PartialDate.from_text(words, locale=locale)
    assert reading.value is not None, (words, reading)
    assert reading.value.to_date() == day


@given(
    amount=st.integers(1, 10**12),
    code=st.sampled_from(["EUR", "CNY", "HKD", "CHF", "BRL", "KRW"]),
    locale=st.sampled_from(["en", "de", "fr", "it", "ja"]),
)
@settings(max_examples=200, deadline=None)
def test_a_sum_written_with_its_code_is_read_back(amount: int, code: str, locale: str) -> None:
    number = written(amount, locale)
    for words in (f"{code} {number}", f"{number} {code}"):
        assert Money.from_text(words, locale=locale).value == Money(amount=amount, currency=code)


@given(values=st.lists(st.integers(10**4, 10**9), min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_every_planted_number_is_found_in_its_place(values: list[int]) -> None:
    text = "".join(f"The plant number has {value:,} units; " for value in values)
    found = find_numbers(text, "en")
    assert [reading.value for reading in found] == values
    assert [text[reading.start : reading.end] for reading in found] == [f"{value:,}" for value in values]


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(llmx.types.__path__)])
def test_the_examples_in_the_docstrings_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"llmx.types.{name}")).failed == 0


SAMPLES = {
    Address: "Musterstraße 5, 10115 Berlin",
    Coordinates: "52.52° N, 13.405° E", Iban: "DE89 3704 0044 0532 0130 00", Postcode: "SW1A 2AA", VatId: "ATU13585627",
    PercentRange: "3 to 5 %", PartialDateTime: "May 3 at 4:05 pm", Time: "下午3点半",
    CountryCode: "France", CurrencyCode: "€", DateRange: "Q3 2024", Duration: "five years", Email: "a@b.org", LanguageCode: "Spanish",
    Money: "€5 million", Number: "12.5", OrganizationName: "Acme", PartialDate: "May 12", Percent: "12 %", PersonName: "A. Tan",
    Phone: "+33 1 23 45 67 89", Quantity: "5.5 GWh", Url: "www.foo.de", Verbatim: "words",
}  # fmt: skip


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
def test_a_value_can_be_pickled_copied_hashed_and_described_by_a_json_schema(kind: Any) -> None:
    value = kind.from_text(SAMPLES[kind]).value
    assert value is not None
    for again in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value)):
        assert again == value
        assert type(again) is kind
        assert hash(again) == hash(value)
    for mode in ("validation", "serialization"):
        assert TypeAdapter(kind).json_schema(mode=mode)


PLAIN = ["7", "12", "1,500", "seven", "two hundred", "3.5 million", "sieben", "deux cents"]
BEFORE = [  # signs, parts, and numbers left over
    "minus ",
    "negative ",
    "half of ",
    "one third of ",
    "a quarter of ",
    "twenty and ",
    "1/2 of ",
    "3 over ",
    "two and ",
    "double ",
    "twice ",
    "not ",
    "every ",
]
BEHIND = [" and a half", " and a quarter", " point five", " thirds", " dozen", "^2", " ½", "/8"]
UNITS = {Number: "", Money: " euros", Percent: " %", Quantity: " kg", Duration: " years"}


@given(
    kind=st.sampled_from(list(UNITS)), number=st.sampled_from(PLAIN),
    before=st.sampled_from(["", *BEFORE]), behind=st.sampled_from(["", *BEHIND]),
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_words_that_change_a_value_change_it_or_leave_a_doubt(
    kind: Any, number: str, *, before: str, behind: str
) -> None:
    plain = kind.from_text(f"{number}{UNITS[kind]}", locale="en").value
    reading = kind.from_text(f"{before}{number}{behind}{UNITS[kind]}", locale="en")
    assert not (before or behind) or reading.value is None or reading.doubts or reading.value != plain


def test_what_is_taken_off_left_out_or_only_one_end_makes_a_value_doubted() -> None:
    for words in (
        "$5 million ± 2",
        "$5 million less 5 %",
        "$5 million-ish",
        "between $5 million and 99",
        "all but $5 million",
    ):
        assert Money.from_text(words, locale="en_US").doubts, words
    for words in ("40 kg ± 2", "except 40 kg", "entre 40 kg et autre chose"):
        assert Quantity.from_text(words).doubts, words
