"""What stands between marks: fences of Markdown and trackers, PEM blocks, the hunks of a diff."""

import re
from collections.abc import MutableSequence, Sequence

from mailgateway.triage.prose.kinds import LineKind
from mailgateway.triage.prose.shapes import LINE_CHARS, Shape
from mailgateway.triage.prose.spoken import is_spoken

_FENCE = re.compile(r"(`{3,}+|~{3,4}+)(?![`~])[ \t]*+([\w+#.-]{0,30}+)[ \t]*+$")
_PAIRS = {"[code]": "[/code]", "<code>": "</code>", "<pre>": "</pre>", "[log]": "[/log]"}
_SAME = ("{code", "{noformat")
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----$")
_HUNK = re.compile(r"@@ -\d{1,7}(?:,(\d{1,7}))? \+\d{1,7}(?:,(\d{1,7}))? @@")
_FIRST = frozenset("`~[<{-@")
_LOUD = 3  # Points of a line that makes words around it a comment on it


def mark_fences(lines: Sequence[str], shapes: Sequence[Shape], kinds: MutableSequence[LineKind]) -> list[int]:
    """Mark as code what stands between two marks, these included; a mark without its end is prose.

    So are sentences between two fences: the fences are rules then, or the first one has no end.

    Returns:
        The lines that stand between fences and are not blank.
    """
    ends = _ends(lines, shapes)
    inside: list[int] = []
    at = 0
    while at < len(lines):
        end = ends.get(at, at)
        for each in range(at, end):
            if kinds[each] is not LineKind.BLANK:
                kinds[each] = LineKind.CODE
        if end > at:
            inside.extend(each for each in range(at + 1, end - 1) if kinds[each] is LineKind.CODE)
        at = max(end, at + 1)
    return inside


def _ends(lines: Sequence[str], shapes: Sequence[Shape]) -> dict[int, int]:
    """Return where what begins at a line ends, the end not included, by that line."""
    ends: dict[int, int] = {}
    opened: dict[str, int] = {}
    for at, line in enumerate(lines):
        words = line.strip()[:LINE_CHARS]
        if not words or words[0] not in _FIRST:
            continue
        closes, opens = _marks(words)
        first = opened.pop(closes, None) if closes else None
        if first is not None and not (opens and _are_sentences(lines[first + 1 : at], shapes[first + 1 : at])):
            ends[first] = at + 1
            opened.clear()
        elif opens:
            opened.setdefault(opens, at)
        if hunk := _HUNK.match(words):
            ends[at] = _hunk_end(lines, at + 1, int(hunk[1] or 1), int(hunk[2] or 1))
    return ends


def _are_sentences(lines: Sequence[str], shapes: Sequence[Shape]) -> bool:
    """Return whether half of the lines sound like a person and none is surely pasted."""
    said = [line for line in lines if line.strip()]
    if not said or any(shape.points >= _LOUD for shape in shapes):
        return False
    return 2 * sum(is_spoken(line[:LINE_CHARS]) for line in said) >= len(said)


def _marks(words: str) -> tuple[str, str]:
    """Return the mark that a line may end and the one that it may begin, "" where it is none."""
    if fence := _FENCE.match(words):
        mark = fence[1][:3]
        return ("" if fence[2] else mark), mark
    lower = words.lower()
    if lower in _PAIRS:
        return "", _PAIRS[lower]
    if lower in _PAIRS.values():
        return lower, ""
    if lower.startswith(_SAME) and lower.endswith("}"):
        same = lower.split(":")[0].rstrip("}")
        return same, same
    if pem := _PEM.match(words):
        return "", f"-----end {pem[1].lower()}-----"
    return (lower, "") if lower.startswith("-----end ") else ("", "")


def _hunk_end(lines: Sequence[str], at: int, removed: int, added: int) -> int:
    """Return where a hunk ends that removes and adds so many lines; a mail program may have taken leading spaces."""
    while at < len(lines) and (removed > 0 or added > 0):
        mark = lines[at][:1]
        if mark not in ("", " ", "+", "-", "\\", "\t"):
            break
        removed -= mark not in ("+", "\\")
        added -= mark not in ("-", "\\")
        at += 1
    return at
