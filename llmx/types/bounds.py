"""Words that say a number is not exact: nearly, over, up to, rund, plus de, casi, 近, 超过, 余, 약, 이상.

They are told as remarks beside a value and never change it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from llmx.types.patterns import LazyPattern
from llmx.types.reading import Remark

_BEFORE = {
    "approximate": "about|around|nearly|almost|approximately|approx|approx.|some|roughly|circa|ca|ca.|close to|c.|"
    "near|"
    "environ|près de|presque|quelque|autour de|à peu près|rund|etwa|ungefähr|fast|knapp|beinahe|nahezu|zirka|"
    "cerca de|casi|alrededor de|aproximadamente|unos|unas|en torno a|quase|perto de|cerca|aproximadamente|em torno de|"
    "circa|quasi|intorno a|all'incirca|pressoché|bijna|ongeveer|zo'n|rond|een kleine|近|约|約|大约|大約|将近|將近|接近|"
    "大概|およそ|ほぼ|약|거의|대략",
    "lower_bound": "over|more than|above|exceeding|exceeds|exceeded|at least|upwards of|surpassing|no less than|"
    "not less than|beyond|plus de|plus d|au moins|dépassant|supérieur à|au-delà de|mehr als|über|mindestens|"
    "más de|al menos|por lo menos|superior a|superior a los|mais de|pelo menos|acima de|ao menos|oltre|più di|almeno|"
    "superiore a|meer dan|ruim|minstens|ten minste|超过|超過|超|逾|至少|不少于|不低于|多达|突破|達|达|最低|"
    "少なくとも|최소|적어도",
    "upper_bound": "up to|at most|less than|under|below|fewer than|no more than|maximum|max|max.|jusqu'à|au plus|"
    "moins de|moins d|bis zu|höchstens|weniger als|unter|maximal|hasta|como máximo|menos de|até|no máximo|fino a|"
    "al massimo|meno di|tot|hoogstens|minder dan|maximaal|不超过|不到|最多|至多|最大|最高|未满|최대|미만",
}
_AFTER = LazyPattern(
    r"[명개대곳건社家名人个個台辆輛件所座种種]?\s?(?:"
    r"(?P<lower_bound>\+|(?:plus|or more|ou plus|o más|ou mais|o più|oder mehr|of meer)\b|"
    r"以上|余|餘|多|强|強|超|이상|여)"
    r"|(?P<approximate>左右|前後|前后|程度|上下|ほど|くらい|정도|가량|odd\b)"
    r"|(?P<upper_bound>以下|以内|以內|未満|이하|미만|이내))",
    re.IGNORECASE,
)
_MESSAGES = {
    "approximate": "the words say about this much",
    "lower_bound": "the words say at least or more than this",
    "upper_bound": "the words say at most or less than this",
}
_TRIM = " \u00a0\n$€£¥￥₩₹（(+~"
_CURRENCY = ("us", "hk", "rmb", "usd", "eur", "cny", "r")


@lru_cache(maxsize=1)
def _phrases() -> tuple[dict[str, str], dict[str, str]]:
    """Return the words of spaced scripts and of CJK, each with its remark."""
    spaced: dict[str, str] = {}
    cjk: dict[str, str] = {}
    for code, words in _BEFORE.items():
        for word in words.split("|"):
            (cjk if ord(word[0]) > 0x2E7F else spaced)[word] = code
    return spaced, cjk


def bounds_around(text: str, start: int, end: int) -> tuple[Remark, ...]:
    """Return what the words right before ``start`` and right behind ``end`` say about the exactness of a number."""
    codes: list[str] = []
    head = text[max(0, start - 26) : start].casefold()
    code = _before(head)
    if code:
        codes.append(code)
    elif head.rstrip().endswith(("~", "≈", "±")):
        codes.append("approximate")
    elif head.rstrip().endswith((">", "≥")):
        codes.append("lower_bound")
    elif head.rstrip().endswith(("<", "≤")):
        codes.append("upper_bound")
    found = _AFTER.match(text, end)
    if found is not None and found.lastgroup and found.lastgroup not in codes:
        codes.append(found.lastgroup)
    return tuple(Remark(code, _MESSAGES[code]) for code in codes)


def _before(head: str) -> str | None:
    spaced, cjk = _phrases()
    head = head.rstrip(_TRIM)
    for length in (3, 2, 1):
        code = cjk.get(head[-length:])
        if code:
            return code
    words = head.replace("’", "'").split()
    if words and words[-1] in _CURRENCY:
        words.pop()
    for count in (3, 2, 1):
        code = spaced.get(" ".join(words[-count:]))
        if code:
            return code
    if words and "'" in words[-1]:  # plus d'un million
        return spaced.get(" ".join([*words[-2:-1], words[-1].split("'")[0]]))
    return None
