"""What a mail says of another: its first lines, its words within a bound, the names of its files."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailgateway.compose.lines import body_text, one_line
from mailgateway.model.cut import Piece
from mailgateway.model.message import Attachment, Message

MAX_QUOTED_LINES = 6
MAX_QUOTED_LINE = 200
_LOOKED_AT = 4 * MAX_QUOTED_LINES * MAX_QUOTED_LINE
MAX_WORDS = 20_000
MAX_FILES = 20
MAX_FILE_NAME = 80
_UNIT = 1000


@dataclass(frozen=True, slots=True)
class FileLine:
    """One attachment as a template names it.

    Attributes:
        name: One line, "unnamed file" where the sender gave none.
        size: For people, such as `75 kB`.
    """

    name: str
    size: str


def first_lines(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the first lines that hold something, and whether there is more.

    At most MAX_QUOTED_LINES (6) lines of MAX_QUOTED_LINE (200) characters each.
    """
    head, rest = text[:_LOOKED_AT], text[_LOOKED_AT:]  # the rest of a large mail is not looked into
    lines = tuple(line for line in map(one_line, body_text(head).split("\n")) if line)
    shown = tuple(one_line(line, MAX_QUOTED_LINE) for line in lines[:MAX_QUOTED_LINES])
    return shown, shown != lines or bool(rest.strip())


def words(text: str) -> tuple[str, bool]:
    """Return a text's first MAX_WORDS (20,000) characters without a line end at the end, and whether there is more."""
    whole = body_text(text[: MAX_WORDS + 1]).rstrip()
    return whole[:MAX_WORDS].rstrip(), len(text) > MAX_WORDS


def file_lines(message: Message, piece: Piece | None = None) -> tuple[tuple[FileLine, ...], int]:
    """Return the files that came with a message, or that belong to a piece of it, and how many more there are.

    At most MAX_FILES (20); pictures that the text shows (logos as a rule) are no files.
    """
    files = [file for file in message.attachments if not file.inline and (piece is None or file.name in piece.files)]
    return tuple(map(_file_line, files[:MAX_FILES])), len(files[MAX_FILES:])


def size(size_bytes: int) -> str:
    """Return a size for people: `812 bytes`, `75 kB`, `1.2 MB`."""
    if size_bytes < _UNIT:
        return f"{size_bytes} bytes"
    if round(size_bytes / _UNIT) < _UNIT:
        return f"{round(size_bytes / _UNIT)} kB"
    return f"{size_bytes / _UNIT / _UNIT:.1f} MB"


def with_ticket_id(subject: str, ref: str) -> str:
    """Return a subject that carries the ticket ID in brackets, put before it where a site's template left it out."""
    return subject if f"[{ref}]" in subject else f"[{ref}] {subject}"


def reply_chain(message: Message) -> tuple[str, ...]:
    """Return References for an answer to a message: its own chain, then itself (RFC 5322 section 3.6.4)."""
    chain: Sequence[str] = message.references or (message.in_reply_to,)
    return tuple(known for known in (*chain, message.message_id) if known)


def _file_line(file: Attachment) -> FileLine:
    return FileLine(one_line(file.name, MAX_FILE_NAME) or "unnamed file", size(file.size_bytes))
