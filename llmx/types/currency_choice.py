"""Which of several currencies is meant: by a mark on the other side of the number, the locale, the words around.

What a mark may mean is ``currency.py``'s.
"""

from __future__ import annotations

import re
from functools import partial

from llmx.facts import load_facts, one_of, pairs
from llmx.record import Issue
from llmx.types.currency import Mark, currency_codes, tender_of, tender_of_language
from llmx.types.languages import languages_of
from llmx.types.patterns import LazyPattern
from llmx.types.reading import shorten

_facts = partial(load_facts, "types", "currency_words")
_HAN = LazyPattern(r"[\u3400-\u9fff]")
_HAN_CHARS, _FEWEST_HAN = 500, 12
_SCALED_CODE = LazyPattern(
    lambda: (
        rf"(?<![^\W_])(?P<prefix>{'|'.join(pairs(_facts()['code_prefixes']))})(?P<code>{'|'.join(sorted(currency_codes()))})"
        rf"[ \u00a0]?\Z"
    )
)
_RUPEES = LazyPattern(lambda: rf"\b{one_of(_facts()['rupee_magnitudes'])}\b", re.IGNORECASE)


def scaled_code(text: str, start: int, floor: int) -> tuple[Mark, int] | None:
    """Return a currency with its magnitude right before a number, with the power of ten: TEUR 500."""
    if not "A" <= text[max(0, start - 2) : start].strip(" \u00a0")[-1:] <= "Z":
        return None  # most numbers
    found = _SCALED_CODE.search(text, max(floor, start - 8), start)
    if found is None:
        return None
    power = int(pairs(_facts()["code_prefixes"])[found["prefix"]])
    return Mark((found["code"],), "sure", found.start(), found.end("code")), power


def marks_agree(before: Mark | None, after: Mark | None) -> bool:
    """Return whether the marks before and behind a number may mean one currency."""
    return before is not None and after is not None and bool(set(before.codes) & set(after.codes))


def choose_mark(before: Mark | None, after: Mark | None) -> Mark | None:
    """Return the mark that decides: the surer one where both agree, else the one before."""
    if before is None or after is None:
        return before or after
    if marks_agree(before, after) and before.kind != "sure":
        return after
    return before


def resolve_mark(mark: Mark, text: str, locale: str | None, *, words: str) -> tuple[tuple[str, ...], str]:
    """Let the locale's country or language decide between the currencies of a sign, as ¥ is CNY in Chinese.

    Crores and lakhs are rupees of India. What a dollar is in a text without a country stays an assumption.
    """
    if mark.kind == "sure":
        return mark.codes, mark.kind
    language, _, territory = (locale or "").replace("-", "_").partition("_")
    languages = (language,) if language else _languages_of_yen(text) if "JPY" in mark.codes else ()
    homes = [tender_of(territory.upper()), *(tender_of_language(known) for known in languages)]
    if _RUPEES.search(words):
        homes.append("INR")
    for home in homes:
        if home in mark.codes:
            return (home,), "sure"
    return mark.codes, mark.kind


def _languages_of_yen(text: str) -> tuple[str, ...]:
    """Return the languages of a text with a ¥; a few Han letters without kana may be either of both."""
    languages = languages_of(text)
    return () if languages[:1] == ("zh",) and len(_HAN.findall(text[:_HAN_CHARS])) < _FEWEST_HAN else languages


def currency_remark(words: str, codes: tuple[str, ...], kind: str) -> Issue:
    """Return the issue that says why the currency of ``words`` is not sure."""
    if kind == "assumed":
        return Issue("assumed_currency", "", f"{shorten(words)!r} does not say which currency; {codes[0]} is assumed")
    return Issue("ambiguous_currency", "", f"the currency of {shorten(words)!r} may be {', '.join(codes)}")
