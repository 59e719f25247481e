"""Diagnostics as text for people: code, file:line:column, the line, a mark, helps."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailgateway.diagnostics.values import Diagnostic, Position

_TAB = "    "
_LONGEST_LINE = 160  # characters of a source line that are shown
_BEFORE_MARK = 60  # characters shown before the mark of a longer line
_STYLES = {"error": "1;31", "warning": "1;33", "gutter": "1;34", "bold": "1", "second": "1;34", "help": "1;36"}


def printable(text: str) -> str:
    """Return text that cannot steer a terminal: control characters become escapes, line ends stay."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in text)


def render(diagnostics: Iterable["Diagnostic"], texts: Mapping[str, str], *, color: bool = False) -> str:
    r"""Return diagnostics as they are printed, a blank line between two, without a line end at the end.

    Args:
        diagnostics: In the order they are to be shown.
        texts: The source by `Position.path`; a place whose text is missing is named without its line.
        color: Whether to use ANSI colours.

    Returns:
        Control characters of the source are shown as escapes; lines over 160 characters are cut around the mark.
    """
    paint = _Paint(color)
    lines = {path: text.split("\n") for path, text in texts.items()}
    return "\n\n".join(_one(diagnostic, lines, paint) for diagnostic in diagnostics)


@dataclass(frozen=True, slots=True)
class _Paint:
    color: bool

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.color and text else text


@dataclass(frozen=True, slots=True)
class _Shown:
    """A mark on its way to the screen."""

    position: "Position"
    label: str
    sign: str
    style: str


def _one(diagnostic: "Diagnostic", lines: Mapping[str, Sequence[str]], paint: _Paint) -> str:
    severity = diagnostic.severity.value
    shown = [
        _Shown(diagnostic.position, diagnostic.label, "^", severity),
        *(_Shown(mark.position, mark.label, "-", "second") for mark in diagnostic.marks),
    ]
    gutter = max(len(str(mark.position.line)) for mark in shown)
    head = f"{severity}[{diagnostic.code}]"
    bar = paint("gutter", " " * gutter + " |")
    out = [paint(severity, head) + paint("bold", f": {printable(diagnostic.message)}")]
    out += _files(shown, lines, gutter, paint)
    helps = [f"{' ' * gutter} {paint('gutter', '=')} {paint('help', 'help')}: {printable(h)}" for h in diagnostic.help]
    return "\n".join([*out, *([bar, *helps] if helps else [])])


def _files(shown: Sequence[_Shown], lines: Mapping[str, Sequence[str]], gutter: int, paint: _Paint) -> list[str]:
    """Return the part with the source: the file of the fault first, then the others."""
    main = shown[0].position.path
    by_file = sorted(shown, key=lambda mark: (mark.position.path != main, mark.position.path, mark.position.line))
    out = []
    for path, marks in groupby(by_file, key=lambda mark: mark.position.path):
        of_file = list(marks)
        arrow, place = ("-->", shown[0].position) if path == main else (":::", of_file[0].position)
        out.append(" " * gutter + paint("gutter", arrow) + " " + printable(str(place)))
        out += _source(of_file, lines.get(path, ()), gutter, paint)
    return out


def _source(marks: Sequence[_Shown], lines: Sequence[str], gutter: int, paint: _Paint) -> list[str]:
    known = [mark for mark in marks if 1 <= mark.position.line <= len(lines)]
    bar = paint("gutter", " " * gutter + " |")
    out = [bar] if known else []
    for number, on_line in groupby(known, key=lambda mark: mark.position.line):
        here = sorted(on_line, key=lambda mark: mark.position.column)
        window = _window(lines[number - 1].removesuffix("\r"), here[0].position.column)
        out.append(paint("gutter", f"{number:>{gutter}} |") + f" {window.text}")
        out += [f"{bar} {window.under(mark, paint)}" for mark in here]
    return out


@dataclass(frozen=True, slots=True)
class _Window:
    """The part of a source line that is shown.

    Attributes:
        cells: What stands on the screen for each character.
        start: How many characters were cut off before them.
        cut_after: Whether characters were cut off behind them.
    """

    cells: tuple[str, ...]
    start: int
    cut_after: bool

    @property
    def text(self) -> str:
        return ("…" if self.start else "") + "".join(self.cells) + ("…" if self.cut_after else "")

    def under(self, mark: _Shown, paint: _Paint) -> str:
        """Return the line with the signs below the text and the label beside them."""
        first = min(max(mark.position.column - 1 - self.start, 0), len(self.cells))
        last = min(first + mark.position.length, len(self.cells))
        indent = bool(self.start) + sum(map(_width, self.cells[:first]))
        signs = mark.sign * max(1, sum(map(_width, self.cells[first:last])))
        label = f" {printable(mark.label)}" if mark.label else ""
        return " " * indent + paint(mark.style, signs + label)


def _window(line: str, column: int) -> _Window:
    start = 0 if len(line) <= _LONGEST_LINE else max(0, min(column - _BEFORE_MARK, len(line) - _LONGEST_LINE))
    part = line[start : start + _LONGEST_LINE]
    return _Window(
        tuple(_TAB if c == "\t" else printable(c) for c in part), start, cut_after=start + len(part) < len(line)
    )


def _width(cell: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.category(c) in {"Mn", "Me"} else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in cell
    )
