"""Sums of money are read with their currency, and an open currency is said to be open."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import BaseModel, ValidationError

from llmx.types import Money

SURE = [
    ("HK$300 million", 300000000, "HKD"),
    ("3.2 billion RMB", 3200000000, "CNY"),
    ("RMB 3.2 billion", 3200000000, "CNY"),
    ("RMB5000万", 50000000, "CNY"),
    ("3.2 billion yuan", 3200000000, "CNY"),
    ("32亿元", 3200000000, "CNY"),
    ("人民币32亿元", 3200000000, "CNY"),
    ("约10亿元人民币", 1000000000, "CNY"),
    ("3亿元港币", 300000000, "HKD"),
    ("1.5亿美元", 150000000, "USD"),
    ("1.5亿欧元", 150000000, "EUR"),
    ("1.2 100 million yuan", 120000000, "CNY"),
    ("45 One hundred million yuan", 4500000000, "CNY"),
    ("100億円", 10000000000, "JPY"),
    ("¥500万円", 5000000, "JPY"),
    ("500亿日元", 50000000000, "JPY"),
    ("₩1조 2000억", 1200000000000, "KRW"),
    ("1조 2000억 원", 1200000000000, "KRW"),
    ("20억 달러", 2000000000, "USD"),
    ("€50m", 50000000, "EUR"),
    ("EUR1.2bn", 1200000000, "EUR"),
    ("1,5 Mrd. €", 1500000000, "EUR"),
    ("50 Mio. Euro", 50000000, "EUR"),
    ("3 Mrd. US-Dollar", 3000000000, "USD"),
    ("5 Mio. Schweizer Franken", 5000000, "CHF"),
    ("CHF 5 Mio.", 5000000, "CHF"),
    ("1,2 milliard d’euros", 1200000000, "EUR"),
    ("3,2 Md€", 3200000000, "EUR"),
    ("5 M€", 5000000, "EUR"),
    ("150 k€", 150000, "EUR"),
    ("200 millions de dollars canadiens", 200000000, "CAD"),
    ("5 M$ CA", 5000000, "CAD"),
    ("2.000 millones de euros", 2000000000, "EUR"),
    ("20 mil millones de yuanes", 20000000000, "CNY"),
    ("USD 2.500 millones", 2500000000, "USD"),
    ("R$ 2 bilhões", 2000000000, "BRL"),
    ("R$ 300 mi", 300000000, "BRL"),
    ("1,5 milhão de reais", 1500000, "BRL"),
    ("1,2 miliardi di euro", 1200000000, "EUR"),
    ("€ 5 mld", 5000000000, "EUR"),
    ("euro 5 milioni", 5000000, "EUR"),
    ("15 miljoen euro", 15000000, "EUR"),
    ("€ 1.500,-", 1500, "EUR"),
    ("1.500 €", 1500, "EUR"),
    ("1.234,56 €", "1234.56", "EUR"),
    ("120 crore rupees", 1200000000, "INR"),
    ("Rs 1,250-crore", 12500000000, "INR"),
    ("₹ 5 lakh", 500000, "INR"),
    ("S$20 million", 20000000, "SGD"),
    ("NT$5 billion", 5000000000, "TWD"),
    ("C$5m", 5000000, "CAD"),
    ("A$3bn", 3000000000, "AUD"),
    ("US$ 1.2 billion", 1200000000, "USD"),
    ("2 billion Hong Kong dollars", 2000000000, "HKD"),
    ("£480 million", 480000000, "GBP"),
    ("SEK 500 million", 500000000, "SEK"),
    ("5 billion kronor", 5000000000, "SEK"),
    ("5 billion won", 5000000000, "KRW"),
]


@pytest.mark.parametrize(("words", "amount", "currency"), SURE, ids=[words for words, *_ in SURE])
def test_a_sum_is_its_amount_in_full_units_and_its_currency(words: str, amount: int | str, currency: str) -> None:
    reading = Money.from_text(words)
    assert reading.value == Money(amount=Decimal(amount), currency=currency)
    assert not reading.doubts
    assert reading.words == words[reading.start : reading.end]


@pytest.mark.parametrize(
    ("words", "value", "first_codes"),
    [("$50 million", "50000000 USD", ["USD", "AUD", "CAD"]), ("10 milliards de dollars", "10000000000 USD", ["USD", "AUD"]),
     ("half a million pounds", "500000 GBP", ["GBP", "EGP"]), ("Rs 500", "500 INR", ["INR", "PKR"])],
)  # fmt: skip
def test_a_shared_sign_takes_the_usual_currency_and_says_that_it_is_assumed(
    words: str, value: str, first_codes: list[str]
) -> None:
    reading = Money.from_text(words)
    assert str(reading.value) == value
    assert [c.currency for c in reading.candidates][: len(first_codes)] == first_codes
    assert [issue.code for issue in reading.issues] == ["assumed_currency"]


@pytest.mark.parametrize("words", ["500 kr", "kr 500 million", "500 million pesos", "¥500 million", "5 Mrd. Kronen"])
def test_a_sign_without_a_usual_currency_leaves_it_open(words: str) -> None:
    reading = Money.from_text(words)
    assert reading.value is not None
    assert reading.value.currency is None
    assert len(reading.candidates) > 1
    assert [issue.code for issue in reading.doubts] == ["ambiguous_currency"]


@pytest.mark.parametrize(
    ("words", "locale", "currency"),
    [("$5 million", "en_AU", "AUD"), ("25 M$", "fr_CA", "CAD"), ("800 millones de pesos", "es_MX", "MXN"),
     ("¥5亿", "zh", "CNY"), ("¥500", "ja", "JPY"), ("500 kr", "sv_SE", "SEK"), ("500 kr", "da", "DKK")],
)  # fmt: skip
def test_the_country_or_language_of_the_locale_settles_a_shared_sign(words: str, locale: str, currency: str) -> None:
    reading = Money.from_text(words, locale=locale)
    assert reading.value is not None
    assert reading.value.currency == currency
    assert not reading.doubts


@pytest.mark.parametrize(
    "words",
    ["several million yuan", "plusieurs millions de yuans", "des millions d'euros", "mehrere Millionen Euro", "数亿元", "上亿元",
     "plusieurs centaines de millions d’euros", "várias centenas de milhões de reais"],
)  # fmt: skip
def test_a_vague_sum_has_no_value(words: str) -> None:
    reading = Money.from_text(words)
    assert reading.value is None
    assert "vague" in [issue.code for issue in reading.issues]


@pytest.mark.parametrize(
    ("words", "ends"),
    [("€3-5 million", (3000000, 5000000)), ("3 to 5 million euros", (3000000, 5000000)), ("€3 bn to €5 bn", (3 * 10**9, 5 * 10**9)),
     ("between €3 and €5 million", (3000000, 5000000)), ("entre 3 et 5 millions d'euros", (3000000, 5000000))],
)  # fmt: skip
def test_a_range_of_sums_has_both_ends_as_candidates(words: str, ends: tuple[int, int]) -> None:
    reading = Money.from_text(words)
    assert reading.value is None
    assert tuple(candidate.amount for candidate in reading.candidates) == ends
    assert {candidate.currency for candidate in reading.candidates} == {"EUR"}
    assert "range" in [issue.code for issue in reading.issues]


def test_a_sum_repeated_in_another_currency_is_the_first() -> None:
    reading = Money.from_text("3.2 billion yuan ($450 million)")
    assert str(reading.value) == "3200000000 CNY"
    assert [issue.code for issue in reading.issues] == ["converted"]


def test_two_different_sums_are_candidates() -> None:
    reading = Money.from_text("€5 million for the plant and €3 million for the laboratory")
    assert reading.value is None
    assert [str(candidate) for candidate in reading.candidates] == ["5000000 EUR", "3000000 EUR"]


def test_a_number_without_a_currency_is_a_sum_with_an_issue_and_is_found_in_no_text() -> None:
    reading = Money.from_text("3.2 billion")
    assert str(reading.value) == "3200000000"
    assert [issue.code for issue in reading.issues] == ["no_currency"]
    assert Money.find_all("with 600 jobs in 2024 and 5 pounds of sugar, deux livres") == []


def test_sums_of_a_running_text_come_in_order_and_share_no_sign() -> None:
    text = "It cost 100 € 200 $ more; RMB 3.2 billion (about US$450 million) went to 500 kr."
    readings = Money.find_all(text)
    assert [str(reading.value) for reading in readings] == [
        "100 EUR",
        "200 USD",
        "3200000000 CNY",
        "450000000 USD",
        "500",
    ]
    assert [text[reading.start : reading.end] for reading in readings] == [reading.words for reading in readings]


class Deal(BaseModel):
    sum: Money | None


def test_money_is_a_field_that_takes_json_or_words_and_dumps_whole_amounts_as_integers() -> None:
    assert (
        Deal.model_validate({"sum": "HK$300 million"}).model_dump_json()
        == '{"sum":{"amount":300000000,"currency":"HKD"}}'
    )
    assert Deal.model_validate_json('{"sum":{"amount":1.5,"currency":"EUR"}}').model_dump(mode="json") == {
        "sum": {"amount": 1.5, "currency": "EUR"}
    }


def test_doubtful_words_are_refused_as_a_field_with_the_reason() -> None:
    with pytest.raises(ValidationError, match="does not say which currency"):
        Deal.model_validate({"sum": "$50 million"})
    with pytest.raises(ValidationError, match="no sum of money"):
        Deal.model_validate({"sum": "nothing"})


class Grant(Money):
    purpose: str = ""


def test_a_class_that_builds_on_money_reads_instances_of_itself() -> None:
    reading = Grant.from_text("€5 million")
    assert reading.value == Grant(amount=5000000, currency="EUR")
    assert [type(found.value) for found in Grant.find_all("€5 million")] == [Grant]


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("-$45.00", -45),
        ("$-45.00", -45),
        ("-€50", -50),
        ("€-50", -50),
        ("minus $5 million", -5_000_000),
        ("−£1,200", -1200),
    ],
)
def test_a_minus_on_either_side_of_the_sign_is_part_of_the_sum(words: str, amount: int) -> None:
    reading = Money.from_text(words)
    assert reading.value is not None
    assert (reading.value.amount, reading.words) == (amount, words)


CENTS = [
    ("3 dollars 50 cents", "3.5"), ("zwei Euro und fünfzig Cent", "2.5"), ("3 euros et 5 centimes", "3.05"), ("13 달러 45 센트", "13.45"),
    ("tredici euro e quarantacinque centesimi", "13.45"), ("5元3角", "5.3"), ("3 euros com 99 centavos", "3.99"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "amount"), CENTS, ids=[words for words, _ in CENTS])
def test_cents_are_part_of_the_sum_before_them(words: str, amount: str) -> None:
    reading = Money.from_text(words)
    assert reading.value is not None
    assert (str(reading.value.amount), reading.words) == (amount, words)


def test_a_number_behind_a_sum_that_may_be_its_cents_is_a_doubt() -> None:
    assert "unread_words" in {issue.code for issue in Money.from_text("15 euros and 50").doubts}
    assert not Money.from_text("5 euros in 20 days").doubts


MARKED = [
    ("CAD $100", "100 CAD"), ("US $100", "100 USD"), ("RM50.00", "50 MYR"), ("100 usd", "100 USD"), ("20.00\tEUR", "20 EUR"),
    ("5 million\nyuan", "5000000 CNY"), ("**5 million** euros", "5000000 EUR"), ("EUR **300**", "300 EUR"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "value"), MARKED, ids=[words for words, _ in MARKED])
def test_a_currency_is_found_across_a_break_and_beside_a_shared_sign(words: str, value: str) -> None:
    reading = Money.from_text(words)
    assert (str(reading.value), reading.doubts) == (value, ())


WRITTEN = [
    ("115USD", "115 USD"), ("100EUR", "100 EUR"), ("30 MUSD", "30000000 USD"), ("500 TEUR", "500000 EUR"), ("75 USD milhões", "75000000 USD"),
    ("einen Euro", "1 EUR"), ("十五美元", "15 USD"), ("十ドル", "10 USD"), ("千円", "1000 JPY"), ("1억 2천 5백만 원", "125000000 KRW"), ("五元三角", "5.3 CNY"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "value"), WRITTEN, ids=[words for words, _ in WRITTEN])
def test_a_sum_in_accountants_and_east_asian_writing_is_read(words: str, value: str) -> None:
    reading = Money.from_text(words)
    assert str(reading.value) == value
    assert not reading.doubts


@pytest.mark.parametrize(
    ("words", "locale", "amounts"),
    [
        ("15 dollars 50", "en", ["15.5", "15"]),
        ("vijf euro vijftig", "nl", ["5.5", "5"]),
        ("34 cents", "fr", ["34", "3400"]),
    ],
)
def test_what_may_be_cents_has_both_sums_as_candidates(words: str, locale: str, amounts: list[str]) -> None:
    reading = Money.from_text(words, locale=locale)
    assert list(dict.fromkeys(str(sum_.amount) for sum_ in reading.candidates)) == amounts
    assert reading.doubts


def test_a_sign_before_digits_is_theirs_and_not_that_of_a_word_before_it() -> None:
    for words, amount in [("Balance due $0.00", "0"), ("Total due $45.00", "45"), ("due EUR 1.2 million", "1200000")]:
        (reading,) = Money.find_all(words)
        assert (reading.value and str(reading.value.amount), reading.words) == (amount, words[words.find("due") + 4 :])
    assert [str(each.value) for text in ("due euro", "五元 50") for each in Money.find_all(text)] == [
        "2 EUR",
        "5.5 CNY",
    ]


def test_words_that_make_a_rate_of_a_sum_are_a_note() -> None:
    for words in (
        "5 EUR per kg",
        "$3.50/dozen",
        "12 € la pièce",
        "€50,000 per year",
        "5 EUR / 100 g",
        "300元/月",
        "12 EUR al mese",
    ):
        (reading,) = Money.find_all(words)
        assert "rate" in {issue.code for issue in reading.issues}, words
        assert "rate" not in {issue.code for issue in reading.doubts}
    for words in ("5 EUR", "10 € de frais", "5 EUR and 3 USD", "5 EUR/"):
        assert all("rate" not in {issue.code for issue in each.issues} for each in Money.find_all(words)), words
