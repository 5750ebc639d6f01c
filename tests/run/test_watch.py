"""A folder that is watched: what arrives in it is extracted once it is whole, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from bench.invoices import text
from llmx.documents import read_documents
from llmx.run import Summary
from llmx.run.summary import Stopped
from llmx.run.watch import files_in, watch_folder
from tests.run.mocked import into, lines, mocked


class Days:
    """What happens between two looks, one act after the other; then somebody asks to stop."""

    def __init__(self, *acts: Callable[[], object]) -> None:
        self._acts: Iterator[Callable[[], object]] = iter(acts)

    async def __call__(self) -> bool:
        act = next(self._acts, None)
        if act is not None:
            act()
        return act is not None


def nothing() -> None:
    """No file changes."""


async def test_a_file_is_extracted_once_it_stays_the_same_and_again_when_it_changes(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    async def extract() -> Summary:
        seen.append(sorted(Path(path).name for path in files_in(tmp_path)))
        return Summary(documents=1, statuses={"ok": 1})

    def write(name: str, content: str) -> Callable[[], object]:
        return lambda: (tmp_path / name).write_text(content)

    days = Days(
        nothing, write("a.txt", "half"), write("a.txt", "half and whole"), nothing, nothing,
        write("b.txt", "another"), write(".hidden.txt", "no document"), nothing, write("a.txt", "changed"), nothing,
    )  # fmt: skip
    assert await watch_folder(lambda: files_in(tmp_path), extract, days) == 0
    assert seen == [["a.txt"], ["a.txt", "b.txt"], ["a.txt", "b.txt"]]


async def test_a_run_that_an_outage_ended_is_repeated_and_one_that_was_stopped_is_the_last(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a text")
    ends: list[Stopped] = ["endpoint", "", "interrupted"]
    ended = iter(ends)

    async def extract() -> Summary:
        return Summary(documents=1, statuses={"ok": 1}, stopped=next(ended))

    later = lambda: (tmp_path / "b.txt").write_text("more")
    days = Days(nothing, nothing, nothing, later, nothing, nothing, nothing)
    assert await watch_folder(lambda: files_in(tmp_path), extract, days) == 130
    assert list(ended) == []


async def test_each_run_goes_on_with_the_output_and_asks_for_what_is_new_alone(tmp_path: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "in" / "out.jsonl"
    folder.mkdir()
    (folder / "0.txt").write_text(text(0, 70))
    async with mocked() as setup:
        asked: list[int] = []

        async def extract() -> Summary:
            done = await into(setup, output, read_documents(folder, exclude=[output]), resume=True)
            asked.append(done.documents)
            return done

        days = Days(nothing, lambda: (folder / "1.txt").write_text(text(1, 70)), nothing, nothing)
        assert await watch_folder(lambda: files_in(folder, exclude=[output]), extract, days) == 0
    assert asked == [1, 1]
    assert [each["id"] for each in lines(output)] == ["0", "1"]
