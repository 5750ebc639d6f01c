"""Invoice: who bills whom for what, when it is due, and what it comes to.

Sums of the whole invoice carry their currency; those of a line are plain numbers in the same one.
"""

from typing import Annotated

from pydantic import BaseModel, Field

from llmx.schema import Compare
from llmx.schema.marks import Cap
from llmx.types import Money, Number, OrganizationName, PartialDate, Verbatim

Name = Annotated[OrganizationName, Compare("words:0.8")]
Code = Annotated[Verbatim, Cap(60), Compare("casefold")]


class InvoiceLine(BaseModel):
    """One line of an invoice: goods or a service."""

    description: Annotated[Verbatim, Cap(160), Compare("words:0.8")] = Field(
        description="what is billed, without its number, quantity and price"
    )
    quantity: Number | None = Field(description="how many, or how much, is billed")
    unit_price: Number | None = Field(description="the price of one unit")
    amount: Number | None = Field(description="what the line comes to")


class Invoice(BaseModel):
    """A bill for goods or services that were delivered, or a credit note."""

    number: Code | None = Field(description="the invoice's own number; not that of an order or a customer")
    issued_on: PartialDate | None = Field(description="the date of the invoice")
    due_on: PartialDate | None = Field(description="the date by which it is to be paid")
    seller: Name | None = Field(description="who issues the invoice and is to be paid")
    seller_tax_id: Code | None = Field(description="the tax or VAT number of the seller")
    buyer: Name | None = Field(description="who is billed")
    order_number: Code | None = Field(description="the number of the order that the invoice answers")
    lines: list[InvoiceLine] = Field(description="the lines of the invoice; not subtotals, taxes or totals")
    net: Money | None = Field(description="the sum of the invoice before tax")
    tax: Money | None = Field(description="the tax (VAT, MwSt., TVA, IVA)")
    total: Money | None = Field(description="the sum to pay, tax included")
    account: Code | None = Field(description="the bank account (IBAN) to pay to")
