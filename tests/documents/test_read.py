"""Whatever is named comes out as documents, in a fixed order, with ids that stay; what cannot be read does not stop it."""

from __future__ import annotations

import io
import os
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmx.documents import Document, Unreadable, content_id, kinds_left_out, read_documents
from llmx.errors import DocumentError, UsageError


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def ids(*sources: Any, **options: Any) -> list[str]:
    return [document.id for document in read_documents(list(sources), **options)]


def piped(text: str, **options: Any) -> list[Document | Unreadable]:
    with mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode()))):
        return list(read_documents("-", **options))


def test_a_folder_is_read_sorted_and_recursively_with_paths_as_ids(tmp_path: Path) -> None:
    write(tmp_path, {"b.txt": "B", "a/z.md": "Z", "a/c/d.txt": "D", "A.txt": "A", "10.txt": "10", "9.txt": "9"})
    assert ids(tmp_path) == ["10", "9", "A", "a/c/d", "a/z", "b"]


def test_a_folder_leaves_out_hidden_files_other_suffixes_and_gold(tmp_path: Path) -> None:
    files = {"a.txt": "A", ".b.txt": "B", ".git/c.txt": "C", "d.log": "D", "a.gold.json": "{}", "e.json": "{}"}
    assert ids(write(tmp_path, dict(files))) == ["a"]


MET: dict[str, str | bytes] = {
    "a.txt": "A", "b.log": "", "c.LOG": "", "d/e.gif": b"GIF89a", "README": "", ".hidden": "", ".git/x": "", "a.gold.json": "",
    "old.jsonl": "", "old.jsonl.manifest": "", "own.csv": "", ".own.csv.1234.part": "",
}  # fmt: skip


def test_files_of_a_folder_that_are_not_read_are_counted_by_kind(tmp_path: Path) -> None:
    write(tmp_path, MET)
    (tmp_path / "d" / "up").symlink_to(tmp_path.parent, target_is_directory=True)
    stream = read_documents(tmp_path, exclude=[tmp_path / "own.csv"])
    assert [d.id for d in stream] == ["a"]
    assert dict(stream.left_out) == {
        ".log": 2, "GIF picture": 1, "without a suffix": 1, "hidden": 1, "hidden folder": 1, "gold": 1, "written by llmx": 1,
        "link out of the folder": 1,
    }  # fmt: skip
    assert kinds_left_out(stream.left_out).startswith("2 .log, 1 GIF picture, 1 gold, ")


def test_files_that_a_glob_matches_and_that_are_not_read_are_counted_too(tmp_path: Path) -> None:
    write(tmp_path, MET)
    stream = read_documents(f"{tmp_path}/*", exclude=[tmp_path / "own.csv"])
    assert [d.id for d in stream] == ["a"]
    assert dict(stream.left_out) == {".log": 2, "without a suffix": 1, "gold": 1, "written by llmx": 1}


@pytest.mark.parametrize("source", ["", "*"], ids=["folder", "glob"])
def test_where_no_document_is_the_error_says_what_was_there(tmp_path: Path, source: str) -> None:
    write(tmp_path, {"b.log": "", "c.exe": ""})
    with pytest.raises(UsageError) as caught:
        read_documents(f"{tmp_path}/{source}" if source else tmp_path)
    assert "left out: 1 .exe, 1 .log" in caught.value.hint


def test_many_kinds_are_summed_up() -> None:
    assert kinds_left_out({f".{n:02d}": 1 for n in range(13)}).endswith("1 .09, 3 more, of 3 kinds")


def test_two_files_that_differ_in_their_suffix_only_keep_it(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "A", "a.md": "A", "b.v1.txt": "B", "b.v2.txt": "B"})
    assert ids(tmp_path) == ["a.md", "a.txt", "b.v1", "b.v2"]
    assert ids(tmp_path / "a.txt", tmp_path / "a.md") == [(tmp_path / n).as_posix() for n in ("a.txt", "a.md")]


