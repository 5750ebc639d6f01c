"""The tutorial can be walked: each of its commands is run, and its pictures are of what they made.

``python -m tests.test_tutorial docs/pictures`` takes the pictures again. How a page behaves is tested beside the view
and the review; here only that the way through all of them is open.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from llmx.cli.app import app
from llmx.view import write_view
from tests.review.serving import token_of
from tests.view.browser import chromium, window

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
SEED, PLACE = "000_279206eeba401545", "Hong Kong Convention and Exhibition Centre"
SIZE = {"viewport": {"width": 1180, "height": 580}}  # as much as fits into 200 kB


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the page: what it should end with, and what the page shows of its output."""

    command: str
    code: int
    shown: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        return shlex.split(self.command, comments=True)

    @property
    def name(self) -> str:
        return self.words[1]


@dataclass(frozen=True, slots=True)
class Walked:
    """A step that was taken."""

    step: Step
    code: int
    output: str


def steps() -> list[Step]:
    """The commands of the page in their order; the text block after a command is its output, shortened."""
    found = []
    for block, shown in re.findall(r"```sh\n(.*?)```(?:\s*```(?:text|json)\n(.*?)```)?", PAGE, re.DOTALL):
        lines = block.replace("\\\n", " ").strip().splitlines()
        for line in lines:
            code = re.search(r"# exit code (\d)", line)
            said = [each.strip() for each in shown.splitlines() if line is lines[-1]]
            found.append(Step(line, int(code[1]) if code else 0, tuple(each for each in said if each.strip(" …─"))))
    return found


def prepare(home: Path) -> None:
    """Make a folder that looks like a checkout to the commands, so that nothing is written into this one."""
    for name in ("seeds", "cassettes", "schemas", "prompts"):
        (home / name).symlink_to(ROOT / name)


def environment(home: Path) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {"COLUMNS": "120", "LLMX_CACHE_DIR": str(home / "cache"), "PYTHONPATH": str(ROOT), "PATH": path}


def take(step: Step, home: Path) -> Walked:
    """Run one command of the page in ``home``."""
    if step.words[0] != "llmx":
        ran = subprocess.run(
            step.command, shell=True, cwd=home, env=environment(home), capture_output=True, text=True, check=False
        )
        return Walked(step, ran.returncode, ran.stdout + ran.stderr)
    if step.name == "review":
        with reviewing(step, home) as address:
            correct(address)
        return Walked(step, 0, "")
    with contextlib.chdir(home):
        result = CliRunner().invoke(app, step.words[1:], env=environment(home))
    return Walked(step, result.exit_code, result.output)


@contextmanager
def reviewing(step: Step, home: Path) -> Iterator[str]:
    """The review that the page's command starts, without a browser: the address that it prints."""
    call = [sys.executable, "-c", "from llmx.cli import main; main()", *step.words[1:], "--no-browser"]
    with subprocess.Popen(
        call, cwd=home, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        try:
            assert running.stdout is not None
            first = running.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", first)
            assert found is not None, first + running.stdout.read()
            yield found[0]
        finally:
            running.kill()


def correct(address: str) -> None:
    """Give the page's correction to the review as its page would: the words of the text become the place; saved."""
    draft = call(address, "open", id=SEED)
    start = draft["text"].index(PLACE)
    note = {"how": "selected", "start": start, "end": start + len(PLACE), "quote": PLACE}
    state = {"gold": draft["gold"] | {"signed_at": PLACE}, "notes": draft["notes"] | {"/signed_at": note}}
    draft = call(address, "edit", id=SEED, state=state, version=draft["version"], label="selected signed_at")
    call(address, "save", id=SEED, version=draft["version"])


def call(address: str, name: str, **body: Any) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(address).port or 0, timeout=10)
    headers = {"content-type": "application/json", "x-llmx-token": token_of(address)}
    connection.request("POST", f"/api/{name}", json.dumps(body), headers)
    answer = connection.getresponse()
    content: dict[str, Any] = json.loads(answer.read())
    connection.close()
    assert answer.status == 200, content
    return content


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tutorial")
    prepare(folder)
    return folder


@pytest.fixture(scope="module")
def walked(home: Path) -> list[Walked]:
    return [take(step, home) for step in steps()]


def of(walked: list[Walked], words: str) -> Walked:
    return next(each for each in walked if words in each.step.command)


def test_the_tutorial_goes_the_whole_way() -> None:
    names = [step.name for step in steps() if step.words[0] == "llmx"]
    order = list(dict.fromkeys(names))
    assert order == ["extract", "view", "eval", "review", "sweep"]
    assert names.count("eval") >= 5  # scored, after the correction, two runs, the gates


@pytest.mark.slow
def test_every_command_of_the_tutorial_ends_as_it_says(walked: list[Walked]) -> None:
    assert [(each.step.command, each.output) for each in walked if each.code != each.step.code] == []


