"""What the author quotes among his own words: between quotation marks, after `they wrote:`, or behind `>`."""

import re
from collections.abc import Iterator, Sequence

from mailgateway.triage.split.page import Page
from mailgateway.triage.split.vocabulary import ANNOUNCED, QUOTING, words_of

_MARK = re.compile('["\u201c\u201d\u201e\u00ab\u00bb]')
_CLOSES = {
    '"': '"\u201c\u201d',
    "\u201c": "\u201d",
    "\u201d": "\u201d",
    "\u201e": '\u201c\u201d"',
    "\u00ab": "\u00bb",
    "\u00bb": "\u00ab",
}
_LONGEST = 4_000  # Characters of what is quoted among other words


def is_quoted(page: Page, starts: Sequence[int], lead_in: str) -> bool:
    """Return whether the author quotes a list, and does not say himself what it lists.

    Args:
        page: The mail.
        starts: Where its items begin, in characters.
        lead_in: The last sentence before them.
    """
    if all(page.text[start : start + 12].lstrip().startswith(">") for start in starts):
        return True
    if any(start < starts[0] and starts[-1] < end for start, end in _between_marks(page.text, starts)):
        return True
    words = words_of(lead_in)
    return lead_in.endswith(":") and QUOTING.within(words) and not ANNOUNCED.within(words)


def _between_marks(text: str, starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield what stands between quotation marks near a list, marks included."""
    opened = -1
    for mark in _MARK.finditer(text, max(0, starts[0] - _LONGEST), starts[-1] + _LONGEST):
        at = mark.start()
        if opened >= 0 and at - opened > _LONGEST:
            opened = -1
        if opened >= 0 and mark[0] in _CLOSES[text[opened]] and not text[at - 1].isspace():
            yield opened, at + 1
            opened = -1
        elif opened < 0 and not text[at + 1 : at + 2].isspace() and not text[max(0, at - 1) : at].isalnum():
            opened = at
