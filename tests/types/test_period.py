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
