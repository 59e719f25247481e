"""The mail that is forwarded in the text of another: who wrote it, when, about what, and its own text.

A forward begins with a line that says so and a block of header fields, in any of the languages of the phrase files;
where the subject says "Fwd:" or nothing stands above it, the block alone will do. Forwards inside forwards are followed
down to the innermost.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailgateway.model.message import Address, Forwarded, Message
from mailgateway.parsers.dates import written_date
from mailgateway.parsers.headers import addresses
from mailgateway.parsers.reply.delimiters import LABELS, header_block_end, is_forward_mark, label_of
from mailgateway.parsers.reply.regions import FRAME, folded
from mailgateway.phrases import all_of, phrases

MAX_DEPTH = 10
MAX_NAMES = 50
_MAX_LINES = 500
_LOOKED_AT = 400
_MAX_VALUE = 1_000
_BELOW_MARK = 5
_BLOCK_LINES = 24
_TABLES = phrases("forwards")
_ATTACHMENTS = frozenset(all_of(_TABLES["attachments"]))
_ENDS = all_of(_TABLES["ends"])
_MARKS = "|".join(sorted((re.escape(mark) for mark in all_of(_TABLES["subjects"])), key=len, reverse=True))
_IS_FORWARD = re.compile(rf"\s*\[?\s*(?:{_MARKS})\s*(?:\[\d{{1,3}}\])?\s*[:\uff1a]", re.IGNORECASE)
_QUOTE = re.compile(r"^(?:>\s?)+")
_MAILTO = re.compile(r"[\[(<]\s*mailto:\s?([^\s\])>]{1,300})[\])>]", re.IGNORECASE)
_COLON = re.compile("[:\uff1a]")
# A date and a time, a name, an address in brackets or bare; each piece is bounded.
_ANNOUNCED = re.compile(
    r"(\D{0,12}\d[^<>@\n]{4,40}?\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?),? ([^<>()@]{0,100}?)"
    r"[<(\[]?([^\s<>()\[\]@]+@[^\s<>()\[\]:]+)[>)\]]?\s?:$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a forward stands: its mark or its block's first line, the block, the line after the block."""

    first: int
    block: int
    end: int


def forwarded_in(text: str, subject: str, names: Sequence[str] = ()) -> Forwarded | None:
    """Return the innermost mail that is forwarded in a text, None where none is.

    Args:
        text: The mail's readable text; a forward must begin in its first 500 lines.
        subject: The mail's own, whose "Fwd:" lets a bare block of header fields count.
        names: The files that came with the mail: they are the forwarded mail's where it names none itself.

    Returns:
        With `depth` at most 10.
    """
    lines = text.split("\n")
    found: Forwarded | None = None
    for depth in range(1, MAX_DEPTH + 1):
        place = _place(lines, says_forward(subject))
        if place is None:
            break
        below = _unquoted(lines[place.block :])
        read = _read(below, place.end - place.block)
        found = replace(read, depth=depth, attachments=read.attachments or tuple(names)[:MAX_NAMES])
        lines, subject = found.text.split("\n"), found.subject
    return found


def says_forward(subject: str) -> bool:
    """Return whether a subject begins as forwards do: "Fwd:", "WG:", "Пересл:"."""
    return _IS_FORWARD.match(subject[:_LOOKED_AT]) is not None


def _place(lines: Sequence[str], is_forward: bool) -> _Place | None:
    keys = [folded(_QUOTE.sub("", line[:_LOOKED_AT])) for line in lines[:_MAX_LINES]]
    seen = False
    for at, key in enumerate(keys):
        if not key:
            continue
        if is_forward_mark(key):
            block = next((below for below in range(at + 1, min(len(keys), at + _BELOW_MARK)) if keys[below]), None)
            if block is not None:
                return _Place(at, block, _block_end(keys, block))
        elif (is_forward or not seen) and label_of(key) in LABELS and (end := header_block_end(keys, at)):
            return _Place(at, at, _block_end(keys, at) or end)
        seen = seen or any(map(str.isalnum, key))
    return None


