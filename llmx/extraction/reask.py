"""From a request to a validated answer: sending, parsing, validating against the wire model, asking again.

Two kinds of repetition never mix: what the wire failed to do is repeated below ``endpoint.complete``; what the model
got wrong is answered here by a re-ask that quotes only the faulty values. An answer cut by length gets a larger limit
once, and then its complete elements are kept.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from llmx.endpoint import Completion, Endpoint, parse
from llmx.endpoint.reask import Fault, faults_of, reask
from llmx.errors import AuthError, EndpointError
from llmx.extraction.plan import Plan
from llmx.prompting.prompt import Message
from llmx.record import Issue, Status, Usage
from llmx.request import Request
from llmx.schema import Wire

Check = Callable[[dict[str, Any]], tuple[Fault, ...]]

MORE_FOR_BROKEN = 2
"""What is no JSON, or says nothing of a value that must be there, is asked for more often than what is wrong: of it
nothing can be kept."""

MORE_FOR_CUT = 4
CUT_SHORT = 0.9
"""An answer of less than this share of its limit was not cut by the limit; tokenizers differ by less."""


@dataclass(slots=True)
class Spent:
    """What a document cost so far, over all its requests."""

    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    attempts: int = 0
    keys: list[str] = field(default_factory=list)

    def add(self, completion: Completion) -> None:
        """Count one answer."""
        self.usage += completion.usage
        self.seconds += completion.seconds
        self.attempts += completion.attempts
        self.keys.append(completion.key)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as far as it is one.

    ``wire`` fits the wire model, None where there is none; ``status`` is then why. ``text`` is what the model said, for
    a second look. ``whole`` says that ``wire`` is the last answer as ``check`` saw it. ``logprobs`` are those of its
    tokens, where they were asked for.
    """

    wire: dict[str, Any] | None
    status: Status = "ok"
    issues: tuple[Issue, ...] = ()
    text: str = ""
    whole: bool = False
    logprobs: tuple[tuple[str, float], ...] | None = None


@dataclass(frozen=True, slots=True)
class _Judged:
    """An answer held against the wire model: ``wire`` where it fits, else what does not and where."""

    wire: dict[str, Any] | None
    faults: tuple[Fault, ...] = ()
    value: Any = None
    error: ValidationError | None = None


async def ask(
    plan: Plan,
    endpoint: Endpoint,
    messages: list[Message],
    *,
    spent: Spent,
    wire: type[Wire] | None = None,
    check: Check | None = None,
    **body: Any,
) -> Answer:
    """Return a validated answer to ``messages``. Raises EndpointError where the wire fails for good.

    ``wire`` is another model than the schema's, for a second look; ``body`` changes the request accordingly. ``check``
    tells what a valid answer still gets wrong: it is asked about, and let be where it stays. Refusals, filters, cuts
    and answers that stay invalid are states of the answer, not exceptions.
    """
    model = wire or plan.schema.wire
    sample = body.pop("sample", 0)
    request = plan.request(messages, sample=sample, **body)
    wrong = broken = 0
    kept: Answer | None = None  # what is left of the answer before, where the wire fails while asking again
    while True:
        try:
            completion, judged = await _send(endpoint, request, model, spent=spent, check=check)
        except EndpointError as error:
            return _what_is_left(kept, error)
        if completion.finish_reason in ("refusal", "content_filter"):
            return _refused(completion)
        if completion.finish_reason == "length":
            request = _wider(request)
            longer = await _longer(request, endpoint, model, spent=spent, first=(completion, judged), check=check)
            if isinstance(longer, Answer):
                return longer
            completion, judged = longer
        if judged.wire is not None and not judged.faults:
            whole = check is not None
            return Answer(judged.wire, text=completion.text or "", whole=whole, logprobs=completion.logprobs)
        nothing = judged.value is None or any(fault.essential for fault in judged.faults)
        wrong, broken = wrong + (not nothing), broken + nothing
        if wrong > plan.options.reasks or broken > plan.options.reasks + MORE_FOR_BROKEN:
            break
        kept = _pruned(judged, completion, model)
        again_messages = reask(messages, judged.faults, plan.mode)
        request = Request({**request.body, "messages": again_messages}, request.mode, request.sample)
    return _pruned(judged, completion, model)


def _what_is_left(kept: Answer | None, error: EndpointError) -> Answer:
    """Return what could be kept of an answer, although asking again failed; raise ``error`` where there is none."""
    if kept is None or kept.wire is None or isinstance(error, AuthError):
        raise error
    failed = Issue("endpoint", "", f"asking again failed: {error}")
    return replace(kept, status="partial", issues=(failed, *kept.issues), whole=False)


async def _send(
    endpoint: Endpoint, request: Request, model: type[Wire], *, spent: Spent, check: Check | None = None
) -> tuple[Completion, _Judged]:
    seen: dict[str, _Judged] = {}

    def judged(completion: Completion) -> _Judged:
        found = judge(completion, request.mode, model)
        return replace(found, faults=check(found.wire)) if check is not None and found.wire is not None else found

    def accept(completion: Completion) -> bool:
        seen["it"] = judged(completion)
        return seen["it"].wire is not None and not seen["it"].faults

    completion = await endpoint.complete(request, accept=accept)
    spent.add(completion)
    return completion, seen.get("it") or judged(completion)


