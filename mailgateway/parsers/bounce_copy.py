"""The mail that came back, as far as a bounce in plain words shows it: its header, its subject, ids in the words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mailgateway.parsers.references import message_id
from mailgateway.parsers.report import Original, blocks, original_of
from mailgateway.phrases import all_of, phrases

_TABLES = phrases("bounces")
_COPIES = all_of(_TABLES["copies"])
_MIN_FIELDS = 3
_HEADER_LINES = 40
_COPY_CHARS = 150
_FIELD = re.compile(r"[ \t>|]{0,8}([A-Za-z][A-Za-z-]{1,60}):(?:[ \t]|$)")
_PROOF_FIELDS = frozenset(("received", "message-id", "return-path", "from", "dkim-signature"))
_SUBJECT_LINE = re.compile(
    rf"\s*(?:the )?(?:{'|'.join(all_of(_TABLES['subject_labels']))})(?: of the message is)?"
    r"\s*[|\t]?\s*[: \uff1a]\s*[|\t]?\s*(\S.*)",
    re.IGNORECASE,
)
# What model.tokens puts into ids and envelope senders; nobody else's addresses have this form.
_SIGNED = r"[a-z0-9]{17}"
_OUR_ID = re.compile(rf"(?<![\w.+-])((?:t\d{{1,18}}\.)?o\d{{1,18}}\.{_SIGNED}@[\w.-]{{1,253}})", re.IGNORECASE)
_OUR_SENDER = re.compile(rf"(?<![\w.+-])([\w.-]{{1,64}}\+b\d{{1,18}}\.{_SIGNED}@[\w.-]{{1,253}})", re.IGNORECASE)
_NAMED_ID = re.compile(
    rf"(?:(?<![a-z])id|{'|'.join(all_of(_TABLES['id_labels']))})(?: (?!for )[^\W\d_]{{1,12}}(?=[\s:=\uff1a])){{0,2}}"
    r"[^\w<@]{0,6}<?([^\s<>@]{1,200}@[^\s<>@]{1,255})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """The two halves of a notice.

    Attributes:
        said: The lines that tell what happened.
        copy: Those from the returned mail on, its header or the line above it first; () where none is there.
    """

    said: Sequence[str]
    copy: Sequence[str]

    @property
    def has_header(self) -> bool:
        """Whether a mail's header came back."""
        return bool(_header_in(self.copy))


def halves(lines: Sequence[str]) -> Shown:
    """Return the lines of a notice above and below the place where the returned mail or its header begins."""
    end = _end_of_notice(lines)
    return Shown(lines[:end], lines[end:])


def returned(shown: Shown, attached: Original) -> Original:
    """Return what is known of the returned mail: attached, else in the text below the notice, else in its words."""
    if attached.message_id or attached.subject:
        return attached
    found = original_of(_header_in(shown.copy))
    subject = next((match[1].strip() for line in shown.said if (match := _SUBJECT_LINE.match(line))), "")
    everything = "\n".join((*shown.said, *shown.copy))
    sender = _OUR_SENDER.search(everything)
    return replace(
        found,
        message_id=found.message_id or _id_in("\n".join(shown.said)) or _our_id(everything),
        subject=found.subject or subject,
        sender=found.sender or (sender[1].rstrip(".") if sender else ""),
    )


def is_ours(address: str) -> bool:
    """Return whether what looks like an address is an id or an envelope sender that only this program makes."""
    return bool(_OUR_ID.fullmatch(address) or _OUR_SENDER.fullmatch(address))


def named_ids(line: str) -> tuple[str, ...]:
    """Return what a line calls an id, although it looks like an address."""
    return tuple(_bare(found) for found in _NAMED_ID.findall(line))


def _our_id(text: str) -> str:
    found = _OUR_ID.search(text)
    return found[1].rstrip(".") if found else ""


def _id_in(said: str) -> str:
    """Return the id that a notice names in its words: one of ours, else the first that it calls an id."""
    return _our_id(said) or next((message_id(_bare(found)) for found in _NAMED_ID.findall(said)), "")


def _bare(text: str) -> str:
    return text.rstrip(".,;:)]}\"'")


def _end_of_notice(lines: Sequence[str]) -> int:
    """Return the number of the line where the returned mail or its header begins, len(lines) where none does."""
    for at, line in enumerate(lines):
        plain = normal(line)
        if at and len(plain) < _COPY_CHARS and any(phrase in plain for phrase in _COPIES):
            return at
        if _FIELD.match(line) and _is_header(lines, at):
            return at
    return len(lines)


def _is_header(lines: Sequence[str], start: int) -> bool:
    """Return whether a mail's header begins at a line."""
    names = set()
    for line in lines[start : start + _HEADER_LINES]:
        if not line.strip(" \t>|"):
            break
        found = _FIELD.match(line)
        if found:
            names.add(found[1].lower())
    return len(names) >= _MIN_FIELDS and bool(names & _PROOF_FIELDS)


def _header_in(copy: Sequence[str]) -> Mapping[str, str]:
    """Return the header fields in the copy of a returned mail: those of the first group that looks like a header."""
    text = "\n".join(line.lstrip(">| ") if line.startswith((">", "|")) else _outdented(line) for line in copy)
    for block in blocks(text.encode()):
        if {"message-id", "subject"} & block.keys() or len(block.keys() & _PROOF_FIELDS) > 1:
            return block
    return {}


def _outdented(line: str) -> str:
    """Return a line without its indentation where a header field stands on it: some systems shift the whole copy."""
    return line.lstrip() if _FIELD.match(line) else line


def normal(text: str) -> str:
    """Return a text as phrases are compared: in lower case, white space collapsed, with plain apostrophes."""
    return " ".join(text.lower().replace("\u2019", "'").split())
