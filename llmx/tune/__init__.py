"""Searches for a better prompt: tries demonstrations, notations and instructions on documents with gold.

``split`` keeps documents apart that take no part in the choice, ``variants`` makes the prompts to try, ``halving`` says
who is tried on how many documents, ``reflection`` has the model propose instructions, ``bench`` tries a prompt,
``tuning`` does all of it, ``show`` sets the tables. Running and scoring are ``llmx.sweep``'s, and examples from gold
``llmx.few_shot``'s.
"""

from __future__ import annotations

from llmx.tune.options import TuneOptions
from llmx.tune.result import Tuning
from llmx.tune.show import render_text, to_json
from llmx.tune.tuning import tune

__all__ = ["TuneOptions", "Tuning", "render_text", "to_json", "tune"]
