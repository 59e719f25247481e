"""Lines that only greet, and paragraphs that end a mail."""

import re
from collections.abc import Sequence
from itertools import pairwise

from mailgateway.triage.split.page import Row
from mailgateway.triage.split.vocabulary import (
    ANNOUNCED,
    CLOSING,
    GREETING,
    NO_CLOSING,
    PROBLEM,
    QUESTION,
    REQUEST,
    phrases_of,
    words_of,
)

_FAREWELL = phrases_of("farewell")
_PIECE = re.compile(r"(?<=[.!?])[ \t]+|\s*\n\s*")
_SLASHED = re.compile(r"/{1,2}\s?[^\W\d_]")
_END = 400  # Characters of an item in which somebody may say farewell
_PIECES = 8
_FAREWELL_WORDS = 6
_NAME_WORDS = 3

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
    if len(words) == 1 and text.strip().isalpha() and text[:1].isupper():
        return True
    if len(rows) > _SIGNED_LINES or len(words) > _SIGNED_WORDS or ends:
        return False
    return text[:1].isupper() and not any(one.within(words) for one in (PROBLEM, QUESTION, REQUEST, ANNOUNCED))


def without_farewell(text: str) -> str:
    """Return an item without the thanks, the farewell and the name that end it; its first sentence always stays.

    Only what is plainly that goes: lines and sentences of some words from the thanks on, none of which asks for
    something or tells a problem.
    """
    offset = max(0, len(text) - _END)
    starts = [each.end() for each in _PIECE.finditer(text, offset) if text[: each.start()].strip()]
    end = len(text)
    for start, stop in list(pairwise((*starts, len(text))))[: -_PIECES - 1 : -1]:
        piece = text[start:stop].strip()
        if not _may_end(piece):
            break
        if _is_farewell(piece):
            end = start
    return text[:end].rstrip()


def _may_end(piece: str) -> bool:
    """Return whether a line or a sentence may be of a farewell, or of a name behind it."""
    words = words_of(piece)
    if len(words) > _FAREWELL_WORDS or "?" in piece:
        return False
    behind = words[_FAREWELL.begins(words) :]
    return len(words) == 1 or not any(one.within(behind) for one in (PROBLEM, REQUEST, QUESTION))


def _is_farewell(piece: str) -> bool:
    is_name = _SLASHED.match(piece) is not None and len(words_of(piece)) <= _NAME_WORDS
    return is_name or says_farewell(piece)


def says_farewell(text: str) -> bool:
    """Return whether a line or a sentence begins with thanks or a farewell, not with what is asked for so."""
    words = words_of(text[:_CHARS])
    return _FAREWELL.begins(words) > NO_CLOSING.begins(words)
