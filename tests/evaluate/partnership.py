"""The partnership schema of the seeds, with the comparisons that their annotators' own script makes."""

from typing import Annotated

from pydantic import BaseModel

from llmx.schema import Compare

Name = Annotated[str, Compare("words:0.8")]
Phrase = Annotated[str, Compare("words:0.75")]
Code = Annotated[str, Compare("casefold")]


class Party(BaseModel):
    name: Name
    country: Code | None = None


class Person(BaseModel):
    name: Name
    title: Name | None = None
    organization: Name | None = None


class Facility(BaseModel):
    name: Name
    place: Name | None = None


class Investment(BaseModel):
    amount: int | None = None
    currency: Code | None = None
    over_years: int | None = None


class Figure(BaseModel):
    what: Annotated[str, Compare("ignore")]
    value: Annotated[float, Compare("number", key=True)]
    unit: Annotated[str | None, Compare("ignore")] = None


class Partnership(BaseModel):
    parties: list[Party] = []
    agreement: Annotated[str | None, Compare("casefold")] = None
    signed_on: Annotated[str | None, Compare("date")] = None
    signed_at: Name | None = None
    signatories: list[Person] = []
    witnesses: list[Person] = []
    investment: Investment | None = None
    jobs: int | None = None
    facilities: list[Facility] = []
    fields: list[Phrase] = []
    markets: list[Phrase] = []
    products: list[Phrase] = []
    figures: list[Figure] = []
