"""The XPath of a proof leads to the element that holds its words, whatever the page is made of."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from lxml import html  # type: ignore[import-untyped]  # ships no types

from llmx.documents import Document, read_documents
from llmx.documents.converters.html_text import page_text
from llmx.documents.document import Unreadable
from llmx.extraction.document import extract_document
from llmx.span import Span
from tests.extraction.scripted import Scripted, plan_for
from tests.extraction.test_document import Listing

LOREM = "The committee met in the town hall and agreed, after a long debate, on the repair of the bridge. "
PAGES = {
    "inline marks": "<p>Paid by <b>Jane <i>Doe</i></b> and <b>Carl</b> on 3 May.</p><p>Second <a href=x>line</a> here.</p>",
    "two tables": "<table><tr><th>Item<th>Price<tr><td>Bolt<td><b>1.20</b></table><table><tr><td>Nut<td>2.40</table>",
    "spans": "<table><tr><td colspan=2>Wide<td>End<tr><td rowspan=2>Tall<td>x<td>y<tr><td>p<td>q</table>",
    "tbody": "<table><thead><tr><td>A<td>B</thead><tbody><tr><td>1<td>2<tr><td>3<td>4</tbody></table>",
    "title": "<title>The  title\n of it</title><p>Words</p>",
    "lists": "<ul><li>one<li>two<ul><li>three</ul></ul><ol><li>four</ol><dl><dt>five<dd>six</dl>",
    "pre": "<pre>first line\n  second   line\n<b>third</b> line</pre>",
    "comments": "<p>be<!-- no -->fore</p><?php echo 1 ?><p>after</p><!-- x --><p>last</p>",
    "hidden": "<p hidden>not this</p><script>nor this</script><p>this</p><style>p{}</style><p>that</p>",
    "odd names": "<o:p>Word says so</o:p><my-tag>custom</my-tag><o:p>twice</o:p>",
    "line breaks": "<div>12 Dock Street<br>Bristol<br>BS1 4XX</div><div>loose <p>inner</p> tail</div>",
    "scripts": "<p>合同<b>金额</b>为五千元。</p><p>عقد <i>بيع</i></p><p>e\u0301te\u0301 \u00a0 \u2003 x</p>",
    "layout": "<table><tr><td><h1>Head</h1><p>Text of the page</p><td><ul><li><a href=x>menu</a></ul></table>",
    "nested": "<div><div><div><p>deep <span><span>words</span></span></p></div></div></div>" * 3,
    "entities": "<p>R&amp;D &lt;b&gt; caf&eacute; 5&nbsp;&euro;</p>",
    "broken": "<p>never <b>closed <p>next </i> one</b><td>stray",
}  # fmt: skip


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def document_of(markup: str) -> Document:
    (document,) = read_documents(markup.encode())
    assert isinstance(document, Document), document
    return document


def element_at(markup: str, xpath: str) -> Any:
    (element,) = html.document_fromstring(markup).xpath(xpath)
    return element


@pytest.mark.parametrize("name", PAGES)
def test_the_element_of_every_word_and_of_every_two_words_holds_them(name: str) -> None:
    markup = f"<html><body>{PAGES[name]}</body></html>"
    document = document_of(markup)
    assert document.elements is not None
    words = [Span(found.start(), found.end()) for found in re.finditer(r"\S+", document.text)]
    spans = words + [Span(one.start, other.end) for one, other in pairwise(words)]
    for span, xpath in zip(spans, document.elements.xpaths(spans), strict=True):
        assert xpath, (name, span.of(document.text))
        held = squeezed(element_at(markup, xpath).text_content())
        assert all(word in held for word in span.of(document.text).split()), (name, xpath)


def test_the_innermost_element_is_named_and_in_a_table_of_data_the_cell() -> None:
    document = document_of(
        f"<html><body><h1>Offer</h1><p>{LOREM * 3}Paid by <b>Jane <i>Doe</i></b>.</p>{PAGES['two tables']}"
    )
    assert document.elements is not None
    wanted = {
        "Doe": "/html/body/p/b/i",
        "Jane Doe": "/html/body/p/b",
        "by Jane": "/html/body/p",
        "Offer": "/html/body/h1",
        "1.20": "/html/body/table[1]/tr[2]/td[2]",
        "Bolt\t1.20": "/html/body/table[1]/tr[2]",
        "2.40": "/html/body/table[2]/tr/td[2]",
    }
    starts = [document.text.index(quote) for quote in wanted]
    spans = [Span(start, start + len(quote)) for start, quote in zip(starts, wanted, strict=True)]
    assert dict(zip(wanted, document.elements.xpaths(spans), strict=True)) == wanted


def test_what_is_left_out_of_an_article_moves_no_element() -> None:
    menu = "<nav><ul><li><a href=1>Home</a><li><a href=2>News</a></ul></nav>"
    body = "".join(f"<p id=p{n}>Paragraph {n}: {LOREM * 2}</p>" for n in range(6))
    markup = f"<html><body>{menu}<article><h1>The bridge</h1>{body}</article><footer>Imprint</footer></body></html>"
    document = document_of(markup)
    assert document.elements is not None
    assert document.text != page_text(markup)
    for number in range(6):
        start = document.text.index(f"Paragraph {number}")
        (xpath,) = document.elements.xpaths([Span(start, start + 11)])
        assert element_at(markup, xpath).get("id") == f"p{number}"


def test_a_page_that_nests_too_deep_names_no_element() -> None:
    document = document_of(f"<html><body>{'<div>' * 300}<p>words of it</p>")
    assert document.elements is not None
    assert document.elements.xpaths([Span(0, 5)]) == [""]


@pytest.mark.slow
def test_ten_thousand_proofs_of_one_page_take_one_walk() -> None:
    rows = "".join(f"<tr><td>Bolt {n}<td>{n}.20" for n in range(5_000))
    document = document_of(f"<html><body><table>{rows}</table>")
    assert document.elements is not None
    spans = [Span(found.start(), found.end()) for found in re.finditer(r"\d+\.20", document.text)]
    assert document.elements.xpaths(spans)[-1] == "/html/body/table/tr[5000]/td[2]"


async def test_a_record_of_a_page_carries_the_elements_and_one_of_a_text_none() -> None:
    markup = f"<html><body><h1>Aurelia Marine</h1><p>{LOREM * 3}</p><p>Built on <b>3 March 2024</b>.</p></body></html>"
    script = Scripted([{"first": "Aurelia Marine", "day": "3 March 2024", "items": []}] * 2)
    record = await extract_document(document_of(markup), plan_for(Listing), script)
    assert {path: proof.element for path, proof in record.evidence.items() if proof} == {
        "/first": "/html/body/h1",
        "/day": "/html/body/p[2]/b",
    }
    assert record.to_json()["evidence"]["/day"]["element"] == "/html/body/p[2]/b"
    plain = await extract_document(Document("a", document_of(markup).text), plan_for(Listing), script)
    assert all(proof is None or not proof.element for proof in plain.evidence.values())
    assert "element" not in plain.to_json()["evidence"]["/day"]


def test_the_elements_of_one_text_in_two_pages_are_not_taken_for_each_other() -> None:
    from llmx.run.manifest import text_hash

    one, other = (document_of(f"<html><body><{tag}>The same words</{tag}>") for tag in ("p", "div"))
    assert one.text.strip() == other.text.strip()
    assert not isinstance(one, Unreadable)
    assert text_hash(one) != text_hash(other)
