"""Locating words: single cases, each a way in which models quote or texts are written."""

from __future__ import annotations

import time

import pytest

from llmx.locating import Match, TextIndex, locate
from llmx.locating.normal import NormalForm
from llmx.span import Span


def found(quote: str, text: str) -> str | None:
    match = locate(quote, text)
    return None if match is None else match.span.of(text)


@pytest.mark.parametrize(
    ("quote", "text", "words"),
    [
        pytest.param("GAC group", "when GAC Group signed", "GAC Group", id="case"),
        pytest.param("Straße", "in der STRASSE am Park", "STRASSE", id="sharp-s"),
        pytest.param('the "big" firm', "so the “big” firm said", "the “big” firm", id="quotes"),
        pytest.param("l'accord-cadre", "de l’accord‑cadre signé", "l’accord‑cadre", id="apostrophe-and-hyphen"),
        pytest.param("2020-2025", "in 2020–2025 only", "2020–2025", id="en-dash"),
        pytest.param("wait - there", "then wait — there is more", "wait — there", id="em-dash"),
        pytest.param("and so on...", "tea and so on…", "and so on…", id="ellipsis-character"),
        pytest.param("two lines", "of two\n   lines here", "two\n   lines", id="line-break"),
        pytest.param("1 234,56 €", "soit 1\u202f234,56\u00a0€ net", "1\u202f234,56\u00a0€", id="fixed-blanks"),
        pytest.param("cooperation pact", "a coop-\neration pact", "coop-\neration pact", id="hyphenated-line-end"),
        pytest.param("state-of-the-art", "of state-\nof-the-art work", "state-\nof-the-art", id="hyphen-kept"),
        pytest.param("partnership", "a part\u00adner\u00adship now", "part\u00adner\u00adship", id="soft-hyphen"),
        pytest.param("zerowidth", "a zero\u200bwidth blank", "zero\u200bwidth", id="zero-width"),
        pytest.param(
            "NTU Singapore", "at ＮＴＵ　Ｓｉｎｇａｐｏｒｅ campus", "ＮＴＵ　Ｓｉｎｇａｐｏｒｅ", id="full-width"
        ),
        pytest.param("ガス", "ｶﾞｽ会社", "ｶﾞｽ", id="half-width-kana"),
        pytest.param("Café de Flore", "le Cafe\u0301 de Flore", "Cafe\u0301 de Flore", id="combining-accent"),
        pytest.param("한국전력", "한국전력", "한국전력", id="decomposed-hangul"),
        pytest.param("8月9日", "于 8 月 9 日签署", "8 月 9 日", id="blanks-in-chinese"),
        pytest.param("吉利与Renault合作", "吉利 与 Renault 合作", "吉利 与 Renault 合作", id="chinese-and-latin"),
        pytest.param("合作协议，总投资", "合作协议,总投资", "合作协议,总投资", id="chinese-comma"),
        pytest.param(
            "vehicle architecture, It will",
            "for its vehicle architecture , It will also",
            "vehicle architecture , It will",
            id="machine-translated-punctuation",
        ),
        pytest.param("Renaulution plan", "its “ Renaulution  plan ” now", "Renaulution  plan", id="padded-quotes"),
        pytest.param("R&D centre", "an R & D centre", "R & D centre", id="padded-ampersand"),
        pytest.param("مذكرة تفاهم", "وقع مُذَكِّرَة تفاهم اليوم", "مُذَكِّرَة تفاهم", id="arabic-vowel-marks"),
        pytest.param("تفاهم", "مذكرة تفـــاهم", "تفـــاهم", id="arabic-tatweel"),
        pytest.param("123 مليون", "استثمار ١٢٣ مليون دولار", "١٢٣ مليون", id="arabic-digits"),
        pytest.param("İstanbul", "in istanbul today", "istanbul", id="turkish-i"),
        pytest.param('"Nordwind"', "the firm Nordwind said", "Nordwind", id="marks-only-in-the-quote"),
        pytest.param("- 500 jobs in Oslo", "•  500 jobs in Oslo", "500 jobs in Oslo", id="bullet"),
        pytest.param("Nordwind said.", "the firm Nordwind said so", "Nordwind said", id="full-stop-only-in-the-quote"),
    ],
)
def test_the_same_words_in_another_writing_are_found_as_normalised(quote: str, text: str, words: str) -> None:
    match = locate(quote, text)
    assert match is not None
    assert match.span.of(text) == words
    assert match.kind in {"exact", "normalised"}
    assert match.score == 1.0