def test_a_file_by_name_has_its_stem_as_id_and_is_text_whatever_its_suffix(tmp_path: Path) -> None:
    write(tmp_path, {"note.log": "words", "no_suffix": "words"})
    assert list(read_documents(tmp_path / "note.log")) == [Document("note", "words", str(tmp_path / "note.log"))]
    assert ids(tmp_path / "no_suffix") == ["no_suffix"]


def test_files_of_one_name_in_two_folders_are_told_apart_when_both_are_named(tmp_path: Path) -> None:
    write(tmp_path, {"a/x.txt": "A", "b/x.txt": "B", "b/y.txt": "Y"})
    got = ids(*(str(tmp_path / name) for name in ("a/x.txt", "b/x.txt", "b/y.txt")))
    assert got == [(tmp_path / "a/x").as_posix(), (tmp_path / "b/x").as_posix(), "y"]


def test_a_glob_reads_what_it_matches_with_ids_below_its_fixed_part(tmp_path: Path) -> None:
    write(tmp_path, {"d/a.txt": "A", "d/s/b.txt": "B", "d/s/c.log": "C", "d/.h.txt": "H", "d/a.gold.json": "{}"})
    assert ids(f"{tmp_path}/d/**/*.txt") == ["a", "s/b"]
    assert ids(f"{tmp_path}/d/**") == ["a", "s/b"]
    assert ids(f"{tmp_path}/d/*/*.log") == ["s/c"]


def test_what_a_run_wrote_into_the_folder_is_no_document(tmp_path: Path) -> None:
    row = '{"id": "r", "text": "R"}\n'
    write(
        tmp_path, {"a.txt": "A", "rows.jsonl": row, "out.jsonl": row, "out.jsonl.manifest": b"SQLite", "b/o.csv": row}
    )
    write(tmp_path, {"out.partial.jsonl": row, "b/o.csv.manifest": b"SQLite"})
    assert ids(tmp_path) == ["a", "r"]
    assert ids(str(tmp_path / "**" / "*")) == ["a", "r"]


@pytest.mark.parametrize("source", ["", "*.jsonl", "**/*.jsonl"])
def test_what_is_being_written_is_no_document(tmp_path: Path, source: str) -> None:
    write(tmp_path, {"rows.jsonl": '{"id": "r", "text": "R"}\n', "log.jsonl": "{}\n"})
    (tmp_path / "link").symlink_to(tmp_path)
    assert ids(str(tmp_path / source), exclude=[tmp_path / "link" / "log.jsonl", tmp_path / "new.jsonl"])[0] == "r"
    assert "log" not in str(ids(str(tmp_path / source), exclude=[tmp_path / "link" / "log.jsonl"]))


def test_a_file_that_is_named_and_is_to_be_written_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"rows.jsonl": '{"text": "R"}\n'})
    with pytest.raises(UsageError, match="is a document of this run, and the run would write to it"):
        read_documents([str(tmp_path / "rows.jsonl")], exclude=[tmp_path / "rows.jsonl"])


def test_a_file_with_brackets_in_its_name_is_no_glob(tmp_path: Path) -> None:
    write(tmp_path, {"a[1].txt": "A", "a1.txt": "B"})
    assert [d.text for d in read_documents([str(tmp_path / "a[1].txt")]) if isinstance(d, Document)] == ["A"]


def test_stdin_is_one_document_named_by_its_content() -> None:
    (document,) = piped("mémo\r\n")
    assert document == Document(content_id("mémo\r\n"), "mémo\r\n", "-")


def test_ready_documents_and_mappings_are_sources_too() -> None:
    row = {"text": "words", "url": "u"}
    first, second, third = read_documents([Document("d", "text"), row, row | {"id": 7}])
    assert first == Document("d", "text")
    assert second == Document(content_id("words"), "words", None, {"url": "u"})
    assert (third.id, third.source) == ("7", None)


