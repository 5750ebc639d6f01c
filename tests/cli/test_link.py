"""``llmx link`` and ``llmx graph`` as a user runs them: what is told, what is kept, what a model is asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import assert_plain, here, serving
from tests.fault_server import Received, Step, answer

SCHEMA = '''"""A pact."""

from pydantic import BaseModel

from llmx.types import OrganizationName, PartialDate


class Party(BaseModel):
    """A party."""

    name: OrganizationName


class Pact(BaseModel):
    """A pact."""

    day: PartialDate | None = None
    parties: list[Party] = []
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pact.py").write_text(SCHEMA)
    (tmp_path / "a.txt").write_text("丰田（Toyota）和Lorant签署协议。")
    lines = [
        {"id": id_, "source": id_, "status": "ok", "data": {"day": day, "parties": [{"name": n} for n in names]}}
        for id_, day, names in (
            ("a.txt", "2024-03-14", ("丰田", "Lorant")),
            ("b.txt", "2024-03-15", ("Toyota", "Lorant SA")),
            ("c.txt", "2023-01-01", ("Lorant Energy",)),
        )
    ]
    (tmp_path / "out.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path


def links(folder: Path, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "out.jsonl.links" / f"{name}.jsonl").read_text("utf-8").splitlines()]


def test_a_name_that_no_record_has_is_told_since_it_may_be_mistyped(folder: Path) -> None:
    done = here("link", "out.jsonl", "-s", "pact.py:Pact", "--same", "Loranto=Lorant", folder=folder)
    assert "no record has the name Loranto. Did you mean Lorant?" in done.err
    assert "name Lorant." not in done.err


def test_a_run_is_linked_by_its_schema_told_in_figures_drawn_and_taken_back(folder: Path) -> None:
    before = (folder / "out.jsonl").read_bytes()
    done = here("link", "out.jsonl", "-s", "pact.py:Pact", folder=folder)
    assert (done.code, done.out) == (0, "")
    assert "5 names in 3 documents are 3 entities: 2 merges, 0 refused, 2 open" in done.err
    assert "2 events, 1 of several records, 1 with conflicts" in done.err
    assert "2 documents were not found" in done.err
    assert {str(each["quote"]) for each in links(folder, "links") if each["said_by"] == "text"} == {"丰田（Toyota）"}
    drawn = here("graph", "out.jsonl", "-o", "g.svg", folder=folder)
    assert "5 nodes and" in drawn.err
    assert here("link", "out.jsonl", "--undo", folder=folder).err == "llmx: out.jsonl is as it was before\n"
    assert (folder / "out.jsonl").read_bytes() == before
    assert not (folder / "out.jsonl.links").exists()
    assert_plain(here("graph", "out.jsonl", folder=folder), "out.jsonl is not linked", "llmx link out.jsonl")


def test_what_a_person_says_is_kept_beside_the_run_and_holds_after_an_undo(folder: Path) -> None:
    words = ("link", "out.jsonl", "--on", "parties[].name", "--json")
    first = here(*words, "--different", "Lorant=Lorant SA", "--same", "Lorant SA=Lorant Energy", folder=folder)
    assert json.loads(first.out)["refused"] == 1
    here("link", "out.jsonl", "--undo", folder=folder)
    again = here(*words, folder=folder)
    assert json.loads(again.out) == json.loads(first.out)
    assert '- ["Lorant SA", "Lorant Energy"]' in (folder / "out.jsonl.names.yaml").read_text("utf-8")
    wrong = here(*words, "--same", "Lorant=Lorant SA", folder=folder)
    assert_plain(wrong, "said to be the same, and to be different")
    assert_plain(here(*words, "--same", "Lorant", folder=folder), "is no pair of names")


def test_a_file_of_aliases_links_what_no_text_says(folder: Path) -> None:
    (folder / "a.txt").unlink()
    (folder / "known.yaml").write_text("same:\n  - [丰田, Toyota]\n")
    words = ("link", "out.jsonl", "--on", "parties[].name", "--json")
    assert json.loads(here(*words, folder=folder).out)["merged"] == 1
    assert json.loads(here(*words, "--aliases", "known.yaml", folder=folder).out)["merged"] == 2
    (folder / "known.yaml").write_text("equal:\n  - [丰田, Toyota]\n")
    assert_plain(here(*words, "--aliases", "known.yaml", folder=folder), "known.yaml: there is no equal")


def test_a_scripted_model_is_asked_about_open_pairs_only_once_and_a_cassette_replays_it(folder: Path) -> None:
    asked: list[str] = []

    def same(received: Received) -> Step:
        asked.append(received.body["messages"][-1]["content"])
        return answer(json.dumps({"verdict": "same"}))

    words = ("link", "out.jsonl", "--on", "parties[].name", "--json", "--model", "scripted-1", "--mode", "json_schema")
    with serving(same) as server:
        done = here(*words, "--base-url", server.base_url, "--record", "tape", folder=folder)
    figures = json.loads(done.out)
    assert (figures["asked"], figures["unanswered"], figures["entities"]) == (len(asked), 0, 2)
    assert any("Lorant Energy" in text and "Lorant SA" in text for text in asked)
    assert not any(": Toyota\n" in text for text in asked), "what a text says is not asked"
    replayed = here(*words, "--replay", "tape", folder=folder)
    assert json.loads(replayed.out) == figures
    assert any("a model says: same" in str(each["reasons"]) for each in links(folder, "links"))


def test_options_that_could_have_no_effect_are_refused(folder: Path) -> None:
    on = ("link", "out.jsonl", "--on", "parties[].name")
    assert_plain(here(*on, "--record", "tape", folder=folder), "are for questions to a model")
    assert_plain(here(*on, "--undo", folder=folder), "--undo takes everything back")
    assert_plain(here(*on, "--max-questions", "0", folder=folder), "must be at least 1")
    assert_plain(here(*on, "--event-days", "-1", folder=folder), "not negative")
