"""Units of measurement behind and around a number."""

from __future__ import annotations

from llmx.types import Quantity

MEASURED = [
    ("5 °C", "5", "°C"), ("−5°C", "-5", "°C"), ("35 °c", "35", "°c"), ("5 degrees Celsius", "5", "degrees Celsius"), ("98,6 degrés F", "98.6", "degrés F"),
    ("20 Grad Celsius", "20", "Grad Celsius"), ("40 grados centígrados", "40", "grados centígrados"), ("0.25 W/(m·K)", "0.25", "W/(m·K)"),
    ("6,2 L/100 km", "6.2", "L/100 km"), ("9.81 m/s²", "9.81", "m/s²"), ("6770 m^2", "6770", "m^2"), ("1.5 kWh/m²a", "1.5", "kWh/m²a"),
    ("12 t CO2e", "12", "t CO2e"), ("45 dB(A)", "45", "dB(A)"), ("10 sq. ft", "10", "sq. ft"), ("300 kWh per year", "300", "kWh per year"),
    ("80 km por hora", "80", "km por hora"), ("60 000 t par an", "60000", "t par an"), ("2,000 barrels per day", "2000", "barrels per day"),
    ("5 nurses a day", "5", "nurses a day"), ("20 [kg]", "20", "kg"), ("25 pounds", "25", "pounds"), ("25 libras", "25", "libras"), ("776フィート", "776", "フィート"),
    ("摂氏 マイナス 5度", "-5", "摂氏度"), ("华氏温度100度", "100", "华氏度"), ("時速120キロメートル", "120", "時速キロメートル"), ("섭씨 20.3", "20.3", "섭씨"),
    ("660 평방 미터", "660", "평방 미터"), ("50 만 배럴", "500000", "배럴"), ("2.4微克", "2.4", "微克"), ("100メガバイト", "100", "メガバイト"),
]  # fmt: skip


def test_the_unit_is_the_whole_expression_of_it_and_the_reading_covers_the_words() -> None:
    for words, value, unit in MEASURED:
        reading = Quantity.from_text(words)
        assert reading.value is not None, words
        assert (str(reading.value.value), reading.value.unit, reading.words, reading.doubts) == (value, unit, words, ())


def test_a_word_behind_a_unit_of_measurement_is_no_part_of_it() -> None:
    for words, unit in [
        ("5 mg/kg twice daily", "mg/kg"),
        ("16 GB RAM", "GB"),
        ("3 min walk", "min"),
        ("2 l de leche", "l"),
        ("100 g flour", "g"),
    ]:
        reading = Quantity.from_text(words)
        assert reading.value is not None, words
        assert reading.value.unit == unit


def test_words_that_look_like_symbols_are_none() -> None:
    for words, unit in [("10 TV stations", "TV stations"), ("5 US gallons", "US gallons"), ("5 m wide", "m wide")]:
        reading = Quantity.from_text(words)
        assert reading.value is not None, words
        assert reading.value.unit == unit


def test_a_number_whose_unit_is_not_known_is_doubted() -> None:
    for words in ("19 in", "3 um", "5 A levels"):
        assert [issue.code for issue in Quantity.from_text(words).doubts] == ["unread_words"], words


def test_pounds_in_a_running_text_are_money_unless_a_quantity_is_asked_for() -> None:
    assert [str(each.value) for each in Quantity.find_all("He paid 25 pounds for 3 kg.")] == ["3 kg"]


def test_a_bracket_around_number_and_unit_is_no_part_of_them() -> None:
    assert [each.words for each in Quantity.find_all("See [20 kg] and [5 °C](page), 7 [m].")] == [
        "20 kg",
        "5 °C",
        "7 [m]",
    ]
