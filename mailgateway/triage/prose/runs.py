"""Runs of lines of one family: enough of them beside each other are no prose, and take the lines between them along."""

import re
from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass

from mailgateway.triage.prose.kinds import LineKind
from mailgateway.triage.prose.shapes import BLANK, ENOUGH, LINE_CHARS, Shape
from mailgateway.triage.prose.spoken import is_spoken

_STRONG = 2  # At least one line of a run has so many points
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"\d{1,6}[.):] ?[a-z]")  # A person begins with a capital
_WORD = re.compile(r"[^\W\d_]{4,40}+")
_SHARED = 2
_ROW_FIELDS = 3
_PROMPTS = frozenset({"prompt", "host_prompt"})
_RULES = frozenset({"psql_rule"})
_OUTPUT = re.compile(r"^[a-z0-9][\w./@-]{0,80}+: |[/=\[\]{}|\\_]")
_TRACE_END = re.compile(r"(?:[A-Za-z_]\w*+\.)++\w++(?::|$)")


@dataclass(slots=True)
class _Run:
    """A run that is open.

    Attributes:
        family: What its lines are if there are enough.
        first: Its first line.
        last: Its last line that surely belongs to it.
        points: Of all its lines.
        strongest: Of one of its lines.
        indent: Of its first line.
        shape: Of the last line that has one.
    """

    family: LineKind
    first: int
    last: int
    points: int
    strongest: int
    indent: int
    shape: Shape

    def add(self, at: int, shape: Shape) -> None:
        """Add a line that has the run's family; one without points belongs to it only once another follows."""
        if shape.points:
            self.last = at
            self.shape = shape
        self.points += shape.points
        self.strongest = max(self.strongest, shape.points)


def mark_runs(lines: Sequence[str], shapes: Sequence[Shape], kinds: MutableSequence[LineKind]) -> None:
    """Give the lines of every run that is surely no prose the run's kind; lines that have a kind already keep it."""
    run: _Run | None = None
    gap = 0
    for at, shape in enumerate(shapes):
        if shape is BLANK:
            gap += 1
            continue
        if kinds[at] is not LineKind.PROSE:
            _closed(run, kinds)
            run = None
        elif run is None or not _takes(run, lines, at, shape, gap):
            _closed(run, kinds)
            run = _opened(lines, at, shape, kinds) if shape.points else None
        gap = 0
    _closed(run, kinds)


def _opened(lines: Sequence[str], at: int, shape: Shape, kinds: Sequence[LineKind]) -> _Run:
    indent = len(lines[at]) - len(lines[at].lstrip())
    run = _Run(shape.family, at, at, shape.points, shape.points, indent, shape)
    if shape.name in _RULES and at and kinds[at - 1] is LineKind.PROSE and "|" in lines[at - 1]:
        run.first = at - 1
    return run


def _closed(run: _Run | None, kinds: MutableSequence[LineKind]) -> None:
    if run is None or run.points < ENOUGH or run.strongest < _STRONG:
        return
    for at in range(run.first, run.last + 1):
        if kinds[at] is LineKind.PROSE:
            kinds[at] = run.family


def _takes(run: _Run, lines: Sequence[str], at: int, shape: Shape, gap: int) -> bool:
    """Return whether a line belongs to a run; if so it has been added."""
    if gap > 1 or (gap and not shape.points):
        return False
    if shape.family is run.family:
        run.add(at, shape)
    elif gap or shape.points >= ENOUGH or not _goes_on(run, lines, at):
        return False
    if not shape.points and _goes_on(run, lines, at) and not _may_be_words(run, lines[at]):
        run.last = at
    return True


def _may_be_words(run: _Run, line: str) -> bool:
    """Return whether what stands below a command may be a person's words: unless a prompt follows, they are."""
    return run.family is LineKind.CODE and not line[0].isspace() and not _OUTPUT.search(line[:LINE_CHARS])


def _goes_on(run: _Run, lines: Sequence[str], at: int) -> bool:
    """Return whether a line that says nothing by itself goes on with the run above it."""
    line = lines[at][:LINE_CHARS]
    indented = line[0].isspace()
    if run.last == at - 1 and ((indented and run.shape.name == "python_file") or run.shape.name == "rust_panic"):
        return True  # The source line of a frame; what the panic says
    if indented and run.family is LineKind.HEADER:
        return True  # RFC 5322 section 2.2.3: a folded field
    if run.family is LineKind.TRACE and _TRACE_END.match(line):
        return True
    if is_spoken(line):
        return False
    if run.family is not LineKind.HEADER and len(line) - len(line.lstrip()) > run.indent:
        return True
    return _is_like(run, line, lines[at - 1][:LINE_CHARS])


def _is_like(run: _Run, line: str, above: str) -> bool:
    """Return whether a line that is not indented goes on with the run above it."""
    if run.family is LineKind.TABLE:
        return _is_row(line)
    if run.family is LineKind.CODE:
        return run.shape.name in _PROMPTS
    return run.family is LineKind.LOG and _is_numbered_like(line, above)


def _is_numbered_like(line: str, above: str) -> bool:
    """Return whether a line is the one above it but for its numbers, or a numbered one with two of its words."""
    if _DIGITS.sub("0", line) == _DIGITS.sub("0", above):
        return True
    label = _NUMBER.match(line)
    return label is not None and len(set(_WORD.findall(line)) & set(_WORD.findall(above))) >= _SHARED


def _is_row(line: str) -> bool:
    """Return whether a line has columns: wide gaps, bars, or numbers in a third of its fields."""
    fields = line.split()
    numbers = sum(any(each.isdigit() for each in field) for field in fields)
    return len(fields) >= _ROW_FIELDS and (3 * numbers >= len(fields) or "  " in line.strip() or "|" in line)
