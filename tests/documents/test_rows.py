"""Rows of JSONL and CSV are documents of their own: streamed, numbered, and broken one at a time."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from llmx.documents import Document, Unreadable, read_documents
from llmx.errors import UsageError


def rows(path: Path, content: str | bytes, **options: Any) -> list[Document | Unreadable]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_documents(path, **options))


def errors(documents: list[Document | Unreadable]) -> list[str]:
    return [d.error.message for d in documents if isinstance(d, Unreadable)]


def test_jsonl_rows_have_their_id_else_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    got = rows(path, '{"text": "one", "id": "x", "year": 2020}\n\n{"text": "two"}\r\n{"text":"three","id":7}')
    assert got == [
        Document("x", "one", f"{path}:1", {"year": 2020}),
        Document("a.jsonl:3", "two", f"{path}:3", {}),
        Document("7", "three", f"{path}:4", {}),
    ]


def test_the_fields_of_text_and_id_can_be_chosen(tmp_path: Path) -> None:
    got = rows(tmp_path / "a.ndjson", '{"body": "one", "key": "k", "id": 3}\n', text_field="body", id_field="key")
    assert [(d.id, d.text, d.meta) for d in got if isinstance(d, Document)] == [("k", "one", {"id": 3})]
    (bad,) = rows(tmp_path / "b.jsonl", '{"body": "one"}\n', text_field="body", id_field="key")
    assert "has no 'key'; it has body" in errors([bad])[0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "x",}', "a.jsonl:2, column 13: not JSON"),
        ('["x"]', "not a JSON object but list"),
        ('{"text": null}', "the field 'text' is not a string but null"),
        ('{"body": "x", "n": 1}', "has no field 'text'; it has body, n"),
        ('{"text": " "}', "white space"),
        ('{"text": "\\u0000"}', "NUL"),
        ('{"text": "x", "id": [1]}', "the field 'id' is no id"),
        ('{"text": "\\ud800"}', "not JSON"),
    ],
    ids=["trailing comma", "list", "null", "no text", "white space", "NUL", "id is a list", "lone surrogate"],
)
def test_a_broken_line_is_unreadable_with_its_place_and_the_next_goes_on(
    tmp_path: Path, line: str, message: str
) -> None:
    got = rows(tmp_path / "a.jsonl", f'{{"text": "one"}}\n{line}\n{{"text": "three"}}\n')
    assert [d.id for d in got] == ["a.jsonl:1", "a.jsonl:2", "a.jsonl:3"]
    assert [isinstance(d, Document) for d in got] == [True, False, True]
    assert message in errors(got)[0]


def test_a_bad_byte_spoils_its_own_row_only_and_has_its_offset_in_the_file(tmp_path: Path) -> None:
    for name, content, number in (
        ("a.jsonl", b'{"text": "one"}\n{"text": "\xe9"}\n{"text": "three"}\n', 2),
        ("a.csv", b'text\n"one\nand more"\n\xe9\nthree\n', 4),
    ):
        got = rows(tmp_path / name, content)
        assert [isinstance(d, Document) for d in got] == [True, False, True]
        assert f"{name}:{number} is not utf-8: byte 0xE9" in errors(got)[0]
        assert f"offset {content.index(0xE9)} of the file" in errors(got)[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_rows_may_begin_with_a_byte_order_mark(tmp_path: Path, encoding: str, suffix: str) -> None:
    content = '{"text": "合作"}\n{"text": "é\u2028"}\n' if suffix == "jsonl" else "text\n合作\né\u2028\n"
    got = rows(tmp_path / f"a.{suffix}", content.encode(encoding))
    assert [d.text for d in got if isinstance(d, Document)] == ["合作", "é\u2028"]


def test_rows_may_be_in_a_named_encoding(tmp_path: Path) -> None:
    got = rows(tmp_path / "a.csv", "id,text\n1,合作协议\n".encode("gb18030"), encoding="gb18030")
    assert [(d.id, d.text) for d in got if isinstance(d, Document)] == [("1", "合作协议")]


def test_utf_16_rows_end_at_a_fault_and_say_so(tmp_path: Path) -> None:
    data = '{"text": "one"}\n'.encode("utf-16") + b"\x00\xd8\x00\x00"
    got = rows(tmp_path / "a.jsonl", data)
    assert isinstance(got[-1], Unreadable)
    assert "the rest of it is lost" in errors(got)[-1]


def test_csv_rows_have_their_id_else_file_and_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    got = rows(path, 'id,text,year\nx,"one\r\nand ""more""",2020\n\n,two,\n')
    assert got == [
        Document("x", 'one\r\nand "more"', f"{path}:2", {"year": "2020"}),
        Document("a.csv:2", "two", f"{path}:5", {"year": ""}),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "n;text\n1;a,b\n"),
        ("a.tsv", "n\ttext\n1\ta,b\n"),
        ("a.csv", "n|text\n1|a,b\n"),
        ("a.csv", "n\ttext\n1\ta,b\n"),
    ],
    ids=["semicolon", "tsv", "bar", "tab"],
)
def test_the_delimiter_is_the_one_that_makes_the_column(tmp_path: Path, name: str, content: str) -> None:
    assert [d.text for d in rows(tmp_path / name, content) if isinstance(d, Document)] == ["a,b"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_lines_may_end_in_cr_alone(tmp_path: Path, name: str, encoding: str) -> None:
    texts = ["Zürich", "x" * 100_000, "last"]
    lines = ["id,text", *(f"{n},{text}" for n, text in enumerate(texts))]
    if name == "a.jsonl":
        lines = [json.dumps({"id": n, "text": text}) for n, text in enumerate(texts)]
    (tmp_path / name).write_bytes("\r".join(lines).encode(encoding))
    got = list(read_documents(tmp_path / name, encoding=None if encoding == "utf-16" else encoding))
    assert [(d.id, d.text) for d in got if isinstance(d, Document)] == [("0", texts[0]), ("1", texts[1]), ("2", "last")]


@pytest.mark.parametrize("first", ["sep=;", "\ufeffsep=;", '"sep=;"', "SEP=;"])
def test_the_line_of_excel_that_names_the_delimiter_is_no_header(tmp_path: Path, first: str) -> None:
    got = rows(tmp_path / "a.csv", f"{first}\r\nid;text,n;note\r\n1;x;y\r\n", text_field="text,n")
    assert got == [Document("1", "x", f"{tmp_path / 'a.csv'}:3", {"note": "y"})]


def test_a_header_that_is_no_csv_is_one_failed_document(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"id,te\rxt\n1,one\n")
    (tmp_path / "b.txt").write_text("words")
    first, second = read_documents(tmp_path)
    assert isinstance(first, Unreadable)
    assert "its first line is not CSV" in first.error.message
    assert isinstance(second, Document)


def test_a_missing_column_is_a_usage_error_that_lists_the_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("title,body\nx,y\n")
    with pytest.raises(UsageError, match="has no column 'text'; its columns are title, body") as caught:
        read_documents(tmp_path / "a.csv")
    assert "--text-field" in caught.value.hint


def test_a_column_that_differs_in_its_case_is_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("ID, Text\n1,x\n")
    with pytest.raises(UsageError, match="has no column 'text'") as caught:
        read_documents(tmp_path / "a.csv")
    assert "its column ' Text' differs in case or blanks" in caught.value.hint


def test_a_table_in_a_folder_without_the_column_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("title,body\nx,y\n")
    (tmp_path / "b.txt").write_text("words")
    (tmp_path / "c.csv").write_text("")
    got = list(read_documents(tmp_path))
    assert [isinstance(d, Document) for d in got] == [False, True, False]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,a,b", "has 3 cells, but there are 2 columns"),
        ('1,"a"b', "not CSV"),
        ("1", "has no field 'text'"),
        ("1, ", "white space"),
    ],
    ids=["too many cells", "stray quote", "too few cells", "white space"],
)
def test_a_broken_csv_row_is_unreadable_and_the_next_goes_on(tmp_path: Path, row: str, message: str) -> None:
    got = rows(tmp_path / "a.csv", f"n,text\n0,one\n{row}\n2,three\n")
    assert [d.id for d in got] == ["a.csv:1", "a.csv:2", "a.csv:3"]
    assert [isinstance(d, Document) for d in got] == [True, False, True]
    assert message in errors(got)[0]


