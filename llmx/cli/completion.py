"""What a shell offers for schemas, models, modes and runs: names at hand, without asking anybody."""

from __future__ import annotations

import os


def run_names(incomplete: str) -> list[str]:
    """Return the outputs of runs in the folder that ``incomplete`` names, by their manifests, and its folders.

    Where it has no run, its files are offered, as a shell does by itself.
    """
    from llmx.run.manifest import SUFFIX  # noqa: PLC0415 - only where the shell asks

    files, folders = _beside(incomplete)
    runs = {each.removesuffix(SUFFIX) for each in files if each.endswith(SUFFIX)}
    found = [each for each in files if each in runs]
    return (found or files) + [each for each in folders if each[:-1] not in runs]


def _beside(incomplete: str) -> tuple[list[str], list[str]]:
    """Return the files and the folders whose paths begin with ``incomplete``; folders end in a slash."""
    folder, slash, begun = incomplete.rpartition("/")
    try:
        with os.scandir(f"{folder}{slash}" or ".") as entries:
            there = {f"{folder}{slash}{each.name}": each.is_dir() for each in entries if each.name.startswith(begun)
                     and each.name.startswith(".") == begun.startswith(".")}  # fmt: skip
    except OSError:
        return [], []
    names = sorted(there)
    return [each for each in names if not there[each]], [f"{each}/" for each in names if there[each]]


def schema_names(incomplete: str) -> list[str]:
    """Return the schemas in ./schemas and those that come with llmx; where none begins so, Python and JSON files."""
    from llmx.resources import shipped_folders  # noqa: PLC0415 - only where the shell asks

    found = {
        path.stem
        for folder in shipped_folders("schemas")
        for path in folder.glob("*.py")
        if not path.name.startswith("_")
    }
    if names := sorted(name for name in found if name.startswith(incomplete)):
        return names
    files, folders = _beside(incomplete)
    return [each for each in files if each.endswith((".py", ".json"))] + folders


def model_names(incomplete: str) -> list[str]:
    """Return the models that were probed, the names with which a model may begin, and ``local``."""
    from llmx.cli.models_command import provider_rows  # noqa: PLC0415 - only where the shell asks

    names = ["local"]
    for row in provider_rows():
        names += [f"{row.name}/"] if not row.name.startswith("-") else []
        names += [each.model for each in row.probed]
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]


def modes(incomplete: str) -> list[str]:
    """Return the modes."""
    from llmx.endpoint.modes import MODES  # noqa: PLC0415 - only where the shell asks

    return [mode for mode in ("auto", *MODES) if mode.startswith(incomplete)]
