"""From the model's words to values with their place in the text, and never a false proof."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from llmx.grounding.ground import ground
from llmx.grounding.text import SourceText
from llmx.grounding.values import NOTHING, LeafValue, ListValue, ObjectValue, ValueNode
from llmx.locating import TextIndex
from llmx.schema import Cues, Free, ObjectOf, compile_tree
from llmx.span import Span
from llmx.types import Money, Number, OrganizationName, PartialDate, PersonName, Verbatim


class Deal(BaseModel):
    """A deal."""

    title: str | None = None
    day: PartialDate | None = None
    money: Money | None = None
    jobs: int | None = None
    share: Decimal | None = None
    kind: Annotated[
        Literal["merger", "supply", "talks"] | None,
        Cues({"merger": ("merger", "merge"), "supply": ("supply deal",)}),
    ] = None
    final: Annotated[bool | None, Cues(("signed", "unterzeichnet"))] = None
    plain: Literal["a", "b"] | None = None
    note: Annotated[str | None, Free()] = None


TREE = compile_tree(Deal)
TEXT = (
    "On 3 March 2024 Aurelia signed a supply deal with Norvalis. They invest 3.2 billion RMB and hire nearly 600 "
    "people; a share of 12.5 is sold. Talks on a third plant go on."
)


def source(text: str = TEXT, within: Span | None = None, **more: Any) -> SourceText:
    return SourceText(text, TextIndex(text), Span(0, len(text)) if within is None else within, **more)


def grounded(words: dict[str, Any], text: str = TEXT, tree: ObjectOf = TREE, **more: Any) -> ObjectValue:
    wire = {m.name: words.get(m.name, [] if hasattr(m.node, "item") else None) for m in tree.members}
    found = ground(tree, wire, source(text, **more))
    assert isinstance(found, ObjectValue)
    return found


def leaf(name: str, words: Any, text: str = TEXT, **more: Any) -> LeafValue:
    found = grounded({name: words}, text, **more).fields[name]
    assert isinstance(found, LeafValue)
    return found


def quote(found: LeafValue) -> str:
    assert found.evidence is not None
    return found.evidence.quote


@pytest.mark.parametrize(
    ("name", "words", "value", "said", "kind"),
    [
        ("money", "3.2 billion RMB", "CNY 3200000000", "3.2 billion RMB", "exact"),
        ("money", "3.2", "CNY 3200000000", "3.2 billion RMB", "exact"),
        ("money", "RMB 3,200,000,000", "CNY 3200000000", "3.2 billion RMB", "value"),
        ("day", "3 March 2024", "2024-03-03", "3 March 2024", "exact"),
        ("day", "3 march 2024", "2024-03-03", "3 March 2024", "normalised"),
        ("day", "2024-03-03", "2024-03-03", "3 March 2024", "value"),
        ("jobs", "600", "600", "600", "exact"),
        ("share", "12.5", "12.5", "12.5", "exact"),
        ("title", "supply deal with Norvalis", "supply deal with Norvalis", "supply deal with Norvalis", "exact"),
        ("title", "Supply Deal with Norvalis", "Supply Deal with Norvalis", "supply deal with Norvalis", "normalised"),
        ("title", "suply deal with Norvalis", "supply deal with Norvalis", "supply deal with Norvalis", "fuzzy"),
    ],
)
def test_words_are_widened_to_the_whole_expression_and_values_are_found_by_value(
    name: str, words: str, value: str, *, said: str, kind: str
) -> None:
    found = leaf(name, words)
    shown = f"{found.value.currency} {found.value.amount}" if name == "money" else str(found.value)
    assert shown == value
    assert said in quote(found)
    assert found.evidence is not None
    assert found.evidence.kind == kind
    assert found.evidence.words == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("day", "12 May 2023"),
        ("day", "2024-03-04"),
        ("money", "3 billion RMB"),
        ("money", "USD 3.2 billion"),
        ("jobs", "6000"),
        ("title", "Globex Corporation"),
    ],
)
def test_what_the_text_does_not_say_is_unproven(name: str, words: str) -> None:
    found = leaf(name, words)
    assert not found.proven
    assert ("unproven") in [issue.code for issue in found.issues]
    assert found.words == words


@pytest.mark.parametrize(
    "words", ["", "  ", "null", "None", "N/A", "not specified", "unknown", "—", "Not mentioned", "n/a"]
)
@pytest.mark.parametrize("name", ["title", "day", "money", "jobs", "note"])
def test_words_that_say_nothing_are_null_without_an_issue(name: str, words: str) -> None:
    assert leaf(name, words) == NOTHING


@pytest.mark.parametrize("words", ["not", "given", "no", "information", "stated"])
def test_a_word_of_the_text_is_not_taken_for_null(words: str) -> None:
    found = leaf("title", words, f"The paper is called {words}, says its author.")
    assert found.value == words
    assert found.proven


def test_words_of_an_example_that_the_document_does_not_hold_are_a_leak() -> None:
    found = leaf("title", "Porto Azul", example_phrases=frozenset({"porto azul"}))
    assert found.value is None
    assert [issue.code for issue in found.issues] == ["example_leak"]
    assert leaf("title", "Norvalis", example_phrases=frozenset({"norvalis"})).proven


@pytest.mark.parametrize(
    ("name", "said", "value", "proof", "code"),
    [
        ("kind", "supply", "supply", "supply deal", None),
        ("kind", "merger", "supply", "supply deal", "corrected"),
        ("kind", "talks", "talks", None, None),
        ("final", True, True, "signed", None),
        ("final", False, False, None, None),
        ("plain", "a", "a", None, None),
    ],
)
def test_a_choice_is_proven_by_its_cue_or_corrected_by_that_of_another(
    name: str, said: Any, value: Any, *, proof: str | None, code: str | None
) -> None:
    found = leaf(name, said)
    assert found.value == value
    assert (found.evidence.quote if found.evidence else None) == proof
    assert [issue.code for issue in found.issues] == ([code] if code else [])


def test_a_choice_or_flag_without_any_cue_in_the_text_is_unproven_and_kept() -> None:
    for name, said in (("kind", "merger"), ("final", True)):
        found = leaf(name, said, "Nothing of that sort stands here.")
        assert found.value == said
        assert [issue.code for issue in found.issues] == ["unproven"]


def test_a_cue_is_a_whole_word() -> None:
    assert not leaf("final", True, "The designed product was assigned.").proven
    assert leaf("final", True, "Der Vertrag ist Unterzeichnet.").proven


def test_free_text_needs_no_proof() -> None:
    found = leaf("note", "my own words")
    assert found.value == "my own words"
    assert found.issues == ()


class Person(BaseModel):
    """A person."""

    name: PersonName
    title: Verbatim | None = None
    organization: OrganizationName | None = None


class People(BaseModel):
    """People."""

    people: list[Person]


PEOPLE = compile_tree(People)
TWICE = (
    "Anna Berg, president of Alpha, opened the day. After lunch there was music by a choir from the harbour school. "
    "Carl Dahl, president of Beta, closed it."
)


@pytest.mark.parametrize(("name", "after"), [("Anna Berg", "Anna Berg"), ("Carl Dahl", "Carl Dahl")])
def test_words_that_stand_in_several_places_are_taken_near_their_siblings(name: str, after: str) -> None:
    found = grounded({"people": [{"name": name, "title": "president", "organization": None}]}, TWICE, PEOPLE)
    people = found.fields["people"]
    assert isinstance(people, ListValue)
    person = people.items[0]
    assert isinstance(person, ObjectValue)
    title = person.fields["title"]
    assert isinstance(title, LeafValue)
    assert title.evidence is not None
    assert 0 < title.evidence.start - TWICE.index(after) < 20


def test_only_the_chunk_proves_what_was_asked_of_it() -> None:
    cut = TEXT.index("They")
    assert not leaf("day", "3 March 2024", within=Span(cut, len(TEXT))).proven
    assert not leaf("final", True, within=Span(cut, len(TEXT))).proven
    assert leaf("jobs", "600", within=Span(cut, len(TEXT)), chunk=3).proven
    found = leaf("jobs", "600", within=Span(cut, len(TEXT)), chunk=3)
    assert found.evidence is not None
    assert found.evidence.chunk == 3


def test_a_number_with_its_magnitude_across_the_chunks_border_is_not_half_a_number() -> None:
    border = TEXT.index("billion") + len("billion RMB")
    found = leaf("money", "3.2 billion RMB", within=Span(0, border))
    assert found.value.amount == Decimal(3_200_000_000)


def test_a_date_that_is_not_full_is_no_date_for_a_plain_date_field() -> None:
    from datetime import date

    class Dated(BaseModel):
        day: date | None = None

    tree = compile_tree(Dated)
    partial = grounded({"day": "3 March"}, "Signed on 3 March in Oslo.", tree).fields["day"]
    assert isinstance(partial, LeafValue)
    assert partial.value is None
    assert [issue.code for issue in partial.issues] == ["partial_date"]
    full = grounded({"day": "3 March 2024"}, TEXT, tree).fields["day"]
    assert isinstance(full, LeafValue)
    assert full.value == date(2024, 3, 3)


def test_an_ambiguous_date_is_said_and_never_guessed() -> None:
    found = leaf("day", "03/04/2024", "It was signed on 03/04/2024.")
    assert found.value is None
    assert any("ambiguous" in issue.code for issue in found.issues)


def test_one_of_several_numbers_is_taken_only_where_the_words_begin_with_it() -> None:
    text = "The plant brings 220 jobs, with 900 more while it is built."
    found = leaf("jobs", "220 jobs, with 900 more", text)
    assert found.value == 220
    assert "several" in [issue.code for issue in found.issues]


def _proofs(node: ValueNode) -> list[LeafValue]:
    if isinstance(node, LeafValue):
        return [node]
    parts = node.fields.values() if isinstance(node, ObjectValue) else node.items
    return [found for part in parts for found in _proofs(part)]


FRAGMENTS = st.sampled_from(
    ["On 3 March 2024", "3.2 billion RMB", "12 000 €", "Aurelia Marine", "signed", "万", "1,2万人", "  \n", ". ", "—", "İstanbul",
     "ﬁnance", "’", "“quoted”", "12.", "300 Ten thousand", "８月９日", "e\u0301", "\u00ad", "\u200b", "Straße", "2024", "%", " and "]
)  # fmt: skip
DOCS = st.lists(FRAGMENTS | st.text(max_size=8), max_size=14).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_quote_is_what_the_text_says_at_its_place(data: st.DataObject) -> None:
    text = data.draw(DOCS)
    cut = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(cut, len(text)))
    a = data.draw(st.integers(0, len(text)))
    b = data.draw(st.integers(a, len(text)))
    words = data.draw(st.sampled_from([text[a:b], text[a:b].upper(), text[a:b].strip()]) | FRAGMENTS)
    within = Span(cut, end)
    found = grounded(dict.fromkeys(("title", "day", "money", "jobs", "share"), words), text, within=within)
    for each in _proofs(found):
        if each.evidence is not None:
            place = Span(each.evidence.start, each.evidence.end)
            assert each.evidence.quote == place.of(text)
            assert within.contains(place)
            assert each.evidence.quote.strip()


def test_quantities_keep_their_rule_with_the_proof() -> None:
    class Count(BaseModel):
        n: Number

    found = grounded({"n": "3.2 billion"}, TEXT, compile_tree(Count)).fields["n"]
    assert isinstance(found, LeafValue)
    assert found.evidence is not None
    assert found.evidence.rule.startswith("number")


@pytest.mark.parametrize(("text", "codes"), [("paid 100 EUR", []), ("paid 100 EUR and $100", ["several"])])
def test_a_sum_without_its_currency_has_that_of_the_text_and_two_are_said(text: str, codes: list[str]) -> None:
    found = leaf("money", "100.00", text=text)
    assert found.value == Money(amount=100, currency="EUR")
    assert [issue.code for issue in found.issues if issue.code == "several"] == codes
