"""Plain types of a schema are computed too, and the package is cheap to import."""
# ruff: noqa: ARG003 - a typed value has the same signature, whatever it needs of it

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

import llmx.types
from llmx.types import Money, Number, PartialDate, Reading, TypedValue, guess_locale, reader_for


class Colour(Enum):
    RED = "red"


class Plain(BaseModel):
    number: int


@pytest.mark.parametrize(
    "annotation", [str, bool, Colour, Literal["a"], list[int], int | None, Plain, Any, bytes, dict, None, "int"]
)
def test_what_is_not_computed_from_words_has_no_reader(annotation: Any) -> None:
    assert reader_for(annotation) is None


@pytest.mark.parametrize(
    ("annotation", "words", "value"),
    [
        (int, "nearly 600 jobs", 600),
        (int, "18 10000 employees", 180000),
        (float, "12,5 %", 12.5),
        (Decimal, "0.1", Decimal("0.1")),
        (date, "Le 12 mai 2024", date(2024, 5, 12)),
        (datetime, "2024年5月12日", datetime(2024, 5, 12)),  # noqa: DTZ001 - the words name no zone
        (Number, "3.2 billion", Number(3200000000)),
        (PartialDate, "Le 12 mai", PartialDate(None, 5, 12)),
        (Money, "HK$300 million", Money(amount=300000000, currency="HKD")),
    ],
)
def test_a_reader_computes_the_value_of_its_type(annotation: type, words: str, value: object) -> None:
    reader = reader_for(annotation)
    assert reader is not None
    assert reader.from_text(words).value == value
    assert type(reader.from_text(words).value) is annotation
    assert [found.value for found in reader.find_all(f"… {words}.")] == [value]


def test_a_type_has_one_reader() -> None:
    assert reader_for(int) is reader_for(int)


def test_an_int_refuses_a_fraction_and_says_so() -> None:
    reader = reader_for(int)
    assert reader is not None
    reading = reader.from_text("12.5")
    assert reading.value is None
    assert [issue.code for issue in reading.issues] == ["not_whole"]


def test_a_plain_date_refuses_a_partial_one_and_offers_the_year_of_the_reference() -> None:
    reader = reader_for(date)
    assert reader is not None
    reading = reader.from_text("May 12", reference=date(2024, 6, 1))
    assert reading.value is None
    assert reading.candidates == (date(2024, 5, 12),)
    assert [issue.code for issue in reading.doubts] == ["partial_date"]


class Stars(int):
    """A user's own typed value: the protocol is two class methods."""

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Stars]:
        return Reading(cls(words.count("*")), words, 0, len(words), "stars")

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Stars]]:
        return []


def test_a_class_with_the_two_class_methods_is_a_typed_value() -> None:
    reader = reader_for(Stars)
    assert issubclass(Stars, TypedValue)
    assert reader is not None
    assert reader.from_text("***").value == 3
    assert reader.label == "stars"


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("The company has signed the agreement and will open the plant in the city.", "en"),
        ("Die beiden Unternehmen haben eine Vereinbarung mit der Stadt unterzeichnet.", "de"),
        ("Les deux entreprises ont signé un accord dans le cadre de la coopération.", "fr"),
        (
            "Las dos empresas firmaron el acuerdo para la construcción de una planta en México, anunció el gobierno mexicano.",
            "es_MX",
        ),
        ("Las dos empresas firmaron el acuerdo para la construcción de una planta.", "es"),
        ("As duas empresas assinaram o acordo para a construção da fábrica no porto.", "pt"),
        ("Le due aziende hanno firmato l'accordo per la costruzione dello stabilimento.", "it"),
        ("De twee bedrijven hebben een overeenkomst getekend voor het bouwen van de fabriek.", "nl"),
        ("两家公司在上海签署了战略合作协议。", "zh"),
        ("両社は、新しい工場の建設について合意しました。", "ja"),
        ("두 회사는 공장 건설에 관한 협약을 체결했다.", "ko"),
        ("Obie spółki podpisały we wtorek umowę na budowę fabryki baterii w pobliżu portu.", "pl"),
        ("De to selskaber underskrev tirsdag en kontrakt om at bygge en batterifabrik ved havnen.", "da"),
        ("De två företagen undertecknade i tisdags ett avtal om att bygga en batterifabrik.", "sv"),
        ("Обе компании подписали во вторник контракт на строительство завода.", "ru"),
        ("這是該造船廠歷史上最大的訂單。", "zh"),
        ("12345", None),
        ("", None),
        ("12 mai", None),
        ("A broken\x00 \ud800text of two companies that have signed the agreement.", "en"),
    ],
)
def test_the_language_of_a_text_is_guessed(text: str, locale: str | None) -> None:
    assert guess_locale(text) == locale


