"""Currencies and languages by their names."""

from __future__ import annotations

import pytest

from llmx.types import CurrencyCode, LanguageCode

CURRENCIES = [
    ("€", "EUR"), ("RMB", "CNY"), ("Hong Kong dollars", "HKD"), ("HK$300 million", "HKD"), ("euros", "EUR"), ("美元", "USD"), ("in USD", "USD"),
    ("50 Mio. Euro", "EUR"), ("Schweizer Franken", "CHF"), ("dollars canadiens", "CAD"), ("元", "CNY"), ("円", "JPY"), ("원", "KRW"),
    ("R$", "BRL"), ("yuanes", "CNY"), ("pounds sterling", "GBP"),
]  # fmt: skip
LANGUAGES = [
    ("in Spanish", "es"), ("English", "en"), ("anglais", "en"), ("Deutsch", "de"), ("italiano", "it"), ("français", "fr"), ("Portuguese", "pt"),
    ("日本語", "ja"), ("中文", "zh"), ("英語", "en"), ("한국어", "ko"), ("영어", "en"), ("Mandarin", "zh"), ("Nederlands", "nl"), ("fr", "fr"),
    ("englisch", "en"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "code"), CURRENCIES, ids=[words for words, _ in CURRENCIES])
def test_a_currency_is_known_by_sign_code_and_name(words: str, code: str) -> None:
    reading = CurrencyCode.from_text(words)
    assert reading.value == code
    assert not reading.issues


@pytest.mark.parametrize(
    ("words", "issue"), [("kr", "ambiguous_currency"), ("pesos", "ambiguous_currency"), ("$", "assumed_currency")]
)
def test_a_shared_name_gives_candidates(words: str, issue: str) -> None:
    reading = CurrencyCode.from_text(words)
    assert len(reading.candidates) > 1
    assert [issue.code for issue in reading.issues] == [issue]


@pytest.mark.parametrize("words", ["no", "ALL the TOP people", "", "12"])
def test_common_words_are_no_currency(words: str) -> None:
    assert CurrencyCode.from_text(words).value is None


@pytest.mark.parametrize(("words", "code"), LANGUAGES, ids=[words for words, _ in LANGUAGES])
def test_a_language_is_known_by_its_name_in_the_ten_languages(words: str, code: str) -> None:
    reading = LanguageCode.from_text(words)
    assert reading.value == code
    assert not reading.issues


def test_two_languages_are_candidates() -> None:
    assert LanguageCode.from_text("in English and French").candidates == ("en", "fr")


@pytest.mark.parametrize("text", ["it is so", "van de man", "12 plants", "even or not"])
def test_common_words_are_no_language(text: str) -> None:
    assert LanguageCode.find_all(text) == []
