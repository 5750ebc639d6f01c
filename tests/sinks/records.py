"""A schema with every shape that a sink must write, and records of it."""

from __future__ import annotations

from pydantic import BaseModel

from llmx.record import Evidence, Issue, Record, Usage


class Money(BaseModel):
    amount: int | None
    currency: str | None


class Party(BaseModel):
    name: str
    country: str | None = None


class Deal(BaseModel):
    title: str | None = None
    investment: Money | None = None
    parties: list[Party] = []
    fields: list[str] = []
    jobs: int | None = None
    share: float | None = None
    open: bool | None = None
    status: str | None = None


class Node(BaseModel):
    name: str
    left: Node | None = None
    children: list[Node] = []


FULL = Deal(
    title='He said "hé", 合作\nthen left',
    investment=Money(amount=3_200_000_000, currency="CNY"),
    parties=[Party(name="Nezha", country="CN"), Party(name="HKSTP")],
    fields=["AI", "cloud"],
    jobs=600,
    share=0.25,
    open=True,
    status="signed",
)


PROOF: dict[str, Evidence | None] = {"/investment/amount": Evidence("3.2 billion RMB", 10, 25, "exact"), "/jobs": None}


def record(id_: str = "a", data: Deal | None = FULL, *, proof: dict[str, Evidence | None] = PROOF) -> Record[Deal]:
    """A record with a proof and an issue where it has data, a failed one else."""
    if data is None:
        return Record(id_, f"{id_}.txt", "failed", issues=(Issue("document.empty", "", f"{id_}.txt is empty"),))
    issues = (Issue("unproven", "/jobs", "no words of the text say it"),)
    return Record(
        id_, f"{id_}.txt", "ok", data, issues, proof, {"/jobs": 0.5}, model="m", mode="tools", usage=Usage(10, 5)
    )