def _block_end(keys: Sequence[str], first: int) -> int:
    """Return the line after the labelled lines that begin here; values may go on in lines without a label."""
    end = first
    for at in range(first, min(len(keys), first + _BLOCK_LINES)):
        label = label_of(keys[at])
        if label in LABELS or label in _ATTACHMENTS:
            end = at + 1
        elif not keys[at] and not _goes_on(keys, at):
            break
    return end


def _goes_on(keys: Sequence[str], blank: int) -> bool:
    """Return whether a field stands right below a blank line: some clients leave one between the fields."""
    return blank + 1 < len(keys) and label_of(keys[blank + 1]) in LABELS


def _unquoted(lines: Sequence[str]) -> list[str]:
    """Return lines without a quote mark where all of them have one (Apple Mail marks what it forwards)."""
    marked = all(line.startswith(">") for line in lines if line.strip())
    return [line[1:].removeprefix(" ") if line.startswith(">") else line for line in lines] if marked else list(lines)


def _announcement(line: str) -> tuple[str, str]:
    """Return (who, when) where one line says both instead of a block, as Yandex writes it; ("", "") where none does.

    Such as `03.03.2025, 10:12, "Anna Lind" <anna@client.example>:`.
    """
    plain = _QUOTE.sub("", line[:_LOOKED_AT]).strip()
    found = _ANNOUNCED.match(plain)
    return (f"{found[2]}<{found[3]}>", found[1]) if found else ("", "")


def _read(lines: Sequence[str], size: int) -> Forwarded:
    fields: dict[str, str] = {}
    files = ""
    last = ""
    for line in lines[:size]:
        plain = _QUOTE.sub("", line[:_MAX_VALUE])
        label = label_of(folded(plain))
        value = _COLON.split(plain, maxsplit=1)[-1].strip(" *\t")
        if label in _ATTACHMENTS:
            files = value
        elif label in LABELS:
            last = next((role for role in sorted(LABELS[label]) if role not in fields), "")
            fields.setdefault(last, value)
        elif last and plain.strip() and len(fields[last]) < _MAX_VALUE:
            fields[last] = f"{fields[last]} {plain.strip()}"
    if not size and lines:
        fields["from"], fields["sent"] = _announcement(lines[0])
        size = int(bool(fields["from"]))
    return Forwarded(
        sender=_sender(fields.get("from", "")),
        date=written_date(fields.get("sent", "")),
        subject=" ".join(fields.get("subject", "").split()),
        text=_text(lines[size:]),
        attachments=tuple(name for name in (part.strip() for part in re.split(r"[;,]", files)) if name)[:MAX_NAMES],
    )


def _text(lines: Sequence[str]) -> str:
    """Return the text below a block without the line that ends it."""
    last = next((at for at in range(len(lines) - 1, -1, -1) if lines[at].strip()), None)
    if last is not None:
        key = folded(_QUOTE.sub("", lines[last][:_LOOKED_AT]))
        lines = lines[:last] if is_forward_mark(key) or key.strip(FRAME).startswith(_ENDS) else lines
    return "\n".join(lines).strip()


def _sender(value: str) -> Address:
    plain = _MAILTO.sub(r"<\1>", value.replace("*", "")).strip()
    found = next((each for each in addresses(plain, 1) if "@" in each.address), None)
    if found is None:
        return Address(" ".join(plain.split()).strip("\"'<> "), "")
    name = "" if found.name == found.address else found.name
    return Address(name.strip("\"' "), found.address)


def carried(message: Message) -> Forwarded:
    """Return a mail that another carries as an attachment, or the one that it carries itself, further in."""
    if message.forwarded is not None:
        return replace(message.forwarded, depth=min(MAX_DEPTH, message.forwarded.depth + 1))
    names = (file.name for file in message.attachments if file.name and not file.inline)
    return Forwarded(
        sender=message.sender,
        date=message.date.isoformat() if message.date else "",
        subject=message.subject,
        text=message.body.full_text.strip(),
        attachments=tuple(names)[:MAX_NAMES],
    )
