"""What the use cases need of the outside world, as Protocols. Adapters fulfil them; tests wrap them.

Every method that can fail for a passing reason raises `TemporaryError` (server gone, database locked, disk
full) and for a lasting one `PermanentError`; anything else that escapes is a bug.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from mailgateway.model.decision import Keys, Known, Outcome, ReservedIds
from mailgateway.model.ledger import (
    Delivery,
    FetchedMail,
    LedgerEntry,
    Location,
    MailState,
    PendingMail,
    RecipientResult,
)
from mailgateway.model.people import Contact, Customer
from mailgateway.model.ticket import Event, Status, Ticket, Visibility


class Clock(Protocol):
    """The time, and waiting."""

    def now(self) -> datetime:
        """Return the present moment, aware, UTC."""

    def jitter(self) -> float:
        """Return a random number, 0 <= x < 1, to spread retries."""


# --- blobs -------------------------------------------------------------------------------------------------


class Blobs(Protocol):
    """Content-addressed storage of what is too large for a row. Durable once a method returns."""

    def put(self, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Store the chunks; return (SHA-256 in hex, size in bytes). Storing the same content twice is free.

        Raises:
            TemporaryError: The disk is full or gone; nothing is left behind.
        """

    def open(self, digest: str) -> BinaryIO:
        """Open a blob for reading.

        Raises:
            NotFoundError: There is none.
        """

    def exists(self, digest: str) -> bool:
        """Return whether the blob is there."""


# --- the mail server ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Folder:
    """A selected folder (RFC 3501 section 7.3.1, 2.3.1.1)."""

    name: str
    uidvalidity: int
    exists: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail on the server before it is fetched."""

    uid: int
    size_bytes: int
    internaldate: datetime


class MailServer(Protocol):
    """One connection to one mail account. Not for use by two threads. Any failure closes it."""

    def select(self, folder: str) -> Folder:
        """Select a folder for reading and writing.

        Raises:
            NotFoundError: The folder does not exist.
        """

    def uids(self, after: int = 0) -> tuple[int, ...]:
        """Return the UIDs above `after` in the selected folder, ascending."""

    def listed(self, uids: Sequence[int]) -> tuple[Listed, ...]:
        """Return size and INTERNALDATE for those of the UIDs that still exist, ascending by UID."""

    def fetch(self, uids: Sequence[int]) -> Mapping[int, bytes]:
        """Return whole mails by UID, without touching their flags (BODY.PEEK). Missing UIDs are left out."""

    def fetch_range(self, uid: int, start: int, count: int) -> bytes:
        """Return at most `count` octets of a mail from `start`; b"" at or beyond its end, or where it is gone."""

    def put_away(self, uids: Sequence[int], destination: str) -> str:
        """Take mails out of the selected folder, creating the destination where it is missing.

        MOVE (RFC 6851), else COPY, flag as deleted and UID EXPUNGE (RFC 4315), else they stay and get the keyword
        `$MailgatewayDone`, since a bare EXPUNGE would delete other people's mail.

        Returns:
            How: "moved", "copied" or "kept".
        """

    def wait(self, timeout_s: float, interrupted: Callable[[], bool]) -> bool:
        """Wait until the selected folder may have something new (IDLE, RFC 2177), at most `timeout_s`.

        `interrupted` is asked at least twice a second; once it is true the wait ends. Where the server has no
        IDLE it returns False at once: the caller polls.

        Returns:
            Whether the server reported something.
        """

    @property
    def can_idle(self) -> bool:
        """Whether `wait` really waits."""

    def close(self) -> None:
        """Log out where possible; never raises."""


class Relay(Protocol):
    """The way out: one SMTP connection, kept between mails. Not for use by two threads."""

    def send(self, envelope_sender: str, recipients: Sequence[str], raw: bytes) -> tuple[RecipientResult, ...]:
        """Hand one mail over and return one result for each recipient, in their order.

        Raises:
            TemporaryError: Nobody was told anything: no connection, no greeting, no login. A connection lost
                after the end of the data was sent counts as temporary too (at least once).
        """

    def close(self) -> None:
        """QUIT where possible; never raises."""


# --- the store ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to fetch and process one mailbox.

    Attributes:
        mailbox: Its name.
        fence: Grows with every change of owner; what carries an older one is refused.
        expires_at: Aware, UTC.
    """

    mailbox: str
    fence: int
    expires_at: datetime


