"""The tables, lists and short or deep pages of HTML reach the model, each row on a line with its cells parted."""

from __future__ import annotations

import pytest

from llmx.documents.converters.html_text import main_text, page_text

MENU = '<nav><ul><li><a href="/">Home</a></li><li><a href="/p">Products</a></li></ul></nav>'
FOOT = '<footer><ul><li><a href="/y">Privacy policy</a></li></ul></footer>'
SENTENCE = "The committee met on Thursday to discuss the proposals that its members had sent in during the spring. "
ITEMS = "<table><tr><th>Item</th><th>Qty</th><th>Price</th></tr><tr><td>Lamp</td><td>2</td><td>€39.90</td></tr><tr><td>X</td><td>1</td><td>€5</td></tr><tr><td colspan=2>Total</td><td>€44.90</td></tr></table>"
ROWS = "Item\tQty\tPrice\nLamp\t2\t€39.90\nX\t1\t€5\nTotal\t\t€44.90\n"


def page(body: str) -> str:
    return f"<!doctype html><html><head><title>A page</title></head><body>{MENU}{body}{FOOT}</body></html>"


@pytest.mark.parametrize(
    "body",
    [
        f"<h1>Invoice 7</h1>{ITEMS}",
        f"<h1>Invoice 7</h1><p>Billed to Ann Lee, Ulm</p>{ITEMS}<p>Please pay within 14 days.</p>",
        f"<article><h1>Invoice 7</h1><p>{SENTENCE * 3}</p>{ITEMS}<p>{SENTENCE}</p></article>",
        f"<table><tr><td><a href='/1'>Link one</a></td><td><h1>Invoice 7</h1><p>{SENTENCE * 4}</p>{ITEMS}</td></tr></table>",
        "<div>" * 300 + f"<h1>Invoice 7</h1>{ITEMS}" + "</div>" * 300,
    ],
    ids=["bare", "letter", "article", "layout table", "deep"],
)
def test_all_rows_of_a_table_stay_and_the_menu_goes(body: str) -> None:
    text = str(main_text(page(body)))
    assert ROWS in text
    assert "Invoice 7" in text
    assert "Products" not in text


def test_a_timetable_of_short_rows_stays() -> None:
    rows = [("Berlin", "08:00"), ("Köln", "12:15"), ("Ulm", "16:00")]
    table = "".join(f"<tr><td>{town}</td><td>{at}</td></tr>" for town, at in rows)
    text = str(main_text(page(f"<h1>Trains</h1><table>{table}</table>")))
    assert "Berlin\t08:00\nKöln\t12:15\nUlm\t16:00\n" in text


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ("<tr><td>Jan<td><td>5<tr><td>Feb<td>7<td><tr><td><td><td>9", "Jan\t\t5\nFeb\t7\n\t\t9\n"),
        ("<tr><th rowspan=2>Line<th colspan=2>Berlin<th>Ulm<tr><td>dep<td>arr<td>dep", "Line\tBerlin\t\tUlm\n\tdep\tarr\tdep\n"),
        ("<tr><td>A<td colspan=-1 rowspan=x>B<td>C<tr><td>1<td>2<td>3", "A\tB\tC\n1\t2\t3\n"),
        ("<tr><td><p>Ann Lee</p><td><div>CEO</div><div>since 2019</div><td>Main St<br>Ulm", "Ann Lee\tCEO since 2019\tMain St Ulm\n"),
        ("<tr><td>Basic<td><ul><li>1 user<li>5 GB</ul><td>$5", "Basic\t1 user 5 GB\t$5\n"),
    ],
    ids=["empty cells", "spans", "senseless spans", "blocks", "list"],
)  # fmt: skip
def test_every_cell_stands_in_its_column_whatever_is_in_the_others(rows: str, lines: str) -> None:
    assert page_text(f"<table>{rows}</table>").rstrip("\n") == lines.rstrip("\n")


def test_paragraphs_of_a_layout_table_stay_paragraphs() -> None:
    body = f"<table><tr><td><ul><li><a>Home</a><li><a>News</a></ul></td><td><p>{SENTENCE}</p><p>{SENTENCE}</p></td></tr></table>"
    assert page_text(body).splitlines()[:2] == ["Home", "News"]
    assert page_text(body).splitlines().count(SENTENCE.strip()) == 2


@pytest.mark.slow
@pytest.mark.parametrize("tag", ["div", "span", "blockquote", "font", "ul><li", "table><tr><td"])
@pytest.mark.parametrize("depth", [300, 3000])
def test_a_deeply_nested_page_loses_no_text(tag: str, depth: int) -> None:
    closing = "".join(f"</{name}>" for name in reversed(tag.split("><")))
    markup = f"<p>At first.</p>{f'<{tag}>' * depth}Acme bought Beta.{closing * depth}<p>At last.</p>"
    for text in (page_text(markup), str(main_text(markup))):
        assert text.split() == ["At", "first.", "Acme", "bought", "Beta.", "At", "last."]


