"""What a schema says of a field, as the model reads it: its description, and the first of its examples."""

from __future__ import annotations

import json
from typing import Any

_MOST_EXAMPLES = 3
_MOST_CHARS = 60
"""An example with more characters says more of itself than of the field."""


def described(text: str | None, examples: Any) -> str:
    """Return ``text`` on one line, with those of the ``examples`` behind it that are short and not in it already.

    >>> described("The number", ["PO-17", "PO-2231"])
    'The number, such as "PO-17", "PO-2231"'
    """
    said = " ".join((text or "").split())
    shown = [_shown(each) for each in examples] if isinstance(examples, list | tuple) else []
    new = [each for each in shown if each and each.strip('"') not in said][:_MOST_EXAMPLES]
    return ", ".join(part for part in (said.rstrip("."), f"such as {', '.join(new)}") if part) if new else said


def _shown(example: Any) -> str:
    """Return an example as JSON on one line, "" for one that is none of a plain value or too long."""
    if not isinstance(example, str | int | float) or len(str(example)) > _MOST_CHARS:
        return ""
    return json.dumps(example, ensure_ascii=False)
