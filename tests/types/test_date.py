"""Dates are read as exactly as the words say them; a year is never made up."""

from __future__ import annotations

from datetime import date

import pytest

from llmx.types import PartialDate

CASES = [
    ("2024-05-12", "2024-05-12"),
    ("2024-05-12T10:00:00Z", "2024-05-12"),
    ("2024-05", "2024-05"),
    ("2024", "2024"),
    ("--05-12", "--05-12"),
    ("--05", "--05"),
    ("20240512", "2024-05-12"),
    ("2024/5/12", "2024-05-12"),
    ("2021.6.3", "2021-06-03"),
    ("12.05.2024", "2024-05-12"),
    ("12.05.24", "2024-05-12"),
    ("12.5.", "--05-12"),
    ("13/04/2024", "2024-04-13"),
    ("04/13/2024", "2024-04-13"),
    ("05/05/2024", "2024-05-05"),
    # English
    ("May 12", "--05-12"),
    ("May 12, 2024", "2024-05-12"),
    ("12 May 2024", "2024-05-12"),
    ("Tuesday, 3 September 2024 at 10:00", "2024-09-03"),
    ("9th of June", "--06-09"),
    ("the 12th of May", "--05-12"),
    ("June 9th, 2023", "2023-06-09"),
    ("Sept. 5, 2022", "2022-09-05"),
    ("Dec. 2022", "2022-12"),
    ("10-Dec-2020", "2020-12-10"),
    ("ON December 23, GAC Group", "--12-23"),
    ("March", "--03"),
    ("in 2024", "2024"),
    # French, German
    ("Le 12 mai", "--05-12"),
    ("1er mars 2023", "2023-03-01"),
    ("le 3 août 2022", "2022-08-03"),
    ("29 février", "--02-29"),
    ("12. Mai", "--05-12"),
    ("am 5. Oktober 2021", "2021-10-05"),
    ("3. Jänner 2022", "2022-01-03"),
    # Spanish, Portuguese, Italian, Dutch
    ("3 de mayo de 2023", "2023-05-03"),
    ("12 de mayo del 2024", "2024-05-12"),
    ("1 de enero", "--01-01"),
    ("12 de maio de 2024", "2024-05-12"),
    ("5 maggio 2024", "2024-05-05"),
    ("1º dicembre 2023", "2023-12-01"),
    ("11 ott", "--10-11"),
    ("3 juni 2021", "2021-06-03"),
    ("12 mei 2024", "2024-05-12"),
    # Chinese, Japanese, Korean
    ("2024年5月12日", "2024-05-12"),
    ("5月12日", "--05-12"),
    ("5月12号", "--05-12"),
    ("2024年", "2024"),
    ("2024年5月", "2024-05"),
    ("二〇二四年五月十二日", "2024-05-12"),
    ("令和6年5月12日", "2024-05-12"),
    ("平成元年", "1989"),
    ("２０２４年１１月７日", "2024-11-07"),
    ("2024년 5월 12일", "2024-05-12"),
    ("5월 12일", "--05-12"),
    # machine translation
    ("8 month 9", "--08-09"),
    ("6 month 18 Japan", "--06-18"),
    ("2020 year 5 month 9 day", "2020-05-09"),
]


@pytest.mark.parametrize(("words", "iso"), CASES, ids=[words for words, _ in CASES])
def test_a_date_is_what_its_words_say_and_no_more(words: str, iso: str) -> None:
    reading = PartialDate.from_text(words)
    assert str(reading.value) == iso
    assert reading.words == words[reading.start : reading.end]
    assert not reading.issues


@pytest.mark.parametrize(
    ("words", "candidates"),
    [
        ("03/04/2024", ["2024-04-03", "2024-03-04"]),
        ("12/05/24", ["2024-05-12", "2024-12-05"]),
        ("01/02", ["--02-01", "--01-02"]),
        ("03-04-2024", ["2024-04-03", "2024-03-04"]),
    ],
)
def test_a_slashed_date_without_a_locale_has_two_candidates(words: str, candidates: list[str]) -> None:
    for locale in (None, "en"):
        reading = PartialDate.from_text(words, locale=locale)
        assert reading.value is None
        assert [str(candidate) for candidate in reading.candidates] == candidates
        assert [issue.code for issue in reading.issues] == ["ambiguous"]


@pytest.mark.parametrize(
    ("locale", "iso"), [("en_US", "2024-03-04"), ("en_GB", "2024-04-03"), ("fr", "2024-04-03"), ("pt-BR", "2024-04-03")]
)
def test_a_locale_decides_a_slashed_date(locale: str, iso: str) -> None:
    assert str(PartialDate.from_text("03/04/2024", locale=locale).value) == iso


