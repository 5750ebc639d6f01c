"""Asks a model about pairs of names that rules leave open, one question a pair; the answer is cached and recorded.

A question is a document like any other: the two names and where they stand. So it goes through the same endpoint,
cache, cassettes and limits as an extraction, and is asked once however often a run is linked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from llmx.documents import Document
from llmx.endpoint import EndpointSettings
from llmx.extraction.document import extract_document
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import open_session
from llmx.link.compare import Likeness
from llmx.link.links import Link, NameGraph
from llmx.link.nodes import NameNode
from llmx.link.resolve import Texts
from llmx.record import Record, fatal_issue
from llmx.schema import Free

MOST_QUESTIONS = 200
"""Pairs that a model is asked about, the likeliest first."""

SCORE = 0.9
"""Of a pair that the model takes for one thing: what names or texts prove comes before it."""

_AT_ONCE = 8
_AROUND = 160  # characters of the text on either side of a name


class Verdict(BaseModel):
    """Whether two names are those of one thing."""

    verdict: Annotated[Literal["same", "different", "unclear"], Free()] = Field(
        description="same, different, or unclear where the sentences do not tell"
    )


class ModelJudge:
    """Answers for ``resolve``: asks about at most ``most`` pairs in all. ``asked`` counts them, and ``faults`` says why
    those were left open that got no answer.
    """

    def __init__(self, settings: EndpointSettings, *, most: int = MOST_QUESTIONS) -> None:
        self.settings, self.most = settings, most
        self.asked = 0
        self.faults: list[str] = []

    def __call__(self, graph: NameGraph, links: Sequence[Link], texts: Texts) -> Iterator[Link]:
        """Yield a link for each pair, with what the model says of it; only those that it takes for one get a score."""
        likeliest = sorted(links, key=lambda link: -link.score)[: self.most - self.asked]
        self.asked += len(likeliest)
        questions = [_question(graph.nodes[link.a], graph.nodes[link.b], texts) for link in likeliest]
        verdicts = asyncio.run(self._verdicts(questions)) if questions else []
        for link, verdict in zip(likeliest, verdicts, strict=True):
            reasons = (*link.likeness.reasons, f"a model says: {verdict}")
            score = SCORE if verdict == "same" else link.score
            yield Link(link.a, link.b, Likeness(score, reasons), link.alias, "model")

    async def _verdicts(self, questions: Sequence[Document]) -> list[str]:
        options = Options(prompt="link", examples="none", passes=1, samples=1, verify="off")
        found: list[str] = []
        async with open_session(Extractor(Verdict, options), self.settings) as session:
            for first in range(0, len(questions), _AT_ONCE):
                some = questions[first : first + _AT_ONCE]
                records = await asyncio.gather(
                    *(extract_document(question, session.plan, session.endpoint) for question in some)
                )
                found += [self._verdict(record) for record in records]
        return found

    def _verdict(self, record: Record[Any]) -> str:
        if isinstance(record.data, Verdict):
            return str(record.data.verdict)
        issue = fatal_issue(record.issues)
        self.faults.append(issue.message if issue is not None else record.status)
        return "unclear"


def _question(one: NameNode, two: NameNode, texts: Texts) -> Document:
    kind = {"organization": "organisations", "person": "persons"}.get(one.name.kind, "things")
    text = f"Two names of {kind}:\n\n{_told(1, one, texts)}\n\n{_told(2, two, texts)}\n"
    return Document(f"{one.name.text} / {two.name.text}", text)


def _told(number: int, node: NameNode, texts: Texts) -> str:
    lines = [f"Name {number}: {node.name.text}"]
    lines += [f"Country: {', '.join(sorted(node.countries))}"] if node.countries else []
    lines += [f"Website: {', '.join(sorted(node.sites))}"] if node.sites else []
    for mention in node.mentions[:2]:
        text = texts.get(mention.document, "")
        at = text.find(mention.quote or mention.name)
        if at >= 0:
            around = " ".join(text[max(0, at - _AROUND) : at + len(mention.name) + _AROUND].split())
            lines.append(f"In a document: … {around} …")
    return "\n".join(lines)
