"""What a record was made with, so that a later run knows which records are stale."""

from __future__ import annotations

from dataclasses import asdict, astuple, fields
from typing import TYPE_CHECKING

from llmx.dataclass import dataclass
from llmx.request import fingerprint

if TYPE_CHECKING:
    from llmx.extraction.plan import Plan
    from llmx.run.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Provenance:
    """Fingerprints of schema, prompt and options, and the model with its mode."""

    schema: str
    prompt: str
    model: str
    options: str

    @classmethod
    def of(cls, plan: Plan) -> Provenance:
        """Return what records of ``plan`` are made with."""
        # prompt and examples are paths or names: what they say is in the prompt's fingerprint
        values = {name: value for name, value in asdict(plan.options).items() if name not in {"prompt", "examples"}}
        if values["target"] == "record":
            del values["target"]  # outputs of before there was a choice stay as they are
        values["calibration"] = plan.calibration and plan.calibration.to_json()
        if values["calibration"] is None:
            del values["calibration"]
        if values["below"] is None:
            del values["below"]
        if not plan.verifies:
            del values["verify"]
        options = fingerprint(values)
        return cls(plan.schema.fingerprint, plan.rendering.fingerprint, f"{plan.model} ({plan.mode})", options)

    def difference(self, before: Provenance) -> str:
        """Return why a record that was made with ``before`` is stale, '' where it is not."""
        for field, now, then in zip(fields(self), astuple(self), astuple(before), strict=True):
            if now != then:
                return f"changed {field.name}"
        return ""


def provenance_number(manifest: Manifest, provenance: Provenance) -> int:
    """Return the number under which ``manifest`` knows ``provenance``, a new one where it does not."""
    values = astuple(provenance)
    manifest.query("insert or ignore into plans (schema, prompt, model, options) values (?, ?, ?, ?)", *values)
    [(number,)] = manifest.query(
        "select number from plans where schema = ? and prompt = ? and model = ? and options = ?", *values
    )
    return int(number)


def numbered_provenance(manifest: Manifest, number: int) -> Provenance:
    """Return what ``manifest`` knows under ``number``."""
    [values] = manifest.query("select schema, prompt, model, options from plans where number = ?", number)
    return Provenance(*values)