@pytest.mark.parametrize(
    ("words", "iso"),
    [("yesterday", "2024-06-02"), ("hier", "2024-06-02"), ("gestern", "2024-06-02"), ("ayer", "2024-06-02"),
     ("昨日", "2024-06-02"), ("어제", "2024-06-02"), ("today", "2024-06-03"), ("oggi", "2024-06-03"), ("demain", "2024-06-04"),
     ("last year", "2023"), ("去年9月", "2023-09"), ("今年5月", "2024-05"), ("本月12日", "2024-06-12"), ("next month", "2024-07")],
)  # fmt: skip
def test_a_relative_date_counts_from_the_reference_and_has_no_value_without_one(words: str, iso: str) -> None:
    counted = PartialDate.from_text(words, reference=date(2024, 6, 3))
    assert str(counted.value) == iso
    assert counted.rule == "date.relative"
    assert not counted.doubts
    alone = PartialDate.from_text(words)
    assert alone.value is None
    assert [issue.code for issue in alone.issues] == ["needs_reference"]


def test_a_missing_year_stays_missing_and_the_reference_only_suggests_one() -> None:
    reading = PartialDate.from_text("signed on December 23", reference=date(2024, 1, 5))
    assert str(reading.value) == "--12-23"
    assert [str(candidate) for candidate in reading.candidates] == ["--12-23", "2023-12-23"]
    assert [issue.code for issue in reading.issues] == ["year_from_reference"]
    assert not reading.doubts


@pytest.mark.parametrize(
    ("words", "code"),
    [("Feb 30, 2024", "impossible_date"), ("2023年2月29日", "impossible_date"), ("31 november 2024", "impossible_date"),
     ("Q3 2024", "period"), ("third quarter of 2024", "period"), ("2024年第三季度", "period"), ("12-14 May 2024", "range"),
     ("12 au 14 mai 2024", "range"), ("no date", "not_found"), ("the company may sign", "not_found"), ("5 companies", "not_found"),
     ("May 12 or June 3", "several")],
)  # fmt: skip
def test_what_is_no_single_date_has_no_value_and_says_why(words: str, code: str) -> None:
    reading = PartialDate.from_text(words)
    assert reading.value is None
    assert [issue.code for issue in reading.issues] == [code]


def test_a_range_of_days_has_both_days_as_candidates() -> None:
    reading = PartialDate.from_text("12-14 May 2024")
    assert [str(candidate) for candidate in reading.candidates] == ["2024-05-12", "2024-05-14"]


def test_dates_of_a_running_text_come_in_order_with_their_places() -> None:
    text = "On 8 month 9 they met; Le 12 mai 2024 they signed (see 2024年6月1日). Since 2019, 5 months of talks, version 1.2.3."
    readings = PartialDate.find_all(text)
    assert [str(reading.value) for reading in readings] == ["--08-09", "2024-05-12", "2024-06-01", "2019"]
    assert [text[reading.start : reading.end] for reading in readings] == [reading.words for reading in readings]


@pytest.mark.parametrize(
    "text",
    ["1.2.3", "192.168.10.12", "it may 5 times", "the march of 20 men", "18 months", "5个月", "10年", "12日間", "3/4 of all",
     "2,024 people", "grew 2024%", "+49 30 123456", "set 12 goals", "out 5 of 10"],
)  # fmt: skip
def test_numbers_and_common_words_are_no_dates(text: str) -> None:
    assert PartialDate.find_all(text) == []


def test_order_is_told_only_where_it_is_certain() -> None:
    may, june, year = (PartialDate.parse(iso) for iso in ("2024-05-12", "2024-06", "2024"))
    assert may < june
    assert june > may
    assert not may < year
    assert year.covers(may)
    assert not may.covers(year)
    with pytest.raises(TypeError, match="one has no year"):
        _ = may < PartialDate.parse("--05-12")


def test_a_date_without_a_year_agrees_with_a_claimed_full_one() -> None:
    assert PartialDate.parse("--05-12").agrees_with(PartialDate.parse("2024-05-12"))
    assert not PartialDate.parse("--05-13").agrees_with(PartialDate.parse("2024-05-12"))


@pytest.mark.parametrize("iso", ["2024-13", "2024-02-30", "24-05-12", "--00", "May", "2024-5-1", "0000"])
def test_what_is_no_partial_iso_form_is_refused(iso: str) -> None:
    with pytest.raises(ValueError, match=r"no such|is none of"):
        PartialDate.parse(iso)