class Batch(Protocol):
    """One open transaction in which several mails are processed; it commits when its context ends."""

    def savepoint(self) -> AbstractContextManager[None]:
        """Return a context that rolls back what was written inside it when it is left by an exception."""

    def known(self, keys: Keys, now: datetime) -> Known:
        """Return what the store holds under the keys. Tickets found are locked against other writers."""

    def reserve(self, tickets: int, outbox: int) -> ReservedIds:
        """Return fresh numbers."""

    def write(self, outcome: Outcome) -> None:
        """Write everything one mail changes, its final state included."""


class Ledger(Protocol):
    """Fetched mails and their states."""

    def acquire(
        self, mailbox: str, owner: str, now: datetime, ttl_s: float, is_dead: Callable[[str], bool] = lambda _: False
    ) -> Lease | None:
        """Take or prolong the lease of a mailbox; None while somebody else holds it.

        Args:
            mailbox: Its name.
            owner: Who asks, different for every run of a daemon.
            now: Aware, UTC.
            ttl_s: For how many seconds.
            is_dead: Whether a holder has certainly ended: its lease need not run out first.
        """

    def release(self, lease: Lease) -> None:
        """Give a lease back so that another daemon need not wait for its end."""

    def resume_after(self, mailbox: str, folder: str, uidvalidity: int) -> int:
        """Return the highest UID below which every mail of the folder is in the ledger and acknowledged.

        0 where nothing is known. For servers that keep mails in the folder: no look at them again.
        """

    def known_uids(self, mailbox: str, folder: str, uidvalidity: int, uids: Sequence[int]) -> frozenset[int]:
        """Return those of the UIDs that the ledger has."""

    def receive(self, lease: Lease, mails: Sequence[FetchedMail]) -> int:
        """Write mails down, in order, in one durable commit; those already known by location are passed over.

        Returns:
            How many were new.

        Raises:
            FencedError: The lease was lost.
        """

    def acknowledge(self, lease: Lease, folder: str, uidvalidity: int, uids: Sequence[int]) -> None:
        """Note that the server was told: RECEIVED becomes ACKNOWLEDGED."""

    def unacknowledged(self, mailbox: str) -> tuple[Location, ...]:
        """Return where mails lie that are RECEIVED and not yet ACKNOWLEDGED, by folder and UID."""

    def saw_folder(self, mailbox: str, folder: str, now: datetime) -> bool:
        """Note a good look at a folder; return whether it was the first ever."""

    def begin(self, lease: Lease, now: datetime, limit: int) -> tuple[PendingMail, ...]:
        """Count and commit an attempt on the oldest acknowledged mails of a mailbox that are due.

        A suspect (its last attempt never came back) is returned alone. The caller sets aside what comes with an
        attempt above its limit, without looking into it.

        Raises:
            FencedError: The lease was lost.
        """

    def batch(self, lease: Lease) -> AbstractContextManager[Batch]:
        """Open the transaction in which begun mails are processed.

        Raises:
            FencedError: The lease was lost, on entering or at the commit.
        """

    def give_back(self, mail: int, traceback: str, due_at: datetime) -> None:
        """Note that an attempt came back with a failure; the mail is due again at `due_at`."""

    def put_back(self, mails: Sequence[int], due_at: datetime) -> None:
        """Take back the count of attempts that ended for a reason that was not the mails' own (database, disk, lease).

        They are no suspects, and due again at `due_at`.
        """

    def set_aside(self, mail: int, reason: str, traceback: str, now: datetime) -> None:
        """Keep a mail for a person to look at: ASIDE, with an event."""

    def entries(self, states: Sequence[MailState] = (), mailbox: str = "", limit: int = 100) -> tuple[LedgerEntry, ...]:
        """Return ledger lines, newest first; of all states where none is named."""

    def entry(self, mail: int) -> LedgerEntry:
        """Return one ledger line.

        Raises:
            NotFoundError: There is none.
        """

    def raw(self, mail: int) -> FetchedMail:
        """Return a mail as it was fetched.

        Raises:
            NotFoundError: There is none.
        """

    def retry(self, mail: int, actor: str, now: datetime) -> None:
        """Put a mail that was set aside or ignored back to ACKNOWLEDGED with a fresh count of attempts.

        Raises:
            PermanentError: It is in another state.
        """

    def ignore(self, mail: int, actor: str, because: str, now: datetime) -> None:
        """End a mail that was set aside as IGNORED.

        Raises:
            PermanentError: It is in another state.
        """


