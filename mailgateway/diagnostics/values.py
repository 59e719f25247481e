"""Places in a text and what is wrong there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mailgateway.diagnostics.render import render
from mailgateway.errors import ConfigError

KeyPath = tuple[str | int, ...]
"""The way to a value: names of keys and, in arrays, indexes from 0: `("mailbox", 0, "imap", "port")`."""


class Severity(StrEnum):
    """Whether a file can be used in spite of it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Position:
    """A stretch of one line.

    Attributes:
        path: The file as it is shown.
        line: From 1.
        column: From 1, in characters (not bytes, not screen columns).
        length: In characters; 0 marks a place between characters. Never over the end of the line.
    """

    path: str
    line: int
    column: int
    length: int = 0

    def __str__(self) -> str:
        """Return `path:line:column`."""
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key and its value stand.

    Attributes:
        key: The key itself; for an element of an array the element.
        value: The value, of several lines the first; for a table with a header the header.
    """

    key: Position
    value: Position


@dataclass(frozen=True, slots=True)
class Mark:
    """A second place that belongs to a fault, shown with dashes."""

    position: Position
    label: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault.

    Attributes:
        severity: Error or warning.
        code: Short and stable, such as `E110`.
        message: What is wrong, without a full stop.
        position: Where.
        label: Beside the carets, "" for none.
        help: What to do, a line each.
        marks: Further places.
    """

    severity: Severity
    code: str
    message: str
    position: Position
    label: str = ""
    help: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()


class DiagnosedError(ConfigError):
    """Files that cannot be used: all their faults, and the texts to show them in.

    Attributes:
        diagnostics: In the order of the text.
        texts: The source by `Position.path`.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic], texts: Mapping[str, str]) -> None:
        self.diagnostics = tuple(diagnostics)
        self.texts = dict(texts)
        super().__init__(render(self.diagnostics, self.texts))

    def render(self, *, color: bool) -> str:
        """Return the faults as they are printed, with or without terminal colours."""
        return render(self.diagnostics, self.texts, color=color)
