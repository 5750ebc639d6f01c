"""The seeds' gold against five records made by hand: what the evaluator counts, a person counted on paper before."""

from pathlib import Path

import pytest

from llmx.evaluate import Report, evaluate, load_gold, load_run
from tests.evaluate.partnership import Partnership

HERE = Path(__file__).parent
SEEDS = HERE.parents[1] / "seeds"

# field: match, mismatch, omission, invention, optional; 003 failed, so that all it should have is an omission
BY_HAND = {
    "parties.name": (7, 0, 2, 0, 1),
    "parties.country": (5, 1, 0, 0, 0),
    "agreement": (3, 1, 1, 0, 0),
    "signed_on": (1, 1, 1, 1, 0),
    "signed_at": (2, 0, 0, 1, 0),
    "signatories.name": (0, 0, 2, 1, 0),
    "signatories.title": (0, 0, 2, 1, 0),
    "signatories.organization": (0, 0, 2, 1, 0),
    "witnesses.name": (0, 0, 2, 1, 0),
    "witnesses.title": (0, 0, 2, 1, 0),
    "witnesses.organization": (0, 0, 2, 0, 0),
    "investment.amount": (1, 1, 0, 0, 0),
    "investment.currency": (2, 0, 0, 0, 0),
    "investment.over_years": (1, 0, 1, 0, 0),
    "jobs": (1, 0, 1, 0, 0),
    "facilities.name": (4, 0, 2, 0, 1),
    "facilities.place": (3, 0, 1, 0, 1),
    "fields": (9, 0, 9, 1, 2),
    "markets": (1, 0, 1, 1, 4),
    "products": (2, 0, 0, 1, 2),
    "figures.value": (7, 0, 5, 2, 1),
}

# (tp, fp, fn) of the same five records by the annotators' own script, which was written without knowing this
# evaluator; a row of its for a list of objects counts elements, which is what our row for the key counts
BY_THEIR_SCRIPT = {
    "parties.name": (7, 0, 2),
    "parties.country": (5, 1, 1),
    "agreement": (3, 1, 2),
    "signed_on": (1, 2, 2),
    "signed_at": (2, 1, 0),
    "signatories.name": (0, 1, 2),
    "witnesses.name": (0, 1, 2),
    "investment.amount": (1, 1, 1),
    "investment.currency": (2, 0, 0),
    "investment.over_years": (1, 0, 1),
    "jobs": (1, 0, 1),
    "facilities.name": (4, 0, 2),
    "fields": (9, 1, 9),
    "markets": (1, 1, 1),
    "products": (2, 1, 0),
    "figures.value": (7, 2, 5),
}


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate(load_gold(SEEDS), load_run(HERE / "predictions.jsonl"), spec=Partnership)


def test_there_is_a_count_for_every_field_and_for_no_other(report: Report) -> None:
    assert list(report.fields) == list(BY_HAND)


@pytest.mark.parametrize("path", BY_HAND)
def test_each_field_has_the_counts_that_a_person_found(report: Report, path: str) -> None:
    tally = report.fields[path]
    assert (tally.match, tally.mismatch, tally.omission, tally.invention, tally.optional) == BY_HAND[path]


@pytest.mark.parametrize("path", BY_THEIR_SCRIPT)
def test_where_both_count_the_same_facts_the_annotators_script_agrees(report: Report, path: str) -> None:
    tally = report.fields[path]
    assert (tally.match, tally.false_positives, tally.false_negatives) == BY_THEIR_SCRIPT[path]


def test_the_sums_are_those_of_the_count_by_hand(report: Report) -> None:
    match, mismatch, omission, invention, _ = (sum(column) for column in zip(*BY_HAND.values(), strict=True))
    assert (match, mismatch, omission, invention) == (49, 4, 36, 12)
    assert report.micro.precision == pytest.approx(49 / 65)
    assert report.micro.recall == pytest.approx(49 / 89)
    assert report.micro.f1 == pytest.approx(98 / 154)


def test_the_failed_document_counts_as_zero_and_stays_in_every_average(report: Report) -> None:
    failed = next(each for each in report.documents if each.status == "failed")
    assert failed.f1 == 0
    assert not failed.exact
    assert failed.total.omission == 22
    assert report.document_f1 == pytest.approx(sum(each.f1 for each in report.documents) / 5)


def test_each_mistake_names_its_place_in_the_record(report: Report) -> None:
    westwell = next(each for each in report.documents if each.id.startswith("001"))
    assert [(each.path, each.kind, each.pointer) for each in westwell.mistakes] == [
        ("parties.country", "mismatch", "/parties/0/country"),
        ("agreement", "mismatch", "/agreement"),
        ("investment.amount", "mismatch", "/investment/amount"),
        ("jobs", "omission", None),
        ("facilities.name", "omission", None),
        ("facilities.place", "omission", None),
        ("products", "invention", "/products/1"),
        ("figures.value", "omission", None),
    ]
