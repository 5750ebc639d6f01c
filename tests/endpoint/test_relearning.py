from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from llmx.documents import Document
from llmx.endpoint import EndpointSettings
from llmx.endpoint.quirks import ParamQuirks
from llmx.extraction.document import extract_document
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import open_session
from llmx.record import Record
from tests.endpoint.asking import settings
from tests.fault_server import FaultServer, Received, Step, answer, call, status


class Line(BaseModel):
    name: str
    price: str | None


class Invoice(BaseModel):
    """An invoice."""

    number: str = Field(description="Its number")
    lines: list[Line]


RECORD = {"number": "INV-77", "lines": [{"name": "tea", "price": "4.20"}, {"name": "milk", "price": None}]}
PROBED = json.dumps({"capital_of_france": "QX-7", "proof_code": "R9T"})
TEXT = "Invoice INV-77: tea 4.20, milk"

Refusal = Callable[[dict[str, Any]], str | None]


def names(*words: str, message: str) -> Refusal:
    """Return a refusal, with ``message``, of every body that holds one of ``words`` in its form."""

    def refused(body: dict[str, Any]) -> str | None:
        form = json.dumps(
            [body.get("tools"), body.get("response_format"), list(body), [m["role"] for m in body["messages"]]]
        )
        return message if any(f'"{word}"' in form for word in words) else None

    return refused


