"""Dates that count from another one have a value only where that one is known, and say what was counted."""

from __future__ import annotations

from datetime import date

import pytest

from llmx.types import DateRange, PartialDate

MONDAY = date(2024, 6, 3)
COUNTED = {
    "three days ago": "2024-05-31", "2 weeks ago": "2024-05-20", "il y a deux mois": "2024-04", "vor drei Tagen": "2024-05-31", "hace dos años": "2022",
    "há 3 dias": "2024-05-31", "due mesi fa": "2024-04", "twee maanden geleden": "2024-04", "两个月前": "2024-04", "三天后": "2024-06-06", "3日前": "2024-05-31",
    "2개월 전": "2024-04", "two days before yesterday": "2024-05-31", "twee dagen na vandaag": "2024-06-05", "昨日の2日前": "2024-05-31",
    "今天之后三天": "2024-06-06", "dans trois jours": "2024-06-06", "last Friday": "2024-05-31", "vendredi dernier": "2024-05-31",
    "letzten Freitag": "2024-05-31", "el viernes pasado": "2024-05-31", "上周五": "2024-05-31", "先週の金曜日": "2024-05-31", "지난주 금요일": "2024-05-31",
}  # fmt: skip
ALONE = {
    "2 weeks before 13 May 1999": "1999-04-29", "due giorni dopo il 4 maggio 2023": "2023-05-06", "one month after January 31, 2023": "2023-02-28",
    "Christmas 2020": "2020-12-25", "Heiligabend": "--12-24", "2021年元旦": "2021-01-01",
}  # fmt: skip


@pytest.mark.parametrize(("words", "iso"), COUNTED.items(), ids=COUNTED)
def test_a_date_counts_from_the_date_of_the_document_and_has_no_value_without_it(words: str, iso: str) -> None:
    counted = PartialDate.from_text(words, reference=MONDAY)
    assert str(counted.value) == iso
    assert "relative" in {issue.code for issue in counted.issues}
    assert not counted.doubts
    alone = PartialDate.from_text(words)
    assert alone.value is None
    assert [issue.code for issue in alone.issues] == ["needs_reference"]


@pytest.mark.parametrize(("words", "iso"), ALONE.items(), ids=ALONE)
def test_a_date_that_the_words_count_themselves_needs_no_other(words: str, iso: str) -> None:
    reading = PartialDate.from_text(words)
    assert (str(reading.value), reading.doubts) == (iso, ())


def test_next_friday_is_this_weeks_or_the_next_ones() -> None:
    reading = PartialDate.from_text("next Friday", reference=MONDAY)
    assert reading.value is None
    assert [str(day) for day in reading.candidates] == ["2024-06-07", "2024-06-14"]


@pytest.mark.parametrize(
    "words", ["in two weeks since the year 2011", "2 years 1 month 21 days later", "in 2 years", "오늘 이후로 이틀", "en dos años desde 2011"]
)  # fmt: skip
def test_a_distance_that_is_not_counted_leaves_a_doubt(words: str) -> None:
    assert PartialDate.from_text(words, reference=MONDAY).doubts


def test_a_length_of_time_that_leads_to_no_date_leaves_none() -> None:
    assert not PartialDate.from_text("the agreement of 12 May 2024 for two years").doubts


def test_a_week_and_a_quarter_count_from_the_date_of_the_document() -> None:
    weeks = {
        words: str(DateRange.from_text(words, reference=MONDAY).value)
        for words in ("last week", "上周", "next quarter")
    }
    assert weeks == {
        "last week": "2024-05-27/2024-06-02",
        "上周": "2024-05-27/2024-06-02",
        "next quarter": "2024-07-01/2024-09-30",
    }
    assert [issue.code for issue in DateRange.from_text("last week").issues] == ["needs_reference"]


@pytest.mark.parametrize("words", ["since the end of 1989", "end of 1989", "Ab Ende 1989", "今月初め"])
def test_a_period_that_is_meant_in_part_is_doubted(words: str) -> None:
    assert DateRange.from_text(words, reference=MONDAY).doubts
    assert not DateRange.from_text("until the end of 1989").doubts
