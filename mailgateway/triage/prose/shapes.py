"""What one line looks like by itself: a table of shapes, each with the kind it speaks for and how loudly.

A shape of ENOUGH points decides alone, others need neighbours of their family (prose.runs). Every pattern is tried at
the beginning of a line without its indentation, on LINE_CHARS characters, and none can backtrack far.
"""

import re
from dataclasses import dataclass

from mailgateway.phrases import all_of, phrases
from mailgateway.triage.prose.kinds import LineKind
from mailgateway.triage.prose.patterns import BY_END, BY_START, LABEL
from mailgateway.triage.prose.spoken import is_spoken, names_people

ENOUGH = 6
"""Points of a run that is surely no prose."""
LINE_CHARS = 400
"""So much of a line is looked at."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a line looks like.

    Attributes:
        name: Of the pattern it has.
        family: The kind it speaks for, PROSE where it has no pattern.
        points: How loudly; 0 counts only between others.
        firm: Whether it stays what it is though it has a person's words.
    """

    name: str
    family: LineKind
    points: int = 0
    firm: bool = False


BLANK = Shape("blank", LineKind.BLANK)
NONE = Shape("none", LineKind.PROSE)
_EVENT = phrases("prose")
_EVENT_SHAPES = {
    **dict.fromkeys(all_of(_EVENT["event_too"]), Shape("event_too", LineKind.LOG, 1)),
    **dict.fromkeys(all_of(_EVENT["event_only"]), Shape("event_only", LineKind.LOG, 3)),
}
_EVENT_CHARS = 24
_STAMP = "0123456789-/:.,[]() TZ"


def _compiled(starts: str) -> re.Pattern[str]:
    rows = [row for row in BY_START if not set(starts).isdisjoint(row[0])]
    return re.compile("|".join(f"(?P<{name}>{pattern})" for _, name, _, pattern in rows))


_UPPER, _LETTER, _DIGIT, _MARK = _compiled("aA"), _compiled("az"), _compiled("0"), _compiled("#")
_SHAPES = {
    name: Shape(name, LineKind(family), int(points.strip("!")), points.endswith("!"))
    for name, (family, _, points) in ((name, said.partition(" ")) for _, name, said, _ in BY_START)
}
_END_SHAPES = tuple(
    (ends, re.compile(pattern), Shape(name, LineKind(family), int(points)))
    for ends, name, (family, _, points), pattern in ((e, n, said.partition(" "), p) for e, n, said, p in BY_END)
)
_ENDS = frozenset("".join(ends for ends, *_ in BY_END))


def shape_of(line: str) -> Shape:
    """Return what a line looks like; BLANK where it has nothing but white space, NONE where like nothing known."""
    if not line:
        return BLANK
    words = line[:LINE_CHARS].strip()
    if not words:
        return NONE if line.strip() else BLANK
    shape = _by_start(words)
    if shape is NONE and words[-1] in _ENDS:
        shape = _by_end(words)
    if shape is NONE or shape.firm:
        return shape
    if shape.name == "time" and is_spoken(words.lstrip(_STAMP)):
        return NONE
    return NONE if names_people(words) else shape


def _by_start(words: str) -> Shape:
    shape = _known_start(words)
    if shape is not NONE:
        return shape
    shape = _event_shape(words)
    return _labelled(words) if shape is NONE else shape


def _known_start(words: str) -> Shape:
    first = words[0]
    if first.isalpha():
        found = (_UPPER if first.isupper() else _LETTER).match(words)
    else:
        found = (_DIGIT if first.isdigit() else _MARK).match(words)
    return _SHAPES[found.lastgroup or ""] if found else NONE


def _labelled(words: str) -> Shape:
    """Return the shape of a line behind a list's number or a container's name, where it is a sure log."""
    label = LABEL.match(words)
    if label is None or label.end() == len(words):
        return NONE
    shape = _known_start(words[label.end() :])
    return shape if shape.family is LineKind.LOG and shape.points >= ENOUGH else NONE


def _by_end(words: str) -> Shape:
    end = words[-1]
    for ends, pattern, shape in _END_SHAPES:
        if end in ends and pattern.match(words):
            return shape
    return NONE


def _event_shape(words: str) -> Shape:
    label, colon, _ = words[:_EVENT_CHARS].partition(":")
    return _EVENT_SHAPES.get(label.rstrip().lower(), NONE) if colon else NONE