DEFS = names("$defs", message='Invalid JSON payload received. Unknown name "$defs" at tools[0]')
UNIONS = names("anyOf", message="anyOf is not supported in schemas")
CLOSED = names("additionalProperties", message="Unknown name additionalProperties: Cannot find field.")
CAPS = names("maxItems", "maxLength", message="The specified schema has too many states for serving.")
SYSTEM = names("system", message="System role not supported")
DEVELOPER = names("system", message="Developer instruction is not enabled for models/small")
LIMIT = names("max_tokens", message="Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
TEMPERATURE = names("temperature", message="Unsupported value: 'temperature' does not support 0 with this model.")


def picky(refusals: Sequence[Refusal], *, code: int = 400) -> Callable[[Received], Step]:
    """Return the script of a server that refuses in turn what it does not take, and else answers as it is asked."""

    def script(received: Received) -> Step:
        body = received.body
        for refusal in refusals:
            if message := refusal(body):
                return status(code, message)
        said = PROBED if "capital of France" in str(body["messages"]) else json.dumps(RECORD)
        return call(said) if "tools" in body else answer(said)

    return script


async def extracted(given: EndpointSettings) -> Record[Any]:
    async with open_session(Extractor(Invoice, Options(passes=1)), given) as session:
        return await extract_document(Document("1", TEXT), session.plan, session.endpoint)


async def data(given: EndpointSettings) -> Any:
    record = await extracted(given)
    assert record.data is not None, record.issues
    assert record.status == "ok"
    return record.data.model_dump()


REFUSALS = [
    pytest.param([DEFS], ParamQuirks(definitions=False), id="definitions"),
    pytest.param([UNIONS], ParamQuirks(unions=False), id="unions"),
    pytest.param([CLOSED], ParamQuirks(closed=False), id="closing"),
    pytest.param([CAPS], ParamQuirks(caps=False), id="the caps of lists and texts"),
    pytest.param([SYSTEM], ParamQuirks(system=False), id="the system role"),
    pytest.param([DEVELOPER], ParamQuirks(system=False), id="the system role, by Google"),
    pytest.param([LIMIT], ParamQuirks("max_completion_tokens"), id="the limit's name"),
    pytest.param([TEMPERATURE], ParamQuirks(temperature=False), id="the temperature"),
    pytest.param(
        [LIMIT, TEMPERATURE, SYSTEM, DEFS, UNIONS, CLOSED, CAPS],
        ParamQuirks("max_completion_tokens", False, None, False, False, False, False, False),
        id="all",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["auto", "tools", "json_schema"])
@pytest.mark.parametrize(("refusals", "quirks"), REFUSALS)
async def test_what_a_server_refuses_is_said_in_other_terms_and_remembered(
    refusals: Any, quirks: ParamQuirks, *, mode: str, tmp_path: Path
) -> None:
    async with FaultServer(picky(refusals)) as served:
        given = settings(served.base_url, tmp_path, mode=mode)
        assert await data(given) == RECORD
        sent = len(served.received)
        async with open_session(Extractor(Invoice), given) as session:
            assert session.plan.resolved.quirks == quirks
        assert await data(given) == RECORD
        assert len(served.received) == sent, "the next run builds the same request, which is in the cache"
        assert await data(settings(served.base_url, tmp_path, mode=mode, cache=False)) == RECORD
        assert len(served.received) == sent + 1, "and is refused nothing"


async def test_a_chat_template_without_a_system_role_is_told_by_500_and_not_repeated(tmp_path: Path) -> None:
    async with FaultServer(picky([SYSTEM], code=500)) as served:
        assert await data(settings(served.base_url, tmp_path, mode="json_schema")) == RECORD
    assert len(served.received) == 2
    assert served.received[0].body["messages"][0]["content"] in served.received[1].body["messages"][0]["content"]


@pytest.mark.parametrize("known", [True, False], ids=["known before", "learnt meanwhile"])
@pytest.mark.parametrize("refusals", [case.values[0] for case in REFUSALS], ids=[case.id for case in REFUSALS])
async def test_a_recording_of_rewritten_requests_replays(refusals: Any, *, known: bool, tmp_path: Path) -> None:
    tape = tmp_path / "tape"
    async with FaultServer(picky(refusals)) as served:
        given = settings(served.base_url, tmp_path, cache=False)
        if known:
            await data(given)
        recorded = await data(settings(served.base_url, tmp_path, cache=False, record=tape))
    assert recorded == RECORD
    assert await data(EndpointSettings(replay=tape)) == RECORD


async def test_what_was_learnt_and_does_not_hold_is_unlearnt(tmp_path: Path) -> None:
    new = names("max_completion_tokens", message="Unrecognized request argument supplied: max_completion_tokens")
    refusals: list[Refusal] = [LIMIT]
    async with FaultServer(picky(refusals)) as served:
        given = settings(served.base_url, tmp_path, cache=False)
        await data(given)
        refusals[:] = [new]
        await data(given)
        before = len(served.received)
        await data(given)
    assert len(served.received) == before + 1


async def test_a_mode_that_is_refused_later_is_left_and_forgotten(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    refusals: list[Refusal] = []
    async with FaultServer(picky(refusals)) as served:
        given = settings(served.base_url, tmp_path, mode="auto", cache=False)
        await data(given)
        refusals.append(lambda body: "tools are not supported" if "tools" in body else None)
        with caplog.at_level(logging.WARNING):
            assert await data(given) == RECORD
        assert "asking in mode json" in caplog.text
        async with open_session(Extractor(Invoice), given) as session:
            assert (session.plan.mode, session.plan.resolved.how) == ("json_schema", "probed")


async def test_a_mode_that_the_user_chose_is_not_left(tmp_path: Path) -> None:
    refusal: Refusal = lambda body: "tools are not supported" if "tools" in body else None
    async with FaultServer(picky([refusal])) as served:
        record = await extracted(settings(served.base_url, tmp_path, mode="tools"))
    assert record.status == "failed"
    assert len(served.received) == 1


async def test_a_refusal_that_nothing_helps_costs_one_more_request_and_is_not_remembered(tmp_path: Path) -> None:
    refusal: Refusal = lambda _: "the temperature of this room is not supported"
    async with FaultServer(picky([refusal])) as served:
        given = settings(served.base_url, tmp_path, mode="json_schema")
        record = await extracted(given)
        async with open_session(Extractor(Invoice), given) as session:
            assert session.plan.resolved.quirks == ParamQuirks()
    assert "temperature of this room" in record.issues[0].message
    assert len(served.received) == 2


async def test_a_reask_is_made_in_the_terms_that_are_known(tmp_path: Path) -> None:
    wrong = False

    def script(received: Received) -> Step:
        nonlocal wrong
        step = picky([SYSTEM])(received)
        if step.status == 200 and wrong:
            wrong = False
            return answer('{"number": "INV-77"')
        return step

    async with FaultServer(script) as served:
        given = settings(served.base_url, tmp_path, cache=False)
        await data(given)
        sent, wrong = len(served.received), True
        await data(given)
    asked = [[message["role"] for message in received.body["messages"]] for received in served.received[sent:]]
    assert asked == [["user"], ["user"]]


def forgetful(*, honours: bool, says: Sequence[str] = ("I cannot say.",)) -> Callable[[Received], Step]:
    """Return the script of a server that honours modes in its probe, and afterwards only where it ``honours`` them."""
    numbers = itertools.count()

    def script(received: Received) -> Step:
        probed = "capital of France" in str(received.body["messages"])
        if not probed and not honours:
            return answer(says[next(numbers) % len(says)])
        said = PROBED if probed else json.dumps(RECORD)
        return call(said) if "tools" in received.body else answer(said)

    return script


async def resolved(base_url: str, folder: Path) -> str:
    async with open_session(Extractor(Invoice), settings(base_url, folder, mode="auto")) as session:
        return session.plan.resolved.how


@pytest.mark.parametrize(
    ("honours", "says", "then"),
    [
        pytest.param(False, ["I cannot say."], "probed", id="prose"),
        pytest.param(False, ["I cannot say.", json.dumps(RECORD)], "remembered", id="prose now and then"),
        pytest.param(True, [], "remembered", id="honoured"),
    ],
)
async def test_a_verdict_that_every_answer_disproves_is_forgotten(
    honours: bool, says: list[str], *, then: str, tmp_path: Path
) -> None:
    async with FaultServer(forgetful(honours=honours, says=says)) as served:
        await extracted(settings(served.base_url, tmp_path, mode="auto", cache=False))
        assert await resolved(served.base_url, tmp_path) == then
