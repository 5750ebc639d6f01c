"""The options that say how files with pages are read, as ``llmx extract`` takes them."""

from __future__ import annotations

from typing import Annotated

from llmx.cli.panels import INPUT, option

Pages = Annotated[
    str | None,
    option("--pages", help="The pages that are read of each PDF, such as 1-3,7,last.", panel=INPUT,
           metavar="PAGES", default="all"),
]  # fmt: skip
Password = Annotated[
    str | None,
    option("--password", help="The password of encrypted PDFs. LLMX_PASSWORD keeps it off the command line.",
           panel=INPUT, metavar="TEXT", default="none"),
]  # fmt: skip
Ocr = Annotated[
    str | None,
    option("--ocr", help="Whether OCR reads pages: those that are pictures, none, or all: auto, never, always.",
           panel=INPUT, metavar="WHEN", default="auto"),
]  # fmt: skip
OcrEngine = Annotated[
    str | None,
    option("--ocr-engine", help="What reads pictures: rapidocr (the extra ocr) or the program tesseract.",
           panel=INPUT, metavar="NAME", default="auto: the first one that is installed"),
]  # fmt: skip
OcrLanguages = Annotated[
    str | None,
    option("--ocr-languages", help="The languages that OCR reads, such as de,en.", panel=INPUT, metavar="LANGUAGES",
           default="those that the engine has"),
]  # fmt: skip
Images = Annotated[
    str | None,
    option("--images", help="Which pages a model is shown as pictures: those without a text of their own, if it "
           "sees; none; or all: auto, never, always.", panel=INPUT, metavar="WHEN", default="auto"),
]  # fmt: skip
ImagePx = Annotated[
    int | None,
    option("--image-px", help="The longer side, in pixels, of a page that a model is shown.", panel=INPUT,
           metavar="N", default="1568"),
]  # fmt: skip
Layout = Annotated[
    str | None,
    option("--layout", help="How the words of a PDF's page become lines: text (cells of a row parted by tabs), "
           "markdown (by bars, each in its column; headings marked) or plain (as they stand on the page).",
           panel=INPUT, metavar="text|markdown|plain", default="text"),
]  # fmt: skip
