"""What llmx.link promises of files: tables that join, a run that stays as it was, and bytes that come back."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import duckdb
import pytest
from pydantic import BaseModel

from llmx.documents.find import File, FileSearch, folder_files
from llmx.errors import OutputError, UsageError
from llmx.link.graph import graph_of_links
from llmx.link.graph_formats import write_graph
from llmx.link.kept_tables import links_folder, read_links
from llmx.link.linking import LinkOptions, link_run
from llmx.link.output import undo, write_links
from llmx.link.tables import rows_of
from llmx.sinks import open_sink


class Pact(BaseModel):
    """A pact."""

    day: str
    parties: list[str]


ROWS = [("a.txt", "2024-03-14", ["Lorant SA", "=Kranich"]), ("b.txt", "2024-03-15", ["LORANT", "=Kranich <GmbH>"])]
HOW = LinkOptions(on=("parties[]",), parties="parties[]", date="day")


def written(target: Path) -> Path:
    with open_sink(target) as sink:
        for id_, day, parties in ROWS:
            sink.write_row(_row(id_, day, parties), Pact)
    return target


def _row(id_: str, day: str, parties: list[str]) -> dict[str, Any]:
    return {
        "id": id_, "source": id_, "status": "ok", "data": {"day": day, "parties": parties}, "issues": [],
        "evidence": {}, "confidence": {}, "model": "m",
    }  # fmt: skip


def link(run: Path) -> Path:
    return write_links(run, rows_of(link_run(run, None, HOW)), {})


QUERY = """
SELECT name, count(*) FROM records JOIN link_mentions USING (id) JOIN
  (SELECT entity_id, name AS entity FROM link_entities) USING (entity_id) GROUP BY entity_id, name ORDER BY name
"""


@pytest.mark.parametrize("suffix", [".jsonl", ".sqlite", ".duckdb"])
def test_undo_gives_the_bytes_from_before_even_after_a_second_link(tmp_path: Path, suffix: str) -> None:
    run = written(tmp_path / f"out{suffix}")
    before, there = run.read_bytes(), sorted(tmp_path.iterdir())
    link(run)
    link(run)
    assert suffix == ".jsonl" or run.read_bytes() != before
    assert undo(run).bytes_restored
    assert run.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == there
    with pytest.raises(UsageError, match="no links to take back"):
        undo(run)


def test_entities_and_mentions_are_tables_of_a_database_that_join_with_its_records(tmp_path: Path) -> None:
    sqlite, duck = (written(tmp_path / f"out.{suffix}") for suffix in ("sqlite", "duckdb"))
    for run in (sqlite, duck):
        link(run)
    with closing(sqlite3.connect(sqlite)) as one, closing(duckdb.connect(str(duck), read_only=True)) as two:
        found = one.execute(QUERY).fetchall()
        assert found == two.execute(QUERY).fetchall()
        assert [count for _, count in found] == [1, 1, 1, 1]
        assert one.execute("SELECT count(*) FROM link_entities").fetchone() == (2,)
        assert two.execute("SELECT count(*) FROM link_events").fetchone() == (1,)


def test_a_database_that_was_changed_since_keeps_the_change_when_the_links_are_taken_back(tmp_path: Path) -> None:
    run = written(tmp_path / "out.sqlite")
    link(run)
    with open_sink(run, upsert=True) as sink:
        sink.write_row(_row("c.txt", "2025-01-01", ["Ondine"]), Pact)
    assert not undo(run).bytes_restored
    with closing(sqlite3.connect(run)) as database:
        assert database.execute("SELECT count(*) FROM records").fetchone() == (3,)
        assert database.execute("SELECT name FROM sqlite_master WHERE name LIKE 'link%'").fetchall() == []


def test_a_database_that_was_changed_is_linked_anew_and_undo_gives_the_changed_one_back(tmp_path: Path) -> None:
    run = written(tmp_path / "out.sqlite")
    link(run)
    with open_sink(run, upsert=True) as sink:
        sink.write_row(_row("c.txt", "2025-01-01", ["Ondine"]), Pact)
    link(run)
    assert len(read_links(run)["entities"]) == 3
    assert undo(run).bytes_restored
    with closing(sqlite3.connect(run)) as database:
        assert database.execute("SELECT count(*) FROM records").fetchone() == (3,)
        assert database.execute("SELECT name FROM sqlite_master WHERE name LIKE 'link%'").fetchall() == []


def test_undo_leaves_what_others_put_into_the_folder(tmp_path: Path) -> None:
    run = written(tmp_path / "out.jsonl")
    (link(run) / "notes.txt").write_text("mine")
    undo(run)
    assert [path.name for path in links_folder(run).iterdir()] == ["notes.txt"]


def test_a_field_that_no_record_has_and_a_run_without_named_fields_are_refused(tmp_path: Path) -> None:
    run = written(tmp_path / "out.jsonl")
    with pytest.raises(UsageError, match="no record has a field sellers"):
        link_run(run, None, LinkOptions(on=("sellers[]",)))
    with pytest.raises(UsageError, match="no field of the run names"):
        link_run(run, None)
    with pytest.raises(UsageError, match="no kind 'firm'"):
        link_run(run, None, LinkOptions(on=("parties[]:firm",)))
    with pytest.raises(UsageError, match="is not among the fields"):
        link_run(run, None, LinkOptions(on=("parties[]",), parties="day", date="day"))


def test_the_graph_is_graphml_csv_and_a_picture_that_others_read(tmp_path: Path) -> None:
    run = written(tmp_path / "out.jsonl")
    link(run)
    graph = graph_of_links(read_links(run))
    (graphml,) = write_graph(graph, tmp_path / "g.graphml")
    (svg,) = write_graph(graph, tmp_path / "g.svg")
    nodes, edges = write_graph(graph, tmp_path / "g.csv")
    names = {"g": "http://graphml.graphdrawing.org/xmlns"}
    tree = ET.parse(graphml)
    ids = {node.get("id") for node in tree.iterfind(".//g:node", names)}
    assert len(ids) == 3
    assert {edge.get(end) for edge in tree.iterfind(".//g:edge", names) for end in ("source", "target")} == ids
    assert ET.parse(svg).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    with nodes.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert {each["id"] for each in rows} == ids
    assert any(each["label"].startswith("'=Kranich") for each in rows), "no cell is a formula"
    assert len(edges.read_text("utf-8").splitlines()) == 1 + len(graph.edges) == 4
    with pytest.raises(OutputError, match="exists"):
        write_graph(graph, tmp_path / "g.csv")
    with pytest.raises(OutputError, match="cannot be written so"):
        write_graph(graph, tmp_path / "g.png")


def test_what_was_linked_is_no_document_of_a_folder(tmp_path: Path) -> None:
    link(written(tmp_path / "out.jsonl"))
    (tmp_path / "a.txt").write_text("Lorant and Kranich signed.")
    found = folder_files(tmp_path, FileSearch(frozenset(), Counter()))
    assert {file.path.name for file in found if isinstance(file, File)} == {"a.txt", "out.jsonl"}


def test_links_are_written_for_their_owner_alone_as_the_run_is(tmp_path: Path) -> None:
    run = written(tmp_path / "out.sqlite")
    folder = link(run)
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir()} == {0}
    assert json.loads((folder / "links.json").read_text("utf-8"))["run"] == "out.sqlite"
