from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmx.endpoint import open_endpoint
from llmx.endpoint.probe import Probe, ProbeResult, remember, remembered, result_path
from llmx.endpoint.providers.openai_compatible import OpenAICompatible
from llmx.endpoint.providers.route import Access
from llmx.endpoint.quirks import ParamQuirks
from llmx.endpoint.resolving import examine
from llmx.errors import AuthError, ConnectError, RequestError, ServerError
from tests.endpoint.asking import Clock, ask, settings
from tests.fault_server import RESET, FaultServer, Received, Step, answer, call, status

OBEDIENT = json.dumps({"capital_of_france": "QX-7", "proof_code": "R9T"})
PARIS = "The capital of France is Paris."


def asked_for(received: Received) -> str:
    if "tools" in received.body:
        return "tools"
    return {"json_schema": "json_schema", "json_object": "json"}.get(
        received.body.get("response_format", {}).get("type", ""), "text"
    )


def server(**steps: Step) -> FaultServer:
    """Return a server that does one thing a mode, and answers in plain English in those not named."""
    script: Callable[[Received], Step] = lambda received: steps.get(asked_for(received), answer(PARIS))
    return FaultServer(script)


async def probed(served: FaultServer) -> ProbeResult:
    async with served:
        wire = OpenAICompatible(Access(served.base_url))
        try:
            return await Probe(wire, "scripted-1", Clock().policy(attempts=2)).best_mode()
        finally:
            await wire.aclose()


@pytest.mark.parametrize(
    ("steps", "mode"),
    [
        pytest.param({"tools": call(OBEDIENT)}, "tools", id="tools honoured"),
        pytest.param({"json_schema": answer(OBEDIENT)}, "json_schema", id="tools ignored, schema honoured"),
        pytest.param({"tools": answer(OBEDIENT), "json_schema": answer(OBEDIENT)}, "tools", id="the call came as content"),
        pytest.param({"tools": call('{"capital_of_france": "Paris"}'), "json": answer('{"a": 1}')}, "json", id="disobeyed"),
        pytest.param({"tools": call("{"), "json_schema": answer('{"capital')}, "text", id="malformed"),
        pytest.param({"tools": status(400, "no tools here"), "json_schema": answer(OBEDIENT)}, "json_schema", id="tools refused"),
        pytest.param({"tools": status(500, "--jinja"), "json_schema": answer(OBEDIENT)}, "json_schema", id="tools crash"),
        pytest.param({"json_schema": answer('{"answer": "Paris"}'), "json": answer('{"a": 1}')}, "json", id="schema taken as JSON"),
        pytest.param({"json": answer(f"```json\n{OBEDIENT}\n```")}, "text", id="fenced JSON is not constrained"),
        pytest.param({}, "text", id="nothing honoured"),
        pytest.param({"text": answer("<think>", finish="length")}, "text", id="it only thinks"),
    ],
)  # fmt: skip
async def test_a_mode_counts_as_honoured_only_when_the_answer_obeys(steps: Any, mode: Any) -> None:
    result = await probed(server(**steps))
    assert result.mode == mode
    assert result.tried[mode] == "honoured"
    assert all(outcome != "honoured" for tried, outcome in result.tried.items() if tried != mode)


async def test_the_questions_are_short_and_do_not_show_the_schema() -> None:
    served = server()
    await probed(served)
    for received in served.received:
        told = json.dumps(received.body["messages"])
        assert "QX-7" not in told
        assert "proof_code" not in told
        assert received.body["max_tokens"] <= 64
    assert [asked_for(received) for received in served.received] == ["tools", "json_schema", "json", "text"]


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (status(401), AuthError),
        (status(403), AuthError),
        (status(404), RequestError),
        (status(500), ServerError),
        (RESET, ConnectError),
    ],
)
async def test_what_is_wrong_with_the_endpoint_itself_is_raised(step: Any, error: Any) -> None:
    with pytest.raises(error):
        await probed(FaultServer([step]))


async def test_a_passing_failure_does_not_decide() -> None:
    assert (await probed(FaultServer([status(503), call(OBEDIENT)]))).mode == "tools"


