from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.endpoint import parse
from llmx.endpoint.answer import CUT


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param('{"a": 1}', {"a": 1}, id="bare"),
        pytest.param(' \n{"a": 1}\n', {"a": 1}, id="with white space"),
        pytest.param('```json\n{"a": 1}\n```', {"a": 1}, id="fenced"),
        pytest.param('```\n{"a": 1}', {"a": 1}, id="fence left open"),
        pytest.param('Here you are: {"a": 1}. Anything else?', {"a": 1}, id="in prose"),
        pytest.param('{"a": 1}}', {"a": 1}, id="a bracket too many"),
        pytest.param('<think>maybe {"a": 0}?</think>{"a": 1}', {"a": 1}, id="after thoughts"),
        pytest.param('The text says {"a": 0}, hence {"a": 1}', {"a": 1}, id="the last object counts"),
        pytest.param('{"a": 1} as in [2]', {"a": 1}, id="an object goes before a list"),
        pytest.param('{"a": "x\ny"}', {"a": "x\ny"}, id="a raw line break in a string"),
        pytest.param('[{"a": 1}] and so on', [{"a": 1}], id="a list of objects"),
        pytest.param('{"a": "{}"} {', {"a": "{}"}, id="brackets in a string"),
    ],
)
def test_json_is_found_in_what_a_model_said(text: Any, value: Any) -> None:
    parsed = parse(text, "text")
    assert (parsed.value, parsed.found, parsed.fault) == (value, True, "")


@pytest.mark.parametrize("text", [None, "", "  ", "I do not know.", "{", "}{", "12", '"text"', "null", "{" * 5000])
def test_what_holds_no_json_is_told_as_a_fault(text: Any) -> None:
    parsed = parse(text, "text")
    assert not parsed.found
    assert parsed.fault


@pytest.mark.parametrize("digits", ["9" * 19, "18446744073709551616", "-99999999999999999999999"])
def test_a_whole_number_keeps_its_digits(digits: str) -> None:
    assert str(parse(f'{{"n": {digits}}}').value["n"]) == digits


def test_a_bare_string_counts_where_the_schema_may_ask_for_one() -> None:
    assert parse('"text"', "json_schema").value == "text"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param('{"a": 12, "b": "x', {"a": 12}, id="a string in the middle"),
        pytest.param('{"a": 12, "b": "two words, or', {"a": 12}, id="several words in the middle"),
        pytest.param(
            '{"p": ["a", "b, c", "two words", "or \\"', {"p": ["a", "b, c", "two words"]}, id="a list of them"
        ),
        pytest.param('{"a": 1, "b": 12', {"a": 1}, id="a number that may go on"),
        pytest.param('{"a": true ', {"a": True}, id="a literal that has ended"),
        pytest.param('{"a": 1, "b": tr', {"a": 1}, id="half a literal"),
        pytest.param(
            '{"p": [{"n": "A", "r": 1}, {"n": "B", "r', {"p": [{"n": "A", "r": 1}]}, id="half an element goes"
        ),
        pytest.param('{"p": [{"n": "A", "r', {"p": [{"n": "A"}]}, id="unless it is the first"),
        pytest.param('{"p": ["a", "b", "c', {"p": ["a", "b"]}, id="a list of words"),
        pytest.param('{"a": "x", "p": [', {"a": "x"}, id="a list not begun"),
        pytest.param('{"a": {"b": [{"c": 1}, {"c"', {"a": {"b": [{"c": 1}]}}, id="deeper"),
        pytest.param('```json\n{"p": [1, 2, 3', {"p": [1, 2]}, id="in a fence"),
        pytest.param('{"a": "q\\"uote", "b": "\\', {"a": 'q"uote'}, id="escapes"),
    ],
)
def test_the_complete_elements_of_a_cut_answer_are_kept(text: Any, value: Any) -> None:
    parsed = parse(text, cut=True)
    assert (parsed.value, parsed.fault) == (value, CUT)


@pytest.mark.parametrize("text", ["", "{", '{"a"', '{"a": 1', "Well, the", "[", '{"a": }, '])
def test_a_cut_answer_without_a_complete_element_gives_nothing(text: Any) -> None:
    assert not parse(text, cut=True).found


def test_an_answer_that_ended_just_in_time_is_whole() -> None:
    assert parse('{"a": 1}', cut=True) == parse('{"a": 1}')


json_objects = st.dictionaries(
    st.text(max_size=4),
    st.recursive(
        st.none() | st.booleans() | st.integers(-999, 999) | st.text(max_size=6),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=10,
    ),
    max_size=4,
)


def part_of(small: object, whole: object) -> bool:
    """Whether every leaf of ``small`` stands at the same place of ``whole``."""
    if isinstance(small, dict) and isinstance(whole, dict):
        return all(key in whole and part_of(value, whole[key]) for key, value in small.items())
    if isinstance(small, list) and isinstance(whole, list):
        return len(small) <= len(whole) and all(part_of(a, b) for a, b in zip(small, whole, strict=False))
    return small == whole


@given(value=json_objects, share=st.floats(0, 1))
def test_wherever_an_answer_is_cut_nothing_is_salvaged_that_it_did_not_say(value: Any, share: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    parsed = parse(text[: int(len(text) * share)], cut=True)
    assert not parsed.found or part_of(parsed.value, value)


@given(value=json_objects, before=st.text("abc .\n`", max_size=12), after=st.text("abc .\n`", max_size=12))
def test_prose_around_an_object_changes_nothing(value: Any, before: Any, after: Any) -> None:
    assert parse(before + json.dumps(value) + after, "text").value == value


@given(text=st.text(alphabet='{}[]",:\\ab1 \n', max_size=60), cut=st.booleans())
def test_no_text_at_all_makes_it_raise(text: Any, cut: Any) -> None:
    parse(text, "text", cut=cut)
