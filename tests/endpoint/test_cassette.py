from __future__ import annotations

import asyncio
import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from llmx.endpoint import open_endpoint
from llmx.endpoint.cassette import Cassette, RecordWire, ReplayWire
from llmx.endpoint.exchange import Exchange, Failure, endpoint_kind, read_exchange
from llmx.endpoint.providers.openai_compatible import OpenAICompatible
from llmx.endpoint.providers.route import Access
from llmx.endpoint.quirks import ParamQuirks
from llmx.endpoint.redact import Redactor
from llmx.endpoint.settings import EndpointSettings
from llmx.endpoint.wire import Response
from llmx.errors import CassetteError, ConnectError, EndpointError, LlmxError
from llmx.request import Request
from tests.endpoint.asking import Clock, ask, complete, settings
from tests.fault_server import CUT, HANG, HTML, RESET, FaultServer, Step, answer, call, completion, status

SECRET = "sk-proj-abcdefghijklmnop1234"


async def record(tmp_path: Path, script: list[Step], *requests: Request, **more: Any) -> list[Any]:
    """Return what each of ``requests`` gave while it was recorded."""
    async with FaultServer(script) as server:
        given = settings(server.base_url, tmp_path, record=tmp_path / "tape", timeout_s=0.4, **more)
        return await answers(open_endpoint(given, policy=Clock().policy(budget_s=7200)), *requests)


async def replay(tmp_path: Path, *requests: Request, **more: Any) -> list[Any]:
    return await answers(open_endpoint(EndpointSettings(replay=tmp_path / "tape", **more)), *requests)


async def answers(endpoint: Any, *requests: Request) -> list[Any]:
    got: list[Any] = []
    for request in requests:
        try:
            got.append((await endpoint.complete(request)).to_json())
        except LlmxError as error:
            got.append(
                (type(error), error.message.replace(getattr(endpoint.settings, "base_url", "") or "?", "the endpoint"))
            )
    await endpoint.aclose()
    return got


@pytest.mark.parametrize(
    "script",
    [
        pytest.param([answer()], id="an answer"),
        pytest.param([answer("Zürich ☃")], id="other scripts"),
        pytest.param([status(429, retry_after="3600"), status(500), answer()], id="failures first"),
        pytest.param([RESET, CUT, answer()], id="broken connections first"),
        pytest.param([HANG, answer()], id="a hang first"),
        pytest.param([HTML, Step(b'{"choi'), answer()], id="broken bodies first"),
        pytest.param([Step(b"\xff\x00"), answer()], id="a body that is not UTF-8 first"),
        pytest.param([answer("{", finish="length")], id="cut by length"),
        pytest.param([answer(None, refusal="no")], id="a refusal"),
        pytest.param([status(400, "bad")], id="refused by the server"),
        pytest.param([status(500, "down")], id="failures to the end"),
        pytest.param([status(500), status(429, retry_after="9999"), answer()], id="given up for a long Retry-After"),
    ],
)
async def test_a_replay_gives_what_the_recording_gave(script: Any, tmp_path: Path) -> None:
    recorded = await record(tmp_path, script, ask())
    assert await replay(tmp_path, ask()) == recorded


steps = st.sampled_from(
    [
        answer(),
        answer("{}"),
        call("{}"),
        status(429),
        status(500),
        RESET,
        HTML,
        status(400),
        answer("x", finish="length"),
    ]
)


