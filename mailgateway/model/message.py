"""A mail once read: what the parsers return and what triage looks at. No bytes of the mail live here."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MessageKind(StrEnum):
    """What wrote a message. Only a person is ever answered."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"
    OUT_OF_OFFICE = "out_of_office"
    BOUNCE = "bounce"
    RECEIPT = "receipt"
    LIST = "list"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address with its display name.

    Attributes:
        name: The decoded display name on one line, "" where there is none.
        address: `local@domain` with the domain in lower case, the local part as written; may lack
            a domain where the mail's did.
    """

    name: str
    address: str

    @property
    def key(self) -> str:
        """The address as it is compared and stored: wholly in lower case."""
        return self.address.lower()

    @property
    def domain(self) -> str:
        """The part after the last "@" in lower case, "" where there is none."""
        return self.key.rpartition("@")[2] if "@" in self.address else ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message.

    Attributes:
        name: The decoded file name without any folder, "" where the sender gave none.
        content_type: `type/subtype` in lower case.
        size_bytes: The size once decoded.
        inline: Whether the body shows it (an image with a Content-ID it refers to).
        content_id: Without angle brackets, "" where absent.
        digest: SHA-256 of the decoded content in hex, the blob's address.
    """

    name: str
    content_type: str
    size_bytes: int
    inline: bool
    content_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class Body:
    """The readable text of a message, as regions; nothing is thrown away.

    Attributes:
        text: The new words of the author, without quote and signature, stripped.
        quoted: What was quoted, as it stood, "" where nothing was.
        signature: The signature or disclaimer, "" where there is none.
        full_text: All of it in its order.
    """

    text: str
    quoted: str
    signature: str
    full_text: str


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a bounce says of one recipient (RFC 3464).

    Attributes:
        recipient: The address that was not reached, "" where the report does not say.
        status: The enhanced status code such as `5.1.1`, "" where absent.
        permanent: True for 5.x.x; False for 4.x.x and for anything unclear.
        original_message_id: The Message-ID of the mail that bounced, "" where the report has none.
        envelope_id: Original-Envelope-Id, "" where absent.
        diagnostic: The other server's words, cut to 1,000 characters.
    """

    recipient: str
    status: str
    permanent: bool
    original_message_id: str
    envelope_id: str
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Message:
    """One mail as it was understood.

    Every text is valid Unicode (no lone surrogates, no NUL) and header values are on one line.

    Attributes:
        headers: (name in lower case, decoded value), in the order of the mail; bounded in number and length.
        message_id: Without angle brackets, "" where absent or unusable.
        in_reply_to: The first id of In-Reply-To, "" where absent.
        references: Ids without angle brackets, oldest first, each once (parsers.references).
        subject: Decoded, one line; the first where the header is doubled.
        sender: From (else Reply-To, Sender, Return-Path); an empty address where the mail names nobody.
        reply_to: All of Reply-To.
        to: All of To.
        cc: All of Cc.
        return_path: The envelope sender from the topmost Return-Path: "" where it is null (`<>`), None where
            the header is absent.
        date: The Date header, aware, or None.
        body: The text.
        attachments: In the order of the mail, those that reports and signatures consist of included.
        reports: One per recipient where the mail is a delivery report, else ().
        forwarded: Whether the mail carries another one (attached or quoted as forwarded).
        partial: Whether only the beginning of the mail was fetched.
        digest: SHA-256 in hex over the decoded parts, From, Date and Subject; no trace fields, so that the
            same message over two mailboxes has one digest.
        defects: What was wrong with the mail and what was cut, as short phrases for a person.
    """

    headers: tuple[tuple[str, str], ...]
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    subject: str
    sender: Address
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    return_path: str | None
    date: datetime | None
    body: Body
    attachments: tuple[Attachment, ...]
    reports: tuple[DeliveryReport, ...]
    forwarded: bool
    partial: bool
    digest: str
    defects: tuple[str, ...]

    def header(self, name: str) -> str | None:
        """Return the first value of a header, None where it is absent.

        Args:
            name: In lower case.
        """
        return next((value for known, value in self.headers if known == name), None)


@dataclass(frozen=True, slots=True)
class Classification:
    """What wrote a message, with the proof.

    Attributes:
        kind: Person or the kind of machine.
        reason: The header or fact that proves it, for a person to read; "" for an ordinary person.
        no_answer: Why no automatic answer may be sent, "" where one may. Never "" for a machine;
            also set for people who ask for silence (X-Auto-Response-Suppress) or whose mail is doubtful (spam).
        is_answer: Whether a machine answers somebody's mail (a responder), as against one that speaks up by itself
            (monitoring); False for people.
    """

    kind: MessageKind
    reason: str
    no_answer: str
    is_answer: bool = False
