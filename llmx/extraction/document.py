"""From a document to a record: the one sentence where all parts meet.

For each chunk of a document: render the request, send it, parse and validate the answer, compute and prove each value;
ask once more where something is missing; then merge the chunks, apply the policies, and return the record. Nothing is
lost in silence: a chunk that failed, an answer that was cut, a value that did not parse are issues.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from llmx.assembly.checks import HARD
from llmx.assembly.merge import merge
from llmx.assembly.policies import ResolvedRecord
from llmx.assembly.remainder import complete
from llmx.assembly.validation import validate_record
from llmx.assembly.vote import vote
from llmx.dataclass import dataclass
from llmx.documents import Document
from llmx.endpoint import Endpoint
from llmx.errors import AuthError, EndpointError
from llmx.extraction.assessment import Accepted, Assessment, assess_answer, resolve
from llmx.extraction.completeness import INCOMPLETE, complete_lists, incomplete_lists
from llmx.extraction.context import Context, Spending
from llmx.extraction.continuing import continue_below
from llmx.extraction.conversation import Conversation
from llmx.extraction.fallback import Reply, ask_in_turn, record_issue
from llmx.extraction.followup import continue_lists, followup_fields, followup_items, followup_the_cut, has_full_lists
from llmx.extraction.plan import Plan
from llmx.extraction.preparation import PreparedText, in_document, prepare
from llmx.extraction.reask import Answer, Question
from llmx.extraction.rows import as_rows, untied
from llmx.extraction.session import Session, part_session
from llmx.grounding.ground import ground
from llmx.grounding.logprobs import with_logprobs
from llmx.grounding.values import ValueNode
from llmx.prompting.rendering import Message, answer_text
from llmx.record import Issue, Record, RecordDraft, Status
from llmx.types.languages import language_of

if TYPE_CHECKING:
    from llmx.extraction.page_pictures import ShownPages


async def extract_document(
    document: Document,
    plan: Plan,
    endpoint: Endpoint,
    *,
    fallbacks: Sequence[Session] = (),
    known: Mapping[str, Any] | None = None,
) -> Record[Any]:
    """Return the record of ``document``. What the model does not answer goes to the ``fallbacks``, one after the other.

    ``known`` are fields that ``plan`` does not ask for (``Plan.part``), by name: they become part of the data, and the
    user's class judges the whole.

    The wire's failures become a ``failed`` record (its issue names the error), or a ``partial`` one where other chunks
    were answered; the model's an ``invalid``, ``refused`` or ``partial`` one. AuthError and CassetteError are raised:
    no other document would fare better.
    """
    models = (Session(plan, endpoint), *fallbacks)
    shown: ShownPages | None = None
    if document.pages is not None:
        from llmx.extraction.page_pictures import as_shown, shown_pages  # noqa: PLC0415 - most documents have no pages

        shown = await shown_pages(document, models)
        if shown is not None:
            document = as_shown(document, shown)
    if plan.options.target == "page":
        from llmx.extraction.pages import extract_pages  # noqa: PLC0415

        return await extract_pages(document, partial(_extract_whole, models=models, known=known), shown=shown)
    return await _extract_whole(document, shown, models=models, known=known)


async def _extract_whole(
    document: Document, shown: ShownPages | None, *, models: Sequence[Session], known: Mapping[str, Any] | None
) -> Record[Any]:
    plan = models[0].plan
    spending, text = Spending(), prepare(document, plan, shown)
    record, left = await _extract_text(text, models, spending, known=known)
    doubted = left and plan.options.below is not None
    if not left or (record.status != "invalid" and not doubted):
        return as_rows(record, plan.schema)
    while record.status == "invalid" and left:
        later, left = await _extract_text(text, models, spending, first=len(models) - left, known=known)
        record = record if later.data is None else replace(later, issues=(record_issue(record, later), *later.issues))
    if doubted and left:
        record = await _escalated(record, text, models, spending=spending, left=left, known=known)
    return as_rows(replace(record, **_spent(spending)), plan.schema)


async def _escalated(
    record: Record[Any],
    text: PreparedText,
    models: Sequence[Session],
    *,
    spending: Spending,
    left: int,
    known: Mapping[str, Any] | None,
) -> Record[Any]:
    """Return ``record`` with what the next of ``models``, of which ``left`` were not asked, says of doubtful fields."""
    from llmx.extraction.escalation import escalate  # noqa: PLC0415 - most runs have one model

    schema, below = models[0].plan.schema, models[0].plan.options.below
    assert below is not None

    async def ask(names: tuple[str, ...], kept: Mapping[str, Any]) -> Record[Any]:
        asked = [part_session(each, names) for each in models] if kept else models
        later, _ = await _extract_text(text, asked, spending, first=len(models) - left, known={**(known or {}), **kept})
        return later

    return await escalate(record, schema, below=below, ask=ask)


async def _extract_text(
    text: PreparedText,
    models: Sequence[Session],
    spending: Spending,
    *,
    first: int = 0,
    known: Mapping[str, Any] | None = None,
) -> tuple[Record[Any], int]:
    """Return the record that ``models`` make, from number ``first`` on, and how many of them were not asked."""
    document, plan = text.document, models[0].plan
    model, after = models[first], tuple(models[first + 1 :])
    results = [
        await _extract_chunk(
            Context(
                model.plan, model.endpoint, spending, source, document, whole=len(text.chunks) == 1, fallbacks=after,
                number=first, known=known,
            ),
            carry,
            text.pictures(source.chunk),
        )
        for source, carry in text.sources(plan)
    ]  # fmt: skip
    left = min((result.left for result in results), default=0)
    record = _without_data(text, plan, results, spending=spending)
    if plan.schema.row is not None and len(results) > 1:
        record = replace(record, issues=untied(record.issues))
    trees = [result.tree for result in results if result.tree is not None]
    if not trees:
        return record, left
    if (accepted := results[0].accepted) is not None:
        short = incomplete_lists(trees[0], plan, text.text, told=accepted.resolved.issues)
        return _with_data(record, accepted.data, in_document(accepted.resolved, text, plan), short=short), left
    tree = merge(plan.schema.tree, trees)
    resolved = in_document(resolve(plan, tree, text.text), text, plan)
    short = incomplete_lists(tree, plan, text.text, told=resolved.issues)
    data, resolved, refused = validate_record(plan.schema, resolved, document, known=known)
    return _with_data(record, data, resolved, refused=refused, short=short), left


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What one chunk gave: its tree (None where there is no valid answer), and how the answer ended.

    ``accepted`` is set where the chunk is the whole document and the user's class has accepted it already. ``model``
    and ``mode`` are those of its answer, '' where there is none; ``left`` fallbacks were not asked.
    """

    tree: ValueNode | None
    status: Status
    issues: tuple[Issue, ...]
    accepted: Accepted | None = None
    model: str = ""
    mode: str = ""
    left: int = 0


