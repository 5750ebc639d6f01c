"""Tells the kind of a file by its bytes: a PDF that is called .txt is a PDF.

A suffix only decides where the bytes leave a choice: a text may be a page, a table or a mail. Formats that begin with a
signature stand in ``KINDS``; the two containers that many formats share (ZIP, and the OLE files of old Office
versions) are told apart by what lies in them. This module says what a file is; ``converters`` says what can be read.
"""

from __future__ import annotations

import io
import re
import zipfile

from llmx.dataclass import dataclass

HEAD_BYTES = 4096
"""So much of a file is enough to tell its kind, but for what a ZIP or an OLE file holds."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A file format. ``label`` is its name with an article; ``advice`` names the tool that makes text of it.

    A file is of this kind if it begins with one of ``magic``, or, for formats that are text, if it has one of
    ``suffixes`` (lower case, with the point).
    """

    name: str
    label: str
    advice: str = ""
    suffixes: tuple[str, ...] = ()
    magic: tuple[bytes, ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether files of this kind may consist of nothing but text."""
        return not self.magic and self.name not in _OF_BYTES


_OFFICE = "save it as .docx, .xlsx or .pptx with LibreOffice: soffice --headless --convert-to"
_PICTURE = "save it as PNG or JPEG"
_HEIC = "save it as JPEG, for example with heif-convert; iPhones do so by Settings, Camera, Formats, Most Compatible"
_UNPACK = "unpack it first"

TEXT = Kind("text", "plain text", "", (".txt", ".text", ".md", ".markdown", ".rst"))
UNKNOWN = Kind("unknown", "no text and no format that llmx knows", "convert it to text, HTML or PDF first")
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        TEXT,
        UNKNOWN,
        Kind("pdf", "a PDF", "make text of it with pdftotext -layout", (".pdf",), (b"%PDF-",)),
        # formats in a ZIP: its members tell them apart
        Kind("zip", "a ZIP archive or an Office file", _UNPACK, (".zip",), (b"PK\x03\x04", b"PK\x05\x06")),
        Kind("docx", "a Word document", "save it as text or PDF", (".docx", ".docm", ".dotx")),
        Kind("pptx", "a PowerPoint presentation", "save it as text or PDF", (".pptx", ".pptm", ".ppsx")),
        Kind("xlsx", "an Excel workbook", "save its sheets as CSV", (".xlsx", ".xlsm", ".xltx")),
        Kind("xlsb", "a binary Excel workbook", "save it as .xlsx", (".xlsb",)),
        Kind("odt", "an OpenDocument text", "save it as text or PDF", (".odt", ".ott")),
        Kind("ods", "an OpenDocument spreadsheet", "save its sheets as CSV", (".ods",)),
        Kind("odp", "an OpenDocument presentation", "save it as PDF", (".odp",)),
        Kind("epub", "an EPUB book", "convert it with pandoc", (".epub",)),
        # formats in an OLE file: its streams tell them apart
        Kind("ole", "an OLE file of an old Office version", _OFFICE, (), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
        Kind("doc", "a Word document of the format before 2007", f"{_OFFICE} docx", (".doc", ".dot")),
        Kind("xls", "an Excel workbook of the format before 2007", f"{_OFFICE} xlsx", (".xls",)),
        Kind("ppt", "a PowerPoint presentation of the format before 2007", f"{_OFFICE} pptx", (".ppt",)),
        Kind("msg", "an Outlook message", "save it as .eml", (".msg",)),
        Kind("encrypted_office", "an Office file with a password", "save it without the password"),
        # formats that are text
        Kind("html", "an HTML page", "", (".html", ".htm", ".xhtml")),
        Kind("xml", "XML", "", (".xml",)),
        Kind("rtf", "an RTF document", "save it as .docx or text", (".rtf",), (b"{\\rtf",)),
        Kind("mbox", "a mailbox", "save its mails as .eml", (".mbox",)),
        Kind("eml", "a mail", "save its text", (".eml",)),
        Kind("json", "JSON", "", (".json",)),
        Kind("jsonl", "JSON Lines", "", (".jsonl", ".ndjson")),
        Kind("csv", "a CSV table", "", (".csv", ".tsv")),
        # tables
        Kind("parquet", "a Parquet table", "save it as .jsonl or .csv", (".parquet",), (b"PAR1",)),
        Kind("sqlite", "an SQLite database", "save the rows as .jsonl or .csv", (".sqlite", ".sqlite3", ".db"),
             (b"SQLite format 3\0",)),
        # archives and compression
        Kind("gzip", "compressed by gzip", "unpack it first, with gunzip", (".gz", ".tgz"), (b"\x1f\x8b",)),
        Kind("bzip2", "compressed by bzip2", "unpack it first, with bunzip2", (".bz2",),
             tuple(b"BZh%d1AY&SY" % level for level in range(1, 10))),
        Kind("xz", "compressed by xz", "unpack it first, with unxz", (".xz",), (b"\xfd7zXZ\0",)),
        Kind("zstd", "compressed by zstd", "unpack it first, with unzstd", (".zst",), (b"\x28\xb5\x2f\xfd",)),
        Kind("tar", "a tar archive", _UNPACK, (".tar",)),
        Kind("7z", "a 7z archive", f"{_UNPACK}, with 7z", (".7z",), (b"7z\xbc\xaf\x27\x1c",)),
        Kind("rar", "a RAR archive", f"{_UNPACK}, with unrar", (".rar",), (b"Rar!\x1a\x07",)),
        # pictures
        Kind("png", "a PNG picture", _PICTURE, (".png",), (b"\x89PNG\r\n\x1a\n",)),
        Kind("jpeg", "a JPEG picture", _PICTURE, (".jpg", ".jpeg"), (b"\xff\xd8\xff",)),
        Kind("gif", "a GIF picture", _PICTURE, (".gif",), (b"GIF87a", b"GIF89a")),
        Kind("tiff", "a TIFF picture", _PICTURE, (".tif", ".tiff"), (b"II*\0", b"MM\0*")),
        Kind("webp", "a WebP picture", _PICTURE, (".webp",)),
        Kind("bmp", "a BMP picture", _PICTURE, (".bmp",)),
        Kind("heic", "a HEIC picture", _HEIC, (".heic", ".heif")),
    )
}  # fmt: skip
"""Every kind that is told by name, by its name."""

COMPRESSIONS = frozenset({"gzip", "bzip2", "xz", "zstd"})
"""The kinds that hold one file: what is in it takes its place."""
ARCHIVES = frozenset({"zip", "tar", "mbox"})
"""The kinds that hold many files: each is a document of its own."""

_BY_FIRST_BYTE: dict[int, list[tuple[bytes, Kind]]] = {}
for _kind in KINDS.values():
    for _magic in _kind.magic:
        _BY_FIRST_BYTE.setdefault(_magic[0], []).append((_magic, _kind))
# kinds without a signature at their beginning that are no texts all the same
_OF_BYTES = frozenset({
    "unknown", "docx", "pptx", "xlsx", "xlsb", "odt", "ods", "odp", "epub", "doc", "xls", "ppt", "msg",
    "encrypted_office", "tar", "webp", "bmp", "heic",
})  # fmt: skip
_OLE_STREAMS = (
    ("EncryptedPackage", "encrypted_office"), ("WordDocument", "doc"), ("Workbook", "xls"), ("Book", "xls"),
    ("PowerPoint Document", "ppt"), ("__properties_version1.0", "msg"),
)  # fmt: skip
_ZIP_MEMBERS = (("xl/workbook.bin", "xlsb"), ("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx"))
_MIME_TYPES = {
    b"application/epub+zip": "epub", b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods", b"application/vnd.oasis.opendocument.presentation": "odp",
}  # fmt: skip
_SPACE_BYTES, _LINE_BYTES = 256, 1024
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\b")
# A mail whose body is encoded: as text it would be base64 or quoted-printable. One that is plain text stays as it is.
_MAIL = re.compile(rb"(?:From [^\n]+\n)?(?:[A-Za-z][\w-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)+")
_MAILBOX = re.compile(rb"From \S+ [^\n]*\d{4}[^\n]*\n[A-Za-z][\w-]*:")
_ELEMENT = re.compile(rb"(?:\xef\xbb\xbf)?\s*<([A-Za-z_][\w.:-]*)(?:\s[^<>]*)?>")
_PAGE_PARTS = frozenset({
    b"body", b"head", b"div", b"p", b"table", b"span", b"article", b"section", b"main", b"ul", b"ol", b"h1", b"center",
})  # fmt: skip
_MAIL_FIELD = re.compile(rb"^(?:from|received|return-path|date|subject|message-id):", re.IGNORECASE | re.MULTILINE)
_MIME_FIELD = re.compile(
    rb"^(?:content-type:\s*multipart/|content-transfer-encoding:\s*(?:base64|quoted-printable))",
    re.IGNORECASE | re.MULTILINE,
)


def kind_of(data: bytes, suffix: str = "") -> Kind:
    """Return the kind of the file that consists of ``data``, or begins with it, and whose name ends in ``suffix``."""
    if found := signature(data):
        return _inside(found, data)
    claimed = kind_of_suffix(suffix)
    return _text(data, claimed if claimed.is_text else TEXT)


def kind_of_suffix(suffix: str) -> Kind:
    """Return the kind of which files with ``suffix`` usually are; ``TEXT`` where nothing is known of it."""
    if not suffix or suffix in TEXT.suffixes:
        return TEXT
    return next((kind for kind in KINDS.values() if suffix in kind.suffixes), TEXT)


def name_of(data: bytes) -> str:
    """Return what ``data`` seems to be, '' where nobody knows."""
    import puremagic  # noqa: PLC0415 -- 0.08 s, for a message only

    try:
        found = puremagic.magic_string(data[:HEAD_BYTES])
    except (puremagic.PureError, ValueError):
        return ""
    return f"a file of the kind '{found[0].name}'" if found and found[0].name else ""


def signature(data: bytes) -> Kind | None:
    """Return the kind of whose signature stands at the beginning of ``data``, None for what is text or unknown."""
    if not data:
        return None
    for magic, kind in _BY_FIRST_BYTE.get(data[0], ()):
        if data.startswith(magic):
            return kind
    name = _further_on(data)
    return KINDS[name] if name else None


def _further_on(data: bytes) -> str:
    """Return the name of a kind whose signature does not stand at the very beginning, '' for others."""
    if data[4:8] == b"ftyp":
        return "heic" if data[8:12] in {b"heic", b"heix", b"mif1", b"heif"} else ""
    if data[8:12] == b"WEBP" and data[:4] == b"RIFF":
        return "webp"
    if data[6:10] == b"\0\0\0\0" and data[:2] == b"BM":
        return "bmp"
    if data[257:262] == b"ustar":
        return "tar"
    # readers forgive what stands before a PDF, such as the header of a printer
    return "pdf" if b"%PDF-" in data[:1024] and b"startxref" in data[-2048:] else ""


def _inside(kind: Kind, data: bytes) -> Kind:
    if kind.name == "zip":
        return _zip_kind(data)
    if kind.name == "ole":
        streams = (name for stream, name in _OLE_STREAMS if stream.encode("utf-16-le") in data)
        return KINDS[next(streams, "ole")]
    return kind


def _zip_kind(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                return KINDS[_MIME_TYPES.get(archive.read("mimetype").strip(), "zip")]
    except (zipfile.BadZipFile, RuntimeError, ValueError, OSError, EOFError):
        return KINDS["zip"]
    if "[Content_Types].xml" not in names:
        return KINDS["zip"]
    found = (kind for start, kind in _ZIP_MEMBERS if any(name.startswith(start) for name in names))
    return KINDS[next(found, "zip")]


def _text(data: bytes, claimed: Kind) -> Kind:
    """Return which kind of text ``data`` is: what it says itself, else what its name claims."""
    if data[:_SPACE_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        found = _markup(data, claimed)
    elif claimed is TEXT and b":" in data[:_LINE_BYTES].partition(b"\n")[0]:
        found = _mail(data[:HEAD_BYTES])
    else:
        return claimed
    return found if claimed is TEXT or found.name == "html" else claimed


def _markup(data: bytes, claimed: Kind) -> Kind:
    head = data[:HEAD_BYTES]
    if _PAGE.match(head) and claimed.name != "xml":
        return KINDS["html"]
    if _XML.match(head):
        return KINDS["html" if claimed is TEXT and re.search(rb"<html\b", head, re.IGNORECASE) else "xml"]
    if claimed is TEXT and (element := _ELEMENT.match(head)) and data.rstrip().endswith(b"</%s>" % element[1]):
        return KINDS["html" if element[1].lower() in _PAGE_PARTS else "xml"]
    return claimed


def _mail(head: bytes) -> Kind:
    fields = _MAIL.match(head)
    if _MAILBOX.match(head):
        return KINDS["mbox"]
    if fields and _MIME_FIELD.search(fields[0]) and _MAIL_FIELD.search(fields[0]):
        return KINDS["eml"]
    return TEXT
