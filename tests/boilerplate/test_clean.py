"""Taking the page off an article: what only pages say goes, and never a title, a dateline or a paragraph."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmx.boilerplate import Cleaned, clean
from llmx.documents.converters.html_text import main_text, page_text
from llmx.locating import TextIndex
from llmx.span import Span
from tests.corpus import DEVELOPMENT

ROOT = Path(__file__).parents[2]

# Each page: what goes is marked by a tab at the line's start, which the test takes off first.
PAGES = {
    "en": """\
	Skip to main content
	Home > Business > Shipping
	Log in | Subscribe now | E-paper | Contact us
Calder Motors to build charging network with Port of Aldmouth

By Jane Orchard | 14 March 2024
	Share this article on Facebook

Calder Motors and the Port of Aldmouth signed a framework agreement on Thursday. The firms will invest 300 million euros.
	Photo: Reuters
Photo: Jane Orchard and Tom Wells sign the agreement in the harbour office on 14 March

	Read more: Storm closes harbour for two days

"We share one goal," said Tom Wells, the port's director. "More power, fewer fumes, and 500 new jobs before 2030."

Fields of the cooperation:
• Charging of lorries
• Shore power
• Batteries

About Calder Motors
Calder Motors employs 1,200 people in nine countries and sold 84,000 vans last year, more than ever before.

	Was this article helpful?
	12 of 15 people found this helpful
	Related Articles
	Bank keeps rates at 4 per cent
	Nordwind opens its 14th wind farm
	Sign up for our daily newsletter
	Leave a Reply
	Your email address will not be published. Required fields are marked *
	© 2024 Aldmouth Courier. All rights reserved.
	Back to top
""",
    "fr": """\
	Aller au contenu
	Accueil > Économie
L'université de Brémont et Norélec signent un accord-cadre

Lyon, le 3 mai 2024

Norélec et l'université de Brémont ont signé vendredi un accord-cadre de cinq ans. Le groupe y consacrera 12 millions d'euros.
	À lire aussi : Le port de Saint-Malveil agrandit ses quais
Un laboratoire commun ouvrira à l'automne sur le campus ; il emploiera 40 chercheurs et travaillera sur les réseaux.
	Sur le même sujet
	• La région soutient l'hydrogène
	• Grève à la centrale de Ferval
	Partager sur LinkedIn
	Laisser un commentaire
	Votre adresse e-mail ne sera pas publiée. Les champs obligatoires sont indiqués avec *
	Nous utilisons des cookies pour améliorer votre expérience et mesurer l'audience de ce site.
	Tous droits réservés.
""",
    "de": """\
	Startseite › Wirtschaft › Energie
Nordwind und Stadtwerke Ostheim gründen Gemeinschaftsunternehmen

Stand: 12.06.2025, 16:20 Uhr

Nordwind und die Stadtwerke Ostheim gründen ein Gemeinschaftsunternehmen für Wärmespeicher. Beide Seiten geben je 40 Mio. Euro.
	Anzeige
Mehr als 300 Mitarbeiter sollen bis 2027 am neuen Standort arbeiten, sagte Geschäftsführerin Jana Holm am Donnerstag.
	Lesen Sie auch: Fernwärme wird teurer
	Das könnte Sie auch interessieren
	→ Wie die Stadt heizt
	→ Was Speicher kosten
	Artikel drucken
	Kommentar schreiben
	Newsletter abonnieren
	Impressum
	Datenschutzerklärung
""",
    "es": """\
	Inicio > Empresas
Molinos del Norte y la Universidad de Arlanza firman un convenio

Burgos, 8 de octubre de 2024.- Molinos del Norte y la Universidad de Arlanza firmaron este martes un convenio marco por 3 años.
	Publicidad
Recibe la universidad 300.000 euros al año para becas, y la empresa contratará a 25 graduados en su planta de Lerma.
	Noticias relacionadas
	Sube el precio del trigo
	Suscríbete a nuestro boletín
	Deja un comentario
	Todos los derechos reservados
""",
    "pt": """\
	Início > Economia
Porto de Vilar e Energia do Cabo formam joint venture

Setúbal, 14 de março - O Porto de Vilar e a Energia do Cabo formaram uma joint venture para produzir amónia verde no cais leste.
	Continua após a publicidade
O projeto custará 90 milhões de euros e criará 120 postos de trabalho até 2028, segundo as duas empresas.
	Leia também
	- Dólar fecha em queda
	- Chuva fecha estradas
	Compartilhe no WhatsApp
	Deixe um comentário
""",
    "it": """\
Altomare e Istituto Tergeste, accordo quadro per le navi elettriche

