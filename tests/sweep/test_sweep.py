"""What llmx.sweep promises: every setting is run and scored alike, the best are found, a failure is told and costs no other."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from llmx.cli.app import app
from llmx.documents import Document
from llmx.endpoint import EndpointSettings
from llmx.errors import ConfigError, UsageError
from llmx.evaluate import evaluate, load_run
from llmx.extraction.options import Options
from llmx.run import RunOptions
from llmx.sweep import Setting, SweepOptions, Trial, make_grid, render_markdown, render_text, sweep, to_json
from llmx.sweep.sweeping import allowed_run
from tests.fault_server import FaultServer, Received, Step, answer, status

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = """
from pydantic import BaseModel

class Office(BaseModel):
    city: str | None
    jobs: int | None
"""
DOCUMENTS = [
    Document("a", "Ada Ltd opens an office in Paris, with 40 jobs."),
    Document("b", "Bo plc opens an office in Lima, with 60 jobs."),
]
GOLD = {"a": {"city": "Paris", "jobs": 40}, "b": {"city": "Lima", "jobs": 60}}
RIGHT = {"a": '{"city": "Paris", "jobs": "40 jobs"}', "b": '{"city": "Lima", "jobs": "60 jobs"}'}


def by_model(request: Received) -> Step:
    """The model 'good' is right, 'half' knows no jobs, 'locked' wants a key."""
    which = "a" if "Paris" in str(request.body["messages"]) else "b"
    if request.body["model"] == "locked":
        return status(401, "no such key")
    if request.body["model"] == "half":
        return answer(json.dumps(json.loads(RIGHT[which]) | {"jobs": None}))
    return answer(RIGHT[which])


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer(by_model) as running:
        yield running


@pytest.fixture
def schema(tmp_path: Path) -> str:
    path = tmp_path / "office.py"
    path.write_text(SCHEMA)
    return str(path)


def at(server: FaultServer, tmp_path: Path, **more: Any) -> EndpointSettings:
    settings = {"model": "good", "mode": "json_schema", "api_key": "k", "cache_dir": tmp_path / "cache"}
    return EndpointSettings(base_url=server.base_url, **{**settings, **more})


ONCE = Options(passes=1)


def chats(server: FaultServer) -> list[Received]:
    return [each for each in server.received if each.path.endswith("/chat/completions")]


# the grid


def names(**parts: Sequence[str]) -> list[str]:
    return [each.name for each in make_grid(EndpointSettings(model="m"), Options(), **parts)]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param({}, ["m"], id="nothing is varied"),
        pytest.param({"models": ["x", "y"]}, ["x", "y"], id="models"),
        pytest.param(
            {"models": ["x", "y"], "sets": ["passes=1,2"]},
            ["x · passes=1", "x · passes=2", "y · passes=1", "y · passes=2"],
            id="all combinations, models outermost",
        ),
        pytest.param(
            {"prompts": ["extract", "my/short.md"]}, ["extract", "short"], id="a prompt shows without its place"
        ),
        pytest.param({"prompts": ["a/p.md", "b/p.md"]}, ["a/p.md", "b/p.md"], id="unless two are called the same"),
        pytest.param({"sets": ["passes=1", "passes=2"]}, ["passes=1", "passes=2"], id="a repeated option adds values"),
        pytest.param({"sets": ["passes=2,2"]}, ["m"], id="the same value twice is one"),
    ],
)
def test_the_grid_names_a_setting_by_what_varies(parts: dict[str, list[str]], expected: list[str]) -> None:
    assert names(**parts) == expected


def test_values_get_the_types_of_the_options_and_commas_may_be_quoted() -> None:
    sets = ["temperature=0.5", "seed=7", "unproven=none,keep", 'instructions="Names, dates."', "mode=json"]
    first, second = make_grid(EndpointSettings(model="m"), Options(unproven="drop"), sets=sets)
    assert first.options == Options(temperature=0.5, seed=7, unproven=None, instructions="Names, dates.")
    assert second.options.unproven == "keep"
    assert first.endpoint.mode == "json"


def test_default_stands_for_the_value_in_force() -> None:
    first, second = make_grid(EndpointSettings(model="m"), Options(passes=3), sets=["passes=default,1"])
    assert (first.options.passes, second.options.passes) == (3, 1)


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        pytest.param({"sets": ["pases=1"]}, "no option 'pases'", id="an unknown option"),
        pytest.param({"sets": ["passes"]}, "no values", id="no value"),
        pytest.param({"sets": ["passes=many"]}, "'many' is not a whole number", id="a word for a number"),
        pytest.param({"sets": ["passes=0"]}, "passes must be at least 1", id="a number that is not allowed"),
        pytest.param({"sets": ["evidence=proof"]}, "Choose from words, quotes", id="no such choice"),
        pytest.param({"sets": ["mode=xml"]}, "Choose from auto, tools", id="no such mode"),
        pytest.param({"sets": ["model=x"]}, "--model", id="an option with a flag of its own"),
        pytest.param({"sets": [f"seed={','.join(map(str, range(101)))}"]}, "101 settings", id="more than a small grid"),
    ],
)
def test_a_grid_that_is_wrong_is_told_before_anybody_is_asked(parts: dict[str, list[str]], told: str) -> None:
    with pytest.raises((UsageError, ConfigError)) as caught:
        names(**parts)
    assert told in str(caught.value)


def test_a_key_is_never_sent_to_a_server_that_it_was_not_given_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("OTHER_KEY", "other")
    models = ["m", "m@http://127.0.0.1:9/v1", "n@http://127.0.0.1:9/v1#OTHER_KEY"]
    here, there, named = make_grid(EndpointSettings(), Options(), models=models)
    assert here.endpoint.key == "secret"
    assert there.endpoint.key == "none"
    assert (named.endpoint.key, named.endpoint.model, named.endpoint.base_url) == (
        "other",
        "n",
        "http://127.0.0.1:9/v1",
    )


def test_efforts_of_reasoning_are_compared() -> None:
    default, low, high = make_grid(EndpointSettings(model="m"), Options(), sets=["reasoning_effort=default,low,high"])
    assert [each.endpoint.reasoning_effort for each in (default, low, high)] == [None, "low", "high"]


@pytest.mark.parametrize("secret", [{"headers": (("X-Key", "secret"),)}, {"api_key": "secret"}], ids=["headers", "key"])
def test_no_secret_is_for_several_providers(secret: Any) -> None:
    given = EndpointSettings(**secret)
    with pytest.raises(UsageError, match="several providers: groq, openai"):
        make_grid(given, Options(), models=["groq/a", "openai/b"])
    assert len(make_grid(given, Options(), models=["groq/a", "groq/b"])) == 2
    at = EndpointSettings(base_url="http://127.0.0.1:9/v1", **secret)
    assert len(make_grid(at, Options(), models=["groq/a", "openai/b"])) == 2, "all are asked at one base URL"


def test_each_setting_has_a_file_of_its_own_whatever_its_name() -> None:
    models = ["a/b:c", "a-b-c", "A-B-C", "x" * 300, "x" * 301, "…"]
    files = [each.file for each in make_grid(EndpointSettings(), Options(), models=models)]
    assert len({each.casefold() for each in files}) == len(models)
    assert all("/" not in each and len(each) < 120 and each.endswith(".jsonl") for each in files)


# a sweep


async def test_every_setting_is_scored_as_eval_scores_its_output(
    server: FaultServer, schema: str, tmp_path: Path
) -> None:
    grid = make_grid(at(server, tmp_path), ONCE, models=["half", "good"])
    found = await sweep(DOCUMENTS, GOLD, schema, grid=grid, folder=tmp_path / "out")
    assert found.ok
    assert [(trial.setting.name, found.quality(trial)) for trial, _ in found.rows] == [
        ("good", 1.0),
        ("half", pytest.approx(2 / 3)),
    ]
    for trial in found.trials:
        assert trial.output is not None
        assert trial.report is not None
        report = evaluate(GOLD, load_run(trial.output))
        assert report.micro == trial.report.micro
        assert (report.input_tokens, report.output_tokens) == (trial.usage.input_tokens, trial.usage.output_tokens)
    assert found.against_best["half"].change == pytest.approx(-1 / 3)
    assert not found.against_best["half"].real  # of two documents


async def test_a_setting_that_fails_is_a_row_that_says_why_and_the_others_go_on(
    server: FaultServer, schema: str, tmp_path: Path
) -> None:
    grid = make_grid(at(server, tmp_path), ONCE, models=["locked", "good"], prompts=["extract", "missing"])
    found = await sweep(DOCUMENTS, GOLD, schema, grid=grid, folder=tmp_path / "out")
    assert [each.setting.name for each in found.trials if each.ok] == ["good · extract"]
    faults = {each.setting.name: each.fault for each in found.failed}
    assert "no prompt is called 'missing'" in faults["good · missing"]
    assert "401" in faults["locked · extract"]
    assert not found.ok
    shown = render_markdown(found)
    assert all(f"{name} failed" in shown for name in faults)


async def test_a_setting_whose_documents_all_fail_is_no_score_of_zero(
    server: FaultServer, schema: str, tmp_path: Path
) -> None:
    server.script = lambda _: status(400, "not this one")
    grid = make_grid(at(server, tmp_path), ONCE)
    found = await sweep(DOCUMENTS, GOLD, schema, grid=grid, folder=tmp_path / "out")
    assert found.rows == []
    assert "no document was answered" in found.trials[0].fault
    assert "not this one" in found.trials[0].fault


async def test_what_another_setting_beats_in_everything_is_marked(
    server: FaultServer, schema: str, tmp_path: Path
) -> None:
    grid = make_grid(at(server, tmp_path), ONCE, models=["half", "good"])
    found = await sweep(DOCUMENTS, GOLD, schema, grid=grid, folder=tmp_path / "out")
    best, _ = found.rows
    assert best[1].on_front
    rows = {each["name"]: each for each in to_json(found)["settings"]}
    assert rows["good"]["on_front"] is True
    assert rows["half"]["beaten_by"] in {"good", None}  # None where it was quicker
    console = Console(width=200, record=True)
    console.print(render_text(found))
    text = console.export_text()
    assert "good" in text
    assert "No price is known" in text


async def test_a_sweep_that_is_repeated_asks_nothing_and_says_the_same(
    server: FaultServer, schema: str, tmp_path: Path
) -> None:
    grid = make_grid(at(server, tmp_path, cache=False), ONCE, models=["half", "good"])
    first = await sweep(DOCUMENTS, GOLD, schema, grid=grid, folder=tmp_path / "out")
    asked = len(chats(server))
    again = await sweep(DOCUMENTS, GOLD, schema, grid=grid, folder=tmp_path / "out")
    assert asked == 4
    assert len(chats(server)) == asked
    assert to_json(again) == to_json(first)


async def test_settings_share_the_cache(server: FaultServer, schema: str, tmp_path: Path) -> None:
    grid = make_grid(at(server, tmp_path), ONCE, sets=["unproven=keep,null"])  # the same requests, settled otherwise
    found = await sweep(DOCUMENTS, GOLD, schema, grid=grid, folder=tmp_path / "out")
    assert found.ok
    assert len(chats(server)) == len(DOCUMENTS)
    first, second = found.trials
    assert first.usage == second.usage  # what it would take anew, not what the cache saved
    assert first.seconds == second.seconds


async def test_only_documents_with_gold_are_asked_about_and_the_others_are_told(
    server: FaultServer, schema: str, tmp_path: Path
) -> None:
    grid = make_grid(at(server, tmp_path), ONCE)
    golds = {"a": GOLD["a"], "elsewhere": GOLD["b"]}
    found = await sweep(DOCUMENTS, golds, schema, grid=grid, folder=tmp_path / "out")
    assert len(chats(server)) == 1
    assert found.documents == 1
    assert len(found.notes) == 2
    assert found.quality(found.trials[0]) == 1.0  # gold without a document here is no omission


async def test_escalating_what_is_doubtful_is_compared_with_always_asking_the_large_model(
    server: FaultServer, schema: str, tmp_path: Path
) -> None:
    def small_and_large(request: Received) -> Step:
        which = "a" if "Paris" in str(request.body["messages"]) else "b"
        right = json.loads(RIGHT[which])
        if request.body["model"] == "gpt-4o-mini":
            return answer(json.dumps(right | ({"city": "Rome or Oslo"} if which == "a" else {})))
        asked = request.body["response_format"]["json_schema"]["schema"]["properties"]
        return answer(json.dumps({name: value for name, value in right.items() if name in asked}))

    server.script = small_and_large
    tape, once, sets = tmp_path / "tape", replace(ONCE, examples="none"), ["below=none,0.5"]
    large = EndpointSettings(model="gpt-4o", api_key="k", base_url=server.base_url, mode="json_schema")
    here = at(server, tmp_path, model="gpt-4o-mini", fallbacks=(large,), record=tape, cache=False)
    await sweep(DOCUMENTS, GOLD, schema, grid=make_grid(here, once, sets=sets), folder=tmp_path / "recorded")
    asked = [each.body["model"] for each in chats(server)]
    assert (asked.count("gpt-4o-mini"), asked.count("gpt-4o")) == (4, 1)  # of two settings
    replayed = EndpointSettings(model="gpt-4o-mini", replay=tape, fallbacks=(EndpointSettings(model="gpt-4o"),))
    found = await sweep(DOCUMENTS, GOLD, schema, grid=make_grid(replayed, once, sets=sets), folder=tmp_path / "out")
    never, doubtful = found.trials
    assert found.quality(never) == pytest.approx(0.75)
    assert found.quality(doubtful) == 1.0
    assert never.cost_usd is not None
    assert doubtful.cost_usd is not None
    assert doubtful.cost_usd > 5 * never.cost_usd  # each answer at the price of the model that gave it
    with pytest.raises(ConfigError, match="without fallbacks"):
        make_grid(here, once)


async def test_a_replayed_sweep_knows_what_its_answers_cost(server: FaultServer, schema: str, tmp_path: Path) -> None:
    tape = tmp_path / "tape"
    recording = make_grid(at(server, tmp_path, record=tape, cache=False), ONCE, models=["gpt-4o", "gpt-4o-mini"])
    await sweep(DOCUMENTS, GOLD, schema, grid=recording, folder=tmp_path / "recorded")
    asked = len(server.received)
    replaying = make_grid(EndpointSettings(replay=tape), ONCE, models=["gpt-4o", "gpt-4o-mini"])
    found = await sweep(DOCUMENTS, GOLD, schema, grid=replaying, folder=tmp_path / "replayed")
    assert found.ok
    assert len(server.received) == asked
    dear, cheap = found.trials
    assert dear.cost_usd is not None
    assert cheap.cost_usd is not None
    assert dear.cost_usd > cheap.cost_usd > 0
    assert cheap.usage.total_tokens == 30  # two answers of 10 and 5 tokens, as scripted
    assert "$0.0" in render_markdown(found)


def test_a_budget_is_for_the_whole_sweep() -> None:
    setting = make_grid(EndpointSettings(), Options())[0]
    run = RunOptions(max_cost_usd=1.0)
    allowed, _ = allowed_run(run, [Trial(setting, paid_usd=Decimal("0.75"))])
    assert allowed is not None
    assert allowed.max_cost_usd == pytest.approx(0.25)
    nothing, why = allowed_run(
        run, [Trial(setting, paid_usd=Decimal("0.75")), Trial(setting, paid_usd=Decimal("0.25"))]
    )
    assert nothing is None
    assert "budget" in why


def test_after_an_interruption_no_setting_runs() -> None:
    setting = make_grid(EndpointSettings(), Options())[0]
    assert allowed_run(RunOptions(), [Trial(setting, stopped="interrupted")])[0] is None


def test_a_figure_that_settings_cannot_be_ranked_by_is_refused() -> None:
    with pytest.raises(UsageError, match="micro_f1, macro_f1, exact_match"):
        SweepOptions(by="beauty")


async def test_names_are_shown_as_they_are_whatever_they_hold(server: FaultServer, schema: str, tmp_path: Path) -> None:
    base = at(server, tmp_path)
    grid = [Setting("[red]a|b[/red] <i>", "odd.jsonl", base, ONCE, {})]
    found = await sweep(DOCUMENTS, GOLD, schema, grid=grid, folder=tmp_path / "out")
    assert r"\[red\]a\|b\[/red\] &lt;i&gt;" in render_markdown(found)
    console = Console(width=200, record=True)
    console.print(render_text(found))
    assert "[red]a|b[/red] <i>" in console.export_text()


# the command


def test_the_seeds_are_swept_from_their_cassette_and_a_setting_that_was_not_recorded_says_so(tmp_path: Path) -> None:
    texts = sorted(str(path) for path in (ROOT / "seeds").glob("*.txt"))
    command = [
        "sweep", *texts, "--gold", str(ROOT / "seeds"), "--schema", "partnership", "--replay",
        str(ROOT / "cassettes" / "seeds"), "--set", "passes=2", "--set", "examples=auto,none", "-o", str(tmp_path / "out"),
        "--json", "-",
    ]  # fmt: skip
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1, done.output
    told = json.loads(done.stdout)
    recorded, missing = told["settings"]
    assert recorded["name"] == "examples=auto"
    assert recorded["quality"] > 0.4  # a model of 1.5 billion parameters; the gate of the project is elsewhere
    assert recorded["seconds"] > 1
    assert recorded["report"]["documents"] == 5
    assert "cassette" in missing["fault"]
    assert (tmp_path / "out" / recorded["output"]).read_text("utf-8").count("\n") == 5
    assert json.loads((tmp_path / "out" / "sweep.json").read_text("utf-8"))["documents"] == 5


def test_an_output_of_something_else_is_not_gone_on_with(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "as-set.jsonl").write_text('{"mine": true}\n')
    shutil.copy(ROOT / "seeds" / "000_279206eeba401545.txt", tmp_path)
    gold = ROOT / "seeds"
    command = ["sweep", str(tmp_path), "--gold", str(gold), "--schema", "partnership", "--replay",
               str(ROOT / "cassettes" / "seeds"), "-o", str(folder)]  # fmt: skip
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1, done.output
    assert "manifest" in " ".join(done.output.split())
    assert (folder / "as-set.jsonl").read_text() == '{"mine": true}\n'


def test_repeat_adds_the_seeds_to_the_grid() -> None:
    from llmx.cli.sweep_command import repeated

    assert repeated(["passes=1,2"], 3) == ["passes=1,2", "seed=1,2,3"]
    assert repeated(["passes=1,2"], 1) == ["passes=1,2"]


def test_a_password_in_the_address_of_a_model_is_in_no_name_and_no_result() -> None:
    models = ["m@http://me:hunter2hunter2@gpu7/v1?key=hunter2hunter2#GPU_KEY", "m@http://gpu8/v1"]
    for setting in make_grid(EndpointSettings(), Options(), models=models):
        assert "hunter2" not in setting.name + setting.file + str(setting.chosen)
