"""How sure the model was of its words: from the log-probabilities of an answer's tokens, where the endpoint gives them.

The words are looked for in the joined tokens and not by index: a server may put a fence around the answer, and words
stand where they stand. Where they cannot be found (tokens that are parts of a character), nothing is said of them.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from llmx.dataclass import dataclass
from llmx.grounding.values import ValueNode, map_values

Logprobs = Sequence[tuple[str, float]]


@dataclass(slots=True)
class _Tokens:
    """An answer as its tokens: the text, where each token begins, its probability, and how far the text is read."""

    text: str
    starts: list[int]
    probabilities: list[float]
    read: int = 0

    def mean(self, words: str) -> float | None:
        """Return the mean probability of the tokens of ``words``, the next place of which is taken; None without."""
        for written in _written(words):
            at = self.text.find(written, self.read)
            at = self.text.find(written) if at < 0 else at
            if at >= 0:
                self.read = at + len(written)
                quoted = written.startswith('"')  # the quotes are the grammar's, not the model's choice
                first = bisect_right(self.starts, at + quoted) - 1
                last = bisect_right(self.starts, self.read - 1 - quoted)
                chosen = self.probabilities[first:last]
                return sum(chosen) / len(chosen) if chosen else None
        return None


def with_logprobs(found: ValueNode, logprobs: Logprobs | None) -> ValueNode:
    """Return ``found`` with the ``likelihood`` in [0, 1] of each leaf whose words stand in the tokens of the answer.

    >>> tree = ObjectValue({"day": LeafValue(1, words="3 May")})
    >>> tokens = [('{"day": "', 0.0), ("3", math.log(0.5)), (" May", 0.0), ('"}', 0.0)]
    >>> with_logprobs(tree, tokens).fields["day"].likelihood
    0.75
    """
    if not logprobs:
        return found
    starts = list(accumulate((len(token) for token, _ in logprobs), initial=0))[:-1]
    tokens = _Tokens("".join(token for token, _ in logprobs), starts, [_probability(number) for _, number in logprobs])
    return map_values(found, lambda leaf: replace(leaf, likelihood=tokens.mean(leaf.words)) if leaf.words else leaf)


def _probability(logprob: float) -> float:
    """Return a probability in [0, 1], also for what is no logarithm of one."""
    return 0.0 if math.isnan(logprob) else math.exp(min(logprob, 0.0))


def _written(words: str) -> Iterator[str]:
    """Yield the ways in which an answer writes ``words`` in JSON: with its own letters, escaped, or as a flag."""
    yield json.dumps(words, ensure_ascii=False)
    if not words.isascii():
        yield json.dumps(words)
    if words in ("True", "False"):
        yield words.lower()
