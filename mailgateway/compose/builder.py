"""The one builder: every mail the program sends gets its final bytes here (design.md section 6).

It is not `email.message.EmailMessage`: for one acknowledgement that takes about 1.4 ms, this 0.05 ms, and a
drain sends one for each new ticket. The tests read what is built here with `email.policy.default`.
"""

import binascii
from base64 import encodebytes
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from hashlib import sha256

from mailgateway.compose.addresses import checked, deliverable, required, with_detail
from mailgateway.compose.headers import MAX_TEXT, address_field, folded, id_field, parameter, text_field
from mailgateway.compose.lines import body_text, one_line
from mailgateway.model.ledger import OutgoingMail
from mailgateway.model.message import Address
from mailgateway.model.site import Site
from mailgateway.model.tokens import ReplyToken, bounce_token, reply_token, thread_index

MAX_REFERENCES = 10
"""Ids kept in References: the first and the last nine."""
_QP_LINE = 76


class Automatic(StrEnum):
    """The value of Auto-Submitted (RFC 3834 section 5)."""

    REPLIED = "auto-replied"
    GENERATED = "auto-generated"


class Importance(StrEnum):
    """The value of Importance (RFC 2156 section 5.3.4)."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


_X_PRIORITY = {Importance.HIGH: "1 (Highest)", Importance.NORMAL: "3 (Normal)", Importance.LOW: "5 (Lowest)"}


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that goes out with a mail.

    Attributes:
        name: Without a folder; cut to 120 characters.
        content_type: `type/subtype`.
        content: Its bytes, small enough for memory.
    """

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail before it has bytes. Texts may hold anything; the builder makes them safe.

    Attributes:
        sender: From.
        to: To; at least one that can be written to.
        subject: Decoded; cut to 500 characters.
        text: The plain text.
        message_id: Without angle brackets.
        date: Aware.
        html: The same as HTML, "" for a mail of plain text alone.
        cc: Cc.
        reply_to: Reply-To, () where replies go to From.
        in_reply_to: The id of the mail that is answered, "" where none is.
        references: The whole chain, oldest first, the answered mail's id last; cut here to MAX_REFERENCES.
        automatic: What marks the mail as a machine's; None on a person's words, which get no such mark.
        importance: None for no mark.
        files: What is attached, in order.
        thread_index: What Outlook tells a conversation by, "" for none.
    """

    sender: Address
    to: tuple[Address, ...]
    subject: str
    text: str
    message_id: str
    date: datetime
    html: str = ""
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    automatic: Automatic | None = None
    importance: Importance | None = None
    files: tuple[AttachedFile, ...] = ()
    thread_index: str = ""


@dataclass(frozen=True, slots=True)
class OutboxPlace:
    """Where a mail is kept until it is sent.

    Attributes:
        id: The reserved outbox id.
        ticket: The ticket's number, None where it has none.
        purpose: acknowledgement, notification, notice, ...
    """

    id: int
    ticket: int | None
    purpose: str


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail for the outbox, and what a person should hear about its making.

    Attributes:
        mail: Ready to be written.
        fallback: Why the site's own template could not be used, "" where all is well: an event for the ticket and a
            word to the admin.
    """

    mail: OutgoingMail
    fallback: str


def support_address(site: Site) -> Address:
    """Return who a mail to a customer comes from."""
    return Address(site.display_name, site.address)


def build(mail: Draft) -> bytes:
    """Return the final bytes of a mail: lines ended by CRLF, at most 998 octets long, the same for the same draft.

    All of it is ASCII, save an address whose local part is not (RFC 6531).

    Raises:
        PermanentError: From or To has no address that can be written to (`addresses.deliverable` tells before).
    """
    headers = [
        folded("Date", [format_datetime(mail.date.astimezone(UTC))]),
        address_field("From", required((mail.sender,))),
        address_field("To", required(mail.to)),
        address_field("Cc", checked(mail.cc)),
        address_field("Reply-To", checked(mail.reply_to)),
        text_field("Subject", mail.subject),
        id_field("Message-ID", [mail.message_id]),
        id_field("In-Reply-To", [mail.in_reply_to]),
        id_field("References", kept_references(mail.references)),
        folded("Thread-Index", [mail.thread_index]),
        *_automatic_marks(mail.automatic),
        *_importance_marks(mail.importance),
        "MIME-Version: 1.0\r\n",
    ]
    return "".join(headers).encode() + _content(mail)


def outgoing(mail: Draft, site: Site, place: OutboxPlace) -> OutgoingMail:
    """Return a mail ready for the outbox: its bytes, and the envelope it travels in.

    Recipients are To and Cc, each once.

    Raises:
        PermanentError: As for `build`.
    """
    recipients = (*required(mail.to), *checked(mail.cc))
    return OutgoingMail(
        id=place.id,
        ticket=place.ticket,
        purpose=place.purpose,
        envelope_sender=envelope_sender(mail.automatic, site, place.id),
        recipients=tuple({address.key: address.address for address in recipients}.values()),
        message_id=mail.message_id,
        raw=build(_in_conversation(mail, site, place)),
        text=body_text(mail.text),
        subject=one_line(mail.subject, MAX_TEXT),
    )


