"""A postal address is read in its parts, in the order of its country; what could be another part is doubted."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from llmx.types import Address

ADDRESSES: list[tuple[str, str | None, dict[str, str]]] = [
    ("Musterstraße 5, 10115 Berlin", None, {"street": "Musterstraße 5", "postcode": "10115", "city": "Berlin"}),
    ("Hauptstr. 12a\n80331 München\nDeutschland", "de", {"street": "Hauptstr. 12a", "postcode": "80331", "city": "München", "country": "DE"}),
    ("Taunusanlage 12, D-60325 Frankfurt am Main", None, {"street": "Taunusanlage 12", "postcode": "60325", "city": "Frankfurt am Main", "country": "DE"}),
    ("Rosenbergstrasse 1, 9000 St. Gallen, Switzerland", "de_CH", {"street": "Rosenbergstrasse 1", "postcode": "9000", "city": "St. Gallen", "country": "CH"}),
    ("10 Downing Street, London SW1A 2AA, UK", "en_GB", {"street": "10 Downing Street", "postcode": "SW1A 2AA", "city": "London", "country": "GB"}),
    ("Address: 5 High St, Oxford, OX1 4AH", None, {"street": "5 High St", "postcode": "OX1 4AH", "city": "Oxford"}),
    ("123 Main St, Suite 400, Springfield, IL 62704-1234", "en_US", {"street": "123 Main St, Suite 400", "postcode": "62704-1234", "city": "Springfield", "region": "IL"}),
    ("80 Wellington St, Ottawa ON K1A 0A2, Canada", "en_CA", {"street": "80 Wellington St", "postcode": "K1A 0A2", "city": "Ottawa", "region": "ON", "country": "CA"}),
    ("1 Macquarie Street, Sydney NSW 2000", "en_AU", {"street": "1 Macquarie Street", "postcode": "2000", "city": "Sydney", "region": "NSW"}),
    ("12 rue de la Paix, 75002 Paris, France", "fr", {"street": "12 rue de la Paix", "postcode": "75002", "city": "Paris", "country": "FR"}),
    ("Calle de Alcalá 45, 28014 Madrid", "es", {"street": "Calle de Alcalá 45", "postcode": "28014", "city": "Madrid"}),
    ("Via del Corso 12, 00186 Roma (RM), Italia", "it", {"street": "Via del Corso 12", "postcode": "00186", "city": "Roma", "region": "RM", "country": "IT"}),
    ("Damrak 1, 1012LG Amsterdam", "nl", {"street": "Damrak 1", "postcode": "1012 LG", "city": "Amsterdam"}),
    ("Av. Paulista, 1578, São Paulo - SP, 01310-200", "pt_BR", {"street": "Av. Paulista, 1578", "postcode": "01310-200", "city": "São Paulo", "region": "SP"}),
    ("广东省深圳市南山区科技园路1号，518057", None, {"street": "科技园路1号", "postcode": "518057", "city": "深圳市南山区", "region": "广东省", "country": "CN"}),
    ("〒100-0001 東京都千代田区千代田1-1", None, {"street": "千代田1-1", "postcode": "100-0001", "city": "千代田区", "region": "東京都", "country": "JP"}),
    ("경기도 성남시 분당구 판교역로 235, 13494", None, {"street": "판교역로 235", "postcode": "13494", "city": "성남시 분당구", "region": "경기도", "country": "KR"}),
]  # fmt: skip
IN_TEXTS = [
    ("Our office is at Musterstraße 5, 10115 Berlin. It opened in 2020.", "Musterstraße 5, 10115, Berlin"),
    ("Wir sind in der Hauptstr. 12a, 80331 München, Deutschland, zu finden.", "Hauptstr. 12a, 80331, München, DE"),
    ("Send it to 123 Main St, Springfield, IL 62704 by May 5, 2024.", "123 Main St, 62704, Springfield, IL"),
    ("Contact us: 12 rue de la Paix, 75002 Paris, France", "12 rue de la Paix, 75002, Paris, FR"),
    ("公司位于北京市朝阳区建国路88号，电话010-65529988", "建国路88号, 北京市朝阳区, CN"), ("本社は大阪府大阪市北区梅田3丁目1番3号です", "梅田3丁目1番3号, 大阪市北区, 大阪府, JP"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "locale", "parts"), ADDRESSES, ids=[words for words, _, _ in ADDRESSES])
def test_an_address_is_read_in_its_parts(words: str, locale: str | None, parts: dict[str, str]) -> None:
    reading = Address.from_text(words, locale=locale)
    assert reading.value is not None
    assert reading.value.model_dump(exclude_none=True) == parts
    assert not reading.doubts


@pytest.mark.parametrize(("text", "address"), IN_TEXTS, ids=[address for _, address in IN_TEXTS])
def test_an_address_is_found_in_a_text(text: str, address: str) -> None:
    (reading,) = Address.find_all(text)
    assert str(reading.value) == address
    assert not reading.doubts


@pytest.mark.parametrize(
    "words",
    ["Acme GmbH, Musterstr. 5, 10115 Berlin", "3 Rose Court, 12 High Street, London", "杭州市西湖区文三路478号"],
)
def test_a_part_that_may_be_another_is_doubted(words: str) -> None:
    reading = Address.from_text(words)
    assert reading.value is not None
    assert [doubt.code for doubt in reading.doubts] == ["ambiguous"]


@pytest.mark.parametrize(
    "text", ["Berlin", "In 2020, 5 people came", "no address", "On 3 May 2024, 1500 people met", "12, 13, 14", ""]
)
def test_what_is_no_address_has_no_value_for_certain(text: str) -> None:
    assert Address.from_text(text).value is None
    assert not [reading for reading in Address.find_all(text) if not reading.doubts]


def test_a_house_number_of_four_digits_is_no_postcode() -> None:
    value = Address.from_text("1600 Pennsylvania Avenue, Washington").value
    assert value == Address(street="1600 Pennsylvania Avenue", city="Washington")


def test_an_address_is_a_field_in_words_or_in_parts() -> None:
    class Company(BaseModel):
        seat: Address

    words: Any = {"seat": "Musterstraße 5, 10115 Berlin"}
    company = Company.model_validate(words)
    assert Company.model_validate_json(company.model_dump_json()) == company
    with pytest.raises(ValueError, match="may be a name"):
        Company.model_validate({"seat": "Acme GmbH, Musterstr. 5, 10115 Berlin"})


@pytest.mark.parametrize(
    "text", ["12 Main, " * 5_000, "北京市" * 5_000, "A" * 40_000, "Main St " * 5_000, "1, " * 10_000]
)
def test_a_long_text_is_no_burden(text: str) -> None:
    assert [reading for reading in Address.find_all(text) if not reading.doubts] == []


def test_a_street_begins_behind_the_words_of_the_sentence() -> None:
    for text, street in [
        ("Die Wohnung in der Lindenallee 14a, 04277 Leipzig", "Lindenallee 14a"),
        ("An der Alster 3, 20099 Hamburg", "An der Alster 3"),
    ]:
        assert [each.value and each.value.street for each in Address.find_all(text)] == [street]
