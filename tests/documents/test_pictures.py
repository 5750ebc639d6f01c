"""Photos and scans are documents with pages; what is damaged or made to do harm is a failure with a name."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from llmx.documents import Document, Unreadable, read_documents
from llmx.documents.converters import ConvertOptions, ocr
from llmx.documents.converters.picture import convert
from llmx.documents.converters.picture_file import MOST_PIXELS, PictureSource, PixelBudget, lighter
from llmx.documents.converters.slant import Slant, slant_of, straightened
from llmx.errors import DocumentError
from llmx.span import Span

LINES = ("Kranich Timber GmbH", "Invoice 2024-0117", "Larch cladding 990.00", "Total 2,335.00")
NO_OCR = ConvertOptions(ocr="never")
needs_ocr = pytest.mark.skipif(ocr.chosen(ConvertOptions()) is None, reason="no engine is installed")


def drawn(lines: tuple[str, ...] = LINES, size: tuple[int, int] = (900, 600)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(40)
    for number, line in enumerate(lines):
        pen.text((80, 60 + 100 * number), line, "black", font=font)
    return image


def saved(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "WEBP", "BMP"])
def test_a_picture_of_each_format_is_a_page_whose_picture_can_be_looked_at(form: str) -> None:
    (got,) = read_documents(saved(drawn(), form), ocr="never")
    assert isinstance(got, Document)
    assert got.text == ""
    assert [each.code for each in got.issues] == ["unread_pages"]
    assert got.pages is not None
    (page,) = got.pages
    assert (page.number, round(page.width), round(page.height), page.picture) == (1, 842, 561, True)
    with Image.open(io.BytesIO(got.pages.picture(1, 300))) as shown:
        assert (shown.format, shown.size) == ("JPEG", (300, 200))


def test_a_tiff_has_a_page_for_each_of_its_pictures_in_the_size_that_its_scanner_noted() -> None:
    pages = [drawn(("one",), (850, 1100)), drawn(("two",), (1100, 850)), drawn(("three",), (850, 1100))]
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:], dpi=(100, 100))
    found = convert(data, "fax.tif", NO_OCR)
    assert found.pages is not None
    assert [(p.number, p.width, p.height) for p in found.pages] == [(1, 612, 792), (2, 792, 612), (3, 612, 792)]
    some = convert(data, "fax.tif", ConvertOptions(ocr="never", pages="2-last")).pages
    assert some is not None
    assert [page.number for page in some] == [2, 3]
    with pytest.raises(DocumentError, match="has no page 9: its last one is 3"):
        convert(data, "fax.tif", ConvertOptions(ocr="never", pages="9"))


def _held_sideways(image: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it to the right to look at it
    return saved(image.rotate(90, expand=True), "JPEG", exif=exif, quality=95)


def test_a_photo_is_shown_as_the_camera_was_held() -> None:
    found = convert(_held_sideways(drawn()), "photo.jpg", NO_OCR).pages
    assert found is not None
    (page,) = found
    assert page.width > page.height
    with Image.open(io.BytesIO(found.picture(1, 900))) as shown:
        assert shown.size == (900, 600)
        assert not shown.getexif()


@needs_ocr
def test_the_words_of_a_photo_have_boxes_where_they_are_shown_and_a_confidence() -> None:
    found = convert(_held_sideways(drawn()), "photo.jpg", ConvertOptions())
    assert [line for line in found.text.splitlines() if line] == list(LINES)
    assert [each.code for each in found.issues] == ["ocr"]
    assert found.pages is not None
    start = found.text.index("2,335.00")
    (place,) = found.pages.places(Span(start, start + 8))
    scale = 842 / 900
    assert 150 * scale < place.box.x0 < 220 * scale
    assert 355 * scale < place.box.y0 < place.box.y1 < 420 * scale
    assert 0.5 < found.pages.confidence(Span(start, start + 8)) < 1


@needs_ocr
def test_a_picture_that_hangs_is_read_straight_and_its_boxes_hang() -> None:
    hanging = drawn().rotate(-3, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    found = convert(saved(hanging), "scan.png", ConvertOptions())
    assert [line for line in found.text.splitlines() if line] == list(LINES)
    assert found.pages is not None
    first, last = found.text.index("Kranich"), found.text.index("GmbH")
    (one,), (other,) = found.pages.places(Span(first, first + 7)), found.pages.places(Span(last, last + 4))
    assert other.box.y0 > one.box.y0 + 5


@needs_ocr
def test_a_blank_picture_is_an_empty_document_that_says_that_it_was_read() -> None:
    found = convert(saved(Image.new("RGB", (800, 600), "white")), "blank.png", ConvertOptions())
    assert found.text == ""
    assert [(each.code, "finds no words" in each.message) for each in found.issues] == [("ocr", True)]


@pytest.mark.parametrize("degrees", [-4.5, -1.0, 2.0, 6.25])
def test_the_slant_of_a_text_is_found_and_its_boxes_come_back(degrees: float) -> None:
    hanging = drawn().rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    level, turned = straightened(hanging)
    assert turned == pytest.approx(degrees, abs=0.3)
    x0, y0, x1, y1 = Slant(turned, *map(float, hanging.size), *map(float, level.size)).place((300, 100, 301, 101))
    there = (level.width - hanging.width) / 2, (level.height - hanging.height) / 2
    assert abs((x0 + x1) / 2 - (300 - there[0])) < 60
    assert abs((y0 + y1) / 2 - (100 - there[1])) < 60


def test_a_level_text_and_a_picture_without_one_stay_as_they_are() -> None:
    assert slant_of(drawn()) == 0.0
    assert slant_of(Image.new("RGB", (300, 200), "white")) == 0.0


def _png_header(width: int, height: int) -> bytes:
    head = struct.pack(">II5B", width, height, 8, 2, 0, 0, 0)
    blank = saved(Image.new("RGB", (1, 1)))
    return blank[:16] + head[:13] + struct.pack(">I", zlib.crc32(b"IHDR" + head)) + blank[33:]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (saved(Image.new("1", (9000, MOST_PIXELS // 9000 + 1))), "a picture of 9,000 by 8,889 pixels, which is too l"),
        (_png_header(60_000, 60_000), "PNG picture that is too large to be read|which is too large to be read"),
        (_png_header(800, 600), "is a PNG picture, and damaged"),
        (saved(drawn())[:2000], "is a PNG picture, and damaged: .*truncated"),
        (saved(drawn(), "JPEG")[:3000], "is a JPEG picture, and damaged: .*truncated"),
        (saved(drawn(), "TIFF")[:500], "is a TIFF picture, and damaged"),
        (saved(drawn(), "WEBP")[:500], "is a WebP picture, and damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "is a PNG picture, and damaged"),
        (b"\xff\xd8\xff" + b"\xff\xda" * 101, "draws itself more than 100 times"),
        (b"\0\0\0\x18ftypheic" + bytes(60), "is a HEIC picture, which llmx does not read"),
    ],
    ids=["large", "header", "header lies", "png", "jpeg", "tiff", "webp", "no png", "scans", "heic"],
)
def test_a_picture_that_is_damaged_or_made_to_do_harm_is_a_failure_with_a_name(data: bytes, message: str) -> None:
    (got,) = read_documents(data, ocr="never")
    assert isinstance(got, Unreadable)
    with pytest.raises(DocumentError, match=message):
        raise got.error


def test_pages_that_grow_as_those_of_a_bomb_do_are_refused_and_a_fax_of_many_pages_is_not() -> None:
    page, sheet = Image.new("L", (9000, 8000)), Image.new("1", (1728, 2200))
    bomb, fax = PixelBudget("bomb.tif", 5_000), PixelBudget("fax.tif", 500 * 30_000)
    for _ in range(500):
        fax.count(sheet)
    for _ in range(3):
        bomb.count(page)
    with pytest.raises(DocumentError, match=r"bomb\.tif is not read: its pages grow to more than 1,000 times its size"):
        bomb.count(page)


def test_the_picture_of_a_file_that_is_gone_bad_is_none() -> None:
    assert PictureSource(b"\x89PNG\r\n\x1a\n", "a.png", "png").picture(1, 100) == b""


def test_a_scan_that_is_large_as_png_is_sent_as_jpeg_and_a_drawing_as_it_is() -> None:
    noisy, plain = saved(Image.effect_noise((600, 400), 80).convert("RGB")), saved(Image.new("RGB", (60, 40)))
    assert lighter(noisy).startswith(b"\xff\xd8")
    assert len(lighter(noisy)) < len(noisy) / 2
    assert lighter(plain) == plain


def test_deep_and_transparent_pictures_are_seen_as_on_paper() -> None:
    deep = Image.new("I;16", (40, 40), 1000)
    deep.paste(60_000, (0, 0, 20, 40))
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    for image in (deep, clear):
        with Image.open(io.BytesIO(PictureSource(saved(image), "a.png", "png").picture(1, 40))) as shown:
            assert min(shown.getpixel((5, 20))) > 240  # type: ignore[arg-type]
