"""The layouts of a PDF's text: rows of tables between bars, each cell in its column, or the page as it stands."""

from __future__ import annotations

import pytest

from llmx.documents import Document, read_documents
from llmx.documents.converters import LAYOUTS, ConvertOptions
from llmx.documents.converters.pdf import convert
from llmx.documents.pages import Pages
from llmx.errors import UsageError
from tests.documents.made_pdf import SAMPLES, Put, pdf, text_pdf


def lines(data: bytes, layout: str) -> list[str]:
    return convert(data, "a.pdf", ConvertOptions(layout=layout)).text.rstrip().split("\n")


def table(*rows: str, top: float = 700, places: tuple[int, ...] = (72, 250, 400)) -> list[Put]:
    """Put the cells of each row, parted by bars, at these places; an empty one leaves nothing."""
    return [
        Put(place, top - 20 * number, cell.strip())
        for number, row in enumerate(rows)
        for place, cell in zip(places, row.split("|"), strict=False)
        if cell.strip()
    ]


def test_an_empty_cell_keeps_its_place_in_markdown() -> None:
    made = pdf(table("Item | Quantity | Price", "Bolt | 12 | 1.20", "Nut | | 0.30", "Screw | 7 |"))
    assert lines(made, "markdown") == [
        "| Item | Quantity | Price |", "| Bolt | 12 | 1.20 |", "| Nut |  | 0.30 |", "| Screw | 7 |  |",
    ]  # fmt: skip
    assert "Nut\t0.30" in lines(made, "text")


def test_a_cell_over_several_columns_is_followed_by_empty_ones() -> None:
    head = [Put(250, 720, "Prices of the years in millions")]
    made = pdf([Put(72, 720, "Region"), *head, *table("Oslo | 12 | 13", "Rome | 14 | 15", places=(72, 250, 380))])
    assert lines(made, "markdown")[0] == "| Region | Prices of the years in millions |  |"


def frame(left_right: tuple[float, float], top: float, bottom: float) -> bytes:
    x0, x1 = left_right
    return b"%f %f %f %f re S\n" % (x0, bottom, x1 - x0, top - bottom)


def test_what_stands_in_one_frame_is_one_cell_however_near_the_next_one_is() -> None:
    frames = [frame(sides, top, top - 34) for top in (714, 680, 646) for sides in ((70, 190), (190, 230), (230, 300))]
    words = [
        Put(72, 700, "Item"), Put(192, 700, "Pieces"), Put(232, 700, "Price"), Put(72, 668, "Bolt of steel that is"),
        Put(72, 655, "zinc plated for ships"), Put(192, 668, "12"), Put(72, 634, "A nut that is of use with"),
        Put(72, 621, "every bolt"), Put(232, 634, "0.30"),
    ]  # fmt: skip
    assert lines(pdf(words, extra=b"".join(frames)), "markdown") == [
        "| Item | Pieces | Price |", "| Bolt of steel that is zinc plated for ships | 12 |  |",
        "| A nut that is of use with every bolt |  | 0.30 |",
    ]  # fmt: skip


def test_rows_between_rules_that_only_go_down_are_rows_by_their_heights() -> None:
    rows = table("Item | Colour | Price", "Bolt | red | 1.20", "Nut | blue | 0.30", "Screw | grey | 0.40")
    frames = [frame(each, 714, 696) + frame(each, 696, 630) for each in ((70, 240), (240, 390), (390, 500))]
    assert lines(pdf(rows, extra=b"".join(frames)), "markdown") == [
        "| Item | Colour | Price |", "| Bolt | red | 1.20 |", "| Nut | blue | 0.30 |", "| Screw | grey | 0.40 |",
    ]  # fmt: skip


def test_ruled_tables_side_by_side_are_read_one_after_the_other() -> None:
    left = table("Item | Price", "Bolt | 1.20", "Nut | 0.30", places=(72, 160))
    right = table("Work | Hours", "Lathe | 7", "Press | 8", places=(302, 400))
    edges = ((70, 150), (150, 230), (300, 390), (390, 470))
    frames = [frame(sides, top, top - 20) for top in (714, 694, 674) for sides in edges]
    assert lines(pdf([*left, *right], extra=b"".join(frames)), "markdown") == [
        "| Item | Price |", "| Bolt | 1.20 |", "| Nut | 0.30 |", "",
        "| Work | Hours |", "| Lathe | 7 |", "| Press | 8 |",
    ]  # fmt: skip


