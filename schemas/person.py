"""Person: a life in dates, places, posts and prizes, as a biography or a notice tells it."""

from typing import Annotated

from pydantic import BaseModel, Field

from llmx.schema import Compare
from llmx.schema.marks import Cap
from llmx.types import CountryCode, OrganizationName, PartialDate, PersonName, Verbatim

Name = Annotated[Verbatim, Cap(120), Compare("words:0.8")]
Organization = Annotated[OrganizationName, Compare("words:0.8")]


class Study(BaseModel):
    """Where and what the person studied."""

    institution: Organization
    subject: Name | None = Field(description="the subject or the degree")
    finished_on: PartialDate | None = Field(description="the date of the degree")


class Post(BaseModel):
    """An office or a job that the person held."""

    title: Name
    organization: Organization | None
    since: PartialDate | None = Field(description="when the person took it up")
    until: PartialDate | None = Field(description="when the person left it")


class Award(BaseModel):
    """A prize or an honour."""

    name: Name
    received_on: PartialDate | None


class Person(BaseModel):
    """The one person whom the text is about."""

    name: Annotated[PersonName, Compare("words:0.8")] = Field(description="the fullest form of the name")
    born_on: PartialDate | None = Field(description="the date of birth")
    born_in: Name | None = Field(description="the place of birth")
    died_on: PartialDate | None = Field(description="the date of death")
    died_in: Name | None = Field(description="the place of death")
    nationality: CountryCode | None = Field(description='the words for the nationality (an adjective: "Brazilian")')
    occupations: list[Name] = Field(description="what the person is or was: engineer, novelist")
    studies: list[Study] = Field(description="schools and universities attended")
    posts: list[Post] = Field(description="offices and jobs held")
    awards: list[Award] = Field(description="prizes and honours received")