Trieste, 11 ottobre - Altomare e l'Istituto Tergeste hanno firmato un accordo quadro per lo sviluppo di navi elettriche da 9 MW.
	Leggi anche: Sciopero dei traghetti venerdì
Previsti 15 milioni di euro in quattro anni e un laboratorio a Monfalcone con 30 ricercatori, secondo la nota congiunta.
	Articoli correlati
	Il porto cresce ancora
	Condividi su Facebook
	Iscriviti alla newsletter
	Tutti i diritti riservati
""",
    "nl": """\
Havenbedrijf Duinmond en Tessel Batterijen tekenen intentieverklaring

Het Havenbedrijf Duinmond en Tessel Batterijen tekenden woensdag een intentieverklaring voor een fabriek van 4 hectare.
	Lees ook: Nieuwe kade kost 12 miljoen
De partijen verwachten 200 banen en een investering van 75 miljoen euro, verspreid over de komende zes jaar.
	Meest gelezen
	Trein rijdt weer op tijd
	Deel dit artikel
	Reacties (3)
	Naar de inhoud
""",
    "zh": """\
	您的位置：首页 > 财经 > 产业
海川汽车与江北大学签署战略合作协议

来源：滨江日报 记者 李一 2025年4月15日

4月14日，海川汽车与江北大学在滨江会展中心签署战略合作协议，双方将共建智能驾驶联合实验室，总投资3.2亿元。
	图片来源：视觉中国
根据协议，实验室将设在江北大学科技园，计划五年内培养600名工程师。海川汽车董事长王明出席签约仪式。
	相关阅读
	海川汽车一季度销量增长
	滨江新增三条公交线路
	责任编辑：张三
	分享到：微信 微博
	版权所有 未经授权不得转载
""",
    "ja": """\
	ホーム > 経済
北浜自動車とみなと大学、水素エンジンの共同研究で提携

2025年2月3日

北浜自動車とみなと大学は3日、水素エンジンの共同研究で提携したと発表した。5年間で40億円を投じ、横浜市に研究所を設ける。
	広告
研究所では約120人が働く予定で、同社の山田社長は「世界に先駆けて実用化したい」と述べた。
	関連記事
	株価、3日続伸
	この記事は役に立ちましたか
	シェアする
	利用規約
""",
    "ko": """\
	홈 > 경제
한빛모터스·미래대학교, 배터리 공동연구 협약 체결

입력 2025.02.03. 오전 10:42

한빛모터스와 미래대학교는 3일 서울에서 배터리 공동연구 협약을 체결했다. 양측은 5년간 300억 원을 투자해 연구센터를 세운다.

연구센터에는 연구원 120명이 근무할 예정이라고 회사 측은 밝혔다. 센터는 대전에 들어서며 2026년 문을 연다.
	관련기사
	· 코스피 상승 마감
	공유하기
	댓글 쓰기
	무단 전재 및 재배포 금지
""",
    "ru": """\
	Главная > Экономика
«Северный ветер» и Приморский университет подписали соглашение

12 мая 2024 года «Северный ветер» и Приморский университет подписали рамочное соглашение о сотрудничестве на пять лет.
	Читайте также: Порт увеличил перевалку
Стороны вложат 300 млн рублей в лабораторию во Владивостоке, где будут работать 45 инженеров и 12 аспирантов.
	Поделиться в Telegram
	Подпишитесь на нашу рассылку
	Оставить комментарий
	Все права защищены
