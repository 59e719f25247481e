"""The kinds of lines a mail's new text has."""

from enum import StrEnum
from typing import NamedTuple


class LineKind(StrEnum):
    """What a line is; whatever is in doubt is PROSE."""

    PROSE = "prose"
    CODE = "code"
    LOG = "log"
    TRACE = "trace"
    TABLE = "table"
    HEADER = "header"
    BLANK = "blank"


class ProseLine(NamedTuple):  # A text may have a million lines, and a tuple is made five times as fast as a dataclass
    """A line of a text.

    Attributes:
        start: Where it begins in the text, in characters.
        end: Where it ends, its line feed not included.
        text: The text between both.
        kind: What it is.
    """

    start: int
    end: int
    text: str
    kind: LineKind
