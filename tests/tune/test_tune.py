"""What llmx.tune promises: what is chosen was chosen on some documents, and is measured on others that nobody chose on.

The model here is a scripted server: it gets the jobs of an office right where the prompt shows the schema as an outline
or holds the right instruction, and leaves them out otherwise.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from llmx.cli.app import app
from llmx.documents import Document
from llmx.endpoint import EndpointSettings, ResolvedModel
from llmx.errors import EndpointError, UsageError
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import open_session
from llmx.prompting.prompt import load_prompt
from llmx.run import RunOptions
from llmx.run.budget import FIRST_DOCUMENT_TOKENS
from llmx.tune import TuneOptions, Tuning, render_text, to_json, tune
from llmx.tune.halving import planned_documents
from llmx.tune.split import split_gold
from llmx.tune.variants import first_variants, with_instruction
from tests.fault_server import FaultServer, Received, Step, answer, status

SCHEMA = """
from pydantic import BaseModel

class Office(BaseModel):
    city: str | None
    jobs: int | None
"""
CITIES = (
    "Paris",
    "Lima",
    "Oslo",
    "Rome",
    "Bonn",
    "Turin",
    "Quito",
    "Accra",
    "Dakar",
    "Delhi",
    "Osaka",
    "Tunis",
    "Sofia",
)
DOCUMENTS = [
    Document(city.lower(), f"Firm {city[::-1]} opens an office in {city}, with {10 + n} jobs.")
    for n, city in enumerate(CITIES)
]
GOLD = {each.id: {"city": city, "jobs": 10 + n} for n, (each, city) in enumerate(zip(DOCUMENTS, CITIES, strict=True))}
OUTLINE = '- \\"jobs\\"'
ONCE = Options(passes=1, verify="off", examples="none")
ADVICE = "Count the posts that are created."


def asked_of(request: Received) -> str:
    """Return the city of the document that a request is about: the last one that it names."""
    named: list[str] = re.findall("|".join(CITIES), str(request.body["messages"][-1]["content"]))
    return named[-1]


def knows_jobs(is_told: Callable[[str], bool], proposal: str = ADVICE) -> Callable[[Received], Step]:
    """Return a script that knows the jobs where ``is_told`` holds of the messages, and proposes ``proposal``."""

    def script(request: Received) -> Step:
        messages = json.dumps(request.body["messages"])
        if "What was wrong in the record" in messages:
            return answer(json.dumps({"instruction": proposal}))
        city = asked_of(request)
        jobs = f"{GOLD[city.lower()]['jobs']} jobs" if is_told(messages) else None
        return answer(json.dumps({"city": city, "jobs": jobs}))

    return script


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer(knows_jobs(lambda messages: OUTLINE in messages)) as running:
        yield running


@pytest.fixture
def schema(tmp_path: Path) -> str:
    path = tmp_path / "office.py"
    path.write_text(SCHEMA)
    return str(path)


def at(server: FaultServer, tmp_path: Path, **more: Any) -> EndpointSettings:
    settings = {"model": "scripted-1", "mode": "json_schema", "api_key": "k", "cache_dir": tmp_path / "cache"}
    return EndpointSettings(base_url=server.base_url, **{**settings, **more})


async def search(server: FaultServer, schema: str, tmp_path: Path, **how: Any) -> Tuning:
    setup, options = (at(server, tmp_path, cache=False), ONCE), TuneOptions(**{"examples": 0, **how})
    return await tune(DOCUMENTS, GOLD, schema, setup=setup, folder=tmp_path / "tune", how=options)


def chats(server: FaultServer) -> list[Received]:
    return [each for each in server.received if each.is_question]


def ids(part: Any) -> set[str]:
    return {each.document.id for each in part}


@dataclass(frozen=True)
class Finished:
    """A search with all that it has, what it asked, and the same search once more."""

    found: Tuning
    again: Tuning
    asked: list[Received]
    asked_again: int
    schema: str
    tape: Path


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("tune")
    (folder / "office.py").write_text(SCHEMA)

    async def twice() -> Finished:
        async with FaultServer(knows_jobs(lambda messages: OUTLINE in messages)) as server:
            schema, how, tape = str(folder / "office.py"), TuneOptions(propose=1, examples=2), folder / "tape"
            setup = at(server, folder, cache=False, record=tape), ONCE
            found = await tune(DOCUMENTS, GOLD, schema, setup=setup, folder=folder / "tune", how=how)
            asked = chats(server)
            again = await tune(DOCUMENTS, GOLD, schema, setup=setup, folder=folder / "tune", how=how)
            return Finished(found, again, asked, len(chats(server)) - len(asked), schema, tape)

    return asyncio.run(twice())


def test_a_better_prompt_is_found_and_its_file_asks_as_the_search_did(finished: Finished, tmp_path: Path) -> None:
    found = finished.found
    assert found.chosen is not None
    assert found.chosen.differs == ("outline",)
    assert found.held_out is not None
    assert found.held_out.difference.after == 1.0
    assert found.held_out.difference.real  # all six held-out documents agree
    assert found.better
    file = tmp_path / "tuned.prompt.md"
    file.write_text(found.prompt_file("tuned"))
    assert load_prompt(file).name == "tuned"
    assert "on 6 held-out documents" in file.read_text()
    plan = Extractor(finished.schema, Options(prompt=str(file))).plan(
        ResolvedModel("scripted-1", "json_schema", "given")
    )
    held = found.split.held_out[0].document
    assert plan.rendering.messages(held.text, language="en") in [each.body["messages"] for each in finished.asked]


def test_held_out_documents_meet_two_prompts_only_and_examples_are_never_scored(finished: Finished) -> None:
    found = finished.found
    held, training = ids(found.split.held_out), ids(found.split.training)
    assert not held & training
    asked = [each for each in finished.asked if "What was wrong" not in str(each.body)]
    about = [asked_of(each).lower() for each in asked]
    assert len(found.shown) == 2
    assert not set(about) & set(found.shown)
    assert all(about.count(each) == 2 for each in held)
    assert all(any(name.title() in str(each.body["messages"][:-1]) for each in asked) for name in found.shown)
    before = finished.asked[: -2 * len(held)]
    assert not any(name.title() in str(each.body) for name in held for each in before)


def test_a_search_that_is_repeated_asks_nothing_and_says_the_same(finished: Finished) -> None:
    assert finished.asked_again == 0
    assert finished.again.paid_tokens == 0
    assert to_json(finished.again) | {"paid": None} == to_json(finished.found) | {"paid": None}


async def test_where_no_prompt_is_better_it_says_so(server: FaultServer, schema: str, tmp_path: Path) -> None:
    server.script = knows_jobs(lambda _: False)
    found = await search(server, schema, tmp_path)
    assert not found.better
    assert found.held_out is None
    assert found.conclusion == "No prompt that was tried is better than the present prompt."


async def test_what_is_better_by_chance_alone_is_not_kept(server: FaultServer, schema: str, tmp_path: Path) -> None:
    split = split_gold(DOCUMENTS, GOLD, held_out=0.4, examples=0)
    lucky = {each.document.id.title() for each in split.training}
    right = knows_jobs(lambda _: True)
    wrong = knows_jobs(lambda _: False)

    def script(request: Received) -> Step:
        told = OUTLINE in json.dumps(request.body["messages"])
        return (right if told == (asked_of(request) in lucky) else wrong)(request)

    server.script = script
    found = await search(server, schema, tmp_path)
    assert found.held_out is not None
    assert found.held_out.difference.change < 0
    assert not found.better
    assert found.conclusion.endswith("The present prompt stays.")


async def test_an_instruction_that_the_model_proposes_can_win(server: FaultServer, schema: str, tmp_path: Path) -> None:
    server.script = knows_jobs(lambda messages: ADVICE in messages)
    found = await search(server, schema, tmp_path, propose=1, notations=())
    assert found.better
    assert found.chosen is not None
    assert found.chosen.differs[-1] == "proposal 1"
    question = next(each for each in chats(server) if "What was wrong" in str(each.body))
    assert "jobs: there was no answer; right is" in str(question.body)
    assert not any(each.document.text in str(question.body) for each in found.split.held_out)


async def test_a_proposal_that_quotes_a_document_is_refused(server: FaultServer, schema: str, tmp_path: Path) -> None:
    server.script = knows_jobs(lambda _: False, proposal=f"The city is {' or '.join(CITIES)}.")
    found = await search(server, schema, tmp_path, propose=1, notations=())
    assert not any("proposal" in each.variant.name for each in found.attempts)
    assert any("it quotes a value of the documents" in note for note in found.notes)


async def test_the_budget_ends_the_search_and_leaves_enough_for_the_held_out_documents(
    server: FaultServer, schema: str, tmp_path: Path
) -> None:
    most = FIRST_DOCUMENT_TOKENS + 1100  # a run asks nothing where its first document may take more
    found = await search(server, schema, tmp_path, run=RunOptions(max_tokens_total=most, concurrency=1))
    assert found.stopped == "max_tokens"
    assert 0 < found.paid_tokens <= most
    assert not any("rule" in each.variant.name for each in found.attempts)
    assert found.better


async def test_a_present_prompt_that_fails_is_an_error(server: FaultServer, schema: str, tmp_path: Path) -> None:
    server.script = lambda _: status(400, "not this one")
    with pytest.raises(EndpointError, match=r"the present prompt fails: .*not this one"):
        await search(server, schema, tmp_path)


async def test_a_key_that_is_refused_amid_the_search_ends_it(server: FaultServer, schema: str, tmp_path: Path) -> None:
    good = server.script
    assert callable(good)
    server.script = lambda request: status(401, "revoked") if OUTLINE in json.dumps(request.body) else good(request)
    found = await search(server, schema, tmp_path)
    assert (found.stopped, found.held_out) == ("auth", None)
    assert found.conclusion == "The search ended before prompts were compared."
    nothing = await search(server, schema, tmp_path / "none", run=RunOptions(max_tokens_total=20))
    assert nothing.conclusion == found.conclusion


# the split


def test_the_split_follows_the_texts_and_the_seed_alone() -> None:
    once = split_gold(DOCUMENTS, GOLD, held_out=0.4, examples=2)
    other_way = split_gold(DOCUMENTS[::-1], GOLD, held_out=0.4, examples=2)
    assert [each.document.id for each in once.held_out] == [each.document.id for each in other_way.held_out]
    assert ids(split_gold(DOCUMENTS, GOLD, held_out=0.4, examples=2, seed=1).held_out) != ids(once.held_out)


def test_documents_of_one_text_stay_on_one_side() -> None:
    twins = [Document(f"{each.id}-again", f"  {each.text.upper()}\n") for each in DOCUMENTS]
    golds = GOLD | {f"{id_}-again": gold for id_, gold in GOLD.items()}
    for seed in range(3):
        found = split_gold([*DOCUMENTS, *twins], golds, held_out=0.4, examples=2, seed=seed)
        held = ids(found.held_out)
        assert {each.removesuffix("-again") for each in held} == held & set(GOLD)
        assert len(held) == 2 * len(held & set(GOLD))


def test_documents_that_the_present_prompt_shows_take_no_part() -> None:
    found = split_gold(DOCUMENTS, GOLD, held_out=0.4, examples=2, shown=[DOCUMENTS[0].text])
    assert DOCUMENTS[0].id not in ids(found.held_out) | ids(found.training)
    assert found.notes == ("The present prompt shows these documents as examples, so they were left out: paris.",)


def test_too_little_gold_is_told_with_how_much_is_needed() -> None:
    with pytest.raises(UsageError, match=r"9 different documents .* 12 in all"):
        split_gold(DOCUMENTS[:9], GOLD, held_out=0.4, examples=2)
    assert len(split_gold(DOCUMENTS[:10], GOLD, held_out=0.1, examples=0).held_out) == 6


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"by": "f1"}, "--by f1"),
        ({"held_out": 1.0}, "--held-out 1"),
        ({"examples": -1}, "--count"),
        ({"propose": 100}, "--propose 100"),
        ({"notations": ("xml",)}, "--notation xml"),
        ({"instructions": (" ",)}, "--instruction"),
    ],
)
def test_a_wrong_option_is_told(how: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        TuneOptions(**how)


# the prompts


async def test_every_combination_is_a_prompt_of_its_own_and_the_present_one_is_none_of_them(
    server: FaultServer, schema: str, tmp_path: Path
) -> None:
    async with open_session(Extractor(schema, ONCE), at(server, tmp_path)) as session:
        made = first_variants(session.plan, [], notations=("outline", "json_schema"))
    assert [each.name for each in made] == [
        "outline", "json_schema", "made examples", "made examples, outline", "made examples, json_schema",
    ]  # fmt: skip
    assert len({(each.prompt.fingerprint, str(each.prompt.examples)) for each in made}) == 5
    ruled = with_instruction(made[0], "Sums {{ x }}\n# user", "rule")
    assert "- Sums { { x }} # user\n{% if instructions %}" in ruled.prompt.system


def test_the_plan_of_the_rounds_counts_what_the_rounds_take() -> None:
    assert planned_documents(4, 8, fewest=4) == 4 * 5 + 8 * 3


# the command


def run_command(finished: Finished, tmp_path: Path, *more: str) -> Any:
    docs, gold = tmp_path / "docs", tmp_path / "gold"
    for folder in (docs, gold):
        folder.mkdir(exist_ok=True)
    for each in DOCUMENTS:
        (docs / f"{each.id}.txt").write_text(each.text)
        (gold / f"{each.id}.json").write_text(json.dumps(GOLD[each.id]))
    words = [
        "tune", str(docs), "--gold", str(gold), "-s", finished.schema, "--replay", str(finished.tape),
        "--folder", str(tmp_path / "tune"), "--examples", "none", "--propose", "1",
        "-o", str(tmp_path / "tuned.prompt.md"), *more,
    ]  # fmt: skip
    return CliRunner().invoke(app, words, env={"LLMX_PASSES": "1", "LLMX_VERIFY": "off"})


def test_the_command_writes_the_file_and_does_not_replace_one(finished: Finished, tmp_path: Path) -> None:
    done = run_command(finished, tmp_path, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["better"] is True
    assert told["chosen"] == "outline"
    assert told["prompt_file"] == str(tmp_path / "tuned.prompt.md")
    assert load_prompt(tmp_path / "tuned.prompt.md").name == "tuned"
    assert json.loads((tmp_path / "tune" / "tune.json").read_text()) == told
    again = run_command(finished, tmp_path)
    assert again.exit_code != 0
    assert "tuned.prompt.md exists" in str(again.exception)


def test_the_tables_show_each_prompt_and_the_conclusion(finished: Finished) -> None:
    console = Console(width=200, record=True)
    console.print(render_text(finished.found))
    text = console.export_text()
    assert all(each.variant.name in text for each in finished.found.attempts)
    assert "on the held-out documents" in text
    assert "more than chance" in text
