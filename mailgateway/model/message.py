"""A mail once read: what the parsers return and what triage looks at. No bytes of the mail live here."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class MessageKind(StrEnum):
    """What wrote a message. Only a person is ever answered."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"
    OUT_OF_OFFICE = "out_of_office"
    BOUNCE = "bounce"
    RECEIPT = "receipt"
    LIST = "list"
    CHALLENGE = "challenge"
    FEEDBACK = "feedback"
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


class Protection(StrEnum):
    """What a sender's program did to a mail. Nothing is verified."""

    SIGNED = "signed"
    ENCRYPTED = "encrypted"


@dataclass(frozen=True, slots=True)
class Pair:
    """An answer that stands below the quoted lines it answers.

    Attributes:
        question: The quoted lines without their marks, of the nearest level only.
        answer: The author's words.
    """

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Body:
    """The readable text of a message, as regions; nothing is thrown away.

    Attributes:
        text: The new words of the author, without quote and signature, stripped.
        quoted: What was quoted, as it stood, "" where nothing was.
        signature: The signature or disclaimer, "" where there is none.
        full_text: All of it in its order.
        pairs: The answers between quoted lines with what they answer, in order; they are in `text` too.
        headings: Lines that HTML shows as headings, or wholly bold; in order, cut to a bound.
        has_new: False where no words are surely the author's, since a quote stands above all others or nothing but
            quote and signature is there; `text` is then all of it.
    """

    text: str
    quoted: str
    signature: str
    full_text: str
    pairs: tuple[Pair, ...] = ()
    headings: tuple[str, ...] = ()
    has_new: bool = True


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a bounce or receipt (RFC 3464, RFC 8098) or a complaint (RFC 5965) says of one recipient.

    Attributes:
        recipient: The address that was not reached, "" where the report does not say.
        status: The enhanced status code such as `5.1.1`, "" where absent.
        permanent: True for 5.x.x; False for 4.x.x and for anything unclear.
        original_message_id: The Message-ID of the mail that bounced, "" where the report has none.
        envelope_id: Original-Envelope-Id, "" where absent.
        diagnostic: The other server's words, cut to 1,000 characters.
        action: `failed`, `delayed`, `delivered`, `relayed`, `expanded`, `displayed`, or `complaint`.
        original_subject: The subject of the mail it is about, "" where the report has none.
        original_sender: The envelope sender of that mail, "" where the report has none.
        other_ids: Further ids that servers on the way kept of the original or gave it.
    """

    recipient: str
    status: str
    permanent: bool
    original_message_id: str
    envelope_id: str
    diagnostic: str
    action: str = "failed"
    original_subject: str = ""
    original_sender: str = ""
    other_ids: tuple[str, ...] = ()

    @property
    def is_bounce(self) -> bool:
        """Whether the recipient was not reached, or not yet."""
        return self.action in {"failed", "delayed"}


class Through(StrEnum):
    """How a message names the person behind it."""

    FROM = "from"
    REPLY_TO = "reply_to"
    FORM = "form"
    CHAT = "chat"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Relay:
    """The robot that brought a person's words here: a web server, a chat service, a mailing group.

    Attributes:
        through: What kind of channel it is.
        carrier: The mail's own From.
        channel: The channel's configured name.
    """

    through: Through
    carrier: Address
    channel: str = ""

    @property
    def is_typed(self) -> bool:
        """Whether the person's address was typed in by anybody at all, and proves nothing."""
        return self.through in {Through.FORM, Through.CHAT}


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The innermost of the mails that a message carries.

    Attributes:
        sender: Who wrote it; an empty address where only a name is given.
        date: ISO 8601 where it could be read, else as it is written, "" where absent.
        subject: "" where absent.
        text: Its text, with quotes and signature.
        depth: How many times it was forwarded, from 1.
        attachments: The names of files that came with it, as far as the message names them.
    """

    sender: Address
    date: str
    subject: str
    text: str
    depth: int = 1
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """What a visitor wrote into a contact form.

    Attributes:
        name: "" where the form has no such field, as for the next ones.
        address: As it was typed; need not be an address.
        company: The visitor's organisation.
        subject: One line.
        message: May have several lines.
        fields: Every (label, value) of the mail in its order, those above included.
    """

    name: str
    address: str
    company: str
    subject: str
    message: str
    fields: tuple[tuple[str, str], ...]


class Speaker(StrEnum):
    """Who speaks in a chat."""

    VISITOR = "visitor"
    OPERATOR = "operator"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Turn:
    """One contribution to a chat.

    Attributes:
        speaker: The name that stands before it, "" for the service's own lines.
        role: Whose it is.
        text: May have several lines.
    """

    speaker: str
    role: Speaker
    text: str


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation that a chat service sent as a mail.

    Attributes:
        service: `olark`, `tawk`, `crisp`, or `chat` for any other.
        visitor: Who asked; what is not known is "".
        turns: In their order.
    """

    service: str
    visitor: Address
    turns: tuple[Turn, ...]


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
        sender: The person who wrote: From (else Reply-To, Sender, Return-Path), or whom a configured channel names
            (`relay`); an empty address where the mail names nobody.
        reply_to: All of Reply-To.
        to: All of To.
        cc: All of Cc.
        return_path: The envelope sender from the topmost Return-Path: "" where it is null (`<>`), None where
            the header is absent.
        date: The Date header, aware, or None.
        body: The text.
        attachments: In the order of the mail, those that reports and signatures consist of included.
        reports: One per recipient where the mail is a delivery report, else ().
        forwarded: The mail that this one carries, attached or in its text; None where it carries none.
        partial: Whether only the beginning of the mail was fetched, for its size or since the server gave no more.
        digest: SHA-256 in hex over the decoded parts, From, Date and Subject; no trace fields, so that the
            same message over two mailboxes has one digest.
        defects: What was wrong with the mail and what was cut, as short phrases for a person.
        relay: The configured channel the mail came through, None for a person's own mail.
        form: What stands in the contact form where it came through one.
        chat: The conversation where it came through a chat service.
        language: BCP 47 tag of the new text, one of the configured languages; "" where unknown.
        authors: Every mailbox of every From field, in order; () where none is named.
        suspicious: Why From may not be whom it seems to be, as short phrases for a person.
        protection: Whether the mail is signed (S/MIME or PGP, not verified) or encrypted, None where neither.
        further_forwards: Where several mails are attached, those after the one in `forwarded`, in order.
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
    forwarded: Forwarded | None
    partial: bool
    digest: str
    defects: tuple[str, ...]
    relay: Relay | None = None
    form: Form | None = None
    chat: Chat | None = None
    language: str = ""
    authors: tuple[Address, ...] = ()
    suspicious: tuple[str, ...] = ()
    protection: Protection | None = None
    further_forwards: tuple[Forwarded, ...] = ()

    def header(self, name: str) -> str | None:
        """Return the first value of a header, None where it is absent.

        Args:
            name: In lower case.
        """
        return next((value for known, value in self.headers if known == name), None)


@dataclass(frozen=True, slots=True)
class Absence:
    """When the writer of an out-of-office reply is away.

    Attributes:
        starts: The first day, None where the reply does not say.
        ends: The last day or the day of return, as the reply has it; None where it does not say.
    """

    starts: date | None
    ends: date | None


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
        absent: The dates of an out-of-office reply, None for other mail and where it names none.
    """

    kind: MessageKind
    reason: str
    no_answer: str
    is_answer: bool = False
    absent: Absence | None = None
