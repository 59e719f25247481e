"""Message identifiers out of header fields and out of what relays answer, and the index of an Outlook conversation."""

import re
from base64 import b64decode

MAX_REFERENCES = 100
_MAX_ID = 998  # RFC 5322 section 2.1.1: no line is longer

_ID = re.compile(r"<([^<>]*)>|([^\s<>(),;\"]+@[^\s<>(),;\"]+)")
_COMMENT = re.compile(r"\([^()<>]*\)")

MAX_RELAY_IDS = 3
"""Ids that one answer of a relay may name."""
_MAX_ANSWER = 1000
# What Amazon SES answers to DATA, and the left side of the Message-ID it gives: a time and a UUID in hex, a counter.
_SES_NAME = r"[0-9a-f]{16}-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-[0-9]{6}"
_SES_ANSWER = re.compile(rf"(?<![\w-]){_SES_NAME}(?![\w@-])", re.IGNORECASE | re.ASCII)
_SES_ID = re.compile(rf"({_SES_NAME})@(?:[a-z0-9-]+\.)?amazonses\.com", re.IGNORECASE | re.ASCII)
_RELAY_ID = re.compile(r"<([^<>\s@]{8,200}@[^<>\s@]{1,200})>")
_DIGIT = re.compile(r"[0-9]")

_INDEX_BYTES = 22
_INDEX_DIGITS = 32
_MAX_INDEX = 1_000


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


def relay_ids(answer: str) -> tuple[str, ...]:
    """Return the Message-IDs that a relay says it gave a mail, from its answer to the end of DATA.

    Amazon SES replaces ours and names its own without the host; what stands between angle brackets with an "@" and a
    digit before it is taken for an id (Exchange and others), so the caller takes addresses of the envelope out.

    Args:
        answer: The text of a 250 reply; only its first 1,000 characters are looked at.

    Returns:
        At most MAX_RELAY_IDS, each once, in the form in which `regionless_id` gives those of SES.
    """
    text = answer[:_MAX_ANSWER]
    ses = (f"{match[0].lower()}@amazonses.com" for match in _SES_ANSWER.finditer(text))
    named = (match[1] for match in _RELAY_ID.finditer(text) if _DIGIT.search(match[1].partition("@")[0]))
    found = dict.fromkeys((*ses, *(regionless_id(name) or name for name in named)))
    return tuple(found)[:MAX_RELAY_IDS]


def regionless_id(name: str) -> str:
    """Return an id of Amazon SES without the region that its host names, "" for any other id.

    SES tells the left side alone, and the host is that of the region: `@eu-west-1.amazonses.com`, or
    `@email.amazonses.com` for the oldest.
    """
    match = _SES_ID.fullmatch(name)
    return f"{match[1].lower()}@amazonses.com" if match else ""


def conversation_index(field: str) -> str:
    """Return the header block of a Thread-Index in hex, "" where the field is none.

    It is the same in every mail of a conversation: a reserved byte, five of time and 16 of GUID; every answer adds five
    bytes to it ([MS-OXOMSG] section 2.2.1.3).
    """
    try:
        index = b64decode("".join(field[:_MAX_INDEX].split())[:_INDEX_DIGITS])[:_INDEX_BYTES]
    except ValueError:
        return ""
    is_block = len(index) == _INDEX_BYTES and index[0] == 1 and any(index[1:])
    return index.hex() if is_block else ""
