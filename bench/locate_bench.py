"""How fast quotes are located, and how many: llmx, rapidfuzz's partial_ratio_alignment, langextract's WordAligner.

Fifty quotes of twelve words in texts of growing size, exact and edited (a letter swapped in one word, another word left
out), and as many quotes that are not in the text at all. All run in one process, one after the other; CPU seconds, the
median of three runs (of one where a run takes ten). langextract is measured only if it is installed. Prints a Markdown
table; with --json the rows.

    python bench/locate_bench.py [--kb 10 100 1000] [--json]

With --slips, how many quotes with one slip (a letter misread, swapped or lost, a word dropped, accents) are found where
they stand, and how many with a changed digit or of another text are found though they must not be: in generated texts,
or in those of a folder. --tree takes llmx from another folder, to compare.

    python bench/locate_bench.py --slips [--texts FOLDER] [--tree FOLDER]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

QUOTES, WORDS = 50, 12
NEAR_CHARS = 10  # a place this close to the quote's own counts as found
FALSE_SCORE = 80.0  # of 100: what a user of partial_ratio_alignment would take for found
CONTENT = """
account advice agent arrival balance barge berth bill board cable capacity cargo carrier chain charge clause coast
column contract copy counter cover crane credit crew custom deck delay delivery depot dispute district dock draft duty
engine entry estimate export ferry figure fleet freight fuel gear goods grade guide harbour hatch hull index inlet
inspection interest item journal keel label lease ledger letter licence load lock manifest margin master matter
measure meeting method minute mooring night officer order owner package paint paper parcel partner payment permit pier
pilot plant plate port price pump quarter quay rate receipt record remark repair reply report request reserve rope
route safety sample schedule season section service share shed ship signal slip staff station steel storage supply
surface survey system tanker tariff tender terminal ticket tide timber trade transit value vessel voyage wage
warehouse
"""
VERBS = """was moved to|was checked against|arrived before|had been agreed with|was noted beside|replaced|followed"""

Aligner = Callable[[str, Sequence[str]], list[int | None]]


@dataclass(frozen=True, slots=True)
class Quote:
    words: str
    start: int


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    kb: int
    quotes: str
    seconds: float
    found: int
    false: int  # of the quotes of another text; -1 where that was not measured


def corpus(chars: int, seed: int) -> str:
    draw, out, length = random.Random(seed), list[str](), 0
    nouns, verbs = CONTENT.split(), VERBS.split("|")
    while length < chars:
        a, b, c, d = draw.choices(nouns, k=4)
        out.append(f"The {a} {b} {draw.choice(verbs)} the {c} {d} in lot {draw.randint(1000, 9999)}. ")
        length += len(out[-1])
    return "".join(out)[:chars].rsplit(" ", 1)[0]


def quotes(text: str, *, edited: bool, seed: int = 5) -> list[Quote]:
    draw, words = random.Random(seed), text.split(" ")
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word) + 1)
    out: list[Quote] = []
    while len(out) < QUOTES:
        k = draw.randrange(len(words) - WORDS)
        if text.count(" ".join(words[k : k + WORDS])) == 1:
            chosen = words[k : k + WORDS]
            out.append(Quote(" ".join(_edited(chosen, draw) if edited else chosen), starts[k]))
    return out


def _edited(words: list[str], draw: random.Random) -> list[str]:
    """Swap two letters of a word and leave another out; numbers stay, for another number is another fact."""
    plain = [i for i, word in enumerate(words) if word.isalpha() and len(word) > 3]
    swapped, dropped = draw.sample(plain, 2)
    word = words[swapped]
    return [word[:1] + word[2] + word[1] + word[3:] if i == swapped else w for i, w in enumerate(words) if i != dropped]


def llmx(text: str, wanted: Sequence[str]) -> list[int | None]:
    from llmx.locating import TextIndex

    index = TextIndex(text)
    matches = [index.locate(quote) for quote in wanted]
    return [match.span.start if match else None for match in matches]


def rapidfuzz(text: str, wanted: Sequence[str]) -> list[int | None]:
    from rapidfuzz.fuzz import partial_ratio_alignment

    found = [partial_ratio_alignment(quote, text, score_cutoff=FALSE_SCORE) for quote in wanted]
    return [place.dest_start if place else None for place in found]


def str_find(text: str, wanted: Sequence[str]) -> list[int | None]:
    places = [text.find(quote) for quote in wanted]
    return [place if place >= 0 else None for place in places]


def langextract(text: str, wanted: Sequence[str]) -> list[int | None]:
    from langextract import data
    from langextract.resolver import WordAligner

    extractions = [data.Extraction(extraction_class="quote", extraction_text=quote) for quote in wanted]
    WordAligner().align_extractions([extractions], text)
    return [item.char_interval.start_pos if item.char_interval else None for item in extractions]


def measure(align: Aligner, text: str, wanted: Sequence[Quote]) -> tuple[float, int]:
    """Return the CPU seconds for all quotes, and how many were found where they are."""
    words = [quote.words for quote in wanted]
    times: list[float] = []
    got: list[int | None] = []
    while len(times) < 3 and sum(times) < 10:
        started = time.process_time()
        got = align(text, words)
        times.append(time.process_time() - started)
    found = sum(place is not None and abs(place - q.start) <= NEAR_CHARS for place, q in zip(got, wanted, strict=True))
    return statistics.median(times), found


def rows(sizes_kb: Sequence[int]) -> list[Row]:
    aligners: dict[str, Aligner] = {"llmx": llmx, "rapidfuzz partial_ratio_alignment": rapidfuzz, "str.find": str_find}
    if importlib.util.find_spec("langextract"):
        logging.disable(logging.CRITICAL)
        aligners["langextract"] = langextract
    out = []
    for kb in sizes_kb:
        text, other = corpus(kb * 1000, seed=kb), corpus(kb * 1000, seed=kb + 1)
        for edited in (False, True):
            wanted, foreign = quotes(text, edited=edited), quotes(other, edited=edited)
            for name, align in aligners.items():
                seconds, found = measure(align, text, wanted)
                strange = [quote.words for quote in foreign if quote.words not in text] if seconds < 10 else []
                false = sum(place is not None for place in align(text, strange)) if strange else -1
                out.append(Row(name, kb, "edited" if edited else "exact", round(seconds, 4), found, false))
                print(out[-1], file=sys.stderr, flush=True)
    return out


def slips(folder: Path | None) -> None:
    """Print how many quotes with one slip are found, in percent."""
    from bench.locate_slips import rows as slip_rows
    from llmx.locating import TextIndex

    files = sorted(folder.rglob("*.txt")) if folder else []
    texts = [file.read_text("utf-8") for file in files] or [corpus(8000, seed=seed) for seed in range(20)]
    print("| quotes | slip | in the | found | of |")
    print("| --- | --- | --- | ---: | ---: |")
    for row in slip_rows(texts, TextIndex):
        share = f"{100 * row.found / row.quotes:.1f} %" if row.quotes else ""
        print(f"| {row.kind} | {row.edit} | {row.side} | {share} | {row.quotes} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kb", type=int, nargs="+", default=[10, 100, 1000], help="sizes of the texts in kB")
    parser.add_argument("--json", action="store_true", help="print rows as JSON")
    parser.add_argument("--slips", action="store_true", help="measure what is found of quotes with one slip")
    parser.add_argument("--texts", type=Path, help="with --slips: the texts (*.txt) of this folder")
    parser.add_argument("--tree", type=Path, help="take llmx from this folder")
    options = parser.parse_args()
    if options.tree:
        sys.path.insert(0, str(options.tree))
    if options.slips:
        slips(options.texts)
        return
    table = rows(options.kb)
    if options.json:
        print(json.dumps([asdict(row) for row in table]))
        return
    print(f"| {QUOTES} quotes | text | how | seconds | found | found though not there |")
    print("| --- | ---: | --- | ---: | ---: | ---: |")
    for row in table:
        false = "not measured" if row.false < 0 else row.false
        print(f"| {row.quotes} | {row.kb} kB | {row.what} | {row.seconds:.4f} | {row.found} | {false} |")


if __name__ == "__main__":
    main()
