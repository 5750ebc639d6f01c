"""Entities with what they say, in ten languages by kind, and whether what a reader makes of one is right.

The committed ones are in bench/entities: a file for each language, a section for each kind, a line for each entity.

    12,5 % = 12.5                the value
    04/05/2023 = ? 2023-05-04    may be doubted, or have this value
    several million = ?      no value, or one that is doubted
    mid-May 2023 = 2023-05 ~     a part of that

They were written before any reader saw them; those in the folders ``second``, ``third`` and ``fourth`` after the ones
before had been read and mended. The folder ``fifth`` holds what was not read right of 1,444 further ones.
The cases of Recognizers-Text are read from a folder that is given.
"""

from __future__ import annotations

import json
import math
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "entities"
KINDS = ("number", "percent", "sum", "quantity", "date", "range", "duration")
#: The currency of a reader that names none and is scored on the amount alone.
ANY = "any"
LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl", "zh", "ja", "ko")


@dataclass(frozen=True, slots=True)
class Entity:
    """Words of one kind in one language, and what they say: ``wanted`` in the form of the kind, none for no value."""

    kind: str
    language: str
    words: str
    wanted: tuple[str, ...]
    doubtful: bool = False


def committed(folder: Path = FOLDER) -> Iterator[Entity]:
    """Yield the entities of bench/entities, or of a folder in it."""
    for path in sorted(folder.rglob("*.txt")):
        kind = ""
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("["):
                kind = line.strip("[]")
            elif line and not line.startswith("#"):
                yield _entity(line, kind, path.stem)


def _entity(line: str, kind: str, language: str) -> Entity:
    words, _, wanted = line.rpartition(" = ")
    said = wanted.lstrip("? ").removesuffix(" ~")
    values = re.findall(r"\S+(?:\s[A-Z]{3}\b)?", said)
    return Entity(kind, language, words, tuple(values), wanted.startswith("?"))


def right(kind: str, got: Any, wanted: str) -> bool:
    """Whether a value is the wanted one: numbers to six digits, sums with the currency where one is wanted."""
    if got is None:
        return False
    if kind == "sum":
        amount, _, code = wanted.partition(" ")
        return _close(got[0], amount) and (not code or got[1] in {code, ANY})
    if kind in {"date", "range"}:
        return bool(got == wanted)
    if kind == "duration":
        return _months_and_days(str(got)) == _months_and_days(wanted)
    return _close(got, wanted)


def _close(got: Any, wanted: str) -> bool:
    return math.isclose(float(got), float(wanted), rel_tol=1e-6, abs_tol=1e-12)


def _months_and_days(iso: str) -> tuple[float, float] | None:
    found = re.fullmatch(
        r"P(?:([\d.]+)Y)?(?:([\d.]+)M)?(?:([\d.]+)W)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?",
        iso,
    )
    if found is None:
        return None
    years, months, weeks, days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    clock = (hours * 3600 + minutes * 60 + seconds) / 86400
    return round(years * 12 + months, 6), round(weeks * 7 + days + clock, 6)


_SPECS = {
    "number": "Number/{}/NumberModel",
    "percent": "Number/{}/PercentModel",
    "sum": "NumberWithUnit/{}/CurrencyModel",
    "quantity": "NumberWithUnit/{}/DimensionModel",
    "time": "DateTime/{}/DateTimeModel",
}
_NAMES = ("English", "German", "French", "Spanish", "Portuguese", "Italian", "Dutch", "Chinese", "Japanese", "Korean")


def recognizers(folder: Path) -> Iterator[Entity]:
    """Yield the numbers, percentages, sums, quantities, dates and lengths of time of Recognizers-Text's Specs.

    Dates are those whose words say them: one value, a day or a partial date that no other date is needed for. What its
    own implementation does not pass is left out.
    """
    for language, name in zip(LANGUAGES, _NAMES, strict=True):
        for kind, spec in _SPECS.items():
            path = folder / f"{spec.format(name)}.json"
            cases = json.loads(path.read_text("utf-8-sig")) if path.exists() else []
            seen = set()
            for case in cases:
                if "dotnet" in (case.get("NotSupported") or ""):
                    continue
                for result in case.get("Results") or ():
                    entity = _recognized(kind, language, result, text=case["Input"])
                    if entity is not None and entity not in seen:
                        seen.add(entity)
                        yield entity


def _recognized(kind: str, language: str, result: dict[str, Any], *, text: str) -> Entity | None:
    resolution = result.get("Resolution") or {}
    start, words = result.get("Start"), result["Text"]
    if start is not None and text[start : start + len(words)].casefold() == words.casefold():
        words = text[start : start + len(words)]  # the case of the text
    if kind == "time":
        return _time(language, words, result.get("TypeName", ""), values=resolution.get("values") or [])
    value = _plain_number(resolution.get("value"), language)
    if value is None:
        return None
    code = resolution.get("isoCurrency") if kind == "sum" else None
    stated = code is not None and re.fullmatch("[A-Z]{3}", code)
    return Entity(kind, language, words, (f"{value} {code}" if stated else value,))


def _plain_number(value: str | None, language: str) -> str | None:
    if value is None:
        return None
    value = value.strip().rstrip("%").strip()
    if language in {"de", "fr", "es", "pt", "it", "nl"} and "," in value:
        value = value.replace(".", "").replace(",", ".")
    return value if re.fullmatch(r"-?[\d.]+(?:[eE][-+]?\d+)?", value) else None


def _time(language: str, words: str, name: str, *, values: list[dict[str, Any]]) -> Entity | None:
    forms = {value.get("timex", "") for value in values}
    if len(forms) != 1:
        return None
    form = forms.pop()
    if name == "datetimeV2.duration" and _months_and_days(form) is not None:
        return Entity("duration", language, words, (form,))
    found = re.fullmatch(r"(\d{4}|XXXX)-(\d\d)-(\d\d)", form)
    if name != "datetimeV2.date" or found is None:
        return None
    year, month, day = found.groups()
    digits = {int(number) for number in re.findall(r"\d+", words) if len(number) < 9}
    stated = int(day) in digits and (year == "XXXX" or int(year) in digits)
    possible = int(day) <= monthrange(2000 if year == "XXXX" else int(year), int(month))[1]
    if not stated or not possible or "day" in words or "week" in words:
        return None  # counted from another date, or said in words, where the failure of a peer would say little
    return Entity("date", language, words, (f"--{month}-{day}" if year == "XXXX" else form,))
