"""Lists, cards, rows and code amid the article stay with it; what the page says about itself or others goes."""

from __future__ import annotations

import pytest

from llmx.documents.converters import ConvertOptions
from llmx.documents.converters.html import convert
from llmx.documents.converters.html_text import main_text
from llmx.span import Span

SENTENCE = "The committee met on Thursday to discuss the proposals that its members had sent in during the spring. "
WORK = "Head of the office for schools, and of the library in the old town hall"
TEAM = [("Ann", "Lee", WORK), ("Bo", "Ek", WORK), ("Cy", "Ott", WORK)]
STAFF = [(f"First{i}", f"Last{i}", "Clerk") for i in range(9)]


def lines(body: str, *, html: str = "<html>", start: str = "<div><h1>The club</h1>") -> list[str]:
    page = f"{html}<body>{start}<p>{SENTENCE * 3}</p>{body}<p>{SENTENCE * 3}</p></div></body></html>"
    return [line for line in str(main_text(page)).splitlines() if line and line != (SENTENCE * 3).strip()]


def test_short_and_nested_items_amid_the_article_stay() -> None:
    body = "<ul><li>bit<li><a href=x>bold</a><ul><li>orange<li>apple</ul><li>final</ul><p>text to part them</p><ol><li>end</ol>"
    assert lines(body) == ["The club", "bit", "bold", "orange", "apple", "final", "text to part them", "end"]


def test_all_cards_of_a_team_stay_with_those_that_were_found() -> None:
    card = "<div class=item><div class=text><h3>{}<br>{}</h3><li>{}</li></div></div>"
    rows = ("".join(card.format(*each) for each in row) for row in (TEAM, STAFF))
    parts = "".join(f"<h2>Part</h2><div class=blog><div class=row>{row}</div></div>" for row in rows)
    found = [each for each in lines(parts) if each not in {"The club", "Part"}]
    assert found == [word for each in (*TEAM, *STAFF) for word in each]


def test_the_rows_about_an_inner_table_stay() -> None:
    inner = "<table><tr><th>nested<th>table</tr><tr><td>11<td>12</tr></table>"
    body = f"<table><tr><th>left<th>right</tr><tr><td>{inner}<td>7</tr><tr><td>Tom<td>Joe</tr></table>"
    text = str(main_text(f"<body>{body}</body>"))
    assert all(row in text for row in ("left\tright\n", "11\t12\n", "Tom\tJoe"))


@pytest.mark.parametrize("html", ["<html>", "<html class='light sidebar-visible'>"])
def test_code_and_folded_parts_stay_whatever_the_whole_page_is_called(html: str) -> None:
    body = f"<figure class=list><div><pre class=playground>x = 1\ny = 2</pre></div></figure><p>{SENTENCE}</p>"
    body += f"<details><summary>When?</summary><dl><dt>Noon<dd>daily</dl></details><p>{SENTENCE}</p>"
    assert {"x = 1", "y = 2", "Noon", "daily"} <= set(lines(body, html=html))


@pytest.mark.parametrize(
    "other",
    [
        "<form><p>Junk leave a word</p><ul><li>Junk one<li>Junk two</ul></form>",
        "<div id=comments><h3>Junk</h3><ol><li><b>Junk Bo</b><p>Junk nice.</p></ol></div>",
        "<div class=c><h4>Junk read also</h4><a href=x>Junk one of the others</a><br><a href=y>Junk two</a></div>",
        "<ul role=menu><li><button>Junk</button><li><button>Junk</button><li>Junk<li>Junk</ul>",
        "<aside><dl><dt>Junk<dd>Junk</dl></aside>",
    ],
    ids=["form", "comments", "links", "menu", "aside"],
)
def test_what_is_about_the_page_or_others_goes_from_amid_the_article(other: str) -> None:
    assert not [line for line in lines(other) if "Junk" in line]


def test_a_line_that_came_back_has_its_element() -> None:
    page = f"<body><div><h1>Club</h1><p>{SENTENCE * 3}</p><ul><li>bit<li>bolt</ul><p>{SENTENCE}</p></div></body>"
    converted = convert(page.encode(), "a.html", ConvertOptions())
    at = converted.text.index("bolt")
    assert converted.elements is not None
    assert converted.elements.xpaths([Span(at, at + 4)]) == ["/html/body/div/ul/li[2]"]
