"""What a shell offers after ``--schema``, ``--model`` and ``--mode``: names at hand, without asking anybody."""

from __future__ import annotations


def schema_names(incomplete: str) -> list[str]:
    """Return the schemas in ./schemas and those that come with llmx; for a path the shell's own names of files."""
    from llmx.resources import shipped_folders  # noqa: PLC0415 - only where the shell asks

    found = {
        path.stem
        for folder in shipped_folders("schemas")
        for path in folder.glob("*.py")
        if not path.name.startswith("_")
    }
    return sorted(name for name in found if name.startswith(incomplete))


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
