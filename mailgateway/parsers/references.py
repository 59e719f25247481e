"""Message identifiers out of header fields."""

import re

MAX_REFERENCES = 100
_MAX_ID = 998  # RFC 5322 section 2.1.1: no line is longer

_ID = re.compile(r"<([^<>]*)>|([^\s<>(),;\"]+@[^\s<>(),;\"]+)")
_COMMENT = re.compile(r"\([^()<>]*\)")


def references(references_field: str, in_reply_to_field: str) -> tuple[str, ...]:
    """Return the ids a message refers to, oldest first.

    References wins; In-Reply-To is read only where it is empty (RFC 5322 section 3.6.4).

    Args:
        references_field: The unfolded field body, "" where the field is absent.
        in_reply_to_field: Likewise.

    Returns:
        Ids without angle brackets, each once, at most MAX_REFERENCES (100): the first and the last ones.
        Text that is no msg-id is skipped, never an error.
    """
    found = message_ids(references_field) or message_ids(in_reply_to_field)
    if len(found) > MAX_REFERENCES:
        return (found[0], *found[1 - MAX_REFERENCES :])
    return found


def message_ids(field: str) -> tuple[str, ...]:
    """Return every msg-id of a field, in order, each once, without angle brackets.

    White space inside brackets (broken folding) is dropped; an id without brackets counts where it has an "@".
    """
    found: dict[str, None] = {}
    for match in _ID.finditer(_COMMENT.sub(" ", field)):
        message_id = "".join((match[1] or match[2] or "").split())
        if message_id and len(message_id) <= _MAX_ID:
            found.setdefault(message_id)
    return tuple(found)


def message_id(field: str) -> str:
    """Return the first msg-id of a field, else the bare word it consists of, "" where it has neither."""
    found = message_ids(field)
    if found:
        return found[0]
    word = field.strip(" <>")
    return word if word and len(word) <= _MAX_ID and not word.count(" ") and "(" not in word else ""