@pytest.mark.slow
@given(
    script=st.lists(steps, min_size=1, max_size=6),
    texts=st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True),
)
@examples(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_happens_while_recording_happens_again_on_every_replay(script: Any, texts: Any) -> None:
    requests = [ask(text, mode=mode) for text in texts for mode in ("json_schema", "tools")]

    async def both(folder: Path) -> None:
        recorded = await record(folder, script, *requests)
        assert await replay(folder, *requests) == recorded
        assert await replay(folder, *requests) == recorded

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(both(Path(folder)))


async def test_a_replay_does_not_wait_and_needs_no_server(tmp_path: Path) -> None:
    await record(tmp_path, [status(429, retry_after="3600"), answer()], ask())
    endpoint = open_endpoint(EndpointSettings(replay=tmp_path / "tape"))
    got = await asyncio.wait_for(endpoint.complete(ask()), timeout=5)
    assert (got.origin, got.attempts, endpoint.stats.replayed) == ("cassette", 2, 1)


async def test_a_replay_needs_to_be_told_neither_model_nor_mode(tmp_path: Path) -> None:
    await record(tmp_path, [call("{}")], ask(mode="tools", max_completion_tokens=9))
    resolved = await open_endpoint(EndpointSettings(replay=tmp_path / "tape")).resolve()
    assert (resolved.model, resolved.mode, resolved.how) == ("scripted-1", "tools", "cassette")
    assert resolved.quirks == ParamQuirks("max_completion_tokens", temperature=False)


@pytest.mark.parametrize("chosen", [{}, {"model": "scripted-1", "mode": "json_schema"}], ids=["open", "chosen"])
async def test_what_the_endpoint_refused_is_no_example_of_how_to_ask(chosen: Any, tmp_path: Path) -> None:
    refused = [ask(str(number), max_tokens=9) for number in range(3)]
    script = [status(400, "use max_completion_tokens")] * 3 + [answer()]
    await record(tmp_path, script, *refused, ask("3", max_completion_tokens=9))
    resolved = await open_endpoint(EndpointSettings(replay=tmp_path / "tape", **chosen)).resolve()
    assert resolved.quirks.limit_name == "max_completion_tokens"


async def test_of_several_recorded_models_one_must_be_chosen(tmp_path: Path) -> None:
    await record(tmp_path, [answer()], ask(), Request({**ask().body, "model": "other"}, "json"))
    tape = Cassette(tmp_path / "tape")
    with pytest.raises(CassetteError, match="several models: other, scripted-1"):
        tape.settings()
    assert tape.settings(model="other").mode == "json"
    with pytest.raises(CassetteError, match="no exchange of the model 'third'"):
        tape.settings(model="third")


@pytest.mark.parametrize("chosen", [{}, {"model": "scripted-1", "mode": "json_schema"}], ids=["open", "chosen"])
@pytest.mark.parametrize("questions", [0, 3], ids=["none", "most"])
async def test_questions_about_values_show_that_there_were_some_and_nothing_else(
    chosen: Any, questions: int, tmp_path: Path
) -> None:
    about = {"max_tokens": 1, "logprobs": True, "top_logprobs": 10}
    asked = [ask(str(number), mode="text", **about) for number in range(questions)]
    await record(tmp_path, [answer()], ask(max_tokens=99), *asked)
    resolved = await open_endpoint(EndpointSettings(replay=tmp_path / "tape", **chosen)).resolve()
    assert (resolved.mode, resolved.extra, resolved.verifies) == ("json_schema", {}, questions > 0)


async def test_a_miss_says_which_request_is_nearest_and_what_differs(tmp_path: Path) -> None:
    await record(tmp_path, [answer()], ask("Ada wrote notes.\nIn 1843."), ask("Something else entirely."))
    [(kind, message)] = await replay(tmp_path, ask("Ada wrote notes.\nIn 1844.", temperature=0.5))
    assert kind is CassetteError
    assert "-user: In 1843." in message
    assert "+user: In 1844." in message
    assert "+temperature: 0.5" in message
    assert "Ada wrote notes." not in message


async def test_a_miss_says_how_to_record(tmp_path: Path) -> None:
    await record(tmp_path, [answer()], ask())
    with pytest.raises(CassetteError) as caught:
        await open_endpoint(EndpointSettings(replay=tmp_path / "tape")).complete(ask("other"))
    assert "--record" in caught.value.hint


async def test_a_replay_without_its_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="no cassette folder"):
        await open_endpoint(EndpointSettings(replay=tmp_path / "none")).complete(ask())


async def test_a_file_tells_who_recorded_what_and_when_in_a_fixed_order(tmp_path: Path) -> None:
    async with FaultServer() as server:
        tape = Cassette(tmp_path / "tape")
        wire = RecordWire(
            OpenAICompatible(Access(server.base_url)), tape, version="1.2.3", today=lambda: dt.date(2026, 1, 2)
        )
        await wire.send(ask(sample=3))
        await wire.aclose()
    [path] = tape.paths()
    told = json.loads(path.read_text())
    assert list(told) == ["llmx", "recorded", "model", "endpoint", "mode", "sample", "key", "request", "responses"]
    assert (told["llmx"], told["recorded"], told["model"]) == ("1.2.3", "2026-01-02", "scripted-1")
    assert (told["mode"], told["sample"], told["key"]) == ("json_schema", 3, ask(sample=3).key)
    assert path.name == f"{told['key'][:16]}.json"
    assert list(told["request"]) == list(ask().body)
    assert "127.0.0.1" not in path.read_text()


