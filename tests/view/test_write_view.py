"""The page as a file: safe, whole, and true to the records."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.documents import Document
from llmx.errors import LlmxError, OutputError, UsageError
from llmx.view import DocumentText, find_texts, write_view
from llmx.view.blocks import packed_blocks
from llmx.view.data import record_block
from llmx.view.page import safe_json
from llmx.view.parts import PART_CHARS, PART_DOCUMENTS, part_paths, parts_of
from llmx.web.page_cache import PageCache, WebPage
from tests.view import made

texts = st.text(st.characters(codec=None))  # half surrogate pairs, controls and all


class Blocks(HTMLParser):
    """Collects every element and the content of scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.content: dict[str, str] = {}
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = dict(attrs).get("id") or tag if tag in {"script", "style"} else ""

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser calls it with the name
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.content[self._open] = self.content.get(self._open, "") + data


def parsed(file: Path) -> Blocks:
    blocks = Blocks()
    blocks.feed(file.read_text(encoding="utf-8"))
    return blocks


@pytest.fixture
def one(one_run: Path) -> Blocks:
    return parsed(one_run)


def block(blocks: Blocks, name: str) -> Any:
    return json.loads(blocks.content[name])


def test_only_its_own_script_and_style_may_run(one: Blocks) -> None:
    csp = next(
        attrs["content"] or "" for tag, attrs in one.elements if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(rule.split(" ", 1) for rule in csp.split("; "))
    for name in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(one.content[name].encode()).digest()).decode()
        assert rules[f"{name}-src"] == f"'sha256-{digest}'"
    assert (rules["default-src"], rules["connect-src"], rules["img-src"]) == ("'none'", "'none'", "data:")


def test_no_element_has_a_handler_a_style_or_an_address_elsewhere(one: Blocks) -> None:
    for tag, attrs in one.elements:
        assert not [name for name in attrs if name.startswith("on") or name == "style"], tag
        assert not attrs.get("src")
        assert (attrs.get("href") or "#").startswith(("#", "data:"))
    assert not re.search(r"(innerHTML|insertAdjacentHTML|document\.write|\beval\()", one.content["script"])


@given(texts, texts)
def test_any_text_comes_through_a_data_block_unchanged_and_cannot_end_it(name: str, text: str) -> None:
    whole = safe_json({name: text})
    assert json.loads(whole) == {name: text}
    assert not set("<>&\u2028\u2029") & set(whole)
    whole.encode()  # no half of a surrogate pair is left


def test_numbers_that_json_does_not_have_are_named() -> None:
    assert safe_json([float("nan"), float("inf")]) == '["nan","inf"]'


def test_every_document_has_its_block_with_text_record_and_gold(one: Blocks) -> None:
    index = block(one, "index")
    assert [line["id"] for line in index["documents"]] == [row["id"] for row in made.first_run()]
    harbour = block(one, "d0")
    assert harbour["text"] == made.TEXTS["harbour"]
    assert harbour["records"][0]["data"] == made.harbour()["data"]
    assert harbour["records"][0]["marks"]["/investment/currency"] == {"kind": "mismatch", "gold": "DKK"}
    assert harbour["records"][0]["missing"] == [{"path": "fields", "gold": "grid balancing"}]
    assert block(one, "d6")["records"][0]["data"] is None


def test_an_invalid_record_shows_its_draft() -> None:
    draft = {"data": {"jobs": 600}, "evidence": {"/jobs": None}, "confidence": {"/jobs": 0.3}}
    block = record_block({"id": "a", "status": "invalid", "data": None, "draft": draft}, text="")
    assert block is not None
    assert (block["status"], block["data"], block["evidence"]) == ("invalid", {"jobs": 600}, {"/jobs": None})


def test_the_index_counts_what_the_records_hold(one: Blocks) -> None:
    index = block(one, "index")
    harbour = index["documents"][0]
    assert (harbour["issues"], harbour["unproven"], harbour["wrong"]) == ([3], [1], [4])
    run = index["runs"][0]
    assert run["statuses"] == {"partial": 1, "ok": 5, "failed": 1}
    assert (run["input_tokens"], run["output_tokens"]) == (8400, 1680)
    assert run["sought"] - run["proven"] == 2
    assert run["report"]["micro"]["mismatch"] == 2


def test_a_price_is_given_only_where_it_is_known(tmp_path: Path) -> None:
    known = made.record("harbour", {"a": 1}, {}, model="gpt-4o-mini")
    for model, row in {"gpt-4o-mini": known, "made-up-7b": known | {"model": "made-up-7b"}}.items():
        file = write_view([made.write_run(tmp_path / f"{model}.jsonl", [row])], tmp_path / "view.html")
        cost = block(parsed(file), "index")["runs"][0]["cost"]
        assert (cost is not None and 0 < cost < 0.01) == (model == "gpt-4o-mini")


