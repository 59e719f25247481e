"""The right to work on a mailbox, kept alive beside whatever takes long.

A crash leaves a lease that runs out by itself; what a stopped run still tries to write is refused by its fence.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from mailgateway.app.health import Health
from mailgateway.app.ports import Clock, Lease, Ledger
from mailgateway.errors import MailgatewayError, TemporaryError

LEASE_S = 45.0
"""How long a dead daemon's mailboxes wait for another one."""
RENEW_EVERY_S = 10.0
"""How often a living one says so."""

log = structlog.get_logger()


@dataclass(slots=True)
class Leases:
    """The leases this run holds. `keep` is called from one thread, the rest from any."""

    ledger: Ledger
    clock: Clock
    owner: str
    is_dead: Callable[[str], bool]
    health: Health
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _held: dict[str, Lease] = field(default_factory=dict)

    def held(self, mailbox: str) -> Lease | None:
        """Return the lease of a mailbox while it is ours and has not run out."""
        with self._lock:
            lease = self._held.get(mailbox)
        return lease if lease and lease.expires_at > self.clock.now() else None

    def keep(self, mailboxes: Sequence[str]) -> None:
        """Prolong the leases that are ours, then take those of the other mailboxes that are free.

        All of ours are prolonged at once, and again while taking others is slow: none runs out because of another.
        """
        try:
            renewed_at = self._renew()
            for mailbox in mailboxes:
                if self.clock.now() - renewed_at >= timedelta(seconds=RENEW_EVERY_S):
                    renewed_at = self._renew()
                if self.held(mailbox) is None:
                    self._take(mailbox)
        except TemporaryError as error:
            log.warning("lease.not_renewed", problem=str(error))

    def lost(self, mailbox: str) -> None:
        """Forget a lease that turned out to be another's."""
        with self._lock:
            self._held.pop(mailbox, None)
        self.health.left_to_another(mailbox)

    def release(self) -> None:
        """Give every lease back, as far as the database can be reached."""
        with self._lock:
            held, self._held = tuple(self._held.values()), {}
        for lease in held:
            try:
                self.ledger.release(lease)
            except MailgatewayError as error:
                log.warning("lease.not_released", mailbox=lease.mailbox, problem=str(error))

    def _renew(self) -> datetime:
        """Prolong every lease of ours; return when that began.

        Raises:
            TemporaryError: The database is gone; what is held stays so until it runs out.
        """
        now = self.clock.now()
        ours = {lease.mailbox: lease for lease in self.ledger.renew(self.owner, now, LEASE_S)}
        with self._lock:
            gone = self._held.keys() - ours.keys()
        for mailbox in gone:
            self.lost(mailbox)
        for lease in ours.values():
            self._note(lease)
        return now

    def _take(self, mailbox: str) -> None:
        try:
            lease = self.ledger.acquire(mailbox, self.owner, self.clock.now(), LEASE_S, self.is_dead)
        except TemporaryError as error:
            log.warning("lease.not_taken", mailbox=mailbox, problem=str(error))
            return
        if lease is None:
            self.lost(mailbox)
        else:
            self._note(lease)

    def _note(self, lease: Lease) -> None:
        with self._lock:
            is_new = lease.mailbox not in self._held
            self._held[lease.mailbox] = lease
        if is_new:
            log.info("lease.taken", mailbox=lease.mailbox, fence=lease.fence)
