"""RTF documents: their paragraphs, and their tables as Markdown rows.

Pictures, embedded objects, fonts, styles and deleted or hidden text stay out.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace

from llmx.documents.converters import Converted, ConvertOptions
from llmx.documents.converters.lines import joined_text, row_line
from llmx.documents.limits import TEXT_CHARS
from llmx.errors import DocumentError

_TOKEN = re.compile(r"\\([a-zA-Z]+)(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\$")
_SKIPPED = frozenset({
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "objdata", "themedata", "datastore", "listtable",
    "listoverridetable", "revtbl", "rsidtbl", "generator", "filetbl", "xmlnstbl", "fldinst", "sp", "nonshppict",
    "bkmkstart", "bkmkend", "pgptbl", "latentstyles", "wgrffmtfilter", "mmathPr", "template", "panose", "falt",
})  # fmt: skip
_SHOWN = frozenset({"shpinst", "shppict", "footnote", "annotation"})  # behind \* and read all the same
_WORDS = {
    "tab": "\t", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ",
}  # fmt: skip
_SIGNS = {"~": "\u00a0", "_": "-", "-": "", "{": "{", "}": "}", "\\": "\\", "\n": "\n", "\r": "\n"}
_BULLETS = {0xF000: "•"}  # what a font of symbols has there, mostly the mark before an item of a list
_BREAKS = frozenset({"par", "line", "sect", "page", "softline"})
_CHARSETS = {
    0: "cp1252", 77: "mac-roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_MOST_DEPTH = 1_000


@dataclass(frozen=True, slots=True)
class _State:
    """What holds within a group of braces. ``after_unicode`` counts the characters that stand in for a Unicode one."""

    skipped: bool = False
    fonts: bool = False
    hidden: bool = False
    starred: bool = False
    after_unicode: int = 1
    codec: str = ""


@dataclass(slots=True)
class _Reader:
    """Reads one document. ``line`` is the paragraph or the cell that is being read, ``cells`` the row's so far."""

    codec: str = "cp1252"
    state: _State = field(default_factory=_State)
    stack: list[_State] = field(default_factory=list)
    fonts: dict[int, str] = field(default_factory=dict)
    font: int = 0
    line: list[str] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    cells: list[str] = field(default_factory=list)
    in_table: bool = False
    lines: list[str] = field(default_factory=list)
    stand_ins: int = 0
    chars: int = 0

    def control(self, word: str, number: int | None) -> None:
        """Obey a control word."""
        if word == "u" and number is not None:
            self.say(_BULLETS.get(number & 0xFF00, chr(number & 0xFFFF)))
            self.stand_ins = self.state.after_unicode
        elif word in _SKIPPED or (self.state.starred and word not in _SHOWN):
            self.state = replace(self.state, skipped=True, starred=False, fonts=self.state.fonts or word == "fonttbl")
        elif word in _WORDS:
            self.say(_WORDS[word])
        elif word in _BREAKS:
            self.end_line()
        elif word in {"cell", "nestcell"}:
            self.end_cell()
        elif word in {"row", "nestrow"}:
            self.end_row()
        else:
            self.set(word, number)

    def set(self, word: str, number: int | None) -> None:
        """Change what holds from here on."""
        if word == "uc" and number is not None:
            self.state = replace(self.state, after_unicode=max(0, min(number, 8)))
        elif word in {"v", "deleted"}:
            self.state = replace(self.state, hidden=number != 0)
        elif word == "plain":
            self.state = replace(self.state, hidden=False, codec="")
        elif word in {"pard", "intbl"}:
            self.in_table = word == "intbl"
        elif word == "ansicpg" and number:
            self.codec = f"cp{number}"
        elif word == "f" and number is not None:
            self.font = number
            self.state = replace(self.state, codec=self.fonts.get(number, ""))
        elif word == "fcharset" and number is not None and self.state.fonts:
            self.fonts[self.font] = _CHARSETS.get(number, "")
        self.state = replace(self.state, starred=False)

    def say(self, words: str) -> None:
        """Take words that a reader sees."""
        if self.stand_ins:
            self.stand_ins, words = max(0, self.stand_ins - len(words)), words[self.stand_ins :]
        if words and not (self.state.skipped or self.state.hidden):
            self.decode()
            self.line.append(words)
            self.chars += len(words)

    def byte(self, digits: str) -> None:
        """Take a byte in the code page of its font."""
        if self.stand_ins:
            self.stand_ins -= 1
        elif not (self.state.skipped or self.state.hidden):
            self.raw.append(int(digits, 16))

    def decode(self) -> None:
        """Turn the bytes so far into words."""
        if self.raw:
            self.line.append(self.raw.decode(_known(self.state.codec or self.codec), "replace"))
            self.raw.clear()

    def end_line(self) -> None:
        """End a paragraph; in a table it is one of a cell."""
        if self.state.skipped:
            return
        self.decode()
        if self.in_table:
            self.line.append(" ")
            return
        self.lines.append(_whole("".join(self.line)))
        self.line.clear()

    def end_cell(self) -> None:
        """End a cell."""
        self.decode()
        self.cells.append(_whole("".join(self.line)))
        self.line.clear()

    def end_row(self) -> None:
        """End a row."""
        if row := row_line(self.cells):
            self.lines.append(row)
        self.cells.clear()


def convert(data: bytes, name: str, options: ConvertOptions) -> Converted:  # noqa: ARG001 -- RTF says its code pages
    """Return the text of an RTF document."""
    reader, text, place = _Reader(), data.decode("latin-1"), 0
    while place < len(text) and (token := _TOKEN.match(text, place)):
        place = token.end()
        word, number = token[1], int(token[2]) if token[2] else None
        if word == "bin" and number:
            place += max(0, number)
        _take(reader, token, number)
        if reader.chars > TEXT_CHARS or len(reader.stack) > _MOST_DEPTH:
            raise DocumentError(f"{name} is an RTF document out of all bounds", hint="save it as .docx or text")
    reader.in_table = False
    reader.end_row()
    reader.end_line()
    return Converted(joined_text(reader.lines, name))


def _take(reader: _Reader, token: re.Match[str], number: int | None) -> None:
    word, digits, sign, brace, words = token[1], token[3], token[4], token[5], token[6]
    if not digits:
        reader.decode()
    if word:
        reader.control(word, number)
    elif digits:
        reader.byte(digits)
    elif brace == "{":
        reader.stack.append(reader.state)
    elif brace and reader.stack:
        reader.state = reader.stack.pop()
    elif sign == "*":
        reader.state = replace(reader.state, starred=True)
    elif sign in {"\n", "\r"}:
        reader.end_line()
    elif sign:
        reader.say(_SIGNS.get(sign, ""))
    elif words:
        reader.say(words)


def _known(codec: str) -> str:
    try:
        return codecs.lookup(codec).name
    except LookupError:
        return "cp1252"


def _whole(text: str) -> str:
    """Return a text whose characters beyond 64K came as two halves, with each in one."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
