"""A mail's new text as finding its items needs it: lines, with what is pasted taken out of view, and paragraphs."""

import re
from dataclasses import dataclass
from functools import cached_property

from mailgateway.model.segments import ListKind
from mailgateway.triage.prose import LineKind, ProseLine, lines_of

LINE_CHARS = 400
"""So much of a line is looked at for marks."""
MAX_ROWS = 2_000
"""So many lines are looked at; what is behind them is one row without words, as a line of a program is."""
_SHOWN = re.compile(r"[^\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_CELL_WORDS = 4  # Of a table of words; a program prints names and values
_INVISIBLE = dict.fromkeys((*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0xAD), " ")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Row:
    """A line that a person may have written.

    Attributes:
        start: Where it begins in the text, in characters.
        end: Where it ends, its line feed not included.
        text: Its first LINE_CHARS characters, "" where it is blank or was written by a program.
        indent: How many spaces it begins with.
        is_blank: Whether nothing is on it.
    """

    start: int
    end: int
    text: str
    indent: int
    is_blank: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """Where items begin.

    Attributes:
        kind: What sets them apart.
        starts: (where an item begins, where it begins behind its mark) in characters, in order.
        end: Where the last one ends; None where that has to be found.
        top: Where all of it begins, the head of a table included; None where it begins with the first item.
        is_named: Whether each item is called an issue, a question or the like.
        is_vague: Whether nothing but their being paragraphs, or sentences of one paragraph, sets them apart.
        strengths: Of items that words set apart, but the first: how surely they are another matter.
    """

    kind: ListKind
    starts: tuple[tuple[int, int], ...]
    end: int | None = None
    top: int | None = None
    is_named: bool = False
    is_vague: bool = False
    strengths: tuple[int, ...] = ()


@dataclass(frozen=True)
class Page:
    """A text with its rows.

    Attributes:
        text: The text.
        rows: Its lines.
        headings: The lines that are known to be headings, as `plain` gives them.
    """

    text: str
    rows: tuple[Row, ...]
    headings: frozenset[str]

    @cached_property
    def paragraphs(self) -> tuple[tuple[Row, ...], ...]:
        """The runs of rows that are not blank."""
        found: list[tuple[Row, ...]] = []
        run: list[Row] = []
        for row in self.rows:
            if not row.is_blank:
                run.append(row)
            elif run:
                found.append(tuple(run))
                run = []
        return (*found, tuple(run)) if run else tuple(found)


def page_of(text: str, headings: tuple[str, ...]) -> Page:
    """Return a text as a page; a line of a program is neither blank nor has words."""
    rows = []
    seen_to = _end_of_rows(text)
    for line in lines_of(text[:seen_to]):
        is_blank = line.kind is LineKind.BLANK
        seen = _visible(line.text[:LINE_CHARS]) if _has_words(line) else ""
        is_blank = is_blank or (bool(seen) and not seen.strip())
        rows.append(Row(line.start, line.end, seen, len(seen) - len(seen.lstrip()), is_blank))
    if seen_to < len(text):
        rows.append(Row(seen_to + 1, len(text), "", 0, is_blank=not text[seen_to:].strip()))
    return Page(text, tuple(rows), frozenset(map(plain, headings)) - {""})


def _visible(line: str) -> str:
    """Return a line with blanks for the signs before its words that are not to be seen, such as those of direction."""
    first = _SHOWN.search(line)
    begin = first.start() if first else len(line)
    return line[:begin].translate(_INVISIBLE) + line[begin:]


def _has_words(line: ProseLine) -> bool:
    """Return whether a person may have written a line: prose, or a row of a table with a cell of several words."""
    if line.kind is LineKind.TABLE:
        return "|" in line.text and any(len(_LETTERS.findall(cell)) >= _CELL_WORDS for cell in line.text.split("|"))
    return line.kind is LineKind.PROSE and "\n" not in line.text


def _end_of_rows(text: str) -> int:
    """Return where the lines end that are looked at, the line feed of the last one not included."""
    *rows, rest = text.split("\n", MAX_ROWS)
    return len(text) - len(rest) - 1 if len(rows) == MAX_ROWS else len(text)


def plain(text: str) -> str:
    """Return a heading as headings are compared: in one line, in lower case, without marks around it."""
    return _SPACES.sub(" ", text[:LINE_CHARS]).strip(" *_#:.-\u2022").lower()