def test_bytes_and_open_files_are_what_they_hold(tmp_path: Path) -> None:
    page = b"<!doctype html><html><body><p>" + b"Words of a page. " * 30 + b"</p></body></html>"
    words, converted = read_documents([b"words", page])
    assert isinstance(words, Document)
    assert (words.id, words.text, words.source) == (content_id("words"), "words", None)
    assert isinstance(converted, Document)
    assert converted.text.startswith("Words of a page.")
    write(tmp_path, {"a.txt": "A", "b.jsonl": '{"text": "B"}'})
    with (tmp_path / "a.txt").open() as text, (tmp_path / "b.jsonl").open("rb") as rows:
        found = list(read_documents([text, rows, io.BytesIO(b"C"), io.StringIO("D")]))
    assert [(each.id, each.text) for each in found if isinstance(each, Document)] == [
        ("a", "A"), ("b:1", "B"), (content_id("C"), "C"), (content_id("D"), "D"),
    ]  # fmt: skip
    (closed,) = read_documents(text)
    assert isinstance(closed, Unreadable)
    assert "a.txt: I/O operation on closed file" in closed.error.message


def test_a_text_has_an_id_of_its_own_where_it_is_given_none() -> None:
    assert Document(text="words").id == content_id("words")


@pytest.mark.parametrize(
    "text",
    ["The two companies signed\nan accord.", "Words " * 100, "What did [they] sign?\nAn accord."],
    ids=["two lines", "long", "brackets"],
)
def test_a_text_that_is_given_for_a_path_is_told_how_to_give_it(text: str) -> None:
    with pytest.raises(UsageError, match="is a text, and a string is taken for a path") as caught:
        read_documents(text)
    assert 'Document(text="…")' in caught.value.hint
    with pytest.raises(UsageError, match="there is no file or folder") as caught:
        read_documents("The two companies signed yesterday.")
    assert 'Document(text="…")' in caught.value.hint


def test_what_comes_through_stdin_is_what_its_bytes_say() -> None:
    (page,) = piped("<!doctype html><html><body><p>" + "Words of a page. " * 30 + "</p></body></html>")
    assert isinstance(page, Document)
    assert page.text.startswith("Words of a page.")
    assert (page.id, page.source) == (content_id(page.text), "-")


def test_line_ends_are_left_alone(tmp_path: Path) -> None:
    text = "one\r\ntwo\rthree\n\u2028four\x0b\x0c\x85"
    write(tmp_path, {"a.txt": text})
    (document,) = read_documents(tmp_path)
    assert isinstance(document, Document)
    assert document.text == text


def test_the_same_name_twice_is_one_document(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "A"})
    assert ids(tmp_path / "a.txt", str(tmp_path / "a.txt"), f"{tmp_path}/./a.txt") == ["a"]


def test_a_second_document_of_the_same_id_is_unreadable_and_not_lost() -> None:
    got = list(read_documents([Document("x", "one"), Document("x", "two"), Document("x", "three"), Document("y", "z")]))
    assert [document.id for document in got] == ["x", "x#2", "x#3", "y"]
    assert [isinstance(document, Unreadable) for document in got] == [False, True, True, False]
    assert isinstance(got[1], Unreadable)
    assert "another document has the id 'x'" in got[1].error.message


