"""Converters: file formats that are not plain text, one module each, found by the kind of a file.

A converter turns the bytes of one file into a text and, if the file states it, a date; what else is in the file (the
attachments of a mail) becomes documents of their own. To add a format, write a module with a function ``convert`` and
name it in ``CONVERTERS``; docs/extending/converter.md walks through it. A module is imported when the first file of its
format comes, so its libraries cost nothing before.
"""

from __future__ import annotations

from dataclasses import field
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TypedDict, cast

from llmx.dataclass import dataclass
from llmx.documents.dates import DocumentDate
from llmx.documents.kind import Kind
from llmx.errors import DocumentError, UsageError
from llmx.record import Issue

if TYPE_CHECKING:
    from llmx.documents.cells import Cells
    from llmx.documents.elements import Elements
    from llmx.documents.pages import Pages


@dataclass(frozen=True, slots=True)
class Converter:
    """The module that converts files of a kind, and the extra of llmx that it needs; '' where it needs none."""

    module: str
    extra: str = ""


CONVERTERS = {
    "html": Converter("llmx.documents.converters.html"),
    "docx": Converter("llmx.documents.converters.docx"),
    "xlsx": Converter("llmx.documents.converters.xlsx"),
    "pptx": Converter("llmx.documents.converters.pptx"),
    "odt": Converter("llmx.documents.converters.odf"),
    "ods": Converter("llmx.documents.converters.odf"),
    "odp": Converter("llmx.documents.converters.odf"),
    "epub": Converter("llmx.documents.converters.epub"),
    "rtf": Converter("llmx.documents.converters.rtf"),
    "xls": Converter("llmx.documents.converters.xls", "files"),
    "xlsb": Converter("llmx.documents.converters.xls", "files"),
    "msg": Converter("llmx.documents.converters.msg", "files"),
    "eml": Converter("llmx.documents.converters.mail"),
    "xml": Converter("llmx.documents.converters.xml"),
    "pdf": Converter("llmx.documents.converters.pdf"),
    "png": Converter("llmx.documents.converters.picture", "images"),
    "jpeg": Converter("llmx.documents.converters.picture", "images"),
    "tiff": Converter("llmx.documents.converters.picture", "images"),
    "webp": Converter("llmx.documents.converters.picture", "images"),
    "bmp": Converter("llmx.documents.converters.picture", "images"),
}
"""The converter of each kind of file that has one, by the kind's name."""


@dataclass(frozen=True, slots=True)
class ConvertOptions:
    """How the user wants files to be read. ``encoding`` is the one that he named.

    ``password`` opens what is encrypted; ``pages`` are the pages that are read of a file that has some, such as
    '1-3,last', None for all. ``limit_s`` is how long a file may take whose library cannot be interrupted.
    ``ocr`` says whether pictures of text are read: 'auto' where a page has no other text, 'never', or 'always';
    ``ocr_engine`` by what, and ``ocr_languages`` in which, such as 'de,en' ('' for those that the engine has).
    ``layout`` says how the words of a page become lines: 'text', 'markdown', or 'plain'.
    """

    encoding: str | None = None
    password: str | None = field(default=None, repr=False)
    pages: str | None = None
    limit_s: float = 60.0
    ocr: str = "auto"
    ocr_engine: str = "auto"
    ocr_languages: str = ""
    layout: str = "text"

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that OCR is told, each once."""
        named = (name.strip().replace("-", "_").lower() for name in self.ocr_languages.replace("+", ",").split(","))
        return tuple(dict.fromkeys(filter(None, named)))


class FileOptions(TypedDict, total=False):
    """The members of ``ConvertOptions`` that ``read_documents`` takes by name."""

    password: str | None
    pages: str | None
    limit_s: float
    ocr: str
    ocr_engine: str
    ocr_languages: str
    layout: str


OCR = ("auto", "never", "always")
"""The choices of ``ConvertOptions.ocr``."""


def check_ocr(options: ConvertOptions) -> None:
    """Raise UsageError if ``options`` do not say when OCR is wanted, or want what is not here."""
    if options.ocr not in OCR:
        raise UsageError(f"--ocr: '{options.ocr}' is none of {', '.join(OCR)}")
    if options.ocr_engine != "auto" or options.ocr_languages:
        from llmx.documents.converters.ocr import check_engine  # noqa: PLC0415 -- it may start a program

        check_engine(options)


LAYOUTS = ("text", "markdown", "plain")
"""The choices of ``ConvertOptions.layout``."""


def check_layout(choice: str) -> None:
    """Raise UsageError if ``choice`` names no layout."""
    if choice not in LAYOUTS:
        raise UsageError(f"--layout: '{choice}' is none of {', '.join(LAYOUTS)}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside a file: its name there, and its bytes. It is read as a document of its own."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Converted:
    """What a converter makes of a file: the text that proofs point into, and the date that the file states.

    ``pages`` says where the words stand, for files that have pages; ``issues`` what of the file could not be read well.
    ``cells`` says where the cells stand, for workbooks, ``elements`` in which elements the words stand, for HTML.
    ``left_out`` names each part that is no document and is not read, in a word or two: the run counts them.
    """

    text: str
    date: DocumentDate = field(default_factory=DocumentDate)
    attachments: tuple[Attachment, ...] = ()
    pages: Pages | None = None
    issues: tuple[Issue, ...] = ()
    left_out: tuple[str, ...] = ()
    cells: Cells | None = None
    elements: Elements | None = None


class Convert(Protocol):
    """What the function ``convert`` of a converter's module takes and returns."""

    def __call__(self, data: bytes, name: str, options: ConvertOptions) -> Converted:
        """Return the text of the file ``name`` with the bytes ``data``.

        Raises DocumentError, with the file's name and a hint, if the bytes are damaged or hold no text.
        """
        ...


def converter_for(kind: Kind, name: str) -> Convert:
    """Return the converter of files of ``kind``. ``name`` is the file's, for messages.

    Raises DocumentError if llmx does not read that kind, or if a library that the converter needs is not installed.
    """
    entry = CONVERTERS.get(kind.name)
    if entry is None:
        raise DocumentError(f"{name} is {kind.label}, which llmx does not read", hint=kind.advice)
    try:
        return cast("Convert", import_module(entry.module).convert)
    except ImportError as exc:
        extra = f'pip install "llmx-extract[{entry.extra}]"' if entry.extra else "install the package that is missing"
        hint = f"{extra}; or {kind.advice}" if kind.advice else extra
        raise DocumentError(f"{name} is {kind.label}, which cannot be read here: {exc}", hint=hint) from exc
