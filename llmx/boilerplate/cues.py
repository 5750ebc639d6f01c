"""What web pages say around an article, matched against whole lines; the patterns are data (data/cues.yaml)."""

from __future__ import annotations

import re
from functools import cache, partial

from llmx.facts import load_facts, one_of

_facts = partial(load_facts, "boilerplate", "cues")


@cache
def pattern(topic: str) -> re.Pattern[str]:
    """Return the pattern of a topic such as ``cookies``, for ``fullmatch`` on a plain line."""
    return re.compile("|".join(f"(?:{line})" for line in _facts()[topic].splitlines()))


@cache
def text_size_switch() -> re.Pattern[str]:
    """Return the pattern of a switch for the size of the letters, at the end of a line."""
    return re.compile(rf"[ \t\u3000]*{one_of(_facts()['text_size'])}[ \t]*[:：][^\n]{{0,40}}$", re.IGNORECASE)


@cache
def breadcrumb() -> re.Pattern[str]:
    """Return the pattern of a trail of steps: Home > News, You are here: Home / News."""
    # an arrow parts steps by itself; a bar or a slash only with blanks around it, twice ('Home-grown' is no trail)
    home, here = one_of(_facts()["home"]), one_of(_facts()["here"])
    arrows = r"(?:\s*[>»›＞→]\s*[^>»›＞→]{1,40}){1,6}"
    bars = r"(?: [/|] [^/|]{1,30}){2,6}"
    return re.compile(rf"(?:{here}\s*[:：]?\s*)?{home}(?:{arrows}|{bars})|{here}[:：].*")


def portrayed(line: str) -> str:
    """Return the name that a line above a portrait gives, '' for any other line."""
    before: str = _facts()["portrait"]
    return line.removeprefix(before) if line.startswith(before) else ""