""",
}


@pytest.mark.parametrize("language", PAGES)
def test_the_article_stays_to_the_letter_and_the_page_goes(language: str) -> None:
    marked = PAGES[language]
    page = marked.replace("\t", "")
    article = "".join(line for line in marked.splitlines(keepends=True) if not line.startswith("\t"))
    assert clean(page).text == article


def test_every_dropped_span_has_a_reason_and_its_words_are_those_of_the_page() -> None:
    page = PAGES["en"].replace("\t", "")
    reasons = {span.of(page).strip(): reason for span, reason in clean(page).dropped}
    assert reasons["Home > Business > Shipping"] == "navigation"
    assert reasons["Was this article helpful?"] == "helpful"
    assert reasons["Bank keeps rates at 4 per cent"] == "related"
    assert reasons["Photo: Reuters"] == "credit"
    assert reasons["Leave a Reply"] == "comments"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("More jobs for Aldmouth\n\nHome builder Oakfield and Calder signed.\n", id="short-notice"),
        pytest.param("Share deal\nShare prices rose when Calder and Nordwind signed.\n", id="cue-words-in-sentences"),
        pytest.param("Leave a Reply\nBack to top\n", id="nothing-else"),
        pytest.param("Mehr als 300 Stellen\n\nNordwind baut aus.\n", id="german-more-than"),
        pytest.param("Renault | Geely\n\nThey signed an accord.\n", id="two-names-parted-by-a-bar"),
        pytest.param("OSLO | Business | News | 14 March 2024\nNordwind signed.\n", id="dateline-with-bars"),
        pytest.param("Home-grown battery maker Nordwind signs\n", id="home-in-a-title"),
        pytest.param("Start-up Nordwind gewinnt Preis\n", id="start-in-a-title"),
        pytest.param("Kommentar | Nordwind kauft Calder\n", id="kicker-before-a-title"),
        pytest.param("Home | Nordwind signs accord\n", id="home-bar-title"),
        pytest.param("Copyright agency Oakfield signs with Calder\n", id="copyright-as-a-word"),
        pytest.param("编辑：李一 2025-04-15 10:30\n海川汽车签署协议。\n", id="editor-with-the-date"),
        pytest.param("Share | Print | 14 March 2024\nNordwind signed.\n", id="date-among-buttons"),
        pytest.param("| Item | Colour | Size | Price |\n| Bolt | red | L | low |\n", id="table-in-markdown"),
        pytest.param("", id="empty"),
        pytest.param(" \n\n", id="blank"),
    ],
)
def test_what_only_resembles_boilerplate_stays(text: str) -> None:
    assert clean(text).text == text


def test_the_heading_before_a_paragraph_is_not_taken_for_the_last_link() -> None:
    body = "The two firms signed a framework agreement in Oslo on Sunday. It runs for five years and covers buses.\n"
    body += "It is the first of its kind in the north, and others are expected to follow before long.\n"
    text = (
        body.replace("\n", " ", 1)
        + "Related articles\nStorm closes harbour\nAbout Nordwind\n"
        + body.replace("\n", " ")
    )
    assert "About Nordwind" in clean(text).text
    assert "Storm closes harbour" not in clean(text).text


def test_a_list_of_facts_at_the_end_of_an_article_stays() -> None:
    body = "The two firms signed a framework agreement in Oslo on Sunday. It runs for five years and covers all city buses.\n"
    facts = "The plan:\n• 500 jobs\n• a plant in Bergen\n• 300 million euros\nPartners\nNordwind\nCalder\nTessel\nOakfield\n"
    assert clean(body + facts).text == body + facts


def test_the_portrait_of_the_author_goes_and_the_portrait_of_a_firm_stays() -> None:
    body = "The two firms signed a framework agreement in Oslo on Sunday. It runs for five years and covers all city buses.\n"
    firm = "About the firm\nNordwind is a maker of wind mills with 1,200 people in nine countries of the north.\n"
    author = "Photo of Jane\n\nJane is an editor with a passion for ports. She has three cats.\n"
    photo = "Photo of the signing\n\nNordwind's chairman and Calder's chief executive signed in front of 300 guests.\n"
    cleaned = clean(body + photo + firm + author)
    assert cleaned.text == body + photo + firm + "\n"


def test_the_switch_for_the_size_of_letters_is_cut_out_of_the_dateline() -> None:
    page = PAGES["zh"].replace("\t", "").replace("2025年4月15日\n", "2025年4月15日 字号：大 中 小\n")
    assert "记者 李一 2025年4月15日\n" in clean(page).text
    assert "字号" not in clean(page).text


@settings(max_examples=200, deadline=None)
@given(
    lines=st.lists(st.sampled_from("".join(PAGES.values()).replace("\t", "").splitlines(keepends=True)), max_size=25)
)
def test_kept_and_dropped_tile_any_page_and_every_place_maps_back(lines: list[str]) -> None:
    page = "".join(lines)
    cleaned = clean(page)
    tiles = sorted([*cleaned.kept, *(span for span, _ in cleaned.dropped)])
    assert "".join(span.of(page) for span in tiles) == page
    assert "".join(span.of(page) for span in cleaned.kept) == cleaned.text == str(cleaned)
    for at, char in enumerate(cleaned.text):
        assert cleaned.to_original(Span(at, at + 1)).of(page) == char


def test_a_span_over_a_gap_covers_what_was_dropped_there() -> None:
    cleaned = Cleaned.without("abXXcd", [(Span(2, 4), "menu")])
    assert cleaned.text == "abcd"
    assert cleaned.to_original(Span(1, 3)) == Span(1, 5)
    assert cleaned.to_original(Span(0, 2)) == Span(0, 2)
    assert cleaned.to_original(Span(2, 4)) == Span(4, 6)


def test_a_span_beyond_the_clean_text_is_refused() -> None:
    with pytest.raises(ValueError, match="has 4 characters, and the span ends at 5"):
        Cleaned.without("abXXcd", [(Span(2, 4), "menu")]).to_original(Span(0, 5))


def leaves(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from leaves(child)
    elif isinstance(node, str):
        yield node


def documents() -> list[Path]:
    return [*DEVELOPMENT, *sorted(ROOT.glob("seeds/*.txt"))]


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.stem)
def test_no_fact_of_a_gold_record_is_dropped(path: Path) -> None:
    gold = next(file for file in (path.with_suffix(".gold.json"), path.with_suffix(".json")) if file.exists())
    text = path.read_text(encoding="utf-8")
    cleaned = clean(text)
    before, after = TextIndex(text), TextIndex(cleaned.text)
    facts = [leaf for leaf in leaves(json.loads(gold.read_text(encoding="utf-8"))) if len(leaf) > 4]
    lost = [fact for fact in facts if before.find_all(fact) and not after.find_all(fact)]
    # a keyword line may repeat a fact in another form than the article's
    assert len(lost) <= 0.01 * len(facts) + (1 if "Tag: " in text else 0)
    assert len(cleaned.text) > 0.6 * len(text)


def test_long_pages_take_linear_time() -> None:
    page = "".join(page.replace("\t", "") for page in PAGES.values()) * 100
    started = time.process_time()
    clean(page)
    clean("a" * 500_000)
    clean("| " * 100_000)
    clean("Home > " * 50_000)
    assert time.process_time() - started < 4.0


HTML = """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html>
<html><head><title>Accord – Courier</title><style>p {}</style></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/n">News</a></li></ul></nav>
<main><article><h1>Nordwind and Calder <em>sign</em> accord</h1><p class="date">12 May 2024, by Jo Doe</p>
<p>Nordwind and Calder Motors signed a framework agreement in <b>Oslo</b> on Sunday.<!-- ad --> They will
invest 300&nbsp;million euros.</p><script>var x = "not text";</script>
<p>They will build a plant in Bergen, and hire 500 people. It is the first of its kind in the region.</p>
<table><tr><th>Founded<td>1987</tr><tr><td>Jobs</td><td>500</td></tr></table>
<ul><li>Batteries for buses</li><li>Charging networks</li></ul>
<h2>About Nordwind</h2><p>Nordwind employs 1,200 people and runs 14 wind farms with 1.1 GW.<br>Press: 0123</p></article>
<aside><h3>Related articles</h3><ul><li><a>Storm hits coast</a></li><li><a>Bank raises rates</a></li></ul></aside></main>
<footer>© 2024 Courier. All rights reserved.</footer></body></html>"""


def test_the_main_text_of_html_is_the_article_and_points_into_the_text_of_the_page() -> None:
    page, article = page_text(HTML), main_text(HTML)
    assert [line for line in article.text.splitlines() if line] == [
        "Nordwind and Calder sign accord",
        "12 May 2024, by Jo Doe",
        "Nordwind and Calder Motors signed a framework agreement in Oslo on Sunday. They will invest 300 million euros.",
        "They will build a plant in Bergen, and hire 500 people. It is the first of its kind in the region.",
        "Founded\t1987",
        "Jobs\t500",
        "Batteries for buses",
        "Charging networks",
        "About Nordwind",
        "Nordwind employs 1,200 people and runs 14 wind farms with 1.1 GW.",
        "Press: 0123",
    ]
    place = article.text.index("300 million")
    assert article.to_original(Span(place, place + 11)).of(page) == "300 million"
    assert {span.of(page).strip() for span, _ in article.dropped} >= {"Home", "Storm hits coast", "Related articles"}
    assert "not text" not in page


def test_a_page_without_a_heading_keeps_the_title_of_its_head() -> None:
    page = HTML.replace("<h1>Nordwind and Calder <em>sign</em> accord</h1>", "")
    assert str(main_text(page)).startswith("Accord – Courier")


@pytest.mark.parametrize(
    "markup", ["", "  ", "<p>", "<html></html>", "<div hidden>secret</div>", "<?xml version='1.0'?>"]
)
def test_html_without_a_word_is_an_empty_text(markup: str) -> None:
    assert page_text(markup) == ""
    assert str(main_text(markup)) == ""


def test_html_in_which_no_article_is_found_is_cleaned_line_by_line() -> None:
    markup = "<div>Nordwind signed in Oslo.</div><div>Leave a Reply</div>"
    assert str(main_text(markup)) == "Nordwind signed in Oslo.\n"
    assert str(main_text("plain words")) == "plain words\n"
