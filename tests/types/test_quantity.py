"""Quantities, percentages and durations: a number with what it counts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import BaseModel

from llmx.types import Duration, Percent, Quantity

QUANTITIES = [
    ("an area of over 40,000 square feet", 40000, "square feet"), ("59 universités", 59, "universités"),
    ("320,000 users globally", 320000, "users"), ("plus de 500 emplois", 500, "emplois"), ("12GWh", 12, "GWh"),
    ("10 MW of solar", 10, "MW"), ("12,000 m²", 12000, "m²"), ("年产30万辆", 300000, "辆"), ("18 10000 employees", 180000, "employees"),
    ("130 Many countries sell cars", 130, "countries"), ("500 new jobs", 500, "jobs"), ("3000名员工", 3000, "名"), ("5000台", 5000, "台"),
    ("4万平方米", 40000, "平方米"), ("2万5,000トン", 25000, "トン"), ("3000명의 직원", 3000, "명"), ("45개국", 45, "개국"),
    ("5 millions de véhicules", 5000000, "véhicules"), ("2,5 millions de tonnes d'acier", 2500000, "tonnes"),
    ("340 emplois directs", 340, "emplois directs"), ("2.200 metri quadrati,", 2200, "metri quadrati"),
    ("650 empleos directos en la región", 650, "empleos directos"), ("rund 9.400 Mitarbeiter in Europa", 9400, "Mitarbeiter"),
    ("1,200 charging stations across Europe", 1200, "charging stations"), ("12 universities signed", 12, "universities"),
    ("14 wind farms", 14, "wind farms"), ("12 %", 12, "%"), ("20 years of experience", 20, "years"), ("600", 600, None),
]  # fmt: skip


@pytest.mark.parametrize(("words", "value", "unit"), QUANTITIES, ids=[words for words, *_ in QUANTITIES])
def test_a_quantity_is_a_number_and_the_short_words_of_its_unit(words: str, value: int, unit: str | None) -> None:
    locale = "en" if words.startswith("1,200") else "it" if words.startswith("2.200") else "de"
    reading = Quantity.from_text(words, locale=locale if "200" in words[:6] or "9.400" in words else None)
    assert reading.value == Quantity(value=value, unit=unit)
    assert reading.words == words[reading.start : reading.end]


def test_sums_dates_and_lone_years_are_no_quantities() -> None:
    text = "On 12 May 2024 HK$300 million went to 5 plants; by 2050 The goal is 12 million euros."
    assert [str(reading.value) for reading in Quantity.find_all(text)] == ["5 plants"]


class Plant(BaseModel):
    capacity: Quantity
    share: Percent
    term: Duration


def test_they_are_fields_that_take_words_or_json_and_dump_to_json() -> None:
    plant = Plant.model_validate({"capacity": "12 GWh", "share": "51 %", "term": "five years"})
    assert plant.model_dump_json() == '{"capacity":{"value":12,"unit":"GWh"},"share":51,"term":"P5Y"}'
    assert Plant.model_validate_json(plant.model_dump_json()) == plant


PERCENTAGES = [
    ("12,5 %", "12.5"), ("12.5 per cent", "12.5"), ("a 51 percent stake", 51), ("2 percentage points", 2), ("30％", 30), ("百分之十二", 12),
    ("百分之12.5", "12.5"), ("百分之十二点五", "12.5"), ("三成", 30), ("2成半", 25), ("12퍼센트", 12), ("zwölf Prozent", 12),
    ("dix pour cent", 10), ("15 por ciento", 15), ("15 por cento", 15), ("15 per cento", 15), ("15 procent", 15), ("twenty percent", 20),
    ("0,6%", "0.6"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "points"), PERCENTAGES, ids=[words for words, _ in PERCENTAGES])
def test_a_percentage_is_in_percent_points(words: str, points: int | str) -> None:
    reading = Percent.from_text(words)
    assert reading.value == Decimal(points)
    assert isinstance(reading.value, Percent)
    assert not reading.issues


@pytest.mark.parametrize("words", ["3-5 %", "3% to 5%", "entre 3 et 5 %", "3 bis 5 Prozent"])
def test_a_range_of_percentages_has_both_ends_as_candidates(words: str) -> None:
    reading = Percent.from_text(words)
    assert reading.value is None
    assert [int(candidate) for candidate in reading.candidates] == [3, 5]
    assert [issue.code for issue in reading.issues] == ["range"]


def test_a_number_without_a_sign_is_a_percentage_with_an_issue() -> None:
    assert [issue.code for issue in Percent.from_text("12").issues] == ["no_percent_sign"]
    assert Percent.from_text("成功").value is None
    assert Percent.find_all("12 plants, 成果, per cent") == []


DURATIONS = [
    ("over the next five years", "P5Y"), ("a five-year plan", "P5Y"), ("3 years", "P3Y"), ("1.5 years", "P18M"),
    ("two and a half years", "P30M"), ("one year and six months", "P1Y6M"), ("90 days", "P90D"), ("6 weeks", "P6W"), ("24 hours", "PT24H"),
    ("two decades", "P20Y"), ("the next decade", "P10Y"), ("fünfjährig", "P5Y"), ("eine dreijährige Partnerschaft", "P3Y"),
    ("in den kommenden zehn Jahren", "P10Y"), ("18-monatige Laufzeit", "P18M"), ("sur cinq ans", "P5Y"),
    ("au cours des cinq prochaines années", "P5Y"), ("en 18 meses", "P18M"), ("los próximos cinco años", "P5Y"), ("nos próximos três anos", "P3Y"),
    ("nei prossimi cinque anni", "P5Y"), ("nel triennio", "P3Y"), ("de komende vijf jaar", "P5Y"), ("五年内", "P5Y"), ("18个月", "P18M"),
    ("半年", "P6M"), ("5年間", "P5Y"), ("6ヶ月", "P6M"), ("5년간", "P5Y"), ("6개월", "P6M"), ("P5Y", "P5Y"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "iso"), DURATIONS, ids=[words for words, _ in DURATIONS])
def test_a_duration_is_an_iso_8601_string(words: str, iso: str) -> None:
    reading = Duration.from_text(words)
    assert reading.value == iso
    assert not reading.doubts


def test_a_duration_gives_its_length_in_the_units_that_fit() -> None:
    five, long, days = Duration("P5Y"), Duration("P1Y6M"), Duration("P6W")
    assert (five.years, five.months, five.days) == (5, 60, None)
    assert (long.years, long.months) == (Decimal("1.5"), 18)
    assert (days.years, days.days) == (None, 42)


@pytest.mark.parametrize("text", ["2024年", "in 2024", "5 plants", "no time", "4月", "12日"])
def test_dates_and_other_counts_are_no_durations(text: str) -> None:
    assert Duration.find_all(text) == []


def test_three_to_five_years_have_two_candidates() -> None:
    reading = Duration.from_text("in 3 to 5 years")
    assert reading.value is None
    assert reading.candidates == ("P3Y", "P5Y")


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("25 bps", "0.25"),
        ("150 basis points", "1.5"),
        ("2 ‰", "0.2"),
        ("5割", "50"),
        ("5割半", "55"),
        ("八点五成", "85"),
        ("10割", "100"),
    ],
)
def test_other_parts_of_a_hundred_are_percent_points(words: str, value: str) -> None:
    reading = Percent.from_text(words)
    assert (str(reading.value), reading.doubts) == (value, ())


LENGTHS = [
    ("1 year, 2 months and 3 days", "P1Y2M3D"), ("2 hours and 30 minutes", "PT2H30M"), ("8天20小时", "P8DT20H"), ("3年半", "P42M"),
    ("3 ans et demi", "P42M"), ("two years and a half", "P30M"), ("thirty (30) days", "P30D"), ("5 weeks and 3 days", "P5W3D"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "length"), LENGTHS, ids=[words for words, _ in LENGTHS])
def test_a_length_of_several_units_or_with_a_half_is_one_length(words: str, length: str) -> None:
    reading = Duration.from_text(words)
    assert (str(reading.value), reading.words, reading.doubts) == (length, words, ())


LENGTHS = [
    ("une heure et demie", "PT1.5H"), ("an hour and 30 minutes", "PT1H30M"), ("un año y tres meses", "P1Y3M"), ("un'ora", "PT1H"),
    ("half an hour", "PT0.5H"), ("eine Viertelstunde", "PT0.25H"), ("trois quarts d'heure", "PT0.75H"), ("半个钟头", "PT0.5H"), ("1h 30m", "PT1H30M"),
    ("3h", "PT3H"), ("10D", "P10D"), ("123.45 sec", "PT123.45S"), ("2 nights", "P2D"), ("all week", "P1W"), ("a year and a quarter", "P15M"),
    ("一年又一个月21天", "P1Y1M21D"), ("8天20时", "P8DT20H"), ("1 year, 2 months and 3 days", "P1Y2M3D"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "length"), LENGTHS, ids=[words for words, _ in LENGTHS])
def test_a_length_with_an_article_a_part_or_a_letter_is_read(words: str, length: str) -> None:
    reading = Duration.from_text(words)
    assert str(reading.value) == length
    assert not reading.doubts


@pytest.mark.parametrize(
    ("words", "locale", "length"), [("45分", "ja", "PT45M"), ("3분", "ko", "PT3M"), ("4日以上", "ja", "P4D")]
)
def test_letters_of_one_language_are_units_in_that_language(words: str, locale: str, length: str) -> None:
    assert str(Duration.from_text(words, locale=locale).value) == length
    assert Duration.from_text(words, locale="zh").value is None


@pytest.mark.parametrize("words", ["twenty and four hours", "1h30", "30m", "an hour and some minutes"])
def test_a_length_with_words_that_were_not_read_is_doubted_or_none(words: str) -> None:
    reading = Duration.from_text(words)
    assert reading.value is None or reading.doubts


def test_a_unit_with_an_article_counts_in_no_running_text() -> None:
    assert Duration.find_all("They meet once a week and pay $5 a day.") == []


SHARES = [
    ("百分之五 十", "50"), ("千分之2.4", "0.24"), ("千万分之六", "0.00006"), ("五分之一", "20"), ("百分之1,123", "1123"), ("七成六", "76"),
    ("九九折", "99"), ("6．5割", "65"), ("十割", "100"), ("百パーセント", "100"), ("십 퍼센트", "10"), ("dix pour-cent", "10"),
    ("siete con cincuenta por ciento", "7.5"), ("un quinto por ciento", "0.2"), ("dois onze avos por cento", "0.1818"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "value"), SHARES, ids=[words for words, _ in SHARES])
def test_a_percentage_in_words_or_signs_of_tenths_is_read(words: str, value: str) -> None:
    read = Percent.from_text(words, locale="zh" if words.startswith("百") else None).value
    assert read is not None
    assert float(read) == pytest.approx(float(value), rel=1e-3)


def test_tenths_that_are_taken_off_leave_the_rest_open() -> None:
    reading = Percent.from_text("九割引き")
    assert reading.candidates == (Percent(90), Percent(10))
    assert reading.doubts


@pytest.mark.parametrize(
    ("words", "value", "unit"),
    [("5℃", 5, "℃"), ("a 300-bed hospital", 300, "bed"), ("10 mi por hora", 10, "mi por hora")],
)
def test_a_unit_stands_in_a_sign_or_behind_a_hyphen(words: str, value: int, unit: str) -> None:
    read = Quantity.from_text(words, locale="pt" if "hora" in words else None).value
    assert read is not None
    assert (read.value, read.unit) == (value, unit)


def test_a_clock_time_and_tenths_behind_a_han_letter_are_told_apart() -> None:
    assert Duration.find_all("平日9時~17時30分") == []
    assert [str(reading.value) for reading in Percent.find_all("支出將達180億元，年增2成。")] == ["20"]


@pytest.mark.parametrize(
    ("words", "locale"),
    [
        ("10 business days", "en"), ("30 jours ouvrés", "fr"), ("15 días hábiles", "es"), ("10 dias úteis", "pt"),
        ("cinque giorni lavorativi", "it"),
    ],
)  # fmt: skip
def test_days_on_which_people_work_are_no_length_without_doubt(words: str, locale: str) -> None:
    read = Duration.from_text(words, locale=locale)
    assert [issue.code for issue in read.issues] == ["ambiguous"]
    (found,) = Duration.find_all(f"{words} after the notice", locale=locale)
    assert [issue.code for issue in found.issues] == ["ambiguous"]
    plain = words.replace(" business", "").rsplit(" ", 0 if "business" in words else 1)[0]
    assert Duration.from_text(plain, locale=locale).issues == ()


def test_a_quotient_that_is_not_known_is_no_part_of_it() -> None:
    read = Quantity.from_text("0.25 W/(m*k)").value
    assert read is not None
    assert read.unit == "W/(m*k)"