@given(text=st.text(min_size=16, max_size=80))
@settings(max_examples=500, deadline=None)
def test_no_text_makes_the_guess_of_its_language_raise(text: str) -> None:
    locale = guess_locale(f"The company has signed {text}")
    assert locale is None or locale[:2].isalpha()


@pytest.mark.parametrize("code", [0x0, 0x1B, 0x85, 0xD800, 0xFDD0, 0xFFFE, 0x1FFFF, 0x10FFFE], ids=hex)
def test_characters_that_the_detector_refuses_do_not_hide_the_language(code: int) -> None:
    text = f"The company has signed {chr(code)} an agreement with the city and will open the plant."
    assert guess_locale(text) == "en"


def test_every_public_name_is_there() -> None:
    for name in llmx.types.__all__:
        assert getattr(llmx.types, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = llmx.types.Nothing


def test_importing_the_types_loads_no_heavy_library() -> None:
    code = "import sys; from llmx.types import *; print([m for m in ('babel', 'pycountry', 'pycld2', 'yaml', 'phonenumbers') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "[]"


TIMES = {
    "ISO with an offset": ("2024-05-03T10:30:00+02:00", "2024-05-03T10:30:00+02:00"),
    "ISO in UTC": ("2024-05-03T10:30:15Z", "2024-05-03T10:30:15+00:00"),
    "a blank": ("2024-05-03 10:30", "2024-05-03T10:30:00"),
    "pm": ("3 May 2024 at 4:05 pm", "2024-05-03T16:05:00"),
    "midnight": ("3 May 2024, 12:15 a.m.", "2024-05-03T00:15:00"),
    "French": ("le 3 mai 2024 à 10h30", "2024-05-03T10:30:00"),
    "German": ("am 3. Mai 2024 um 10:30", "2024-05-03T10:30:00"),
    "before the date": ("10:30 on 3 May 2024", "2024-05-03T10:30:00"),
    "no time": ("3 May 2024", "2024-05-03T00:00:00"),
    "no time of a clock": ("3 May 2024, 31:75", "2024-05-03T00:00:00"),
}


@pytest.mark.parametrize(("words", "value"), TIMES.values(), ids=TIMES.keys())
def test_a_datetime_keeps_the_time_and_the_offset_that_the_words_state(words: str, value: str) -> None:
    reader = reader_for(datetime)
    assert reader is not None
    reading = reader.from_text(words)
    assert reading.value is not None
    assert reading.value.isoformat() == value
    assert ("no_time" in [doubt.code for doubt in reading.doubts]) is value.endswith("T00:00:00")
    found = reader.find_all(f"Sent {words}. Thanks.")
    assert [each.value is not None and each.value.isoformat() for each in found] == [value]
    assert all(f"Sent {words}. Thanks."[each.start : each.end] == each.words for each in found)


def test_a_time_belongs_to_one_date_and_a_range_of_times_is_a_doubt_and_no_offset() -> None:
    reader = reader_for(datetime)
    assert reader is not None
    found = reader.find_all("2024-05-03 10:30, 2024-05-04 and 5 May 2024, 10:30-12:00.")
    assert [str(each.value) for each in found] == ["2024-05-03 10:30:00", "2024-05-04 00:00:00", "2024-05-05 10:30:00"]
    assert [[doubt.code for doubt in each.doubts] for each in found] == [[], ["no_time"], ["range"]]
    assert str(reader.from_text("2024-05-03 10:30:00-05:00").value) == "2024-05-03 10:30:00-05:00"


def test_a_number_larger_than_any_float_has_no_value_and_says_so() -> None:
    reader = reader_for(float)
    assert reader is not None
    reading = reader.from_text("1e400")
    assert (reading.value, [issue.code for issue in reading.issues]) == (None, ["too_large"])
    assert reader.find_all("1e400")[0].value is None