def judge(completion: Completion, mode: str, model: type[Wire]) -> _Judged:
    """Hold an answer against the wire model."""
    parsed = parse(completion.text, mode, cut=completion.finish_reason == "length")
    if not parsed.found:
        return _Judged(None, (Fault("", parsed.fault),))
    value = parsed.value
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        value = value[0]
    try:
        wire = model.model_validate(value).model_dump()
    except ValidationError as error:
        return _Judged(None, tuple(faults_of(error)), value, error)
    return _Judged(wire, (), value)


def _refused(completion: Completion) -> Answer:
    code = "refused" if completion.finish_reason == "refusal" else "content_filter"
    said = completion.refusal or "the endpoint's content filter stopped the answer"
    return Answer(None, "refused", (Issue(code, "", said[:300]),))


def _wider(request: Request) -> Request:
    """Return the same request with twice the room for the answer."""
    return request.with_max_output_tokens(2 * request.max_output_tokens)


async def _longer(
    wider: Request,
    endpoint: Endpoint,
    model: type[Wire],
    *,
    spent: Spent,
    first: tuple[Completion, _Judged],
    check: Check | None,
) -> Answer | tuple[Completion, _Judged]:
    """Ask once more with twice the room: return what came whole; else keep the complete elements of the longer answer.

    An answer that was cut though it is shorter than its limit was cut by the endpoint, and comes whole the next time.
    """
    limit = wider.max_output_tokens
    for _ in range(MORE_FOR_CUT):
        try:
            completion, judged = await _send(endpoint, wider, model, spent=spent, check=check)
        except EndpointError as error:
            cut = Issue("truncated", "", "the answer was cut; its complete elements are kept")
            kept = _pruned(first[1], first[0], model)
            return _what_is_left(replace(kept, issues=(cut, *kept.issues)), error)
        if completion.finish_reason != "length" or not 0 < completion.usage.output_tokens < CUT_SHORT * limit:
            break
    if completion.finish_reason in ("refusal", "content_filter"):
        return _refused(completion)
    if completion.finish_reason != "length":
        return completion, judged
    if judged.value is None:
        completion, judged = first
    told = Issue("truncated", "", f"the answer was cut at {limit} tokens; its complete elements are kept")
    pruned = _pruned(judged, completion, model)
    status: Status = "partial" if pruned.wire is not None else "invalid"
    return replace(pruned, status=status, issues=(told, *pruned.issues))


def _pruned(judged: _Judged, completion: Completion, model: type[Wire]) -> Answer:
    """Keep what fits of an answer that does not: faulty leaves become null, faulty elements go, each with an issue."""
    text = completion.text or ""
    if judged.wire is not None:
        return Answer(judged.wire, text=text, logprobs=completion.logprobs)
    if not isinstance(judged.value, dict) or judged.error is None:
        reason = judged.faults[0].message if judged.faults else "the answer is not an object"
        return Answer(None, "invalid", (Issue("invalid_answer", "", reason),), text)
    issues = tuple(Issue("invalid_value", fault.path, fault.message) for fault in judged.faults)
    value, error = judged.value, judged.error
    for depth in range(4):  # null may not be allowed where a leaf was taken out: then what holds it goes
        value = _without(value, error, up=depth)
        try:
            wire = model.model_validate(value).model_dump()
            return Answer(wire, "partial", issues, text, logprobs=completion.logprobs)
        except ValidationError as still:
            error = still
    return Answer(None, "invalid", issues, text)


def _without(value: Any, error: ValidationError, *, up: int) -> Any:
    """Return a copy of ``value`` without what ``error`` names, or without what stands ``up`` levels above it."""
    value = copy.deepcopy(value)
    gone: list[tuple[list[Any], int]] = []
    for fault in error.errors(include_url=False):
        place = fault["loc"][: max(1, len(fault["loc"]) - up)]
        holder = value
        for part in place[:-1]:
            holder = holder[part] if _has(holder, part) else None
        last = place[-1]
        if isinstance(holder, list) and isinstance(last, int):
            gone.append((holder, last))
        elif isinstance(holder, dict):
            _put_right(holder, str(last), fault)
    for holder, number in sorted(gone, key=lambda item: -item[1]):
        if number < len(holder):
            del holder[number]
    return value


def _put_right(holder: dict[str, Any], name: str, fault: ErrorDetails) -> None:
    """Take a faulty value out of an object: a list that is too long is cut, what should be a list becomes empty."""
    value = holder.get(name)
    if fault["type"] == "extra_forbidden":
        holder.pop(name, None)
    elif fault["type"] == "too_long" and isinstance(value, list):
        holder[name] = value[: int(fault["ctx"]["max_length"])]
    else:
        holder[name] = [] if isinstance(value, list) or fault["type"] == "list_type" else None


def _has(holder: Any, part: Any) -> bool:
    return (isinstance(holder, dict) and part in holder) or (
        isinstance(holder, list) and isinstance(part, int) and part < len(holder)
    )
