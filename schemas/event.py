"""Event: what takes place, when, where, who speaks, what it costs and how to register."""

from datetime import time
from typing import Annotated

from pydantic import BaseModel, Field

from llmx.schema import Compare
from llmx.schema.marks import Cap
from llmx.types import (
    CountryCode,
    DateRange,
    Email,
    Money,
    Number,
    OrganizationName,
    PartialDate,
    PersonName,
    Url,
    Verbatim,
)

Name = Annotated[Verbatim, Cap(160), Compare("words:0.8")]


class Speaker(BaseModel):
    """Somebody who speaks or performs."""

    name: Annotated[PersonName, Compare("words:0.8")]
    organization: Annotated[OrganizationName, Compare("words:0.8")] | None


class Event(BaseModel):
    """A conference, a concert, a course, a fair or a meeting that is announced."""

    name: Name | None = Field(description="what the event is called")
    dates: DateRange | None = Field(description="the day or the days on which it takes place")
    starts_at: time | None = Field(description="the time of day at which it begins")
    venue: Name | None = Field(description="the house, hall, park or site")
    city: Annotated[Verbatim, Cap(80), Compare("words:0.8")] | None = Field(description="the town or city")
    country: CountryCode | None = Field(description="the country, if the text names it")
    organizers: list[Annotated[OrganizationName, Compare("words:0.8")]] = Field(description="who holds the event")
    speakers: list[Speaker] = Field(description="who speaks or performs; not the organisers' contacts")
    price: Money | None = Field(description="what a ticket or a place costs; of several prices, the full one")
    capacity: Number | None = Field(description="how many people can take part or are expected")
    register_by: PartialDate | None = Field(description="the last day to register")
    contact: Email | None = Field(description="the e-mail address for questions or registration")
    website: Annotated[Url, Compare("casefold")] | None = Field(description="the address of the page")
