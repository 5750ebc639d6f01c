"""The session: nothing is lost, nothing is overwritten unseen, and every gold file says where it came from."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from llmx.errors import OutputError, UsageError
from llmx.evaluate.load import load_gold, load_run
from llmx.evaluate.report import evaluate
from llmx.review import Conflict, open_review
from llmx.review.draft import State
from llmx.review.folder import formatted, gold_folder
from tests.review.session_case import changed, edit, session_in
from tests.view import made


def saved(home: Path, name: str = "harbour.json") -> dict[str, Any]:
    content: dict[str, Any] = json.loads((home / "gold" / name).read_text(encoding="utf-8"))
    return content


def test_a_review_begins_with_the_record_and_its_proof(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    state = session.draft("harbour").state
    assert state.gold == made.harbour()["data"]
    assert state.notes["/jobs"] == {"how": "run", "start": 454, "end": 462, "quote": "600 jobs"}
    assert state.notes["/fields/2"] == {"how": "run"}
    assert session.stage("harbour") == "todo"


class Part(BaseModel, serialize_by_alias=True):
    unit_price: int | None = Field(default=None, serialization_alias="unitPrice")


class Order(BaseModel, serialize_by_alias=True):
    order_no: str = Field(serialization_alias="orderNo", max_length=4)
    parts: list[Part] = Field(default=[], serialization_alias="Parts")


def test_a_class_that_dumps_by_alias_is_reviewed_under_its_aliases(tmp_path: Path) -> None:
    data = {"orderNo": "7", "Parts": [{"unitPrice": 5}]}
    (tmp_path / "out.jsonl").write_text(json.dumps({"id": "a", "status": "ok", "data": data}) + "\n")
    session = open_review(tmp_path / "out.jsonl", tmp_path / "gold", schema=Order)
    try:
        gold = session.draft("a").state.gold
        assert gold == data
        assert session.problems(gold) == []
        assert session.problems(gold | {"orderNo": "too long"})[0]["path"] == "/order_no"
    finally:
        session.journal.close()


def test_a_review_of_an_invalid_record_begins_with_its_draft(tmp_path: Path) -> None:
    draft = {"data": {"order_no": "7", "parts": []}, "evidence": {}, "confidence": {}}
    row = {"id": "a", "status": "invalid", "data": None, "draft": draft}
    (tmp_path / "out.jsonl").write_text(json.dumps(row) + "\n")

    class Ordered(BaseModel):
        order_no: str
        day: date

    session = open_review(tmp_path / "out.jsonl", tmp_path / "gold", schema=Ordered)
    try:
        assert session.draft("a").state.gold == {"order_no": "7", "day": None}
    finally:
        session.journal.close()


def test_a_failed_document_begins_with_every_field_empty(tmp_path: Path) -> None:
    gold = session_in(tmp_path).draft("lost").state.gold
    assert set(gold) == set(made.blank())
    assert all(value in (None, []) or set(value.values()) == {None} for value in gold.values())


def test_saving_writes_gold_with_who_when_and_from_which_run(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    edit(session, "harbour", "jobs", value=601)
    session.save("harbour", version=session.draft("harbour").version)
    gold = saved(tmp_path)
    assert gold["jobs"] == 601
    origin = gold["_provenance"]
    assert (origin["by"], origin["at"]) == ("Ada", "2026-11-22T12:00:00+00:00")
    assert origin["run"]["name"] == "small"
    assert origin["run"]["model"] == "made-up-7b"
    assert len(origin["run"]["fingerprint"]) == 64
    assert origin["values"]["/jobs"] == {"how": "corrected"}
    assert origin["values"]["/signed_at"]["quote"] == "Copenhagen"
    assert session.stage("harbour") == "saved"


def test_evaluation_does_not_see_the_provenance_or_the_journal(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    for id_ in ("harbour", "chinese"):
        session.save(id_, version=session.draft(id_).version)
    gold = load_gold(tmp_path / "gold")
    assert set(gold) == {"harbour", "chinese"}
    report = evaluate(gold, load_run(tmp_path / "small" / "out.jsonl"))
    assert report.micro.f1 == 1.0
    assert not any("_provenance" in path for path in report.fields)


def test_a_window_that_saw_an_older_version_is_refused(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    seen = session.draft("harbour").version
    edit(session, "harbour", "jobs", value=1)
    acts: list[Callable[[], object]] = [
        lambda: session.edit("harbour", changed(session.draft("harbour"), "jobs", 2), version=seen, label=""),
        lambda: session.step("harbour", "undo", version=seen),
        lambda: session.save("harbour", version=seen),
        lambda: session.skip("harbour", version=seen, skipped=True),
    ]
    for act in acts:
        with pytest.raises(Conflict) as raised:
            act()
        assert raised.value.by == "window"
    assert session.draft("harbour").state.gold["jobs"] == 1
    assert not (tmp_path / "gold" / "harbour.json").exists()


def test_a_gold_file_that_changed_outside_is_not_overwritten_unless_that_is_chosen(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    edit(session, "harbour", "jobs", value=1)
    (tmp_path / "gold" / "harbour.json").write_text('{"jobs": 7}', encoding="utf-8")
    with pytest.raises(Conflict) as raised:
        session.save("harbour", version=session.draft("harbour").version)
    assert raised.value.by == "file"
    assert raised.value.theirs is not None
    assert raised.value.theirs["gold"] == {"jobs": 7}
    assert saved(tmp_path) == {"jobs": 7}
    session.save("harbour", version=session.draft("harbour").version, over=raised.value.theirs["file"])
    assert saved(tmp_path)["jobs"] == 1


def test_a_gold_file_that_changed_outside_is_taken_up_where_nothing_was_edited(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    seen = session.draft("harbour").version
    (tmp_path / "gold" / "harbour.json").write_text('{"jobs": 7}', encoding="utf-8")
    assert session.draft("harbour").state.gold == {"jobs": 7}
    assert session.draft("harbour").version != seen


def test_edits_survive_a_crash_with_the_way_back(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    for jobs in (1, 2, 3):
        edit(session, "harbour", "jobs", value=jobs)
    session.step("harbour", "undo", version=session.draft("harbour").version)
    session.journal.close()  # the system does as much when the process is killed

    again = session_in(tmp_path)
    assert again.stage("harbour") == "edited"
    assert again.draft("harbour").state.gold["jobs"] == 2
    assert again.step("harbour", "redo", version=again.draft("harbour").version).state.gold["jobs"] == 3
    for _ in range(5):
        again.step("harbour", "undo", version=again.draft("harbour").version)
    assert again.draft("harbour").state.gold["jobs"] == 600


def test_a_line_that_a_crash_cut_off_costs_only_itself(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    edit(session, "harbour", "jobs", value=1)
    session.journal.close()
    journal = tmp_path / "gold" / ".review" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes() + b'{"id": "harbour", "op": "edit", "sta')
    again = session_in(tmp_path)
    assert again.draft("harbour").state.gold["jobs"] == 1
    edit(again, "harbour", "jobs", value=2)
    again.journal.close()
    assert session_in(tmp_path).draft("harbour").state.gold["jobs"] == 2


STEPS = st.lists(st.one_of(st.integers(0, 9), st.sampled_from(["undo", "redo", "save", "crash"])), max_size=12)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_a_new_start_anywhere_changes_nothing(steps: list[int | str]) -> None:
    def work(home: Path, *, crashing: bool) -> tuple[Any, str]:
        session = session_in(home)
        for step in steps:
            version = session.draft("harbour").version
            if isinstance(step, int):
                edit(session, "harbour", "jobs", value=step)
            elif step == "save":
                session.save("harbour", version=version)
            elif step == "crash":
                if crashing and session.stage("harbour") == "edited":  # of saved work, the way back is not kept
                    session.journal.close()
                    session = session_in(home)
            else:
                session.step("harbour", "undo" if step == "undo" else "redo", version=version)
        session.journal.close()
        return session.draft("harbour").state.gold, session.stage("harbour")

    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        assert work(Path(one), crashing=True) == work(Path(other), crashing=False)


def test_what_is_saved_leaves_the_journal_at_the_next_start(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    edit(session, "harbour", "jobs", value=1)
    edit(session, "emoji", "jobs", value=1)
    session.save("harbour", version=session.draft("harbour").version)
    session.journal.close()
    again = session_in(tmp_path)
    assert {entry["id"] for entry in again.journal.entries()} == {"emoji"}
    assert again.draft("harbour").state.gold["jobs"] == 1


def test_undoing_back_to_what_the_file_holds_is_saved_again(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    edit(session, "harbour", "jobs", value=1)
    session.save("harbour", version=session.draft("harbour").version)
    edit(session, "harbour", "jobs", value=2)
    assert session.stage("harbour") == "edited"
    session.step("harbour", "undo", version=session.draft("harbour").version)
    assert session.stage("harbour") == "saved"
    session.step("harbour", "undo", version=session.draft("harbour").version)
    edit(session, "harbour", "jobs", value=3)  # what the file holds can no longer be reached
    session.step("harbour", "undo", version=session.draft("harbour").version)
    assert session.stage("harbour") == "edited"


def test_a_skipped_document_stays_aside_until_it_is_edited(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    session.skip("emoji", version=session.draft("emoji").version, skipped=True)
    session.journal.close()
    again = session_in(tmp_path)
    assert again.stage("emoji") == "skipped"
    edit(again, "emoji", "jobs", value=1)
    assert again.stage("emoji") == "edited"


def test_one_folder_is_open_in_one_review(tmp_path: Path) -> None:
    session = session_in(tmp_path)
    with pytest.raises(OutputError, match="open in another review"):
        session_in(tmp_path)
    session.journal.close()
    session_in(tmp_path)


def test_gold_and_its_notes_are_taken_up_from_files_that_are_there(tmp_path: Path) -> None:
    made.write_gold(tmp_path / "gold")
    session = session_in(tmp_path)
    assert (session.stage("harbour"), session.stage("emoji")) == ("saved", "todo")
    assert session.draft("harbour").state.gold["investment"]["currency"] == "DKK"
    session.save("harbour", version=session.draft("harbour").version)
    session.journal.close()
    assert session_in(tmp_path).draft("harbour").state == session.draft("harbour").state


def test_the_folders_own_way_of_naming_is_kept(tmp_path: Path) -> None:
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold" / "harbour.gold.json").write_text("{}", encoding="utf-8")
    session = session_in(tmp_path)
    for id_ in ("harbour", "emoji"):
        session.save(id_, version=session.draft(id_).version)
    assert sorted(file.name for file in (tmp_path / "gold").glob("*.json")) == ["emoji.gold.json", "harbour.gold.json"]


@pytest.mark.slow
@given(
    st.text(min_size=1, max_size=30)
    | st.sampled_from(["../x", "/etc/passwd", "a/../../b", ".hidden", "C:\\x", "https://a.example/b"])
)
def test_no_id_leads_out_of_the_folder_or_out_of_sight(id_: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        folder = gold_folder(Path(home), [id_])
        folder.write(id_, {"a": 1})
        assert folder.files[id_].resolve().is_relative_to(Path(home).resolve())
        assert len(load_gold(Path(home))) == 1
        assert folder.read(id_).gold == {"a": 1}


NAMES = st.text(max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | NAMES,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(NAMES, each, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(NAMES, JSON, max_size=4), st.dictionaries(NAMES, JSON, max_size=4))
def test_a_gold_file_reads_back_as_what_was_written(gold: dict[str, Any], values: dict[str, Any]) -> None:
    whole = gold | {"_provenance": {"by": "Ada", "values": values}}
    assert json.loads(formatted(whole)) == whole


@pytest.mark.parametrize(
    "given_", [None, {}, {"gold": [], "notes": {}}, {"gold": {}, "notes": {"/a": {"how": "guessed"}}}], ids=str
)
def test_what_is_no_state_is_refused(given_: Any) -> None:
    with pytest.raises(UsageError):
        State.from_json(given_)


def test_an_unknown_document_and_a_damaged_gold_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no document 'nobody'"):
        session_in(tmp_path).draft("nobody")
    (tmp_path / "gold" / "harbour.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(UsageError, match=r"harbour\.json: a gold record is a JSON object"):
        gold_folder(tmp_path / "gold", ["harbour"]).read("harbour")


def test_the_schemas_faults_in_gold_are_told_and_do_not_stop_a_save(tmp_path: Path) -> None:
    schema = tmp_path / "deal.py"
    schema.write_text(
        "from pydantic import BaseModel\n\nclass Deal(BaseModel):\n    jobs: int | None\n", encoding="utf-8"
    )
    session = session_in(tmp_path, schema=str(schema))
    assert session.problems({"jobs": "many"})[0]["path"] == "/jobs"
    assert session.problems({"jobs": {"any": [3, "many"]}}) == []
    edit(session, "harbour", "jobs", value="many")
    session.save("harbour", version=session.draft("harbour").version)
    assert saved(tmp_path)["jobs"] == "many"


def test_an_integer_that_a_browser_cannot_hold_comes_through_an_edit_unchanged(tmp_path: Path) -> None:
    large = 12_345_678_901_234_567_891
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold" / "harbour.json").write_text(
        json.dumps({"figures": [{"value": large}], "jobs": 1}), encoding="utf-8"
    )
    session = session_in(tmp_path)
    draft = session.draft("harbour")
    from_the_browser = {"figures": [{"value": 1}, {"value": float(large)}], "jobs": 2}
    session.edit("harbour", State(from_the_browser, {}), version=draft.version, label="")
    assert session.draft("harbour").state.gold == {"figures": [{"value": 1}, {"value": large}], "jobs": 2}
