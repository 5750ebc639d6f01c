"""The Containerfile installs from the lock, copies what there is, and runs as nobody special."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINES = (ROOT / "Containerfile").read_text("utf-8").replace("\\\n", " ").splitlines()


def values(word: str) -> list[str]:
    """What the instructions called ``word`` say, in their order."""
    return [line.partition(" ")[2] for line in LINES if line.startswith(f"{word} ")]


def test_what_the_container_is_made_of_is_there_and_is_all_that_the_wheel_needs() -> None:
    copied = [name for line in values("COPY") for name in line.split()[:-1]]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], "pyproject.toml", project["project"]["readme"]}
    assert needed <= set(copied)


def test_packages_come_from_the_lock_with_their_hashes_and_nothing_runs_as_root() -> None:
    installs = [line for line in values("RUN") if "pip install" in line]
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)
    [user] = values("USER")
    assert user not in {"root", "0"}
    assert [word.partition(" ")[0] for word in LINES if word].index("USER") > max(
        number for number, line in enumerate(line for line in LINES if line) if line.startswith("RUN ")
    )
    assert not re.search(r"https?://", "\n".join(LINES))