def test_figures_at_the_right_of_a_column_stand_under_its_words_at_the_left() -> None:
    head = [Put(72, 720, "Region"), Put(200, 720, "Revenue of the whole year"), Put(400, 720, "Staff")]
    rows = table("Oslo | | | 7", "Rome | | 12 | 8", "Bari | none | | 9", places=(72, 200, 310, 400))
    assert lines(pdf([*head, *rows]), "markdown") == [
        "| Region | Revenue of the whole year | Staff |", "| Oslo |  | 7 |", "| Rome | 12 | 8 |", "| Bari | none | 9 |",
    ]  # fmt: skip


def test_a_label_and_its_value_are_a_row_of_two_cells() -> None:
    made = pdf(table("Invoice No. | 2024-17", "Due | 14 May 2024"))
    assert lines(made, "markdown") == ["| Invoice No. | 2024-17 |", "| Due | 14 May 2024 |"]


def test_a_heading_is_known_by_its_height() -> None:
    words = [Put(72, 640 - 14 * n, "The goods are delivered within a week of the order.") for n in range(4)]
    made = pdf([Put(72, 740, "Terms of delivery", size=24), Put(72, 690, "Delays", size=16), *words])
    assert [line for line in lines(made, "markdown") if line.startswith("#")] == ["# Terms of delivery", "## Delays"]


def test_the_plain_layout_has_words_where_they_stand() -> None:
    made = pdf(table("Item | Quantity | Price", "Bolt | | 1.20"))
    above, below = [line for line in lines(made, "plain") if line]
    assert abs(above.index("Price") - below.index("1.20")) <= 1
    assert above.startswith("Item  ")


def test_the_plain_layout_joins_nothing() -> None:
    made = pdf(table("Earth excavation | 150 | 3", "by machine | |", "Levelling | 20 | 4"))
    assert [line.split() for line in lines(made, "plain") if line] == [
        ["Earth", "excavation", "150", "3"], ["by", "machine"], ["Levelling", "20", "4"],
    ]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_each_layout_has_all_the_words_in_their_places(layout: str, rotate: int) -> None:
    made = pdf([*table("Item | Price | Tax", "Bolt | 12 | 3"), Put(40, 300, "Margin", up=True)], rotate=rotate)
    found = convert(made, "a.pdf", ConvertOptions(layout=layout))
    assert isinstance(found.pages, Pages)
    assert sorted(found.text.replace("|", " ").split()) == sorted(["Item", "Price", "Tax", "Bolt", "12", "3", "Margin"])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_words_that_are_drawn_letter_by_letter_are_words(layout: str) -> None:
    text = convert((SAMPLES / "letters.pdf").read_bytes(), "a.pdf", ConvertOptions(layout=layout)).text
    for words in ("Rosa Calder", "4 May 1971", "rosa@example.org", "Date of birth"):
        assert words in text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_arabic_words_are_in_reading_order_letter_by_letter(layout: str) -> None:
    text = convert((SAMPLES / "arabic.pdf").read_bytes(), "a.pdf", ConvertOptions(layout=layout)).text
    for word in ("فاتورة", "ضريبية", "تاريخ", "والرقم", "للعميل", "شركة", "صامولة", "14/03/2031", "INV-77"):
        assert word in text.split() or f"{word}:" in text.split()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_page_without_words_among_others_is_no_fault(layout: str) -> None:
    made = text_pdf("first", "", "third")
    assert convert(made, "a.pdf", ConvertOptions(layout=layout)).text.split() == ["first", "third"]


def test_the_layout_is_that_of_all_pdfs_that_are_read_and_no_other_is_known() -> None:
    (document,) = read_documents(SAMPLES / "invoice.pdf", layout="markdown")
    assert isinstance(document, Document)
    assert "| " in document.text
    with pytest.raises(UsageError, match="grid"):
        read_documents(SAMPLES / "invoice.pdf", layout="grid")
