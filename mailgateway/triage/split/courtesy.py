"""Lines that only greet, and paragraphs that end a mail."""

import re
from collections.abc import Sequence

from mailgateway.triage.split.page import Row
from mailgateway.triage.split.vocabulary import (
    ANNOUNCED,
    CLOSING,
    GREETING,
    NO_CLOSING,
    PROBLEM,
    QUESTION,
    REQUEST,
    words_of,
)

_CHARS = 80
_GREETING_WORDS = 8
_SIGNED_WORDS = 8
_SIGNED_LINES = 3
_INITIAL = re.compile(r"(?:^|\s|\.)[^\W\d_]\.$")


def is_greeting(row: Row) -> bool:
    """Return whether a line only greets."""
    words = words_of(row.text[:_CHARS])
    if len(words) > _GREETING_WORDS or not GREETING.begins(words) or "?" in row.text:
        return False
    return not row.text.rstrip().endswith(":") and not ANNOUNCED.within(words)


def is_closing(text: str) -> bool:
    """Return whether a paragraph ends the mail or says something on all of it."""
    words = words_of(text[:_CHARS])
    return CLOSING.begins(words) > NO_CLOSING.begins(words)


def is_signed(rows: Sequence[Row]) -> bool:
    """Return whether a paragraph is somebody's name, with what he is and where he works at most."""
    text = " ".join(row.text for row in rows)
    words = words_of(text)
    ends = text.rstrip().endswith((".", "!", "?", ":", ";")) and not _INITIAL.search(text.rstrip())
    if len(rows) > _SIGNED_LINES or len(words) > _SIGNED_WORDS or ends:
        return False
    return text[:1].isupper() and not any(one.within(words) for one in (PROBLEM, QUESTION, REQUEST, ANNOUNCED))
