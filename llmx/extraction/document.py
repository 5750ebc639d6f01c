"""From a document to a record: the one sentence where all parts meet.

For each chunk of a document: render the request, send it, parse and validate the answer, compute and prove each value;
then merge the chunks, look a second time where something is missing, settle what was found, and return the record.
Nothing is lost in silence: a chunk that failed, an answer that was cut, a value that did not parse are issues.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from llmx.assembly.checks import HARD, checked, hard_faults
from llmx.assembly.consistency import consistent
from llmx.assembly.merge import merge, vote
from llmx.assembly.policies import settle
from llmx.assembly.remainder import complete
from llmx.assembly.validation import accepted, has_rules, refused
from llmx.chunk import chunk_text
from llmx.documents import Document
from llmx.endpoint import Endpoint, Fault
from llmx.errors import AuthError, CassetteError, EndpointError
from llmx.extraction.plan import Plan
from llmx.extraction.reask import Answer, Spent, ask
from llmx.extraction.second_look import Conversation, look_again
from llmx.extraction.what_else import what_else
from llmx.grounding.ground import ground, unreadable
from llmx.grounding.logprobs import weighed
from llmx.grounding.text import Source
from llmx.grounding.values import FoundNode, Settled
from llmx.locating import TextIndex
from llmx.prompting.prompt import answer_text
from llmx.record import Evidence, Issue, Record, Status
from llmx.request import Request
from llmx.span import Span
from llmx.types import guess_locale


def _same(span: Span) -> Span:
    return span


@dataclass(frozen=True, slots=True)
class _Looked:
    """What one chunk gave: its tree (None where there is no valid answer), and how the answer ended."""

    tree: FoundNode | None
    answer: Answer


async def extract_document(document: Document, plan: Plan, endpoint: Endpoint) -> Record[Any]:
    """Return the record of ``document``.

    The wire's failures become a ``failed`` record (its issue names the error), or a ``partial`` one where other chunks
    were answered; the model's an ``invalid``, ``refused`` or ``partial`` one. AuthError and CassetteError are raised:
    no other document would fare better.
    """
    spent = Spent()
    text = _clean(document, plan)
    index = TextIndex(text.text)
    locale = plan.options.locale or guess_locale(text.text)
    looks: list[_Looked] = []
    chunks = _chunks(text.text, plan)
    whole = document if len(chunks) == 1 else None
    for number, (span, carry) in enumerate(chunks):
        source = Source(text.text, index, span, number, locale=locale, leaks=plan.leaks)
        looks.append(await _look(source, plan, endpoint, spent=spent, carry=carry, whole=whole))
    trees = [look.tree for look in looks if look.tree is not None]
    status = _status([look.answer for look in looks])
    issues = tuple(_of_chunk(issue, n, len(looks)) for n, look in enumerate(looks) for issue in look.answer.issues)
    if not trees:
        empty = () if looks else (Issue("empty", "", "the document has no text"),)
        return _record(document, plan, spent, status=status, issues=issues + empty)
    tree = checked(plan.schema.tree, consistent(plan.schema.tree, merge(plan.schema.tree, trees)), text.text)
    settled = _original(settle(plan.schema.tree, tree, unproven=plan.options.unproven), text, document)
    if plan.options.boilerplate == "mark":
        settled = _marked(settled, document)
    return _finish(document, plan, spent, status=status, issues=issues, settled=settled)


@dataclass(frozen=True, slots=True)
class _Text:
    """The text that is worked on, and the way back from its places to the document's."""

    text: str
    to_original: Callable[[Span], Span] = _same


def _clean(document: Document, plan: Plan) -> _Text:
    """Return the document's text, less its boilerplate where that is to be dropped and something else is left."""
    if plan.options.boilerplate == "drop":
        from llmx.boilerplate import clean  # noqa: PLC0415 - heavy

        cleaned = clean(document.text)
        if cleaned.text.strip():
            return _Text(cleaned.text, cleaned.to_original)
    return _Text(document.text)


