"""The library's face: records come one by one, in the order of the documents, typed, in any kind of program."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import llmx
from llmx.errors import AuthError, BudgetError, ConfigError, OutputError, SchemaError
from llmx.run import RunOptions
from tests.cli.running import serving
from tests.fault_server import HANG, FaultServer, Received, Step, answer, status


class Bill(BaseModel):
    """A bill."""

    number: str
    buyer: str | None = None


def bill(request: Received) -> Step:
    text = request.body["messages"][-1]["content"]
    number = text[text.index("Bill ") + 5 :].split()[0]
    delay_s = 0.15 if number == "B-0" else 0.0  # the first document is the slowest
    return Step(answer(json.dumps({"number": number, "buyer": None})).payload, delay_s=delay_s)


def endpoint(server: FaultServer, folder: Path, **more: Any) -> llmx.EndpointSettings:
    return llmx.EndpointSettings(
        model="scripted-1", base_url=server.base_url, mode="json_schema", cache_dir=folder, api_key="k", **more
    )


def documents(count: int) -> list[llmx.Document]:
    return [llmx.Document(f"d{n}", f"Bill B-{n} for ACME.") for n in range(count)]


def test_records_come_in_the_order_of_the_documents_with_data_of_the_users_class(tmp_path: Path) -> None:
    with serving(bill) as server:
        records = list(llmx.extract(documents(5), Bill, endpoint=endpoint(server, tmp_path)))
    assert [record.id for record in records] == [f"d{n}" for n in range(5)]
    for n, record in enumerate(records):
        assert isinstance(record.data, Bill)
        assert record.data.number == f"B-{n}"
        proof = record.evidence["/number"]
        assert proof is not None
        assert proof.quote == f"B-{n}"


def test_options_for_a_run_do_not_change_the_order_unless_they_say_so(tmp_path: Path) -> None:
    with serving(bill) as server:
        ask = endpoint(server, tmp_path)
        ordered = llmx.extract(documents(5), Bill, endpoint=ask, run=RunOptions(concurrency=4))
        assert [record.id for record in ordered] == [f"d{n}" for n in range(5)]
        anew = endpoint(server, tmp_path, refresh=True)
        as_done = llmx.extract(documents(5), Bill, endpoint=anew, run=RunOptions(concurrency=4, ordered=False))
        assert next(as_done).id != "d0"
        assert len(list(as_done)) == 4


def test_a_bound_on_tokens_is_raised_after_the_records_that_it_allowed(tmp_path: Path) -> None:
    got: list[str] = []
    bounded = RunOptions(max_tokens_total=3_000, concurrency=1)
    with serving(bill) as server:
        records = llmx.extract(documents(400), Bill, endpoint=endpoint(server, tmp_path), run=bounded)
        with pytest.raises(BudgetError, match="of 3,000 tokens are spent"):
            got.extend(record.status for record in records)
    assert set(got) == {"ok"}
    assert 0 < len(got) < 400


def test_a_bound_on_documents_ends_the_records_there(tmp_path: Path) -> None:
    with serving(bill) as server:
        few = RunOptions(max_documents=3)
        assert len(list(llmx.extract(documents(9), Bill, endpoint=endpoint(server, tmp_path), run=few))) == 3


def test_the_log_is_written_for_records_that_are_given_out_too(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    with serving(bill) as server:
        list(llmx.extract(documents(2), Bill, endpoint=endpoint(server, tmp_path), run=RunOptions(log_file=log)))
    told = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["event"] for line in told] == ["begin", "document", "document", "end"]


def test_signals_that_a_thread_cannot_catch_are_refused(tmp_path: Path) -> None:
    with serving(bill) as server, pytest.raises(ConfigError, match="main thread"):
        list(llmx.extract(documents(1), Bill, endpoint=endpoint(server, tmp_path), run=RunOptions(signals=True)))


def test_records_are_written_to_an_output_that_a_later_call_goes_on_with(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    with serving(bill) as server:
        ask = endpoint(server, tmp_path / "cache")
        assert llmx.extract_to(out, documents(2), Bill, endpoint=ask).statuses == {"ok": 2}
        with pytest.raises(OutputError, match="exists already"):
            llmx.extract_to(out, documents(3), Bill, endpoint=ask)
        summary = llmx.extract_to(llmx.OutputOptions(out, resume=True), documents(3), Bill, endpoint=ask)
    assert (summary.documents, summary.skipped) == (1, 2)
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == ["d0", "d1", "d2"]


async def test_an_output_is_written_inside_a_running_event_loop_too(tmp_path: Path) -> None:
    with serving(bill) as server:
        summary = llmx.extract_to(tmp_path / "out.csv", documents(2), Bill, endpoint=endpoint(server, tmp_path))
    assert summary.all_ok


def test_the_output_in_a_folder_of_documents_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Bill A-1 is due.")
    out, log = tmp_path / "out.jsonl", tmp_path / "log.jsonl"
    with serving(bill) as server:
        ask = endpoint(server, tmp_path / "cache")
        for _ in range(2):
            again = llmx.OutputOptions(out, overwrite=True)
            assert llmx.extract_to(again, tmp_path, Bill, endpoint=ask, run=RunOptions(log_file=log)).documents == 1


def test_what_stops_a_run_into_an_output_is_raised_and_the_records_so_far_are_there(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    bounded = RunOptions(max_tokens_total=3_000, concurrency=1)
    with serving(bill) as server, pytest.raises(BudgetError):
        llmx.extract_to(out, documents(400), Bill, endpoint=endpoint(server, tmp_path), run=bounded)
    assert 0 < len(out.read_text().splitlines()) < 400


def test_paths_mappings_and_single_documents_are_understood(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Bill A-1 is due.")
    (tmp_path / "bill.py").write_text("from pydantic import BaseModel\nclass Bill(BaseModel):\n    number: str\n")
    with serving(bill) as server:
        ask = endpoint(server, tmp_path / "cache")
        for given, source in (
            (tmp_path / "a.txt", "a.txt"), (str(tmp_path / "a.txt"), "a.txt"), ({"id": "x", "text": "Bill A-1 is due."}, None),
            (llmx.Document("x", "Bill A-1 is due."), None),
        ):  # fmt: skip
            (record,) = llmx.extract(given, f"{tmp_path}/bill.py:Bill", endpoint=ask)
            assert record.data is not None
            assert record.data.number == "A-1"
            assert source is None or str(record.source).endswith(source)


async def test_it_works_inside_a_running_event_loop_and_has_an_async_twin(tmp_path: Path) -> None:
    async with FaultServer(bill) as server:
        ask = endpoint(server, tmp_path)
        inside = await asyncio.to_thread(lambda: list(llmx.extract(documents(2), Bill, endpoint=ask)))
        twin = [record async for record in llmx.aextract(documents(2), Bill, endpoint=ask)]
        assert [r.to_json() for r in inside] == [r.to_json() for r in twin]
        assert len(server.received) == 2  # the second time the cache answers


def test_a_stream_that_nobody_finished_ends_in_silence_with_its_loop(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = []

    async def first(server: FaultServer) -> None:
        stream = llmx.aextract(documents(50), Bill, endpoint=endpoint(server, tmp_path))
        kept.append((await anext(stream), stream))

    with serving(bill) as server:
        asyncio.run(first(server))
    assert kept[0][0].id == "d0"
    assert caplog.text == ""


def test_an_output_is_written_by_the_model_that_is_named(tmp_path: Path) -> None:
    with serving(bill) as server:
        ask = endpoint(server, tmp_path)
        summary = llmx.extract_to(tmp_path / "out.jsonl", documents(1), Bill, endpoint=ask, model="scripted-7")
        with pytest.raises(TypeError, match="modle"):
            llmx.extract_to(tmp_path / "two.jsonl", documents(1), Bill, endpoint=ask, modle="x")  # type: ignore[call-arg]
    assert summary.statuses == {"ok": 1}
    assert server.received[0].body["model"] == "scripted-7"


def test_who_stops_listening_stops_the_work(tmp_path: Path) -> None:
    with serving(bill) as server:
        stream = llmx.extract(
            documents(300), Bill, endpoint=endpoint(server, tmp_path), run=llmx.RunOptions(ordered=True, concurrency=1)
        )
        assert next(stream).id == "d0"
        stream.close()
        asked = len(server.received)
    assert asked < 300
    assert not [t for t in threading.enumerate() if t.name == "llmx-extract"]


def test_a_document_that_fails_is_a_record_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\xfd")
    (tmp_path / "good.txt").write_text("Bill B-1 is due.")
    with serving(bill) as server:
        records = list(
            llmx.extract([tmp_path / "bad.txt", tmp_path / "good.txt"], Bill, endpoint=endpoint(server, tmp_path))
        )
    assert [(r.status, r.data is None) for r in records] == [("failed", True), ("ok", False)]


def test_what_is_wrong_with_the_call_is_raised_where_the_caller_is(tmp_path: Path) -> None:
    with serving(lambda _: status(401, "no")) as server:
        ask = endpoint(server, tmp_path)
        with pytest.raises(SchemaError, match="partnershup"):
            list(llmx.extract(documents(1), "partnershup", endpoint=ask))
        with pytest.raises(AuthError):
            list(llmx.extract(documents(2), Bill, endpoint=ask))
    with pytest.raises(ConfigError):
        list(llmx.extract(documents(1), Bill, endpoint=llmx.EndpointSettings(api_key="k")))


def test_an_argument_that_there_is_not_is_refused_at_once_and_the_object_that_takes_it_named() -> None:
    wrong: dict[str, Any] = {"base_url": "http://127.0.0.1:9/v1"}
    with pytest.raises(TypeError, match=r"'base_url': give endpoint=llmx\.EndpointSettings\(base_url=…\)"):
        llmx.extract(documents(1), Bill, **wrong)
    wrong = {"concurency": 2}
    with pytest.raises(TypeError, match="there is no argument 'concurency'"):
        llmx.extract_to("out.csv", documents(1), Bill, **wrong)
    wrong = {"modell": "m"}
    with pytest.raises(TypeError, match="Did you mean model"):
        llmx.extract(documents(1), Bill, **wrong)


def test_the_model_may_be_named_in_the_call(tmp_path: Path) -> None:
    with serving(bill) as server:
        ask = llmx.EndpointSettings(base_url=server.base_url, mode="json_schema", cache_dir=tmp_path)
        (record,) = llmx.extract(documents(1), Bill, model="scripted-7", endpoint=ask)
    assert record.model == "scripted-7"
    assert server.received[0].body["model"] == "scripted-7"


def test_who_stops_listening_does_not_wait_for_what_is_on_the_wire(tmp_path: Path) -> None:
    def slow(request: Received) -> Step:
        done = bill(request)
        return done if "B-1 " in str(request.body) else HANG

    with serving(slow) as server:
        stream = llmx.extract(documents(3)[1:], Bill, endpoint=endpoint(server, tmp_path))
        assert next(stream).id == "d1"
        stream.close()  # the other answer never comes
    assert not [t for t in threading.enumerate() if t.name == "llmx-extract"]


@pytest.mark.slow
async def test_a_caller_that_is_slow_holds_the_run_back(tmp_path: Path) -> None:
    with serving(bill) as server:
        ask = endpoint(server, tmp_path, record=tmp_path / "tape")
        assert len([record async for record in llmx.aextract(documents(400), Bill, endpoint=ask)]) == 400
    read = 0

    def source() -> Iterator[llmx.Document]:
        nonlocal read
        for document in documents(400):
            read += 1
            yield document

    replayed = llmx.EndpointSettings(replay=tmp_path / "tape", cache=False)
    stream = llmx.aextract(source(), Bill, endpoint=replayed, run=RunOptions(concurrency=4, ordered=True))
    await anext(stream)
    for _ in range(5_000):  # turns of the loop, in which it could do all of them
        await asyncio.sleep(0)
    assert read < 300
    assert len([record async for record in stream]) == 399
