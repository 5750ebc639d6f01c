"""What was left over beside a value and could change it is a doubt."""

from __future__ import annotations

from typing import Any

from llmx.types import Duration, Money, Number, PartialDate, Percent, Quantity


def test_what_is_left_over_beside_a_value_is_a_doubt() -> None:
    left: list[tuple[Any, str, str]] = [
        (Percent, "fifty percent (50 %) plus one", "en"), (Percent, "Euribor más 2 %", "es"), (Percent, "百分之五或六", "zh"),
        (Money, "$1,000 less 10%", "en"), (Money, "EUR 1.5m-2m", "en"), (Money, "100 € moins 10 %", "fr"),
        (Number, "五十的两倍", "zh"), (Number, "오십 또는 육십", "ko"), (Quantity, "5 kg ± 0.1", "en"), (Quantity, "五或六公斤", "zh"),
        (Duration, "zweimal 3 Jahre", "de"), (Duration, "a year or two", "en"), (PartialDate, "March 3 or 4, 2021", "en"),
        (PartialDate, "May/June 2021", "en"), (PartialDate, "3./4. März 2021", "de"), (PartialDate, "the first Monday of May 2021", "en"),
    ]  # fmt: skip
    for kind, words, locale in left:
        assert kind.from_text(words, locale=locale).doubts, words
