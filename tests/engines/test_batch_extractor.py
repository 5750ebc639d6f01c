"""The callable for engines: any kind of batch, row by row, with the same columns for each; one session a process."""

from __future__ import annotations

import datetime as dt
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import llmx
from llmx.engines import BatchExtractor
from llmx.errors import AuthError, BudgetError, ConfigError, LlmxError, SchemaError, UsageError
from tests.cli.running import serving
from tests.fault_server import FaultServer, Received, Step, answer, status

pa = pytest.importorskip("pyarrow")


class Item(BaseModel):
    """An item."""

    name: str


class Order(BaseModel):
    """An order."""

    number: str
    day: dt.date | None = None
    at: dt.datetime | None = None
    fee: Decimal | None = None
    count: int | None = None
    items: list[Item] = []


def ordered(request: Received) -> Step:
    """Answer as scripted: with the number of the order in the text, and values that the text says."""
    text = request.body["messages"][-1]["content"]
    number = text[text.index("Order ") + 6 :].split()[0]
    items = [{"name": "ink"}, {"name": "paper"}]
    fee = "0.123456789012" if number == "O-2" else "1250.40"
    said = {"number": number, "day": "2024-03-01", "at": None, "fee": fee, "count": 12, "items": items}
    return Step(answer(json.dumps(said)).payload)


def text_of(number: int) -> str:
    fee = "0.123456789012" if number == 2 else "1250.40"
    return f"Order O-{number} of 2024-03-01 over 12 boxes of ink and paper, with a fee of {fee}."


def extractor(server: FaultServer, folder: Path, **more: Any) -> BatchExtractor:
    endpoint = llmx.EndpointSettings(
        model="scripted-1", base_url=server.base_url, mode="json_schema", cache_dir=folder, api_key="k"
    )
    return BatchExtractor(Order, endpoint=endpoint, **more)


def test_a_table_keeps_its_rows_and_gets_typed_columns_and_the_records_of_extract(tmp_path: Path) -> None:
    table = pa.table({"nr": [1, 3, 4], "text": [text_of(1), None, text_of(4)], "x": ["a", "b", "c"]})
    with serving(ordered) as server:
        ask = extractor(server, tmp_path, id="nr")
        got = ask(table)
        ask.close()
        documents = [llmx.Document(str(number), text_of(number)) for number in (1, 4)]
        records = list(llmx.extract(documents, Order, endpoint=ask.endpoint))
    assert got.column_names[:3] == ["nr", "text", "x"]
    assert got["x"].to_pylist() == ["a", "b", "c"]
    assert got["llmx_status"].to_pylist() == [records[0].status, "failed", records[1].status]
    assert got.schema.names[3:] == ask.columns.names
    data = got.schema.field("llmx_data").type
    assert data.field("day").type == pa.date32()
    assert data.field("fee").type == pa.decimal128(38, 10)
    assert data.field("count").type == pa.int64()
    assert data.field("items").type == pa.list_(pa.struct([("name", pa.string())]))
    first, failed, third = got.to_pylist()
    assert first["llmx_data"]["day"] == dt.date(2024, 3, 1)
    assert first["llmx_data"]["fee"] == Decimal("1250.40")
    assert [item["name"] for item in first["llmx_data"]["items"]] == ["ink", "paper"]
    assert failed["llmx_data"] is None
    assert failed["llmx_issues"][0]["code"] == "unreadable"
    for row, record in zip((first, third), records, strict=True):
        expected = record.to_json()
        same = {name: value for name, value in json.loads(row["llmx_record"]).items() if name != "seconds"}
        assert same == {name: value for name, value in expected.items() if name != "seconds"}
        assert {proof["path"] for proof in row["llmx_evidence"]} == {k for k, v in expected["evidence"].items() if v}


def test_record_batches_and_dicts_come_back_as_such_and_each_yields_in_order(tmp_path: Path) -> None:
    with serving(ordered) as server:
        ask = extractor(server, tmp_path)
        batches = [pa.RecordBatch.from_pydict({"text": [text_of(n), text_of(n + 1)]}) for n in (10, 20, 30)]
        got = list(ask.each(iter(batches)))
        columns = ask({"text": (text_of(7), text_of(8)), "mark": [1, 2]})
        ask.close()
    assert all(isinstance(batch, pa.RecordBatch) and batch.schema.field("llmx_data") for batch in got)
    numbers = [row["llmx_data"]["number"] for batch in got for row in batch.to_pylist()]
    assert numbers == ["O-10", "O-11", "O-20", "O-21", "O-30", "O-31"]
    assert columns["mark"] == [1, 2]
    assert [data["number"] for data in columns["llmx_data"]] == ["O-7", "O-8"]


def test_a_pandas_frame_keeps_its_index_and_a_missing_text_is_a_failed_row(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"text": [text_of(1), None]}, index=["first", "second"])
    with serving(ordered) as server:
        ask = extractor(server, tmp_path)
        got = ask(frame)
        ask.close()
    assert got.index.tolist() == ["first", "second"]
    assert got["llmx_status"].tolist()[1] == "failed"
    assert got["llmx_data"].iloc[0]["number"] == "O-1"
    assert "llmx_data" not in frame


