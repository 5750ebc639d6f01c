"""Countries are read from names, adjectives and peoples; common words never name one."""

from __future__ import annotations

import pytest

from llmx.types import CountryCode

CASES = [
    ("German carmaker", "DE"), ("France", "FR"), ("france", "FR"), ("Chinese", "CN"), ("chinois", "CN"), ("chinesischer", "CN"),
    ("chino", "CN"), ("cinese", "CN"), ("中国", "CN"), ("중국의", "CN"), ("中", "CN"), ("Hong Kong", "HK"), ("Hong Kong, China", "HK"),
    ("香港", "HK"), ("UK", "GB"), ("U.S.", "US"), ("the US", "US"), ("USA", "US"), ("EE.UU.", "US"), ("Etats-Unis", "US"),
    ("entreprise américaine", "US"), ("Südkorea", "KR"), ("South Korean firm", "KR"), ("韩国", "KR"), ("République tchèque", "CZ"),
    ("the Netherlands", "NL"), ("Holland", "NL"), ("die Schweiz", "CH"), ("Schweizer Konzern", "CH"), ("l'Allemagne", "DE"),
    ("deutschen Autobauer", "DE"), ("azienda tedesca", "DE"), ("empresa alemã", "DE"), ("Duitse fabrikant", "DE"),
    ("ドイツの会社", "DE"), ("독일 자동차", "DE"), ("empresa española", "ES"), ("brasileira", "BR"), ("Türkiye", "TR"),
    ("China-based", "CN"), ("Japan's Toyota", "JP"), ("日本の会社", "JP"), ("UAE", "AE"), ("Saudi-Arabien", "SA"), ("VR China", "CN"),
    ("Côte d'Ivoire", "CI"), ("インドネシア", "ID"), ("インド", "IN"), ("인도네시아", "ID"), ("Singapour", "SG"), ("viêt nam", "VN"),
    ("タイの工場", "TH"), ("チリの鉱山", "CL"), ("マリ政府", "ML"), ("タイ", "TH"),
    ("CN", "CN"), ("DEU", "DE"), ("IT", "IT"), ("Jordan", "JO"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "code"), CASES, ids=[words for words, _ in CASES])
def test_a_country_is_known_by_its_name_its_adjective_and_its_people(words: str, code: str) -> None:
    reading = CountryCode.from_text(words)
    assert reading.value == code
    assert not reading.issues


@pytest.mark.parametrize(
    "text",
    ["it is in no way due", "contact us", "New Mexico plant", "South American markets", "Latin America", "Maurice Lévy",
     "Réunion du conseil", "人工智能", "中法", "polish the turkey and china", "CONTACT us today", "a chilly march", "de la so",
     "이란 무엇인가", "the Indian Ocean"],
)  # fmt: skip
def test_common_words_and_regions_name_no_country(text: str) -> None:
    assert CountryCode.find_all(text) == []


@pytest.mark.parametrize("text", ["ネクタイ", "タイムリーな対応", "チリソース", "マリ・クレール", "アスタリスク"])
def test_a_katakana_name_is_no_part_of_a_longer_word(text: str) -> None:
    assert CountryCode.find_all(text) == []


def test_katakana_countries_beside_a_middle_dot_are_each_one() -> None:
    assert [reading.value for reading in CountryCode.find_all("ドイツ・タイ・チリの三か国")] == ["DE", "TH", "CL"]
    assert [reading.value for reading in CountryCode.find_all("日本・タイ間の貿易")] == ["JP", "TH"]


@pytest.mark.parametrize("words", ["it", "in", "no", "us", "", "..."])
def test_small_words_are_no_codes(words: str) -> None:
    assert CountryCode.from_text(words).value is None


@pytest.mark.parametrize(
    ("words", "codes"), [("China and France", ("CN", "FR")), ("Georgia", ("GE", "US")), ("Congo", ("CG", "CD"))]
)
def test_two_countries_are_candidates(words: str, codes: tuple[str, ...]) -> None:
    reading = CountryCode.from_text(words)
    assert reading.value is None
    assert reading.candidates == codes
    assert len(reading.issues) == 1


def test_one_country_named_twice_is_one() -> None:
    assert CountryCode.from_text("China's largest Chinese carmaker").value == "CN"


def test_countries_of_a_running_text_come_in_order_with_their_places() -> None:
    text = "Hangzhou, China / France: Renault enters the Korean market; 法国雷诺集团, le constructeur chinois, US$5 million."
    readings = CountryCode.find_all(text)
    assert [reading.value for reading in readings] == ["CN", "FR", "KR", "FR", "CN"]
    assert [text[reading.start : reading.end] for reading in readings] == [
        "China",
        "France",
        "Korean",
        "法国",
        "chinois",
    ]
