"""Periods have a start and an end, each as exact as the words."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import BaseModel

from llmx.types import DateRange

CASES = [
    ("from 2024 to 2027", "2024/2027"), ("2024-2027", "2024/2027"), ("2024–27", "2024/2027"), ("between 2024 and 2027", "2024/2027"),
    ("von 2023 bis 2025", "2023/2025"), ("de 2024 à 2027", "2024/2027"), ("de 2024 a 2027", "2024/2027"), ("2023年至2025年", "2023/2025"),
    ("Q3 2024", "2024-07/2024-09"), ("T3 2024", "2024-07/2024-09"), ("3. Quartal 2024", "2024-07/2024-09"),
    ("troisième trimestre 2024", "2024-07/2024-09"), ("2024年第三季度", "2024-07/2024-09"), ("2025년 3분기", "2025-07/2025-09"),
    ("first half of 2025", "2025-01/2025-06"), ("H2 2025", "2025-07/2025-12"), ("2025年上半年", "2025-01/2025-06"),
    ("12-14 May 2024", "2024-05-12/2024-05-14"), ("1 to 5 June 2024", "2024-06-01/2024-06-05"), ("12 au 14 mai 2024", "2024-05-12/2024-05-14"),
    ("between May 2024 and June 2025", "2024-05/2025-06"), ("from May to June 2024", "2024-05/2024-06"), ("until 2030", "../2030"),
    ("d'ici 2030", "../2030"), ("bis 2030", "../2030"), ("since 2019", "2019/.."), ("seit 2019", "2019/.."), ("2024-05-12", "2024-05-12/2024-05-12"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "period"), CASES, ids=[words for words, _ in CASES])
def test_a_period_is_what_its_words_say(words: str, period: str) -> None:
    reading = DateRange.from_text(words)
    assert str(reading.value) == period
    assert not reading.doubts


OPEN = [
    ("2012 or later", "2012/.."), ("1 May 2016 and after", "2016-05-01/.."), ("no later than January 1, 2010", "../2010-01-01"),
    ("à partir du 7 janvier", "--01-07/.."), ("hasta mayo de 2020", "../2020-05"), ("fino al 2030", "../2030"), ("ab dem 3. März 2021", "2021-03-03/.."),
    ("2016年9月1日から", "2016-09-01/.."), ("2012年以降", "2012/.."), ("自2018年以来", "2018/.."), ("2010年1月4日或之前", "../2010-01-04"), ("2010년 이후", "2010/.."),
    ("2024 till June 2025", "2024/2025-06"), ("from Nov to March", "--11/--03"), ("juin-août 1992", "1992-06/1992-08"),
    ("28 December - 3 January 2024", "2023-12-28/2024-01-03"), ("Nov 18-Dec 19, 2015", "2015-11-18/2015-12-19"),
    ("26 June in 2019 to 28 June in 2020", "2019-06-26/2020-06-28"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "period"), OPEN, ids=[words for words, _ in OPEN])
def test_a_side_that_the_words_leave_open_is_open(words: str, period: str) -> None:
    reading = DateRange.from_text(words)
    assert str(reading.value) == period
    assert not reading.issues


@pytest.mark.parametrize(
    ("words", "period"),
    [("after May 2010", "2010-05/.."), ("vor 2019", "../2019"), ("después de 2018", "2018/.."), ("2015年前", "../2015"), ("2018年之后", "2018/..")],
)  # fmt: skip
def test_a_date_that_is_not_in_its_own_period_is_noted(words: str, period: str) -> None:
    reading = DateRange.from_text(words)
    assert (str(reading.value), [issue.code for issue in reading.issues]) == (period, ["exclusive"])
    assert not reading.doubts


def test_dutch_voor_opens_a_period_or_does_not() -> None:
    reading = DateRange.from_text("voor 2010")
    assert reading.value is None
    assert [str(period) for period in reading.candidates] == ["../2010", "2010/2010"]


@pytest.mark.parametrize(
    "words",
    [
        "between 2007 and the end of May 2008",
        "empienzando el 7 de enero",
        "the middle of March to May 2020",
    ],
)
def test_words_that_could_make_it_another_period_are_a_doubt(words: str) -> None:
    assert "unread_words" in {issue.code for issue in DateRange.from_text(words).doubts}


@pytest.mark.parametrize("words", ["2023年前三季度", "2023年前5个月"])
def test_the_first_months_of_a_year_are_not_the_time_before_it(words: str) -> None:
    value = DateRange.from_text(words).value
    assert value is None or value.start is not None


def test_a_period_is_read_by_its_length_and_a_part_of_a_year_without_one() -> None:
    said = {
        "the three-month period ended March 31, 2024": "2024-01-01/2024-03-31",
        "thirteen weeks ended September 30, 2023": "2023-07-02/2023-09-30",
        "l'exercice clos le 31 décembre 2023": "2023-01-01/2023-12-31",
        "ejercicio cerrado el 30 de junio de 2023": "2022-07-01/2023-06-30",
        "het boekjaar geëindigd op 31 december 2023": "2023-01-01/2023-12-31",
        "截至2023年12月31日止年度": "2023-01-01/2023-12-31",
        "2024年3月31日に終了した事業年度": "2023-04-01/2024-03-31",
        "die letzten drei Monate des Jahres 2022": "2022-10/2022-12",
        "2022년 첫 6개월": "2022-01/2022-06",
        "week commencing Monday 4 March 2019": "2019-03-04/2019-03-10",
        "Q2": "--04/--06",
        "das erste Halbjahr": "--01/--06",
        "2분기": "--04/--06",
    }
    assert {words: str(DateRange.from_text(words).value) for words in said} == said
    assert DateRange.from_text("last quarter").value is None


def test_words_that_a_period_leaves_out_are_a_doubt() -> None:
    for words in (
        "from May 5, 2021 for three months",
        "90 days from May 5, 2021",
        "2019-2021 and 2023",
        "Jan-Mar 2019 and 2020",
        "Q1 and Q3 2021",
        "three and six months ended June 30, 2024",
    ):
        assert DateRange.from_text(words).doubts, words


def test_a_period_gives_its_first_and_last_day() -> None:
    period = DateRange.from_text("Q3 2024").value
    assert period is not None
    assert (period.first, period.last) == (date(2024, 7, 1), date(2024, 9, 30))


@pytest.mark.parametrize("text", ["2027 to 2024", "May 12, 2024", "Q5 2024", "3-5 plants", "no period"])
def test_what_is_no_period_is_found_in_no_text(text: str) -> None:
    assert DateRange.find_all(text) == []


class Plan(BaseModel):
    runs: DateRange


def test_a_period_is_a_field_that_dumps_both_ends() -> None:
    plan = Plan.model_validate({"runs": "until 2030"})
    assert plan.model_dump_json() == '{"runs":{"start":null,"end":"2030"}}'
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


FORMS = [
    ("from 10/1 to 11/7", "en_US", "--10-01/--11-07"), ("from 5/1-5/7, 2020", "en_US", "2020-05-01/2020-05-07"), ("28/2-1/3", "de", "--02-28/--03-01"),
    ("van 1-10-2018-7-10-2018", "nl", "2018-10-01/2018-10-07"), ("2020/2/29-2020/3/1", "ja", "2020-02-29/2020-03-01"),
    ("2019-Q1", None, "2019-01/2019-03"), ("2019 H2", None, "2019-07/2019-12"), ("1st quarter of 2013", "en", "2013-01/2013-03"),
    ("1º trimestre 2020", "es", "2020-01/2020-03"), ("2018年の前半", "ja", "2018-01/2018-06"), ("二零一七年下半年", "zh", "2017-07/2017-12"),
    ("the 1990s", "en", "1990/1999"), ("les années 90", "fr", "1990/1999"), ("1990년대", "ko", "1990/1999"), ("cy 2008", "en", "2008/2008"),
    ("> = 2019", "en", "2019/.."), ("later dan 2020", "nl", "2020/.."), ("between 2007 and the end of 2008", "en", "2007/2008"),
    ("2015年和2018年之间", "zh", "2015/2018"), ("18年10月1日到19年2月3日", "zh", "2018-10-01/2019-02-03"), ("novembre 19-20", "fr", "--11-19/--11-20"),
    ("2023年4月〜2024年3月", "ja", "2023-04/2024-03"), ("2019-present", "en", "2019/.."), ("entre 30 Jul. y 30 Sept.", "es", "--07-30/--09-30"), ("april ninth through seventeenth", "en", "--04-09/--04-17"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "locale", "period"), FORMS, ids=[words for words, _, _ in FORMS])
def test_periods_in_digits_by_number_and_of_ten_years_are_read(words: str, locale: str | None, period: str) -> None:
    reading = DateRange.from_text(words, locale=locale)
    assert str(reading.value) == period
    assert not reading.doubts


def test_two_dates_in_digits_without_an_order_are_no_period() -> None:
    assert DateRange.from_text("from 5/1 to 5/7").value is None
