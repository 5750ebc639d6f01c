"""Contract: who agrees with whom, from when, for how long, for how much, and under which law."""

from typing import Annotated

from pydantic import BaseModel, Field

from llmx.schema import Compare
from llmx.schema.marks import Cap
from llmx.types import Duration, Money, OrganizationName, PartialDate, Verbatim


class ContractParty(BaseModel):
    """A person or an organisation that is bound by the contract."""

    name: Annotated[OrganizationName, Compare("words:0.8")] = Field(description="the full name, with its legal form")
    role: Annotated[Verbatim, Cap(60), Compare("words:0.8")] | None = Field(
        description='what the contract calls the party: "Lessor", "the Client"'
    )


class Contract(BaseModel):
    """A contract between two or more parties: a lease, an employment, a service, a sale, a licence, an NDA."""

    title: Annotated[Verbatim, Cap(160), Compare("words:0.8")] | None = Field(description="what the contract is called")
    parties: list[ContractParty] = Field(description="who makes the contract; not witnesses, agents or notaries")
    signed_on: PartialDate | None = Field(description="the date on which it was made or signed")
    effective_on: PartialDate | None = Field(description="the date from which it holds, if that is stated")
    ends_on: PartialDate | None = Field(description="the date on which it ends, if a date is stated")
    term: Duration | None = Field(description="how long it lasts")
    notice: Duration | None = Field(description="how long before its end notice of termination must be given")
    value: Money | None = Field(description="the price, fee, rent or salary that is agreed")
    payment_terms: Annotated[Verbatim, Cap(200), Compare("words:0.75")] | None = Field(
        description="when it is to be paid"
    )
    subject: Annotated[Verbatim, Cap(200), Compare("words:0.75")] | None = Field(
        description="what is delivered, let, licensed or done, in a short phrase of the text"
    )
    governing_law: Annotated[Verbatim, Cap(100), Compare("words:0.75")] | None = Field(
        description="the country or state whose law applies"
    )
    court: Annotated[Verbatim, Cap(120), Compare("words:0.75")] | None = Field(
        description="the place or court that decides disputes"
    )
