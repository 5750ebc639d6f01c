"""Reads one PDF in a process of its own: its bytes come on standard input, what they say goes to standard output."""

from __future__ import annotations

import pickle
import sys

from llmx.documents.converters.pdf import read_pdf
from llmx.errors import DocumentError


def main() -> None:
    """Read the file, name and options that ``pdf_limit.in_child`` sent, and answer."""
    data, name, options, scans = pickle.load(sys.stdin.buffer)  # noqa: S301 -- by our own code
    try:
        answer: object = read_pdf(data, name, options, scans=scans)
    except DocumentError as error:
        answer = error
    sys.stdout.buffer.write(pickle.dumps(answer))


if __name__ == "__main__":
    main()
