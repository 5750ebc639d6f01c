from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.endpoint import Completion
from llmx.errors import RateLimitError, ServerError
from llmx.record import Usage
from tests.fault_server import completion


def body(message: dict[str, Any], finish: Any = "stop") -> bytes:
    return json.dumps(completion(message, finish)).encode()


def tool(*arguments: Any) -> dict[str, Any]:
    return {"content": None, "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": a}} for a in arguments]}


@pytest.mark.parametrize(
    ("message", "mode", "text"),
    [
        pytest.param({"content": "hello"}, "text", "hello", id="content"),
        pytest.param({"content": ""}, "json", None, id="empty content is nothing"),
        pytest.param(
            {"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, "json", "ab", id="parts"
        ),
        pytest.param(tool('{"a": 1}'), "tools", '{"a": 1}', id="one call"),
        pytest.param(tool('{"a": 1}', '{"a": 2}'), "tools", '{"a": 1}', id="the first of several calls"),
        pytest.param(tool({"a": 1}), "tools", '{"a":1}', id="arguments as an object"),
        pytest.param({"content": '{"a": 1}'}, "tools", '{"a": 1}', id="content instead of a call"),
        pytest.param({"content": None, "tool_calls": None}, "tools", None, id="neither call nor content"),
        pytest.param({"function_call": {"name": "f", "arguments": "{}"}}, "tools", "{}", id="the old function_call"),
        pytest.param(tool('{"a":'), "tools", '{"a":', id="malformed arguments are handed on"),
        pytest.param({"content": "x", "tool_calls": [{"id": "1"}, "?"]}, "tools", "x", id="calls without a function"),
    ],
)
def test_the_text_is_what_the_model_said_in_this_mode(*, message: Any, mode: Any, text: Any) -> None:
    assert Completion.from_body(body(message), mode).text == text


@pytest.mark.parametrize(
    ("finish", "expected"),
    [
        ("stop", "stop"),
        ("tool_calls", "stop"),
        (None, "stop"),
        ("length", "length"),
        ("content_filter", "content_filter"),
    ],
)
def test_the_four_ways_to_end_are_told_apart(finish: Any, expected: Any) -> None:
    assert Completion.from_body(body({"content": "x"}, finish), "text").finish_reason == expected


def test_a_refusal_is_a_state_of_its_own_and_no_text() -> None:
    answer = Completion.from_body(body({"content": None, "refusal": "I cannot."}), "json_schema")
    assert (answer.finish_reason, answer.refusal, answer.text, answer.complete) == ("refusal", "I cannot.", None, False)


def test_tokens_are_counted_as_the_server_says() -> None:
    assert Completion.from_body(body({"content": "x"}), "text").usage == Usage(10, 5, 4)


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": None}, {"prompt_tokens": "many"}, [1], "x"])
def test_a_usage_that_is_none_counts_nothing(usage: Any) -> None:
    payload = completion({"content": "x"}) | {"usage": usage}
    assert Completion.from_body(payload, "text").usage == Usage()


def test_log_probabilities_come_with_their_tokens() -> None:
    payload = completion({"content": "ab"})
    payload["choices"][0]["logprobs"] = {"content": [{"token": "a", "logprob": -0.5}, {"token": "b", "logprob": -1}]}
    assert Completion.from_body(payload, "text").logprobs == (("a", -0.5), ("b", -1.0))


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b'{"choices": [{"mess', id="cut JSON"),
        pytest.param(b"<html>Bad gateway</html>", id="HTML"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"[1]", id="a list"),
        pytest.param(b'{"choices": []}', id="no choices"),
        pytest.param(b'{"choices": [{"index": 0}]}', id="no message"),
        pytest.param(b'{"choices": [{"message": "hi"}]}', id="a message that is text"),
        pytest.param(b'{"choices": "abc"}', id="choices that are text"),
        pytest.param(b'{"error": {"message": "upstream failed", "code": 502}}', id="an error with status 200"),
        pytest.param(
            b'{"choices": [{"finish_reason": "error", "message": {"content": "x"}}]}', id="finish_reason error"
        ),
        pytest.param(b"\xff\xfe", id="no UTF-8"),
    ],
)
def test_a_body_that_is_no_completion_may_be_tried_again(broken: Any) -> None:
    with pytest.raises(ServerError) as caught:
        Completion.from_body(broken, "text")
    assert caught.value.retryable


def test_a_rate_limit_in_a_body_with_status_200_is_one() -> None:
    with pytest.raises(RateLimitError, match="slow down"):
        Completion.from_body(b'{"error": {"message": "slow down", "code": 429}}', "text")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "message", "content", "tool_calls", "function", "arguments", "usage", "finish_reason"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(payload=json_values, mode=st.sampled_from(["tools", "json", "text"]))
def test_no_json_at_all_makes_anything_but_a_completion_or_an_endpoint_error(payload: Any, mode: Any) -> None:
    try:
        answer = Completion.from_body(json.dumps(payload).encode(), mode)
    except (ServerError, RateLimitError):
        return
    assert answer.text is None or isinstance(answer.text, str)


@given(
    text=st.none() | st.text(),
    finish=st.sampled_from(["stop", "length", "refusal", "content_filter"]),
    seconds=st.floats(0, 1e6),
    logprobs=st.none() | st.lists(st.tuples(st.text(), st.floats(-50, 0)), max_size=3),
)
def test_a_completion_comes_back_from_its_json_as_it_was(
    *, text: Any, finish: Any, seconds: Any, logprobs: Any
) -> None:
    answer = Completion(
        text, finish, refusal="no" if finish == "refusal" else None, usage=Usage(3, 2, 1), model="m", seconds=seconds,
        attempts=2, key="k", origin="cache", logprobs=None if logprobs is None else tuple(logprobs),
    )  # fmt: skip
    assert Completion.from_json(json.loads(json.dumps(answer.to_json())), "cache") == answer