async def _extract_chunk(context: Context, carry: str, pictures: Sequence[Message] = ()) -> ChunkResult:
    """Ask for one chunk, as often as there are samples, and ground the answers; then follow up where it pays."""
    tree = context.plan.schema.tree
    chunk = context.source.within.of(context.source.text)

    def opening(plan: Plan, about: str = "") -> list[Message]:
        language = language_of(context.source.locale)
        return plan.rendering.messages(chunk, carry, language=language, pictures=pictures, question=about)

    def assess(wire: dict[str, Any]) -> Assessment:
        return assess_answer(context, wire)

    def question(plan: Plan, sample: int) -> Question:
        return Question(opening(plan), plan.schema.wire, tree, assess, sample)

    samples = range(context.plan.options.samples)
    replies = [await _asked(context, partial(question, sample=sample)) for sample in samples]
    valid = [reply for reply in replies if reply.answer.wire is not None]
    left = min(len(reply.context.fallbacks) for reply in replies)
    if not valid:
        return ChunkResult(None, replies[0].answer.status, replies[0].answer.issues, left=left)
    best, going_on = valid[0].answer, valid[0].context
    grounded = [_grounded(context, reply.answer) for reply in valid]
    first = grounded[0] if len(grounded) == 1 else vote(tree, grounded)
    heads: tuple[Issue, ...] = ()
    if context.document.pages is not None:
        from llmx.extraction.header_rows import without_header_rows  # noqa: PLC0415 - most documents have no pages

        first, heads = without_header_rows(first, context)
    found, told, mended = await _follow_up(first, going_on, _conversation(opening, best))
    if mended:
        best = _continued(best)
    if going_on.plan.verifies:
        from llmx.extraction.verification import verify  # noqa: PLC0415 - off for most models

        found, more = await verify(found, going_on, opening, answer=best.text)
        told += more
    lost = tuple(issue for reply in replies if reply.answer.wire is None for issue in reply.answer.issues)
    failed = lost or any(issue.code == "endpoint" for issue in told)
    known = best.assessment.accepted if best.assessment is not None and best.assessment.tree is found else None
    moved = context.plan.schema.row is not None and found is not first
    return ChunkResult(
        complete(tree, found, context.source) if known is None else found,
        "partial" if failed else best.status,
        (untied(best.issues) if moved else best.issues) + lost + heads + told,
        known,
        model=going_on.plan.model,
        mode=best.mode or going_on.plan.mode,
        left=left,
    )


def _grounded(context: Context, answer: Answer) -> ValueNode:
    if answer.assessment is not None:
        tree = answer.assessment.tree
    else:
        tree = ground(context.plan.schema.tree, answer.wire, context.source)
    return with_logprobs(tree, answer.logprobs)


def _conversation(opening: Callable[[Plan], list[Message]], answer: Answer) -> Conversation:
    cut = any(issue.code == "truncated" for issue in answer.issues)
    return Conversation(opening, answer_text(answer.wire) if cut else answer.text, cut=cut)


def _continued(answer: Answer) -> Answer:
    """Return an answer that was cut as one that is whole: all that was behind the cut has come since."""
    issues = tuple(each for each in answer.issues if each.code not in ("truncated", "invalid_value"))
    return replace(answer, status="ok", issues=issues)


