from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import instructor
import pytest
from instructor.v2.core.registry import mode_registry
from openai import AsyncOpenAI
from pydantic import BaseModel, Field

from llmx.documents import Document
from llmx.endpoint import MODES, Completion, EndpointSettings, open_endpoint, response_format
from llmx.endpoint.quirks import ParamQuirks
from llmx.endpoint.responses_api import as_chat, as_responses
from llmx.endpoint.retry import RetryPolicy
from llmx.errors import EndpointError, RateLimitError, RequestError, ServerError
from llmx.extraction.document import extract_document
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import open_session
from llmx.record import Record, Usage
from llmx.request import Request
from tests.endpoint.asking import Clock, Person, ask, settings
from tests.endpoint.responses_server import answering, call, message, misfit, refusal, response
from tests.fault_server import FaultServer, Received, Step, status

ONLY_RESPONSES = "This model is only supported in v1/responses and not in v1/chat/completions."
NO_TOOLS = (
    "Function tools with reasoning_effort are not supported for gpt-5.6-terra in /v1/chat/completions. "
    "To use function tools, use /v1/responses or set reasoning_effort to 'none'."
)
AZURE = "The chatCompletion operation does not work with the specified model, gpt-5-codex. Please choose another."


class Invoice(BaseModel):
    """An invoice."""

    number: str = Field(description="Its number")


RECORD = {"number": "INV-77"}


async def extracted(given: EndpointSettings, **options: Any) -> Record[Any]:
    async with open_session(Extractor(Invoice, Options(passes=1, **options)), given) as session:
        return await extract_document(Document("1", "Invoice INV-77"), session.plan, session.endpoint)


def chat_bodies() -> list[Any]:
    bodies = []
    for mode in MODES:
        for strict in (False, True):
            form = response_format(Person, mode, strict=strict).body
            bodies.append(pytest.param({**ask(mode=mode).body, **form}, id=f"{mode}{' strict' if strict else ''}"))
    extras = {"reasoning_effort": "low", "temperature": 0.0, "max_completion_tokens": 64, "logprobs": True,
              "top_logprobs": 3, "service_tier": "flex"}  # fmt: skip
    bodies.append(pytest.param({**ask(mode="tools").body, **extras}, id="with all that can be set"))
    text = {"text": {"verbosity": "low"}, "reasoning": {"summary": "auto"}, "include": ["reasoning.encrypted_content"]}
    bodies.append(pytest.param({**ask().body, **extras, **text}, id="beside members of its own"))
    parts = [{"type": "text", "text": "Who?"}, {"type": "image_url", "image_url": {"url": "data:,x", "detail": "low"}}]
    pictures = {**ask().body, "messages": [{"role": "user", "content": parts}]}
    bodies.append(pytest.param(pictures, id="pictures"))
    return bodies


@pytest.mark.parametrize("body", chat_bodies())
def test_a_request_is_said_in_the_form_of_the_api_and_can_be_said_back(body: dict[str, Any]) -> None:
    said = as_responses(body)
    assert misfit(said) == ""
    assert said["store"] is False
    assert as_chat(said) == body
    assert as_responses(as_chat(said)) == said


@pytest.mark.parametrize("mode", ["tools", "json_schema"])
def test_the_scripted_server_refuses_the_form_of_chat_completions(mode: Any) -> None:
    chat = ask(mode=mode).body
    assert "Unknown parameter" in misfit(chat)
    said = as_responses(chat)
    part = {"tools": chat["tools"]} if mode == "tools" else {"text": {"format": chat["response_format"]}}
    assert misfit({**said, **part}) != ""


async def test_a_request_is_the_one_that_the_openai_client_sends(tmp_path: Path) -> None:
    body = as_responses({**ask(mode="tools").body, "reasoning_effort": "low", "max_tokens": 99})
    async with FaultServer([response(call("{}"))]) as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path, api_key="a key"))
        await endpoint.complete(Request(body, "tools"))
        await endpoint.aclose()
        client = AsyncOpenAI(base_url=server.base_url, api_key="a key")
        await client.responses.create(**body)
        await client.close()
    ours, theirs = server.received
    assert (ours.method, ours.path, ours.body) == (theirs.method, theirs.path, theirs.body)
    for name in ("authorization", "content-type", "accept"):
        assert ours.headers[name] == theirs.headers[name]


def test_a_function_has_the_form_that_instructor_builds() -> None:
    handlers = mode_registry.get_handlers(instructor.Provider.OPENAI, instructor.Mode.RESPONSES_TOOLS)
    _, theirs = handlers.request_handler(Person, {"messages": [], "max_tokens": 99})
    ours = as_responses({**ask(mode="tools").body, "max_tokens": 99})
    assert ours["tool_choice"] == theirs["tool_choice"]
    assert ours["max_output_tokens"] == theirs["max_output_tokens"]
    [mine], [built] = ours["tools"], theirs["tools"]
    titled = {key: value for key, value in built["parameters"].items() if key not in {"title", "description"}}
    assert mine == {**built, "parameters": titled, "strict": False}


