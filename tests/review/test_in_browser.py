"""The review in a real browser: correcting records as a person does, with reloads, crashes and second windows."""

from __future__ import annotations

import contextlib
import json
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.review.serving import Served, process, serving
from tests.review.session_case import session_in
from tests.view import made
from tests.view.browser import barriers, window

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser


def visit(page: Page, address: str, doc: str = "") -> None:
    page.goto("about:blank")  # an address that differs in its fragment only would not be loaded again
    page.goto(f"{address}#{doc}")
    page.wait_for_selector(".row.chosen")


def row(page: Page, pointer: str) -> Any:
    return page.locator(f'.row[data-pointer="{pointer}"]')


def choose(page: Page, pointer: str) -> None:
    row(page, pointer).click(position={"x": 30, "y": 9})


def value(page: Page, pointer: str) -> str:
    text: str = row(page, pointer).locator(".value").inner_text()
    return text


def until(page: Page, true: Callable[[], bool]) -> None:
    """Wait for the server to reach a state: it is looked at again after each answer that ``page`` gets.

    An answer that came between two looks is not waited for: the state is looked at again after half a second at most.
    """
    from playwright.sync_api import TimeoutError as NoAnswerError

    for _ in range(80):
        if true():
            return
        with contextlib.suppress(NoAnswerError):
            page.wait_for_event("response", timeout=500)
    pytest.fail("the server did not reach the state")


def shows(place: Locator, text: str | re.Pattern[str]) -> None:
    """Wait until a place on a page shows ``text``."""
    from playwright.sync_api import expect

    expect(place).to_have_text(text, timeout=40_000)


def gold(session_or_home: Any, id_: str) -> dict[str, Any]:
    """What the server has of a document, or what lies in its gold file."""
    if isinstance(session_or_home, Path):
        content: dict[str, Any] = json.loads((session_or_home / "gold" / f"{id_}.json").read_text(encoding="utf-8"))
        return content
    state: dict[str, Any] = session_or_home.draft(id_).state.gold
    return state


def select(page: Page, words: str) -> None:
    """Select words of the text with the mouse."""
    box = page.evaluate(
        """words => {
            for (const line of document.querySelectorAll('#text .line')) {
                const at = line.textContent.indexOf(words);
                if (at < 0) continue;
                const range = document.createRange(), walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
                let left = at, begun = false, stop = at + words.length;
                for (let node = walker.nextNode(), start = 0; node; start += node.length, node = walker.nextNode()) {
                    if (!begun && at < start + node.length) { range.setStart(node, at - start); begun = true; }
                    if (stop <= start + node.length) { range.setEnd(node, stop - start); break; }
                }
                const rects = range.getClientRects(), a = rects[0], b = rects[rects.length - 1];
                return [a.left, a.top + a.height / 2, b.right, b.top + b.height / 2];
            }
        }""",
        words,
    )
    page.mouse.move(box[0] + 0.5, box[1])
    page.mouse.down()
    page.mouse.move(box[2] - 0.5, box[3], steps=4)
    page.mouse.up()


def test_a_value_is_corrected_saved_and_found_again_after_a_reload(page: Page, served: Served, tmp_path: Path) -> None:
    visit(page, served.address)
    for key in ("a", "n", "e"):  # accept the first name, go past the country, correct the second name
        page.keyboard.press(key)
    page.keyboard.insert_text("Baltic Grid")
    page.keyboard.press("Enter")
    shows(row(page, "/parties/1/name").locator(".value"), "Baltic Grid")
    page.keyboard.press("Control+s")
    until(page, (tmp_path / "gold" / "harbour.json").exists)
    saved = gold(tmp_path, "harbour")
    assert saved["parties"][1]["name"] == "Baltic Grid"
    notes = saved["_provenance"]["values"]
    assert notes["/parties/0/name"]["how"] == "accepted"
    assert notes["/parties/1/name"] == {"how": "corrected", "start": 140, "end": 151, "quote": "Baltic Grid"}
    assert saved["_provenance"]["by"] == "Ada"
    page.wait_for_selector("h1:has-text('emoji')")  # it goes on to the next one
    visit(page, served.address, "harbour")
    assert value(page, "/parties/1/name") == "Baltic Grid"
    assert page.locator(".item", has_text="harbour").locator(".stage-name").inner_text() == "saved"


