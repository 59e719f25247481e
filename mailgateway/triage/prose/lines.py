"""The lines of a text with their kinds, and the text without what was pasted into it."""

from mailgateway.triage.prose.kinds import LineKind, ProseLine
from mailgateway.triage.prose.marked import mark_fences
from mailgateway.triage.prose.runs import mark_runs
from mailgateway.triage.prose.shapes import BLANK, shape_of

MAX_CHARS = 262_144
"""So much of a text is looked at, as much as `ParseLimits` lets in; whole lines behind it are prose in one piece."""


def lines_of(text: str) -> tuple[ProseLine, ...]:
    r"""Return every line of a text with its kind.

    Linear in the text; at most MAX_CHARS characters are looked at, and of a line at most shapes.LINE_CHARS.

    Args:
        text: The new words of a mail (`Body.text`), with line feeds as line ends.

    Returns:
        In the order of the text; joined with "\n" they are the text. Each is one line; what is behind MAX_CHARS is one
        more, with all its lines.
    """
    lines, rest = _within_limit(text)
    kinds = _kinds(lines)
    if rest is not None:
        lines.append(rest)
        kinds.append(LineKind.PROSE if rest.strip() else LineKind.BLANK)
    found: list[ProseLine] = []
    start = 0
    for line, kind in zip(lines, kinds, strict=True):
        end = start + len(line)
        found.append(ProseLine(start, end, line, kind))
        start = end + 1
    return tuple(found)


def prose(text: str) -> str:
    """Return a text without code, logs, traces, tables and headers: an empty line stands where some were taken out.

    Args:
        text: As for `lines_of`.
    """
    kept: list[str] = []
    inside = False
    for line in lines_of(text):
        if line.kind is LineKind.PROSE or line.kind is LineKind.BLANK:
            kept.append(line.text)
            inside = False
        elif not inside:
            kept.append("")
            inside = True
    return "\n".join(kept)


def _within_limit(text: str) -> tuple[list[str], str | None]:
    """Return the lines that begin within MAX_CHARS, and what is behind them, None where nothing is."""
    cut = text.find("\n", MAX_CHARS) if len(text) > MAX_CHARS else -1
    if cut < 0:
        return text.split("\n"), None
    return text[:cut].split("\n"), text[cut + 1 :]


def _kinds(lines: list[str]) -> list[LineKind]:
    """Return the kinds of lines: what stands between marks first, then runs of lines that look alike."""
    shapes = [shape_of(line) for line in lines]
    kinds = [LineKind.BLANK if shape is BLANK else LineKind.PROSE for shape in shapes]
    fenced = mark_fences(lines, shapes, kinds)
    mark_runs(lines, shapes, kinds)
    if fenced and LineKind.PROSE not in kinds:  # Somebody put his whole mail between fences
        for at in fenced:
            if shapes[at].family is LineKind.PROSE:
                kinds[at] = LineKind.PROSE
        mark_runs(lines, shapes, kinds)
    return kinds