def test_a_function_that_is_not_strict_says_so_because_the_api_takes_it_for_strict() -> None:
    assert as_responses(ask(mode="tools").body)["tools"][0]["strict"] is False


def test_what_is_to_be_stored_is_stored() -> None:
    assert as_responses({**ask().body, "store": True})["store"] is True


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("strict", [False, True])
async def test_a_record_is_extracted_over_responses_in_every_mode(mode: str, *, strict: bool, tmp_path: Path) -> None:
    if strict and mode in {"json", "text"}:
        return
    async with FaultServer(answering(json.dumps(RECORD))) as server:
        given = settings(
            server.base_url, tmp_path, mode=mode, strict=strict, api="responses", reasoning_effort="low", cache=False
        )
        record = await extracted(given)
    assert record.data is not None, record.issues
    assert record.data.model_dump() == RECORD
    assert record.usage == Usage(40, 30, 8, 20)
    assert record.to_json()["usage"]["reasoning_tokens"] == 20
    last = server.received[-1]
    assert last.path == "/v1/responses"
    assert last.body["reasoning"] == {"effort": "low"}
    assert "max_output_tokens" in last.body
    if strict:
        holder = last.body["tools"][0] if mode == "tools" else last.body["text"]["format"]
        assert holder["strict"] is True


@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param(404, ONLY_RESPONSES, id="by the model"),
        pytest.param(400, NO_TOOLS, id="by the functions"),
        pytest.param(400, AZURE, id="by Azure"),
    ],
)
@pytest.mark.parametrize("mode", ["auto", "tools"])
async def test_where_chat_is_refused_responses_are_taken_remembered_and_replayed(
    code: int, words: str, *, mode: str, tmp_path: Path
) -> None:
    first = tmp_path / "first"
    script = answering(json.dumps(RECORD))

    def refusing(received: Received) -> Step:
        return script(received) if received.path.endswith("/responses") else status(code, words)

    async with FaultServer(refusing) as server:
        given = settings(server.base_url, tmp_path, mode=mode, cache=False)
        assert (await extracted(replace(given, record=first))).status == "ok"
        sent = len(server.received)
        async with open_session(Extractor(Invoice), given) as session:
            assert session.plan.resolved.quirks.api == "responses"
        tape = tmp_path / "tape"
        assert (
            await extracted(settings(server.base_url, tmp_path, mode=mode, cache=False, record=tape))
        ).status == "ok"
        assert [each.path for each in server.received[sent:]] == ["/v1/responses"], "chat is not tried again"
    for folder in (tape, first):
        replayed = await extracted(EndpointSettings(replay=folder))
        assert replayed.status == "ok"
        assert replayed.usage.reasoning_tokens == 20


async def test_an_api_that_is_given_is_kept_to(tmp_path: Path) -> None:
    async with FaultServer(answering("{}", refuses_chat=ONLY_RESPONSES)) as server:
        with pytest.raises(RequestError):
            await extracted(settings(server.base_url, tmp_path, mode="auto", api="chat", cache=False))
    assert {each.path for each in server.received if each.method == "POST"} == {"/v1/chat/completions"}


@pytest.mark.parametrize(
    ("api", "wanted", "code", "words"),
    [
        pytest.param("chat", "responses", 404, ONLY_RESPONSES, id="by the model"),
        pytest.param("chat", "responses", 400, NO_TOOLS, id="by the functions"),
        pytest.param("chat", "responses", 400, AZURE, id="by Azure"),
        pytest.param("responses", "chat", 404, "Not Found", id="no such path"),
    ],
)
async def test_where_a_given_api_is_refused_the_hint_names_the_one_that_is_wanted(
    *, api: str, wanted: str, code: int, words: str, tmp_path: Path
) -> None:
    async with FaultServer(lambda _: status(code, words)) as server:
        given = settings(server.base_url, tmp_path, mode="auto", api=api, cache=False)
        with pytest.raises(RequestError) as probed:
            await extracted(given)
        endpoint = open_endpoint(replace(given, mode="tools"))
        with pytest.raises(RequestError) as asked:
            await endpoint.complete(ask(mode="tools"))
        await endpoint.aclose()
    for caught in (probed, asked) if api == "chat" else (probed,):
        assert f"wants --api {wanted}" in caught.value.hint
        assert "--api auto" in caught.value.hint
        assert "--mode" not in caught.value.hint