@pytest.mark.parametrize(
    ("quote", "text", "words"),
    [
        pytest.param(
            "signed strategic cooperation agreement",
            "both signed a strategic cooperation agreement in May",
            "signed a strategic cooperation agreement",
            id="little-word-left-out",
        ),
        pytest.param(
            "signed an agreement on electric buses in Oslo",
            "They signed an agreement on forty electric buses in Oslo.",
            "signed an agreement on forty electric buses in Oslo",
            id="word-left-out",
        ),
        pytest.param("memorandum of cooperaton", "a memorandum of cooperation", "memorandum of cooperation", id="typo"),
        pytest.param("Kenny Tna said", "as Kenny Tan said so", None, id="swap-in-a-short-name-is-not-enough"),
        pytest.param("the modem cornpany", "of the modern company here", "the modern company", id="scanner"),
        pytest.param(
            "well known supplier of batteries",
            "as a well-known supplier of batteries",
            "well-known supplier of batteries",
            id="hyphen-or-blank",
        ),
        pytest.param(
            "the researchcentre of the group opened",
            "when the research centre of the group opened",
            "the research centre of the group opened",
            id="lost-blank",
        ),
        pytest.param(
            "海川汽车与蓝桥物流签署合作协议",
            "昨日海川汽车与蓝桥物流共同签署合作协议。",
            "海川汽车与蓝桥物流共同签署合作协议",
            id="chinese-word-left-out",
        ),
        pytest.param(
            "서울에서 협력 협약을 맺었다",
            "서울에서 전략 협력 협약을 맺었다",
            "서울에서 전략 협력 협약을 맺었다",
            id="korean",
        ),
    ],
)
def test_small_faults_of_a_quote_are_forgiven(quote: str, text: str, words: str | None) -> None:
    assert found(quote, text) == words
    match = locate(quote, text)
    assert match is None or (match.kind == "fuzzy" and 0.7 < match.score < 1.0)


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        pytest.param("AI", "he said so", id="short-word-inside-a-word"),
        pytest.param("US", "tell us more", id="acronym-against-pronoun"),
        pytest.param("日", "12月23日签署", id="one-chinese-character-inside-a-run"),
        pytest.param("9", "members of the C9 League", id="digit-of-a-name"),
        pytest.param("20,000", "320,000 users", id="tail-of-a-number"),
        pytest.param("20,000 users", "320,000 users", id="tail-of-a-number-with-its-unit"),
        pytest.param("3", "worth 3.2 billion", id="head-of-a-decimal"),
        pytest.param("234 euros", "soit 1\u202f234 euros", id="tail-of-a-french-number"),
        pytest.param("3.2 firms", "in chapter 3. 2 firms", id="two-numbers-are-not-a-decimal"),
        pytest.param("10² 5 units", "102 5 units", id="superscript"),
        pytest.param("invest 300 million over five years", "invest 320 million over five years", id="other-number"),
        pytest.param("$300 million investment plan", "a €300 million investment plan", id="other-currency"),
        pytest.param("over the next three years to build", "over the next five years to build", id="other-number-word"),
        pytest.param("le 12 mai à Wuhu, ils ont signé", "le 12 juin à Wuhu, ils ont signé", id="other-month"),
        pytest.param("the two companies have signed it", "the two companies have not signed it", id="negation"),
        pytest.param("Peter Hansen", "Peter Jansen", id="another-person"),
        pytest.param(
            "GAC Group and SAIC Group signed the agreement",
            "GAC Group and BAIC Group signed the agreement",
            id="acronym",
        ),
        pytest.param(
            "signed an agreement with Renault in the city of Wuhu",
            "signed an agreement in the city of Wuhu",
            id="name-added",
        ),
        pytest.param("广州汽车集团与上海汽车集团签署", "北京汽车集团与上海汽车集团签署", id="another-chinese-firm"),
        pytest.param("中国第一汽车集团公司", "中国第二汽车集团公司", id="another-chinese-number"),
        pytest.param("السيد محمد علي المدير", "السيد أحمد علي المدير", id="another-arabic-person"),
        pytest.param("contract", "contrast", id="one-word-with-another-letter"),
        pytest.param("the agreement that the firms signed", "the merger that the firms refused", id="other-words"),
        pytest.param("", "text", id="nothing"),
        pytest.param("  …  ", "text … text", id="no-words"),
        pytest.param("word", "", id="empty-text"),
    ],
)
def test_what_says_something_else_is_not_found(quote: str, text: str) -> None:
    assert locate(quote, text) is None


def test_a_whole_word_goes_before_a_part_of_a_word() -> None:
    text = "Signature and art: the Sign of art"
    assert TextIndex(text).locate("Sign") == Match(Span(23, 27), "exact")


