"""OCR by the program tesseract: it reads some hundred languages, each with a pack of its own.

The program is called for each picture, with a limit on its time, and tells words, boxes and confidence as a table.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
from functools import lru_cache

from llmx.documents.converters.ocr_word import SeenWord
from llmx.errors import DocumentError

DPI = 300
"""What its documentation advises."""

_PROGRAM = "tesseract"
_MOST_PACKS = 4  # with more at once it is slow, and takes the letters of one language for another's
_NO_LANGUAGE = frozenset({"osd", "equ", "snum"})
_START_S = 20.0  # to list the packs
_COLUMNS_OF_TEXT = "4"  # lines of different sizes from top to bottom: rows of tables stay whole, docs/decisions/ocr.md
_WORD = "5"  # the level of a word in the table
_RULES = " |\u00a6\u200e\u200f"  # and the marks that it puts beside words written from right to left
_LETTERS = re.compile(r"[^\s\[\](){}_=~—–]")
# ISO 639-1 to the names of the packs, which are those of ISO 639-2/T but for Chinese and Serbian
_PACKS = {
    "af": "afr", "am": "amh", "ar": "ara", "az": "aze", "be": "bel", "bg": "bul", "bn": "ben", "bs": "bos",
    "ca": "cat", "cs": "ces", "cy": "cym", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "es": "spa",
    "et": "est", "eu": "eus", "fa": "fas", "fi": "fin", "fr": "fra", "ga": "gle", "gl": "glg", "gu": "guj",
    "he": "heb", "hi": "hin", "hr": "hrv", "hu": "hun", "hy": "hye", "id": "ind", "is": "isl", "it": "ita",
    "ja": "jpn", "ka": "kat", "kk": "kaz", "km": "khm", "kn": "kan", "ko": "kor", "ky": "kir", "la": "lat",
    "lb": "ltz", "lo": "lao", "lt": "lit", "lv": "lav", "mk": "mkd", "ml": "mal", "mn": "mon", "mr": "mar",
    "ms": "msa", "mt": "mlt", "my": "mya", "ne": "nep", "nl": "nld", "no": "nor", "pa": "pan", "pl": "pol",
    "pt": "por", "ro": "ron", "ru": "rus", "si": "sin", "sk": "slk", "sl": "slv", "sq": "sqi", "sr": "srp",
    "sv": "swe", "sw": "swa", "ta": "tam", "te": "tel", "th": "tha", "tr": "tur", "uk": "ukr", "ur": "urd",
    "uz": "uzb", "vi": "vie", "zh": "chi_sim",
}  # fmt: skip


def is_installed() -> bool:
    """Whether it can be used here."""
    return shutil.which(_PROGRAM) is not None


def unread(languages: tuple[str, ...]) -> str:
    """Return why it cannot read one of ``languages``, and what to do; '' where it reads them all."""
    if not languages:
        return ""
    there = _packs()
    for name in languages:
        pack = _PACKS.get(name, name)
        if pack not in there:
            debian = f"tesseract-ocr-{pack.replace('_', '-')}"
            return f"tesseract has no language pack '{pack}' for '{name}': install it (on Debian: apt install {debian})"
    return ""


def words(picture: bytes, *, languages: tuple[str, ...], limit_s: float) -> list[SeenWord]:
    """Return the words of a picture (a PNG or JPEG file), line by line; none where it is blank.

    Without languages it reads by the packs that are installed, where they are few, else English. Raises DocumentError
    if it fails or takes longer than ``limit_s``.
    """
    packs = "+".join(_PACKS.get(name, name) for name in languages) or _usual_packs()
    arguments = ["stdin", "stdout", "-l", packs, "--psm", _COLUMNS_OF_TEXT, "tsv"]
    return seen_words(_run(arguments, picture, limit_s=limit_s))


def seen_words(table: str) -> list[SeenWord]:
    """Return the words of tesseract's TSV, in its order, without the rules of tables that it takes for letters."""
    rows = csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    seen = (_seen(row) for row in rows if row["level"] == _WORD and row["text"])
    return [word for word in seen if _LETTERS.search(word.text)]


def _seen(row: dict[str, str]) -> SeenWord:
    left, top, wide, high = (float(row[name]) for name in ("left", "top", "width", "height"))
    text = row["text"].strip(_RULES)
    return SeenWord(left, top, left + wide, top + high, text, max(float(row["conf"]), 0.0) / 100)


def _usual_packs() -> str:
    there = sorted(_packs())
    return "+".join(there) if 0 < len(there) <= _MOST_PACKS else "eng"


def forget() -> None:
    """Ask the program again which packs are installed."""
    _packs.cache_clear()


@lru_cache(maxsize=1)
def _packs() -> frozenset[str]:
    """Return the names of the packs that are installed."""
    told = _run(["--list-langs"], b"", limit_s=_START_S).splitlines()
    return frozenset(line.strip() for line in told[1:] if line.strip()) - _NO_LANGUAGE


def _run(arguments: list[str], data: bytes, *, limit_s: float) -> str:
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}  # more threads hinder each other, and documents run at once
    try:
        done = subprocess.run(  # noqa: S603 -- the program by its name, and no word of a document in the arguments
            [shutil.which(_PROGRAM) or _PROGRAM, *arguments], input=data, capture_output=True, timeout=limit_s,
            check=False, env=environment,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        hint = "leave the page out with --pages, or use --ocr never"
        raise DocumentError(f"tesseract takes longer than {limit_s:.0f} s for a page", hint=hint) from None
    except OSError as exc:
        raise DocumentError(f"tesseract cannot be started: {exc}") from None
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise DocumentError(f"tesseract fails: {told[-1] if told else f'it ends with {done.returncode}'}")
    return done.stdout.decode("utf-8", "replace")
