"""Pages that are only pictures are read by OCR where it is installed, and named where it is not."""

from __future__ import annotations

import pytest

from llmx.documents import read_documents
from llmx.documents.converters import ConvertOptions, ocr
from llmx.documents.converters.pdf import convert
from llmx.documents.converters.pdf_picture import png
from llmx.errors import DocumentError, UsageError
from llmx.span import Span
from tests.documents.made_pdf import SAMPLES, text_pdf

SCAN = SAMPLES / "scan.pdf"  # the first page of invoice.pdf as a picture, and a page with nothing but a white square
needs_ocr = pytest.mark.skipif(not ocr.is_installed(), reason='needs the extra: pip install "llmx-extract[ocr]"')


@needs_ocr
def test_a_scanned_page_is_read_with_boxes_and_confidence_and_a_blank_one_gives_nothing() -> None:
    found = convert(SCAN.read_bytes(), "scan.pdf", ConvertOptions())
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


@needs_ocr
def test_a_blank_picture_has_no_words() -> None:
    assert ocr.picture_words(png(b"\xff" * (3 * 300 * 200), 300, 200)) == []


def test_without_ocr_a_scanned_file_fails_and_says_what_helps() -> None:
    with pytest.raises(DocumentError, match=r"scan\.pdf has no text: pages 1-2 are only a picture") as caught:
        convert(SCAN.read_bytes(), "scan.pdf", ConvertOptions(ocr="never"))
    assert "--ocr auto" in caught.value.hint


@pytest.mark.skipif(ocr.is_installed(), reason="OCR is installed")
def test_ocr_that_must_be_and_is_not_installed_is_a_failure_with_a_name() -> None:
    with pytest.raises(DocumentError, match="OCR is not installed"):
        convert(text_pdf("words"), "a.pdf", ConvertOptions(ocr="always"))


def test_a_page_with_a_text_layer_is_not_read_by_ocr() -> None:
    assert convert(text_pdf("words"), "a.pdf", ConvertOptions()).issues == ()


def test_a_choice_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="none of auto, never, always"):
        read_documents(SCAN, ocr="sometimes")
