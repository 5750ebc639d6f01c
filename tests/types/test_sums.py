"""Sums as the world writes them: signs of dialects and accounts, names in ten languages, hundredths, breaks, bounds."""

from __future__ import annotations

from datetime import date

import pytest

from llmx.types import CountryCode, Money, Percent, Quantity

SURE = {
    # signs of dialects, in both cases, and names of currencies everywhere
    "C $45 million": "45000000 CAD", "cad$ 15": "15 CAD", "hk$ 10": "10 HKD", "usd 20": "20 USD", "TEUR 500": "500000 EUR", "12 MEUR": "12000000 EUR",
    "100₾": "100 GEL", "KSh 500": "500 KES", "250 TL": "250 TRY", "1.0092スイス・フラン": "1.0092 CHF", "545パナマ・バルボア": "545 PAB", "100 라리": "100 GEL",
    "300美圆": "300 USD", "5 Armenian drams": "5 AMD", "12 dinars tunisiens": "12 TND", "12 pesos colombianos": "12 COP", "12 quetzales": "12 GTQ",
    "₹ 120 Cr": "1200000000 INR", "₹1.5 lakh crore": "1500000000000 INR", "A $ 5": "5 AUD", "Fr. 20.–": "20 CHF", "1'000.– CHF": "1000 CHF",
    # signs of accounts
    "US$(2.5) million": "-2500000 USD", "US$ (300)": "-300 USD", "1,234.50- USD": "-1234.5 USD", "€(1.2)bn": "-1200000000 EUR",
    # breaks, invisible characters and Markdown within
    "EUR 5\nmillion": "5000000 EUR", "€5\u200b million": "5000000 EUR", "5\u00ad000 Euro": "5000 EUR", "\u200e€5": "5 EUR", "**€ 3,5** Mio.": "3500000 EUR",
    "| €5 |": "5 EUR", "€0.25/kWh": "0.25 EUR", "20 euros par personne": "20 EUR", "$1,500.00 M.N.": "1500 MXN",
}  # fmt: skip


def test_a_sum_in_any_of_these_forms_is_read_without_a_doubt() -> None:
    readings = {words: Money.from_text(words) for words in SURE}
    assert {words: _shown(reading.value) for words, reading in readings.items()} == SURE
    assert {words: reading.doubts for words, reading in readings.items() if reading.doubts} == {}


def _shown(value: Money | None) -> str:
    return "" if value is None else f"{float(value.amount):.15g} {value.currency}"


def test_an_article_before_a_dollar_sign_is_not_australian() -> None:
    assert str(Money.from_text("A $5 million deal", locale="en_US").value) == "5000000 USD"
    assert [str(reading.value) for reading in Money.find_all("A $5 million deal was signed.")] == ["5000000 USD"]


@pytest.mark.parametrize(
    ("words", "locale", "value"),
    [("99¢", "en_US", "0.99 USD"), ("99 ¢", "en_CA", "0.99 CAD"), ("5 €, 20 Cent", "de_DE", None), ("12 cents", "en_US", None), ("470 pence", None, None)],
)  # fmt: skip
def test_hundredths_without_whole_units_are_candidates_unless_their_sign_stands_there(
    words: str, locale: str | None, value: str | None
) -> None:
    reading = Money.from_text(words, locale=locale)
    assert (None if reading.value is None else str(reading.value)) == value
    if words == "12 cents":
        assert [str(candidate) for candidate in reading.candidates] == ["0.12 USD", "12"]
        assert [doubt.code for doubt in reading.doubts] == ["ambiguous"]


@pytest.mark.parametrize("words", ["(€1,234)", "–€50", "—€50"])
def test_a_sum_in_parentheses_or_behind_a_dash_is_negative_and_doubted(words: str) -> None:
    reading = Money.from_text(words)
    assert reading.value is not None
    assert reading.value.amount < 0
    assert reading.doubts


def test_a_sum_in_parentheses_within_a_text_is_an_aside() -> None:
    found = Money.find_all("3.2 billion yuan (US$450 million) were paid.")
    assert [str(reading.value) for reading in found] == ["3200000000 CNY", "450000000 USD"]


def test_a_number_that_a_line_break_parts_is_no_sum_of_nothing() -> None:
    assert Money.find_all("5\n000 euros") == []
    assert Money.from_text("5\n000 euros").value is None
    assert Money.from_text("5\n300 euros").doubts


def test_a_yen_sign_among_a_few_han_letters_is_open() -> None:
    assert [doubt.code for doubt in Money.from_text("¥500/個").doubts] == ["ambiguous_currency"]
    assert str(Money.from_text("¥500です").value) == "500 JPY"


def test_two_sums_side_by_side_keep_their_own_signs() -> None:
    found = Money.find_all("€ 20,000.00 € 37,305.97 expenses", locale="en")
    assert [str(reading.value) for reading in found] == ["20000 EUR", "37305.97 EUR"]


def test_parentheses_before_a_percent_sign_are_a_minus() -> None:
    assert Percent.from_text("(3.5)%").value == Percent("-3.5")
    assert Percent.from_text("grew (3.5%)").value == Percent("3.5")


@pytest.mark.parametrize(
    ("words", "unit"), [("1,5 ha", "ha"), ("5 ha de terreno", "ha"), ("40\nkg", "kg"), ("0.25 W/(m*K)", "W/(m*K)")]
)
def test_a_symbol_behind_a_number_is_its_unit(words: str, unit: str) -> None:
    reading = Quantity.from_text(words)
    assert reading.value is not None
    assert reading.value.unit == unit


def test_a_verb_is_no_hectare_and_two_numbers_with_one_unit_are_no_quantity() -> None:
    verb = Quantity.from_text("El 5 ha ganado").value
    assert verb is not None
    assert verb.unit is None
    pressure = Quantity.from_text("120/80 mmHg")
    assert pressure.value is None
    assert "several" in {issue.code for issue in pressure.issues}


def test_both_congos_have_a_long_name() -> None:
    reference = date(2024, 5, 3)
    assert CountryCode.from_text("Republic of the Congo", reference=reference).value == "CG"
    assert CountryCode.from_text("Democratic Republic of the Congo").value == "CD"
    assert [reading.value for reading in CountryCode.find_all("in the Democratic Republic of the Congo")] == ["CD"]


@pytest.mark.parametrize(
    ("text", "value"),
    [("百分之２．４", "2.4"), ("－１２２％", "-122"), ("成長率は１．５％です", "1.5"), ("１－２％", None)],
)
def test_wide_marks_beside_wide_digits_are_a_point_and_a_minus(text: str, value: str | None) -> None:
    (reading,) = Percent.find_all(text)
    assert (None if reading.value is None else str(reading.value)) == value
    assert reading.words in text
