"""LoanSlips: Who borrowed which thing, when it is due back, and what was paid as deposit.

Proposed by llmx schema infer from 3 documents. The comments say which words proved a field. Change what you like: names
and descriptions are what the model is asked for.
"""

from typing import Annotated

from pydantic import BaseModel, Field

from llmx.schema import Compare
from llmx.types import Money, OrganizationName, PartialDate, PersonName, Verbatim


class LoanSlips(BaseModel):
    """Who borrowed which thing, when it is due back, and what was paid as deposit."""

    # in 3 of 3: "LT-2207", "LT-2231", "L-0583"
    loan_number: Annotated[Verbatim, Compare("casefold")] | None = Field(description="the number of the loan")
    # in 3 of 3: "Priya Raman", "Tomasz Zielinski", "Katrin Oberdorf"
    borrower: Annotated[PersonName, Compare("words:0.8")] | None = Field(description="the person who borrowed the item")
    # in 1 of 3: "2019"
    member_since: PartialDate | None = Field(description="the date when the borrower became a member")
    # in 3 of 3: "hammer drill with case", "four-person tent (serial number CT-4-0077)", …
    item: Verbatim | None = Field(description="what was borrowed")
    # in 2 of 3: "6 June 2025", "20 June 2025"
    lent_on: PartialDate | None = Field(description="the day on which the item was lent")
    # in 3 of 3: "13 June 2025", "4 July 2025", "9. Juli 2025"
    due_back: PartialDate | None = Field(description="the day on which the item is due back")
    # in 3 of 3: "£40.00", "£65.50", "50,00 €"
    deposit_paid: Money | None = Field(description="what was paid as deposit")
    # in 1 of 3: "one peg is missing, Mr Zielinski knows"
    note: Verbatim | None = Field(description="any additional information")
    # in 1 of 3: "Bibliothek der Dinge Linden"
    library: Annotated[OrganizationName, Compare("words:0.8")] | None = Field(
        description="the library that issued the loan"
    )
    # in 1 of 3: "2. Juli 2025"
    borrowed_on: PartialDate | None = Field(description="the day on which the item was borrowed")