def test_a_quote_that_is_never_closed_is_said(tmp_path: Path) -> None:
    got = rows(tmp_path / "a.csv", 'text\none\n"two\nthree\n')
    assert [isinstance(d, Document) for d in got] == [True, False]
    assert "a.csv:3: not CSV: unexpected end of data" in errors(got)[0]


def test_a_cell_may_be_longer_than_csvs_own_limit(tmp_path: Path) -> None:
    (got,) = rows(tmp_path / "a.csv", "text\n" + "x" * 200_000 + "\n")
    assert isinstance(got, Document)
    assert len(got.text) == 200_000


def test_a_broken_row_keeps_its_id(tmp_path: Path) -> None:
    got = rows(tmp_path / "a.csv", 'id,text\n7,\n7,\n8,"one"\n')
    assert [(d.id, isinstance(d, Document)) for d in got] == [("7", False), ("7#2", False), ("8", True)]
    assert all("is empty" in said for said in errors(got))


def test_two_rows_of_one_id_are_not_mixed_up(tmp_path: Path) -> None:
    got = rows(tmp_path / "a.csv", "id,text\n7,one\n7,two\n")
    assert [d.id for d in got] == ["7", "7#2"]
    assert isinstance(got[1], Unreadable)


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_a_file_larger_than_memory_is_read_row_by_row(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    with path.open("w") as out:
        out.write("text\n" if suffix == "csv" else "")
        for _ in range(300):
            out.write("x" * 100_000 + "\n" if suffix == "csv" else json.dumps({"text": "x" * 100_000}) + "\n")
    tracemalloc.start()
    assert sum(1 for d in read_documents(path) if isinstance(d, Document)) == 300
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000
