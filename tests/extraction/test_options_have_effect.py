"""No option is accepted and ignored: each one changes what is asked or what comes of it."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from llmx.assembly.calibration import Calibration
from llmx.documents import Document
from llmx.documents.pages import PagesBuilder
from llmx.endpoint import ResolvedModel
from llmx.extraction.document import extract_document
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import Session
from llmx.types import Number, PartialDate
from tests.extraction.scripted import Scripted

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = """
- text: Old Wharf had its roof mended.
  record:
    headline: Old Wharf
"""

MENU = "Home | News | Sport | Weather | Contact | Login | Register | Search"
TEXT = "\n\n".join(
    [
        MENU,
        "Harbour fees rise",
        "The last one opens on 5 May 2024.",
        *(f"Pier {n} was rebuilt with a fund of 1.234 and opened again." for n in range(9)),
    ]
)


class Pier(BaseModel):
    """A report on piers."""

    headline: str | None
    fund: Number | None
    builder: str | None
    opened: PartialDate | None
    mood: Literal["glad", "sad"] | None
    piers: list[str]


RIGHT = {
    "headline": "Harbour fees rise", "fund": "1.234", "builder": "nobody's words at all", "opened": "3 March 2024",
    "mood": "glad", "piers": ["Pier 1"],
}  # fmt: skip


WRONG = {**RIGHT, "headline": 5}

OTHERS: dict[str, Any] = {
    "prompt": "prompt.md", "examples": "examples.yaml", "instructions": "Be brief.", "unproven": "drop",
    "evidence": "quotes", "passes": 1, "samples": 3, "reasks": 0, "max_output_tokens": 99, "chunk_tokens": 64,
    "boilerplate": "keep", "temperature": 0.5, "seed": 7, "locale": "de_DE", "logprobs": True, "verify": "all",
    "target": "page", "images": "always", "image_px": 300, "relevant_tokens": 64, "below": 1.0,
    "calibration": "calibration.json",
}  # fmt: skip
"""A value for each option that is not its default."""


def test_every_option_is_looked_at() -> None:
    assert set(OTHERS) == {field.name for field in fields(Options)}


async def observed(answer: Any, options: Options) -> str:
    """Return what is asked with these options, and what comes of it."""
    endpoint = Scripted([answer])
    plan = Extractor(Pier, options).plan(ResolvedModel("scripted-1", "json_schema", "given"))
    builder = PagesBuilder()
    builder.add_text(TEXT)
    builder.end_page(1, 600, 800)
    pages = builder.pages("f" * 16) if options.images == "always" else None
    after = (Session(plan, endpoint),)  # a model to which what is doubtful can go
    record = await extract_document(Document("d", TEXT, pages=pages), plan, endpoint, fallbacks=after)
    seen: dict[str, Any] = {"asked": [request.body for request in endpoint.requests], "record": record.to_json()}
    for fingerprint in ("schema", "prompt"):
        del seen["record"][fingerprint]  # it says that something is different, not that anything comes of it
    return json.dumps(seen, default=str, sort_keys=True)


@pytest.mark.parametrize("name", OTHERS)
async def test_an_option_changes_what_is_asked_or_what_comes_of_it(name: str, tmp_path: Path) -> None:
    (tmp_path / "prompt.md").write_text((ROOT / "prompts" / "extract.md").read_text() + "\nRead it twice.\n")
    (tmp_path / "examples.yaml").write_text(EXAMPLES)
    value = OTHERS[name]
    (tmp_path / "calibration.json").write_text(json.dumps(Calibration(((0.5, 0.25), (1.0, 0.5)), 2).to_json()))
    if name in {"prompt", "examples", "calibration"}:
        value = str(tmp_path / value)
    answer = WRONG if name == "reasks" else RIGHT
    usual: dict[str, Any] = {"images": "always"} if name == "image_px" else {}
    assert await observed(answer, Options(**{**usual, name: value})) != await observed(answer, Options(**usual))
