"""Office files, books, mails and XML become the text that their reader sees; tables keep their rows and cells.

The files in ``files`` were written by LibreOffice 7.4, but for talk.pptx, which python-pptx wrote. What they cannot hold
(tracked changes, numbered headings …) is written out here.
"""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from llmx.documents import Document, Unreadable, read_documents
from llmx.documents.converters.lines import SheetRow, SheetTitle, located_text
from llmx.documents.converters.xlsx_formats import CellFormats
from tests.documents.ole_file import ole_file

FILES = Path(__file__).parent / "files"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="'
    'http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="{}"/></Relationships>'
)
TABLE = "| Pos | Artikel | Menge | Preis |\n| 1 | Schraube | M8 | 10 | 1,20 € |\n| 2 | Mutter |  | 0,80 € |\n"


def text_of(path: Path) -> str:
    (document,) = read_documents(path)
    assert isinstance(document, Document), document.error
    return document.text


def package(**parts: str) -> bytes:
    """Return a ZIP with ``parts`` by their names."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": "<Types/>", **parts}.items():
            archive.writestr(name, content)
    return held.getvalue()


def word(body: str, **parts: str) -> bytes:
    document = f"<w:document {W}><w:body>{body}</w:body></w:document>"
    return package(**{"_rels/.rels": RELS.format("word/document.xml"), "word/document.xml": document, **parts})


def read(tmp_path: Path, name: str, data: bytes) -> list[Document | Unreadable]:
    (tmp_path / name).write_bytes(data)
    return list(read_documents(tmp_path / name))


def read_text(tmp_path: Path, name: str, data: bytes) -> str:
    document = read(tmp_path, name, data)[0]
    assert isinstance(document, Document), document.error
    return document.text


@pytest.mark.parametrize("name", ["invoice.docx", "invoice.odt"])
def test_a_text_has_its_header_lists_table_with_merged_cells_and_footer(name: str) -> None:
    lines = text_of(FILES / name)
    assert lines == (
        "ACME GmbH – Rechnung RE-2026-0417\n\nRechnung\n\nKunde: Müller & Söhne KG\nBitte zahlen Sie bis 30. April 2026.\n"
        f"- erstens\n- zweitens\n\n{TABLE}| Summe |  |  | 2,00 € |\n\nNach der Tabelle.\n\nIBAN DE89 3704 0044 0532 0130 00\n"
    )


def test_an_rtf_has_its_table_and_its_letters() -> None:
    text = text_of(FILES / "invoice.rtf")
    assert text.startswith(
        "ACME GmbH – Rechnung RE-2026-0417\nIBAN DE89 3704 0044 0532 0130 00\nRechnung\nKunde: Müller & Söhne KG"
    )
    assert TABLE in text
    assert "•\terstens" in text


def test_an_rtf_of_another_code_page_and_what_is_hidden_or_a_stand_in(tmp_path: Path) -> None:
    parts = (
        rb"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0\fcharset204 Arial;}{\f1\fcharset161 Arial;}}\f0 \'cf\'f0\'e8 {\f1\'e1}",
        rb"{\v secret}{\*\unknown gone}\uc1\u8364?\u-10179?\u-8704? {\pict 89504e47}{\field{\*\fldinst HYPERLINK x}",
        rb"{\fldrslt shown}}\par Ende\bin3 \{x}",
    )
    data = b"".join(parts)
    assert read_text(tmp_path, "a.rtf", data) == "При α€😀 shown\nEnde\n"


def test_a_book_has_its_title_and_chapters() -> None:
    text = text_of(FILES / "invoice.epub")
    assert "Kunde: Müller & Söhne KG" in text
    assert "2\tMutter\t\t0,80 €" in text


def test_a_workbook_tells_its_sheets_apart_and_says_what_its_cells_mean() -> None:
    assert text_of(FILES / "sales.xlsx") == (
        "[Sheet: Umsatz]\n| Kunde | Datum | Betrag | Quote | Aktiv |\n| ACME | 2026-03-04 | 1234.50 € | 12.5% | TRUE |\n"
        "| Globex | 2026-03-05 14:30 | 99.00 € | 50% | FALSE |\n| Summe |  | 1333.5 |  |  |\n| Bemerkung: geprüft |  |  |  |  |\n"
        "\n[Sheet: Versteckt (hidden)]\n| geheim |\n"
    )
    assert "| Globex | 2026-03-05 14:30:00 | 99.00 € | 50% | FALSE |" in text_of(FILES / "sales.ods")


@pytest.mark.parametrize("name", ["sales.xlsx", "sales.ods", "sales.xls"])
def test_each_word_of_a_workbook_knows_its_cell(name: str) -> None:
    (document,) = read_documents(FILES / name)
    assert isinstance(document, Document)
    assert document.cells is not None
    for words, cell in (("Kunde", "A1"), ("Globex", "A3"), ("2026-03-05", "B3"), ("1333.5", "C5"), ("geprüft", "A7")):
        assert document.cells.at(document.text.index(words)) == f"Umsatz!{cell}"
    assert document.cells.at(document.text.index("geheim")) == "Versteckt!A1"
    assert document.cells.at(0) == ""


def test_the_name_of_a_sheet_with_blanks_is_quoted_as_in_excel() -> None:
    lines: list[str | SheetTitle | SheetRow] = [
        SheetTitle("Bob's sheet", "[Sheet: Bob's sheet]"),
        SheetRow(7, [2, 28], ["a\u00ad b", "c"]),
    ]
    text, cells = located_text(lines, "x")
    assert text == "[Sheet: Bob's sheet]\n| a b | c |\n"
    assert [cells.at(text.index(letter, 21)) for letter in "abc"] == [
        "'Bob''s sheet'!B7",
        "'Bob''s sheet'!B7",
        "'Bob''s sheet'!AB7",
    ]


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        ("46085.5", "DD.MM.YYYY hh:mm", "2026-03-04 12:00"),
        ("46085", "[$-407]d/m/yy;@", "2026-03-04"),
        ("0.5", "h:mm AM/PM", "12:00"),
        ("1.5", "[h]:mm:ss", "36:00:00"),
        ("0.12345", "0%", "12.345%"),
        ("1234.5", '#,##0.00 "€"', "1234.50 €"),
        ("1234.5", '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\)', "$1234.50"),
        ("-7", "[$CHF] #,##0", "CHF -7"),
        ("7", '#,##0" kg"', "7"),
        ("1234", "00000", "01234"),
        ("0.30000000000000004", "General", "0.3"),
        ("1e21", "General", "1000000000000000000000"),
        ("12", "@", "12"),
        ("1e400", "0.00", "1e+400"),
    ],
)
def test_a_number_is_shown_with_what_its_format_means(value: str, code: str, shown: str) -> None:
    assert CellFormats(None).formatted(value, code) == shown


def test_days_that_count_from_1904_are_not_four_years_off() -> None:
    assert CellFormats(None, since_1904=True).formatted("44623", "yyyy-mm-dd") == "2026-03-04"


@pytest.mark.parametrize("name", ["talk.pptx", "talk.odp"])
def test_a_presentation_tells_its_slides_and_notes_apart(name: str) -> None:
    text = text_of(FILES / name)
    assert text.replace("- ", "").replace("\n\n|", "\n|") == (
        "[Slide 1]\nQuartal 3\nUmsatz 4,2 Mio. €\nMarge 12 %\n[Notes]\nNicht vorlesen\n\n"
        "[Slide 2]\nTabelle\n| Region | Umsatz |\n| Nord | 1.234 |\n"
    )


def test_deleted_and_hidden_words_stay_out_and_inserted_ones_are_read(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:t>The fee is </w:t></w:r><w:del><w:r><w:delText>100</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>200</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>300</w:t></w:r>"
        "<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t> EUR</w:t><w:tab/><w:t>net</w:t></w:r></w:p>"
    )
    assert read_text(tmp_path, "a.docx", word(body)) == "The fee is 200 EUR\tnet\n"


def test_numbers_of_headings_and_lists_stand_in_the_text(tmp_path: Path) -> None:
    def paragraph(words: str, level: int) -> str:
        place = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="5"/></w:numPr>'
        return f"<w:p><w:pPr>{place}</w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>"

    def level(number: int, form: str, text: str) -> str:
        return f'<w:lvl w:ilvl="{number}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'

    levels = level(0, "decimal", "%1.") + level(1, "decimal", "%1.%2") + level(2, "lowerLetter", "(%3)")
    numbering = (
        f'<w:numbering {W}><w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
        '<w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )
    body = "".join(
        paragraph(*each) for each in (("Term", 0), ("Start", 1), ("End", 1), ("fee", 2), ("Law", 0), ("Court", 1))
    )
    text = read_text(tmp_path, "a.docx", word(body, **{"word/numbering.xml": numbering}))
    assert text.split("\n") == ["1. Term", "1.1 Start", "1.2 End", "(a) fee", "2. Law", "2.1 Court", ""]


C = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'


def test_a_chart_is_a_table_of_its_figures_and_a_box_of_a_form_is_ticked_or_not(tmp_path: Path) -> None:
    def points(*values: str, code: str = "General") -> str:
        held = "".join(f'<c:pt idx="{n}"><c:v>{value}</c:v></c:pt>' for n, value in enumerate(values))
        return f"<c:numRef><c:numCache><c:formatCode>{code}</c:formatCode>{held}</c:numCache></c:numRef>"

    series = "".join(
        f"<c:ser><c:tx><c:v>{name}</c:v></c:tx><c:cat>{points('2023', '2024')}</c:cat><c:val>{values}</c:val></c:ser>"
        for name, values in (("Sales", points("4.3", "5.1")), ("Share", points("0.12", "0.5", code="0%")))
    )
    title = '<c:title><a:t xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">Growth</a:t></c:title>'
    chart = f"<c:chartSpace {C}><c:chart>{title}<c:plotArea>{series}</c:plotArea></c:chart></c:chartSpace>"
    r = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    boxes = "".join(f'<w:r><w:checkBox><w:checked w:val="{n}"/></w:checkBox><w:t> {n}</w:t></w:r>' for n in (1, 0))
    body = f'<w:p>{boxes}</w:p><w:p><w:r><c:chart {C} {r} r:id="r1"/></w:r></w:p>'
    rels = RELS.format("charts/chart1.xml").replace("officeDocument", "chart")
    data = word(body, **{"word/_rels/document.xml.rels": rels, "word/charts/chart1.xml": chart})
    assert read_text(tmp_path, "a.docx", data).splitlines() == [
        "☒ 1☐ 0",
        "[Chart: Growth]",
        "|  | Sales | Share |",
        "| 2023 | 4.3 | 12% |",
        "| 2024 | 5.1 | 50% |",
    ]


ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"'
    for name, urn in (*((each, each) for each in ("office", "text", "table", "style")), ("draw", "drawing"))
)


def opendocument(body: str, styles: str = "", **parts: str) -> bytes:
    held = f"<office:document-content {ODF} xmlns:xlink='http://www.w3.org/1999/xlink'>{{}}</office:document-content>"
    content = held.format(f"<office:body>{body}</office:body>")
    return package(
        mimetype="application/vnd.oasis.opendocument.text",
        **{"content.xml": content, "styles.xml": held.format(styles), **parts},
    )


def test_an_opendocument_text_has_the_numbers_of_its_headings_and_lists_and_its_embedded_tables(tmp_path: Path) -> None:
    level = '<text:{0}-level-style{3} text:level="{1}" text:display-levels="{1}" style:num-format="1" style:num-suffix="{2}"/>'
    outline = "".join(level.format("outline", n, "", "") for n in (1, 2))
    numbered = level.format("list", 1, ".", "-number")
    styles = (
        f"<text:outline-style>{outline}</text:outline-style>"
        f'<text:list-style style:name="L1">{numbered}</text:list-style>'
    )
    headings = "".join(
        f'<text:h text:outline-level="{n}">{words}</text:h>'
        for n, words in ((1, "Term"), (2, "Start"), (2, "End"), (1, "Law"))
    )
    items = "".join(f"<text:list-item><text:p>{words}</text:p></text:list-item>" for words in ("fee", "tax"))
    shown = '<text:p><draw:frame><draw:object xlink:href="./Object 1"/></draw:frame></text:p>'
    inner = (
        f"<office:document-content {ODF}><office:body><table:table><table:table-row><table:table-cell><text:p>Bolt</text:p>"
        '</table:table-cell><table:table-cell table:number-columns-repeated="900"/></table:table-row></table:table>'
        "</office:body></office:document-content>"
    )
    body = f'<office:text>{headings}<text:list text:style-name="L1">{items}</text:list>{shown}</office:text>'
    text = read_text(tmp_path, "a.odt", opendocument(body, styles, **{"Object 1/content.xml": inner}))
    lines = [line for line in text.splitlines() if line]
    assert lines[:6] == ["1 Term", "1.1 Start", "1.2 End", "2 Law", "1. fee", "2. tax"]
    assert lines[6:] == ["| Bolt |  |"]  # what is empty to the end of the sheet is none of the table


def test_footnotes_comments_and_text_boxes_are_read_once(tmp_path: Path) -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    body = (
        '<w:p><w:r><w:t>Text</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><mc:AlternateContent '
        f"{mc}><mc:Choice><x>{box}</x></mc:Choice><mc:Fallback><x>{box}</x></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    note = f'<w:footnotes {W}><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote><w:footnote w:id="2"><w:p><w:r><w:t>below</w:t></w:r></w:p></w:footnote></w:footnotes>'
    said = f'<w:comments {W}><w:comment w:author="Jane"><w:p><w:r><w:t>why?</w:t></w:r></w:p></w:comment></w:comments>'
    text = read_text(tmp_path, "a.docx", word(body, **{"word/footnotes.xml": note, "word/comments.xml": said}))
    assert text == "Text[2]\nboxed\n[Footnote 2] below\n[Comment by Jane] why?\n"


def test_a_file_in_the_names_of_the_iso_standard_is_read_too(tmp_path: Path) -> None:
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    document = f'<w:document xmlns:w="{strict}"><w:body><w:p><w:r><w:t>strict</w:t></w:r></w:p></w:body></w:document>'
    data = package(**{"_rels/.rels": RELS.format("word/document2.xml"), "word/document2.xml": document})
    assert read_text(tmp_path, "a.docx", data) == "strict\n"


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Jörg <j@example.org>", "a@example.org", "Rückruf – Angebot"
    message["Date"] = "Sun, 12 May 2024 23:30:00 -0500"
    message.set_content("Hallo,\nsiehe Anhang: 5 €")
    message.add_alternative('<p>Hallo, <b>siehe</b> Anhang</p><img src="cid:logo">', subtype="html")
    return message


def test_a_mail_has_its_headers_and_plain_text_and_its_attachments_are_documents(tmp_path: Path) -> None:
    message, inner = mail(), EmailMessage()
    message.add_attachment(
        (FILES / "invoice.docx").read_bytes(), maintype="application", subtype="pdf", filename="Rechnung ä.pdf"
    )
    message.add_attachment(b"id,text\nr1,row\n", maintype="text", subtype="csv", filename="rows.csv")
    inner["Subject"], inner["From"] = "older", "b@example.org"
    inner.set_content("older words")
    message.add_attachment(inner)
    first, docx, row, older = read(tmp_path, "m.eml", message.as_bytes())
    assert isinstance(first, Document)
    assert first.text == (
        "From: Jörg <j@example.org>\nTo: a@example.org\nDate: Sun, 12 May 2024 23:30:00 -0500\nSubject: Rückruf – Angebot\n\n"
        "Hallo,\nsiehe Anhang: 5 €\n\nAttachments: Rechnung ä.pdf, rows.csv, older.eml\n"
    )
    assert (str(first.date), first.date_source) == ("2024-05-12", "the header Date")
    assert [each.id for each in (first, docx, row, older)] == ["m", "m.eml!Rechnung ä.pdf", "r1", "m.eml!older.eml"]
    assert isinstance(docx, Document)
    assert "Müller & Söhne" in docx.text
    assert isinstance(older, Document)
    assert "older words" in older.text
    assert older.source == f"{tmp_path / 'm.eml'}!older.eml"


def test_attachments_of_one_name_are_told_apart_by_a_number(tmp_path: Path) -> None:
    message = mail()
    for name in ("a.txt", "a.txt", "a (2).txt", "a.txt", "b", "b"):
        message.add_attachment(b"words", maintype="text", subtype="plain", filename=name)
    ids = [each.id.partition("!")[2] for each in read(tmp_path, "m.eml", message.as_bytes())[1:]]
    assert ids == ["a.txt", "a (2).txt", "a (2) (2).txt", "a (3).txt", "b", "b (2)"]


def test_a_mail_that_is_called_txt_is_a_mail_where_its_body_is_encoded_and_else_a_text(tmp_path: Path) -> None:
    assert "5 €" in read_text(tmp_path, "m.txt", mail().as_bytes())
    plain = "From: a@example.org\nSubject: hello\n\nWords.\n"
    assert read_text(tmp_path, "p.txt", plain.encode()) == plain


def test_a_mailbox_is_its_mails(tmp_path: Path) -> None:
    plain = b"From: a@example.org\nSubject: one\n\nFirst words\n>From here on\n"
    box = b"".join(
        b"From a@example.org Sun May 12 10:00:00 2024\n" + each + b"\n" for each in (plain, mail().as_bytes())
    )
    for name in ("box.mbox", "box.txt"):
        first, second = read(tmp_path, name, box)
        assert isinstance(first, Document)
        assert isinstance(second, Document)
        assert (first.id, first.text) == (
            f"{name}!1.eml",
            "From: a@example.org\nSubject: one\n\nFirst words\nFrom here on\n",
        )
        assert "Hallo,\nsiehe Anhang: 5 €" in second.text


def test_a_mail_in_html_alone_is_its_words(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"] = "a@example.org"
    message.set_content("<table><tr><td>Net</td><td>5 €</td></tr></table><p>Thanks</p>", subtype="html")
    assert read_text(tmp_path, "m.eml", message.as_bytes()) == "From: a@example.org\n\nNet\t5 €\nThanks\n"


def test_an_outlook_message_has_its_headers_text_and_attachments(tmp_path: Path) -> None:
    def texts(**values: str) -> dict[str, bytes]:
        return {f"__substg1.0_{key[1:]}001F": value.encode("utf-16-le") for key, value in values.items()}

    sent = (
        (dt.datetime(2024, 5, 12, 9, 30, tzinfo=dt.UTC) - dt.datetime(1601, 1, 1, tzinfo=dt.UTC))
        // dt.timedelta(microseconds=1)
        * 10
    )
    inner = {**texts(p0037="older", p1000="older words"), "__properties_version1.0": bytes(24)}
    data = ole_file({
        "__properties_version1.0": bytes(32) + struct.pack("<IIq", 0x00390040, 6, sent),
        **texts(p0037="Rückruf", p1000="Hallo,\r\n5 €", p0C1A="Jörg", p5D01="j@example.org", p0E04="Anne"),
        "__attach_version1.0_#00000000": {**texts(p3707="a.txt"), "__substg1.0_37010102": b"attached words".ljust(4096)},
        "__attach_version1.0_#00000001": {"__substg1.0_3701000D": inner},
    })  # fmt: skip
    message, *rest = read(tmp_path, "m.msg", data)
    assert isinstance(message, Document), message.error
    assert message.text == (
        "From: Jörg <j@example.org>\nTo: Anne\nDate: 2024-05-12 09:30 UTC\nSubject: Rückruf\n\nHallo,\n5 €\n\n"
        "[Attached message]\nFrom:\nSubject: older\n\nolder words\n\nAttachments: a.txt\n"
    )
    assert (str(message.date), [each.id for each in rest]) == ("2024-05-12", ["m.msg!a.txt"])


def test_an_old_workbook_has_its_sheets_and_dates() -> None:
    text = text_of(FILES / "sales.xls")
    assert (
        "[Sheet: Umsatz]\n| Kunde | Datum | Betrag | Quote | Aktiv |\n| ACME | 2026-03-04 | 1234.5 | 0.125 | TRUE |"
        in text
    )
    assert "[Sheet: Versteckt (hidden)]\n| geheim |" in text


def test_xml_is_a_line_an_element_and_a_file_in_it_is_a_document(tmp_path: Path) -> None:
    inside = "QUJD" * 100
    data = (
        '<?xml version="1.0" encoding="iso-8859-1"?><i:Invoice xmlns:i="urn:x"><i:ID>R-7</i:ID><Note>see <b>page</b> 2 é</Note>'
        f'<Sum currency="EUR">119.00</Sum><Party><Name>ACME &amp; Co</Name></Party><Doc filename="a.txt">{inside}</Doc></i:Invoice>'
    )
    document, attached = read(tmp_path, "i.xml", data.encode("iso-8859-1"))
    assert isinstance(document, Document)
    assert document.text.split("\n") == [
        "Invoice", "  ID: R-7", "  Note: see page 2 é", "  Sum (currency: EUR): 119.00", "  Party", "    Name: ACME & Co",
        "  Doc (filename: a.txt): [file a.txt]", "",
    ]  # fmt: skip
    assert isinstance(attached, Document)
    assert (attached.id, attached.text) == ("i.xml!a.txt", "ABC" * 100)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<order id='7'>\n<sum>5 €</sum></order>\n", "order (id: 7)\n  sum: 5 €\n"),
        ("<div><p>Words of a page, and more of them.</p></div>", "Words of a page, and more of them."),
        ("<DOC>\nAT&T signs < 5 deals\n</DOC>", "<DOC>\nAT&T signs < 5 deals\n</DOC>"),
        ("<b>bold</b> words of a text", "<b>bold</b> words of a text"),
        ("<5 years and >3 years", "<5 years and >3 years"),
    ],
    ids=["xml", "part of a page", "a text between tags", "a text with a tag", "a text with signs"],
)
def test_markup_without_a_declaration_is_told_by_its_element(tmp_path: Path, markup: str, text: str) -> None:
    assert read_text(tmp_path, "a.txt", markup.encode()).strip() == text.strip()


def test_what_is_written_into_a_text_as_base64_is_replaced_by_its_size(tmp_path: Path) -> None:
    payload = "iVBORw0KGgo" * 40
    markdown = (
        f"# Title\n\n![logo](data:image/png;base64,{payload}==)\n\n[i]: <data:font/woff;charset=utf-8;base64,{payload}>"
    )
    shown = read_text(tmp_path, "a.md", markdown.encode())
    assert (
        shown
        == "# Title\n\n![logo](data:image/png;base64,[330 bytes])\n\n[i]: <data:font/woff;charset=utf-8;base64,[330 bytes]>"
    )
    assert (
        read_text(tmp_path, "a.json", f'{{"name": "x", "png": "{payload}"}}'.encode())
        == '{"name": "x", "png": "[330 bytes]"}'
    )