def test_proof_is_stale_exactly_where_the_text_at_its_place_differs(tmp_path: Path) -> None:
    row = made.first_run()[1]  # emoji: places are code points
    run = made.write_run(tmp_path / "run.jsonl", [row])
    for text, stale in ((made.TEXTS["emoji"], False), ("x" + made.TEXTS["emoji"], True)):
        file = write_view([run], tmp_path / "view.html", documents=[Document("emoji", text)])
        proofs = block(parsed(file), "d0")["records"][0]["evidence"].values()
        assert {proof["stale"] for proof in proofs} == {stale}


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    run = made.write_run(tmp_path / "run.jsonl", made.first_run())
    first, second = (write_view([run], tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert first == second


def test_runs_with_one_name_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    runs = [made.write_run(tmp_path / day / "a" / "out.jsonl", made.first_run()) for day in ("monday", "tuesday")]
    names = [run["name"] for run in block(parsed(write_view(runs, tmp_path / "view.html")), "index")["runs"]]
    assert names == [str(run) for run in runs]


def test_a_run_that_was_killed_while_it_wrote_is_shown_as_far_as_it_came(tmp_path: Path) -> None:
    run = made.write_run(tmp_path / "run.jsonl", made.first_run()[:2])
    run.write_bytes(run.read_bytes()[:-20])
    index = block(parsed(write_view([run], tmp_path / "view.html")), "index")
    assert [line["id"] for line in index["documents"]] == ["harbour"]
    assert index["runs"][0]["torn"] is True


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"id": "a", "data": {}}\nnonsense\n', r"run\.jsonl:2: not JSON"),
        ('{"id": "a"}\n', r"run\.jsonl:1: not a record"),
        ('{"id": "a", "data": {}, "status": "fine"}\n', "no status 'fine'"),
        ('{"id": "a", "data": {}, "evidence": {"/x": {"quote": "q", "start": "?", "end": 1}}}\n', "a damaged record"),
    ],
    ids=[
        "a line that is no JSON",
        "a line that is no record",
        "a status that does not exist",
        "a place that is no number",
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "run.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        write_view([tmp_path / "run.jsonl"], tmp_path / "view.html")


def test_without_a_run_there_is_nothing_to_view(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run"):
        write_view([], tmp_path / "view.html")
    with pytest.raises(UsageError, match="no such file"):
        write_view([tmp_path / "none.jsonl"], tmp_path / "view.html")


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    run = made.write_run(tmp_path / "run.jsonl", made.first_run()[:1])
    with pytest.raises(OutputError, match="cannot write") as raised:
        write_view([run], run / "view.html")
    assert isinstance(raised.value, LlmxError)


@pytest.fixture
def texts_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Texts in a folder that is not the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home" / "in").mkdir(parents=True)
    (tmp_path / "home" / "in" / "a.txt").write_text("text a", encoding="utf-8")
    (tmp_path / "home" / "rows.jsonl").write_text(
        '{"text": "row one"}\n{"id": "named", "text": "row two"}\n', encoding="utf-8"
    )
    with zipfile.ZipFile(tmp_path / "home" / "a.zip", "w") as archive:
        archive.writestr("b.txt", "inner b")
        archive.writestr("rows.jsonl", '{"text": "inner one"}\n{"text": "inner two"}\n')
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("id_", "source", "found"),
    [
        ("a", "home/in/a.txt", "text a"),
        ("a", "in/a.txt", "text a"),
        ("a", "/elsewhere/a.txt", "text a"),
        ("in/a", None, "text a"),
        ("rows.jsonl:1", "rows.jsonl:1", "row one"),
        ("named", "rows.jsonl:2", "row two"),
        ("lost", "in/lost.txt", None),
        ("a.zip!b.txt", "x/a.zip!b.txt", "inner b"),
        ("other", "a.zip!rows.jsonl:2", "inner two"),
        ("other", "a.zip!c.txt", None),
    ],
    ids=["from the current folder", "below a root", "by its name below a root", "by its id", "a row by its id",
         "a row by its number", "not there", "a file in an archive", "a row in an archive", "not in the archive"],
)  # fmt: skip
def test_a_text_is_found_again(texts_elsewhere: Path, *, id_: str, source: str | None, found: str | None) -> None:
    roots = [texts_elsewhere, texts_elsewhere / "in"] if source == "/elsewhere/a.txt" else [texts_elsewhere]
    assert find_texts({id_: source}, roots)[id_].text == found


def test_a_ready_document_comes_before_any_file(texts_elsewhere: Path) -> None:
    assert find_texts({"a": "home/in/a.txt"}, [Document("a", "given")])["a"].text == "given"


def test_texts_come_from_the_cache_of_pages_from_archives_and_from_named_stores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMX_CACHE_DIR", str(tmp_path))
    url, page = "https://example.org/news", b"<html><body><p>A page of the web, kept by the run.</p></body></html>"
    cache = PageCache(tmp_path / "pages")
    cache.put(WebPage(url, page, "2026-11-27T20:15:03Z", hashlib.sha256(page).hexdigest(), "text/html"))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("in/b.txt", "A text in an archive.")
    with fsspec.open("memory://view/c.txt", "wt") as file:
        file.write("A text in a store.")
    zipped, gone = f"zip://in/b.txt::{tmp_path / 'all.zip'}", "https://example.org/gone"
    places = {"a": url, "b": zipped, "c": "memory://view/c.txt", "gone": gone}
    found = find_texts(places, ["memory://view/"])
    texts = [(found[id_].text or "").strip() for id_ in "abc"]
    assert texts == ["A page of the web, kept by the run.", "A text in an archive.", "A text in a store."]
    assert "llmx extract https://example.org/gone --allow-urls --dry-run" in found["gone"].why
    assert "--documents memory://view/" in find_texts(places)["c"].why


def test_a_run_that_is_too_large_for_one_page_is_split_in_order(tmp_path: Path) -> None:
    texts = {str(number): DocumentText("x" * (PART_CHARS // 3)) for number in range(7)}
    assert [len(part) for part in parts_of(list(texts), texts)] == [2, 2, 2, 1]
    assert [path.name for path in part_paths(tmp_path / "out.html", 2)] == ["out.html", "out-2.html"]
    many = {str(number): DocumentText(None) for number in range(PART_DOCUMENTS + 1)}
    assert [len(part) for part in parts_of(list(many), many)] == [PART_DOCUMENTS, 1]
    assert list(parts_of([], {})) == [[]]


def test_a_large_page_packs_its_documents_and_holds_each_of_them() -> None:
    blocks = [{"text": f"text {number} & <b> 云岭 " * 9_000, "records": []} for number in range(7)]
    parts = "".join(packed_blocks(iter(blocks)))
    told = Blocks()
    told.feed(parts)
    groups = block(told, "groups")
    found: list[Any] = []
    for number, first in enumerate(groups["firsts"]):
        assert first == len(found)
        found += json.loads(gzip.decompress(base64.b64decode(told.content[f"g{number}"])))
    assert found == blocks
    assert len(groups["firsts"]) > 1
    assert len(parts) < len(json.dumps(blocks)) / 10


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (None, "does not say where"),
        ("-", "standard input"),
        ("https://example.org/a", "nothing is fetched"),
        ("x/y.txt", "x/y.txt is not in the current folder"),
    ],
    ids=["no source", "stdin", "an address", "no such file"],
)
def test_why_a_text_is_missing_is_said(source: str | None, why: str) -> None:
    found = find_texts({"a": source})["a"]
    assert found.text is None
    assert why in found.why


def test_what_other_programs_wrote_of_issues_and_confidence_does_not_stop_the_page(tmp_path: Path) -> None:
    odd = {"/b": float("nan"), "nowhere": 0.5, "/gone": 0.5, "/c": 0.25}
    issues = [{"code": "strange", "path": "a.b", "message": "no pointer"}]
    row = made.record("harbour", {"a": 1, "b": 2, "c": 3}, {}, confidence=odd, issues=issues)
    found = parsed(write_view([made.write_run(tmp_path / "run.jsonl", [row])], tmp_path / "view.html"))
    assert [(each["pointer"], each["sure"]) for each in block(found, "tables")["doubts"]] == [("/c", 0.25)]
    assert block(found, "index")["documents"][0]["facets"][""] == {"codes": ["strange"]}


def test_a_field_that_the_model_words_itself_is_not_unproven(tmp_path: Path) -> None:
    row = made.record("a", {"label": "a deal", "jobs": 3}, {"/label": None, "/jobs": None})
    row["issues"] = [{"code": "unproven", "path": "/jobs", "message": "the text does not say 3"}]
    line = block(parsed(write_view([made.write_run(tmp_path / "run.jsonl", [row])], tmp_path / "view.html")), "index")[
        "documents"
    ][0]
    assert (line["values"], line["proven"], line["unproven"]) == ([2], [0], [1])
