"""What is filled into a PDF's forms and written on its pages: field values, ticks, and the comments of readers.

pdfium draws fields and text boxes into the page itself, so that their letters are letters of the page. A tick that is
drawn with lines, and a comment that opens when it is clicked, have no letters there; they are words of their own, in
the box of the field or of the mark.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pypdfium2.raw as pdfium

from llmx.documents.converters.pdf_words import PdfWord, ToShown, shown_by
from llmx.documents.pages import NO_INDEX

TICKED, NOT_TICKED = "☒", "☐"
"""How a box or a button that is ticked, or is not, stands in a text."""

_DRAWN_TEXT = frozenset({pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP})
_NOTES = frozenset({
    pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_HIGHLIGHT, pdfium.FPDF_ANNOT_UNDERLINE, pdfium.FPDF_ANNOT_SQUIGGLY,
    pdfium.FPDF_ANNOT_STRIKEOUT, pdfium.FPDF_ANNOT_CARET, pdfium.FPDF_ANNOT_SQUARE, pdfium.FPDF_ANNOT_CIRCLE,
    pdfium.FPDF_ANNOT_LINE, pdfium.FPDF_ANNOT_POLYGON, pdfium.FPDF_ANNOT_POLYLINE, pdfium.FPDF_ANNOT_INK,
})  # fmt: skip
_BUTTONS = frozenset({pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON})
_WRITTEN = frozenset({pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX})
_UNSEEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_MOST_ANNOTATIONS = 2_000
_DRAWS_TEXT = re.compile("T[jJ]|Do|['\"]")  # the operators that show letters, or draw what may show some
_MOST_UNREAD = 1_000  # characters of the drawing of a field; a longer one may show letters
_MOST_NOTE_CHARS = 10_000
_MOST_TICKS = 500  # of a page: each is compared with every word
_REACH = 5.0  # heights of a box, from it to the words that name it
_BEFORE = 1.5  # those at its right are its name rather than those at its left


@dataclass(slots=True)
class Annotations:
    """What stands on a page besides its own text.

    ``has_drawn_text`` says that fields or text boxes show letters, ``ticks`` are the boxes and buttons of its forms
    that show none, ``notes`` the comments of readers, word by word.
    """

    has_drawn_text: bool = False
    ticks: list[PdfWord] = field(default_factory=list)
    notes: list[Sequence[PdfWord]] = field(default_factory=list)


def annotations_of(page: pdfium.FPDF_PAGE, form: pdfium.FPDF_FORMHANDLE | None) -> Annotations:
    """Return what stands on ``page`` besides its own text; ``form`` are the document's forms, if it has any."""
    found = Annotations()
    count = min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_ANNOTATIONS)
    if count <= 0:
        return found
    to_shown = shown_by(page)
    for number in range(count):
        annotation = pdfium.FPDFPage_GetAnnot(page, number)
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        if kind in _DRAWN_TEXT:
            shows_text = _shows_text(annotation)
            found.has_drawn_text |= shows_text
            if not shows_text and form is not None and kind == pdfium.FPDF_ANNOT_WIDGET:
                found.ticks += _tick(annotation, form, to_shown)
            elif kind == pdfium.FPDF_ANNOT_FREETEXT and not _size(pdfium.FPDFAnnot_GetAP, annotation, 0):
                found.notes += _note(annotation, to_shown)
        elif kind in _NOTES:
            found.notes += _note(annotation, to_shown)
        pdfium.FPDFPage_CloseAnnot(annotation)
    return found


def needs_drawing(page: pdfium.FPDF_PAGE, form: pdfium.FPDF_FORMHANDLE) -> bool:
    """Whether a field of ``page`` has a value that its appearance does not show, or is not listed among the fields.

    Only then does pdfium look at the fields and draw them: in damaged files that may take very long.
    """
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, number)
        is_field = pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_WIDGET
        found = is_field and _is_undrawn(annotation, form)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if found:
            return True
    return False


def _is_undrawn(field: pdfium.FPDF_ANNOTATION, form: pdfium.FPDF_FORMHANDLE) -> bool:
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, field)
    if kind <= pdfium.FPDF_FORMFIELD_UNKNOWN:
        return True
    if kind not in _WRITTEN or _shows_text(field):
        return False
    return _size(pdfium.FPDFAnnot_GetFormFieldValue, form, field) > 0