def _marked(settled: Settled, document: Document) -> Settled:
    """File an issue for each value whose words stand in what would be dropped as boilerplate."""
    from llmx.boilerplate import clean  # noqa: PLC0415 - heavy

    dropped = clean(document.text).dropped
    issues = tuple(
        Issue("boilerplate", path, f"its words stand in page furniture ({reason})")
        for path, proof in settled.evidence.items()
        if proof is not None
        for span, reason in dropped
        if span.contains(Span(proof.start, proof.end))
    )
    return replace(settled, issues=settled.issues + issues)


def _chunks(text: str, plan: Plan) -> list[tuple[Span, str]]:
    """Return the chunks' spans with what stands before each; a short text is one chunk."""
    chunks = chunk_text(text, max_tokens=plan.options.chunk_tokens)
    return [(chunk.span, chunk.carry.of(text) if chunk.carry else "") for chunk in chunks]


def first_requests(document: Document, plan: Plan) -> Iterator[tuple[str, Request]]:
    """Yield, for each chunk of ``document``, its text and the first request that an extraction sends for it."""
    text = _clean(document, plan).text
    language = _language(plan.options.locale or guess_locale(text))
    for span, carry in _chunks(text, plan):
        chunk = span.of(text)
        yield chunk, plan.request(plan.rendering.messages(chunk, carry, language=language))


def _language(locale: str | None) -> str | None:
    return (locale or "").partition("_")[0] or None


async def _look(
    source: Source, plan: Plan, endpoint: Endpoint, *, spent: Spent, carry: str, whole: Document | None
) -> _Looked:
    """Ask for one chunk, as often as there are samples, and ground the answers; then look again where it pays.

    ``whole`` is the document where the chunk is all of it: then the user's class can judge the answer already.
    """
    messages = plan.rendering.messages(source.within.of(source.text), carry, language=_language(source.locale))
    answers: list[Answer] = []
    trees: list[FoundNode] = []
    grounded: dict[str, FoundNode] = {}

    def check(wire: dict[str, Any]) -> tuple[Fault, ...]:
        """Ground an answer; what a record needs, and is neither in the text nor readable, is asked for once more."""
        tree = grounded["last"] = ground(plan.schema.tree, wire, source)
        needed = tuple(
            Fault.at(path, f"the document does not say this, and it is no {leaf.label}", found.words, essential=True)
            for path, leaf, found in unreadable(plan.schema.tree, tree)
        )
        failed = tuple(hard_faults(plan.schema.tree, tree, source.text))
        if needed or failed or whole is None or not has_rules(plan.schema.tree):
            return needed + failed
        settled = settle(plan.schema.tree, consistent(plan.schema.tree, tree), unproven=plan.options.unproven)
        return tuple(refused(plan.schema.model, settled.data, whole, wire=wire))

    for sample in range(plan.options.samples):
        grounded.clear()
        answer = await _asked(ask(plan, endpoint, messages, spent=spent, check=check, sample=sample))
        answers.append(answer)
        if answer.wire is not None:
            grounds = grounded["last"] if answer.whole else ground(plan.schema.tree, answer.wire, source)
            trees.append(weighed(grounds, answer.logprobs))
    best = next((a for a in answers if a.wire is not None), answers[0])
    if not trees:
        return _Looked(None, best)
    lost = tuple(issue for answer in answers if answer.wire is None for issue in answer.issues)
    tree = trees[0] if len(trees) == 1 else vote(plan.schema.tree, trees)
    cut = any(issue.code == "truncated" for issue in best.issues)
    first = Conversation(messages, answer_text(best.wire) if cut else best.text, cut=cut)
    tree, told = await _looked_again(tree, source, plan, endpoint=endpoint, spent=spent, first=first)
    if lost or any(issue.code == "endpoint" for issue in told):
        best = replace(best, status="partial")
    best = replace(best, issues=best.issues + lost + told)
    return _Looked(complete(plan.schema.tree, tree, source), best)


