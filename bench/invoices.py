"""Documents for benchmarks: prose of about 600 words, each different, with one invoice in it; and their schema."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

PROMPT = "Extract the invoice from the document. Copy values exactly as written."

_NOUNS = """advice agent arrival balance barge berth bill board bollard cable capacity cargo carrier chain charge clause
clerk coast column contract copy counter cover crane credit crew custom deck delay delivery depot dispute district dock
draft duty engine entry estimate export fee fender ferry figure fleet freight fuel gear goods grade guide harbour hatch
hull import index inlet inspection interest item journal keel label lease ledger letter license load lock manifest
margin master matter measure meeting method minute mooring night notice number office officer order owner package paint
paper parcel partner payment permit pier pilot plan plate port price pump quarter quay rate receipt record remark
repair reply report request reserve rope route safety sample schedule season section service shed ship signal slip
staff station steel storage supply surface survey system tanker tariff tender terminal ticket tide timber trade
""".split()  # noqa: SIM905 - a list of 160 strings is no better to read
_VERBS = (
    "was moved to",
    "was checked against",
    "arrived before",
    "had been agreed with",
    "was noted beside",
    "replaced",
)
_FACTS = (
    "Invoice {id} was issued on 2026-03-17 by Halvorsen Marine Supply AS to Port of Lindesnes Authority. It covers 40 "
    "pieces of HM-2041 stainless shackle 12 mm at 189.50, 2 of HM-7730 mooring rope 24 mm, 220 m coil at 4310.25 and 3 "
    "of HM-0093 deck paint, grey, 20 l at 750.00. The total is 18450.75 NOK and it has not been paid."
)


class Line(BaseModel):
    sku: str = Field(description="Article number")
    description: str
    quantity: int
    unit_price: float


class Invoice(BaseModel):
    """One supplier invoice."""

    invoice_no: str = Field(description="Invoice number")
    vendor: str = Field(description="Company that issued the invoice")
    customer: str
    issued: str = Field(description="Issue date, YYYY-MM-DD")
    currency: Literal["NOK", "EUR", "USD"]
    total: float
    paid: bool
    lines: list[Line]


class Brief(BaseModel):
    """An invoice."""

    invoice_no: str
    customer: str
    total: float


def invoice_id(number: int) -> str:
    """Return the number of the invoice in the document ``number``."""
    return f"INV-{number + 1:06d}"


def text(number: int, words: int = 600) -> str:
    """Return the document ``number``, of about ``words`` words (at least the 60 with the facts)."""
    chance = random.Random(number)
    sentences, count = [], len(_FACTS.split())
    while count < words:
        a, b, c, d = chance.choices(_NOUNS, k=4)
        sentence = f"The {a} {b} {chance.choice(_VERBS)} the {c} {d} in lot {chance.randrange(1000, 9999)}."
        sentences.append(sentence)
        count += len(sentence.split())
    sentences.insert(chance.randrange(len(sentences) + 1), _FACTS.format(id=invoice_id(number)))
    return " ".join(sentences)


def brief(number: int) -> str:
    """Return the document ``number`` of up to a million: one sentence, for ``Brief``."""
    owed = f"Port of Lindesnes Authority owes 18450.75 NOK for delivery {number * 7919 % 1000003}"
    return f"Invoice INV-{number:06d}: {owed}, due in thirty days."


def rows(count: int, words: int = 600) -> Iterator[dict[str, str]]:
    """Yield ``count`` rows {id, text}; with 0 words the text is that of ``brief``."""
    for number in range(count):
        yield {"id": invoice_id(number), "text": text(number, words) if words else brief(number)}


def write(path: Path, count: int, words: int = 600) -> Path:
    """Write them as JSON lines, where they are not there yet."""
    if not path.exists():
        with path.open("w") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows(count, words))
    return path
