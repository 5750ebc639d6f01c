"""A page is blank if its picture shows nothing but paper, whatever the paper's colour and the scanner's noise."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw, ImageFont

from llmx.documents.blank import _rows_by_pillow, _rows_of_png, is_blank
from llmx.documents.converters.pdf_picture import png


def small(image: Image.Image, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.resize((212, 300), Image.Resampling.BOX).save(out, form)
    return out.getvalue()


def paper(colour: str = "white") -> Image.Image:
    return Image.new("RGB", (1654, 2339), colour)


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_paper_of_any_colour_with_noise_specks_and_dark_edges_is_blank(form: str) -> None:
    scan = Image.blend(paper("#e8e2d0"), Image.effect_noise((1654, 2339), 40).convert("RGB"), 0.1)
    pen = ImageDraw.Draw(scan)
    pen.point([(400, 900), (1200, 300)], "black")
    pen.rectangle((0, 0, 30, 2339), fill="black")
    assert is_blank(small(paper(), form))
    assert is_blank(small(scan, form))


@pytest.mark.parametrize(
    ("words", "ink"), [("paid by hand, 4 May", "#333366"), ("3", "black"), ("seen, ok", "#b0b0b0")]
)
def test_one_line_of_writing_a_page_number_and_pencil_are_not_blank(words: str, ink: str) -> None:
    page = paper("#f4f1e6")
    ImageDraw.Draw(page).text((300, 500), words, ink, font=ImageFont.load_default(36))
    assert not is_blank(small(page))


def test_a_picture_that_pdfium_drew_is_read_without_pillow_as_with_it() -> None:
    file = png(bytes(range(240)) + b"\xff" * 60, 10, 10)
    grey = png(bytes(value for value in range(100) for _ in range(3)), 10, 10)
    assert len(_rows_of_png(file)) == 10
    assert _rows_of_png(grey) == _rows_by_pillow(grey)
