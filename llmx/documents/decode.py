"""Decodes bytes strictly: a byte that does not fit is an error with its place, never a question mark in the text.

The encoding is the one that the user names, else that of a byte order mark, else the one that the file declares (HTML,
XML), else UTF-8; or UTF-16 where every second byte is NUL, which no other text has. llmx never guesses an encoding,
except to suggest one in the hint of an error.
"""

from __future__ import annotations

import codecs
import re

from llmx.dataclass import dataclass
from llmx.documents.kind import signature
from llmx.errors import DocumentError, UsageError

# UTF-32 first: its little-endian mark begins with UTF-16's
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_XML = re.compile(rb"""\A\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")
_META = re.compile(rb"""<meta\b[^>]*?\bcharset\s*=\s*["']?\s*([A-Za-z0-9._:-]+)""", re.IGNORECASE)
# A label on a page means the superset that browsers take it for (encoding.spec.whatwg.org, "Names and labels")
_LABELS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
    "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs", "tis-620": "cp874", "utf-16-le": "utf-8",
    "utf-16-be": "utf-8", "utf-16": "utf-8",
}  # fmt: skip
_SINGLE_BYTE = re.compile(r"cp(125\d|874|866)|iso8859|koi8|mac-")
_LATIN = frozenset({"cp1252", "cp1250", "cp1254"})  # too much alike to tell from a page
_HEAD_BYTES = 4096  # browsers look for a charset in the first 1,024 bytes; pages in the wild put it later
_SAMPLE_BYTES = 256
_FEWEST_BYTES = 8
_MOSTLY = 0.7
_DATA_URL = re.compile(r"(data:[\w.+/-]*(?:;[\w=.-]+)*;base64,)([A-Za-z0-9+/_-]+)={0,2}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{256,}={0,2}")
_GUESS_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Codec:
    """How to decode a file: Python's name of the encoding, and the bytes of the byte order mark to skip."""

    name: str
    skip: int = 0


def check_encoding(encoding: str | None) -> None:
    """Raise UsageError unless ``encoding`` names a text encoding (or is None)."""
    if encoding is None:
        return
    try:
        "x".encode(encoding)  # Python does not look up the name to encode an empty string
    except (LookupError, UnicodeError):
        hint = "for example utf-8, gb18030, big5, shift_jis, euc-kr, cp1252, cp1251"
        raise UsageError(f"'{encoding}' is not an encoding", hint=hint) from None


def codec_of(head: bytes, *, encoding: str | None = None, page: bool = False) -> Codec:
    """Return how to decode the file that begins with ``head`` (4 kB are enough). Pass ``page=True`` for HTML."""
    chosen = codecs.lookup(encoding).name if encoding else None
    for mark, name in _MARKS:
        if head.startswith(mark) and (chosen is None or name.startswith(_family(chosen))):
            return Codec(name, len(mark))
    if chosen:
        return Codec(_UNMARKED.get(chosen, chosen))
    if b"\0" in head[:_SAMPLE_BYTES] and (wide := _unmarked(head[:_SAMPLE_BYTES])):
        return Codec(wide)
    declared = _XML.search(head[:_HEAD_BYTES]) or (_META.search(head[:_HEAD_BYTES]) if page else None)
    return Codec(declared_codec(declared.group(1).decode("ascii")) if declared else "utf-8")


def _unmarked(sample: bytes) -> str:
    """Return which UTF-16 a text without a byte order mark is in, '' if it is no such text."""
    if len(sample) < _FEWEST_BYTES:
        return ""
    even, odd = sample[::2], sample[1::2]
    if even.count(0) == 0 and odd.count(0) > _MOSTLY * len(odd):
        return "utf-16-le"
    return "utf-16-be" if odd.count(0) == 0 and even.count(0) > _MOSTLY * len(even) else ""


def decode(data: bytes, name: str, *, encoding: str | None = None, page: bool = False) -> str:
    """Return the text of ``data`` with its own line ends, without a byte order mark.

    Raises DocumentError with the file's ``name`` and the place if the bytes are not text in that encoding, if they
    hold a NUL, or if there is nothing but white space.
    """
    if known := _other_kind(data):
        raise DocumentError(f"{name} is not text", hint=known)
    return decode_text(data, name, encoding=encoding, page=page)


def decode_text(data: bytes, name: str, *, encoding: str | None = None, page: bool = False) -> str:
    """Return the same as ``decode``, of bytes of which is known that they are of no other kind."""
    codec = codec_of(data, encoding=encoding, page=page)
    body = data[codec.skip :]
    if encoding is None and _SINGLE_BYTE.match(codec.name) and _is_utf8(body):
        # any bytes fit a single-byte encoding, so a wrong label would go unnoticed; UTF-8 hardly happens by accident
        codec = Codec("utf-8", codec.skip)
    try:
        text = body.decode(codec.name)
    except UnicodeDecodeError as exc:
        raise undecodable(data, exc, name=name, skip=codec.skip) from None
    except LookupError:
        hint = "name the right one with --encoding"
        raise DocumentError(
            f"{name} declares the encoding '{codec.name}', which Python does not know", hint=hint
        ) from None
    check_text(text, name, data)
    return text


