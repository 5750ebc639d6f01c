"""The names of a linked run in the review: what was taken for one thing, and what the reviewer says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.documents import Document
from llmx.documents.find import LINKS_STATE
from llmx.errors import UsageError
from llmx.link.corrections import added, write_corrections
from llmx.link.kept_tables import is_linked, links_folder, read_links
from llmx.link.linking import LinkOptions, corrections_path, figures_of, kept_corrections, link_run
from llmx.link.output import write_links
from llmx.link.tables import rows_of
from llmx.link.wording import folded

if TYPE_CHECKING:
    from llmx.review.session import ReviewSession

_MOST = 2000  # pairs that the page lists
_ORDER = {"open": 0, "merged": 1, "refused": 2}


def names_of(session: ReviewSession) -> dict[str, Any]:
    """Return the pairs of names that were decided on, open ones first, then those of the lowest score.

    ``said`` is what a person has said of a pair, '' where nobody has. Raises UsageError where the run is not linked.
    """
    run = session.run.path
    said = _said(run)
    pairs = read_links(run)["links"]
    pairs.sort(key=lambda row: (_ORDER[row["decision"]], row["score"]))
    shown = ("name_a", "name_b", "kind", "score", "decision", "said_by", "reasons", "document", "quote")
    return {
        "pairs": [
            {name: row[name] for name in shown} | {"said": said.get(_pair(row["name_a"], row["name_b"]), "")}
            for row in pairs[:_MOST]
        ],
        "count": len(pairs),
        "file": corrections_path(run).name,
    }


def say(session: ReviewSession, pair: tuple[str, str], said: str) -> dict[str, Any]:
    """Keep that two names are the 'same' or 'different', or take back what was said (''), and link the run anew.

    ``applied`` says whether it was linked anew: where a model was asked, that is for ``llmx link``. Raises UsageError
    for what contradicts earlier sentences.
    """
    if said not in {"same", "different", ""}:
        raise UsageError(f"{said!r} is nothing that can be said of two names")
    run = session.run.path
    kept = kept_corrections(run).without(*pair)
    whole = added(kept, [pair] if said == "same" else [], [pair] if said == "different" else [])
    write_corrections(corrections_path(run), whole)
    return {"applied": _linked_anew(session)} | names_of(session)


def _linked_anew(session: ReviewSession) -> bool:
    run = session.run.path
    state: Mapping[str, Any] = json.loads((links_folder(run) / LINKS_STATE).read_text("utf-8"))
    if "asked" in state or "options" not in state:
        return False
    given = dict(state["options"])
    options = LinkOptions(**given | {"on": tuple(given["on"]), "aliases": tuple(map(Path, given["aliases"]))})
    texts = [Document(id_, found.text) for id_, found in session.texts.items() if found.text is not None]
    linked = link_run(run, session.schema, options, documents=texts)
    write_links(run, rows_of(linked), figures_of(linked))
    return True


def may_be_reviewed(session: ReviewSession) -> bool:
    """Whether the run has names to review."""
    return is_linked(session.run.path)


def _said(run: Path) -> dict[frozenset[str], str]:
    kept = kept_corrections(run)
    found = {_pair(*group): "same" for group in kept.same if len(group) == 2}
    return found | {_pair(*group): "different" for group in kept.different if len(group) == 2}


def _pair(one: str, two: str) -> frozenset[str]:
    return frozenset({folded(one), folded(two)})