async def test_how_the_endpoint_names_its_settings_is_learnt() -> None:
    def script(received: Received) -> Step:
        if "max_tokens" in received.body:
            return status(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        if "temperature" in received.body:
            return status(400, "Unsupported value: 'temperature' does not support 0.")
        return call(OBEDIENT)

    result = await probed(FaultServer(script))
    assert (result.mode, result.quirks) == ("tools", ParamQuirks("max_completion_tokens", temperature=False))


async def test_an_endpoint_is_probed_once_and_never_again(tmp_path: Path) -> None:
    async with server(json_schema=answer(OBEDIENT)) as served:
        how = []
        for refresh in (False, False, True):
            endpoint = open_endpoint(settings(served.base_url, tmp_path, mode="auto", refresh=refresh))
            resolved = await endpoint.resolve()
            how.append((resolved.mode, resolved.how))
            assert await endpoint.resolve() is resolved
            await endpoint.aclose()
    assert how == [("json_schema", "probed"), ("json_schema", "remembered"), ("json_schema", "probed")]
    assert len(served.received) == 4


async def test_another_model_or_another_endpoint_is_probed_anew(tmp_path: Path) -> None:
    async with server(tools=call(OBEDIENT)) as served, server(tools=call(OBEDIENT)) as other:
        for base_url, model in ((served.base_url, "a"), (served.base_url, "b"), (other.base_url, "a")):
            endpoint = open_endpoint(settings(base_url, tmp_path, mode="auto", model=model))
            assert (await endpoint.resolve()).how == "probed"
            await endpoint.aclose()


async def test_examining_an_endpoint_tries_every_mode_whatever_is_remembered(tmp_path: Path) -> None:
    async with server(json_schema=answer(OBEDIENT), json=answer("{}")) as served:
        given = settings(served.base_url, tmp_path, mode="auto")
        for _ in range(2):
            endpoint = open_endpoint(given)
            await endpoint.resolve()
            assert endpoint.provider is not None
            result = await examine(endpoint.provider, given)
            await endpoint.aclose()
    assert [mode for mode, outcome in result.tried.items() if outcome == "honoured"] == ["json_schema", "json", "text"]
    assert (result.mode, result.quirks.strict) == ("json_schema", True)
    assert result == remembered(result_path(tmp_path / "cache", served.base_url, "scripted-1"))
    assert len(served.received) == 2 + 2 * 5


async def test_a_given_mode_is_not_probed(tmp_path: Path) -> None:
    async with server() as served:
        endpoint = open_endpoint(settings(served.base_url, tmp_path, mode="tools"))
        assert (await endpoint.resolve()).mode == "tools"
        await endpoint.aclose()
    assert served.received == []


async def test_a_chosen_mode_takes_the_parameters_names_that_the_probe_has_learnt(tmp_path: Path) -> None:
    def script(received: Received) -> Step:
        return status(400, "use max_completion_tokens") if "max_tokens" in received.body else call(OBEDIENT)

    async with FaultServer(script) as served:
        for mode in ("auto", "json_schema"):
            endpoint = open_endpoint(settings(served.base_url, tmp_path, mode=mode))
            resolved = await endpoint.resolve()
            await endpoint.aclose()
    assert (resolved.mode, resolved.quirks.limit_name) == ("json_schema", "max_completion_tokens")
    assert len(served.received) == 2


@pytest.mark.parametrize(
    ("refusal", "remembers"),
    [
        pytest.param("use max_completion_tokens instead of max_tokens", False, id="the form"),
        pytest.param("maximum context length is 9 tokens, you asked for max_tokens 50", True, id="the size"),
        pytest.param("no images, please", True, id="something else"),
    ],
)
async def test_what_was_remembered_is_forgotten_when_the_endpoint_refuses_the_form(
    refusal: str, *, remembers: bool, tmp_path: Path
) -> None:
    script = lambda received: call(OBEDIENT) if received.number == 0 else status(400, refusal)
    async with FaultServer(script) as served:
        endpoint = open_endpoint(settings(served.base_url, tmp_path, mode="auto"))
        await endpoint.resolve()
        with pytest.raises(RequestError) as caught:
            await endpoint.complete(ask(mode="tools"))
        await endpoint.aclose()
    path = result_path(tmp_path / "cache", served.base_url, "scripted-1")
    assert (remembered(path) is not None) is remembers
    assert ("probes it anew" not in caught.value.hint) is remembers


async def test_the_probe_of_an_unknown_model_lists_those_that_are_offered(tmp_path: Path) -> None:
    async with FaultServer([status(404)], models=["qwen"]) as served:
        endpoint = open_endpoint(settings(served.base_url, tmp_path, mode="auto"))
        with pytest.raises(RequestError, match="scripted-1") as caught:
            await endpoint.resolve()
        await endpoint.aclose()
    assert "qwen" in caught.value.hint


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"v": 1}', '{"v": 2, "mode": "yaml"}', '{"v": 2, "mode": "json", "quirks": {}, "x": 1}']
)
def test_a_result_that_cannot_be_read_is_forgotten(text: Any, tmp_path: Path) -> None:
    path = result_path(tmp_path, "http://x/v1", "m")
    remember(path, ProbeResult("m", "json"), "http://x/v1")
    assert remembered(path) == ProbeResult("m", "json")
    path.write_text(text)
    assert remembered(path) is None


def test_a_folder_that_cannot_be_written_forgets(tmp_path: Path) -> None:
    (tmp_path / "probes").write_text("in the way")
    path = result_path(tmp_path, None, "m")
    remember(path, ProbeResult("m", "json"), None)
    assert remembered(path) is None
