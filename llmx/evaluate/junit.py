"""Writes gates and fields as JUnit XML, which every CI server shows as tests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from llmx.evaluate.gate import GateResult
from llmx.evaluate.report import Report
from llmx.evaluate.summary import share

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(report: Report, *, gates: Sequence[GateResult] = ()) -> str:
    """Return the XML text: one test per gate, failed if it does not hold, and one per field, which only reports."""
    root = ET.Element("testsuites", name="llmx eval")
    suite = _suite(root, f"{report.name}: gates", tests=len(gates), failures=sum(not each.ok for each in gates))
    for gate in gates:
        case = ET.SubElement(suite, "testcase", classname="llmx.eval.gates", name=_clean(gate.name), time="0")
        if not gate.ok:
            ET.SubElement(case, "failure", message=_clean(gate.message)).text = _clean(gate.message)
    suite = _suite(root, f"{report.name}: fields", tests=len(report.fields), failures=0)
    for path, tally in report.fields.items():
        case = ET.SubElement(suite, "testcase", classname="llmx.eval.fields", name=_clean(path), time="0")
        ET.SubElement(case, "system-out").text = (
            f"precision {share(tally.precision)} recall {share(tally.recall)} F1 {share(tally.f1)} match {tally.match} "
            f"mismatch {tally.mismatch} omission {tally.omission} invention {tally.invention}"
        )
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ET.Element, name: str, *, tests: int, failures: int) -> ET.Element:
    counts = {"tests": str(tests), "failures": str(failures), "errors": "0", "skipped": "0", "time": "0"}
    return ET.SubElement(root, "testsuite", {"name": _clean(name), **counts})


def _clean(text: str) -> str:
    """Return ``text`` without the characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
