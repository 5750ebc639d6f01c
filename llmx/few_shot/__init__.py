"""Few-shot examples from gold: which documents show most in few words, and whether the examples help.

``wording`` turns a gold record into the words of its text, ``pick`` chooses, ``write`` puts the choice into a file that
``load_examples`` takes, ``check`` scores extraction with and without it on documents that were not used.
"""

from __future__ import annotations

from llmx.few_shot.check import check_grid, unused, verdict
from llmx.few_shot.pick import Candidate, PickOptions, candidates, pick
from llmx.few_shot.wording import Worded, word_gold
from llmx.few_shot.write import examples_yaml

__all__ = [
    "Candidate", "PickOptions", "Worded", "candidates", "check_grid", "examples_yaml", "pick",
    "unused", "verdict", "word_gold",
]  # fmt: skip
