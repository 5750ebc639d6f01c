from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmx.endpoint import Completion, open_endpoint, parse
from llmx.endpoint.thoughts import without_thoughts
from tests.endpoint.asking import ask, settings
from tests.endpoint.test_probe import OBEDIENT, probed
from tests.fault_server import FaultServer, Received, Step, answer, call, completion

RIGHT = '{"name": "Ada"}'
DRAFT = '{"name": "Babbage"}'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"<think>{DRAFT}?</think>{RIGHT}", id="closed"),
        pytest.param(f"<think>{'Hm. ' * 50_000}{DRAFT}?</think>\n\n```json\n{RIGHT}\n```", id="long and fenced"),
        pytest.param(f"<thinking>{DRAFT}?</thinking>Here it is: {RIGHT}", id="another tag"),
        pytest.param(f"Perhaps {DRAFT}?</think>{RIGHT}", id="never opened"),
        pytest.param(f"<think>{DRAFT}? <think>No.</think> So:</think>{RIGHT}", id="nested"),
        pytest.param(f"◁think▷{DRAFT}?◁/think▷{RIGHT}", id="Kimi"),
        pytest.param(f"<|channel|>analysis<|message|>{DRAFT}<|end|><|channel|>final<|message|>{RIGHT}", id="gpt-oss"),
        pytest.param(f"<think>Is it {DRAFT}? No, it is {RIGHT}", id="never closed, the answer at the end"),
        pytest.param(f"{RIGHT}\n<think>or {DRAFT}?</think>", id="thoughts after the answer"),
    ],
)
@pytest.mark.parametrize("names", [("name",), ()], ids=["fields known", "fields unknown"])
def test_what_a_model_answers_counts_and_not_what_it_thinks(text: str, names: Any) -> None:
    if text.startswith("{") and not names:
        return  # nothing tells which of two objects is meant
    assert parse(text, "text", names=names).value == {"name": "Ada"}


@pytest.mark.parametrize("cut", [True, False])
@pytest.mark.parametrize("text", [f"<think>Is it {DRAFT}, or", f"<think>{DRAFT}</think>", f"<think>{DRAFT}</think>  "])
def test_a_draft_is_no_answer(text: str, *, cut: bool) -> None:
    assert not parse(text, "text", cut=cut).found


def test_a_tag_within_the_answer_is_text() -> None:
    quoted = '{"name": "the tag </think> ends it"}'
    assert parse(quoted, "text").value["name"].startswith("the tag")
    assert without_thoughts(quoted) == quoted


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
@pytest.mark.parametrize("mode", ["tools", "json_schema", "json", "text"])
@pytest.mark.parametrize("content", [None, "", "\n"])
def test_an_answer_in_the_field_for_thoughts_counts_where_there_is_no_other(
    field: str, mode: str, content: str | None
) -> None:
    body = completion({"content": content, field: f"First {DRAFT}. No: {RIGHT}"})
    assert Completion.from_body(body, mode).text == RIGHT
    body = completion({"content": RIGHT, field: DRAFT})
    assert Completion.from_body(body, mode).text == RIGHT


@pytest.mark.parametrize("thoughts", [f"{DRAFT}, or another", "no object", [DRAFT], None])
def test_thoughts_that_do_not_end_in_an_object_are_no_answer(thoughts: Any) -> None:
    assert Completion.from_body(completion({"content": None, "reasoning": thoughts}), "json").text is None


def test_an_answer_that_is_all_thoughts_at_its_limit_is_known_as_that() -> None:
    def cut(content: str | None, finish: str = "length") -> bool:
        return Completion.from_body(completion({"content": content}, finish), "json").only_thought

    assert [cut(None), cut("<think>hm"), cut(RIGHT), cut(f"<think>hm</think>{RIGHT[:5]}"), cut(None, "stop")] == [
        True, True, False, False, False,
    ]  # fmt: skip


def thinker(received: Received) -> Step:
    """Think at least 300 tokens before each answer."""
    if received.body.get("max_tokens", 0) < 300:
        return answer(None, finish="length", reasoning_content="hm " * 64)
    return call(OBEDIENT) if "tools" in received.body else answer(OBEDIENT)


async def test_a_model_that_thinks_gets_room_in_the_probe() -> None:
    served = FaultServer(thinker)
    assert (await probed(served)).mode == "tools"
    assert len(served.received) == 2


async def test_an_answer_in_the_field_for_thoughts_is_kept_like_any_other(tmp_path: Path) -> None:
    async with FaultServer([answer(None, reasoning_content=RIGHT)]) as served:
        endpoint = open_endpoint(settings(served.base_url, tmp_path))
        got = await endpoint.complete(ask())
        endpoint.keep(got)
        assert (await endpoint.complete(ask())).text == got.text == RIGHT
        await endpoint.aclose()
    assert len(served.received) == 1
