"""A run that goes on after its schema changed asks for what is new and keeps the rest. The server is the mock of bench/."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, computed_field, create_model, field_validator, model_validator

from bench.invoices import Invoice, Line
from bench.mock_server import Mock, serving
from llmx.documents import Document
from llmx.endpoint import EndpointSettings, ResolvedModel
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import open_session
from llmx.record import Usage
from llmx.run import NullObserver, OutputOptions, RunOptions, left_to_do, run_status, run_to_output
from llmx.schema import Proof, Remainder
from llmx.types import OrganizationName, PersonName
from tests.fault_server import FaultServer, Received, Step, answer
from tests.run.mocked import asking, into, invoices, lines, mocked

COUNT = 2


def schema(
    without: tuple[str, ...] = (), *, base: type[BaseModel] = BaseModel, doc: str | None = None, **fields: Any
) -> type[BaseModel]:
    """The invoice less some fields and with others; the same name, so that the record is called the same."""
    own: dict[str, Any] = {
        n: (f.annotation, f) for n, f in Invoice.model_fields.items() if n not in (*without, *fields)
    }
    return create_model("Invoice", __base__=base, __doc__=doc or Invoice.__doc__, __module__=__name__, **own, **fields)


def fields_of(line: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """What a line says of some fields, as it says it."""
    return {
        "data": {name: value for name, value in line["data"].items() if name in names},
        **{
            part: {pointer: value for pointer, value in line[part].items() if pointer.split("/")[1] in names}
            for part in ("evidence", "confidence")
        },
        "issues": [issue for issue in line["issues"] if issue["path"].split("/")[1:2] in [[name] for name in names]],
    }


class Hearing(NullObserver):
    """Hears what a user is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


class Change:
    """What a run left that went on with an output after its schema changed."""

    def __init__(self, before: list[dict[str, Any]], out: Path, *, requests: int = 0, summary: Any = None) -> None:
        self.before, self.after, self.requests, self.summary = before, lines(out), requests, summary
        self.status = run_status(out)

    def keeps(self, *names: str) -> bool:
        """Whether the fields ``names`` are in every line as they were, in the same bytes."""
        pairs = zip(self.before, self.after, strict=True)
        return all(
            json.dumps(fields_of(old, set(names))) == json.dumps(fields_of(new, set(names))) for old, new in pairs
        )


async def change(
    tmp_path: Path, old: type[BaseModel], new: type[BaseModel], *, options: Options | None = None,
    mock: Mock | None = None, between: Callable[[Mock], None] = lambda _: None, **run: Any,
) -> Change:  # fmt: skip
    out, server = tmp_path / "out.jsonl", mock or Mock()
    async with serving(server) as base_url:
        async with asking(base_url, cache=tmp_path / "cache", schema=old) as setup:
            await into(setup, out, invoices(COUNT))
        before, asked = lines(out), server.requests
        between(server)
        async with asking(base_url, cache=tmp_path / "cache", schema=new, extraction=options) as setup:
            summary = await into(setup, out, invoices(COUNT), resume=True, **run)
    return Change(before, out, requests=server.requests - asked, summary=summary)


OTHERS = tuple(name for name in Invoice.model_fields if name != "customer")


async def test_a_new_field_alone_is_asked_for_and_the_others_stay_byte_for_byte(tmp_path: Path) -> None:
    done = await change(tmp_path, schema(("customer",)), schema())
    assert done.requests == COUNT
    assert done.keeps(*OTHERS)
    assert all(line["data"]["customer"] == "Port of Lindesnes Authority" for line in done.after)
    assert all(line["evidence"]["/customer"]["quote"] == "Port of Lindesnes Authority" for line in done.after)
    assert [line["id"] for line in done.after] == [line["id"] for line in done.before]
    assert list(done.after[0]["data"]) == list(schema().model_fields)
    assert len({line["schema"] for line in done.before + done.after}) == 2
    assert [len(line["keys"]) for line in done.after] == [2] * COUNT


async def test_a_new_field_costs_at_most_15_percent_of_the_output_tokens_of_a_full_run(tmp_path: Path) -> None:
    done = await change(tmp_path, schema(("customer",)), schema())
    async with mocked(schema=schema()) as setup:
        whole = await into(setup, tmp_path / "whole.jsonl", invoices(COUNT))
    assert done.summary.paid.output_tokens <= 0.15 * whole.paid.output_tokens


