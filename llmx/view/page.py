"""Assembles one HTML page from packaged assets: styles and script inline, allowed by their hashes and nothing else.

What the page shows travels as JSON in data blocks, which browsers do not execute. What is in it is ``data.py``'s.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from math import isfinite
from typing import Any

from llmx import json_data

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_UNSAFE = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
_ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 18 18'><rect width='18' height='18' rx='5' fill='#3d4fd0'/>"
    "<path d='M4 6h10M4 12h9' stroke='#fff' stroke-width='2'/>"
    "<path d='M4 9h7' stroke='#f2c14e' stroke-width='3'/></svg>"
)


@dataclass(frozen=True, slots=True)
class Assets:
    """The body, the style sheet and the script of a page, as text."""

    body: str
    style: str
    script: str


def load_assets(body: tuple[str, str], styles: Iterable[tuple[str, str]], scripts: Iterable[tuple[str, str]]) -> Assets:
    """Return the assets named as (package, file): scripts are joined in order into one strict function scope."""
    joined = "\n".join(_asset(*each) for each in scripts)
    return Assets(
        _asset(*body),
        "\n".join(_asset(*each) for each in styles),
        f'(() => {{\n"use strict";\n{joined}\n}})();\n',
    )


def _asset(package: str, name: str) -> str:
    return files(package).joinpath("assets", name).read_text(encoding="utf-8")


def policy(assets: Assets, *, connect: str = "'none'") -> str:
    """Return the Content-Security-Policy of a page: its own script and style by hash, and ``connect``.

    Trusted Types without a policy make every call that would parse text as HTML throw, where browsers know them.
    """
    rules = {
        "default-src": "'none'",
        "script-src": _hash(assets.script),
        "style-src": _hash(assets.style),
        "img-src": "data:",
        "connect-src": connect,
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def page_head(assets: Assets, *, title: str, csp: str) -> str:
    """Return everything before the data blocks: the head with policy and style, and the body's own elements."""
    icon = html.escape("data:image/svg+xml," + _ICON.replace("#", "%23").replace("<", "%3C").replace(">", "%3E"))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(csp)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f'<title>{html.escape(title)}</title>\n<link rel="icon" href="{icon}">\n'
        f"<style>{assets.style}</style>\n</head>\n<body>\n{assets.body}\n"
    )


def data_block(name: str, value: Any) -> str:
    """Return ``value`` as a JSON data block with the element id ``name``; no text in it can end the block."""
    return f'<script type="application/json" id="{name}">{safe_json(value)}</script>\n'


def page_tail(assets: Assets) -> str:
    """Return the script and the end of the page."""
    return f"<script>{assets.script}</script>\n</body>\n</html>\n"


def safe_json(value: Any) -> str:
    r"""Return ``value`` as JSON that holds no character with a meaning in HTML, and no half of a surrogate pair.

    >>> safe_json({"a": "</script>"})
    '{"a":"\\u003c/script\\u003e"}'
    """
    readable = json_data.map_leaves(value, _without_nan)
    text = json.dumps(readable, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE)
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _without_nan(value: Any) -> Any:
    """Return NaN and the infinities, which JSON lacks, as text, so that browsers can read the rest."""
    return str(value) if isinstance(value, float) and not isfinite(value) else value
