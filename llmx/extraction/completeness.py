"""Completeness: lists whose elements are rows of the document come whole, or the record says how many are missing.

A model that is to write out 800 rows stops early, skips some, or reaches its limit, and says nothing of it. Code counts
the rows (``assembly/row_count.py``), and those without an element are asked for by their words, a few at a time: so
each question and each answer stays small, however long the table is. What is still missing then is the issue
``incomplete``, and the record is ``partial``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from llmx import json_pointer
from llmx.assembly.list_places import ListPlace, counted_lists
from llmx.assembly.row_count import RowCount, at_rows, count_rows, in_their_rows, ranges, seem_rows
from llmx.chunk import CARRY_TOKENS, estimate_tokens
from llmx.dataclass import dataclass
from llmx.errors import AuthError, EndpointError
from llmx.extraction.context import Context
from llmx.extraction.conversation import Conversation
from llmx.extraction.fallback import ask_in_turn
from llmx.extraction.plan import Plan
from llmx.extraction.reask import Question
from llmx.grounding.ground import ground
from llmx.grounding.logprobs import with_logprobs
from llmx.grounding.text import SourceText
from llmx.grounding.values import ListValue, ObjectValue, ValueNode, leaf_values
from llmx.record import Issue
from llmx.schema import Member, ObjectOf, RootOf, WireModel, wire_model
from llmx.span import Span

INCOMPLETE = "incomplete"
"""The issue of a list that has fewer elements than code counted rows; it makes a record partial."""

MOST_ROWS = 48
"""Rows asked for in one question; fewer where their elements would not fit into one answer."""

_LEAST_ROWS = 4
_SHARE = 0.6
"""The share of an answer's room that elements are expected to fill."""

_ELEMENT_TOKENS = 60
"""What an element is taken to need where none is known."""

_ROW_CHARS = 600
"""Characters of a row that are quoted; the model has the whole of it before."""


_NO_WORD = re.compile(r"[\W_]+")  # 1111.08 stands in the text as 1,111.08
_CARRY_CHARS = 8 * CARRY_TOKENS


@dataclass(frozen=True, slots=True)
class Completed:
    """What asking for missing rows came to: the tree, its issues, and the lists to which no row is missing."""

    tree: ValueNode
    issues: tuple[Issue, ...] = ()
    whole: frozenset[tuple[str, ...]] = frozenset()


async def complete_lists(tree: ValueNode, context: Context, conversation: Conversation) -> Completed:
    """Return ``tree`` with the elements that its lists lack by code's count, as far as the model gives them.

    With one pass only nothing is asked. A failure of the endpoint is an issue.
    """
    done = Completed(tree)
    for place in counted_lists(context.plan.schema.tree):
        have = place.of(done.tree)
        if have is None or not (is_strict(place, context.plan) or seem_rows(have.items, context.source.text)):
            continue
        if context.source.within.start:
            have = replace(have, items=tuple(item for item in have.items if not _is_of_before(item, context.source)))
        count = _count(place, have, context)
        if count is None or count.selection:
            rows = at_rows(have.items, context.source.text, within=context.source.within, mark=place.node.rows)
            if rows:
                done = replace(done, tree=place.put(done.tree, replace(have, rows=rows)))
            continue
        have = ListValue(in_their_rows(have.items, count), have.capped, count.starts)
        asked = await _ask_for_rows(place, have, count, context=context, conversation=conversation)
        done = Completed(
            place.put(done.tree, asked.have), done.issues + asked.issues,
            done.whole if asked.count.missing else done.whole | {place.path},
        )  # fmt: skip
    return done


def _is_of_before(item: ValueNode, source: SourceText) -> bool:
    """Whether an element repeats what stands before the chunk, which the model was shown for its context only."""
    words = [leaf for leaf in leaf_values(item) if leaf.words.strip()]
    if all(leaf.proven for leaf in words):
        return False
    before = _NO_WORD.sub("", source.text[max(0, source.within.start - _CARRY_CHARS) : source.within.start])
    return all(_NO_WORD.sub("", leaf.words) in before for leaf in words)


def is_strict(place: ListPlace, plan: Plan) -> bool:
    """Whether schema or run say that the list is one of rows."""
    return place.node.rows is not None or plan.options.target == "row"


def _count(place: ListPlace, have: ListValue, context: Context) -> RowCount | None:
    source, strict = context.source, context.plan.options.target == "row"
    return count_rows(have.items, source.text, within=source.within, mark=place.node.rows, strict=strict)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A list, the count of it, and the issues of the replies."""

    have: ListValue
    count: RowCount
    issues: tuple[Issue, ...] = ()


async def _ask_for_rows(
    place: ListPlace, have: ListValue, count: RowCount, *, context: Context, conversation: Conversation
) -> _Asked:
    """Ask for each row without an element once; stop where two questions in turn bring nothing."""
    state, silent, seen = _Asked(have, count), 0, set[int]()
    few = _rows_at_once(have, context, conversation)
    while context.plan.options.passes > 1 and silent < 2 and not _is_full(place, state.have):
        todo = [row for row in state.count.missing if row.start not in seen][:few]
        if not todo:
            break
        seen.update(row.start for row in todo)
        before = len(state.have.items)
        try:
            state = await _ask(place, state, todo, few=few, context=context, conversation=conversation)
        except AuthError:
            raise
        except EndpointError as error:
            failed = Issue("endpoint", "", f"asking for rows without an element failed: {error}")
            return replace(state, issues=(*state.issues, failed))
        silent = 0 if len(state.have.items) > before else silent + 1
    capped = state.have.capped and bool(state.count.missing)
    return replace(state, have=_in_order(replace(state.have, capped=capped)), issues=state.issues if capped else ())


def _is_full(place: ListPlace, have: ListValue) -> bool:
    """Whether the schema's own cap leaves no room."""
    return place.node.firm and len(have.items) >= place.node.cap


