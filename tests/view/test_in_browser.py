"""The view in a real browser: what people see and press."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llmx.link.linking import LinkOptions, link_run
from llmx.link.output import write_links
from llmx.link.tables import rows_of
from llmx.view import write_view
from tests.view import made
from tests.view.browser import barriers, window

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def visit(page: Page, file: Path, *, doc: str = "", value: str = "") -> None:
    page.goto(file.as_uri() + (f"#doc={doc}" if doc else "") + (f"&value={value}" if value else ""))
    page.wait_for_selector(".run-pane")


def ids(page: Page) -> list[str]:
    return page.locator(".item-id").all_inner_texts()


def marked(page: Page) -> str:
    """The words that are lit, lines joined as the text joins them."""
    lines: list[str] = page.evaluate(
        "[...document.querySelectorAll('.line')].map(line => [...line.querySelectorAll('.hit.on')].map(hit => hit.textContent).join('')).filter(Boolean)"
    )
    return "\n".join(lines)


def row(page: Page, pointer: str) -> Any:
    return page.locator(f'.row[data-pointer="{pointer}"]')


def test_it_opens_on_the_first_document_with_its_text_and_its_record(page: Page, one_run: Path) -> None:
    visit(page, one_run)
    assert page.locator("#about h1").inner_text() == "harbour"
    assert ids(page) == [each["id"] for each in made.first_run()]
    text = page.evaluate("[...document.querySelectorAll('#text .line')].map(line => line.textContent).join('\\n')")
    assert text == made.TEXTS["harbour"]
    assert row(page, "/parties/0/name").locator(".value").inner_text() == "Nordhavn Energi A/S"


@pytest.mark.parametrize(
    ("chip", "left"),
    [("s-failed", ["lost"]), ("s-partial", ["harbour"]), ("unproven", ["harbour", "arabic"]),
     ("issues", ["harbour", "arabic", "lost"]), ("wrong", ["harbour"])],
    ids=["status failed", "status partial", "unproven values", "issues", "different from gold"],
)  # fmt: skip
def test_a_filter_leaves_the_documents_that_it_names(page: Page, one_run: Path, *, chip: str, left: list[str]) -> None:
    visit(page, one_run)
    page.click(f'[data-filter="{chip}"]')
    assert ids(page) == left
    page.click(f'[data-filter="{chip}"]')
    assert len(ids(page)) == 7


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("海川科技", ["chinese"]),
        ("الواحة", ["arabic"]),
        ("hydrogen STORAGE", ["harbour"]),
        ("🎉", ["emoji"]),
        ("nowhere", []),
    ],
    ids=["Chinese", "Arabic", "case and several words", "emoji", "nothing"],
)
def test_a_search_finds_words_of_texts_and_values(page: Page, one_run: Path, *, words: str, left: list[str]) -> None:
    visit(page, one_run)
    page.keyboard.press("/")
    page.keyboard.insert_text(words)
    page.keyboard.press("Enter")
    assert ids(page) == left


PROOFS = [
    (each["id"], pointer, proof["quote"])
    for each in made.first_run()
    for pointer, proof in each["evidence"].items()
    if proof
]


def test_choosing_any_value_lights_exactly_its_words(page: Page, one_run: Path) -> None:
    visit(page, one_run)
    for id_, pointer, quote in PROOFS:
        if page.locator("#about h1").inner_text() != id_:
            page.locator(".item", has_text=id_).first.click()
        row(page, pointer).click(position={"x": 20, "y": 8})
        assert marked(page) == quote, (id_, pointer)


def test_a_sum_stands_on_one_line_and_lights_the_words_of_the_whole(page: Page, one_run: Path) -> None:
    visit(page, one_run, doc="harbour")
    row(page, "/investment").click()
    assert marked(page) == "3.2 billion kroner over five years"


def test_clicking_words_chooses_their_value_and_shows_its_proof(page: Page, one_run: Path) -> None:
    visit(page, one_run)
    page.locator(".hit", has_text="chairman").click()
    assert row(page, "/signatories/1/title").get_attribute("aria-selected") == "true"
    detail = page.locator(".detail").inner_text()
    assert "fuzzy 0.94" in detail
    assert "chairmen" in detail


def test_words_of_several_values_give_each_of_them_in_turn(page: Page, one_run: Path) -> None:
    visit(page, one_run, doc="overlaps")
    inner = page.locator(".hit", has_text="North Bank").first
    seen = []
    for _ in range(3):
        inner.click()
        seen.append(page.locator(".row.chosen").get_attribute("data-pointer"))
    assert seen == ["/parties/1/name", "/parties/0/name", "/parties/1/name"]


def test_hovering_goes_both_ways(page: Page, one_run: Path) -> None:
    visit(page, one_run)
    row(page, "/jobs").hover()
    assert page.locator(".hit.near").all_inner_texts() == ["600 jobs"]
    page.locator(".hit", has_text="12 May 2026").hover()
    assert page.locator(".row.near").get_attribute("data-pointer") == "/signed_on"


def test_nothing_in_a_document_runs_and_nothing_is_fetched(browser: Browser, one_run: Path) -> None:
    with window(browser) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        visit(page, one_run, doc="hostile")
        title = page.title()
        row(page, "/parties/0/name").click()
        page.wait_for_timeout(100)
        assert page.title() == title
        assert page.evaluate("window.owned") is None
        assert page.locator("#text img, #text script, #text b").count() == 0
        assert marked(page) == "<b>Acme</b>"
        assert [each for each in asked if not each.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize(
    "attempt",
    [
        "document.body.innerHTML = '<b>x</b>'",
        "document.body.setAttribute('onclick', 'window.owned = 1')",
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.owned = 1'}))",
    ],
    ids=["markup", "a handler", "a script"],
)
def test_even_code_that_got_in_could_not_put_more_code_into_the_page(
    browser: Browser, one_run: Path, attempt: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    visit(page, one_run)
    page.evaluate(f"() => {{ try {{ {attempt} }} catch (error) {{ window.refused = true }} document.body.click() }}")
    assert page.evaluate("[window.refused, window.owned]") == [True, None]
    context.close()


def test_unproven_values_issues_and_differences_from_gold_are_marked(page: Page, one_run: Path) -> None:
    visit(page, one_run, doc="harbour")
    assert "unproven" in row(page, "/fields/2").locator(".tags").inner_text()
    assert "not in gold" in row(page, "/fields/2").locator(".tags").inner_text()
    assert "≠ gold" in row(page, "/investment").locator(".tags").inner_text()
    assert "ambiguous_currency" in row(page, "/investment").locator(".tags").inner_text()
    assert "truncated_list" in page.locator(".issues").inner_text()
    assert "grid balancing" in page.locator(".missing.omission").inner_text()


def test_the_keyboard_alone_goes_everywhere(page: Page, one_run: Path) -> None:
    visit(page, one_run)
    press = page.keyboard.press
    press("j")
    assert page.locator("#about h1").inner_text() == "emoji"
    press("n")
    press("n")
    assert page.locator(".row.chosen").get_attribute("data-pointer") == "/parties/0/country"
    assert marked(page) == "🇫🇷"
    press("p")
    assert marked(page) == "Zephyr Mobility"
    press("k")
    press("m")
    assert page.locator(".row.chosen").get_attribute("data-pointer") == "/investment"
    press("f")
    assert page.locator("#figures-page").is_visible()
    press("f")
    press("?")
    assert page.locator("dialog.help").is_visible()
    press("j")  # does nothing behind the help
    press("Escape")
    assert page.locator("#about h1").inner_text() == "harbour"


def test_two_runs_stand_side_by_side_and_their_differences_are_marked(page: Page, two_runs: Path) -> None:
    visit(page, two_runs)
    panes = page.locator(".run-pane")
    assert panes.count() == 2
    second = panes.nth(1)
    assert "differs" in second.locator('.row[data-pointer="/investment"]').inner_text()
    assert "Copenhagen" in second.locator(".missing.lack").inner_text()
    second.locator('.row[data-pointer="/fields/2"]').click()
    assert marked(page) == "grid balancing"
    page.click('[data-filter="differs"]')
    assert ids(page) == ["harbour"]


def test_gold_can_stand_beside_the_runs(page: Page, one_run: Path) -> None:
    visit(page, one_run)
    page.keyboard.press("g")
    assert "Baltic Grid OÜ  or  Baltic Grid" in page.locator(".gold-pane").inner_text()


def test_documents_are_filtered_by_field_issue_and_confidence_and_the_least_certain_come_first(
    page: Page, one_run: Path
) -> None:
    visit(page, one_run)
    page.select_option('[aria-label="Confidence"]', "0.5")
    assert ids(page) == ["harbour", "arabic"]
    page.select_option('[aria-label="Field"]', "investment")
    assert ids(page) == []
    page.select_option('[aria-label="Confidence"]', "0.75")
    assert ids(page) == ["harbour"]
    page.select_option('[aria-label="Confidence"]', "")
    page.select_option('[aria-label="With or without a value"]', "yes")
    assert ids(page) == ["harbour", "arabic", "chinese"]
    page.select_option('[aria-label="Issue"]', "ambiguous_currency")
    assert ids(page) == ["harbour"]
    page.select_option('[aria-label="Field"]', "jobs")
    assert ids(page) == []
    page.select_option('[aria-label="Field"]', "")
    page.select_option('[aria-label="Issue"]', "endpoint")
    assert ids(page) == ["lost"]
    page.select_option('[aria-label="Issue"]', "")
    page.select_option('[aria-label="Order"]', "sure")
    assert ids(page)[:4] == ["harbour", "arabic", "emoji", "chinese"]
    page.locator("h1", has_text="harbour").click()
    seen = []
    for _ in range(3):
        page.keyboard.press("l")
        seen.append(page.locator(".row.chosen").get_attribute("data-pointer"))
    assert seen == ["/fields/2", "/investment", "/signed_at"]


def test_values_in_which_runs_differ_stand_side_by_side_with_the_proof_of_each(page: Page, two_runs: Path) -> None:
    visit(page, two_runs)
    page.keyboard.press("d")
    rows = page.locator(".value-row").all_inner_texts()
    shown = [" ".join(each.split()) for each in rows]
    kroner = "3.2 billion kroner over five years"
    assert f"investment · currency harbour SEK {kroner} DKK {kroner}" in shown
    assert "fields harbour nothing grid balancing grid balancing" in shown
    assert "signed at harbour Copenhagen Copenhagen nothing" in shown
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator(".row.chosen").get_attribute("data-pointer") == "/investment"
    page.keyboard.press("d")
    page.click('[data-kind="doubts"]')
    assert page.locator(".value-row").first.inner_text().split()[:2] == ["0.31", "fields"]


def test_a_phone_shows_the_list_or_the_record_below_its_text(browser: Browser, one_run: Path) -> None:
    with window(browser, viewport={"width": 390, "height": 844}) as page:
        page.goto(one_run.as_uri())
        page.locator(".item", has_text="chinese").click()
        row(page, "/signed_at").click()
        assert marked(page) == "深圳"
        assert page.locator(".hit.on").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert not page.locator("#list").is_visible()
        page.click('[aria-label="All documents"]')
        assert page.locator("#list").is_visible()


def test_axe_finds_nothing_serious_on_any_page_in_light_and_dark(browser: Browser, two_runs: Path) -> None:
    with window(browser, bypass_csp=True) as page:
        visit(page, two_runs, doc="harbour", value="/investment")
        found = barriers(page)
        page.keyboard.press("t")
        for key in ("d", "f"):
            found += barriers(page)
            page.keyboard.press(key)
        assert found + barriers(page) == []


def test_the_figures_are_drawn_and_a_bar_opens_its_document(page: Page, one_run: Path) -> None:
    visit(page, one_run)
    page.keyboard.press("f")
    titles = page.locator(".card h2").all_inner_texts()
    assert titles == ["F1 by field", "Calibration", "Issues by kind", "Seconds by document", "Tokens by document"]
    assert page.locator('[aria-label="F1 by field"] rect').count() == 15
    page.locator('[aria-label="seconds"] .bar').first.click()
    assert page.locator("#about h1").inner_text() == "arabic"


@pytest.mark.slow
def test_the_graph_of_a_linked_run_is_drawn_and_a_name_opens_its_document(page: Page, tmp_path: Path) -> None:
    run = made.write_run(tmp_path / "out.jsonl", made.first_run())
    linked = link_run(run, None, LinkOptions(on=("parties[].name",)))
    write_links(run, rows_of(linked), {})
    visit(page, write_view([run], tmp_path / "view.html", documents=[made.write_texts(tmp_path / "texts")]))
    page.keyboard.press("f")
    entities = len(linked.resolved.entities)
    assert page.locator(".graph .node").count() == entities
    assert page.locator(".graph .edge").count() > 0
    assert barriers(page) == []
    page.locator(".graph-list summary").click()
    assert page.locator(".graph-list li").count() == entities
    page.locator(".graph .node", has_text="Nordhavn").first.locator("circle").click()
    assert page.locator("#about h1").inner_text() == "harbour"


def test_a_link_leads_back_to_the_document_and_the_value(page: Page, one_run: Path) -> None:
    visit(page, one_run, doc="chinese", value="/jobs")
    assert marked(page) == "800个就业岗位"
    page.reload()
    assert marked(page) == "800个就业岗位"


def test_dark_follows_the_system_and_the_choice_is_kept(browser: Browser, one_run: Path) -> None:
    shade = "getComputedStyle(document.body).backgroundColor"
    with window(browser, color_scheme="dark") as page:
        visit(page, one_run)
        dark = page.evaluate(shade)
        page.keyboard.press("t")
        light = page.evaluate(shade)
        page.reload()
        assert page.evaluate(shade) == light != dark


def test_a_table_in_plain_text_stands_in_letters_of_one_width(page: Page, tmp_path: Path) -> None:
    text = "Prices of the year\n\nItem        Price   Tax\nBolt         1.20     3\n\nOne line      alone.\n"
    run = made.write_run(tmp_path / "run.jsonl", [{**made.first_run()[0], "id": "prices", "evidence": {}}])
    (tmp_path / "prices.txt").write_text(text)
    visit(page, write_view([run], tmp_path / "view.html", documents=[tmp_path / "prices.txt"]))
    fixed = page.locator("#text .line.fixed")
    assert fixed.all_inner_texts() == ["Item        Price   Tax", "Bolt         1.20     3"]
    assert len(set(fixed.evaluate_all("lines => lines.map(line => getComputedStyle(line).fontFamily)"))) == 1


def test_right_to_left_text_runs_from_the_right(page: Page, one_run: Path) -> None:
    visit(page, one_run, doc="arabic")
    assert page.evaluate("getComputedStyle(document.querySelector('#text .line')).direction") == "rtl"


def test_a_missing_text_is_said_and_the_quotes_of_the_record_stand_for_it(page: Page, tmp_path: Path) -> None:
    run = made.write_run(tmp_path / "run.jsonl", made.first_run()[:1])
    visit(page, write_view([run], tmp_path / "view.html"))
    assert "texts/harbour.txt" in page.locator(".notice").inner_text()
    row(page, "/parties/1/name").click()
    assert marked(page) == "Baltic Grid OÜ"


def test_a_text_that_has_changed_is_said_and_wrong_words_are_not_marked(page: Page, tmp_path: Path) -> None:
    run = made.write_run(tmp_path / "run.jsonl", made.first_run()[:1])
    texts = made.write_texts(tmp_path / "texts")
    (texts / "harbour.txt").write_text("Corrected. " + made.TEXTS["harbour"], encoding="utf-8")
    visit(page, write_view([run], tmp_path / "view.html", documents=[texts]))
    assert "The text has changed" in page.locator(".notice").inner_text()
    assert page.locator(".hit").count() == 0


def test_of_a_thousand_documents_only_what_is_in_sight_is_drawn(page: Page, tmp_path: Path) -> None:
    filler = "Two invented companies agreed on nothing in particular today. " * 160
    rows = [
        made.record(
            f"doc-{n:04}",
            {"name": f"Company {n}"},
            {"/name": {"quote": "Two", "start": 0, "end": 3, "kind": "exact", "score": 1.0}},
        )
        for n in range(1000)
    ]
    run = made.write_run(tmp_path / "run.jsonl", rows)
    texts = tmp_path / "texts.jsonl"
    texts.write_text("".join(json.dumps({"id": row["id"], "text": filler}) + "\n" for row in rows), encoding="utf-8")
    visit(page, write_view([run], tmp_path / "view.html", documents=[texts]))
    assert page.locator(".item").count() < 40
    assert page.locator("#text .line").count() < 5
    for _ in range(25):
        page.keyboard.press("j")
    page.wait_for_selector("#about h1:text('doc-0025')")
    page.fill("#search", "company 733")
    page.wait_for_selector("#found:text-is('1 of 1,000 documents')")
    page.locator(".item").click()
    page.wait_for_selector("#about h1:text('doc-0733')")
    page.fill("#search", "")
    page.wait_for_selector("#found:text-is('1,000 documents')")
    page.evaluate("document.getElementById('list').scrollTop = 1e9")
    page.wait_for_selector("text=doc-0999")
    assert page.locator(".item").count() < 40


def test_a_field_with_a_slash_or_a_tilde_in_its_name_lights_its_words(page: Page, tmp_path: Path) -> None:
    run = made.write_run(tmp_path / "out.jsonl", [made.with_slashes()])
    visit(page, write_view([run], tmp_path / "view.html", documents=[made.write_texts(tmp_path / "texts")]))
    for pointer, words in (("/new~1jobs", "600 jobs"), ("/a~0b/0/fields~1of~1work", "grid balancing")):
        row(page, pointer).click()
        assert marked(page) == words
    assert row(page, "/a~0b/0/fields~1of~1work").locator(".key").inner_text() == "fields/of/work"
    row(page, "/a~0b").click()  # what holds it lights all that is in it
    assert marked(page) == "grid balancing"
