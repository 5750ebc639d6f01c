"""From a request to a valid answer: re-asks, cuts, refusals, and what is kept of an answer that never fits."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from llmx.documents import Document
from llmx.errors import AuthError, RequestError, ServerError
from llmx.extraction.context import Context, Spending
from llmx.extraction.reask import Answer, Question, ask
from llmx.grounding.text import SourceText
from llmx.locating import TextIndex
from llmx.record import Usage
from llmx.span import Span
from tests.extraction.scripted import Said, Scripted, codes, extracted, plan_for, said


class Line(BaseModel):
    """A line."""

    what: str
    kind: Literal["good", "service"] | None


class Bill(BaseModel):
    """A bill."""

    number: str
    lines: list[Line]


GOOD: dict[str, Any] = {"number": "B-7", "lines": [{"what": "paper", "kind": "good"}]}
BAD: dict[str, Any] = {"number": "B-7", "lines": [{"what": "paper", "kind": "thing"}, {"what": "ink", "kind": None}]}
TEXT = "Bill B-7: paper and ink."


async def asked(
    *script: Said, mode: Any = "json_schema", how: str = "given", **options: Any
) -> tuple[Answer, Scripted, Spending]:
    plan, endpoint, spent = plan_for(Bill, mode, **options), Scripted(script), Spending()
    plan = replace(plan, resolved=replace(plan.resolved, how=how))
    source = SourceText(TEXT, TextIndex(TEXT), Span(0, len(TEXT)))
    question = Question(plan.rendering.messages(TEXT), plan.schema.wire, plan.schema.tree)
    return await ask(Context(plan, endpoint, spent, source, Document("d", "")), question), endpoint, spent


async def test_a_good_answer_is_taken_at_once() -> None:
    answer, endpoint, spent = await asked(GOOD)
    assert (answer.wire, answer.status, answer.issues) == (GOOD, "ok", ())
    assert len(endpoint.requests) == 1
    assert endpoint.accepted == [True]
    assert spent.usage == Usage(10, 5, 4)


async def test_a_re_ask_quotes_the_faulty_values_and_nothing_else() -> None:
    answer, endpoint, spent = await asked(BAD, GOOD)
    assert answer.wire == GOOD
    assert answer.status == "ok"
    question = endpoint.question(1)
    assert question.startswith(endpoint.question(0))
    told = question.removeprefix(endpoint.question(0))
    assert "/lines/0/kind" in told
    assert '"thing"' in told
    assert "paper" not in told
    assert "B-7" not in told
    assert endpoint.requests[1].body["messages"][:-1] == endpoint.requests[0].body["messages"][:-1]
    assert endpoint.accepted == [False, True]
    assert spent.usage == Usage(20, 10, 8)
    assert len(spent.keys) == 2
    assert spent.attempts == 2


async def test_re_asks_are_as_many_as_the_options_say() -> None:
    for reasks in (0, 1, 3):
        _, endpoint, _ = await asked(BAD, reasks=reasks)
        assert len(endpoint.requests) == reasks + 1


async def test_each_re_ask_starts_from_the_first_question() -> None:
    _, endpoint, _ = await asked(BAD, BAD, BAD)
    assert endpoint.question(1) == endpoint.question(2)


async def test_what_fits_is_kept_when_the_model_insists() -> None:
    answer, _, _ = await asked(BAD)
    assert answer.status == "partial"
    assert answer.wire == {"number": "B-7", "lines": [{"what": "paper", "kind": None}, {"what": "ink", "kind": None}]}
    assert [(i.code, i.path) for i in answer.issues] == [("invalid_value", "/lines/0/kind")]


PRUNED: dict[str, tuple[Any, Any]] = {
    "a list that is none is empty": ({"number": "B-7", "lines": "paper"}, {"number": "B-7", "lines": []}),
    "two elements of one list go": (
        {"number": "B-7", "lines": [3, {"what": "ink", "kind": None}, []]},
        {"number": "B-7", "lines": [{"what": "ink", "kind": None}]},
    ),
    "a runaway string goes": (
        {"number": "B-7", "lines": [{"what": "a" * 50_000, "kind": None}, {"what": "ink", "kind": None}]},
        {"number": "B-7", "lines": [{"what": "ink", "kind": None}]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "kept"), PRUNED.values(), ids=PRUNED.keys())
async def test_of_an_answer_that_does_not_fit_everything_else_stays(given: Any, kept: Any) -> None:
    answer, _, _ = await asked(given, reasks=0)
    assert answer.status == "partial"
    assert answer.wire == kept
    assert answer.issues


@pytest.mark.parametrize(
    "text", ["", None, "I cannot see a bill.", "[]", '{"number": nul', "{}", "3", '"x"'],
    ids=["empty", "nothing", "prose", "an empty list", "malformed", "an empty object", "a number", "a string"],
)  # fmt: skip
async def test_an_answer_of_which_nothing_can_be_kept_is_invalid_and_says_why(text: str | None) -> None:
    answer, endpoint, _ = await asked(said(text))
    assert (answer.wire, answer.status) == (None, "invalid")
    assert answer.issues
    assert answer.issues[0].message
    assert 3 <= len(endpoint.requests) <= 5  # what is no JSON is asked for more often: nothing of it can be kept
    assert not any(endpoint.accepted)


async def test_malformed_arguments_of_a_tool_call_are_asked_for_again() -> None:
    answer, endpoint, _ = await asked(said('{"number": "B-7", "lines": [}'), GOOD, mode="tools")
    assert answer.wire == GOOD
    assert "call of the function" in endpoint.question(1)
    assert "not JSON" in endpoint.question(1)


async def test_an_object_in_a_list_of_one_or_in_a_fence_is_taken() -> None:
    for text in (json.dumps([GOOD]), f"Here it is:\n```json\n{json.dumps(GOOD)}\n```\nAnything else?"):
        answer, endpoint, _ = await asked(said(text), mode="text")
        assert answer.wire == GOOD
        assert len(endpoint.requests) == 1


CUT = '{"number": "B-7", "lines": [{"what": "paper", "kind": "good"}, {"what": "in'


async def test_a_cut_answer_gets_twice_the_room_once() -> None:
    answer, endpoint, spent = await asked(said(CUT, "length"), GOOD)
    assert (answer.wire, answer.status, answer.issues) == (GOOD, "ok", ())
    limits = [request.body["max_tokens"] for request in endpoint.requests]
    assert limits == [2048, 4096]
    assert endpoint.accepted == [False, True]
    assert len(spent.keys) == 2


async def test_an_answer_that_is_cut_again_keeps_its_complete_elements_and_is_partial() -> None:
    answer, endpoint, _ = await asked(said(CUT, "length"))
    assert answer.status == "partial"
    assert answer.wire == GOOD
    assert answer.issues[0].code == "truncated"
    assert "4096" in answer.issues[0].message
    assert {request.body["max_tokens"] for request in endpoint.requests[1:]} == {4096}


async def test_a_cut_answer_without_anything_whole_is_invalid() -> None:
    answer, _, _ = await asked(said('{"num', "length"))
    assert (answer.wire, answer.status) == (None, "invalid")
    assert answer.issues[0].code == "truncated"


async def test_the_first_answer_serves_where_the_longer_one_is_worse() -> None:
    answer, _, _ = await asked(said(CUT, "length"), said("{", "length"))
    assert answer.wire == GOOD
    assert answer.status == "partial"


@pytest.mark.parametrize(
    ("completion", "code"),
    [
        (said(None, "refusal", refusal="I will not."), "refused"),
        (said(None, "content_filter"), "content_filter"),
        (said('{"number": "B', "content_filter"), "content_filter"),
    ],
)
async def test_a_refusal_and_a_filter_are_states_and_not_asked_again(completion: Any, code: str) -> None:
    answer, endpoint, _ = await asked(completion)
    assert (answer.wire, answer.status, answer.issues[0].code) == (None, "refused", code)
    assert len(endpoint.requests) == 1
    assert answer.issues[0].message


async def test_a_refusal_after_a_cut_leaves_the_complete_elements() -> None:
    answer, _, _ = await asked(said(CUT, "length"), said(None, "refusal", refusal="No."))
    assert answer.wire is not None
    assert answer.wire["number"] == "B-7"
    assert (answer.status, [i.code for i in answer.issues][:2]) == ("partial", ["refused", "truncated"])


async def test_a_refusal_to_correct_an_answer_leaves_what_fits_of_it() -> None:
    answer, endpoint, _ = await asked(BAD, said(None, "content_filter"))
    assert answer.wire is not None
    assert answer.wire["number"] == "B-7"
    assert (answer.status, answer.issues[0].code, len(endpoint.requests)) == ("partial", "content_filter", 2)


async def test_a_refusal_after_an_answer_of_which_nothing_fits_is_a_refusal() -> None:
    answer, _, _ = await asked(said("prose"), said(None, "refusal", refusal="No."))
    assert (answer.wire, answer.status) == (None, "refused")


async def test_what_was_there_is_kept_when_asking_again_fails() -> None:
    for first in (BAD, said(CUT, "length")):
        answer, _, _ = await asked(first, ServerError("down", status=503))
        assert answer.status == "partial"
        assert answer.wire is not None
        assert answer.wire["lines"][0]["what"] == "paper"
        assert answer.issues[0].code == "endpoint"
        assert len(answer.issues) > 1


async def test_the_wires_errors_are_raised_where_there_is_nothing_to_keep() -> None:
    with pytest.raises(ServerError):
        await asked(ServerError("down"))
    with pytest.raises(ServerError):
        await asked(said("prose"), ServerError("down"))
    with pytest.raises(AuthError):
        await asked(BAD, AuthError("expired"))


async def test_a_bad_answer_becomes_a_record_that_tells_its_state() -> None:
    record = await extracted(Bill, TEXT, [BAD])
    assert record.status == "partial"
    assert codes(record) == [("invalid_value", "/lines/0/kind")]
    assert record.attempts == 3
    assert record.data is not None
    record = await extracted(Bill, TEXT, [said("prose")])
    assert (record.status, record.data) == ("invalid", None)
    record = await extracted(Bill, TEXT, [said(None, "refusal", refusal="No.")])
    assert (record.status, record.data, codes(record)) == ("refused", None, [("refused", "")])


def thought(text: str | None = None) -> Said:
    return said(text, "length")


@pytest.mark.parametrize("text", [None, "", "<think>Well, perhaps", f"<think>It may be {json.dumps(GOOD)}, or"])
async def test_a_model_that_only_thought_gets_four_times_the_room(text: str | None) -> None:
    answer, endpoint, _ = await asked(thought(text), GOOD)
    assert (answer.wire, answer.status) == (GOOD, "ok")
    assert [request.body["max_tokens"] for request in endpoint.requests] == [2048, 8192]


async def test_a_model_that_still_only_thinks_is_asked_with_less_effort_then_without_a_schema_and_never_the_same() -> (
    None
):
    answer, endpoint, _ = await asked(thought(), thought(), thought(), GOOD, how="probed")
    assert (answer.wire, answer.status) == (GOOD, "ok")
    assert len({request.key for request in endpoint.requests}) == 4
    assert [request.body.get("reasoning_effort") for request in endpoint.requests] == [None, None, "low", "low"]
    assert endpoint.requests[-1].body["response_format"] == {"type": "json_object"}


async def test_a_model_that_never_answers_is_told_as_that() -> None:
    answer, endpoint, _ = await asked(thought(), how="probed")
    assert (answer.wire, answer.status, len(endpoint.requests)) == (None, "invalid", 4)
    assert [issue.code for issue in answer.issues] == ["truncated"]
    assert "while thinking" in answer.issues[0].message


async def test_a_mode_that_the_user_chose_stays_when_the_model_only_thinks() -> None:
    answer, endpoint, _ = await asked(thought())
    assert answer.status == "invalid"
    assert [request.mode for request in endpoint.requests] == ["json_schema"] * 3


async def test_what_the_endpoint_refuses_of_the_room_to_think_is_left_out() -> None:
    answer, endpoint, _ = await asked(
        thought(), RequestError("at most 4096"), RequestError("no effort"), GOOD, how="probed"
    )
    assert answer.wire == GOOD
    last = endpoint.requests[-1].body
    assert (last["max_tokens"], "reasoning_effort" in last) == (2048, False)


async def test_a_draft_in_thoughts_is_no_answer_when_what_follows_was_cut() -> None:
    draft = json.dumps({"number": "B-1", "lines": []})
    answer, _, _ = await asked(said(f"<think>Say {draft}?</think>{CUT}", "length"))
    assert answer.wire == GOOD
