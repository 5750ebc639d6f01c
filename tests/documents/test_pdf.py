"""A PDF becomes its text in reading order, with rows of tables on one line; what cannot be read has a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmx.documents import Document, Unreadable, read_documents
from llmx.documents.converters import Converted, ConvertOptions
from llmx.documents.converters.pdf import convert
from llmx.errors import DocumentError
from llmx.span import Span
from tests.documents.made_pdf import SAMPLES, Put, pdf, text_pdf, with_annotations


def text_of(data: bytes, **options: str) -> str:
    return converted(data, **options).text.strip()


def converted(data: bytes, **options: str) -> Converted:
    return convert(data, "a.pdf", ConvertOptions(**options))  # type: ignore[arg-type]


def test_columns_are_read_one_after_the_other() -> None:
    text = " ".join(text_of((SAMPLES / "columns.pdf").read_bytes()).split())
    assert "in the old alders and not, as had been supposed, in the reeds along the outer bank of the canal." in text
    assert text.index("outer bank of the canal") < text.index("eleven weeks") < text.index("second colony")


def test_the_rows_of_a_table_are_lines_and_a_wrapped_cell_stays_whole() -> None:
    lines = text_of((SAMPLES / "invoice.pdf").read_bytes()).splitlines()
    assert "Item\tQuantity\tUnit price\tAmount" in lines
    assert "Oak beams, planed on four sides, two metres\t40\t31.50\t1,260.00" in lines
    assert "Due\t13 April 2024" in lines


def test_a_table_that_is_drawn_column_by_column_has_its_rows() -> None:
    names, sums = ("Wages", "Rent", "Power", "Water"), ("1,200", "800", "95", "60")
    columns = [Put(72, 700 - 14 * n, name) for n, name in enumerate(names)]
    columns += [Put(300, 700 - 14 * n, each) for n, each in enumerate(sums)]
    assert text_of(pdf(columns)) == "\n".join(f"{a}\t{b}" for a, b in zip(names, sums, strict=True))


def test_a_heading_above_the_first_row_of_a_table_is_not_drawn_into_it() -> None:
    rows = [
        Put(72, 700, "Fixed assets"), Put(72, 686, "Land and buildings of the company"), Put(400, 686, "100.00"),
        Put(72, 672, "Machines"), Put(400, 672, "70.00"),
    ]  # fmt: skip
    assert text_of(pdf(rows)) == "Fixed assets\nLand and buildings of the company\t100.00\nMachines\t70.00"


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_turned_page_is_read_as_it_is_shown(rotate: int) -> None:
    found = converted(text_pdf("The heron signed\non 3 June 2020.", rotate=rotate))
    pages = found.pages
    assert pages is not None
    page = pages.pages[0]
    assert (page.width, page.height) == ((842, 595) if rotate % 180 else (595, 842))
    assert [line.split() for line in found.text.strip().splitlines()] == [
        ["The", "heron", "signed"],
        ["on", "3", "June", "2020."],
    ]


def test_text_that_is_turned_on_the_page_keeps_its_words_together() -> None:
    words = [Put(72, 700, "The invoice of the heron"), Put(30, 200, "Printed in Hamburg by night", up=True)]
    assert text_of(pdf(words)) == "The invoice of the heron\nPrinted in Hamburg by night"


def test_a_word_divided_at_the_end_of_a_line_is_whole_in_running_text_and_keeps_its_hyphen_in_a_table() -> None:
    lines = [
        "the grey heron stands in the shal-",
        "lows before the dawn and it waits",
        "until the count is over and done",
    ]
    assert "in the shallows before" in text_of(text_pdf("\n".join(lines)))
    row = [Put(72, 700, "levelling by hand-"), Put(72, 686, "operated tools"), Put(300, 693, "60.00")]
    assert text_of(pdf(row)) == "levelling by hand-operated tools\t60.00"


def test_ligatures_are_letters_and_the_signs_of_a_symbol_font_are_bullets() -> None:
    differences = "/Differences [65 /fi 66 /uniF0B7]"
    found = text_of(text_pdf("A eld B rst", font=f"/Encoding << /Type /Encoding {differences} >> "))
    assert found.startswith("fi eld")


def test_what_stands_beside_the_page_is_not_in_the_text() -> None:
    assert text_of(pdf([Put(72, 700, "seen"), Put(-900, 700, "hidden"), Put(72, 4000, "above")])) == "seen"


def test_forms_are_read_as_they_are_filled_in() -> None:
    # a text field whose appearance is drawn by an annotation, as every form is
    page = text_pdf("Name:")
    stream = b"BT /F1 11 Tf 2 2 Td (Ada Heron) Tj ET"
    widget = b"/Annots [<< /Type /Annot /Subtype /Widget /FT /Tx /T (n) /V (Ada Heron) /F 4 /Rect [140 765 300 785] /AP << /N 6 0 R >> >>]"
    form = (
        b"6 0 obj\n<< /Type /XObject /Subtype /Form /BBox [0 0 160 20] /Resources << /Font << /F1 3 0 R >> >> /Length %d >>\nstream\n%s\nendstream\nendobj\n"
        % (len(stream), stream)
    )
    data = page.replace(b"/Rotate 0", widget).replace(b"xref\n", form + b"xref\n", 1)  # pdfium mends the table
    assert text_of(data) == "Name:\tAda Heron"


def test_a_field_that_the_file_has_not_drawn_has_its_value_in_the_text_and_in_its_box() -> None:
    field = "/Subtype /Widget /FT /Tx /T (n) /V (Ada Heron) /DA (/Helv 11 Tf 0 g) /Rect [140 765 300 785]"
    form = "/NeedAppearances true /DA (/Helv 0 Tf 0 g) /DR << /Font << /Helv 3 0 R >> >> /Fields []"
    found = convert(with_annotations(text_pdf("Name:"), field, form=form), "form.pdf", ConvertOptions())
    assert found.text.strip() == "Name:\tAda Heron"
    assert found.pages is not None
    (placed,) = found.pages.places(Span(6, 9))  # Ada
    assert 140 < placed.box.x0 < placed.box.x1 < 170
    assert 842 - 785 < placed.box.y0 < placed.box.y1 < 842 - 765


def test_ticks_that_are_drawn_with_lines_stand_before_what_they_tick() -> None:
    button = "/Subtype /Widget /FT /Btn /T ({}) /AS /{} /V /{} /AP << /N << /On 6 0 R /Off 7 0 R >> >> /Rect [{}]"
    boxes = [(72, 700, "a", "On"), (130, 700, "b", "Off")]
    ticks = [button.format(name, state, state, f"{x} {y} {x + 10} {y + 10}") for x, y, name, state in boxes]
    page = pdf([Put(72, 760, "Status"), Put(85, 701, "single"), Put(143, 701, "married")])
    form = b"".join(
        b"%d 0 obj\n<< /Type /XObject /Subtype /Form /BBox [0 0 10 10] /Length %d >>\nstream\n%s\nendstream\nendobj\n"
        % (number, len(drawn), drawn)
        for number, drawn in ((6, b"0 0 m 10 10 l S"), (7, b"0 0 10 10 re S"))
    )
    data = with_annotations(page, *ticks, form="/Fields []").replace(b"xref\n", form + b"xref\n", 1)
    assert text_of(data).splitlines() == ["Status", "", "☒ single\t☐ married"]


def test_comments_of_readers_stand_below_the_page_and_hidden_ones_do_not() -> None:
    note = "/Subtype /Text /Contents ({}) /Rect [200 700 220 720]"
    notes = note.format("Paid on 3 June"), note.format("unseen") + " /F 2"
    found = convert(with_annotations(text_pdf("Invoice 7"), *notes), "noted.pdf", ConvertOptions())
    assert found.text.split("\n")[:2] == ["Invoice 7", "[Note] Paid on 3 June"]


def test_letters_beyond_sixteen_bits_are_letters() -> None:
    font = "/ToUnicode 6 0 R "
    cmap = b"1 begincodespacerange <00> <FF> endcodespacerange 2 beginbfchar <41> <D835DF07> <42> <D83DDE00> endbfchar"
    stream = b"6 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(cmap), cmap)
    data = text_pdf("86 AJy B end", font=font).replace(b"xref\n", stream + b"xref\n", 1)
    assert text_of(data) == "86 μJy \U0001f600 end"


def test_a_form_that_is_drawn_first_has_what_is_filled_in_beside_its_labels() -> None:
    terms = [Put(72, 600 - 14 * n, f"the terms of the heron hold for line {n} of all the orders") for n in range(4)]
    labels = [Put(72, 700, "Number:"), Put(72, 500, "Total:")]
    values = [Put(300, 500, "12.50"), Put(300, 700, "A-7"), Put(72, 800, "INVOICE")]
    lines = [line for line in text_of(pdf([*labels, *terms, *values])).splitlines() if line]
    assert lines[:2] == ["INVOICE", "Number:\tA-7"]
    assert lines[-1] == "Total:\t12.50"


def test_a_column_that_is_drawn_after_another_stays_there_and_the_number_of_the_page_is_last() -> None:
    left = [Put(60, 700 - 14 * n, f"left the grey heron stands still {n}") for n in range(4)]
    right = [Put(320, 700 - 14 * n, f"right the white heron flies far {n}") for n in range(4)]
    found = text_of(pdf([Put(285, 40, "7"), *left, Put(320, 730, "Another part"), *right]))
    assert [line.split()[0] for line in found.splitlines() if line] == [*["left"] * 4, "Another", *["right"] * 4, "7"]


def test_pages_are_chosen_by_number() -> None:
    data = text_pdf("one", "two", "three", "four")
    found = converted(data, pages="2,last")
    assert found.text.split() == ["two", "four"]
    assert found.pages is not None
    assert [page.number for page in found.pages] == [2, 4]
    with pytest.raises(DocumentError, match="no page 9: its last one is 4"):
        converted(data, pages="9")


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (b"%PDF-1.7\n", {}, "damaged PDF"),
        (text_pdf("a heron")[:300], {}, "damaged PDF"),
        ((SAMPLES / "encrypted.pdf").read_bytes(), {}, "encrypted and needs a password"),
        ((SAMPLES / "encrypted.pdf").read_bytes(), {"password": "no"}, "the password given does not open it"),
        (pdf([]), {}, "empty: its page is blank"),
        (pdf([], [], []), {}, "empty: all 3 pages are blank"),
    ],
    ids=["cut off", "truncated", "no password", "wrong password", "blank", "blank pages"],
)
def test_a_file_without_text_to_read_is_a_failure_with_a_name(
    data: bytes, options: dict[str, str], message: str
) -> None:
    with pytest.raises(DocumentError, match=message):
        converted(data, **options)


def test_the_password_opens_an_encrypted_file() -> None:
    assert text_of((SAMPLES / "encrypted.pdf").read_bytes(), password="reiher") == "The heron signed on 3 June 2020."


def test_a_page_without_a_text_layer_among_others_is_an_issue() -> None:
    scanned = pdf([Put(72, 700, "one")], [], extra=b"10 10 200 200 re f")
    assert [(issue.code, issue.message) for issue in converted(scanned, ocr="never").issues] == [
        ("unread_pages", "page 2 is a picture, which only OCR or a model that sees (--images) can read")
    ]


def test_fonts_that_do_not_say_their_letters_are_an_issue() -> None:
    garbled = text_pdf(
        "abcd efgh ijkl",
        font="/Encoding << /Type /Encoding /Differences [97 /g1 /g2 /g3 /g4 /g5 /g6 /g7 /g8 /g9 /g10 /g11 /g12] >> ",
    )
    assert [issue.code for issue in converted(garbled).issues] == ["garbled_text"]


def test_a_pdf_is_a_pdf_whatever_its_name_and_the_others_of_a_folder_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(text_pdf("The heron signed."))
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7 and nothing")
    (tmp_path / "c.txt").write_bytes(text_pdf("Another one."))
    first, second, third = read_documents(tmp_path)
    assert isinstance(first, Document)
    assert first.text.strip() == "The heron signed."
    assert isinstance(second, Unreadable)
    assert isinstance(third, Document)
    assert third.pages is not None
