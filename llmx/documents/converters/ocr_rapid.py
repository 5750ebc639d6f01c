"""OCR by rapidocr (the extra ``ocr``): its models come in the wheel, and read Latin letters, Chinese and Japanese."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from llmx.documents.converters.ocr_word import SeenWord

DPI = 200
"""It makes pictures smaller than 2,000 pixels by itself: more dots cost time and tell it nothing."""

_MODULES = ("rapidocr", "onnxruntime")
# languages in letters that the models of the wheel know; those with other letters need models that are not in it
_READ = frozenset({
    "af", "ca", "cs", "cy", "da", "de", "en", "es", "et", "eu", "fi", "fr", "ga", "gl", "hr", "hu", "id", "is", "it",
    "ja", "la", "lb", "lt", "lv", "ms", "mt", "nl", "no", "pl", "pt", "ro", "sk", "sl", "sq", "sv", "sw", "tr", "zh",
})  # fmt: skip


def is_installed() -> bool:
    """Whether it can be used here."""
    return all(find_spec(name) is not None for name in _MODULES)


def unread(languages: tuple[str, ...]) -> str:
    """Return why it cannot read one of ``languages``, and what to do; '' where it reads them all."""
    other = [name for name in languages if name not in _READ]
    if not other:
        return ""
    return f"rapidocr reads Latin letters, Chinese and Japanese, and not '{other[0]}': install tesseract and its pack"


def words(picture: bytes, *, languages: tuple[str, ...], limit_s: float) -> list[SeenWord]:  # noqa: ARG001 -- other engines need them
    """Return the words of a picture (a PNG or JPEG file), line by line; none where it is blank.

    One model reads all languages, so that they need not be told. Its time is bounded by the size of the picture. Lines
    are not turned one by one: ``scan`` turns the page, so that its lines stay in their order.
    """
    found = _engine()(picture, return_word_box=True, use_cls=False)
    if not found.txts:
        return []
    seen = (word for line in found.word_results if not isinstance(line[0], str) for word in line if len(word) == 3)
    return [
        SeenWord(*_around(corners), text, float(confidence))
        for text, confidence, corners in seen
        if text.strip() and corners is not None
    ]


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR  # noqa: PLC0415 -- it loads for a second, and most files need no OCR

    return RapidOCR(params={"Global.log_level": "critical"})


def _around(corners: Any) -> tuple[float, float, float, float]:
    across, down = [float(x) for x, _ in corners], [float(y) for _, y in corners]
    return min(across), min(down), max(across), max(down)
