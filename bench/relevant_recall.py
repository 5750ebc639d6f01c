"""How much of what is wanted stays in the passages that ``--relevant`` keeps, at several budgets.

    python bench/relevant_recall.py report                      a quarterly report of 300 pages that this script makes
    python bench/relevant_recall.py DOCS GOLD SCHEMA [PAGES]     texts with gold; PAGES of a report stand around each

DOCS/ID.txt and GOLD/ID.json are texts and their gold; SCHEMA is a reference as on the command line. A leaf of the gold
counts if one of its forms (as in gold_in_text.py) stands in the whole text; it is kept if one stands in what is sent.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pydantic import BaseModel, Field

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench.gold_in_text import flat, forms, leaves
from llmx.chunk import estimate_tokens
from llmx.extraction.relevance import relevant_part
from llmx.schema import ObjectOf, load_schema

BUDGETS = (500, 1000, 2000, 4000, 8000, 16000, 32000)
SECTIONS = (
    "Basis of presentation", "Inventories", "Leases", "Goodwill and intangible assets", "Segment information",
    "Income taxes", "Commitments and contingencies", "Stock compensation", "Fair value", "Derivatives", "Liquidity",
    "Risk factors", "Critical accounting estimates", "Controls and procedures", "Retirement plans", "Supplier finance",
)  # fmt: skip
WORDS = re.findall(
    r"\w+",
    "the company estimates that certain obligations of its subsidiaries under agreements with customers "
    "and suppliers in several regions are recognised over the period in which services are rendered and "
    "measured at cost less allowances for losses as management expects no material effect on results of "
    "operations or cash flows ",
)


class Report(BaseModel):
    """A quarterly report of a listed company."""

    registrant: str = Field(description="exact name of the registrant")
    quarter_end: date = Field(description="last day of the quarterly period")
    shares_outstanding: int = Field(description="number of shares of common stock outstanding")
    net_revenue: float = Field(description="total net revenue of the quarter")
    net_income: float = Field(description="net income of the quarter")
    diluted_eps: float = Field(description="diluted earnings per share")
    credit_facility: float = Field(description="size of the revolving credit facility")
    facility_maturity: date = Field(description="day on which the credit facility matures")
    largest_customer_share: float = Field(description="share of revenue from the largest customer, percent")
    effective_tax_rate: float = Field(description="effective income tax rate")
    repurchase_authorization: float = Field(description="amount authorised for repurchases of shares")
    chief_executive: str = Field(description="name of the chief executive officer who signs")


FACTS = {
    1: "Harrow & Finch Instruments Inc. (exact name of registrant). For the quarterly period ended 30 June 2031. As of "
       "21 July 2031 there were 48,217,530 shares of common stock outstanding.",
    9: "Net revenue\t$1,284.7\t$1,102.3\nCost of revenue\t731.9\t655.0\nNet income\t$206.4\t$171.8\n"
       "Earnings per share, diluted\t$4.27\t$3.58",
    97: "On 12 March 2030 we entered into a revolving credit facility of $750,000,000, which matures on 14 September "
        "2034.",
    141: "One customer accounted for 17.3% of our net revenue in the quarter; no other customer exceeded 10%.",
    188: "Our effective tax rate was 21.6% for the quarter, compared to 22.9% a year before.",
    233: "The board authorised the repurchase of up to $400,000,000 of our common stock.",
    299: "Pursuant to the requirements of the Act this report was signed by Odile Marchetti, Chief Executive Officer.",
}  # fmt: skip
GOLD = (
    "Harrow & Finch Instruments Inc.", "30 June 2031", "48,217,530", "1,284.7", "206.4", "4.27", "750,000,000",
    "14 September 2034", "17.3%", "21.6%", "400,000,000", "Odile Marchetti",
)  # fmt: skip


def page(number: int, chance: random.Random) -> str:
    """Return a page of a report: a heading, running text, and a table of figures."""
    section = SECTIONS[number * len(SECTIONS) // 301 % len(SECTIONS)]
    sentences = [" ".join(chance.choices(WORDS, k=22)).capitalize() + "." for _ in range(14)]
    text = [f"{number}. {section.upper()}", " ".join(sentences[:9])]
    header = "(in millions)\tThree months ended\tSix months ended"
    rows = [f"{' '.join(chance.choices(WORDS, k=3))}\t{chance.randint(1, 999)}.{n}\t{chance.randint(1, 999)}.{n}"
            for n in range(8)]  # fmt: skip
    return "\n\n".join([*text, "\n".join([header, *rows]), " ".join(sentences[9:])])


def report(pages: int = 300, facts: dict[int, str] = FACTS) -> str:
    """Return a report of that many pages, the same every time."""
    chance = random.Random(7)
    return "\n\n".join(f"{facts.get(n, '')}\n\n{page(n, chance)}\n\nPage {n}" for n in range(1, pages + 1))


def documents(arguments: list[str]) -> Iterator[tuple[str, list[set[str]]]]:
    """Yield each text, with the forms of each leaf of its gold that stands in it."""
    if arguments[0] == "report":
        yield report(), [{each} for each in GOLD]
        return
    around = report(int(arguments[3]), {}) if len(arguments) > 3 else ""
    for path in sorted(Path(arguments[0]).glob("*.txt")):
        own = path.read_text("utf-8")
        gold = leaves(json.loads((Path(arguments[1]) / f"{path.stem}.json").read_text("utf-8")))
        middle = around.find("\n\n", len(around) // 2)
        there = flat(own)
        wanted = [forms(value) for _, value in gold]
        yield (
            around[:middle] + "\n\n" + own + "\n\n" + around[middle:],
            [each for each in wanted if any(flat(form) in there for form in each)],
        )


def main(arguments: list[str]) -> int:
    """Print a row for each budget."""
    tree: ObjectOf = load_schema(Report if arguments[0] == "report" else arguments[2]).tree
    found = list(documents(arguments))
    tokens = sum(estimate_tokens(text) for text, _ in found)
    print(f"{len(found)} documents, {tokens:,} tokens, {sum(len(gold) for _, gold in found)} values")
    for budget in BUDGETS:
        start, kept, total, sent = time.process_time(), 0, 0, 0
        for text, gold in found:
            part = relevant_part(text, tree, max_tokens=budget)
            shown = text if part is None else part.text
            sent += estimate_tokens(shown)
            there = flat(shown)
            total += len(gold)
            kept += sum(any(flat(form) in there for form in each) for each in gold)
        seconds = time.process_time() - start
        print(
            f"| {budget:,} | {sent / tokens:.0%} | {kept} of {total} ({kept / total:.0%}) | {seconds:.2f} s |",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
