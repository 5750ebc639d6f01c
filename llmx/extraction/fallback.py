"""Asks one model after the other until one of them answers.

What a model refuses, cannot finish, or still gets wrong after its reasks goes to the next one, and so does what it
never answered because it is away. A refused key does not: that is the caller's mistake, which no other model should
hide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from llmx.dataclass import dataclass
from llmx.errors import AuthError, CassetteError, EndpointError, OutageError
from llmx.extraction.context import Context
from llmx.extraction.plan import Plan
from llmx.extraction.reask import Answer, Question, ask
from llmx.record import Issue, Record

FALLBACK = "fallback"

_REASON_CHARS = 200
_AWAY = "it was away, and not asked"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and the context to go on in: that of the model that gave it, with the fallbacks that are left."""

    answer: Answer
    context: Context


async def ask_in_turn(context: Context, question: Callable[[Plan], Question]) -> Reply:
    """Return the first valid answer to ``question``, which is worded for each model's plan; else the best of all.

    The issues of the answer say which models did not give a valid one, and why. Raises EndpointError where no model
    answered at all, AuthError where one of them refuses the key, and CassetteError where a replay needs an answer that
    was not recorded.
    """
    replies: list[Reply] = []
    missed: dict[str, str] = {}
    error: EndpointError | None = None
    unrecorded: CassetteError | None = None
    for model in context.in_turn():
        try:
            answer = await ask(model, question(model.plan))
        except AuthError:
            raise
        except CassetteError as miss:  # while a model is away nothing is recorded of it, but of a later one
            unrecorded = unrecorded or miss
            missed[_name(model)] = _AWAY
            continue
        except EndpointError as failure:
            error, unrecorded = failure, None
            missed[_name(model)] = _cause(failure)
            continue
        unrecorded = None
        replies.append(Reply(answer, model))
        if answer.valid:
            return _used(Reply(_with_issues(answer, _told(missed, model)), model))
        missed[_name(model)] = _shortfall(answer)
    if unrecorded is not None:
        raise unrecorded
    if not replies:
        assert error is not None
        raise error
    return _used(_best(replies, missed))


def _best(replies: list[Reply], missed: dict[str, str]) -> Reply:
    """Return the best of several answers none of which is valid; the first of equals."""
    best = max(replies, key=lambda reply: (reply.answer.wire is not None, reply.answer.status == "ok"))
    del missed[_name(best.context)]
    return Reply(_with_issues(best.answer, _told(missed, best.context)), replace(best.context, fallbacks=()))


def record_issue(before: Record[Any], after: Record[Any]) -> Issue:
    """Return the issue that says why a record is not made of the answers that it was made of ``before``."""
    told = f": {before.issues[-1].message}" if before.issues else ""
    reason = f"{before.status}{told}"[:_REASON_CHARS]
    return Issue(FALLBACK, "", f"{before.model} gave no valid record ({reason}); this is that of {after.model}")


def _used(reply: Reply) -> Reply:
    if reply.answer.wire is not None:
        reply.context.spending.use(reply.context)
    return reply


def _told(missed: dict[str, str], answered: Context) -> Iterator[Issue]:
    """Yield an issue for each model that gave no valid answer."""
    for name, reason in missed.items():
        yield Issue(FALLBACK, "", f"{name} gave no valid answer ({reason}); this is the answer of {_name(answered)}")


def _with_issues(answer: Answer, issues: Iterator[Issue]) -> Answer:
    told = tuple(issues)
    return replace(answer, issues=told + answer.issues) if told else answer


def _name(model: Context) -> str:
    return f"{model.plan.model} (fallback {model.number})" if model.number else model.plan.model


def _cause(error: EndpointError) -> str:
    """Return why there is no answer: the same words on a replay, and no address."""
    if isinstance(error, OutageError):
        return _AWAY
    return error.message[:_REASON_CHARS] if error.status is not None else "no answer came"


def _shortfall(answer: Answer) -> str:
    """Return why an answer is not valid: one whose values are wrong is whole, and its status therefore ok."""
    status = "invalid" if answer.status == "ok" else answer.status
    told = [issue.message for issue in answer.issues] + [f"{fault.path} {fault.message}" for fault in answer.faults]
    return f"{status}: {told[0]}"[:_REASON_CHARS] if told else status