def test_scripts_and_comments_of_a_deeply_nested_page_are_no_text() -> None:
    inside = "<script>var a = '<div><p>';</script><!-- <div> --><style>p {}</style><p>Acme.</p>"
    assert page_text("<div>" * 400 + inside + "</div>" * 400 + "<p>Beta.</p>").split() == ["Acme.", "Beta."]


@pytest.mark.parametrize(
    "markup",
    ["Acme bought Beta.", "<p>Acme bought Beta.", "<div>Acme bought Beta.</div>", page("<main><p>Acme bought Beta.</main>")],
    ids=["words", "paragraph", "division", "with a menu"],
)  # fmt: skip
def test_a_page_of_one_short_block_is_read(markup: str) -> None:
    text = str(main_text(markup))
    assert "Acme bought Beta.\n" in text
    assert "Home" not in text


def test_definition_lists_and_short_items_stay() -> None:
    body = f"<h1>K200</h1><p>{SENTENCE}</p><dl><dt>Weight<dd>1 kg<dt>Power<dd>9 W</dl><ul><li>Bo<li>3 dogs</ul>"
    lines = str(main_text(page(f"<main>{body}</main>"))).splitlines()
    assert [line for line in lines if line][2:8] == ["Weight", "1 kg", "Power", "9 W", "Bo", "3 dogs"]


def test_preformatted_text_keeps_its_lines() -> None:
    assert "10:00 start\n10:05 stop\n" in str(main_text("<h1>Log</h1><pre>10:00 start\n10:05 stop\n</pre>"))


@pytest.mark.parametrize(
    "menu", ["<ul class=related>{}</ul>", "<div role=navigation><ul>{}</ul></div>", "<nav>{}</nav>"]
)
def test_lists_of_links_still_go(menu: str) -> None:
    links = menu.format("<li><a href='/1'>Dog bites man</a></li><li><a href='/2'>Man bites dog</a></li>")
    text = str(main_text(page(f"<div><h1>News</h1><p>{SENTENCE * 3}</p>{links}<p>{SENTENCE * 3}</p></div>")))
    assert text.count(SENTENCE.strip()) == 6
    assert "bites" not in text


ITEM = "<li><a href='/{0}'>Member {0}</a>"


@pytest.mark.parametrize("before", [f"<p>{SENTENCE * 3}</p><h2>Members</h2>", f"<p>{SENTENCE * 3}</p><p>Members:</p>"])
@pytest.mark.parametrize("behind", [f"<p>{SENTENCE * 3}</p>", f"<ol><li>{SENTENCE * 3}</ol><p>{SENTENCE}</p>"])
def test_a_list_of_many_links_amid_the_article_stays(before: str, behind: str) -> None:
    links = "".join(map(ITEM.format, range(12)))
    text = str(main_text(page(f"<div><h1>The club</h1>{before}<ul>{links}</ul>{behind}</div>")))
    assert all(f"Member {i}\n" in text for i in range(12))


def test_a_list_of_links_behind_a_colon_at_the_end_stays() -> None:
    links = "".join(map(ITEM.format, range(12)))
    text = str(main_text(page(f"<div><h1>The club</h1><p>{SENTENCE * 3}</p><p>These are:</p><ul>{links}</ul></div>")))
    assert "Member 11\n" in text


@pytest.mark.parametrize(
    "hints",
    [
        "<aside><ul>{}</ul></aside>",
        "<div class='related-posts'><ul>{}</ul></div>",
        "<ul id=sharing>{}</ul>",
    ],
)
def test_a_list_that_the_page_calls_a_hint_at_other_pages_goes(hints: str) -> None:
    links = hints.format("".join(map(ITEM.format, range(12))))
    text = str(main_text(page(f"<div><h1>The club</h1><p>{SENTENCE * 3}</p>{links}<p>{SENTENCE * 3}</p></div>")))
    assert "Member" not in text


@pytest.mark.parametrize("menu", ["<table><tr><td>{}</td><td>{}</td></tr></table>", "<ul><li>{}</li><li>{}</li></ul>"])
@pytest.mark.parametrize(
    "body", [f"<p>{SENTENCE * 3}</p>", f"<p>Billed to Ann Lee</p>{ITEMS}"], ids=["article", "invoice"]
)
def test_bare_links_above_the_heading_go_and_the_heading_stays(menu: str, body: str) -> None:
    links = menu.format("<a href='/'>Start</a>", "<a href='/n'>Latest</a>")
    text = str(main_text(f"<body>{links}<div><h1>Invoice 7</h1>{body}</div></body>"))
    assert text.startswith("Invoice 7\n")
    assert "Latest" not in text