class Outbox(Protocol):
    """Mails to send."""

    def claim(self, now: datetime, limit: int, retry_at: Mapping[int, datetime]) -> tuple[Delivery, ...]:
        """Claim deliveries that are due: attempt + 1 and the next attempt's time are committed first.

        Args:
            now: Aware, UTC.
            limit: At most so many.
            retry_at: When a row is due again if this attempt never comes back, by the number of the attempt; the
                greatest key serves every later one.
        """

    def settle(
        self, delivery: Delivery, results: Sequence[RecipientResult], now: datetime, due_at: datetime | None
    ) -> None:
        """Write down what the relay said; a failed recipient becomes an event on the ticket.

        Args:
            delivery: The claim.
            results: For each recipient that was tried.
            now: Aware, UTC.
            due_at: When to try those with 4xx or 0 again; None gives them up as failed.
        """

    def settle_all(
        self,
        settled: Sequence[tuple[Delivery, Sequence[RecipientResult], datetime | None]],
        now: datetime,
    ) -> None:
        """Settle several deliveries in one commit."""

    def next_due(self) -> datetime | None:
        """Return when the next delivery is due, None where none waits."""


@dataclass(frozen=True, slots=True)
class TicketMessage:
    """A message as it stands on a ticket."""

    id: int
    at: datetime
    incoming: bool
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    visibility: Visibility
    verified: bool
    kind: str
    message_id: str
    mail: int | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much there is and how old the oldest is: for /metrics and `queue list`.

    Attributes:
        mails: (state, number).
        oldest_mail: When the oldest mail that is not at its end was received, None where none waits.
        deliveries: (state, number of recipients).
        oldest_delivery: When the oldest queued outbox row was made, None where none waits.
    """

    mails: tuple[tuple[str, int], ...]
    oldest_mail: datetime | None
    deliveries: tuple[tuple[str, int], ...]
    oldest_delivery: datetime | None


class Desk(Protocol):
    """Tickets and people, as the commands see them."""

    def tickets(self, statuses: Sequence[Status] = (), customer: str = "", limit: int = 100) -> tuple[Ticket, ...]:
        """Return tickets, latest change first."""

    def ticket(self, name: str) -> Ticket:
        """Return a ticket by number (`1042`) or by any ID ever issued (`SUP-1042-QX`, any case, brackets or not).

        Raises:
            NotFoundError: There is none.
        """

    def history(self, ticket: int) -> tuple[Event, ...]:
        """Return a ticket's events, oldest first."""

    def messages(self, ticket: int) -> tuple[TicketMessage, ...]:
        """Return a ticket's messages, oldest first."""

    def change_status(self, ticket: int, status: Status, event: Event) -> None:
        """Set a status by hand."""

    def add_note(self, ticket: int, text: str, event: Event) -> None:
        """Put an inside note on a ticket."""

    def merge(self, ticket: int, into: int, event: Event) -> None:
        """Make one ticket part of another; its IDs resolve to the other from now on."""

    def import_customers(
        self, customers: Sequence[Customer], contacts: Sequence[tuple[str, str, str]]
    ) -> tuple[int, int]:
        """Create or update customers and (name, address, customer id) contacts in one transaction.

        Returns:
            How many customers and contacts were new or changed.
        """

    def customers(self) -> tuple[Customer, ...]:
        """Return all customers by id."""

    def customer(self, customer: str) -> tuple[Customer, tuple[Contact, ...]]:
        """Return a customer and its contacts.

        Raises:
            NotFoundError: There is none.
        """

    def backlog(self) -> Backlog:
        """Return what waits. Cheap: no query here grows with the number of tickets."""


class Store(Ledger, Outbox, Desk, Protocol):
    """The database. Methods may be called from several threads."""

    def close(self) -> None:
        """Let go of every connection."""