def test_exact_goes_before_another_writing_that_stands_earlier() -> None:
    assert locate("GAC Group", "gac group and GAC Group") == Match(Span(14, 23), "exact")


def test_of_several_places_the_one_near_the_neighbour_is_taken() -> None:
    text = "In May Geely paid. " * 3000
    middle = Span(30_000, 30_010)
    match = TextIndex(text).locate("Geely", near=middle)
    assert match is not None
    assert match.span.distance(middle) < 20


def test_near_holds_for_normalised_and_fuzzy_places_too() -> None:
    text = "The two firms will jointly develop batteries. " * 6
    near = Span(150, 151)
    for quote in ("the Two firms", "two firms will jointly develope batteries"):
        match = TextIndex(text).locate(quote, near=near)
        assert match is not None
        assert match.span.distance(near) < 46


@pytest.mark.parametrize("quote", ["Geely", "GEELY", "Geely joined its longstanding partnr"])
def test_within_keeps_out_every_other_place(quote: str) -> None:
    text = "Geely joined its longstanding partner. Then Geely joined its longstanding partner."
    match = TextIndex(text).locate(quote, within=Span(38, len(text)))
    assert match is not None
    assert match.span.start == 44
    assert TextIndex(text).locate(quote, within=Span(40, 45)) is None
    assert TextIndex(text).locate(quote, within=Span(9000, 9001)) is None


@pytest.mark.parametrize("dots", ["…", " ... ", " [...] ", "(…)"])
def test_an_ellipsis_in_a_quote_spans_first_to_last_part(dots: str) -> None:
    text = "On Monday the firms, after months of talks, signed the deal. Others did not."
    match = locate(f"the firms{dots}signed the deal", text)
    assert match is not None
    assert match.span.of(text) == "the firms, after months of talks, signed the deal"
    assert match.kind == "fuzzy"


def test_an_ellipsis_does_not_reach_over_half_a_page() -> None:
    assert (
        locate("the firms … signed the deal", "the firms met. " + "More words here. " * 40 + "signed the deal") is None
    )


def test_find_all_gives_every_writing_in_order_without_overlaps() -> None:
    text = "GAC Group, gac  group; GAC-Group? Another GAC Group."
    matches = TextIndex(text).find_all("GAC Group")
    assert [(m.span.of(text), m.kind) for m in matches] == [
        ("GAC Group", "exact"),
        ("gac  group", "normalised"),
        ("GAC Group", "exact"),
    ]
    assert TextIndex(text).find_all("GAC Group", limit=2) == matches[:2]


def test_find_all_leaves_out_parts_of_words_where_whole_words_stand() -> None:
    text = "sharing shares of a share"
    assert [m.span.start for m in TextIndex(text).find_all("share")] == [20]
    assert len(TextIndex("shares, shared").find_all("share")) == 2


def test_a_long_quote_that_cuts_a_number_is_exact_at_half_the_score() -> None:
    match = locate("20,000 users of the new platform", "with 320,000 users of the new platform")
    assert match is not None
    assert (match.kind, match.score) == ("exact", 0.5)


def test_a_quote_of_many_pages_with_a_fault_is_given_up_quickly() -> None:
    text = "The harbour and the university signed a framework agreement about batteries in Oslo. " * 1000
    started = time.process_time()
    assert TextIndex(text).locate(text.replace("about", "abuot")) is None
    assert time.process_time() - started < 2.0


def test_every_character_of_the_normal_form_knows_where_it_came_from() -> None:
    text = "A “Big ” Straße — co-\noperation ﬁrm, ｶﾞｽ １２\u200b３ ..."
    form = NormalForm(text)
    assert form.value == "a'big'strasse-cooperation firm,ガス123…"
    for index, char in enumerate(form.value):
        span = form.origin(index, index + 1)
        assert char in NormalForm(span.of(text)).value or char in " -'"


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 300_000, id="one-letter"),
        pytest.param("ab" * 150_000, id="no-blanks"),
        pytest.param("- " * 150_000, id="marks"),
        pytest.param("的" * 300_000, id="one-chinese-character"),
        pytest.param("foo bar " * 40_000, id="two-words"),
        pytest.param("e\u0301" * 150_000, id="accents"),
        pytest.param("1 " * 150_000, id="digits"),
    ],
)
def test_strange_texts_cost_linear_time(text: str) -> None:
    index = TextIndex(text)
    index.locate("warm up the normal form")
    started = time.process_time()
    for quote in (
        "a" * 40 + "b " + "a" * 40,
        "foo bar foo baz foo bar bar foo",
        "的" * 15 + "地" + "的" * 15,
        "ab" * 40,
    ):
        index.locate(quote, near=Span(200_000, 200_010))
    assert time.process_time() - started < 1.0
