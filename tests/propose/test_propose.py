"""What llmx.propose promises: a field is in the schema if its words stand in a sample, with a type that reads them all."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmx.documents import Document
from llmx.extraction.plan import Extractor
from llmx.locating import TextIndex
from llmx.prompting.examples import load_examples
from llmx.propose import FieldProposal, SchemaProposal, class_name, merged, python_file
from llmx.propose.answer import NamedField, NamedFields
from llmx.propose.fields import Sighting, field_name
from llmx.propose.value_types import value_type
from llmx.record import Evidence, Record
from llmx.resources import shipped_folder
from llmx.schema import load_schema
from llmx.span import Span


def named(name: str, *words: str, kind: Any = "text", description: str = "what it is") -> NamedField:
    return NamedField.model_validate({"name": name, "description": description, "kind": kind, "words": list(words)})


def answered(id_: str, text: str, *fields: NamedField) -> tuple[Document, Record[NamedFields]]:
    """Return a document with a record whose words are located as an extraction does."""
    index, evidence = TextIndex(text), {}
    for number, field in enumerate(fields):
        for n, words in enumerate(field.words):
            match = index.locate(str(words))
            proof = None
            if match is not None:
                proof = Evidence(match.span.of(text), match.span.start, match.span.end, "exact")
            evidence[f"/fields/{number}/words/{n}"] = proof
    record = Record(id=id_, source=None, status="ok", data=NamedFields(fields=list(fields)), evidence=evidence)
    return Document(id_, text), record


def field(kind: Any, *words: str, name: str = "thing", locale: str | None = None) -> FieldProposal:
    """Return a field that is said once in each of as many documents as there are ``words``."""
    sightings = tuple(Sighting(f"d{n}", each, Span(0, len(each)), locale) for n, each in enumerate(words))
    return FieldProposal(name, "what it is", (kind,) * len(words), sightings)


def test_fields_of_one_name_are_one_field_in_the_order_of_their_first_document() -> None:
    proposal = merged([
        answered("a", "Bill 7 to Ann", named("bill", "7"), named("buyer", "Ann")),
        answered("b", "Paid: 8 by Bob", named("Buyer", "Bob"), named("paid", "8")),
    ])  # fmt: skip
    assert [each.name for each in proposal.fields] == ["bill", "buyer", "paid"]
    assert proposal.fields[1].documents == ("a", "b")
    assert proposal.left_out == ()


def test_a_field_whose_words_stand_in_no_document_is_left_out_and_told() -> None:
    proposal = merged([answered("a", "Bill 7", named("bill", "7"), named("clerk", "Jane"), named("note"))])
    assert [each.name for each in proposal.fields] == ["bill"]
    assert [(each.name, each.why) for each in proposal.left_out] == [
        ("clerk", '"Jane" does not stand in a'),
        ("note", "no words of a say it"),
    ]


def test_a_field_that_one_document_proves_stays_although_another_does_not() -> None:
    proposal = merged([
        answered("a", "Bill 7", named("clerk", "Jane", kind="text")),
        answered("b", "Clerk: Lee", named("clerk", "Lee", kind="person")),
    ])  # fmt: skip
    (clerk,) = proposal.fields
    assert (clerk.documents, clerk.kind) == (("b",), "person")
    assert proposal.left_out == ()


def test_a_field_that_quotes_only_the_words_of_another_is_left_out() -> None:
    proposal = merged(
        [answered("a", "To Ann, from Bob", named("buyer", "Ann"), named("client", "Ann"), named("seller", "Bob"))]
    )
    assert [each.name for each in proposal.fields] == ["buyer", "seller"]
    assert [(each.name, each.why) for each in proposal.left_out] == [("client", "its words are those of buyer")]


def test_a_field_is_a_list_where_one_document_says_several_things() -> None:
    one, several = merged([
        answered("a", "Ann and Bob, in Rome", named("place", "Rome"), named("guests", "Ann", "Bob")),
        answered("b", "Lee, in Oslo, Norway; Oslo", named("guests", "Lee"), named("place", "Oslo", "Oslo")),
    ]).fields  # fmt: skip
    assert (one.name, one.listed) == ("place", False)
    assert (several.name, several.listed) == ("guests", True)


TYPES: Sequence[tuple[str, str, tuple[str, ...]]] = (
    ("PartialDate", "date", ("3 March 2025", "14.04.2025")),
    ("PartialDate", "text", ("3 March 2025",)),
    ("PartialDate", "date", ("03/04/2024",)),  # which of the two is open; that it is a date is not
    ("PartialDate", "date", ("2024",)),
    ("DateRange", "date", ("12-14 May 2024", "from 2024 to 2027")),
    ("time", "time", ("18:40", "9.30 Uhr")),
    ("Money", "money", ("£1,204.50", "80")),
    ("Money", "text", ("1 116,00 €",)),
    ("Number", "money", ("1,204.50", "80")),
    ("Number", "number", ("14", "1,200")),
    ("Quantity", "number", ("96 m³", "40 kg")),
    ("Percent", "number", ("12,5 %", "3 %")),
    ("Duration", "duration", ("two (2) years", "18 Monate")),
    ("Email", "text", ("a@example.org",)),
    ("Url", "text", ("https://example.org/x",)),
    ("Iban", "identifier", ("DE89 3704 0044 0532 0130 00",)),
    ("VatId", "identifier", ("FR83404833048", "DE136695976")),
    ("Phone", "phone", ("+33 1 23 45 67 89",)),
    ("CountryCode", "country", ("German", "France")),
    ("LanguageCode", "language", ("English", "German")),
    ("PersonName", "person", ("Ann Lee",)),
    ("OrganizationName", "organization", ("Harbour Trust",)),
    ("Verbatim", "text", ("30412", "7")),  # digits are a number only where the model says so
    ("Verbatim", "identifier", ("20250312", "F-2024-0187")),
    ("Verbatim", "identifier", ("12 March 2025",)),
    ("Verbatim", "date", ("3 March 2025", "on the day of delivery")),
    ("Verbatim", "money", ("several million yuan", "£80")),
    ("Verbatim", "place", ("7 May Street",)),
    ("Verbatim", "country", ("Germany", "the Alps")),
    ("Verbatim", "text", ("4 chairs and a table of oak",)),
)


def test_the_type_of_a_field_is_one_that_reads_the_words_of_every_document() -> None:
    chosen = [(value_type(field(kind, *words)).name, kind, words) for _, kind, words in TYPES]
    assert chosen == list(TYPES)


def test_long_words_get_a_cap_and_names_and_numbers_their_comparison() -> None:
    assert value_type(field("text", "a clause " * 20)).marks == ("Cap(400)",)
    assert value_type(field("person", "Ann Lee")).marks == ('Compare("words:0.8")',)
    assert value_type(field("identifier", "B-7")).marks == ('Compare("casefold")',)


@pytest.mark.parametrize(
    ("said", "name"),
    [("Invoice No.", "invoice_no"), ("signedOn", "signed_on"), ("2nd owner", "field_2nd_owner"), ("class", "class_"),
     ("json", "json_"), ("list", "list_"), ("model_config", "config"), ("model_dump", "dump"), ("__init__", "init"), ("件名", "件名"), ("a; import os", "a_import_os"),
     ("...", "")],
)  # fmt: skip
def test_names_become_names_of_fields(said: str, name: str) -> None:
    assert field_name(said) == name


def test_the_file_loads_as_a_schema_that_asks_for_the_fields(tmp_path: Path) -> None:
    fields = tuple(
        field(kind, *words, name=f"{name.lower()}_{n}") for n, (name, kind, words) in enumerate(TYPES)
    )  # fmt: skip
    path = tmp_path / "bills.py"
    path.write_text(
        python_file(SchemaProposal(fields), name=class_name("bills"), ask="all there is", documents=2), "utf-8"
    )
    loaded = load_schema(str(path))
    assert loaded.name == "Bills"
    assert [member.name for member in loaded.tree.members] == [each.name for each in fields]
    assert all(member.description == "what it is" for member in loaded.tree.members)


HOSTILE = '"""\nimport os\nos._exit(7)\n"""'


def test_what_a_model_or_a_document_says_is_never_code(tmp_path: Path) -> None:
    proof = Sighting("d", f"{HOSTILE}\r\n\u2028\x0cimport os", Span(0, 4))
    hostile = FieldProposal(field_name(HOSTILE), f'{HOSTILE}\\", default=__import__("os")', ("text",), (proof,))
    text = python_file(SchemaProposal((hostile,)), name=class_name(HOSTILE), ask=f"{HOSTILE}\\", documents=1)
    imported = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {getattr(node, "module", None) for node in imported} == {"pydantic", "llmx.types"}
    assert not [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and ast.unparse(node.func) != "Field"
    ]
    (tmp_path / "x.py").write_text(text, "utf-8")
    assert load_schema(str(tmp_path / "x.py")).tree.members


def test_a_class_takes_no_name_that_the_file_needs() -> None:
    assert [class_name(stem) for stem in ("none", "money", "field", "x", "列表")] == [
        "NoneRecord", "MoneyRecord", "FieldRecord", "X", "Record",
    ]  # fmt: skip


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_texts_make_a_file_that_parses_with_the_one_class(name: str, description: str, words: str) -> None:
    proposal = SchemaProposal(
        (FieldProposal(field_name(name) or "x", description, ("text",), (Sighting("d", words, Span(0, 1)),)),)
    )
    tree = ast.parse(python_file(proposal, name=class_name(name), ask=description or "x", documents=1))
    (made,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    assert [type(node) for node in made.body] == [ast.Expr, ast.AnnAssign]


def test_no_line_is_longer_than_120_characters_where_words_can_be_parted() -> None:
    long = field("text", "a very long clause " * 12, name="clause")
    text = python_file(SchemaProposal((long,)), name="Bills", ask="what is said " * 20, documents=3)
    assert max(len(line) for line in text.splitlines()) <= 120


def test_the_examples_of_the_prompt_fit_its_schema_and_their_types_are_those_chosen() -> None:
    examples = load_examples(shipped_folder("prompts") / "propose.examples.yaml", load_schema(NamedFields))
    shown = itertools.chain.from_iterable(example.record["fields"] for example in examples)
    kinds = {each["kind"]: value_type(field(each["kind"], *each["words"])).name for each in shown}
    assert kinds == {
        "organization": "OrganizationName", "person": "PersonName", "identifier": "Verbatim", "date": "PartialDate",
        "number": "Quantity", "money": "Money", "text": "Verbatim", "time": "time", "duration": "Duration",
    }  # fmt: skip


def test_the_schema_that_the_model_fills_is_small() -> None:
    assert len(load_schema(NamedFields).sketch) < 900
    assert Extractor(NamedFields)
