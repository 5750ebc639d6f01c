"""Small PDF files made from words at places, so that a test says what stands where."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"  # made by Chromium's printer; encrypted.pdf is `text_pdf` with a password


@dataclass(frozen=True)
class Put:
    """A text whose first letter begins at x, y: points from the page's lower left corner, as PDF counts them."""

    x: float
    y: float
    text: str
    size: float = 11
    up: bool = False  # whether it reads from below upwards


def pdf(*pages: Sequence[Put], rotate: int = 0, box: str = "0 0 595 842", font: str = "", extra: bytes = b"") -> bytes:
    """Return a PDF with those texts in Helvetica; ``extra`` is drawn on every page, ``font`` goes into the font."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        f"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding {font}>>".encode(),
    ]
    for number, puts in enumerate(pages):
        stream = zlib.compress(b"\n".join([_drawn(puts), extra]))
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Rotate {rotate} /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode(),
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream),
        ]
    return _file(objects)


def with_annotations(page: bytes, *annotations: str, form: str = "") -> bytes:
    """Return a PDF of one upright page with those annotations on it; ``form`` says what its /AcroForm does."""
    drawn = " ".join(f"<< /Type /Annot {each} >>" for each in annotations)
    catalog = f"/Type /Catalog /AcroForm << {form} >>" if form else "/Type /Catalog"
    return page.replace(b"/Rotate 0", f"/Annots [{drawn}]".encode()).replace(b"/Type /Catalog", catalog.encode())


def _drawn(puts: Sequence[Put]) -> bytes:
    lines = []
    for put in puts:
        text = put.text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        turn = b"0 1 -1 0" if put.up else b"1 0 0 1"
        lines.append(b"BT /F1 %f Tf %s %f %f Tm (%s) Tj ET" % (put.size, turn, put.x, put.y, text))
    return b"\n".join(lines)


def _file(objects: Sequence[bytes]) -> bytes:
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer


def text_pdf(*pages: str, **how: object) -> bytes:
    """Return a PDF whose pages hold these lines, one below the other."""
    return pdf(*([Put(72, 770 - 14 * n, line) for n, line in enumerate(page.split("\n"))] for page in pages), **how)  # type: ignore[arg-type]


def bomb(depth: int = 12, times: int = 10) -> bytes:
    """Return a PDF of a few kilobytes whose page draws a text ``times ** depth`` times, by forms that hold forms."""
    head = "/Type /XObject /Subtype /Form /BBox [0 0 600 900]"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /XObject << /X 6 0 R >> >> >>",
        "<< /Length 5 >>\nstream\n/X Do\nendstream",
    ]
    for number in range(6, 6 + depth):
        drawn = " ".join(["/X Do"] * times)
        inner = f"/Resources << /XObject << /X {number + 1} 0 R >> >>"
        objects.append(f"<< {head} {inner} /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    text = "BT /F1 11 Tf 72 700 Td (heron) Tj ET"
    objects.append(
        f"<< {head} /Resources << /Font << /F1 3 0 R >> >> /Length {len(text)} >>\nstream\n{text}\nendstream"
    )
    return _file([each.encode() for each in objects])
