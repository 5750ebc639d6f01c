"""What the tests of the endpoint share: requests to ask, settings to ask with, a clock that does not wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from llmx.endpoint import Completion, Endpoint, EndpointSettings, response_format
from llmx.endpoint.modes import Mode
from llmx.endpoint.retry import RetryPolicy
from llmx.request import Request


class Person(BaseModel):
    """Somebody."""

    model_config = ConfigDict(extra="forbid")
    name: str


def ask(
    text: str = "Who wrote the first program?", *, mode: Mode = "json_schema", sample: int = 0, **body: Any
) -> Request:
    messages = [{"role": "system", "content": "Extract."}, {"role": "user", "content": text}]
    return Request(
        {"model": "scripted-1", "messages": messages, **response_format(Person, mode).body, **body}, mode, sample
    )


async def complete(endpoint: Endpoint, request: Request, *, valid: bool = True) -> Completion:
    """Ask as the extraction does: the answer is kept if it is complete and ``valid``, else rejected."""
    completion = await endpoint.complete(request)
    if valid and completion.complete:
        endpoint.keep(completion)
    else:
        endpoint.reject(completion)
    return completion


def settings(base_url: str, folder: Path, **more: Any) -> EndpointSettings:
    more = {"model": "scripted-1", "mode": "json_schema", "cache_dir": folder / "cache", **more}
    return EndpointSettings(base_url=base_url, **more)


@dataclass
class Clock:
    """Counts the seconds that would have been slept, instead of sleeping them."""

    now_s: float = 0.0
    slept_s: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_s += seconds

    def policy(self, attempts: int = 8, budget_s: float = 600.0, chance: float = 0.5) -> RetryPolicy:
        return RetryPolicy(attempts, budget_s, sleep=self.sleep, chance=lambda: chance, clock=lambda: self.now_s)