async def test_the_host_stands_in_no_file_even_when_it_failed(tmp_path: Path) -> None:
    await record(tmp_path, [RESET, answer()], ask())
    assert all("127.0.0.1" not in path.read_text() for path in (tmp_path / "tape").iterdir())


async def test_recording_again_gives_the_same_bytes(tmp_path: Path) -> None:
    def without_time(path: Path) -> list[str]:
        return [line for line in path.read_text().splitlines() if '"seconds"' not in line]

    await record(tmp_path, [status(500), answer()], ask())
    [first] = (tmp_path / "tape").iterdir()
    before = without_time(first)
    await record(tmp_path, [status(500), answer()], ask())
    assert [without_time(path) for path in (tmp_path / "tape").iterdir()] == [before]


async def test_secrets_are_neither_written_nor_matched(tmp_path: Path) -> None:
    leaky = Step(
        completion({"content": f"your key is {SECRET}, and hunter2hunter2"}),
        headers={"Set-Cookie": "session=abc", "X-Request-Id": "r", "Authorization": "Bearer x"},
    )
    rules: dict[str, Any] = {"api_key": "hunter2hunter2", "redact": ("Bluebird", r"/client-\d+/")}
    await record(tmp_path, [leaky], ask(f"Project Bluebird of client-42, {SECRET}"), **rules)
    [path] = (tmp_path / "tape").iterdir()
    written = path.read_text()
    for secret in (SECRET, "hunter2", "Bluebird", "client-42", "session", "Bearer", "x-request-id"):
        assert secret not in written
    [got] = await replay(
        tmp_path, ask("Project Bluebird of client-77, sk-another-abcdefghijklmnop"), redact=rules["redact"]
    )
    assert got["text"] == "your key is [redacted], and [redacted]"


async def test_a_recording_asks_for_everything_although_the_cache_knows_it(tmp_path: Path) -> None:
    async with FaultServer() as server:
        for more in ({}, {"record": tmp_path / "tape"}):
            endpoint = open_endpoint(settings(server.base_url, tmp_path, **more))
            await complete(endpoint, ask())
            await endpoint.aclose()
    assert len(server.received) == 2
    assert len(list((tmp_path / "tape").iterdir())) == 1


async def test_a_replay_neither_reads_nor_writes_the_cache(tmp_path: Path) -> None:
    await record(tmp_path, [answer()], ask())
    endpoint = open_endpoint(EndpointSettings(replay=tmp_path / "tape", cache_dir=tmp_path / "replay-cache"))
    await complete(endpoint, ask())
    await endpoint.aclose()
    assert not (tmp_path / "replay-cache").exists()


bodies = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(str.encode),
    st.dictionaries(st.text(max_size=3), st.floats(allow_nan=False) | st.text(max_size=5), max_size=3).map(
        lambda value: json.dumps(value).encode()
    ),
    st.sampled_from([b'{"a":1.50}', b'{"a":1.5}', b'{\n  "a": 1\n}', b'{"a": 1}\n', b'{"a":1,"a":2}', b'{"a":1e400}', b'"\\u00e9"']),
)  # fmt: skip


@given(body=bodies, code=st.sampled_from([200, 429, 500]))
def test_bodies_are_kept_byte_for_byte(body: Any, code: Any) -> None:
    written = Exchange("0", "2026-01-01", "test", ask(), (Response(code, {}, body, 0.125), Failure("reset", 0.5)))
    with tempfile.TemporaryDirectory() as folder:
        path = Cassette(Path(folder)).save(written)
        assert read_exchange(path).responses == written.responses


