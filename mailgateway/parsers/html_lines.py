"""The lines that HTML becomes: collapsed white space, blank lines, quote levels, list labels and table cells."""

import re
from dataclasses import dataclass, field

_SPACES = re.compile(r"[ \t\n\r\f]+")
_INVISIBLE = dict.fromkeys((0xAD, 0x34F, 0x200B, 0x2060, 0xFEFF)) | {0xA0: " "}
_MAX_DEPTH = 10
_CELL_LINES = 3
_ROW_CHARS = 400
_COLONS = (":", "\uff1a")

Line = tuple[int, str]
"""The quote depth of a line and its text."""


@dataclass(slots=True)
class _Cell:
    """What is set aside while a table cell is written."""

    rows: list[Line]
    gap: bool


@dataclass(slots=True)
class Lines:
    """Takes text and breaks in the order of the page; gives lines.

    Attributes:
        rows: The lines so far.
        depth: How many quotes are open.
        label: What the next line begins with, once: a list's bullet or number.
        indent: Spaces before each line of a list.
        heard: The text of the link that is open, None where none is.
    """

    rows: list[Line] = field(default_factory=list)
    depth: int = 0
    label: str = ""
    indent: str = ""
    heard: list[str] | None = None
    _pieces: list[str] = field(default_factory=list)
    _space: bool = False
    _gap: bool = False
    _cells: list[_Cell] = field(default_factory=list)

    def text(self, text: str) -> None:
        """Add words; white space around them is one space, none at the beginning of a line."""
        words = _SPACES.sub(" ", text)
        if words in ("", " "):
            self._space = self._space or bool(words and self._pieces)
            return
        if (self._space or words[0] == " ") and self._pieces:
            self._pieces.append(" ")
        self._space = words[-1] == " "
        self._pieces.append(words.strip(" "))
        if self.heard is not None:
            self.heard.append(words)

    def verbatim(self, text: str) -> None:
        """Add preformatted text: its spaces and line ends stay."""
        first, *others = text.split("\n")
        self._pieces.append(first)
        for line in others:
            self.line_break()
            self._pieces.append(line)

    def line_break(self) -> None:
        """End the line; an empty one is a blank line."""
        if self._pieces:
            self.end_line()
        else:
            self._blank()

    def end_line(self) -> None:
        """End the line where it has anything."""
        if not self._pieces:
            return
        text = "".join(self._pieces)
        text = text.rstrip() if text.isascii() else text.translate(_INVISIBLE).rstrip()
        self._pieces.clear()
        self._space = False
        if not text:
            self._blank()
            return
        if self._gap:
            self._blank()
        lead = self.indent[: -len(self.label)] + self.label if self.label else self.indent
        self.label = ""
        self.rows.append((self.depth, lead + text))

    def gap(self) -> None:
        """End the line and keep a blank line before the next."""
        self.end_line()
        self._gap = True

    def open_cell(self) -> None:
        """Begin a table cell: its lines are set aside until `close_cell`."""
        self.end_line()
        self._cells.append(_Cell(self.rows, self._gap))
        self.rows, self._gap = [], False

    def close_cell(self) -> list[Line]:
        """End a table cell and return its lines; the last is blank where room is kept below."""
        self.end_line()
        lines = self.rows
        while lines and not lines[-1][1]:
            lines.pop()
        if lines and self._gap:
            lines.append((self.depth, ""))
        outer = self._cells.pop()
        self.rows, self._gap = outer.rows, outer.gap
        return lines

    def table_row(self, cells: list[list[Line]], *, keep_empty: bool) -> None:
        """Write a row: short cells on one line, separated; else one cell below the other."""
        self.end_line()
        filled = [cell for cell in cells if cell]
        if len(filled) > 1 and _is_short(filled):
            if self._gap:
                self._blank()
            texts = [" ".join(text.strip() for _, text in cell if text) for cell in (cells if keep_empty else filled)]
            self.rows.append((filled[0][0][0], _joined(texts)))
            return
        for cell in filled:
            if self._gap:
                self._blank()
            self.rows.extend(cell)
            self._gap = not cell[-1][1]

    def finished(self) -> str:
        """Return the text: quotes marked with "> " up to 10 levels, no two blank lines in a row, none at the ends."""
        self.end_line()
        rows = self.rows
        while rows and not rows[-1][1]:
            rows.pop()
        out: list[str] = []
        for at, (depth, text) in enumerate(rows):
            if text:
                out.append(f"{_quote(depth)} {text}" if depth else text)
            else:
                out.append(_quote(min(rows[at - 1][0], _next_depth(rows, at))))
        return "\n".join(out)

    def _blank(self) -> None:
        self._gap = False
        if self.rows and self.rows[-1][1]:
            self.rows.append((self.depth, ""))


def _next_depth(rows: list[Line], at: int) -> int:
    return next((depth for depth, text in rows[at + 1 : at + 4] if text), 0)


def _quote(depth: int) -> str:
    return ">" * min(depth, _MAX_DEPTH)


def _is_short(cells: list[list[Line]]) -> bool:
    """Return whether cells can stand beside each other on one line."""
    depth = cells[0][0][0]
    return (
        sum(len(text) for cell in cells for _, text in cell) <= _ROW_CHARS
        and all(len(cell) <= _CELL_LINES + 1 and all(text for _, text in cell[:-1]) for cell in cells)
        and all(each == depth for cell in cells for each, _ in cell)
    )


def _joined(texts: list[str]) -> str:
    while not texts[-1]:  # A row has words in more than one
        texts.pop()
    if len(texts) > 1 and texts[0].endswith(_COLONS):  # A label and its value
        return f"{texts[0]} {' | '.join(texts[1:])}"
    return " | ".join(texts)
