"""Pages that are only pictures are read by OCR where it is installed, and named where it is not."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from llmx.documents import read_documents
from llmx.documents.converters import ConvertOptions, ocr, ocr_rapid, ocr_tesseract, picture
from llmx.documents.converters.ocr import ENGINES
from llmx.documents.converters.ocr_word import SeenWord
from llmx.documents.converters.pdf import convert
from llmx.documents.converters.pdf_picture import png
from llmx.errors import DocumentError, UsageError
from llmx.span import Span
from tests.documents.made_pdf import SAMPLES, text_pdf

SCAN = SAMPLES / "scan.pdf"  # the first page of invoice.pdf as a picture, and a page with nothing but a white square
needs_each = pytest.mark.parametrize(
    "engine",
    [
        pytest.param(name, marks=pytest.mark.skipif(not each.is_installed(), reason=f"{name} is not installed"))
        for name, each in ENGINES.items()
    ],
)


@pytest.mark.skipif(not ocr_rapid.is_installed(), reason='needs the extra: pip install "llmx-extract[ocr]"')
def test_a_scanned_page_is_read_with_boxes_and_confidence_and_a_blank_one_gives_nothing() -> None:
    found = convert(SCAN.read_bytes(), "scan.pdf", ConvertOptions(ocr_engine="rapidocr", ocr_languages="en"))
    assert "2024-0117" in found.text
    assert "Larch cladding\t120\t8.25\t990.00" in found.text.splitlines()
    assert [issue.code for issue in found.issues] == ["ocr"]
    assert found.pages is not None
    assert not found.text[found.pages.pages[1].start :].strip()
    start = found.text.index("2,335.00")
    (place,) = found.pages.places(Span(start, start + 8))
    assert place.page == 1
    assert 480 < place.box.x0 < place.box.x1 < 545
    assert 0.5 < found.pages.confidence(Span(start, start + 8)) < 1


@pytest.mark.skipif(not ocr_tesseract.is_installed(), reason="tesseract is not installed")
def test_a_picture_on_its_side_or_on_its_head_is_turned_before_it_is_read() -> None:
    image = Image.new("RGB", (640, 200), "white")
    drawing, font = ImageDraw.Draw(image), ImageFont.load_default(26)
    for number, line in enumerate(("Acme Trading Limited", "Total amount due 22.40 EUR", "payable until Monday")):
        drawing.text((40, 30 + 50 * number), line, fill="black", font=font)
    for quarters, (wide, high) in ((2, (1, 0)), (3, (0, 1))):
        out = io.BytesIO()
        image.rotate(90 * quarters, expand=True).save(out, "PNG")
        found = picture.convert(out.getvalue(), "a.png", ConvertOptions(ocr_engine="tesseract"))
        assert [line for line in found.text.splitlines() if line] == [
            "Acme Trading Limited", "Total amount due 22.40 EUR", "payable until Monday",
        ]  # fmt: skip
        assert found.pages is not None
        (place,) = found.pages.places(Span(0, len("Acme Trading Limited")))
        sides = place.box.x1 - place.box.x0, place.box.y1 - place.box.y0
        assert sides[0] * wide + sides[1] * high > 5 * (sides[0] * high + sides[1] * wide)


@needs_each
def test_a_blank_picture_has_no_words(engine: str) -> None:
    assert ENGINES[engine].words(png(b"\xff" * (3 * 300 * 200), 300, 200), languages=(), limit_s=20) == []


def test_without_ocr_a_scanned_file_has_pages_and_no_text_and_says_what_helps() -> None:
    found = convert(SCAN.read_bytes(), "scan.pdf", ConvertOptions(ocr="never"))
    assert found.text == ""
    assert found.pages is not None
    assert [page.picture for page in found.pages] == [True, True]
    assert [each.code for each in found.issues] == ["unread_pages"]
    assert "--images" in found.issues[0].message


TABLE = (
    "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
    "1\t1\t0\t0\t0\t0\t0\t0\t900\t200\t-1\t\n"
    "5\t1\t1\t1\t1\t1\t40\t50\t90\t30\t96\t|Invoice\n"
    "5\t1\t1\t1\t1\t2\t150\t50\t10\t30\t40.0\t|\n"
    '5\t1\t1\t1\t1\t3\t170\t50\t60\t30\t88.0\t"17"\n'
)


def test_the_table_of_tesseract_becomes_words_without_the_rules_that_it_takes_for_letters() -> None:
    assert ocr_tesseract.seen_words(TABLE) == [
        SeenWord(40, 50, 130, 80, "Invoice", 0.96),
        SeenWord(170, 50, 230, 80, '"17"', 0.88),
    ]


def _program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    """Put a program called tesseract, which only ``does`` that, where programs are found."""
    (tmp_path / "tesseract").write_text(f"#!/bin/sh\n{does}\n")
    (tmp_path / "tesseract").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    ocr_tesseract.forget()


def test_a_program_that_hangs_is_ended_and_the_page_fails_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path, monkeypatch, "exec sleep 60")
    with pytest.raises(DocumentError, match="tesseract takes longer than 0 s for a page"):
        ocr_tesseract.words(b"", languages=("eng",), limit_s=0.1)


def test_a_program_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, monkeypatch, "echo 'Error in pixReadStream: Unknown format' >&2; exit 1")
    with pytest.raises(DocumentError, match="tesseract fails: Error in pixReadStream: Unknown format"):
        ocr_tesseract.words(b"", languages=("eng",), limit_s=20)


def test_a_language_without_its_pack_is_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path, monkeypatch, "printf 'List of available languages (2):\\neng\\nosd\\n'")
    with pytest.raises(UsageError, match=r"no language pack 'heb' for 'he': install it .*tesseract-ocr-heb"):
        read_documents(SCAN, ocr_engine="tesseract", ocr_languages="en,he")
    ocr_tesseract.forget()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ocr_engine": "reader"}, "--ocr-engine: 'reader' is none of auto, rapidocr, tesseract"),
        ({"ocr": "never", "ocr_languages": "de"}, "--ocr-languages has no effect with --ocr never"),
    ],
)
def test_what_has_no_effect_or_is_no_engine_is_refused(options: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_documents(SCAN, **options)


@pytest.mark.skipif(ocr.chosen(ConvertOptions()) is not None, reason="OCR is installed")
def test_ocr_that_must_be_and_is_not_installed_is_a_failure_with_a_name() -> None:
    with pytest.raises(DocumentError, match="OCR is not installed"):
        convert(text_pdf("words"), "a.pdf", ConvertOptions(ocr="always"))


def test_a_page_with_a_text_layer_is_not_read_by_ocr() -> None:
    assert convert(text_pdf("words"), "a.pdf", ConvertOptions()).issues == ()


def test_a_choice_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="none of auto, never, always"):
        read_documents(SCAN, ocr="sometimes")