async def test_status_and_summary_say_what_was_asked_for(tmp_path: Path) -> None:
    done = await change(tmp_path, schema(("customer",)), schema(("paid",)))
    told = {"documents": COUNT, "asked": ["customer"], "removed": ["paid"]}
    assert done.status.reasons == {"new or changed fields": COUNT}
    assert done.status.to_json()["update"] == told
    assert done.summary.to_json()["update"] == told


async def test_removed_fields_go_and_nothing_is_asked(tmp_path: Path) -> None:
    done = await change(tmp_path, schema(), schema(("customer", "lines")))
    assert done.requests == 0
    assert done.keeps(*schema(("customer", "lines")).model_fields)
    assert all(not any("lines" in pointer for pointer in line["evidence"]) for line in done.after)
    assert all(list(line["data"]) == list(schema(("customer", "lines")).model_fields) for line in done.after)


async def test_a_changed_description_is_asked_for_again(tmp_path: Path) -> None:
    done = await change(tmp_path, schema(), schema(customer=(str, Field(description="Who has to pay"))))
    assert done.requests == COUNT
    assert done.status.update["asked"] == ["customer"]
    assert done.keeps(*OTHERS)


async def test_a_new_field_within_a_list_asks_for_the_whole_list(tmp_path: Path) -> None:
    short: Any = create_model("Line", sku=(str, Field(description="Article number")), quantity=(int, ...))
    done = await change(tmp_path, schema(lines=(list[short], ...)), schema(("lines",), lines=(list[Line], ...)))
    assert done.status.update["asked"] == ["lines"]
    assert done.keeps(*(name for name in Invoice.model_fields if name != "lines"))
    assert all([row["unit_price"] for row in line["data"]["lines"]] == [189.5, 4310.25, 750.0] for line in done.after)
    assert len(done.after[0]["keys"]) == 2


