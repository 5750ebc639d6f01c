"""What llmx.link promises of two names: what it takes for one, what it leaves open, and what it never takes for one."""

from __future__ import annotations

from llmx.link.compare import ACCEPT, ASK, compare
from llmx.link.names import Kind, name_of

ONE = """
organization: Acme Robotics LLC | ACME ROBOTICS, L.L.C.
organization: Müller Werkzeuge GmbH | Mueller Werkzeuge
organization: L'Étoile S.A. | L’Etoile
organization: Groupe Lorant | Lorant SA
organization: Dept. of Energy | Department of Energy
organization: Cía. Lorant | Compañía Lorant S.A.
organization: F.lli Lorant Srl | Fratelli Lorant
organization: Bank of Greece | Banque de Grèce
organization: Banco Central de Chile | Central Bank of Chile
organization: Wawel Spółka Akcyjna | Wawel S.A.
organization: شركة أرامكو | أرامكو
organization: Université de Sevilla | Universidad de Sevilla
organization: ㈱リコー | 株式会社リコー
organization: 한빛전자 주식회사 | 한빛전자
organization: 華星技術有限公司 | 华星技术
organization: ООО «Ромашка» | Ромашка
organization: Уралмаш | Uralmash
organization: 삼성 | Samsung
person: Prof. Dr. Ursula Weidenfeld | Ursula Weidenfeld
person: John Adler Jr. | John Adler
person: د. أحمد زكي | أحمد زكي
person: 佐藤健一氏 | 佐藤健一
person: 이재용 | Lee Jae-yong
person: Abe Shinzo | Shinzo Abe
"""
OPEN = """
organization: Siemens | Siemens Energy
organization: Lorant Group Corp. | Lorant Corp.
organization: ソニー | Sonny
organization: Merck KGaA | Merck & Co., Inc.
organization: University of York | York University
organization: Société Lorant | SL
organization: Kranich Logistik | Kranisch Logistik
organization: 山西大学 | 陕西大学
person: J. Smith | John Smith
person: 李娜 | Li Na
"""
TWO = """
organization: Air France | KLM
organization: Orion Fund II | Orion Fund III
organization: Unit 3 Ventures | Unit 4 Ventures
organization: 丰田 | Toyota
organization: 第一生命 | 第二生命
person: Boris Adler | Doris Hadler
person: John Adler Jr. | John Adler Sr.
person: 佐藤健一 | 佐藤健二
"""


def scores(table: str) -> dict[str, float]:
    found = {}
    for line in table.strip().splitlines():
        kind, _, names = line.partition(": ")
        one, two = names.split(" | ")
        of: Kind = "person" if kind == "person" else "organization"
        found[line] = compare(name_of(one, of), name_of(two, of)).score
        assert found[line] == compare(name_of(two, of), name_of(one, of)).score, f"{line}: the order counts"
    return found


def test_legal_forms_accents_scripts_titles_and_languages_make_no_second_thing() -> None:
    assert {line: score for line, score in scores(ONE).items() if score < ACCEPT} == {}


def test_a_subsidiary_a_slip_initials_and_another_legal_form_are_open_and_never_merged() -> None:
    assert {line: score for line, score in scores(OPEN).items() if not ASK <= score < ACCEPT} == {}


def test_what_differs_in_a_number_a_character_or_altogether_is_not_even_asked_about() -> None:
    assert {line: score for line, score in scores(TWO).items() if score >= ASK} == {}


def test_a_name_comes_apart_into_words_legal_forms_and_what_stands_in_brackets() -> None:
    name = name_of('Hidroeléctrica Andina, S.A. ("HidroAndina")', "organization")
    assert name.words == ("hidroeléctrica", "andina")
    assert (set(name.forms), name.aside) == ({"sa"}, "HidroAndina")
    assert name_of("Lorant (China)", "organization").words == ("lorant", "china")
    assert name_of("Ministry of Health", "organization").is_general
    assert name_of("Finanzministerium", "organization").is_general
    assert name_of("وزارة المالية", "organization").is_general
    assert not name_of("Air France", "organization").is_general
    assert compare(name_of("Banco de Portugal", "organization"), name_of("Banco Português", "organization")).score < ASK