def test_what_the_tutorial_shows_of_an_output_has_the_names_that_the_output_has(walked: list[Walked]) -> None:
    """Names, and not figures, which move with every better rule: each line shown begins as a line of the output does."""
    for each in walked:
        begins = {line.split()[0] for line in each.output.splitlines() if line.strip()}
        missing = {line.split()[0] for line in each.step.shown} - begins
        assert not missing, f"{each.step.command}\n{each.output}"


def test_all_five_seeds_are_ok_from_their_recordings(walked: list[Walked]) -> None:
    assert "5 documents: 5 ok" in of(walked, "llmx extract").output
    assert "5 documents (5 ok)" in of(walked, "llmx eval").output


def test_the_correction_is_saved_as_gold_and_is_what_the_record_is_then_held_to(
    walked: list[Walked], home: Path
) -> None:
    again = of(walked, "eval tour/out.jsonl --gold tour/gold")
    saved = json.loads((home / "tour" / "gold" / f"{SEED}.json").read_text("utf-8"))
    assert saved["signed_at"] == PLACE
    assert saved["_provenance"]["values"]["/signed_at"]["how"] == "selected"
    assert re.search(r"signed_at\s+mismatch\s+Hong", again.output), again.output
    assert "(1 ok)" in again.output


def test_a_gate_says_which_figure_broke_it(walked: list[Walked]) -> None:
    failed = [each for each in walked if each.step.code == 1]
    assert failed
    assert all(re.search(r"^FAIL micro_f1", each.output, re.MULTILINE) for each in failed)


def test_the_pictures_of_the_tutorial_are_on_its_page_and_there() -> None:
    shown = set(re.findall(r"\(pictures/(tutorial-[a-z0-9]+\.png)\)", PAGE))
    assert shown == {"tutorial-view.png", "tutorial-figures.png", "tutorial-review.png"}
    assert all((ROOT / "docs" / "pictures" / name).read_bytes().startswith(b"\x89PNG") for name in shown)


@pytest.mark.slow
def test_the_pictures_of_the_tutorial_can_be_taken(walked: list[Walked], home: Path, tmp_path: Path) -> None:
    assert all(each.code == each.step.code for each in walked)
    with chromium() as browser:
        take_pictures(browser, home, tmp_path)
    assert {path.name for path in tmp_path.iterdir() if path.stat().st_size > 20_000} == {
        "tutorial-view.png", "tutorial-figures.png", "tutorial-review.png", "proof.png"
    }  # fmt: skip


def take_pictures(browser: Browser, home: Path, into: Path) -> None:
    """The view of the seeds with gold, F1 by field, and the review of one seed as its words are being selected."""
    view = (home / "tour" / "view.html").as_uri()
    with window(browser, **SIZE) as page:
        page.goto(f"{view}#doc={SEED}&value=/signed_at")
        page.wait_for_selector(".row.chosen")
        page.screenshot(path=into / "tutorial-view.png")
    with window(browser, viewport={"width": 1180, "height": 900}) as page:  # the whole card
        page.goto(f"{view}#doc={SEED}&page=figures")
        page.locator("section.card", has=page.locator("h2", has_text="F1 by field")).screenshot(
            path=into / "tutorial-figures.png"
        )
    take_proof(browser, home, into / "proof.png")
    take_review(browser, home, into / "tutorial-review.png")


def take_proof(browser: Browser, home: Path, picture: Path) -> None:
    """The picture of the page on proof: a sum of money beside its words, without gold."""
    run = home / "tour" / "out.jsonl"
    view = write_view([run], home / "proof.html", documents=[home / "seeds"], title="partnerships")
    with window(browser, viewport={"width": 1160, "height": 600}) as page:
        page.goto(f"{view.as_uri()}#doc={SEED}&value=/investment")
        page.wait_for_selector(".row.chosen")
        page.mouse.move(970, 400)  # over the record, whose sum has parts below its proof
        page.mouse.wheel(0, 110)
        page.wait_for_timeout(300)
        page.screenshot(path=picture)


def take_review(browser: Browser, home: Path, picture: Path) -> None:
    review = next(step for step in steps() if "llmx review" in step.command)
    fresh = Step(review.command.replace("tour/gold", "tour/fresh/gold"), 0, ())
    with reviewing(fresh, home) as address, window(browser, **SIZE) as page:
        page.goto(f"{address}#{SEED}")
        page.wait_for_selector(".row.chosen")
        page.locator('.row[data-pointer="/signed_at"]').click(position={"x": 30, "y": 9})
        assert page.evaluate("words => window.find(words, true, false, true)", PLACE)  # Chromium selects what it finds
        page.locator("#bubble").wait_for(state="visible")
        page.wait_for_timeout(300)
        page.screenshot(path=picture)


def main(into: Path) -> None:
    """Walk the tutorial and take its pictures."""
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        prepare(home)
        for step in steps():
            if step.name in {"extract", "view"}:
                take(step, home)
        with chromium() as browser:  # not around the steps: while it is open, no other event loop runs in this thread
            take_pictures(browser, home, into)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
