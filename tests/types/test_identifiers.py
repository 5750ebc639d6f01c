"""Numbers of accounts and taxpayers have the right check digits, and postcodes and coordinates stand where they can."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from llmx.types import Coordinates, Iban, Postcode, VatId

IBANS = [
    ("IBAN: DE89 3704 0044 0532 0130 00, BIC COBADEFFXXX", "DE89370400440532013000"), ("IT60 X054 2811 1010 0000 0123 456", "IT60X0542811101000000123456"),
    ("compte FR14 2004 1010 0505 0001 3M02 606 ouvert", "FR1420041010050500013M02606"), ("账号GB29NWBK60161331926819转账", "GB29NWBK60161331926819"),
    ("AT61-1904-3002-3457-3201", "AT611904300234573201"), ("iban de89370400440532013000", "DE89370400440532013000"),
    ("IBAN:CH9300762011623852957を", "CH9300762011623852957"),
]  # fmt: skip
#: Published by their companies or tax offices, one for each way in which check digits are computed, and some without any.
_PUBLISHED = """
    ATU13585627 BE0428759497 CHE100155212 CY10259033P CZ25123891 DE136695976 DK13585628 EE100931558 EL094259216 ES54362315K
    ESB58378431 ESX2482300W FI20774740 FR40303265045 GB980780684 HR33392005961 HU12892312 IE6433435F IT00743110157
    LT119511515 LU15027442 NL004495445B01 NL123456789B13 PL8567346215 PT501964843 RO18547290 SE123456789701 SI50223054 SK2022749619
"""
VAT_IDS = _PUBLISHED.split()
POSTCODES = [
    ("Musterstraße 5, 10115 Berlin", "de_DE", "10115"), ("10 Downing Street, London SW1A2AA", "en_GB", "SW1A 2AA"),
    ("Springfield, IL 62704-1234", "en_US", "62704-1234"), ("Damrak 1, 1012LG Amsterdam", "nl", "1012 LG"), ("〒100-0001東京都", "ja", "100-0001"),
    ("邮编：100022", "zh", "100022"), ("우편번호 04524", "ko", "04524"), ("CEP 01310-100, São Paulo", "pt_BR", "01310-100"), ("1100-148 Lisboa", "pt", "1100-148"),
]  # fmt: skip
PLACES = [
    ("52°31′12″N 13°24′18″E", None, "52.52,13.405"), ("位于北纬39.9042度，东经116.4074度", None, "39.9042,116.4074"),
    ("北緯35度41分22秒 東経139度41分30秒", None, "35.689444,139.691667"), ("33° 51' 25\" S, 151° 12' 55\" E", None, "-33.856944,151.215278"),
    ("40.7128° N, 74.0060° W", None, "40.7128,-74.006"), ("49,4875° N, 8,4660° O", "de", "49.4875,8.466"), ("48,86° N, 1,5° O", "fr", "48.86,-1.5"),
    ("GPS: 48.8584, 2.2945", None, "48.8584,2.2945"),
]  # fmt: skip


def found(kind: Any, text: str, locale: str | None = None) -> list[str]:
    """Return the values of ``text``, as text, less those that are doubted."""
    return [str(r.value) for r in kind.find_all(text, locale=locale) if r.value is not None and not r.doubts]


@pytest.mark.parametrize(("text", "value"), IBANS, ids=[value for _, value in IBANS])
def test_an_iban_is_found_in_any_text_and_written_without_blanks(text: str, value: str) -> None:
    assert found(Iban, text) == [value]


def test_vat_ids_of_each_country_are_read_with_and_without_separators() -> None:
    for number in VAT_IDS:
        assert found(VatId, f"税号{number}。") == [number]
        country = 3 if number.startswith(("CHE", "ATU")) else 2
        assert found(VatId, f"VAT {number[:country]} {number[country:-3]}.{number[-3:]},") == [number]


def test_one_wrong_digit_of_a_number_with_check_digits_is_no_value_and_said() -> None:
    unchecked = ("CY", "CZ", "IE", "LT")
    numbers: list[tuple[Any, str]] = [(VatId, each) for each in VAT_IDS if each[:2] not in unchecked]
    for kind, number in [(Iban, "DE89370400440532013000"), *numbers]:
        at = next(at for at in range(len(number) - 4, 0, -1) if number[at].isdecimal())
        wrong = f"{number[:at]}{(int(number[at]) + 1) % 10}{number[at + 1 :]}"
        reading = kind.from_text(f"no. {wrong}.")
        assert reading.value is None, number
        assert [issue.code for issue in reading.issues] == ["check_digits"]
        assert reading.candidates == (wrong,)


@pytest.mark.parametrize("text", ["reference DE12ABC and GB33 2020", "IT was 2020 in DE 5", "DE 2024-05-12"])
def test_letters_and_digits_of_other_things_are_no_such_number(text: str) -> None:
    assert found(Iban, text) == found(VatId, text) == []


@pytest.mark.parametrize(("text", "locale", "code"), POSTCODES, ids=[code for _, _, code in POSTCODES])
def test_a_postcode_is_told_by_its_form_its_place_or_a_word_before_it(text: str, locale: str, code: str) -> None:
    assert found(Postcode, text, locale) == [code]
    assert Postcode.from_text(code, locale=locale).value == code


def test_digits_in_a_sentence_are_no_postcode() -> None:
    assert Postcode.find_all("im Jahr 2024 kamen 12000 Besucher", locale="de_DE") == []
    assert found(Postcode, "model 8439SE of 2024EU, PO 7142") == []


@pytest.mark.parametrize(("text", "locale", "place"), PLACES, ids=[place for _, _, place in PLACES])
def test_coordinates_are_in_degrees(text: str, locale: str | None, place: str) -> None:
    assert found(Coordinates, text, locale) == [place]


def test_coordinates_that_may_be_something_else_are_doubted() -> None:
    (bare,) = Coordinates.find_all("at 48.8584, 2.2945 in Paris")
    assert [doubt.code for doubt in bare.doubts] == ["ambiguous"]
    assert not Coordinates.from_text("48.8584, 2.2945").doubts
    either = Coordinates.from_text("48,86° N, 1,5° O")
    assert either.value is None
    assert [str(place) for place in either.candidates] == ["48.86,1.5", "48.86,-1.5"]
    assert Coordinates.find_all("95.1234° N, 200.5° E; ratios 1.5, 2.5") == []


def test_a_field_of_such_a_type_refuses_what_is_none() -> None:
    class Account(BaseModel):
        iban: Iban
        vat_id: VatId | None = None

    assert Account(iban="DE89 3704 0044 0532 0130 00").iban == "DE89370400440532013000"  # type: ignore[arg-type] # from words
    for wrong in ({"iban": "DE89370400440532013001"}, {"iban": "DE89370400440532013000", "vat_id": "DE136695977"}):
        with pytest.raises(ValidationError, match="check digits"):
            Account.model_validate(wrong)
