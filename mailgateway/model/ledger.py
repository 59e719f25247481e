"""What is written down of a mail and of a delivery: the states a crash can leave (design.md section 4)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MailState(StrEnum):
    """Where a fetched mail stands. The last four are ends a person can list and undo."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    PROCESSED = "processed"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    ASIDE = "aside"


class DeliveryState(StrEnum):
    """Where one recipient of an outgoing mail stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a mail lies on the server: the identity of a fetched mail (RFC 3501 section 2.3.1.1)."""

    mailbox: str
    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """A mail as it came from the server, before anything looked into it.

    Attributes:
        location: Its identity there.
        received_at: INTERNALDATE, never later than the fetch; aware, UTC.
        size_bytes: RFC822.SIZE, the whole mail's; some servers only estimate it.
        raw: The bytes; b"" where they are in the blob.
        blob: The digest of the blob that holds the bytes, "" where `raw` does.
        partial: Whether only the beginning is here (the mail is over the size limit).
        answerable: False where the folder's mails are never acknowledged (Junk), or the mail is older than the
            mailbox's quiet start.
    """

    location: Location
    received_at: datetime
    size_bytes: int
    raw: bytes
    blob: str = ""
    partial: bool = False
    answerable: bool = True


@dataclass(frozen=True, slots=True)
class PendingMail:
    """A mail in the ledger that waits to be processed.

    Attributes:
        id: The ledger id; ascending in the order of arrival within a mailbox.
        fetched: What was stored.
        attempt: The number of this attempt, counted from 1, already committed.
        as_person: Whether somebody said that a person wrote it, whatever it looks like.
    """

    id: int
    fetched: FetchedMail
    attempt: int
    as_person: bool = False


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of `queue list`: a mail and where it stands.

    Attributes:
        id: The ledger id.
        location: Where it came from.
        state: Where it stands.
        reason: Why it is ignored, aside or a duplicate; "" otherwise.
        traceback: The last failure's, "" where there was none.
        attempts: How often processing was begun.
        received_at: Aware, UTC.
        size_bytes: The whole mail's.
        subject: "" until it was read.
        sender: The address, "" until it was read.
        tickets: The tickets it is on.
    """

    id: int
    location: Location
    state: MailState
    reason: str
    traceback: str
    attempts: int
    received_at: datetime
    size_bytes: int
    subject: str
    sender: str
    tickets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail with its final bytes, to be written to the outbox.

    Attributes:
        id: The reserved outbox id.
        ticket: The ticket's number, None where it has none.
        purpose: acknowledgement, notification, notice, ...
        envelope_sender: "" for the null sender.
        recipients: Addresses, each once.
        message_id: Without angle brackets; fixed for ever, whatever is sent again.
        raw: The final bytes, lines ended by CRLF.
        text: The words in it, for the ticket's history.
        subject: Decoded.
    """

    id: int
    ticket: int | None
    purpose: str
    envelope_sender: str
    recipients: tuple[str, ...]
    message_id: str
    raw: bytes
    text: str
    subject: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """An outbox row claimed for one attempt: the attempt is already committed.

    Attributes:
        id: The outbox id.
        ticket: The ticket's number, None where it has none.
        attempt: Counted from 1.
        created_at: Aware, UTC.
        envelope_sender: "" for the null sender.
        recipients: Those still queued.
        raw: The final bytes.
        message_id: Without angle brackets.
    """

    id: int
    ticket: int | None
    attempt: int
    created_at: datetime
    envelope_sender: str
    recipients: tuple[str, ...]
    raw: bytes
    message_id: str


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """What the relay said of one recipient.

    Attributes:
        recipient: The address.
        code: The SMTP reply code: 2xx accepted, 4xx try again, 5xx refused (RFC 5321 section 4.2.1);
            0 where the connection failed before an answer.
        text: The server's words, on one line.
    """

    recipient: str
    code: int
    text: str

    @property
    def is_accepted(self) -> bool:
        """Whether the relay took the mail for this recipient."""
        return self.code // 100 == 2  # noqa: PLR2004 -- RFC 5321 section 4.2.1

    @property
    def is_refused(self) -> bool:
        """Whether trying again will not help."""
        return self.code // 100 == 5  # noqa: PLR2004 -- RFC 5321 section 4.2.1

    @property
    def is_undecided(self) -> bool:
        """Whether to try again."""
        return not self.is_accepted and not self.is_refused