async def _looked_again(
    tree: FoundNode, source: Source, plan: Plan, *, endpoint: Endpoint, spent: Spent, first: Conversation
) -> tuple[FoundNode, tuple[Issue, ...]]:
    """Return ``tree`` after the further passes, and what is to be said of them; what failed leaves it as it was."""
    told: tuple[Issue, ...] = ()
    try:
        if first.cut and plan.options.passes > 1:
            tree, told = await what_else(tree, source, plan, endpoint=endpoint, spent=spent, first=first)
        for number in range(1, plan.options.passes):
            now = replace(first, empty=number > 1)
            seen = await look_again(tree, source, plan, endpoint=endpoint, spent=spent, first=now)
            if seen is tree and now.empty:
                break
            tree = seen
        if plan.options.passes > 2:
            now = replace(first, cut=False)
            tree, more = await what_else(tree, source, plan, endpoint=endpoint, spent=spent, first=now)
            told += more
    except (AuthError, CassetteError):
        raise
    except EndpointError as error:
        return tree, (*told, Issue("endpoint", "", f"the second look failed: {error}"))
    return tree, told


async def _asked(answer: Awaitable[Answer]) -> Answer:
    """Return the answer; where the wire fails for good, one that says so: other chunks may fare better."""
    try:
        return await answer
    except (AuthError, CassetteError):
        raise
    except EndpointError as error:
        return Answer(None, "failed", (Issue("endpoint", "", str(error)),))


def _status(answers: Sequence[Answer]) -> Status:
    """Return the state of a document from those of its chunks: all well, some, or why none."""
    states = {answer.status for answer in answers}
    if states == {"ok"}:
        return "ok"
    if states & {"ok", "partial"}:
        return "partial"
    return answers[0].status if answers else "failed"


def _of_chunk(issue: Issue, number: int, chunks: int) -> Issue:
    return issue if chunks == 1 else replace(issue, message=f"chunk {number}: {issue.message}")


def _original(settled: Settled, text: _Text, document: Document) -> Settled:
    """Turn places in the cleaned text into places in the document."""
    if len(text.text) == len(document.text):
        return settled
    evidence: dict[str, Evidence | None] = {}
    for path, proof in settled.evidence.items():
        if proof is None:
            evidence[path] = None
            continue
        span = text.to_original(Span(proof.start, proof.end))
        evidence[path] = replace(proof, quote=span.of(document.text), start=span.start, end=span.end)
    return replace(settled, evidence=evidence)


def _finish(
    document: Document, plan: Plan, spent: Spent, *, status: Status, issues: tuple[Issue, ...], settled: Settled
) -> Record[Any]:
    """Validate by the user's own class, which may look at the document, and make the record."""
    data, settled, faults = accepted(plan.schema.model, settled, document)
    issues += settled.issues + faults
    if data is None:
        return _record(document, plan, spent, status="invalid", issues=issues)
    if faults:
        status = "partial"
    if settled.fatal:
        checks = any(issue.code == HARD for issue in settled.issues)
        why = "a hard check fails" if checks else "a value that must be proven is not (policy fail)"
        told = Issue(HARD if checks else "unproven", "", why)
        return _record(document, plan, spent, status="invalid", issues=(*issues, told))
    return replace(
        _record(document, plan, spent, status=status, issues=issues),
        data=data, evidence=settled.evidence, confidence=settled.confidence,
    )  # fmt: skip


def _record(
    document: Document, plan: Plan, spent: Spent, *, status: Status, issues: tuple[Issue, ...] = ()
) -> Record[Any]:
    return Record(
        id=document.id,
        source=document.source,
        status=status,
        issues=issues,
        model=plan.model,
        mode=plan.mode,
        keys=tuple(spent.keys),
        schema=plan.schema.fingerprint,
        prompt=plan.rendering.fingerprint,
        usage=spent.usage,
        seconds=spent.seconds,
        attempts=spent.attempts,
    )
