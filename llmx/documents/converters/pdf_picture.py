"""Pictures of a PDF's pages, as a reader sees them: PNG files, made by pdfium."""

from __future__ import annotations

import ctypes
import struct
import zlib

import pypdfium2.raw as pdfium

_MOST_SCALE = 4.0  # 288 points an inch: no small page is blown up further
_PAPER = 0xFFFFFFFF
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGB8 = (8, 2, 0, 0, 0)  # eight bits a channel, three channels, and no choice in the rest


def page_png(page: pdfium.FPDF_PAGE, longest_px: int) -> bytes:
    """Return the picture of ``page``, whose longer side has at most ``longest_px`` pixels."""
    width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    scale = min(longest_px / max(width, height, 1.0), _MOST_SCALE)
    wide, high = max(round(width * scale), 1), max(round(height * scale), 1)
    pixels = (ctypes.c_ubyte * (3 * wide * high))()
    bitmap = pdfium.FPDFBitmap_CreateEx(wide, high, pdfium.FPDFBitmap_BGR, pixels, 3 * wide)
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, wide, high, _PAPER)
        flags = pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, wide, high, 0, flags)
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
    return png(bytes(pixels), wide, high)


def png(rgb: bytes, width: int, height: int) -> bytes:
    """Return a PNG file of ``rgb``, three bytes a pixel, row by row."""
    rows = b"".join(b"\0" + rgb[at : at + 3 * width] for at in range(0, 3 * width * height, 3 * width))
    head = struct.pack(">II5B", width, height, *_RGB8)
    return _SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows, 6)) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
