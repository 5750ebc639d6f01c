"""Administers a cassette: lists it, verifies it, and removes what no replay needs any more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from llmx.endpoint.completion import Completion
from llmx.endpoint.exchange import Exchange, Failure, is_final, kept_headers, read_exchange
from llmx.errors import CassetteError, EndpointError
from llmx.record import Usage

if TYPE_CHECKING:
    from llmx.endpoint.cassette import Cassette
    from llmx.endpoint.redact import Redactor
    from llmx.endpoint.wire import Response

_ASKED_CHARS = 60  # of what was asked, in a line


@dataclass(frozen=True, slots=True)
class ExchangeSummary:
    """One line of ``llmx cassette ls``: what was asked and what came back. A status of 0 is 'no answer'."""

    path: Path
    key: str
    recorded: str
    model: str
    mode: str
    endpoint: str
    statuses: tuple[int, ...]
    usage: Usage
    asked: str

    def __str__(self) -> str:
        statuses = " ".join(str(status) if status else "none" for status in self.statuses)
        tokens = f"{self.usage.input_tokens}+{self.usage.output_tokens}"
        asked = self.asked if len(self.asked) <= _ASKED_CHARS else "…" + self.asked[-_ASKED_CHARS + 1 :]
        return f"{self.key[:16]}  {self.recorded}  {self.model}  {self.mode}  {statuses}  {tokens} tokens  {asked}"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one file of a cassette."""

    path: Path
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def summaries(cassette: Cassette) -> list[ExchangeSummary]:
    """Return what ``cassette`` holds, in the order of the files' names. Raises CassetteError on a damaged file."""
    return [_summary(path, read_exchange(path)) for path in cassette.paths()]


def exchange_text(cassette: Cassette, key: str) -> str:
    """Return the text of the exchange whose key or file name begins with ``key``.

    Raises CassetteError where none or several do.
    """
    found = [path for path in cassette.paths() if path.stem.startswith(key.removesuffix(".json")[:16])]
    if len(found) != 1:
        names = ", ".join(path.stem for path in (found or cassette.paths())[:8])
        what = f"{len(found)} exchanges begin" if found else "no exchange begins"
        raise CassetteError(f"{what} with {key!r} in {cassette.folder}", hint=f"There are: {names}")
    return found[0].read_text(encoding="utf-8")


def verify(cassette: Cassette) -> list[Problem]:
    """Return everything that is wrong with ``cassette``, [] where it is sound.

    Checked are the form of each file, its key (computed anew), its name, its last answer (which must be a completion or
    a final error), its headers, and whether anything in it looks like a secret: in the file as it is, and in the bodies
    as the server sent them, whatever their encoding.
    """
    problems: list[Problem] = []
    for path in cassette.paths():
        try:
            exchange = read_exchange(path)
        except CassetteError as error:
            problems.append(Problem(path, error.message))
            continue
        problems += [Problem(path, message) for message in _faults(cassette, path, exchange)]
    return problems


def prune(cassette: Cassette, used: Iterable[str] | None = None, *, dry_run: bool = False) -> list[Path]:
    """Remove the exchanges whose keys are not in ``used`` (default: those that this cassette replayed); return them."""
    keep = {key[:16] for key in (cassette.used if used is None else used)}
    gone = [path for path in cassette.paths() if path.stem not in keep]
    if not dry_run:
        for path in gone:
            path.unlink(missing_ok=True)
        cassette.forget()
    return gone


def _summary(path: Path, exchange: Exchange) -> ExchangeSummary:
    last = _last(exchange)
    messages = exchange.request.messages or [{}]
    asked = " ".join(str(messages[-1].get("content") or "").split())
    return ExchangeSummary(
        path=path,
        key=exchange.key,
        recorded=exchange.recorded,
        model=exchange.request.model,
        mode=exchange.request.mode,
        endpoint=exchange.endpoint,
        statuses=tuple(0 if isinstance(r, Failure) else r.status for r in exchange.responses),
        usage=last.usage if isinstance(last, Completion) else Usage(),
        asked=asked[-200:],
    )


def _last(exchange: Exchange) -> Completion | str:
    """Return the last answer as a completion, or what else it is, in words."""
    response = exchange.responses[-1]
    if isinstance(response, Failure):
        return f"the last attempt failed: {response.message}"
    if response.status >= 400:
        return f"the last answer has status {response.status}"
    try:
        return Completion.from_body(response.body, exchange.request.mode)
    except EndpointError as error:
        return error.message


def _faults(cassette: Cassette, path: Path, exchange: Exchange) -> list[str]:
    text = path.read_text(encoding="utf-8")
    key: str = orjson.loads(text)["key"]
    faults: list[str] = []
    if key != exchange.key:
        faults.append(f"the key is {key[:16]}…, but its request has {exchange.key[:16]}…: it was edited")
    if path.stem != exchange.key[:16]:
        faults.append(f"the file should be named {exchange.key[:16]}.json")
    last = _last(exchange)
    if not is_final(exchange.responses[-1], exchange.request.mode):
        faults.append(f"the recording ends before an answer: {last}")
    answers = [response for response in exchange.responses if not isinstance(response, Failure)]
    if more := {name for answer in answers for name in answer.headers if name not in kept_headers(answer.headers)}:
        faults.append(f"it holds headers that must not be in a cassette: {', '.join(sorted(more))}")
    if _holds_secret(cassette.redactor, orjson.loads(text), answers):
        faults.append("it holds something that looks like a secret")
    return faults


def _holds_secret(redactor: Redactor, file: Any, answers: Iterable[Response]) -> bool:
    """Return whether there is a secret in the JSON of a ``file``, or in the bodies of its ``answers``."""
    members = {name: value for name, value in file.items() if name != "key"}  # a hash, which looks like one
    bodies = [answer.body for answer in answers]
    return redactor.value(members) is not members or any(redactor.body(body) is not body for body in bodies)
