"""Names and phrases stay as the text has them; only what surrounds them goes."""

from __future__ import annotations

import pytest

from llmx.types import OrganizationName, PersonName, Verbatim

PEOPLE = [
    ("Mr. Zeng Qinghong", "Zeng Qinghong"), ("Mme Dupont", "Dupont"), ("M. Dupont", "Dupont"), ("Herr Müller", "Müller"), ("Sra. García", "García"),
    ("王小明先生", "王小明"), ("田中さん", "田中"), ("김철수 씨", "김철수"), ("Feng Xingya,", "Feng Xingya"), ("“Kenny Tan”", "Kenny Tan"),
    ("Martin Luther King Jr.", "Martin Luther King Jr."), ("Dr. Wang", "Dr. Wang"), ("M. Night Shyamalan", "Night Shyamalan"),
    ("  Kenny \n Tan ", "Kenny Tan"), ("Misha Petrov", "Misha Petrov"),
]  # fmt: skip
ORGANISATIONS = [
    ("the Renault group,", "Renault group"), ("The Body Shop", "The Body Shop"), ("Acme Inc.", "Acme Inc."), ("Foo S.A.", "Foo S.A."),
    ("« NTU Singapore »", "NTU Singapore"), ("“Westwell”", "Westwell"), ("l'Université de Nanyang", "Université de Nanyang"),
    ("La Poste", "La Poste"), ("GAC Group.", "GAC Group"), ("(Foo) and (Bar)", "(Foo) and (Bar)"), ("「奇瑞」", "奇瑞"), ("华为。", "华为"),
    ("AT&T", "AT&T"), ("Yahoo!", "Yahoo"), ("die Deutsche Bahn", "Deutsche Bahn"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "name"), PEOPLE, ids=[words for words, _ in PEOPLE])
def test_a_person_is_named_without_a_form_of_address(words: str, name: str) -> None:
    reading = PersonName.from_text(words)
    assert reading.value == name
    assert reading.words == words[reading.start : reading.end]


@pytest.mark.parametrize(("words", "name"), ORGANISATIONS, ids=[words for words, _ in ORGANISATIONS])
def test_an_organisation_is_named_as_the_text_has_it(words: str, name: str) -> None:
    assert OrganizationName.from_text(words).value == name


@pytest.mark.parametrize(
    ("words", "tidy"),
    [
        ("  energy saving \n technologies ,", "energy saving technologies"),
        ("‘open’", "open"),
        ("U.S.", "U.S."),
        ("- item", "item"),
    ],
)
def test_verbatim_words_are_only_tidied(words: str, tidy: str) -> None:
    assert Verbatim.from_text(words).value == tidy


@pytest.mark.parametrize("words", ["", " ", "--", "“”", "..."])
@pytest.mark.parametrize("kind", [Verbatim, PersonName, OrganizationName])
def test_nothing_is_no_name(kind: type[Verbatim], words: str) -> None:
    reading = kind.from_text(words)
    assert reading.value is None
    assert [issue.code for issue in reading.issues] == ["not_found"]


def test_names_are_not_found_by_their_form() -> None:
    assert PersonName.find_all("Mr. Zeng Qinghong and Mr. Chen Hong") == []