def test_a_value_that_its_type_cannot_hold_is_null_with_an_issue_and_the_columns_stay_the_same(tmp_path: Path) -> None:
    with serving(ordered) as server:
        ask = extractor(server, tmp_path)
        got = ask(pa.table({"text": [text_of(2), text_of(1)]}))
        ask.close()
    odd, usual = got.to_pylist()
    assert odd["llmx_data"]["fee"] is None
    assert odd["llmx_data"]["number"] == "O-2"
    assert ("column_type", "/fee") in [(issue["code"], issue["path"]) for issue in odd["llmx_issues"]]
    assert json.loads(odd["llmx_record"])["data"]["fee"] == "0.123456789012"
    assert usual["llmx_data"]["fee"] == Decimal("1250.40")


def test_an_empty_batch_has_the_same_columns_and_asks_nobody() -> None:
    ask = BatchExtractor(Order, endpoint=llmx.EndpointSettings(model="m", base_url="http://127.0.0.1:9/v1"))
    table = pa.table({"text": pa.array([], pa.string())})
    assert ask(table).schema.names == ["text", *ask.columns.names]
    assert ask(table).num_rows == 0


def test_a_copy_that_was_pickled_shares_the_one_session_of_the_process(tmp_path: Path) -> None:
    with serving(ordered) as server:
        ask = extractor(server, tmp_path, run=llmx.RunOptions(rpm=6000))
        copies = [pickle.loads(pickle.dumps(ask)) for _ in range(2)]
        with ThreadPoolExecutor(2) as pool:
            got = list(pool.map(lambda n: copies[n % 2](pa.table({"text": [text_of(n)]})), range(20, 26)))
        from llmx.engines.process_run import _RUNS

        mine = [run for (_, token), run in _RUNS.items() if token == ask.token]
        ask.close()
    assert len(mine) == 1
    assert mine[0].error is not None  # it was closed with ask
    assert [batch["llmx_data"][0]["number"].as_py() for batch in got] == [f"O-{n}" for n in range(20, 26)]


def test_a_refused_key_is_raised_and_the_next_batch_asks_again(tmp_path: Path) -> None:
    refused = True

    def script(request: Received) -> Step:
        return status(401) if refused else ordered(request)

    with serving(script) as server:
        ask = extractor(server, tmp_path)
        with pytest.raises(AuthError) as caught:
            ask({"text": [text_of(1)]})
        refused = False
        assert ask({"text": [text_of(1)]})["llmx_status"] != ["failed"]
        ask.close()
    again = pickle.loads(pickle.dumps(caught.value))  # as engines carry it to the driver
    assert str(again) == str(caught.value)


def test_a_spent_budget_stays_spent_for_the_batches_after_it(tmp_path: Path) -> None:
    with serving(ordered) as server:
        ask = extractor(server, tmp_path, run=llmx.RunOptions(max_tokens_total=1, concurrency=1))
        for _ in range(2):
            with pytest.raises(BudgetError):
                ask({"text": [text_of(n) for n in range(40, 60)]})
        ask.close()


def test_bounds_are_divided_by_the_workers_and_never_rounded_up() -> None:
    from llmx.engines.process_run import share_of

    whole = llmx.RunOptions(concurrency=9, rpm=100, tpm=1000, max_cost_usd=3.0, max_tokens_total=50)
    share = share_of(whole, 4)
    assert (share.concurrency, share.rpm, share.tpm, share.max_cost_usd, share.max_tokens_total) == (
        2,
        25,
        250,
        0.75,
        12,
    )
    assert share_of(llmx.RunOptions(), 4) == llmx.RunOptions()
    with pytest.raises(ConfigError, match="rpm of 3 leaves less than 1"):
        BatchExtractor(Order, run=llmx.RunOptions(rpm=3), workers=4)


def test_what_cannot_be_is_refused_where_the_extractor_is_made_or_called() -> None:
    for run in (llmx.RunOptions(signals=True), llmx.RunOptions(max_documents=3), llmx.RunOptions(log_file=Path("a"))):
        with pytest.raises(ConfigError, match="is not for batches"):
            BatchExtractor(Order, run=run)
    with pytest.raises(SchemaError):
        BatchExtractor("no-such-schema")
    ask = BatchExtractor(Order, id="nr")
    faults: list[tuple[Any, str]] = [
        ({"body": ["a"]}, "no column 'text', 'nr'"),
        ({"text": ["a"], "nr": [1], "llmx_status": ["x"]}, "'llmx_status' already"),
        (["a"], "list is no batch"),
    ]
    for batch, message in faults:
        with pytest.raises(UsageError, match=message):
            ask(batch)


def test_an_endpoint_that_cannot_be_opened_is_raised_each_time(tmp_path: Path) -> None:
    ask = BatchExtractor(Order, endpoint=llmx.EndpointSettings(replay=tmp_path / "none"))
    for _ in range(2):
        with pytest.raises(LlmxError):
            ask({"text": ["a text"]})


def test_a_subclass_may_have_attributes_of_its_own_as_ray_gives_it() -> None:
    class Wrapped(BatchExtractor):
        pass

    wrapped: Any = Wrapped(Order)
    wrapped.lock = "a lock"
    assert wrapped.lock == "a lock"
