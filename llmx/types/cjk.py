"""Chinese, Japanese and Korean numerals: 三百二十万, 3億5000万, 二〇二四, 5천만, 삼백만.

Only the value of a run of numerals is computed here; where such a run is a number at all in running text
(三家 yes, 三菱 no) is decided here as well, because it hangs on the letters around. The scanner is ``number.py``'s.
"""

from __future__ import annotations

from decimal import Decimal

from llmx.types.digits import Real

_DIGITS = {c: v for v, cs in enumerate(("〇零", "一壹壱", "二贰貳弐两兩", "三叁參参", "四肆", "五伍", "六陆陸",
           "七柒漆",
                                        "八捌", "九玖")) for c in cs}  # fmt: skip
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "廿": 20}
_LARGE = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12}
_KO_DIGITS = dict(zip("영일이삼사오육칠팔구", range(10), strict=True))
_KO_UNITS = {"십": 10, "백": 100, "천": 1000, "만": 10**4, "억": 10**8, "조": 10**12}
#: What a letter multiplies by, both scripts together.
MAGNITUDES = {k: v for k, v in (_SMALL | _LARGE | _KO_UNITS).items() if k != "廿"}

HAN = "".join(_DIGITS) + "".join(_SMALL) + "".join(_LARGE)
HANGUL = "".join(_KO_DIGITS) + "".join(_KO_UNITS)

# A single numeral counts as a number only before a measure word, or between letters of another script.
_MEASURES = frozenset(
    "个個個家名人位年月日天台辆輛项項款座所种種次倍条條件套国國省市期元円圆圓块社つ店か箇ヶケカ者本棟拠%％成股亩公"
    "吨噸米平立升只隻艘架部门門处處场場届屆岁歳歲周週季层層级級间間校院支张張份轮輪大方星层点點分秒時时小"
)
_KO_MEASURES = frozenset("원명대개년월일달곳건배세종회차호주척기평톤만억조천여퍼%")
# Words that begin with numerals and say no number.
_NOT_NUMBERS = ("千万不", "千万别", "万一", "万科", "万达", "万国", "万向", "万事", "万维", "百度", "百货", "百年",
                "百家号",
                "百姓", "百胜", "百货", "千里", "千代田", "千葉", "千叶", "三菱", "三星", "三井", "三一重", "三洋",
                "三越",
                "五十铃", "五十鈴", "五菱", "四川", "四日市", "九州", "八王子", "八戸", "七国", "一汽", "一部", "一方",
                "一般", "一定", "一些", "一样", "一緒", "一直", "一致", "一起", "一体", "一带", "一日千", "十分",
                "二手",
                "二维", "二氧", "三亚", "三重", "百分", "兆丰", "京东", "京都", "京畿", "亿纬", "亿咖", "零部",
                "零售", "零件",
                "零碳", "零排", "六合", "六本木", "五洲", "五金", "九龙", "九江", "万宝", "万泰", "万华",
                "万年")  # fmt: skip


def han_value(run: str) -> Real | None:
    """Return the value of a run of Han numerals, None where they form none.

    >>> han_value("三百二十万"), han_value("二〇二四")
    (3200000, 2024)
    """
    if all(letter in _DIGITS for letter in run):
        return int("".join(str(_DIGITS[letter]) for letter in run))
    return _positional(run, _DIGITS, _SMALL | _LARGE)


def hangul_value(run: str) -> Real | None:
    """Return the value of a run of Sino-Korean numerals, None where they form none."""
    if all(letter in _KO_DIGITS for letter in run):
        return None  # 이일 and the like are words, not numbers
    return _positional(run, _KO_DIGITS, _KO_UNITS)


def _positional(run: str, digits: dict[str, int], units: dict[str, int]) -> Real | None:
    total = section = 0
    digit: int | None = None
    for letter in run:
        if letter in digits:
            if digit:
                return None  # two digits in a row, with units elsewhere: no numeral
            digit = digits[letter]
            continue
        worth = units[letter]
        if worth == 20:
            section += 20
        elif worth >= 10**4:
            section += digit or 0
            total += (section or (1 if total == 0 else 0)) * worth
            section = 0
        else:
            section += (1 if digit is None else digit) * worth
        digit = None
    return total + section + (digit or 0)


def scaled(letters: str) -> Decimal | int:
    """Return what a run of magnitude letters behind digits multiplies by: 千万 and 천만 are ten million."""
    worth = 1
    for letter in letters:
        worth *= MAGNITUDES[letter]
    return worth


def is_number(run: str, before: str, after: str) -> bool:
    """Whether a run of Han numerals between the letters ``before`` and ``after`` is a number in running text.

    ``before`` is the letter before ('' at the start), ``after`` up to three letters behind the run.
    """
    whole = run + after
    if before == "第" or any(whole.startswith(word) for word in _NOT_NUMBERS):
        return False
    if before and after and before in "统統唯专專万" and len(run) == 1:
        return False
    if len(run) == 2 and all(letter in _DIGITS for letter in run):
        return "〇" in run or "零" in run  # 五一 is a day, 三四 means some
    if len(run) > 1:
        return not all(letter in "千万百十亿億萬" for letter in run) or _counts(after)
    if run in "兆零〇百千":
        return False
    return _counts(after) or (not after.strip() and not before.strip())


def is_hangul_number(run: str, before: str, after: str) -> bool:
    """Whether a run of Sino-Korean numerals is a number: at least two letters, a measure behind, nothing before."""
    return len(run) > 1 and not before.isalpha() and (not after.strip() or after.lstrip()[:1] in _KO_MEASURES)


def _counts(after: str) -> bool:
    return after[:1] in _MEASURES if after else False
