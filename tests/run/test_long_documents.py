"""A long document is worked on apart: it holds up no other, and what never ends is given up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

import pytest
from pydantic import BaseModel, field_validator

from llmx.documents import Document
from llmx.endpoint import Completion
from llmx.errors import AuthError, DocumentError
from llmx.extraction.document import extract_document
from llmx.extraction.session import Session
from llmx.request import Request
from llmx.run.long_documents import LONG_CHARS, cpu_limit_s, work_apart
from llmx.run.record_maker import NO_RECORDS, RecordMaker
from tests.extraction.scripted import Scripted, plan_for

PLENTY_S = 60.0


class Note(BaseModel):
    """A note."""

    name: str


class Endless(BaseModel):
    """A note whose validation never ends."""

    name: str

    @field_validator("name")
    @classmethod
    def _never(cls, name: str) -> str:
        while name:
            pass
        return name


LONG = Document("book", "Ada met Charles. " * (LONG_CHARS // 17 + 1), "")
SHORT = Document("page", "Ada met Charles.", "")


class AtHome(Scripted):
    """Remembers in which threads it was asked, and told what its answers were worth."""

    def __init__(self, *script: Any) -> None:
        super().__init__(script)
        self.threads: list[int] = []

    async def complete(self, request: Request) -> Completion:
        self.threads.append(threading.get_ident())
        await asyncio.sleep(0)
        return await super().complete(request)

    def keep(self, completion: Completion) -> None:
        self.threads.append(threading.get_ident())
        super().keep(completion)


def session(schema: Any, endpoint: Scripted) -> Session:
    return Session(plan_for(schema), endpoint)


def maker(of: Session, *, cpu_s: float) -> RecordMaker:
    return RecordMaker(of, NO_RECORDS, stop=lambda *_: None, waits=lambda: False, cpu_s=lambda _: cpu_s)


async def test_a_long_document_has_the_record_that_it_would_have_otherwise() -> None:
    apart, here = (session(Note, Scripted([{"name": "Ada"}])) for _ in range(2))
    record = await maker(apart, cpu_s=PLENTY_S).make(LONG)
    assert record == await extract_document(LONG, here.plan, here.endpoint)
    assert record is not None
    assert record.status == "ok"


async def test_its_requests_go_out_where_all_others_do() -> None:
    endpoint = AtHome({"name": "Ada"})
    await maker(session(Note, endpoint), cpu_s=PLENTY_S).make(LONG)
    assert len(endpoint.threads) > 1
    assert set(endpoint.threads) == {threading.get_ident()}


async def test_it_is_computed_in_a_thread_and_a_short_one_is_not() -> None:
    seen: dict[str, int] = {}

    class Seen(BaseModel):
        name: str

        @field_validator("name")
        @classmethod
        def _look(cls, name: str) -> str:
            seen[name] = threading.get_ident()
            return name

    await maker(session(Seen, Scripted([{"name": "Ada"}])), cpu_s=PLENTY_S).make(LONG)
    await maker(session(Seen, Scripted([{"name": "Charles"}])), cpu_s=PLENTY_S).make(SHORT)
    assert seen["Ada"] != threading.get_ident() == seen["Charles"]


@pytest.mark.slow
async def test_a_document_that_is_computed_on_without_end_is_given_up_while_others_go_on() -> None:
    endless = maker(session(Endless, Scripted([{"name": "Ada"}])), cpu_s=0.1)
    other = maker(session(Note, Scripted([{"name": "Ada"}])), cpu_s=PLENTY_S)
    given_up, record = await asyncio.gather(endless.make(LONG), other.make(SHORT))
    assert given_up is not None
    assert (given_up.status, [issue.code for issue in given_up.issues]) == ("failed", ["cpu_limit"])
    assert record is not None
    assert record.status == "ok"


async def test_what_is_given_up_stops() -> None:
    stopped = threading.Event()

    async def endless(_: Session) -> None:
        try:
            while True:
                pass
        finally:
            stopped.set()

    with pytest.raises(DocumentError, match="given up"):
        await work_apart(endless, session(Note, Scripted([{}])), cpu_s=0.05, look_s=0.01)
    assert await asyncio.to_thread(stopped.wait, PLENTY_S)


async def test_what_is_raised_apart_is_raised_here() -> None:
    of = session(Note, Scripted([AuthError("no")]))
    stops: list[Any] = []
    made = RecordMaker(
        of, NO_RECORDS, stop=lambda reason, error: stops.append((reason, str(error))), waits=lambda: False
    )
    assert await made.make(LONG) is None
    assert stops == [("auth", "no")]


async def test_cancelling_cancels_the_work() -> None:
    began, cancelled = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    async def wait(_: Session) -> None:
        loop.call_soon_threadsafe(began.set)
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    work: Coroutine[Any, Any, None] = work_apart(wait, session(Note, Scripted([{}])), cpu_s=PLENTY_S)
    task = asyncio.create_task(work)
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(cancelled.wait, PLENTY_S)


def test_the_limit_grows_with_the_text() -> None:
    assert 100 < cpu_limit_s("") < cpu_limit_s("a" * 1_000_000)
