"""Brings together the records of a document that holds several: gold and runs are then compared list by list.

Which record is the third of a document depends on those before it, so records are not compared by their numbers: the
elements of the two lists are paired, as those of any list are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from llmx.evaluate.score import paired
from llmx.evaluate.spec import spec_of_gold
from llmx.record import STATUSES, document_of, row_id

if TYPE_CHECKING:
    from llmx.evaluate.load import Prediction, RunPredictions
    from llmx.evaluate.run_file import RunFile

V = TypeVar("V")


def gold_by_document(golds: Mapping[str, Any]) -> dict[str, Any]:
    """Return gold that is written record by record (``ID#1``, ``ID#2`` …) as a list for each document.

    Lists stay as they are; so does what has no number and is no object.
    """
    found: dict[str, Any] = {}
    for id_, gold in _in_order(golds):
        if isinstance(gold, dict):
            found.setdefault(document_of(id_), []).append(gold)
        else:
            found[id_] = gold
    return found


def gold_by_record(golds: Mapping[str, Any], runs: Iterable[RunFile]) -> dict[str, Any]:
    """Return gold with a list taken apart for records that are shown one by one: each element goes with the record of
    the first run that it is most like, and what none is like with no record.
    """
    lists = {id_: gold for id_, gold in golds.items() if isinstance(gold, list)}
    if not lists:
        return dict(golds)
    rows = next(({id_: row.get("data") for id_, row in run.rows.items()} for run in runs), {})
    found = {id_: gold for id_, gold in golds.items() if id_ not in lists}
    for id_, elements in lists.items():
        records = [each for each in rows if document_of(each) == id_ and each != id_]
        pairs = dict(paired(spec_of_gold(elements), elements, [rows[each] for each in records]))
        spare = len(records)
        for number, element in enumerate(elements):
            spare += number not in pairs
            found[records[pairs[number]] if number in pairs else row_id(id_, spare)] = element
    return found


def run_by_document(run: RunPredictions) -> RunPredictions:
    """Return the run with one prediction a document, whose data is the list of its records."""
    held: dict[str, list[Prediction]] = {}
    found: dict[str, Prediction] = {}
    for id_, each in _in_order(run.predictions):
        if isinstance(each.data, list):
            found[id_] = each
        elif each.data is None:
            found[id_] = replace(each, data=[]) if each.status in ("ok", "partial") else each
        else:
            held.setdefault(document_of(id_), []).append(each)
    for id_, rows in held.items():
        found[id_] = _together(id_, rows)
    return replace(run, predictions=found)


def _together(id_: str, rows: list[Prediction]) -> Prediction:
    return replace(
        rows[0],
        id=id_,
        status=max((each.status for each in rows), key=STATUSES.index),
        data=[each.data for each in rows],
        evidence=_renumbered(each.evidence for each in rows),
        confidence=_renumbered(each.confidence for each in rows),
        input_tokens=sum(each.input_tokens for each in rows),
        output_tokens=sum(each.output_tokens for each in rows),
        seconds=sum(each.seconds for each in rows),
    )


def _renumbered(told: Iterable[Mapping[str, V]]) -> dict[str, V]:
    return {f"/{number}{path}": value for number, each in enumerate(told) for path, value in each.items()}


def _in_order(by_id: Mapping[str, V]) -> list[tuple[str, V]]:
    """Return the entries, those of one document by their numbers: files in a folder come as text is sorted."""
    return sorted(by_id.items(), key=lambda entry: _number(entry[0]))


def _number(id_: str) -> int:
    document = document_of(id_)
    return 0 if document == id_ else int(id_[len(document) + 1 :])
