"""Planted tables for the tests of grounding: documents made by drawing, where the place of every value is known.

``planted(number)`` draws one document: an invoice, a timetable, a bank statement or a stock list, in one of six
layouts and six languages, with repeated values, equal rows, empty cells, rows that go on in the next line, and an
answer as a model writes it (in the text's words or with some values normalised, with an element left out now and
then). Each value of the answer knows the spans that may prove it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from llmx.span import Span
from llmx.types import Money, Number, PartialDate

LAYOUTS = ("columns", "tabs", "markdown", "semicolons", "commas", "blocks", "html", "sentences")
KINDS = ("invoice", "timetable", "statement", "stock")


class Item(BaseModel):
    """A line of an invoice."""

    description: str
    quantity: Number | None = None
    unit_price: Money | None = None
    total: Money | None = None


class Invoice(BaseModel):
    """An invoice."""

    number: str | None = None
    rows: list[Item]


class Stop(BaseModel):
    """A stop of a train."""

    station: str
    arrival: str | None = None
    departure: str | None = None
    platform: str | None = None


class Timetable(BaseModel):
    """A timetable."""

    number: str | None = None
    rows: list[Stop]


class Booking(BaseModel):
    """A booking on an account."""

    day: PartialDate | None = None
    text: str
    amount: Money | None = None


class Statement(BaseModel):
    """A statement of account."""

    number: str | None = None
    rows: list[Booking]


class Article(BaseModel):
    """An article in stock."""

    code: str
    name: str
    stock: int | None = None
    minimum: int | None = None


class Stock(BaseModel):
    """A list of stock."""

    number: str | None = None
    rows: list[Article]


MODELS: dict[str, type[BaseModel]] = {"invoice": Invoice, "timetable": Timetable, "statement": Statement,
                                      "stock": Stock}  # fmt: skip
_MARKS = {"tabs": "\t", "html": "\t", "semicolons": ";", "commas": ",", "markdown": " | "}
_SHUFFLED = 11  # every so many documents, the answer has its elements in another order

_GOODS = {
    "en": ["Cable 3 m, 5-core", "Cable 5 m, 3-core", "Assembly", "Assembly Saturday", "Lift HB-3500, 2-post",
           "Oil HLP 46, 20 l", "Seal", "Travel costs", "Screw M8 x 40", "Filter 10 bar"],
    "de": ["Kabel 3 m, 5-adrig", "Kabel 5 m, 3-adrig", "Montage", "Montage Samstag", "Hebebühne HB-3500, 2-Säulen",
           "Hydrauliköl HLP 46, 20 l", "Dichtung", "Fahrtkosten", "Schraube M8 x 40", "Filter 10 bar"],
    "fr": ["Câble 3 m, 5 brins", "Câble 5 m, 3 brins", "Montage", "Montage samedi", "Pont HB-3500, 2 colonnes",
           "Huile HLP 46, 20 l", "Joint", "Frais de route", "Vis M8 x 40", "Filtre 10 bar"],
    "es": ["Cable 3 m, 5 hilos", "Cable 5 m, 3 hilos", "Montaje", "Montaje sábado", "Elevador HB-3500, 2 columnas",
           "Aceite HLP 46, 20 l", "Junta", "Dietas", "Tornillo M8 x 40", "Filtro 10 bar"],
    "zh": ["电缆3米", "电缆5米", "安装", "周六安装", "举升机HB-3500", "液压油20升", "密封圈", "差旅费", "螺丝M8", "滤芯10"],
    "ja": ["ケーブル3m", "ケーブル5m", "組立", "土曜組立", "リフトHB-3500", "作動油20L", "パッキン", "出張費", "ねじM8", "フィルター10"],
}  # fmt: skip
_LABELS = {
    "en": ["Pos", "Description", "Qty", "Price", "Total", "Date", "Text", "Amount"],
    "de": ["Pos.", "Bezeichnung", "Menge", "Einzelpreis", "Gesamt", "Datum", "Vorgang", "Betrag"],
    "fr": ["N°", "Désignation", "Qté", "Prix", "Total", "Date", "Libellé", "Montant"],
    "es": ["N.º", "Concepto", "Cant.", "Precio", "Importe", "Fecha", "Texto", "Importe"],
    "zh": ["序号", "品名", "数量", "单价", "金额", "日期", "摘要", "金额"],
    "ja": ["番号", "品名", "数量", "単価", "金額", "日付", "摘要", "金額"],
}
_CURRENCIES = {"en": "$", "de": "€", "fr": "€", "es": "€", "zh": "元", "ja": "円"}
_CODES = {"en": "USD", "de": "EUR", "fr": "EUR", "es": "EUR", "zh": "CNY", "ja": "JPY"}


@dataclass
class Cell:
    """One cell: what it shows, the field it fills ('' for none), and what a model may write instead."""

    shown: str
    name: str = ""
    normalised: Any = None
    value: str = ""

    @property
    def words(self) -> str:
        """The part of the cell that is the value."""
        return self.value or self.shown


@dataclass
class Planted:
    """A document, the answer to it, and for each path of the answer the spans that may prove it."""

    text: str
    kind: str
    locale: str
    html: bool = False
    answer: dict[str, Any] = field(default_factory=dict)
    truth: dict[tuple[int, str], list[Span]] = field(default_factory=dict)


def _money(draw: random.Random, language: str, amount: int) -> tuple[str, str]:
    """An amount as it stands in a text, and as a model normalises it."""
    if language in ("zh", "ja"):
        return f"{amount}{_CURRENCIES[language]}", f"{_CODES[language]} {amount}"
    grouped = f"{amount:,}.{draw.choice(['00', '00', '50'])}"
    plain = grouped.replace(",", "")
    if language != "en":
        grouped = grouped.replace(",", " ").replace(".", ",").replace(" ", ".")
        if language == "fr":
            grouped = grouped.replace(".", "\u202f")
    shown = f"${grouped}" if language == "en" else f"{grouped} €"
    return shown, f"{plain} {_CODES[language]}"


def _day(language: str, day: int, month: int) -> tuple[str, str]:
    iso = f"2024-{month:02}-{day:02}"
    if language == "en":
        return f"{day} {['March', 'April'][month - 3]} 2024", iso
    return (iso, iso) if language in ("zh", "ja") else (f"{day:02}.{month:02}.2024", iso)


def _rows(kind: str, language: str, draw: random.Random, *, count: int) -> list[list[Cell]]:
    make = {"invoice": _invoice_row, "timetable": _stop_row, "statement": _booking_row, "stock": _article_row}[kind]
    rows: list[list[Cell]] = []
    for number in range(1, count + 1):
        if rows and draw.random() < 0.15:
            before = rows[-1]
            rows.append([Cell(str(number) if i == 0 and kind == "invoice" else c.shown, c.name, c.normalised, c.value)
                         for i, c in enumerate(before)])  # fmt: skip
            continue
        row = make(number, language, draw)
        for cell in row[2:]:
            if draw.random() < 0.08:
                cell.shown, cell.value, cell.normalised = "", "", None
        rows.append(row)
    return rows


def _invoice_row(number: int, language: str, draw: random.Random) -> list[Cell]:
    quantity, price = draw.choice([1, 1, 2, 3, 5, 10]), draw.choice([10, 25, 50, 1250])
    (unit, unit_code) = _money(random.Random(price), language, price)
    (total, total_code) = _money(random.Random(price), language, price * quantity) if quantity > 1 else (
        unit, unit_code)  # fmt: skip
    return [
        Cell(str(number)),
        Cell(draw.choice(_GOODS[language]), "description"),
        Cell(str(quantity), "quantity", f"{quantity}"),
        Cell(unit, "unit_price", unit_code),
        Cell(total, "total", total_code),
    ]


def _stop_row(number: int, language: str, draw: random.Random) -> list[Cell]:
    hour, minute = draw.choice([7, 8, 9]), draw.choice([0, 10, 20, 40])
    stay = draw.choice([0, 0, 2, 10])
    return [
        Cell(f"{draw.choice(['Nord', 'Süd', 'Lyon', 'Arles', 'Oslo', '東京', '大阪'])} {draw.choice(['Hbf', 'West', 'S'])}",
             "station"),
        Cell(f"{hour:02}:{minute:02}", "arrival"),
        Cell(f"{hour:02}:{minute + stay:02}", "departure"),
        Cell(draw.choice(["1", "2", "3", "3a"]), "platform"),
    ]  # fmt: skip


def _booking_row(number: int, language: str, draw: random.Random) -> list[Cell]:
    shown, iso = _day(language, draw.choice([3, 4, 5, 14]), draw.choice([3, 4]))
    amount, code = _money(draw, language, draw.choice([10, 20, 45, 1200]))
    return [
        Cell(shown, "day", iso),
        Cell(draw.choice(_GOODS[language]), "text"),
        Cell(amount, "amount", code),
    ]


def _article_row(number: int, language: str, draw: random.Random) -> list[Cell]:
    stock, minimum = draw.choice([0, 2, 5, 10, 20]), draw.choice([2, 5, 10])
    return [
        Cell(f"{draw.choice('ABC')}-{draw.randint(10, 99)}", "code"),
        Cell(draw.choice(_GOODS[language]), "name"),
        Cell(str(stock), "stock", f"{stock}"),
        Cell(str(minimum), "minimum", f"{minimum}"),
    ]


class Page:
    """A text that grows, and knows where each cell of each row was put."""

    def __init__(self) -> None:
        self.text = ""
        self.places: list[dict[str, Span]] = []

    def add(self, words: str) -> None:
        self.text += words

    def put(self, cell: Cell, *, pad: int = 0, right: bool = False) -> None:
        gap = " " * max(0, pad - len(cell.shown))
        self.add(gap if right else "")
        if cell.name and cell.shown:
            start = len(self.text) + cell.shown.index(cell.words)
            self.places[-1][cell.name] = Span(start, start + len(cell.words))
        self.add(cell.shown + ("" if right else gap))


def _quoted(cell: Cell) -> Cell:
    shown = f'"{cell.shown}"' if "," in cell.shown else cell.shown
    return Cell(shown, cell.name, cell.normalised, cell.shown)


def _labels(kind: str, language: str) -> list[str]:
    pos, goods, quantity, price, total, day, text, amount = _LABELS[language]
    return {"invoice": [pos, goods, quantity, price, total], "statement": [day, text, amount],
            "timetable": ["Station", "Arr.", "Dep.", "Gl."], "stock": ["Code", goods, quantity, "Min."]}[kind]  # fmt: skip


def _write(page: Page, rows: list[list[Cell]], labels: list[str], *, layout: str, draw: random.Random) -> None:
    wide = [max(map(len, [label, *(row[i].shown for row in rows)])) + 2 for i, label in enumerate(labels)]
    if layout == "columns":
        page.add("".join(label.ljust(w) for label, w in zip(labels, wide, strict=True)) + "\n")
    elif layout == "markdown":
        page.add("| " + " | ".join(labels) + " |\n|" + " --- |" * len(labels) + "\n")
    elif layout in _MARKS:
        page.add(_MARKS[layout].join(labels) + "\n")
    wrapped = layout == "columns" and draw.random() < 0.3
    for row in rows:
        page.places.append({})
        if layout == "columns":
            _write_columns(page, row, wide, wrapped=wrapped)
        elif layout in ("sentences", "blocks"):
            _write_labelled(page, row, labels, layout=layout)
        else:
            _write_marked(page, row, layout)


def _write_columns(page: Page, row: list[Cell], wide: list[int], *, wrapped: bool) -> None:
    """Write a row in columns of blanks; ``wrapped``: its last cell stands in a second line."""
    for i, (cell, width) in enumerate(zip(row, wide, strict=True)):
        if wrapped and i == len(row) - 1:
            page.add("\n" + " " * sum(wide[:2]))
        page.put(cell, pad=width, right=i > 1)
    page.add("\n")


def _write_labelled(page: Page, row: list[Cell], labels: list[str], *, layout: str) -> None:
    """Write a row as a sentence, or as a block of lines, each value behind its label."""
    for i, (label, cell) in enumerate(zip(labels, row, strict=True)):
        page.add(f"{label}: " if layout == "blocks" else (", " if i else "") + label.rstrip(".") + " ")
        page.put(cell)
        page.add("\n" if layout == "blocks" else "")
    page.add("\n" if layout == "blocks" else ". ")


def _write_marked(page: Page, row: list[Cell], layout: str) -> None:
    """Write a row whose cells are parted by a mark."""
    page.add("| " if layout == "markdown" else "")
    for i, cell in enumerate(row):
        page.add(_MARKS[layout] if i else "")
        page.put(_quoted(cell) if layout == "commas" else cell)
    if layout == "html":
        page.text = page.text.rstrip("\t")
    page.add(" |\n" if layout == "markdown" else "\n")


def planted(number: int, *, rows: int | None = None) -> Planted:
    """Return document ``number``; the same number gives the same one."""
    draw = random.Random(f"table {number}")
    kind, layout = KINDS[number % len(KINDS)], LAYOUTS[number // len(KINDS) % len(LAYOUTS)]
    language = list(_GOODS)[number // (len(KINDS) * len(LAYOUTS)) % len(_GOODS)]
    page, end = Page(), "\n\n" if layout == "html" else "\n"
    page.add(draw.choice(["Nordwind AG", "Acme 3 Ltd", "東風商事"]) + end)
    page.add(f"No. {draw.choice([2, 3, 10])}-2024, {draw.choice([1, 2])} / 2\n\n")
    table = _rows(kind, language, draw, count=rows or draw.randint(2, 12))
    _write(page, table, _labels(kind, language), layout=layout, draw=draw)
    page.add(f"{'' if layout == 'html' else end}Sum 10 50 25 2{end}Page 1 of 2{end}")
    left_out = draw.randrange(len(table)) if len(table) > 2 and draw.random() < 0.3 else None
    said = [i for i in range(len(table)) if i != left_out]
    if number % _SHUFFLED == 0:
        draw.shuffle(said)
    out = _answered(Planted(page.text, kind, language, html=layout == "html"), table, page, said=said, draw=draw)
    if left_out is not None or number % _SHUFFLED == 0:  # of equal rows any may be the one that is meant
        _equal_rows(out, table, page, said=said)
    return out


def _answered(out: Planted, table: list[list[Cell]], page: Page, *, said: list[int], draw: random.Random) -> Planted:
    """Add a model's answer: the rows ``said``, in the text's words, in normalised ones, or in some of both."""
    style, answer = draw.choice(["words", "words", "normalised", "mixed"]), list[dict[str, Any]]()
    for at, i in enumerate(said):
        element = dict[str, Any]()
        for cell in table[i]:
            if not cell.name:
                continue
            normal = cell.normalised and (style == "normalised" or (style == "mixed" and draw.random() < 0.5))
            element[cell.name] = None if not cell.shown else cell.normalised if normal else cell.words
            if cell.shown:
                out.truth[at, cell.name] = [page.places[i][cell.name]]
        answer.append(element)
    out.answer.update({"number": None, "rows": answer})
    return out


def _equal_rows(out: Planted, table: list[list[Cell]], page: Page, *, said: list[int]) -> None:
    for at, i in enumerate(said):
        mine = [(c.name, c.shown) for c in table[i] if c.name]
        for j, other in enumerate(table):
            if j != i and [(c.name, c.shown) for c in other if c.name] == mine:
                for name, place in page.places[j].items():
                    if (at, name) in out.truth:
                        out.truth[at, name].append(place)


def markup_of(text: str) -> str:
    """Return a page that reads as ``text``: lines with tabs are the rows of a table, others paragraphs."""
    lines = [line for line in text.split("\n") if line]
    tables = [line for line in lines if "\t" in line]
    wide = max(line.count("\t") for line in tables)
    rows = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in (line + "\t" * wide).split("\t")[: wide + 1]) + "</tr>"
        for line in tables
    )
    first = lines.index(tables[0])
    last = first + len(tables) - 1
    before, after = ("".join(f"<p>{line}</p>" for line in part) for part in (lines[:first], lines[last + 1 :]))
    return f"{before}<table>{rows}</table>{after}"
