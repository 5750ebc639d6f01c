"""The time of day, alone and beside a date: digits with a mark or a word, in the forms of the languages; all else is none."""

from __future__ import annotations

from datetime import time

import pytest
from pydantic import BaseModel

from llmx.schema import load_schema
from llmx.types import PartialDateTime, Time, reader_for

READ = {
    "15:20": "15:20", "10:36:21": "10:36:21", "5:08 PM": "17:08", "9.15 am": "09:15", "12 a.m.": "00:00", "12 pm": "12:00",
    "10 am": "10:00", "9.30 Uhr": "09:30", "20:00 Uhr": "20:00", "14 Uhr 30": "14:30", "18 uur": "18:00", "13h52": "13:52",
    "20 h 30": "20:30", "8 h": "08:00", "上午9:00": "09:00", "下午3点半": "15:30", "15时20分": "15:20", "晚上八点": "20:00",
    "晚上12点": "00:00", "午後2時45分": "14:45", "오후 3시 20분": "15:20", "08/29/2024 5:08 PM": "17:08", "10:30:00Z": "10:30:00Z",
    "10:30 CET": "10:30+01:00", "10:30 GMT+2": "10:30+02:00", "alle ore 21,00": "21:00", "às 20h15": "20:15",
    "8:30 da noite": "20:30", "9 in the morning": "09:00", "noon": "12:00", "Mitternacht": "00:00", "kl. 14.30": "14:30",
    "T10:30:00.5+02:00": "10:30:00.5+02:00", "10:30:00-05:00": "10:30:00-05:00",
}  # fmt: skip
DOUBTED = {
    "9 o'clock": "09:00", "om 9 uur": "09:00", "3点": "03:00",  # of which half of the day?
    "24:00": "00:00", "5 pm ET": "17:00", "1430": "14:30", "9.30": "09:30", "de 9h à 18h": "18:00",
}  # fmt: skip
NOT_READ = {
    "3 apples": "not_found", "14.50 EUR": "not_found", "25:00": "not_found", "1,234:56": "not_found", "00 PM": "not_found",
    "12.03.2025": "not_found", "9 hours": "not_found", "4 h 30 min": "not_found", "5 Uhrzeit": "not_found",
    "2小时": "not_found", "as 7.45 say": "not_found", "9:30–17:00": "range", "10:30-12:00": "range", "10 to 11 am": "range",
    "von 9 bis 17 Uhr": "range", "10時から18時まで": "range", "9:15 or 9:45": "several",
}  # fmt: skip
WITH_DATES = [
    ("2024-05-03T10:30:00+02:00", None, "2024-05-03T10:30:00+02:00"), ("2024-05-03T10:30-05:00", None, "2024-05-03T10:30-05:00"),
    ("May 3 at 4 pm", "en", "--05-03T16:00"), ("3. Mai 2024, 14.30 Uhr", "de", "2024-05-03T14:30"), ("in May 2024", "en", "2024-05"),
    ("2024年5月3日（金）午後2時", "ja", "2024-05-03T14:00"), ("5月3日上午9点半", "zh", "--05-03T09:30"),
    ("10:30 on 3 May 2024", "en", "2024-05-03T10:30"), ("2024년 5월 3일 오후 3시 20분", "ko", "2024-05-03T15:20"),
    ("el 3 de mayo de 2024 a las 18:45", "es", "2024-05-03T18:45"), ("le 3 mai 2024 à 10h30", "fr", "2024-05-03T10:30"),
    ("Fri, 3 May 2024 10:30:00 +0200", None, "2024-05-03T10:30:00+02:00"),
]  # fmt: skip


def test_a_time_is_read_from_digits_with_a_mark_or_a_word() -> None:
    said = {words: str(reading.value) for words in READ if not (reading := Time.from_text(words)).doubts}
    assert said == READ


def test_a_time_of_which_something_is_unsure_is_doubted() -> None:
    readings = {words: Time.from_text(words) for words in DOUBTED}
    assert {words: str(reading.value) for words, reading in readings.items()} == DOUBTED
    assert all(reading.doubts for reading in readings.values())


def test_what_is_no_time_or_several_has_no_value_and_an_issue() -> None:
    read = {words: Time.from_text(words) for words in NOT_READ}
    assert {words: reading.value for words, reading in read.items()} == dict.fromkeys(NOT_READ)
    assert {words: reading.issues[0].code for words, reading in read.items()} == NOT_READ


def test_times_of_a_running_text_are_found_where_they_stand() -> None:
    text = "Doors open at 8.30 pm; from 21:15 to 22:45 the band plays, in hall 3."
    found = Time.find_all(text)
    assert [text[each.start : each.end] for each in found] == ["8.30 pm", "21:15 to 22:45"]
    assert [each.candidates for each in found] == [(), ("21:15", "22:45")]


def test_a_field_of_a_plain_time_is_asked_for_in_words_and_computed() -> None:
    class Opening(BaseModel):
        opens: time

    assert "time in the words of the text" in load_schema(Opening).sketch
    reader = reader_for(time)
    assert reader is not None
    assert reader.from_text("8 h 45").value == time(8, 45)


@pytest.mark.parametrize(("words", "locale", "value"), WITH_DATES, ids=[value for _, _, value in WITH_DATES])
def test_a_partial_date_time_has_what_is_stated_of_date_time_and_offset(
    words: str, locale: str | None, value: str
) -> None:
    reading = PartialDateTime.from_text(words, locale=locale)
    assert reading.value == value
    assert not reading.doubts
    assert [each.value for each in PartialDateTime.find_all(f"Sent {words}.", locale=locale)] == [value]


def test_a_partial_date_time_with_two_dates_or_two_times_is_doubted() -> None:
    either = PartialDateTime.from_text("03/04/2024 10:30")
    assert either.value is None
    assert set(either.candidates) == {"2024-03-04T10:30", "2024-04-03T10:30"}
    first = PartialDateTime.from_text("3 May 2024, 10:30 to 12:00")
    assert first.value == "2024-05-03T10:30"
    assert [doubt.code for doubt in first.doubts] == ["range"]
    apart = PartialDateTime.from_text("on May 3, 2024 the doors of the hall open at 7:30 pm")
    assert apart.value == "2024-05-03"
    assert [doubt.code for doubt in apart.doubts] == ["unread_words"]


def test_the_parts_of_a_partial_date_time_are_values_of_their_own() -> None:
    value = PartialDateTime("2024-05-03T10:30:00+02:00")
    assert (str(value.date), value.time) == ("2024-05-03", "10:30:00+02:00")
    moment = value.to_datetime()
    assert moment is not None
    assert moment.isoformat() == value
    assert PartialDateTime("--05-03T10:30").to_datetime() is None
    assert PartialDateTime("2024-05-03").time is None


@pytest.mark.parametrize("text", ["1" * 50_000, "1:" * 25_000, "9 to " * 10_000], ids=["digits", "colons", "periods"])
def test_long_texts_take_time_in_proportion(text: str) -> None:
    assert len(Time.find_all(text)) <= len(text)


def test_minutes_behind_the_hours_of_a_spoken_time_are_read() -> None:
    assert str(PartialDateTime.from_text("1er février 2024 à 20 h 15").value) == "2024-02-01T20:15"
    assert str(PartialDateTime.from_text("1er février 2024 à 20 h").value) == "2024-02-01T20:00"