def test_words_selected_with_the_mouse_become_the_value_and_its_proof(page: Page, served: Served) -> None:
    visit(page, served.address, "emoji")
    choose(page, "/signed_at")
    select(page, "Lyon")
    assert page.locator("#bubble").is_visible()
    page.keyboard.press("s")
    until(page, lambda: gold(served.session, "emoji")["signed_at"] == "Lyon")
    note = served.session.draft("emoji").state.notes["/signed_at"]
    assert made.TEXTS["emoji"][note["start"] : note["end"]] == note["quote"] == "Lyon"  # code points, after emoji
    assert value(page, "/signed_at") == "Lyon"
    assert page.locator(".hit.on").all_inner_texts() == ["Lyon"]


def test_selected_words_of_a_typed_field_are_computed(page: Page, served: Served) -> None:
    visit(page, served.address, "harbour")
    choose(page, "/jobs")
    select(page, "320,000 households")
    page.locator("#bubble button").first.click()
    until(page, lambda: gold(served.session, "harbour")["jobs"] == 320000)
    assert served.session.draft("harbour").state.notes["/jobs"]["quote"] == "320,000"


def test_words_can_be_selected_with_the_keyboard_alone_in_any_script(page: Page, served: Served) -> None:
    visit(page, served.address, "chinese")
    choose(page, "/signed_at")
    page.keyboard.press("c")  # into the text, at the words that prove the value
    assert page.evaluate("String(getSelection())") == "深圳"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    picked = page.evaluate("String(getSelection())")
    assert len(picked) > 1
    assert "深圳" + picked in made.TEXTS["chinese"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    until(page, lambda: served.session.draft("chinese").state.notes["/signed_at"]["how"] == "selected")


def test_alternatives_are_added_and_taken_away(page: Page, served: Served) -> None:
    visit(page, served.address, "harbour")
    page.keyboard.press("v")
    page.keyboard.insert_text("Nordhavn Energi")
    page.keyboard.press("Enter")
    both = {"any": ["Nordhavn Energi A/S", "Nordhavn Energi"]}
    until(page, lambda: gold(served.session, "harbour")["parties"][0]["name"] == both)
    assert page.locator(".answer").all_inner_texts() == ["Nordhavn Energi A/S×", "Nordhavn Energi×"]
    page.locator(".answer button").first.click()
    until(page, lambda: gold(served.session, "harbour")["parties"][0]["name"] == "Nordhavn Energi")


def test_a_value_may_be_absent_and_an_element_optional(page: Page, served: Served) -> None:
    visit(page, served.address, "harbour")
    choose(page, "/signed_at")
    page.keyboard.press("o")
    choose(page, "/fields/0")
    page.keyboard.press("o")
    until(page, lambda: gold(served.session, "harbour").get("_optional") == {"fields": ["offshore wind"]})
    state = served.session.draft("harbour").state
    assert state.gold["signed_at"] == {"any": ["Copenhagen", None]}
    assert state.gold["fields"] == ["hydrogen storage", "carbon capture"]
    assert state.notes["/_optional/fields/0"]["quote"] == "offshore wind"
    assert state.notes["/fields/0"]["quote"] == "hydrogen storage"  # its note moved up with it
    page.keyboard.press("o")
    until(page, lambda: "_optional" not in gold(served.session, "harbour"))


def test_elements_are_added_filled_and_removed(page: Page, served: Served) -> None:
    visit(page, served.address, "harbour")
    choose(page, "/fields/2")
    page.keyboard.press("x")  # carbon capture is not in the text
    choose(page, "/fields")
    select(page, "grid balancing")
    page.keyboard.press("s")
    until(
        page,
        lambda: gold(served.session, "harbour")["fields"] == ["offshore wind", "hydrogen storage", "grid balancing"],
    )
    choose(page, "/signatories/0/title")
    page.keyboard.press("X")
    until(page, lambda: [each["name"] for each in gold(served.session, "harbour")["signatories"]] == ["Jaan Tamm"])
    assert served.session.draft("harbour").state.notes["/signatories/0/name"]["quote"] == "Jaan Tamm"
    choose(page, "/parties")
    page.keyboard.press("i")
    until(page, lambda: gold(served.session, "harbour")["parties"][-1] == {"name": None, "country": None})


def test_everything_can_be_undone_even_after_a_reload(page: Page, served: Served) -> None:
    visit(page, served.address, "harbour")
    before = gold(served.session, "harbour")
    choose(page, "/jobs")
    page.keyboard.press("x")
    page.keyboard.press("A")
    until(page, lambda: len(served.session.draft("harbour").states) == 3)
    page.reload()
    page.wait_for_selector(".row.chosen")
    assert value(page, "/jobs") == "—"
    page.keyboard.press("u")
    page.keyboard.press("u")
    until(page, lambda: gold(served.session, "harbour") == before)
    shows(row(page, "/jobs").locator(".value"), "600")
    page.keyboard.press("U")
    until(page, lambda: gold(served.session, "harbour")["jobs"] is None)


def test_what_is_typed_and_not_yet_taken_survives_a_reload(page: Page, served: Served) -> None:
    visit(page, served.address, "harbour")
    choose(page, "/signed_at")
    page.keyboard.press("e")
    page.keyboard.insert_text("the port of ")
    page.reload()
    page.wait_for_selector(".editor input")
    assert page.locator(".editor input").input_value() == "the port of "
    page.keyboard.press("Escape")
    page.reload()
    page.wait_for_selector(".row.chosen")
    assert page.locator(".editor").count() == 0


def test_words_that_say_no_such_value_are_answered_with_the_reason(page: Page, served: Served) -> None:
    visit(page, served.address, "harbour")
    choose(page, "/jobs")
    page.keyboard.press("e")
    page.keyboard.insert_text("a great many")
    page.keyboard.press("Enter")
    page.wait_for_selector(".say:not(:empty)")
    assert "number" in page.locator(".say").inner_text()
    assert gold(served.session, "harbour")["jobs"] == 600


@pytest.mark.parametrize(("choice", "kept"), [("Keep mine", 2), ("Take theirs", 1)])
def test_two_windows_do_not_overwrite_each_other_unseen(page: Page, served: Served, *, choice: str, kept: int) -> None:
    visit(page, served.address, "harbour")
    other = page.context.new_page()
    visit(other, served.address, "harbour")
    for each, jobs in ((page, 1), (other, 2)):
        choose(each, "/jobs")
        each.keyboard.press("e")
        each.keyboard.insert_text(str(jobs))
        each.keyboard.press("Enter")
        if each is page:
            until(page, lambda: gold(served.session, "harbour")["jobs"] == 1)
    other.wait_for_selector("dialog.conflict")
    told = other.locator(".differences tr", has_text="/jobs").locator("td").all_inner_texts()
    assert told == ["/jobs", "2", "1"]
    assert gold(served.session, "harbour")["jobs"] == 1
    other.keyboard.press("Escape")  # a choice is needed
    other.click(f"dialog.conflict >> text={choice}")
    shows(row(other, "/jobs").locator(".value"), str(kept))
    until(other, lambda: gold(served.session, "harbour")["jobs"] == kept)
    states = [state.gold["jobs"] for state in served.session.draft("harbour").states]
    assert {1, 2} <= set(states)  # what was not chosen is a step back, not gone


def test_a_gold_file_that_changed_outside_asks_before_it_is_overwritten(
    page: Page, served: Served, tmp_path: Path
) -> None:
    visit(page, served.address, "harbour")
    choose(page, "/jobs")
    page.keyboard.press("x")
    until(page, lambda: gold(served.session, "harbour")["jobs"] is None)
    (tmp_path / "gold" / "harbour.json").write_text('{"jobs": 5}', encoding="utf-8")
    page.click("#save")
    page.wait_for_selector("dialog.conflict")
    assert gold(tmp_path, "harbour") == {"jobs": 5}
    page.click("dialog.conflict >> text=Keep mine")
    until(page, lambda: "_provenance" in gold(tmp_path, "harbour"))
    assert gold(tmp_path, "harbour")["jobs"] is None


def test_what_was_edited_while_the_server_was_away_arrives_after_its_new_start(
    browser: Browser, tmp_path: Path
) -> None:
    session_in(tmp_path).journal.close()
    with window(browser) as page:
        with process(tmp_path) as (server, address):
            visit(page, address, "harbour")
            server.send_signal(signal.SIGKILL)
            server.wait()
            choose(page, "/jobs")
            page.keyboard.press("x")
            page.wait_for_selector("#away:not([hidden])")
            assert value(page, "/jobs") == "—"
        with process(tmp_path) as (_, again):
            assert again.split("?")[0] == address.split("?")[0]  # the folder has its own port
            fresh = page.context.new_page()
            visit(fresh, again, "harbour")
            assert value(fresh, "/jobs") == "—"
            fresh.wait_for_selector("#undo[title*='cleared jobs']", state="attached")
            shows(page.locator("#away"), re.compile("new address"))
        fresh.close()
    assert session_in(tmp_path).draft("harbour").state.gold["jobs"] is None


def test_nothing_in_a_document_or_a_record_runs(page: Page, served: Served) -> None:
    visit(page, served.address, "hostile")
    assert "<script>" in page.locator("#text").inner_text()
    assert value(page, "/parties/0/name") == "<b>Acme</b>"
    page.wait_for_timeout(100)
    assert "owned" not in page.title()
    assert page.evaluate("window.owned") is None
    assert page.locator("#text img, #text script, #form b").count() == 0


def test_a_skipped_document_is_laid_aside_and_can_be_found_again(page: Page, served: Served) -> None:
    visit(page, served.address, "harbour")
    page.keyboard.press(".")
    page.wait_for_selector("h1:has-text('emoji')")
    page.click('[data-filter="skipped"]')
    assert page.locator(".item-id").all_inner_texts() == ["harbour"]
    page.click(".item")
    page.wait_for_selector("#skip:has-text('Unskip')")
    page.keyboard.press(".")
    until(page, lambda: served.session.stage("harbour") == "todo")


def test_one_key_accepts_a_whole_element_and_another_goes_to_the_least_certain_value(
    browser: Browser, served: Served
) -> None:
    with window(browser, bypass_csp=True) as page:
        visit(page, served.address, "harbour")
        row(page, "/signatories/0/title").click()
        page.keyboard.press("y")
        assert page.locator(".row.chosen").get_attribute("data-pointer") == "/signatories/1/name"
        until(page, lambda: served.session.draft("harbour").state.notes["/signatories/0/title"]["how"] == "accepted")
        notes = served.session.draft("harbour").state.notes
        assert {at for at, note in notes.items() if note["how"] == "accepted"} == {
            "/signatories/0/name", "/signatories/0/title",
        }  # fmt: skip
        page.keyboard.press("l")
        assert page.locator(".row.chosen").get_attribute("data-pointer") == "/fields/2"
        assert barriers(page) == []
        page.set_viewport_size({"width": 390, "height": 844})
        page.click("#hints >> text=accept")
        shows(row(page, "/fields/2").locator(".tags"), "✓")
        page.click('[aria-label="All documents"]')
        page.select_option('[aria-label="Status"]', "failed")
        assert page.locator(".item-id").all_inner_texts() == ["lost"]


def test_a_schema_brings_its_choices_and_a_failed_document_can_be_filled(page: Page, tmp_path: Path) -> None:
    with serving(session_in(tmp_path, schema="partnership")) as served:
        visit(page, served.address, "lost")
        choose(page, "/agreement")
        page.keyboard.press("e")
        page.locator(".editor select").select_option(label="joint venture")
        page.keyboard.press("Enter")
        choose(page, "/investment")
        page.keyboard.press("e")
        page.keyboard.insert_text("3.2 billion RMB over five years")
        page.keyboard.press("Enter")
        wanted = {"amount": 3200000000, "currency": "CNY", "over_years": 5}
        until(page, lambda: gold(served.session, "lost")["investment"] == wanted)
        assert gold(served.session, "lost")["agreement"] == "joint_venture"
        assert value(page, "/investment") == "3,200,000,000 CNY, over years 5"


def test_what_the_run_filed_is_seen_at_its_place_until_a_person_has_looked(page: Page, served: Served) -> None:
    visit(page, served.address, "harbour")
    assert "truncated_list" in page.locator("#form .issues").inner_text()
    tags = row(page, "/fields/2").locator(".tags")
    assert "unproven" in tags.inner_text()
    choose(page, "/fields/2")
    page.keyboard.press("a")
    shows(tags, "✓")


def test_a_field_with_a_slash_or_a_tilde_in_its_name_is_corrected_removed_and_saved(page: Page, tmp_path: Path) -> None:
    made.write_run(tmp_path / "small" / "out.jsonl", [made.with_slashes()])
    made.write_texts(tmp_path / "texts")
    with serving(session_in(tmp_path)) as served:
        visit(page, served.address, "harbour")
        choose(page, "/new~1jobs")
        select(page, "320,000 households")
        page.keyboard.press("s")
        until(page, lambda: gold(served.session, "harbour")["new/jobs"] == 320000)
        row(page, "/a~0b/0/fields~1of~1work").locator(".value").click()
        page.keyboard.press("O")  # the whole element is optional, with its note
        until(page, lambda: "_optional" in gold(served.session, "harbour"))
        state = served.session.draft("harbour").state
        assert state.gold["_optional"] == {"a~b": [{"fields/of/work": "grid balancing"}]}
        assert state.notes["/_optional/a~0b/0/fields~1of~1work"]["quote"] == "grid balancing"
        page.keyboard.press("X")
        until(page, lambda: "_optional" not in gold(served.session, "harbour"))
        assert set(gold(served.session, "harbour")) == {"new/jobs", "a~b"}