def _rows_at_once(have: ListValue, context: Context, conversation: Conversation) -> int:
    """Return for how many rows the elements fit into an answer, by the tokens of those that are there."""
    each = estimate_tokens(conversation.answer) / len(have.items) if have.items else _ELEMENT_TOKENS
    fit = int(_SHARE * context.plan.options.max_output_tokens / max(each, 1))
    return max(_LEAST_ROWS, min(MOST_ROWS, fit))


async def _ask(
    place: ListPlace, state: _Asked, rows: Sequence[Span], *, few: int, context: Context, conversation: Conversation
) -> _Asked:
    member = replace(place.member, node=replace(place.node, cap=few, firm=False, least=0))
    lists = replace(context.plan.schema.tree, members=(member,))
    wire, told = _wire(lists), _question(member, rows, context.source.text)

    def question(plan: Plan) -> Question:
        return Question(conversation.asking(told, plan), wire, lists, body=plan.asking(wire))

    reply = (await ask_in_turn(context, question)).answer
    issues = state.issues + tuple(
        Issue(each.code, "", f"asked for rows without an element: {each.message}") for each in reply.issues
    )
    if reply.wire is None:
        return replace(state, issues=issues)
    found = with_logprobs(ground(lists, reply.wire, context.source), reply.logprobs)
    assert isinstance(found, ObjectValue)
    more = found.fields[member.name]
    items = (*state.have.items, *(more.items if isinstance(more, ListValue) else ()))
    count = state.count.of(items, context.source.text)
    kept = [n for n in range(len(items)) if n < len(state.have.items) or count.of_item[n] >= 0]
    count = replace(count, of_item=tuple(count.of_item[n] for n in kept))
    have = ListValue(in_their_rows([items[n] for n in kept], count), state.have.capped, count.starts)
    return _Asked(have, count, issues)


def _wire(lists: ObjectOf) -> type[WireModel]:
    return wire_model(lists, "RowsWithoutElement")


def _question(member: Member, rows: Sequence[Span], text: str) -> str:
    described = f" ({member.description})" if member.description else ""
    quoted = (" ".join(row.of(text).split())[:_ROW_CHARS] for row in rows)
    asked = (
        f"These rows of the document have no element in {member.name}{described} yet. Give the element of each of "
        "them, in this order; leave out a row that is none:"
    )
    return "\n".join([asked, *quoted, "Return a JSON object with this list only."])


def _in_order(have: ListValue) -> ListValue:
    """Return the list in the order of its rows; an element without one stays behind the one before it."""
    places: list[tuple[int, int]] = []
    last = -1
    for number, row in enumerate(have.rows):
        last = row if row >= 0 else last
        places.append((last, number))
    order = [number for _, number in sorted(places)]
    if order == list(range(len(order))):
        return have
    return replace(have, items=tuple(have.items[n] for n in order), rows=tuple(have.rows[n] for n in order))


def incomplete_lists(tree: ValueNode, plan: Plan, text: str, *, told: Sequence[Issue]) -> tuple[Issue, ...]:
    """Return an issue for each list of a document that has fewer elements than code counted rows, or could not be
    counted although it should be. ``told`` are the record's issues, among them of elements that were left out.
    """
    issues: list[Issue] = []
    for place in counted_lists(plan.schema.tree):
        have, strict = place.of(tree), plan.options.target == "row"
        if have is None or not (have.rows or is_strict(place, plan)) or _is_full(place, have):
            continue
        mark = place.node.rows
        if mark is not None and not mark.counted:
            continue
        count = count_rows(have.items, text, within=Span(0, len(text)), mark=mark, strict=strict, tail=False)
        path = json_pointer.from_parts(place.path[1:] if isinstance(plan.schema.tree, RootOf) else place.path)
        lost = sum(issue.code == "dropped" and issue.path == path for issue in told)
        if (issue := _issue(count, lost, text, strict=is_strict(place, plan))) is not None:
            issues.append(replace(issue, path=path))
    return tuple(issues)


def _issue(count: RowCount | None, lost: int, text: str, *, strict: bool) -> Issue | None:
    if count is None or not count.rows:
        why = "no rows were found by which to count its elements"
        return Issue("uncounted", "", why) if strict else None
    missing = count.missing
    here = len(count.rows) - len(missing)
    if count.selection:
        return Issue("fewer_rows", "", f"code counted {len(count.rows)} rows, of which {here} have an element")
    lost = max(0, lost - count.of_item.count(-1))  # what stands in no row is not counted
    came = here - lost
    if not missing and not lost:
        return None
    there = set(count.of_item)
    numbers = [number + 1 for number in range(len(count.rows)) if number not in there]
    told = f"code counted {len(count.rows)} rows, of which {max(came, 0)} came"
    if missing:
        told += f"; without an element: {ranges(numbers)}, first {' '.join(missing[0].of(text).split())[:80]!r}"
    return Issue(INCOMPLETE, "", told)
