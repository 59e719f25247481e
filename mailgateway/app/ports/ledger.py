"""Fetched mails: the right to a mailbox, the states, the transaction in which mails are processed."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mailgateway.model.decision import Keys, Known, Outcome, ReservedIds
from mailgateway.model.ledger import FetchedMail, LedgerEntry, Location, MailState, PendingMail
from mailgateway.model.quota import QuotaKey, Usage
from mailgateway.model.ticket import Event


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

    def usage(self, keys: Sequence[QuotaKey]) -> tuple[Usage, ...]:
        """Return how much of each quota is used, in the order of the keys, locked until the transaction ends.

        Nobody else counts on them meanwhile, so that a quota is never exceeded under several daemons.
        """

    def reserve(self, tickets: int, outbox: int) -> ReservedIds:
        """Return fresh numbers."""

    def write(self, outcome: Outcome) -> None:
        """Write everything one mail changes, its final state included."""


class Ledger(Protocol):
    """Fetched mails and their states."""

    def acquire(
        self, mailbox: str, owner: str, now: datetime, ttl_s: float, is_dead: Callable[[str], bool] = lambda _: False
    ) -> Lease | None:
        """Take or prolong the lease of a mailbox; None while somebody else holds it, or still writes under it.

        Args:
            mailbox: Its name.
            owner: Who asks, different for every run of a daemon.
            now: Aware, UTC.
            ttl_s: For how many seconds.
            is_dead: Whether a holder has certainly ended: its lease need not run out first.
        """

    def renew(self, owner: str, now: datetime, ttl_s: float) -> tuple[Lease, ...]:
        """Prolong all leases of an owner in one transaction, which waits for no work under them; return them."""

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

    def acknowledge(self, lease: Lease, folder: str, uidvalidity: int, moved: Mapping[int, Location | None]) -> None:
        """Note that the server was told: RECEIVED becomes ACKNOWLEDGED.

        Args:
            lease: The mailbox's.
            folder: Where they were fetched.
            uidvalidity: Its.
            moved: By UID there: where a mail lies now, None where the server did not say or it stayed.

        Raises:
            FencedError: The lease was lost.
        """

    def aside_in(self, mailbox: str, folder: str) -> tuple[tuple[int, Location], ...]:
        """Return the mails that were set aside and lie in a folder on the server, with their places there."""

    def relocate(self, moved: Mapping[int, Location | None]) -> None:
        """Note where mails lie on the server now, by ledger id; None for unknown."""

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

    def mail_history(self, mail: int) -> tuple[Event, ...]:
        """Return the events of a mail that are on no ticket, oldest first: set aside, ignored, retried."""

    def raw(self, mail: int) -> FetchedMail:
        """Return a mail as it was fetched.

        Raises:
            NotFoundError: There is none.
        """

    def retry(self, mail: int, actor: str, now: datetime, *, as_person: bool = False) -> None:
        """Put a mail that was set aside or ignored back to ACKNOWLEDGED with a fresh count of attempts.

        With `as_person` it counts as a person's from now on, whatever it looks like; it is not answered automatically.

        Raises:
            PermanentError: It is in another state.
        """

    def ignore(self, mail: int, actor: str, because: str, now: datetime) -> None:
        """End a mail that was set aside as IGNORED.

        Raises:
            PermanentError: It is in another state.
        """
