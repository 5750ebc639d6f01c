"""Scientific result: what a paper's abstract reports, on how many, by which methods, with which figures."""

from typing import Annotated

from pydantic import BaseModel, Field

from llmx.schema import Compare
from llmx.schema.marks import Cap
from llmx.types import Duration, Number, OrganizationName, Quantity, Verbatim

Phrase = Annotated[Verbatim, Cap(160), Compare("words:0.75")]


class Finding(BaseModel):
    """One figure that the study found."""

    outcome: Annotated[Verbatim, Cap(120), Compare("words:0.75")] = Field(description="what was measured")
    group: Annotated[Verbatim, Cap(120), Compare("words:0.75")] | None = Field(
        description="the group, method or condition for which the figure holds"
    )
    value: Annotated[Quantity, Compare("number", key=True)] | None = Field(description="the figure with its unit")
    significance: Annotated[Verbatim, Cap(40), Compare("casefold")] | None = Field(
        description='the p-value or the interval, as written: "p < 0.001"'
    )


class ScientificResult(BaseModel):
    """What a study did and found, as its abstract or press release says."""

    subject: Phrase | None = Field(description="what is studied, in a short phrase of the text")
    design: Annotated[Verbatim, Cap(120), Compare("words:0.75")] | None = Field(
        description='the kind of study: "randomised controlled trial", "field survey"'
    )
    sample_size: Number | None = Field(description="how many people, animals, plots or items were studied in all")
    period: Duration | None = Field(description="how long the study, treatment or observation lasted")
    methods: list[Phrase] = Field(description="named methods, instruments, models and data sets that were used")
    findings: list[Finding] = Field(description="the figures that were found; not the set-up of the study")
    institutions: list[Annotated[OrganizationName, Compare("words:0.8")]] = Field(
        description="universities and institutes that did the study"
    )
    funders: list[Annotated[OrganizationName, Compare("words:0.8")]] = Field(description="who paid for it")
