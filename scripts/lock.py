"""Write the locked requirements, or say where they and pyproject.toml disagree.

`python scripts/lock.py` keeps each locked version that the bounds still allow; `--upgrade` takes the newest of each.
`--check` writes nothing, prints what a run without options would change, and exits with 1 if that is anything.
All three need uv (the extra `dev` has it) and a package index.

requirements/local.txt    llmx with the embedded model, and what builds it
requirements/dev.txt      what tests and checks need on top of that
requirements/smollm2.txt  the small model of the tests' embedded server, without the program it was packaged for
"""

from __future__ import annotations

import difflib
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
NOTE = "# Made by scripts/lock.py from pyproject.toml; do not edit.\n"
COMPILE = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-header", "--quiet")
PIN = re.compile(r"^(\S.*) \\\n((?:    --hash=\S+(?: \\)?\n)+)", re.MULTILINE)


def main(arguments: list[str]) -> int:
    """Write or check the locks; return the exit code."""
    if unknown := set(arguments) - {"--upgrade", "--check"}:
        print("scripts/lock.py knows --upgrade and --check, not", *sorted(unknown))
        return 2
    before = {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.txt"))}
    after = locks("" if "--upgrade" in arguments else "".join(before.values()))
    if "--check" not in arguments:
        for name, text in after.items():
            (FOLDER / name).write_text(text, "utf-8")
        return 0
    changes = [line for name, text in after.items() for line in difference(name, before.get(name, ""), text)]
    print(*changes or ["requirements/ and pyproject.toml agree"], sep="\n")
    return 1 if changes else 0


def locks(kept: str) -> dict[str, str]:
    """Return the text of each lock file by its name; versions that stand in `kept` are preferred."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    build = project["build-system"]["requires"]
    everything = compiled(build, ["pyproject.toml", "--extra", "local", "--extra", "dev"], kept=kept)
    narrow = compiled(build, ["pyproject.toml", "--extra", "local"], kept="".join(everything.values()))
    if strangers := versions(narrow) - versions(everything):
        raise SystemExit(f"the extra local resolves to other versions alone than with dev: {sorted(strangers)}")
    local = {pin for pin in everything if versions([pin]) <= versions(narrow)}
    smollm2 = compiled(project["dependency-groups"]["smollm2"], ["--no-deps"], kept=kept)
    return {
        "local.txt": NOTE + "".join(block for pin, block in everything.items() if pin in local),
        "dev.txt": NOTE + "-r local.txt\n" + "".join(block for pin, block in everything.items() if pin not in local),
        "smollm2.txt": NOTE + "".join(smollm2.values()),
    }


def compiled(requirements: list[str], arguments: list[str], *, kept: str) -> dict[str, str]:
    """Return what uv resolves for each platform and Python: blocks with hashes by their first line, 'name==version'."""
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder, "lock.txt")
        lock.write_text("".join(pins(kept).values()), "utf-8")
        command = [sys.executable, "-m", "uv", "pip", "compile", *COMPILE, *arguments, "-", "-o", str(lock)]
        subprocess.run(command, cwd=ROOT, input="\n".join(requirements), text=True, check=True, stdout=subprocess.PIPE)
        return pins(lock.read_text("utf-8"))


def pins(lock: str) -> dict[str, str]:
    """Return the blocks of a lock by their first line; comments and `-r` lines are left out."""
    return {found[1]: f"{found[1]} \\\n{found[2]}" for found in PIN.finditer(lock)}


def versions(pins: Iterable[str]) -> set[str]:
    """Return 'name==version' of each pin, without the marker that says on which platforms it counts."""
    return {pin.split(" ;")[0] for pin in pins}


def difference(name: str, before: str, after: str) -> list[str]:
    """Return the lines in which versions or markers differ; a wheel added to a locked version is no difference."""
    lines = difflib.unified_diff([*pins(before)], [*pins(after)], name, f"{name} as pyproject.toml has it", "", "", n=0)
    return [line for line in lines if not line.startswith("@@")]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