async def test_an_edited_request_no_longer_answers(tmp_path: Path) -> None:
    await record(tmp_path, [answer()], ask())
    [path] = (tmp_path / "tape").iterdir()
    path.write_text(path.read_text().replace("first program", "second program"))
    with pytest.raises(CassetteError, match="has no answer"):
        await open_endpoint(EndpointSettings(replay=tmp_path / "tape")).complete(ask())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not an exchange"), ("[]", "no JSON object"), ("{}", "'llmx' is missing"),
        (('{"llmx": "0", "recorded": "x", "model": "m", "endpoint": "e", "mode": "json", "sample": 0, "key": "k", '
         '"request": {}, "responses": []}'), "no response"),
        (('{"llmx": "0", "recorded": "x", "model": "m", "endpoint": "e", "mode": "json", "sample": 0, "key": "k", '
         '"request": {}, "responses": [{"status": 200}]}'), "cannot be read"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_told_by_its_name(text: Any, told: Any, tmp_path: Path) -> None:
    path = tmp_path / "abc.json"
    path.write_text(text)
    with pytest.raises(CassetteError, match=told) as caught:
        read_exchange(path)
    assert "abc.json" in caught.value.message


@pytest.mark.parametrize(
    ("base_url", "headers", "body", "kind"),
    [
        (None, {}, b"{}", "openai"),
        ("https://api.openai.com/v1", {}, b"{}", "openai"),
        ("http://127.0.0.1:1/v1", {"server": "llama.cpp"}, b"{}", "llama.cpp"),
        ("http://127.0.0.1:1/v1", {}, b'{"timings":{"predicted_per_second":1}}', "llama.cpp"),
        ("http://127.0.0.1:1/v1", {}, b'{"system_fingerprint":"fp_ollama"}', "ollama"),
        ("http://127.0.0.1:1/v1", {}, b'{"prompt_logprobs":null}', "vllm"),
        ("https://example.com/v1", {}, b"\xff", "openai-compatible"),
    ],
)
def test_the_kind_of_endpoint_is_told_without_its_host(*, base_url: Any, headers: Any, body: Any, kind: Any) -> None:
    assert endpoint_kind(base_url, Response(200, headers, body)) == kind


async def test_a_recorded_failure_of_the_transport_is_one_on_replay(tmp_path: Path) -> None:
    tape = Cassette(tmp_path)
    tape.save(Exchange("0", "2026-01-01", "test", ask(), (Failure("reset"),)))
    with pytest.raises(ConnectError, match="reset"):
        await ReplayWire(tape).send(ask())


async def test_a_replay_answers_thousands_in_a_second(tmp_path: Path) -> None:
    tape, redactor = Cassette(tmp_path / "tape"), Redactor.of(secrets=["hunter2hunter2"])
    reply = Response(200, {}, json.dumps(completion({"content": '{"name": "Ada"}'}), separators=(",", ":")).encode())
    for i in range(200):
        tape.save(Exchange("0", "2026-01-01", "test", ask(f"{i} " + "word " * 600), (reply,)))
    requests = [ask(f"{i} " + "word " * 600) for i in range(200)]
    endpoint = open_endpoint(EndpointSettings(replay=tmp_path / "tape", api_key="hunter2hunter2"))
    loop = asyncio.get_running_loop()
    begin_s = loop.time()
    for request in requests:
        await endpoint.complete(request)
    assert redactor.surely_clean(requests[0].body)
    assert loop.time() - begin_s < 200 / 500, "a tenth of the 5,000 a second that are promised, for busy machines"


async def test_an_endpoint_error_while_recording_is_still_one(tmp_path: Path) -> None:
    recorded = await record(tmp_path, [status(401, "no key")], ask())
    assert issubclass(recorded[0][0], EndpointError)


async def test_an_answer_that_cannot_be_recorded_is_given_and_then_told(tmp_path: Path) -> None:
    (tmp_path / "tape").write_text("a file where the folder should be")
    first, second = ask("first"), ask("second")
    async with FaultServer([answer(), answer()]) as server:
        given = settings(server.base_url, tmp_path, record=tmp_path / "tape")
        endpoint = open_endpoint(given)
        assert (await endpoint.complete(first)).text
        with pytest.raises(CassetteError, match="cannot write the cassette"):
            await endpoint.complete(second)
        await endpoint.aclose()
        assert len(server.received) == 1

        alone = open_endpoint(given)
        await alone.complete(first)
        with pytest.raises(CassetteError, match="cannot write the cassette"):
            await alone.aclose()
