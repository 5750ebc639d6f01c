r"""Separates what a reasoning model thinks from what it answers.

Thoughts hold drafts: an object in them that looks like the answer is not one. So they are taken away before anything is
read, and where the server put the whole message into its field for thoughts, only an object at its very end counts.
"""

from __future__ import annotations

import re

from llmx.endpoint.lenient_json import LenientDecoder

_OPENING = re.compile(r"\s*(?:<(?:think(?:ing)?|thought|reasoning)>|◁think▷|<\|channel\|>analysis)")
_CLOSING = re.compile(r"</(?:think(?:ing)?|thought|reasoning)>|◁/think▷|<\|channel\|>final<\|message\|>")
"""DeepSeek's, Qwen's and others' tags; Kimi's; gpt-oss's (Harmony)."""

_MOST_FAILURES = 200  # brackets that open nothing


def without_thoughts(text: str) -> str:
    """Return what ``text`` says after its thoughts, '' where it only thinks; ``text`` itself where it has none.

    Thoughts that are closed without having been opened count too: templates that open them leave only the end.

    >>> without_thoughts('<think>{"a": 1}? No, 2.</think>{"a": 2}'), without_thoughts('<think>Well, {"a": 1')
    ('{"a": 2}', '')
    """
    thinks = _OPENING.match(text) is not None
    if not thinks and text.lstrip()[:1] in {"{", "["}:
        return text  # what looks like a tag stands within the answer
    ends = [match.end() for match in _CLOSING.finditer(text)]
    if not ends:
        return object_at_end(text) if thinks else text
    answer = max(text.rfind("{"), text.rfind("["))  # a tag behind the last bracket may stand within the answer
    return text[next((end for end in reversed(ends) if end <= answer), ends[-1]) :]


def object_at_end(text: str) -> str:
    """Return the JSON object with which ``text`` ends, perhaps in fences; '' where it ends in anything else.

    >>> object_at_end('Either {"a": 1} or {"a": 2}. So: {"a": 2}'), object_at_end('{"a": 1}, but wait')
    ('{"a": 2}', '')
    """
    end = len(text.rstrip().removesuffix("```").rstrip())
    decoder, at, failures = LenientDecoder(), text.find("{"), 0
    while at >= 0 and failures < _MOST_FAILURES:
        try:
            _, after = decoder.at(text, at)
        except ValueError:
            after, failures = at + 1, failures + 1
        else:
            if after == end:
                return text[at:end]
        at = text.find("{", after)
    return ""
