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
    ("电话（021）62791234", "zh_CN", "+862162791234"), ("電話０３－３５８１－５１１１（代表）", "ja", "+81335815111"),
    ("휴대폰 010-2345-6789번으로", "ko", "+821023456789"), ("+33 (0)4 72 10 30 30", None, "+33472103030"),
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


DOUBTED = [
    ("01 23 45 67 89", None, "0123456789", "no_country"),  # of which country, nothing says
    ("0551 1234567", "en_US", "05511234567", "unassigned_number"),  # none in the locale's country
    ("+420 123 456 789", None, "+420123456789", "unassigned_number"),
    ("971 56 123 4567", "en_US", "+971561234567", "assumed_country"),  # a number but for its plus sign
    ("0044 07700 900873", None, "+4407700900873", "unassigned_number"),
    ("0044 020 7031 3000", None, "+442070313000", "trunk_prefix"),
    ("(202) 456-1111 ext. 42", "en_US", "+12024561111", "extension"), ("03-3581-5111 内線42", "ja", "+81335815111", "extension"),
    ("021 6279 1234 99", "zh", "+862162791234", "unread_words"),  # more digits than a number has
    ("+49 (30) 901820 / 821", None, "+4930901820821", "unread_words"),  # two numbers
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "locale", "number", "issue"), DOUBTED, ids=[f"{words} {locale}" for words, locale, _, _ in DOUBTED]
)
def test_a_number_of_which_something_is_unsure_keeps_its_digits_and_is_doubted(
    words: str, locale: str | None, number: str, *, issue: str
) -> None:
    reading = Phone.from_text(words, locale=locale)
    assert reading.value == number
    assert [doubt.code for doubt in reading.doubts] == [issue]


IN_TEXTS: list[tuple[type[Email | Url | Phone], str | None, str, list[str]]] = [
    (Email, None, "请发送简历至hr@example.com.cn，谢谢", ["hr@example.com.cn"]), (Email, None, "ご質問はinfo@example.co.jpまで", ["info@example.co.jp"]),
    (Email, None, "이메일은press@example.kr입니다", ["press@example.kr"]), (Email, None, "почта: иван@пример.рф", ["иван@пример.рф"]),
    (Email, None, "a@b.com,c@d.org;e@f.net", ["a@b.com", "c@d.org", "e@f.net"]), (Email, None, "o'brien@example.ie wrote", ["o'brien@example.ie"]),
    (Email, None, "联系info [at] example [dot] com即可", ["info@example.com"]), (Email, None, "Sent from a@b.com.It is", ["a@b.com"]),
    (Url, None, "详情请访问www.example.com.cn或致电", ["www.example.com.cn"]), (Url, None, "https://example.jp/a?id=5をご覧", ["https://example.jp/a?id=5"]),
    (Url, None, "홈페이지(http://www.example.co.kr)에서", ["http://www.example.co.kr"]), (Url, None, "주소는example.kr입니다", ["example.kr"]),
    (Url, None, "see [docs](https://example.com/a_(b)) now", ["https://example.com/a_(b)"]), (Url, None, "at shop.example.com.sa/", ["shop.example.com.sa/"]),
    (Url, None, "on example.com:8080/path today", ["example.com:8080/path"]),
    (Phone, "zh_CN", "客服热线：400-810-8888，手机13912345678。", ["+864008108888", "+8613912345678"]),
    (Phone, None, "本社：+81-3-3581-5111、大阪：+81-6-6208-8181", ["+81335815111", "+81662088181"]),
    (Phone, "es", "Llame al 91 338 52 00 o al 600 123 456.", ["+34913385200", "+34600123456"]),
    (Phone, "zh", "手机13604779660 13604770960", ["+8613604779660", "+8613604770960"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "locale", "text", "values"), IN_TEXTS, ids=[text for _, _, text, _ in IN_TEXTS])
def test_an_address_ends_where_the_letters_of_another_script_begin(
    kind: type[Email | Url | Phone], locale: str | None, text: str, *, values: list[str]
) -> None:
    found = kind.find_all(text, locale=locale)
    assert [reading.value for reading in found] == values
    assert not any(reading.doubts for reading in found)


@pytest.mark.parametrize(
    ("text", "value"),
    [("详见https://x.org/了解更多", "https://x.org/了解更多"), ("https://x.org/をご覧", "https://x.org/")],
)
def test_where_a_web_address_may_end_in_two_places_both_are_candidates(text: str, value: str) -> None:
    (reading,) = Url.find_all(text)
    assert reading.value == value
    assert [doubt.code for doubt in reading.doubts] == ["ambiguous"]
    assert "https://x.org/" in reading.candidates


def test_a_host_alone_may_have_any_country_s_domain() -> None:
    assert Url.from_text("27.pm").value == "27.pm"
    assert not Url.from_text("27.pm").doubts
    assert Url.find_all("at 27.pm") == []
    assert Url.from_text("readme.md").doubts


@pytest.mark.parametrize(
    ("text", "locale"),
    [("Kontonummer 0532013000", "de_DE"), ("Invoice 2024-000123 of May", "en_US"), ("order 2125551234", "en_US")],
)
def test_digits_alone_in_a_text_are_no_telephone_number_for_certain(text: str, locale: str) -> None:
    assert all(reading.doubts for reading in Phone.find_all(text, locale=locale))


@pytest.mark.parametrize(
    "text",
    [
        "12.05.2024",
        "2024-05-12",
        "1 234 567 890",
        "3.2 billion",
        "192.168.0.1",
        "ISBN 978-3-16",
        "1,234,567",
        "version 2.10.345.6789",
        "GST 001531760640",
        "2010-2015",
    ],
)
def test_dates_and_amounts_are_no_telephone_numbers(text: str) -> None:
    assert Phone.find_all(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "a @ b",
        "version 1.2.3",
        "at 3.2 billion",
        "e.g. this",
        "foo@bar",
        "www.",
        "a..b@example.com",
        "user@under_score.com",
        "The end.In 2020 it was done.So it is.",
        "http://#",
        "http://362",
    ],
)
def test_what_only_looks_like_an_address_is_none(text: str) -> None:
    assert Email.find_all(text) == []
    assert Url.find_all(text) == []


def test_digits_that_are_said_to_be_a_telephone_number_are_one_although_it_does_not_exist() -> None:
    text = "My phone number is 07453 372 351, extension 12."
    assert [(r.value, [d.code for d in r.doubts]) for r in Phone.find_all(text, locale="en_US")] == [
        ("07453372351", ["unassigned_number", "extension"])
    ]
    assert Phone.find_all("The part number is 07453 372 351.", locale="en_US") == []
