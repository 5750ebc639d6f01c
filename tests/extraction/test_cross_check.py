"""A value that the model confirms without being sure is asked for once more, alone. The endpoint is scripted."""

from __future__ import annotations

import json
import math

from pydantic import BaseModel

from llmx.documents import Document
from llmx.endpoint import ResolvedModel
from llmx.errors import ServerError
from llmx.extraction.document import extract_document
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.request import Request
from llmx.types import PartialDate
from tests.extraction.scripted import Said, Scripted, codes, extracted, said

TEXT = "The yacht Tern was sold to Lee Marsh on 3 May 2024. It is 12 m long and lies in Turku. Kim Ford came along."

UNSURE, SURE = 0.82, 0.89


class Sale(BaseModel):
    """The sale of a boat."""

    boat: str
    buyer: str | None
    day: PartialDate | None
    length: str | None
    witnesses: list[str]


ANSWER = {"boat": "Tern", "buyer": "Kim Ford", "day": "3 May 2024", "length": "12 m", "witnesses": ["Kim Ford"]}


def checked(alone: dict[str, Said], *, yes: float = UNSURE) -> Scripted:
    """Return an endpoint that confirms every value with ``yes`` and gives ``alone`` to fields that are asked for so."""

    def script(request: Request) -> Said:
        if "response_format" in request.body:
            return json.dumps(ANSWER)
        if "top_logprobs" in request.body:
            return said("Yes", "length", choices=(("Yes", math.log(yes)), ("No", math.log(1 - yes))))
        return alone[str(request.body["messages"][-1]["content"]).rpartition("\n")[2]]

    return Scripted(script)


SAME: dict[str, Said] = {"buyer": "kim ford.", "day": "May 3, 2024", "length": "12m"}


async def test_a_value_that_the_model_does_not_say_again_becomes_null_with_an_issue() -> None:
    endpoint = checked({**SAME, "buyer": "Lee Marsh"})
    record = await extracted(Sale, TEXT, endpoint, verify="all")
    assert record.data is not None
    assert record.data.buyer is None
    assert codes(record) == [("unverified", "/buyer")]
    assert "it says 'Lee Marsh'" in record.issues[0].message


async def test_the_same_words_and_the_same_value_in_other_words_stay() -> None:
    record = await extracted(Sale, TEXT, checked(SAME), verify="all")
    assert record.data == Sale.model_validate(ANSWER)
    assert codes(record) == []


async def test_a_value_within_more_words_stays() -> None:
    record = await extracted(Sale, TEXT, checked({**SAME, "length": "It is 12 m long"}), verify="all")
    assert record.data == Sale.model_validate(ANSWER)


async def test_only_single_values_that_can_go_and_that_the_model_is_not_sure_of_are_asked_for_again() -> None:
    endpoint = checked(SAME)
    await extracted(Sale, TEXT, endpoint, verify="all")
    asked = [str(r.body["messages"][-1]["content"]).rpartition("\n")[2] for r in endpoint.requests[6:]]
    assert asked == ["buyer", "day", "length"]  # neither boat, which is needed, nor witnesses, which are several
    endpoint = checked({}, yes=SURE)
    await extracted(Sale, TEXT, endpoint, verify="all")
    assert len(endpoint.requests) == 6


async def test_by_default_no_more_is_asked_than_a_seventh_of_the_answer_costs() -> None:
    embedded = ResolvedModel("m-1.5b", "json_schema", "given", verifies=True)
    counts = []
    for text in (TEXT, TEXT + " It rained." * 200):
        endpoint = checked(SAME)
        plan = Extractor(Sale, Options(passes=1, examples="none")).plan(embedded)
        await extract_document(Document("d", text), plan, endpoint)
        counts.append(sum("top_logprobs" not in request.body for request in endpoint.requests) - 1)
    assert counts[0] < counts[1] == 3


async def test_a_question_that_fails_costs_no_value() -> None:
    record = await extracted(Sale, TEXT, checked({**SAME, "buyer": ServerError("gone", status=503)}), verify="all")
    assert record.data == Sale.model_validate(ANSWER)
    assert (codes(record), record.status) == ([("endpoint", "")], "partial")


async def test_a_long_value_and_one_of_two_lines_are_not_asked_for_again() -> None:
    class Note(BaseModel):
        text: str | None

    unsure = said("Yes", "length", choices=(("Yes", math.log(UNSURE)), ("No", math.log(1 - UNSURE))))
    for words in (TEXT[:80], "4 Quay\nTurku"):
        endpoint = Scripted([{"text": words}, unsure])
        await extracted(Note, f"{TEXT} 4 Quay\nTurku", endpoint, verify="all")
        assert len(endpoint.requests) == 2
