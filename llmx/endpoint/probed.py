"""Which endpoints have been probed, and what came of it: as the cache folder remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from llmx.endpoint.probe import ProbeResult, remembered

if TYPE_CHECKING:
    from pathlib import Path


def probed(folder: Path) -> dict[str, list[ProbeResult]]:
    """Return what is remembered below the cache ``folder``: by base URL, without secrets, the models by name.

    An endpoint without a base URL is OpenAI's and has ''. Files that cannot be read are left out.
    """
    found: dict[str, list[ProbeResult]] = {}
    for path in sorted((folder / "probes").glob("*.json")):
        result = remembered(path)
        if result is not None:
            found.setdefault(_base_url(path), []).append(result)
    return {where: sorted(results, key=lambda each: (each.model, each.mode)) for where, results in found.items()}


def _base_url(path: Path) -> str:
    where = str(orjson.loads(path.read_bytes()).get("base_url") or "")
    return where.rstrip("/") if "://" in where else ""
