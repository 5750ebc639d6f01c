"""An endpoint for tests that answers from a script, in this process and without a wire. It is no model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from llmx.documents import Document
from llmx.endpoint import Completion, Mode, ResolvedModel
from llmx.extraction.document import extract_document
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor, Plan
from llmx.record import Record, Usage
from llmx.request import Request
from tests.endpoint.stub import StubEndpoint

Said = dict[str, Any] | str | Completion | Exception
USAGE = Usage(10, 5, 4)


def said(text: str | None, finish: Any = "stop", **more: Any) -> Completion:
    """Return a completion that costs ``USAGE``."""
    return Completion(text, finish, usage=USAGE, model="scripted-1", seconds=0.5, **more)


class Scripted(StubEndpoint):
    """Answers requests by a list, one after the other (the last one for ever), or by a function of the request."""

    def __init__(self, script: Iterable[Said] | Callable[[Request], Said]) -> None:
        self.script = script if callable(script) else list(script)
        self.requests: list[Request] = []
        self.accepted: list[bool] = []

    async def complete(self, request: Request) -> Completion:
        number = len(self.requests)
        self.requests.append(request)
        answer = self.script(request) if callable(self.script) else self.script[min(number, len(self.script) - 1)]
        if isinstance(answer, Exception):
            raise answer
        if not isinstance(answer, Completion):
            answer = said(answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False))
        return answer

    def keep(self, _: Completion) -> None:
        self.accepted.append(True)

    def reject(self, _: Completion) -> None:
        self.accepted.append(False)

    def question(self, number: int = -1) -> str:
        """Return the last message of a request."""
        return str(self.requests[number].body["messages"][-1]["content"])


def plan_for(schema: Any, mode: Mode = "json_schema", **options: Any) -> Plan:
    """Return a plan for a scripted model; one look, no examples, unless ``options`` say otherwise."""
    chosen = {"passes": 1, "examples": "none", "boilerplate": "keep", **options}
    return Extractor(schema, Options(**chosen)).plan(ResolvedModel("scripted-1", mode, "given"))


async def extracted(
    schema: Any, text: str, script: Iterable[Said] | Callable[[Request], Said] | Scripted, **options: Any
) -> Record[Any]:
    """Return the record of ``text`` when ``script`` answers."""
    endpoint = script if isinstance(script, Scripted) else Scripted(script)
    return await extract_document(Document("d", text), plan_for(schema, **options), endpoint)


def codes(record: Record[Any]) -> list[tuple[str, str]]:
    """Return (code, path) of a record's issues."""
    return [(issue.code, issue.path) for issue in record.issues]
