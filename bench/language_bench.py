"""How well, how fast and how heavy libraries tell the language of a sentence: the table of docs/decisions/.

    python bench/language_bench.py                 # those that are installed, each in a process of its own
    python bench/language_bench.py --one pycld2    # one, here

The sentences are in bench/language_sentences.yaml. A language counts as right by its ISO code; Norwegian is ``nb``.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import yaml

SENTENCES = Path(__file__).with_name("language_sentences.yaml")
TEN = frozenset({"en", "de", "fr", "es", "it", "pt", "nl", "zh", "ja", "ko"})
DECIMAL_POINT = frozenset({"en", "zh", "ja", "ko", "hi", "ar", "ms"})  # 1.234 is a fraction there
SAME = {"no": "nb", "zh-Hant": "zh", "wuu": "zh", "un": ""}
Detect = Callable[[str], str]


def llmx() -> Detect:
    from llmx.types.languages import languages_of

    return lambda text: next(iter(languages_of(text)), "")


def pycld2() -> Detect:
    from pycld2 import detect

    return lambda text: str(detect(text, isPlainText=True)[2][0][1])


def py3langid() -> Detect:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return lambda text: str(identifier.classify(text)[0])


def lingua(*, low: bool = False) -> Detect:
    from lingua import LanguageDetectorBuilder

    builder = LanguageDetectorBuilder.from_all_languages()
    detector = (builder.with_low_accuracy_mode() if low else builder).build()

    def detect(text: str) -> str:
        found = detector.detect_language_of(text)
        return "" if found is None else str(found.iso_code_639_1.name.lower())

    return detect


MAKERS: dict[str, tuple[str, Callable[[], Detect]]] = {
    "llmx": ("llmx", llmx),
    "pycld2": ("pycld2", pycld2),
    "py3langid": ("py3langid", py3langid),
    "lingua": ("lingua", lingua),
    "lingua, low accuracy": ("lingua", lambda: lingua(low=True)),
}


def measure(name: str) -> str:
    """Return the row of one library: measured in this process, which must have loaded none before."""
    sentences: dict[str, list[str]] = yaml.safe_load(SENTENCES.read_text("utf-8"))
    started = time.process_time()
    detect = MAKERS[name][1]()
    detect(sentences["en"][0])
    ready_ms = (time.process_time() - started) * 1000
    rows = [(language, detect(text)) for language, texts in sentences.items() for text in texts]
    started = time.process_time()
    for texts in sentences.values():
        for text in texts:
            detect(f"{text} ")
    call_us = (time.process_time() - started) * 1e6 / len(rows)
    guessed = [(language, SAME.get(said, said)) for language, said in rows]
    right = sum(language == said for language, said in guessed)
    ten = sum(language == said for language, said in guessed if language in TEN)
    marks = sum((language in DECIMAL_POINT) != (said in DECIMAL_POINT) for language, said in guessed if said)
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    shares = f"{right} of {len(rows)} | {ten} of 60 | {marks}"
    return f"| {name} | {shares} | {ready_ms:.0f} | {call_us:.0f} | {memory_mb:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare libraries that tell the language of a sentence.")
    parser.add_argument("--one", choices=MAKERS, help="measure one library in this process")
    given = parser.parse_args()
    if given.one:
        print(measure(given.one))
        return
    cost = "ready, CPU ms | a sentence, CPU µs | memory, MB"
    print(f"| library | right | of the ten languages | other decimal mark | {cost} |")
    print("| --- | --- | --- | ---: | ---: | ---: | ---: |", flush=True)
    for name, (module, _) in MAKERS.items():
        if importlib.util.find_spec(module) is None:
            print(f"| {name} | not installed | | | | | |", flush=True)
            continue
        subprocess.run([sys.executable, __file__, "--one", name], check=True)


if __name__ == "__main__":
    main()
