"""How much of what gold says stands in the text that llmx makes of a file: what is not there cannot be extracted.

    python bench/gold_in_text.py FOLDER [LAYOUT] [-v]

FOLDER holds documents/ID.* and labels/ID.json. Each leaf of the gold counts once: a text is looked for without regard
to case, white space and the bars of tables; a number in the forms in which it is written (1234.5, 1,234.50, 1.234,50);
a date in ISO form in the forms of its day; dashes, quotation marks and degree signs are one another's equal, as they
are for proofs. Truth values, nulls and empty texts do not count. LAYOUT is one of --layout; -v prints what is missing.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llmx.documents import Document, read_documents

EQUAL = str.maketrans({"–": "-", "—": "-", "‐": "-", "−": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "º": "°"})
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path and the value of each leaf."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{path}/{number}")
    elif value not in (None, "") and not isinstance(value, bool):
        yield path, value


def flat(text: str) -> str:
    return re.sub(r"[\s|]+", "", text).translate(EQUAL).casefold()


def forms(value: Any) -> set[str]:
    """Return the ways in which a leaf may be written."""
    if isinstance(value, str):
        found = {value}
        if ISO.fullmatch(value):
            found |= day_forms(dt.date.fromisoformat(value))
        elif re.fullmatch(r"-?\d+(\.\d+)?", value):
            found |= number_forms(float(value))
        return found
    return number_forms(float(value))


def day_forms(day: dt.date) -> set[str]:
    numbers = [f"{day:%d}", f"{day:%m}", f"{day:%Y}"]
    short = [str(day.day), str(day.month), f"{day:%y}"]
    found = set[str]()
    for d, m, y in (numbers, [short[0], short[1], numbers[2]], [numbers[0], numbers[1], short[2]], short):
        for sign in "/.-":
            found |= {sign.join(each) for each in ((d, m, y), (m, d, y), (y, m, d))}
    for name in (f"{day:%B}", f"{day:%b}"):
        found |= {f"{d} {name} {numbers[2]}" for d in (short[0], numbers[0])}
        found |= {f"{name} {d}, {numbers[2]}" for d in (short[0], numbers[0])}
        found |= {f"{numbers[0]}-{name}-{y}" for y in (short[2], numbers[2])}
    return found


def number_forms(number: float) -> set[str]:
    found = set[str]()
    for decimals in range(4):
        if abs(round(number, decimals) - number) < 1e-9:
            plain = f"{abs(number):,.{decimals}f}"
            swapped = plain.translate(str.maketrans(",.", ".,"))
            found |= {plain, swapped, plain.replace(",", ""), swapped.replace(".", ""), plain.replace(",", "'")}
    return found | {f"{abs(number):g}"}


def main(arguments: list[str]) -> int:
    """Print the share of each file and of all."""
    folder, verbose = Path(arguments[0]), "-v" in arguments
    layout = next((each for each in arguments[1:] if each != "-v"), "text")
    total = there = 0
    for label in sorted((folder / "labels").glob("*.json")):
        path = next((folder / "documents").glob(f"{label.stem}.*"))
        start = time.perf_counter()
        read = list(read_documents(path, layout=layout))
        seconds = time.perf_counter() - start
        texts = [each.text for each in read if isinstance(each, Document)]
        why = "" if texts else read[0].error.message  # type: ignore[union-attr]  # it is unreadable then
        text = flat("\n".join(texts))
        gold = list(leaves(json.loads(label.read_text("utf-8"))))
        missing = [(at, value) for at, value in gold if not any(flat(form) in text for form in forms(value))]
        if texts:
            total, there = total + len(gold), there + len(gold) - len(missing)
        print(f"{path.name:20} {len(gold) - len(missing):4} of {len(gold):4}  {seconds:6.3f} s  {why}")
        if verbose and texts:
            print(*(f"    {at}: {value!r}" for at, value in missing), sep="\n")
    print(f"{'of files with a text':20} {there:4} of {total:4}  {there / max(total, 1):.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
