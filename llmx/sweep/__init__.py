"""Compares settings: a small grid of models, prompts and options, each run on documents with gold and scored.

``grid`` makes the settings, ``trial`` runs and scores one, ``sweeping`` all of them, ``show`` sets the table.
How a record comes about, how a run is done and what a score means is decided elsewhere.
"""

from __future__ import annotations

from llmx.sweep.grid import Setting, make_grid
from llmx.sweep.show import render_markdown, render_text, to_json
from llmx.sweep.sweeping import Sweep, SweepOptions, quality, sweep
from llmx.sweep.trial import Trial

__all__ = [
    "Setting", "Sweep", "SweepOptions", "Trial", "make_grid", "quality", "render_markdown", "render_text", "sweep",
    "to_json",
]  # fmt: skip
