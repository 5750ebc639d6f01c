"""A record of an earlier run with the fields that a changed schema asks for put in: the others stay as they were.

Data, evidence, confidence and issues of a field that stays are taken over as they stand in the earlier line. The user's
class judges the whole; where it would have a kept value otherwise, or refuses one, nothing is put together, and the
document is asked for as a whole.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import RootModel

from llmx import json_pointer
from llmx.assembly.consistency import contradicts
from llmx.record import Issue, ModelShare, Record, Usage, dumped_name
from llmx.run.finished_records import UpdatedRecord
from llmx.schema import Schema
from llmx.sinks.writing import dump

if TYPE_CHECKING:
    from llmx.run.schema_change import FieldChange


@dataclass(frozen=True, slots=True)
class RecordUpdate:
    """An earlier record, as its line has it, and the change of its schema."""

    earlier: dict[str, Any]
    change: FieldChange

    def known(self, schema: Schema) -> dict[str, Any]:
        """Return the values that stay, by the names of their fields."""
        data = self.earlier["data"]
        return {name: data[shown] for name, shown in self._kept(schema).items() if shown in data}

    def refused(self, schema: Schema, added: Record[Any]) -> str:
        """Return why the values that stay and ``added``, whose data are those of the whole, are no record together."""
        if added.data is None:
            return "the schema refuses the record with the values kept"
        kept, before, now = self._kept(schema).values(), self.earlier["data"], added.data.model_dump(mode="json")
        if any((name in before) != (name in now) or dump(before.get(name)) != dump(now.get(name)) for name in kept):
            return "the schema makes another value of one that is kept"
        lost = (each["path"] for each in self.earlier["issues"] if each["code"] == "contradiction")
        if any(_is_of(path, kept) for path in lost):
            return "a kept value was lost to another one"
        if contradicts(schema.tree, added.data.model_dump(mode="json", by_alias=False)):
            return "a kept value contradicts a new one"
        return ""

    def merged(self, schema: Schema, added: Record[Any]) -> UpdatedRecord:
        """Return the record of both. It cost what both have cost."""
        earlier, new = self.earlier, added.to_json()
        order = [dumped_name(schema.model, member.name) for member in schema.tree.members]
        kept = set(self._kept(schema).values())
        usage = Usage(**earlier["usage"]) + added.usage
        line = {
            **new,
            "status": "partial" if "partial" in {earlier["status"], added.status} else "ok",
            "data": _in_order(new["data"], order) if isinstance(added.data, RootModel) else new["data"],
            "issues": [each for each in earlier["issues"] if not each["path"] or _is_of(each["path"], kept)]
            + new["issues"],
            **{name: _proofs(earlier[name], new[name], kept=kept, order=order) for name in ("evidence", "confidence")},
            "model": earlier["model"],
            "mode": earlier["mode"],
            "keys": [*earlier["keys"], *new["keys"]],
            "usage": usage.to_json(),
            "seconds": round(earlier["seconds"] + new["seconds"], 3),
            "attempts": earlier["attempts"] + new["attempts"],
        }
        shares = _shares(earlier, new)
        if shares:
            line["models"] = shares
        return UpdatedRecord(
            added.id, added.source, line["status"], issues=tuple(Issue(**each) for each in line["issues"]),
            model=line["model"], mode=line["mode"], keys=tuple(line["keys"]), schema=added.schema, prompt=added.prompt,
            usage=usage, seconds=line["seconds"], attempts=line["attempts"], line=dump(line), kind=schema.model,
            models=tuple(_share(each) for each in shares), added=added,
        )  # fmt: skip

    def _kept(self, schema: Schema) -> dict[str, str]:
        """Return the fields that stay, each with the name under which its class dumps it."""
        return {name: dumped_name(schema.model, name) for name in self.change.kept}


def _is_of(pointer: str, fields: Collection[str]) -> bool:
    """Return whether ``pointer`` names a place within one of the root's ``fields``."""
    return next(iter(json_pointer.to_parts(pointer)), None) in fields


def _in_order(fields: dict[str, Any], order: Sequence[str]) -> dict[str, Any]:
    """Return ``fields`` in ``order``; those that it does not have, such as computed ones, follow."""
    return {name: fields[name] for name in order if name in fields} | fields


def _proofs(
    earlier: dict[str, Any], new: dict[str, Any], *, kept: Collection[str], order: Sequence[str]
) -> dict[str, Any]:
    """Return what is said by pointer of the fields that stay, from ``earlier``, and of the others, field by field."""
    found: dict[str, dict[str, Any]] = {name: {} for name in order}
    for proofs, old in ((earlier, True), (new, False)):
        for pointer, proof in proofs.items():
            name = json_pointer.to_parts(pointer)[0] if pointer else ""
            if (name in kept) == old:
                found.setdefault(name, {})[pointer] = proof
    return {pointer: proof for proofs in found.values() for pointer, proof in proofs.items()}


def _shares(earlier: dict[str, Any], new: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what each model did, as a record's line has it: [] where no fallback was asked for any of the fields."""
    if "models" not in earlier and "models" not in new:
        return []
    sums: dict[int, ModelShare] = {}
    for line in (earlier, new):
        for share in (_share(each) for each in line.get("models") or [_alone(line)]):
            known = sums.get(share.fallback)
            sums[share.fallback] = share if known is None else replace(
                known, answers=known.answers + share.answers, requests=known.requests + share.requests,
                usage=known.usage + share.usage,
            )  # fmt: skip
    return [sums[number].to_json() for number in sorted(sums)]


def _alone(line: dict[str, Any]) -> dict[str, Any]:
    """Return the share of a model that answered alone, of which a line has the sums."""
    requests = len(line["keys"])
    return {
        "fallback": 0, "model": line["model"], "mode": line["mode"], "answers": min(1, requests), "requests": requests,
        "usage": line["usage"],
    }  # fmt: skip


def _share(values: dict[str, Any]) -> ModelShare:
    return ModelShare(**{**values, "usage": Usage(**values["usage"])})