@pytest.mark.parametrize(
    ("make", "message", "hint"),
    [
        (lambda t: [t / "none.txt"], "there is no file or folder", "but not none.txt in it"),
        (lambda t: [t / "no/where/x.txt"], "there is no file or folder", "but not no in it"),
        (lambda t: [t], "there is no document in", ".txt"),
        (lambda t: [f"{t}/*.txt"], "no document matches", ".txt"),
        (lambda _: [], "no documents are named", "folders"),
        (lambda _: [""], "there is no file or folder ''", ""),
        (lambda _: ["https://example.org/a?b=c"], "is a URL", "download"),
        (lambda t: [write(t, {"a.gold.json": "{}"}) / "a.gold.json"], "only gold is named", "score"),
    ],
    ids=[
        "missing file",
        "missing folder",
        "empty folder",
        "glob without match",
        "nothing",
        "empty name",
        "address",
        "gold",
    ],
)
def test_what_is_not_there_is_said_before_anything_is_read(
    tmp_path: Path, make: Any, *, message: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=message.replace("(", r"\(")) as caught:
        read_documents(make(tmp_path))  # not iterated
    assert hint in caught.value.hint


def test_one_missing_name_stops_all_before_the_first(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "A"})
    with pytest.raises(UsageError):
        read_documents([tmp_path / "a.txt", tmp_path / "b.txt"])


def test_an_unknown_encoding_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="'klingon' is not an encoding"):
        read_documents("-", encoding="klingon")
    with pytest.raises(UsageError, match="'rot13' is not an encoding"):
        read_documents("-", encoding="rot13")


def test_unreadable_documents_stand_in_their_place_and_the_others_go_on(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "A", "b.txt": b"\xff\xfe\xfd", "c.txt": "", "d.txt": " \n\t\u3000", "e.txt": "E"})
    got = list(read_documents(tmp_path))
    assert [(d.id, isinstance(d, Document)) for d in got] == [
        ("a", True), ("b", False), ("c", False), ("d", False), ("e", True),
    ]  # fmt: skip
    said = [d.error.message for d in got if isinstance(d, Unreadable)]
    assert str(tmp_path / "c.txt") + " is empty" in said
    assert "nothing but white space (6 bytes)" in said[2]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_unreadable(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "A"})
    (tmp_path / "a.txt").chmod(0)
    (got,) = read_documents(tmp_path)
    assert isinstance(got, Unreadable)
    assert "cannot read" in got.error.message


def test_links_that_go_in_a_circle_end(tmp_path: Path) -> None:
    write(tmp_path, {"a/x.txt": "X"})
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    assert ids(tmp_path) == ["a/x"]


def test_links_out_of_a_folder_are_counted_and_a_pattern_follows_them(tmp_path: Path) -> None:
    write(tmp_path, {"in/a.txt": "A", "in/sub/b.txt": "B", "out/secret.txt": "S"})
    (tmp_path / "in" / "within.txt").symlink_to(tmp_path / "in" / "sub" / "b.txt")
    (tmp_path / "in" / "file.txt").symlink_to(tmp_path / "out" / "secret.txt")
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "out", target_is_directory=True)
    stream = read_documents(tmp_path / "in")
    assert [d.id for d in stream] == ["a", "sub/b", "within"]
    assert dict(stream.left_out) == {"link out of the folder": 2}
    assert "file" in ids(str(tmp_path / "in" / "*.txt"))


def test_a_folder_of_nothing_but_links_says_how_to_follow_them(tmp_path: Path) -> None:
    write(tmp_path, {"in/.keep": "", "out/a.txt": "A"})
    (tmp_path / "in" / "a.txt").symlink_to(tmp_path / "out" / "a.txt")
    (tmp_path / "in" / ".keep").unlink()
    with pytest.raises(UsageError) as caught:
        read_documents(tmp_path / "in")
    assert "by a pattern" in str(caught.value.hint)


def test_a_dangling_link_in_a_folder_is_said_and_not_lost(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "A"})
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    got = list(read_documents(tmp_path))
    assert [d.id for d in got] == ["a", "gone"]
    assert isinstance(got[1], Unreadable)


@pytest.mark.parametrize("source", ["", "*.txt"], ids=["folder", "glob"])
def test_a_link_to_itself_is_one_failed_document(tmp_path: Path, source: str) -> None:
    write(tmp_path, {"a.txt": "A"})
    (tmp_path / "self.txt").symlink_to("self.txt")
    (tmp_path / "loop").symlink_to("loop")
    got = list(read_documents(f"{tmp_path}/{source}" if source else tmp_path))
    assert [(d.id, isinstance(d, Document)) for d in got] == [("a", True), ("self", False)]


