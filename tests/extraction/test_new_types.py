"""Addresses, accounts, times and bounds go the whole way: notation, question, value, proof, sinks, evaluation.

The answers are scripted; all else is what runs.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from llmx.evaluate.score import outcomes
from llmx.evaluate.spec import spec_of_model
from llmx.record import Record
from llmx.schema import load_schema
from llmx.sinks import open_sink
from tests.extraction.scripted import codes, extracted

NOTATION = (
    "seat: address, opens: time, met: partial_datetime, share: percent_range, account: iban, tax: vat_id, "
    "zip: postcode, place: coordinates, tel: phone, home: url, mail: email"
)
TEXT = (
    "Acme sits at Musterstraße 5, 10115 Berlin (52.5200° N, 13.4050° E). The doors open at 7:30 pm. The board met on May 3, "
    "2024 at 4 pm and took between 3 and 5 % of the shares. Pay to DE89 3704 0044 0532 0130 00, VAT DE136695976. "
    "Call +49 30 901820, see https://example.com/a, or write to Info@Example.com."
)
SAID = {
    "seat": "Musterstraße 5, 10115 Berlin", "opens": "7:30 pm", "met": "May 3, 2024 at 4 pm", "share": "between 3 and 5 %",
    "account": "DE89 3704 0044 0532 0130 00", "tax": "DE136695976", "zip": "10115", "place": "52.5200° N, 13.4050° E",
    "tel": "+49 30 901820", "home": "https://example.com/a", "mail": "Info@Example.com",
}  # fmt: skip
DATA = {
    "seat": {"street": "Musterstraße 5", "postcode": "10115", "city": "Berlin", "region": None, "country": None},
    "opens": "19:30", "met": "2024-05-03T16:00", "share": {"low": 3, "high": 5}, "account": "DE89370400440532013000",
    "tax": "DE136695976", "zip": "10115", "place": {"latitude": 52.52, "longitude": 13.405}, "tel": "+4930901820",
    "home": "https://example.com/a", "mail": "Info@example.com",
}  # fmt: skip


@pytest.fixture
async def record() -> Record[Any]:
    """Return the record of the text, from quotes of a scripted model."""
    return await extracted(load_schema(NOTATION).model, TEXT, [SAID])


async def test_each_value_is_computed_from_its_quote_and_proven_in_its_place(record: Record[Any]) -> None:
    assert record.status == "ok", record.issues
    assert record.to_json()["data"] == DATA
    for name, words in SAID.items():
        evidence = record.evidence[f"/{name}"]
        assert evidence is not None
        assert TEXT[evidence.start : evidence.end] == words.removeprefix("between ")


async def test_the_model_is_asked_for_words_of_each_kind() -> None:
    sketch = load_schema(NOTATION).sketch
    for label in ("address", "time", "date and time", "percentage range", "IBAN", "VAT id", "postcode", "coordinates"):
        assert f'"{label} in the words of the text"' in sketch


async def test_sinks_write_the_values_and_read_them_back(record: Record[Any], tmp_path: Path) -> None:
    for name in ("out.jsonl", "out.csv", "out.sqlite"):
        with open_sink(tmp_path / name) as sink:
            sink.write(record)
    assert json.loads((tmp_path / "out.jsonl").read_text("utf-8"))["data"] == DATA
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row["account"] == "DE89370400440532013000"
    assert {"seat.street": "Musterstraße 5", "share.low": "3", "met": "2024-05-03T16:00"}.items() <= row.items()
    database = sqlite3.connect(tmp_path / "out.sqlite")
    (met,) = database.execute("SELECT met FROM records").fetchone()
    database.close()
    assert met == "2024-05-03T16:00"


async def test_evaluation_knows_a_time_in_other_spellings_from_another_time(record: Record[Any]) -> None:
    spec = spec_of_model(load_schema(NOTATION).model)
    gold = DATA | {"opens": "19:30:00", "met": "2024-05-03T16:00:00"}
    assert [
        each for each in outcomes(spec, gold, record.to_json()["data"]) if each.kind not in {"match", "absent"}
    ] == []
    wrong = outcomes(spec, DATA | {"opens": "07:30", "met": "2024-05-03T04:00"}, record.to_json()["data"])
    assert {each.path for each in wrong if each.kind == "mismatch"} == {"opens", "met"}


async def test_what_is_unsure_stays_in_the_record_with_its_issue() -> None:
    text = "IBAN DE89 3704 0044 0532 0130 01, Tel 0161 123 4567, daily from 9 o'clock."
    said = {"iban": "DE89 3704 0044 0532 0130 01", "tel": "0161 123 4567", "at": "9 o'clock"}
    record = await extracted(load_schema("iban: iban?, tel: phone, at: time").model, text, [said])
    assert record.to_json()["data"] == {"iban": None, "tel": "01611234567", "at": "09:00"}
    assert {("check_digits", "/iban"), ("no_country", "/tel"), ("ambiguous", "/at")} <= set(codes(record))
