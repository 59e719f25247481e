"""The text that each ticket of a cut mail has: its own item, and what belongs to all."""

import re
from collections.abc import Iterable, Sequence

from mailgateway.model.segments import Span

_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")


def piece_text(text: str, spans: Sequence[Span], number: int) -> str:
    """Return the text of a mail without the items of the other pieces: greeting, environment and closing stay in each.

    Args:
        text: The new words of the author.
        spans: Of all items, in the order of the text; they do not overlap.
        number: Which piece, from 1; every item is left out for a number that no item has.

    Returns:
        The lines that stay as they are, without blank lines at the ends, and one where several would be.
    """
    return text_without(text, [span for i, span in enumerate(spans, start=1) if i != number])


def text_without(text: str, spans: Iterable[Span]) -> str:
    """Return a text without some of it, as `piece_text`; a line that goes as a whole leaves no blank one."""
    kept, at = "", 0
    for start, end in sorted(spans):
        kept += text[at:start]
        is_line = start < end and kept[-1:] in ("", "\n") and text[end : end + 1] == "\n"
        at = max(at, end + is_line)
    return _BLANK_LINES.sub("\n\n", kept + text[at:]).strip("\n")
