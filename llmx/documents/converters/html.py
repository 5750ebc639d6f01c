"""HTML pages: the text of the article, and the date of publication in the page's metadata."""

from __future__ import annotations

from llmx.documents.converters import Converted, ConvertOptions
from llmx.documents.converters.html_date import page_date
from llmx.documents.converters.html_elements import PageElements
from llmx.documents.converters.html_lines import parse_page
from llmx.documents.converters.html_text import main_text
from llmx.documents.dates import DocumentDate
from llmx.documents.decode import check_text, decode


def convert(data: bytes, name: str, options: ConvertOptions) -> Converted:
    """Return the article of a page, decoded as the user, a byte order mark or the page itself says."""
    markup = decode(data, name, encoding=options.encoding, page=True)
    article = main_text(markup)
    check_text(article.text, f"the main text of {name}")
    root, _ = parse_page(markup)
    date = DocumentDate() if root is None else page_date(root)
    return Converted(article.text, date, elements=PageElements(markup, article.kept))
