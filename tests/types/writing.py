"""Numbers written as CLDR says they are in a locale: an oracle that shares no code with the readers.

The marks are babel's, the grouping is ours: babel 2.19 writes 1000000 in de_CH as 1000000 and the next thousand as
1000'000 alone, so its ``format_decimal`` is no oracle.
"""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import get_decimal_symbol, get_group_symbol

LOCALES = ["en", "de", "fr", "es", "pt", "it", "nl", "zh", "ja", "ko", "de_CH", "de_AT", "en_IN", "es_MX", "pt_PT", "fr_CH",
           "pl", "sv", "da", "tr"]  # fmt: skip
_LAKHS = frozenset({"en_IN", "hi"})


def written(value: int | Decimal, locale: str) -> str:
    """Return a number of zero or more with the marks and groups of ``locale``; decimals stay as many as there are."""
    whole, _, fraction = f"{value:f}".partition(".")
    size = 2 if locale in _LAKHS else 3
    groups = [whole[-3:]]
    whole = whole[:-3]
    while whole:
        groups.insert(0, whole[-size:])
        whole = whole[:-size]
    number = get_group_symbol(locale).join(groups)
    return number + (get_decimal_symbol(locale) + fraction if fraction else "")
