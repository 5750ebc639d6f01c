"""The options of verification: ``--verify``, and ``--fast``, which does without it."""

from __future__ import annotations

from typing import Annotated

from llmx.cli.panels import ANSWERS, PROOF, option

Verify = Annotated[
    str | None,
    option("--verify", help="Which values to ask the model about, one yes-or-no question each: 'all', 'off', or "
           "'auto': as many as half of the answer's time is enough for, with the embedded model and without examples "
           "of your own. What the model does not confirm, or does not say again, becomes null.",
           panel=PROOF, metavar="auto|all|off", default="auto"),
]  # fmt: skip
CalibrationFile = Annotated[
    str | None,
    option("--calibration", help="A file of llmx calibrate: the confidence of a value is then the share of such values "
           "that were right on gold.", panel=PROOF, metavar="FILE"),
]  # fmt: skip
Fast = Annotated[bool, option("--fast", help="Ask once and verify nothing: --passes 1 --verify off.", panel=ANSWERS)]


def fast(passes: int | None, verify: str | None) -> tuple[int, str]:
    """Return what --fast says of passes and verification. Raises UsageError where the command line says otherwise."""
    from llmx.errors import UsageError  # noqa: PLC0415

    if passes not in {None, 1} or verify not in {None, "off"}:
        raise UsageError("--fast contradicts --passes or --verify", hint="It stands for --passes 1 --verify off.")
    return 1, "off"