async def test_responses_that_were_remembered_and_are_gone_are_left(tmp_path: Path) -> None:
    script = answering(json.dumps(RECORD), refuses_chat=ONLY_RESPONSES)
    gone = False

    def serving(received: Received) -> Step:
        if not gone:
            return script(received)
        if received.path.endswith("/responses"):
            return status(404, "Not Found")
        return Step(
            {"choices": [{"message": {"content": json.dumps(RECORD)}, "finish_reason": "stop"}], "model": "scripted-1"}
        )

    async with FaultServer(serving) as server:
        given = settings(server.base_url, tmp_path, mode="json_schema", cache=False)
        await extracted(given)
        gone = True
        assert (await extracted(given)).status == "ok"
        async with open_session(Extractor(Invoice), given) as session:
            assert session.plan.resolved.quirks.api == "chat"


async def test_a_refusal_over_responses_is_a_state_of_the_record(tmp_path: Path) -> None:
    async with FaultServer([response(refusal("I will not."))]) as server:
        record = await extracted(settings(server.base_url, tmp_path, api="responses", cache=False))
    assert record.status == "refused"
    assert "I will not." in record.issues[0].message


async def test_a_response_cut_at_its_limit_is_asked_for_again_with_more_room(tmp_path: Path) -> None:
    cut = response(message('{"number": "INV'), status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    whole = response(message(json.dumps(RECORD)))
    async with FaultServer([cut, whole]) as server:
        record = await extracted(settings(server.base_url, tmp_path, api="responses", cache=False))
    assert record.status == "ok"
    first, second = (each.body["max_output_tokens"] for each in server.received)
    assert second == 2 * first
    assert misfit(server.received[1].body) == ""


async def test_thoughts_that_use_up_the_limit_get_room_then_less_effort(tmp_path: Path) -> None:
    thought = response(status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    whole = response(message(json.dumps(RECORD)))
    async with FaultServer([thought, thought, whole]) as server:
        given = settings(server.base_url, tmp_path, api="responses", cache=False, reasoning_effort="high")
        record = await extracted(given)
    assert record.status == "ok"
    assert [each.body["reasoning"]["effort"] for each in server.received] == ["high", "high", "low"]
    assert all(misfit(each.body) == "" for each in server.received)


async def test_an_invalid_response_is_asked_for_again_in_the_same_form(tmp_path: Path) -> None:
    async with FaultServer([response(message("[]")), response(message(json.dumps(RECORD)))]) as server:
        record = await extracted(settings(server.base_url, tmp_path, api="responses", cache=False))
    assert record.status == "ok"
    first, second = (each.body for each in server.received)
    assert misfit(second) == ""
    assert "messages" not in second
    assert len(str(second["input"])) > len(str(first["input"]))


async def test_a_parameter_that_is_refused_over_responses_is_left_out(tmp_path: Path) -> None:
    script = answering(json.dumps(RECORD))

    def picky(received: Received) -> Step:
        if "temperature" in received.body:
            return status(400, "Unsupported parameter: 'temperature' is not supported with this model.")
        return script(received)

    async with FaultServer(picky) as server:
        given = settings(server.base_url, tmp_path, mode="tools", api="responses", cache=False)
        assert (await extracted(given)).status == "ok"
        async with open_session(Extractor(Invoice), given) as session:
            assert session.plan.resolved.quirks == ParamQuirks(temperature=False, api="responses")


def completed(step: Step, mode: str = "json_schema") -> Completion:
    return Completion.from_body(step.payload, mode)


def test_a_response_is_read_as_a_completion() -> None:
    assert completed(response(message("hello"))).text == "hello"
    assert completed(response(call('{"name": "Ada"}')), "tools").text == '{"name": "Ada"}'
    pairs = [{"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []}]
    assert completed(response(message("a", logprobs=pairs))).logprobs == (("a", -0.5),)
    filtered = response(message("a"), status="incomplete", incomplete_details={"reason": "content_filter"})
    assert completed(filtered).finish_reason == "content_filter"
    nothing = completed(response(status="incomplete", incomplete_details={"reason": "max_output_tokens"}))
    assert nothing.only_thought


@pytest.mark.parametrize(
    ("code", "kind"),
    [("server_error", ServerError), ("rate_limit_exceeded", RateLimitError), ("invalid_prompt", RequestError)],
)
def test_a_response_that_failed_is_the_error_that_it_says(code: Any, kind: type[EndpointError]) -> None:
    failed = response(status="failed", error={"code": code, "message": "because of this"})
    with pytest.raises(kind, match="because of this") as caught:
        completed(failed)
    assert type(caught.value) is kind
    with pytest.raises(ServerError, match="queued"):
        completed(response(status="queued"))


async def test_a_response_that_failed_in_passing_is_asked_for_again(tmp_path: Path) -> None:
    failed = response(status="failed", error={"code": "server_error", "message": "try again"})
    async with FaultServer([failed, response(message("{}"))]) as server:
        policy: RetryPolicy = Clock().policy()
        endpoint = open_endpoint(settings(server.base_url, tmp_path, api="responses"), policy=policy)
        got = await endpoint.complete(Request(as_responses(ask().body), "json_schema"))
        await endpoint.aclose()
    assert got.attempts == 2
