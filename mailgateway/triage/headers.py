"""What the header of a mail says of its writer: marks of machines, lists and mail systems, as proofs in words."""

import re

from mailgateway.model.message import Message
from mailgateway.triage.marks import (
    DAEMON_NAMES,
    NOREPLY_WORDS,
    PROGRAM_MARKS,
    RESPONDER_MARKS,
    RESPONDER_VALUES,
)

SHOWN = 60
"""Characters of a value that a proof shows."""
NO = frozenset({"", "no", "false", "0"})
"""Values of a mark that say that it is none."""
_SILENCE = frozenset({"all", "oof", "autoreply"})
_OF_LISTS = ("list-id", "list-post", "list-unsubscribe", "list-help", "x-mailing-list", "x-beenthere", "mailing-list")


def values(message: Message, name: str) -> tuple[str, ...]:
    """Return every value of a header in lower case: a second one must not hide what the first proves."""
    return tuple(value.strip().lower() for known, value in message.headers if known == name)


def said(name: str, value: str) -> str:
    """Return a header as a proof for a person to read."""
    shown = "-".join(word.capitalize() for word in name.split("-"))
    return f"{shown}: {value[:SHOWN]}"


def marked(message: Message, names: tuple[str, ...]) -> str:
    """Return the first of these headers that says anything but no."""
    found = (said(name, value) for name in names for value in values(message, name) if value not in NO)
    return next(found, "")


def auto_submitted(message: Message) -> str:
    """Return Auto-Submitted where it says more than no."""
    # RFC 3834 section 5: a keyword, then parameters and comments
    for value in values(message, "auto-submitted"):
        if re.split(r"[;(\s]", value, maxsplit=1)[0] not in NO:
            return said("auto-submitted", value)
    return ""


def is_calendar(message: Message) -> bool:
    """Return whether a mail is an invitation or an answer to one: people's, whatever their calendar wrote on it."""
    root = (message.header("content-type") or "").strip().lower()
    types = (root, *(attachment.content_type for attachment in message.attachments))
    return any(content_type.startswith("text/calendar") for content_type in types)


def automatic(message: Message) -> str:
    """Return the same, "" for mails of calendars: people's, whatever their calendar wrote on them."""
    return "" if is_calendar(message) else auto_submitted(message)


def auto_replied(message: Message) -> str:
    """Return the same where it says that the mail answers another one."""
    proof = automatic(message)
    return proof if proof.startswith("Auto-Submitted: auto-replied") else ""


def program(message: Message) -> str:
    """Return the mark of a program that speaks up by itself."""
    return marked(message, PROGRAM_MARKS)


def vendor_mark(message: Message) -> str:
    """Return the mark that a vendor's responder puts on its answers."""
    mark = marked(message, RESPONDER_MARKS)
    if mark:
        return mark
    for name, words in RESPONDER_VALUES:
        for value in values(message, name):
            if words in value:
                return said(name, value)
    return ""


def precedence(message: Message) -> str:
    """Return Precedence where it says that the mail goes to many."""
    for value in values(message, "precedence"):
        if value in {"bulk", "junk", "list"}:
            return said("precedence", value)
    return ""


def list_header(message: Message) -> str:
    """Return the mark of a mailing list."""
    # RFC 2919 section 3, RFC 2369 section 3.4
    for name in ("list-id", "list-post"):
        for value in values(message, name):
            return said(name, value)
    return ""


def suppression(message: Message) -> str:
    """Return X-Auto-Response-Suppress where it asks for no automatic answer."""
    for value in values(message, "x-auto-response-suppress"):
        if _SILENCE & set(re.split(r"[,\s]+", value)):
            return said("x-auto-response-suppress", value)
    return ""


def is_from_list(message: Message) -> bool:
    """Return whether anything but Precedence says that a mail came over a mailing list."""
    return any(name in _OF_LISTS for name, _ in message.headers)


def vacation(message: Message) -> str:
    """Return the mark of an absence reply."""
    # RFC 5230 section 4.7: Sieve writes "auto-replied (vacation)"
    proof = automatic(message)
    return proof if "vacation" in proof else ""


def null_return_path(message: Message) -> str:
    """Return the null Return-Path."""
    return "Return-Path: <>" if message.return_path == "" else ""


def null_sender(message: Message) -> str:
    """Return the same, "" for mails of calendars."""
    return "" if is_calendar(message) else null_return_path(message)


def local_part(message: Message) -> str:
    """Return the local part of the sender's address in lower case."""
    return message.sender.key.partition("@")[0]


def daemon(message: Message) -> str:
    """Return From where a mail system itself is there."""
    return f"From: {message.sender.key[:SHOWN]}" if local_part(message) in DAEMON_NAMES else ""


def noreply(message: Message) -> str:
    """Return From where nobody reads the answers."""
    letters = re.sub(r"[-_.+]", "", local_part(message))
    return f"From: {message.sender.key[:SHOWN]}" if any(word in letters for word in NOREPLY_WORDS) else ""
