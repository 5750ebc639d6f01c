"""Bodies that are not plain JSON, as servers and proxies send them: what is an answer is read, what is none is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llmx.endpoint import Completion
from llmx.errors import RequestError, ServerError
from tests.fault_server import completion

RECORD = '{"name": "Ada"}'
PLAIN = json.dumps(completion({"role": "assistant", "content": RECORD}))


def events(*chunks: Any, end: str = "data: [DONE]\n\n") -> bytes:
    """Return server-sent events, as a server sends them that streams although it was not asked to."""
    return ("".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + end).encode()


def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def part_of_call(arguments: str, index: int = 0) -> dict[str, Any]:
    return chunk(tool_calls=[{"index": index, "function": {"name": "Person", "arguments": arguments}}])


USAGE: dict[str, Any] = {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"\xef\xbb\xbf" + PLAIN.encode(), id="byte order mark"),
        pytest.param(PLAIN.encode("utf-16"), id="UTF-16"),
        pytest.param(b"\r\n\r\n" + PLAIN.encode() + b"\r\n", id="line breaks around"),
        pytest.param(PLAIN.replace('"created": 1', '"created": NaN').encode(), id="NaN"),
        pytest.param(PLAIN.replace('"created": 1', '"created": -Infinity').encode(), id="Infinity"),
        pytest.param(PLAIN.replace('"created": 1', '"created": 1e999').encode(), id="a float out of bounds"),
        pytest.param(PLAIN.replace('"created": 1', '"created": ' + "9" * 100_000).encode(), id="100,000 digits"),
        pytest.param(PLAIN.replace("{", '{"choices": [], ', 1).encode(), id="the same key twice, the last one counts"),
        pytest.param(PLAIN.replace("chatcmpl", "chatcmpl\\ud800").encode(), id="half a surrogate pair"),
        pytest.param(b": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n" + PLAIN.encode(), id="kept alive"),
        pytest.param(events(chunk(content=RECORD[:5]), chunk(content=RECORD[5:]), chunk("stop")), id="streamed"),
        pytest.param(events(chunk(content=RECORD)), id="streamed, without a reason to finish"),
        pytest.param(events(chunk(content=RECORD), chunk("stop"), end=""), id="streamed, without an end"),
        pytest.param(events(json.loads(PLAIN)), id="whole, in one event"),
        pytest.param(b": keep-alive\r\n\r\n" + events(chunk(content=RECORD)), id="streamed, with comments"),
        pytest.param(json.dumps({"choices": [{"delta": {"content": RECORD}}]}).encode(), id="delta for message"),
        pytest.param(json.dumps({"choices": [{"text": RECORD}]}).encode(), id="an old completion"),
    ],
)
def test_an_odd_body_is_read_as_the_answer_that_it_holds(body: bytes) -> None:
    assert Completion.from_body(body, "json").text == RECORD


def test_a_streamed_call_is_put_together_with_its_usage() -> None:
    body = events(part_of_call(RECORD[:5]), part_of_call("{}", index=1), part_of_call(RECORD[5:]), USAGE)
    got = Completion.from_body(body, "tools")
    assert got.text == RECORD
    assert (got.usage.input_tokens, got.usage.output_tokens) == (3, 4)


def test_a_byte_that_is_no_utf_8_costs_its_value_and_no_more() -> None:
    body = PLAIN.replace("Ada", "Ad?").encode().replace(b"Ad?", b"Ad\xe9")
    assert Completion.from_body(body, "json").text == '{"name": "Ad\N{REPLACEMENT CHARACTER}"}'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(PLAIN[:-20].encode(), id="cut"),
        pytest.param(events(chunk(content=RECORD[:5]), end=""), id="a stream that breaks off"),
        pytest.param(events("x", end=""), id="events that are none"),
        pytest.param(b"data: \n\ndata: {", id="half an event"),
        pytest.param(b"<html>Please log in</html>", id="HTML"),
        pytest.param(b"[" * 5000, id="nested without end"),
        pytest.param(b'{"choices":' + b"[" * 900 + b"]" * 900 + b"}", id="nested deep"),
        pytest.param(json.dumps([completion({"content": RECORD})]).encode(), id="a list"),
        pytest.param(json.dumps({"choices": {"message": {}}}).encode(), id="choices that are none"),
        pytest.param(json.dumps({"choices": [None]}).encode(), id="a choice that is none"),
        pytest.param(json.dumps({"choices": [{"message": "hi"}]}).encode(), id="a message that is none"),
    ],
)
def test_what_is_no_answer_is_a_fault_of_the_server(body: bytes) -> None:
    with pytest.raises(ServerError):
        Completion.from_body(body, "json")


def test_an_error_within_a_stream_is_the_error_that_it_says() -> None:
    body = events(chunk(content="{"), {"error": {"code": 400, "message": "too hot"}})
    with pytest.raises(RequestError, match="too hot"):
        Completion.from_body(body, "json")


@pytest.mark.parametrize(
    ("message", "mode"),
    [
        pytest.param({"content": {"name": "Ada"}}, "json", id="the object itself"),
        pytest.param({"content": [RECORD]}, "json", id="strings for parts"),
        pytest.param({"content": [None, 5, {"type": "text", "text": {"value": RECORD}}]}, "json", id="nested text"),
        pytest.param({"content": [{"type": "output_text", "text": RECORD}]}, "json", id="parts of another API"),
        pytest.param({"content": RECORD, "refusal": {"reason": None}}, "json", id="a refusal that is none"),
        pytest.param({"content": RECORD, "tool_calls": 5}, "tools", id="calls that are none"),
        pytest.param({"content": RECORD, "tool_calls": "none"}, "tools", id="words for calls"),
        pytest.param({"tool_calls": {"function": {"arguments": RECORD}}}, "tools", id="the call itself"),
    ],
)
def test_a_message_in_another_form_says_the_same(message: dict[str, Any], mode: str) -> None:
    text = Completion.from_body(completion(message), mode).text
    assert json.loads(text or "") == {"name": "Ada"}


@pytest.mark.parametrize("count", [-5, 1e308, float("inf"), float("nan"), 2**63, 10**400, "10", None, [], {"a": 1}])
def test_a_count_of_tokens_that_cannot_be_one_is_none(count: Any) -> None:
    usage = {"prompt_tokens": count, "completion_tokens": count, "prompt_tokens_details": {"cached_tokens": count}}
    got = Completion.from_body({**completion({"content": RECORD}), "usage": usage}, "json").usage
    assert (got.input_tokens, got.output_tokens, got.cached_tokens) == (0, 0, 0)


@pytest.mark.parametrize("content", [[5, None], [{"logprob": "x"}], [{"logprob": [1]}], {"a": 1}, "words"])
def test_log_probabilities_in_another_form_are_none(content: Any) -> None:
    body = completion({"content": RECORD})
    body["choices"][0]["logprobs"] = {"content": content}
    assert Completion.from_body(body, "json").logprobs is None