def _in_conversation(mail: Draft, site: Site, place: OutboxPlace) -> Draft:
    """Return a mail on a ticket with what Outlook's replies keep."""
    return mail if place.ticket is None else replace(mail, thread_index=thread_index(site.keyring, place.ticket))


def envelope_sender(automatic: Automatic | None, site: Site, outbox: int) -> str:
    """Return who is told when a mail cannot be delivered.

    Null for an automatic reply where the relay takes it (RFC 3834 section 3.3), else the signed bounce address
    `local+b<id>.<mac>@domain`, else (no plus addressing, or a local part too long for it) the support address.
    """
    if automatic is Automatic.REPLIED and site.null_sender:
        return ""
    support = deliverable(site.address)
    bounces = with_detail(support, bounce_token(site.keyring, outbox)) if site.plus_addressing else ""
    return bounces or support


def reply_address(site: Site, token: ReplyToken) -> tuple[Address, ...]:
    """Return Reply-To with a signed address, () where the mailbox has no plus addressing or no room for a token."""
    if not site.plus_addressing:
        return ()
    address = with_detail(deliverable(site.address), reply_token(site.keyring, token))
    return (Address(site.display_name, address),) if address else ()


def kept_references(references: Sequence[str]) -> tuple[str, ...]:
    """Return the first and the last nine of a chain, all of one that is not longer than MAX_REFERENCES (10)."""
    chain = tuple(dict.fromkeys(references))
    return chain if len(chain) <= MAX_REFERENCES else (chain[0], *chain[1 - MAX_REFERENCES :])


def _automatic_marks(automatic: Automatic | None) -> tuple[str, ...]:
    if automatic is None:
        return ()
    # RFC 3834 section 5; the second is what Exchange looks at before it sends an out-of-office answer.
    return f"Auto-Submitted: {automatic}\r\n", "X-Auto-Response-Suppress: All\r\n"


def _importance_marks(importance: Importance | None) -> tuple[str, ...]:
    if importance is None:
        return ()
    return f"Importance: {importance}\r\n", f"X-Priority: {_X_PRIORITY[importance]}\r\n"


def _content(mail: Draft) -> bytes:
    parts = [_text_part("plain", body_text(mail.text).replace("\n", "\r\n"))]
    if mail.html:
        parts.append(_text_part("html", body_text(mail.html).replace("\n", "\r\n")))
    readable = parts[0] if len(parts) == 1 else _multipart("alternative", parts, mail.message_id)
    if not mail.files:
        return readable
    return _multipart("mixed", [readable, *map(_file_part, mail.files)], mail.message_id)


def _multipart(subtype: str, parts: Sequence[bytes], message_id: str) -> bytes:
    # "=_" cannot stand in quoted-printable or base64 (RFC 2045 section 6.7), and the hash keeps nested ones apart.
    digest = sha256(b"\0".join([subtype.encode(), message_id.encode(errors="replace"), *parts])).hexdigest()[:32]
    boundary = f"=_{digest}"
    head = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n'
    delimiter = f"--{boundary}\r\n".encode()
    body = b"".join(delimiter + part + b"\r\n" for part in parts)
    return head.encode() + body + f"--{boundary}--\r\n".encode()


def _text_part(subtype: str, text: str) -> bytes:
    encoding, content = _encoded(text.encode())
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + content


def _encoded(content: bytes) -> tuple[str, bytes]:
    quoted = binascii.b2a_qp(content, istext=True)
    if len(quoted) > len(content) * 7 // 5:  # base64 with its line ends takes 1.37 octets for one
        return "base64", _base64(content)
    if b"From " in quoted:
        quoted = b"\r\n".join(map(_safe_from, quoted.split(b"\r\n")))
    return "quoted-printable", quoted


def _safe_from(line: bytes) -> bytes:
    # A line that begins with "From " gets a ">" from programs that keep mail in mbox files.
    if not line.startswith(b"From "):
        return line
    return (b"=46" if len(line) <= _QP_LINE - 2 else b"=46=\r\n") + line[1:]


def _base64(content: bytes) -> bytes:
    return encodebytes(content).replace(b"\n", b"\r\n")


def _file_part(file: AttachedFile) -> bytes:
    kind = file.content_type if _is_content_type(file.content_type) else "application/octet-stream"
    name = one_line(file.name) or "file"
    head = (
        f"Content-Type: {kind}{parameter('name', name)}\r\n"
        f"Content-Disposition: attachment{parameter('filename', name)}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + _base64(file.content)


def _is_content_type(text: str) -> bool:
    major, _, minor = text.partition("/")
    tokens = (major, minor.replace("+", "").replace("-", "").replace(".", ""))
    # A multipart or message could not be base64 (RFC 2045 section 6.4).
    return all(token.isascii() and token.isalnum() for token in tokens) and major.lower() not in {
        "multipart",
        "message",
    }
