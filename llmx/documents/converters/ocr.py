"""Words read from pictures: by rapidocr, whose models come with it, or by tesseract where that program is installed.

Nothing is fetched, and nothing leaves the machine. Which engine reads is the user's choice, else what is installed and
reads his languages; how each is asked is in ``ocr_rapid`` and ``ocr_tesseract``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from llmx.documents.converters import ocr_rapid, ocr_tesseract
from llmx.documents.converters.ocr_word import SeenWord
from llmx.errors import UsageError

if TYPE_CHECKING:
    from llmx.documents.converters import ConvertOptions
    from llmx.record import Issue

INSTALL = 'pip install "llmx-extract[ocr]", or install the program tesseract'
"""What to do where no engine is installed."""


class OcrEngine(Protocol):
    """A module that reads pictures. ``DPI`` are the dots an inch at which it reads a page of common print best."""

    DPI: int

    def is_installed(self) -> bool:
        """Whether it can be used here."""
        ...

    def unread(self, languages: tuple[str, ...]) -> str:
        """Return why it cannot read one of ``languages``, and what to do; '' where it reads them all."""
        ...

    def words(self, picture: bytes, *, languages: tuple[str, ...], limit_s: float) -> list[SeenWord]:
        """Return the words of a picture (a PNG or JPEG file), line by line; none where it is blank.

        Raises DocumentError if it takes longer than ``limit_s``, where that can be told.
        """
        ...


ENGINES: dict[str, OcrEngine] = {"rapidocr": ocr_rapid, "tesseract": ocr_tesseract}
"""The engines by name, in the order in which 'auto' takes them."""


class Chosen(NamedTuple):
    """The engine that reads, its name, and the languages that it is told."""

    name: str
    engine: OcrEngine
    languages: tuple[str, ...]


def chosen(options: ConvertOptions) -> Chosen | None:
    """Return the engine that reads pictures as ``options`` want it, None where none is installed."""
    for name, engine in ENGINES.items():
        wanted = options.ocr_engine in ("auto", name)
        if wanted and engine.is_installed() and not engine.unread(options.languages):
            return Chosen(name, engine, options.languages)
    return None


_UNREAD = "or a model that sees (--images) can read"


def unread(options: ConvertOptions) -> str:
    """Return what to say of pictures that nobody has read."""
    ocr = "OCR" if options.ocr == "never" or chosen(options) is not None else f"OCR ({INSTALL})"
    return f"a picture, which only {ocr} {_UNREAD}"


def is_unread(issue: Issue) -> bool:
    """Whether ``issue`` says ``unread`` of pictures."""
    return issue.message.endswith(_UNREAD)


def check_engine(options: ConvertOptions) -> None:
    """Raise UsageError where the user names an engine that is not here, or languages that no engine here reads."""
    if options.ocr_engine != "auto" and options.ocr_engine not in ENGINES:
        raise UsageError(f"--ocr-engine: '{options.ocr_engine}' is none of auto, {', '.join(ENGINES)}")
    if options.ocr_engine == "auto" and not options.languages:
        return
    if options.ocr == "never":
        named = "--ocr-languages" if options.languages else "--ocr-engine"
        raise UsageError(f"{named} has no effect with --ocr never", hint="Leave one of them out.")
    if chosen(options) is not None:
        return
    named_engines = {name: each for name, each in ENGINES.items() if options.ocr_engine in ("auto", name)}
    here = {name: each for name, each in named_engines.items() if each.is_installed()}
    if not here:
        raise UsageError(f"--ocr: {' and '.join(named_engines)} not installed", hint=INSTALL)
    raise UsageError("; ".join(each.unread(options.languages) for each in here.values()))