async def _follow_up(
    tree: ValueNode, context: Context, conversation: Conversation
) -> tuple[ValueNode, tuple[Issue, ...], bool]:
    """Return ``tree`` after the further passes, their issues, and whether an answer that was cut is whole by now; what
    failed leaves it as it was.
    """
    passes, mended = context.plan.options.passes, False
    whole = replace(conversation, cut=False) if conversation.cut else conversation
    told: tuple[Issue, ...] = ()
    try:
        done = await complete_lists(tree, context, conversation)
        tree, told = done.tree, done.issues
        if conversation.cut and passes > 1:
            tree, more, mended = await followup_the_cut(tree, context, conversation, whole=done.whole)
            told += more
        if passes > 1 and has_full_lists(tree):
            tree, more = await continue_lists(tree, context, whole)
            told += more
        if passes > 1:
            tree, more = await continue_below(tree, context, whole)
            told += more
        for number in range(1, passes):
            seen = await followup_fields(tree, context, conversation, empty=number > 1)
            if seen is tree and number > 1:
                break
            tree = seen
        if passes > 2:
            tree, more = await followup_items(tree, context, whole)
            told += more
    except AuthError:
        raise
    except EndpointError as error:
        return tree, (*told, Issue("endpoint", "", f"the follow-up failed: {error}")), mended
    return tree, told, mended


async def _asked(context: Context, question: Callable[[Plan], Question]) -> Reply:
    """Return the answer; where the wire fails for good, one that says so: other chunks may fare better."""
    try:
        return await ask_in_turn(context, question)
    except AuthError:
        raise
    except EndpointError as error:
        failed = Answer(None, "failed", (Issue("endpoint", "", str(error)),))
        return Reply(failed, replace(context, fallbacks=()))


def _spent(spending: Spending) -> dict[str, Any]:
    """Return what a record says of its cost, by the names of its members."""
    return {
        "keys": tuple(spending.keys), "usage": spending.usage, "seconds": spending.seconds,
        "attempts": spending.attempts, "models": spending.models,
    }  # fmt: skip


def _without_data(text: PreparedText, plan: Plan, results: Sequence[ChunkResult], *, spending: Spending) -> Record[Any]:
    """Return the record as far as the chunks' answers decide it: status, issues, whose answers, and what they cost."""
    document = text.document
    empty = () if results else (Issue("empty", "", _why_empty(document)),)
    answered = next((result for result in results if result.model), None)
    return Record(
        id=document.id,
        source=document.source,
        status=_status(results),
        issues=document.issues
        + text.issues
        + tuple(_of_chunk(issue, n, len(results)) for n, each in enumerate(results) for issue in each.issues)
        + empty,
        model=plan.model if answered is None else answered.model,
        mode=plan.mode if answered is None else answered.mode,
        schema=plan.schema.fingerprint,
        prompt=plan.rendering.fingerprint,
        **_spent(spending),
    )


def _why_empty(document: Document) -> str:
    why = next((each.message for each in document.issues if each.code in ("unread_pages", "ocr")), "")
    return f"the document has no text: {why}" if why else "the document has no text"


def _status(results: Sequence[ChunkResult]) -> Status:
    """Return the state of a document from those of its chunks: all well, some, or why none."""
    states = {result.status for result in results}
    if states == {"ok"}:
        return "ok"
    if states & {"ok", "partial"}:
        return "partial"
    return results[0].status if results else "failed"


def _of_chunk(issue: Issue, number: int, chunks: int) -> Issue:
    return issue if chunks == 1 else replace(issue, message=f"chunk {number}: {issue.message}")


def _with_data(
    record: Record[Any],
    data: BaseModel | None,
    resolved: ResolvedRecord,
    *,
    refused: tuple[Issue, ...] = (),
    short: tuple[Issue, ...] = (),
) -> Record[Any]:
    """Return ``record`` with its data and evidence, or as invalid; ``refused`` is what the user's class refused, and
    ``short`` what is said of lists that are not whole.
    """
    issues = record.issues + resolved.issues + refused + short
    if data is None or resolved.fatal:
        record = replace(record, status="invalid", draft=_draft(resolved))
    if data is None:
        return replace(record, issues=issues)
    if resolved.fatal:
        checks = any(issue.code == HARD for issue in resolved.issues)
        why = "a hard check fails" if checks else "a value that must be proven is not (policy fail)"
        fatal = Issue(HARD if checks else "unproven", "", why)
        return replace(record, issues=(*issues, fatal))
    return replace(
        record,
        status="partial" if refused or any(each.code == INCOMPLETE for each in short) else record.status,
        data=data,
        issues=issues,
        evidence=resolved.evidence,
        confidence=resolved.confidence,
    )


def _draft(resolved: ResolvedRecord) -> RecordDraft | None:
    """Return what was found although it makes no valid record, None where that is nothing."""
    if not resolved.evidence:
        return None
    return RecordDraft(to_jsonable_python(resolved.data), resolved.evidence, resolved.confidence)
