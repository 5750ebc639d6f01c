"""The time of day on its own: digits with a mark or a word, in the forms of the languages; all else is no time."""

from __future__ import annotations

from datetime import time

import pytest
from pydantic import BaseModel

from llmx.schema import load_schema
from llmx.types import reader_for
from llmx.types.clock_time import find_times, read_time

READ = {
    "15:20": "15:20:00", "10:36:21": "10:36:21", "5:08 PM": "17:08:00", "9.15 am": "09:15:00", "12 a.m.": "00:00:00",
    "12 pm": "12:00:00", "10 am": "10:00:00", "9.30 Uhr": "09:30:00", "20:00 Uhr": "20:00:00", "18 uur": "18:00:00",
    "13h52": "13:52:00", "20 h 30": "20:30:00", "8 h": "08:00:00", "上午9:00": "09:00:00", "下午3点半": "15:30:00",
    "15時20分": "15:20:00", "오후 3시 20분": "15:20:00", "08/29/2024 5:08 PM": "17:08:00", "10:30:00Z": "10:30:00+00:00",
    "T10:30:00.5+02:00": "10:30:00.500000+02:00", "10:30:00-05:00": "10:30:00-05:00",
}  # fmt: skip
NOT_READ = {
    "3 apples": "not_found", "14.50": "not_found", "14.50 EUR": "not_found", "25:00": "not_found", "1,234:56": "not_found",
    "12.03.2025": "not_found", "9 hours": "not_found", "4 h 30 min": "not_found", "5 Uhrzeit": "not_found",
    "9:30–17:00": "range", "10:30-12:00": "range", "10 to 11 am": "range", "von 9 bis 17 Uhr": "range",
    "9:15 or 9:45": "several",
}  # fmt: skip


def test_a_time_is_read_from_digits_with_a_mark_or_a_word() -> None:
    said = {words: reading.value.isoformat() for words in READ if (reading := read_time(words)).value is not None}
    assert said == READ


def test_what_is_no_time_or_several_has_no_value_and_an_issue() -> None:
    read = {words: read_time(words) for words in NOT_READ}
    assert {words: reading.value for words, reading in read.items()} == dict.fromkeys(NOT_READ)
    assert {words: reading.issues[0].code for words, reading in read.items()} == NOT_READ


def test_times_of_a_running_text_are_found_where_they_stand() -> None:
    text = "Doors open at 8.30 pm; from 21:15 to 22:45 the band plays, in hall 3."
    found = find_times(text)
    assert [text[each.start : each.end] for each in found] == ["8.30 pm", "21:15 to 22:45"]
    assert [each.candidates for each in found] == [(), (time(21, 15), time(22, 45))]


def test_a_field_of_a_plain_time_is_asked_for_in_words_and_computed() -> None:
    class Opening(BaseModel):
        opens: time

    assert "time in the words of the text" in load_schema(Opening).sketch
    reader = reader_for(time)
    assert reader is not None
    assert reader.from_text("8 h 45").value == time(8, 45)


@pytest.mark.parametrize("text", ["1" * 50_000, "1:" * 25_000, "9 to " * 10_000], ids=["digits", "colons", "periods"])
def test_long_texts_take_time_in_proportion(text: str) -> None:
    assert len(find_times(text)) <= len(text)