def test_a_link_that_leads_nowhere_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").symlink_to("nowhere.txt")
    with pytest.raises(UsageError, match="is a link that leads nowhere") as caught:
        read_documents(tmp_path / "gone.txt")
    assert "nowhere.txt" in caught.value.hint


@pytest.mark.skipif(os.name != "posix", reason="names are text there")
def test_a_name_that_is_not_utf_8_still_makes_a_record(tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))).write_text("words")
    (document,) = read_documents(tmp_path)
    assert isinstance(document, Document)
    assert document.id == "caf\ufffd"
    (document.source or "").encode("utf-8")


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
def test_a_pipe_by_name_is_read(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"from a command")
    os.close(writing)
    (document,) = read_documents(f"/dev/fd/{reading}")
    os.close(reading)
    assert isinstance(document, Document)
    assert document.text == "from a command"


PAGE = """<!doctype html><html><head><meta charset="gb18030"><title>合作</title></head><body><nav><a href="/">首页</a></nav>
<article><h1>两家公司签署合作协议</h1><p>甲公司与乙公司昨日在北京签署战略合作协议,双方将在云计算领域开展长期合作,并共同建设研发中心。</p>
<p>根据协议,双方计划在五年内共同投资,预计创造数百个就业岗位,项目将分三期建设,首期工程计划于明年投产。</p></article>
<script>var tracked = true;</script></body></html>"""


def test_a_page_is_its_main_text_in_its_own_encoding(tmp_path: Path) -> None:
    write(tmp_path, {"a.html": PAGE.encode("gb18030"), "b.html": "<html><body></body></html>"})
    page, empty = read_documents(tmp_path)
    assert isinstance(page, Document)
    assert "甲公司与乙公司昨日在北京签署战略合作协议" in page.text
    assert "<p>" not in page.text
    assert "tracked" not in page.text
    assert isinstance(empty, Unreadable)


def test_sources_may_be_an_endless_iterator() -> None:
    def rows() -> Iterator[dict[str, Any]]:
        number = 0
        while True:
            number += 1
            yield {"id": number, "text": f"text {number}"}

    documents = read_documents(rows())
    assert [next(documents).id for _ in range(3)] == ["1", "2", "3"]


def test_a_ready_text_that_is_empty_or_broken_is_unreadable() -> None:
    got = list(read_documents([Document("a", " "), Document("b", "\ud800"), {"text": "\0"}, {"text": 3}, {"t": "x"}]))
    assert all(isinstance(d, Unreadable) for d in got)
    said = [d.error.message for d in got if isinstance(d, Unreadable)]
    assert "white space" in said[0]
    assert "half a surrogate pair at character 0" in said[1]
    assert "NUL" in said[2]
    assert "not a string but int" in said[3]
    assert "no field 'text'; it has t" in said[4]


def test_reading_many_documents_holds_one_at_a_time(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number}.txt").write_text("x" * 500_000)
    tracemalloc.start()
    assert sum(len(d.text) for d in read_documents(tmp_path) if isinstance(d, Document)) == 20_000_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


@settings(max_examples=60)
@given(text=st.text(min_size=1).filter(lambda t: t.strip() and "\0" not in t))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    (document,) = piped(text, encoding="utf-8")
    expected = text.removeprefix("\ufeff")
    if isinstance(document, Unreadable):
        assert not expected.strip()
    else:
        assert document.text == expected


def test_an_unreadable_documents_error_is_one_documents_only() -> None:
    (got,) = read_documents([{"text": ""}])
    assert isinstance(got, Unreadable)
    assert isinstance(got.error, DocumentError)
    assert got.error.exit_code == 1
