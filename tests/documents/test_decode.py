"""Bytes become text by the user's word, a mark, the file's own word or UTF-8, and never by a silent guess."""

from __future__ import annotations

import pytest

from llmx.documents.decode import decode
from llmx.errors import DocumentError

CHINESE = "华为与中国移动签署战略合作协议,双方将在云计算、人工智能等领域开展合作。"
FRENCH = "Le groupe Énergie a signé un accord à Genève, près de la frontière.\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
)
def test_a_byte_order_mark_tells_the_encoding_and_is_not_part_of_the_text(encoding: str) -> None:
    marked = encoding in {"utf-8-sig", "utf-16", "utf-32"}
    data = (CHINESE if marked else "\ufeff" + CHINESE).encode(encoding)
    assert decode(data, "a.txt") == CHINESE


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<html><head><meta charset="gb2312">', "gb18030"),
        ("<META http-equiv='Content-Type' content='text/html; charset=GBK'>", "gbk"),
        ("<meta charset=big5>", "big5"),
        ("<meta charset=iso-8859-1>", "cp1252"),
        ("<meta charset='shift_jis'>", "cp932"),
        ("<meta charset=utf-16>", "utf-8"),
        ('<?xml version="1.0" encoding="euc-kr"?><html>', "euc-kr"),
    ],
    ids=["charset", "http-equiv", "no quotes", "latin-1 is cp1252", "shift_jis", "utf-16 cannot be", "xml"],
)
def test_a_page_is_read_in_the_encoding_that_it_says(head: str, encoding: str) -> None:
    words = {"big5": "台積電", "cp1252": "“Énergie” €", "cp932": "提携①", "euc-kr": "협력"}.get(encoding, "合作协议")
    data = f"{head}\n{words}".encode(encoding)
    assert decode(data, "a.html", page=True) == f"{head}\n{words}"


def test_an_xml_declaration_counts_in_any_file_and_a_meta_element_in_pages_only() -> None:
    assert decode("<?xml version='1.0' encoding='cp1252'?>é".encode("cp1252"), "a.xml").endswith("é")
    with pytest.raises(DocumentError):
        decode(b"<meta charset=cp1252>\xe9", "a.txt")


def test_a_page_that_says_latin_1_but_is_utf_8_is_read_as_utf_8() -> None:
    page = "<meta charset=iso-8859-1>" + FRENCH
    assert decode(page.encode(), "a.html", page=True) == page


def test_the_users_word_comes_first() -> None:
    page = "<meta charset=utf-8>" + CHINESE
    assert decode(page.encode("gb18030"), "a.html", encoding="gb18030", page=True) == page
    assert decode("é".encode("cp1252"), "a.txt", encoding="cp1252") == "é"
    assert decode("\ufeffé".encode(), "a.txt", encoding="utf-8") == "é"
    assert decode("é".encode("utf-16"), "a.txt", encoding="utf-16") == "é"
    assert decode("é".encode("utf-16-le"), "a.txt", encoding="utf-16") == "é"


def test_an_encoding_that_nobody_knows_is_said() -> None:
    with pytest.raises(DocumentError, match=r"a\.html declares the encoding 'x-user-defined'") as caught:
        decode(b"<meta charset=x-user-defined>words", "a.html", page=True)
    assert "--encoding" in caught.value.hint


def test_a_bad_byte_is_named_with_file_offset_and_line() -> None:
    data = b"first line\nsecond \xe9 line"
    with pytest.raises(DocumentError, match=r"^d/a\.txt is not utf-8: byte 0xE9 at offset 18 \(line 2\)") as caught:
        decode(data, "d/a.txt")
    assert "--encoding" in caught.value.hint
    assert data[18] == 0xE9


def test_the_offset_counts_the_byte_order_mark() -> None:
    with pytest.raises(DocumentError, match="byte 0xFF at offset 4 "):
        decode(b"\xef\xbb\xbfa\xffb", "a.txt")


@pytest.mark.parametrize(
    ("text", "encoding", "accepted"),
    [
        (CHINESE * 3, "gb18030", {"gb18030"}),
        ("台積電與聯發科今天簽署合作備忘錄,雙方將展開長期合作。" * 3, "big5", {"big5"}),
        ("トヨタ自動車とパナソニックは業務提携に合意したと発表した。" * 3, "shift_jis", {"shift-jis"}),
        ("삼성전자와 현대자동차는 협력하기로 하고 양해각서를 체결했다." * 3, "euc_kr", {"euc-kr"}),
        ("Компании подписали соглашение о стратегическом сотрудничестве." * 3, "cp1251", {"cp1251"}),
    ],
    ids=["gb18030", "big5", "shift_jis", "euc_kr", "cp1251"],
)
def test_the_hint_names_an_encoding_that_would_read_the_file(text: str, encoding: str, accepted: set[str]) -> None:
    with pytest.raises(DocumentError) as caught:
        decode(text.encode(encoding), "a.txt")
    named = caught.value.hint.split()[1]
    assert named in accepted
    assert decode(text.encode(encoding), "a.txt", encoding=named) == text


def test_western_and_central_european_are_not_told_apart_by_a_guess() -> None:
    with pytest.raises(DocumentError) as caught:
        decode((FRENCH * 3).encode("cp1252"), "a.txt")
    assert all(name in caught.value.hint for name in ("cp1252", "cp1250", "cp1254"))


def test_utf_16_without_a_mark_is_told_by_its_nuls() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        assert decode("Größe: 5 €\nand words".encode(encoding), "a.txt") == "Größe: 5 €\nand words"


def test_one_damaged_byte_in_utf_8_is_called_damage_and_not_another_encoding() -> None:
    data = CHINESE.encode()
    with pytest.raises(DocumentError) as caught:
        decode(data[:40] + b"\xff" + data[40:], "a.txt")
    assert "the rest of the file is UTF-8" in caught.value.hint


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (b"%PDF-1.7\n\xe2\xe3\xcf\xd3", "a PDF"),
        (b"PK\x03\x04\x14\x00\x00\x00", "an Office file"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        ("abc".encode("utf-16-le"), "--encoding utf-16-le"),
    ],
    ids=["PDF", "ZIP", "gzip", "UTF-16 without mark"],
)
def test_a_file_that_is_no_text_says_what_it_may_be(data: bytes, hint: str) -> None:
    with pytest.raises(DocumentError) as caught:
        decode(data, "a.txt")
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "a.txt is empty"),
        (b"\xef\xbb\xbf", "a.txt is empty"),
        (b" \r\n", "white space"),
        (b"a\0b", "NUL byte at offset 1"),
    ],
    ids=["empty", "mark only", "white space", "NUL"],
)
def test_a_file_without_words_is_an_error(data: bytes, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        decode(data, "a.txt")


@pytest.mark.parametrize(("data", "what"), [(b"%PDF-1.4 all in ASCII", "a PDF"), (b"PK\x03\x04 no NUL", "Office file")])
def test_a_file_of_another_kind_is_no_text_even_where_it_decodes(data: bytes, what: str) -> None:
    with pytest.raises(DocumentError, match=r"a\.pdf is not text") as caught:
        decode(data, "a.pdf")
    assert what in caught.value.hint
