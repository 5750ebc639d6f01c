"""A value of a list's element is proven in the element's own row, line or sentence."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from llmx.documents.converters.html_text import page_text
from llmx.grounding.ground import ground
from llmx.grounding.text import SourceText
from llmx.grounding.values import LeafValue, ListValue, ObjectValue, ValueNode
from llmx.locating import TextIndex
from llmx.schema import compile_tree
from llmx.span import Span
from llmx.types import Money, Number
from tests.grounding.tables import MODELS, Item, markup_of, planted

TREES = {kind: compile_tree(model) for kind, model in MODELS.items()}


class Rows(BaseModel):
    """A list of goods."""

    rows: list[Item]


def grounded(model: type[BaseModel], answer: dict[str, Any], text: str, *, locale: str | None = None) -> ObjectValue:
    source = SourceText(text, TextIndex(text), Span(0, len(text)), locale=locale)
    found = ground(compile_tree(model), answer, source)
    assert isinstance(found, ObjectValue)
    return found


def rows_of(found: ObjectValue, name: str = "rows") -> list[dict[str, LeafValue]]:
    items = found.fields[name]
    assert isinstance(items, ListValue)
    return [_leaves(item) for item in items.items]


def _leaves(item: ValueNode) -> dict[str, LeafValue]:
    assert isinstance(item, ObjectValue)
    return {name: leaf for name, leaf in item.fields.items() if isinstance(leaf, LeafValue)}


def goods(model_rows: list[dict[str, Any]], text: str, locale: str | None = "en") -> list[dict[str, LeafValue]]:
    empty = {"description": "", "quantity": None, "unit_price": None, "total": None}
    return rows_of(grounded(Rows, {"rows": [empty | row for row in model_rows]}, text, locale=locale))


def start(leaf: LeafValue) -> int:
    assert leaf.evidence is not None
    return leaf.evidence.start


def line(leaf: LeafValue, text: str) -> int:
    return text.count("\n", 0, start(leaf))


def test_the_only_element_of_a_list_is_proven_in_its_own_line_and_not_beside_a_label() -> None:
    text = "Invoice 77\nDate: 12 May 2026\nFrom: Acme\n12 x Varnish 36.00\nTotal: 432.00\n"
    (row,) = goods([{"description": "Varnish", "quantity": "12", "unit_price": "36.00"}], text)
    assert {name: line(leaf, text) for name, leaf in row.items() if leaf.evidence} == {
        "description": 3, "quantity": 3, "unit_price": 3,
    }  # fmt: skip


@pytest.mark.slow
def test_every_value_of_200_planted_tables_is_proven_in_its_own_cell() -> None:
    wrong, values = [], 0
    for number in range(200):
        table = planted(number)
        assert not table.html or page_text(markup_of(table.text)) == table.text.replace("\u202f", " ")
        source = SourceText(table.text, TextIndex(table.text), Span(0, len(table.text)), locale=table.locale)
        found = ground(TREES[table.kind], table.answer, source)
        assert isinstance(found, ObjectValue)
        proofs = set[tuple[int, int]]()
        for i, row in enumerate(rows_of(found)):
            for name, leaf in row.items():
                truth, proof = table.truth.get((i, name)), leaf.evidence
                place = (proof.start, proof.end) if proof else None
                right = place is not None and place not in proofs and any(_is_at(place, span) for span in truth or ())
                if truth is None and leaf.evidence is None:
                    continue
                values += 1
                proofs |= {place} if place else set()
                if not right:
                    wrong.append((number, i, name, leaf.words, place, truth))
    assert values > 4000
    assert wrong == []


def _is_at(place: tuple[int, int], span: Span) -> bool:
    """Whether a proof is the cell, with or without a currency sign at its end."""
    return span.start <= place[0] + 1 and place[1] <= span.end + 1 and place[0] <= span.start + 1 < place[1] + 1


def test_ten_equal_prices_in_ten_rows_have_ten_places() -> None:
    text = "Item  Price\n" + "".join("Bolt  10.00 EUR\n" for _ in range(10)) + "Total  100.00 EUR\n"
    found = goods([{"description": "Bolt", "unit_price": "10.00 EUR"}] * 10, text)
    assert [line(row["unit_price"], text) for row in found] == list(range(1, 11))
    assert [line(row["description"], text) for row in found] == list(range(1, 11))


def test_a_digit_of_a_description_is_not_the_quantity_that_stands_in_its_own_column() -> None:
    text = "1     Hebebühne HB-3500, 2-Säulen              2     3.499,00 €    6.998,00 €\n"
    (row,) = goods([{"description": "Hebebühne HB-3500, 2-Säulen", "quantity": "2", "unit_price": "3.499,00 €",
                     "total": "6.998,00 €"}], text, "de")  # fmt: skip
    assert start(row["quantity"]) == text.index(" 2  ") + 1
    assert row["quantity"].value == Number.from_text("2").value


def test_equal_prices_of_sentences_are_proven_in_their_own() -> None:
    text = "We shipped the lamp for $10 on Monday. The chair went out for $10. The table followed, again for $10."
    names = ("lamp", "chair", "table")
    found = goods([{"description": name, "unit_price": "$10"} for name in names], text)
    places = [start(row["unit_price"]) for row in found]
    assert places == [text.index("$10"), text.index("$10. The"), text.rindex("$10")]


def test_a_value_that_only_another_row_has_is_unproven() -> None:
    text = "name;qty;price\nlamp;4;10.00 EUR\nchair;7;25.00 EUR\n"
    found = goods([{"description": "lamp", "quantity": "7"}, {"description": "chair", "quantity": "7"}], text)
    assert not found[0]["quantity"].proven
    assert "row of another element" in found[0]["quantity"].issues[-1].message
    assert found[1]["quantity"].proven


def test_a_cell_over_several_rows_proves_each_of_them() -> None:
    page = """<table><tr><th>price</th><th>name</th></tr><tr><td rowspan="2">10.00 EUR</td><td>lamp</td></tr>
    <tr><td>chair</td></tr></table>"""
    text = page_text(page)
    found = goods([{"description": name, "unit_price": "10.00 EUR"} for name in ("lamp", "chair")], text)
    assert [line(row["unit_price"], text) for row in found] == [1, 1]


def test_rows_of_an_html_table_keep_their_cells() -> None:
    cells = [("Lamp 2 W", "2", "10 EUR", "20 EUR"), ("Lamp 2 W", "2", "10 EUR", "20 EUR"), ("Bulb", "20", "", "20 EUR")]
    page = "<table>" + "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in cells) + "</table>"
    text = page_text(page)
    names = ("description", "quantity", "unit_price", "total")
    found = goods([{n: c or None for n, c in zip(names, row, strict=True)} for row in cells], text)
    for i, row in enumerate(cells):
        for column, name in enumerate(names):
            if row[column]:
                place = start(found[i][name])
                assert (line(found[i][name], text), text[:place].split("\n")[-1].count("\t")) == (i, column)


def test_a_price_given_in_other_words_is_found_in_its_own_row() -> None:
    text = "lamp\t1.250,00 €\t2\nchair\t1.250,00 €\t2\n"
    said = [{"description": name, "unit_price": "1250 EUR"} for name in ("lamp", "chair")]
    found = goods(said, text, "de")
    assert [line(row["unit_price"], text) for row in found] == [0, 1]
    assert [row["unit_price"].evidence.kind for row in found if row["unit_price"].evidence] == ["value", "value"]


def test_lists_within_a_row_are_proven_within_it() -> None:
    class Order(BaseModel):
        """An order."""

        customer: str
        prices: list[Money]

    class Orders(BaseModel):
        """Orders."""

        rows: list[Order]

    text = "Order: Acme\nParts: 10 EUR, 20 EUR\n\nOrder: Nord\nParts: 10 EUR, 20 EUR\n"
    answer = {"rows": [{"customer": name, "prices": ["10 EUR", "20 EUR"]} for name in ("Acme", "Nord")]}
    found = grounded(Orders, answer, text).fields["rows"]
    assert isinstance(found, ListValue)
    places = []
    for item in found.items:
        assert isinstance(item, ObjectValue)
        prices = item.fields["prices"]
        assert isinstance(prices, ListValue)
        places.append([line(leaf, text) for leaf in prices.items if isinstance(leaf, LeafValue)])
    assert places == [[1, 1], [4, 4]]


def test_a_whole_number_goes_before_a_part_of_a_larger_one() -> None:
    class Page(BaseModel):
        """A page."""

        number: Number

    text = "They paid 3 million euros, as document 3 says."
    leaf = grounded(Page, {"number": "3"}, text, locale="en").fields["number"]
    assert isinstance(leaf, LeafValue)
    assert (leaf.value, start(leaf)) == (Number.from_text("3").value, text.index("3 says"))


def test_a_number_that_is_only_a_part_of_a_larger_one_is_corrected_and_said() -> None:
    class Page(BaseModel):
        """A page."""

        number: Number

    leaf = grounded(Page, {"number": "3"}, "They paid 3 million euros.", locale="en").fields["number"]
    assert isinstance(leaf, LeafValue)
    assert leaf.value == Number.from_text("3 million", locale="en").value
    assert [issue.code for issue in leaf.issues] == ["corrected"]


def test_a_sum_given_without_its_currency_has_that_of_its_own_row() -> None:
    text = "lamp\t1.250,00 €\t2\nchair\t1.250,00 $\t2\n"
    found = goods([{"description": name, "unit_price": "1250.00"} for name in ("lamp", "chair")], text, "de")
    values = [row["unit_price"].value for row in found]
    assert [value.currency for value in values] == ["EUR", "USD"]
    assert [line(row["unit_price"], text) for row in found] == [0, 1]