def with_ticks(words: list[PdfWord], ticks: Sequence[PdfWord]) -> list[PdfWord]:
    """Return the words of a page with its ``ticks``, each beside the nearest word on its line, which names it."""
    beside: dict[int, list[PdfWord]] = {}
    for tick in ticks[:_MOST_TICKS]:
        middle, reach = (tick.y0 + tick.y1) / 2, _REACH * (tick.y1 - tick.y0)
        near = [
            (word.x0 - tick.x1 if word.x0 > tick.x0 else _BEFORE * (tick.x0 - word.x1), number)
            for number, word in enumerate(words)
            if word.y0 < middle < word.y1 and -reach < word.x1 - tick.x0 and word.x0 - tick.x1 < reach
        ]
        if near:
            number = min(near)[1]
            beside.setdefault(number + (words[number].x0 < tick.x0), []).append(tick)
        else:
            beside.setdefault(len(words), []).append(tick)
    found: list[PdfWord] = []
    for number in range(len(words) + 1):
        found += beside.get(number, ())
        found += words[number : number + 1]
    return found


def draw_text(page: pdfium.FPDF_PAGE) -> bool:
    """Draw fields and text boxes into ``page`` itself; return whether that could be done."""
    return bool(pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS)


def _size(function: Callable[..., int], *arguments: object) -> int:
    """Return how many characters a text has, which pdfium counts in bytes with a zero at the end."""
    return max(int(function(*arguments, None, 0)) - 2, 0) // 2


def _shows_text(annotation: pdfium.FPDF_ANNOTATION) -> bool:
    """Whether the appearance of ``annotation`` may draw letters: that of an empty field does not.

    A page is parsed twice where one does, which takes as long as all the rest.
    """
    drawing = (ctypes.c_ushort * _MOST_UNREAD)()
    size = pdfium.FPDFAnnot_GetAP(annotation, pdfium.FPDF_ANNOT_APPEARANCEMODE_NORMAL, drawing, 2 * _MOST_UNREAD)
    if size > 2 * _MOST_UNREAD:
        return True
    return bool(_DRAWS_TEXT.search(bytes(drawing)[:size].decode("utf-16-le", "replace")))


def _tick(annotation: pdfium.FPDF_ANNOTATION, form: pdfium.FPDF_FORMHANDLE, to_shown: ToShown) -> list[PdfWord]:
    """Return the sign for a box or a button whose tick is drawn without letters; nothing for other fields."""
    if pdfium.FPDFAnnot_GetFormFieldType(form, annotation) not in _BUTTONS:
        return []
    return _placed(annotation, [TICKED if pdfium.FPDFAnnot_IsChecked(form, annotation) else NOT_TICKED], to_shown)


def _note(annotation: pdfium.FPDF_ANNOTATION, to_shown: ToShown) -> list[Sequence[PdfWord]]:
    size = _size(pdfium.FPDFAnnot_GetStringValue, annotation, b"Contents")
    if not 0 < size <= _MOST_NOTE_CHARS:
        return []
    letters = (ctypes.c_ushort * (size + 1))()
    pdfium.FPDFAnnot_GetStringValue(annotation, b"Contents", letters, 2 * (size + 1))
    words = bytes(letters)[: 2 * size].decode("utf-16-le", "replace").replace("\0", " ").split()
    placed = _placed(annotation, words, to_shown)
    return [placed] if placed else []


def _placed(annotation: pdfium.FPDF_ANNOTATION, texts: Sequence[str], to_shown: ToShown) -> list[PdfWord]:
    """Return words in the box of ``annotation``, none if no reader sees it."""
    rect = pdfium.FS_RECTF()
    if pdfium.FPDFAnnot_GetFlags(annotation) & _UNSEEN or not pdfium.FPDFAnnot_GetRect(annotation, rect):
        return []
    box = to_shown(rect.left, rect.top, rect.right, rect.bottom)
    return [PdfWord(*box, text, NO_INDEX) for text in texts] if box[2] > box[0] and box[3] > box[1] else []
