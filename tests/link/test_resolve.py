"""What llmx.link promises of a run's names: what joins them across documents, and what keeps them apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from bench.link.planted import figures as planted_figures
from bench.link.score import figures, pairs
from llmx.errors import UsageError
from llmx.link.compare import Likeness
from llmx.link.corrections import Corrections
from llmx.link.links import Link, NameGraph
from llmx.link.mentions import Mention
from llmx.link.names import Kind
from llmx.link.resolve import Resolved, Texts, resolve


def mention(document: str, name: str, *, kind: Kind = "organization", **more: Any) -> Mention:
    place = more.pop("path", f"/{kind}")
    return Mention(document, place, name, kind, kind, **more)


def together(resolved: Resolved) -> set[frozenset[str]]:
    """Return the names of each entity that has several, each with its document."""
    groups = (frozenset(f"{each.document}: {each.name}" for each in entity.mentions) for entity in resolved.entities)
    return {group for group in groups if len(group) > 1}


def linked(*mentions: Mention, texts: Texts | None = None, **said: tuple[tuple[str, ...], ...]) -> set[frozenset[str]]:
    return together(resolve(mentions, texts or {}, Corrections(**said)))


def test_the_half_of_the_gold_that_rules_are_made_on_has_no_false_merge_and_an_f1_above_nine_tenths() -> None:
    found = figures(pairs("development"))
    assert found.false == ()
    assert found.f1 > 0.9


def test_agreements_that_are_told_twice_in_the_corpus_are_found_without_a_false_merge() -> None:
    names, events, _ = planted_figures()
    assert (names.false, events.false) == ((), ())
    assert names.right / (names.right + len(names.missed)) > 0.8
    assert events.right / (events.right + len(events.missed)) > 0.75


@pytest.mark.parametrize(
    ("text", "name", "other"),
    [
        ("丰田（Toyota）周二签署协议。", "丰田", "Toyota"),
        ("The Lorant Holding Company (LHC) said so.", "Lorant Holding Company", "LHC"),
        ('Norwich Tidal Power plc ("Tidal Norwich") said so.', "Norwich Tidal Power plc", "Tidal Norwich"),
        ("Acme Power plc, hereinafter “Blue Star”, signed.", "Acme Power plc", "Blue Star"),
        ("La société Lorant, ci-après « Bréval », investira.", "Lorant", "Bréval"),
        ("Die Nordwind GmbH (im Folgenden „Kranich“) plant.", "Nordwind GmbH", "Kranich"),
        ("宏远能源股份有限公司（以下简称“宏能”）投资。", "宏远能源股份有限公司", "宏能"),
        ("한국전력공사(이하 '한전')는 체결했다.", "한국전력공사", "한전"),
        ("Завод «Прометей» (далее — Титан) построит.", "Завод «Прометей»", "Титан"),
        ("Opel (Stellantis) invests.", "Opel", None),
        ("Lorant (France) invests.", "Lorant", None),
        ("Lorant SA (the “Company”) invests.", "Lorant SA", None),
        ("Siemens (Siemens Energy) invests.", "Siemens", None),
        ("一汽丰田（FAW Toyota）签署协议。", "丰田", None),
        ("華星（以下同じ）は発表した。", "華星", None),
    ],
)
def test_another_name_is_learnt_where_a_text_introduces_it_and_not_from_any_brackets(
    text: str, name: str, other: str | None
) -> None:
    found = linked(
        mention("a", name), *(mention("b", each) for each in filter(None, [other])), texts={"a": text, "b": ""}
    )
    assert found == ({frozenset({f"a: {name}", f"b: {other}"})} if other else set())
    if other is None:  # what stands in the brackets has not become another name of it
        assert all(name == each.name for each in resolve([mention("a", name)], {"a": text}, Corrections()).entities)


def test_initials_of_two_letters_and_those_with_two_meanings_hold_in_their_document_only() -> None:
    texts = {"a": "Société Lorant (SL) signe.", "b": "Saint Lucas Trust (SLT) signs.", "c": "South Lake Tower (SLT)."}
    found = linked(
        mention("a", "Société Lorant"), mention("a", "SL", path="/2"), mention("d", "SL"),
        mention("b", "Saint Lucas Trust"), mention("b", "SLT", path="/2"), mention("c", "South Lake Tower"),
        mention("d", "SLT", path="/2"), texts=texts,
    )  # fmt: skip
    assert found == {frozenset({"a: Société Lorant", "a: SL"}), frozenset({"b: Saint Lucas Trust", "b: SLT"})}


def test_a_short_form_is_the_one_longer_name_of_its_document_and_nobody_in_another() -> None:
    found = linked(
        mention("a", "Siemens Energy"), mention("a", "Siemens", path="/2"), mention("b", "Siemens"),
        mention("c", "Air France-KLM"), mention("c", "Air France", path="/2"),
    )  # fmt: skip
    assert found == {frozenset({"a: Siemens Energy", "a: Siemens"})}


def test_two_elements_of_one_list_are_two_things_even_by_way_of_a_third_name() -> None:
    one_list: dict[str, Any] = {"in_list": "/parties"}
    texts = {"a": "Lorant Holding (LHO) and Lorant Marine, hereinafter “LHO”, signed."}
    found = linked(
        mention("a", "Lorant Holding", path="/parties/0", **one_list),
        mention("a", "Lorant Marine", path="/parties/1", **one_list),
        mention("b", "LHO"), texts=texts,
    )  # fmt: skip
    assert found == set()


def test_a_general_name_holds_within_a_country_and_a_local_one_apart_only_where_countries_differ() -> None:
    found = linked(
        mention("a", "Ministry of Health", country="KE"), mention("b", "Ministry of Health", country="NZ"),
        mention("c", "Ministère de la Santé", country="KE"), mention("d", "Ministry of Health"),
        mention("e", "University of Cordoba", country="ES"), mention("f", "University of Cordoba", country="AR"),
        mention("g", "Lorant", country="FR"), mention("h", "Lorant", country="DE"),
    )  # fmt: skip
    assert found == {
        frozenset({"a: Ministry of Health", "c: Ministère de la Santé"}),
        frozenset({"g: Lorant", "h: Lorant"}),
    }


def test_a_name_that_two_companies_with_different_forms_share_is_neither_of_them() -> None:
    assert linked(mention("a", "Lorant GmbH"), mention("b", "Lorant SARL"), mention("c", "Lorant")) == set()


def test_a_reading_that_two_names_share_is_neither_of_them() -> None:
    assert linked(mention("a", "华为"), mention("b", "华威"), mention("c", "Huawei")) == set()


def test_a_website_that_both_have_decides_what_the_names_leave_open() -> None:
    site: dict[str, Any] = {"site": "lorant.example"}
    assert linked(mention("a", "Lorant", **site), mention("b", "Lorant Energy", **site)) != set()
    assert linked(mention("a", "Lorant", **site), mention("b", "Kranich", **site)) == set()


def test_persons_of_one_name_at_two_companies_are_two() -> None:
    found = linked(
        mention("a", "John Smith", kind="person", beside="Lorant"), mention("a", "Lorant"),
        mention("b", "Mr John Smith", kind="person", beside="Lorant SA"), mention("b", "Lorant SA"),
        mention("c", "Ann Bay", kind="person", beside="Lorant"), mention("c", "Lorant"),
        mention("d", "Ann Bay", kind="person", beside="Kranich"), mention("d", "Kranich"),
        mention("e", "Smith", kind="person"),
    )  # fmt: skip
    assert frozenset({"a: John Smith", "b: Mr John Smith"}) in found
    assert not any("c: Ann Bay" in group for group in found)


def test_what_a_person_says_comes_first_and_a_contradiction_is_refused() -> None:
    names = (mention("a", "丰田"), mention("b", "Toyota"), mention("c", "TOYOTA"))
    assert linked(*names) == {frozenset({"b: Toyota", "c: TOYOTA"})}
    assert linked(*names, same=(("丰田", "Toyota"),)) == {frozenset({"a: 丰田", "b: Toyota", "c: TOYOTA"})}
    apart = linked(mention("a", "Lorant SA"), mention("b", "Lorant"), different=(("Lorant SA", "Lorant"),))
    assert apart == set()
    with pytest.raises(UsageError, match="said to be the same, and to be different"):
        linked(*names, same=(("a", "b"), ("b", "c")), different=(("a", "c"),))


def test_a_model_is_asked_about_open_pairs_alone_and_cannot_join_what_a_person_keeps_apart() -> None:
    asked: list[set[str]] = []

    def ask(graph: NameGraph, links: Sequence[Link], _texts: Texts) -> Iterable[Link]:
        for link in links:
            asked.append({graph.nodes[link.a].name.text, graph.nodes[link.b].name.text})
            yield Link(link.a, link.b, Likeness(0.9, ("a model says: same",)), by="model")

    names = (mention("a", "Siemens"), mention("b", "Siemens Energy"), mention("c", "Lorant"), mention("d", "Lorant SA"))
    found = resolve(names, {}, Corrections(), ask=ask)
    assert asked == [{"Siemens", "Siemens Energy"}]
    assert frozenset({"a: Siemens", "b: Siemens Energy"}) in together(found)
    kept = resolve(names, {}, Corrections(different=(("Siemens", "Siemens Energy"),)), ask=ask)
    assert frozenset({"a: Siemens", "b: Siemens Energy"}) not in together(kept)


def test_every_merge_says_why() -> None:
    found = resolve([mention("a", "Lorant SA"), mention("b", "LORANT")], {}, Corrections())
    (merge,) = [each for each in found.decisions if each.decision == "merged"]
    assert merge.reasons == ("the same name but for the legal form",)
    assert merge.entity == found.entity_at("a", "/organization")
