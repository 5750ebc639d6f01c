"""What one model does not answer, the next one does; the record says who did what. The models are scripted."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, field_validator

from llmx.documents import Document
from llmx.endpoint import ResolvedModel
from llmx.errors import AuthError, CassetteError, ConnectError, OutageError, RequestError, ServerError
from llmx.extraction.document import extract_document
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import Session
from llmx.record import Record, Usage
from llmx.types import PartialDate
from tests.extraction.scripted import Said, Scripted, codes, said

TEXT = "The tower of Ulm is 161 metres high.\n\nIt was finished on 31 May 1990."
RIGHT = {"name": "Ulm"}


class Tower(BaseModel):
    """A tower."""

    name: str

    @field_validator("name")
    @classmethod
    def is_a_place(cls, value: str) -> str:
        if value == "tower":
            raise ValueError("a tower's name is that of its place")
        return value


def chain(*scripts: list[Said], schema: Any = Tower, modes: str = "", **options: Any) -> tuple[Session, list[Scripted]]:
    """Models called a, b, c, each with its script."""
    chosen = {"passes": 1, "examples": "none", "boilerplate": "keep", "reasks": 1, **options}
    names = "abc"[: len(scripts)]
    resolved = [ResolvedModel(name, "tools" if name in modes else "json_schema", "given") for name in names]
    plans = Extractor(schema, Options(**chosen)).plans(resolved)
    endpoints = [Scripted(script) for script in scripts]
    first, *after = (Session(plan, endpoint) for plan, endpoint in zip(plans, endpoints, strict=True))
    return Session(first.plan, first.endpoint, tuple(after)), endpoints


async def extracted(session: Session, text: str = TEXT) -> Record[Any]:
    return await extract_document(Document("d", text), session.plan, session.endpoint, fallbacks=session.fallbacks)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ([said(None, "refusal", refusal="I would rather not")], "refused: I would rather not"),
        ([said(None, "content_filter")], "content filter"),
        ([said("no idea")], "invalid: the answer is not JSON"),
        ([{"name": "tower"}], "a tower's name is that of its place"),
        ([said('{"name": "Ulm', "length")], "cut"),
        ([said("", "length")], "while thinking"),
        ([ServerError("the endpoint answered 503", status=503)], "the endpoint answered 503"),
        ([RequestError("the endpoint answered 400: too long", status=400)], "400: too long"),
        ([ConnectError("http://10.0.0.7: refused")], "no answer came"),
        ([OutageError("away")], "it was away"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_a_model_does_not_answer_goes_to_the_next_one(script: list[Said], reason: str) -> None:
    session, (first, second) = chain(script, [RIGHT])
    record = await extracted(session)
    assert (record.status, record.data) == ("ok", Tower(name="Ulm"))
    assert (record.model, record.mode) == ("b", "json_schema")
    assert len(second.requests) == 1
    [issue] = [issue for issue in record.issues if issue.code == "fallback"]
    assert reason in issue.message
    assert "a gave no valid answer" in issue.message
    assert "(ok" not in issue.message
    assert "10.0.0.7" not in issue.message
    assert first.requests


async def test_a_model_that_answers_is_the_only_one_that_is_asked() -> None:
    session, (_, second) = chain([RIGHT], [RIGHT])
    record = await extracted(session)
    assert (record.model, record.models, codes(record), second.requests) == ("a", (), [], [])
    assert "models" not in record.to_json()


async def test_a_reask_comes_before_the_fallback() -> None:
    session, (first, second) = chain([{"name": "tower"}, RIGHT], [RIGHT])
    assert (await extracted(session)).model == "a"
    assert (len(first.requests), second.requests) == (2, [])


async def test_a_reask_that_is_not_answered_goes_to_the_next_model() -> None:
    session, (first, second) = chain([{"name": "tower"}, ServerError("gone", status=503)], [RIGHT])
    record = await extracted(session)
    assert (record.status, record.model, len(first.requests), len(second.requests)) == ("ok", "b", 2, 1)
    assert "refused" not in second.question()  # it is asked the question itself, not to correct another's answer


async def test_the_record_tells_apart_what_each_model_did_and_cost() -> None:
    session, _ = chain([said("no idea")], [said("nor I")], [RIGHT])
    record = await extracted(session)
    shares = [(share.fallback, share.model, share.answers, share.requests) for share in record.models]
    assert shares == [(0, "a", 0, 4), (1, "b", 0, 4), (2, "c", 1, 1)]
    assert sum((share.usage for share in record.models), Usage()) == record.usage
    assert [share["model"] for share in record.to_json()["models"]] == ["a", "b", "c"]


async def test_each_model_is_asked_in_its_own_mode() -> None:
    session, (first, second) = chain([said(None, "refusal", refusal="no")], [RIGHT], modes="b")
    record = await extracted(session)
    assert "response_format" in first.requests[0].body
    assert "tools" in second.requests[0].body
    assert [request.model for request in (*first.requests, *second.requests)] == ["a", "b"]
    assert record.mode == "tools"


async def test_where_no_model_gives_a_valid_answer_the_best_one_counts() -> None:
    session, _ = chain([said("no idea")], [said('{"name": "Ulm"', "length")], [ServerError("gone", status=503)])
    record = await extracted(session)
    assert (record.status, record.data, record.model) == ("partial", Tower(name="Ulm"), "b")
    assert [code for code, _ in codes(record)].count("fallback") == 2


async def test_where_every_model_is_gone_the_record_failed() -> None:
    session, _ = chain([ServerError("gone", status=503)], [ServerError("gone too", status=503)])
    record = await extracted(session)
    assert (record.status, codes(record)) == ("failed", [("endpoint", "")])


@pytest.mark.parametrize("which", [0, 1])
async def test_a_refused_key_is_raised_whichever_model_it_is_for(which: int) -> None:
    scripts: list[list[Said]] = [[said(None, "refusal", refusal="no")], [RIGHT]]
    scripts[which] = [AuthError("the endpoint answered 401", status=401)]
    session, _ = chain(*scripts)
    with pytest.raises(AuthError):
        await extracted(session)


async def test_a_follow_up_goes_on_with_the_model_that_answered() -> None:
    class Built(BaseModel):
        """A building."""

        finished: PartialDate | None = None

    answers: list[Said] = [{"finished": "12 July 1999"}, {"finished": "31 May 1990"}]
    session, (first, second) = chain([said(None, "refusal", refusal="no")], answers, schema=Built, passes=2)
    record = await extracted(session)
    assert (len(first.requests), len(second.requests)) == (1, 2)
    assert record.data is not None
    assert str(record.data.finished) == "1990-05-31"


async def test_a_follow_up_that_is_not_answered_goes_to_the_next_model() -> None:
    class Built(BaseModel):
        """A building."""

        finished: PartialDate | None = None

    session, (_, second) = chain(
        [{"finished": "12 July 1999"}, ServerError("gone", status=503)], [{"finished": "31 May 1990"}],
        schema=Built, passes=2,
    )  # fmt: skip
    record = await extracted(session)
    assert record.data is not None
    assert (record.status, record.model, str(record.data.finished)) == ("ok", "a", "1990-05-31")
    assert [(share.model, share.answers) for share in record.models] == [("a", 1), ("b", 1)]
    assert len(second.requests) == 1


async def test_only_the_chunk_that_was_refused_goes_to_the_next_model() -> None:
    class Places(BaseModel):
        """Places."""

        places: list[str]

    text = "\n\n".join(
        f"{name} is a town. " + "It has many streets and houses. " * 12 for name in ("Ulm", "Bonn", "Kiel")
    )
    town = {"Ulm": {"places": ["Ulm"]}, "Bonn": {"places": ["Bonn"]}, "Kiel": {"places": ["Kiel"]}}

    def answer(request: Any) -> Said:
        asked = str(request.body["messages"][-1]["content"])  # the carry of the chunk before comes first
        return town[max(town, key=lambda name: asked.rfind(f"{name} is a town"))]

    session, (first, second) = chain([], [], schema=Places, chunk_tokens=100)
    first.script = lambda r: said(None, "refusal", refusal="no") if answer(r) == town["Bonn"] else answer(r)
    second.script = answer
    record = await extracted(session, text)
    assert record.data is not None
    assert (record.status, record.data.places) == ("ok", ["Ulm", "Bonn", "Kiel"])
    assert (len(second.requests), record.model) == (1, "a")
    assert [(share.model, share.answers) for share in record.models] == [("a", len(first.requests) - 1), ("b", 1)]


async def test_a_record_that_is_invalid_in_the_end_is_made_anew_by_the_next_model() -> None:
    session, (first, second) = chain([{"name": "Cologne"}], [RIGHT], unproven="fail")
    record = await extracted(session)
    assert (record.status, record.model, record.data) == ("ok", "b", Tower(name="Ulm"))
    assert (len(first.requests), len(second.requests)) == (1, 1)
    assert "a gave no valid record (invalid: a value that must be proven is not" in record.issues[0].message


async def test_on_a_replay_a_model_of_which_nothing_is_recorded_was_away_where_a_later_one_is_recorded() -> None:
    session, _ = chain([CassetteError("not recorded")], [RIGHT])
    assert (await extracted(session)).model == "b"
    session, _ = chain([said(None, "refusal", refusal="no")], [CassetteError("not recorded")])
    with pytest.raises(CassetteError):
        await extracted(session)