@pytest.mark.parametrize(
    ("words", "iso"),
    [("12-May-24", "2024-05-12"), ("Sep 17 '25", "2025-09-17"), ("2024, May 12", "2024-05-12"), ("09/2025", "2025-09"), ("den 12.05.", "--05-12"),
     ("17 de set. de 2023", "2023-09-17"), ("may 12", "--05-12"), ("17. 9. 2025", "2025-09-17"), ("2024. 5. 12.", "2024-05-12")],
)  # fmt: skip
def test_rarer_forms_are_read_too(words: str, iso: str) -> None:
    assert str(PartialDate.from_text(words).value) == iso


@pytest.mark.parametrize("words", ["5月12日至14日", "2024年5月12日～14日", "5월 12일~14일"])
def test_a_range_of_days_in_chinese_japanese_and_korean_has_both_days(words: str) -> None:
    reading = PartialDate.from_text(words)
    assert reading.value is None
    assert [str(candidate)[-5:] for candidate in reading.candidates] == ["05-12", "05-14"]


def test_a_month_with_two_digits_behind_a_hyphen_may_name_a_day_or_a_year() -> None:
    reading = PartialDate.from_text("May-24")
    assert reading.value is None
    assert [str(candidate) for candidate in reading.candidates] == ["2024-05", "--05-24"]


IN_WORDS = [
    ("zweiten Mai", "--05-02"), ("tweede van augustus", "--08-02"), ("fourth of July 1995", "1995-07-04"), ("15 April of 87", "1987-04-15"),
    ("September-2020-23", "2020-09-23"), ("veintinueve de mayo", "--05-29"), ("May twenty nine", "--05-29"), ("23/Sep/2020", "2020-09-23"),
    ("2019-aug-1", "2019-08-01"), ("Oct/2", "--10-02"), ("Dec/2018", "2018-12"), ("twenty third day of September", "--09-23"),
    ("twenty five January nineteen eighty six", "1986-01-25"), ("diez de octubre de dos mil dieciocho", "2018-10-10"), ("friday 25/12", "--12-25"),
    ("il 22/04", "--04-22"), ("2016 10 16", "2016-10-16"), ("18 08 1978", "1978-08-18"), ("1.º de maio de 2024", "2024-05-01"),
    ("1ère mai 2024", "2024-05-01"), ("3. Maerz 2020", "2020-03-03"), ("12-2015", "2015-12"), ("9 de 8 de 1971", "1971-08-09"), ("5. mai 2017", "2017-05-05"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "date_"), IN_WORDS, ids=[words for words, _ in IN_WORDS])
def test_a_date_in_words_or_with_signs_around_its_month_is_read(words: str, date_: str) -> None:
    assert str(PartialDate.from_text(words).value) == date_


def test_a_point_between_day_and_month_decides_nothing_where_months_come_first() -> None:
    reading = PartialDate.from_text("5.12", locale="en_US")
    assert reading.value is None
    assert sorted(str(candidate) for candidate in reading.candidates) == ["--05-12", "--12-05"]


@pytest.mark.parametrize("words", ["32 January 2020", "45. Mai 2020"])
def test_a_day_that_no_month_has_leaves_no_date(words: str) -> None:
    reading = PartialDate.from_text(words)
    assert reading.value is None
    assert [issue.code for issue in reading.issues] == ["impossible_date"]


def test_an_old_year_is_a_date_behind_a_preposition_where_nothing_follows() -> None:
    assert str(PartialDate.from_text("founded in 1850").value) == "1850"
    assert PartialDate.from_text("in 1850 men").value is None
    assert PartialDate.find_all("founded in 1850") == []


@pytest.mark.parametrize("text", ["In May two people came", "we met in March ten people"])
def test_a_number_of_people_behind_a_month_is_no_day(text: str) -> None:
    assert all(reading.value is None or reading.value.day is None for reading in PartialDate.find_all(text))


def test_a_short_year_behind_points_is_a_date_and_a_version_is_none() -> None:
    assert str(PartialDate.from_text("3.4.24", locale="de").value) == "2024-04-03"
    assert str(PartialDate.from_text("1º/03/2024", locale="pt_BR").value) == "2024-03-01"
    assert PartialDate.from_text("3.14.15").value is None
    assert PartialDate.from_text("1.2.3").value is None


def test_words_that_say_about_a_date_or_leave_it_out_are_told() -> None:
    for words in ("around May 2024", "circa 12 May 2024", "vers le 3 juin 2024", "etwa Mai 2024", "~12 May 2024"):
        assert [issue.code for issue in PartialDate.from_text(words).issues] == ["approximate"], words
    for words in ("not 12 May 2024", "every 12 May", "other than 12 May 2024", "sauf le 3 juin 2024"):
        assert PartialDate.from_text(words).doubts, words
    assert not PartialDate.from_text("on 12 May 2024").issues
