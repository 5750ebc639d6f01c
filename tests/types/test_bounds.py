"""Words that open a side of a date or bound a number: none of them is lost beside a value that stands alone."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest

from llmx.types import (
    DateRange,
    Duration,
    Money,
    Number,
    PartialDate,
    PartialDateTime,
    Percent,
    PercentRange,
    Quantity,
    reader_for,
)

OPENED = {
    "en_US": (["since {}", "until {}", "before {}", "after {}", "by {}", "no later than {}", "not before {}", "from {} on", "prior to {}", "through {}", "{} or later", "{} at the latest", "following {}"], ["2010", "May 12, 2024", "May 2024"]),
    "de": (["seit {}", "bis {}", "vor {}", "nach {}", "ab {}", "spätestens am {}", "frühestens {}", "nicht vor {}", "bis einschließlich {}", "{} oder später"], ["2010", "12. Mai 2024", "Mai 2024"]),
    "fr": (["depuis {}", "jusqu'au {}", "avant {}", "après {}", "à partir du {}", "au plus tard le {}", "d'ici {}", "pas avant {}", "au-delà de {}", "{} au plus tard"], ["2010", "12 mai 2024", "mai 2024"]),
    "es": (["desde {}", "hasta {}", "antes de {}", "después de {}", "a partir del {}", "a más tardar {}", "no antes del {}", "con anterioridad al {}", "{} en adelante"], ["2010", "12 de mayo de 2024", "mayo de 2024"]),
    "pt": (["desde {}", "até {}", "antes de {}", "depois de {}", "após {}", "a partir de {}", "não antes de {}", "até ao dia {}", "{} em diante"], ["2010", "12 de maio de 2024", "maio de 2024"]),
    "it": (["dal {}", "fino al {}", "sino al {}", "prima del {}", "dopo {}", "entro il {}", "non prima del {}", "entro e non oltre il {}", "sin dal {}", "dal {} in poi"], ["2010", "12 maggio 2024", "maggio 2024"]),
    "nl": (["sinds {}", "tot {}", "vóór {}", "na {}", "vanaf {}", "uiterlijk {}", "met ingang van {}", "niet eerder dan {}", "tot en met {}"], ["2010", "12 mei 2024", "mei 2024"]),
    "zh": (["自{}起", "从{}开始", "{}以来", "{}之前", "{}以后", "截至{}", "不晚于{}", "不早于{}", "{}至今", "{}底前", "至{}止"], ["2010年", "2024年5月12日", "2024年5月"]),
    "ja": (["{}から", "{}まで", "{}以降", "{}以前", "{}より前", "{}より後", "遅くとも{}", "早くとも{}", "{}までに", "{}を過ぎて"], ["2010年", "2024年5月12日", "2024年5月"]),
    "ko": (["{}부터", "{}까지", "{} 이전", "{} 이후", "늦어도 {}", "빨라야 {}", "{} 말까지"], ["2010년", "2024년 5월 12일", "2024년 5월"]),
}  # fmt: skip


@pytest.mark.parametrize("locale", OPENED)
def test_no_single_date_silently_takes_one_end_of_a_period(locale: str) -> None:
    full = reader_for(date)
    assert full is not None
    types: list[Any] = [PartialDate, PartialDateTime, full]
    for (words, stated), kind in itertools.product(itertools.product(*OPENED[locale]), types):
        reading = kind.from_text(words.format(stated), locale=locale)
        assert reading.value is None or reading.doubts, (words.format(stated), reading)


@pytest.mark.parametrize("locale", OPENED)
def test_a_period_that_is_open_is_not_read_as_the_date_alone(locale: str) -> None:
    for words, stated in itertools.product(*OPENED[locale]):
        reading = DateRange.from_text(words.format(stated), locale=locale)
        value = reading.value
        assert value is None or reading.doubts or None in {value.start, value.end}, (words.format(stated), reading)


def test_not_before_a_date_begins_a_period() -> None:
    for words in (
        "not before 2010",
        "nicht vor 2010",
        "pas avant 2010",
        "no antes del 2010",
        "non prima del 2010",
        "不早于2010年",
    ):
        assert str(DateRange.from_text(words).value) == "2010/..", words


def test_figures_as_of_a_date_state_that_date() -> None:
    assert not PartialDate.from_text("as of December 31, 2023").doubts


BOUNDED = {
    "en_US": (["up to {}", "at least {}", "in excess of {}", "not to exceed {}", "as much as {}", "within {}", "{} or more", "{} at most", "{} max", ">= {}", "≤ {}"], ["500", "$5 million", "500 km", "20 %", "5 years"]),
    "de": (["bis zu {}", "mindestens {}", "höchstens {}", "größer als {}", "nicht höher als {}", "bis {}", "{} oder mehr", "{} maximal"], ["500", "5 Mio. Euro", "500 km", "20 %", "5 Jahre"]),
    "fr": (["jusqu'à {}", "au moins {}", "plafonné à {}", "au-dessus de {}", "supérieur ou égal à {}", "{} ou plus", "{} au maximum"], ["500", "5 millions d'euros", "500 km", "20 %", "5 ans"]),
    "es": (["hasta {}", "al menos {}", "mayor que {}", "por encima de {}", "máx. {}", "{} o más", "{} como máximo"], ["500", "5 millones de euros", "500 km", "20 %", "5 años"]),
    "pt": (["até {}", "pelo menos {}", "maior que {}", "máx. {}", "{} ou mais", "{} no máximo"], ["500", "R$ 5 milhões", "500 km", "20 %", "5 anos"]),
    "it": (["fino a {}", "almeno {}", "al di sopra di {}", "entro {}", "{} o più", "{} al massimo"], ["500", "5 milioni di euro", "500 km", "20 %", "5 anni"]),
    "nl": (["tot {}", "minstens {}", "boven {}", "groter dan {}", "tot en met {}", "{} of meer"], ["500", "5 miljoen euro", "500 km", "20 %", "5 jaar"]),
    "zh": (["至少{}", "不超过{}", "低于{}", "高于{}", "不小于{}", "{}以上", "{}以内", "{}及以上"], ["500", "500万元", "500公里", "20%", "5年"]),
    "ja": (["少なくとも{}", "多くとも{}", "{}以上", "{}未満", "{}を超える", "{}を下回る", "{}まで"], ["500", "500万円", "500キロ", "20%", "5年"]),
    "ko": (["최소 {}", "최대 {}", "{} 이상", "{} 미만", "{} 초과", "{}까지", "{}을 넘는"], ["500", "500만원", "500킬로미터", "20%", "5년"]),
}  # fmt: skip


@pytest.mark.parametrize("locale", BOUNDED)
def test_what_bounds_a_number_is_told_beside_its_value(locale: str) -> None:
    words, stated = BOUNDED[locale]
    kinds: list[Any] = [Number, Money, Quantity, Percent, Duration]
    for each, (kind, what) in itertools.product(words, zip(kinds, stated, strict=True)):
        reading = kind.from_text(each.format(what), locale=locale)
        told = {issue.code for issue in reading.issues}
        assert reading.value is None or reading.doubts or told & {"lower_bound", "upper_bound"}, (
            each.format(what),
            reading,
        )


@pytest.mark.parametrize(
    "words",
    ["double 500", "twice 500 km", "not 500", "every 500 km", "non-500", "le double de 500", "el doble de 500", "500の半分", "毎500"],
)  # fmt: skip
def test_a_multiple_or_a_denial_of_a_number_leaves_a_doubt(words: str) -> None:
    reading = Quantity.from_text(words)
    assert reading.value is None or reading.doubts


def test_a_bound_that_is_denied_is_the_other_one() -> None:
    for words in (
        "no superior a 5 %",
        "non supérieur à 5 %",
        "nicht höher als 5 %",
        "不高于5%",
        "not above 5 %",
        "non superiore a 5 %",
    ):
        assert str(PercentRange.from_text(words).value) == "..5", words
    for words in (
        "no inferior a 5 %",
        "non inférieur à 5 %",
        "nicht kleiner als 5 %",
        "不小于5%",
        "not below 5 %",
        "niet lager dan 5 %",
    ):
        assert str(PercentRange.from_text(words).value) == "5..", words


def test_a_word_that_bounds_a_quantity_is_no_part_of_its_unit() -> None:
    for words in ("500 km max", "500 km maximal", "500 km como máximo", "500 km minimo"):
        assert str(Quantity.from_text(words).value) == "500 km", words


def test_a_score_a_rate_a_tolerance_and_a_multiple_leave_a_doubt() -> None:
    assert Number.from_text("0-0").doubts
    assert Number.from_text("1-in-500").doubts
    assert Percent.from_text("±2 %").doubts
    assert Quantity.from_text("500mg x 2").doubts


@pytest.mark.parametrize("words", ["Mon 3 – Fri 7 June 2024", "du lundi 3 au vendredi 7 juin 2024", "3 June (Mon) – 7"])
def test_a_day_that_another_one_leads_to_is_not_read_alone(words: str) -> None:
    assert PartialDate.from_text(words).doubts
    assert DateRange.from_text(words).doubts


def test_a_weekday_in_brackets_does_not_end_a_period() -> None:
    for words in ("6月3日(月)〜7日(金)", "6월 3일(월)~7일(금)", "6月3日（周一）至6月7日（周五）"):
        assert str(DateRange.from_text(words).value) == "--06-03/--06-07", words


def test_days_within_which_something_is_done_are_a_length_of_time() -> None:
    assert [
        Duration.from_text(words, locale=words_of).value
        for words, words_of in (("15일 이내", "ko"), ("十五日内", "zh"))
    ] == ["P15D"] * 2
