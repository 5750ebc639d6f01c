from __future__ import annotations

import copy
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from llmx.endpoint import MODES
from llmx.prompting.feedback import Fault, faults_of, reask

MESSAGES = [{"role": "system", "content": "Extract."}, {"role": "user", "content": "The document."}]


class Line(BaseModel):
    quantity: int
    note: str


class Invoice(BaseModel):
    total: float
    lines: list[Line]


def invalid(text: str) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        Invoice.model_validate_json(text)
    return caught.value


def test_faults_have_json_pointers_and_the_values_that_were_given() -> None:
    error = invalid('{"total": "much", "lines": [{"quantity": "two", "note": "x"}, {"quantity": 1}]}')
    assert [(fault.path, fault.quote) for fault in faults_of(error)] == [
        ("/total", '"much"'),
        ("/lines/0/quantity", '"two"'),
        ("/lines/1/note", ""),
    ]


@pytest.mark.parametrize("mode", MODES)
def test_a_re_ask_quotes_the_faulty_values_and_nothing_else_of_the_answer(mode: Any) -> None:
    error = invalid('{"total": "much", "lines": [{"quantity": 7, "note": "sound and long"}]}')
    asked = reask(MESSAGES, faults_of(error), mode)[-1]["content"]
    assert '/total: Input should be a valid number, unable to parse string as a number (you gave "much")' in asked
    assert "sound and long" not in asked


@pytest.mark.parametrize("mode", MODES)
def test_a_re_ask_keeps_the_prefix_and_the_turns_of_the_first_request(mode: Any) -> None:
    asked = reask(MESSAGES, [Fault("/a", "is wrong")], mode)
    assert [m["role"] for m in asked] == ["system", "user"]
    assert asked[0] == MESSAGES[0]
    assert asked[1]["content"].startswith("The document.\n\n")


def test_the_first_requests_messages_stay_as_they_are() -> None:
    before = copy.deepcopy(MESSAGES)
    reask(MESSAGES, [Fault("/a", "is wrong")], "tools")
    assert before == MESSAGES


def test_only_the_tools_mode_speaks_of_a_function() -> None:
    assert "Call the function" in reask(MESSAGES, [Fault("", "x")], "tools")[-1]["content"]
    assert "function" not in reask(MESSAGES, [Fault("", "x")], "json")[-1]["content"]


def test_a_long_value_is_cut_and_a_nested_one_is_left_out() -> None:
    assert len(Fault.at("/a", "too long", "x" * 5000).quote) == 160
    assert Fault.at("/a", "no object", {"b": 1}).quote == ""


def test_many_faults_are_told_in_part() -> None:
    asked = reask(MESSAGES, [Fault(f"/{i}", "is wrong") for i in range(50)], "json")[-1]["content"]
    assert "and 30 more" in asked
    assert "/20" not in asked


def test_messages_with_parts_or_another_last_turn_are_continued_too() -> None:
    parts = [{"role": "user", "content": [{"type": "text", "text": "The document."}]}]
    assert reask(parts, [Fault("", "x")], "text")[-1]["content"][1]["type"] == "text"
    ended = [*MESSAGES, {"role": "assistant", "content": "{}"}]
    assert [m["role"] for m in reask(ended, [Fault("", "x")], "text")] == ["system", "user", "assistant", "user"]


def test_a_pointer_escapes_what_it_must() -> None:
    assert faults_of(invalid('{"total": 1, "lines": 5}'))[0].path == "/lines"

    class Odd(BaseModel):
        model_config = {"extra": "forbid"}

    with pytest.raises(ValidationError) as caught:
        Odd.model_validate({"a/b~c": 1})
    assert faults_of(caught.value)[0].path == "/a~1b~0c"
