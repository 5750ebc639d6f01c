"""A text's own date is the full date in a dateline position of its first lines; nothing else counts."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.documents.dateline import dateline

MAY_12 = date(2024, 5, 12)
SENTENCE = "The two companies said on Friday that they had signed a contract to build a plant together."
GERMAN = "Die beiden Unternehmen teilten am Freitag mit, sie hätten einen Vertrag über den Bau des Werks geschlossen."
HAN = "两家公司昨日在北京签署战略合作协议,双方将在云计算领域开展长期合作,并共同建设研发中心。"


@pytest.mark.parametrize(
    "text",
    [
        f"Two companies sign\n\nBERLIN, May 12, 2024 (Reuters) - {SENTENCE}",
        f"BERLIN, 12 May 2024 /PRNewswire/ -- {SENTENCE}",
        f"SAN FRANCISCO May 12, 2024 – {SENTENCE}",
        f"Frankfurt am Main, 12. Mai 2024 – {GERMAN}",
        f"May 12, 2024 (GLOBE NEWSWIRE) -- {SENTENCE}",
        f"(Berlin, May 12, 2024) {SENTENCE}",
        f"新华社北京2024年5月12日电 {HAN}",
        f"【北京2024年5月12日】{HAN}",
        f"（2024年5月12日，上海）{HAN}",
    ],
)
def test_an_agencys_dateline_dates_the_text(text: str) -> None:
    assert dateline(text) == MAY_12


@pytest.mark.parametrize(
    "line",
    [
        "May 12, 2024",
        "2024-05-12",
        "2024-05-12 10:30",
        "2024-05-12T10:30:00+08:00",
        "Sunday, 12 May 2024, 10:30 a.m. EDT",
        "Published on May 12, 2024",
        "Published: 12 May 2024 | By Jane Doe",
        "By Jane van der Berg, May 12, 2024",
        "PUBLISHED 12 MAY 2024",
        "Sonntag, 12. Mai 2024, 10.30 Uhr",
        "Veröffentlicht am 12.05.2024",
        "Publié le 12 mai 2024 à 10h30",
        "Publicado el 12 de mayo de 2024",
        "发布时间:2024-05-12 10:23  来源:新华网",
        "2024年5月12日 星期日",
        "２０２４年５月１２日",
        "입력 2024.05.12 10:30",
        "Berlin, den 12. Mai 2024",
        "Paris, le 12 mai 2024",
        "**May 12, 2024**",
    ],
)
def test_a_line_with_nothing_but_the_date_and_its_label_dates_the_text(line: str) -> None:
    assert dateline(f"Two companies sign\n{line}\n\n{SENTENCE}\n") == MAY_12


def test_the_date_line_of_a_mail_dates_it() -> None:
    mail = (
        "From: Jane Doe <jane@example.org>\nTo: Ops\nDate: Sun, 12 May 2024 10:30:00 +0200\nSubject: Outage\n\nHello,"
    )
    assert dateline(mail) == MAY_12
    assert dateline("Incident report\nDate: 12 May 2024\nPlace: Berlin\n") is None


@pytest.mark.parametrize(
    "text",
    [
        f"Two companies sign\n\n{SENTENCE}",
        f"On May 12, 2024, the companies met. {SENTENCE}",
        f"On May 12, 2024 - the day before the fair - the companies met. {SENTENCE}",
        f"This Agreement is made on May 12, 2024 between A and B. {SENTENCE}",
        f"Effective date: May 12, 2024\n{SENTENCE}",
        f"Date of incident: 12 May 2024\n{SENTENCE}",
        f"Updated May 12, 2024\n{SENTENCE}",
        f"Due May 12, 2024\n{SENTENCE}",
        f"By Friday, May 12, 2024\n{SENTENCE}",
        f"By Next Friday, May 12, 2024\n{SENTENCE}",
        f"by noon, May 12, 2024\n{SENTENCE}",
        f"Invoice 7781, May 12, 2024\n{SENTENCE}",
        f"Annual Meeting, May 12, 2024\n{SENTENCE}",
        f"Berlin, May 12, 2024 – Fair of Tools\n{SENTENCE}",
        f"May 12, 2024 – June 3, 2024\n{SENTENCE}",
        f"May 12, 2024 – {SENTENCE}",
        f"May 12–14, 2024\n{SENTENCE}",
        f"05/12/2024\n{SENTENCE}",
        f"May 2024\n{SENTENCE}",
        f"Shanghai (Gasgoo) - Le 12 mai, {SENTENCE}",
        f"新华社北京5月12日电 {HAN}",
        f"根据2024年5月12日签署的协议,{HAN}",
        f"February 30, 2024\n{SENTENCE}",
        f"{SENTENCE} {SENTENCE} {SENTENCE}\nMay 12, 2024\n",
        "\n".join(["A line"] * 12 + ["May 12, 2024"]),
    ],
)
def test_a_date_elsewhere_does_not_date_the_text(text: str) -> None:
    assert dateline(text) is None


def test_two_datelines_that_differ_cancel_each_other() -> None:
    assert dateline(f"Published May 13, 2024\n\nBERLIN, May 12, 2024 (Reuters) - {SENTENCE}") is None
    assert dateline(f"Published May 12, 2024\n\nBERLIN, May 12, 2024 (Reuters) - {SENTENCE}") == MAY_12


def test_a_locale_decides_which_number_is_the_day() -> None:
    assert dateline(f"05/12/2024\n{SENTENCE}", locale="en_US") == MAY_12
    assert dateline(f"12/05/2024\n{SENTENCE}", locale="fr") == MAY_12


def test_the_weekdays_and_months_of_further_languages_are_known() -> None:
    assert dateline("Umowa\nniedziela, 12 maja 2024\n\nObie firmy podpisały umowę.", locale="pl") == MAY_12


@given(st.text(alphabet="May 12, 2024\n()（）-–:|年月日ABz.T", max_size=300))
def test_any_text_has_one_date_or_none(text: str) -> None:
    assert dateline(text) is None or isinstance(dateline(text), date)


@pytest.mark.timeout(5)
@pytest.mark.parametrize("filler", [" ", "- ", "T", "A ", "(", "B-", "10:10", "by A "])
def test_no_line_makes_the_search_explode(filler: str) -> None:
    for line in ((filler * 160)[:140], (filler * 160)[:70]):
        for head in (f"{line}12 May 2024{line}?", f"12 May 2024{line}?", f"{line}12 May 2024"):
            assert dateline(head) in {None, MAY_12}