def without_payloads(text: str, *, bare: bool = False) -> str:
    """Return ``text`` with what is written into it as base64 (a picture, a font) replaced by its size.

    Nobody reads base64, and a picture of it is longer than the document. In data URLs it is found always, with ``bare``
    wherever there is a long run of it.

    >>> without_payloads("![logo](data:image/png;base64,iVBORw0KGgo=)")
    '![logo](data:image/png;base64,[8 bytes])'
    """
    if ";base64," in text:
        text = _DATA_URL.sub(lambda found: f"{found[1]}[{len(found[2]) * 3 // 4:,} bytes]", text)
    return _BASE64.sub(lambda found: f"[{len(found[0]) * 3 // 4:,} bytes]", text) if bare else text


def check_text(text: str, name: str, data: bytes = b"") -> None:
    """Raise DocumentError if ``text`` is binary, empty, only white space, or has half a surrogate pair."""
    if "\0" in text:
        at = data.find(b"\0") if data else text.index("\0")
        what = f"{name} is not text: it has a NUL {'byte at offset' if data else 'character at'} {at:,}"
        raise DocumentError(
            what, hint=_other_kind(data) or "if it is UTF-16 without a byte order mark: --encoding utf-16-le"
        )
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as exc:
        hint = "it comes from broken UTF-16, or was decoded with surrogateescape"
        raise DocumentError(f"{name} has half a surrogate pair at character {exc.start:,}", hint=hint) from None
    if not text.strip():
        size = f"{len(data):,} bytes" if data else f"{len(text):,} characters"
        raise DocumentError(f"{name} is empty" if not text else f"{name} holds nothing but white space ({size})")


def undecodable(data: bytes, error: UnicodeDecodeError, *, name: str, skip: int = 0) -> DocumentError:
    """Return the error for bytes that do not decode: the file, the offset, the line, the byte, and what to do.

    ``error`` counts from the end of the first ``skip`` bytes of ``data``.
    """
    at = error.start + skip
    line = data.count(b"\n", 0, at) + 1
    return DocumentError(
        f"{name} is not {error.encoding}: byte 0x{data[at]:02X} at offset {at:,} (line {line:,}): {error.reason}",
        hint=_advice(data, at),
    )


def _family(name: str) -> str:
    return name.removesuffix("-sig").removesuffix("-le").removesuffix("-be")


def declared_codec(label: str) -> str:
    """Return Python's name of the encoding that a page declares, or the label itself if Python does not know it."""
    try:
        name = codecs.lookup(label).name
    except (LookupError, UnicodeError):
        return label
    return _LABELS.get(name, name)


def _is_utf8(data: bytes) -> bool:
    """Whether ``data`` is UTF-8 and not only ASCII."""
    try:
        return not data.isascii() and bool(data.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _other_kind(data: bytes) -> str:
    kind = signature(data)
    return f"it is {kind.label}: {kind.advice}" if kind else ""


def _advice(data: bytes, at: int) -> str:
    """Return advice about the byte at ``at``."""
    if known := _other_kind(data):
        return known
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore")) - bad
    if beyond_ascii > 3 * bad:
        return (
            f"the rest of the file is UTF-8, so it is damaged there ({bad:,} such places): repair it or save it again"
        )
    guess = _guess(data, at)
    if guess in _LATIN:
        how, guess = "likely: --encoding cp1252 (Western Europe), cp1250 (Central Europe) or cp1254 (Turkish)", ""
    else:
        how = f"--encoding {guess} would read it" if guess else "name its encoding with --encoding"
    return f"{how}; or convert it to UTF-8 first: iconv -f {guess or 'ENCODING'} -t utf-8"


def _guess(data: bytes, at: int) -> str:
    """Return the likely encoding of the bytes around ``at``, '' if there is none."""
    try:
        from charset_normalizer import from_bytes  # noqa: PLC0415 -- 0.05 s, for a hint only
    except ImportError:
        return ""
    begin = data.rfind(b"\n", 0, at) + 1
    likely = ["gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1252", "cp1250", "cp1251", "koi8_r", "cp1253",
              "cp1254", "cp1255", "cp1256", "utf_16"]  # fmt: skip
    best = from_bytes(data[begin : begin + _GUESS_BYTES], cp_isolation=likely).best()
    return best.encoding.replace("_", "-") if best else ""
