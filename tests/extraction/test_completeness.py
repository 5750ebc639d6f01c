"""Lists whose elements are rows of the document come whole, or the record says how many code counted and how many came."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from bench.mock_server import serving
from bench.statements import HABITS, Habit, Statement, StatementServer, references, statement
from llmx.documents import Document
from llmx.documents.pages import PagesBuilder
from llmx.endpoint import Completion, EndpointSettings
from llmx.errors import ConfigError, SchemaError
from llmx.extraction.document import extract_document
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import open_session
from llmx.record import Record, Usage
from llmx.schema.marks import Rows
from tests.extraction.scripted import Scripted, codes, extracted, plan_for


class Line(BaseModel):
    item: str
    amount: Decimal | None = None


class Invoice(BaseModel):
    number: str
    lines: list[Line]


PARTS = [(f"Part {letter}", f"{number}.50") for number, letter in enumerate("ABCDEFGH", 10)]
SUM = f"{sum(Decimal(amount) for _, amount in PARTS):.2f}"


def lines(*numbers: int) -> list[dict[str, str]]:
    return [{"item": PARTS[n][0], "amount": PARTS[n][1]} for n in numbers]


def rows(form: str, parts: list[tuple[str, str]] = PARTS) -> str:
    return "\n".join(form.format(n=n, item=item, amount=amount) for n, (item, amount) in enumerate(parts, 1))


TEXTS = {
    "markdown": f"Invoice I-1\n\n| Item | Amount |\n|---|---|\n{rows('| {item} | {amount} |')}\n| Total | {SUM} |\n",
    "tabs": "Invoice I-1\nItem\tAmount\n" + rows("{item}\t{amount}") + "\n",
    "semicolons": f"Invoice I-1\n{rows('{item};pieces;{amount}')}\nSum;;{SUM}\nTax;;1.00\nTo pay;;99.00\n",
    "numbered": f"Invoice I-1\n{rows('{n}. {item} at {amount}')}\nThank you.\n",
    "bullets": f"Invoice I-1\n{rows('- {item}: {amount}')}\n",
    "two pages": f"Invoice I-1\n\n| Item | Amount |\n|---|---|\n{rows('| {item} | {amount} |', PARTS[:4])}\n\nPage 2\n\n"
    f"| Item | Amount |\n|---|---|\n{rows('| {item} | {amount} |', PARTS[4:])}\n",
}


async def asked(schema: Any, text: str, *answers: Any, **options: Any) -> tuple[Record[Any], Scripted]:
    endpoint = Scripted(answers)
    return await extracted(schema, text, endpoint, **{"passes": 2, **options}), endpoint


def found(record: Record[Any]) -> list[str]:
    return [line.item for line in record.data.lines] if record.data is not None else []


@pytest.mark.parametrize("form", TEXTS)
async def test_rows_that_did_not_come_are_asked_for_by_their_words(form: str) -> None:
    first, rest = {"number": "I-1", "lines": lines(0, 1, 2, 4)}, {"lines": lines(3, 5, 6, 7)}
    record, endpoint = await asked(Invoice, TEXTS[form], first, rest)
    assert (record.status, found(record)) == ("ok", [item for item, _ in PARTS])
    question = endpoint.question()
    assert all((item in question) == (n in (3, 5, 6, 7)) for n, (item, _) in enumerate(PARTS))
    assert "Total" not in question
    assert len(endpoint.requests) == 2


@pytest.mark.parametrize("form", TEXTS)
async def test_a_list_that_stays_short_makes_the_record_partial_and_says_so(form: str) -> None:
    record, _ = await asked(Invoice, TEXTS[form], {"number": "I-1", "lines": lines(0, 1, 2, 3, 4)}, {"lines": []})
    assert (record.status, codes(record)) == ("partial", [("incomplete", "/lines")])
    assert "code counted 8 rows, of which 5 came; without an element: 6-8, first" in record.issues[0].message


@pytest.mark.parametrize("form", TEXTS)
async def test_a_list_that_is_whole_costs_no_question_and_has_no_issue(form: str) -> None:
    record, endpoint = await asked(Invoice, TEXTS[form], {"number": "I-1", "lines": lines(*range(8))})
    assert (record.status, codes(record), len(endpoint.requests)) == ("ok", [], 1)


async def test_with_one_pass_nothing_is_asked_and_the_count_is_told() -> None:
    record, endpoint = await asked(Invoice, TEXTS["tabs"], {"number": "I-1", "lines": lines(0, 1, 2)}, passes=1)
    assert (record.status, codes(record), len(endpoint.requests)) == ("partial", [("incomplete", "/lines")], 1)


async def test_a_selection_of_rows_is_no_fault() -> None:
    record, endpoint = await asked(Invoice, TEXTS["markdown"], {"number": "I-1", "lines": lines(0, 3, 7)})
    assert (record.status, codes(record), len(endpoint.requests)) == ("ok", [("fewer_rows", "/lines")], 1)


async def test_elements_of_prose_are_not_counted() -> None:
    text = "Invoice I-1. " + " ".join(f"We sold {item} for {amount}, as agreed." for item, amount in PARTS)
    record, _ = await asked(Invoice, text, {"number": "I-1", "lines": lines(0, 1, 2, 3)})
    assert (record.status, codes(record)) == ("ok", [])


async def test_paragraphs_of_a_list_that_say_more_than_the_elements_are_not_counted() -> None:
    text = "I-1\n" + "".join(f"- On day {n} the firm sold, for {a}, one {i}.\n" for n, (i, a) in enumerate(PARTS))
    record, _ = await asked(Invoice, text, {"number": "I-1", "lines": lines(0, 1, 2, 3)})
    assert codes(record) == []


async def test_rows_that_say_the_same_are_several_elements_each_proven_in_its_own() -> None:
    text = "I-1\n\n| Item | Amount |\n|---|---|\n" + "| Coffee | 2.50 |\n" * 5 + "| Tea | 3.50 |\n"
    cups = [{"item": "Coffee", "amount": "2.50"}] * 5
    record, _ = await asked(Invoice, text, {"number": "I-1", "lines": [*cups, {"item": "Tea", "amount": "3.50"}]})
    assert (found(record), codes(record)) == ([*["Coffee"] * 5, "Tea"], [])
    places = [proof.start for path, proof in record.evidence.items() if path.endswith("/item") and proof is not None]
    assert len(set(places)) == 6


class Marked(BaseModel):
    lines: Annotated[list[Line], Rows(r"No\. \d")]


class Uncounted(BaseModel):
    lines: Annotated[list[Line], Rows(counted=False)]


async def test_a_mark_says_what_begins_a_row() -> None:
    text = "".join(f"No. {n} {item}\n   costs {amount}\n" for n, (item, amount) in enumerate(PARTS))
    record, _ = await asked(Marked, text, {"lines": lines(0, 3)}, {"lines": lines(1, 2, 4, 5)}, {"lines": []})
    assert (record.status, len(found(record)), codes(record)) == ("partial", 6, [("incomplete", "/lines")])
    record, _ = await asked(Marked, text, {"lines": []}, {"lines": lines(*range(8))})
    assert (record.status, len(found(record)), codes(record)) == ("ok", 8, [])


async def test_a_mark_says_that_a_list_is_of_some_rows_only() -> None:
    record, endpoint = await asked(Uncounted, TEXTS["markdown"], {"lines": lines(0, 1, 2, 3, 4)})
    assert (record.status, codes(record), len(endpoint.requests)) == ("ok", [], 1)


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(SchemaError, match="no regular expression"):
        Rows("(")


async def test_the_target_row_counts_even_a_list_of_few_and_says_where_it_cannot() -> None:
    record, _ = await asked(
        Invoice, TEXTS["tabs"], {"number": "I-1", "lines": lines(0, 3)}, {"lines": []}, target="row"
    )
    assert (record.status, codes(record)) == ("partial", [("incomplete", "/lines")])
    record, _ = await asked(Invoice, "Invoice I-1: Part A 10.50", {"number": "I-1", "lines": lines(0)}, target="row")
    assert (record.status, codes(record)) == ("ok", [("uncounted", "/lines")])


async def test_the_target_row_makes_a_record_of_each_row_where_the_schema_has_no_list() -> None:
    record, _ = await asked(Line, TEXTS["tabs"], {"items": lines(*range(7))}, {"items": lines(7)}, target="row")
    assert [row.id for row in record.rows] == [f"d#{n}" for n in range(1, 9)]
    assert [row.data.item for row in record.rows if row.data] == [item for item, _ in PARTS]


class Form(BaseModel):
    name: str
    amount: Decimal | None = None


async def test_the_target_page_makes_a_record_of_each_page_with_places_of_the_document() -> None:
    text = "Name: Part A, 10.50\f\n \fName: Part C, 12.50\f"
    answers = [{"name": "Part A", "amount": "10.50"}, {"name": "Part C", "amount": "12.50"}]
    record, endpoint = await asked(Form, text, *answers, target="page")
    assert [(row.id, row.status) for row in record.rows] == [("d#1", "ok"), ("d#3", "ok")]
    proof = record.rows[1].evidence["/amount"]
    assert proof is not None
    assert text[proof.start : proof.end] == "12.50"
    assert codes(record.rows[0]) == [("empty", "")]
    assert len(endpoint.requests) == len(record.keys) == 2


async def test_the_pages_of_a_file_are_pages_with_their_boxes() -> None:
    builder = PagesBuilder()
    for number, name in enumerate(("Ann", "Bob"), 1):
        builder.add_word(name, (10.0, 10.0 * number, 40.0, 10.0 * number + 8))
        builder.end_page(number, 100, 100)
    document = Document("d", builder.text, pages=builder.pages("f"))
    endpoint = Scripted([{"name": "Ann", "amount": None}, {"name": "Bob", "amount": None}])
    record = await extract_document(document, plan_for(Form, target="page"), endpoint)
    proof = record.rows[1].evidence["/name"]
    assert proof is not None
    assert (proof.page, len(proof.boxes), builder.text[proof.start : proof.end]) == (2, 1, "Bob")


@pytest.mark.parametrize(("schema", "target"), [(list[Line], "page"), (dict[str, int], "row"), (str, "row")])
def test_a_target_that_a_schema_cannot_have_is_refused_by_name(schema: Any, target: str) -> None:
    with pytest.raises(ConfigError, match=f"--target {target}"):
        plan_for(schema, target=target)
    with pytest.raises(ConfigError, match="--target 'line'"):
        Options(target="line")  # type: ignore[arg-type] # what a user may write


class Brief(BaseModel):
    title: str
    summary: str


class Chapter(BaseModel):
    name: str
    topics: list[str]


class Book(BaseModel):
    chapters: list[Chapter]


async def test_a_text_that_fills_the_guard_of_an_endpoint_comes_whole() -> None:
    summary = " ".join(f"Sentence {n} stands here." for n in range(90))
    record, _ = await asked(Brief, f"T. {summary}", {"title": "T", "summary": summary[:240]}, {"summary": summary})
    assert record.data is not None
    assert (record.status, record.data.summary, len(summary) > 2000) == ("ok", summary, True)


async def test_a_list_within_an_element_is_continued_at_its_own_place() -> None:
    topics = [f"topic{n}" for n in range(40)]
    text = f"One: {', '.join(topics)}. Two: alpha."

    def answer(request: Any) -> dict[str, Any]:
        question = str(request.body["messages"][-1]["content"])
        if "already there" not in question:
            return {"chapters": [{"name": "One", "topics": topics[:16]}, {"name": "Two", "topics": ["alpha"]}]}
        assert "of One" in question
        last = max(topics.index(word) for word in re.findall(r"topic\d+", question))
        return {"topics": topics[last + 1 : last + 17]}

    record = await extracted(Book, text, answer, passes=2)
    assert record.data is not None
    assert [len(chapter.topics) for chapter in record.data.chapters] == [40, 1]


class WithTail(BaseModel):
    lines: list[Line]
    note: str | None = Field(None, description="what stands behind the lines")


async def run_statement(
    habit: Habit, rows_: int, schema: Any = Statement, **options: Any
) -> tuple[Record[Any], StatementServer]:
    server = StatementServer(habit)
    async with serving(server) as url:
        settings = EndpointSettings(model="mock", base_url=url, mode="json_schema", cache=False)
        async with open_session(Extractor(schema, Options(**options)), settings) as session:
            text = Document("d", statement(rows_))
            return await extract_document(text, session.plan, session.endpoint), server


@pytest.mark.parametrize("habit", HABITS)
async def test_a_statement_comes_whole_or_is_partial_whatever_the_habit_of_the_model(habit: Habit) -> None:
    record, _ = await run_statement(habit, 120, chunk_tokens=1500, max_output_tokens=600)
    assert record.data is not None
    came = [each.reference for each in record.data.transactions]
    assert len(came) == len(set(came))
    assert came == sorted(came)
    if habit == "skips":
        assert record.status == "partial"
        assert "code counted 120 rows, of which 110 came" in record.issues[-1].message
    else:
        assert (record.status, set(came), codes(record)) == ("ok", references(120), [])


async def test_what_is_behind_a_list_that_was_cut_is_asked_for_too() -> None:
    text = TEXTS["markdown"] + "\nNote: paid.\n"
    cut = '{"lines": [{"item": "Part A", "amount": "10.50"}, {"item": "Part B", "amount": "11.50"}, {"item": "Part C", '
    cut += '"amount": "12.50"}, {"item": "Pa'
    full = Completion(cut, "length", usage=Usage(10, 9999), model="scripted-1", seconds=0.5)
    script = [full, full, {"lines": lines(3, 4, 5, 6, 7)}, {"note": "paid"}]
    record, _ = await asked(WithTail, text, *script)
    assert record.data is not None
    assert (record.status, len(record.data.lines), record.data.note) == ("ok", 8, "paid")
