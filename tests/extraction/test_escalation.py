"""What a model is not sure of, the next one answers for; the models and their probabilities are scripted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from llmx.documents import Document
from llmx.endpoint import EndpointSettings, ResolvedModel
from llmx.errors import ConfigError, ServerError
from llmx.extraction.document import extract_document
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import Session, open_session
from llmx.record import Record
from tests.extraction.scripted import Said, Scripted, codes, said

TEXT = "The tower of Ulm is 161 metres high. Matthias Ensinger built it."


class Tower(BaseModel):
    """A tower."""

    name: str
    height: str | None
    architect: str | None
    places: list[str] = []


class Names(BaseModel):
    """Names of places."""

    found: list[str]


SURE: dict[str, Any] = {"name": "Ulm", "height": "161 metres", "architect": "Matthias Ensinger", "places": []}
INVENTED: dict[str, Any] = {**SURE, "architect": "Gustave Eiffel of Dijon"}


def chain(*scripts: list[Said], schema: Any = Tower, **options: Any) -> tuple[Session, list[Scripted]]:
    """Models called a, b, c, each with its script."""
    chosen: dict[str, Any] = {"passes": 1, "examples": "none", "boilerplate": "keep", "reasks": 0, "below": 0.5}
    models = [ResolvedModel(name, "json_schema", "given") for name in "abc"[: len(scripts)]]
    plans = Extractor(schema, Options(**{**chosen, **options})).plans(models)
    endpoints = [Scripted(script) for script in scripts]
    first, *after = (Session(plan, endpoint) for plan, endpoint in zip(plans, endpoints, strict=True))
    return Session(first.plan, first.endpoint, tuple(after)), endpoints


async def extracted(session: Session) -> Record[Any]:
    return await extract_document(Document("d", TEXT), session.plan, session.endpoint, fallbacks=session.fallbacks)


async def test_only_the_doubtful_field_is_asked_of_the_next_model_which_answers_for_it() -> None:
    session, (_, second) = chain([INVENTED], [{"architect": "Matthias Ensinger"}])
    record = await extracted(session)
    assert record.data == Tower(name="Ulm", height="161 metres", architect="Matthias Ensinger")
    assert list(second.requests[0].body["response_format"]["json_schema"]["schema"]["properties"]) == ["architect"]
    assert codes(record) == [("escalated", "")]
    assert record.issues[0].message == "a was not sure of architect; this is the answer of b"
    proof = record.evidence["/architect"]
    assert proof is not None
    assert proof.quote == "Matthias Ensinger"
    assert set(record.confidence) == {"/name", "/height", "/architect"}
    assert min(record.confidence.values()) > 0.9


async def test_the_shares_of_the_models_tell_their_costs_apart() -> None:
    session, _ = chain([INVENTED], [{"architect": "Matthias Ensinger"}])
    record = await extracted(session)
    assert [(share.model, share.answers, share.requests) for share in record.models] == [("a", 1, 1), ("b", 1, 1)]
    assert record.model == "a"
    assert len(record.keys) == 2


async def test_a_sure_record_costs_no_second_request() -> None:
    session, (_, second) = chain([SURE], [SURE])
    record = await extracted(session)
    assert (second.requests, record.models, record.issues) == ([], (), ())


async def test_without_a_bound_the_next_model_is_asked_only_where_there_is_no_answer() -> None:
    session, (_, second) = chain([INVENTED], [SURE], below=None)
    assert (await extracted(session)).data.architect == "Gustave Eiffel of Dijon"  # type: ignore[union-attr]
    assert second.requests == []


async def test_where_every_field_is_doubtful_the_document_goes_to_the_next_model() -> None:
    session, (_, second) = chain([{"found": ["Eiffel of Dijon"]}], [{"found": ["Ulm"]}], schema=Names)
    record = await extracted(session)
    assert record.data == Names(found=["Ulm"])
    assert record.model == "b"
    assert [issue.message for issue in record.issues] == ["a was not sure of found; this is the answer of b"]
    assert "Eiffel" not in second.question()


@pytest.mark.parametrize("script", [[said(None, "refusal", refusal="no")], [ServerError("gone", status=503)]])
async def test_where_the_next_model_has_no_record_the_first_one_stays_and_says_so(script: list[Said]) -> None:
    session, _ = chain([INVENTED], script)
    record = await extracted(session)
    assert record.data == Tower(**INVENTED)
    assert "the next model gave no valid record" in next(
        issue.message for issue in record.issues if issue.code == "escalated"
    )


async def test_what_the_next_model_does_not_answer_goes_to_the_one_after_it() -> None:
    session, (_, _, third) = chain([INVENTED], [said(None, "refusal", refusal="no")], [{"architect": None}])
    record = await extracted(session)
    assert record.data == Tower(name="Ulm", height="161 metres", architect=None)
    assert len(third.requests) == 1


async def test_the_class_judges_the_record_of_both() -> None:
    class Named(Tower):
        def model_post_init(self, _: Any) -> None:
            if self.architect == self.name:
                raise ValueError("nobody bears the name of his tower")

    session, _ = chain([INVENTED], [{"architect": "Ulm"}], schema=Named)
    record = await extracted(session)
    assert record.data == Named(**INVENTED)
    assert [code for code, _ in codes(record)][-1] == "escalated"


def test_a_bound_that_is_no_confidence_is_refused() -> None:
    with pytest.raises(ConfigError, match="below must be a confidence"):
        Options(below=7.0)


async def test_a_bound_without_a_model_to_ask_is_refused(tmp_path: Path) -> None:
    settings = EndpointSettings(model="m", base_url="http://127.0.0.1:9/v1", cache_dir=tmp_path)
    with pytest.raises(ConfigError, match="below names no model"):
        async with open_session(Extractor(Tower, Options(below=0.5)), settings):
            pass
