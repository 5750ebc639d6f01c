"""Whether what looks through a text takes time in proportion to it, whatever the text says.

    python bench/scaling.py                  # everything that reads texts, on every kind of text: some minutes
    python bench/scaling.py Money locate     # what has one of these words in its name
    python bench/scaling.py --every 8        # an eighth of the texts for each, another eighth for the next: a minute

Each text is one piece, repeated: those on which a scanner may start again at every place, or look back to the
beginning. CPU time is taken at n, 2n and 4n characters, the best of several; where four times the text takes more than
5.3 times as long (2.3 for each doubling), a row is printed, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import itertools
import random
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType

from pydantic import BaseModel

from llmx.boilerplate import clean
from llmx.chunk import chunk_text
from llmx.documents import Document, document_date
from llmx.documents.converters.html_text import main_text, page_text
from llmx.documents.decode import decode
from llmx.endpoint import Completion, parse
from llmx.endpoint.redact import Redactor
from llmx.endpoint.thoughts import object_at_end, without_thoughts
from llmx.errors import LlmxError
from llmx.grounding.ground import ground
from llmx.grounding.text import SourceText
from llmx.locating import TextIndex
from llmx.locating.normal import NormalForm
from llmx.schema import compile_tree
from llmx.span import Span
from llmx.types import (
    CountryCode,
    CurrencyCode,
    DateRange,
    Duration,
    Email,
    LanguageCode,
    Money,
    Number,
    OrganizationName,
    PartialDate,
    Percent,
    PersonName,
    Phone,
    Quantity,
    Url,
    Verbatim,
    guess_locale,
)

MOST_TIMES = 2.3
"""How much longer twice the text may take; a quadratic scanner takes four times as long."""

CHARS = 4000
WORTH_A_LOOK_S = 0.025  # at four times CHARS: a quadratic scanner that is faster takes a second for 100,000 characters
LIMIT_S = 8.0  # of CPU for all measurements of one text: a text is read some twenty times, at up to 64,000 characters

PIECES = [
    "a", " ", "\n", "\n ", "\t ", "\r", "1", "0", "1,", "1.", "111,", "111 ", "1 ", "-", "- ", "1-", "–1 ", "(",
    "(1", "[", "{", ")]}", "<", ">", "<think>", "</think>", '"', "'", "1'", "\u0301", "a\u0301",
    "\u0939\u093f\u0902", "\u05e9\u05b8\u05c1", "\u0645\u064f\u0651", "\u0663", "\u0663\u060c", "각",
    "\u1100\u1161", "\u1161", "年", "2024年", "2024年5月12日", "5月12日", "日", "令和6年", "令和",
    "一二三", "百", "万", "1万",
    "3亿元", "元", "双方签署协议。", "省", "2024年至", "2024년 5월 ", "5천만", "1조 2000억 원 ",
    "1/", "12/05/2024 ", "2024-05-12 ",
    "2024-", "12.05.", "10:30 ", "10:30:00+02:00 ", "May ", "May 12 ", "12 May ", "May 2024 ",
    "2020 year 5 month 9 day ", "2024 ", "Q3 ", "Tuesday, ", "yesterday ", "next week ", "from ",
    "from 1 May to ", "between 1 and ", "until ", "2020-2024 ", "vom 1. bis ", "in 3 days ", "1st ", "den 5. ",
    "of ", "the ", "$", "$1 ", "EUR ", "€ 1 ", "1 EUR ", "$1 million ", "million ", "two ", "hundred and ",
    "one hundred ", "quatre-vingt-", "tausend", "dreihundertfünfzig", "zweiund", "y ", "cents ", "dollars ",
    "half a ", "lakh ", "crore ", "minus ", "(1,234) ", "about ", "more than ", "1% ", "per cent ",
    "basis points ", "1/2 ", "½", "1e5 ", "²", "1 x ", "5 km ", '5\'11" ', "kg m ", "square ", "m³ ", "5 years ",
    "two (2) years ", "6 months and ", "P1Y", "P", "T1H", "@", "a@", "a@b.", "a.com ", ".", "a.", "http://",
    "www.", "http://a.b/c?d=e&", "+", "+1 555 ", "(555) 123-", "555-1234 ", "tel: ", "/", ":", "; ", "_", "|",
    "a | ", "• ", "*", "#", "…", "... ", "\u200b", "\xad", "a\xad", "\xa0", "1\u2009", "\ufeff", "😀", "A ",
    "Acme ", "Acme and ", "Acme, Inc. ", "Dr. ", "J. ", "van ", "de ", "und ", "a-", "a-\n",
    "the company signed an agreement ", "He left. ", "He left the firm.\n\n", "US ", "France ", "English, ",
    "Share: ", "We use cookies. ", "Read more\n", "© 2024 ", "Home | News | ", "Home > ", "Related articles\n",
    "https://", "<div>", "<p>a</p>", "<table><tr><td>", "<tr><td>a</td></tr>", "<!--", "&amp;", "&", "<br>",
    "<b>", "<script>", "<![CDATA[", "<a href='x' ", "<?xml ",
    '<meta property="article:published_time" content="2024-05-12">', '<script type="application/ld+json">{',
    "<time>12 May 2024</time>", '{"a":', '{"a":[', "\\", '\\"', "\\u0041", '{"a":1} ', '{"a":"b",} ', "{}", "[]",
    "[1,", '"a":"b",', "{'a':'b',", "```json\n", "```", "<tool_call>", "<reasoning>", 'hm {"a": ', "// x\n",
    "/* ", "sk-", "sk-aaaaaaaaaaaaaaaaaaaa ", "eyJ", "eyJaaaaaaaaaaaa.", "Bearer ",
    "-----BEGIN PRIVATE KEY-----\n", "http://a:b", "Basic ", "AKIA", "api_key=", "Cookie: a=b; ", "ghp_", "xoxb-",
    '"a', '"a""', "a,b\n", ",", "a\tb\n", '{"text":"a"}\n', "USD1EUR", "1美元", "US$", "Rs. ", "AED 1,", "（1", "「",
    "二〇二四年", "พ.ศ. ", "๑", "1445 \u0647\u0640 ", "5 мая ", "млн руб. ", "年度", "去年", "up to ", "or ", "1 or ",
    "to ", "1 to ", "1, 2, ", "1 and ", "1 million ", "1 million two ", "one point ", "dozen ", "No. 1 ", "§ 1 ",
    '<tool_call>{"name":', "a\u0327\u0301",
]  # fmt: skip
ENDS = (("1", ""), ("a", "1"), ("EUR ", " EUR"))
LONE = (
    "\u0301", "\u0301\u0316", "年", "1", " ", ",", ".", "-", "'", "\n", "(", "a", "Acme ", "$", "2024年", "<think>",
    "{", "two ",
)  # fmt: skip

TYPES = (
    Number, Money, PartialDate, DateRange, Duration, Percent, Quantity, Email, Url, Phone, PersonName, OrganizationName,
    Verbatim, CountryCode, CurrencyCode, LanguageCode,
)  # fmt: skip
REDACTOR = Redactor.of(("hush",), secrets=("supersecret",))
QUOTE = "the big company signed a memorandum of understanding"


class Cells(BaseModel):
    """An element of a list, with words of the text."""

    name: str
    count: Number | None = None
    price: Money | None = None


class Table(BaseModel):
    """A list whose elements are grounded."""

    rows: list[Cells]


TREE = compile_tree(Table)


def ground_pieces(text: str) -> object:
    """Ground a list with an element for each 80 characters, in the words that stand there."""
    lines = [text[at : at + 80] for at in range(0, len(text), 80)]
    return _grounded([{"name": line[:6].strip() or "x", "price": line[10:16].strip() or "y"} for line in lines], text)


def ground_wrapped(text: str) -> object:
    """Ground a table as long as ``text``, whose cells are wrapped, with its elements in another order."""
    draw, lines, rows = random.Random(len(text)), ["Name                          No.      Price"], []
    for _ in range(len(text) // 60):
        first, second = (f"{draw.choice(NAMES)} {draw.choice(NAMES)}" for _ in "ab")
        count, price = str(draw.randint(1, 9)), f"{draw.randint(1, 40)}.50"
        lines += [f"{first:28s} {count:>3s}  {price:>9s}", f"  {second}"]
        rows.append({"name": f"{first} {second}", "count": count, "price": price})
    draw.shuffle(rows)
    return _grounded(rows, "\n".join(lines))


def _grounded(rows: list[dict[str, str]], text: str) -> object:
    return ground(TREE, {"rows": rows}, SourceText(text, TextIndex(text), Span(0, len(text)), locale="en"))


NAMES = ("steel bolt", "copper pipe", "brass valve", "hose", "clamp", "gasket", "washer", "filter", "motor", "shaft")
Scan = Callable[[str], object]
SCANS: dict[str, Scan] = {
    **{f"{kind.__name__}.find_all": kind.find_all for kind in TYPES},
    **{f"{kind.__name__}.from_text": kind.from_text for kind in TYPES},
    "PartialDate.find_all, German": lambda text: PartialDate.find_all(text, locale="de"),
    "guess_locale": guess_locale,
    "document_date": lambda text: document_date(Document("a", text, ""), locale="en"),
    "NormalForm": NormalForm,
    "locate, not there": lambda text: TextIndex(text).locate(QUOTE),
    "locate, nearly there": lambda text: TextIndex(text).locate(text[:40] + "x" + text[40:60]),
    "locate, with an ellipsis": lambda text: TextIndex(text).locate(text[:12] + " … " + text[-9:-1] + "z"),
    "locate, half of the text": lambda text: TextIndex(text).locate(text[1 : len(text) // 2] + "q"),
    "locate, all places": lambda text: TextIndex(text).find_all(text[:10]),
    "ground": ground_pieces,
    "ground, wrapped rows": ground_wrapped,
    "clean": clean,
    "chunk_text": lambda text: list(chunk_text(text, max_tokens=200)),
    "page_text": page_text,
    "main_text": main_text,
    "decode": lambda text: decode(b"\xe9" + text.encode("utf-8", "replace"), "x", encoding=None),
    "parse": lambda text: parse(text, "text", names=("a", "b")),
    "parse, in an object": lambda text: parse('{"a": ' + text + "}", "text", names=("a",)),
    "parse, behind thoughts": lambda text: parse("<think>" + text + ' {"a": 1}', "text"),
    "parse, cut": lambda text: parse('{"a": ["' + text, "tools", cut=True),
    "without_thoughts": lambda text: without_thoughts("<think>" + text),
    "object_at_end": object_at_end,
    "Completion": lambda text: Completion.from_body(b"data: " + text.encode("utf-8", "replace"), "json"),
    "redact": REDACTOR.text,
}


def texts() -> Iterator[tuple[str, Callable[[int], str]]]:
    """Yield each kind of text: its name, and what makes one of so many characters."""
    for piece in PIECES:
        yield ascii(piece), functools.partial(repeated, piece)
    for piece, (before, behind) in itertools.product(LONE, ENDS):
        yield f"{before!r} + {piece!a} + {behind!r}", functools.partial(between, piece, before=before, behind=behind)


def between(piece: str, size: int, *, before: str, behind: str) -> str:
    return before + repeated(piece, size) + behind


def repeated(piece: str, size: int) -> str:
    return (piece * (size // len(piece) + 1))[:size]


def seconds(scan: Scan, text: str) -> float:
    """Return the CPU time of one scan; an error of ours ends it as well as a result does."""
    begin = time.thread_time()
    with contextlib.suppress(LlmxError):
        scan(text)
    return time.thread_time() - begin


def slower(scan: Scan, text_of: Callable[[int], str], *, reps: int = 4) -> str:
    """Return the times where a longer text takes more time than in proportion, '' where it does not.

    What seems to is looked at once more with texts four times as long: a few milliseconds are measured too badly.
    """
    seconds(scan, text_of(50))  # tables are loaded before the clock runs
    if seconds(scan, text_of(4 * CHARS)) < WORTH_A_LOOK_S:
        return ""
    return disproportion(scan, text_of, CHARS, reps=reps) and disproportion(scan, text_of, 4 * CHARS, reps=reps)


def disproportion(scan: Scan, text_of: Callable[[int], str], chars: int, *, reps: int) -> str:
    """Return the times at once, twice and four times ``chars``, '' where the last is in proportion to the first."""
    best = dict.fromkeys((chars, 2 * chars, 4 * chars), float("inf"))
    for _ in range(reps):
        for size in best:
            best[size] = min(best[size], seconds(scan, text_of(size)))
        if best[4 * chars] <= best[chars] * MOST_TIMES**2:
            return ""
    return " ".join(f"{best[size] * 1000:.0f} ms" for size in best)


class _TooLongError(BaseException):
    """Raised by the alarm."""


def _alarm(_: int, __: FrameType | None) -> None:
    raise _TooLongError


def measured(words: list[str], *, every: int = 1) -> Iterator[tuple[str, str, str]]:
    """Yield scan, text and times of what does not scale; ``words`` choose scans by their names.

    Each scan reads one text of ``every``, the next scan the text after it, so that all texts have their turn.
    """
    signal.signal(signal.SIGVTALRM, _alarm)
    for number, (name, scan) in enumerate(SCANS.items()):
        chosen = not words or any(word in name for word in words)
        most = number % every + 1 if scan is ground_wrapped else None  # its texts hang on their lengths alone
        for kind, text_of in itertools.islice(texts(), number % every, most, every) if chosen else ():
            signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT_S)
            try:
                times = slower(scan, text_of)
            except _TooLongError:
                times = f"more than {LIMIT_S:.0f} s"
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            if times:
                yield name, kind, times


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="words in the names of the scans to measure")
    parser.add_argument("--every", type=int, default=1, help="take one text of so many")
    args = parser.parse_args()
    found = 0
    for name, kind, times in measured(args.words, every=args.every):
        print(f"| {name} | {kind} | {times} |", flush=True)
        found += 1
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
