"""From a question to a validated answer: sending, parsing, validating against the wire model, asking again.

Two kinds of repetition never mix: what the wire failed to do is repeated below ``endpoint.complete``; what the model
got wrong is answered here by a reask that quotes only the faulty values. An answer that was cut by length gets a
larger limit once, and then its complete elements are kept; a model that only thought gets more room, then less effort.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, replace
from typing import Any

from pydantic import ValidationError

from llmx.dataclass import dataclass
from llmx.endpoint import Completion, parse
from llmx.endpoint.answer import REPAIRED
from llmx.endpoint.modes import STRICT_MODES
from llmx.endpoint.rewriting import effort_of, in_mode, with_effort
from llmx.errors import AuthError, EndpointError, RequestError
from llmx.extraction.assessment import Assessment
from llmx.extraction.coercion import ADAPTED, coerce
from llmx.extraction.context import Context
from llmx.extraction.repair import repair
from llmx.prompting.feedback import Fault, faults_of, reask
from llmx.prompting.rendering import Message
from llmx.record import Issue, Status
from llmx.request import Request
from llmx.schema import ObjectOf, RootOf, WireModel
from llmx.schema.form_pointers import to_record_pointer
from llmx.schema.forms import has_forms

EXTRA_REASKS = 2
"""What is no JSON, or says nothing of a value that must be there, is asked for more often than what is wrong: of it
nothing can be kept."""

ROOM_TO_THINK = 4
"""How many times the limit a model gets that came to it while thinking; twice is what an answer that was cut gets."""

RETRIES_OF_SHORT_CUTS = 4
CUT_SHORT = 0.9
"""An answer of less than this share of its limit was not cut by the limit; tokenizers differ by less."""


Assess = Callable[[dict[str, Any]], Assessment]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the messages, the wire model that an answer has to fit, and how it is judged beyond that.

    ``tree`` is the schema of the wire model: an answer in other JSON forms is brought into its form where it is given.
    ``body`` are the parts of the request in which it differs from the plan's. ``assess`` None asks for no more than the
    wire model.
    """

    messages: list[Message]
    wire: type[WireModel]
    tree: ObjectOf | None = None
    assess: Assess | None = None
    sample: int = 0
    body: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as far as it is one.

    ``wire`` fits the wire model, None where there is none; ``status`` is then why. ``text`` is what the model said, for
    a follow-up. ``assessment`` is what ``Question.assess`` said of ``wire``, None where it was not asked. ``logprobs``
    are those of its tokens, where they were asked for. ``faults`` are those that no reask has corrected, ``mode`` is
    the form in which it came.
    """

    wire: dict[str, Any] | None
    status: Status = "ok"
    issues: tuple[Issue, ...] = ()
    text: str = ""
    assessment: Assessment | None = None
    logprobs: tuple[tuple[str, float], ...] | None = None
    faults: tuple[Fault, ...] = ()
    mode: str = ""

    @property
    def valid(self) -> bool:
        """Whether it is whole, and nothing in it is wrong."""
        return self.wire is not None and self.status == "ok" and not self.faults


@dataclass(frozen=True, slots=True)
class ValidatedAnswer:
    """A completion held against the wire model: ``wire`` where it fits, else what does not and where.

    ``value`` is the answer as it was held against it, and ``issues`` tell what was changed for that.
    """

    completion: Completion
    wire: dict[str, Any] | None
    faults: tuple[Fault, ...] = ()
    value: Any = None
    error: ValidationError | None = None
    issues: tuple[Issue, ...] = ()
    assessment: Assessment | None = None

    @property
    def says_nothing(self) -> bool:
        """Whether nothing can be kept of it: it is no JSON, or a value that must be there is missing."""
        return self.value is None or any(fault.essential for fault in self.faults)


async def ask(context: Context, question: Question) -> Answer:
    """Return a validated answer to ``question``. Raises EndpointError where the wire fails for good.

    Refusals, filters, cuts and answers that stay invalid are states of the answer, not exceptions.
    """
    answer = await _ask(context, question)
    if question.tree is None or not answer.issues or not has_forms(question.tree):
        return answer
    paths = (to_record_pointer(question.tree, answer.wire, issue.path) for issue in answer.issues)
    issues = tuple(replace(issue, path=path) for issue, path in zip(answer.issues, paths, strict=True))
    return replace(answer, issues=issues)


async def _ask(context: Context, question: Question) -> Answer:
    request = context.plan.request(question.messages, sample=question.sample, **question.body)
    reasks, broken = context.plan.options.reasks, 0
    wrong = 0
    kept: Answer | None = None  # what is left of the answer before, where asking again fails or is refused
    while True:
        try:
            answer = await _send(context, request, question)
            if answer.completion.only_thought:
                request, answer = await _with_room_to_think(context, request, question, first=answer)
        except EndpointError as error:
            return _what_is_left(kept, error)
        if answer.completion.only_thought:
            return _only_thought(request, answer)
        if answer.completion.finish_reason in ("refusal", "content_filter"):
            return _refused(answer.completion, kept)
        if answer.completion.finish_reason == "length":
            request = request.with_max_output_tokens(2 * request.max_output_tokens)
            longer = await _retry_truncated(context, request, question, first=answer)
            if isinstance(longer, Answer):
                return longer
            answer = longer
        if answer.wire is not None and not answer.faults:
            return _accepted(answer)
        wrong, broken = wrong + (not answer.says_nothing), broken + answer.says_nothing
        kept = _repaired(answer, question)
        if wrong > reasks or broken > reasks + EXTRA_REASKS:
            return kept
        messages = reask(question.messages, answer.faults, context.plan.mode)
        body = context.plan.resolved.quirks.body({**request.body, "messages": messages})
        request = replace(request, body=body)


async def _send(context: Context, request: Request, question: Question) -> ValidatedAnswer:
    """Send once; a complete and valid answer is kept in the cache at once."""
    completion = await context.endpoint.complete(request)
    context.spending.add(completion, context)
    answer = validate_answer(completion, request.mode, question)
    if answer.wire is not None and question.assess is not None:
        assessment = question.assess(answer.wire)
        answer = ValidatedAnswer(
            completion, answer.wire, assessment.faults, answer.value, answer.error, answer.issues, assessment
        )
    if answer.wire is not None and not answer.faults and completion.complete:
        context.endpoint.keep(completion)
    else:
        context.endpoint.reject(completion)
    return answer


def validate_answer(completion: Completion, mode: str, question: Question) -> ValidatedAnswer:
    """Hold a completion against the wire model; where it does not fit, its nearest reading."""
    names = [member.name for member in question.tree.members] if question.tree is not None else ()
    parsed = parse(completion.text, mode, cut=completion.finish_reason == "length", names=names)
    if not parsed.found:
        return ValidatedAnswer(completion, None, (Fault("", parsed.fault),))
    repaired = (Issue(ADAPTED, "", parsed.fault),) if parsed.fault == REPAIRED else ()
    return _validate_value(completion, parsed.value, repaired, question=question)


def _validate_value(
    completion: Completion, value: Any, issues: tuple[Issue, ...], *, question: Question
) -> ValidatedAnswer:
    try:
        wire = question.wire.model_validate(value).model_dump()
        return ValidatedAnswer(completion, wire, (), value, issues=issues)
    except ValidationError as error:
        fault = error
    if question.tree is not None:
        coerced = coerce(question.tree, value)
        value, issues = coerced.value, issues + coerced.issues
        try:
            wire = question.wire.model_validate(value).model_dump()
            return ValidatedAnswer(completion, wire, (), value, issues=issues)
        except ValidationError as error:
            fault = error
    return ValidatedAnswer(completion, None, tuple(faults_of(fault)), value, fault, issues)


def _what_is_left(kept: Answer | None, error: EndpointError) -> Answer:
    """Return what could be kept of an answer, although asking again failed; raise ``error`` where there is none."""
    if kept is None or kept.wire is None or isinstance(error, AuthError):
        raise error
    failed = Issue("endpoint", "", f"asking again failed: {error}")
    return replace(kept, status="partial", issues=(failed, *kept.issues))


def _refused(completion: Completion, kept: Answer | None) -> Answer:
    """Return a refused answer, or what could be kept of the answer before it."""
    code = "refused" if completion.finish_reason == "refusal" else "content_filter"
    said = completion.refusal or "the endpoint's content filter stopped the answer"
    refusal = Issue(code, "", said[:300])
    if kept is None or kept.wire is None:
        return Answer(None, "refused", (refusal,))
    return replace(kept, status="partial", issues=(refusal, *kept.issues))


async def _with_room_to_think(
    context: Context, request: Request, question: Question, *, first: ValidatedAnswer
) -> tuple[Request, ValidatedAnswer]:
    """Ask again where the model only thought: with more room, then with less effort, then in a mode without a schema.

    Returns the request that was answered last, with its answer, which may be thoughts only too. What the endpoint
    refuses of this is left out; a mode that the user chose stays.
    """
    answer = first
    for change in (_wider, _less_effort, _free_form):
        changed = change(context, request)
        if changed is None:
            continue
        try:
            answer = await _send(context, changed, question)
        except RequestError:
            continue
        request = changed
        if not answer.completion.only_thought:
            break
    return request, answer


def _wider(_: Context, request: Request) -> Request:
    return request.with_max_output_tokens(ROOM_TO_THINK * request.max_output_tokens)


def _less_effort(_: Context, request: Request) -> Request | None:
    if effort_of(request.body) in {"none", "minimal", "low"}:
        return None
    return replace(request, body=with_effort(request.body, "low"))


def _free_form(context: Context, request: Request) -> Request | None:
    if context.plan.resolved.how == "given" or request.mode not in STRICT_MODES:
        return None
    return Request(in_mode("json", request.body), "json", request.sample)


def _only_thought(request: Request, answer: ValidatedAnswer) -> Answer:
    limit = request.max_output_tokens
    why = f"the model came to its limit of {limit} tokens while thinking, and gave no answer"
    return Answer(None, "invalid", (Issue("truncated", "", why),), answer.completion.text or "")


async def _retry_truncated(
    context: Context, wider: Request, question: Question, *, first: ValidatedAnswer
) -> Answer | ValidatedAnswer:
    """Ask once more with twice the room: return what came whole; else keep the complete elements of the longer answer.

    An answer that was cut though it is shorter than its limit was cut by the endpoint, and comes whole the next time.
    """
    limit = wider.max_output_tokens
    for _ in range(RETRIES_OF_SHORT_CUTS):
        try:
            answer = await _send(context, wider, question)
        except EndpointError as error:
            return _what_is_left(_cut(first, question), error)
        completion = answer.completion
        if completion.finish_reason != "length" or not 0 < completion.usage.output_tokens < CUT_SHORT * limit:
            break
    if completion.finish_reason in ("refusal", "content_filter"):
        return _refused(completion, _cut(first, question))
    if completion.finish_reason != "length":
        return answer
    cut = Issue("truncated", "", f"the answer was cut at {limit} tokens; its complete elements are kept")
    kept = _repaired(first if answer.value is None else answer, question)
    return replace(kept, status="partial" if kept.wire is not None else "invalid", issues=(cut, *kept.issues))


def _cut(answer: ValidatedAnswer, question: Question) -> Answer:
    """Return the complete elements of an answer that was cut."""
    kept = _repaired(answer, question)
    cut = Issue("truncated", "", "the answer was cut; its complete elements are kept")
    return replace(kept, issues=(cut, *kept.issues))


def _accepted(answer: ValidatedAnswer) -> Answer:
    completion = answer.completion
    return Answer(
        answer.wire,
        issues=answer.issues,
        text=completion.text or "",
        assessment=answer.assessment,
        logprobs=completion.logprobs,
        faults=answer.faults,
        mode=completion.mode,
    )


def _first_record(answer: ValidatedAnswer, question: Question) -> Answer:
    """Keep the first of several records that the model insists on, and say how many there were."""
    several = Issue(
        ADAPTED, "", f"the answer lists {len(answer.value)} records where one is asked for; the first counts"
    )
    issues = (*answer.issues, several)
    first = _repaired(_validate_value(answer.completion, answer.value[0], issues, question=question), question)
    return replace(first, status="partial") if first.wire is not None else first


def _repaired(answer: ValidatedAnswer, question: Question) -> Answer:
    """Keep what fits of an answer that does not: faulty leaves become null, faulty elements go, each with an issue."""
    if answer.wire is not None:
        return _accepted(answer)
    text = answer.completion.text or ""
    if isinstance(answer.value, list) and answer.value and isinstance(answer.value[0], dict):
        return _first_record(answer, question)
    if not isinstance(answer.value, dict) or answer.error is None:
        reason = answer.faults[0].message if answer.faults else "the answer is not an object"
        return Answer(None, "invalid", (Issue("invalid_answer", "", reason),), text)
    misfits = tuple(Issue("invalid_value", fault.path, fault.message) for fault in answer.faults)
    issues = answer.issues + misfits
    wire = repair(answer.value, answer.error, question.wire)
    if wire is None:
        return Answer(None, "invalid", issues, text)
    if isinstance(question.tree, RootOf) and _root_length(wire) != _root_length(answer.value):
        issues = tuple(replace(each, path="", message=f"{each.path}: {each.message}") for each in issues)
    completion = answer.completion
    return Answer(wire, "partial", issues, text, logprobs=completion.logprobs, mode=completion.mode)


def _root_length(value: Any) -> int:
    """Return how many elements the list of a record has that is one."""
    return next((len(each) for each in value.values() if isinstance(each, list)), 0) if isinstance(value, dict) else 0
