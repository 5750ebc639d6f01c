"""Addresses are taken as they are written, and only real telephone numbers count."""

from __future__ import annotations

import pytest

from llmx.types import Email, Phone, Url

EMAILS = [
    ("write to a.b+c@x.org.", "a.b+c@x.org"), ("Info@Example.COM", "Info@example.com"), ("<press@foo.co.uk>", "press@foo.co.uk"),
    ("press [at] foo [dot] com", "press@foo.com"), ("mailto:x_y@foo-bar.de", "x_y@foo-bar.de"), ("邮箱：sales@chery.cn。", "sales@chery.cn"),
]  # fmt: skip
URLS = [
    ("see https://example.com/a?b=1.", "https://example.com/a?b=1"), ("(https://en.wikipedia.org/wiki/A_(b))", "https://en.wikipedia.org/wiki/A_(b)"),
    ("www.foo.de/ueber,", "www.foo.de/ueber"), ("on example.com today", "example.com"), ("网址：https://chery.cn/新闻，欢迎", "https://chery.cn/新闻"),
    ("http://localhost:8080/x", "http://localhost:8080/x"), ("“https://a.b/c”", "https://a.b/c"),
]  # fmt: skip
PHONES = [
    ("+33 1 23 45 67 89", None, "+33123456789"), ("+1 (650) 253-0000", None, "+16502530000"), ("0049 30 12345678", None, "+493012345678"),
    ("01 23 45 67 89", "fr", "+33123456789"), ("01 23 45 67 89", "fr_FR", "+33123456789"), ("tel. +86 10 6552 9988", None, "+861065529988"),
    ("(650) 253-0000", "en_US", "+16502530000"), ("+44 20 7031 3000", "de", "+442070313000"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "address"), EMAILS, ids=[words for words, _ in EMAILS])
def test_an_email_address_keeps_its_user_part(words: str, address: str) -> None:
    assert Email.from_text(words).value == address


@pytest.mark.parametrize(("words", "address"), URLS, ids=[words for words, _ in URLS])
def test_a_web_address_ends_where_the_sentence_goes_on(words: str, address: str) -> None:
    reading = Url.from_text(words)
    assert reading.value == address
    assert reading.words == words[reading.start : reading.end] == address


@pytest.mark.parametrize(
    ("words", "locale", "number"), PHONES, ids=[f"{words} {locale}" for words, locale, _ in PHONES]
)
def test_a_telephone_number_is_in_the_form_of_e164(words: str, locale: str | None, number: str) -> None:
    assert Phone.from_text(words, locale=locale).value == number


def test_a_national_number_without_a_country_has_no_value_and_says_so() -> None:
    reading = Phone.from_text("01 23 45 67 89")
    assert reading.value is None
    assert [issue.code for issue in reading.issues] == ["no_country"]


@pytest.mark.parametrize(
    "text", ["12.05.2024", "2024-05-12", "1 234 567 890", "3.2 billion", "192.168.0.1", "ISBN 978-3-16", "1,234,567"]
)
def test_dates_and_amounts_are_no_telephone_numbers(text: str) -> None:
    assert Phone.find_all(text) == []


@pytest.mark.parametrize("text", ["a @ b", "version 1.2.3", "at 3.2 billion", "e.g. this", "foo@bar", "www."])
def test_what_only_looks_like_an_address_is_none(text: str) -> None:
    assert Email.find_all(text) == []
    assert Url.find_all(text) == []