WHOLE: dict[str, tuple[type[BaseModel], Options | None, str]] = {
    "prompt": (schema(), Options(instructions="Be brief."), "changed schema, prompt and options"),
    "options": (schema(), Options(unproven="drop"), "changed schema and options"),
    "description": (schema(doc="A bill."), None, "changed schema: its name or description"),
    "remainder": (
        schema(others=(Annotated[list[Line], Remainder()], [])), None,
        "changed schema: a list holds what no other field holds",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WHOLE)
async def test_what_changes_every_answer_is_a_full_run_that_says_why(tmp_path: Path, case: str) -> None:
    new, options, why = WHOLE[case]
    done = await change(tmp_path, schema(("customer",)), new, options=options)
    assert done.status.reasons == {why: COUNT}
    assert done.requests >= COUNT
    assert done.status.update == {}


async def test_a_reordered_schema_asks_for_nothing(tmp_path: Path) -> None:
    own = {name: (info.annotation, info) for name, info in reversed(Invoice.model_fields.items())}
    turned = create_model("Invoice", __doc__=Invoice.__doc__, __module__=__name__, **own)  # type: ignore[call-overload] # built
    done = await change(tmp_path, schema(), turned)
    assert done.requests == 0
    assert all(done.keeps(name) for name in Invoice.model_fields)
    assert list(done.after[0]["data"]) == list(turned.model_fields)


class Upright(BaseModel):
    """Validators of a user, which look at old and new fields together."""

    @model_validator(mode="after")
    def needs_both(self) -> Upright:
        if getattr(self, "customer", "").startswith("Port") and getattr(self, "total", 0) > 1:
            raise ValueError("a port owes nothing")
        return self


async def test_a_validator_that_refuses_the_whole_is_heard_and_the_document_is_asked_whole(tmp_path: Path) -> None:
    done = await change(tmp_path, schema(("customer",)), schema(base=Upright))
    assert done.status.reasons == {"changed schema: the schema refuses the record with the values kept": COUNT}
    assert done.summary.statuses == {"invalid": COUNT}


class Loud(BaseModel):
    @field_validator("vendor", check_fields=False)
    @classmethod
    def shouts(cls, value: str) -> str:
        return value.upper()


async def test_a_validator_that_changes_a_kept_value_makes_the_document_be_asked_whole(tmp_path: Path) -> None:
    done = await change(tmp_path, schema(("customer",)), schema(base=Loud))
    assert done.status.reasons == {"changed schema: the schema makes another value of one that is kept": COUNT}
    assert all(line["data"]["vendor"] == "HALVORSEN MARINE SUPPLY AS" for line in done.after)


class Picky(BaseModel):
    @field_validator("customer", check_fields=False)
    @classmethod
    def no_ports(cls, value: str | None) -> str | None:
        if value and "Port" in value:
            raise ValueError("no ports")
        return value


async def test_a_new_value_that_the_class_refuses_goes_alone(tmp_path: Path) -> None:
    done = await change(tmp_path, schema(("customer",)), schema(base=Picky, customer=(str | None, None)))
    assert done.summary.statuses == {"partial": COUNT}
    assert done.keeps(*OTHERS)
    assert [line["data"]["customer"] for line in done.after] == [None] * COUNT
    assert {issue["code"] for line in done.after for issue in line["issues"]} >= {"invalid_value"}


class Summed(BaseModel):
    @computed_field  # type: ignore[prop-decorator] # as Pydantic's documentation has it
    @property
    def label(self) -> str:
        return f"{getattr(self, 'customer', '?')}: {getattr(self, 'total', 0)}"


async def test_a_computed_field_is_computed_of_old_and_new_fields(tmp_path: Path) -> None:
    done = await change(tmp_path, schema(("customer",), base=Summed), schema(base=Summed))
    assert {line["data"]["label"] for line in done.after} == {"Port of Lindesnes Authority: 18450.75"}
    assert done.keeps(*OTHERS)


async def test_a_person_kept_who_is_a_new_organisation_is_asked_for_again(tmp_path: Path) -> None:
    old = schema(("customer",), vendor=(PersonName, ...))
    new = schema(vendor=(PersonName | None, ...), customer=(OrganizationName, ...))
    done = await change(tmp_path, old, new)
    assert set(done.status.update["asked"]) == {"vendor", "customer"}

    same = schema(vendor=(PersonName, ...), customer=(str, ...), buyer=(OrganizationName | None, None))
    names = {"buyer": "Halvorsen Marine Supply AS"}
    again = await change(tmp_path / "b", schema(vendor=(PersonName, ...)), same, mock=Knowing(names))
    assert again.status.reasons == {"changed schema: a kept value contradicts a new one": COUNT}


class Knowing(Mock):
    """A mock that has more values to give."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__()
        self.values = values

    def reply(self, body: bytes) -> tuple[str, bytes]:
        fault, out = super().reply(body)
        _, _, payload = out.partition(b"\r\n\r\n")
        answer = json.loads(payload)
        message = answer["choices"][0]["message"]
        data = json.loads(message["content"])
        message["content"] = json.dumps({**data, **{k: v for k, v in self.values.items() if k in data}})
        told = json.dumps(answer).encode()
        return fault, b"HTTP/1.1 200 x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(
            told
        ) + told


class Failing(Mock):
    """A mock that answers no more once it is told to."""

    broken = False

    def reply(self, body: bytes) -> tuple[str, bytes]:
        if self.broken:
            return "400", b"HTTP/1.1 400 x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
        return super().reply(body)


async def test_where_the_new_field_is_not_answered_the_line_stays_and_is_updated_the_next_time(tmp_path: Path) -> None:
    server = Failing()
    done = await change(
        tmp_path, schema(("customer",)), schema(), mock=server, between=lambda mock: setattr(mock, "broken", True)
    )
    assert done.after == done.before
    assert done.summary.statuses["failed"] == COUNT
    assert done.status.update["unanswered"] == COUNT
    server.broken = False
    async with serving(server) as base_url, asking(base_url, cache=tmp_path / "cache", schema=schema()) as setup:
        await into(setup, tmp_path / "out.jsonl", invoices(COUNT), resume=True)
    after = Change(done.before, tmp_path / "out.jsonl")
    assert after.keeps(*OTHERS)
    assert after.status.update["documents"] == COUNT


async def test_a_run_that_is_broken_off_goes_on_with_what_is_not_updated_yet(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = await change(tmp_path, schema(("customer",)), schema(), max_documents=1)
    assert sum("customer" in line["data"] for line in done.after) == 1
    async with mocked(cache=tmp_path / "cache", schema=schema()) as setup:
        summary = await into(setup, out, invoices(COUNT), resume=True)
        assert (summary.documents, summary.skipped, setup.mock.requests) == (COUNT - 1, 1, COUNT - 1)
    assert Change(done.before, out).keeps(*OTHERS)
    assert [line["data"]["customer"] for line in lines(out)] == ["Port of Lindesnes Authority"] * COUNT


async def test_a_document_whose_text_changed_is_asked_whole(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    async with serving(Mock()) as base_url:
        async with asking(base_url, cache=tmp_path / "cache", schema=schema(("customer",))) as setup:
            await into(setup, out, invoices(2))
        async with asking(base_url, cache=tmp_path / "cache", schema=schema()) as setup:
            await into(setup, out, [*invoices(1), *invoices(1, first=1, words=200)], resume=True)
    assert run_status(out).reasons == {"new or changed fields": 1, "changed text": 1}


async def test_an_output_that_is_written_anew_says_that_all_of_it_is_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    async with serving(Mock()) as base_url:
        async with asking(base_url, cache=tmp_path / "cache", schema=schema(("customer",))) as setup:
            await into(setup, out, invoices(2))
        async with asking(base_url, cache=tmp_path / "cache", schema=schema()) as setup:
            await into(setup, out, invoices(2), resume=True)
    assert run_status(out).reasons == {"changed schema: this output is written anew": 2}


async def test_a_changed_mark_is_asked_for_again_though_no_json_schema_shows_it(tmp_path: Path) -> None:
    strict = schema(customer=(Annotated[str, Proof("fail")], ...))
    done = await change(tmp_path, schema(), strict)
    assert done.status.update["asked"] == ["customer"]
    assert done.keeps(*OTHERS)
    async with mocked(cache=tmp_path / "cache", schema=strict) as setup:
        again = await into(setup, tmp_path / "out.jsonl", invoices(COUNT), resume=True)
    assert (again.documents, again.skipped) == (0, COUNT)


async def changed(tmp_path: Path, old: Any, new: Any, *, documents: list[Document], **more: Any) -> Change:
    """What a run left that went on with any two schemas and documents; ``more`` is for the endpoint and the options."""
    out, server = tmp_path / "out.jsonl", Mock()
    async with serving(server) as base_url:
        async with asking(base_url, cache=tmp_path / "cache", schema=old, **more) as setup:
            await into(setup, out, documents)
        before, asked = lines(out), server.requests
        async with asking(base_url, cache=tmp_path / "cache", schema=new, **more) as setup:
            summary = await into(setup, out, documents, resume=True)
    return Change(before, out, requests=server.requests - asked, summary=summary)


async def test_json_schemas_change_alike_and_their_judge_sees_the_whole(tmp_path: Path) -> None:
    kinds: dict[str, Any] = {name: {"type": "string"} for name in ("vendor", "customer")}
    kinds["lines"] = {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}}
    rules = {"title": "Bill", "type": "object", "additionalProperties": False}
    for name, names in (("old", ("vendor", "lines")), ("new", ("customer", "vendor", "lines"))):
        (tmp_path / f"{name}.json").write_text(json.dumps({**rules, "properties": {n: kinds[n] for n in names}}))
    done = await changed(tmp_path, tmp_path / "old.json", tmp_path / "new.json", documents=list(invoices(COUNT)))
    assert done.status.update["asked"] == ["customer"]
    assert done.keeps("vendor", "lines")
    assert list(done.after[0]["data"]) == ["customer", "vendor", "lines"]

    (tmp_path / "none.json").write_text(
        json.dumps({**rules, "properties": kinds, "not": {"required": ["vendor", "customer"]}})
    )
    async with mocked(cache=tmp_path / "cache", schema=tmp_path / "none.json") as setup:
        await into(setup, tmp_path / "out.jsonl", invoices(COUNT), resume=True)
    why = "changed schema: the schema refuses the record with the values kept"
    assert run_status(tmp_path / "out.jsonl").reasons == {why: COUNT}


async def test_fields_that_a_class_dumps_by_their_aliases_stay(tmp_path: Path) -> None:
    config = ConfigDict(serialize_by_alias=True)
    vendor: Any = (str, Field(alias="soldBy"))
    old = create_model("Invoice", __config__=config, vendor=vendor, lines=(list[Line], ...))
    new = create_model("Invoice", __config__=config, vendor=vendor, lines=(list[Line], ...), customer=(str, ...))
    done = await changed(tmp_path, old, new, documents=list(invoices(COUNT)))
    assert done.status.update["asked"] == ["customer"]
    assert done.keeps("soldBy", "lines")
    assert done.after[0]["data"]["soldBy"] == "Halvorsen Marine Supply AS"


async def test_forms_that_are_asked_for_in_another_way_stay(tmp_path: Path) -> None:
    kept: dict[str, Any] = {
        "prices": (dict[str, float], ...), "vendor": (str | int, ...), "pair": (tuple[str, int] | None, None),
    }  # fmt: skip
    old = create_model("Invoice", **kept)
    new = create_model("Invoice", **kept, customer=(str, ...))
    done = await changed(tmp_path, old, new, documents=list(invoices(COUNT)))
    assert done.status.update["asked"] == ["customer"]
    assert done.keeps(*kept)


async def test_a_document_of_several_chunks_keeps_its_proofs(tmp_path: Path) -> None:
    long = list(invoices(1, words=900))
    done = await changed(
        tmp_path, schema(("customer",)), schema(), documents=long, extraction=Options(chunk_tokens=400)
    )
    assert done.keeps(*OTHERS)
    assert done.after[0]["evidence"]["/customer"]["quote"] == "Port of Lindesnes Authority"
    assert len(done.before[0]["keys"]) > 1
    assert len(done.after[0]["keys"]) > len(done.before[0]["keys"]) + 1


async def test_examples_show_the_new_field_alone_and_stay_a_prompt_that_did_not_change(tmp_path: Path) -> None:
    path = tmp_path / "examples.yaml"
    record = {name: None if name == "lines" else "X-1" for name in ("invoice_no", "vendor")}
    path.write_text(json.dumps([{"text": "Invoice X-1 by X-1.", "record": record}]))
    options = Options(examples=str(path), passes=1)
    old = create_model("Invoice", invoice_no=(str, ...), vendor=(str, ...))
    new = create_model("Invoice", invoice_no=(str, ...), vendor=(str, ...), customer=(str | None, None))
    done = await changed(tmp_path, old, new, documents=list(invoices(COUNT)), extraction=options)
    assert done.status.update["asked"] == ["customer"]
    plan = Extractor(new, options).plan(ResolvedModel("mock", "json_schema", "given")).part(["customer"])
    assert [json.loads(turn.messages[1]["content"]) for turn in plan.rendering.turns] == [{"customer": None}]


async def test_choices_with_quotes_stay(tmp_path: Path) -> None:
    done = await changed(
        tmp_path,
        schema(("customer",)),
        schema(),
        documents=list(invoices(COUNT)),
        extraction=Options(evidence="quotes"),
    )
    assert done.status.update["asked"] == ["customer"]
    assert done.keeps(*OTHERS)


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv"])
async def test_what_a_changed_schema_costs_is_told_before_anything_is_asked(tmp_path: Path, name: str) -> None:
    out, hearing, dry = tmp_path / name, Hearing(), list[str]()
    output = OutputOptions(out, resume=True)
    async with serving(Mock()) as base_url:
        async with asking(base_url, cache=tmp_path / "cache", schema=schema(("customer",))) as setup:
            await into(setup, out, invoices(COUNT))
        async with asking(base_url, cache=tmp_path / "cache", schema=schema()) as setup:
            pending = left_to_do(invoices(COUNT), setup.plan, output=output, options=RunOptions(), note=dry.append)
            assert len(list(pending)) == COUNT
            await into(setup, out, invoices(COUNT), resume=True, observer=hearing)
    alone = "changed schema: documents that are done are asked for customer alone"
    whole = "changed schema: this output is written anew; all fields are asked for again"
    assert hearing.notes == dry == [alone if name == "out.jsonl" else whole]


async def test_a_record_says_what_each_model_did_for_its_old_and_its_new_fields(tmp_path: Path) -> None:
    """The first model refuses the first question of the second run, so that its fallback answers."""
    refused = False

    def small(_: Received) -> Step:
        return answer(None, refusal="no") if refused else answer('{"name": "Ada"}')

    async def run(model: type[BaseModel], first: FaultServer, second: FaultServer) -> dict[str, Any]:
        how: dict[str, Any] = {"mode": "json_schema", "api_key": "none", "cache": False, "retry_attempts": 1}
        after = EndpointSettings("large", second.base_url, mode="json_schema", api_key="none")
        settings = EndpointSettings("small", first.base_url, fallbacks=(after,), **how)
        async with open_session(Extractor(model, Options(passes=1)), settings) as session:
            output = OutputOptions(tmp_path / "out.jsonl", resume=True)
            documents = [Document("d", "Ada lives in Oslo.")]
            await run_to_output(documents, session, output=output, options=RunOptions())
        return lines(tmp_path / "out.jsonl")[0]

    before = create_model("Note", name=(str, ...))
    after = create_model("Note", name=(str, ...), city=(str, ...))
    async with FaultServer(small) as first, FaultServer(lambda _: answer('{"city": "Oslo"}')) as second:
        assert "models" not in await run(before, first, second)
        refused = True
        line = await run(after, first, second)
    assert line["data"] == {"name": "Ada", "city": "Oslo"}
    shares = [(share["model"], share["answers"], share["requests"]) for share in line["models"]]
    assert shares == [("small", 1, 2), ("large", 1, 1)]
    total = sum((Usage(**share["usage"]) for share in line["models"]), Usage())
    assert total == Usage(**line["usage"])
