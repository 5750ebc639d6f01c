"""Partnership: who signs a cooperation agreement with whom, about what, when, where and for how much.

The flagship schema. It implements seeds/GUIDE.md: one record a document, absent = null or [], only what the text states.
Typed fields are asked for in the words of the text and computed by llmx.
"""

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from llmx.schema.marks import Cap, Cues, Free, Proof, Remainder
from llmx.types import CountryCode, Duration, Money, Number, OrganizationName, PartialDate, PersonName, Reading, Verbatim

Agreement = Literal[
    "memorandum",
    "framework_agreement",
    "strategic_agreement",
    "joint_venture",
    "development_agreement",
    "supply_agreement",
    "investment",
    "expansion",
    "other",
]
