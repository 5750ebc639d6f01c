"""Every place of a PDF's text has its page and its boxes, and the words inside the boxes are those of the place."""

from __future__ import annotations

import pickle
import re
import tracemalloc
from collections.abc import Iterator

import pypdfium2
import pytest

from llmx.documents import Pages
from llmx.documents.converters import LAYOUTS, ConvertOptions
from llmx.documents.converters.pdf import convert
from llmx.documents.pages import Box, PagesBuilder
from llmx.span import Span
from tests.documents.made_pdf import SAMPLES, Put, pdf, text_pdf


def read(data: bytes, layout: str = "text") -> tuple[str, Pages]:
    found = convert(data, "a.pdf", ConvertOptions(layout=layout))
    assert found.pages is not None
    return found.text, found.pages


def letters_of(data: bytes) -> list[list[tuple[float, float, str]]]:
    """The middle of each letter of each page and the letter, read by other means than the converter's."""
    pages = []
    with pypdfium2.PdfDocument(data) as document:
        for shown in document:
            height, letters = shown.get_height(), shown.get_textpage()
            boxes = [letters.get_charbox(index, loose=True) for index in range(letters.count_chars())]
            middles = [((left + right) / 2, height - (bottom + top) / 2) for left, bottom, right, top in boxes]
            pages.append([(x, y, letters.get_text_range(index, 1)) for index, (x, y) in enumerate(middles)])
    return pages


def inside(letters: list[tuple[float, float, str]], box: Box) -> str:
    found = [letter for x, y, letter in letters if box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1]
    return re.sub(r"\W", "", "".join(found))


def spans(text: str) -> Iterator[Span]:
    """Single words, several, and parts of words."""
    words = [match.span() for match in re.finditer(r"\S+", text)]
    for number, (start, end) in enumerate(words):
        if number % 7 == 0:
            yield Span(start, end)
        elif number % 7 == 3 and number + 3 < len(words):
            yield Span(start, words[number + 3][1])
        elif number % 7 == 5 and end - start > 3:
            yield Span(start + 1, end - 1)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["invoice", "columns"])
def test_the_words_inside_the_boxes_of_a_place_are_the_place(name: str, layout: str) -> None:
    data = (SAMPLES / f"{name}.pdf").read_bytes()
    text, pages = read(data, layout)
    letters = letters_of(data)
    some = list(spans(text))[:24]
    assert len(some) == 24
    for span in some:
        seen = "".join(inside(letters[place.page - 1], place.box) for place in pages.places(span))
        assert seen == re.sub(r"\W", "", span.of(text)), span.of(text)


def test_a_place_over_several_lines_has_a_box_for_each() -> None:
    text, pages = read(text_pdf("The heron signed\nthe lease of the dyke\non 3 June 2020."))
    start = text.index("signed")
    places = pages.places(Span(start, text.index("June")))
    assert [place.page for place in places] == [1, 1, 1]
    assert [round(place.box.y1 - place.box.y0) for place in places] == [10, 10, 10]
    assert places[0].box.x0 > places[1].box.x1 - 60
    assert places[0].box.y1 <= places[1].box.y0 + 1


def test_a_place_over_two_pages_has_boxes_on_both() -> None:
    text, pages = read(text_pdf("ends here", "begins there"))
    assert [place.page for place in pages.places(Span(text.index("here"), text.index("there")))] == [1, 2]


def test_a_point_is_counted_from_the_top_left_corner_of_the_page_as_it_is_shown() -> None:
    for rotate, corner in ((0, (72, 142)), (90, (700, 72)), (180, (523, 700)), (270, (142, 523))):
        text, pages = read(pdf([Put(72, 700, "heron")], rotate=rotate))
        start = text.index("heron")
        box = pages.places(Span(start, start + 5))[0].box
        edges = (box.x0, box.x1), (box.y0, box.y1)
        for near, (low, high) in zip(corner, edges, strict=True):
            assert low - 4 <= near <= high + 4, (rotate, box)


def test_the_page_is_cropped_and_its_corner_is_not_zero() -> None:
    _, pages = read(pdf([Put(172, 800, "heron")], box="100 100 595 842"))
    box = pages.places(Span(0, 5))[0].box
    assert pages.pages[0].width == 495
    assert 71 < box.x0 < 74
    assert 30 < box.y0 < 43


def test_the_page_of_an_offset_is_that_on_which_it_stands() -> None:
    text, pages = read(text_pdf("one", "two", "three"))
    assert [pages.at(text.index(word)).number for word in ("one", "two", "three")] == [1, 2, 3]
    assert [text[page.start : page.end].strip() for page in pages] == ["one", "two", "three"]


def test_places_survive_the_way_to_another_process() -> None:
    text, pages = read(text_pdf("The heron signed"))
    span = Span(text.index("eron"), text.index("signed") + 3)
    assert pickle.loads(pickle.dumps(pages)).places(span) == pages.places(span)


def test_three_hundred_pages_take_a_few_megabytes() -> None:
    builder = PagesBuilder()
    tracemalloc.start()
    for page in range(300):
        for word in range(100):  # a tenth of what a page holds
            builder.add_word("heron ", (word, 0, word + 1, 10), index=word)
        builder.end_page(page + 1, 595, 842)
    text, pages = builder.text, builder.pages("")
    del builder
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert size < 2_000_000
    last = Span(len(text) - 8, len(text) - 2)
    assert pages.places(last)[0].page == 300
