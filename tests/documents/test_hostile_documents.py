"""Damaged, encrypted, bombed and mislabelled files: each is a failed document that names it, and the others go on."""

from __future__ import annotations

import gzip
import io
import tarfile
import tracemalloc
import zipfile
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from llmx.documents import Document, Unreadable, read_documents
from llmx.documents.archives import members
from llmx.documents.kind import KINDS
from llmx.documents.limits import DEPTH, MIB, UnpackBudget
from llmx.errors import DocumentError

FILES = Path(__file__).parent / "files"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="'
    'http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {name} "{f"&{chr(ord(name) - 1)};" * 10}">' for name in "bcdefghij"
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def zipped(members: dict[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def word(document: str, **more: str) -> bytes:
    return zipped({"[Content_Types].xml": "<Types/>", "_rels/.rels": RELS, "word/document.xml": document, **more})


def tarred(*members: tarfile.TarInfo) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for info in members:
            archive.addfile(info, io.BytesIO(b"w" * info.size))
    return held.getvalue()


def in_zips(times: int) -> bytes:
    data = b"words"
    for number in range(times):
        data = zipped({f"{number}.zip" if number else "a.txt": data}, method=zipfile.ZIP_STORED)
    return data


def compressed(times: int) -> bytes:
    data = b"words"
    for _ in range(times):
        data = gzip.compress(data)
    return data


def encrypted_member() -> bytes:
    """Return a ZIP whose member says that it is encrypted."""
    data = bytearray(zipped({"a.txt": "words"}, method=zipfile.ZIP_STORED))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def damaged() -> Iterator[tuple[str, bytes]]:
    """Yield each sample cut off at three places, with bytes turned at three, filled with noise, and emptied."""
    for path in sorted(FILES.iterdir()):
        data, stem, suffix = path.read_bytes(), path.stem, path.suffix
        for number, part in enumerate((0.02, 0.4, 0.98)):
            at = int(len(data) * part)
            yield f"{stem}-cut{number}{suffix}", data[:at]
            yield (
                f"{stem}-turned{number}{suffix}",
                data[:at] + bytes(255 - byte for byte in data[at : at + 64]) + data[at + 64 :],
            )
        yield f"{stem}-noise{suffix}", data[:60] + bytes(range(256)) * 8
        yield f"{stem}-empty{suffix}", b""
        yield f"{stem}-text{suffix}", b"words\0" * 20


def wild() -> dict[str, tuple[bytes, str]]:
    """Return files by their names, with what their message has to say."""
    word_body = f"<w:document {W}><w:body>{{}}</w:body></w:document>"
    deep = f"<w:document {W}>" + "<w:p>" * 5000 + "</w:p>" * 5000 + "</w:document>"
    span = "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='x'/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>"
    big = "<w:p><w:r><w:t>" + "a" * 68_000_000 + "</w:t></w:r></w:p>"
    link, device = tarfile.TarInfo("link"), tarfile.TarInfo("device")
    link.type, link.linkname, device.type = tarfile.SYMTYPE, "/etc/passwd", tarfile.CHRTYPE
    return {
        "locked.docx": (OLE + "EncryptedPackage".encode("utf-16-le"), "an Office file with a password"),
        "old.doc": (OLE + "WordDocument".encode("utf-16-le"), "a Word document of the format before 2007"),
        "other.docx": (OLE, "an OLE file of an old Office version"),
        "locked.odt": (zipped({"mimetype": "application/vnd.oasis.opendocument.text", "META-INF/manifest.xml": "<m><manifest:encryption-data/></m>"}), "is encrypted"),
        "locked.eml": (b"From: a@example.org\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nMIAG", "is an encrypted mail"),
        "laughs.docx": (word(LAUGHS + f"]><w:document {W}><w:body><w:p><w:r><w:t>&j;</w:t></w:r></w:p></w:body></w:document>"), "damaged"),
        "laughs.xml": (f"<?xml version='1.0'?>{LAUGHS}]><x>&j;</x>".encode(), "laughs.xml"),
        "outside.xml": (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "outside.xml"),
        "deep.docx": (word(deep), "damaged"),
        "deep.xml": (b"<?xml version='1.0'?>" + b"<a>" * 5000 + b"</a>" * 5000, "damaged"),
        "span.docx": (word(word_body.format(span)), "damaged"),
        "big.docx": (word(word_body.format(big)), "is larger than 64 MiB"),
        "none.docx": (zipped({"[Content_Types].xml": "<Types/>", "word/styles.xml": "<x/>"}), "without its text"),
        "none.xlsx": (zipped({"[Content_Types].xml": "<Types/>", "xl/styles.xml": "<x/>"}), "without sheets"),
        "none.pptx": (zipped({"[Content_Types].xml": "<Types/>", "ppt/x.xml": "<x/>"}), "without slides"),
        "none.epub": (zipped({"mimetype": "application/epub+zip"}), "without its list of chapters"),
        "braces.rtf": (b"{\\rtf1" + b"{" * 5000, "out of all bounds"),
        "none.rtf": (b"{\\rtf1{\\pict ffff}}", "is empty"),
        "parts.eml": (b"From: a@example.org\n" + b"".join(
            b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(400)), "out of all bounds"),
        "none.eml": (b"no headers at all", "is no mail"),
        "cut.gz": (gzip.compress(b"words" * 1000)[:40], "compressed by gzip, and damaged"),
        "often.gz": (compressed(DEPTH + 1), f"compressed more than {DEPTH} times"),
        "bomb.gz": (gzip.compress(b"\0" * 20_000_000, 1), "as a bomb does"),
        "cut.zip": (zipped({"a.txt": "words"})[:-30], "a ZIP archive or an Office file, and damaged"),
        "locked.zip": (encrypted_member(), "is encrypted"),
        "bomb.zip": (zipped({"a.txt": b"\0" * 20_000_000}), "as a bomb does"),
        "deep.zip": (in_zips(DEPTH + 3), f"lies in more than {DEPTH} files"),
        "cut.tar": (tarred(tarfile.TarInfo("a.txt"))[:300], "cut.tar"),
        "links.tar": (tarred(link, device), "holds no file"),
        "sound.docx": (b"ID3\x04" + bytes(range(256)), "sound.docx"),
        "program.pdf": (b"\x7fELF\x02\x01\x01" + bytes(300), "program.pdf"),
        "picture.xlsx": (b"\x89PNG\r\n\x1a\n" + bytes(300), "a PNG picture"),
        "cut.zst": (b"\x28\xb5\x2f\xfd" + bytes(30), "cut.zst"),
        "sheet.7z": (b"7z\xbc\xaf\x27\x1c" + bytes(300), "a 7z archive"),
    }  # fmt: skip


def test_of_a_hundred_wild_files_each_has_a_named_end_and_the_others_go_on(tmp_path: Path) -> None:
    files = wild()
    made = {name: data for name, (data, _) in files.items()} | dict(damaged())
    assert len(made) > 100
    for name, data in made.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "~last.txt").write_text("the last one")
    paths = [*(tmp_path / name for name in made), tmp_path / "~last.txt"]
    found = list(read_documents(paths))
    of_file: dict[str, list[Document | Unreadable]] = {path.name: [] for path in paths}
    for each in found:
        of_file[Path((each.source or "").partition("!")[0]).name].append(each)
    for name, ends in of_file.items():
        assert ends, f"{name} is lost in silence"
        faults = [each for each in ends if isinstance(each, Unreadable)]
        assert all(name in each.error.message for each in faults)
        assert all(each.error.hint for each in faults if "empty" not in each.error.message), name
        if name in files:
            assert any(files[name][1] in each.error.message for each in faults), (
                name,
                [f.error.message for f in faults],
            )
        for text in (each.text for each in ends if isinstance(each, Document)):
            assert not any(mark in text for mark in ("<w:", "{\\rtf", "PK\x03", "\0", "root:x:", "hahaha"))
    assert isinstance(found[-1], Document)


def test_a_bomb_takes_no_more_memory_than_its_bound(tmp_path: Path) -> None:
    (tmp_path / "bomb.zip").write_bytes(zipped({"a.txt": b"\0" * 20_000_000}))
    tracemalloc.start()
    try:
        list(read_documents(tmp_path / "bomb.zip"))
        assert tracemalloc.get_traced_memory()[1] < 40 * MIB
    finally:
        tracemalloc.stop()


def test_all_that_is_in_a_file_has_one_bound() -> None:
    budget = UnpackBudget("a.zip", bytes_left=10 * MIB)
    assert len(budget.read(io.BytesIO(bytes(8 * MIB)), "a.zip!1", packed_bytes=8 * MIB)) == 8 * MIB
    with pytest.raises(DocumentError, match=r"what a\.zip holds is larger than"):
        budget.read(io.BytesIO(bytes(8 * MIB)), "a.zip!2", packed_bytes=8 * MIB)


def test_the_files_in_a_file_have_a_bound() -> None:
    data = zipped({"a.txt": "1", "b.txt": "2", "c.txt": "3"})
    budget = UnpackBudget("a.zip", members_left=2)
    with pytest.raises(DocumentError, match=r"a\.zip holds more than"):
        list(members(data, KINDS["zip"], source="a.zip", budget=budget, left_out=Counter()))
    assert budget.members_left == -1


def test_names_that_lead_out_of_an_archive_are_names_and_nothing_is_written(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a.zip").write_bytes(zipped({"../../evil.txt": "one", "/etc/evil.txt": "two", "C:\\evil.txt": "three"}))
    found = [each.id for each in read_documents(inside / "a.zip")]
    assert found == ["a.zip!evil.txt", "a.zip!etc/evil.txt", "a.zip!C:/evil.txt"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.zip", "inside"]


def test_what_is_left_out_of_archives_and_mails_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"a.txt": "A", ".DS_Store": "x", "__MACOSX/a.txt": "x"}))
    link = tarfile.TarInfo("link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    words = tarfile.TarInfo("b.txt")
    words.size = 5
    (tmp_path / "b.tar").write_bytes(tarred(link, words))
    mail = EmailMessage()
    mail["From"] = "a@example.org"
    mail.set_content("<p>Words</p><img src='cid:logo'>", subtype="html")
    mail.add_related(b"GIF89a", "image", "gif", cid="<logo>")
    (tmp_path / "m.eml").write_bytes(mail.as_bytes())
    found = read_documents(tmp_path)
    assert [each.id for each in found] == ["a.zip!a.txt", "b.tar!b.txt", "m"]
    assert found.left_out == {
        "hidden file in an archive": 2,
        "link or device in an archive": 1,
        "picture of a mail's HTML": 1,
    }


def test_a_link_in_a_zip_archive_is_left_out_and_counted(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("notes.txt")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("b.txt", "words")
    read = read_documents(tmp_path / "a.zip")
    assert [each.id for each in read] == ["a.zip!b.txt"]
    assert read.left_out == {"link or device in an archive": 1}
